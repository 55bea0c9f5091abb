//! What a seller sold at eBay.

use super::NAME;
use super::goes_on;
use super::market;
use super::price;
use crate::fakes::ebay::SELLER;
use crate::fakes::ebay::TOKEN;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use jiff::SignedDuration;
use serde_json::json;
use tradepost::domain::problem::Problem;
use tradepost::domain::trade::Kind;

const TODAY: &str = "2026-03-03T11:30:00Z";

#[tokio::test]
async fn a_token_shows_what_was_sold_and_nobody_who_bought() {
    let (ebay, fake) = market().await;
    fake.market().offers(SELLER, "Teapot", "48.00");
    fake.market().sells("Two cups", "21.00", 2, TODAY);
    fake.market().sells("unpaid", "1.00", 1, TODAY)["orderPaymentStatus"] = json!("PENDING");
    fake.market().sells("refunded", "1.00", 1, TODAY)["orderPaymentStatus"] = json!("FULLY_REFUNDED");
    fake.market().sells("cancelled", "1.00", 1, TODAY)["cancelStatus"]["cancelState"] = json!("CANCELED");
    fake.market().sells("long ago", "1.00", 1, "2026-01-01T00:00:00Z");
    let verified = Visitor::with_secret(TOKEN).verifies(&ebay, "").await.unwrap();
    assert_eq!(verified.name, "ebay.de/usr/joy.pots", "the site where she is at home");
    let [listing, sale] = trades(&verified.fetched) else { panic!("two trades") };
    assert_eq!((listing.kind, sale.kind), (Kind::Listing, Kind::Sale));
    assert_eq!((sale.title.as_str(), price(sale).as_str(), sale.quantity), ("Two cups", "10.50 EUR was ", Some(2)));
    assert_eq!(sale.link.as_ref().unwrap().as_str(), "https://www.ebay.de/itm/110000000007");
    assert_eq!(sale.occurred_at, Some(TODAY.parse().unwrap()));
    assert!(sale.external_id.as_str().starts_with("sale:12-"));
    assert!(!format!("{verified:?}").contains("CANARY"));
}

#[tokio::test]
async fn orders_are_asked_for_from_two_minutes_before_the_last_time() {
    let (ebay, fake) = market().await;
    let mut visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&ebay, NAME, None).await.unwrap();
    visitor.now += SignedDuration::from_mins(15);
    fake.market().sells("Late", "5.00", 1, "2026-03-03T11:58:30Z");
    let second = visitor.fetches(&ebay, NAME, cursor(&first)).await.unwrap();
    assert_eq!(titles(&second), ["Late"]);
    let asked = fake.wire.paths().pop().unwrap();
    assert!(asked.contains("lastmodifieddate%3A%5B2026-03-03T11%3A58%3A00.000Z..%5D"), "{asked}");
    let third = visitor.fetches(&ebay, NAME, cursor(&second)).await.unwrap();
    assert!(titles(&third).is_empty());
}

#[tokio::test]
async fn every_page_of_orders_is_read_and_what_slipped_between_pages_is_read_again() {
    let (ebay, fake) = market().await;
    for number in 0..401 {
        fake.market().sells(&format!("Cup {number}"), "5.00", 1, TODAY);
    }
    let mut visitor = Visitor::with_secret(TOKEN);
    fake.market().hidden = 1;
    let first = visitor.fetches(&ebay, NAME, None).await.unwrap();
    assert!(trades(&first).len() == 401 && !goes_on(&first));
    fake.market().hidden = 0;
    visitor.now += SignedDuration::from_mins(15);
    let second = visitor.fetches(&ebay, NAME, cursor(&first)).await.unwrap();
    assert_eq!(trades(&second).len(), 401, "from the beginning");
    let third = visitor.fetches(&ebay, NAME, cursor(&second)).await.unwrap();
    assert!(trades(&third).is_empty());
}

#[tokio::test]
async fn many_orders_are_read_in_turns() {
    let (ebay, fake) = market().await;
    for number in 0..2_001 {
        fake.market().sells(&format!("Cup {number}"), "5.00", 1, TODAY);
    }
    let mut visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&ebay, NAME, None).await.unwrap();
    assert!(trades(&first).len() == 2_000 && goes_on(&first));
    visitor.now += SignedDuration::from_mins(15);
    let second = visitor.fetches(&ebay, NAME, cursor(&first)).await.unwrap();
    assert!(titles(&second) == ["Cup 0"] && !goes_on(&second));
    fake.market().sells("Meanwhile", "5.00", 1, "2026-03-03T12:01:00Z");
    let third = visitor.fetches(&ebay, NAME, cursor(&second)).await.unwrap();
    assert_eq!(titles(&third), ["Meanwhile"]);
}

#[tokio::test]
async fn tokens_that_do_not_work_say_why() {
    let (ebay, fake) = market().await;
    let error = Visitor::with_secret("v^1.1#wrong").verifies(&ebay, SELLER).await.unwrap_err();
    assert_eq!(error.problem, Problem::SecretRefused);
    let error = Visitor::with_secret(TOKEN).verifies(&ebay, "quiet").await.unwrap_err();
    assert_eq!(error.problem, Problem::NotAllowed { missing: "quiet".to_owned() });
    let scope = "https://api.ebay.com/oauth/api_scope/commerce.identity.readonly";
    fake.market().user_tokens.insert(TOKEN.to_owned(), scope.to_owned());
    let error = Visitor::with_secret(TOKEN).verifies(&ebay, SELLER).await.unwrap_err();
    assert_eq!(error.problem, Problem::NotAllowed { missing: "sell.fulfillment.readonly".to_owned() });
}

#[tokio::test]
async fn errors_among_the_orders_pass_and_nothing_is_lost() {
    let (ebay, fake) = market().await;
    let visitor = Visitor::with_secret(TOKEN);
    let first = visitor.fetches(&ebay, NAME, None).await.unwrap();
    for number in 0..201 {
        fake.market().sells(&format!("Cup {number}"), "5.00", 1, "2026-03-03T12:00:00Z");
    }
    for (after, fault, problem) in [
        (1, Fault::Broken, Problem::HttpStatus { status: 500 }),
        (2, Fault::Broken, Problem::HttpStatus { status: 500 }),
        (2, Fault::Malformed, Problem::MalformedAnswer),
        (1, Fault::TooMany(3), Problem::AskedToWait),
        (1, Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ] {
        fake.wire.fails_after(after, fault);
        assert_eq!(visitor.fetches(&ebay, NAME, cursor(&first)).await.unwrap_err().problem, problem, "{fault:?}");
    }
    assert_eq!(trades(&visitor.fetches(&ebay, NAME, cursor(&first)).await.unwrap()).len(), 201);
}
