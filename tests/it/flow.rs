//! The main job, through a real homeserver: a shop's new item reaches a friend's direct room.

use crate::support::Scene;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn new_items_of_a_feed_reach_the_direct_room_in_order_and_nothing_else_does() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    scene.feed.publish("Old teapot", "EUR 10.00", "https://shop.example/p/1");

    let office = joy.opens_direct_room_with(&scene.bot()).await;
    joy.sees_membership(&office, &scene.bot(), "join").await;
    joy.hears(&office, "add feed https://").await;
    joy.says(&office, &format!("!share add feed {}", scene.feed.url())).await;
    joy.hears(&office, "Old teapot").await;

    let room = joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    let elsewhere = joy.opens_direct_room_with(&scene.person("linking").await.id).await;
    joy.invites(&room, &scene.bot()).await;
    joy.sees_membership(&room, &scene.bot(), "join").await;
    let command = joy.says(&room, "!share with here").await;
    joy.sees_reaction(&room, &command, "✅").await;

    scene.feed.publish("Blue teapot", "EUR 12.00", "https://shop.example/p/2");
    scene.feed.publish("Red teapot", "EUR 13.00", "https://shop.example/p/3");
    scene.feed.publish("Green teapot", "EUR 14.00", "https://shop.example/p/4");
    mary.hears(&room, "https://shop.example/p/4").await;

    let heard = mary.has_read(&room, &scene.bot()).await;
    let cards: Vec<&String> = heard.iter().filter(|body| body.contains("https://shop.example")).collect();
    assert_eq!(
        cards,
        [
            "Blue teapot - EUR 12.00\nhttps://shop.example/p/2",
            "Red teapot - EUR 13.00\nhttps://shop.example/p/3",
            "Green teapot - EUR 14.00\nhttps://shop.example/p/4",
        ]
    );
    assert!(heard.iter().any(|body| body.contains("!share mute")), "{heard:?}");
    assert_eq!(joy.has_read(&elsewhere, &scene.bot()).await, Vec::<String>::new());
}

/// Runs the program on Joy's configuration; its exit status and everything it said.
fn runs(scene: &Scene, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradepost"));
    let registration = scene.tradepost.config_path().with_file_name("registration.yaml");
    let output = command.args(arguments).arg("-c").arg(scene.tradepost.config_path()).arg("-r").arg(registration).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn check_finds_everything_in_order_with_and_without_the_program_running() {
    let mut scene = Scene::with_config(toml::toml! { double_puppet.allow = [] }).await;
    scene.tradepost.has_encryption().await;
    let (status, said) = runs(&scene, &["registration"]);
    assert_eq!(status, Some(0), "{said}");
    let (status, said) = runs(&scene, &["check"]);
    assert_eq!((status, said.contains('❌')), (Some(0), false), "{said}");
    scene.tradepost.stop().await;
    let (status, said) = runs(&scene, &["check"]);
    assert_eq!((status, said.contains('❌')), (Some(0), false), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_homeserver_does_not_know_ends_the_program() {
    let mut scene = Scene::new().await;
    scene.tradepost.stop().await;
    let config = std::fs::read_to_string(scene.tradepost.config_path()).unwrap();
    let token = &scene.tradepost.registration().as_token;
    std::fs::write(scene.tradepost.config_path(), config.replace(token, &"f".repeat(64))).unwrap();
    let (status, log) = scene.tradepost.refuses_to_run().await;
    assert_eq!(status.code(), Some(15), "{log}");
    assert!(log.contains("as_token") && !log.contains(&"f".repeat(64)), "{log}");
}
