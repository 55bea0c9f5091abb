//! Time and randomness as arguments: only the loops ask for them, and tests bring their own.

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use rand::Rng;
use std::time::Duration;

/// By how much a clock may go back to be kept right.
const STEP: SignedDuration = SignedDuration::from_secs(10);

/// What time it is, and waiting for another.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;
    /// Waits until it is `at`. Should the clock be set back meanwhile, the waiting ends: nobody knows when
    /// `at` was meant to be.
    async fn sleep_until(&self, at: Timestamp);
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that waits")]
    async fn sleep_until(&self, at: Timestamp) {
        let mut before = self.now();
        loop {
            let now = self.now();
            if is_set_back(before, now) {
                return;
            }
            before = now;
            let left = at.duration_since(now);
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            // In steps, so that a clock that is set or a machine that slept is noticed.
            tokio::time::sleep(left.min(Duration::from_mins(1))).await;
        }
    }
}

/// Whether a clock that showed `before` was set back, as it shows `now`. A step that keeps it right is none.
#[must_use]
pub fn is_set_back(before: Timestamp, now: Timestamp) -> bool {
    before.duration_since(now) > STEP
}

/// Numbers that nobody can foresee.
pub trait Randomness: Send + Sync {
    /// The next one.
    fn next(&self) -> u64;
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn next(&self) -> u64 {
        rand::rng().next_u64()
    }
}
