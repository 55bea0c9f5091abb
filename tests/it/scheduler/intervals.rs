//! When sources are polled.

use crate::support::feed::Answer;
use crate::support::feed::Feed;
use crate::support::polling::INTERVAL;
use crate::support::polling::Polling;
use crate::support::polling::followers_of;
use crate::support::polling::source_at;
use crate::support::sending::until;
use axum::http::StatusCode;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::domain::notice::Notice;
use tradepost::domain::problem::Problem;

/// A millisecond: the shortest time that is too early.
const TOO_EARLY: Duration = Duration::from_millis(1);

/// Joy, who follows a feed, while Anna follows another that is polled a millisecond before it each
/// time: when Anna's has been polled, it has been seen that Joy's is not due yet.
async fn two_feeds() -> (Polling, Feed, Feed) {
    let mut polling = Polling::new();
    let (joys, annas) = (Feed::start().await, Feed::start().await);
    polling.adds("anna", &annas.url()).await;
    polling.clock.advance(TOO_EARLY);
    polling.adds("joy", &joys.url()).await;
    polling.start();
    (polling, joys, annas)
}

#[tokio::test]
async fn a_source_is_polled_exactly_at_its_interval_whatever_time_a_poll_takes() {
    let (polling, feed, probe) = two_feeds().await;
    let mut due_at = polling.clock.now();
    for round in 1..=40 {
        let before = polling.source(&feed.url()).await;
        due_at += INTERVAL;
        assert_eq!(before.next_poll_at, due_at);
        polling.clock.set(due_at - TOO_EARLY);
        polling.is_polled(&probe.url(), due_at - TOO_EARLY).await;
        assert_eq!(feed.requests(), round, "it was polled too early");
        let takes = Duration::from_secs(u64::from(round % 4) * 47);
        feed.holds();
        polling.clock.set(due_at);
        feed.is_asked(round + 1).await;
        polling.clock.advance(takes);
        feed.goes_on();
        polling.is_polled(&feed.url(), due_at).await;
    }
    assert_eq!(feed.requests(), 41, "one when it was added, and one in each interval");
}

#[tokio::test]
async fn missed_time_is_not_made_up_for_and_the_phase_stays() {
    let (polling, feed, probe) = two_feeds().await;
    let began_at = polling.clock.now();
    // The machine slept.
    let woke_at = began_at + 7 * INTERVAL + Duration::from_secs(123);
    polling.clock.set(woke_at);
    let source = polling.is_polled(&feed.url(), woke_at).await;
    assert_eq!(source.next_poll_at, began_at + 8 * INTERVAL);
    polling.is_polled(&probe.url(), woke_at).await;
    polling.clock.set(began_at + 8 * INTERVAL);
    polling.is_polled(&feed.url(), began_at + 8 * INTERVAL).await;
    assert_eq!(feed.requests(), 3);
}

#[tokio::test]
async fn a_poll_that_takes_longer_than_the_interval_is_followed_by_one_and_then_by_the_phase() {
    let (polling, feed, _probe) = two_feeds().await;
    let began_at = polling.clock.now();
    feed.holds();
    polling.clock.set(began_at + INTERVAL);
    feed.is_asked(2).await;
    let answered_at = began_at + 4 * INTERVAL + Duration::from_secs(5);
    polling.clock.set(answered_at);
    feed.goes_on();
    let source = polling.is_polled(&feed.url(), answered_at).await;
    assert_eq!(source.next_poll_at, began_at + 5 * INTERVAL);
    assert_eq!(feed.requests(), 3);
}

/// The times between polls that all fail.
async fn waits_of(polling: &Polling, feed: &Feed, times: u32) -> Vec<SignedDuration> {
    let mut waits = Vec::new();
    for failures in 1..=times {
        let source = polling.has_failed(&feed.url(), failures).await;
        waits.push(source.next_poll_at.duration_since(polling.clock.now()));
        if failures < times {
            polling.clock.set(source.next_poll_at);
        }
    }
    waits
}

#[tokio::test]
async fn failures_back_off_for_their_source_alone_are_told_once_and_a_success_clears_them() {
    let (polling, feed, fine) = two_feeds().await;
    feed.answers_with(Answer::Status(StatusCode::NOT_FOUND));
    let failed_at = polling.clock.now() + INTERVAL;
    polling.clock.set(failed_at);
    for failures in 1..=6 {
        let source = polling.has_failed(&feed.url(), failures).await;
        assert_eq!(polling.told("joy").await.1, u32::from(failures >= 3), "told once, and not of a hiccup");
        if failures < 6 {
            polling.clock.set(source.next_poll_at);
        }
    }
    let failure = polling.source(&feed.url()).await.failure.unwrap();
    assert_eq!((failure.since_at, failure.attempts, failure.told, failure.problem), (failed_at, 6, true, Problem::NotFound));
    let (notice, count) = polling.told("joy").await;
    assert!(matches!(notice, Some(Notice::AccountFailing { problem: Problem::NotFound, .. })), "{notice:?}");
    assert_eq!((count, polling.told("anna").await.1), (1, 0));
    let other = polling.source(&fine.url()).await;
    assert_eq!((other.failure, other.next_poll_at.duration_since(polling.clock.now()) <= SignedDuration::from_mins(10)), (None, true));

    feed.answers_with(Answer::Feed);
    let works_at = polling.source(&feed.url()).await.next_poll_at;
    polling.clock.set(works_at);
    let source = polling.is_polled(&feed.url(), works_at).await;
    assert_eq!((source.failure, source.next_poll_at), (None, works_at + INTERVAL));
    assert_eq!(polling.told("joy").await.1, 1);
}

#[tokio::test]
async fn waits_after_failures_grow_up_to_an_hour() {
    let (polling, feed, _probe) = two_feeds().await;
    feed.answers_with(Answer::Status(StatusCode::INTERNAL_SERVER_ERROR));
    polling.clock.advance(INTERVAL);
    let waits = waits_of(&polling, &feed, 8).await;
    assert!(waits.is_sorted() && waits[0] < waits[1] && waits[0] >= SignedDuration::from_mins(10), "{waits:?}");
    assert_eq!(waits[7], SignedDuration::from_hours(1));
    assert_eq!(polling.told("joy").await.1, 0, "what may pass by itself is told later");
}

#[tokio::test]
async fn what_a_feed_asks_to_wait_is_obeyed() {
    let (polling, feed, _probe) = two_feeds().await;
    feed.answers_with(Answer::TooMany(9_000));
    polling.clock.advance(INTERVAL);
    let waits = waits_of(&polling, &feed, 1).await;
    assert_eq!(waits, [SignedDuration::from_secs(9_000)]);
}

#[tokio::test]
async fn hundreds_of_sources_that_are_due_at_once_are_all_polled_some_at_a_time() {
    let mut polling = Polling::new();
    let feed = Feed::start().await;
    let addresses: Vec<String> = (0..400).map(|number| format!("{}?shop={number}", feed.url())).collect();
    polling.commit(followers_of(&addresses, 50)).await;
    let began_at = polling.clock.now();
    feed.holds();
    polling.start();
    feed.is_asked(2).await;
    let left = polling.store.lease_sources(began_at, 1_000).await.unwrap();
    assert!((300..400).contains(&left.len()), "{} are polled at once", 400 - left.len());
    for source in &left {
        polling.store.release_source(source);
    }
    feed.goes_on();
    until(polling.store.as_ref(), "no source that is due", async || {
        let next_at: Option<Timestamp> = polling.store.next_poll_at().await.unwrap();
        let all_free = next_at.is_some_and(|at| at > began_at);
        let mut answered = 0;
        for address in addresses.iter().filter(|_| all_free) {
            let source = polling.store.source(&source_at(address)).await.unwrap().unwrap();
            answered += usize::from(source.answered_at == Some(began_at));
        }
        (answered == addresses.len()).then_some(())
    })
    .await;
    assert_eq!(feed.requests(), 400, "each once");
}
