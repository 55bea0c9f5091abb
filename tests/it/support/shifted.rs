//! A clock that runs as the machine's does, but shows the time that a test wants, so that a night
//! passes in a moment while everything else goes on.

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::sync::watch;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;

/// The machine's clock, set to another time.
pub struct ShiftedClock(watch::Sender<SignedDuration>);

impl ShiftedClock {
    /// It shows `at`, and goes on from there.
    pub fn at(at: Timestamp) -> Self {
        Self(watch::Sender::new(at.duration_since(SystemClock.now())))
    }

    /// It shows `at` from now on; time does not go backwards.
    pub fn set(&self, at: Timestamp) {
        assert!(at >= self.now(), "the time goes backwards");
        self.jumps_to(at);
    }

    /// The same, backwards too, as a clock does that was wrong.
    pub fn jumps_to(&self, at: Timestamp) {
        self.0.send_replace(at.duration_since(SystemClock.now()));
    }
}

#[async_trait]
impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut shift = self.0.subscribe();
        let began = *shift.borrow();
        loop {
            if began - *shift.borrow() > SignedDuration::from_mins(1) {
                return;
            }
            let by_the_machine = at.checked_sub(*shift.borrow_and_update()).unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = SystemClock.sleep_until(by_the_machine) => return,
                // The sender is this clock's own, so that it cannot be gone.
                _ = shift.changed() => {}
            }
        }
    }
}
