//! The example platform, which sends what happens by itself: registered, confirmed, heard, ended.

use super::Stage;
use crate::support::Scene;
use crate::support::bazaar::Bazaar;
use crate::support::clock::soon;
use crate::support::ports::free_port;
use crate::support::user::moment;
use serde_json::json;
use toml::Table;

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn config(bazaar: &Bazaar) -> Table {
    let port = free_port();
    let mut config: Table = format!(
        "[web]\npublic_url = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\n[platforms.partners.bazaar]\nkey = \"{KEY}\""
    )
    .parse()
    .unwrap();
    let partner = config["platforms"]["partners"]["bazaar"].as_table_mut().unwrap();
    partner.insert("registration_url".to_owned(), bazaar.registration_url().into());
    config
}

fn trade(id: &str, title: &str, euros: &str) -> serde_json::Value {
    json!({"type": "trades", "trades": [{"id": id, "kind": "listing", "title": title, "price": {"amount": euros, "currency": "EUR"}}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_platform_sends_counts_from_its_owners_confirmation_on_and_until_she_removes_it() {
    let bazaar = Bazaar::start(KEY).await;
    let scene = Scene::with_config(config(&bazaar)).await;
    let stage = Stage::set(&scene, "add bazaar joy123", "It counts as soon as you have confirmed").await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    assert_eq!(bazaar.pushes("joy123", trade("0", "Too early", "1.00"), json!({})).await.0, 403);
    bazaar.confirms("joy123").await;
    joy.hears(&stage.office, "is confirmed").await;

    bazaar.offers("joy123", "1", "Teapot", "25.00").await;
    let card = mary.hears(&stage.room, "Teapot").await;
    bazaar.offers("joy123", "1", "Teapot", "20.00").await;
    mary.sees_edit(&stage.room, card["event_id"].as_str().unwrap(), "20.00").await;

    // A try changes nothing, and a repetition neither.
    let mut tried = trade("2", "Only tried", "5.00");
    tried["dry_run"] = json!(true);
    let (status, body) = bazaar.pushes("joy123", tried, json!({})).await;
    assert!(status == 200 && body.contains("dry_run"), "{status} {body}");
    let (status, body) = bazaar.pushes("joy123", trade("3", "Mug", "5.00"), json!({"times": 3})).await;
    assert_eq!(status, 200, "{body}");
    mary.hears(&stage.room, "Mug").await;
    for (how, expected) in [
        (json!({"key": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}), 401),
        (json!({"offset_seconds": -600}), 401),
        (json!({"offset_seconds": 600}), 401),
        (json!({"content_type": "text/plain"}), 415),
    ] {
        let (status, body) = bazaar.pushes("joy123", trade("4", "Never", "5.00"), how.clone()).await;
        assert_eq!(status, expected, "{how}: {body}");
        assert!(!body.contains("Never"), "{body}");
    }
    let (status, body) = bazaar.pushes("joy123", json!({"type": "trades", "trades": [{"id": "5", "buyer": "CANARY"}]}), json!({})).await;
    assert!(status == 422 || status == 400, "{status} {body}");
    assert!(!body.contains("CANARY"), "{body}");

    joy.says(&stage.office, "remove 1").await;
    joy.hears(&stage.office, "Removed").await;
    let told = async {
        while !bazaar.registrations("joy123").await.is_empty() {
            moment().await;
        }
    };
    soon("the platform to be told that it is over", told).await;
    let heard = mary.has_read(&stage.room, &scene.bot()).await;
    assert_eq!(heard.iter().filter(|body| body.contains("Mug")).count(), 1, "{heard:?}");
    for never in ["Too early", "Only tried", "Never"] {
        assert!(!heard.iter().any(|body| body.contains(never)), "{heard:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_confirmed_by_the_code_that_the_platform_showed() {
    let bazaar = Bazaar::start(KEY).await;
    bazaar.confirms_by_code().await;
    let scene = Scene::with_config(config(&bazaar)).await;
    let stage = Stage::set(&scene, "add bazaar joy123", "shows you a code").await;
    scene.joy.says(&stage.office, "confirm 1 wrong").await;
    scene.joy.hears(&stage.office, "I did not add").await;
    let code = bazaar.registrations("joy123").await[0]["code"].as_str().unwrap().to_owned();
    scene.joy.says(&stage.office, &format!("confirm 1 {code}")).await;
    scene.joy.hears(&stage.office, "is confirmed").await;
    bazaar.offers("joy123", "1", "Teapot", "25.00").await;
    scene.mary.hears(&stage.room, "Teapot").await;
}
