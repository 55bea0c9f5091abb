//! Commands that are not simply taken: from devices that nobody vouches for, and those that cannot be read.

use super::stage::Secret;
use crate::support::Scene;
use crate::support::element::Element;
use crate::support::element::Mode;
use crate::support::shifted::ShiftedClock;
use crate::support::user::Person;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use toml::toml;

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_its_owner_has_not_signed_commands_nothing() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let mary = secret.mary(Mode::Strict).await;
    let room = secret.shares_with(&mary).await;
    let (scene, joy, office) = (&secret.scene, &secret.joy, secret.office.as_str());
    let thief = Element::log_in(&scene.homeserver, &scene.joy.id, Mode::Normal).await;
    let command = thief.says(&room, "!share pause").await;
    joy.sees_reaction(&room, &command, "⛔").await;
    let command = thief.says(office, "pause").await;
    joy.sees_reaction(office, &command, "🔒").await;
    let why = secret.answer_to(&command).await;
    assert!(why.is_encrypted() && why.body.contains("not verified"), "{}", why.body);
    scene.publishes(1);
    let card = mary.reads(&room, "/p/1").await;
    thief.sees_but_cannot_read(&room, &card.id).await;

    // Once she says that it is hers, it does.
    thief.verifies(joy).await;
    let command = thief.says(office, "pause").await;
    joy.sees_reaction(office, &command, "✅").await;
    secret.nothing_in_the_clear(&[&room, office]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_device_commands_where_the_operator_says_so() {
    let all = toml! {
        [encryption]
        share_keys_with = "all"
    };
    let secret = Secret::with_feed(Scene::with_config(all).await, Mode::Normal).await;
    let phone = Element::log_in(&secret.scene.homeserver, &secret.scene.joy.id, Mode::Normal).await;
    let command = phone.says(&secret.office, "version").await;
    let answers = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == command;
    let answer = phone.sees(&secret.office, "the answer", answers).await;
    assert!(answer.is_encrypted() && answer.body.contains(env!("CARGO_PKG_VERSION")), "{answer:?}");
}

/// Something that names a session of which nobody has the key: what was said before in `from`, with
/// `session` written over it.
async fn says_what_nobody_can_read(person: &Person, from: &str, room: &str, session: &str) -> String {
    let events = person.events(from).await;
    let said = events.into_iter().find(|event| event["type"] == "m.room.encrypted");
    let mut content = said.expect("something encrypted")["content"].clone();
    content["session_id"] = json!(session);
    person.sends(room, "m.room.encrypted", content).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_key_does_not_come_is_answered_after_a_minute() {
    let start = "2026-10-20T10:00:00Z".parse::<Timestamp>().unwrap();
    let clock = Arc::new(ShiftedClock::at(start));
    let config = toml! {
        [limits]
        command_age_seconds = 604_800
    };
    let secret = Secret::with_feed(Scene::with_clock(config, &clock).await, Mode::Normal).await;
    let mary = secret.mary(Mode::Strict).await;
    let room = secret.shares_with(&mary).await;
    let (scene, joy, office) = (&secret.scene, &secret.joy, secret.office.as_str());
    let lost = says_what_nobody_can_read(&scene.joy, office, office, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    let elsewhere = says_what_nobody_can_read(&scene.mary, &room, &room, "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    secret.asks_until("version", env!("CARGO_PKG_VERSION")).await;
    // The sender is asked for it.
    let asked = joy.is_sent("m.room_key_request").await;
    assert_eq!(asked["content"]["body"]["session_id"], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let early = |event: &Value| event["content"]["m.relates_to"]["event_id"] == lost;
    assert!(!scene.joy.events(office).await.iter().any(early));

    clock.set(start + jiff::SignedDuration::from_secs(62));
    joy.sees_reaction(office, &lost, "🔒").await;
    let why = secret.answer_to(&lost).await;
    assert!(why.is_encrypted() && why.body.contains("could not read your message"), "{}", why.body);
    // Of the room with Mary her sharer is told once, and nobody there.
    joy.reads(office, "I cannot read everything").await;
    let about = |event: &&Value| event["content"].to_string().contains(elsewhere.as_str());
    assert_eq!(scene.mary.events(&room).await.iter().filter(about).count(), 0);
    secret.nothing_in_the_clear(&[&room, office]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_under_encryption_stands_there_still() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let mary = secret.mary(Mode::Strict).await;
    let room = secret.shares_with(&mary).await;
    secret.scene.publishes(1);
    let card = mary.reads(&room, "/p/1").await;
    // The homeserver cannot see that it is one, nor say whether she may.
    mary.sends(&room, "m.room.redaction", json!({"redacts": card.id})).await;
    secret.does(&room, "!share resume").await;
    secret.scene.feed.reprices(&crate::support::stage::link(1), "9.50 EUR");
    mary.sees_edit(&room, &card.id, "9.50").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_once_is_not_carried_out_again() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let (scene, joy, office) = (&secret.scene, &secret.joy, secret.office.as_str());
    let paused = joy.says(office, "pause").await;
    joy.sees_reaction(office, &paused, "✅").await;
    secret.does(office, "resume").await;

    // As a homeserver could, with another id, and written a little differently.
    let events = scene.joy.events(office).await;
    let said = events.iter().find(|event| event["event_id"] == paused.as_str()).unwrap();
    let mut content = said["content"].clone();
    let ciphertext = content["ciphertext"].as_str().unwrap();
    content["ciphertext"] = json!(format!("{ciphertext}{}", "=".repeat((4 - ciphertext.len() % 4) % 4)));
    let again = scene.joy.sends(office, "m.room.encrypted", content).await;
    let asked = joy.says(office, "status").await;
    let status = secret.answer_to(&asked).await;
    assert!(!status.body.contains("paused"), "{}", status.body);
    let about = |event: &&Value| event["content"]["m.relates_to"].to_string().contains(again.as_str());
    assert_eq!(scene.joy.events(office).await.iter().find(about), None);
}
