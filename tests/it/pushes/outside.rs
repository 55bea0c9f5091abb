//! The public address with a shop behind it, from outside.

use super::shop::Pushing;
use crate::fakes::woocommerce::Delivery;
use crate::fakes::woocommerce::Webhook;
use crate::support::client::http_client;
use crate::support::trading::Open;
use serde_json::Value;
use serde_json::json;

/// Sends something; the status and what is answered.
async fn sent(open: &Open, delivery: &Delivery) -> (u16, Value) {
    let answer = http_client().post(open.at(&delivery.url)).headers(delivery.headers.clone()).body(delivery.body.clone()).send().await;
    let answer = answer.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

/// The webhook for changed products, and its number.
fn webhook(pushing: &Pushing) -> (u64, Webhook) {
    let state = pushing.shop.state();
    let found = state.webhooks.iter().find(|(_, webhook)| webhook.topic == "product.updated");
    found.map(|(number, webhook)| (*number, webhook.clone())).unwrap()
}

#[tokio::test]
async fn what_a_shop_sends_is_answered_when_it_is_stored() {
    let pushing = Pushing::with(&[]).await;
    let open = pushing.trading.opens().await;
    let vase = pushing.shop.offers("Vase", 1_000);
    let delivery = pushing.delivery("product.created", vase);
    assert_eq!(sent(&open, &delivery).await, (200, json!({"accepted": 1, "unchanged": 0})));
    assert_eq!(pushing.trading.cards().await.len(), 1);
    assert_eq!(sent(&open, &delivery).await, (200, json!({"accepted": 0, "unchanged": 1})));
    let order = pushing.shop.sells(vase, 1);
    assert_eq!(sent(&open, &pushing.delivery("order.created", order)).await.0, 200);
    assert_eq!(pushing.trading.cards().await.len(), 2);
}

#[tokio::test]
async fn what_is_wrong_with_a_push_is_answered_as_it_must_be() {
    let pushing = Pushing::with(&["Pot"]).await;
    let open = pushing.trading.opens().await;
    let good = pushing.delivery("product.updated", pushing.product("Pot"));
    let (number, webhook) = webhook(&pushing);
    let changed = |change: &dyn Fn(&mut Delivery)| {
        let mut delivery = good.clone();
        change(&mut delivery);
        delivery
    };
    let without = |name: &'static str| changed(&|delivery| drop(delivery.headers.remove(name)));
    let with = |name: &'static str, value: &str| changed(&|delivery| drop(delivery.headers.insert(name, value.parse().unwrap())));
    let of = |body: &[u8]| webhook.delivery(number, body);
    let elsewhere = |path: &str| changed(&|delivery| delivery.url = format!("https://tradepost.example/hooks/{path}"));
    for (what, delivery, status) in [
        ("as it is", good.clone(), 200),
        ("unsigned", without("x-wc-webhook-signature"), 401),
        ("wrongly signed", with("x-wc-webhook-signature", "bm90IHNpZ25lZA=="), 401),
        (
            "signed by another webhook's secret",
            Webhook { secret: "another".to_owned(), ..webhook.clone() }.delivery(number, &good.body),
            401,
        ),
        ("another body", changed(&|delivery| delivery.body.push(b' ')), 401),
        ("another type", with("content-type", "text/plain"), 415),
        ("no type", without("content-type"), 415),
        ("no topic", without("x-wc-webhook-topic"), 400),
        ("not UTF-8", of(b"{\"id\": 7, \"name\": \"\xff\xfe\"}"), 400),
        ("no JSON", of(b"teapots"), 400),
        ("nothing", of(b""), 400),
        ("two megabytes", of(&vec![b' '; 2 << 20]), 413),
        ("an unknown token", elsewhere("3mJx0vK9nobody"), 404),
        ("no token", elsewhere(""), 404),
    ] {
        let (answered, said) = sent(&open, &delivery).await;
        assert_eq!(answered, status, "{what}: {said}");
    }
    assert_eq!(pushing.trading.cards().await, []);
}

#[tokio::test]
async fn a_shop_may_try_the_address() {
    let pushing = Pushing::with(&["Pot"]).await;
    let open = pushing.trading.opens().await;
    let (number, webhook) = webhook(&pushing);
    let ping = http_client()
        .post(open.at(&webhook.delivery_url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("webhook_id={number}"));
    assert_eq!(ping.send().await.unwrap().status().as_u16(), 200);
}
