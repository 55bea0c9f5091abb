//! `help`, `list`, `status`, `preview`, `version`, `language`: what a person can see of her sharing.

use super::Message;
use super::Outcome;
use crate::actions::Actions;
use crate::actions::Export;
use crate::actions::Rejection;
use crate::domain::delivery::Lane;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::What;
use crate::domain::ids::UserId;
use crate::domain::notice::AccountLine;
use crate::domain::notice::AccountState;
use crate::domain::notice::ContactLine;
use crate::domain::notice::ContactLineState;
use crate::domain::notice::Notice;
use crate::domain::notice::PreviewLine;
use crate::domain::notice::Speaker;
use crate::domain::notice::Topic;
use crate::domain::own_name::DeviceState;
use crate::domain::own_name::Identity;
use crate::domain::room::NotDirect;
use crate::domain::room::Room;
use crate::domain::sharer::Account;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Language;
use crate::domain::sharer::Sharer;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::domain::source::SubscriptionState;
use crate::domain::trade::Trade;
use crate::store::Commit;
use jiff::Timestamp;
use strum::IntoEnumIterator;

/// How many cards a preview shows at the most, and of how many accounts.
const PREVIEW: usize = 5;
/// How many waiting messages are counted for a contact.
const COUNTED: usize = 1_000;

pub(super) fn help(topic: Option<Topic>) -> Outcome {
    Outcome::answer(topic.map_or_else(|| Notice::Help { topics: Topic::iter().collect() }, |topic| Notice::HelpTopic { topic }))
}

pub(super) fn version() -> Outcome {
    Outcome::answer(Notice::Version { version: env!("CARGO_PKG_VERSION").to_owned() })
}

pub(super) async fn set_language(actions: &Actions, user: &UserId, language: Language) -> Result<Outcome, Rejection> {
    let mut sharer = actions.sharer(user).await?;
    sharer.language = Some(language);
    Ok(Outcome::change(Commit { sharers: vec![sharer], ..Commit::default() }, Notice::LanguageChanged))
}

pub(super) async fn list(actions: &Actions, user: &UserId, now: Timestamp) -> Result<Outcome, Rejection> {
    let sharer = actions.sharer(user).await?;
    let mut accounts = Vec::new();
    for account in &sharer.accounts {
        accounts.push(account_line(account, actions.store().source(&account.source).await?));
    }
    let contacts = contact_lines(actions, &sharer, now).await?;
    Ok(Outcome::answer(Notice::List { paused: sharer.paused, accounts, contacts }))
}

/// How her contacts stand.
pub(super) async fn contact_lines(actions: &Actions, sharer: &Sharer, now: Timestamp) -> Result<Vec<ContactLine>, Rejection> {
    let mut contacts = Vec::new();
    for contact in &sharer.contacts {
        contacts.push(contact_line(actions, sharer, contact, actions.store().room(&contact.room).await?.as_ref(), now));
    }
    Ok(contacts)
}

fn account_line(account: &Account, source: Option<Source>) -> AccountLine {
    let push = source.as_ref().and_then(|source| source.push.clone());
    let (name, answered_at, failure) = source.map_or_else(Default::default, |source| (source.name, source.answered_at, source.failure));
    AccountLine {
        number: account.number,
        label: account.label.to_string(),
        platform: account.platform.to_string(),
        name,
        state: match (account.paused, &failure) {
            _ if push.as_ref().is_some_and(|push| push.state == SubscriptionState::Unconfirmed) => AccountState::Unconfirmed,
            (true, _) => AccountState::Paused,
            _ if account.needs_secret => AccountState::NeedsSecret,
            (false, Some(_)) => AccountState::Failing,
            (false, None) => AccountState::Active,
        },
        failures: failure.as_ref().map_or(0, |failure| failure.attempts),
        problem: failure.map(|failure| failure.problem),
        answered_at,
        pushes: push.is_some_and(|push| push.sends()),
    }
}

fn contact_line(actions: &Actions, sharer: &Sharer, contact: &Contact, room: Option<&Room>, now: Timestamp) -> ContactLine {
    let state = match contact.state {
        ContactState::Stopped { .. } => ContactLineState::Stopped,
        ContactState::Off => ContactLineState::Off,
        // What the contact said comes before what the sharer did.
        _ if contact.is_muted(now) => ContactLineState::Muted,
        _ if contact.consent == Consent::Asked => ContactLineState::Asked,
        _ if contact.consent == Consent::Refused => ContactLineState::Declined,
        ContactState::Paused => ContactLineState::Paused,
        ContactState::On => match room {
            Some(room) if room.replaced_by.is_some() => ContactLineState::Stopped,
            Some(room) if room.encrypted && !actions.encrypts => ContactLineState::Encrypted,
            Some(room) if room.broken_since_at.is_some() => ContactLineState::Broken,
            _ => ContactLineState::On,
        },
    };
    let reason = match contact.state {
        ContactState::Stopped { reason } => Some(reason.into()),
        ContactState::On if state == ContactLineState::Stopped => Some(NotDirect::Replaced.into()),
        _ => None,
    };
    let until_at = contact.mute.filter(|_| state == ContactLineState::Muted).and_then(|mute| mute.until_at);
    let person = contact.name.to_string();
    let is_own = !contact.is_off() && sharer.identity_for(contact) == Identity::Sharer;
    let speaker = if is_own { speaker_of(sharer, room.is_some_and(|room| room.encrypted)) } else { Speaker::Bot };
    ContactLine { number: contact.number, person, user: contact.person.to_string(), state, reason, until_at, speaker }
}

/// In whose name she shares, and whether her device is in the way; in a room that is not encrypted none
/// has to be verified.
fn speaker_of(sharer: &Sharer, encrypted: bool) -> Speaker {
    let device = sharer.own_name.as_ref().map(|own_name| own_name.device.as_ref().map(|device| device.state));
    match device {
        None => Speaker::Bot,
        Some(Some(DeviceState::Gone)) => Speaker::Gone,
        Some(Some(DeviceState::Plain | DeviceState::Unverified)) if encrypted => Speaker::Unverified,
        Some(_) => Speaker::Sharer,
    }
}

pub(super) async fn status(actions: &Actions, user: &UserId, now: Timestamp) -> Result<Outcome, Rejection> {
    let sharer = actions.sharer(user).await?;
    let mut failing = 0;
    for account in &sharer.accounts {
        let source = actions.store().source(&account.source).await?;
        failing += u32::from(source.is_some_and(|source| source.failure.is_some()));
    }
    let (mut waiting, mut posted_at, mut has_encrypted) = (0, None, false);
    for contact in &sharer.contacts {
        for lane in [Lane::Cards, Lane::Gathered, Lane::Board, Lane::Alone] {
            let deliveries = actions.store().waiting(&contact.room, lane, COUNTED).await?;
            waiting += count(deliveries.iter().filter(|delivery| delivery.what.sharer() == Some(user)));
        }
        let room = actions.store().room(&contact.room).await?;
        has_encrypted |= !contact.is_off() && room.is_some_and(|room| room.encrypted);
        let last = actions.store().last_posting(&contact.room).await?.map(|posting| posting.posted_at);
        posted_at = posted_at.max(last);
    }
    Ok(Outcome::answer(Notice::Status {
        paused: sharer.paused,
        accounts: count(sharer.accounts.iter().filter(|account| !account.paused)),
        failing,
        contacts: count(sharer.contacts.iter().filter(|contact| contact.state == ContactState::On)),
        muted: count(sharer.contacts.iter().filter(|contact| contact.is_muted(now))),
        waiting,
        posted_at,
        speaker: speaker_of(&sharer, has_encrypted),
    }))
}

pub(super) async fn preview(actions: &Actions, user: &UserId, now: Timestamp) -> Result<Outcome, Rejection> {
    let sharer = actions.sharer(user).await?;
    if sharer.accounts.is_empty() {
        return Err(Notice::NoAccounts.into());
    }
    let mut found = Vec::new();
    for account in sharer.accounts.iter().take(PREVIEW) {
        found.extend(items_of(actions, account, now).await?);
    }
    found.sort_by_key(|(_, trade)| std::cmp::Reverse(trade.order_at()));
    found.truncate(PREVIEW);
    let line = |(shop, trade): (String, Trade)| PreviewLine { values: actions.receivers(&sharer, &trade, now), shop, trade };
    Ok(Outcome::answer(Notice::Preview { cards: found.into_iter().map(line).collect() }))
}

/// What is stored of her, as files in the room where she is alone with the bot.
pub(super) async fn export(actions: &Actions, message: &Message, now: Timestamp) -> Result<Outcome, Rejection> {
    let Export { files, left_out } = actions.export(&message.sender, now).await?;
    let notice = Notice::Exported { files: count(files.iter()), left_out };
    let file = |(name, content)| {
        let what = What::File { to: message.event.clone(), reader: message.sender.clone(), name, content };
        NewDelivery::in_room(message.room.id.clone(), what, now)
    };
    let commit = Commit { deliveries: files.into_iter().map(file).collect(), ..Commit::default() };
    Ok(Outcome { commit, ..Outcome::answer(notice) })
}

/// What stands at an account now, fetched afresh; nothing where it cannot be read.
async fn items_of(actions: &Actions, account: &Account, now: Timestamp) -> Result<Vec<(String, Trade)>, Rejection> {
    let source = actions.store().source(&account.source).await?;
    let Some(mut source) = source else { return Ok(Vec::new()) };
    if actions.intake.keep_fresh(&mut source, now).await.is_err() {
        return Ok(Vec::new());
    }
    match actions.intake.fetch(&Source { cursor: None, ..source }, now).await {
        Ok(Fetched::Changed { trades, .. }) => Ok(trades.into_iter().map(|trade| (account.label.to_string(), trade)).collect()),
        Ok(Fetched::Unchanged) | Err(_) => Ok(Vec::new()),
    }
}

fn count<T>(things: impl Iterator<Item = T>) -> u32 {
    u32::try_from(things.count()).unwrap_or(u32::MAX)
}
