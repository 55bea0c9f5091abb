//! What is said, word for word where it matters how it reads.

use crate::domain::category::Because;
use crate::domain::ids::Number;
use crate::domain::notice::AccountState;
use crate::domain::notice::BelongsLine;
use crate::domain::notice::CardLine;
use crate::domain::notice::ContactLineState;
use crate::domain::notice::CriteriaProblem;
use crate::domain::notice::DecidedLine;
use crate::domain::notice::EmojiLine;
use crate::domain::notice::NameLine;
use crate::domain::notice::Notice;
use crate::domain::notice::PatternFault;
use crate::domain::notice::Setting;
use crate::domain::notice::SettingLine;
use crate::domain::notice::TestedLine;
use crate::domain::notice::Topic;
use crate::domain::sharer::Language;
use crate::domain::sharer::Unmeant;
use crate::domain::trade::Kind;
use crate::texts::board_empty;
use crate::texts::board_heading;
use crate::texts::digest_heading;
use crate::texts::kind;
use crate::texts::no_longer_available;
use crate::texts::render;
use crate::texts::samples::EMOJI;
use crate::texts::samples::account_added;
use crate::texts::samples::built_in_category;
use crate::texts::samples::card_line;
use crate::texts::samples::emoji_line;
use crate::texts::samples::list;
use crate::texts::samples::other_category;
use crate::texts::samples::own_category;
use crate::texts::samples::panel;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

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
         • 2：Mary（@mary:example.org）– 对方已静音，直到 1970年1月1日 00:00（UTC）"
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
         2 ☐ Mary – has muted your offers (as you)"
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
    let notice = Notice::PurchaseHeld { number: Number(12), shop, trade: Box::new(trade), contacts, hold_seconds: 900 };
    assert_eq!(
        render(Language::English, &notice).plain,
        "You bought this: Pot – EUR 12.50 – Tea *house* – https://tea.example/pot\n\
         In 15 minutes it goes to:\n\
         • Mary\n\n\
         Should it not, react ❌ to this message or type !share undo 12."
    );
}

#[test]
fn each_emoji_of_a_verification_has_a_name_of_its_own() {
    for language in Language::iter() {
        let notice = Notice::CompareEmoji { own_device: true, emoji: (0..EMOJI).map(emoji_line).collect() };
        let text = render(language, &notice).plain;
        let names: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("• 🐶 ")).filter(|name| !name.is_empty()).collect();
        assert_eq!(names.len(), usize::from(EMOJI), "{language:?}: {names:?}");
    }
}

#[test]
fn emoji_to_compare_stand_in_order_and_with_their_names() {
    let emoji = [(0, "🐶"), (36, "👍"), (63, "📌")].map(|(emoji, symbol)| EmojiLine { emoji, symbol: symbol.to_owned() });
    let notice = Notice::CompareEmoji { own_device: false, emoji: emoji.to_vec() };
    assert_eq!(
        render(Language::English, &notice).plain,
        "Compare these emoji for me with those that your client shows, in this order:\n\
         • 🐶 Dog\n\
         • 👍 Thumbs Up\n\
         • 📌 Pin\n\n\
         If they are the same, answer yes here and choose “They match” in your client. \
         If not, answer no here and choose “They don't match” there."
    );
}
