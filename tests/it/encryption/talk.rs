//! Every way in which the bot shows something, in encrypted rooms.

use super::stage::Secret;
use crate::support::Scene;
use crate::support::element::Mode;
use crate::support::shifted::ShiftedClock;
use crate::support::stage::keycap_of;
use crate::support::stage::link;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use toml::toml;

#[tokio::test(flavor = "multi_thread")]
async fn cards_and_their_edits_are_read_by_a_normal_and_by_a_strict_client() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let (joy, mary) = (&secret.joy, secret.mary(Mode::Strict).await);
    let room = secret.shares_with(&mary).await;
    secret.scene.publishes(1);
    let card = mary.reads(&room, "/p/1").await;
    let same = joy.reads(&room, "/p/1").await;
    secret.scene.feed.reprices(&link(1), "9.50 EUR");
    let edit = mary.sees_edit(&room, &card.id, "9.50").await;
    joy.sees_edit(&room, &card.id, "9.50").await;

    assert_eq!(card.id, same.id);
    for seen in [card, same, edit] {
        assert!(seen.is_encrypted() && seen.is_from_cross_signed_device(), "{seen:?}");
    }
    secret.nothing_in_the_clear(&[&room, &secret.office]).await;
    assert_eq!((joy.cannot_read(), mary.cannot_read()), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_say_to_each_other_is_neither_kept_nor_answered() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let (joy, mary) = (&secret.joy, secret.mary(Mode::Strict).await);
    let room = secret.shares_with(&mary).await;
    secret.scene.publishes(1);
    mary.reads(&room, "/p/1").await;
    let kept = async || secret.scene.tradepost.metric("tradepost_events_total").await.map(|kept| format!("{kept}"));
    let before: u32 = kept().await.unwrap().parse().unwrap();
    let said = [mary.says(&room, "Is it blue?").await, joy.says(&room, "It is").await, joy.says(&room, "share nothing of this").await];
    secret.does(&room, "!share pause").await;

    // Only the command.
    assert_eq!(kept().await, Some((before + 1).to_string()));
    assert_eq!(secret.scene.tradepost.metric("tradepost_parked_events").await, Some(0.0));
    let about = |event: &Value| said.iter().any(|said| event["content"]["m.relates_to"].to_string().contains(said.as_str()));
    let events = secret.scene.joy.events(&room).await;
    assert!(!events.iter().any(about), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_and_a_panel_and_their_edits_are_encrypted() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Strict).await;
    let (joy, mary) = (&secret.joy, secret.mary(Mode::Normal).await);
    let (scene, office) = (&secret.scene, secret.office.as_str());
    let room = secret.shares_with(&mary).await;
    secret.does(&room, "!share set output board").await;
    scene.publishes(1);
    let board = mary.reads(&room, "/p/1").await;
    scene.publishes(2);
    let edit = mary.sees_edit(&room, &board.id, "/p/2").await;
    assert!(edit.content()["m.new_content"]["body"].as_str().unwrap().contains("/p/1"), "{edit:?}");

    joy.says(office, "!share").await;
    let is_panel = |seen: &Value| seen["content"]["body"].as_str().is_some_and(|body| body.contains('☑'));
    let panel = joy.sees(office, "a panel", is_panel).await;
    let name = mary.id.trim_start_matches('@').split(':').next().unwrap();
    let key = keycap_of(&panel.body, name);
    joy.sees_reaction(office, &panel.id, &key).await;
    let tap = joy.reacts(office, &panel.id, &key).await;
    let off = joy.sees_edit(office, &panel.id, &format!("☐ {name}")).await;
    joy.redacts(office, &tap).await;
    let on = joy.sees_edit(office, &panel.id, &format!("☑ {name}")).await;

    for seen in [board, edit, panel, off, on] {
        assert!(seen.is_encrypted() && seen.is_from_cross_signed_device(), "{seen:?}");
    }
    secret.nothing_in_the_clear(&[&room, office]).await;
    assert_eq!((joy.cannot_read(), mary.cannot_read()), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_and_a_popup_that_is_withdrawn_are_encrypted() {
    let clock = Arc::new(ShiftedClock::at("2026-10-20T10:00:00Z".parse::<Timestamp>().unwrap()));
    let config = toml! {
        [limits]
        command_age_seconds = 604_800
    };
    let secret = Secret::with_feed(Scene::with_clock(config, &clock).await, Mode::Normal).await;
    let (joy, mary) = (&secret.joy, secret.mary(Mode::Strict).await);
    let scene = &secret.scene;
    let room = secret.shares_with(&mary).await;
    secret.does(&room, "!share set output popup").await;
    secret.does(&room, "!share set popup 10m").await;
    scene.publishes(1);
    let popup = mary.reads(&room, "/p/1").await;
    assert_eq!(popup.content()["m.mentions"]["user_ids"], json!([mary.id]));
    secret.does(&room, "!share set output message").await;
    secret.does(&room, "!share set digest daily 18:00").await;
    joy.reads(&secret.office, "18:00").await;
    clock.set("2026-10-20T10:30:00Z".parse().unwrap());
    mary.sees_redaction(&room, &popup.id).await;
    scene.publishes(2);
    scene.publishes(3);
    scene.feed.is_asked_twice().await;
    clock.set("2026-10-20T18:00:00Z".parse().unwrap());
    let digest = mary.reads(&room, "/p/3").await;

    assert!(digest.body.contains("/p/2"), "{}", digest.body);
    for seen in [popup, digest] {
        assert!(seen.is_encrypted() && seen.is_from_cross_signed_device(), "{seen:?}");
    }
    secret.nothing_in_the_clear(&[&room, &secret.office]).await;
    assert_eq!(joy.cannot_read(), vec![]);
}
