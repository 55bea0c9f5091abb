//! One of everything that can be said, for tests.

use crate::domain::category::Because;
use crate::domain::ids::ExternalId;
use crate::domain::ids::Number;
use crate::domain::ids::SourceId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::notice::AccountLine;
use crate::domain::notice::AccountState;
use crate::domain::notice::BelongsLine;
use crate::domain::notice::CardLine;
use crate::domain::notice::CategoryLine;
use crate::domain::notice::CategoryName;
use crate::domain::notice::ContactLine;
use crate::domain::notice::ContactLineState;
use crate::domain::notice::CriteriaProblem;
use crate::domain::notice::DecidedLine;
use crate::domain::notice::DeclineReason;
use crate::domain::notice::DirectProblem;
use crate::domain::notice::MuteLine;
use crate::domain::notice::NameLine;
use crate::domain::notice::Names;
use crate::domain::notice::Notice;
use crate::domain::notice::PanelLine;
use crate::domain::notice::PanelName;
use crate::domain::notice::PanelPart;
use crate::domain::notice::PanelSection;
use crate::domain::notice::PatternFault;
use crate::domain::notice::PlatformLine;
use crate::domain::notice::PrivacyLine;
use crate::domain::notice::Setting;
use crate::domain::notice::SettingLine;
use crate::domain::notice::SettingProblem;
use crate::domain::notice::SharedLine;
use crate::domain::notice::TestedLine;
use crate::domain::notice::Topic;
use crate::domain::problem::FeedLink;
use crate::domain::problem::Problem;
use crate::domain::room::NotDirect;
use crate::domain::settings::Output;
use crate::domain::sharer::Language;
use crate::domain::sharer::Unmeant;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use iso_currency::Currency;
use jiff::Timestamp;
use strum::IntoEnumIterator;

fn trade(full: bool) -> Trade {
    let link = url::Url::parse("https://tea.example/pot").unwrap();
    Trade {
        source: SourceId::new("feed:tea"),
        kind: Kind::Listing,
        external_id: ExternalId::new("1"),
        revision: 0,
        title: Line::title("Pot"),
        price: full.then(|| Price::new("12.5".parse().unwrap(), Currency::EUR)),
        quantity: None,
        available: None,
        link: full.then(|| PublicLink::new(link, false).unwrap()),
        image: None,
        categories: Vec::new(),
        occurred_at: None,
        seen_at: Timestamp::UNIX_EPOCH,
    }
}

pub(crate) fn card_line(full: bool) -> CardLine {
    CardLine { shop: label(), trade: trade(full) }
}

pub(crate) fn account_added(sample: Vec<CardLine>, items: u32) -> Notice {
    Notice::AccountAdded { number: Number(1), label: label(), items, interval_seconds: 600, sample, without_contacts: true }
}

pub(crate) fn list(account: AccountState, contact: ContactLineState) -> Notice {
    let failing = account == AccountState::Failing;
    Notice::List {
        paused: failing,
        accounts: vec![AccountLine {
            number: Number(1),
            label: label(),
            platform: "feed".to_owned(),
            name: "https://tea.example/feed".to_owned(),
            state: account,
            failures: 3,
            problem: failing.then_some(Problem::TooLarge { limit_bytes: 10_000_000 }),
            answered_at: failing.then(|| "2026-03-05T07:08:09Z".parse().unwrap()),
        }],
        contacts: vec![contact_line(contact)],
    }
}

fn contact_line(state: ContactLineState) -> ContactLine {
    let stopped = state == ContactLineState::Stopped;
    ContactLine {
        number: Number(2),
        person: person(),
        user: "@mary:example.org".to_owned(),
        state,
        reason: stopped.then(|| NotDirect::OthersPresent.into()),
        until_at: (state == ContactLineState::Muted).then_some(Timestamp::UNIX_EPOCH),
    }
}

fn label() -> String {
    "Tea *house*".to_owned()
}

fn person() -> String {
    "Mary".to_owned()
}

/// At least one of every notice, and one of each value inside them.
pub(crate) fn samples() -> Vec<Notice> {
    let mut samples = answers();
    samples.extend(refusals());
    samples.extend(unasked());
    samples.extend(panels());
    samples.extend(settings());
    samples.extend(categories());
    samples.extend(shared());
    samples.extend(receiving());
    samples
}

fn answers() -> Vec<Notice> {
    let sharer = || "Joy".to_owned();
    let platforms = || {
        let platform = |name: &str| PlatformLine { platform: name.to_owned() };
        vec![platform("feed"), platform("other")]
    };
    let number = Number(2);
    let status = |paused, posted_at| Notice::Status {
        paused,
        accounts: 3,
        failing: u32::from(paused),
        contacts: 2,
        muted: u32::from(paused),
        waiting: 0,
        posted_at,
    };
    let mut answers = vec![
        Notice::Greeting,
        Notice::HelperGreeting { sharer: sharer() },
        Notice::GuestGreeting,
        Notice::Introduction { sharer: sharer() },
        Notice::ConsentAsked { sharer: sharer() },
        Notice::Help { topics: Topic::iter().collect() },
        Notice::HelpInDirectRoom,
        Notice::Platforms { platforms: platforms() },
        Notice::Platforms { platforms: Vec::new() },
        account_added(vec![card_line(true)], 3),
        account_added(vec![card_line(false)], 1),
        account_added(Vec::new(), 0),
        Notice::AccountKnown { number, label: label() },
        Notice::AccountRemoved { label: label() },
        Notice::List { paused: false, accounts: Vec::new(), contacts: Vec::new() },
        status(true, None),
        status(false, Some(Timestamp::UNIX_EPOCH)),
        Notice::Preview { cards: vec![card_line(true), card_line(false)], contacts: vec![NameLine { person: person() }] },
        Notice::Preview { cards: Vec::new(), contacts: Vec::new() },
        Notice::NotSharingWith { person: person() },
        Notice::AllPaused,
        Notice::AllResumed,
        Notice::OnePaused { label: label() },
        Notice::OneResumed { label: label() },
        Notice::LookingNow { accounts: 1 },
        Notice::LookingNow { accounts: 2 },
        Notice::Version { version: "0.1.0".to_owned() },
        Notice::LanguageChanged,
        Notice::Muted { sharer: sharer(), until_at: None },
        Notice::Muted { sharer: sharer(), until_at: Some(Timestamp::UNIX_EPOCH) },
        Notice::Unmuted { sharer: sharer() },
    ];
    answers.extend(Topic::iter().map(|topic| Notice::HelpTopic { topic }));
    for account in AccountState::iter() {
        for contact in ContactLineState::iter() {
            answers.push(list(account, contact));
        }
    }
    for yes in [true, false] {
        answers.push(Notice::SharingWith { number, person: person(), without_accounts: yes, asked: false, declined: false });
        answers.push(Notice::SharingWith { number, person: person(), without_accounts: false, asked: !yes, declined: yes });
        for until_at in [None, Some(Timestamp::UNIX_EPOCH)] {
            let only = if yes { vec![own_category()] } else { Vec::new() };
            answers.push(Notice::ContactStatus { sharer: sharer(), muted: yes, until_at, only, asked: yes && until_at.is_none() });
        }
    }
    answers
}

fn refusals() -> Vec<Notice> {
    let typed = || "x".to_owned();
    let platforms = vec![PlatformLine { platform: "feed".to_owned() }];
    let mut refusals = vec![
        Notice::UnknownCommand { typed: typed(), nearest: None },
        Notice::NotPermitted { user: typed() },
        Notice::UnknownPlatform { typed: typed(), platforms },
        Notice::SecretNotTaken { platform: typed() },
        Notice::TooMany { limit: 100 },
        Notice::UnknownNumber { typed: typed() },
        Notice::NoAccounts,
        Notice::UnknownContact { typed: typed() },
        Notice::HereNeedsDirectRoom,
        Notice::SecretInDirectRoom,
        Notice::NobodySharesHere,
        Notice::OnlyForSharers,
        Notice::TryAgain,
        Notice::TooFast,
        Notice::AmbiguousContact { typed: typed(), contacts: vec![contact_line(ContactLineState::On)] },
        Notice::UnknownCategory { typed: typed(), categories: vec![category_line(&built_in_category()), category_line(&own_category())] },
        Notice::CategoryKnown { name: typed(), built_in: true },
        Notice::CategoryKnown { name: typed(), built_in: false },
        Notice::CategoryName { typed: typed() },
        Notice::OrdersNeedContact,
        Notice::StatusNotYet,
        Notice::NothingAsked,
        Notice::UnknownTrade { typed: typed() },
        Notice::NothingShared,
        Notice::NoUser { typed: typed() },
        Notice::Full,
    ];
    refusals.extend(criteria_problems().into_iter().map(|reason| Notice::WrongCriteria { reason }));
    refusals.extend(setting_problems().into_iter().map(|reason| Notice::WrongSetting { reason }));
    for topic in Topic::iter() {
        refusals.push(Notice::UnknownCommand { typed: typed(), nearest: Some(topic) });
        refusals.push(Notice::WrongUsage { topic });
        refusals.push(Notice::NotInDirectRoom { topic });
        refusals.push(Notice::TooLate { topic });
    }
    refusals.extend(problems().map(|problem| Notice::AccountRefused { typed: typed(), problem }));
    refusals.extend(reasons().map(|reason| Notice::NotDirectRoom { reason }));
    refusals.extend(DeclineReason::iter().map(|reason| Notice::Declined { reason }));
    refusals
}

fn unasked() -> Vec<Notice> {
    let number = Number(2);
    let mut unasked = vec![
        Notice::RoomFollowed { person: person() },
        Notice::RoomBroken { number, person: person() },
        Notice::RoomEncrypted { number, person: person() },
        Notice::ContactAgreed { number, person: person() },
        Notice::ContactDeclined { number, person: person() },
        Notice::BoardNotPinned { number, person: person() },
    ];
    unasked.extend(reasons().map(|reason| Notice::ContactStopped { number, person: person(), reason }));
    unasked.extend(problems().map(|problem| Notice::AccountFailing { number, label: label(), problem }));
    unasked
}

fn reasons() -> impl Iterator<Item = DirectProblem> {
    NotDirect::iter().map(DirectProblem::from)
}

fn problems() -> impl Iterator<Item = Problem> {
    let feeds = ["News", ""].map(|title| FeedLink { address: "https://tea.example/feed".to_owned(), title: title.to_owned() });
    Problem::iter().chain([Problem::PageWithFeeds { feeds: feeds.to_vec() }])
}

pub(crate) fn built_in_category() -> CategoryName {
    CategoryName { category: "home-goods".to_owned(), names: Names { en: "home goods".to_owned(), zh_cn: "家居用品".to_owned() } }
}

pub(crate) fn own_category() -> CategoryName {
    CategoryName { category: "tea".to_owned(), names: Names { en: "**Tea**".to_owned(), zh_cn: "**Tea**".to_owned() } }
}

pub(crate) fn other_category() -> CategoryName {
    CategoryName { category: "other".to_owned(), names: Names { en: "x".to_owned(), zh_cn: "x".to_owned() } }
}

fn category_line(name: &CategoryName) -> CategoryLine {
    CategoryLine { name: name.clone(), criteria: "none".to_owned(), on: name.category == "tea" }
}

/// A panel with every section and every name; `contact` for one contact.
pub(crate) fn panel(contact: bool, pages: u32) -> Notice {
    let sections = PanelPart::iter().map(|section| PanelSection { section, rows: rows(section) }).collect();
    Notice::Panel { person: contact.then(person), sections, page: 1, pages }
}

fn rows(section: PanelPart) -> Vec<PanelLine> {
    let names = match section {
        PanelPart::Platforms => vec![
            PanelName::Account { label: label(), platform: "feed".to_owned() },
            PanelName::Platform { platform: "taobao".to_owned(), asks: true },
        ],
        PanelPart::Contacts => [false, true].map(|muted| PanelName::Contact { person: person(), muted }).to_vec(),
        PanelPart::Categories => {
            [built_in_category(), own_category(), other_category()].map(|category| PanelName::Category { category }).to_vec()
        }
        PanelPart::Kinds => Kind::iter().map(|kind| PanelName::Kind { kind }).collect(),
        PanelPart::Outputs => Output::iter().map(|output| PanelName::Output { output }).collect(),
    };
    (1..).zip(names).map(|(key, name)| PanelLine { key, on: key == 1, name }).collect()
}

fn panels() -> Vec<Notice> {
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
pub(crate) fn all_settings() -> Vec<Setting> {
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

fn settings() -> Vec<Notice> {
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
pub(crate) fn reasons_to_belong() -> Vec<Because> {
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

fn categories() -> Vec<Notice> {
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

fn shared() -> Vec<Notice> {
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
        notices.push(Notice::PurchaseHeld { number, shop, trade, contacts: names, hold_seconds: 900 });
    }
    notices.extend([0, 1, 2].map(|rooms| Notice::Undone { number, title: title(), rooms }));
    notices
}

fn receiving() -> Vec<Notice> {
    let user = || "@joy:example.org".to_owned();
    let mutes = || [None, Some(Timestamp::UNIX_EPOCH)].map(|until_at| MuteLine { user: user(), until_at }).to_vec();
    let privacy = |language, sharers, muted| Notice::Privacy { user: user(), language, rooms: 2, accounts: 0, contacts: 1, sharers, muted };
    let sharers = [true, false].map(|on| PrivacyLine { user: user(), name: person(), on }).to_vec();
    vec![
        Notice::SharerMuted { user: user(), until_at: None },
        Notice::SharerMuted { user: user(), until_at: Some(Timestamp::UNIX_EPOCH) },
        Notice::SharerUnmuted { user: user() },
        Notice::MutedSharers { sharers: mutes() },
        Notice::MutedSharers { sharers: Vec::new() },
        privacy(true, sharers, mutes()),
        privacy(false, Vec::new(), Vec::new()),
        Notice::OnlyThese { sharer: "Joy".to_owned(), categories: vec![built_in_category(), other_category()] },
        Notice::OnlyThese { sharer: "Joy".to_owned(), categories: Vec::new() },
    ]
}

/// Everything that can be wrong with criteria.
pub(crate) fn criteria_problems() -> Vec<CriteriaProblem> {
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
pub(crate) fn setting_problems() -> Vec<SettingProblem> {
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
    ]
}
