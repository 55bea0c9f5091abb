//! The tests' own second clients: matrix-sdk, as it is and strict, and matrix-nio understand each
//! other in encrypted rooms. tradepost takes no part.

use super::support::element::Element;
use super::support::element::Mode;
use super::support::nio::Nio;
use super::support::synapse::Homeserver;
use super::support::user::Person;
use serde_json::json;
use std::sync::Arc;

/// A homeserver, and people registered there whom no other test knows.
async fn people<const COUNT: usize>(names: [&str; COUNT]) -> (Arc<Homeserver>, [Person; COUNT]) {
    let homeserver = Homeserver::shared().await;
    let number = homeserver.registration().number;
    let people = names.map(|name| format!("{name}{number}"));
    let mut registered = Vec::new();
    for name in &people {
        registered.push(Person::register(&homeserver, name).await);
    }
    (homeserver, registered.try_into().ok().unwrap())
}

#[tokio::test]
async fn normal_and_strict_clients_talk_in_an_encrypted_direct_room() {
    let (homeserver, [joy, mary]) = people(["joy", "mary"]).await;
    let joy = Element::log_in(&homeserver, &joy.id, Mode::Normal).await;
    let mary = Element::log_in(&homeserver, &mary.id, Mode::Strict).await;

    let room = joy.opens_direct_room_with(&mary.id).await;
    assert_eq!(mary.is_invited_by(&joy.id).await, room);
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;
    let hello = joy.says(&room, "Hello Mary").await;
    let read = mary.reads(&room, "Hello Mary").await;
    mary.reacts(&room, &hello, "👍").await;
    let reaction = joy.sees_reaction(&room, &hello, "👍").await;
    mary.says(&room, "Hello Joy").await;
    let answer = joy.reads(&room, "Hello Joy").await;
    joy.redacts(&room, &hello).await;
    mary.sees_redaction(&room, &hello).await;

    assert_eq!(
        (read.sender.as_str(), read.device(), read.algorithm()),
        (joy.id.as_str(), Some(&*joy.device), Some("m.megolm.v1.aes-sha2"))
    );
    assert_eq!(read.id, hello);
    assert!(read.is_from_cross_signed_device() && !read.is_verified(), "{read:?}");
    assert!(answer.is_encrypted() && answer.is_from_cross_signed_device(), "{answer:?}");
    assert!(!reaction.is_encrypted());
    assert_eq!((joy.cannot_read(), mary.cannot_read()), (vec![], vec![]));
}

#[tokio::test]
async fn a_client_without_shared_code_talks_with_others_in_an_encrypted_room() {
    let (homeserver, [joy, mary, zoe]) = people(["joy", "mary", "zoe"]).await;
    let joy = Element::log_in(&homeserver, &joy.id, Mode::Normal).await;
    let mary = Element::log_in(&homeserver, &mary.id, Mode::Strict).await;
    let zoe = Nio::log_in(&homeserver, &zoe.id).await;

    let room = joy.opens_room_with(&[&mary.id, &zoe.id]).await;
    assert_eq!(zoe.is_invited_by(&joy.id).await, room);
    zoe.joins(&room).await;
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;
    joy.sees_membership(&room, &zoe.id, "join").await;
    joy.says(&room, "Hello everybody").await;
    let read = zoe.reads(&room, "Hello").await;
    let said = zoe.says(&room, "Hello from far away").await;
    let heard = joy.reads(&room, "far away").await;
    let hidden = mary.sees_but_cannot_read(&room, &said).await;
    mary.says(&room, "I give keys to the cross-signed only").await;
    joy.reads(&room, "cross-signed").await;

    assert!(read.encrypted);
    assert_eq!((read.sender, read.body.as_str()), (joy.id.clone(), "Hello everybody"));
    assert!(heard.is_encrypted() && !heard.is_from_cross_signed_device(), "{heard:?}");
    assert_eq!((heard.device(), &hidden.sender), (Some(&*zoe.device), &zoe.id));
    assert!(hidden.reason.contains("SenderIdentityNotTrusted"), "{hidden:?}");
}

#[tokio::test]
async fn two_clients_without_shared_code_open_rooms_by_themselves() {
    let (homeserver, [joy, zoe]) = people(["joy", "zoe"]).await;
    let joy = Element::log_in(&homeserver, &joy.id, Mode::Normal).await;
    let zoe = Nio::log_in(&homeserver, &zoe.id).await;

    let room = zoe.opens_direct_room_with(&joy.id).await;
    assert_eq!(joy.is_invited_by(&zoe.id).await, room);
    joy.joins(&room).await;
    zoe.sees_membership(&room, &joy.id, "join").await;
    zoe.says(&room, "Hello Joy").await;
    joy.reads(&room, "Hello Joy").await;

    let other = zoe.opens_room_with(&[&joy.id]).await;
    joy.joins(&other).await;
    joy.says(&other, "Hello Zoe").await;
    assert!(zoe.reads(&other, "Hello Zoe").await.encrypted);
    assert_eq!((joy.cannot_read(), zoe.cannot_read().await), (vec![], vec![]));
}

#[tokio::test]
async fn a_device_added_later_reads_what_is_new_and_is_verified_by_the_first() {
    let (homeserver, [joy, mary]) = people(["joy", "mary"]).await;
    let joy = Element::log_in(&homeserver, &joy.id, Mode::Normal).await;
    let mary = Element::log_in(&homeserver, &mary.id, Mode::Normal).await;
    let room = joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;
    let old = joy.says(&room, "before").await;
    mary.reads(&room, "before").await;

    let phone = Element::log_in(&homeserver, &mary.id, Mode::Normal).await;
    phone.sees_but_cannot_read(&room, &old).await;
    assert!(!joy.knows_as_cross_signed(&mary.id, &phone.device).await);
    joy.says(&room, "between").await;
    phone.reads(&room, "between").await;
    phone.says(&room, "from my new phone").await;
    let unsigned = joy.reads(&room, "new phone").await;
    assert!(mary.was_sent("m.secret.request").is_empty());

    phone.verifies(&mary).await;
    joy.sees_cross_signed(&mary.id, &phone.device).await;
    phone.says(&room, "from my own phone").await;
    let signed = joy.reads(&room, "own phone").await;
    mary.reads(&room, "own phone").await;
    mary.says(&room, "from home").await;
    phone.reads(&room, "from home").await;

    assert!(!unsigned.is_from_cross_signed_device() && signed.is_from_cross_signed_device(), "{unsigned:?} {signed:?}");
    assert_eq!(mary.is_sent("m.secret.request").await["content"]["requesting_device_id"], phone.device);
}

#[tokio::test]
async fn a_strict_client_reads_what_a_device_said_once_its_owner_has_signed_it() {
    let (homeserver, [joy, mary]) = people(["joy", "mary"]).await;
    let joy = Element::log_in(&homeserver, &joy.id, Mode::Strict).await;
    let mary = Element::log_in(&homeserver, &mary.id, Mode::Normal).await;
    let room = joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;
    let phone = Element::log_in(&homeserver, &mary.id, Mode::Normal).await;

    let said = phone.says(&room, "from my new phone").await;
    joy.sees_but_cannot_read(&room, &said).await;
    phone.verifies(&mary).await;

    assert!(joy.reads(&room, "new phone").await.is_from_cross_signed_device());
    assert_eq!(joy.cannot_read(), vec![]);
}

#[tokio::test]
async fn whoever_asks_a_client_for_room_keys_is_noticed() {
    let (homeserver, [joy, mary]) = people(["joy", "mary"]).await;
    let element = Element::log_in(&homeserver, &joy.id, Mode::Normal).await;
    assert!(element.was_sent("m.room_key_request").is_empty());

    let request = json!({"action": "request_cancellation", "requesting_device_id": "PHONE", "request_id": "1"});
    let messages = json!({"messages": {&element.id: {&element.device: request}}});
    mary.client().put(&["sendToDevice", "m.room_key_request", "t"], messages).await;

    assert_eq!(element.is_sent("m.room_key_request").await["content"]["requesting_device_id"], "PHONE");
}

#[tokio::test]
async fn people_verify_each_other_in_their_room() {
    let (homeserver, [joy, mary]) = people(["joy", "mary"]).await;
    let joy = Element::log_in(&homeserver, &joy.id, Mode::Strict).await;
    let mary = Element::log_in(&homeserver, &mary.id, Mode::Strict).await;
    let room = joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;

    // Once they say that the emoji differ.
    let asking = joy.asks_to_verify(&mary.id).await;
    let asked = mary.is_asked_to_verify_by(&joy.id).await;
    assert_eq!((asking.room(), asked.room()), (Some(room.clone()), Some(room.clone())));
    asking.starts().await;
    asking.compares_emoji_with(&asked).await;
    asked.denies().await;
    assert_eq!((asking.is_cancelled().await, asked.is_cancelled().await), ("m.mismatched_sas".into(), "m.mismatched_sas".into()));
    assert!(!joy.knows_as_verified(&mary.id).await);

    joy.verifies(&mary).await;
    assert!(joy.knows_as_verified(&mary.id).await && mary.knows_as_verified(&joy.id).await);
    // A client remembers of a room key what it knew of the sender when the key came.
    joy.takes_a_new_room_key(&room).await;
    joy.says(&room, "It is you").await;
    let read = mary.reads(&room, "It is you").await;
    assert!(read.is_verified(), "{read:?}");
}

#[tokio::test]
async fn a_plain_room_becomes_encrypted_with_the_next_message() {
    let (homeserver, [joy, zoe]) = people(["joy", "zoe"]).await;
    let room = joy.opens_direct_room_with(&zoe.id).await;
    let joy = Element::log_in(&homeserver, &joy.id, Mode::Normal).await;
    let zoe = Nio::log_in(&homeserver, &zoe.id).await;
    zoe.joins(&room).await;
    joy.sees_membership(&room, &zoe.id, "join").await;

    joy.says(&room, "for everybody to hear").await;
    let plain = zoe.reads(&room, "for everybody").await;
    joy.encrypts(&room).await;
    zoe.sees_encryption(&room).await;
    joy.says(&room, "for you alone").await;
    let secret = zoe.reads(&room, "for you").await;
    zoe.says(&room, "for you too").await;
    let answer = joy.reads(&room, "for you too").await;

    assert!(!plain.encrypted && secret.encrypted && answer.is_encrypted());
}

#[tokio::test]
async fn a_device_deleted_by_an_administrator_is_gone() {
    let (homeserver, [joy, mary]) = people(["joy", "mary"]).await;
    let joy = Element::log_in(&homeserver, &joy.id, Mode::Normal).await;
    let mary = Element::log_in(&homeserver, &mary.id, Mode::Normal).await;
    let phone = Element::log_in(&homeserver, &mary.id, Mode::Normal).await;
    let room = joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;
    assert!(joy.devices_of(&mary.id).await.contains(&phone.device));

    homeserver.deletes_device(&mary.id, &phone.device).await;

    assert_eq!(joy.devices_of(&mary.id).await, [&*mary.device]);
}
