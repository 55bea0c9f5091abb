//! A real Vendure: what is offered, repriced and bought there arrives as cards.

use super::Stage;
use super::is_free_of_customers;
use crate::support::Scene;
use crate::support::vendure::CANARY;
use crate::support::vendure::Shop;
use toml::Table;

fn config() -> Table {
    toml::toml! {
        [platforms.vendure]
        interval_seconds = 1
        [delivery]
        hold_purchases_seconds = 3
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_offered_repriced_and_sold_at_a_real_shop_is_told_and_nothing_of_the_customer_is() {
    let shop = Shop::start().await;
    shop.offers("Old mug", "9.00", &["Kitchen"]).await;
    let scene = Scene::with_config(config()).await;
    let template = format!("{}/p/{{slug}}", shop.address());
    let command = format!("add vendure {} {} {template}", shop.address(), Shop::secret());
    let stage = Stage::set(&scene, &command, "Old mug").await;
    stage.shows_orders(&scene).await;
    let (mary, room) = (&scene.mary, &stage.room);

    let teapot = shop.offers("Teapot", "35.00", &["Kitchen"]).await;
    let card = mary.hears(room, "Teapot").await;
    let link = format!("{}/p/{}", shop.address(), teapot.slug);
    assert!(card["content"]["body"].as_str().unwrap().contains(&link), "{card}");
    assert!(card["content"]["body"].as_str().unwrap().contains("35.00"), "{card}");

    shop.reprices(&teapot, "30.00").await;
    mary.sees_edit(room, card["event_id"].as_str().unwrap(), "30.00").await;

    shop.sells(&teapot, 2).await;
    mary.sees(room, "a sale", |event| {
        event["content"]["body"].as_str().is_some_and(|body| body.contains("Sold") && body.contains("Teapot"))
    })
    .await;
    is_free_of_customers(&scene, &[room, &stage.office], CANARY).await;
    let log = std::fs::read_to_string(scene.tradepost.log_path()).unwrap();
    assert!(!log.to_lowercase().contains(&CANARY.to_lowercase()));
    // What was typed as a secret is taken away.
    scene
        .joy
        .sees(&stage.office, "a redaction", |event| {
            event["unsigned"]["redacted_because"].is_object() || event["type"] == "m.room.redaction"
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_buys_at_a_real_shop_is_told_as_her_purchase() {
    let shop = Shop::start().await;
    let teapot = shop.offers("Teapot", "35.00", &["Kitchen"]).await;
    let customer = shop.registers("joy").await;
    let scene = Scene::with_config(config()).await;
    let stage = Stage::set(&scene, &format!("add vendure {} {}", shop.address(), customer.secret()), "Added").await;
    stage.shows_orders(&scene).await;

    customer.buys(&teapot, 1).await;
    scene.joy.hears(&stage.office, "Teapot").await;
    let bought = |event: &serde_json::Value| {
        event["content"]["body"].as_str().is_some_and(|body| body.contains("Bought") && body.contains("Teapot"))
    };
    scene.mary.sees(&stage.room, "a purchase", bought).await;
    is_free_of_customers(&scene, &[&stage.room, &stage.office], CANARY).await;
}
