//! The panel: boxes on a message, ticked by reactions.

use crate::support::Scene;
use crate::support::stage::keycap_of;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_ticked_on_and_off_and_the_message_follows() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    let room = scene.direct_room().await;
    let (panel, body) = scene.opens_panel(&office, "!share").await;
    assert!(body.contains("☑") && body.contains("Test shop"), "{body}");
    let key = keycap_of(&body, mary.id.trim_start_matches('@').split(':').next().unwrap());
    joy.sees_reaction(&office, &panel, &key).await;

    let tap = joy.reacts(&office, &panel, &key).await;
    let name = mary.id.trim_start_matches('@').split(':').next().unwrap().to_owned();
    joy.sees_edit(&office, &panel, &format!("☑ {name}")).await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;

    // Taking the reaction back is a tap too.
    joy.redacts(&office, &tap).await;
    joy.sees_edit(&office, &panel, &format!("☐ {name}")).await;
    scene.publishes(2);
    scene.feed.is_asked_twice().await;
    joy.reacts(&office, &panel, &key).await;
    joy.sees_edit(&office, &panel, &format!("☑ {name}")).await;
    scene.publishes(3);
    mary.hears(&room, "/p/3").await;
    assert_eq!(scene.cards_in(&room).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_panel_in_a_direct_room_heeds_the_sharer_alone_and_names_platforms_only() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (_, room) = scene.sharing().await;
    joy.says(&room, "!share panel here").await;
    let panel = joy.hears(&room, "feed").await;
    let (event, body) = (panel["event_id"].as_str().unwrap(), panel["content"]["body"].as_str().unwrap());
    assert!(!body.contains("Test shop") && !body.contains("127.0.0.1"), "{body}");
    assert!(body.contains("☑ feed"), "{body}");
    mary.sees_reaction(&room, event, "1️⃣").await;

    mary.reacts(&room, event, "1️⃣").await;
    // What Mary did is worked off before what Joy does after it.
    joy.sees(&room, "Mary's reaction", |seen| seen["type"] == "m.reaction" && seen["sender"] == mary.id.as_str()).await;
    joy.reacts(&room, event, "1️⃣").await;
    let edits = joy.sees_edit(&room, event, "☐ feed").await;
    assert!(edits["content"]["m.mentions"].as_object().is_some_and(serde_json::Map::is_empty), "{edits}");
    joy.reacts(&room, event, "1⃣").await;
    joy.sees_edit(&room, event, "☑ feed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_direct_room_the_contacts_own_panel_opens_in_the_management_room() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    joy.says(&room, "!share").await;
    let panel = joy.hears(&office, "☑").await;
    let event = panel["event_id"].as_str().unwrap().to_owned();
    let pointer = mary.hears(&room, "https://matrix.to/#/").await;
    let said = pointer["content"]["body"].as_str().unwrap();
    assert!(said.contains(&event[1..10]), "{said} does not lead to {event}");
    assert!(!said.contains("Test shop"), "{said}");

    // Food is no category; home goods are taken off, so that a teapot is not for Mary any more.
    let body = panel["content"]["body"].as_str().unwrap();
    let key = keycap_of(body, "home goods");
    joy.sees_reaction(&office, &event, &key).await;
    joy.reacts(&office, &event, &key).await;
    joy.sees_edit(&office, &event, "☐ home goods").await;
    scene.publishes(1);
    scene.feed.publish("Sony wireless headphones", "99.00 EUR", "https://shop.example/p/2");
    mary.hears(&room, "/p/2").await;
    assert_eq!(scene.cards_in(&room).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ticking_a_platform_without_an_account_asks_for_it() {
    let scene = Scene::new().await;
    let joy = &scene.joy;
    let office = scene.office().await;
    let (panel, body) = scene.opens_panel(&office, "!share").await;
    let key = keycap_of(&body, "feed");
    joy.sees_reaction(&office, &panel, &key).await;
    joy.reacts(&office, &panel, &key).await;
    joy.hears(&office, "cancel").await;
    joy.says(&office, "cancel").await;
    joy.hears(&office, "Nothing was changed").await;
    // A line that is no account either is answered as ever.
    joy.says(&office, "frobnicate").await;
    joy.hears(&office, "no command").await;

    joy.reacts(&office, &panel, &key.replace('\u{fe0f}', "")).await;
    joy.hears(&office, "cancel").await;
    joy.says(&office, &scene.feed.url()).await;
    joy.hears(&office, "as number").await;
    joy.sees_edit(&office, &panel, "☑ Test shop").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_panel_says_that_it_is_old_and_pages_turn() {
    let scene = Scene::new().await;
    let joy = &scene.joy;
    let office = scene.office().await;
    for number in 1..=6 {
        let command = joy.says(&office, &format!("!share category new mine{number} word{number}")).await;
        joy.sees_reaction(&office, &command, "✅").await;
    }
    let (old, _) = scene.opens_panel(&office, "panel").await;
    joy.sees_reaction(&office, &old, "▶").await;
    let (panel, body) = scene.opens_panel(&office, "panel").await;
    assert!(!body.contains("mine6"), "{body}");
    joy.reacts(&office, &old, "1️⃣").await;
    joy.sees_edit(&office, &old, "out of date").await;

    joy.sees_reaction(&office, &panel, "▶").await;
    joy.reacts(&office, &panel, "▶️").await;
    let second = joy.sees_edit(&office, &panel, "mine6").await;
    let body = second["content"]["m.new_content"]["body"].as_str().unwrap().to_owned();
    let key = keycap_of(&body, "mine6");
    joy.reacts(&office, &panel, &key).await;
    joy.sees_edit(&office, &panel, "☐ mine6").await;
    joy.says(&office, "category list").await;
    joy.hears(&office, "mine6").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_reactions_and_no_other_keys_count() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (_, room) = scene.sharing().await;
    joy.says(&room, "!share panel here").await;
    let panel = mary.hears(&room, "☑ feed").await;
    let event = panel["event_id"].as_str().unwrap();
    for key in ["9️⃣", "🎉", "◀️", "❌"] {
        joy.reacts(&room, event, key).await;
    }
    let command = joy.says(&room, "!share pause").await;
    joy.sees_reaction(&room, &command, "✅").await;
    let edits = |event: &&Value| event["content"]["m.relates_to"]["rel_type"] == "m.replace";
    let events = mary.events(&room).await;
    // The arrow of a panel with one page turns to the same page.
    assert!(events.iter().filter(edits).all(|edit| edit["content"]["m.new_content"]["body"].as_str().unwrap().contains("☑ feed")));
}
