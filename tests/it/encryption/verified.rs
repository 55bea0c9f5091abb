//! Verification by emoji: of the bot, and of a sharer's own device, which then speaks for her.

use super::stage::Secret;
use crate::support::Scene;
use crate::support::element::Element;
use crate::support::element::Mode;
use crate::support::element::verification::Verification;

/// What the bot says that her client must show too.
async fn compares(secret: &Secret, verification: &Verification) {
    let emoji = verification.emoji().await;
    let told = secret.joy.reads(&secret.office, &emoji[0]).await;
    assert!(emoji.iter().all(|symbol| told.body.contains(symbol)), "{emoji:?} in {}", told.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sharer_verifies_the_bot_by_emoji() {
    let secret = Secret::new(Scene::new().await, Mode::Strict).await;
    let bot = secret.scene.bot();
    secret.does(&secret.office, "!share verify").await;
    secret.joy.reads(&secret.office, "TRADEPOST").await;
    let verification = secret.joy.is_asked_to_verify_by(&bot).await;
    compares(&secret, &verification).await;
    verification.confirms().await;
    secret.does(&secret.office, "yes").await;
    verification.is_done().await;
    secret.joy.reads(&secret.office, "You have verified me").await;
    assert!(secret.joy.knows_as_verified(&bot).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn emoji_that_differ_verify_nothing() {
    let secret = Secret::new(Scene::new().await, Mode::Normal).await;
    let bot = secret.scene.bot();
    let verification = secret.joy.asks_to_verify(&bot).await;
    verification.starts().await;
    compares(&secret, &verification).await;
    secret.does(&secret.office, "no").await;
    verification.is_cancelled().await;
    assert!(!secret.joy.knows_as_verified(&bot).await);
}

/// Joy agrees to share in her own name.
async fn agrees(secret: &Secret) {
    secret.does(&secret.office, "as me").await;
    secret.joy.reads(&secret.office, "I read your list of direct chats").await;
    secret.does(&secret.office, "yes").await;
    secret.joy.reads(&secret.office, "in your own name from now on").await;
}

/// Their encrypted direct room without the bot, in which Joy shares in her own name.
async fn shares_as_herself(secret: &Secret, mary: &Element) -> String {
    let room = secret.joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    secret.joy.sees_membership(&room, &mary.id, "join").await;
    agrees(secret).await;
    secret.does(&secret.office, &format!("with {}", mary.id)).await;
    secret.joy.reads(&secret.office, "I found your direct chat").await;
    room
}

#[tokio::test(flavor = "multi_thread")]
async fn once_she_has_verified_it_her_device_speaks_for_her_and_asks_for_nothing() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let mary = secret.mary(Mode::Strict).await;
    let room = shares_as_herself(&secret, &mary).await;

    // Until then the bot speaks, invited by her hand.
    secret.scene.publishes(1);
    let first = mary.reads(&room, "/p/1").await;
    assert_eq!(first.sender, secret.scene.bot());
    let verification = secret.joy.is_asked_to_verify_by(&secret.joy.id).await;
    compares(&secret, &verification).await;
    verification.confirms().await;
    secret.does(&secret.office, "yes").await;
    verification.is_done().await;
    secret.joy.reads(&secret.office, "Your device at tradepost is verified").await;

    secret.asks_until("contacts", "as you").await;
    secret.scene.publishes(2);
    let card = mary.reads(&room, "/p/2").await;
    assert_eq!((card.sender.as_str(), card.is_from_cross_signed_device()), (secret.joy.id.as_str(), true));
    assert_ne!(card.device(), Some(&*secret.joy.device));
    let events = secret.scene.joy.events(&room).await;
    let raw = events.iter().find(|event| event["event_id"] == card.id.as_str()).unwrap();
    assert_eq!(raw["content"]["org.tradepost.own_name"], true);
    let device = card.device().unwrap().to_owned();
    assert!(mary.knows_as_cross_signed(&secret.joy.id, &device).await);

    // Her say is heard without the bot too.
    secret.scene.joy.kicks(&room, &secret.scene.bot()).await;
    secret.scene.publishes(3);
    mary.reads(&room, "/p/3").await;
    let command = mary.says(&room, "!share mute").await;
    let answer = mary.sees_reaction(&room, &command, "✅").await;
    assert_eq!(answer.sender, secret.joy.id);
    secret.scene.publishes(4);
    secret.scene.feed.is_asked_twice().await;
    assert!(!mary.has_seen(&room).iter().any(|seen| seen.body.contains("/p/4")));

    // Nobody was asked for her secrets or for anybody's keys.
    for kind in ["m.secret.request", "m.room_key_request"] {
        assert_eq!(secret.joy.was_sent(kind), Vec::<serde_json::Value>::new(), "{kind}");
    }
    assert_eq!(mary.cannot_read(), vec![]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_device_sends_where_the_operator_wants_that() {
    let changes = toml::toml! {
        [double_puppet]
        unverified_device = "send"
    };
    let secret = Secret::with_feed(Scene::with_config(changes).await, Mode::Normal).await;
    let mary = secret.mary(Mode::Normal).await;
    let room = shares_as_herself(&secret, &mary).await;
    secret.scene.publishes(1);
    let card = mary.reads(&room, "/p/1").await;
    assert_eq!((card.sender.as_str(), card.is_from_cross_signed_device()), (secret.joy.id.as_str(), false));
    secret.joy.reads(&secret.office, "you have not verified it").await;
}
