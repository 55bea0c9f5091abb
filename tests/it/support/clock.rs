//! Time that stands still until a test moves it, and numbers that are always the same.

use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::watch;
use tradepost::clock::Clock;
use tradepost::clock::Randomness;

/// How long, by the machine's clock, a test waits for what must come: never reached by one that passes.
const DEADLINE: Duration = Duration::from_mins(1);

/// A clock that a test sets.
pub struct TestClock {
    now: watch::Sender<Timestamp>,
    /// Until when somebody sleeps, once for each.
    sleepers: watch::Sender<Vec<Timestamp>>,
}

/// Somebody who sleeps, until she is dropped.
struct Sleeper<'a>(&'a TestClock, Timestamp);

/// The same number again and again.
pub struct SameNumber(pub u64);

impl TestClock {
    /// It is `now`, and stays so.
    pub fn new(now: Timestamp) -> Self {
        Self { now: watch::Sender::new(now), sleepers: watch::Sender::new(Vec::new()) }
    }

    /// It is `at` now; time does not go backwards.
    pub fn set(&self, at: Timestamp) {
        assert!(at >= self.now(), "the time goes backwards");
        self.now.send_replace(at);
    }

    /// It is so much later.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }

    /// Waits until somebody sleeps until `at`.
    pub async fn is_slept_until(&self, at: Timestamp) {
        let mut sleepers = self.sleepers.subscribe();
        let _ = soon("a sleeper", sleepers.wait_for(|sleepers| sleepers.contains(&at))).await;
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.sleepers.send_modify(|sleepers| sleepers.push(at));
        let _sleeper = Sleeper(self, at);
        // The sender is this clock's own, so that it cannot be gone.
        let _ = self.now.subscribe().wait_for(|now| *now >= at).await;
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.0.sleepers.send_modify(|sleepers| {
            if let Some(place) = sleepers.iter().position(|at| *at == self.1) {
                sleepers.swap_remove(place);
            }
        });
    }
}

impl Randomness for SameNumber {
    fn next(&self) -> u64 {
        self.0
    }
}

/// What `coming` brings; the test fails if that takes too long.
pub async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    let come = tokio::time::timeout(DEADLINE, coming).await;
    come.unwrap_or_else(|_| panic!("this did not come: {what}"))
}
