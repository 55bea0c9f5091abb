//! Shops with many pages.

use super::adapter;
use super::has_more;
use super::is_complete;
use super::of;
use super::owner;
use super::owner_at;
use crate::fakes::wire::Fault;
use crate::fakes::woocommerce::Shop;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::trades;
use std::collections::BTreeSet;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;

async fn shop_of(products: u32) -> Shop {
    let shop = Shop::open().await;
    for number in 0..products {
        shop.passes(1);
        shop.offers(&format!("Teapot {number}"), 1_999);
    }
    shop
}

fn ids(fetched: &Fetched) -> BTreeSet<String> {
    let ids: BTreeSet<String> = trades(fetched).iter().map(|trade| trade.external_id.to_string()).collect();
    assert_eq!(ids.len(), trades(fetched).len(), "each id once");
    ids
}

#[tokio::test]
async fn all_pages_are_read() {
    let shop = shop_of(250).await;
    let fetched = Visitor::new().fetches(&adapter(), &shop.address(), None).await.unwrap();
    assert_eq!(ids(&fetched).len(), 250);
    assert!(is_complete(&fetched) && !has_more(&fetched));
    assert_eq!(shop.wire.requests(), 3);
    let full = shop_of(200).await;
    let fetched = Visitor::new().fetches(&adapter(), &full.address(), None).await.unwrap();
    assert_eq!((ids(&fetched).len(), full.wire.requests()), (200, 2));
}

#[tokio::test]
async fn a_failure_between_pages_loses_nothing() {
    let shop = shop_of(250).await;
    let visitor = Visitor::new();
    shop.wire.fails_after(1, Fault::Broken);
    let error = visitor.fetches(&adapter(), &shop.address(), None).await.unwrap_err();
    assert_eq!(error.problem, Problem::HttpStatus { status: 500 });
    let fetched = visitor.fetches(&adapter(), &shop.address(), None).await.unwrap();
    assert_eq!(ids(&fetched).len(), 250);
}

#[tokio::test]
async fn a_large_shop_is_read_in_parts_and_then_newest_first() {
    let shop = shop_of(1_150).await;
    let (visitor, address) = (Visitor::new(), shop.address());
    let first = visitor.fetches(&adapter(), &address, None).await.unwrap();
    assert!(has_more(&first) && !is_complete(&first));
    let second = visitor.fetches(&adapter(), &address, cursor(&first)).await.unwrap();
    assert!(!has_more(&second) && !is_complete(&second));
    assert_eq!(ids(&first).union(&ids(&second)).count(), 1_150);
    let new = shop.offers("New teapot", 100).to_string();
    let third = visitor.fetches(&adapter(), &address, cursor(&second)).await.unwrap();
    assert!(!has_more(&third) && ids(&third).contains(&new));
    let fourth = visitor.fetches(&adapter(), &address, cursor(&third)).await.unwrap();
    assert_eq!(ids(&third).union(&ids(&fourth)).count(), 1_151, "the old ones come round");
}

#[tokio::test]
async fn a_large_listing_by_keys_is_read_in_parts() {
    let shop = shop_of(1_150).await;
    let (visitor, address) = (owner_at(&shop), shop.address());
    let first = visitor.fetches(&adapter(), &address, None).await.unwrap();
    assert!(has_more(&first) && !is_complete(&first));
    let second = visitor.fetches(&adapter(), &address, cursor(&first)).await.unwrap();
    assert!(!has_more(&second) && !is_complete(&second));
    assert_eq!(ids(&first).union(&ids(&second)).count(), 1_150);
    let third = visitor.fetches(&adapter(), &address, cursor(&second)).await.unwrap();
    assert!(!has_more(&third) && ids(&third).len() < 250, "only what was modified lately");
}

#[tokio::test]
async fn a_rush_of_orders_is_read_in_parts_and_survives_failures() {
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot", 1_999);
    let (visitor, address) = (owner(), shop.address());
    let baseline = visitor.fetches(&adapter(), &address, None).await.unwrap();
    for _ in 0..1_050 {
        shop.sells(pot, 1);
    }
    // After products, the third page of orders.
    shop.wire.fails_after(3, Fault::Broken);
    visitor.fetches(&adapter(), &address, cursor(&baseline)).await.unwrap_err();
    let first = visitor.fetches(&adapter(), &address, cursor(&baseline)).await.unwrap();
    assert!(has_more(&first));
    shop.sells(pot, 1);
    let second = visitor.fetches(&adapter(), &address, cursor(&first)).await.unwrap();
    assert!(!has_more(&second));
    let third = visitor.fetches(&adapter(), &address, cursor(&second)).await.unwrap();
    let sales: BTreeSet<_> =
        [&first, &second, &third].iter().flat_map(|fetched| of(Kind::Sale, fetched)).map(|sale| sale.external_id.to_string()).collect();
    assert_eq!(sales.len(), 1_051);
}
