//! Letting the operator's app into a shop by link.

use super::adapter;
use super::shop;
use crate::fakes::shopify::CLIENT_ID;
use crate::fakes::shopify::CLIENT_SECRET;
use crate::fakes::shopify::FakeShopify;
use crate::fakes::shopify::HOST;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::titles;
use std::collections::BTreeMap;
use tradepost::domain::problem::Problem;
use tradepost::platforms::FetchError;
use tradepost::platforms::Platform;
use tradepost::platforms::consent::Answered;
use tradepost::platforms::consent::Ask;
use tradepost::platforms::consent::Granted;
use tradepost::platforms::shopify::Shopify;
use tradepost::values::Secret;
use url::Url;

async fn with_app() -> (Shopify, FakeShopify) {
    let fake = FakeShopify::start().await;
    let shopify = adapter(&fake, |settings| {
        settings.shopify.app_key = CLIENT_ID.to_owned();
        settings.shopify.app_secret = Secret::new(CLIENT_SECRET);
    });
    (shopify, fake)
}

fn answers_to() -> Url {
    Url::parse("https://trade.example/consent/shopify").unwrap()
}

fn page(shopify: &Shopify, typed: &str) -> Result<Url, Problem> {
    let answers_to = answers_to();
    shopify.consent().unwrap().page(&Ask { typed, state: "s7", answers_to: &answers_to, ends_at: &answers_to, writes: true })
}

async fn redeem(shopify: &Shopify, query: &BTreeMap<String, String>) -> Result<Granted, FetchError> {
    let visitor = Visitor::new();
    let answered = Answered { typed: "joy", query, body: b"", answers_to: &answers_to() };
    shopify.consent().unwrap().redeem(&visitor.context(), &answered).await
}

#[tokio::test]
async fn there_is_consent_only_with_an_app() {
    let (shopify, _fake) = shop().await;
    assert!(shopify.consent().is_none());
}

#[tokio::test]
async fn she_agrees_at_the_shop_that_she_typed() {
    let (shopify, fake) = with_app().await;
    let page = page(&shopify, "joy").unwrap();
    assert_eq!(page.path(), format!("/{HOST}/admin/oauth/authorize"));
    let query: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    assert_eq!(query["client_id"], CLIENT_ID);
    assert_eq!(query["scope"], "read_products,read_orders");
    assert_eq!((query["redirect_uri"].as_str(), query["state"].as_str()), ("https://trade.example/consent/shopify", "s7"));
    assert_eq!(self::page(&shopify, "https://shop.example"), Err(Problem::NotSuchAShop { platform: "shopify".to_owned() }));

    fake.shop().offers("Teapot", "48.00");
    let granted = redeem(&shopify, &fake.consent("s7", HOST)).await.unwrap();
    assert_eq!(granted.account.as_deref(), Some(HOST));
    let mut visitor = Visitor::new();
    assert_eq!(granted.credentials.expires_at, Some("2026-03-03T13:00:00Z".parse().unwrap()));
    assert_eq!(granted.credentials.refresh_expires_at, Some("2026-06-01T12:00:00Z".parse().unwrap()));
    visitor.credentials = Some(granted.credentials);
    let fetched = visitor.fetches(&shopify, HOST, None).await.unwrap();
    assert_eq!(titles(&fetched), ["Teapot"]);
}

#[tokio::test]
async fn tokens_are_renewed_at_the_shop_they_are_of() {
    let (shopify, fake) = with_app().await;
    let granted = redeem(&shopify, &fake.consent("s7", HOST)).await.unwrap();
    let visitor = Visitor::new();
    let consent = shopify.consent().unwrap();
    let renewed = consent.renew(&visitor.context(), &granted.credentials).await.unwrap();
    assert_ne!(renewed.secret, granted.credentials.secret);
    let error = consent.renew(&visitor.context(), &granted.credentials).await.unwrap_err();
    assert_eq!(error.problem, Problem::SecretRefused, "a refresh token is good once");
    fake.wire.fails_after(0, Fault::Broken);
    assert!(consent.renew(&visitor.context(), &renewed).await.unwrap_err().problem.may_pass());
    assert!(consent.renew(&visitor.context(), &renewed).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_shopify_did_not_sign_or_that_is_of_another_shop_is_refused() {
    let (shopify, fake) = with_app().await;
    let good = fake.consent("s7", HOST);
    let mut changed = good.clone();
    changed.insert("code".to_owned(), "another".to_owned());
    let mut unsigned = good.clone();
    unsigned.remove("hmac");
    for query in [changed, unsigned, fake.consent("s7", "other.myshopify.com"), BTreeMap::new()] {
        assert_eq!(redeem(&shopify, &query).await.unwrap_err().problem, Problem::SecretRefused);
    }
    assert_eq!(fake.wire.requests(), 0, "no code was shown to anybody");
    redeem(&shopify, &good).await.unwrap();
    assert_eq!(redeem(&shopify, &good).await.unwrap_err().problem, Problem::SecretRefused, "a code is good once");
}

#[tokio::test]
async fn what_is_wrong_with_the_app_is_not_her_fault_and_a_missing_right_is_named() {
    let (shopify, fake) = with_app().await;
    fake.shop().scopes = vec!["read_products".to_owned()];
    let error = redeem(&shopify, &fake.consent("s7", HOST)).await.unwrap_err();
    assert_eq!(error.problem, Problem::NotAllowed { missing: "read_orders".to_owned() });
    let other = adapter(&fake, |settings| {
        settings.shopify.app_key = "another".to_owned();
        settings.shopify.app_secret = Secret::new(CLIENT_SECRET);
    });
    assert_eq!(redeem(&other, &fake.consent("s8", HOST)).await.unwrap_err().problem, Problem::AppRefused);
    fake.wire.fails_after(0, Fault::TooMany(5));
    assert_eq!(redeem(&shopify, &fake.consent("s9", HOST)).await.unwrap_err().problem, Problem::AskedToWait);
    fake.wire.fails_after(0, Fault::Malformed);
    assert_eq!(redeem(&shopify, &fake.consent("s9", HOST)).await.unwrap_err().problem, Problem::MalformedAnswer);
}
