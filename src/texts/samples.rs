//! One of everything that can be said, for tests.

mod accounts;
mod devices;
pub(crate) mod nasty;
mod sharing;

pub(crate) use devices::EMOJI;
pub(crate) use devices::emoji_line;
pub(crate) use sharing::built_in_category;
pub(crate) use sharing::other_category;
pub(crate) use sharing::own_category;
pub(crate) use sharing::panel;

use crate::domain::ids::ExternalId;
use crate::domain::ids::Number;
use crate::domain::ids::SourceId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::notice::AccountLine;
use crate::domain::notice::AccountState;
use crate::domain::notice::CardLine;
use crate::domain::notice::ContactLine;
use crate::domain::notice::ContactLineState;
use crate::domain::notice::DeclineReason;
use crate::domain::notice::DirectProblem;
use crate::domain::notice::Notice;
use crate::domain::notice::PlatformLine;
use crate::domain::notice::PlatformNeeds;
use crate::domain::notice::PreviewLine;
use crate::domain::notice::Speaker;
use crate::domain::notice::Topic;
use crate::domain::problem::FeedLink;
use crate::domain::problem::Problem;
use crate::domain::room::NotDirect;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use iso_currency::Currency;
use jiff::Timestamp;
use sharing::category_line;
use sharing::criteria_problems;
use sharing::setting_problems;
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
        as_of: None,
    }
}

fn preview_line(values: Vec<String>) -> PreviewLine {
    PreviewLine { shop: label(), trade: trade(true), values }
}

pub(crate) fn card_line(full: bool) -> CardLine {
    CardLine { shop: label(), trade: trade(full) }
}

pub(crate) fn account_added(sample: Vec<CardLine>, items: u32) -> Notice {
    Notice::AccountAdded {
        number: Number(1),
        label: label(),
        items,
        interval_seconds: 600,
        sample,
        without_contacts: true,
        more_with_secret: items == 9,
        could_push: items == 8,
        only_polled: items == 9,
    }
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
            pushes: account == AccountState::NeedsSecret,
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
        speaker: Speaker::Bot,
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
    samples.extend(accounts::asked());
    samples.extend(accounts::refusals());
    samples.extend(sharing::panels());
    samples.extend(sharing::settings());
    samples.extend(sharing::categories());
    samples.extend(sharing::shared());
    samples.extend(sharing::receiving());
    samples.extend(devices::encryption());
    samples.extend(devices::own_name());
    samples
}

fn answers() -> Vec<Notice> {
    let sharer = || "Joy".to_owned();
    let platforms = || {
        let line =
            |needs| PlatformLine { platform: "other".to_owned(), name: "Other".to_owned(), kinds: vec![Kind::Listing, Kind::Sale], needs };
        let feed = PlatformLine { platform: "feed".to_owned(), kinds: Vec::new(), ..line(PlatformNeeds::Name) };
        std::iter::once(feed).chain(PlatformNeeds::iter().map(line)).collect()
    };
    let number = Number(2);
    let status = |paused, posted_at, speaker| Notice::Status {
        paused,
        accounts: 3,
        failing: u32::from(paused),
        contacts: 2,
        muted: u32::from(paused),
        waiting: 0,
        posted_at,
        speaker,
    };
    let mut answers = vec![
        Notice::Greeting,
        Notice::HelperGreeting { sharer: sharer() },
        Notice::GuestGreeting,
        Notice::Introduction { sharer: sharer() },
        Notice::OwnIntroduction,
        Notice::OwnConsentAsked,
        Notice::MovedToDirectRoom,
        Notice::Retired,
        Notice::ConsentAsked { sharer: sharer() },
        Notice::Help { topics: Topic::iter().collect() },
        Notice::HelpInDirectRoom,
        Notice::Platforms { platforms: platforms() },
        Notice::Platforms { platforms: Vec::new() },
        account_added(vec![card_line(true)], 3),
        account_added(vec![card_line(false)], 1),
        account_added(Vec::new(), 0),
        account_added(Vec::new(), 8),
        account_added(Vec::new(), 9),
        Notice::AccountKnown { number, label: label() },
        Notice::AccountRemoved { label: label() },
        Notice::List { paused: false, accounts: Vec::new(), contacts: Vec::new() },
        status(true, None, Speaker::Bot),
        status(false, Some(Timestamp::UNIX_EPOCH), Speaker::Bot),
        Notice::Preview { cards: vec![preview_line(vec![person()]), preview_line(Vec::new())] },
        Notice::Preview { cards: Vec::new() },
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
    for speaker in Speaker::iter() {
        answers.push(status(false, None, speaker));
        answers.push(Notice::Contacts { contacts: vec![ContactLine { speaker, ..contact_line(ContactLineState::On) }] });
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
    let line = PlatformLine { platform: "feed".to_owned(), name: "RSS".to_owned(), kinds: vec![Kind::Listing], needs: PlatformNeeds::Name };
    let platforms = vec![line];
    let mut refusals = vec![
        Notice::UnknownCommand { typed: typed(), nearest: None },
        Notice::NotPermitted { user: typed() },
        Notice::SharingDisabled,
        Notice::TooManyToday { limit: 20 },
        Notice::TooManyInAll,
        Notice::ContactBlocked,
        Notice::AskAlone,
        Notice::CardsWait { everybody: false, until_at: Timestamp::UNIX_EPOCH },
        Notice::CardsWait { everybody: true, until_at: Timestamp::UNIX_EPOCH },
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
        Notice::StatusNeedsOwnName,
        Notice::StatusSeenByAll,
        Notice::NothingAsked,
        Notice::UnknownTrade { typed: typed() },
        Notice::NothingShared,
        Notice::LinkNotPosted { typed: typed() },
        Notice::WrongPrice { typed: typed() },
        Notice::NothingToLookAt { label: label() },
        Notice::NoUser { typed: typed() },
        Notice::NoUser { typed: String::new() },
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
    for needs_title in [true, false] {
        refusals.extend(problems().map(|problem| Notice::PostRefused { typed: typed(), problem, needs_title }));
    }
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
