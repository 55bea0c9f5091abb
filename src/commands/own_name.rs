//! `as`, `verify`: sharing in one's own name, and verifying devices.

use super::Message;
use super::Outcome;
use super::Place;
use super::command::Who;
use super::contact::known;
use crate::actions::Actions;
use crate::actions::Rejection;
use crate::domain::notice::Notice;
use crate::domain::own_name::Identity;
use jiff::Timestamp;

/// In whose name is shared: with the contact that is named, in a direct room with its contact, else with all.
pub(super) async fn share_as(
    actions: &Actions,
    message: &Message,
    identity: Identity,
    who: Option<&Who>,
    now: Timestamp,
) -> Result<Outcome, Rejection> {
    let user = &message.sender;
    let room = match (&message.place, who) {
        (Place::Direct { .. }, None | Some(Who::Here)) => Some(message.room.id.clone()),
        (Place::Management, Some(Who::Here)) => return Err(Notice::HereNeedsDirectRoom.into()),
        (Place::Management, None) => None,
        (_, Some(who)) => Some(known(actions, user, who, now).await?.room),
    };
    let (commit, notice) = match (room, identity) {
        (Some(room), _) => actions.set_identity(user, &room, identity, now).await?,
        (None, Identity::Sharer) => actions.share_as_self(user, now).await?,
        (None, Identity::Bot) => actions.share_as_bot(user, now).await?,
    };
    Ok(Outcome::change(commit, notice))
}

/// What is to be compared comes by itself, once the two devices have found each other.
pub(super) async fn verify(actions: &Actions, message: &Message, whose: Option<Identity>, now: Timestamp) -> Result<Outcome, Rejection> {
    let (commit, notice) = actions.verify(&message.sender, whose, now).await?;
    Ok(Outcome { commit, replies: notice.into_iter().collect(), is_change: true, openly: None })
}
