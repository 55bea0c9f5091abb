//! Many encrypted rooms at a time.

use super::stage::Secret;
use crate::support::Scene;
use crate::support::element::Element;
use crate::support::element::Mode;
use futures_util::future::join_all;
use serde_json::json;

/// Contacts, each in a direct room of her own.
const CONTACTS: usize = 20;
/// Cards for each.
const CARDS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_cards_in_twenty_rooms_are_read_in_order() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let scene = &secret.scene;
    let state = json!([{"type": "m.room.encryption", "state_key": "", "content": super::stage::encryption()}]);
    let contacts = join_all((0..CONTACTS).map(async |number| {
        let person = scene.person(&format!("contact{number}-")).await;
        let client = Element::log_in(&scene.homeserver, &person.id, Mode::Normal).await;
        let options =
            json!({"preset": "trusted_private_chat", "is_direct": true, "initial_state": state, "invite": [person.id, scene.bot()]});
        let room = scene.joy.creates_room(options).await;
        client.joins(&room).await;
        (client, room)
    }))
    .await;
    join_all(contacts.iter().map(async |(contact, room)| {
        secret.joy.sees_membership(room, &contact.id, "join").await;
        secret.joy.sees_membership(room, &scene.bot(), "join").await;
        secret.does(room, "!share with here").await;
    }))
    .await;
    for number in 1..=CARDS {
        scene.publishes(number);
    }
    let numbers: Vec<usize> = (1..=CARDS).collect();
    join_all(contacts.iter().map(async |(contact, room)| {
        contact.reads(room, &format!("/p/{CARDS}")).await;
        assert_eq!(secret.cards_in(contact, room), numbers);
        let hidden: Vec<_> = contact.cannot_read().into_iter().filter(|hidden| hidden.sender == scene.bot()).collect();
        assert_eq!(hidden, vec![]);
    }))
    .await;
}
