//! Agreeing at eBay by link.

use super::NAME;
use super::market;
use crate::fakes::ebay::APP_KEY;
use crate::fakes::ebay::FakeEbay;
use crate::fakes::ebay::RU_NAME;
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
use tradepost::platforms::ebay::Ebay;
use url::Url;

fn answers_to() -> Url {
    Url::parse("https://trade.example/consent/ebay").unwrap()
}

async fn redeem(ebay: &Ebay, fake: &FakeEbay, typed: &str, query: &[(&str, &str)]) -> Result<Granted, FetchError> {
    fake.market().codes.push("v^1.1#code".to_owned());
    let query: BTreeMap<String, String> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let visitor = Visitor::new();
    let answered = Answered { typed, query: &query, body: b"", answers_to: &answers_to() };
    ebay.consent().unwrap().redeem(&visitor.context(), &answered).await
}

#[tokio::test]
async fn the_page_names_the_app_and_the_rights() {
    let (ebay, _fake) = market().await;
    let answers_to = answers_to();
    let ask = Ask { typed: "", state: "s7", answers_to: &answers_to, ends_at: &answers_to, writes: false };
    let page = ebay.consent().unwrap().page(&ask).unwrap();
    assert_eq!(page.path(), "/oauth2/authorize");
    let query: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    assert_eq!((query["client_id"].as_str(), query["redirect_uri"].as_str()), (APP_KEY, RU_NAME));
    assert_eq!((query["response_type"].as_str(), query["state"].as_str()), ("code", "s7"));
    let scope = "https://api.ebay.com/oauth/api_scope/";
    assert_eq!(query["scope"], format!("{scope}sell.fulfillment.readonly {scope}commerce.identity.readonly"));
}

#[tokio::test]
async fn a_code_becomes_tokens_that_are_renewed() {
    let (ebay, fake) = market().await;
    fake.market().sells("Cup", "5.00", 1, "2026-03-03T11:30:00Z");
    let granted = redeem(&ebay, &fake, "", &[("code", "v^1.1#code"), ("state", "s7"), ("expires_in", "299")]).await.unwrap();
    assert_eq!(granted.account.as_deref(), Some("ebay.de/usr/joy.pots"));
    assert_eq!(granted.credentials.expires_at, Some("2026-03-03T14:00:00Z".parse().unwrap()));
    assert!(granted.credentials.refresh_expires_at.is_some());
    let mut visitor = Visitor::new();
    let consent = ebay.consent().unwrap();
    let renewed = consent.renew(&visitor.context(), &granted.credentials).await.unwrap();
    assert_ne!(renewed.secret, granted.credentials.secret);
    assert_eq!(
        (renewed.refresh.clone(), renewed.refresh_expires_at),
        (granted.credentials.refresh, granted.credentials.refresh_expires_at)
    );
    visitor.credentials = Some(renewed);
    assert_eq!(titles(&visitor.fetches(&ebay, NAME, None).await.unwrap()), ["Cup"]);
}

#[tokio::test]
async fn whoever_says_no_or_shows_a_wrong_code_is_refused() {
    let (ebay, fake) = market().await;
    let error = redeem(&ebay, &fake, "joy.pots", &[("error", "access_denied"), ("state", "s7")]).await.unwrap_err();
    assert_eq!(error.problem, Problem::SecretRefused);
    let error = redeem(&ebay, &fake, "joy.pots", &[("code", "another"), ("state", "s7")]).await.unwrap_err();
    assert_eq!(error.problem, Problem::SecretRefused);
    let granted = redeem(&ebay, &fake, "joy.pots", &[("code", "v^1.1#code"), ("state", "s7")]).await.unwrap();
    assert_eq!(granted.account, None, "as it was typed");
}

#[tokio::test]
async fn what_cannot_be_renewed_now_may_be_later() {
    let (ebay, fake) = market().await;
    let granted = redeem(&ebay, &fake, "joy.pots", &[("code", "v^1.1#code")]).await.unwrap();
    let visitor = Visitor::new();
    let consent = ebay.consent().unwrap();
    fake.wire.fails_after(0, Fault::Broken);
    assert!(consent.renew(&visitor.context(), &granted.credentials).await.unwrap_err().problem.may_pass());
    let ended = tradepost::platforms::Credentials {
        refresh: Some(tradepost::values::Secret::new("v^1.1#withdrawn")),
        ..granted.credentials.clone()
    };
    assert_eq!(consent.renew(&visitor.context(), &ended).await.unwrap_err().problem, Problem::SecretRefused);
}
