//! A real django-oscar whose accounts are Matrix users: nobody types a name.

use super::Stage;
use super::is_free_of_customers;
use crate::support::Scene;
use crate::support::oscar::Oscar;
use toml::Table;

fn config(shop: &Oscar) -> Table {
    let mut config = shop.config(None);
    config.insert("delivery".to_owned(), toml::toml! { hold_purchases_seconds = 3 }.into());
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn what_she_buys_at_a_shop_with_shared_accounts_is_told_and_what_others_buy_is_not() {
    let shop = Oscar::start().await;
    let scene = Scene::with_config(config(&shop)).await;
    let joy = scene.joy.id.trim_start_matches('@').split(':').next().unwrap().to_owned();
    shop.knows(&joy).await;
    shop.knows("somebody").await;
    let teapot = shop.offers("Teapot", "25.00", "Kitchen").await;
    let mug = shop.offers("Mug", "5.00", "Kitchen").await;
    let stage = Stage::set(&scene, "add oscar", "Added").await;
    stage.shows_orders(&scene).await;

    shop.sells_to("somebody", &[(&mug, 1)]).await;
    shop.sells_to(&joy, &[(&teapot, 2)]).await;
    let card = scene.mary.hears(&stage.room, "Teapot").await;
    let body = card["content"]["body"].as_str().unwrap();
    assert!(body.contains("Bought") && body.contains(&teapot.link), "{body}");
    let heard = scene.mary.has_read(&stage.room, &scene.bot()).await;
    assert!(!heard.iter().any(|body| body.contains("Mug")), "{heard:?}");
    is_free_of_customers(&scene, &[&stage.room, &stage.office], "CANARY").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_account_there_is_told_so() {
    let shop = Oscar::start().await;
    let scene = Scene::with_config(config(&shop)).await;
    let office = scene.joy.opens_direct_room_with(&scene.bot()).await;
    scene.joy.says(&office, "add oscar").await;
    scene.joy.hears(&office, "Nobody has that name there").await;
    scene.joy.says(&office, "add oscar admin").await;
    scene.joy.hears(&office, "each their own").await;
}
