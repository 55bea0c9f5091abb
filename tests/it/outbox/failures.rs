//! What the outbox does when the homeserver asks to wait, fails, breaks off, forgets, or refuses.

use crate::support::fake_homeserver::Answer;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::domain::delivery::Reaction;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::EventId;
use tradepost::matrix::client::MatrixError;

/// A millisecond: the shortest time that is too early.
const TOO_EARLY: Duration = Duration::from_millis(1);

fn asks_to_wait(retry_after: Option<u64>, body: Value) -> Answer {
    Answer::Refused { status: 429, retry_after, body }
}

/// Has something else done now, in the room of `friend`: what was due before it has had its turn then.
async fn something_else_is_done(sending: &Sending, friend: &str) {
    let waiting = sending.store.totals().await.unwrap().waiting;
    let to = EventId::new(format!("$seen-{waiting}-{}", sending.clock.now()));
    sending.queue(friend, What::React { to, key: Reaction::Done }).await;
    sending.so_many_wait(waiting).await;
}

fn sent_at(sending: &Sending) -> Vec<Timestamp> {
    sending.homeserver.sends().iter().filter(|send| send.sent().unwrap().1 == "m.room.message").map(|send| send.at).collect()
}

async fn is_waited_for(answer: Answer, wait: Duration) {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    let began_at = sending.clock.now();
    sending.queue_cards("mary", &["mug"]).await;
    sending.homeserver.answers_next(1, answer);
    sending.start();
    assert_eq!(sending.next_attempt_at().await, began_at + wait);
    sending.clock.set(began_at + wait - TOO_EARLY);
    something_else_is_done(&sending, "anna").await;
    assert_eq!(sent_at(&sending), [began_at], "it was repeated too early");
    sending.clock.set(began_at + wait);
    sending.nothing_waits().await;
    assert_eq!(sent_at(&sending), [began_at, began_at + wait]);
    assert_eq!(sending.said_to("mary"), ["mug"]);
}

#[tokio::test]
async fn retry_after_is_obeyed_to_the_second() {
    is_waited_for(asks_to_wait(Some(37), json!({"errcode": "M_LIMIT_EXCEEDED", "error": ""})), Duration::from_secs(37)).await;
}

#[tokio::test]
async fn retry_after_counts_before_the_older_field_in_the_body() {
    let body = json!({"errcode": "M_LIMIT_EXCEEDED", "error": "", "retry_after_ms": 5_000});
    is_waited_for(asks_to_wait(Some(40), body), Duration::from_secs(40)).await;
}

#[tokio::test]
async fn the_milliseconds_in_the_body_are_obeyed_where_there_is_no_header() {
    let body = json!({"errcode": "M_LIMIT_EXCEEDED", "error": "", "retry_after_ms": 12_345});
    is_waited_for(asks_to_wait(None, body), Duration::from_millis(12_345)).await;
}

#[tokio::test]
async fn a_proxys_wish_to_wait_is_obeyed_too() {
    is_waited_for(Answer::Refused { status: 503, retry_after: Some(120), body: Value::Null }, Duration::from_mins(2)).await;
}

#[tokio::test]
async fn failures_back_off_and_nothing_is_lost_doubled_or_overtaken() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    sending.queue_cards("mary", &["mug", "vase"]).await;
    let troubles = [
        Answer::error(503, "M_UNKNOWN"),
        Answer::Lost,
        Answer::AcceptedAndLost,
        Answer::Refused { status: 502, retry_after: None, body: Value::Null },
        Answer::AcceptedAndLost,
        Answer::error(500, "M_UNKNOWN"),
        // A proxy's own, before a homeserver that is away: no word about the room.
        Answer::Refused { status: 404, retry_after: None, body: Value::Null },
    ];
    for trouble in troubles.clone() {
        sending.homeserver.answers_next(1, trouble);
    }
    sending.start();
    for attempts in 1..=troubles.len() {
        sending.homeserver.has_sends(attempts).await;
        sending.clock.set(sending.next_attempt_at().await);
    }
    sending.nothing_waits().await;
    let times = sent_at(&sending);
    assert_eq!(times.len(), troubles.len() + 2);
    let waits: Vec<SignedDuration> = times[..=troubles.len()].windows(2).map(|pair| pair[1].duration_since(pair[0])).collect();
    assert!(waits[0] >= SignedDuration::from_secs(1), "{waits:?}");
    assert!(waits.windows(2).all(|pair| pair[1] > pair[0]), "{waits:?}");
    assert_eq!(sending.said_to("mary"), ["mug", "vase"]);
    assert_eq!(sending.homeserver.events().len(), 2);
}

#[tokio::test]
async fn a_room_that_fails_holds_up_no_other() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    sending.homeserver.answers_in("!mary:a.example", Answer::Lost);
    sending.queue_cards("mary", &["mug"]).await;
    sending.queue_cards("anna", &["bowl", "cup"]).await;
    sending.start();
    sending.so_many_wait(1).await;
    assert_eq!(sending.said_to("anna"), ["bowl", "cup"]);
    assert_eq!(sending.waiting_cards("mary").await.len(), 1);
}

#[tokio::test]
async fn a_repeat_after_a_day_finds_its_mark_and_is_not_sent_again() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    sending.next_attempt_at().await;
    sending.homeserver.forgets_transactions();
    sending.clock.advance(Duration::from_hours(25));
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.sends().len(), 1);
    assert_eq!(sending.homeserver.others(), ["GET rooms/!mary:a.example/messages"]);
    assert_eq!(sending.said_to("mary"), ["mug"]);
    assert_eq!(sending.last_posting("mary").await.event.as_str(), sending.homeserver.events()[0].id);
}

#[tokio::test]
async fn a_repeat_after_a_day_is_sent_where_its_mark_is_not_there() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue_cards("mary", &["vase"]).await;
    sending.start();
    sending.nothing_waits().await;
    sending.homeserver.answers_next(1, Answer::Lost);
    sending.queue_cards("mary", &["mug"]).await;
    sending.next_attempt_at().await;
    sending.homeserver.forgets_transactions();
    sending.clock.advance(Duration::from_hours(25));
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.others(), ["GET rooms/!mary:a.example/messages"]);
    assert_eq!(sending.said_to("mary"), ["vase", "mug"]);
}

#[tokio::test]
async fn within_a_day_the_homeserver_remembers_and_is_not_asked_what_stands_there() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    sending.next_attempt_at().await;
    sending.clock.advance(Duration::from_hours(22));
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.sends().len(), 2);
    assert_eq!(sending.homeserver.others(), Vec::<String>::new());
    assert_eq!(sending.said_to("mary"), ["mug"]);
}

#[tokio::test]
async fn a_room_that_refuses_is_broken_alone_and_its_cards_come_when_it_works_again() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    sending.homeserver.answers_in("!mary:a.example", Answer::error(403, "M_FORBIDDEN"));
    sending.queue_cards("mary", &["mug", "vase"]).await;
    sending.queue_cards("anna", &["bowl", "cup"]).await;
    sending.start();
    // Mary's cards are all that is left: Joy has been told.
    sending.so_many_wait(2).await;
    assert_eq!(sending.said_to("anna"), ["bowl", "cup"]);
    assert!(sending.room("mary").await.broken_since_at.is_some());
    assert!(sending.room("anna").await.broken_since_at.is_none());
    for sends in 5..8 {
        sending.clock.set(sending.next_attempt_at().await);
        sending.homeserver.has_sends(sends).await;
        sending.next_attempt_at().await;
    }
    let refused_at: Vec<Timestamp> =
        sending.homeserver.sends().iter().filter(|send| send.path[1].contains("mary")).map(|send| send.at).collect();
    let waits: Vec<SignedDuration> = refused_at.windows(2).map(|pair| pair[1].duration_since(pair[0])).collect();
    assert!(waits[0] >= SignedDuration::from_mins(1) && waits.is_sorted() && waits[2] >= waits[0] * 2, "{waits:?}");
    let told = sending.said_to(DESK);
    assert!(told.len() == 1 && told[0].contains("Mary"), "{told:?}");
    sending.homeserver.works_again();
    sending.clock.set(sending.next_attempt_at().await);
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["mug", "vase"]);
    assert!(sending.room("mary").await.broken_since_at.is_none());
    assert_eq!(sending.said_to(DESK).len(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_known_is_told_to_whoever_runs_the_program() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.answers_next(1, Answer::error(401, "M_UNKNOWN_TOKEN"));
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    assert_eq!(sending.failure().await, MatrixError::TokenRefused);
    sending.next_attempt_at().await;
    assert_eq!(sending.waiting_cards("mary").await.len(), 1, "it is kept for the day the token is right");
}

#[tokio::test]
async fn what_the_homeserver_can_never_take_is_put_aside_with_its_reason_and_the_next_card_comes() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.answers_next(1, Answer::error(413, "M_TOO_LARGE"));
    sending.queue_cards("mary", &["mug", "vase"]).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["vase"]);
    assert_eq!(sending.store.totals().await.unwrap().buried, 1);
}

#[tokio::test]
async fn a_sender_rests_as_long_as_a_busy_homeserver_took() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    sending.settings.parallel = 1;
    let began_at = sending.clock.now();
    sending.homeserver.answers_next(1, Answer::Slow(Duration::from_secs(3)));
    sending.queue_cards("mary", &["mug"]).await;
    sending.queue_cards("anna", &["bowl"]).await;
    sending.start();
    sending.clock.is_slept_until(began_at + Duration::from_secs(6)).await;
    assert_eq!(sent_at(&sending), [began_at]);
    sending.clock.set(began_at + Duration::from_secs(6));
    sending.nothing_waits().await;
    assert_eq!(sent_at(&sending), [began_at, began_at + Duration::from_secs(6)]);
}
