//! When each source is polled: exactly at its interval, each in its own phase, so many at a time.

use crate::clock;
use crate::clock::Clock;
use crate::clock::Randomness;
use crate::domain::source::Source;
use crate::intake::Intake;
use crate::lifecycle::Lifecycle;
use crate::store::Store;
use crate::store::StoreError;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How many polls run at a time.
const POLLS: usize = 32;
/// How long to wait after the store failed.
const AFTER_STORE_FAILURE: Duration = Duration::from_secs(5);

/// Polls what is due.
pub struct Scheduler {
    /// Who fetches and commits.
    pub intake: Intake,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How waits after failures are varied.
    pub randomness: Arc<dyn Randomness>,
    /// When it ends.
    pub life: Lifecycle,
}

impl Scheduler {
    /// Polls what is due until it is told to stop, and finishes the polls that are under way then; those
    /// that are not end with the future.
    pub async fn run(self: Arc<Self>) {
        let mut polls = JoinSet::new();
        let mut changes = self.intake.store.changes();
        let mut pulse = self.life.pulse("scheduler");
        let mut before = None;
        loop {
            pulse.turns();
            changes.borrow_and_update();
            let now = self.clock.now();
            // It may also have been set back while the program did not run.
            if before.replace(now).is_none_or(|before| clock::is_set_back(before, now)) {
                self.plan_anew(now).await;
            }
            let free = POLLS.saturating_sub(polls.len());
            let (due, next_at) = self.due(now, free).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the store does not say which sources are due");
                (Vec::new(), Some(now + AFTER_STORE_FAILURE))
            });
            for source in due {
                let scheduler = Arc::clone(&self);
                polls.spawn(async move { scheduler.poll(source).await });
            }
            let full = polls.len() >= POLLS;
            tokio::select! {
                Some(_) = polls.join_next() => {}
                _ = changes.changed(), if !full => {}
                () = self.clock.sleep_until(next_at.unwrap_or(Timestamp::MAX)), if !full && next_at.is_some() => {}
                () = pulse.asked() => {}
                () = self.life.stopping() => break,
            }
        }
        drop(pulse);
        while polls.join_next().await.is_some() {}
    }

    /// Has those be due that were planned by a clock that was ahead.
    async fn plan_anew(&self, now: Timestamp) {
        match self.intake.store.replan_sources(now).await {
            Ok(0) => {}
            Ok(sources) => tracing::warn!(sources, "the clock was ahead; sources are polled now that were planned for later"),
            Err(error) => tracing::error!(%error, "what was planned by a clock that was ahead could not be planned anew"),
        }
    }

    async fn due(&self, now: Timestamp, free: usize) -> Result<(Vec<Source>, Option<Timestamp>), StoreError> {
        let due = self.intake.store.lease_sources(now, free).await?;
        Ok((due, self.intake.store.next_poll_at().await?))
    }

    async fn poll(&self, source: Source) {
        let held = Held { store: Arc::clone(&self.intake.store), source: source.clone() };
        if let Err(error) = self.intake.poll(source, self.clock.now(), self.randomness.next()).await
            && !matches!(error, StoreError::Conflict)
        {
            tracing::error!(%error, source = %held.source.id, "what a source brought could not be stored");
            tokio::select! {
                () = self.clock.sleep_until(self.clock.now() + AFTER_STORE_FAILURE) => {}
                () = self.life.stopping() => {}
            }
        }
        // A conflict means that somebody changed the source or its followers meanwhile: it is still
        // due, and its next poll starts from there.
    }
}

/// A source that somebody holds: given back when its poll ends. Where that broke the program's own rules,
/// it is not: it would do so again at once, and for ever.
struct Held {
    store: Arc<dyn Store>,
    source: Source,
}

impl Drop for Held {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(source = %self.source.id, "a poll broke the program's own rules; its source is left alone until it changes");
            return;
        }
        self.store.release_source(&self.source);
    }
}
