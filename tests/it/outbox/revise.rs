//! What becomes of what stands there already: another price, not to be had any more, withdrawn.

use crate::store::values::at;
use crate::store::values::event_id;
use crate::store::values::room_id;
use crate::store::values::trade;
use crate::store::values::user;
use crate::support::fake_homeserver::Answer;
use crate::support::sending::Sending;
use iso_currency::Currency;
use serde_json::Value;
use serde_json::json;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::EventId;
use tradepost::domain::ids::TradeId;
use tradepost::domain::ids::UserId;
use tradepost::domain::money::Price;
use tradepost::domain::room::Member;
use tradepost::domain::room::Membership;
use tradepost::domain::settings::Output;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Mute;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::store::Commit;

fn price(amount: i64) -> Price {
    Price::new(amount.into(), Currency::EUR)
}

fn mug() -> Trade {
    Trade { price: Some(price(30)), ..trade("shop", "mug") }
}

fn pot() -> Trade {
    Trade { price: Some(price(10)), ..trade("shop", "pot") }
}

fn card(sharer: UserId, trade: TradeId, shop: Line) -> What {
    What::Card { sharer, trade, shop }
}

/// Mary has a card of the mug.
async fn with_a_card() -> Sending {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue_trade("mary", mug(), card).await;
    sending.start();
    sending.nothing_waits().await;
    sending
}

/// Mary has a digest of the mug and the pot.
async fn with_a_digest() -> Sending {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue_trade("mary", mug(), card).await;
    sending.queue_trade("mary", pot(), card).await;
    sending.settings.digest_above = 1;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary").len(), 1);
    sending
}

fn html(sending: &Sending) -> String {
    let shown = sending.shown_to("mary");
    assert_eq!(shown.len(), 1);
    shown[0]["formatted_body"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_card_with_a_new_price_is_edited_and_shows_the_old_one_struck_through() {
    let sending = with_a_card().await;
    sending.item_changes("mug", |item| item.price = Some(price(20))).await;
    sending.nothing_waits().await;
    assert!(html(&sending).ends_with("<p>EUR 20.00 <del>EUR 30.00</del> · shop</p>"), "{}", html(&sending));
    let posting = sending.last_posting("mary").await;
    assert_eq!((posting.event.as_str(), posting.shows[0].revision), ("$event-1", 1));
    sending.item_changes("mug", |item| item.available = Some(false)).await;
    sending.nothing_waits().await;
    assert!(html(&sending).ends_with("<del>EUR 30.00</del> · shop · no longer available</p>"), "{}", html(&sending));
    // Back to what was posted.
    sending.item_changes("mug", |item| (item.price, item.available) = (Some(price(30)), Some(true))).await;
    sending.nothing_waits().await;
    assert!(html(&sending).ends_with("<p>EUR 30.00 · shop</p>"), "{}", html(&sending));
    assert_eq!(sending.homeserver.events().len(), 4);
}

#[tokio::test]
async fn a_change_that_shows_nowhere_makes_no_edit() {
    let sending = with_a_card().await;
    sending.item_changes("mug", |item| item.available = Some(true)).await;
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.sends().len(), 1);
}

#[tokio::test]
async fn a_card_that_comes_late_shows_what_is_true_then_and_needs_no_edit() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue_trade("mary", mug(), card).await;
    sending.item_changes("mug", |item| item.price = Some(price(20))).await;
    sending.start();
    sending.nothing_waits().await;
    assert!(html(&sending).ends_with("<p>EUR 20.00 <del>EUR 30.00</del> · shop</p>"), "{}", html(&sending));
    assert_eq!(sending.last_posting("mary").await.shows[0].revision, 1);
    assert_eq!(sending.homeserver.sends().len(), 1);
}

#[tokio::test]
async fn a_digest_is_edited_entry_by_entry() {
    let sending = with_a_digest().await;
    sending.item_changes("pot", |item| item.price = Some(price(8))).await;
    sending.nothing_waits().await;
    assert!(html(&sending).contains("mug · EUR 30.00 · shop</li><li>pot · EUR 8.00 <del>EUR 10.00</del> · shop"), "{}", html(&sending));
    sending.joy_undoes(&mug()).await;
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["1 new item\n• pot - EUR 8.00 - shop"]);
    assert_eq!(sending.last_posting("mary").await.shows.len(), 1);
    sending.joy_undoes(&pot()).await;
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary"), Vec::<Value>::new());
}

#[tokio::test]
async fn an_undone_card_is_taken_back_in_every_room_whoever_is_there_and_whatever_she_wants() {
    let mut sending = Sending::with_friends(&["mary", "anna", "eva"]).await;
    for friend in ["mary", "anna", "eva"] {
        sending.queue_trade(friend, mug(), card).await;
    }
    sending.start();
    sending.nothing_waits().await;
    sending.contact_changes("mary", |contact| contact.mute = Some(Mute { since_at: at(0), until_at: None })).await;
    sending.contact_changes("anna", |contact| contact.state = ContactState::Off).await;
    let stranger = Member { membership: Membership::Joined, name: None };
    sending.room_changes("eva", |room| drop(room.members.insert(user("eve"), stranger))).await;
    sending.joy_undoes(&mug()).await;
    sending.nothing_waits().await;
    for friend in ["mary", "anna", "eva"] {
        assert_eq!(sending.shown_to(friend), Vec::<Value>::new(), "{friend}");
        assert!(sending.last_posting(friend).await.withdrawn_at.is_some());
    }
}

#[tokio::test]
async fn whoever_muted_gets_edits_and_whoever_is_off_does_not() {
    let sending = with_a_card().await;
    sending.contact_changes("mary", |contact| contact.mute = Some(Mute { since_at: at(0), until_at: None })).await;
    sending.item_changes("mug", |item| item.price = Some(price(20))).await;
    sending.nothing_waits().await;
    assert!(html(&sending).contains("EUR 20.00"));
    sending.contact_changes("mary", |contact| contact.state = ContactState::Off).await;
    sending.item_changes("mug", |item| item.price = Some(price(15))).await;
    sending.nothing_waits().await;
    assert!(html(&sending).contains("EUR 20.00"));
}

#[tokio::test]
async fn a_digest_of_which_something_was_undone_and_that_may_not_be_edited_is_taken_back() {
    let sending = with_a_digest().await;
    sending.contact_changes("mary", |contact| contact.state = ContactState::Off).await;
    sending.joy_undoes(&mug()).await;
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary"), Vec::<Value>::new());
}

#[tokio::test]
async fn a_card_is_taken_back_from_an_encrypted_room_although_an_edit_cannot_be_made_there() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue_trade("mary", pot(), card).await;
    sending.queue_trade("mary", mug(), card).await;
    sending.start();
    sending.nothing_waits().await;
    sending.room_changes("mary", |room| room.encrypted = true).await;
    sending.item_changes("pot", |item| item.price = Some(price(8))).await;
    sending.joy_undoes(&mug()).await;
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["pot - EUR 10.00"]);
}

#[tokio::test]
async fn an_edit_that_is_refused_makes_no_room_a_broken_one() {
    let sending = with_a_card().await;
    sending.homeserver.answers_next(1, Answer::error(403, "M_FORBIDDEN"));
    sending.item_changes("mug", |item| item.price = Some(price(20))).await;
    sending.nothing_waits().await;
    assert_eq!(sending.room("mary").await.broken_since_at, None);
}

#[tokio::test]
async fn an_edit_that_was_lost_is_repeated_as_it_was() {
    let sending = with_a_card().await;
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    sending.item_changes("mug", |item| item.price = Some(price(20))).await;
    sending.clock.set(sending.next_attempt_at().await);
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.events().len(), 2);
    assert_eq!(sending.last_posting("mary").await.shows[0].revision, 1);
}

#[tokio::test]
async fn what_somebody_took_away_is_not_edited() {
    let sending = with_a_card().await;
    let event = sending.last_posting("mary").await.event;
    sending.commit(Commit { withdrawn: vec![(event.clone(), at(0))], ..Commit::default() }).await;
    sending.item_changes("mug", |item| item.price = Some(price(20))).await;
    sending.queue("mary", What::Revise { event }).await;
    sending.queue("mary", What::Revise { event: event_id("unknown") }).await;
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests().len(), 1);
}

#[tokio::test]
async fn an_edit_of_a_popup_keeps_its_mention_and_makes_no_new_one() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.shows_as("mary", &[Output::Popup]).await;
    sending.queue_trade("mary", mug(), card).await;
    sending.start();
    sending.nothing_waits().await;
    sending.item_changes("mug", |item| item.price = Some(price(20))).await;
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary")[0]["m.mentions"], json!({"user_ids": ["@mary:a.example"]}));
    assert_eq!(sending.homeserver.events()[1].content()["m.mentions"], json!({}));
}

#[tokio::test]
async fn a_price_change_of_its_own_answers_the_card_of_the_item_in_that_room() {
    let mut sending = with_a_card().await;
    sending.stop().await;
    let change = Trade { kind: Kind::PriceChange, revision: 1, price: Some(price(20)), ..mug() };
    sending.item_changes("mug", |item| item.price = Some(price(20))).await;
    sending.queue_trade("mary", change, card).await;
    sending.queue_trade("mary", Trade { kind: Kind::Withdrawn, ..pot() }, card).await;
    sending.start();
    sending.nothing_waits().await;
    let shown = sending.shown_to("mary");
    assert_eq!(shown.len(), 3);
    assert_eq!(shown[1]["m.relates_to"], json!({"m.in_reply_to": {"event_id": "$event-1"}}));
    assert_eq!(shown[1]["m.mentions"], json!({}));
    assert_eq!(shown[1]["body"], "mug - EUR 20.00 - New price");
    assert_eq!(shown[2].get("m.relates_to"), None, "there is no card of the pot");
    let posted = sending.store.postings_to(&user("joy"), &room_id("mary"), 10).await.unwrap();
    assert!(posted.iter().any(|posting| posting.event == EventId::new("$event-1") && posting.shows[0].revision == 1));
}
