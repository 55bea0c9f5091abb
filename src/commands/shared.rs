//! `undo`, and the answers `yes` and `no`.

use super::Message;
use super::Outcome;
use super::Place;
use super::wish;
use crate::actions::Actions;
use crate::actions::Rejection;
use crate::domain::ids::Number;
use jiff::Timestamp;

pub(super) async fn undo(actions: &Actions, message: &Message, number: Option<Number>, now: Timestamp) -> Result<Outcome, Rejection> {
    let (commit, notice) = actions.undo(&message.sender, number, now).await?;
    Ok(Outcome::change(commit, notice))
}

/// In a direct room the contact answers whether she agrees; elsewhere the sharer what she was asked.
pub(super) async fn answer(actions: &Actions, message: &Message, agrees: bool, now: Timestamp) -> Result<Outcome, Rejection> {
    if matches!(message.place, Place::Direct { .. }) && !actions.asked_about(&message.sender, &message.room.id, now).await? {
        return wish::consent(actions, message, agrees, now).await;
    }
    let (commit, notice) = actions.answer(&message.sender, agrees, now).await?;
    Ok(Outcome { commit, replies: notice.into_iter().collect(), is_change: true, openly: None })
}
