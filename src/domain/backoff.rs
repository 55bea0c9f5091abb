//! How long to wait before trying again.

use backon::BackoffBuilder;
use backon::ExponentialBuilder;
use std::time::Duration;

/// The longest wait between two attempts: after an hour's pause something that works again is
/// noticed within the hour.
pub const LONGEST: Duration = Duration::from_hours(1);

/// The wait after the `attempts`-th failure in a row (1: the first), doubling from `shortest` up to
/// [`LONGEST`], with jitter drawn from `seed`, and never shorter than what the other side asked for.
#[must_use]
pub fn wait(attempts: u32, shortest: Duration, asked: Option<Duration>, seed: u64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(24) as usize;
    let own = ExponentialBuilder::new()
        .with_min_delay(shortest)
        .with_max_delay(LONGEST)
        .with_factor(2.0)
        .without_max_times()
        .with_jitter()
        .with_jitter_seed(seed)
        .build()
        .nth(doublings)
        .unwrap_or(LONGEST)
        .min(LONGEST);
    asked.map_or(own, |asked| own.max(asked.min(Duration::from_hours(24))))
}

#[cfg(test)]
mod tests {
    use super::LONGEST;
    use super::wait;
    use std::time::Duration;

    #[test]
    fn waits_grow_up_to_an_hour_and_stay_there() {
        let second = Duration::from_secs(1);
        assert!(wait(1, second, None, 7) < Duration::from_secs(3));
        assert!(wait(5, second, None, 7) >= Duration::from_secs(16));
        assert_eq!(wait(1_000_000, second, None, 7), LONGEST);
    }

    #[test]
    fn what_the_other_side_asks_for_is_obeyed() {
        let asked = Duration::from_secs(500);
        assert_eq!(wait(1, Duration::from_secs(1), Some(asked), 7), asked);
    }
}
