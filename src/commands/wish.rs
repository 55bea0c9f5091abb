//! What a contact may say, whoever she is: `mute`, `unmute`, `only`, `status`, and whether she agrees.

use super::Message;
use super::Outcome;
use super::Place;
use super::show;
use crate::actions::Actions;
use crate::actions::Rejection;
use crate::domain::category::CategoryId;
use crate::domain::category::Selection;
use crate::domain::ids::UserId;
use crate::domain::notice::CategoryName;
use crate::domain::notice::Notice;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Mute;
use crate::domain::sharer::Sharer;
use crate::store::Commit;
use jiff::Timestamp;
use std::time::Duration;

pub(super) async fn mute(
    actions: &Actions,
    message: &Message,
    user: Option<&UserId>,
    seconds: Option<u64>,
    now: Timestamp,
) -> Result<Outcome, Rejection> {
    let mute = muting(seconds, now);
    let until_at = mute.until_at;
    let (user, here) = whose(actions, message, user).await?;
    let commit = actions.mute(&message.sender, &user, Some(mute), now).await?;
    Ok(if here {
        said_here(commit, Notice::Muted { sharer: message.room.name_of(&user).to_string(), until_at })
    } else {
        Outcome::change(commit, Notice::SharerMuted { user: user.to_string(), until_at })
    })
}

pub(super) async fn unmute(actions: &Actions, message: &Message, user: Option<&UserId>, now: Timestamp) -> Result<Outcome, Rejection> {
    let (user, here) = whose(actions, message, user).await?;
    let commit = actions.mute(&message.sender, &user, None, now).await?;
    Ok(if here {
        said_here(commit, Notice::Unmuted { sharer: message.room.name_of(&user).to_string() })
    } else {
        Outcome::change(commit, Notice::SharerUnmuted { user: user.to_string() })
    })
}

/// Nothing more of anybody. Only she is told, wherever she types it.
pub(super) async fn mute_everyone(actions: &Actions, user: &UserId, seconds: Option<u64>, now: Timestamp) -> Result<Outcome, Rejection> {
    let mute = muting(seconds, now);
    let commit = actions.mute_everyone(user, Some(mute)).await?;
    Ok(Outcome::change(commit, Notice::EveryoneMuted { until_at: mute.until_at }))
}

pub(super) async fn unmute_everyone(actions: &Actions, user: &UserId) -> Result<Outcome, Rejection> {
    let commit = actions.mute_everyone(user, None).await?;
    Ok(Outcome::change(commit, Notice::EveryoneUnmuted))
}

fn muting(seconds: Option<u64>, now: Timestamp) -> Mute {
    let until_at = seconds.and_then(|seconds| now.checked_add(Duration::from_secs(seconds)).ok());
    Mute { since_at: now, until_at }
}

pub(super) async fn only(actions: &Actions, message: &Message, names: Option<&[String]>) -> Result<Outcome, Rejection> {
    let (user, _) = whose(actions, message, None).await?;
    let sharer = actions.sharer(&user).await?;
    let only = match names {
        None => Selection::All,
        Some(names) => {
            let chosen = names.iter().map(|name| actions.category_for_contact(&sharer, name));
            Selection::Only(chosen.collect::<Result<_, _>>()?)
        }
    };
    let categories = names_of(actions, &sharer, &only);
    let commit = actions.only(&message.sender, &user, only).await?;
    Ok(said_here(commit, Notice::OnlyThese { sharer: message.room.name_of(&user).to_string(), categories }))
}

/// How it stands for the contact; for a sharer with whom nobody shares here, how her own sharing stands.
pub(super) async fn status(actions: &Actions, message: &Message, now: Timestamp) -> Result<Outcome, Rejection> {
    match actions.sharer_for(&message.sender, &message.room.id).await {
        Ok(sharer) => {
            let contact = sharer.contact_in(&message.room.id);
            let mute = contact.and_then(|contact| contact.mute).filter(|mute| mute.holds(now));
            let notice = Notice::ContactStatus {
                sharer: message.room.name_of(&sharer.id).to_string(),
                muted: mute.is_some(),
                until_at: mute.and_then(|mute| mute.until_at),
                only: contact.map(|contact| names_of(actions, &sharer, &contact.only)).unwrap_or_default(),
                asked: contact.is_some_and(|contact| contact.consent == Consent::Asked),
            };
            Ok(Outcome { openly: Some(notice), ..Outcome::default() })
        }
        Err(Rejection::Refused(_)) => show::status(actions, &message.sender, now).await,
        Err(error) => Err(error),
    }
}

/// Whether the contact agrees to have the sharer's trades here.
pub(super) async fn consent(actions: &Actions, message: &Message, agrees: bool, now: Timestamp) -> Result<Outcome, Rejection> {
    let Some((commit, sharer)) = actions.consent(&message.sender, &message.room.id, agrees, now).await? else {
        return Err(Notice::NothingAsked.into());
    };
    let sharer = message.room.name_of(&sharer.id).to_string();
    Ok(said_here(commit, if agrees { Notice::Agreed { sharer } } else { Notice::Declines { sharer } }))
}

/// Of whom something is wished: whoever was named, else whoever shares in this direct room; and whether it is the latter.
async fn whose(actions: &Actions, message: &Message, user: Option<&UserId>) -> Result<(UserId, bool), Rejection> {
    match (user, &message.place) {
        (Some(user), _) => Ok((user.clone(), false)),
        (None, Place::Direct { .. }) => Ok((actions.sharer_for(&message.sender, &message.room.id).await?.id, true)),
        (None, Place::Management) => Err(Notice::NoUser { typed: String::new() }.into()),
    }
}

fn names_of(actions: &Actions, sharer: &Sharer, only: &Selection<CategoryId>) -> Vec<CategoryName> {
    match only {
        Selection::All => Vec::new(),
        Selection::Only(some) => some.iter().map(|id| actions.category_name(sharer, id)).collect(),
    }
}

/// Said in the direct room, for both to read.
fn said_here(commit: Commit, notice: Notice) -> Outcome {
    Outcome { commit, openly: Some(notice), is_change: true, replies: Vec::new() }
}
