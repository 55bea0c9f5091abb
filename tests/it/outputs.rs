//! How and when trades are shown: quiet hours, digests, popups, boards, and edits of what was posted.

use crate::support::Scene;
use crate::support::shifted::ShiftedClock;
use crate::support::stage::link;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use toml::toml;

/// A scene whose clock shows `at`, with the office and the direct room in which Joy shares.
async fn sharing_at(at: &str) -> (Scene, Arc<ShiftedClock>, String, String) {
    let clock = Arc::new(ShiftedClock::at(at.parse::<Timestamp>().unwrap()));
    let config = toml! {
        [limits]
        command_age_seconds = 604_800
    };
    let scene = Scene::with_clock(config, &clock).await;
    let (office, room) = scene.sharing().await;
    (scene, clock, office, room)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_cards_until_they_end_by_the_clock_of_the_day() {
    // On the night after 24 October 2026 the clocks in Berlin were set back at 01:00 UTC.
    let (scene, clock, office, room) = sharing_at("2026-10-24T18:00:00Z").await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    scene.does(&office, "set timezone Europe/Berlin").await;
    scene.does(&room, "!share set quiet 22:00-08:00").await;
    joy.hears(&office, "22:00-08:00").await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;

    clock.set(time("2026-10-24T20:30:00Z"));
    scene.publishes(2);
    scene.publishes(3);
    scene.feed.is_asked_twice().await;
    // 08:30 by the summer's clock, 07:30 by the winter's.
    clock.set(time("2026-10-25T06:30:00Z"));
    scene.publishes(4);
    scene.feed.is_asked_twice().await;
    let waiting = joy.says(&office, "status").await;
    joy.sees(&office, "the answer", |seen| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == waiting.as_str()).await;
    assert_eq!(scene.cards_in(&room).await, [1]);
    clock.set(time("2026-10-25T07:00:00Z"));
    mary.hears(&room, "/p/4").await;
    assert_eq!(scene.cards_in(&room).await, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_comes_at_its_hour_as_one_message() {
    let (scene, clock, office, room) = sharing_at("2026-10-20T10:00:00Z").await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    scene.does(&room, "!share set digest daily 18:00").await;
    joy.hears(&office, "18:00").await;
    for number in 1..=3 {
        scene.publishes(number);
    }
    scene.feed.is_asked_twice().await;
    clock.set(time("2026-10-20T17:59:00Z"));
    scene.publishes(4);
    scene.feed.is_asked_twice().await;
    assert_eq!(scene.cards_in(&room).await, Vec::<usize>::new());
    clock.set(time("2026-10-20T18:00:00Z"));
    let digest = mary.hears(&room, "/p/4").await;
    let body = digest["content"]["body"].as_str().unwrap();
    let places: Vec<_> = (1..=4).map(|number| body.find(&format!("/p/{number}")).unwrap()).collect();
    assert!(places.is_sorted(), "{body}");
    // Back to single messages.
    scene.does(&room, "!share set digest off").await;
    scene.publishes(5);
    mary.hears(&room, "/p/5").await;
    assert_eq!(scene.cards_in(&room).await, [5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_popup_mentions_the_contact_and_is_withdrawn_after_its_time() {
    let (scene, clock, office, room) = sharing_at("2026-10-20T10:00:00Z").await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    scene.does(&room, "!share set output popup").await;
    scene.does(&room, "!share set popup 10m").await;
    joy.hears(&office, "10 minutes").await;
    scene.publishes(1);
    let popup = mary.hears(&room, "/p/1").await;
    assert_eq!(popup["content"]["m.mentions"]["user_ids"], json!([mary.id]));
    // A message that mentions stays.
    scene.does(&room, "!share set output message, popup").await;
    scene.publishes(2);
    let lasting = mary.hears(&room, "/p/2").await;
    assert_eq!(lasting["content"]["m.mentions"]["user_ids"], json!([mary.id]));
    clock.set(time("2026-10-20T10:30:00Z"));
    mary.sees_redaction(&room, popup["event_id"].as_str().unwrap()).await;
    scene.publishes(3);
    mary.hears(&room, "/p/3").await;
    let lasting = mary.client().get(&["rooms", &room, "event", lasting["event_id"].as_str().unwrap()]).await;
    assert!(lasting["content"]["body"].is_string(), "{lasting}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_one_message_pinned_and_edited_as_offers_come_and_go() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    scene.does(&room, "!share set output board").await;
    scene.publishes(1);
    let board = mary.hears(&room, "/p/1").await;
    let event = board["event_id"].as_str().unwrap();
    // An invited bot may not pin: Joy is told once, and lets it.
    joy.hears(&office, "pin").await;
    scene.publishes(2);
    let edit = mary.sees_edit(&room, event, "/p/2").await;
    assert!(edit["content"]["m.new_content"]["body"].as_str().unwrap().contains("/p/1"), "{edit}");
    scene.feed.sells_out(&link(1));
    mary.sees(&room, "a board without the first", |seen| {
        let body = seen["content"]["m.new_content"]["body"].as_str().unwrap_or_default();
        seen["content"]["m.relates_to"]["event_id"] == event && body.contains("/p/2") && !body.contains("/p/1")
    })
    .await;
    assert_eq!(mary.has_read(&room, &scene.bot()).await.iter().filter(|body| body.contains("pin")).count(), 0);

    // Where it may, it pins; when the board goes, so does the pin.
    scene.does(&room, "!share set output message").await;
    mary.sees_redaction(&room, event).await;
    let powers = mary.client().get(&["rooms", &room, "state", "m.room.power_levels", ""]).await;
    let mut powers = powers;
    powers["events"]["m.room.pinned_events"] = json!(0);
    joy.sets_state(&room, "m.room.power_levels", "", powers).await;
    scene.does(&room, "!share set output message, board").await;
    scene.publishes(3);
    let is_board =
        |seen: &Value| seen["type"] == "m.room.pinned_events" && seen["content"]["pinned"].as_array().is_some_and(|all| all.len() == 1);
    let pinned = mary.sees(&room, "a pinned board", is_board).await;
    let board = pinned["content"]["pinned"][0].as_str().unwrap().to_owned();
    mary.hears(&room, "/p/3").await;
    scene.does(&room, "!share without here").await;
    mary.sees(&room, "no pin", |seen| seen["type"] == "m.room.pinned_events" && seen["content"]["pinned"] == json!([])).await;
    mary.sees_redaction(&room, &board).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_price_and_the_end_of_an_offer_edit_its_card() {
    let scene = Scene::new().await;
    let (_, mary) = (&scene.joy, &scene.mary);
    let (_, room) = scene.sharing().await;
    scene.publishes(1);
    let card = mary.hears(&room, "/p/1").await;
    let event = card["event_id"].as_str().unwrap();
    scene.feed.reprices(&link(1), "9.50 EUR");
    let edit = mary.sees_edit(&room, event, "9.50").await;
    let html = edit["content"]["m.new_content"]["formatted_body"].as_str().unwrap();
    assert!(html.contains("EUR 9.50") && html.contains("<del>EUR 12.00</del>"), "{html}");
    scene.feed.sells_out(&link(1));
    mary.sees_edit(&room, event, "no longer available").await;

    // A feed that lists a whole shop says by leaving an item out that it is gone.
    scene.feed.lists_everything();
    scene.publishes(7);
    let card = mary.hears(&room, "/p/7").await;
    scene.feed.drops(&link(7));
    mary.sees_edit(&room, card["event_id"].as_str().unwrap(), "no longer available").await;

    // If she wants, the change is told as well, below the card.
    scene.does(&room, "!share set kinds listings, price changes, withdrawals").await;
    scene.publishes(2);
    let card = mary.hears(&room, "/p/2").await;
    scene.feed.reprices(&link(2), "8.00 EUR");
    let told = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == card["event_id"];
    let reply = mary.sees(&room, "a reply to the card", told).await;
    assert!(reply["content"]["body"].as_str().unwrap().contains("8.00"), "{reply}");
    mary.sees_edit(&room, card["event_id"].as_str().unwrap(), "8.00").await;
}
