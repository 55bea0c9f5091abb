//! Holds the locale files against the notices: nothing is missing, nothing is left over, and every
//! language says the same things.

use super::board_empty;
use super::board_heading;
use super::digest_heading;
use super::kind;
use super::no_longer_available;
use super::render;
use crate::domain::category::Because;
use crate::domain::ids::Number;
use crate::domain::notice::AccountState;
use crate::domain::notice::BelongsLine;
use crate::domain::notice::CardLine;
use crate::domain::notice::ContactLineState;
use crate::domain::notice::CriteriaProblem;
use crate::domain::notice::DecidedLine;
use crate::domain::notice::NameLine;
use crate::domain::notice::Notice;
use crate::domain::notice::NoticeDiscriminants;
use crate::domain::notice::PanelName;
use crate::domain::notice::PatternFault;
use crate::domain::notice::Setting;
use crate::domain::notice::SettingLine;
use crate::domain::notice::SettingProblem;
use crate::domain::notice::TestedLine;
use crate::domain::notice::Topic;
use crate::domain::sharer::Language;
use crate::domain::sharer::Unmeant;
use crate::domain::trade::Kind;
use crate::texts::phrase::Argument;
use crate::texts::phrase::Phrase;
use crate::texts::samples::account_added;
use crate::texts::samples::built_in_category;
use crate::texts::samples::card_line;
use crate::texts::samples::list;
use crate::texts::samples::other_category;
use crate::texts::samples::own_category;
use crate::texts::samples::panel;
use crate::texts::samples::samples;
use crate::texts::words::OPTIONAL;
use crate::texts::words::source;
use fluent_bundle::FluentResource;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use strum::IntoEnumIterator;
use strum::VariantNames;

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
        let there: BTreeSet<String> = there.into_keys().collect();
        assert_eq!(said.symmetric_difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "{language:?}");
    }
}

#[test]
fn no_message_asks_for_an_argument_it_does_not_get() {
    let said = said();
    for language in Language::iter() {
        let there = parts(language);
        for (name, given) in &said {
            let Some(message) = there.get(name) else { continue };
            for argument in with_those_referred_to(&there, message) {
                assert!(given.contains(argument), "{language:?}: {name} gets no {argument}");
            }
        }
    }
}

/// The arguments of a message and of those that it refers to.
fn with_those_referred_to<'a>(there: &'a BTreeMap<String, Parts>, message: &'a Parts) -> Vec<&'a str> {
    let referred = message.messages.iter().flat_map(|name| with_those_referred_to(there, &there[name]));
    message.arguments.iter().map(String::as_str).chain(referred).collect()
}

#[test]
fn every_value_inside_a_notice_has_its_message() {
    let said = said();
    for (tag, values) in [
        ("panel-name", PanelName::VARIANTS),
        ("setting", Setting::VARIANTS),
        ("because", Because::VARIANTS),
        ("wrong-criteria", CriteriaProblem::VARIANTS),
        ("wrong-setting", SettingProblem::VARIANTS),
    ] {
        for value in values {
            assert!(said.contains_key(&format!("{tag}-{value}")), "there is no sample with {tag} {value}");
        }
    }
}

#[test]
fn every_state_in_a_list_has_its_words() {
    for language in Language::iter() {
        let states = |message: &str| -> BTreeSet<&str> {
            let lines = source(language).lines().skip_while(|line| !line.starts_with(message));
            let states = lines.take_while(|line| *line != "    }").filter_map(|line| line.trim().trim_start_matches('*').strip_prefix('['));
            states.filter_map(|state| state.split_once(']')).map(|(state, _)| state).collect()
        };
        let (accounts, contacts) = (states("list-accounts = "), states("list-contacts = "));
        for state in AccountState::iter() {
            assert!(accounts.contains(json!(state).as_str().unwrap()), "{language:?}: {state:?}");
        }
        for state in ContactLineState::iter() {
            assert!(contacts.contains(json!(state).as_str().unwrap()), "{language:?}: {state:?}");
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
            let lines: Vec<&str> = text.lines().collect();
            let [usage, about, example, ..] = lines.as_slice() else { panic!("{text}") };
            assert!(usage.starts_with(prefix), "{text}");
            assert!(!about.is_empty() && !about.starts_with(prefix), "{text}");
            assert!(example.contains(prefix), "{text}");
        }
        for (topic, examples) in [(Topic::Set, 12), (Topic::Category, 2)] {
            let text = render(language, &Notice::HelpTopic { topic }).plain;
            assert_eq!(text.matches(prefix).count(), examples + 1, "{text}");
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
fn what_is_said_in_a_direct_room_is_short() {
    let joy = || "Joy".to_owned();
    for language in Language::iter() {
        for (lines, notice) in [
            (1, Notice::HelperGreeting { sharer: joy() }),
            (1, Notice::Introduction { sharer: joy() }),
            (2, Notice::ConsentAsked { sharer: joy() }),
            (2, Notice::HelpInDirectRoom),
            (1, Notice::Muted { sharer: joy(), until_at: None }),
            (1, Notice::Unmuted { sharer: joy() }),
            (1, Notice::OnlyThese { sharer: joy(), categories: vec![own_category()] }),
            (1, Notice::Agreed { sharer: joy() }),
            (1, Notice::Declines { sharer: joy() }),
            (1, Notice::NobodySharesHere),
            (2, Notice::OnlyForSharers),
        ] {
            assert_eq!(render(language, &notice).plain.lines().count(), lines, "{notice:?}");
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
            "When somebody shares with you (type these in your direct chat, or with a person's id in your own room with me)",
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
         <p><code>!share</code> shows boxes to tick: what is shared, and with whom. <code>!share help</code> shows everything I understand. 中文请输入 <code>!分享 语言 zh</code>。</p>"
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
        ("no-longer-available", vec![]),
        ("board-heading", vec!["sharer", "count"]),
        ("board-empty", vec![]),
        ("comma", vec![]),
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
    let of_attributes = phrase.arguments.iter().flat_map(|(name, argument)| attributes(name, argument));
    let given = phrase.arguments.keys().cloned().chain(of_attributes);
    names.entry(phrase.message.clone()).or_default().extend(given);
    for argument in phrase.arguments.values() {
        match argument {
            Argument::Phrase(phrase) => collect(phrase, names),
            Argument::List { elements, otherwise, .. } => {
                names.entry(otherwise.clone()).or_default();
                for element in elements {
                    if let Argument::Phrase(phrase) = element {
                        collect(phrase, names);
                    }
                }
            }
            _ => {}
        }
    }
}

static ENGLISH: LazyLock<BTreeMap<String, Parts>> = LazyLock::new(|| parts(Language::English));

/// The arguments that the attributes of the message that says `argument` become.
fn attributes(name: &str, argument: &Argument) -> Vec<String> {
    let Argument::Phrase(phrase) = argument else { return Vec::new() };
    let own = ENGLISH.get(&phrase.message).into_iter().flat_map(|parts| parts.attributes.iter().map(String::as_str));
    own.chain(OPTIONAL).map(|attribute| format!("{name}_{attribute}")).collect()
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

#[test]
fn boards_are_headed_in_the_readers_language_with_names_as_they_are() {
    assert_eq!(board_heading(Language::English, "*Joy*", 1), "What *Joy* offers now: 1 item");
    assert_eq!(board_heading(Language::SimplifiedChinese, "Joy", 3), "Joy 目前的商品：3 件");
    assert_eq!(board_empty(Language::English), "Nothing at the moment.");
    assert_eq!(no_longer_available(Language::SimplifiedChinese), "已下架");
}

#[test]
fn a_panel_reads_well_as_plain_text() {
    let text = render(Language::English, &panel(true, 1));
    let (contacts, rest) = text.plain.split_once("\n\nCategories\n").unwrap();
    assert_eq!(
        contacts,
        "What Mary gets\n\n\
         Shops and feeds\n\
         1 ☑ Tea *house* (feed)\n\
         2 ☐ taobao – react to add an account\n\n\
         Contacts\n\
         1 ☑ Mary\n\
         2 ☐ Mary – has muted your offers"
    );
    assert!(rest.starts_with("1 ☑ home goods\n2 ☐ **Tea**\n3 ☐ anything else\n\nWhat may be shown\n1 ☑ listings – new offers\n"), "{rest}");
    assert!(rest.ends_with("4 ☐ digest – one post a day\n\nReact with a number to tick or untick."), "{rest}");
}

#[test]
fn a_panel_is_html_without_bullets() {
    let text = render(Language::English, &panel(true, 1));
    let shops = "<p><strong>What Mary gets</strong></p><p><strong>Shops and feeds</strong><br>1 ☑ Tea *house* (feed)<br>2 ☐ taobao";
    assert!(text.html.starts_with(shops), "{}", text.html);
    assert!(!text.html.contains("<li>"), "{}", text.html);
}

#[test]
fn a_panel_with_pages_says_which_and_how_to_turn_them() {
    let text = render(Language::SimplifiedChinese, &panel(false, 2)).plain;
    assert!(text.starts_with("分享什么，分享给谁（第 1 页，共 2 页）\n\n店铺和订阅源\n1 ☑ Tea *house*（feed）\n"), "{text}");
    assert!(text.contains("类别\n1 ☑ 家居用品\n2 ☐ **Tea**\n3 ☐ 其他\n"), "{text}");
    assert!(text.ends_with("\n\n回应数字即可勾选或取消；◀ ▶ 翻页。"), "{text}");
}

#[test]
fn settings_are_said_with_the_words_that_are_typed() {
    let said = |language: Language, setting: Setting, own: bool| {
        let settings = vec![SettingLine { setting, own }];
        let text = render(language, &Notice::SettingChanged { person: None, settings }).plain;
        text.lines().last().unwrap().to_owned()
    };
    let some = || Setting::Categories { categories: vec![built_in_category(), own_category(), other_category()], all: false };
    assert_eq!(said(Language::English, some(), true), "• categories: home goods, **Tea**, anything else");
    assert_eq!(said(Language::SimplifiedChinese, some(), true), "• 类别：家居用品、**Tea**、其他");
    assert_eq!(said(Language::English, Setting::Categories { categories: Vec::new(), all: true }, false), "• categories: all (default)");
    let kinds = Setting::Kinds { kinds: vec![Kind::Listing, Kind::Sale] };
    assert_eq!(said(Language::English, kinds.clone(), true), "• kinds: listings, sales");
    assert_eq!(said(Language::SimplifiedChinese, kinds, false), "• 种类：上新、售出（默认）");
    let named = Setting::Accounts { values: vec!["`Tea`".to_owned(), "none".to_owned()], all: false };
    assert_eq!(said(Language::English, named, true), "• accounts: `Tea`, none");
    assert_eq!(said(Language::English, Setting::Popup { popup_seconds: 0 }, true), "• popup: not withdrawn");
    assert_eq!(said(Language::English, Setting::Popup { popup_seconds: 600 }, true), "• popup: withdrawn after 10 minutes");
    assert_eq!(said(Language::English, Setting::Quiet { hours: String::new() }, true), "• quiet: never");
}

#[test]
fn somebody_called_none_is_not_nobody() {
    let settings = |person: Option<&str>| {
        let notice = Notice::Settings { person: person.map(str::to_owned), settings: Vec::new() };
        render(Language::English, &notice).plain.lines().next().unwrap().to_owned()
    };
    assert_eq!(settings(Some("none")), "This holds for none:");
    assert_eq!(settings(None), "This holds for all your contacts, where nothing else is set for one of them:");
}

#[test]
fn a_wrong_pattern_is_shown_with_the_place_marked() {
    let reason = CriteriaProblem::Pattern { before: "gr(ä|ae".to_owned(), after: "<fe?n".to_owned(), fault: PatternFault::NotClosed };
    let text = render(Language::English, &Notice::WrongCriteria { reason });
    assert!(text.plain.contains("The pattern is wrong at the ❗: gr(ä|ae❗<fe?n – a bracket is opened and not closed."), "{}", text.plain);
    assert!(text.html.contains("<code>gr(ä|ae❗&#60;fe?n</code>"), "{}", text.html);
}

#[test]
fn why_a_trade_was_shared_names_criteria_and_contacts() {
    let name = own_category();
    let categories = vec![BelongsLine { name, because: Because::Title { found: "tea".to_owned() } }];
    let decided = |person: &str, reason| DecidedLine { person: person.to_owned(), reason };
    let contacts = vec![decided("Mary", None), decided("Linking", Some(Unmeant::OwnChoice))];
    let notice = Notice::Why { number: Number(12), title: "Green tea".to_owned(), categories, contacts, undone: false };
    assert_eq!(
        render(Language::English, &notice).plain,
        "Green tea (number 12)\n\n\
         Its categories:\n\
         • **Tea** – the title has “tea” in it\n\n\
         For whom it was meant:\n\
         • Mary: yes\n\
         • Linking: no, this contact asked for other categories"
    );
}

#[test]
fn texts_that_are_tested_are_paragraphs_with_their_categories() {
    let tested = |title: &str, categories| TestedLine { title: title.to_owned(), categories };
    let tea = BelongsLine { name: own_category(), because: Because::Price };
    let notice = Notice::CategoryTested { tested: vec![tested("Tea", vec![tea]), tested("Pot", Vec::new())] };
    assert_eq!(
        render(Language::English, &notice).plain,
        "Tea\n• **Tea** – the price fits\n\nPot\n• fits no category, so it counts as anything else (other)"
    );
}

#[test]
fn before_sales_are_shown_it_is_said_what_that_means() {
    let notice = Notice::OrdersAsked { label: "Mary".to_owned(), kinds: vec![Kind::Sale, Kind::Purchase], account: false };
    assert_eq!(
        render(Language::English, &notice).plain,
        "Shall I show Mary your own trades too (sales, purchases)?\n\
         What is shown: the item, its price, its link, and that you bought or sold it. \
         Never shown: who the buyer is, the order number, the exact time.\n\
         Type !share yes or !share no."
    );
}

#[test]
fn a_purchase_that_is_held_says_to_whom_it_goes_when_and_how_to_stop_it() {
    let CardLine { shop, trade } = card_line(true);
    let contacts = vec![NameLine { person: "Mary".to_owned() }];
    let notice = Notice::PurchaseHeld { number: Number(12), shop, trade, contacts, hold_seconds: 900 };
    assert_eq!(
        render(Language::English, &notice).plain,
        "You bought this: Pot – EUR 12.50 – Tea *house* – https://tea.example/pot\n\
         In 15 minutes it goes to:\n\
         • Mary\n\n\
         Should it not, react ❌ to this message or type !share undo 12."
    );
}
