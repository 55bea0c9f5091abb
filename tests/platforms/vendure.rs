//! The adapter for Vendure, where a real one cannot be made to fail. What a real one says is tested in
//! tests/it/vendure.rs.

use crate::fakes::CANARY;
use crate::fakes::vendure::ADMINISTRATOR;
use crate::fakes::vendure::CUSTOMER;
use crate::fakes::vendure::Shop;
use crate::fakes::vendure::Vendure as Fake;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use axum::Router;
use axum::routing::any;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::platforms::FetchError;
use tradepost::platforms::LinkTemplate;
use tradepost::platforms::Platform;
use tradepost::platforms::vendure::Vendure;
use tradepost::platforms::vendure::VendureSettings;

fn adapter() -> Vendure {
    Vendure::new(&VendureSettings::default(), true)
}

async fn added(visitor: &Visitor, adapter: &Vendure, fake: &Fake) -> Fetched {
    visitor.verifies(adapter, &fake.typed()).await.unwrap().fetched
}

async fn polled(visitor: &Visitor, adapter: &Vendure, fake: &Fake, after: &Fetched) -> Result<Fetched, FetchError> {
    visitor.fetches(adapter, fake.wire.url().as_str(), cursor(after)).await
}

/// Polls as long as there is more to be fetched at once; gives all that came, and the last one.
async fn polled_to_the_end(visitor: &Visitor, adapter: &Vendure, fake: &Fake, first: Fetched) -> (Vec<Trade>, Fetched) {
    let mut all = trades(&first).to_vec();
    let mut last = first;
    while matches!(last, Fetched::Changed { more: true, .. }) {
        last = polled(visitor, adapter, fake, &last).await.unwrap();
        all.extend_from_slice(trades(&last));
    }
    (all, last)
}

fn is_complete(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { complete: true, more: false, .. })
}

fn ids(trades: &[Trade]) -> BTreeSet<&str> {
    trades.iter().map(|trade| trade.external_id.as_str()).collect()
}

fn of(kind: Kind, fetched: &Fetched) -> Vec<&Trade> {
    trades(fetched).iter().filter(|trade| trade.kind == kind).collect()
}

#[tokio::test]
async fn all_pages_are_read_and_each_product_comes_once() {
    let fake = Fake::start().await;
    (1..=250).for_each(|n| drop(fake.shop().offers(&format!("Cup {n}"), n)));
    let fetched = added(&Visitor::new(), &adapter(), &fake).await;
    assert!(is_complete(&fetched));
    assert_eq!((trades(&fetched).len(), ids(trades(&fetched)).len(), fake.wire.requests()), (250, 250, 1 + 3));
}

#[tokio::test]
async fn an_empty_shop_and_one_with_a_single_product_are_shops_too() {
    let (fake, adapter) = (Fake::start().await, adapter());
    let visitor = Visitor { links: LinkTemplate::parse("https://tea.example/{slug}/{id}/{sku}"), ..Visitor::new() };
    let fetched = added(&visitor, &adapter, &fake).await;
    assert!(is_complete(&fetched) && trades(&fetched).is_empty());

    fake.shop().offers("Tea &amp; <b>pot</b>", 3_599);
    let fetched = polled(&visitor, &adapter, &fake, &fetched).await.unwrap();
    let [teapot] = trades(&fetched) else { panic!("{fetched:?}") };
    assert_eq!((teapot.kind, teapot.title.as_str(), teapot.external_id.as_str()), (Kind::Listing, "Tea & pot", "1"));
    assert_eq!(teapot.price.as_ref().unwrap().amount.to_string(), "35.99");
    assert_eq!(teapot.link.as_ref().unwrap().as_str(), "https://tea.example/slug-1/1/SKU-1");
    assert_eq!(teapot.image.as_ref().unwrap().as_str(), "http://127.0.0.1/1.jpg");
    let categories: Vec<&str> = teapot.categories.iter().map(|category| category.text.as_str()).collect();
    assert_eq!(categories, ["Tea", "Category > Kitchen"]);
}

#[tokio::test]
async fn without_a_template_there_is_no_link_and_without_variants_no_trade() {
    let fake = Fake::start().await;
    fake.shop().offers("Teapot", 3_500);
    let empty = fake.shop().offers("Idea", 1);
    fake.shop().product(&empty)["variants"] = json!([]);
    let fetched = added(&Visitor::new(), &adapter(), &fake).await;
    assert_eq!((titles(&fetched), is_complete(&fetched)), (vec!["Teapot"], true));
    assert_eq!(trades(&fetched)[0].link, None);
}

#[tokio::test]
async fn a_list_that_changes_while_it_is_read_is_not_believed_to_be_whole() {
    let changes: [fn(&mut Shop); 2] = [|shop| shop.deletes("1"), |shop| drop(shop.offers("Saucer", 1))];
    for change in changes {
        let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::new());
        (1..=150).for_each(|n| drop(fake.shop().offers(&format!("Cup {n}"), n)));
        fake.shop().meanwhile = Some((0, change));
        let fetched = added(&visitor, &adapter, &fake).await;
        assert!(!is_complete(&fetched));
        let fetched = polled(&visitor, &adapter, &fake, &fetched).await.unwrap();
        assert!(is_complete(&fetched));
    }
}

#[tokio::test]
async fn a_large_shop_is_read_once_as_a_whole_and_then_in_parts() {
    let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::new());
    fake.shop().limit = 10;
    (1..=250).for_each(|n| drop(fake.shop().offers(&format!("Cup {n}"), n)));
    let first = added(&visitor, &adapter, &fake).await;
    let (all, last) = polled_to_the_end(&visitor, &adapter, &fake, first).await;
    assert_eq!((all.len(), ids(&all).len()), (250, 250));
    assert!(!is_complete(&last));

    // What is new comes at once, and what is dearer at the latest with the last part.
    fake.shop().offers("Teapot", 1);
    fake.shop().product("200")["variants"][0]["priceWithTax"] = json!(77_700);
    let requests = fake.wire.requests();
    let mut fetched = polled(&visitor, &adapter, &fake, &last).await.unwrap();
    assert!(titles(&fetched).contains(&"Teapot"));
    assert_eq!(fake.wire.requests() - requests, 10);
    let mut dearer = false;
    for _ in 0..3 {
        assert!(matches!(fetched, Fetched::Changed { complete: false, more: false, .. }));
        let found = trades(&fetched).iter().find(|trade| trade.external_id.as_str() == "200");
        dearer |= found.is_some_and(|trade| trade.price.as_ref().unwrap().amount.to_string() == "777.00");
        fetched = polled(&visitor, &adapter, &fake, &fetched).await.unwrap();
    }
    assert!(dearer);
}

#[tokio::test]
async fn sales_are_the_paid_orders_and_nothing_of_who_bought_is_kept() {
    let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::with_secret(ADMINISTRATOR));
    let teapot = fake.shop().offers("Teapot", 35_000);
    fake.shop().decimals = 3;
    for state in ["AddingItems", "ArrangingPayment", "PaymentAuthorized", "Cancelled", "PaymentSettled", "Delivered"] {
        fake.shop().sells(&teapot, 2, state);
    }
    let seller = fake.shop().sells(&teapot, 1, "PaymentSettled");
    fake.shop().order(&seller)["type"] = json!("Seller");
    let returned = fake.shop().sells(&teapot, 0, "Shipped");
    let large = fake.shop().sells(&teapot, 1, "Shipped");
    fake.shop().order(&large)["lines"][0]["productVariant"]["name"] = json!("Teapot, large");
    let fetched = added(&visitor, &adapter, &fake).await;
    let mut sold: Vec<_> = of(Kind::Sale, &fetched).iter().map(|sale| (sale.external_id.as_str(), sale.title.as_str())).collect();
    sold.sort_unstable();
    assert_eq!(sold, [("sale:5:50", "Teapot"), ("sale:6:60", "Teapot"), ("sale:9:90", "Teapot, large")], "{returned}");
    let sale = of(Kind::Sale, &fetched)[0];
    assert_eq!((sale.price.as_ref().unwrap().amount.to_string().as_str(), sale.quantity), ("35.000", Some(2)));
    assert_eq!(of(Kind::Listing, &fetched)[0].price.as_ref().unwrap().amount.to_string(), "35.000");
    assert!(is_complete(&fetched));
    assert!(!format!("{fetched:?}").contains(CANARY), "{fetched:?}");
}

#[tokio::test]
async fn an_order_is_told_of_when_it_is_paid_however_late() {
    for (secret, kind) in [(ADMINISTRATOR, Kind::Sale), (CUSTOMER, Kind::Purchase)] {
        let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::with_secret(secret));
        let teapot = fake.shop().offers("Teapot", 3_500);
        let waiting = fake.shop().sells(&teapot, 1, "PaymentAuthorized");
        (0..200).for_each(|_| drop(fake.shop().sells(&teapot, 1, "PaymentSettled")));
        let first = added(&visitor, &adapter, &fake).await;
        assert_eq!(of(kind, &first).len(), 200);
        let second = polled(&visitor, &adapter, &fake, &first).await.unwrap();
        assert!(of(kind, &second).iter().all(|trade| !trade.external_id.as_str().starts_with(&format!("{kind}:{waiting}:"))));

        fake.shop().order(&waiting)["state"] = json!("PaymentSettled");
        let third = polled(&visitor, &adapter, &fake, &second).await.unwrap();
        assert!(of(kind, &third).iter().any(|trade| trade.external_id.as_str() == format!("{kind}:{waiting}:{waiting}0")));
        let fourth = polled(&visitor, &adapter, &fake, &third).await.unwrap();
        assert!(of(kind, &fourth).len() < of(kind, &third).len());
    }
}

#[tokio::test]
async fn many_orders_come_in_parts_and_none_is_lost() {
    let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::with_secret(CUSTOMER));
    fake.shop().limit = 10;
    let teapot = fake.shop().offers("Teapot", 3_500);
    (0..250).for_each(|_| drop(fake.shop().sells(&teapot, 1, "PaymentSettled")));
    fake.shop().meanwhile = Some((3, |shop| (0..15).for_each(|_| drop(shop.sells("1", 1, "PaymentSettled")))));
    let first = added(&visitor, &adapter, &fake).await;
    assert_eq!(trades(&first).len(), 85);
    let (mut all, last) = polled_to_the_end(&visitor, &adapter, &fake, first).await;
    all.extend_from_slice(trades(&polled(&visitor, &adapter, &fake, &last).await.unwrap()));
    assert_eq!(ids(&all).len(), 265);
    assert!(all.iter().all(|trade| trade.kind == Kind::Purchase));
}

#[tokio::test]
async fn a_session_is_used_as_long_as_it_lasts_and_begun_again_once() {
    for secret in [ADMINISTRATOR, CUSTOMER] {
        let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::with_secret(secret));
        let teapot = fake.shop().offers("Teapot", 3_500);
        fake.shop().sells(&teapot, 1, "PaymentSettled");
        let first = added(&visitor, &adapter, &fake).await;
        let logins = fake.shop().logins;
        let second = polled(&visitor, &adapter, &fake, &first).await.unwrap();
        assert_eq!(fake.shop().logins, logins);

        fake.shop().ends_sessions();
        let third = polled(&visitor, &adapter, &fake, &second).await.unwrap();
        assert_eq!((fake.shop().logins, trades(&third)), (logins + 1, trades(&second)));

        // A program that has just started knows no session, but whose the secret is.
        let fourth = polled(&visitor, &self::adapter(), &fake, &third).await.unwrap();
        assert_eq!((fake.shop().logins, trades(&fourth)), (logins + 2, trades(&second)));
    }
}

#[tokio::test]
async fn who_may_not_see_orders_is_told_what_is_missing() {
    let fake = Fake::start().await;
    fake.shop().shows_orders = false;
    let refused = Visitor::with_secret(ADMINISTRATOR).verifies(&adapter(), &fake.typed()).await;
    assert_eq!(refused.unwrap_err().problem, Problem::NotAllowed { missing: "ReadOrder".to_owned() });
    assert_eq!(fake.shop().logins, 2);
}

#[tokio::test]
async fn a_secret_that_is_wrong_or_no_pair_lets_nobody_in() {
    let fake = Fake::start().await;
    for (secret, problem) in [("keeper wrong", Problem::SecretRefused), ("keeper", Problem::SecretMalformed)] {
        let refused = Visitor::with_secret(secret).verifies(&adapter(), &fake.typed()).await;
        assert_eq!(refused.unwrap_err().problem, problem);
    }
    // What was good once is looked at again when it is added again.
    let (adapter, visitor) = (adapter(), Visitor::with_secret(CUSTOMER));
    added(&visitor, &adapter, &fake).await;
    let logins = fake.shop().logins;
    added(&visitor, &adapter, &fake).await;
    assert!(fake.shop().logins > logins);
}

#[tokio::test]
async fn a_customer_gets_in_where_the_way_for_those_who_keep_the_shop_is_closed() {
    let fake = Fake::start().await;
    fake.shop().has_admin = false;
    let teapot = fake.shop().offers("Teapot", 3_500);
    fake.shop().sells(&teapot, 1, "PaymentSettled");
    let fetched = added(&Visitor::with_secret(CUSTOMER), &adapter(), &fake).await;
    let [purchase] = trades(&fetched) else { panic!("{fetched:?}") };
    assert_eq!(purchase.kind, Kind::Purchase);
    assert!(!is_complete(&fetched));
    assert!(!format!("{fetched:?}").contains(CANARY), "{fetched:?}");
    let refused = Visitor::with_secret(ADMINISTRATOR).verifies(&adapter(), &fake.typed()).await;
    assert_eq!(refused.unwrap_err().problem, Problem::SecretRefused);
}

#[tokio::test]
async fn a_fault_anywhere_fails_the_whole_poll_and_nothing_is_lost() {
    let faults = [
        (Fault::Broken, Problem::HttpStatus { status: 500 }),
        (Fault::TooMany(7), Problem::AskedToWait),
        (Fault::Malformed, Problem::MalformedAnswer),
        (Fault::Truncated, Problem::MalformedAnswer),
        (Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ];
    for (fault, problem) in faults {
        let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::with_secret(ADMINISTRATOR));
        (1..=120).for_each(|n| drop(fake.shop().offers(&format!("Cup {n}"), n)));
        let before = added(&visitor, &adapter, &fake).await;
        fake.shop().sells("1", 1, "PaymentSettled");
        fake.shop().offers("Teapot", 3_500);
        // Orders, the first page of products, the second.
        for more in 0..3 {
            fake.wire.fails_after(more, fault);
            let error = polled(&visitor, &adapter, &fake, &before).await.unwrap_err();
            assert_eq!(error.problem, problem, "{fault:?} {more}");
            assert_eq!(error.retry_after, (problem == Problem::AskedToWait).then_some(Duration::from_secs(7)));
        }
        let after = polled(&visitor, &adapter, &fake, &before).await.unwrap();
        assert_eq!((of(Kind::Sale, &after).len(), of(Kind::Listing, &after).len(), is_complete(&after)), (1, 121, true));
    }
}

#[tokio::test]
async fn a_fault_when_logging_in_does_not_mean_that_the_password_is_wrong() {
    let fake = Fake::start().await;
    fake.wire.fails_after(1, Fault::Broken);
    let failed = Visitor::with_secret(ADMINISTRATOR).verifies(&adapter(), &fake.typed()).await;
    assert_eq!(failed.unwrap_err().problem, Problem::HttpStatus { status: 500 });
}

#[tokio::test]
async fn what_the_shop_says_of_an_error_is_understood() {
    let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::new());
    let fetched = added(&visitor, &adapter, &fake).await;
    for (code, problem) in [
        ("INTERNAL_SERVER_ERROR", Problem::HttpStatus { status: 503 }),
        ("FORBIDDEN", Problem::SecretNeeded),
        ("CHANNEL_NOT_FOUND", Problem::NoSuchAccount),
        ("GRAPHQL_VALIDATION_FAILED", Problem::refused("GRAPHQL_VALIDATION_FAILED")),
        ("", Problem::MalformedAnswer),
    ] {
        fake.shop().refuses_with = Some(code);
        assert_eq!(polled(&visitor, &adapter, &fake, &fetched).await.unwrap_err().problem, problem, "{code}");
    }
}

#[tokio::test]
async fn another_server_is_no_shop_of_this_kind() {
    let fake = Fake::start().await;
    let (adapter, visitor) = (adapter(), Visitor::new());
    assert!(adapter.stands_at(&visitor.context(), &fake.typed()).await);
    assert!(!adapter.recognises(&fake.typed()));

    let page = crate::fakes::wire::Wire::start(Router::new().fallback(any(async || "<html>a page</html>"))).await;
    let other = crate::fakes::wire::Wire::start(Router::new().fallback(any(async || r#"{"data":{"me":null}}"#))).await;
    let nothing = crate::fakes::wire::Wire::start(Router::new()).await;
    for wire in [page, other, nothing] {
        let refused = visitor.verifies(&adapter, wire.url().as_str()).await.unwrap_err().problem;
        assert_eq!(refused, Problem::NotSuchAShop { platform: "Vendure".to_owned() });
        assert!(!adapter.stands_at(&visitor.context(), wire.url().as_str()).await);
    }
    assert_eq!(visitor.verifies(&adapter, "teapots").await.unwrap_err().problem, Problem::NotAnAddress);
}

#[tokio::test]
async fn a_cursor_that_cannot_be_read_counts_as_none() {
    let (fake, adapter, visitor) = (Fake::start().await, adapter(), Visitor::with_secret(CUSTOMER));
    let teapot = fake.shop().offers("Teapot", 3_500);
    fake.shop().sells(&teapot, 1, "PaymentSettled");
    for cursor in [None, Some("?"), Some("[1]"), Some("{}")] {
        let fetched = visitor.fetches(&adapter, fake.wire.url().as_str(), cursor).await.unwrap();
        assert_eq!(titles(&fetched), ["Teapot"], "{cursor:?}");
    }
}
