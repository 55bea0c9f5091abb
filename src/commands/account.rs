//! `add`, `remove`, `now`: what a sharer does with her accounts.

use super::Outcome;
use super::panel;
use crate::actions::Actions;
use crate::actions::Rejection;
use crate::actions::Removed;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::CardLine;
use crate::domain::notice::Notice;
use jiff::Timestamp;

pub(super) async fn add(
    actions: &Actions,
    user: &UserId,
    platform: Option<&str>,
    typed: &str,
    has_secret: bool,
    now: Timestamp,
) -> Result<Outcome, Rejection> {
    let added = actions.add_account(user, platform, typed, has_secret, now).await?;
    let mut commit = added.commit;
    let shop = added.account.label.to_string();
    let notice = Notice::AccountAdded {
        number: added.account.number,
        label: shop.clone(),
        items: u32::try_from(added.items.len()).unwrap_or(u32::MAX),
        interval_seconds: added.interval_seconds,
        sample: added.items.into_iter().take(1).map(|trade| CardLine { shop: shop.clone(), trade }).collect(),
        without_contacts: !added.has_contacts,
    };
    // It may be what a panel asked for: then the panel shows it.
    panel::answered(actions, user, &mut commit, now).await?;
    Ok(Outcome::change(commit, notice))
}

pub(super) async fn remove(actions: &Actions, user: &UserId, number: Number, now: Timestamp) -> Result<Outcome, Rejection> {
    let (commit, removed) = actions.remove(user, number, now).await?;
    let notice = match removed {
        Removed::Account(account) => Notice::AccountRemoved { label: account.label.to_string() },
        Removed::Contact(contact) => Notice::NotSharingWith { person: contact.name.to_string() },
    };
    Ok(Outcome::change(commit, notice))
}

pub(super) async fn look_now(actions: &Actions, user: &UserId, now: Timestamp) -> Result<Outcome, Rejection> {
    let (commit, accounts) = actions.look_now(user, now).await?;
    Ok(Outcome::change(commit, Notice::LookingNow { accounts }))
}
