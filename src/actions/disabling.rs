//! The operator's own hand on a running service: somebody is kept from sharing, and may share again.

use super::Actions;
use super::Result;
use super::rooms_of;
use super::settings::emptied_status_line;
use crate::domain::ids::UserId;
use crate::store::Commit;
use jiff::Timestamp;

impl Actions {
    /// Keeps `user` from sharing until she is enabled again: nothing of hers is polled or posted, what waits
    /// is forgotten when its turn comes, and her commands are answered with one sentence. What she set stays,
    /// and so does what others wish of her. Somebody of whom nothing is known yet can be disabled too. An
    /// empty commit: she is already.
    pub async fn disable(&self, user: &UserId, now: Timestamp) -> Result<Commit> {
        let mut sharer = self.sharer(user).await?;
        if sharer.disabled_at.is_some() {
            return Ok(Commit::default());
        }
        sharer.disabled_at = Some(now);
        sharer.question = None;
        // What comes up meanwhile counts as known when she may share again.
        sharer.accounts.iter_mut().for_each(|account| account.baseline_pending = true);
        let deliveries = emptied_status_line(&mut sharer, now).into_iter().collect();
        Ok(Commit { woken: rooms_of(&sharer), sharers: vec![sharer], deliveries, ..Commit::default() })
    }

    /// Lets `user` share again: her accounts are looked at at once, which takes what stands there as known.
    /// An empty commit: nobody keeps her from it.
    pub async fn enable(&self, user: &UserId, now: Timestamp) -> Result<Commit> {
        let mut sharer = self.sharer(user).await?;
        if sharer.disabled_at.take().is_none() {
            return Ok(Commit::default());
        }
        self.with_fresh_polls(sharer, true, now).await
    }
}
