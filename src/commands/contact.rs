//! `with`, `without`, `pause`, `resume`, and the contact's own `mute`, `unmute`, `status`.

use super::Message;
use super::Outcome;
use super::Place;
use super::parse::Who;
use super::show;
use crate::actions::Actions;
use crate::actions::Rejection;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::sharer::Contact;
use jiff::Timestamp;

pub(super) async fn with(actions: &Actions, message: &Message, who: &Who) -> Result<Outcome, Rejection> {
    let (room, person) = match (&message.place, who) {
        (Place::Direct { other }, Who::Here) => (message.room.clone(), other.clone()),
        (Place::Management, Who::Here) => return Err(Notice::HereNeedsDirectRoom.into()),
        _ => {
            let Contact { room, person, .. } = known(actions, &message.sender, who).await?;
            let room = actions.store().room(&room).await?.ok_or_else(|| unknown(who))?;
            (room, person)
        }
    };
    let (commit, contact, sharer) = actions.share_with(&message.sender, &person, &room).await?;
    let without_accounts = sharer.accounts.is_empty();
    let notice = Notice::SharingWith { number: contact.number, person: contact.name.to_string(), without_accounts };
    Ok(Outcome::change(commit, notice))
}

pub(super) async fn without(actions: &Actions, message: &Message, who: &Who) -> Result<Outcome, Rejection> {
    let room = match (&message.place, who) {
        (Place::Direct { .. }, Who::Here) => message.room.id.clone(),
        (Place::Management, Who::Here) => return Err(Notice::HereNeedsDirectRoom.into()),
        _ => known(actions, &message.sender, who).await?.room,
    };
    let (commit, contact) = actions.stop_sharing_in(&message.sender, &room).await?;
    Ok(Outcome::change(commit, Notice::NotSharingWith { person: contact.name.to_string() }))
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

pub(super) async fn mute(actions: &Actions, message: &Message, muted: bool, now: Timestamp) -> Result<Outcome, Rejection> {
    let (commit, sharer) = actions.mute(&message.sender, &message.room.id, muted, now).await?;
    let sharer = message.room.name_of(&sharer.id).to_string();
    let notice = if muted { Notice::Muted { sharer } } else { Notice::Unmuted { sharer } };
    Ok(Outcome { commit, openly: Some(notice), is_change: true, replies: Vec::new() })
}

/// How it stands for the contact; for a sharer with whom nobody shares here, how her own sharing stands.
pub(super) async fn status(actions: &Actions, message: &Message, now: Timestamp) -> Result<Outcome, Rejection> {
    match actions.sharer_for(&message.sender, &message.room.id).await {
        Ok(sharer) => {
            let muted = sharer.contact_in(&message.room.id).is_some_and(|contact| contact.is_muted(now));
            let notice = Notice::ContactStatus {
                sharer: message.room.name_of(&sharer.id).to_string(),
                muted,
                until_at: None,
                only: Vec::new(),
                asked: false,
            };
            Ok(Outcome { openly: Some(notice), ..Outcome::default() })
        }
        Err(Rejection::Refused(_)) => show::status(actions, &message.sender, now).await,
        Err(error) => Err(error),
    }
}

/// The sharer's contact that `who` names, in whatever state it is.
async fn known(actions: &Actions, user: &UserId, who: &Who) -> Result<Contact, Rejection> {
    let sharer = actions.sharer(user).await?;
    let fits = |contact: &&Contact| match who {
        Who::Here => false,
        Who::Number(number) => contact.number == *number,
        Who::User(person) => contact.person == *person,
        Who::Name(name) => contact.name.as_str().to_lowercase() == name.to_lowercase(),
    };
    let mut found = sharer.contacts.iter().filter(fits);
    match (found.next(), found.next(), who) {
        (Some(contact), None, _) => Ok(contact.clone()),
        // Several rooms with one person: the one that is in use.
        (Some(first), Some(_), Who::User(_)) => {
            let rooms: Vec<&RoomId> = sharer.contacts.iter().filter(fits).map(|contact| &contact.room).collect();
            let newest = newest(actions, &rooms).await?;
            Ok(newest.and_then(|room| sharer.contact_in(&room)).unwrap_or(first).clone())
        }
        (None, _, Who::Number(number)) => Err(Notice::UnknownNumber { typed: number.to_string() }.into()),
        _ => Err(unknown(who)),
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
    let typed = match who {
        Who::Here => String::new(),
        Who::Number(number) => number.to_string(),
        Who::User(user) => user.to_string(),
        Who::Name(name) => name.clone(),
    };
    Notice::UnknownContact { typed }.into()
}
