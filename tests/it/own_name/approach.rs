//! Beginning to share with somebody in one's own name, wherever the two talk already, or nowhere yet.

use super::stage::agrees;
use super::stage::begins;
use super::stage::cards_by;
use super::stage::direct_room;
use super::stage::of_all;
use crate::support::Scene;
use crate::support::stage::link;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_room_is_opened_where_there_is_none_and_never_again_for_whoever_left_it() {
    let scene = Scene::new().await;
    let office = begins(&scene).await;
    scene.does(&office, &format!("with {}", scene.mary.id)).await;
    scene.joy.hears(&office, "I opened a direct chat").await;
    let room = scene.mary.is_invited_by(&scene.joy.id).await;
    let direct = scene.joy.client().get(&["user", &scene.joy.id, "account_data", "m.direct"]).await;
    assert!(direct[&scene.mary.id].as_array().unwrap().contains(&json!(room)), "{direct}");
    // What comes before she accepts waits for her.
    scene.publishes(1);
    scene.asks_until(&office, "contacts", "mary").await;
    scene.mary.joins(&room).await;
    scene.mary.hears(&room, "/p/1").await;
    assert_eq!(cards_by(&scene, &room, &scene.joy.id).await, [1]);
    let invitation = scene.mary.events(&room).await;
    let is_hers = |event: &&Value| event["state_key"] == scene.mary.id.as_str() && event["content"]["membership"] == "invite";
    assert_eq!(invitation.iter().find(is_hers).unwrap()["content"]["is_direct"], json!(true));

    scene.mary.leaves(&room).await;
    scene.joy.hears(&office, "The other person is not in that chat").await;
    scene.does(&office, &format!("with {}", scene.mary.id)).await;
    scene.joy.hears(&office, "was declined or left").await;
    scene.publishes(2);
    scene.feed.is_asked_twice().await;
    let rooms = scene.joy.client().get(&["joined_rooms"]).await;
    assert_eq!(rooms["joined_rooms"].as_array().unwrap().len(), 2, "another room was opened: {rooms}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_moves_from_a_room_with_the_bot_into_the_direct_room_of_the_two() {
    let scene = Scene::new().await;
    let (office, with_bot) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&with_bot, "/p/1").await;
    // The newest of several, whatever else stands in the list.
    let old = direct_room(&scene).await;
    let room = direct_room(&scene).await;
    scene.mary.says(&old, "old").await;
    scene.mary.says(&room, "new").await;
    let joy = scene.joy.id.clone();
    let path = ["user", &joy, "account_data", "m.direct"];
    let mut direct = scene.joy.client().get(&path).await;
    direct["joy@example.org"] = json!(["!nowhere:demo.localhost", 7]);
    direct["@nobody:demo.localhost"] = json!("junk");
    // Her client does not count the room of three as a direct one.
    direct[&scene.mary.id] = json!([room, old, "!gone:demo.localhost", "junk"]);
    scene.joy.client().put(&path, direct.clone()).await;
    agrees(&scene, &office).await;
    scene.publishes(2);
    scene.mary.hears(&with_bot, "/p/2").await;
    scene.does(&office, &format!("with {}", scene.mary.id)).await;
    scene.joy.hears(&office, "I found your direct chat").await;
    scene.mary.sees_membership(&with_bot, &scene.bot(), "leave").await;
    scene.publishes(3);
    scene.mary.hears(&room, "/p/3").await;
    assert_eq!(of_all(&scene, &with_bot).await, [1, 2]);
    assert_eq!(of_all(&scene, &room).await, [3]);
    assert_eq!(scene.joy.client().get(&path).await, direct, "what stands there stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_people_elsewhere_are_not_invited_and_no_more_than_a_days_rooms_are_opened() {
    let scene = Scene::new().await;
    let office = begins(&scene).await;
    for (person, answer) in [("@nobody-of-this-name:demo.localhost", "knows nobody"), ("@mary:elsewhere.example", "on another server")] {
        scene.does(&office, &format!("with {person}")).await;
        scene.joy.hears(&office, answer).await;
    }
    for name in ["anna", "berta", "clara", "dora"] {
        let person = scene.person(name).await.id;
        scene.does(&office, &format!("with {person}")).await;
    }
    scene.joy.hears(&office, "more chats or contacts than you may have").await;
    for _ in 0..3 {
        scene.joy.hears(&office, "I opened a direct chat").await;
    }
    // The office, and as many as the configuration lets.
    let rooms = scene.joy.client().get(&["joined_rooms"]).await;
    assert_eq!(rooms["joined_rooms"].as_array().unwrap().len(), 1 + 3, "{rooms}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_while_tradepost_was_down_is_heard_however_much_it_was() {
    let mut scene = Scene::new().await;
    // What was said before she agreed is not for us.
    let room = direct_room(&scene).await;
    scene.mary.says(&room, "!share mute").await;
    let office = begins(&scene).await;
    scene.does(&office, &format!("with {}", scene.mary.id)).await;
    scene.joy.hears(&office, "I found your direct chat").await;
    scene.publishes(1);
    scene.mary.hears(&room, "/p/1").await;
    scene.tradepost.stop().await;
    scene.mary.says(&room, "!share mute").await;
    for number in 0..250 {
        scene.mary.says(&room, &format!("What do you say to that? {number}")).await;
    }
    scene.publishes(2);
    scene.tradepost.start().await;
    scene.asks_until(&office, "contacts", "muted").await;
    scene.publishes(3);
    scene.feed.is_asked_twice().await;
    let command = scene.mary.says(&room, "!share unmute").await;
    scene.mary.sees_reaction(&room, &command, "✅").await;
    scene.publishes(4);
    scene.mary.hears(&room, &link(4)).await;
    assert_eq!(of_all(&scene, &room).await, [1, 4]);
}
