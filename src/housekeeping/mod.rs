//! What has to be done now and then, whatever else happens: people who are gone are found and, after some
//! time, forgotten; what is older than it needs to be is too. A failure here stops nothing: it is tried again
//! an hour later.

use crate::actions::Actions;
use crate::actions::Rejection;
use crate::clock::Clock;
use crate::domain::ids::UserId;
use crate::store::Commit;
use crate::store::Pruned;
use crate::store::Retention;
use crate::store::StoreError;
use crate::telemetry::metrics;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_hours(1);
/// How often what changed meanwhile is decided anew.
const ATTEMPTS: usize = 5;

/// How long what is not needed any more is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// Trades, and what was posted of them.
    pub trades: SignedDuration,
    /// What keeps anything from being told twice.
    pub seen: SignedDuration,
    /// The ids of events that were worked off.
    pub events: SignedDuration,
    /// Deliveries that were given up.
    pub buried: SignedDuration,
    /// What sharers have who are gone.
    pub gone: SignedDuration,
}

/// What somebody is looked at for.
#[derive(Clone, Copy)]
enum Look {
    /// What of hers is over.
    Over,
    /// Whether she is gone.
    Gone,
}

/// Keeps house.
pub struct Housekeeping {
    /// What may be changed.
    pub actions: Actions,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// For how long things are kept.
    pub keeping: Keeping,
}

impl Housekeeping {
    /// Keeps house at the start and then every hour, for ever.
    pub async fn run(self) {
        loop {
            self.pass(self.clock.now()).await;
            self.clock.sleep_until(self.clock.now() + EVERY).await;
        }
    }

    /// Does all there is to do at `now`.
    pub async fn pass(&self, now: Timestamp) {
        match self.actions.store().sharers().await {
            Ok(sharers) => self.look_after_all(sharers, now).await,
            Err(error) => tracing::error!(%error, "the store does not say whom it knows"),
        }
        match self.actions.store().prune(&self.keeping.at(now)).await {
            Ok(pruned) => count(&pruned),
            Err(error) => tracing::error!(%error, "what is old could not be forgotten"),
        }
    }

    async fn look_after_all(&self, sharers: Vec<UserId>, now: Timestamp) {
        let mut gone = 0;
        for user in sharers {
            match self.look_after(&user, now).await {
                Ok(is_gone) => gone += i64::from(is_gone),
                Err(error) => tracing::error!(%user, %error, "somebody could not be looked after"),
            }
        }
        metrics().sharers_gone.set(gone);
    }

    /// Finds whether somebody is gone and forgets her after some time, and at once what of hers is over;
    /// answers whether she is gone.
    async fn look_after(&self, user: &UserId, now: Timestamp) -> Result<bool, StoreError> {
        self.change(user, Look::Over, now).await?;
        self.change(user, Look::Gone, now).await
    }

    /// Makes a change, decided anew where something else has changed meanwhile; answers what was decided with it.
    async fn change(&self, user: &UserId, look: Look, now: Timestamp) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            let decided = match look {
                Look::Over => self.tidy(user, now).await,
                Look::Gone => self.decide(user, now).await,
            };
            let (commit, is_gone) = match decided {
                Ok(decided) => decided,
                Err(Rejection::Store(error)) => return Err(error),
                Err(Rejection::Refused(_)) => return Ok(false),
            };
            if commit == Commit::default() {
                return Ok(is_gone);
            }
            let erased = u64::try_from(commit.erased.len()).unwrap_or_default();
            match self.actions.store().commit(commit).await {
                Ok(()) => {
                    metrics().sharers_erased.inc_by(erased);
                    return Ok(is_gone);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        // Something is going on with her: an hour later is early enough.
        Ok(false)
    }

    async fn tidy(&self, user: &UserId, now: Timestamp) -> Result<(Commit, bool), Rejection> {
        let sharer = self.actions.store().sharer(user).await?;
        let commit = sharer.and_then(|sharer| Actions::without_what_is_over(sharer, now));
        Ok((commit.unwrap_or_default(), false))
    }

    async fn decide(&self, user: &UserId, now: Timestamp) -> Result<(Commit, bool), Rejection> {
        let Some(sharer) = self.actions.store().sharer(user).await? else { return Ok((Commit::default(), false)) };
        if !sharer.shares_something() {
            return Ok((Commit::default(), false));
        }
        let is_away = self.actions.is_away(user, None).await?;
        match sharer.gone_since_at {
            None if is_away => {
                tracing::info!(%user, "a sharer is gone; nothing of hers is read or posted any more");
                Ok((Actions::gone(sharer, now), true))
            }
            Some(_) if !is_away => Ok((self.actions.back(sharer, now).await?, false)),
            Some(since_at) if now.duration_since(since_at) >= self.keeping.gone => {
                tracing::info!(%user, "a sharer has been gone for long; she is forgotten");
                Ok((self.actions.forget_sharer(sharer, now).await?, false))
            }
            gone => Ok((Commit::default(), gone.is_some())),
        }
    }
}

impl Keeping {
    /// What is old at `now`.
    fn at(&self, now: Timestamp) -> Retention {
        let before = |kept: SignedDuration| now.checked_sub(kept).unwrap_or(Timestamp::MIN);
        Retention {
            now,
            trades_before: before(self.trades),
            seen_before: before(self.seen),
            events_before: before(self.events),
            buried_before: before(self.buried),
        }
    }
}

fn count(pruned: &Pruned) {
    for (kind, removed) in &pruned.removed {
        metrics().forgotten.add(kind, *removed);
    }
    for (kind, kept) in &pruned.kept {
        metrics().kept.set(kind, *kept);
    }
}
