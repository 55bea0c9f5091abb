//! Boards: one message for each sharer and room, edited as trades come and go, and pinned.

use crate::store::values::at;
use crate::store::values::event_id;
use crate::store::values::room_id;
use crate::store::values::trade;
use crate::store::values::user;
use crate::support::fake_homeserver::Answer;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use crate::support::sending::until;
use iso_currency::Currency;
use serde_json::Value;
use serde_json::json;
use tradepost::clock::Clock;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::TradeId;
use tradepost::domain::ids::UserId;
use tradepost::domain::money::Price;
use tradepost::domain::settings::Output;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Mute;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;

fn add(sharer: UserId, trade: TradeId, shop: Line) -> What {
    What::Board { sharer, add: Some((trade, shop)) }
}

fn seen(name: &str, seconds: i64) -> Trade {
    Trade { seen_at: at(seconds), ..trade("shop", name) }
}

async fn with_board() -> Sending {
    let sending = Sending::with_friends(&["mary"]).await;
    sending.shows_as("mary", &[Output::Board]).await;
    sending
}

/// The names on Mary's board, first to last.
fn board(sending: &Sending) -> Vec<String> {
    let bodies = sending.bodies_to("mary");
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
    bodies[0].lines().filter_map(|line| line.strip_prefix("• ")).map(|line| line.split(" - ").next().unwrap().to_owned()).collect()
}

fn pinned(sending: &Sending) -> Value {
    sending.homeserver.pinned_in(room_id("mary").as_str())
}

#[tokio::test]
async fn a_board_is_one_message_that_is_pinned_and_then_edited_without_a_sound() {
    let mut sending = with_board().await;
    sending.homeserver.pins(room_id("mary").as_str(), &["$other"]);
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.start();
    sending.nothing_waits().await;
    sending.queue_trade("mary", seen("pot", 1), add).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["pot", "mug"], "the newest comes first");
    let events = sending.homeserver.events();
    assert_eq!(events.len(), 2);
    assert_eq!(pinned(&sending), json!(["$other", events[0].id]));
    let edit = events[1].content();
    assert_eq!(edit["m.relates_to"], json!({"rel_type": "m.replace", "event_id": events[0].id}));
    assert_eq!(edit["m.mentions"], json!({}));
    let posting = sending.store.board(&user("joy"), &room_id("mary")).await.unwrap().unwrap();
    assert_eq!(posting.shows.len(), 2);
}

#[tokio::test]
async fn a_burst_is_one_message_and_a_later_burst_one_edit() {
    let mut sending = with_board().await;
    for number in 0..4 {
        sending.queue_trade("mary", trade("shop", &format!("item-{number}")), add).await;
    }
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.sends().len(), 1);
    sending.stop().await;
    for number in 4..15 {
        sending.queue_trade("mary", trade("shop", &format!("item-{number}")), add).await;
    }
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.sends().len(), 2);
    assert_eq!(board(&sending), (5..15).rev().map(|number| format!("item-{number}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_newer_trade_of_an_item_takes_the_place_of_the_older_and_goes_to_the_top() {
    let mut sending = with_board().await;
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.queue_trade("mary", seen("pot", 1), add).await;
    sending.start();
    sending.nothing_waits().await;
    sending.queue_trade("mary", Trade { kind: Kind::PriceChange, revision: 1, ..seen("mug", 2) }, add).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["mug", "pot"]);
}

#[tokio::test]
async fn what_cannot_be_had_any_more_or_was_undone_leaves_the_board() {
    let mut sending = with_board().await;
    for (second, name) in (0..).zip(["mug", "pot", "vase"]) {
        sending.queue_trade("mary", seen(name, second), add).await;
    }
    sending.start();
    sending.nothing_waits().await;
    sending.item_changes("mug", |item| item.available = Some(false)).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["vase", "pot"]);
    sending.joy_undoes(&seen("vase", 2)).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["pot"]);
    sending.joy_undoes(&seen("pot", 1)).await;
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["What joy offers now: 0 items\nNothing at the moment."]);
    sending.queue_trade("mary", seen("cup", 3), add).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["cup"]);
    assert_eq!(pinned(&sending), json!(["$event-1"]));
}

#[tokio::test]
async fn what_can_be_had_again_comes_back_to_its_place() {
    let mut sending = with_board().await;
    for (second, name) in (0..).zip(["mug", "pot", "vase"]) {
        sending.queue_trade("mary", seen(name, second), add).await;
    }
    sending.start();
    sending.nothing_waits().await;
    sending.item_changes("pot", |item| item.available = Some(false)).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["vase", "mug"]);
    sending.queue_trade("mary", seen("cup", 3), add).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["cup", "vase", "mug"]);
    sending.item_changes("pot", |item| item.available = Some(true)).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["cup", "vase", "pot", "mug"]);
}

#[tokio::test]
async fn a_board_with_a_new_price_shows_the_old_one_too() {
    let mut sending = with_board().await;
    let price = |amount: i64| Some(Price::new(amount.into(), Currency::EUR));
    sending.queue_trade("mary", Trade { price: price(30), ..seen("mug", 0) }, add).await;
    sending.start();
    sending.nothing_waits().await;
    sending.item_changes("mug", |item| item.price = price(20)).await;
    sending.nothing_waits().await;
    let html = sending.shown_to("mary")[0]["formatted_body"].as_str().unwrap().to_owned();
    assert!(html.contains("mug · EUR 20.00 <del>EUR 30.00</del> · shop"), "{html}");
}

#[tokio::test]
async fn what_is_gone_before_its_turn_makes_no_board() {
    let mut sending = with_board().await;
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.item_changes("mug", |item| item.available = Some(false)).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
}

#[tokio::test]
async fn nothing_comes_onto_a_board_that_is_switched_off_or_muted_but_what_is_undone_leaves_it() {
    let mut sending = with_board().await;
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.queue_trade("mary", seen("pot", 1), add).await;
    sending.start();
    sending.nothing_waits().await;
    sending.shows_as("mary", &[Output::Message]).await;
    sending.queue_trade("mary", seen("vase", 2), add).await;
    sending.nothing_waits().await;
    // What waited for the board goes the way that is on: nothing is lost.
    assert_eq!(sending.bodies_to("mary")[1..], ["vase"]);
    sending.shows_as("mary", &[Output::Board]).await;
    sending.contact_changes("mary", |contact| contact.mute = Some(Mute { since_at: at(0), until_at: None })).await;
    sending.queue_trade("mary", seen("cup", 3), add).await;
    sending.joy_undoes(&seen("mug", 0)).await;
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["What joy offers now: 1 item\n• pot - shop", "vase"]);
}

#[tokio::test]
async fn a_board_that_may_not_be_edited_and_shows_what_was_undone_is_taken_away() {
    let mut sending = with_board().await;
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.queue_trade("mary", seen("pot", 1), add).await;
    sending.start();
    sending.nothing_waits().await;
    sending.contact_changes("mary", |contact| contact.state = ContactState::Off).await;
    sending.joy_undoes(&seen("mug", 0)).await;
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary"), Vec::<Value>::new());
    assert_eq!(pinned(&sending), json!([]));
    sending.contact_changes("mary", |contact| contact.state = ContactState::On).await;
    sending.queue_trade("mary", seen("cup", 2), add).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["cup"]);
}

#[tokio::test]
async fn what_waits_to_come_onto_a_board_does_not_come_with_a_revision_that_a_mute_lets_pass() {
    let mut sending = with_board().await;
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.queue_trade("mary", seen("pot", 1), add).await;
    sending.start();
    sending.nothing_waits().await;
    sending.stop().await;
    sending.contact_changes("mary", |contact| contact.mute = Some(Mute { since_at: at(0), until_at: None })).await;
    sending.queue("mary", What::Board { sharer: user("joy"), add: None }).await;
    sending.queue_trade("mary", seen("cup", 2), add).await;
    sending.joy_undoes(&seen("mug", 0)).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["pot"]);
}

#[tokio::test]
async fn what_was_undone_goes_from_an_encrypted_room_although_other_changes_wait_there() {
    let mut sending = with_board().await;
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.queue_trade("mary", seen("pot", 1), add).await;
    sending.start();
    sending.nothing_waits().await;
    sending.room_changes("mary", |room| room.encrypted = true).await;
    sending.queue_trade("mary", seen("cup", 2), add).await;
    sending.item_changes("mug", |item| item.price = Some(Price::new(5.into(), Currency::EUR))).await;
    sending.joy_undoes(&seen("mug", 0)).await;
    sending.so_many_wait(1).await;
    assert_eq!(sending.shown_to("mary"), Vec::<Value>::new());
    assert_eq!(sending.homeserver.sends().len(), 1, "nothing is said in plain text");
}

#[tokio::test]
async fn a_board_comes_behind_the_introduction() {
    let mut sending = with_board().await;
    sending.homeserver.answers_next(1, Answer::Lost);
    sending.queue("mary", What::Introduction { sharer: user("joy"), asks: false }).await;
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.start();
    let next = async || {
        let done = sending.store.totals().await.unwrap().waiting == 0;
        let later = sending.store.next_delivery_at().await.unwrap().at().filter(|at| *at > sending.clock.now());
        if done { Some(None) } else { later.map(Some) }
    };
    while let Some(at) = until(sending.store.as_ref(), "the next attempt", next).await {
        sending.clock.set(at);
    }
    let bodies = sending.bodies_to("mary");
    assert!(bodies.len() == 2 && bodies[1].starts_with("What joy offers now"), "{bodies:#?}");
}

#[tokio::test]
async fn where_it_may_not_be_pinned_its_sharer_is_told_once() {
    let mut sending = with_board().await;
    sending.homeserver.refuses_pins();
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.said_to(DESK).len(), 1);
    let event = sending.last_posting("mary").await.event;
    sending.queue("mary", What::Redact { event: event.clone() }).await;
    sending.nothing_waits().await;
    sending.queue_trade("mary", seen("pot", 1), add).await;
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["pot"]);
    assert_eq!(sending.said_to(DESK).len(), 1);
}

#[tokio::test]
async fn unpinning_takes_away_one_event_and_no_other() {
    let mut sending = with_board().await;
    let room = room_id("mary");
    sending.homeserver.pins(room.as_str(), &["$one", "$two"]);
    sending.queue("mary", What::Unpin { event: event_id("one") }).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(pinned(&sending), json!(["$two"]));
    sending.queue("mary", What::Unpin { event: event_id("one") }).await;
    sending.nothing_waits().await;
    let puts = sending.homeserver.others().into_iter().filter(|call| call.starts_with("PUT")).count();
    assert_eq!(puts, 1, "what is not pinned needs no call");
    sending.homeserver.refuses_pins();
    sending.queue("mary", What::Unpin { event: event_id("two") }).await;
    sending.nothing_waits().await;
    assert_eq!(sending.said_to(DESK), Vec::<String>::new());
}

#[tokio::test]
async fn a_board_whose_sending_was_lost_is_repeated_as_it_was_and_stands_once() {
    let mut sending = with_board().await;
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    sending.queue_trade("mary", seen("mug", 0), add).await;
    sending.start();
    sending.next_attempt_at().await;
    sending.queue_trade("mary", seen("pot", 1), add).await;
    sending.clock.set(sending.next_attempt_at().await);
    sending.nothing_waits().await;
    assert_eq!(board(&sending), ["pot", "mug"]);
    assert_eq!(pinned(&sending), json!(["$event-1"]));
}
