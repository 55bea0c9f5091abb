//! Direct rooms as the sharer's own account knows them.

use super::stage::OWN;
use super::stage::begins;
use super::stage::cards_by;
use super::stage::direct_room;
use super::stage::shares;
use crate::support::Scene;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn cards_come_from_the_sharer_herself_where_no_bot_is() {
    let scene = Scene::new().await;
    let (office, room) = shares(&scene).await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    scene.publishes(1);
    let card = mary.hears(&room, "/p/1").await;
    assert_eq!(card["sender"], joy.id.as_str());
    assert_eq!(card["content"][OWN], json!(true));
    assert!(card["content"]["body"].as_str().unwrap().ends_with("\nshared by tradepost"), "{card}");
    assert!(card["content"]["formatted_body"].as_str().unwrap().contains("shared by tradepost"), "{card}");
    let introduction = mary.hears(&room, "I share new offers").await;
    assert_eq!(introduction["sender"], joy.id.as_str());
    assert!(!mary.members(&room).await.contains_key(&scene.bot()), "the bot came in");

    // A price is kept true, and what is undone goes, as she.
    scene.feed.reprices(&crate::support::stage::link(1), "9.00 EUR");
    let edit = mary.sees_edit(&room, card["event_id"].as_str().unwrap(), "9.00").await;
    assert_eq!((&edit["sender"], &edit["content"][OWN]), (&json!(joy.id), &json!(true)));
    scene.does(&office, "undo").await;
    let redaction = mary.sees_redaction(&room, card["event_id"].as_str().unwrap()).await;
    assert_eq!((&redaction["sender"], &redaction["content"][OWN]), (&json!(joy.id), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contact_mutes_by_a_reaction_and_by_a_command() {
    let scene = Scene::new().await;
    let (office, room) = shares(&scene).await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    scene.publishes(1);
    let card = mary.hears(&room, "/p/1").await;
    // At the very moment at which the next one comes.
    let bell = mary.reacts(&room, card["event_id"].as_str().unwrap(), "🔕").await;
    scene.publishes(2);
    let told = mary.hears(&room, "!share unmute").await;
    assert_eq!(told["sender"], joy.id.as_str());
    scene.feed.is_asked_twice().await;
    mary.redacts(&room, &bell).await;
    mary.hears(&room, "again").await;
    scene.publishes(3);
    mary.hears(&room, "/p/3").await;
    let command = mary.says(&room, "!share mute").await;
    scene.publishes(4);
    mary.sees_reaction(&room, &command, "✅").await;
    scene.feed.is_asked_twice().await;
    mary.says(&room, "!share unmute").await;
    mary.hears(&room, "again").await;
    // Joy's own commands come the same way.
    let command = joy.says(&room, "!share pause").await;
    let done = mary.sees_reaction(&room, &command, "✅").await;
    assert_eq!(done["sender"], joy.id.as_str());
    scene.asks_until(&office, "contacts", "paused").await;
    let command = joy.says(&room, "!share resume").await;
    mary.sees_reaction(&room, &command, "✅").await;
    scene.publishes(5);
    mary.hears(&room, "/p/5").await;
    assert_eq!(cards_by(&scene, &room, &joy.id).await, [1, 3, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn her_direct_rooms_are_listed_without_the_bot() {
    let scene = Scene::new().await;
    direct_room(&scene).await;
    scene.mary.sets_display_name("Mary Ann").await;
    let office = begins(&scene).await;
    scene.asks_until(&office, "contacts", "Mary Ann").await;
    // A room that comes later is noticed too, once anything is heard; and Mary is told nothing of it.
    let linking = scene.person("linking").await;
    let with_linking = scene.joy.opens_direct_room_with(&linking.id).await;
    linking.joins(&with_linking).await;
    scene.does(&office, "with mary ann").await;
    scene.joy.hears(&office, "I found your direct chat").await;
    let later = scene.person("later").await;
    let with_later = scene.joy.opens_direct_room_with(&later.id).await;
    later.joins(&with_later).await;
    scene.asks_until(&office, "contacts", "later").await;
}
