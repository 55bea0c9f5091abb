//! When many cards become one message, and when the rest waits for the next day.

use crate::store::values::trade;
use crate::support::fake_homeserver::Answer;
use crate::support::fake_homeserver::Event;
use crate::support::sending::Sending;
use serde_json::Value;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::domain::delivery::What;
use tradepost::matrix::render::TRADES;

const DAY: Duration = Duration::from_hours(24);

fn names(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("item-{number:02}")).collect()
}

async fn queue(sending: &Sending, names: &[String]) {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    sending.queue_cards("mary", &names).await;
}

/// The ids of the trades that a digest names, in its order.
fn trades_in(event: &Event) -> Vec<String> {
    let content: Value = serde_json::from_str(&event.content).unwrap();
    let trades = content[TRADES]["trades"].as_array().cloned().unwrap_or_default();
    trades.iter().map(|trade| trade["id"].as_str().unwrap().to_owned()).collect()
}

fn ids(names: &[String]) -> Vec<String> {
    names.iter().map(|name| trade("shop", name).id().to_string()).collect()
}

#[tokio::test]
async fn more_cards_than_digest_above_become_one_message_that_holds_them_in_order() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    let names = names(11);
    queue(&sending, &names).await;
    sending.start();
    sending.nothing_waits().await;
    let events = sending.homeserver.events();
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!(trades_in(&events[0]), ids(&names));
    let places: Vec<_> = names.iter().map(|name| events[0].content.find(name.as_str()).unwrap()).collect();
    assert!(places.is_sorted(), "the words are in order too: {places:?}");
}

#[tokio::test]
async fn as_many_cards_as_digest_above_stay_cards() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    let names = names(10);
    queue(&sending, &names).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), names);
}

#[tokio::test]
async fn what_a_digest_holds_is_fixed_before_its_first_attempt() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    let (held, later) = (names(14)[..12].to_vec(), names(14)[12..].to_vec());
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    sending.homeserver.answers_next(1, Answer::Lost);
    queue(&sending, &held).await;
    sending.start();
    sending.next_attempt_at().await;
    let waiting = sending.waiting_cards("mary").await;
    assert!(matches!(&waiting[..], [only] if matches!(&only.what, What::Digest { trades, .. } if trades.len() == 12)), "{waiting:?}");
    queue(&sending, &later).await;
    sending.clock.set(sending.next_attempt_at().await);
    sending.homeserver.has_sends(2).await;
    let again_at = sending.next_attempt_at().await;
    sending.stop().await;
    sending.start();
    sending.clock.set(again_at);
    sending.nothing_waits().await;
    let sends = sending.homeserver.sends();
    for repeat in &sends[1..3] {
        assert_eq!((&repeat.path, &repeat.body), (&sends[0].path, &sends[0].body));
    }
    let events = sending.homeserver.events();
    assert_eq!(events.len(), 3);
    assert_eq!(trades_in(&events[0]), ids(&held));
    assert_eq!(sending.said_to("mary")[1..], later);
}

#[tokio::test]
async fn a_card_that_may_have_arrived_becomes_no_part_of_a_digest() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    let names = names(13);
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    queue(&sending, &names[..1]).await;
    sending.start();
    sending.next_attempt_at().await;
    queue(&sending, &names[1..]).await;
    sending.clock.set(sending.next_attempt_at().await);
    sending.nothing_waits().await;
    let events = sending.homeserver.events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].says(), names[0]);
    assert_eq!(trades_in(&events[1]), ids(&names[1..]));
}

#[tokio::test]
async fn a_days_cards_go_out_and_the_rest_is_one_message_when_the_day_is_over() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    sending.settings.cards_per_day = 3;
    let began_at = sending.clock.now();
    let names = names(5);
    queue(&sending, &names).await;
    sending.queue_cards("anna", &["bowl"]).await;
    sending.start();
    sending.so_many_wait(2).await;
    assert_eq!(sending.said_to("mary"), names[..3]);
    assert_eq!(sending.said_to("anna"), ["bowl"], "each contact has a day of her own");
    assert_eq!(sending.next_attempt_at().await, began_at + DAY);
    sending.clock.set(began_at + DAY);
    sending.nothing_waits().await;
    let events = sending.homeserver.events();
    assert_eq!(events.len(), 5);
    assert_eq!(trades_in(&events[4]), ids(&names[3..]));
    assert_eq!(events[4].at, began_at + DAY);
}

#[tokio::test]
async fn a_new_day_begins_with_its_first_card() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.settings.cards_per_day = 2;
    let names = names(4);
    sending.start();
    queue(&sending, &names[..2]).await;
    sending.nothing_waits().await;
    sending.clock.advance(DAY + DAY / 2);
    queue(&sending, &names[2..3]).await;
    sending.nothing_waits().await;
    sending.clock.advance(DAY / 2);
    queue(&sending, &names[3..]).await;
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), names);
}
