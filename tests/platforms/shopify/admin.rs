//! Shopify with a token: products and sales.

use super::adapter;
use super::goes_on;
use super::is_complete;
use super::price;
use super::shop;
use crate::fakes::shopify::CLIENT_ID;
use crate::fakes::shopify::CLIENT_SECRET;
use crate::fakes::shopify::FakeShopify;
use crate::fakes::shopify::HOST;
use crate::fakes::shopify::TOKEN;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;

const TODAY: &str = "2026-03-03T11:30:00Z";

fn sales(fetched: &Fetched) -> Vec<&Trade> {
    trades(fetched).iter().filter(|trade| trade.kind == Kind::Sale).collect()
}

async fn problem_with(fake: &FakeShopify, secret: &str) -> Problem {
    Visitor::with_secret(secret).verifies(&adapter(fake, |_| {}), HOST).await.unwrap_err().problem
}

#[tokio::test]
async fn a_token_shows_what_is_offered_and_what_was_sold() {
    let (shopify, fake) = shop().await;
    let pot = fake.shop().offers("Teapot", "48.00");
    let draft = fake.shop().offers("Draft", "1.00");
    fake.shop().products[1]["status"] = json!("draft");
    fake.shop().sells(pot, "Teapot", "45.00", 2, TODAY);
    fake.shop().sells(draft, "Draft", "1.00", 1, TODAY);
    let verified = Visitor::with_secret(TOKEN).verifies(&shopify, "https://JOY.myshopify.com/products").await.unwrap();
    assert_eq!((verified.name.as_str(), verified.label.as_str()), (HOST, "Joy & Teapots"));
    assert!(is_complete(&verified.fetched));
    let [listing, sale, other] = trades(&verified.fetched) else { panic!("three trades") };
    assert_eq!((listing.kind, listing.title.as_str(), price(listing).as_str()), (Kind::Listing, "Teapot", "48.00- EUR was "));
    assert_eq!(listing.available, Some(true));
    assert_eq!(listing.link.as_ref().unwrap().as_str(), format!("https://shop.example/products/teapot-{pot}"));
    assert_eq!((sale.kind, sale.title.as_str(), price(sale).as_str()), (Kind::Sale, "Teapot", "45.00- EUR was "));
    assert_eq!((sale.quantity, sale.link.as_ref()), (Some(2), listing.link.as_ref()));
    assert_eq!(sale.categories, listing.categories);
    assert_eq!(sale.occurred_at, Some(TODAY.parse().unwrap()));
    assert!(sale.external_id.as_str().starts_with("sale:"));
    assert_eq!((other.title.as_str(), other.link.as_ref(), other.quantity), ("Draft", None, None));
    assert!(fake.shop().violations.is_empty(), "{:?}", fake.shop().violations);
}

#[tokio::test]
async fn nothing_about_a_buyer_is_asked_for_or_kept() {
    let (shopify, fake) = shop().await;
    let pot = fake.shop().offers("Teapot", "48.00");
    fake.shop().sells(pot, "Teapot", "45.00", 1, TODAY);
    let verified = Visitor::with_secret(TOKEN).verifies(&shopify, HOST).await.unwrap();
    assert_eq!(sales(&verified.fetched).len(), 1);
    assert!(!format!("{verified:?}").contains("CANARY"));
    assert!(fake.shop().violations.is_empty(), "{:?}", fake.shop().violations);
}

#[tokio::test]
async fn only_what_is_paid_and_kept_is_sold() {
    let (shopify, fake) = shop().await;
    let pot = fake.shop().offers("Teapot", "48.00");
    fake.shop().sells(pot, "unpaid", "1", 1, TODAY)["financial_status"] = json!("pending");
    fake.shop().sells(pot, "refunded", "1", 1, TODAY)["financial_status"] = json!("refunded");
    fake.shop().sells(pot, "cancelled", "1", 1, TODAY)["cancelled_at"] = json!(TODAY);
    fake.shop().sells(pot, "tried out", "1", 1, TODAY)["test"] = json!(true);
    fake.shop().sells(pot, "taken back", "1", 1, TODAY)["line_items"][0]["current_quantity"] = json!(0);
    fake.shop().sells(pot, "long ago", "1", 1, "2025-12-01T00:00:00Z");
    fake.shop().sells(pot, "sold", "1", 1, TODAY);
    let fetched = Visitor::with_secret(TOKEN).fetches(&shopify, HOST, None).await.unwrap();
    assert_eq!(sales(&fetched).iter().map(|sale| sale.title.as_str()).collect::<Vec<_>>(), ["sold"]);
}

#[tokio::test]
async fn orders_are_asked_for_from_two_minutes_before_the_last_time() {
    let (shopify, fake) = shop().await;
    let pot = fake.shop().offers("Teapot", "48.00");
    let mut visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&shopify, HOST, None).await.unwrap();
    visitor.now += SignedDuration::from_mins(10);
    fake.shop().sells(pot, "late", "48.00", 1, "2026-03-03T11:58:30Z");
    let second = visitor.fetches(&shopify, HOST, cursor(&first)).await.unwrap();
    assert_eq!(sales(&second).len(), 1);
    let asked = fake.wire.paths().into_iter().rfind(|path| path.contains("orders.json")).unwrap();
    assert!(asked.contains("updated_at_min=2026-03-03T11%3A58%3A00Z"), "{asked}");
    visitor.now += SignedDuration::from_mins(10);
    let third = visitor.fetches(&shopify, HOST, cursor(&second)).await.unwrap();
    assert!(sales(&third).is_empty());
    assert_eq!(fake.wire.paths().iter().filter(|path| path.contains("shop.json")).count(), 1, "the shop itself is remembered");
}

#[tokio::test]
async fn every_page_of_products_and_of_orders_is_read() {
    let (shopify, fake) = shop().await;
    fake.shop().offers_many(251);
    for number in 0..501 {
        fake.shop().sells(1, &format!("Gone {number}"), "5.00", 1, TODAY);
    }
    let fetched = Visitor::with_secret(TOKEN).fetches(&shopify, HOST, None).await.unwrap();
    assert_eq!((trades(&fetched).len(), sales(&fetched).len()), (752, 501));
    assert!(is_complete(&fetched) && !goes_on(&fetched));
}

#[tokio::test]
async fn many_orders_are_read_in_turns_and_none_that_comes_meanwhile_is_lost() {
    let (shopify, fake) = shop().await;
    for _ in 0..2_501 {
        fake.shop().sells(1, "Cup", "5.00", 1, TODAY);
    }
    let mut visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&shopify, HOST, None).await.unwrap();
    assert!(sales(&first).len() == 2_500 && goes_on(&first));
    visitor.now += SignedDuration::from_mins(30);
    let second = visitor.fetches(&shopify, HOST, cursor(&first)).await.unwrap();
    assert!(sales(&second).len() == 1 && !goes_on(&second));
    fake.shop().sells(1, "Late", "5.00", 1, "2026-03-03T12:05:00Z");
    let third = visitor.fetches(&shopify, HOST, cursor(&second)).await.unwrap();
    assert_eq!(titles(&third), ["Late"], "from when reading began, not from when it was done");
}

#[tokio::test]
async fn a_page_that_is_named_no_more_is_looked_for_from_the_beginning() {
    let (shopify, fake) = shop().await;
    fake.shop().offers_many(2_501);
    let visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&shopify, HOST, None).await.unwrap();
    assert!(goes_on(&first) && !is_complete(&first));
    fake.shop().products.truncate(100);
    fake.shop().forgets_pages = true;
    let second = visitor.fetches(&shopify, HOST, cursor(&first)).await.unwrap();
    assert!(trades(&second).len() == 100 && is_complete(&second));
}

#[tokio::test]
async fn secrets_that_do_not_work_say_why() {
    let (_, fake) = shop().await;
    assert_eq!(problem_with(&fake, "shpat_wrong").await, Problem::SecretRefused);
    assert_eq!(problem_with(&fake, "one two three").await, Problem::SecretMalformed);
    assert_eq!(problem_with(&fake, &format!("{CLIENT_ID} shpss_wrong")).await, Problem::SecretRefused);
    fake.shop().scopes = vec!["read_products".to_owned()];
    assert_eq!(problem_with(&fake, TOKEN).await, Problem::NotAllowed { missing: "read_orders".to_owned() });
}

#[tokio::test]
async fn a_shop_that_does_not_exist_says_so() {
    let (shopify, _fake) = shop().await;
    let error = Visitor::with_secret(TOKEN).verifies(&shopify, "nobody").await.unwrap_err();
    assert_eq!(error.problem, Problem::NoSuchAccount);
}

#[tokio::test]
async fn a_shop_on_its_own_domain_is_asked_for_its_host_at_shopify() {
    let (shopify, fake) = shop().await;
    fake.shop().offers("Teapot", "48.00");
    let verified = Visitor::with_secret(TOKEN).verifies(&shopify, fake.wire.url().as_str()).await.unwrap();
    assert_eq!(verified.name, HOST);
}

#[tokio::test]
async fn errors_pass_and_nothing_is_lost() {
    let (shopify, fake) = shop().await;
    fake.shop().offers_many(251);
    let visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&shopify, HOST, None).await.unwrap();
    fake.shop().sells(1, "Sold", "5.00", 1, "2026-03-03T12:00:00Z");
    for (fault, problem) in [
        (Fault::Broken, Problem::HttpStatus { status: 500 }),
        (Fault::Malformed, Problem::MalformedAnswer),
        (Fault::Truncated, Problem::MalformedAnswer),
        (Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ] {
        fake.wire.fails_after(1, fault);
        assert_eq!(visitor.fetches(&shopify, HOST, cursor(&first)).await.unwrap_err().problem, problem, "{fault:?}");
    }
    fake.wire.fails_after(2, Fault::TooMany(2));
    let error = visitor.fetches(&shopify, HOST, cursor(&first)).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(2))));
    let fetched = visitor.fetches(&shopify, HOST, cursor(&first)).await.unwrap();
    assert_eq!((trades(&fetched).len(), sales(&fetched).len()), (252, 1));
}

#[tokio::test]
async fn an_app_of_the_shops_own_gets_a_token_a_day() {
    let (shopify, fake) = shop().await;
    fake.shop().offers("Teapot", "48.00");
    let mut visitor = Visitor::with_secret(&format!("{CLIENT_ID} {CLIENT_SECRET}"));
    for _ in 0..3 {
        visitor.fetches(&shopify, HOST, None).await.unwrap();
    }
    assert_eq!(fake.shop().granted, 1);
    visitor.now += SignedDuration::from_hours(24);
    visitor.fetches(&shopify, HOST, None).await.unwrap();
    assert_eq!(fake.shop().granted, 2);
    fake.shop().tokens.clear();
    visitor.fetches(&shopify, HOST, None).await.unwrap();
    assert_eq!(fake.shop().granted, 3, "a token that was withdrawn is got anew");
}
