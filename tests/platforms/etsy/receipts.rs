//! What a shop sold at Etsy, with its owner's consent.

use super::adapter;
use super::shop;
use crate::fakes::etsy::APP_KEY;
use crate::fakes::etsy::FakeEtsy;
use crate::fakes::etsy::SHOP;
use crate::fakes::etsy::TOKEN;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::platforms::FetchError;
use tradepost::platforms::Platform;
use tradepost::platforms::SecretUse;
use tradepost::platforms::consent::Answered;
use tradepost::platforms::consent::Ask;
use tradepost::platforms::consent::Granted;
use tradepost::platforms::etsy::Etsy;
use tradepost::values::Secret;
use url::Url;

const TODAY: &str = "2026-03-03T11:30:00Z";

fn answers_to() -> Url {
    Url::parse("https://trade.example/consent/etsy").unwrap()
}

/// Opens the page, where she says yes; what comes back.
fn agrees(etsy: &Etsy, fake: &FakeEtsy, state: &str) -> BTreeMap<String, String> {
    let answers_to = answers_to();
    let ask = Ask { typed: "", state, answers_to: &answers_to, ends_at: &answers_to, writes: false };
    let page = etsy.consent().unwrap().page(&ask).unwrap();
    assert_eq!(page.path(), "/oauth/connect");
    let asked: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    assert_eq!((asked["client_id"].as_str(), asked["response_type"].as_str()), (APP_KEY, "code"));
    assert_eq!((asked["scope"].as_str(), asked["code_challenge_method"].as_str()), ("shops_r transactions_r", "S256"));
    fake.shop().codes.insert(format!("code {state}"), (asked["code_challenge"].clone(), asked["redirect_uri"].clone()));
    BTreeMap::from([("code".to_owned(), format!("code {state}")), ("state".to_owned(), asked["state"].clone())])
}

async fn redeem(etsy: &Etsy, query: &BTreeMap<String, String>) -> Result<Granted, FetchError> {
    let visitor = Visitor::new();
    let answered = Answered { typed: "", query, body: b"", answers_to: &answers_to() };
    etsy.consent().unwrap().redeem(&visitor.context(), &answered).await
}

#[tokio::test]
async fn a_token_shows_what_was_sold_and_nobody_who_bought() {
    let (etsy, fake) = shop().await;
    fake.shop().offers("Mug", "38.00 USD");
    fake.shop().sells("long ago", 100, 1, "2026-01-01T00:00:00Z");
    fake.shop().sells("Two cups", 1_050, 2, TODAY);
    fake.shop().sells("unpaid", 100, 1, TODAY)["is_paid"] = json!(false);
    fake.shop().sells("refunded", 100, 1, TODAY)["status"] = json!("Fully Refunded");
    let verified = Visitor::with_secret(TOKEN).verifies(&etsy, "").await.unwrap();
    assert_eq!(verified.name, SHOP);
    let [listing, sale] = trades(&verified.fetched) else { panic!("two trades") };
    assert_eq!((listing.kind, sale.kind), (Kind::Listing, Kind::Sale));
    let price = sale.price.as_ref().unwrap();
    assert_eq!((price.amount.to_string().as_str(), price.currency.code(), sale.quantity), ("10.50", "USD", Some(2)));
    assert_eq!(sale.link.as_ref().unwrap().as_str(), "https://www.etsy.com/listing/1234567890");
    assert_eq!(sale.occurred_at, Some(TODAY.parse().unwrap()));
    assert!(!format!("{verified:?}").contains("CANARY"));
}

#[tokio::test]
async fn sales_are_read_though_the_feed_has_not_changed() {
    let (etsy, fake) = shop().await;
    fake.shop().offers("Mug", "38.00 USD");
    let mut visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&etsy, SHOP, None).await.unwrap();
    visitor.now += SignedDuration::from_mins(15);
    fake.shop().sells("Late", 100, 1, "2026-03-03T11:58:30Z");
    let second = visitor.fetches(&etsy, SHOP, cursor(&first)).await.unwrap();
    assert_eq!(titles(&second), ["Late"]);
    assert!(matches!(&second, Fetched::Changed { label, complete: false, .. } if label.as_str() == SHOP));
    let third = visitor.fetches(&etsy, SHOP, cursor(&second)).await.unwrap();
    assert!(titles(&third).is_empty());
}

#[tokio::test]
async fn many_receipts_are_read_in_turns() {
    let (etsy, fake) = shop().await;
    for number in 0..1_001 {
        fake.shop().sells(&format!("Cup {number}"), 500, 1, TODAY);
    }
    let mut visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&etsy, SHOP, None).await.unwrap();
    assert!(trades(&first).len() == 1_000 && matches!(first, Fetched::Changed { more: true, .. }));
    fake.shop().sells("Meanwhile", 500, 1, "2026-03-03T12:00:30Z");
    visitor.now += SignedDuration::from_mins(15);
    let second = visitor.fetches(&etsy, SHOP, cursor(&first)).await.unwrap();
    assert!(titles(&second).contains(&"Cup 0") && matches!(second, Fetched::Changed { more: false, .. }));
    let third = visitor.fetches(&etsy, SHOP, cursor(&second)).await.unwrap();
    assert_eq!(titles(&third), ["Meanwhile"]);
}

#[tokio::test]
async fn tokens_and_apps_that_do_not_work_say_why() {
    let (etsy, fake) = shop().await;
    let problem =
        async |etsy: &Etsy, secret: &str, typed: &str| Visitor::with_secret(secret).verifies(etsy, typed).await.unwrap_err().problem;
    assert_eq!(problem(&etsy, "12345678.wrong", SHOP).await, Problem::SecretRefused);
    assert_eq!(problem(&etsy, TOKEN, "somebody").await, Problem::NotAllowed { missing: "somebody".to_owned() });
    let wrong = adapter(&fake, |settings| settings.app_secret = Secret::new("wrong"));
    assert_eq!(problem(&wrong, TOKEN, SHOP).await, Problem::AppRefused);
    let none = adapter(&fake, |settings| settings.app_key = String::new());
    assert_eq!(problem(&none, TOKEN, SHOP).await, Problem::AppRefused);
    assert_eq!((none.descriptor().secret, none.consent().is_none()), (SecretUse::Never, true));
    fake.shop().tokens.insert(TOKEN.to_owned(), "shops_r".to_owned());
    assert_eq!(problem(&etsy, TOKEN, SHOP).await, Problem::NotAllowed { missing: "transactions_r".to_owned() });
}

#[tokio::test]
async fn errors_among_the_receipts_pass_and_nothing_is_lost() {
    let (etsy, fake) = shop().await;
    let visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&etsy, SHOP, None).await.unwrap();
    for number in 0..101 {
        fake.shop().sells(&format!("Cup {number}"), 500, 1, "2026-03-03T12:00:00Z");
    }
    for (after, fault, problem) in [
        (2, Fault::Broken, Problem::HttpStatus { status: 500 }),
        (1, Fault::Malformed, Problem::MalformedAnswer),
        (1, Fault::TooMany(3), Problem::AskedToWait),
        (2, Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ] {
        fake.wire.fails_after(after, fault);
        assert_eq!(visitor.fetches(&etsy, SHOP, cursor(&first)).await.unwrap_err().problem, problem, "{fault:?}");
    }
    assert_eq!(trades(&visitor.fetches(&etsy, SHOP, cursor(&first)).await.unwrap()).len(), 101);
}

#[tokio::test]
async fn a_code_with_its_proof_becomes_tokens_that_are_renewed() {
    let (etsy, fake) = shop().await;
    let granted = redeem(&etsy, &agrees(&etsy, &fake, "s7")).await.unwrap();
    assert_eq!(granted.account.as_deref(), Some(SHOP));
    assert_eq!(granted.credentials.expires_at, Some("2026-03-03T13:00:00Z".parse().unwrap()));
    let visitor = Visitor::new();
    let consent = etsy.consent().unwrap();
    let renewed = consent.renew(&visitor.context(), &granted.credentials).await.unwrap();
    assert!(renewed.secret != granted.credentials.secret && renewed.refresh != granted.credentials.refresh);
    let error = consent.renew(&visitor.context(), &granted.credentials).await.unwrap_err();
    assert_eq!(error.problem, Problem::SecretRefused);
}

#[tokio::test]
async fn whoever_says_no_or_answers_for_another_is_refused() {
    let (etsy, fake) = shop().await;
    let denied = BTreeMap::from([("error".to_owned(), "access_denied".to_owned()), ("state".to_owned(), "s7".to_owned())]);
    assert_eq!(redeem(&etsy, &denied).await.unwrap_err().problem, Problem::SecretRefused);
    let mut swapped = agrees(&etsy, &fake, "s8");
    swapped.insert("state".to_owned(), "s9".to_owned());
    assert_eq!(redeem(&etsy, &swapped).await.unwrap_err().problem, Problem::SecretRefused, "the proof is of another state");
    let good = agrees(&etsy, &fake, "s10");
    redeem(&etsy, &good).await.unwrap();
    assert_eq!(redeem(&etsy, &good).await.unwrap_err().problem, Problem::SecretRefused, "a code is good once");
}
