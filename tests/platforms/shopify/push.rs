//! What Shopify sends by itself.

use super::adapter;
use super::price;
use super::shop;
use crate::fakes::shopify::CLIENT_SECRET;
use crate::fakes::shopify::FakeShopify;
use crate::fakes::shopify::HOST;
use crate::fakes::shopify::TOKEN;
use crate::support::Visitor;
use http::HeaderMap;
use jiff::SignedDuration;
use serde_json::Value;
use serde_json::json;
use tradepost::domain::problem::Problem;
use tradepost::platforms::Platform;
use tradepost::platforms::push::Hook;
use tradepost::platforms::push::Pushed;
use tradepost::platforms::push::Refusal;
use tradepost::platforms::push::Said;
use tradepost::platforms::shopify::Shopify;
use tradepost::values::Secret;
use url::Url;

fn hook(ids: Vec<String>) -> Hook {
    Hook { callback: Url::parse("https://trade.example/hooks/t0ken").unwrap(), secret: Secret::new("ours"), ids }
}

fn visitor() -> Visitor {
    Visitor::with_secret(&format!("{TOKEN} {CLIENT_SECRET}"))
}

fn read(shopify: &Shopify, visitor: &Visitor, sent: &(HeaderMap, Vec<u8>)) -> Result<Said, Refusal> {
    let secret = Secret::new("ours");
    let pushed = Pushed { headers: &sent.0, body: &sent.1, secret: &secret, is_confirmed: true };
    shopify.push().unwrap().read(&visitor.login(HOST), &pushed, visitor.now)
}

fn said(shopify: &Shopify, visitor: &Visitor, topic: &str, body: &Value) -> Result<Said, Refusal> {
    read(shopify, visitor, &FakeShopify::push(topic, body, CLIENT_SECRET, visitor.now))
}

#[tokio::test]
async fn a_shop_is_told_where_to_send_and_when_to_stop() {
    let (shopify, fake) = shop().await;
    let (visitor, push) = (visitor(), shopify.push().unwrap());
    let (context, login) = (visitor.context(), visitor.login(HOST));
    let subscribed = push.subscribe(&context, &login, &hook(Vec::new())).await.unwrap();
    assert_eq!((subscribed.ids.len(), fake.shop().webhooks.len()), (4, 4));
    let hook = hook(subscribed.ids);
    assert!(push.is_subscribed(&context, &login, &hook).await.unwrap());
    let again = push.subscribe(&context, &login, &hook).await.unwrap();
    assert_eq!((again.ids, fake.shop().webhooks.len()), (hook.ids.clone(), 4), "what stands is not made again");
    fake.shop().webhooks.pop();
    assert!(!push.is_subscribed(&context, &login, &hook).await.unwrap());
    push.unsubscribe(&context, &login, &hook).await.unwrap();
    assert!(fake.shop().webhooks.is_empty());
    push.unsubscribe(&context, &login, &hook).await.unwrap();
    assert!(fake.shop().violations.is_empty(), "{:?}", fake.shop().violations);
}

#[tokio::test]
async fn half_a_subscription_is_taken_back() {
    let (shopify, fake) = shop().await;
    fake.shop().refuses_topic = Some("products/delete".to_owned());
    let visitor = visitor();
    let error = shopify.push().unwrap().subscribe(&visitor.context(), &visitor.login(HOST), &hook(Vec::new())).await.unwrap_err();
    assert_eq!(error.problem, Problem::HttpStatus { status: 500 });
    assert!(fake.shop().webhooks.is_empty());
}

#[tokio::test]
async fn without_the_client_secret_nothing_is_subscribed_or_believed() {
    let (shopify, fake) = shop().await;
    let visitor = Visitor::with_secret(TOKEN);
    let error = shopify.push().unwrap().subscribe(&visitor.context(), &visitor.login(HOST), &hook(Vec::new())).await.unwrap_err();
    assert_eq!(error.problem, Problem::NotAllowed { missing: "client secret".to_owned() });
    assert_eq!(fake.wire.requests(), 0);
    assert_eq!(said(&shopify, &visitor, "products/delete", &json!({"id": 1})), Err(Refusal::Signature));
}

#[tokio::test]
async fn a_wrong_token_and_a_missing_right_are_told() {
    let (shopify, fake) = shop().await;
    let wrong = Visitor::with_secret(&format!("shpat_wrong {CLIENT_SECRET}"));
    let error = shopify.push().unwrap().subscribe(&wrong.context(), &wrong.login(HOST), &hook(Vec::new())).await.unwrap_err();
    assert_eq!(error.problem, Problem::SecretRefused);
    fake.shop().scopes = vec!["read_products".to_owned()];
    let visitor = visitor();
    let error = shopify.push().unwrap().subscribe(&visitor.context(), &visitor.login(HOST), &hook(Vec::new())).await.unwrap_err();
    assert_eq!(error.problem, Problem::NotAllowed { missing: "read_orders".to_owned() });
    assert!(fake.shop().webhooks.is_empty());
}

#[tokio::test]
async fn a_product_that_is_pushed_has_its_price_once_the_shop_is_known() {
    let (shopify, fake) = shop().await;
    let visitor = visitor();
    let id = fake.shop().offers("Teapot", "48.00");
    let product = fake.shop().products[0].clone();
    assert_eq!(said(&shopify, &visitor, "products/create", &product), Ok(Said::Something), "its currency is not known yet");
    visitor.fetches(&shopify, HOST, None).await.unwrap();
    let Ok(Said::News { trades, gone }) = said(&shopify, &visitor, "products/update", &product) else { panic!("news") };
    assert_eq!((trades.len(), gone.len()), (1, 0));
    assert_eq!((price(&trades[0]).as_str(), trades[0].external_id.as_str()), ("48.00- EUR was ", id.to_string().as_str()));
    assert_eq!(trades[0].link.as_ref().unwrap().as_str(), format!("https://shop.example/products/teapot-{id}"));
}

#[tokio::test]
async fn what_is_deleted_or_hidden_is_gone() {
    let (shopify, fake) = shop().await;
    let visitor = visitor();
    let id = fake.shop().offers("Teapot", "48.00");
    let mut product = fake.shop().products[0].clone();
    product["status"] = json!("archived");
    for (topic, body) in [("products/delete", json!({"id": id})), ("products/update", product)] {
        let Ok(Said::News { trades, gone }) = said(&shopify, &visitor, topic, &body) else { panic!("news") };
        assert!(trades.is_empty());
        assert_eq!(gone.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>(), [id.to_string()]);
    }
}

#[tokio::test]
async fn an_order_is_a_hint_to_fetch_and_other_topics_say_nothing() {
    let (shopify, fake) = shop().await;
    let visitor = visitor();
    let order = fake.shop().sells(1, "Teapot", "48.00", 1, "2026-03-03T11:00:00Z").clone();
    assert_eq!(said(&shopify, &visitor, "orders/paid", &order), Ok(Said::Something));
    assert_eq!(said(&shopify, &visitor, "themes/update", &json!({})), Ok(Said::Nothing));
}

#[tokio::test]
async fn only_what_this_shop_signed_lately_is_believed() {
    let (shopify, _fake) = shop().await;
    let visitor = visitor();
    let body = json!({"id": 1});
    let good = FakeShopify::push("products/delete", &body, CLIENT_SECRET, visitor.now);
    assert!(read(&shopify, &visitor, &good).is_ok());
    assert_eq!(read(&shopify, &visitor, &FakeShopify::push("products/delete", &body, "ours", visitor.now)), Err(Refusal::Signature));
    let mut changed = good.clone();
    changed.1[6] = b'2';
    assert_eq!(read(&shopify, &visitor, &changed), Err(Refusal::Signature));
    let mut unsigned = good.clone();
    unsigned.0.remove("x-shopify-hmac-sha256");
    assert_eq!(read(&shopify, &visitor, &unsigned), Err(Refusal::Signature));
    let mut other = good.clone();
    other.0.insert("x-shopify-shop-domain", "other.myshopify.com".parse().unwrap());
    assert_eq!(read(&shopify, &visitor, &other), Err(Refusal::Invalid(vec!["it is of another shop".to_owned()])));
    let stale = Err(Refusal::Stale { tolerance_seconds: 18_000 });
    for hours in [-6, 1] {
        let at = visitor.now + SignedDuration::from_hours(hours);
        assert_eq!(read(&shopify, &visitor, &FakeShopify::push("products/delete", &body, CLIENT_SECRET, at)), stale, "{hours}");
    }
    let repeated = visitor.now - SignedDuration::from_hours(4);
    assert!(read(&shopify, &visitor, &FakeShopify::push("products/delete", &body, CLIENT_SECRET, repeated)).is_ok());
    assert!(matches!(said(&shopify, &visitor, "products/delete", &json!([])), Err(Refusal::Malformed(_))));
}

#[tokio::test]
async fn a_hooks_own_secret_is_not_what_shopify_signs_with() {
    let fake = FakeShopify::start().await;
    let shopify = adapter(&fake, |settings| settings.shopify.app_secret = Secret::new("of the operator"));
    let consented = Visitor::with_secret(&format!("{TOKEN} @app"));
    let sent = FakeShopify::push("products/delete", &json!({"id": 1}), "of the operator", consented.now);
    assert!(read(&shopify, &consented, &sent).is_ok());
    assert_eq!(read(&shopify, &visitor(), &sent), Err(Refusal::Signature), "her app is another");
}
