//! One at a time for each source: what a poll and a push bring of one source is decided one after another,
//! and what happens while a source is being polled has it polled once more.

use crate::domain::ids::SourceId;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::OwnedMutexGuard;

/// How many are remembered before those that nobody holds are forgotten.
const REMEMBERED: usize = 1_000;

/// Of each source, whose turn it is.
type Turns = Arc<Mutex<HashMap<SourceId, Arc<AsyncMutex<()>>>>>;

/// The sources that somebody decides about.
#[derive(Clone, Default)]
pub struct Locks {
    turns: Turns,
    secrets: Turns,
    polls: Arc<Mutex<HashMap<SourceId, Polls>>>,
}

/// The polls of one source that are under way.
#[derive(Default)]
struct Polls {
    count: usize,
    /// Whether something happened since they began.
    again: bool,
}

/// A poll that is under way, until this is dropped.
pub(super) struct Polling {
    polls: Arc<Mutex<HashMap<SourceId, Polls>>>,
    source: SourceId,
}

impl Locks {
    /// Waits for its turn; the turn ends when the guard is dropped.
    pub(super) async fn lock(&self, source: &SourceId) -> OwnedMutexGuard<()> {
        turn(&self.turns, source).await
    }

    /// The same for whoever gets a new secret, which takes as long as the platform does.
    pub(super) async fn lock_secret(&self, source: &SourceId) -> OwnedMutexGuard<()> {
        turn(&self.secrets, source).await
    }

    /// A poll of a source begins.
    pub(super) fn poll_begins(&self, source: &SourceId) -> Polling {
        self.polls.lock().unwrap_or_else(PoisonError::into_inner).entry(source.clone()).or_default().count += 1;
        Polling { polls: Arc::clone(&self.polls), source: source.clone() }
    }

    /// Something happened at a source, which a poll that is under way may have missed.
    pub(super) fn happened(&self, source: &SourceId) {
        if let Some(polls) = self.polls.lock().unwrap_or_else(PoisonError::into_inner).get_mut(source) {
            polls.again = true;
        }
    }
}

impl Polling {
    /// Whether something happened at the source since the poll began.
    pub(super) fn may_have_missed(&self) -> bool {
        self.polls.lock().unwrap_or_else(PoisonError::into_inner).get(&self.source).is_some_and(|polls| polls.again)
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        let mut polls = self.polls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_source) = polls.get_mut(&self.source) {
            of_source.count = of_source.count.saturating_sub(1);
            if of_source.count == 0 {
                polls.remove(&self.source);
            }
        }
    }
}

async fn turn(turns: &Turns, source: &SourceId) -> OwnedMutexGuard<()> {
    let lock = {
        let mut locks = turns.lock().unwrap_or_else(PoisonError::into_inner);
        if locks.len() > REMEMBERED {
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        Arc::clone(locks.entry(source.clone()).or_default())
    };
    lock.lock_owned().await
}
