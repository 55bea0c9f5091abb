//! What shops send by themselves, which nobody can ask them to leave anything out of.

use super::shops::Shop;
use super::shops::the;
use crate::fakes::CANARY;
use crate::fakes::shopify::CLIENT_SECRET;
use crate::fakes::shopify::FakeShopify;
use crate::fakes::woocommerce::Shop as WooCommerce;
use crate::support::client::http_client;
use crate::support::trading::Open;
use crate::support::trading::Trading;
use bytes::Bytes;
use http::HeaderMap;
use serde_json::json;
use tradepost::actions::PushChoice;
use tradepost::domain::sharer::Account;

async fn account(trading: &Trading, platform: &str) -> Account {
    let joy = trading.joy().await;
    joy.accounts.into_iter().find(|account| account.platform.as_str() == platform).expect("an account")
}

/// Sends something to a hook from outside and past the listener; nothing of it comes back. The status.
async fn sent(trading: &Trading, open: &Open, hook: &str, headers: &HeaderMap, body: &[u8]) -> u16 {
    let word = hook.rsplit('/').next().unwrap();
    let taken = trading.intake().take_push(word, headers, Bytes::copy_from_slice(body), trading.now()).await;
    let said = taken.map_or_else(|error| format!("{error:?} {error}"), |taken| format!("{taken:?}"));
    assert!(!said.contains(CANARY), "{said}");
    let answer = http_client().post(open.at(hook)).headers(headers.clone()).body(body.to_vec()).send().await.unwrap();
    let status = answer.status().as_u16();
    let said = format!("{:?} {}", answer.headers().clone(), answer.text().await.unwrap());
    assert!(!said.contains(CANARY), "{said}");
    status
}

/// A whole order with its buyer, a product with notes, and what cannot be read.
pub(super) async fn to_woocommerce(trading: &Trading, shops: &[Box<dyn Shop>]) {
    let (shop, open) = (the::<WooCommerce>(shops), trading.opens().await);
    let account = account(trading, "woocommerce").await;
    trading.push(account.number, PushChoice::On).await;
    let pot = shop.offers("Teapot, red", 2_999);
    let order = shop.sells(pot, 1);
    for (topic, id) in [("product.created", pot), ("order.created", order), ("order.updated", order), ("product.deleted", pot)] {
        for delivery in shop.deliveries(topic, id) {
            assert!(topic.ends_with("deleted") || String::from_utf8_lossy(&delivery.body).contains(CANARY));
            assert_eq!(sent(trading, &open, &delivery.url, &delivery.headers, &delivery.body).await, 200, "{topic}");
            let unsigned = delivery.body.iter().chain(b" ").copied().collect::<Vec<u8>>();
            assert_eq!(sent(trading, &open, &delivery.url, &delivery.headers, &unsigned).await, 401, "{topic}");
        }
    }
    let webhooks = shop.state().webhooks.clone();
    for (number, webhook) in &webhooks {
        for body in [r#"{"id": "CANARY", "billing": {"email": "CANARY"#, r#"{"id": {"CANARY": "CANARY"}, "status": ["CANARY"]}"#, "CANARY"]
        {
            let delivery = webhook.delivery(*number, body.as_bytes());
            assert_eq!(sent(trading, &open, &delivery.url, &delivery.headers, &delivery.body).await, 400, "{}", webhook.topic);
        }
    }
}

/// An order with its buyer, though only its number was asked for, and what cannot be read.
pub(super) async fn to_shopify(trading: &Trading, shops: &[Box<dyn Shop>]) {
    let (shop, open) = (the::<FakeShopify>(shops), trading.opens().await);
    let account = account(trading, "shopify").await;
    trading.push(account.number, PushChoice::On).await;
    let (product, order) = {
        let mut shop = shop.shop();
        let id = shop.offers("Teapot, green", "20.00");
        let order = shop.sells(id, "Teapot, green", "20.00", 1, "2030-01-02T00:00:00Z").clone();
        let mut product = shop.products.last().unwrap().clone();
        product["metafields"] = json!([{"key": "supplier", "value": CANARY}]);
        (product, order)
    };
    let webhooks = shop.shop().webhooks.clone();
    for (_, topic, hook, _) in &webhooks {
        for (body, status) in [
            (if topic.starts_with("orders/") { &order } else { &product }, 200),
            (&json!({"id": {"CANARY": CANARY}, "title": [CANARY], "customer": {"email": CANARY}}), 400),
        ] {
            let (headers, body) = FakeShopify::push(topic, body, CLIENT_SECRET, trading.now());
            let answered = sent(trading, &open, hook, &headers, &body).await;
            assert!(answered == status || topic.starts_with("orders/"), "{topic}: {answered}");
        }
    }
    trading.polls(&account).await;
}
