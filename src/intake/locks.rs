//! One at a time for each source: what a poll and a push bring of one source is decided one after another.

use crate::domain::ids::SourceId;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::OwnedMutexGuard;

/// How many are remembered before those that nobody holds are forgotten.
const REMEMBERED: usize = 1_000;

/// The sources that somebody decides about.
#[derive(Clone, Default)]
pub struct Locks(Arc<Mutex<HashMap<SourceId, Arc<AsyncMutex<()>>>>>);

impl Locks {
    /// Waits for its turn; the turn ends when the guard is dropped.
    pub(super) async fn lock(&self, source: &SourceId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if locks.len() > REMEMBERED {
                locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            }
            Arc::clone(locks.entry(source.clone()).or_default())
        };
        lock.lock_owned().await
    }
}
