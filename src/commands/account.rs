//! `add`, `secret`, `confirm`, `push`, `interval`, `remove`, `now`, `post`: what a sharer does with her accounts.

use super::Outcome;
use super::panel;
use crate::actions::Actions;
use crate::actions::Adding;
use crate::actions::NewAccount;
use crate::actions::NewPost;
use crate::actions::Posted;
use crate::actions::PushChoice;
use crate::actions::Rejection;
use crate::actions::Removed;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::store::Commit;
use crate::values::Secret;
use jiff::Timestamp;

pub(super) async fn add(actions: &Actions, user: &UserId, new: &NewAccount<'_>, now: Timestamp) -> Result<Outcome, Rejection> {
    let (mut commit, notice) = match actions.add_account(user, new, now).await? {
        Adding::Added(added) => {
            let notice = added.notice();
            (added.commit, notice)
        }
        Adding::Asked { commit, notice } => (*commit, notice),
    };
    // It may be what a panel asked for: then the panel shows it.
    panel::answered(actions, user, &mut commit, now).await?;
    Ok(Outcome::change(commit, notice))
}

pub(super) async fn secret(
    actions: &Actions,
    user: &UserId,
    number: Number,
    secret: Option<&Secret>,
    now: Timestamp,
) -> Result<Outcome, Rejection> {
    Ok(done(actions.new_secret(user, number, secret, now).await?))
}

pub(super) async fn confirm(actions: &Actions, user: &UserId, number: Number, code: &str, now: Timestamp) -> Result<Outcome, Rejection> {
    // She is told by what it comes to.
    actions.confirm_account(user, number, code, now).await?;
    Ok(Outcome { is_change: true, ..Outcome::default() })
}

pub(super) async fn push(
    actions: &Actions,
    user: &UserId,
    number: Number,
    choice: PushChoice,
    now: Timestamp,
) -> Result<Outcome, Rejection> {
    Ok(done(actions.set_push(user, number, choice, now).await?))
}

pub(super) async fn interval(actions: &Actions, user: &UserId, number: Number, seconds: u64, now: Timestamp) -> Result<Outcome, Rejection> {
    Ok(done(actions.set_interval(user, number, seconds, now).await?))
}

fn done((commit, notice): (Commit, Notice)) -> Outcome {
    Outcome::change(commit, notice)
}

pub(super) async fn remove(actions: &Actions, user: &UserId, number: Number, now: Timestamp) -> Result<Outcome, Rejection> {
    let (commit, removed) = actions.remove(user, number, now).await?;
    let notice = match removed {
        Removed::Account(account) => Notice::AccountRemoved { label: account.label.to_string() },
        Removed::Contact(contact) => Notice::NotSharingWith { person: contact.name.to_string() },
    };
    Ok(Outcome::change(commit, notice))
}

pub(super) async fn post(actions: &Actions, user: &UserId, new: &NewPost, now: Timestamp) -> Result<Outcome, Rejection> {
    let Posted { commit, notice, is_done } = actions.post(user, new, now).await?;
    Ok(Outcome { commit, is_change: is_done, ..Outcome::answer(notice) })
}

pub(super) async fn look_now(actions: &Actions, user: &UserId, now: Timestamp) -> Result<Outcome, Rejection> {
    let (commit, accounts) = actions.look_now(user, now).await?;
    Ok(Outcome::change(commit, Notice::LookingNow { accounts }))
}
