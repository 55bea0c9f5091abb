//! Where the bot goes and where it does not; what happens when people come and go.

use crate::support::Scene;
use serde_json::json;

/// The reason that the bot gives when it leaves or declines.
async fn reason_for_leaving(scene: &Scene, room: &str) -> String {
    let event = scene.joy.sees_membership(room, &scene.bot(), "leave").await;
    event["content"]["reason"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_are_declined_with_a_reason() {
    let scene = Scene::new().await;
    let (joy, mary, bot) = (&scene.joy, &scene.mary, scene.bot());

    let open = joy.creates_room(json!({"preset": "public_chat", "invite": [bot]})).await;
    assert!(reason_for_leaving(&scene, &open).await.contains("private"));

    let linking = scene.person("linking").await;
    let group = joy.creates_room(json!({"preset": "private_chat", "invite": [mary.id, linking.id]})).await;
    mary.joins(&group).await;
    linking.joins(&group).await;
    joy.invites(&group, &bot).await;
    assert!(reason_for_leaving(&scene, &group).await.contains("one other person"));

    let space = joy.creates_room(json!({"preset": "private_chat", "creation_content": {"type": "m.space"}, "invite": [bot]})).await;
    assert!(reason_for_leaving(&scene, &space).await.contains("not a room for chatting"));

    // With somebody who may not share it talks alone, not in a room of two.
    let strangers = mary.opens_direct_room_with(&linking.id).await;
    linking.joins(&strangers).await;
    mary.invites(&strangers, &bot).await;
    let event = mary.sees_membership(&strangers, &bot, "leave").await;
    assert!(event["content"]["reason"].as_str().unwrap().contains("may not share"), "{event}");

    // Nobody heard a word, and the bot never came in.
    for (person, room) in [(joy, open), (joy, group), (joy, space), (mary, strangers)] {
        let events = person.events(&room).await;
        let ours = events.iter().filter(|event| event["sender"] == bot);
        assert!(ours.clone().all(|event| event["type"] == "m.room.member" && event["content"]["membership"] == "leave"), "{events:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_the_bot_came_in_is_answered_once() {
    let scene = Scene::new().await;
    let (joy, bot) = (&scene.joy, scene.bot());
    // As clients do: the room comes into being with its first message, and the invitation follows.
    let office = joy.creates_room(json!({"preset": "trusted_private_chat", "is_direct": true})).await;
    joy.says(&office, "this was before you came").await;
    joy.invites(&office, &bot).await;
    let command = joy.says(&office, "!share version").await;
    let reply = joy.hears(&office, env!("CARGO_PKG_VERSION")).await;
    assert_eq!(reply["content"]["m.relates_to"]["m.in_reply_to"]["event_id"], json!(command));
    joy.says(&office, "list").await;
    joy.hears(&office, "Your contacts").await;
    let said = joy.has_read(&office, &bot).await;
    assert_eq!(said.iter().filter(|body| body.contains(env!("CARGO_PKG_VERSION"))).count(), 1, "{said:?}");
    assert_eq!(said.len(), 3, "a greeting, the version, the list: {said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_room_of_three_counts_once_the_sharer_says_so() {
    let scene = Scene::new().await;
    let (joy, mary, bot) = (&scene.joy, &scene.mary, scene.bot());
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    // As phone clients do when one adds the bot to a direct room: a new private room of three.
    let room = joy.creates_room(json!({"preset": "private_chat", "invite": [mary.id, bot]})).await;
    mary.joins(&room).await;
    joy.sees_membership(&room, &bot, "join").await;
    scene.publishes(1);
    scene.feed.is_asked_twice().await;
    scene.shares_in(&room).await;
    scene.publishes(2);
    mary.hears(&room, "/p/2").await;
    assert_eq!(scene.cards_in(&room).await, [2], "nothing before Joy said so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_person_ends_the_sharing_and_the_sharer_is_told() {
    let scene = Scene::new().await;
    let (joy, mary, bot) = (&scene.joy, &scene.mary, scene.bot());
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    let linking = scene.person("linking").await;
    joy.invites(&room, &linking.id).await;
    joy.hears(&office, "no longer share").await;
    joy.sees_membership(&room, &bot, "leave").await;
    scene.publishes(2);
    scene.feed.is_asked_twice().await;
    joy.says(&office, "list").await;
    joy.hears(&office, "Somebody else is in that chat").await;
    assert_eq!(scene.cards_in(&room).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_and_removing_end_the_sharing_too() {
    let scene = Scene::new().await;
    let (joy, mary, bot) = (&scene.joy, &scene.mary, scene.bot());
    let (office, room) = scene.sharing().await;
    joy.kicks(&room, &bot).await;
    joy.hears(&office, "I am not in that chat any more").await;

    // Invited and confirmed again, it goes on.
    joy.invites(&room, &bot).await;
    joy.sees_membership(&room, &bot, "join").await;
    scene.shares_in(&room).await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;

    mary.leaves(&room).await;
    joy.hears(&office, "The other person is not in that chat").await;
    joy.sees_membership(&room, &bot, "leave").await;

    let second = scene.direct_room().await;
    scene.shares_in(&second).await;
    joy.bans(&second, &bot).await;
    joy.hears(&office, "I am not in that chat any more").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_room_is_followed() {
    let scene = Scene::new().await;
    let (joy, mary, bot) = (&scene.joy, &scene.mary, scene.bot());
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    let newer = joy.upgrades(&room).await;
    joy.invites(&newer, &bot).await;
    joy.sees_membership(&newer, &bot, "join").await;
    scene.publishes(2);
    joy.invites(&newer, &mary.id).await;
    mary.joins(&newer).await;
    joy.hears(&office, "moved along").await;
    scene.publishes(3);
    mary.hears(&newer, "/p/3").await;
    assert_eq!(scene.cards_in(&newer).await, [2, 3]);
    assert_eq!(scene.cards_in(&room).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_room_with_the_bot_gets_one() {
    let scene = Scene::new().await;
    let (joy, bot) = (&scene.joy, scene.bot());
    let room = scene.direct_room().await;
    scene.shares_in(&room).await;
    let office = joy.is_invited_by(&bot).await;
    joy.joins(&office).await;
    joy.hears(&office, "add one with").await;
    scene.adds_the_feed(&office).await;
}
