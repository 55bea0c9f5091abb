//! A sharer gets what is stored of her, as a file that she can open.

use crate::encryption::stage::Secret;
use crate::store::values::event_id;
use crate::store::values::user;
use crate::support::Scene;
use crate::support::element::Mode;
use crate::support::fake_homeserver::Answer;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use crate::support::stage::link;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use tradepost::domain::delivery::What;

const SHPAT: &str = "shpat_0123456789abcdef";

fn is_file(event: &Value) -> bool {
    event["content"]["msgtype"] == "m.file"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sharer_downloads_what_is_stored_of_her() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    scene.does(&office, "category new tea tea, 茶").await;
    scene.publishes(1);
    let card = mary.hears(&room, "/p/1").await;
    // In the direct room Mary would see that there is such a file.
    let here = joy.says(&room, "!share export").await;
    joy.sees_reaction(&room, &here, "⛔").await;
    let command = joy.says(&office, "export").await;
    let event = joy.sees(&office, "a file", is_file).await;
    joy.hears(&office, "holds what I keep").await;
    assert_eq!(event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"], command.as_str());
    let file = joy.client().download(event["content"]["url"].as_str().unwrap()).await;
    assert_eq!(event["content"]["info"]["size"], file.to_string().len());
    assert_eq!((&file["format"], &file["version"], &file["parts"]), (&json!("tradepost personal data"), &json!(1), &json!(1)));
    assert_eq!(file["user"], joy.id.as_str());
    assert_eq!(file["accounts"][0]["name"], scene.feed.url());
    assert_eq!(file["contacts"][0]["user"], mary.id.as_str());
    assert_eq!(file["contacts"][0]["room"], room.as_str());
    assert_eq!(file["categories"][0]["name"], "tea");
    assert_eq!(file["trades"][0]["link"], link(1));
    assert_eq!(file["trades"][0]["contacts"][0]["user"], mary.id.as_str());
    assert_eq!(file["posted"][0]["event"], card["event_id"]);
    assert_eq!(file["posted"][0]["links"], json!([link(1)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_encrypted_room_the_file_is_encrypted_and_her_client_opens_it() {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    secret.joy.says(&secret.office, "export").await;
    let seen = secret.joy.sees(&secret.office, "a file", is_file).await;
    assert!(seen.is_encrypted(), "{seen:?}");
    let content = seen.content();
    assert!(content["url"].is_null() && content["file"]["key"].is_object(), "{content}");
    let file: Value = serde_json::from_slice(&secret.joy.opens_file(content).await).unwrap();
    assert_eq!(file["accounts"][0]["name"], secret.scene.feed.url());
    // What lies at the homeserver cannot be read there.
    let stored = secret.scene.joy.client().download(content["file"]["url"].as_str().unwrap()).await;
    assert!(stored["format"].is_null() && !stored.to_string().contains("tradepost"), "{stored}");
    secret.nothing_in_the_clear(&[&secret.office]).await;
}

fn file() -> What {
    let content = json!({"secret": SHPAT}).to_string();
    What::File { to: event_id("said"), reader: user("joy"), name: "tradepost.json".to_owned(), content }
}

fn uploads(sending: &Sending) -> usize {
    sending.homeserver.others().iter().filter(|call| call.ends_with("media/v3/upload")).count()
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_one_message_and_neither_file_nor_key_in_the_store() {
    let mut sending = Sending::with_friends(&[]).await;
    sending.queue(DESK, file()).await;
    sending.homeserver.answers_next(1, Answer::AcceptedAndLost);
    sending.start();
    let next = sending.next_attempt_at().await;
    sending.stop().await;
    sending.clock.set(next + Duration::from_secs(1));
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(uploads(&sending), 1, "what was sent is fixed");
    let events = sending.homeserver.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].content()["url"], "mxc://a.example/file-1");
    let posting = sending.last_posting(DESK).await;
    assert!(!format!("{posting:?}").contains(SHPAT), "{posting:?}");
}

#[tokio::test]
async fn a_file_that_the_homeserver_does_not_take_is_answered_in_words() {
    let mut sending = Sending::with_friends(&[]).await;
    sending.homeserver.takes_no_files();
    sending.queue(DESK, file()).await;
    sending.start();
    sending.nothing_waits().await;
    let events = sending.homeserver.events();
    assert_eq!(events.len(), 1);
    assert!(events[0].says().contains("did not take the file"), "{:?}", events[0]);
}
