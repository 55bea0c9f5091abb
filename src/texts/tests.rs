//! Holds the locale files against the notices: nothing is missing, nothing is left over, and every
//! language says the same things.

use super::digest_heading;
use super::kind;
use super::render;
use crate::domain::notice::AccountState;
use crate::domain::notice::ContactLineState;
use crate::domain::notice::Notice;
use crate::domain::notice::NoticeDiscriminants;
use crate::domain::notice::Topic;
use crate::domain::sharer::Language;
use crate::domain::trade::Kind;
use crate::texts::phrase::Argument;
use crate::texts::phrase::Phrase;
use crate::texts::samples::account_added;
use crate::texts::samples::card_line;
use crate::texts::samples::list;
use crate::texts::samples::samples;
use crate::texts::words::source;
use fluent_bundle::FluentResource;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

type Names = BTreeMap<String, BTreeSet<String>>;

/// What a message of a locale file is made of.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    arguments: BTreeSet<String>,
    attributes: BTreeSet<String>,
    messages: BTreeSet<String>,
}

#[test]
fn locale_files_are_well_formed() {
    for language in Language::iter() {
        let parsed = FluentResource::try_new(source(language).to_owned());
        assert!(parsed.is_ok(), "{language:?}: {:?}", parsed.err().map(|(_, errors)| errors));
        let lines = source(language).lines();
        let named = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).count();
        assert_eq!(named, parts(language).len(), "a message stands twice in {language:?}");
    }
}

#[test]
fn every_notice_has_a_sample() {
    let sampled: BTreeSet<String> = samples().iter().map(|notice| NoticeDiscriminants::from(notice).to_string()).collect();
    let all: BTreeSet<String> = NoticeDiscriminants::iter().map(|notice| notice.to_string()).collect();
    assert_eq!(sampled, all);
}

#[test]
fn every_language_has_each_message_that_is_said_and_no_other() {
    for language in Language::iter() {
        let there = parts(language);
        let mut said: BTreeSet<String> = said().into_keys().filter(|name| !is_optional(name) || there.contains_key(name)).collect();
        for name in said.clone() {
            said.extend(there.get(&name).into_iter().flat_map(|parts| parts.messages.clone()));
        }
        assert_eq!(said, there.into_keys().collect(), "{language:?}");
    }
}

#[test]
fn no_message_asks_for_an_argument_it_does_not_get() {
    let said = said();
    for language in Language::iter() {
        let there = parts(language);
        for (name, given) in &said {
            let Some(message) = there.get(name) else { continue };
            let referred = message.messages.iter().flat_map(|name| there[name].arguments.iter());
            for argument in message.arguments.iter().chain(referred) {
                let of_attribute = argument
                    .split_once('_')
                    .is_some_and(|(tag, attribute)| given.contains(tag) && there["topic-help"].attributes.contains(attribute));
                assert!(given.contains(argument) || of_attribute, "{language:?}: {name} gets no {argument}");
            }
        }
    }
}

#[test]
fn all_languages_have_the_same_messages_with_the_same_attributes() {
    let shape = |language| -> Vec<(String, BTreeSet<String>)> {
        let parts = parts(language).into_iter();
        parts.map(|(name, parts)| (name, parts.attributes)).collect()
    };
    for language in Language::iter() {
        assert_eq!(shape(language), shape(Language::English));
    }
}

#[test]
fn every_command_has_its_usage_its_sentence_and_an_example() {
    for language in Language::iter() {
        let prefix = if language == Language::English { "!share " } else { "!分享 " };
        for topic in Topic::iter() {
            let text = render(language, &Notice::HelpTopic { topic }).plain;
            assert_eq!(text.lines().count(), 3, "{text}");
            assert_eq!(text.matches(prefix).count(), 2, "{text}");
        }
    }
}

#[test]
fn nothing_said_has_a_hole_or_a_mark_left() {
    for language in Language::iter() {
        for notice in samples() {
            let text = render(language, &notice);
            assert!(!text.plain.is_empty(), "{notice:?}");
            assert!(!text.plain.contains(['{', '}', '$', '`', '\u{E000}']), "{}", text.plain);
            assert!(!text.plain.contains("none }"), "{}", text.plain);
            assert_eq!(text.html.matches('<').count(), text.html.matches('>').count(), "{}", text.html);
        }
    }
}

#[test]
fn what_is_said_in_a_direct_room_is_one_line() {
    let joy = || "Joy".to_owned();
    for language in Language::iter() {
        for notice in [
            Notice::HelperGreeting { sharer: joy() },
            Notice::Introduction { sharer: joy() },
            Notice::HelpInDirectRoom,
            Notice::Muted { sharer: joy() },
            Notice::Unmuted { sharer: joy() },
            Notice::NobodySharesHere,
            Notice::OnlyForSharers,
        ] {
            assert_eq!(render(language, &notice).plain.lines().count(), 1, "{notice:?}");
        }
    }
}

#[test]
fn help_keeps_its_sections_in_order_and_leaves_out_empty_ones() {
    let topics = vec![Topic::Version, Topic::Mute, Topic::Add];
    let text = render(Language::English, &Notice::Help { topics });
    let headings = text.plain.lines().filter(|line| !line.starts_with('•'));
    assert_eq!(
        headings.collect::<Vec<_>>(),
        [
            "This is what I understand. <…> is needed, […] is optional. In your own room with me you can leave out !share.",
            "",
            "Your shops and feeds",
            "",
            "When somebody shares with you (type these in your direct chat)",
            "",
            "Everything else",
            "",
            "!share help <command> explains one command, with an example.",
        ]
    );
    let all = render(Language::English, &Notice::Help { topics: Topic::iter().collect() }).plain;
    assert_eq!(all.matches("• !share ").count(), Topic::iter().count());
}

#[test]
fn lists_read_well_in_english() {
    assert_eq!(
        render(Language::English, &list(AccountState::Failing, ContactLineState::Stopped)).plain,
        "Everything is paused. !share resume starts it again.\n\n\
         Your shops and feeds:\n\
         • 1: Tea *house* (feed, https://tea.example/feed) – failed 3 times in a row, last read 5 March 2026, 07:08 UTC. \
         It is larger than 10 MB, and I read no more than that.\n\n\
         Your contacts:\n\
         • 2: Mary (@mary:example.org) – stopped. Somebody else is in that chat or invited. \
         !share with here, typed in your direct chat, starts it again"
    );
}

#[test]
fn lists_read_well_in_chinese() {
    assert_eq!(
        render(Language::SimplifiedChinese, &list(AccountState::Failing, ContactLineState::Muted)).plain,
        "目前全部暂停。输入 !分享 继续 恢复。\n\n\
         你的店铺和订阅源：\n\
         • 1：Tea *house*（feed，https://tea.example/feed）– 连续失败 3 次，上次读取于 2026年3月5日 07:08（UTC）。\
         内容超过 10 MB，我不读这么大的。\n\n\
         你的联系人：\n\
         • 2：Mary（@mary:example.org）– 对方已静音"
    );
}

#[test]
fn a_greeting_is_html_with_commands_as_code() {
    assert_eq!(
        render(Language::English, &Notice::Greeting).html,
        "<p>Hello! I am tradepost. I post new items from your shops and feeds into the direct chats you choose.</p>\
         <p>First type <code>!share add feed https://…</code> here, with the address of a shop or its feed.<br>\
         Then invite me into your direct chat with a friend and type <code>!share with here</code> there.</p>\
         <p><code>!share help</code> shows everything I understand. 中文请输入 <code>!分享 语言 zh</code>。</p>"
    );
}

#[test]
fn what_people_typed_is_shown_as_they_typed_it() {
    let typed = "`<b>**&\"•\u{202E}\n x".to_owned();
    let text = render(Language::English, &Notice::UnknownCommand { typed, nearest: None });
    assert!(text.html.starts_with("There is no command <code>`&#60;b&#62;**&#38;&#34;• x</code>. <code>!share"), "{}", text.html);
}

#[test]
fn an_added_account_shows_its_newest_item() {
    let plain = render(Language::English, &account_added(vec![card_line(true)], 3)).plain;
    assert_eq!(
        plain,
        "Added Tea *house* as number 1. The 3 items it has now count as known; I look every 10 minutes and post what is new.\n\
         A post would look like this: Pot – EUR 12.50 – Tea *house* – https://tea.example/pot\n\
         Nobody gets it yet. Invite me into your direct chat with a friend and type !share with here there."
    );
    let empty = render(Language::English, &account_added(Vec::new(), 0)).plain;
    assert!(empty.contains("It has no items yet; I look"), "{empty}");
}

/// Every message that can be said, with the arguments it may get.
fn said() -> Names {
    let mut names = Names::new();
    for notice in samples() {
        collect(&Phrase::of(&notice), &mut names);
    }
    for kind in Kind::iter() {
        names.entry(format!("kind-{kind}")).or_default();
    }
    for (name, arguments) in [
        ("digest-heading", vec!["count"]),
        ("price", vec!["amount", "currency"]),
        ("when-pattern", vec![]),
        ("duration-days", vec!["count"]),
        ("duration-hours", vec!["count"]),
        ("duration-minutes", vec!["count"]),
        ("duration-seconds", vec!["count"]),
        ("size-megabytes", vec!["count"]),
        ("size-kilobytes", vec!["count"]),
        ("size-bytes", vec!["count"]),
    ] {
        names.insert(name.to_owned(), arguments.into_iter().map(str::to_owned).collect());
    }
    names
}

fn collect(phrase: &Phrase, names: &mut Names) {
    let given = phrase.arguments.keys().cloned();
    names.entry(phrase.message.clone()).or_default().extend(given);
    for argument in phrase.arguments.values() {
        match argument {
            Argument::Phrase(phrase) => collect(phrase, names),
            Argument::Paragraphs(phrases) => collect_all(phrases, names),
            Argument::Lines { elements, otherwise } => {
                collect_all(elements, names);
                names.entry(otherwise.clone()).or_default();
            }
            _ => {}
        }
    }
}

fn collect_all(phrases: &[Phrase], names: &mut Names) {
    for phrase in phrases {
        collect(phrase, names);
    }
}

/// What stands for an empty list need not be there.
fn is_optional(name: &str) -> bool {
    name.is_empty() || name.ends_with("-none")
}

/// The messages of a locale file, read as text: `name = …`, `.attribute = …`, `$argument`, `{ message }`.
fn parts(language: Language) -> BTreeMap<String, Parts> {
    let mut all: BTreeMap<String, Parts> = BTreeMap::new();
    let mut current = String::new();
    for line in source(language).lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").or_else(|| line.split_once(" =")) {
            if name.starts_with(|c: char| c.is_ascii_lowercase()) {
                name.clone_into(&mut current);
            } else if let Some(attribute) = name.trim().strip_prefix('.') {
                all.entry(current.clone()).or_default().attributes.insert(attribute.to_owned());
            }
        }
        let parts = all.entry(current.clone()).or_default();
        parts.arguments.extend(line.split('$').skip(1).map(word));
        let referred = line.split("{ ").skip(1).map(word);
        parts.messages.extend(referred.filter(|word| !word.is_empty()));
    }
    all.remove("");
    all
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect()
}

#[test]
fn kinds_and_headings_are_in_the_readers_language() {
    assert_eq!(kind(Language::English, Kind::PriceChange), "New price");
    assert_eq!(kind(Language::SimplifiedChinese, Kind::Withdrawn), "已下架");
    assert_eq!(digest_heading(Language::English, 1), "1 new item");
    assert_eq!(digest_heading(Language::SimplifiedChinese, 12), "12 件新商品");
}
