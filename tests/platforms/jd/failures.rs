//! What goes wrong, and whose affair it is.

use super::HOUR;
use super::Shop;
use super::adapter;
use crate::fakes::jd as fake;
use crate::fakes::wire::Fault;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::platforms::Credentials;
use tradepost::platforms::Platform;
use tradepost::values::Secret;

#[tokio::test]
async fn a_failure_between_pages_loses_nothing() {
    let mut shop = Shop::open().await;
    let first = shop.fetch(None).await.unwrap();
    shop.pass(2 * HOUR);
    (1..=250).for_each(|id| shop.fake.order(shop.sale(id, "Cup")));
    shop.fake.wire.fails_after(3, Fault::Broken);
    assert_eq!(shop.fetch(cursor(&first)).await, Err(Problem::HttpStatus { status: 500 }));
    assert_eq!(trades(&shop.fetch(cursor(&first)).await.unwrap()).len(), 250);
}

#[tokio::test]
async fn secrets_that_do_not_fit_are_told_apart() {
    let mut shop = Shop::with_trades().await;
    for (secret, problem) in [
        (" ", Problem::SecretMalformed),
        ("two words", Problem::SecretMalformed),
        ("令牌", Problem::SecretMalformed),
        ("wrong", Problem::SecretRefused),
    ] {
        shop.visitor.credentials = Some(Credentials::new(Secret::new(secret)));
        assert_eq!(shop.fetch(None).await, Err(problem), "{secret}");
    }
    shop.visitor.credentials = None;
    assert_eq!(shop.fetch(None).await, Err(Problem::SecretNeeded));
}

#[tokio::test]
async fn a_token_that_ended_is_refused() {
    let shop = Shop::with_trades().await;
    let first = shop.fetch(None).await.unwrap();
    shop.fake.end_tokens();
    assert_eq!(shop.fetch(cursor(&first)).await, Err(Problem::SecretRefused));
    assert_eq!(shop.visitor.verifies(&shop.jd, "my shop").await.unwrap_err().problem, Problem::SecretRefused);
}

#[tokio::test]
async fn the_number_of_another_shop_is_refused() {
    let shop = Shop::with_trades().await;
    for typed in ["999", "https://mall.jd.com/index-999.html"] {
        assert_eq!(shop.visitor.verifies(&shop.jd, typed).await.unwrap_err().problem, Problem::NoSuchAccount, "{typed}");
    }
}

#[tokio::test]
async fn each_code_of_the_gateway_has_its_meaning() {
    let shop = Shop::with_trades().await;
    let missing = "jingdong.ware.read.searchWare4Valid".to_owned();
    let codes = BTreeMap::from([
        ("2", Problem::AskedToWait),
        ("12", Problem::AppRefused),
        ("19", Problem::SecretRefused),
        ("22", Problem::NoSuchAccount),
        ("24", Problem::NotAllowed { missing }),
        ("66", Problem::HttpStatus { status: 503 }),
        ("10100027", Problem::Refused { code: "10100027".to_owned() }),
    ]);
    for (code, problem) in codes {
        shop.fake.fail_with(Some(code));
        assert_eq!(shop.fetch(None).await, Err(problem), "{code}");
    }
}

#[tokio::test]
async fn a_failure_within_a_success_is_a_failure() {
    let shop = Shop::with_trades().await;
    for success in [json!(false), json!("false")] {
        shop.fake.fail_orders(success);
        assert_eq!(shop.fetch(None).await, Err(Problem::Refused { code: "10400009".to_owned() }));
    }
}

#[tokio::test]
async fn servers_that_fail_are_told_apart() {
    let shop = Shop::with_trades().await;
    shop.fake.wire.fails_after(0, Fault::TooMany(7));
    let error = shop.visitor.fetches(&shop.jd, fake::SHOP, None).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(7))));
    shop.fake.wire.fails_after(0, Fault::Malformed);
    assert_eq!(shop.fetch(None).await, Err(Problem::MalformedAnswer));
    shop.fake.wire.fails_after(0, Fault::Truncated);
    assert!(matches!(shop.fetch(None).await, Err(Problem::MalformedAnswer | Problem::ConnectionFailed)));
    shop.fake.wire.fails_after(1, Fault::Silent);
    assert_eq!(shop.fetch(None).await, Err(Problem::TimedOut { limit_seconds: 2 }));
}

#[tokio::test]
async fn an_app_that_is_not_set_up_asks_nobody() {
    let shop = Shop::with_trades().await;
    let jd = adapter(&shop.fake, |settings| settings.jd.app_secret = Secret::default());
    assert!(!jd.descriptor().is_set_up && shop.jd.descriptor().is_set_up);
    assert_eq!(shop.visitor.fetches(&jd, fake::SHOP, None).await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(shop.visitor.verifies(&jd, "my shop").await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(shop.fake.wire.requests(), 0);
}

#[tokio::test]
async fn an_app_with_a_wrong_secret_key_or_clock_is_the_operators_affair() {
    let mut shop = Shop::with_trades().await;
    for jd in [
        adapter(&shop.fake, |settings| settings.jd.app_secret = Secret::new("wrong")),
        adapter(&shop.fake, |settings| settings.jd.app_key = "wrong".to_owned()),
    ] {
        assert_eq!(shop.visitor.fetches(&jd, fake::SHOP, None).await.unwrap_err().problem, Problem::AppRefused);
    }
    shop.visitor.now += Duration::from_mins(7);
    assert_eq!(shop.fetch(None).await, Err(Problem::AppRefused));
}

#[tokio::test]
async fn an_app_that_may_ask_for_less_still_reads_the_shop() {
    let shop = Shop::with_trades().await;
    shop.fake.forbid("jingdong.vender.shop.query");
    shop.fake.forbid("jingdong.sku.read.searchSkuList");
    let verified = shop.visitor.verifies(&shop.jd, " My  Teapots ").await.unwrap();
    assert_eq!((verified.name.as_str(), verified.label.as_str()), ("my teapots", "My Teapots"));
    assert_eq!(titles(&verified.fetched), ["Teapot 1", "Blue teapot"]);
    assert_eq!(trades(&verified.fetched)[0].link, None);
    assert_eq!(shop.visitor.verifies(&shop.jd, " ").await.unwrap_err().problem, Problem::NoSuchAccount);
}
