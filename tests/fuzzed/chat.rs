//! What people type: commands, criteria, an operator's categories, links, and texts that are shown.

use super::checks;
use super::parts;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use tradepost::classify::BuiltIn;
use tradepost::classify::Classifiers;
use tradepost::classify::criteria;
use tradepost::classify::fold;
use tradepost::commands::command::CategoryCommand;
use tradepost::commands::command::Command;
use tradepost::commands::parse;
use tradepost::domain::category::CategoryId;
use tradepost::domain::category::OwnCategory;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::SourceId;
use tradepost::domain::ids::UserId;
use tradepost::domain::link;
use tradepost::domain::link::PublicLink;
use tradepost::domain::notice::Notice;
use tradepost::domain::sharer::Language;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Trade;
use tradepost::platforms::LinkTemplate;
use tradepost::platforms::product;
use tradepost::texts;
use url::Url;

/// A built-in category that is soon compiled, beside which own ones are tried.
static CLASSIFIERS: LazyLock<Classifiers> = LazyLock::new(|| {
    let file = "[[category]]\nid = \"books\"\nname = { en = \"Books\", zh-CN = \"书\" }\ntitle = { heads = \"book\" }";
    Classifiers::new(BuiltIn::read(file, true).unwrap())
});

/// A command.
pub(super) fn commands(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for prefix in ["!share ", "！分享 ", "!SHARE "] {
        assert_eq!(parse::behind_prefix(&format!("{prefix}{text}")).map(str::trim_start), Some(text.trim_start()));
    }
    let _ = parse::behind_prefix(&text);
    let _ = parse::without_mention(&text, &["tradepost", "@tradepost:a.example", ""]);
    let parsed = parse::parse(&text);
    assert_eq!(parse::parse(&format!("  {text}\n")), parsed, "white space around it changes it");
    match &parsed {
        Ok(Command::Add { secret: Some(secret), .. } | Command::Secret { secret: Some(secret), .. }) => {
            assert!(secret.is_made() && format!("{secret:?}") == "Secret(…)");
        }
        Ok(Command::Category(CategoryCommand::New { criteria: typed, .. } | CategoryCommand::Edit { criteria: typed, .. })) => {
            let _ = criteria::read(typed);
        }
        Ok(Command::Post(post)) => post.title.iter().for_each(checks::line),
        _ => {}
    }
}

/// Criteria of a category and, behind dashes, a title that is judged by them.
pub(super) fn criteria(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = parts(&text);
    let (typed, title) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let _ = (criteria::read_price_range(typed), criteria::read_one_price(typed), fold(typed));
    let Ok(read) = criteria::read(typed) else { return };
    assert!(!read.is_empty() && read.len() <= criteria::CRITERIA);
    let shown = criteria::show(&read);
    assert_eq!(criteria::read(&shown).as_ref(), Ok(&read), "shown as {shown:?}");
    let own = OwnCategory { id: CategoryId::new("own"), name: Line::title("own"), criteria: read };
    let joy = UserId::new("@joy:a.example");
    let classifier = CLASSIFIERS.of([(&joy, std::slice::from_ref(&own))].into_iter());
    for title in [title, typed] {
        let belongs = classifier.judge(&titled(title)).of(&joy);
        assert!(belongs.iter().filter(|one| one.category == own.id).count() <= 1, "{belongs:?}");
    }
}

/// An operator's file of categories and, behind dashes, a title.
pub(super) fn categories(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = parts(&text);
    let (file, title) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    for replaces in [true, false] {
        match BuiltIn::read(file, replaces) {
            Ok(built_in) => {
                for category in built_in.categories() {
                    assert_eq!(built_in.named(category.id.as_str()), Some(&category.id));
                }
                // With the standard ones it takes a while to compile.
                if replaces {
                    judged(built_in, title);
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

fn judged(built_in: BuiltIn, title: &str) {
    let known: BTreeSet<CategoryId> = built_in.categories().iter().map(|one| one.id.clone()).chain([CategoryId::other()]).collect();
    let judgement = Classifiers::new(built_in).of(std::iter::empty()).judge(&titled(title));
    assert!(judgement.built_in().iter().all(|one| known.contains(&one.category)), "{:?}", judgement.built_in());
}

/// A link as it is typed, or a template and what is put into it.
pub(super) fn links(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = parts(&text);
    let (typed, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let _ = link::user_information(typed);
    assert_eq!(product::typed_id(typed), product::typed_id(&format!(" {typed} ")));
    if let Ok(url) = Url::parse(typed) {
        for allow_http in [true, false] {
            if let Some(link) = PublicLink::new(url.clone(), allow_http) {
                checks::link(&link);
                checks::line(&product::shop_at(&link));
                assert!(allow_http || link.as_str().starts_with("https://"));
            }
        }
    }
    if let Some(template) = LinkTemplate::parse(typed) {
        assert_eq!(LinkTemplate::parse(&template.to_string()), Some(template.clone()));
        let host = |link: &PublicLink| Url::parse(link.as_str()).unwrap().host().map(|host| host.to_owned());
        let plain = template.link("x", "x", "x", true);
        if let Some(link) = template.link(value, value, value, true) {
            checks::link(&link);
            assert_eq!(Some(host(&link)), plain.as_ref().map(host), "a value leads to another host");
        }
    }
}

/// A title, and a notice with it, as it is shown.
pub(super) fn texts(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for characters in [1, 2, 80, 300] {
        let line = Line::new(&text, characters);
        checks::line(&line);
        assert!(line.as_str().chars().count() <= characters, "{line:?}");
        assert_eq!(Line::new(line.as_str(), characters), line);
    }
    checks::trade(&titled(&text));
    for language in [Language::English, Language::SimplifiedChinese] {
        html(&texts::render(language, &Notice::Introduction { sharer: text.clone().into_owned() }).html);
        html(&texts::board_heading(language, &text, 3).replace(['<', '>', '&'], ""));
    }
}

/// Only what `texts` says of itself.
pub(super) fn html(html: &str) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').expect("a tag is closed");
        let tag = rest[at + 1..at + end].trim_start_matches('/');
        assert!(matches!(tag, "p" | "br" | "ul" | "li" | "code" | "strong"), "{html}");
        rest = &rest[at + end + 1..];
    }
}

fn titled(title: &str) -> Trade {
    Trade::listing(SourceId::new("feed:x"), ExternalId::new("1"), Line::title(title), Timestamp::UNIX_EPOCH)
}
