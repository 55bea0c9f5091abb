//! The adapter for Etsy: the feed here; sales and consent below.

use crate::fakes::Canary;
use crate::fakes::etsy::FakeEtsy;
use crate::fakes::etsy::SHOP;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::etsy::Etsy;
use tradepost::platforms::etsy::EtsySettings;

mod receipts;

async fn shop() -> (Etsy, FakeEtsy) {
    let fake = FakeEtsy::start().await;
    (adapter(&fake, |_| {}), fake)
}

fn adapter(fake: &FakeEtsy, change: impl FnOnce(&mut EtsySettings)) -> Etsy {
    let mut settings = PlatformSettings::default();
    fake.set_up(&mut settings);
    change(&mut settings.etsy);
    Etsy::new(&settings.etsy, false)
}

#[tokio::test]
async fn a_shop_is_read_by_name_alone() {
    let (etsy, fake) = shop().await;
    let number = fake.shop().offers("Mug &amp;quot;Dawn&amp;quot;", "38.00 USD");
    let verified = Visitor::new().verifies(&etsy, "https://www.etsy.com/uk/shop/joyteapots").await.unwrap();
    assert_eq!((verified.name.as_str(), verified.label.as_str()), (SHOP, SHOP));
    assert!(matches!(verified.fetched, Fetched::Changed { complete: false, more: false, .. }));
    let [trade] = trades(&verified.fetched) else { panic!("one trade") };
    assert_eq!(trade.title.as_str(), "Mug \"Dawn\"");
    assert_eq!(trade.external_id.as_str(), number.to_string());
    let price = trade.price.as_ref().unwrap();
    assert_eq!((price.amount.to_string().as_str(), price.currency.code()), ("38.00", "USD"));
    assert_eq!(trade.link.as_ref().unwrap().as_str(), format!("https://www.etsy.com/listing/{number}/mug"));
    assert_eq!(trade.occurred_at, Some("2026-03-02T08:00:00Z".parse().unwrap()));
    assert!(!format!("{verified:?}").contains("CANARY"));
}

#[tokio::test]
async fn an_empty_shop_has_nothing_and_a_full_one_its_newest_offers() {
    let (etsy, fake) = shop().await;
    let visitor = Visitor::new();
    let fetched = visitor.fetches(&etsy, SHOP, None).await.unwrap();
    assert!(titles(&fetched).is_empty());
    for number in 0..25 {
        fake.shop().offers(&format!("Mug {number}"), "38.00 USD");
    }
    let fetched = visitor.fetches(&etsy, SHOP, cursor(&fetched)).await.unwrap();
    assert_eq!((trades(&fetched).len(), titles(&fetched)[0]), (10, "Mug 24"));
    assert_eq!(visitor.fetches(&etsy, SHOP, cursor(&fetched)).await.unwrap(), Fetched::Unchanged);
}

#[tokio::test]
async fn an_offer_that_is_renewed_is_the_same_one() {
    let (etsy, fake) = shop().await;
    let visitor = Visitor::new();
    fake.shop().offers("Mug", "38.00 USD");
    let first = visitor.fetches(&etsy, SHOP, None).await.unwrap();
    let mut renewed = fake.shop().listings[0].clone();
    renewed.3 = "Tue, 03 Mar 2026 06:00:00 -0500 ".to_owned();
    fake.shop().listings.push(renewed);
    let second = visitor.fetches(&etsy, SHOP, cursor(&first)).await.unwrap();
    assert_eq!(trades(&second).len(), 1);
    assert_eq!(trades(&first)[0].external_id, trades(&second)[0].external_id);
}

#[tokio::test]
async fn who_is_not_there_is_told_from_who_does_not_answer() {
    let (etsy, fake) = shop().await;
    let visitor = Visitor::new();
    assert_eq!(visitor.verifies(&etsy, "nobody").await.unwrap_err().problem, Problem::NoSuchAccount);
    assert_eq!(visitor.verifies(&etsy, "no shop").await.unwrap_err().problem, Problem::NoSuchAccount);
    fake.shop().is_shy = true;
    assert_eq!(visitor.verifies(&etsy, SHOP).await.unwrap_err().problem, Problem::HttpStatus { status: 403 });
}

#[tokio::test]
async fn errors_are_told_and_nothing_is_lost() {
    let (etsy, fake) = shop().await;
    let visitor = Visitor::new();
    let first = visitor.fetches(&etsy, SHOP, None).await.unwrap();
    fake.shop().offers("Mug", "38.00 USD");
    for (fault, problem) in [
        (Fault::Broken, Problem::HttpStatus { status: 500 }),
        (Fault::Malformed, Problem::MalformedAnswer),
        (Fault::Truncated, Problem::MalformedAnswer),
        (Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ] {
        fake.wire.fails_after(0, fault);
        assert_eq!(visitor.fetches(&etsy, SHOP, cursor(&first)).await.unwrap_err().problem, problem, "{fault:?}");
    }
    fake.wire.fails_after(0, Fault::TooMany(9));
    let error = visitor.fetches(&etsy, SHOP, cursor(&first)).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(9))));
    assert_eq!(titles(&visitor.fetches(&etsy, SHOP, cursor(&first)).await.unwrap()), ["Mug"]);
}
