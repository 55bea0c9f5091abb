//! One of everything that is said about panels, settings, categories, what was shared, and wishes.

use super::card_line;
use super::contact_line;
use super::label;
use super::person;
use crate::domain::category::Because;
use crate::domain::ids::Number;
use crate::domain::notice::BelongsLine;
use crate::domain::notice::CardLine;
use crate::domain::notice::CategoryLine;
use crate::domain::notice::CategoryName;
use crate::domain::notice::ContactLineState;
use crate::domain::notice::CriteriaProblem;
use crate::domain::notice::DecidedLine;
use crate::domain::notice::MuteLine;
use crate::domain::notice::NameLine;
use crate::domain::notice::Names;
use crate::domain::notice::Notice;
use crate::domain::notice::PanelLine;
use crate::domain::notice::PanelName;
use crate::domain::notice::PanelPart;
use crate::domain::notice::PanelSection;
use crate::domain::notice::PatternFault;
use crate::domain::notice::PrivacyLine;
use crate::domain::notice::Setting;
use crate::domain::notice::SettingLine;
use crate::domain::notice::SettingProblem;
use crate::domain::notice::SharedLine;
use crate::domain::notice::TestedLine;
use crate::domain::problem::Problem;
use crate::domain::settings::Output;
use crate::domain::sharer::Language;
use crate::domain::sharer::Unmeant;
use crate::domain::trade::Kind;
use jiff::Timestamp;
use strum::IntoEnumIterator;

pub(crate) fn built_in_category() -> CategoryName {
    CategoryName { category: "home-goods".to_owned(), names: Names { en: "home goods".to_owned(), zh_cn: "家居用品".to_owned() } }
}

pub(crate) fn own_category() -> CategoryName {
    CategoryName { category: "tea".to_owned(), names: Names { en: "**Tea**".to_owned(), zh_cn: "**Tea**".to_owned() } }
}

pub(crate) fn other_category() -> CategoryName {
    CategoryName { category: "other".to_owned(), names: Names { en: "x".to_owned(), zh_cn: "x".to_owned() } }
}

pub(super) fn category_line(name: &CategoryName) -> CategoryLine {
    CategoryLine { name: name.clone(), criteria: "none".to_owned(), on: name.category == "tea" }
}

/// A panel with every section and every name; `contact` for one contact.
pub(crate) fn panel(contact: bool, pages: u32) -> Notice {
    let sections = PanelPart::iter().map(|section| PanelSection { section, rows: rows(section, contact) }).collect();
    Notice::Panel { person: contact.then(person), sections, page: 1, pages }
}

fn rows(section: PanelPart, contact: bool) -> Vec<PanelLine> {
    let names = match section {
        PanelPart::Platforms => vec![
            PanelName::Account { label: label(), platform: "feed".to_owned() },
            PanelName::Platform { platform: "taobao".to_owned(), asks: true },
        ],
        PanelPart::Contacts => [false, true].map(|yes| PanelName::Contact { person: person(), muted: yes, own: yes }).to_vec(),
        PanelPart::Categories => {
            [built_in_category(), own_category(), other_category()].map(|category| PanelName::Category { category }).to_vec()
        }
        PanelPart::Kinds => Kind::iter().map(|kind| PanelName::Kind { kind }).collect(),
        PanelPart::Outputs => {
            let outputs = Output::iter().filter(|output| !contact || *output != Output::Status);
            outputs.map(|output| PanelName::Output { output }).collect()
        }
    };
    (1..).zip(names).map(|(key, name)| PanelLine { key, on: key == 1, name }).collect()
}

pub(super) fn panels() -> Vec<Notice> {
    let platform = PanelName::Platform { platform: "feed".to_owned(), asks: false };
    vec![
        panel(true, 1),
        panel(false, 2),
        Notice::Panel { person: None, sections: Vec::new(), page: 1, pages: 1 },
        Notice::PanelHere { sharer: "Joy".to_owned(), rows: vec![PanelLine { key: 1, on: true, name: platform }] },
        Notice::PanelHere { sharer: "Joy".to_owned(), rows: Vec::new() },
        Notice::PanelStale,
        Notice::PanelOpened { link: "https://matrix.to/#/!office:example.org/event".to_owned() },
        Notice::AccountAsked { platform: "taobao".to_owned() },
        Notice::Cancelled,
    ]
}

/// Every setting, as it may be.
fn all_settings() -> Vec<Setting> {
    let names = || vec![label(), "Other".to_owned()];
    let categories = || vec![built_in_category(), own_category(), other_category()];
    let mut settings = vec![
        Setting::Kinds { kinds: Kind::iter().collect() },
        Setting::Kinds { kinds: Vec::new() },
        Setting::Outputs { outputs: Output::iter().collect() },
        Setting::Digest { time: "18:00".to_owned() },
        Setting::TimeZone { zone: "Europe/Berlin".to_owned() },
    ];
    settings.extend([(names(), false), (names(), true), (Vec::new(), false)].map(|(values, all)| Setting::Accounts { values, all }));
    let choices = [(categories(), false), (Vec::new(), true), (Vec::new(), false)];
    settings.extend(choices.map(|(categories, all)| Setting::Categories { categories, all }));
    settings.extend(["22:00-08:00", ""].map(|hours| Setting::Quiet { hours: hours.to_owned() }));
    settings.extend(["< 500 EUR", ""].map(|range| Setting::Price { range: range.to_owned() }));
    settings.extend(Language::iter().map(Some).chain([None]).map(|chosen| Setting::Language { chosen }));
    settings.extend([600, 0].map(|popup_seconds| Setting::Popup { popup_seconds }));
    settings
}

pub(super) fn settings() -> Vec<Notice> {
    let lines = || -> Vec<SettingLine> {
        let own = [true, false].into_iter().cycle();
        all_settings().into_iter().zip(own).map(|(setting, own)| SettingLine { setting, own }).collect()
    };
    let mut notices = vec![
        Notice::Contacts { contacts: ContactLineState::iter().map(contact_line).collect() },
        Notice::Contacts { contacts: Vec::new() },
        Notice::Settings { person: Some("none".to_owned()), settings: lines() },
        Notice::Settings { person: None, settings: Vec::new() },
        Notice::SettingChanged { person: Some(person()), settings: lines() },
        Notice::SettingChanged { person: None, settings: lines() },
        Notice::SettingChanged { person: None, settings: Vec::new() },
        Notice::AccountKinds { label: label(), kinds: Kind::iter().collect() },
        Notice::AccountKinds { label: label(), kinds: Vec::new() },
        Notice::LeftAsItIs,
        Notice::Agreed { sharer: "Joy".to_owned() },
        Notice::Declines { sharer: "Joy".to_owned() },
    ];
    for account in [true, false] {
        notices.push(Notice::OrdersAsked { label: label(), kinds: vec![Kind::Sale, Kind::Purchase], account });
    }
    for cards in [1, 2] {
        notices.push(Notice::WithdrawAsked { person: person(), cards });
        notices.push(Notice::WithdrawnAll { cards });
    }
    notices
}

/// Every reason for which a trade belongs to a category.
fn reasons_to_belong() -> Vec<Because> {
    let found = || "*tea*".to_owned();
    vec![
        Because::Taxonomy { text: "Food > Tea".to_owned() },
        Because::Path { found: found(), path: "Food > Tea".to_owned() },
        Because::Title { found: found() },
        Because::Pattern { pattern: "gr(ä|ae)fe?n".to_owned() },
        Because::Price,
    ]
}

fn belongs() -> Vec<BelongsLine> {
    reasons_to_belong().into_iter().map(|because| BelongsLine { name: own_category(), because }).collect()
}

pub(super) fn categories() -> Vec<Notice> {
    let criteria = || "noodles, \"green tea\", /gr(ä|ae)fe?n/".to_owned();
    let lines = || [built_in_category(), own_category()].map(|name| category_line(&name)).to_vec();
    let tested = |categories| TestedLine { title: "Green tea".to_owned(), categories };
    let mut notices = vec![
        Notice::Categories { built_in: lines(), own: lines() },
        Notice::Categories { built_in: Vec::new(), own: Vec::new() },
        Notice::CategoryShown { category: built_in_category(), criteria: String::new(), built_in: true },
        Notice::CategoryShown { category: own_category(), criteria: criteria(), built_in: false },
        Notice::CategoryDeleted { name: "tea".to_owned() },
        Notice::CategoryTested { tested: vec![tested(belongs()), tested(Vec::new())] },
        Notice::CategoryTested { tested: Vec::new() },
    ];
    notices.extend([true, false].map(|changed| Notice::CategorySaved { name: "tea".to_owned(), criteria: criteria(), changed }));
    notices
}

pub(super) fn shared() -> Vec<Notice> {
    let number = Number(12);
    let title = || "Pot".to_owned();
    let line = |contacts, undone| SharedLine { number, title: title(), contacts, undone };
    let decided = |reason| DecidedLine { person: person(), reason };
    let contacts: Vec<DecidedLine> = Unmeant::iter().map(Some).chain([None]).map(decided).collect();
    let mut notices = vec![
        Notice::Recent { trades: vec![line(0, false), line(1, false), line(2, true)] },
        Notice::Recent { trades: Vec::new() },
        Notice::Why { number, title: title(), categories: belongs(), contacts, undone: true },
        Notice::Why { number, title: title(), categories: Vec::new(), contacts: Vec::new(), undone: false },
    ];
    for names in [vec![NameLine { person: person() }], Vec::new()] {
        let CardLine { shop, trade } = card_line(true);
        notices.push(Notice::PurchaseHeld { number, shop, trade: Box::new(trade), contacts: names, hold_seconds: 900 });
    }
    for contacts in [vec![person(), "Linking".to_owned()], Vec::new()] {
        for (beside_name, problem) in [(true, None), (false, Some(Problem::NotFound))] {
            let (CardLine { shop, trade }, contacts) = (card_line(beside_name), contacts.clone());
            let again = |number, changed| {
                let (contacts, problem) = (contacts.clone(), problem.clone());
                Notice::PostedBefore { title: title(), number, contacts, changed, problem }
            };
            notices.extend([again(Some(number), false), again(None, false), again(Some(number), true)]);
            notices.push(Notice::Posted { shop, trade: Box::new(trade), contacts: contacts.clone(), beside_name, problem });
        }
    }
    for contacts in [Unmeant::iter().map(Some).map(decided).collect(), Vec::new()] {
        let CardLine { shop, trade } = card_line(true);
        let categories = if contacts.is_empty() { Vec::new() } else { vec![own_category(), other_category()] };
        notices.push(Notice::PostedToNobody { shop, trade: Box::new(trade), contacts, categories });
    }
    notices.extend([true, false].map(|everything| Notice::PostPaused { number, everything }));
    notices.extend([0, 1, 2].map(|rooms| Notice::Undone { number, title: title(), rooms }));
    notices
}

pub(super) fn receiving() -> Vec<Notice> {
    let user = || "@joy:example.org".to_owned();
    let mutes = || [None, Some(Timestamp::UNIX_EPOCH)].map(|until_at| MuteLine { user: user(), until_at }).to_vec();
    let privacy = |language, sharers, muted| Notice::Privacy { user: user(), language, rooms: 2, accounts: 0, contacts: 1, sharers, muted };
    let sharers = [true, false].map(|on| PrivacyLine { user: user(), name: person(), on }).to_vec();
    vec![
        Notice::SharerMuted { user: user(), until_at: None },
        Notice::SharerMuted { user: user(), until_at: Some(Timestamp::UNIX_EPOCH) },
        Notice::SharerUnmuted { user: user() },
        Notice::EveryoneMuted { until_at: None },
        Notice::EveryoneMuted { until_at: Some(Timestamp::UNIX_EPOCH) },
        Notice::EveryoneUnmuted,
        Notice::EveryoneIsMuted,
        Notice::MutedSharers { sharers: vec![MuteLine { user: MuteLine::EVERYONE.to_owned(), until_at: None }] },
        Notice::MutedSharers { sharers: mutes() },
        Notice::MutedSharers { sharers: Vec::new() },
        privacy(true, sharers, mutes()),
        privacy(false, Vec::new(), Vec::new()),
        Notice::ForgetAsked { accounts: 2, contacts: 3, sharers: 1, own_name: true, cards: 4, own_cards: 1 },
        Notice::ForgetAsked { accounts: 0, contacts: 0, sharers: 0, own_name: false, cards: 0, own_cards: 0 },
        Notice::Exported { files: 1, left_out: 0 },
        Notice::Exported { files: 2, left_out: 1 },
        Notice::FileNotTaken,
        Notice::ForgetPostedAsked { cards: 1 },
        Notice::ForgetPostedAsked { cards: 2 },
        Notice::Forgotten { language: None, cards: 0 },
        Notice::Forgotten { language: Some(Language::English), cards: 1 },
        Notice::Forgotten { language: Some(Language::SimplifiedChinese), cards: 2 },
        Notice::ContactForgotten { number: Number(4), person: person() },
        Notice::OnlyThese { sharer: "Joy".to_owned(), categories: vec![built_in_category(), other_category()] },
        Notice::OnlyThese { sharer: "Joy".to_owned(), categories: Vec::new() },
    ]
}

/// Everything that can be wrong with criteria.
pub(super) fn criteria_problems() -> Vec<CriteriaProblem> {
    let typed = || "x".to_owned();
    let mut problems = vec![
        CriteriaProblem::NothingWanted,
        CriteriaProblem::TooLong { limit: 1_000 },
        CriteriaProblem::TooMany { limit: 50 },
        CriteriaProblem::EmptyWord { typed: typed() },
        CriteriaProblem::NotClosed { typed: typed() },
        CriteriaProblem::Price { typed: typed() },
    ];
    let pattern = |fault| CriteriaProblem::Pattern { before: "gr(ä|ae".to_owned(), after: "fe?n".to_owned(), fault };
    problems.extend(PatternFault::iter().map(pattern));
    problems
}

/// Everything that can be wrong with a setting.
pub(super) fn setting_problems() -> Vec<SettingProblem> {
    let typed = || "x".to_owned();
    vec![
        SettingProblem::Unknown { typed: typed() },
        SettingProblem::Kind { typed: typed() },
        SettingProblem::Output { typed: typed() },
        SettingProblem::Time { typed: typed() },
        SettingProblem::Quiet { typed: typed() },
        SettingProblem::Price { typed: typed() },
        SettingProblem::TimeZone { typed: typed(), nearest: None },
        SettingProblem::TimeZone { typed: typed(), nearest: Some("Europe/Berlin".to_owned()) },
        SettingProblem::Language { typed: typed() },
        SettingProblem::Account { typed: typed() },
        SettingProblem::Duration { typed: typed() },
        SettingProblem::NotForOne,
        SettingProblem::StatusForOne,
    ]
}
