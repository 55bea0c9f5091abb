//! `contacts`, `with`, `without`, `set`, `pause`, `resume`: with whom a sharer shares what.

use super::Message;
use super::Outcome;
use super::Place;
use super::command::Who;
use super::set::Set;
use super::show;
use crate::actions::Actions;
use crate::actions::Change;
use crate::actions::Rejection;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::notice::SettingProblem;
use crate::domain::own_name::Identity;
use crate::domain::settings::Output;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Contact;
use crate::store::Commit;
use jiff::Timestamp;

/// Her direct rooms, those in which nothing is shared too.
pub(super) async fn list(actions: &Actions, user: &UserId, now: Timestamp) -> Result<Outcome, Rejection> {
    let (sharer, is_new) = actions.with_rooms(user).await?;
    let contacts = show::contact_lines(actions, &sharer, now).await?;
    let sharers = if is_new { vec![sharer] } else { Vec::new() };
    // New ones get their numbers by this; it is still no more than an answer.
    Ok(Outcome { commit: Commit { sharers, ..Commit::default() }, ..Outcome::answer(Notice::Contacts { contacts }) })
}

pub(super) async fn with(actions: &Actions, message: &Message, who: &Who, now: Timestamp) -> Result<Outcome, Rejection> {
    let (room, person) = match (&message.place, who) {
        (Place::Direct { other }, Who::Here) => (message.room.clone(), other.clone()),
        (Place::Management, Who::Here) => return Err(Notice::HereNeedsDirectRoom.into()),
        (_, Who::User(person)) if is_own(actions, &message.sender, person).await? => {
            let (commit, notice) = actions.approach(&message.sender, person, now).await?;
            return Ok(Outcome::change(commit, notice));
        }
        _ => {
            let Contact { room, person, .. } = known(actions, &message.sender, who, now).await?;
            let room = actions.store().room(&room).await?.ok_or_else(|| unknown(who))?;
            if actions.is_begun_as_self(&message.sender, &room).await? {
                let (commit, notice) = actions.approach(&message.sender, &person, now).await?;
                return Ok(Outcome::change(commit, notice));
            }
            (room, person)
        }
    };
    let (commit, contact, sharer) = actions.share_with(&message.sender, &person, &room, now).await?;
    let notice = Notice::SharingWith {
        number: contact.number,
        person: contact.name.to_string(),
        without_accounts: sharer.accounts.is_empty(),
        asked: contact.consent == Consent::Asked,
        declined: contact.consent == Consent::Refused,
    };
    Ok(Outcome::change(commit, notice))
}

/// Whether the direct room with `person` is to be looked for as the sharer: she shares with her in her
/// own name, or is to.
async fn is_own(actions: &Actions, user: &UserId, person: &UserId) -> Result<bool, Rejection> {
    let (sharer, _) = actions.with_rooms(user).await?;
    let mut theirs = sharer.contacts.iter().filter(|contact| contact.person == *person);
    Ok(sharer.own_name.is_some() && theirs.all(|contact| sharer.identity_for(contact) == Identity::Sharer))
}

/// Stops sharing, and asks whether what was posted is to be withdrawn too.
pub(super) async fn without(actions: &Actions, message: &Message, who: &Who, now: Timestamp) -> Result<Outcome, Rejection> {
    let user = &message.sender;
    let room = match (&message.place, who) {
        (Place::Direct { .. }, Who::Here) => message.room.id.clone(),
        (Place::Management, Who::Here) => return Err(Notice::HereNeedsDirectRoom.into()),
        _ => known(actions, user, who, now).await?.room,
    };
    let (mut commit, contact, mut sharer) = actions.stop_sharing_in(user, &room, now).await?;
    let person = contact.name.to_string();
    let mut replies = vec![Notice::NotSharingWith { person: person.clone() }];
    let cards = actions.posted_in(user, &room).await?;
    if cards > 0 {
        Actions::ask_to_withdraw(&mut sharer, &room, now);
        commit.sharers = vec![sharer];
        replies.push(Notice::WithdrawAsked { person, cards });
    }
    Ok(Outcome { commit, replies, is_change: true, openly: None })
}

/// Shows or changes settings: for a contact, for an account, or for all. In a direct room its contact is meant.
pub(super) async fn set(actions: &Actions, message: &Message, set: &Set, now: Timestamp) -> Result<Outcome, Rejection> {
    let user = &message.sender;
    let room = match (&set.whom, &message.place) {
        (Some(Who::Number(number)), _) if actions.sharer(user).await?.accounts.iter().any(|account| account.number == *number) => {
            return of_account(actions, user, *number, set.change.as_ref(), now).await;
        }
        (Some(who), _) => Some(known(actions, user, who, now).await?.room),
        (None, Place::Direct { .. }) => Some(message.room.id.clone()),
        (None, Place::Management) => None,
    };
    let Some(change) = &set.change else {
        return Ok(Outcome::answer(actions.settings(user, room.as_ref()).await?));
    };
    let (commit, notice) = actions.set(user, room.as_ref(), change, now).await?;
    let mut outcome = Outcome::change(commit, notice);
    if matches!(change, Change::Outputs(outputs) if outputs.contains(&Output::Status)) {
        outcome.replies.push(Notice::StatusSeenByAll);
    }
    Ok(outcome)
}

/// Of an account only the kinds can be set.
async fn of_account(
    actions: &Actions,
    user: &UserId,
    number: Number,
    change: Option<&Change>,
    now: Timestamp,
) -> Result<Outcome, Rejection> {
    let Some(Change::Kinds(kinds)) = change else {
        return Err(Notice::WrongSetting { reason: SettingProblem::NotForOne }.into());
    };
    let (commit, notice) = actions.account_kinds(user, number, kinds, now).await?;
    Ok(Outcome::change(commit, notice))
}

pub(super) async fn pause(
    actions: &Actions,
    message: &Message,
    number: Option<Number>,
    paused: bool,
    now: Timestamp,
) -> Result<Outcome, Rejection> {
    let user = &message.sender;
    match (&message.place, number) {
        (Place::Direct { .. }, _) => {
            let commit = actions.pause_in(user, &message.room.id, paused).await?;
            Ok(Outcome { commit, is_change: true, ..Outcome::default() })
        }
        (Place::Management, None) => {
            let commit = actions.pause_all(user, paused, now).await?;
            Ok(Outcome::change(commit, if paused { Notice::AllPaused } else { Notice::AllResumed }))
        }
        (Place::Management, Some(number)) => {
            let (commit, label) = actions.pause_one(user, number, paused, now).await?;
            Ok(Outcome::change(commit, if paused { Notice::OnePaused { label } } else { Notice::OneResumed { label } }))
        }
    }
}

/// The sharer's contact that `who` names, in whatever state it is; direct rooms in which nothing was
/// shared yet count too.
pub(super) async fn known(actions: &Actions, user: &UserId, who: &Who, now: Timestamp) -> Result<Contact, Rejection> {
    let (sharer, _) = actions.with_rooms(user).await?;
    let fits = |contact: &&Contact| match who {
        Who::Here => false,
        Who::Number(number) => contact.number == *number,
        Who::User(person) => contact.person == *person,
        Who::Name(name) => contact.name.as_str().to_lowercase() == name.to_lowercase() || contact.person.localpart() == name,
    };
    let found: Vec<&Contact> = sharer.contacts.iter().filter(fits).collect();
    let is_one_person = found.iter().all(|contact| contact.person == found[0].person);
    match found.as_slice() {
        [contact] => Ok((*contact).clone()),
        // Several rooms with one person: of those in which she shares, the one that is in use.
        [first, ..] if is_one_person => {
            let sharing: Vec<&&Contact> = found.iter().filter(|contact| !contact.is_off()).collect();
            let candidates = if sharing.is_empty() { found.iter().collect() } else { sharing };
            let rooms: Vec<&RoomId> = candidates.iter().map(|contact| &contact.room).collect();
            let newest = newest(actions, &rooms).await?;
            Ok(newest.and_then(|room| sharer.contact_in(&room)).unwrap_or(first).clone())
        }
        [] => match who {
            Who::Number(number) => Err(Notice::UnknownNumber { typed: number.to_string() }.into()),
            _ => Err(unknown(who)),
        },
        _ => {
            let mut contacts = show::contact_lines(actions, &sharer, now).await?;
            contacts.retain(|line| found.iter().any(|contact| contact.number == line.number));
            Err(Notice::AmbiguousContact { typed: typed(who), contacts }.into())
        }
    }
}

async fn newest(actions: &Actions, rooms: &[&RoomId]) -> Result<Option<RoomId>, Rejection> {
    let mut known = Vec::new();
    for room in rooms {
        known.extend(actions.store().room(room).await?);
    }
    Ok(known.into_iter().max_by_key(|room| room.active_at).map(|room| room.id))
}

fn unknown(who: &Who) -> Rejection {
    Notice::UnknownContact { typed: typed(who) }.into()
}

fn typed(who: &Who) -> String {
    match who {
        Who::Here => String::new(),
        Who::Number(number) => number.to_string(),
        Who::User(user) => user.to_string(),
        Who::Name(name) => name.clone(),
    }
}
