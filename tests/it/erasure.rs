//! People who want to be forgotten: what is asked, what goes, and what stays.

use crate::support::Scene;
use crate::support::shifted::ShiftedClock;
use crate::support::user::moment;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use toml::toml;
use tradepost::clock::Clock;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_forgotten_shares_nothing_any_more_and_has_her_posts_withdrawn() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    let card = mary.hears(&room, "/p/1").await;
    joy.says(&office, "forget me").await;
    let asked = joy.hears(&office, "Shall I?").await;
    assert!(asked["content"]["body"].as_str().unwrap().contains("shops and feeds (1)"), "{asked}");
    joy.says(&office, "yes").await;
    joy.hears(&office, "still stands in a chat").await;
    // Until then nothing is erased.
    scene.publishes(2);
    mary.hears(&room, "/p/2").await;
    joy.says(&office, "yes").await;
    joy.hears(&office, "I have erased").await;
    let redacted = &card["event_id"];
    mary.sees_redaction(&room, redacted.as_str().unwrap()).await;
    assert!(scene.tradepost.metrics().await.contains("tradepost_sources 0"), "what nobody follows is read no more");
    joy.says(&office, "list").await;
    joy.hears(&office, "add feed").await;
    // She may begin anew.
    scene.adds_the_feed(&office).await;
    scene.shares_in(&room).await;
    scene.publishes(8);
    mary.hears(&room, "/p/8").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_shares_on_and_her_posts_may_stay_when_she_is_forgotten() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    joy.says(&office, "forget me").await;
    joy.hears(&office, "Shall I?").await;
    joy.says(&office, "no").await;
    joy.hears(&office, "stays as it is").await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    joy.says(&office, "语言 zh").await;
    joy.hears(&office, "中文").await;
    joy.says(&office, "忘记 我").await;
    joy.hears(&office, "要删除吗").await;
    joy.says(&office, "是").await;
    joy.hears(&office, "什么都不删除").await;
    joy.says(&office, "否").await;
    // Her language is erased, and she is still told in it.
    joy.hears(&office, "已完成").await;
    assert_eq!(scene.cards_in(&room).await, [1]);
    let events = mary.events(&room).await;
    assert!(events.iter().all(|event| event["type"] != "m.room.redaction"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_forgotten_and_what_she_muted_does_not_begin_anew() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    let linking = scene.person("linking").await;
    let theirs = joy.opens_direct_room_with(&linking.id).await;
    linking.joins(&theirs).await;
    joy.invites(&theirs, &scene.bot()).await;
    joy.sees_membership(&theirs, &scene.bot(), "join").await;
    scene.shares_in(&theirs).await;
    mary.says(&room, "!share mute").await;
    mary.hears(&room, "!share unmute").await;
    // Typed where Joy reads along, it is asked where she does not.
    mary.says(&room, "!share forget me").await;
    let hers = mary.is_invited_by(&scene.bot()).await;
    mary.joins(&hers).await;
    mary.hears(&hers, "Shall I?").await;
    mary.says(&hers, "yes").await;
    mary.hears(&hers, "I have erased").await;
    joy.hears(&office, "had me erase").await;
    scene.publishes(1);
    linking.hears(&theirs, "/p/1").await;
    joy.says(&office, "recent").await;
    joy.hears(&office, "Teapot 1").await;
    joy.says(&office, "why 1").await;
    let why = joy.hears(&office, "linking").await;
    assert!(!why["content"]["body"].as_str().unwrap().contains("mary"), "{why}");

    // Joy tries again: Mary's mute holds.
    scene.shares_in(&room).await;
    scene.publishes(2);
    linking.hears(&theirs, "/p/2").await;
    scene.asks_until(&office, "contacts", "muted").await;
    let cards = mary.events(&room).await;
    let is_card = |event: &&Value| !event["content"]["org.tradepost.trade"].is_null();
    assert_eq!(cards.iter().filter(is_card).count(), 0);
}

/// Lets hours pass until a metric has this value.
async fn counts(scene: &Scene, clock: &ShiftedClock, name: &str, value: f64) {
    for _ in 0..100 {
        clock.set(clock.now() + SignedDuration::from_mins(61));
        moment().await;
        if scene.tradepost.metric(name).await == Some(value) {
            return;
        }
    }
    panic!("{name} is {:?}, not {value}", scene.tradepost.metric(name).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_comes_back_to_what_was_hers_and_is_forgotten_after_a_month() {
    let begins: Timestamp = "2026-09-01T12:00:00Z".parse().unwrap();
    let after_days = |days: i64| begins + SignedDuration::from_hours(24 * days);
    let clock = Arc::new(ShiftedClock::at(begins));
    let scene = Scene::with_clock(toml! { [limits] command_age_seconds = 604_800 }, &clock).await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    joy.leaves(&room).await;
    joy.leaves(&office).await;
    let hers = mary.opens_direct_room_with(&scene.bot()).await;
    mary.hears(&hers, "mute").await;
    counts(&scene, &clock, "tradepost_sharers_gone", 1.0).await;
    let before = scene.feed.requests();
    scene.publishes(2);
    clock.set(after_days(25));
    counts(&scene, &clock, "tradepost_sharers_gone", 1.0).await;
    assert_eq!(scene.feed.requests(), before, "nobody wants it read");

    // She comes back: what she set is there, and nothing of that time is posted.
    let office = scene.office().await;
    scene.feed.is_asked_twice().await;
    joy.says(&office, "list").await;
    joy.hears(&office, &scene.feed.url()).await;
    let room = scene.direct_room().await;
    scene.shares_in(&room).await;
    scene.publishes(3);
    mary.hears(&room, "/p/3").await;
    assert_eq!(scene.cards_in(&room).await, [3]);

    // She leaves for good.
    joy.leaves(&room).await;
    joy.leaves(&office).await;
    counts(&scene, &clock, "tradepost_sharers_gone", 1.0).await;
    clock.set(after_days(80));
    counts(&scene, &clock, "tradepost_sharers_erased_total", 1.0).await;
    counts(&scene, &clock, "tradepost_sources", 0.0).await;
    let office = scene.office().await;
    joy.says(&office, "list").await;
    joy.hears(&office, "none yet").await;
}
