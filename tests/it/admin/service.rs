//! The operator's questions, answered through the socket and from the database.

use crate::support::Scene;
use crate::support::feed::Answer;
use crate::support::user::moment;
use axum::http::StatusCode;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use toml::Table;

/// What is answered as JSON.
fn asked(scene: &Scene, words: &str) -> Value {
    let ended = scene.tradepost.types(&format!("admin --json {words}"));
    assert_eq!(ended.status, 0, "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.out))
}

/// The line of Joy.
fn joy(scene: &Scene) -> Value {
    let sharers = asked(scene, "sharers");
    let lines = sharers.as_array().expect("a list");
    lines.iter().find(|line| line["user"] == scene.joy.id).cloned().expect("Joy")
}

/// Asks until it is so.
async fn until(scene: &Scene, words: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..200 {
        let answer = asked(scene, words);
        if is_so(&answer) {
            return answer;
        }
        moment().await;
    }
    panic!("{words} never answers that, but {}", asked(scene, words));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_who_shares_and_what_fails_while_the_service_runs_and_while_it_is_stopped() {
    let mut scene = Scene::new().await;
    let (_, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, "/p/1").await;

    let socket = scene.tradepost.config_path().with_file_name("tradepost.sock");
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let status = asked(&scene, "status");
    assert_eq!((&status["running"]["ready"], &status["sharers"]), (&Value::from(true), &Value::from(1)));
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    let line = joy(&scene);
    assert_eq!((line["state"].as_str(), line["contacts_on"].as_u64()), (Some("shares"), Some(1)), "{line}");
    assert_eq!(line["accounts"][0]["platform"], "feed");
    assert_eq!(asked(&scene, "failing"), Value::Array(vec![]));

    scene.feed.answers_with(Answer::Status(StatusCode::INTERNAL_SERVER_ERROR));
    let failing = until(&scene, "failing", |failing| !failing[0].is_null()).await;
    assert_eq!((&failing[0]["user"], &failing[0]["trouble"]), (&Value::from(scene.joy.id.as_str()), &Value::from("http-status 500")));
    assert!(failing[0]["since"].is_string() && failing[0]["next_at"].is_string(), "{failing}");

    // Nothing of what is sold, no address of a feed and no token is told.
    let tables: String = ["status", "sharers", "failing", "buried", "waiting"]
        .map(|words| scene.tradepost.types(&format!("admin {words}")))
        .map(|ended| ended.out + ended.err.as_str())
        .concat();
    assert!(tables.contains(&scene.joy.id) && tables.contains("http-status 500"), "{tables}");
    assert!(!tables.contains("Teapot") && !tables.contains(&scene.feed.url()), "{tables}");
    let registration = scene.tradepost.registration();
    assert!(!tables.contains(&registration.as_token) && !tables.contains(&registration.hs_token), "{tables}");

    scene.tradepost.stop().await;
    assert!(!socket.exists(), "the socket goes with the service");
    assert_eq!(joy(&scene)["state"], "shares");
    assert_eq!(asked(&scene, "status")["running"], Value::Null);
    let missing = scene.tradepost.types("admin forget 4711");
    assert_eq!((missing.status, missing.err.contains("no delivery 4711")), (22, true), "{}", missing.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_operator_disables_shares_nothing_until_she_is_enabled() {
    let mut scene = Scene::new().await;
    let (_, room) = scene.sharing().await;
    let joy_id = scene.joy.id.clone();
    assert_eq!(asked(&scene, &format!("disable {joy_id}")), format!("{joy_id} shares nothing until: tradepost admin enable {joy_id}"));
    assert_eq!(joy(&scene)["state"], "disabled");
    scene.publishes(1);
    // Also while the service is stopped.
    scene.tradepost.stop().await;
    asked(&scene, &format!("enable {joy_id}"));
    assert_eq!(joy(&scene)["state"], "shares");
    scene.tradepost.start().await;
    scene.feed.is_asked_twice().await;
    scene.publishes(2);
    scene.mary.hears(&room, "/p/2").await;
    assert_eq!(scene.cards_in(&room).await, [2]);
    assert_eq!(scene.tradepost.types("admin disable joy").status, 2, "a whole user id is needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_socket_the_running_service_cannot_be_asked() {
    let changes: Table = toml::toml! { [admin] socket = "" };
    let scene = Scene::with_config(changes).await;
    let ended = scene.tradepost.types("admin status");
    assert_eq!(ended.status, 12, "{}", ended.err);
    assert!(ended.err.contains("does not answer at the operator's socket") && ended.err.contains("hint: "), "{}", ended.err);
    assert!(!scene.tradepost.config_path().with_file_name("tradepost.sock").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_while_the_service_runs_goes_on_elsewhere() {
    let mut scene = Scene::new().await;
    let (_, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, "/p/1").await;
    let file = scene.tradepost.config_path().with_file_name("all.export");
    let words = format!("export {}", file.display());
    assert_eq!(scene.tradepost.types(&words).status, 0);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = scene.tradepost.types(&words);
    assert_eq!((again.status, again.err.contains("is there already")), (23, true), "{}", again.err);

    scene.tradepost.stop().await;
    let import = format!("import {}", file.display());
    let refused = scene.tradepost.types(&import);
    assert_eq!((refused.status, refused.err.contains("not empty")), (23, true), "{}", refused.err);
    fs::rename(scene.tradepost.data(), scene.tradepost.data().with_file_name("before")).unwrap();
    let imported = scene.tradepost.types(&import);
    assert_eq!(imported.status, 0, "{}", imported.err);
    scene.tradepost.start().await;
    scene.publishes(2);
    scene.mary.hears(&room, "/p/2").await;
    assert_eq!(scene.cards_in(&room).await, [1, 2]);
}
