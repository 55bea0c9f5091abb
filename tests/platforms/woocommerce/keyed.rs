//! A shop whose owner gave keys.

use super::adapter;
use super::assert_discreet;
use super::gone;
use super::is_complete;
use super::of;
use super::owner;
use super::owner_at;
use super::titles_of;
use crate::fakes::wire::Fault;
use crate::fakes::woocommerce::KEY;
use crate::fakes::woocommerce::Shop;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use tradepost::domain::problem::Problem;
use tradepost::domain::trade::Kind;

#[tokio::test]
async fn keys_bring_listings_and_sales() {
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot &#8211; blue", 1_999);
    shop.changes(pot, |pot| pot.regular = 2_500);
    let order = shop.sells(pot, 2);
    let verified = owner().verifies(&adapter(), &shop.address()).await.unwrap();
    assert_eq!(verified.name, shop.address());
    let [listing] = of(Kind::Listing, &verified.fetched)[..] else { panic!("{verified:?}") };
    let [sale] = of(Kind::Sale, &verified.fetched)[..] else { panic!("{verified:?}") };
    let noon = Some("2026-03-03T12:00:00Z".parse().unwrap());
    assert_eq!((listing.title.as_str(), listing.external_id.as_str()), ("Teapot – blue", "101"));
    assert_eq!((listing.occurred_at, listing.as_of, listing.available), (noon, noon, Some(true)));
    let price = listing.price.as_ref().unwrap();
    assert_eq!((price.amount.to_string(), price.old.unwrap().to_string(), price.currency.code()), ("19.99".into(), "25.00".into(), "EUR"));
    assert_eq!((sale.title.as_str(), sale.external_id.as_str()), ("Teapot – blue", format!("sale:{order}:{}", order + 1).as_str()));
    assert_eq!((sale.quantity, sale.occurred_at, sale.as_of), (Some(2), noon, noon));
    assert_eq!(sale.price.as_ref().unwrap().amount.to_string(), "19.99");
    assert_eq!((&sale.link, &sale.image, &sale.categories), (&listing.link, &listing.image, &listing.categories));
    assert!(is_complete(&verified.fetched));
    assert_discreet(&verified);
}

#[tokio::test]
async fn a_product_is_the_same_with_keys_and_without() {
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot", 1_999);
    shop.offers("Cup", 300);
    shop.changes(pot, |pot| (pot.sort, pot.up_to) = ("variable", Some(2_999)));
    let without = Visitor::new().fetches(&adapter(), &shop.address(), None).await.unwrap();
    let with = owner().fetches(&adapter(), &shop.address(), None).await.unwrap();
    for trade in trades(&without) {
        let same = trades(&with).iter().find(|other| other.external_id == trade.external_id).unwrap();
        assert_eq!((&same.title, &same.price, &same.link), (&trade.title, &trade.price, &trade.link));
    }
    assert_eq!(trades(&with)[0].price.as_ref().unwrap().up_to.unwrap().to_string(), "29.99", "variants have a range");
}

#[tokio::test]
async fn nothing_of_buyers_is_asked_for_and_nothing_passes_from_shops_that_send_it_anyway() {
    let shop = Shop::open().await;
    shop.state().ignores_fields = true;
    let pot = shop.offers("Teapot", 1_999);
    shop.sells(pot, 1);
    let fetched = owner().fetches(&adapter(), &shop.address(), None).await.unwrap();
    assert_eq!(trades(&fetched).len(), 2);
    assert_discreet(&fetched);
    let asked = shop.wire.paths();
    let orders: Vec<&String> = asked.iter().filter(|path| path.contains("/orders")).collect();
    assert_eq!(orders.len(), 1);
    assert!(orders[0].contains("_fields=id%2Cstatus%2Ccurrency%2C"), "{orders:?}");
    for personal in ["billing", "shipping", "customer", "order_key", "meta_data", "payment"] {
        assert!(!orders[0].contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn only_settled_orders_count() {
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot", 1_999);
    for status in ["pending", "on-hold", "cancelled", "refunded", "failed"] {
        let order = shop.sells(pot, 1);
        shop.has_order(order, status);
    }
    let first = owner().fetches(&adapter(), &shop.address(), None).await.unwrap();
    assert!(of(Kind::Sale, &first).is_empty());
    shop.passes(3_600);
    let order = shop.sells(pot, 1);
    shop.state().orders.get_mut(&order).unwrap().paid = None;
    shop.has_order(order, "pending");
    let second = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    assert!(of(Kind::Sale, &second).is_empty());
    shop.passes(3_600);
    shop.has_order(order, "completed");
    let third = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&second)).await.unwrap();
    assert_eq!(titles_of(Kind::Sale, &third), ["Teapot"], "paid later");
}

#[tokio::test]
async fn afterwards_only_what_was_modified_is_read() {
    let shop = Shop::open().await;
    let [pot, cup, tray] = ["Teapot", "Cup", "Tray"].map(|name| shop.offers(name, 1_999));
    let first = owner().fetches(&adapter(), &shop.address(), None).await.unwrap();
    shop.passes(3_600);
    shop.changes(pot, |pot| pot.cents = 1_500);
    shop.changes(cup, |cup| cup.status = "draft");
    shop.changes(tray, |tray| tray.visibility = "hidden");
    shop.offers("Bowl", 800);
    let second = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    assert_eq!(titles(&second), ["Teapot", "Bowl"]);
    assert_eq!(gone(&second), [cup.to_string(), tray.to_string()]);
    assert!(!is_complete(&second));
    shop.passes(300);
    let third = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&second)).await.unwrap();
    assert_eq!(titles(&third), ["Teapot", "Bowl"], "what was modified just before is read once more");
    let fourth = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&third)).await.unwrap();
    assert!(trades(&fourth).is_empty() && gone(&fourth).is_empty());
}

#[tokio::test]
async fn once_a_day_the_whole_listing_is_read_and_shows_what_was_deleted() {
    let shop = Shop::open().await;
    let [pot, _] = ["Teapot", "Cup"].map(|name| shop.offers(name, 1_999));
    let first = owner().fetches(&adapter(), &shop.address(), None).await.unwrap();
    shop.state().products.remove(&pot);
    shop.passes(3_600);
    let hour = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    assert!(!is_complete(&hour));
    shop.passes(23 * 3_600);
    let day = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&hour)).await.unwrap();
    assert!(is_complete(&day));
    assert_eq!(titles(&day), ["Cup"]);
}

#[tokio::test]
async fn what_happens_in_the_second_of_a_poll_is_found_and_the_shops_clock_may_be_wrong() {
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot", 1_999);
    let first = owner().fetches(&adapter(), &shop.address(), None).await.unwrap();
    shop.sells(pot, 1);
    let second = owner().fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    assert_eq!(titles_of(Kind::Sale, &second), ["Teapot"]);
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot", 1_999);
    let fast = Visitor { now: "2026-03-03T12:14:00Z".parse().unwrap(), ..owner() };
    let first = fast.fetches(&adapter(), &shop.address(), None).await.unwrap();
    shop.passes(60);
    shop.sells(pot, 1);
    let second = fast.fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    assert_eq!(titles_of(Kind::Sale, &second), ["Teapot"], "the shop's clock is 14 minutes behind ours");
}

#[tokio::test]
async fn an_old_order_that_is_touched_again_is_no_news() {
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot", 1_999);
    let old = shop.sells(pot, 1);
    for _ in 0..100 {
        shop.passes(600);
        shop.sells(pot, 1);
    }
    shop.passes(3_600);
    let first = owner_at(&shop).fetches(&adapter(), &shop.address(), None).await.unwrap();
    assert_eq!(of(Kind::Sale, &first).len(), 100, "at first the newest");
    shop.passes(3_600);
    shop.has_order(old, "completed");
    let second = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    assert!(of(Kind::Sale, &second).is_empty());
}

#[tokio::test]
async fn what_was_sold_is_looked_up_also_where_it_is_not_listed_any_more() {
    let shop = Shop::open().await;
    let [pot, cup] = ["Teapot", "Cup"].map(|name| shop.offers(name, 1_999));
    shop.passes(600);
    let first = owner().fetches(&adapter(), &shop.address(), None).await.unwrap();
    shop.passes(3_600);
    shop.sells(pot, 1);
    shop.sells(cup, 1);
    shop.state().products.remove(&cup);
    let second = owner_at(&shop).fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    let sales = of(Kind::Sale, &second);
    let linked: Vec<(&str, bool, usize)> =
        sales.iter().map(|sale| (sale.title.as_str(), sale.link.is_some(), sale.categories.len())).collect();
    assert_eq!(linked, [("Cup", false, 0), ("Teapot", true, 1)]);
    assert!(shop.wire.paths().iter().any(|path| path.contains(&format!("include={pot}%2C{cup}"))));
}

#[tokio::test]
async fn wrong_keys_are_told_apart_from_missing_rights() {
    let shop = Shop::open().await;
    shop.offers("Teapot", 1_999);
    for (secret, problem) in [
        ("ck_other cs_0ff1ce".to_owned(), Problem::SecretRefused),
        (format!("{KEY} cs_other"), Problem::SecretRefused),
        ("joy password".to_owned(), Problem::SecretMalformed),
    ] {
        let error = Visitor::with_secret(&secret).verifies(&adapter(), &shop.address()).await.unwrap_err();
        assert_eq!(error.problem, problem, "{secret}");
        assert_discreet(&error);
    }
    shop.state().permissions = "write";
    assert_eq!(owner().verifies(&adapter(), &shop.address()).await.unwrap_err().problem, Problem::SecretRefused);
    shop.state().permissions = "read";
    owner().verifies(&adapter(), &shop.address()).await.unwrap();
    shop.state().sees_orders = false;
    let error = owner().verifies(&adapter(), &shop.address()).await.unwrap_err();
    assert_eq!(error.problem, Problem::NotAllowed { missing: String::new() });
}

#[tokio::test]
async fn keys_open_a_shop_that_is_closed_to_others() {
    let shop = Shop::open().await;
    shop.state().is_open = false;
    let pot = shop.offers("Teapot", 1_999);
    shop.offers("Cup", 300);
    shop.changes(pot, |pot| (pot.sort, pot.up_to) = ("variable", Some(2_999)));
    let verified = owner().verifies(&adapter(), &shop.address()).await.unwrap();
    let prices: Vec<bool> = trades(&verified.fetched).iter().map(|trade| trade.price.is_some()).collect();
    assert_eq!(prices, [false, true], "of variants only the open interface says what they cost");
}

#[tokio::test]
async fn keys_are_not_taken_to_another_place() {
    let (shop, moved) = (Shop::open().await, Shop::open().await);
    shop.offers("Teapot", 1_999);
    moved.state().moved_to = Some(shop.address());
    let verified = Visitor::new().verifies(&adapter(), &moved.address()).await.unwrap();
    assert_eq!(verified.name, shop.address(), "without keys a shop may move");
    let error = owner().verifies(&adapter(), &moved.address()).await.unwrap_err();
    assert_eq!(error.problem, Problem::LeadsElsewhere { address: shop.address() });
    assert!(moved.wire.paths().iter().all(|path| !path.contains("oauth")));
}

#[tokio::test]
async fn a_failure_anywhere_fails_the_whole_fetch() {
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot", 1_999);
    shop.sells(pot, 1);
    let visitor = owner();
    // The currency, the products, the orders.
    for at in 0..3 {
        shop.wire.fails_after(at, Fault::Broken);
        let error = visitor.fetches(&adapter(), &shop.address(), None).await.unwrap_err();
        assert_eq!(error.problem, Problem::HttpStatus { status: 500 }, "{at}");
        shop.wire.fails_after(at, Fault::Malformed);
        let error = visitor.fetches(&adapter(), &shop.address(), None).await.unwrap_err();
        assert_eq!(error.problem, Problem::MalformedAnswer, "{at}");
        assert_discreet(&error);
    }
    assert_eq!(trades(&visitor.fetches(&adapter(), &shop.address(), None).await.unwrap()).len(), 2);
}
