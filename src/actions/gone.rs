//! Sharers who are gone: they lost their permission, left, or were deactivated. Nothing of theirs is read or
//! posted from then on. What they set stays for a while, so that whoever comes back finds it as it was.

use super::Actions;
use super::Rejection;
use super::Result;
use super::rooms_of;
use super::settings::emptied_status_line;
use crate::domain::ids::UserId;
use crate::domain::permission::Permission;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Sharer;
use crate::store;
use crate::store::Commit;
use crate::store::Named;
use jiff::Timestamp;

impl Actions {
    /// Whether `user` may not share any more, or is in no room in which she could be heard; `changed` is a
    /// room as it is about to be stored.
    pub async fn is_away(&self, user: &UserId, changed: Option<&Room>) -> Result<bool> {
        if self.permissions.of(user) != Permission::Share {
            return Ok(true);
        }
        let known = self.store().rooms_of(user).await?;
        let mut rooms = known.iter().filter(|room| changed.is_none_or(|changed| changed.id != room.id)).chain(changed);
        Ok(!rooms.any(|room| is_heard_in(user, room)))
    }

    /// What it means for `sharer` that a room of hers is now as `changed`; none: nothing.
    pub async fn comes_or_goes(&self, sharer: Sharer, changed: &Room, now: Timestamp) -> store::Result<Option<Commit>> {
        let decided = async {
            Ok(match (sharer.gone_since_at, self.is_away(&sharer.id, Some(changed)).await?) {
                (None, true) if sharer.shares_something() => Some(Self::gone(sharer, now)),
                (Some(_), false) => Some(self.back(sharer, now).await?),
                _ => None,
            })
        };
        match decided.await {
            Ok(commit) => Ok(commit),
            Err(Rejection::Store(error)) => Err(error),
            Err(Rejection::Refused(_)) => Ok(None),
        }
    }

    /// `sharer` is gone: from now on nothing is done for her.
    #[must_use]
    pub fn gone(mut sharer: Sharer, now: Timestamp) -> Commit {
        sharer.gone_since_at = Some(now);
        sharer.question = None;
        // What comes up meanwhile counts as known when she comes back.
        sharer.accounts.iter_mut().for_each(|account| account.baseline_pending = true);
        let deliveries = emptied_status_line(&mut sharer, now).into_iter().collect();
        Commit { woken: rooms_of(&sharer), sharers: vec![sharer], deliveries, ..Commit::default() }
    }

    /// `sharer` is here again: her accounts are looked at at once, which takes what stands there as known.
    pub async fn back(&self, mut sharer: Sharer, now: Timestamp) -> Result<Commit> {
        sharer.gone_since_at = None;
        self.with_fresh_polls(sharer, true, now).await
    }

    /// Forgets the links of `sharer` that are good no more, and whom she began with before today; none: there
    /// is nothing of it.
    #[must_use]
    pub fn without_what_is_over(mut sharer: Sharer, now: Timestamp) -> Option<Commit> {
        let had = sharer.begun.len();
        sharer.begun.retain(|begun| begun.counts(now));
        let (good, old): (Vec<_>, Vec<_>) = sharer.links.into_iter().partition(|link| link.is_good(now));
        sharer.links = good;
        if old.is_empty() && sharer.begun.len() == had {
            return None;
        }
        let named = old.into_iter().map(|link| (Named::Link(link.digest), None)).collect();
        Some(Commit { sharers: vec![sharer], named, ..Commit::default() })
    }
}

/// Whether the bot, or tradepost through her own account, hears her there.
fn is_heard_in(user: &UserId, room: &Room) -> bool {
    let is_joined = room.members.get(user).is_some_and(|member| member.membership == Membership::Joined);
    is_joined && (room.ours == Membership::Joined || room.heard_by.as_ref() == Some(user))
}
