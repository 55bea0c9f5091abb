//! The bot stopped and started again, killed, and given a new device where its keys are lost.

use super::stage::Secret;
use crate::support::Scene;
use crate::support::element::Mode;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn old_and_new_sessions_are_read_after_a_stop_and_after_a_kill() {
    let mut secret = Secret::with_feed(Scene::new().await, Mode::Strict).await;
    let mary = secret.mary(Mode::Strict).await;
    let room = secret.shares_with(&mary).await;
    secret.scene.publishes(1);
    mary.reads(&room, "/p/1").await;
    for number in [2, 4] {
        // With keys that the bot had before it went, and with one that came while it was away.
        if number == 2 {
            let _ = secret.scene.tradepost.stop().await;
        } else {
            secret.scene.tradepost.kill_9().await;
        }
        let old = secret.joy.says(&secret.office, "version").await;
        secret.joy.takes_a_new_room_key(&room).await;
        let new = secret.joy.says(&room, "!share pause").await;
        secret.scene.tradepost.start().await;
        assert!(secret.answer_to(&old).await.body.contains(env!("CARGO_PKG_VERSION")));
        secret.joy.sees_reaction(&room, &new, "✅").await;
        secret.does(&room, "!share resume").await;
        secret.scene.publishes(number);
        mary.reads(&room, &format!("/p/{number}")).await;
        secret.joy.takes_a_new_room_key(&secret.office).await;
        secret.asks_until("status", "posted").await;
        secret.scene.publishes(number + 1);
        mary.reads(&room, &format!("/p/{}", number + 1)).await;
    }
    assert_eq!(secret.cards_in(&mary, &room), [1, 2, 3, 4, 5]);
    assert_eq!((secret.joy.cannot_read(), mary.cannot_read()), (vec![], vec![]));
    assert_eq!(secret.joy.devices_of(&secret.scene.bot()).await, ["TRADEPOST"]);
    secret.nothing_in_the_clear(&[&room, &secret.office]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_mary_adds_later_reads_new_cards() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let mary = secret.mary(Mode::Normal).await;
    let room = secret.shares_with(&mary).await;
    secret.scene.publishes(1);
    let old = mary.reads(&room, "/p/1").await;
    let phone = secret.mary(Mode::Strict).await;
    phone.verifies(&mary).await;
    phone.sees_but_cannot_read(&room, &old.id).await;
    secret.scene.publishes(2);
    let new = phone.reads(&room, "/p/2").await;
    mary.reads(&room, "/p/2").await;
    assert!(new.is_from_cross_signed_device(), "{new:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_whose_settings_say_so_gets_a_new_key_after_so_many_messages_and_when_a_device_goes() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let mary = secret.mary(Mode::Normal).await;
    let rotation = json!({"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": 3});
    let state = json!([{"type": "m.room.encryption", "state_key": "", "content": rotation}]);
    let options = json!({"preset": "trusted_private_chat", "is_direct": true, "initial_state": state, "invite": [mary.id]});
    let room = secret.scene.joy.creates_room(options).await;
    secret.joy.marks_as_direct(&room, &mary.id).await;
    mary.joins(&room).await;
    secret.joy.sees_membership(&room, &mary.id, "join").await;
    secret.joy.invites(&room, &secret.scene.bot()).await;
    secret.joy.sees_membership(&room, &secret.scene.bot(), "join").await;
    secret.does(&room, "!share with here").await;
    let mut sessions = Vec::new();
    for number in 1..=8 {
        secret.scene.publishes(number);
        let card = mary.reads(&room, &format!("/p/{number}")).await;
        sessions.push(card.session().unwrap().to_owned());
    }
    let distinct: BTreeSet<&String> = sessions.iter().collect();
    assert!(distinct.len() >= 3 && sessions.chunk_by(|one, other| one == other).all(|same| same.len() <= 3), "{sessions:?}");
    assert_eq!(mary.cannot_read(), vec![]);

    // Who takes a device away of hers may have lost it: what comes is not for it.
    let phone = secret.mary(Mode::Normal).await;
    phone.verifies(&mary).await;
    secret.scene.publishes(9);
    let before = phone.reads(&room, "/p/9").await;
    secret.scene.homeserver.deletes_device(&mary.id, &phone.device).await;
    secret.joy.devices_of(&mary.id).await;
    secret.scene.publishes(10);
    let after = mary.reads(&room, "/p/10").await;
    assert_ne!(before.session(), after.session());
}
