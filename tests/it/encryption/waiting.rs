//! What waits: while encryption is off or broken, and while nobody could read it. Nothing is ever said
//! in the clear instead.

use super::stage::Secret;
use super::stage::encryption;
use super::stage::nothing_in_the_clear;
use crate::support::Scene;
use crate::support::client::http_client;
use crate::support::element::Element;
use crate::support::element::Mode;
use serde_json::json;
use std::fs;
use toml::toml;

/// What /ready says.
async fn readiness(scene: &Scene) -> String {
    let answer = http_client().get(format!("{}/ready", scene.tradepost.address())).send().await;
    answer.unwrap().text().await.unwrap()
}

/// Waits until /ready says this.
async fn is_said_to_be(scene: &Scene, what: &str) {
    let said = async {
        while !readiness(scene).await.contains(what) {
            tokio::task::yield_now().await;
        }
    };
    crate::support::clock::soon(&format!("/ready with {what}"), said).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_encryption_is_off_the_bot_stays_out_and_what_becomes_encrypted_waits() {
    let off = toml! {
        [encryption]
        allow = false
    };
    let scene = Scene::with_config(off).await;
    let (joy, mary, bot) = (&scene.joy, &scene.mary, scene.bot());
    let state = json!([{"type": "m.room.encryption", "state_key": "", "content": encryption()}]);
    let secret = joy.creates_room(json!({"preset": "trusted_private_chat", "initial_state": state, "invite": [bot]})).await;
    let left = joy.sees_membership(&secret, &bot, "leave").await;
    assert!(left["content"]["reason"].as_str().unwrap().contains("encrypted"), "{left}");

    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    joy.encrypts(&room).await;
    joy.hears(&office, "encrypted").await;
    scene.publishes(2);
    let command = joy.says(&room, "!share pause").await;
    joy.sees_reaction(&room, &command, "🔒").await;
    scene.asks_until(&office, "status", "Waiting to be posted: 1").await;
    nothing_in_the_clear(joy, &room, &bot, true).await;
    assert!(readiness(&scene).await.contains("encryption: off"));
    assert_eq!(scene.tradepost.metric("tradepost_encryption_ready").await, Some(0.0));

    // Nobody is told a word where she could only be told in the clear.
    joy.encrypts(&office).await;
    let command = joy.says(&office, "status").await;
    joy.sees_reaction(&office, &command, "🔒").await;
    nothing_in_the_clear(joy, &office, &bot, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_encryption_is_broken_cards_wait_and_go_out_when_it_is_mended() {
    let mut secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let mary = secret.mary(Mode::Strict).await;
    let room = secret.shares_with(&mary).await;
    is_said_to_be(&secret.scene, "encryption: ready").await;
    assert_eq!(secret.scene.tradepost.metric("tradepost_encryption_ready").await, Some(1.0));
    let plain = secret.scene.joy.opens_direct_room_with(&secret.scene.bot()).await;
    secret.scene.joy.hears(&plain, "add feed https://").await;

    // A file stands where the directory must be.
    let keys = secret.scene.tradepost.config_path().with_file_name("crypto");
    let aside = keys.with_file_name("aside");
    secret.scene.tradepost.stop().await;
    fs::rename(keys.join("TRADEPOST"), &aside).unwrap();
    fs::create_dir(keys.join("TRADEPOST")).unwrap();
    fs::write(keys.join("TRADEPOST/matrix-sdk-crypto.sqlite3"), "this is no database, and long enough to be seen as none").unwrap();
    secret.scene.tradepost.start().await;
    is_said_to_be(&secret.scene, "encryption: does not work").await;
    assert_eq!(secret.scene.tradepost.metric("tradepost_encryption_ready").await, Some(0.0));
    secret.scene.publishes(1);
    secret.scene.joy.hears(&plain, "encrypted").await;
    // The card, and what introduces the first one.
    secret.scene.asks_until(&plain, "status", "Waiting to be posted: 2").await;
    assert_eq!(secret.cards_in(&mary, &room), Vec::<usize>::new());

    secret.scene.tradepost.stop().await;
    fs::remove_dir_all(keys.join("TRADEPOST")).unwrap();
    fs::rename(&aside, keys.join("TRADEPOST")).unwrap();
    secret.scene.tradepost.start().await;
    mary.reads(&room, "/p/1").await;
    is_said_to_be(&secret.scene, "encryption: ready").await;
    assert_eq!(secret.joy.devices_of(&secret.scene.bot()).await, ["TRADEPOST"]);
    secret.nothing_in_the_clear(&[&room, &secret.office]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_another_key_file_nothing_is_said_and_the_operator_hears_why() {
    let mut secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let key_file = secret.scene.tradepost.config_path().with_file_name("tradepost.key");
    secret.scene.tradepost.stop().await;
    let key = fs::read_to_string(&key_file).unwrap();
    let other = if key.starts_with("AB") { key.replacen("AB", "CD", 1) } else { format!("AB{}", &key[2..]) };
    fs::write(&key_file, other).unwrap();
    secret.scene.tradepost.start().await;
    is_said_to_be(&secret.scene, "put the right key file back").await;
    fs::write(&key_file, key).unwrap();
    secret.scene.tradepost.restart().await;
    secret.asks_until("status", "posted").await;
    assert_eq!(secret.joy.devices_of(&secret.scene.bot()).await, ["TRADEPOST"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_waits_for_a_contact_who_has_no_device_that_could_read_it() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let (scene, joy) = (&secret.scene, &secret.joy);
    // She has a client without encryption, as far as anybody knows.
    let room = joy.opens_direct_room_with(&scene.mary.id).await;
    scene.mary.joins(&room).await;
    joy.sees_membership(&room, &scene.mary.id, "join").await;
    joy.invites(&room, &scene.bot()).await;
    joy.sees_membership(&room, &scene.bot(), "join").await;
    secret.does(&room, "!share with here").await;
    scene.publishes(1);
    joy.reads(&secret.office, "encrypted").await;
    scene.publishes(2);
    secret.asks_until("status", "Waiting to be posted: 3").await;
    let told = joy.has_read(&secret.office, &scene.bot()).into_iter().filter(|said| said.contains("is encrypted"));
    assert_eq!(told.count(), 1);

    let mary = secret.mary(Mode::Strict).await;
    mary.reads(&room, "/p/2").await;
    assert_eq!(secret.cards_in(&mary, &room), [1, 2]);
    assert!(mary.cannot_read().iter().all(|hidden| hidden.sender == joy.id), "{:?}", mary.cannot_read());
    secret.nothing_in_the_clear(&[&room]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_room_is_encrypted_from_the_next_message_on() {
    let scene = Scene::new().await;
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, "/p/1").await;
    let joy = Element::log_in(&scene.homeserver, &scene.joy.id, Mode::Strict).await;
    let mary = Element::log_in(&scene.homeserver, &scene.mary.id, Mode::Normal).await;
    joy.encrypts(&room).await;
    joy.encrypts(&office).await;
    let command = joy.says(&office, "version").await;
    joy.sees(&office, "the answer", |seen| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == command.as_str()).await;
    scene.publishes(2);
    let card = mary.reads(&room, "/p/2").await;
    assert!(card.is_encrypted() && card.is_from_cross_signed_device(), "{card:?}");
    // An edit of what was said before is encrypted too.
    scene.feed.reprices(&crate::support::stage::link(1), "9.50 EUR");
    let edit = mary.sees(&room, "an edit", |seen| seen["content"]["m.new_content"]["body"].to_string().contains("9.50")).await;
    assert!(edit.is_encrypted(), "{edit:?}");

    // In the clear it could be anybody's word.
    let command = scene.joy.says(&room, "!share pause").await;
    scene.joy.sees_reaction(&room, &command, "🔒").await;
    let command = scene.joy.says(&office, "pause").await;
    scene.joy.sees_reaction(&office, &command, "🔒").await;
    scene.publishes(3);
    mary.reads(&room, "/p/3").await;
    nothing_in_the_clear(&scene.joy, &room, &scene.bot(), true).await;
    nothing_in_the_clear(&scene.joy, &office, &scene.bot(), true).await;
}
