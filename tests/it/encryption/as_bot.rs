//! The bot in encrypted rooms: it reads commands, and what it says is encrypted.

use super::stage::Secret;
use super::stage::nothing_in_the_clear;
use crate::support::Scene;
use crate::support::element::Element;
use crate::support::element::Mode;
use crate::support::nio::Nio;
use toml::Table;
use toml::toml;

/// Everybody's devices get keys, and may command.
fn to_all() -> Table {
    toml! {
        [encryption]
        share_keys_with = "all"
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn normal_and_strict_clients_talk_to_the_bot_in_an_encrypted_room_of_their_own() {
    for mode in [Mode::Normal, Mode::Strict] {
        let Secret { scene, joy, office } = Secret::new(Scene::new().await, mode).await;
        joy.says(&office, "!share version").await;
        let answer = joy.reads(&office, env!("CARGO_PKG_VERSION")).await;
        assert!(answer.is_encrypted() && answer.is_from_cross_signed_device(), "{answer:?}");
        assert_eq!(joy.cannot_read(), vec![]);
        nothing_in_the_clear(&scene.joy, &office, &scene.bot(), false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_shared_code_talks_to_the_bot_where_every_device_gets_keys() {
    let scene = Scene::with_config(to_all()).await;
    let joy = Nio::log_in(&scene.homeserver, &scene.joy.id).await;
    let office = joy.opens_direct_room_with(&scene.bot()).await;
    let greeting = joy.reads(&office, "add feed https://").await;
    joy.says(&office, "!share version").await;
    let answer = joy.reads(&office, env!("CARGO_PKG_VERSION")).await;
    assert!(greeting.encrypted && answer.encrypted);
    assert_eq!(joy.cannot_read().await, vec![]);
    nothing_in_the_clear(&scene.joy, &office, &scene.bot(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_the_bot_came_in_is_answered() {
    let Secret { mut scene, joy, .. } = Secret::new(Scene::new().await, Mode::Normal).await;
    let mary = Element::log_in(&scene.homeserver, &scene.mary.id, Mode::Normal).await;
    // As in Element: the room comes into being with its first message, while the invitation is on its way.
    scene.tradepost.stop().await;
    let office = joy.opens_direct_room_with(&scene.bot()).await;
    let asked = joy.says(&office, "!share version").await;
    let room = joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;
    joy.says(&room, "I invite somebody").await;
    joy.invites(&room, &scene.bot()).await;
    let command = joy.says(&room, "!share with here").await;
    joy.says(&room, "That was it").await;
    scene.tradepost.start().await;
    let answer = joy.reads(&office, env!("CARGO_PKG_VERSION")).await;
    assert_eq!(answer.content()["m.relates_to"]["m.in_reply_to"]["event_id"], asked);
    joy.sees_reaction(&room, &command, "✅").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_added_while_nobody_shared_a_room_with_her_reads_the_next_words() {
    let Secret { scene, joy, office } = Secret::new(Scene::new().await, Mode::Normal).await;
    joy.says(&office, "version").await;
    joy.reads(&office, env!("CARGO_PKG_VERSION")).await;
    scene.joy.leaves(&office).await;
    let phone = Element::log_in(&scene.homeserver, &scene.joy.id, Mode::Normal).await;
    phone.verifies(&joy).await;
    let office = joy.opens_direct_room_with(&scene.bot()).await;
    let greeting = phone.reads(&office, "add feed https://").await;
    assert!(greeting.is_from_cross_signed_device(), "{greeting:?}");
    let command = phone.says(&office, "version").await;
    let answer = phone.reads(&office, env!("CARGO_PKG_VERSION")).await;
    assert_eq!(answer.content()["m.relates_to"]["m.in_reply_to"]["event_id"], command);
}
