//! The adapter for Discogs.

use crate::fakes::Canary;
use crate::fakes::discogs::FakeDiscogs;
use crate::fakes::discogs::TOKEN;
use crate::fakes::discogs::USER;
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
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::discogs::Discogs;

const TODAY: &str = "2026-03-03T11:30:00Z";

async fn market() -> (Discogs, FakeDiscogs) {
    let fake = FakeDiscogs::start().await;
    let mut settings = PlatformSettings::default();
    fake.set_up(&mut settings);
    (Discogs::new(&settings.discogs, false), fake)
}

fn is_complete(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { complete: true, .. })
}

fn goes_on(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { more: true, .. })
}

fn sales(fetched: &Fetched) -> Vec<&Trade> {
    trades(fetched).iter().filter(|trade| trade.kind == Kind::Sale).collect()
}

#[tokio::test]
async fn an_inventory_is_read_by_name_alone() {
    let (discogs, fake) = market().await;
    fake.market().offers("LCD Soundsystem - The Long Goodbye (5xLP + Box)", "149.99");
    fake.market().offers("sold since", "1.00")["status"] = json!("Sold");
    let verified = Visitor::new().verifies(&discogs, "https://www.discogs.com/seller/vinyl_joy/profile").await.unwrap();
    assert_eq!((verified.name.as_str(), verified.label.as_str()), (USER, USER));
    assert!(is_complete(&verified.fetched));
    let [trade] = trades(&verified.fetched) else { panic!("one trade") };
    assert_eq!(trade.title.as_str(), "LCD Soundsystem - The Long Goodbye (5xLP + Box)");
    let price = trade.price.as_ref().unwrap();
    assert_eq!((price.amount.to_string().as_str(), price.currency.code()), ("149.99", "USD"));
    assert_eq!(trade.link.as_ref().unwrap().as_str(), "https://www.discogs.com/sell/item/150899905");
    assert_eq!(trade.occurred_at, Some("2026-03-01T18:20:17Z".parse().unwrap()));
    let categories: Vec<_> = trade.categories.iter().map(|category| (category.scheme.as_deref(), category.text.as_str())).collect();
    assert_eq!(categories, [(Some("google_product_category"), "855"), (None, "5xLP + Box")]);
    assert!(!format!("{verified:?}").contains("CANARY"));
}

#[tokio::test]
async fn an_empty_inventory_and_one_offer_are_complete() {
    let (discogs, fake) = market().await;
    let fetched = Visitor::new().fetches(&discogs, USER, None).await.unwrap();
    assert!(titles(&fetched).is_empty() && is_complete(&fetched));
    fake.market().offers("One", "10");
    let fetched = Visitor::new().fetches(&discogs, USER, None).await.unwrap();
    assert!(titles(&fetched) == ["One"] && is_complete(&fetched));
}

#[tokio::test]
async fn every_page_is_read_up_to_the_newest_thousand() {
    let (discogs, fake) = market().await;
    for number in 0..201 {
        fake.market().offers(&format!("LP {number}"), "5");
    }
    let visitor = Visitor::new();
    let fetched = visitor.fetches(&discogs, USER, None).await.unwrap();
    assert!(trades(&fetched).len() == 201 && is_complete(&fetched));
    for number in 0..900 {
        fake.market().offers(&format!("Single {number}"), "5");
    }
    let fetched = visitor.fetches(&discogs, USER, None).await.unwrap();
    assert!(trades(&fetched).len() == 1_000 && !is_complete(&fetched) && !goes_on(&fetched));
    assert_eq!(titles(&fetched)[0], "Single 899", "the newest are among them");
}

#[tokio::test]
async fn a_token_shows_what_was_sold_and_nobody_who_bought() {
    let (discogs, fake) = market().await;
    fake.market().sells("long ago", "Shipped", "2026-01-01T00:00:00Z");
    for status in ["New Order", "Invoice Sent", "Payment Pending", "Refund Sent", "Cancelled (Non-Paying Buyer)", "Merged"] {
        fake.market().sells(status, status, TODAY);
    }
    for status in ["Payment Received", "In Progress", "Shipped"] {
        fake.market().sells(status, status, TODAY);
    }
    let verified = Visitor::with_secret(TOKEN).verifies(&discogs, "").await.unwrap();
    assert_eq!(verified.name, USER);
    let mut sold: Vec<&str> = sales(&verified.fetched).iter().map(|sale| sale.title.as_str()).collect();
    sold.sort_unstable();
    assert_eq!(sold, ["In Progress", "Payment Received", "Shipped"]);
    let sale = sales(&verified.fetched)[0];
    let price = sale.price.as_ref().unwrap();
    assert_eq!((price.amount.normalize().to_string().as_str(), price.currency.code()), ("42", "USD"));
    assert_eq!(sale.link.as_ref().unwrap().as_str(), "https://www.discogs.com/release/1");
    assert!(sale.external_id.as_str().starts_with("sale:1-"));
    assert!(!format!("{verified:?}").contains("CANARY"));
}

#[tokio::test]
async fn orders_are_read_back_to_two_minutes_before_the_last_time() {
    let (discogs, fake) = market().await;
    let mut visitor = Visitor::with_secret(TOKEN);
    fake.market().sells("First", "Shipped", "2026-03-03T11:00:00Z");
    let first = visitor.fetches(&discogs, USER, None).await.unwrap();
    assert_eq!(titles(&first), ["First"]);
    visitor.now += SignedDuration::from_mins(10);
    fake.market().sells("Late", "Shipped", "2026-03-03T11:58:30Z");
    let second = visitor.fetches(&discogs, USER, cursor(&first)).await.unwrap();
    assert_eq!(titles(&second), ["Late"]);
}

#[tokio::test]
async fn many_orders_are_read_in_turns() {
    let (discogs, fake) = market().await;
    for number in 0..1_001 {
        fake.market().sells(&format!("LP {number}"), "Shipped", TODAY);
    }
    let mut visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&discogs, USER, None).await.unwrap();
    assert!(sales(&first).len() == 1_000 && goes_on(&first));
    fake.market().sells("Meanwhile", "Shipped", "2026-03-03T12:00:30Z");
    visitor.now += SignedDuration::from_mins(30);
    let second = visitor.fetches(&discogs, USER, cursor(&first)).await.unwrap();
    assert!(titles(&second).contains(&"LP 0") && !goes_on(&second));
    let third = visitor.fetches(&discogs, USER, cursor(&second)).await.unwrap();
    assert_eq!(titles(&third), ["Meanwhile"]);
}

#[tokio::test]
async fn who_is_not_there_or_not_let_in_is_told() {
    let (discogs, fake) = market().await;
    let problem = |visitor: Visitor, typed: &'static str| {
        let discogs = &discogs;
        async move { visitor.verifies(discogs, typed).await.unwrap_err().problem }
    };
    assert_eq!(problem(Visitor::new(), "nobody").await, Problem::NoSuchAccount);
    assert_eq!(problem(Visitor::new(), "no body").await, Problem::NoSuchAccount);
    assert_eq!(problem(Visitor::with_secret("wrong"), USER).await, Problem::SecretRefused);
    assert_eq!(problem(Visitor::with_secret("two words"), USER).await, Problem::SecretMalformed);
    assert_eq!(problem(Visitor::with_secret(TOKEN), "somebody").await, Problem::NotAllowed { missing: "somebody".to_owned() });
    fake.market().hides_orders = true;
    assert_eq!(problem(Visitor::with_secret(TOKEN), USER).await, Problem::NotAllowed { missing: String::new() });
}

#[tokio::test]
async fn a_page_that_fails_fails_the_whole_fetch_and_nothing_is_lost() {
    let (discogs, fake) = market().await;
    for number in 0..101 {
        fake.market().offers(&format!("LP {number}"), "5");
    }
    let visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&discogs, USER, None).await.unwrap();
    fake.market().sells("Sold", "Shipped", "2026-03-03T12:00:00Z");
    for (after, fault, problem) in [
        (1, Fault::Broken, Problem::HttpStatus { status: 500 }),
        (2, Fault::Broken, Problem::HttpStatus { status: 500 }),
        (1, Fault::Malformed, Problem::MalformedAnswer),
        (0, Fault::Truncated, Problem::MalformedAnswer),
        (2, Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ] {
        fake.wire.fails_after(after, fault);
        assert_eq!(visitor.fetches(&discogs, USER, cursor(&first)).await.unwrap_err().problem, problem, "{fault:?}");
    }
    fake.wire.fails_after(0, Fault::TooMany(50));
    let error = visitor.fetches(&discogs, USER, cursor(&first)).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(50))));
    let fetched = visitor.fetches(&discogs, USER, cursor(&first)).await.unwrap();
    assert_eq!((trades(&fetched).len(), sales(&fetched).len()), (102, 1));
}
