//! What is killed, restarted or refused in between: nothing is lost, and nothing stands there twice.

use crate::support::Scene;
use crate::support::feed::Answer;
use crate::support::stage::link;
use axum::http::StatusCode;
use serde_json::Value;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn items_survive_kills_and_restarts_of_either_side() {
    let mut scene = Scene::with_own_homeserver().await;
    let (_, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;

    // Killed at once after something new came up, and once more.
    scene.publishes(2);
    scene.feed.is_asked_twice().await;
    scene.tradepost.kill_9().await;
    scene.publishes(3);
    scene.tradepost.start().await;
    scene.feed.is_asked_twice().await;
    scene.tradepost.kill_9().await;
    scene.publishes(4);
    scene.tradepost.start().await;
    scene.mary.hears(&room, &link(4)).await;

    // Published while the homeserver is away, and sent when it is back.
    scene.homeserver.stop().await;
    scene.publishes(5);
    scene.feed.is_asked_twice().await;
    scene.tradepost.kill_9().await;
    scene.homeserver.start_again().await;
    scene.tradepost.start().await;
    scene.publishes(6);
    scene.mary.hears(&room, &link(6)).await;
    scene.homeserver.restart().await;
    scene.publishes(7);
    scene.mary.hears(&room, &link(7)).await;
    assert_eq!(scene.cards_in(&room).await, [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_answer_was_cut_off_is_still_answered_once() {
    let mut scene = Scene::new().await;
    let office = scene.office().await;
    // Typed while the bot is away, so that it is under way when the bot is killed again.
    for round in 0..4 {
        scene.tradepost.kill_9().await;
        let command = scene.joy.says(&office, &format!("pause {}", 90 + round)).await;
        scene.tradepost.start().await;
        scene.tradepost.kill_9().await;
        scene.tradepost.start().await;
        scene.joy.sees_reaction(&office, &command, "⛔").await;
        scene.joy.hears(&office, &format!("{}", 90 + round)).await;
    }
    scene.joy.says(&office, "version").await;
    scene.joy.hears(&office, env!("CARGO_PKG_VERSION")).await;
    let events = scene.joy.events(&office).await;
    let answers = |event: &&Value| event["sender"] == scene.bot() && event["type"] == "m.room.message";
    assert_eq!(events.iter().filter(answers).count(), 1 + 4 + 1, "a greeting, four refusals, the version: {events:#?}");
    let reactions = events.iter().filter(|event| event["sender"] == scene.bot() && event["type"] == "m.reaction");
    assert_eq!(reactions.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_pushed_again_does_nothing_twice() {
    let scene = Scene::new().await;
    let office = scene.office().await;
    let command = scene.joy.says(&office, "version").await;
    scene.joy.hears(&office, env!("CARGO_PKG_VERSION")).await;
    let event = json!({
        "type": "m.room.message", "event_id": command, "room_id": office, "sender": scene.joy.id, "origin_server_ts": 1,
        "content": {"msgtype": "m.text", "body": "version"},
    });
    // The same transaction id with another event, then the same event in another transaction.
    for transaction in ["1", "again"] {
        let status =
            push(&scene, transaction, Some(&scene.tradepost.registration().hs_token), &json!({"events": [event]}).to_string()).await;
        assert_eq!(status, StatusCode::OK);
    }
    scene.joy.says(&office, "list").await;
    scene.joy.hears(&office, "Your contacts").await;
    let said = scene.joy.has_read(&office, &scene.bot()).await;
    assert_eq!(said.iter().filter(|body| body.contains(env!("CARGO_PKG_VERSION"))).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_homeserver_may_push_and_nothing_it_sends_blocks_the_rest() {
    let scene = Scene::new().await;
    let token = scene.tradepost.registration().hs_token.clone();
    assert_eq!(push(&scene, "1", None, r#"{"events":[]}"#).await, StatusCode::UNAUTHORIZED);
    assert_eq!(push(&scene, "2", Some("wrong"), r#"{"events":[]}"#).await, StatusCode::FORBIDDEN);
    for body in ["", "{", "[]", "{}", r#"{"events":3}"#, r#"{"events":[1,"x",null,{}]}"#, "\u{0}", r#"{"events":[{"event_id":5}]}"#] {
        assert_eq!(push(&scene, "3", Some(&token), body).await, StatusCode::OK, "{body:?}");
    }
    let deep = format!(r#"{{"events":[{}1{}]}}"#, "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(push(&scene, "4", Some(&token), &deep).await, StatusCode::OK);
    let client = reqwest::Client::new();
    let address = scene.tradepost.address();
    let get = async |path: &str| client.get(format!("{address}/_matrix/app/v1/{path}")).bearer_auth(&token).send().await.unwrap().status();
    assert_eq!(get(&format!("users/{}", scene.bot())).await, StatusCode::OK);
    assert_eq!(get("users/@nobody:demo.localhost").await, StatusCode::NOT_FOUND);
    assert_eq!(get("rooms/%23nowhere:demo.localhost").await, StatusCode::NOT_FOUND);
    let ping = client.post(format!("{address}/_matrix/app/v1/ping")).bearer_auth(&token).body("{}").send().await.unwrap();
    assert_eq!(ping.status(), StatusCode::OK);
    scene.office().await;
}

async fn push(scene: &Scene, transaction: &str, token: Option<&str>, body: &str) -> StatusCode {
    let address = format!("{}/_matrix/app/v1/transactions/{transaction}", scene.tradepost.address());
    let request = reqwest::Client::new().put(address).header("content-type", "application/json").body(body.to_owned());
    let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
    request.send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_items_at_once_become_one_message() {
    let scene = Scene::new().await;
    let (_, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;
    scene.feed.answers_with(Answer::Status(StatusCode::INTERNAL_SERVER_ERROR));
    for number in 2..=26 {
        scene.publishes(number);
    }
    scene.feed.answers_with(Answer::Feed);
    let digest = scene.mary.hears(&room, &link(26)).await;
    let body = digest["content"]["body"].as_str().unwrap();
    let places: Vec<usize> = (2..=26).map(|number| body.find(&format!("{}\n", link(number))).unwrap_or(body.len())).collect();
    assert!(places.is_sorted(), "oldest first: {body}");
    assert!(body.contains(&link(2)), "{body}");
    assert_eq!(scene.cards_in(&room).await, [1]);
    scene.publishes(27);
    scene.mary.hears(&room, &link(27)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_has_only_so_many_cards_and_the_rest_waits() {
    let few = toml::toml! {
        [delivery]
        cards_per_day = 2
    };
    let scene = Scene::with_config(few).await;
    let (office, room) = scene.sharing().await;
    for number in 1..=2 {
        scene.publishes(number);
        scene.mary.hears(&room, &link(number)).await;
    }
    scene.publishes(3);
    scene.publishes(4);
    scene.asks_until(&office, "status", "Waiting to be posted: 2").await;
    assert_eq!(scene.cards_in(&room).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_refuses_cards_keeps_them_until_it_takes_them() {
    let scene = Scene::new().await;
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;
    let levels =
        |needed: u32| json!({"users": {scene.joy.id.clone(): 100, scene.mary.id.clone(): 100}, "events_default": needed, "invite": 0});
    let older = scene.joy.events(&room).await;
    let is_twelve = older.iter().any(|event| event["type"] == "m.room.create" && event["content"]["room_version"] == "12");
    let powers = |needed| if is_twelve { json!({"users": {}, "events_default": needed}) } else { levels(needed) };
    scene.joy.sets_state(&room, "m.room.power_levels", "", powers(50)).await;
    scene.publishes(2);
    scene.joy.hears(&office, "does not let me post").await;
    scene.publishes(3);
    scene.asks_until(&office, "status", "Waiting to be posted: 2").await;
    scene.joy.sets_state(&room, "m.room.power_levels", "", powers(0)).await;
    scene.mary.hears(&room, &link(3)).await;
    assert_eq!(scene.cards_in(&room).await, [1, 2, 3]);
    let told = scene.joy.has_read(&office, &scene.bot()).await;
    assert_eq!(told.iter().filter(|body| body.contains("does not let me post")).count(), 1, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_arrives_late_is_answered_and_not_carried_out() {
    let scene = Scene::new().await;
    let (office, room) = scene.sharing().await;
    let said = scene.joy.says(&room, "as a command, this would have come hours ago").await;
    let event = json!({
        "type": "m.room.message", "event_id": said, "room_id": room, "sender": scene.joy.id, "origin_server_ts": 1_000_000,
        "content": {"msgtype": "m.text", "body": "!share without here"},
    });
    let token = &scene.tradepost.registration().hs_token;
    assert_eq!(push(&scene, "late", Some(token), &json!({"events": [event]}).to_string()).await, StatusCode::OK);
    scene.joy.sees_reaction(&room, &said, "⛔").await;
    scene.joy.hears(&office, "I was away").await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_share_any_more_shares_nothing_and_can_still_stop() {
    let everybody = toml::toml! {
        [permissions]
        "*" = "share"
    };
    let mut scene = Scene::with_config(everybody).await;
    let (office, room) = scene.sharing().await;
    // Somebody else follows the feed too, so that it is read all the time.
    let linking = scene.person("linking").await;
    let hers = linking.opens_direct_room_with(&scene.bot()).await;
    linking.hears(&hers, "add feed https://").await;
    linking.says(&hers, &format!("add {}", scene.feed.url())).await;
    linking.hears(&hers, "as number").await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;

    let config = std::fs::read_to_string(scene.tradepost.config_path()).unwrap();
    let allowed = format!(r#""{}" = "share""#, scene.joy.id);
    assert!(config.contains(&allowed), "{config}");
    let withdrawn = config.replace(&allowed, &allowed.replace("share", "none"));
    std::fs::write(scene.tradepost.config_path(), withdrawn).unwrap();
    scene.tradepost.restart().await;
    scene.publishes(2);
    scene.feed.is_asked_twice().await;
    scene.joy.says(&office, "now").await;
    scene.joy.hears(&office, "may not share").await;
    scene.joy.says(&office, "pause 2").await;
    scene.joy.hears(&office, "is paused").await;

    std::fs::write(scene.tradepost.config_path(), config).unwrap();
    scene.tradepost.restart().await;
    scene.joy.says(&office, "resume 2").await;
    scene.joy.hears(&office, "goes on").await;
    scene.feed.is_asked_twice().await;
    scene.publishes(3);
    scene.mary.hears(&room, &link(3)).await;
    assert_eq!(scene.cards_in(&room).await, [1, 3]);
}
