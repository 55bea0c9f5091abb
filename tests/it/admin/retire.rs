//! Going for good: what is left at the homeserver is taken away.

use crate::support::Scene;
use crate::support::client::Client;
use crate::support::stage::link;
use crate::support::user::moment;
use reqwest::Method;
use serde_json::Value;

/// The ids of the devices of whom a client acts as.
async fn devices(client: &Client, query: &[(&str, &str)]) -> Vec<String> {
    let answer = client.call(Method::GET, &["devices"], query, Value::Null).await.expect("the devices");
    answer["devices"].as_array().expect("a list").iter().map(|device| device["device_id"].as_str().unwrap().to_owned()).collect()
}

/// Mary looks until this stands beside Joy's name.
async fn stands(scene: &Scene, line: &str) {
    for _ in 0..300 {
        let presence = scene.mary.client().get(&["presence", &scene.joy.id, "status"]).await;
        if presence["status_msg"].as_str().unwrap_or_default() == line {
            return;
        }
        moment().await;
    }
    panic!("{line:?} never stands beside her name");
}

/// Joy shares in a room with the bot, in her own name too, and an offer stands beside her name: `(office, room)`.
async fn sharing(scene: &Scene) -> (String, String) {
    let (office, room) = scene.sharing().await;
    scene.does(&office, "as me").await;
    scene.does(&office, "yes").await;
    scene.joy.hears(&office, "in your own name from now on").await;
    scene.does(&office, "set output message, status").await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;
    stands(scene, "Teapot 1 - EUR 12.00").await;
    (office, room)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_retires_leaves_nothing_at_the_homeserver() {
    let mut scene = Scene::new().await;
    let (office, room) = sharing(&scene).await;
    let bot = scene.bot();
    let of_joy = async |scene: &Scene| {
        let all = devices(scene.joy.client(), &[]).await;
        all.into_iter().filter(|device| device.starts_with("TRADEPOST")).collect::<Vec<_>>()
    };
    let made = of_joy(&scene).await;
    assert_eq!(made.len(), 1);

    let refused = scene.tradepost.types("retire");
    assert_eq!((refused.status, refused.err.contains("in use")), (12, true), "{}", refused.err);
    scene.tradepost.stop().await;
    let dry = scene.tradepost.types("retire --dry-run");
    assert_eq!(dry.status, 0, "{}{}", dry.out, dry.err);
    for step in [
        format!("would empty the line beside the name of {}\n", scene.joy.id),
        format!("would delete the device {} of {}\n", made[0], scene.joy.id),
        format!("would leave the room {office}\n"),
        format!("would leave the room {room}\n"),
        "would delete the bot's device TRADEPOST\n".to_owned(),
    ] {
        assert!(dry.out.contains(&step), "{step}: {}", dry.out);
    }
    assert_eq!(scene.mary.members(&room).await[&bot], "join", "nothing is done yet");
    assert_eq!(of_joy(&scene).await, made);

    let done = scene.tradepost.types("retire");
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    let steps = |out: &str, word| out.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!(steps(&done.out, "done: "), steps(&dry.out, "would "), "{}", done.out);
    assert!(done.out.contains("app_service_config_files") && done.out.contains("registration.yaml"), "{}", done.out);
    let left = scene.joy.sees_membership(&room, &bot, "leave").await;
    assert!(left["content"]["reason"].as_str().unwrap().contains("nothing more is posted here"), "{left}");
    scene.joy.sees_membership(&office, &bot, "leave").await;
    assert_eq!(of_joy(&scene).await, Vec::<String>::new());
    stands(&scene, "").await;
    let as_bot = Client::new(&scene.homeserver.address()).with_token(&scene.tradepost.registration().as_token);
    assert_eq!(devices(&as_bot, &[("user_id", &bot)]).await, Vec::<String>::new());

    let again = scene.tradepost.types("retire");
    assert_eq!((again.status, again.out.contains("done: ")), (0, false), "{}{}", again.out, again.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_listed_and_done_the_next_time() {
    let mut scene = Scene::with_own_homeserver().await;
    let (_, room) = sharing(&scene).await;
    let bot = scene.bot();
    scene.tradepost.stop().await;
    scene.homeserver.stop().await;
    let failed = scene.tradepost.types("retire");
    assert_eq!(failed.status, 24, "{}{}", failed.out, failed.err);
    assert!(failed.out.contains("FAILED to empty the line") && failed.out.contains("FAILED to find the bot's rooms"), "{}", failed.out);
    assert!(!failed.out.contains("What you have to do now"), "{}", failed.out);
    assert!(failed.err.contains("hint: type it again"), "{}", failed.err);
    scene.homeserver.start_again().await;
    let done = scene.tradepost.types("retire");
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    scene.joy.sees_membership(&room, &bot, "leave").await;
}
