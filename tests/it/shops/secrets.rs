//! Secrets that nobody types into a chat: a page that works once, and consent at the shop.

use super::Stage;
use super::is_free_of_customers;
use crate::fakes::woocommerce::KEY;
use crate::fakes::woocommerce::SECRET;
use crate::fakes::woocommerce::Shop;
use crate::support::Scene;
use crate::support::browser::Browser;
use crate::support::client::http_client;
use crate::support::ports::free_port;
use serde_json::Value;
use serde_json::json;
use toml::Table;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;
use url::Url;

fn config() -> Table {
    let port = free_port();
    let text = format!(
        "[web]\npublic_url = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\n[platforms.woocommerce]\ninterval_seconds = 1"
    );
    text.parse().unwrap()
}

async fn open_shop() -> Shop {
    let shop = Shop::open().await;
    shop.state().now = SystemClock.now();
    shop.offers("Old cup", 500);
    shop
}

/// The first address in a message that holds `part`.
fn address_in(event: &Value, part: &str) -> Url {
    let body = event["content"]["body"].as_str().unwrap();
    let found = body.split_whitespace().find(|word| word.contains("://") && word.contains(part));
    found.unwrap_or_else(|| panic!("{body}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_given_on_a_page_that_works_once() {
    let shop = open_shop().await;
    let scene = Scene::with_config(config()).await;
    let stage = Stage::set(&scene, &format!("add woocommerce {}", shop.address()), "With a secret").await;
    let (joy, office) = (&scene.joy, &stage.office);
    joy.says(office, "secret 1").await;
    let page = address_in(&joy.hears(office, "which works once").await, "/secret/");

    // Clients look at links before people do.
    assert_eq!(http_client().get(page.clone()).send().await.unwrap().status().as_u16(), 200);
    let browser = Browser::open("en").await;
    browser.goes_to(page.as_str()).await;
    browser.types("#name", KEY).await;
    browser.types("#secret", "cs_wrong").await;
    browser.clicks("button").await;
    browser.sees(".problem", "not accepted").await;
    browser.types("#name", KEY).await;
    browser.types("#secret", SECRET).await;
    browser.clicks("button").await;
    browser.sees("main", &joy.id).await;
    joy.hears(office, "works").await;
    browser.goes_to(page.as_str()).await;
    browser.sees("h1", "not good any more").await;

    stage.shows_orders(&scene).await;
    let cup = shop.offers("Teapot", 2_500);
    scene.mary.hears(&stage.room, "Teapot").await;
    shop.sells(cup, 1);
    let sold = |event: &Value| event["content"]["body"].as_str().is_some_and(|body| body.contains("Sold") && body.contains("Teapot"));
    scene.mary.sees(&stage.room, "a sale", sold).await;
    let heard = scene.mary.has_read(&stage.room, &scene.bot()).await;
    assert!(!heard.iter().any(|body| body.contains("Old cup")), "{heard:?}");
    is_free_of_customers(&scene, &[office, &stage.room], "CANARY").await;
    let log = std::fs::read_to_string(scene.tradepost.log_path()).unwrap();
    assert!(!log.contains(SECRET) && !log.contains("CANARY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_consent_at_the_shop_it_sends_by_itself_until_she_wants_it_no_more() {
    let shop = open_shop().await;
    let scene = Scene::with_config(config()).await;
    let stage = Stage::set(&scene, &format!("add woocommerce {}", shop.address()), "Added").await;
    let (joy, office) = (&scene.joy, &stage.office);
    joy.says(office, "push 1").await;
    let consent = address_in(&joy.hears(office, "I need the right").await, "/wc-auth/");
    let query = |name: &str| consent.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(query("scope"), "read_write");

    // She agrees, so the shop makes keys and sends them.
    shop.state().permissions = "read_write";
    let keys = json!({
        "key_id": 1, "user_id": query("user_id"), "consumer_key": KEY, "consumer_secret": SECRET, "key_permissions": "read_write",
    });
    let answers = async || {
        http_client()
            .post(query("callback_url"))
            .header("content-type", "application/json")
            .body(keys.to_string())
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(answers().await, 200);
    joy.hears(office, "sends new items by itself now").await;
    assert_eq!(answers().await, 410, "a state is good once");
    assert!(shop.state().webhooks.len() >= 4, "{:?}", shop.state().webhooks);

    let teapot = shop.offers("Teapot", 2_500);
    for delivery in shop.deliveries("product.created", teapot) {
        for _ in 0..2 {
            let sent =
                http_client().post(&delivery.url).headers(delivery.headers.clone()).body(delivery.body.clone()).send().await.unwrap();
            assert_eq!(sent.status().as_u16(), 200);
        }
    }
    scene.mary.hears(&stage.room, "Teapot").await;
    joy.says(office, "list").await;
    joy.hears(office, "sends by itself").await;
    joy.says(office, "remove 1").await;
    joy.hears(office, "Removed").await;
    crate::support::clock::soon("the webhooks to be taken away", async {
        while !shop.state().webhooks.is_empty() {
            crate::support::user::moment().await;
        }
    })
    .await;
    let heard = scene.mary.has_read(&stage.room, &scene.bot()).await;
    assert_eq!(heard.iter().filter(|body| body.contains("Teapot")).count(), 1, "{heard:?}");
}
