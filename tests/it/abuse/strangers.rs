//! A stranger at the program: somebody of the homeserver who may not share, with every trick she has.

use crate::support::Scene;
use crate::support::user::Person;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use toml::toml;

/// How many events a person may cause that the bot works off in a minute, here.
const A_MINUTE: usize = 10;

/// Waits until everything that was done up to now has reached the program, been worked off and answered. The
/// homeserver pushes in order: what a newcomer is told comes after all of it.
async fn is_worked_off(scene: &Scene, newcomer: &str) {
    let newcomer = scene.person(newcomer).await;
    let own = newcomer.opens_direct_room_with(&scene.bot()).await;
    newcomer.hears(&own, "!share mute").await;
    let mut step = tokio::time::interval(Duration::from_millis(100));
    while metric(scene, "tradepost_events_waiting").await + metric(scene, "tradepost_deliveries_waiting").await > 0.0 {
        step.tick().await;
    }
}

async fn metric(scene: &Scene, name: &str) -> f64 {
    scene.tradepost.metric(name).await.unwrap_or_else(|| panic!("no {name}"))
}

/// In how many of these rooms the bot is.
async fn bot_is_in(scene: &Scene, person: &Person, rooms: &[String]) -> Vec<String> {
    let mut joined = Vec::new();
    for room in rooms {
        if person.members(room).await.get(&scene.bot()).is_some_and(|membership| membership == "join") {
            joined.push(room.clone());
        }
    }
    joined
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_makes_the_bot_join_one_room_fetch_nothing_and_store_next_to_nothing() {
    let scene = Scene::with_config(toml! {
        [limits]
        commands_per_minute = 10
    })
    .await;
    let (mary, bot, address) = (&scene.mary, scene.bot(), scene.feed.url());
    let own = mary.opens_direct_room_with(&bot).await;
    mary.sees_membership(&own, &bot, "join").await;
    mary.hears(&own, "!share mute").await;
    mary.says(&own, &format!("add {address}")).await;
    mary.hears(&own, "may not share").await;

    // Rooms of all kinds, and many.
    let other = scene.person("other").await;
    let mut rooms = Vec::new();
    let encryption = json!([{"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}]);
    let readable = json!([{"type": "m.room.history_visibility", "state_key": "", "content": {"history_visibility": "world_readable"}}]);
    for options in [
        json!({"preset": "public_chat", "invite": [bot]}),
        json!({"preset": "private_chat", "creation_content": {"type": "m.space"}, "invite": [bot]}),
        json!({"preset": "private_chat", "initial_state": encryption, "invite": [bot]}),
        json!({"preset": "private_chat", "initial_state": readable, "invite": [bot]}),
        json!({"preset": "trusted_private_chat", "is_direct": true, "invite": [other.id, bot]}),
    ] {
        rooms.push(mary.creates_room(options).await);
    }
    let pair = mary.opens_direct_room_with(&other.id).await;
    other.joins(&pair).await;
    mary.invites(&pair, &bot).await;
    rooms.push(pair);
    for _ in 0..2 * A_MINUTE {
        rooms.push(mary.creates_room(json!({"preset": "private_chat", "invite": [bot]})).await);
    }
    is_worked_off(&scene, "second").await;
    assert_eq!(bot_is_in(&scene, mary, &rooms).await, Vec::<String>::new());

    // Of the many, only so many are answered in a minute.
    let mut answered = 0;
    for room in &rooms {
        answered += usize::from(mary.members(room).await.get(&bot).is_some_and(|membership| membership == "leave"));
    }
    assert!((1..rooms.len()).contains(&answered), "{answered} of {}", rooms.len());

    // Everything that fetches, stores or posts for those who may share.
    let events = mary.events(&own).await;
    let ours: Vec<String> =
        events.iter().filter(|event| event["sender"] == bot).filter_map(|event| event["event_id"].as_str().map(str::to_owned)).collect();
    for command in [
        format!("add {address}"),
        format!("add feed {address}"),
        format!("post {address}"),
        format!("category test {address}"),
        format!("category new spam {}", "word ".repeat(100)),
        "secret 1 secret-of-somebody".to_owned(),
        "with here".to_owned(),
        format!("with {}", scene.joy.id),
        "as me".to_owned(),
        "panel".to_owned(),
        format!("add feed {address}{}", "x".repeat(50_000)),
    ] {
        mary.says(&own, &command).await;
    }
    for event in ours.iter().take(3) {
        for key in ["1️⃣", "✅", "❌", "🔕", "▶️", "🎉"] {
            mary.reacts(&own, event, key).await;
        }
    }
    // What cannot be read, and what is far too much.
    for number in 0..30 {
        let (algorithm, session) = ("m.megolm.v1.aes-sha2", format!("session{number}"));
        let content =
            json!({"algorithm": algorithm, "ciphertext": "A".repeat(500), "session_id": session, "device_id": "X", "sender_key": "k"});
        mary.sends(&own, "m.room.encrypted", content).await;
    }
    for _ in 0..6 * A_MINUTE {
        mary.says(&own, "list").await;
    }
    is_worked_off(&scene, "third").await;

    assert_eq!(scene.feed.requests(), 0, "nothing is fetched at a stranger's word");
    assert!(metric(&scene, "tradepost_sources").await < 1.0);
    assert!(metric(&scene, "tradepost_sharers").await <= 1.0, "only what she wishes herself");
    assert!(metric(&scene, "tradepost_parked_events").await <= 30.0);
    assert_eq!(bot_is_in(&scene, mary, &rooms).await, Vec::<String>::new());
    // Commands are refused, and from some on there are no words for it any more.
    let said = mary.has_read(&own, &bot).await;
    assert!(said.len() < 4 * A_MINUTE, "{}", said.len());
    assert!(said.iter().filter(|body| body.contains("a little fast")).count() < 10, "{said:#?}");
    assert!(!said.iter().any(|body| body.contains(&address)), "{said:#?}");

    // Joy is served as ever.
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    assert!(scene.feed.requests() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reactions_count_among_what_one_person_may_do_in_a_minute() {
    let scene = Scene::with_config(toml! {
        [limits]
        commands_per_minute = 6
    })
    .await;
    let (joy, bot) = (&scene.joy, scene.bot());
    let office = scene.office().await;
    let (panel, body) = scene.opens_panel(&office, "panel").await;
    let before = metric(&scene, "tradepost_commands_total{outcome=\"done\"}").await;
    assert!(before >= 1.0 && body.contains('☑'), "{body}");
    // Each tap, and each that is taken back, would change the panel.
    for number in 0..20 {
        let key = format!("{}\u{fe0f}\u{20e3}", 2 + number % 4);
        let event = joy.reacts(&office, &panel, &key).await;
        joy.redacts(&office, &event).await;
    }
    is_worked_off(&scene, "second").await;
    let edits = |event: &&Value| event["sender"] == bot && event["content"]["m.relates_to"]["rel_type"] == "m.replace";
    let events = joy.events(&office).await;
    let edited = events.iter().filter(edits).count();
    assert!((1..20).contains(&edited), "{edited} of 40");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_blocked_is_declined_and_nothing_is_shared_with_her() {
    // Of this server only Joy, who is named, is not blocked.
    let scene = Scene::with_config(toml! {
        [permissions]
        "demo.localhost" = "block"
    })
    .await;
    let (joy, mary, bot) = (&scene.joy, &scene.mary, scene.bot());
    let own = mary.opens_direct_room_with(&bot).await;
    let event = mary.sees_membership(&own, &bot, "leave").await;
    assert!(event["content"]["reason"].as_str().unwrap().contains("may not share"), "{event}");
    let office = scene.office().await;
    let room = scene.direct_room().await;
    let command = joy.says(&room, "!share with here").await;
    joy.sees_reaction(&room, &command, "⛔").await;
    joy.hears(&office, "lets nothing be shared with this person").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_declined_the_room_that_the_bot_opened_is_invited_to_no_other() {
    let scene = Scene::new().await;
    let (joy, bot) = (&scene.joy, scene.bot());
    let room = scene.direct_room().await;
    scene.shares_in(&room).await;
    let office = joy.is_invited_by(&bot).await;
    joy.leaves(&office).await;
    is_worked_off(&scene, "second").await;
    // What she would be told has no place now.
    for command in ["!share list", "!share status"] {
        let event = joy.says(&room, command).await;
        joy.sees_reaction(&room, &event, "✅").await;
    }
    is_worked_off(&scene, "third").await;
    // She opens one herself: there is this one and the direct one, and no third.
    let own = scene.office().await;
    joy.says(&own, "privacy").await;
    joy.hears(&own, "that you are in (2)").await;
}
