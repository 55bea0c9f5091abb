//! Who speaks, and what changes when that changes.

use super::stage::cards_by;
use super::stage::of_all;
use super::stage::requests_as;
use super::stage::shares;
use crate::support::Scene;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_identity_changes_both_ways_and_no_card_comes_twice_or_never() {
    let scene = Scene::new().await;
    let (office, room) = shares(&scene).await;
    let (joy, bot) = (scene.joy.id.clone(), scene.bot());
    scene.publishes(1);
    scene.mary.hears(&room, "/p/1").await;

    // The bot comes by her hand, and waits for nothing else.
    scene.does(&office, &format!("as bot for {}", scene.mary.id)).await;
    scene.publishes(2);
    scene.joy.hears(&office, "I was invited by your hand").await;
    scene.mary.hears(&room, "/p/2").await;
    assert_eq!((cards_by(&scene, &room, &joy).await, cards_by(&scene, &room, &bot).await), (vec![1], vec![2]));

    // And back, with the bot in the room.
    scene.does(&office, &format!("as me for {}", scene.mary.id)).await;
    scene.publishes(3);
    scene.mary.hears(&room, "/p/3").await;
    // It goes on without the bot too.
    scene.joy.kicks(&room, &bot).await;
    scene.publishes(4);
    scene.mary.hears(&room, "/p/4").await;
    assert_eq!((cards_by(&scene, &room, &joy).await, cards_by(&scene, &room, &bot).await), (vec![1, 3, 4], vec![2]));
    let command = scene.mary.says(&room, "!share mute").await;
    scene.publishes(5);
    scene.mary.sees_reaction(&room, &command, "✅").await;
    scene.feed.is_asked_twice().await;
    assert_eq!(of_all(&scene, &room).await, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_taken_away_by_whoever_posted_it_and_made_anew() {
    let scene = Scene::new().await;
    let (office, room) = shares(&scene).await;
    scene.does(&office, "set output board").await;
    scene.publishes(1);
    let hers = scene.mary.hears(&room, "/p/1").await;
    assert_eq!(hers["sender"], scene.joy.id.as_str());
    let is_pin = |event: &Value| event["type"] == "m.room.pinned_events" && event["content"]["pinned"] == json!([hers["event_id"]]);
    let pinned = scene.mary.sees(&room, "the pinned board", is_pin).await;
    assert_eq!((&pinned["sender"], &pinned["content"]["org.tradepost.own_name"]), (&json!(scene.joy.id), &json!(true)));
    scene.does(&office, &format!("as bot for {}", scene.mary.id)).await;
    scene.joy.sees_membership(&room, &scene.bot(), "join").await;
    scene.publishes(2);
    let anew = scene.mary.hears(&room, "/p/2").await;
    assert_eq!(anew["sender"], scene.bot());
    assert!(anew["content"]["body"].as_str().unwrap().contains("/p/1"), "{anew}");
    let taken = scene.mary.sees_redaction(&room, hers["event_id"].as_str().unwrap()).await;
    assert_eq!(taken["sender"], scene.joy.id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_somebody_removes_stops_everything_and_loses_nothing() {
    let scene = Scene::new().await;
    let (office, room) = shares(&scene).await;
    scene.publishes(1);
    scene.mary.hears(&room, "/p/1").await;
    let devices = scene.joy.client().get(&["devices"]).await;
    let is_ours = |device: &&Value| device["device_id"].as_str().unwrap().starts_with("TRADEPOST");
    let ours = devices["devices"].as_array().unwrap().iter().find(is_ours).unwrap();
    scene.homeserver.deletes_device(&scene.joy.id, ours["device_id"].as_str().unwrap()).await;
    scene.publishes(2);
    scene.publishes(3);
    scene.joy.hears(&office, "was removed").await;
    scene.feed.is_asked_twice().await;
    let told = scene.joy.has_read(&office, &scene.bot()).await;
    assert_eq!(told.iter().filter(|told| told.contains("was removed")).count(), 1, "{told:#?}");
    assert_eq!(of_all(&scene, &room).await, [1]);

    scene.does(&office, "as me").await;
    scene.mary.hears(&room, "/p/3").await;
    assert_eq!(of_all(&scene, &room).await, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_it_deletes_the_device_and_nothing_is_asked_in_her_name_any_more() {
    let scene = Scene::new().await;
    let (office, room) = shares(&scene).await;
    scene.publishes(1);
    scene.mary.hears(&room, "/p/1").await;
    scene.does(&office, "as bot").await;
    loop {
        let devices = scene.joy.client().get(&["devices"]).await;
        if !devices.to_string().contains("TRADEPOST") {
            break;
        }
    }
    let asked = requests_as(&scene, &scene.joy.id);
    assert!(asked > 0, "the log does not say who asks");
    scene.publishes(2);
    scene.feed.is_asked_twice().await;
    scene.joy.invites(&room, &scene.bot()).await;
    scene.mary.hears(&room, "/p/2").await;
    assert_eq!(requests_as(&scene, &scene.joy.id), asked);
    // And never in the name of somebody who did not agree.
    assert_eq!(requests_as(&scene, &scene.mary.id), 0);
}
