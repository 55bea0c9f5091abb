use super::behind_prefix;
use super::parse;
use super::without_mention;
use crate::actions::NewPost;
use crate::actions::PushChoice;
use crate::classify::criteria::read_one_price;
use crate::commands::command::Command;
use crate::commands::command::ParseError;
use crate::commands::command::Who;
use crate::commands::command::words;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::Topic;
use crate::domain::own_name::Identity;
use crate::domain::sharer::Language;
use crate::domain::text::Line;
use crate::values::Secret;
use proptest::prelude::*;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

fn command(text: &str) -> Result<Command, ParseError> {
    parse(behind_prefix(text).unwrap_or_else(|| panic!("{text:?} has no prefix")))
}

#[test]
fn the_prefix_may_be_wide_chinese_or_in_capitals() {
    for text in
        ["!share list", "！share list", "!SHARE ls", "！ｓｈａｒｅ　ｌｉｓｔ", "!分享 列表", "！分享列表", "!分享：列表", "  !share，list"]
    {
        assert_eq!(command(text), Ok(Command::List), "{text}");
    }
    assert_eq!(behind_prefix("!shared list"), None);
    assert_eq!(behind_prefix("hello !share list"), None);
    assert_eq!(behind_prefix("share"), None);
    assert_eq!(behind_prefix(""), None);
    assert_eq!(command("!share"), Ok(Command::Panel { here: false }));
}

#[test]
fn accounts_and_secrets_are_taken_as_they_are() {
    let add = |platform: Option<&str>, account: &str, secret: Option<&str>| {
        Ok(Command::Add { platform: platform.map(Into::into), account: account.into(), secret: secret.map(Secret::new), links: None })
    };
    assert_eq!(command("!share add feed https://A.example/Ｆ，x"), add(Some("feed"), "https://A.example/Ｆ，x", None));
    assert_eq!(command("！分享：添加，ｆｅｅｄ，https://a.example/"), add(Some("feed"), "https://a.example/", None));
    assert_eq!(command("!share add https://a.example/"), add(None, "https://a.example/", None));
    assert_eq!(command("!share add shop.example/feed"), add(None, "shop.example/feed", None));
    assert_eq!(command("!share add Taobao joy S3cret"), add(Some("taobao"), "joy", Some("S3cret")));
    assert_eq!(command("!share add oscar"), add(Some("oscar"), "", None));
    assert_eq!(command("!share add tea.myshopify.com shpat_1"), add(None, "tea.myshopify.com", Some("shpat_1")));
    assert_eq!(command("!share add woocommerce shop.example ck_1 cs_2"), add(Some("woocommerce"), "shop.example", Some("ck_1 cs_2")));
    assert_eq!(command(&format!("!share add a b {}", "c ".repeat(13))), Err(ParseError::Usage(Topic::Add)));
    let Ok(Command::Add { secret, links, .. }) = command("!share add vendure shop.example joy pw https://a.example/p/{slug}") else {
        panic!()
    };
    assert_eq!((secret.unwrap(), links.as_deref()), (Secret::new("joy pw"), Some("https://a.example/p/{slug}")));
}

#[test]
fn what_is_chosen_for_an_account_names_it_first() {
    let secret = |secret: Option<&str>| Ok(Command::Secret { number: Number(2), secret: secret.map(Secret::new) });
    assert_eq!(command("!share secret 2"), secret(None));
    assert_eq!(command("!分享 密钥 #２ a b"), secret(Some("a b")));
    assert_eq!(command("!share secret"), Err(ParseError::Usage(Topic::Secret)));
    // What stands in the place of the number is not repeated.
    assert_eq!(command("!share secret shpat_0123"), Err(ParseError::Usage(Topic::Secret)));
    let push = |choice| Ok(Command::Push { number: Number(2), choice });
    assert_eq!(command("!share push 2"), push(PushChoice::On));
    assert_eq!(command("!share push 2 by hand"), push(PushChoice::ByHand));
    assert_eq!(command("!分享 推送 2 关"), push(PushChoice::Off));
    assert_eq!(command("!share push 2 perhaps"), Err(ParseError::Usage(Topic::Push)));
    assert_eq!(command("!share interval 2 30m"), Ok(Command::Interval { number: Number(2), seconds: 1_800 }));
    assert_eq!(command("!share interval 2"), Err(ParseError::Usage(Topic::Interval)));
    assert_eq!(command("!share confirm 2 48-39"), Ok(Command::Confirm { number: Number(2), code: "48-39".to_owned() }));
}

#[test]
fn what_is_shared_by_hand_is_a_link_a_title_and_a_price() {
    let link = "https://shop.example/p/7";
    let post = |title: Option<&str>, price: Option<&str>| {
        let price = price.map(|price| read_one_price(price).unwrap());
        Ok(Command::Post(NewPost { link: link.to_owned(), title: title.map(Line::title), price }))
    };
    for (typed, title, price) in [
        ("", None, None),
        ("Tea pot", Some("Tea pot"), None),
        ("Tea pot | 25 EUR", Some("Tea pot"), Some("25 EUR")),
        ("Tea pot|EUR 25", Some("Tea pot"), Some("25 EUR")),
        ("\"Tea pot, red | blue\" | 25,50 €", Some("Tea pot, red | blue"), Some("25.50 EUR")),
        ("| 25 EUR", None, Some("25 EUR")),
        ("25 EUR", None, Some("25 EUR")),
        ("茶壶 ｜ ¥199", Some("茶壶"), Some("199 CNY")),
        ("Tea pot |", Some("Tea pot"), None),
        ("Tea pot 25 EUR", Some("Tea pot 25 EUR"), None),
    ] {
        assert_eq!(command(&format!("!share post {link} {typed}")), post(title, price), "{typed}");
    }
    assert_eq!(command(&format!("!分享 发布 {link}\n茶壶 | 199元")), post(Some("茶壶"), Some("199 CNY")));
    assert_eq!(command(&format!("!share post {link} Pot | cheap")), Err(ParseError::NoPrice { typed: "cheap".to_owned() }));
    for text in ["!share post", "!share post Tea pot | 25 EUR"] {
        assert_eq!(command(text), Err(ParseError::Usage(Topic::Post)), "{text}");
    }
}

#[test]
fn contacts_are_named_in_four_ways() {
    assert_eq!(command("!share with here"), Ok(Command::With(Who::Here)));
    assert_eq!(command("!分享 分享给 这里"), Ok(Command::With(Who::Here)));
    assert_eq!(command("!share with ３"), Ok(Command::With(Who::Number(Number(3)))));
    assert_eq!(command("!share without @mary:example.org"), Ok(Command::Without(Who::User(UserId::new("@mary:example.org")))));
    assert_eq!(command("!share with Mary Ann"), Ok(Command::With(Who::Name("Mary Ann".to_owned()))));
    assert_eq!(command("!share with"), Err(ParseError::Usage(Topic::With)));
}

#[test]
fn in_whose_name_is_said_for_all_or_for_one() {
    let own = |who| Ok(Command::As { identity: Identity::Sharer, who });
    let bots = |who| Ok(Command::As { identity: Identity::Bot, who });
    assert_eq!(command("!share as me"), own(None));
    assert_eq!(command("!share AS Bot"), bots(None));
    assert_eq!(command("！分享 身份 我"), own(None));
    assert_eq!(command("！分享：名义，机器人"), bots(None));
    assert_eq!(command("!share as me for 2"), own(Some(Who::Number(Number(2)))));
    assert_eq!(command("!share as bot for @mary:example.org"), bots(Some(Who::User(UserId::new("@mary:example.org")))));
    assert_eq!(command("!分享 身份 机器人 给 Mary Ann"), bots(Some(Who::Name("Mary Ann".to_owned()))));
    assert_eq!(command("!分享 身份 我 对 ２"), own(Some(Who::Number(Number(2)))));
    for text in ["!share as", "!share as joy", "!share as me 2", "!share as me for", "!分享 身份 我 给"] {
        assert_eq!(command(text), Err(ParseError::Usage(Topic::As)), "{text}");
    }
}

#[test]
fn what_is_verified_is_the_bot_or_her_own_device() {
    assert_eq!(command("!share verify"), Ok(Command::Verify(None)));
    assert_eq!(command("!share verify bot"), Ok(Command::Verify(Some(Identity::Bot))));
    assert_eq!(command("!share verify me"), Ok(Command::Verify(Some(Identity::Sharer))));
    assert_eq!(command("！分享 验证 机器人"), Ok(Command::Verify(Some(Identity::Bot))));
    assert_eq!(command("！分享 验证 我"), Ok(Command::Verify(Some(Identity::Sharer))));
    assert_eq!(command("!share verify mary"), Err(ParseError::Usage(Topic::Verify)));
    assert_eq!(command("!share verify bot 2"), Err(ParseError::Usage(Topic::Verify)));
}

#[test]
fn mistakes_are_named_with_what_is_nearest() {
    let nearest = |text| match command(text) {
        Err(ParseError::Unknown { nearest, .. }) => nearest,
        other => panic!("{other:?}"),
    };
    assert_eq!(nearest("!share lsit"), Some(Topic::List));
    assert_eq!(nearest("!share plattforms"), Some(Topic::Platforms));
    assert_eq!(nearest("!share xyzzy"), None);
    assert_eq!(command("!share remove feed"), Err(ParseError::NoNumber { typed: "feed".to_owned() }));
    assert_eq!(command("!share list all"), Err(ParseError::Usage(Topic::List)));
    assert_eq!(command("!share language 中文"), Ok(Command::Language(Language::SimplifiedChinese)));
}

#[test]
fn a_mention_before_a_command_is_left_out() {
    let names = ["@tradepost:example.org", "tradepost"];
    assert_eq!(without_mention("tradepost: list", &names), "list");
    assert_eq!(without_mention("@tradepost:example.org list", &names), "list");
    assert_eq!(without_mention("Tradepost，帮助", &names), "帮助");
    assert_eq!(without_mention("tradeposting", &names), "tradeposting");
}

#[test]
fn every_command_has_a_chinese_word_and_no_word_means_two_things() {
    let mut seen = BTreeSet::new();
    for topic in Topic::iter() {
        assert!(words(topic)[0].is_ascii() && !words(topic)[1].is_ascii(), "{topic}");
        assert_eq!(words(topic)[0], topic.to_string());
        for word in words(topic) {
            assert!(seen.insert(word), "{word} means two things");
        }
    }
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(text in "\\PC{0,60}", tail in "[ ，、；：!！/:.a-z分享添加]{0,40}") {
        let line = format!("!share {text}{tail}");
        let _ = behind_prefix(&text);
        let _ = without_mention(&text, &["tradepost"]);
        let _ = parse(behind_prefix(&line).unwrap());
    }
}
