//! The commands, as people type them.

use crate::support::Scene;
use crate::support::stage::link;
use serde_json::Value;
use serde_json::json;

/// What the bot has said in a room apart from cards.
async fn words(scene: &Scene, room: &str) -> Vec<String> {
    let events = scene.mary.events(room).await;
    let said = events.iter().filter(|event| event["sender"] == scene.bot() && event["content"]["org.tradepost.trade"].is_null());
    said.filter_map(|event| event["content"]["body"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_is_answered_in_the_management_room() {
    let scene = Scene::new().await;
    let joy = &scene.joy;
    let office = scene.office().await;
    scene.publishes(1);
    for (command, answer) in [
        ("help", "!share with"),
        ("help add", "Example"),
        ("？", "!share with"),
        ("platforms", "feed"),
        ("now", "!share add"),
        ("remove 9", "9"),
        ("lsit", "!share list"),
        ("frobnicate", "!share help"),
        ("add", "!share add"),
        ("add nowhere joy", "feed"),
        ("add ebay joy", "not set up"),
        ("with here", "direct chat"),
        ("with @nobody:demo.localhost", "nobody"),
        ("mute", "!share mute @joy:example.org"),
        ("language klingon", "language"),
        ("language zh", "中文"),
        ("！分享 帮助", "分享给"),
        ("ｌａｎｇｕａｇｅ　ｅｎ", "English"),
    ] {
        let event = joy.says(&office, command).await;
        let answered = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == json!(event);
        let reply = joy.sees(&office, &format!("the answer to {command:?}"), answered).await;
        let body = reply["content"]["body"].as_str().unwrap();
        assert!(body.contains(answer), "{command:?} was answered with {body:?}");
    }
    scene.adds_the_feed(&office).await;
    joy.says(&office, "preview").await;
    joy.hears(&office, "Teapot 1").await;
    joy.says(&office, "list").await;
    joy.hears(&office, &scene.feed.url()).await;
    for (command, answer) in
        [("pause 1", "paused"), ("resume 1", "goes on"), ("pause", "paused"), ("resume", "goes on"), ("remove 1", "Removed")]
    {
        let event = joy.says(&office, command).await;
        joy.sees_reaction(&office, &event, "✅").await;
        joy.hears(&office, answer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused_with_what_to_type_next_and_changes_nothing() {
    let scene = Scene::new().await;
    let joy = &scene.joy;
    let office = scene.office().await;
    for (command, answer) in [
        ("set colour red", "help set"),
        ("set kinds offers, junk", "`junk`"),
        ("set kinds listings, sales", "Name the contact"),
        ("set output status", "as me"),
        ("set quiet 8:00-8:00", "22:00-08:00"),
        ("set digest 25:00", "18:00"),
        ("set timezone Europe/Berln", "Europe/Berlin"),
        ("set price cheap", "< 500 EUR"),
        ("set language klingon", "zh"),
        ("set accounts 7", "7"),
        ("set categories ,", "!share set"),
        ("set categories klingon", "electronics"),
        ("set for nobody quiet off", "Invite me"),
        ("category new all tea", "called"),
        ("category new electronics tea", "built in"),
        ("category new tea", "!share category"),
        ("category new tea -milk", "criteria"),
        ("category new tea /(oolong/", "❗"),
        ("category delete nothing", "electronics"),
        ("category frobnicate", "!share category"),
        ("why 9", "!share recent"),
        ("why me", "me"),
        ("undo", "Nothing has been shared"),
        ("undo 9", "!share recent"),
        ("yes", "not asked"),
        ("cancel", "not asked"),
        ("mute mary", "whole user id"),
        ("mute @mary:demo.localhost soon", "!share mute"),
        ("unmute mary", "whole user id"),
        ("only", "!share only"),
        ("panel here", "direct chat"),
        ("as", "!share as"),
        ("as joy", "!share as"),
        ("as me 2", "!share as"),
        ("as me for nobody", "Invite me"),
        ("as bot for 9", "9"),
        ("as bot for here", "direct chat"),
        ("verify mary", "!share verify"),
    ] {
        let event = joy.says(&office, command).await;
        joy.sees_reaction(&office, &event, "⛔").await;
        let answered = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == json!(event);
        let reply = joy.sees(&office, &format!("the answer to {command:?}"), answered).await;
        let body = reply["content"]["body"].as_str().unwrap();
        let answer = answer.trim_matches('`');
        assert!(body.contains(answer), "{command:?} was answered with {body:?}");
    }
    joy.says(&office, "set").await;
    joy.hears(&office, "listings").await;
    joy.says(&office, "contacts").await;
    joy.hears(&office, "none yet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_in_ones_own_name_is_refused_where_it_is_not_set_up_or_not_allowed() {
    let without = |key: &str, value: toml::Value| {
        let mut table = toml::Table::from_iter([("allow".to_owned(), toml::Value::Array(Vec::new()))]);
        table.insert(key.to_owned(), value);
        toml::Table::from_iter([("double_puppet".to_owned(), toml::Value::Table(table))])
    };
    for (changes, answer) in [
        (without("as_token", toml::Value::from("")), "not set up here"),
        (without("rooms_per_day", toml::Value::from(0)), "You may not share in your own name"),
    ] {
        let scene = Scene::with_config(changes).await;
        let office = scene.office().await;
        for command in ["as me", "verify me"] {
            let event = scene.joy.says(&office, command).await;
            scene.joy.sees_reaction(&office, &event, "⛔").await;
            let answered = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == json!(event);
            let reply = scene.joy.sees(&office, &format!("the answer to {command:?}"), answered).await;
            assert!(reply["content"]["body"].as_str().unwrap().contains(answer), "{reply}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_own_category_can_be_chosen_like_a_built_in_one() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let category = "[[category]]\nid = \"pottery\"\nname = { en = \"pottery\", zh-CN = \"陶器\" }\n[category.title]\nheads = \"teapot\"\n";
    std::fs::write(file.path(), category).unwrap();
    let section = toml::Table::from_iter([("file".to_owned(), toml::Value::from(file.path().to_str().unwrap()))]);
    let scene = Scene::with_config(toml::Table::from_iter([("categories".to_owned(), toml::Value::Table(section))])).await;
    let (office, room) = scene.sharing().await;
    scene.does(&office, "set categories 陶器").await;
    scene.feed.publish("Bluetooth headphones", "40.00 EUR", &link(1));
    scene.publishes(2);
    scene.mary.hears(&room, "/p/2").await;
    assert_eq!(scene.cards_in(&room).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contact_learns_nothing_but_the_cards() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    let address = scene.feed.url();
    for (command, reaction, answer) in [
        ("!share list".to_owned(), "✅", "Your contacts"),
        ("!share status".to_owned(), "✅", "Contacts: 1"),
        ("!share preview".to_owned(), "⛔", "does not work in a direct chat"),
        ("!share platforms".to_owned(), "✅", "feed"),
        (format!("!share add feed {address}"), "⛔", "I did nothing with it"),
        ("!share add taobao joy S3cretPassw0rd".to_owned(), "⛔", "I did nothing with it"),
        ("!share remove 1".to_owned(), "⛔", "does not work in a direct chat"),
        ("!share with 2".to_owned(), "⛔", "does not work in a direct chat"),
        ("!share now".to_owned(), "⛔", "does not work in a direct chat"),
        (format!("!share frobnicate {address}"), "⛔", "no command"),
        ("!share pause".to_owned(), "✅", ""),
        ("!share resume".to_owned(), "✅", ""),
        ("!share without here".to_owned(), "✅", "no more offers"),
        ("!share with here".to_owned(), "✅", "from now on"),
    ] {
        let event = joy.says(&room, &command).await;
        joy.sees_reaction(&room, &event, reaction).await;
        if !answer.is_empty() {
            joy.hears(&office, answer).await;
        }
    }
    joy.says(&room, "!share help").await;
    mary.hears(&room, "!share mute").await;
    for words in words(&scene, &room).await {
        for secret in ["127.0.0.1", "shop.example", "Test shop", "S3cret", "taobao", &address, "Teapot"] {
            assert!(!words.contains(secret), "{words:?} names {secret}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_can_mute_and_unmute_without_any_permission() {
    let scene = Scene::new().await;
    let mary = &scene.mary;
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    let first = mary.events(&room).await;
    let first = first.iter().filter(|event| event["sender"] == scene.bot()).filter_map(|event| event["content"]["body"].as_str());
    let ours: Vec<&str> = first.collect();
    let introduction = ours.iter().position(|body| body.contains("!share mute")).unwrap();
    assert!(introduction < ours.iter().position(|body| body.contains("/p/1")).unwrap(), "who shares is said first: {ours:?}");

    let command = mary.says(&room, "!share mute").await;
    mary.sees_reaction(&room, &command, "✅").await;
    scene.publishes(2);
    scene.asks_until(&office, "list", "muted").await;
    scene.asks_until(&office, "preview", "Teapot 2").await;
    // Joy cannot override it.
    scene.shares_in(&room).await;
    scene.feed.is_asked_twice().await;
    let command = mary.says(&room, "!分享 取消静音").await;
    mary.sees_reaction(&room, &command, "✅").await;
    scene.publishes(3);
    mary.hears(&room, "/p/3").await;
    assert_eq!(scene.cards_in(&room).await, [1, 3]);

    // Everything else is not for her to say.
    for command in ["!share pause", "!share list", "!share with here", "!share add feed https://a.example/"] {
        let event = mary.says(&room, command).await;
        mary.sees_reaction(&room, &event, "⛔").await;
        mary.hears(&room, "Only the person who shares").await;
    }
    scene.publishes(4);
    mary.hears(&room, "/p/4").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_holds_in_another_room_too() {
    let scene = Scene::new().await;
    let (office, room) = scene.sharing().await;
    let command = scene.mary.says(&room, "!share mute").await;
    scene.mary.sees_reaction(&room, &command, "✅").await;
    scene.joy.says(&office, "remove 2").await;
    scene.joy.hears(&office, "no more offers").await;
    let second = scene.direct_room().await;
    scene.shares_in(&second).await;
    scene.asks_until(&office, "list", "muted").await;
    scene.publishes(1);
    scene.feed.is_asked_twice().await;
    let command = scene.mary.says(&second, "!share unmute").await;
    scene.mary.sees_reaction(&second, &command, "✅").await;
    scene.publishes(2);
    scene.mary.hears(&second, &link(2)).await;
    assert_eq!(scene.cards_in(&second).await, [2]);
    assert!(scene.cards_in(&room).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_command_is_ignored() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    let before = words(&scene, &room).await;
    let said = joy.has_read(&office, &scene.bot()).await.len();
    for place in [&office, &room] {
        let typed = joy.sends(place, "m.room.message", json!({"msgtype": "m.notice", "body": "!share list"})).await;
        joy.sends(place, "m.room.message", json!({"msgtype": "m.emote", "body": "!share list"})).await;
        let new = json!({"msgtype": "m.text", "body": "!share list"});
        let edit = json!({"msgtype": "m.text", "body": "* !share list", "m.new_content": new,
            "m.relates_to": {"rel_type": "m.replace", "event_id": typed}});
        joy.sends(place, "m.room.message", edit).await;
    }
    joy.says(&room, "list").await;
    joy.says(&room, "I will !share list this with you").await;
    mary.says(&room, "help").await;
    joy.says(&office, "version").await;
    joy.hears(&office, env!("CARGO_PKG_VERSION")).await;
    assert_eq!(joy.has_read(&office, &scene.bot()).await.len(), said + 1);
    assert_eq!(words(&scene, &room).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_people_of_a_room_may_share_in_it() {
    let everybody = toml::toml! {
        [permissions]
        "*" = "share"
    };
    let scene = Scene::with_config(everybody).await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (_, room) = scene.sharing().await;
    let command = mary.says(&room, "!share with here").await;
    mary.sees_reaction(&room, &command, "✅").await;
    let office = mary.is_invited_by(&scene.bot()).await;
    mary.joins(&office).await;
    mary.hears(&office, "no shop or feed yet").await;
    mary.says(&office, &format!("add {}", scene.feed.url())).await;
    mary.hears(&office, "as number").await;
    scene.publishes(1);
    let first = joy.hears(&room, &link(1)).await;
    let second = joy.hears(&room, &link(1)).await;
    let sharer = |card: &Value| card["content"]["org.tradepost.trade"]["sharer"].as_str().unwrap().to_owned();
    let mut sharers = [sharer(&first), sharer(&second)];
    sharers.sort();
    assert_eq!(sharers, [joy.id.clone(), mary.id.clone()]);

    // `mute` means the other's cards.
    let command = mary.says(&room, "!share mute").await;
    mary.sees_reaction(&room, &command, "✅").await;
    scene.publishes(2);
    let card = joy.hears(&room, &link(2)).await;
    assert_eq!(sharer(&card), mary.id);
    scene.publishes(3);
    joy.hears(&room, &link(3)).await;
    assert_eq!(scene.cards_in(&room).await, [1, 1, 2, 3]);
}
