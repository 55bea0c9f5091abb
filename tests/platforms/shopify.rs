//! The adapter for Shopify: by a shop's address alone, here; with a token, by push and by consent in
//! the files below.

use crate::fakes::Canary;
use crate::fakes::shopify::FakeShopify;
use crate::fakes::wire::Fault;
use crate::fakes::wire::Wire;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::json;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Trade;
use tradepost::platforms::Platform;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::shopify::Shopify;

mod admin;
mod consent;
mod push;

/// The adapter, and the shop it looks at.
async fn shop() -> (Shopify, FakeShopify) {
    let fake = FakeShopify::start().await;
    (adapter(&fake, |_| {}), fake)
}

fn adapter(fake: &FakeShopify, change: impl FnOnce(&mut PlatformSettings)) -> Shopify {
    let mut settings = PlatformSettings::default();
    fake.set_up(&mut settings);
    change(&mut settings);
    Shopify::new(&settings.shopify, true)
}

fn address(fake: &FakeShopify) -> String {
    fake.wire.url().as_str().trim_end_matches('/').to_owned()
}

fn is_complete(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { complete: true, .. })
}

fn goes_on(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { more: true, .. })
}

fn price(trade: &Trade) -> String {
    let amount = |amount: Option<Decimal>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    trade.price.as_ref().map_or_else(String::new, |price| {
        format!("{}-{} {} was {}", price.amount, amount(price.up_to), price.currency.code(), amount(price.old))
    })
}

#[tokio::test]
async fn a_shop_is_read_by_its_address_alone() {
    let (shopify, fake) = shop().await;
    let id = fake.shop().offers("Blue &amp; white Teapot", "48.00");
    fake.shop().products[0]["variants"] = json!([
        {"id": 1, "price": "48.00", "compare_at_price": "60.00", "inventory_quantity": 0},
        {"id": 2, "price": "52.50", "compare_at_price": null, "inventory_quantity": 1},
    ]);
    let typed = format!("{}/products/anything?variant=1", address(&fake));
    let verified = Visitor::new().verifies(&shopify, &typed).await.unwrap();
    assert_eq!(verified.name, address(&fake));
    assert_eq!(verified.label.as_str(), "Joy & Teapots");
    assert!(is_complete(&verified.fetched) && !goes_on(&verified.fetched));
    let [trade] = trades(&verified.fetched) else { panic!("one trade") };
    assert_eq!(trade.external_id.as_str(), id.to_string());
    assert_eq!(trade.title.as_str(), "Blue & white Teapot");
    assert_eq!(price(trade), "48.00-52.50 EUR was 60.00");
    assert_eq!(trade.available, Some(true));
    assert_eq!(trade.link.as_ref().unwrap().as_str(), format!("{}/products/blue-&amp;-white-teapot-{id}", address(&fake)));
    assert_eq!(trade.image.as_ref().unwrap().as_str(), "https://cdn.shopify.com/s/files/1/pot.jpg");
    assert_eq!(trade.categories.iter().map(|category| category.text.as_str()).collect::<Vec<_>>(), ["Kitchen", "Tea", "Blue"]);
    assert_eq!(trade.occurred_at, Some("2026-03-01T14:00:00Z".parse().unwrap()));
    assert_eq!(trade.as_of, Some("2026-03-02T15:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn a_shop_is_named_by_where_it_is_in_the_end() {
    let (shopify, fake) = shop().await;
    fake.shop().offers("Teapot", "48.00");
    let to = format!("{}/products.json?limit=1&page=1", address(&fake));
    let old = Wire::start(Router::new().route("/products.json", get(move || async move { Redirect::permanent(&to) }))).await;
    let verified = Visitor::new().verifies(&shopify, old.url().as_str()).await.unwrap();
    assert_eq!(verified.name, address(&fake));
}

#[tokio::test]
async fn what_is_sold_out_is_not_available() {
    let (shopify, fake) = shop().await;
    fake.shop().offers("Teapot", "48.00");
    fake.shop().products[0]["variants"][0]["inventory_quantity"] = json!(0);
    let fetched = Visitor::new().fetches(&shopify, &address(&fake), None).await.unwrap();
    assert_eq!(trades(&fetched)[0].available, Some(false));
}

#[tokio::test]
async fn an_empty_shop_and_one_with_one_product_are_complete() {
    let (shopify, fake) = shop().await;
    let (visitor, name) = (Visitor::new(), address(&fake));
    let fetched = visitor.fetches(&shopify, &name, None).await.unwrap();
    assert!(titles(&fetched).is_empty() && is_complete(&fetched));
    fake.shop().offers("Teapot", "48.00");
    let fetched = visitor.fetches(&shopify, &name, cursor(&fetched)).await.unwrap();
    assert!(titles(&fetched) == ["Teapot"] && is_complete(&fetched));
}

#[tokio::test]
async fn every_page_of_a_shop_is_read() {
    let (shopify, fake) = shop().await;
    fake.shop().offers_many(501);
    let fetched = Visitor::new().fetches(&shopify, &address(&fake), None).await.unwrap();
    assert_eq!(trades(&fetched).len(), 501);
    assert!(is_complete(&fetched));
    let pages: Vec<String> = fake.wire.paths().into_iter().filter(|path| path.starts_with("/products.json")).collect();
    assert_eq!(pages.last().unwrap(), "/products.json?limit=250&page=3");
}

#[tokio::test]
async fn a_huge_shop_is_read_in_turns_and_never_taken_for_complete() {
    let (shopify, fake) = shop().await;
    fake.shop().offers_many(2_600);
    let (visitor, name) = (Visitor::new(), address(&fake));
    let first = visitor.fetches(&shopify, &name, None).await.unwrap();
    assert!(trades(&first).len() == 2_500 && goes_on(&first) && !is_complete(&first));
    let second = visitor.fetches(&shopify, &name, cursor(&first)).await.unwrap();
    assert!(trades(&second).len() == 100 && !goes_on(&second) && !is_complete(&second));
    let third = visitor.fetches(&shopify, &name, cursor(&second)).await.unwrap();
    assert_eq!(trades(&third).len(), 2_500, "it begins anew");
}

#[tokio::test]
async fn an_unchanged_shop_says_so_and_its_name_is_asked_once_a_day() {
    let (shopify, fake) = shop().await;
    fake.shop().offers("Teapot", "48.00");
    let (mut visitor, name) = (Visitor::new(), address(&fake));
    let first = visitor.fetches(&shopify, &name, None).await.unwrap();
    assert_eq!(visitor.fetches(&shopify, &name, cursor(&first)).await.unwrap(), Fetched::Unchanged);
    fake.shop().offers("Cup", "5.00");
    let second = visitor.fetches(&shopify, &name, cursor(&first)).await.unwrap();
    assert_eq!(titles(&second), ["Cup", "Teapot"]);
    let asked = || fake.wire.paths().iter().filter(|path| *path == "/meta.json").count();
    assert_eq!(asked(), 1);
    visitor.now += SignedDuration::from_hours(25);
    let third = visitor.fetches(&shopify, &name, cursor(&second)).await.unwrap();
    assert_eq!((titles(&third).len(), asked()), (2, 2));
}

#[tokio::test]
async fn the_currency_may_stand_in_the_feed_only_and_without_one_there_is_no_price() {
    let (shopify, fake) = shop().await;
    fake.shop().offers("Teapot", "48.00");
    fake.shop().has_meta = false;
    let (visitor, name) = (Visitor::new(), address(&fake));
    let fetched = visitor.fetches(&shopify, &name, None).await.unwrap();
    assert_eq!(price(&trades(&fetched)[0]), "48.00- EUR was ");
    fake.shop().has_atom = false;
    let fetched = visitor.fetches(&shopify, &name, None).await.unwrap();
    assert_eq!(trades(&fetched)[0].price, None);
}

#[tokio::test]
async fn what_is_no_shop_is_told_from_one_that_is_closed() {
    let (shopify, fake) = shop().await;
    let (visitor, typed) = (Visitor::new(), address(&fake));
    fake.shop().has_password = true;
    assert_eq!(visitor.verifies(&shopify, &typed).await.unwrap_err().problem, Problem::NeedsLogin);
    fake.shop().has_password = false;
    fake.shop().is_closed = true;
    let problem = visitor.verifies(&shopify, &typed).await.unwrap_err().problem;
    assert_eq!(problem, Problem::NotSuchAShop { platform: "shopify".to_owned() });
    assert!(!shopify.stands_at(&visitor.context(), &typed).await);
    fake.shop().is_closed = false;
    assert!(shopify.stands_at(&visitor.context(), &typed).await);
    assert_eq!(visitor.verifies(&shopify, "no shop at all").await.unwrap_err().problem, Problem::NotAnAddress);
}

#[tokio::test]
async fn a_page_that_is_broken_fails_the_whole_fetch_and_nothing_is_lost() {
    let (shopify, fake) = shop().await;
    fake.shop().offers_many(300);
    let (visitor, name) = (Visitor::new(), address(&fake));
    for (fault, problem) in [
        (Fault::Broken, Problem::HttpStatus { status: 500 }),
        (Fault::Malformed, Problem::MalformedAnswer),
        (Fault::Truncated, Problem::MalformedAnswer),
        (Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ] {
        fake.wire.fails_after(1, fault);
        assert_eq!(visitor.fetches(&shopify, &name, None).await.unwrap_err().problem, problem, "{fault:?}");
    }
    fake.wire.fails_after(1, Fault::TooMany(7));
    let error = visitor.fetches(&shopify, &name, None).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(7))));
    fake.wire.fails_after(2, Fault::Broken);
    let error = visitor.fetches(&shopify, &name, None).await.unwrap_err();
    assert!(error.problem.may_pass(), "nothing is told without its price because a server was slow");
    let fetched = visitor.fetches(&shopify, &name, None).await.unwrap();
    assert_eq!(trades(&fetched).len(), 300);
}

#[tokio::test]
async fn a_cursor_of_another_time_counts_as_none() {
    let (shopify, fake) = shop().await;
    fake.shop().offers("Teapot", "48.00");
    let fetched = Visitor::new().fetches(&shopify, &address(&fake), Some("{\"page\":\"x\"}")).await.unwrap();
    assert_eq!(titles(&fetched), ["Teapot"]);
}
