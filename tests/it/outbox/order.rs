//! What is sent and in which order, and that a repeat is the same request.

use crate::store::values::event_id;
use crate::store::values::room_id;
use crate::store::values::user;
use crate::support::clock::soon;
use crate::support::fake_homeserver::Answer;
use crate::support::fake_homeserver::BOT;
use crate::support::fake_homeserver::Request;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use crate::support::sending::until;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use tradepost::clock::Clock;
use tradepost::domain::delivery::Delivery;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::UserId;
use tradepost::domain::notice::Notice;
use tradepost::domain::sharer::Language;

fn transaction_of(request: &Request) -> String {
    request.sent().unwrap().2.to_owned()
}

fn expected_transaction(card: &Delivery, friend: &str) -> String {
    card.transaction_id(&UserId::new(BOT), &room_id(friend))
}

#[tokio::test]
async fn each_card_is_one_call_as_the_bots_device_and_in_a_room_the_oldest_comes_first() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    for (friend, trade) in [("mary", "mug"), ("anna", "bowl"), ("mary", "vase"), ("anna", "cup"), ("mary", "jug")] {
        sending.queue_cards(friend, &[trade]).await;
    }
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["mug", "vase", "jug"]);
    assert_eq!(sending.said_to("anna"), ["bowl", "cup"]);
    let requests = sending.homeserver.requests();
    assert_eq!(requests.len(), 5, "{requests:#?}");
    for request in &requests {
        let query: Vec<_> = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(query, [("device_id", "TRADEPOST"), ("user_id", BOT)]);
        assert_eq!(request.sent().unwrap().1, "m.room.message");
    }
}

#[tokio::test]
async fn the_transaction_id_is_a_pure_function_of_the_delivery_and_no_two_share_one() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    let mut expected = Vec::new();
    for friend in ["mary", "anna"] {
        sending.queue_cards(friend, &["mug", "vase"]).await;
        expected.extend(sending.waiting_cards(friend).await.iter().map(|card| expected_transaction(card, friend)));
    }
    sending.start();
    sending.nothing_waits().await;
    let transactions: BTreeSet<String> = sending.homeserver.sends().iter().map(transaction_of).collect();
    assert_eq!(transactions.len(), 4);
    assert_eq!(transactions, expected.into_iter().collect());
}

#[tokio::test]
async fn a_repeat_has_the_same_transaction_and_the_same_bytes_also_after_a_restart() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue_cards("mary", &["mug"]).await;
    sending.homeserver.answers_next(1, Answer::error(503, "M_UNKNOWN"));
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    sending.start();
    sending.clock.set(sending.next_attempt_at().await);
    sending.homeserver.has_sends(2).await;
    let again_at = sending.next_attempt_at().await;
    sending.stop().await;
    // The language is another now; what was fixed before the first attempt stays as it was.
    sending.settings.language = Language::SimplifiedChinese;
    sending.clock.set(again_at);
    sending.start();
    sending.nothing_waits().await;
    let sends = sending.homeserver.sends();
    assert_eq!(sends.len(), 3);
    for repeat in &sends[1..] {
        assert_eq!((&repeat.path, &repeat.body), (&sends[0].path, &sends[0].body));
    }
    assert_eq!(sending.said_to("mary"), ["mug"]);
}

#[tokio::test]
async fn what_was_under_way_when_the_program_ended_is_repeated_and_arrives_once() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue_cards("mary", &["mug", "vase"]).await;
    sending.start();
    // Ended while the call is under way or just after it: whichever, the homeserver knows the transaction.
    sending.homeserver.has_sends(1).await;
    sending.stop().await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["mug", "vase"]);
}

#[tokio::test]
async fn the_bots_device_is_made_again_when_somebody_deleted_it() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.loses_the_device();
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    sending.clock.set(sending.next_attempt_at().await);
    sending.nothing_waits().await;
    assert_eq!(
        sending.homeserver.others(),
        ["POST register", "GET user/@tradepost:a.example/account_data/org.tradepost.device", "PUT devices/TRADEPOST"]
    );
    assert_eq!(sending.said_to("mary"), ["mug"]);
}

fn row_of_cards(length: usize) -> Vec<String> {
    (0..length).map(|number| format!("mug {number}")).collect()
}

/// Joy has a row of cards for Mary, and they go at this pace.
async fn a_row_at(length: usize, sustained_per_second: u32) -> Sending {
    let mut sending = Sending::with_friends(&["mary"]).await;
    (sending.settings.digest_above, sending.settings.cards_per_day) = (1_000, 1_000);
    sending.settings.rate.sustained_per_second = NonZeroU32::new(sustained_per_second);
    let row = row_of_cards(length);
    sending.queue_cards("mary", &row.iter().map(String::as_str).collect::<Vec<_>>()).await;
    sending
}

#[tokio::test]
async fn a_long_row_goes_on_as_time_goes_by() {
    let mut sending = a_row_at(30, 1_000).await;
    sending.start();
    let store = Arc::clone(&sending.store);
    let gone = async {
        while store.totals().await.unwrap().waiting > 0 {
            sending.clock.set(sending.clock.now() + SignedDuration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    soon("the end of the row", gone).await;
    assert_eq!(sending.said_to("mary"), row_of_cards(30));
}

#[tokio::test]
async fn a_reply_does_not_wait_behind_a_row_that_is_held_back() {
    let mut sending = a_row_at(100, 1).await;
    sending.start();
    sending.homeserver.has_sends(1).await;
    let notice = Notice::AllPaused;
    sending.queue(DESK, What::Reply { to: event_id("said"), reader: user("joy"), openly: false, notice }).await;
    let is_said = async || (sending.said_to(DESK).len() == 1).then_some(());
    until(sending.store.as_ref(), "the reply", is_said).await;
    assert!(!sending.waiting_cards("mary").await.is_empty());
}
