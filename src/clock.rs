//! Time and randomness as arguments: only the loops ask for them, and tests bring their own.

use async_trait::async_trait;
use jiff::Timestamp;
use rand::Rng;
use std::time::Duration;

/// What time it is, and waiting for another.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;
    /// Waits until it is `at`.
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
        loop {
            let left = at.duration_since(self.now());
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            // In steps, so that a clock set forward or a machine that slept is noticed.
            tokio::time::sleep(left.min(Duration::from_mins(1))).await;
        }
    }
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
