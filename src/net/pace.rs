//! How fast one host is asked: so many requests a second and so many at a time, whoever asks.

use governor::DefaultDirectRateLimiter;
use governor::DefaultKeyedRateLimiter;
use governor::Quota;
use governor::RateLimiter;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

/// Requests to one host at the same time.
const AT_A_TIME: usize = 2;

/// Hosts that are remembered before those that are idle are forgotten.
const REMEMBERED: usize = 1_000;

/// Hands out turns, host by host.
pub(super) struct Pace {
    rate: DefaultKeyedRateLimiter<String>,
    places: Mutex<HashMap<String, Arc<Semaphore>>>,
    /// Hosts that say how much they want; adapters name them, so there are few.
    slow: Mutex<HashMap<(String, NonZeroU32), Arc<DefaultDirectRateLimiter>>>,
}

/// A turn: the next one gets its place when it is dropped.
pub(super) struct Turn {
    _place: Option<OwnedSemaphorePermit>,
}

impl Pace {
    /// `per_second`: requests to one host; 0 is taken as 1.
    pub(super) fn new(per_second: u32) -> Self {
        let quota = Quota::per_second(NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN));
        Self { rate: RateLimiter::keyed(quota), places: Mutex::default(), slow: Mutex::default() }
    }

    /// The same for a host that wants no more than so many requests in a minute.
    pub(super) async fn turn_within(&self, host: &str, per_minute: Option<NonZeroU32>) -> Turn {
        let turn = self.turn(host).await;
        if let Some(per_minute) = per_minute {
            self.slow_of(host, per_minute).until_ready().await;
        }
        turn
    }

    fn slow_of(&self, host: &str, per_minute: NonZeroU32) -> Arc<DefaultDirectRateLimiter> {
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(RateLimiter::direct(Quota::per_minute(per_minute)));
        slow.entry((host.to_owned(), per_minute)).or_insert_with(new).clone()
    }

    /// Waits until `host` may be asked.
    pub(super) async fn turn(&self, host: &str) -> Turn {
        // Closed is what these semaphores never are.
        let place = self.places_of(host).acquire_owned().await.ok();
        if self.rate.len() > REMEMBERED {
            self.rate.retain_recent();
        }
        self.rate.until_key_ready(&host.to_owned()).await;
        Turn { _place: place }
    }

    fn places_of(&self, host: &str) -> Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() > REMEMBERED {
            places.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let new = || Arc::new(Semaphore::new(AT_A_TIME));
        places.entry(host.to_owned()).or_insert_with(new).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use super::REMEMBERED;
    use futures_util::FutureExt;

    #[test]
    fn a_third_request_waits_until_one_of_two_is_done_and_other_hosts_do_not() {
        let pace = Pace::new(100);
        let first = pace.turn("a.example").now_or_never().unwrap();
        let _second = pace.turn("a.example").now_or_never().unwrap();
        assert!(pace.turn("a.example").now_or_never().is_none());
        assert!(pace.turn("b.example").now_or_never().is_some());
        drop(first);
        assert!(pace.turn("a.example").now_or_never().is_some());
    }

    #[test]
    fn a_host_that_had_its_requests_of_this_second_is_not_asked_again() {
        let pace = Pace::new(1);
        assert!(pace.turn("a.example").now_or_never().is_some());
        assert!(pace.turn("a.example").now_or_never().is_none());
    }

    #[test]
    fn idle_hosts_are_forgotten() {
        let pace = Pace::new(100);
        for number in 0..3 * REMEMBERED {
            pace.turn(&format!("shop{number}.example")).now_or_never().unwrap();
        }
        assert!(pace.places.lock().unwrap().len() <= REMEMBERED + 1);
    }
}
