//! The ways in which trades are shown: messages, popups, the digest of the day; what becomes of what
//! waits when they are switched; and purchases that are held back.

use crate::store::values::at;
use crate::store::values::room_id;
use crate::store::values::sharer;
use crate::store::values::trade;
use crate::store::values::user;
use crate::support::fake_homeserver::Answer;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use jiff::Timestamp;
use jiff::civil::time;
use serde_json::json;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::TradeId;
use tradepost::domain::ids::UserId;
use tradepost::domain::settings::Output;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Language;
use tradepost::domain::sharer::Mute;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::store::Commit;

/// Tests begin on 17 March 2030 at 17:46:40 UTC; the digest comes at six.
const SIX: &str = "2030-03-17T18:00:00Z";

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn card(sharer: UserId, trade: TradeId, shop: Line) -> What {
    What::Card { sharer, trade, shop }
}

fn gathered(sharer: UserId, trade: TradeId, shop: Line) -> What {
    What::Gathered { sharer, trade, shop }
}

fn held(sharer: UserId, trade: TradeId, shop: Line) -> What {
    What::Held { sharer, trade, shop }
}

fn item(name: &str) -> Trade {
    trade("shop", name)
}

async fn with_mary(outputs: &[Output]) -> Sending {
    let sending = Sending::with_friends(&["mary"]).await;
    sending.shows_as("mary", outputs).await;
    sending
}

#[tokio::test]
async fn a_popup_mentions_its_contact_and_is_taken_back_after_its_time() {
    let mut sending = with_mary(&[Output::Popup]).await;
    sending.contact_changes("mary", |contact| contact.settings.popup_seconds = Some(90)).await;
    sending.queue_trade("mary", item("mug"), card).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, at(90));
    assert_eq!(sending.shown_to("mary")[0]["m.mentions"], json!({"user_ids": ["@mary:a.example"]}));
    sending.clock.set(at(90));
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), Vec::<String>::new());
    let posting = sending.store.posting(&sending.last_posting("mary").await.event).await.unwrap().unwrap();
    assert_eq!(posting.withdrawn_at, Some(at(90)));
}

#[tokio::test]
async fn a_message_that_is_also_a_popup_is_one_card_that_mentions_and_stays() {
    let mut sending = with_mary(&[Output::Message, Output::Popup]).await;
    sending.contact_changes("mary", |contact| contact.settings.popup_seconds = Some(90)).await;
    sending.queue_trade("mary", item("mug"), card).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["mug"]);
    assert_eq!(sending.shown_to("mary")[0]["m.mentions"], json!({"user_ids": ["@mary:a.example"]}));
}

#[tokio::test]
async fn a_popup_stays_where_no_time_was_set_and_a_message_mentions_nobody() {
    for (outputs, mentions) in
        [([Output::Popup].as_slice(), json!({"user_ids": ["@mary:a.example"]})), ([Output::Message].as_slice(), json!({}))]
    {
        let mut sending = with_mary(outputs).await;
        sending.queue_trade("mary", item("mug"), card).await;
        sending.start();
        sending.nothing_waits().await;
        assert_eq!(sending.shown_to("mary")[0]["m.mentions"], mentions);
    }
}

#[tokio::test]
async fn what_is_gathered_comes_as_one_message_at_its_hour_in_order() {
    let mut sending = with_mary(&[Output::Digest]).await;
    for name in ["mug", "pot", "vase"] {
        sending.queue_trade("mary", item(name), gathered).await;
    }
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment(SIX));
    assert_eq!(sending.homeserver.requests(), []);
    sending.clock.set(moment(SIX));
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["3 new items\n• mug - shop\n• pot - shop\n• vase - shop"]);
    assert_eq!(sending.last_posting("mary").await.shows.len(), 3);
}

#[tokio::test]
async fn what_comes_after_the_hour_waits_for_the_next_day() {
    let mut sending = with_mary(&[Output::Digest]).await;
    sending.queue_trade("mary", item("mug"), gathered).await;
    sending.start();
    sending.next_attempt_at().await;
    sending.clock.set(moment(SIX));
    sending.nothing_waits().await;
    sending.queue_trade("mary", item("pot"), gathered).await;
    assert_eq!(sending.next_attempt_at().await, moment("2030-03-18T18:00:00Z"));
    sending.clock.set(moment("2030-03-18T18:00:00Z"));
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["1 new item\n• mug - shop", "1 new item\n• pot - shop"]);
}

#[tokio::test]
async fn the_hour_is_the_contacts_own_and_a_change_of_it_counts_at_once() {
    let mut sending = with_mary(&[Output::Digest]).await;
    let at_hour = |hour, zone: &str| {
        let zone = zone.to_owned();
        move |contact: &mut Contact| (contact.settings.digest_at, contact.settings.time_zone) = (Some(time(hour, 0, 0, 0)), Some(zone))
    };
    sending.contact_changes("mary", at_hour(9, "Asia/Shanghai")).await;
    sending.queue_trade("mary", item("mug"), gathered).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment("2030-03-18T01:00:00Z"));
    sending.contact_changes("mary", at_hour(20, "Europe/Berlin")).await;
    sending.clock.set(moment("2030-03-17T19:00:00Z"));
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["1 new item\n• mug - shop"]);
}

#[tokio::test]
async fn a_digest_that_does_not_fit_into_one_message_is_several() {
    let mut sending = with_mary(&[Output::Digest]).await;
    let long = |number| Trade { title: Line::title(&format!("{number:03} {}", "𠮷".repeat(140))), ..item(&format!("item-{number}")) };
    for number in 0..90 {
        sending.queue_trade("mary", long(number), gathered).await;
    }
    sending.start();
    sending.next_attempt_at().await;
    sending.clock.set(moment(SIX));
    sending.nothing_waits().await;
    let bodies = sending.bodies_to("mary");
    assert!(bodies.len() > 1);
    let numbers: Vec<String> =
        bodies.iter().flat_map(|body| body.lines()).filter_map(|line| line.strip_prefix("• ")).map(|line| line[..3].to_owned()).collect();
    assert_eq!(numbers, (0..90).map(|number| format!("{number:03}")).collect::<Vec<_>>());
    assert!(sending.shown_to("mary").iter().all(|content| content.get("formatted_body").is_some()));
}

#[tokio::test]
async fn two_who_share_in_one_room_each_have_their_own_hour() {
    let mut sending = with_mary(&[Output::Digest]).await;
    let mut mary = Sharer { contacts: Vec::new(), ..sharer("mary", &["shop"], &["mary"]) };
    mary.accounts[0].baseline_pending = false;
    let mut contact = Contact::new(mary.take_number(), room_id("mary"), user("joy"), Line::title("Joy"));
    contact.state = ContactState::On;
    contact.settings.outputs = Some([Output::Digest].into());
    contact.settings.digest_at = Some(time(17, 50, 0, 0));
    mary.contacts.push(contact);
    sending.commit(Commit { sharers: vec![mary], ..Commit::default() }).await;
    sending.queue_trade("mary", item("mug"), gathered).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment(SIX));
    let pot = item("pot");
    let what = What::Gathered { sharer: user("mary"), trade: pot.id(), shop: Line::title("marys") };
    let deliveries = vec![NewDelivery::in_room(room_id("mary"), what, sending.clock.now())];
    sending.commit(Commit { deliveries, trades: vec![pot], ..Commit::default() }).await;
    sending.clock.set(moment("2030-03-17T17:50:00Z"));
    sending.so_many_wait(1).await;
    assert_eq!(sending.bodies_to("mary"), ["1 new item\n• pot - marys"]);
    sending.clock.set(moment(SIX));
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary").len(), 2);
}

#[tokio::test]
async fn a_card_whose_output_was_switched_off_waits_for_the_digest_or_goes_to_the_board() {
    let mut sending = with_mary(&[Output::Digest, Output::Board]).await;
    sending.queue_trade("mary", item("mug"), card).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, moment(SIX));
    sending.clock.set(moment(SIX));
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["1 new item\n• mug - shop"]);

    let mut sending = with_mary(&[Output::Board]).await;
    sending.queue_trade("mary", item("mug"), card).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["What joy offers now: 1 item\n• mug - shop"]);
}

#[tokio::test]
async fn what_is_gathered_comes_as_cards_at_once_when_the_digest_is_switched_off() {
    let mut sending = with_mary(&[Output::Digest]).await;
    sending.queue_trade("mary", item("mug"), gathered).await;
    sending.queue_trade("mary", item("pot"), gathered).await;
    sending.start();
    sending.next_attempt_at().await;
    sending.shows_as("mary", &[Output::Message]).await;
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["mug", "pot"]);
}

#[tokio::test]
async fn what_was_shown_one_way_does_not_come_a_second_time_when_the_other_is_switched_off() {
    let mut sending = with_mary(&[Output::Message, Output::Digest]).await;
    sending.queue_trade("mary", item("mug"), card).await;
    sending.queue_trade("mary", item("mug"), gathered).await;
    sending.start();
    sending.next_attempt_at().await;
    sending.shows_as("mary", &[Output::Message]).await;
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["mug"]);
}

#[tokio::test]
async fn a_purchase_is_shown_in_every_way_that_is_on_when_its_time_is_over() {
    let mut sending = with_mary(&[Output::Message, Output::Digest, Output::Board]).await;
    let mug = Trade { kind: Kind::Purchase, ..item("mug") };
    let (sharer, trade, shop) = (user("joy"), mug.id(), Line::title("shop"));
    let told =
        What::HeldNotice { sharer: sharer.clone(), trade: trade.clone(), shop: shop.clone(), contacts: Vec::new(), hold_seconds: 300 };
    let deliveries = vec![
        NewDelivery::in_room(room_id(DESK), told, at(0)),
        NewDelivery::in_room(room_id("mary"), What::Held { sharer, trade, shop }, at(300)),
    ];
    sending.commit(Commit { deliveries, trades: vec![mug], ..Commit::default() }).await;
    sending.queue_trade("mary", item("pot"), card).await;
    sending.start();
    sending.so_many_wait(1).await;
    assert_eq!(sending.bodies_to("mary"), ["pot"], "it holds up nothing");
    sending.clock.set(at(300));
    sending.homeserver.has_sends(4).await;
    sending.so_many_wait(1).await;
    let mut bodies = sending.bodies_to("mary");
    bodies.sort();
    assert_eq!(bodies, ["What joy offers now: 1 item\n• mug - shop - Bought", "mug - Bought", "pot"]);
    sending.clock.set(moment(SIX));
    sending.nothing_waits().await;
    assert!(sending.bodies_to("mary").contains(&"1 new item\n• mug - shop - Bought".to_owned()));
}

#[tokio::test]
async fn a_purchase_that_was_stopped_or_is_not_wanted_any_more_is_never_shown() {
    let stopped = async |sending: &Sending, mug: &Trade| sending.joy_undoes(mug).await;
    let muted = async |sending: &Sending, _: &Trade| {
        sending.contact_changes("mary", |contact| contact.mute = Some(Mute { since_at: at(0), until_at: None })).await;
    };
    let mug = Trade { kind: Kind::Purchase, ..item("mug") };
    let mut sending = with_mary(&[Output::Message]).await;
    sending.queue_trade("mary", mug.clone(), held).await;
    stopped(&sending, &mug).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
    let mut sending = with_mary(&[Output::Message]).await;
    sending.queue_trade("mary", mug.clone(), held).await;
    muted(&sending, &mug).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
}

#[tokio::test]
async fn a_card_that_arrived_unnoticed_and_was_undone_is_found_and_taken_back() {
    for (answer, texts) in [(Answer::AcceptedAndLost, 1), (Answer::Lost, 0)] {
        let mut sending = with_mary(&[Output::Message]).await;
        sending.homeserver.answers_next(1, answer);
        sending.queue_trade("mary", item("mug"), card).await;
        sending.start();
        let again_at = sending.next_attempt_at().await;
        sending.joy_undoes(&item("mug")).await;
        sending.clock.set(again_at);
        sending.nothing_waits().await;
        assert_eq!(sending.bodies_to("mary"), Vec::<String>::new());
        assert_eq!(sending.homeserver.events().len(), texts);
        assert_eq!(sending.homeserver.sends().len(), 1, "it is not repeated");
    }
}

#[tokio::test]
async fn a_digest_that_was_lost_comes_without_what_was_undone_meanwhile() {
    for answer in [Answer::AcceptedAndLost, Answer::Lost] {
        let mut sending = with_mary(&[Output::Message]).await;
        sending.settings.digest_above = 1;
        sending.homeserver.answers_next(1, answer);
        sending.queue_trade("mary", item("mug"), card).await;
        sending.queue_trade("mary", item("pot"), card).await;
        sending.start();
        let again_at = sending.next_attempt_at().await;
        sending.joy_undoes(&item("mug")).await;
        sending.clock.set(again_at);
        sending.nothing_waits().await;
        assert_eq!(sending.bodies_to("mary"), ["1 new item\n• pot - shop"]);
    }
}

#[tokio::test]
async fn what_was_undone_before_its_turn_is_in_no_card_and_no_digest() {
    let mut sending = with_mary(&[Output::Message, Output::Digest]).await;
    for name in ["mug", "pot"] {
        sending.queue_trade("mary", item(name), card).await;
        sending.queue_trade("mary", item(name), gathered).await;
    }
    sending.joy_undoes(&item("mug")).await;
    sending.start();
    sending.next_attempt_at().await;
    sending.clock.advance(Duration::from_hours(1));
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["pot", "1 new item\n• pot - shop"]);
}

#[tokio::test]
async fn a_contacts_own_language_counts_before_what_the_sharer_set_and_that_before_the_servers() {
    let mut sending = with_mary(&[Output::Message]).await;
    let sold = |name: &str| Trade { kind: Kind::Sale, ..item(name) };
    sending.contact_changes("mary", |contact| contact.settings.language = Some(Language::SimplifiedChinese)).await;
    sending.queue_trade("mary", sold("mug"), card).await;
    sending.start();
    sending.nothing_waits().await;
    let mary = Sharer { language: Some(Language::English), ..Sharer::new(user("mary")) };
    sending.commit(Commit { sharers: vec![mary], ..Commit::default() }).await;
    sending.queue_trade("mary", sold("pot"), card).await;
    sending.nothing_waits().await;
    assert_eq!(sending.bodies_to("mary"), ["mug - 已售出", "pot - Sold"]);
}
