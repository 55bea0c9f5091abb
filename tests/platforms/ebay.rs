//! The adapter for eBay: offers here; sales and consent in the files below.

use crate::fakes::Canary;
use crate::fakes::ebay::FakeEbay;
use crate::fakes::ebay::SELLER;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::titles;
use crate::support::trades;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Trade;
use tradepost::platforms::Platform;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::SecretUse;
use tradepost::platforms::ebay::Ebay;
use tradepost::platforms::ebay::EbaySettings;
use tradepost::values::Secret;

mod consent;
mod orders;

const NAME: &str = "ebay.com/usr/joy.pots";

async fn market() -> (Ebay, FakeEbay) {
    let fake = FakeEbay::start().await;
    (adapter(&fake, |_| {}), fake)
}

fn adapter(fake: &FakeEbay, change: impl FnOnce(&mut EbaySettings)) -> Ebay {
    let mut settings = PlatformSettings::default();
    fake.set_up(&mut settings);
    change(&mut settings.ebay);
    Ebay::new(&settings.ebay, false)
}

fn is_complete(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { complete: true, .. })
}

fn goes_on(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { more: true, .. })
}

fn price(trade: &Trade) -> String {
    let old = |trade: &Trade| trade.price.as_ref().and_then(|price| price.old).map(|old| old.to_string()).unwrap_or_default();
    trade.price.as_ref().map_or_else(String::new, |price| format!("{} {} was {}", price.amount, price.currency.code(), old(trade)))
}

#[tokio::test]
async fn offers_are_read_by_the_sellers_name() {
    let (ebay, fake) = market().await;
    fake.market().offers("somebody", "Not hers", "1.00");
    let item = fake.market().offers(SELLER, "Teapot", "48.00").clone();
    fake.market().items[1].1["marketingPrice"] =
        json!({"originalPrice": {"value": "60.00", "currency": "EUR"}, "discountPercentage": "20"});
    let verified = Visitor::new().verifies(&ebay, "https://www.ebay.de/usr/Joy.Pots?_trksid=1").await.unwrap();
    assert_eq!((verified.name.as_str(), verified.label.as_str()), ("ebay.de/usr/joy.pots", SELLER));
    assert_eq!(fake.market().marketplaces, ["EBAY_DE"]);
    assert!(is_complete(&verified.fetched));
    let [trade] = trades(&verified.fetched) else { panic!("one trade") };
    assert_eq!((trade.title.as_str(), price(trade).as_str()), ("Teapot", "48.00 EUR was 60.00"));
    assert_eq!(trade.external_id.as_str(), item["legacyItemId"]);
    assert_eq!(trade.link.as_ref().unwrap().as_str(), format!("https://www.ebay.de/itm/{}", trade.external_id));
    assert_eq!(trade.image.as_ref().unwrap().as_str(), "https://i.ebayimg.com/1.jpg");
    assert_eq!(trade.categories.iter().map(|category| category.text.as_str()).collect::<Vec<_>>(), ["Teapots", "Home & Garden"]);
    assert_eq!(trade.occurred_at, Some("2026-03-01T09:00:00Z".parse().unwrap()));
    assert!(!format!("{verified:?}").contains("CANARY"));
}

#[tokio::test]
async fn auctions_are_offers_whose_bids_are_no_prices() {
    let (ebay, fake) = market().await;
    fake.market().offers(SELLER, "Auction", "5.00")["buyingOptions"] = json!(["AUCTION"]);
    let fetched = Visitor::new().fetches(&ebay, NAME, None).await.unwrap();
    assert_eq!((titles(&fetched), price(&trades(&fetched)[0])), (vec!["Auction"], String::new()));
}

#[tokio::test]
async fn nobody_else_is_read_where_there_is_no_such_seller() {
    let (ebay, fake) = market().await;
    fake.market().offers(SELLER, "Teapot", "48.00");
    assert_eq!(Visitor::new().verifies(&ebay, "nobody").await.unwrap_err().problem, Problem::NoSuchAccount);
    assert_eq!(Visitor::new().verifies(&ebay, "no body").await.unwrap_err().problem, Problem::NoSuchAccount);
    let quiet = Visitor::new().verifies(&ebay, "quiet").await.unwrap();
    assert!(titles(&quiet.fetched).is_empty() && is_complete(&quiet.fetched));
}

#[tokio::test]
async fn every_page_is_read_up_to_the_newest_two_thousand() {
    let (ebay, fake) = market().await;
    for number in 0..401 {
        fake.market().offers(SELLER, &format!("Cup {number}"), "5.00");
    }
    let fetched = Visitor::new().fetches(&ebay, NAME, None).await.unwrap();
    assert!(trades(&fetched).len() == 401 && is_complete(&fetched));
    fake.market().hidden = 3;
    let fetched = Visitor::new().fetches(&ebay, NAME, None).await.unwrap();
    assert!(trades(&fetched).len() == 401 && !is_complete(&fetched), "a search that counts more than it finds is not whole");
    fake.market().hidden = 0;
    for number in 401..2_001 {
        fake.market().offers(SELLER, &format!("Cup {number}"), "5.00");
    }
    let fetched = Visitor::new().fetches(&ebay, NAME, None).await.unwrap();
    assert!(trades(&fetched).len() == 2_000 && !is_complete(&fetched) && !goes_on(&fetched));
    assert_eq!(titles(&fetched)[0], "Cup 2000");
}

#[tokio::test]
async fn the_apps_token_is_kept_until_it_ends_or_is_refused() {
    let (ebay, fake) = market().await;
    let mut visitor = Visitor::new();
    for _ in 0..3 {
        visitor.fetches(&ebay, NAME, None).await.unwrap();
    }
    assert_eq!(fake.market().granted, 1);
    visitor.now += SignedDuration::from_hours(2);
    visitor.fetches(&ebay, NAME, None).await.unwrap();
    assert_eq!(fake.market().granted, 2);
    fake.market().app_tokens.clear();
    visitor.fetches(&ebay, NAME, None).await.unwrap();
    assert_eq!(fake.market().granted, 3);
}

#[tokio::test]
async fn what_is_wrong_with_the_app_is_the_operators_to_mend() {
    let fake = FakeEbay::start().await;
    let none = adapter(&fake, |settings| settings.app_key = String::new());
    assert!(!none.descriptor().is_set_up && none.consent().is_none());
    assert_eq!(Visitor::new().verifies(&none, SELLER).await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(fake.wire.requests(), 0);
    let wrong = adapter(&fake, |settings| settings.app_secret = Secret::new("wrong"));
    assert_eq!(Visitor::new().verifies(&wrong, SELLER).await.unwrap_err().problem, Problem::AppRefused);
    let unnamed = adapter(&fake, |settings| settings.ru_name = String::new());
    assert_eq!((unnamed.descriptor().secret, unnamed.consent().is_none()), (SecretUse::Never, true));
    fake.market().is_app_barred = true;
    assert_eq!(Visitor::new().verifies(&unnamed, SELLER).await.unwrap_err().problem, Problem::AppRefused);
    fake.market().is_app_barred = false;
    let wide = adapter(&fake, |settings| settings.category_ids = String::new());
    assert_eq!(Visitor::new().verifies(&wide, SELLER).await.unwrap_err().problem, Problem::Refused { code: "12001".to_owned() });
    let narrow = adapter(&fake, |settings| (settings.category_ids, settings.keywords) = (String::new(), "teapot".to_owned()));
    assert!(Visitor::new().verifies(&narrow, SELLER).await.is_ok());
}

#[tokio::test]
async fn a_page_that_fails_fails_the_whole_fetch_and_nothing_is_lost() {
    let (ebay, fake) = market().await;
    for number in 0..201 {
        fake.market().offers(SELLER, &format!("Cup {number}"), "5.00");
    }
    let visitor = Visitor::new();
    visitor.fetches(&ebay, NAME, None).await.unwrap();
    for (fault, problem) in [
        (Fault::Broken, Problem::HttpStatus { status: 500 }),
        (Fault::Malformed, Problem::MalformedAnswer),
        (Fault::Truncated, Problem::MalformedAnswer),
        (Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ] {
        fake.wire.fails_after(1, fault);
        assert_eq!(visitor.fetches(&ebay, NAME, None).await.unwrap_err().problem, problem, "{fault:?}");
    }
    fake.wire.fails_after(0, Fault::TooMany(30));
    let error = visitor.fetches(&ebay, NAME, None).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(30))));
    assert_eq!(trades(&visitor.fetches(&ebay, NAME, None).await.unwrap()).len(), 201);
}
