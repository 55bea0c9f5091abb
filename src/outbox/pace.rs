//! How fast cards go out, so that the homeserver has time for its people: some at once after a quiet time, and
//! of a long row only now and then one.

use governor::DefaultDirectRateLimiter;
use governor::Quota;
use governor::RateLimiter;
use governor::clock::Clock;
use governor::clock::DefaultClock;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

/// How many cards go out in how long a time; none: as many as there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In a second at the most.
    pub per_second: Option<NonZeroU32>,
    /// In a second of a long row.
    pub sustained_per_second: Option<NonZeroU32>,
    /// How many a long row begins with, for which that does not hold.
    pub burst: NonZeroU32,
}

/// What may go out now.
pub(super) struct Pace {
    /// The one that binds in the long run last: what the others granted in vain is made up for soon.
    limits: Vec<DefaultDirectRateLimiter>,
    /// How many may go that were not there.
    spare: Mutex<usize>,
}

/// How many cards may go out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Budget {
    pub(super) cards: usize,
    /// How long until there is one more; none: there are as many as were asked for.
    pub(super) more_in: Option<Duration>,
}

impl Pace {
    pub(super) fn new(rate: Rate) -> Self {
        let short = rate.per_second.map(Quota::per_second);
        let sustained = rate.sustained_per_second.map(|cards| Quota::per_second(cards).allow_burst(rate.burst));
        Self { limits: [short, sustained].into_iter().flatten().map(RateLimiter::direct).collect(), spare: Mutex::default() }
    }

    /// How many of `wanted` cards may go now.
    pub(super) fn budget(&self, wanted: usize) -> Budget {
        let mut spare = self.spare();
        while *spare < wanted {
            if let Err(more_in) = self.one_more() {
                return Budget { cards: *spare, more_in: Some(more_in) };
            }
            *spare += 1;
        }
        Budget { cards: wanted, more_in: None }
    }

    /// So many of a budget go.
    pub(super) fn spend(&self, cards: usize) {
        let mut spare = self.spare();
        *spare = spare.saturating_sub(cards);
    }

    fn one_more(&self) -> Result<(), Duration> {
        self.limits.iter().try_for_each(|limit| limit.check().map_err(|later| later.wait_time_from(DefaultClock::default().now())))
    }

    fn spare(&self) -> MutexGuard<'_, usize> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use super::Pace;
    use super::Rate;
    use std::num::NonZeroU32;
    use std::time::Duration;

    fn pace(per_second: u32, sustained: u32, burst: u32) -> Pace {
        let burst = NonZeroU32::new(burst).unwrap();
        Pace::new(Rate { per_second: NonZeroU32::new(per_second), sustained_per_second: NonZeroU32::new(sustained), burst })
    }

    #[test]
    fn without_limits_everything_goes() {
        let pace = pace(0, 0, 1);
        assert_eq!(pace.budget(1_000), Budget { cards: 1_000, more_in: None });
    }

    #[test]
    fn what_was_not_spent_is_there_again_and_not_twice() {
        let pace = pace(0, 1, 100);
        assert_eq!(pace.budget(60).cards, 60);
        assert_eq!(pace.budget(60).cards, 60);
        pace.spend(60);
        assert!(pace.budget(60).cards < 60);
    }

    #[test]
    fn a_long_row_slows_down_and_says_when_it_goes_on() {
        let pace = pace(1_000, 1, 5);
        let Budget { cards, more_in } = pace.budget(1_000);
        // One more if a second goes by meanwhile.
        assert!((5..7).contains(&cards), "{cards}");
        assert!(more_in.is_some_and(|wait| wait <= Duration::from_secs(1)), "{more_in:?}");
    }
}
