//! Consent by link.

use super::HOUR;
use super::Shop;
use super::adapter;
use crate::fakes::jd as fake;
use crate::fakes::wire::Fault;
use std::collections::BTreeMap;
use tradepost::domain::problem::Problem;
use tradepost::platforms::Consent;
use tradepost::platforms::Credentials;
use tradepost::platforms::consent::Answered;
use tradepost::platforms::consent::Ask;
use tradepost::values::Secret;
use url::Url;

#[tokio::test]
async fn a_merchant_agrees_on_jds_page() {
    let shop = Shop::open().await;
    let here = Url::parse("https://post.example/consent/jd").unwrap();
    let ask = Ask { typed: "", state: "once", answers_to: &here, ends_at: &here, writes: false };
    let page = shop.jd.page(&ask).unwrap();
    assert!(page.as_str().starts_with("https://open-oauth.jd.com/oauth2/to_login?"));
    let query: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    let expected =
        [("app_key", fake::KEY), ("redirect_uri", here.as_str()), ("response_type", "code"), ("scope", "snsapi_base"), ("state", "once")];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn a_code_becomes_a_token_that_lets_in_and_is_renewed() {
    let mut shop = Shop::with_trades().await;
    let here = Url::parse("https://post.example/consent/jd").unwrap();
    let query = BTreeMap::from([("code".to_owned(), "good-code".to_owned()), ("state".to_owned(), "once".to_owned())]);
    assert_eq!(shop.jd.state_of(&query, b"").as_deref(), Some("once"));
    let mut answered = Answered { typed: "", query: &query, body: b"", answers_to: &here };
    let granted = shop.jd.redeem(&shop.visitor.context(), &answered).await.unwrap();
    assert_eq!(granted.account.as_deref(), Some("o*AAT-x"));
    let ends = Some(shop.visitor.now + 24 * HOUR);
    assert_eq!((granted.credentials.expires_at, granted.credentials.ends_at()), (ends, ends));
    answered.typed = "my shop";
    assert_eq!(shop.jd.redeem(&shop.visitor.context(), &answered).await.unwrap().account, None);
    let renewed = shop.jd.renew(&shop.visitor.context(), &granted.credentials).await.unwrap();
    assert_ne!(renewed.secret, granted.credentials.secret);
    shop.visitor.credentials = Some(renewed);
    let verified = shop.visitor.verifies(&shop.jd, granted.account.as_deref().unwrap()).await.unwrap();
    assert_eq!(verified.name, fake::SHOP);
}

#[tokio::test]
async fn a_consent_that_fails_says_whose_affair_it_is() {
    let shop = Shop::open().await;
    let here = Url::parse("https://post.example/consent/jd").unwrap();
    for (query, secret, problem) in [
        (BTreeMap::new(), fake::SECRET, Problem::SecretRefused),
        (BTreeMap::from([("code".to_owned(), "stale".to_owned())]), fake::SECRET, Problem::SecretRefused),
        (BTreeMap::from([("code".to_owned(), "good-code".to_owned())]), "wrong", Problem::AppRefused),
    ] {
        let jd = adapter(&shop.fake, |settings| settings.jd.app_secret = Secret::new(secret));
        let answered = Answered { typed: "", query: &query, body: b"", answers_to: &here };
        assert_eq!(jd.redeem(&shop.visitor.context(), &answered).await.unwrap_err().problem, problem);
    }
    let stale = Credentials { refresh: Some(Secret::new("stale")), ..Credentials::new(Secret::new("t")) };
    assert_eq!(shop.jd.renew(&shop.visitor.context(), &stale).await.unwrap_err().problem, Problem::SecretRefused);
    shop.fake.wire.fails_after(0, Fault::Broken);
    assert_eq!(shop.jd.renew(&shop.visitor.context(), &stale).await.unwrap_err().problem, Problem::HttpStatus { status: 500 });
}
