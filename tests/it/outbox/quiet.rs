//! Quiet hours: what waits for their end, what does not, and that nothing is lost by them.

use crate::store::values::event_id;
use crate::store::values::room_id;
use crate::store::values::trade;
use crate::store::values::user;
use crate::support::fake_homeserver::Answer;
use crate::support::sending::Sending;
use jiff::Timestamp;
use jiff::civil::time;
use tradepost::domain::delivery::What;
use tradepost::domain::notice::Notice;
use tradepost::domain::settings::Output;
use tradepost::domain::settings::Quiet;
use tradepost::domain::sharer::Contact;
use tradepost::domain::text::Line;

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Quiet from ten in the evening to eight in the morning, in Berlin.
fn at_night(contact: &mut Contact) {
    contact.settings.quiet = Some(Quiet::Between { from: time(22, 0, 0, 0), until: time(8, 0, 0, 0) });
    contact.settings.time_zone = Some("Europe/Berlin".to_owned());
}

/// It is eleven in the evening in Berlin, the day before summer time begins.
async fn one_night() -> Sending {
    let sending = Sending::with_friends(&["mary"]).await;
    sending.clock.set(moment("2030-03-30T22:00:00Z"));
    sending.contact_changes("mary", at_night).await;
    sending
}

const MORNING: &str = "2030-03-31T06:00:00Z";

#[tokio::test]
async fn cards_wait_for_the_morning_by_the_new_clock_and_come_in_order() {
    let mut sending = one_night().await;
    sending.queue("mary", What::Introduction { sharer: user("joy"), asks: false }).await;
    sending.queue_cards("mary", &["mug", "pot"]).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment(MORNING));
    assert_eq!(sending.homeserver.requests(), []);
    sending.clock.set(moment(MORNING));
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary")[1..], ["mug", "pot"]);
}

#[tokio::test]
async fn many_that_waited_for_the_morning_become_one_message() {
    let mut sending = one_night().await;
    let names: Vec<String> = (0..11).map(|number| format!("item-{number}")).collect();
    sending.queue_cards("mary", &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment(MORNING));
    sending.clock.set(moment(MORNING));
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["11 new items"]);
}

#[tokio::test]
async fn a_digest_whose_hour_is_a_quiet_one_comes_when_they_end() {
    let mut sending = one_night().await;
    sending
        .contact_changes("mary", |contact| {
            contact.settings.outputs = Some([Output::Digest].into());
            contact.settings.digest_at = Some(time(23, 30, 0, 0));
        })
        .await;
    sending.queue_trade("mary", trade("shop", "mug"), |sharer, trade, shop| What::Gathered { sharer, trade, shop }).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment("2030-03-30T22:30:00Z"));
    sending.clock.set(moment("2030-03-30T22:30:00Z"));
    assert_eq!(sending.next_attempt_at().await, moment(MORNING));
    sending.clock.set(moment(MORNING));
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["1 new item"]);
}

#[tokio::test]
async fn a_change_of_the_hours_or_the_zone_counts_at_once() {
    let mut sending = one_night().await;
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment(MORNING));
    // Half past three in the afternoon there.
    sending.contact_changes("mary", |contact| contact.settings.time_zone = Some("America/Los_Angeles".to_owned())).await;
    sending.nothing_waits().await;
    sending.contact_changes("mary", at_night).await;
    sending.queue_cards("mary", &["pot"]).await;
    assert_eq!(sending.next_attempt_at().await, moment(MORNING));
    sending.contact_changes("mary", |contact| contact.settings.quiet = Some(Quiet::Off)).await;
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["mug", "pot"]);
}

#[tokio::test]
async fn a_repeat_waits_too_and_arrives_once() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.clock.set(moment("2030-03-30T20:59:59Z"));
    sending.contact_changes("mary", at_night).await;
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    sending.clock.set(sending.next_attempt_at().await);
    assert_eq!(sending.next_attempt_at().await, moment(MORNING));
    sending.clock.set(moment(MORNING));
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["mug"]);
    assert_eq!(sending.homeserver.sends().len(), 2);
}

#[tokio::test]
async fn replies_do_not_wait() {
    let mut sending = one_night().await;
    sending.queue_cards("mary", &["mug"]).await;
    let notice = Notice::Muted { sharer: "Joy".to_owned(), until_at: None };
    sending.queue("mary", What::Reply { to: event_id("said"), reader: user("mary"), openly: true, notice }).await;
    sending.start();
    sending.so_many_wait(1).await;
    assert_eq!(sending.said_to("mary").len(), 1);
    assert_eq!(sending.waiting_cards("mary").await.len(), 1);
}

#[tokio::test]
async fn a_new_board_waits_and_an_edit_of_one_does_not() {
    let mut sending = one_night().await;
    sending.shows_as("mary", &[Output::Board]).await;
    let add = |sharer, trade, shop: Line| What::Board { sharer, add: Some((trade, shop)) };
    sending.queue_trade("mary", trade("shop", "mug"), add).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment(MORNING));
    sending.clock.set(moment(MORNING));
    sending.nothing_waits().await;
    sending.clock.set(moment("2030-03-31T22:00:00Z"));
    sending.queue_trade("mary", trade("shop", "pot"), add).await;
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.sends().len(), 2);
    assert!(sending.store.board(&user("joy"), &room_id("mary")).await.unwrap().unwrap().shows.len() == 2);
}
