//! A shop of which only the address is known.

use super::adapter;
use super::assert_discreet;
use super::is_complete;
use crate::fakes::wire::Fault;
use crate::fakes::woocommerce::Shop;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::platforms::Platform;

#[tokio::test]
async fn a_shop_is_added_by_its_address_alone() {
    let shop = Shop::open().await;
    let pot = shop.offers("Teapot &#8211; <b>blue</b>", 1_999);
    shop.changes(pot, |pot| pot.regular = 2_500);
    let cup = shop.offers("Cup", 300);
    shop.changes(cup, |cup| (cup.up_to, cup.in_stock) = (Some(450), false));
    let verified = Visitor::new().verifies(&adapter(), &shop.address()).await.unwrap();
    assert_eq!(verified.name, shop.address());
    assert_eq!(verified.label.as_str(), "127.0.0.1");
    assert!(is_complete(&verified.fetched));
    let [cup, pot] = trades(&verified.fetched) else { panic!("{verified:?}") };
    assert_eq!((pot.title.as_str(), pot.kind, pot.external_id.as_str()), ("Teapot – blue", Kind::Listing, "101"));
    let price = pot.price.as_ref().unwrap();
    assert_eq!((price.amount.to_string(), price.old.unwrap().to_string(), price.currency.code()), ("19.99".into(), "25.00".into(), "EUR"));
    assert_eq!(pot.link.as_ref().unwrap().as_str(), format!("{}product/product-101/", shop.address()));
    assert_eq!(pot.image.as_ref().unwrap().as_str(), format!("{}wp-content/101.jpg", shop.address()));
    assert_eq!(pot.categories[0].text.as_str(), "Kitchen & Dining");
    assert_eq!((pot.available, cup.available), (Some(true), Some(false)));
    assert_eq!(cup.price.as_ref().unwrap().up_to.unwrap().to_string(), "4.50");
}

#[tokio::test]
async fn whatever_page_is_typed_the_account_is_the_shop() {
    let shop = Shop::open().await;
    shop.state().directory = "/tea";
    let address = shop.address();
    let below = |path: &str| format!("{address}{path}");
    for names_interface in [true, false] {
        shop.state().names_interface = names_interface;
        for typed in ["", "product/product-101/?utm_source=x#top", "wp-json/wc/store/v1/products?page=3", "wp-admin/index.php"] {
            let verified = Visitor::new().verifies(&adapter(), &below(typed)).await.unwrap();
            assert_eq!(verified.name, address, "{typed}");
        }
    }
    shop.state().names_interface = true;
    let verified = Visitor::new().verifies(&adapter(), &below("boutique/theiere/")).await.unwrap();
    assert_eq!(verified.name, address, "a shop in another language names its interface");
    assert_eq!(verified.label.as_str(), "127.0.0.1/tea");
}

#[tokio::test]
async fn an_empty_shop_and_one_with_a_single_product_are_shops() {
    let shop = Shop::open().await;
    let visitor = Visitor::new();
    let verified = visitor.verifies(&adapter(), &shop.address()).await.unwrap();
    assert!(trades(&verified.fetched).is_empty() && is_complete(&verified.fetched));
    shop.offers("Teapot", 1_999);
    let fetched = visitor.fetches(&adapter(), &verified.name, cursor(&verified.fetched)).await.unwrap();
    assert_eq!(titles(&fetched), ["Teapot"]);
}

#[tokio::test]
async fn what_the_shop_hides_or_has_not_published_is_not_listed() {
    let shop = Shop::open().await;
    for (name, status, visibility) in
        [("Shown", "publish", "catalog"), ("Draft", "draft", "visible"), ("Hidden", "publish", "hidden"), ("Found", "publish", "search")]
    {
        let id = shop.offers(name, 100);
        shop.changes(id, |product| (product.status, product.visibility) = (status, visibility));
    }
    let fetched = Visitor::new().fetches(&adapter(), &shop.address(), None).await.unwrap();
    assert_eq!(titles(&fetched), ["Shown"]);
}

#[tokio::test]
async fn an_entity_tag_spares_the_shop() {
    let shop = Shop::open().await;
    shop.state().has_etags = true;
    let pot = shop.offers("Teapot", 1_999);
    let visitor = Visitor::new();
    let first = visitor.fetches(&adapter(), &shop.address(), None).await.unwrap();
    let again = visitor.fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    assert_eq!(again, Fetched::Unchanged);
    shop.changes(pot, |pot| pot.cents = 1_500);
    let changed = visitor.fetches(&adapter(), &shop.address(), cursor(&first)).await.unwrap();
    assert_eq!(trades(&changed)[0].price.as_ref().unwrap().amount.to_string(), "15.00");
}

#[tokio::test]
async fn what_is_no_shop_is_told_so() {
    let shop = Shop::open().await;
    let visitor = Visitor::new();
    shop.state().is_shop = false;
    let error = visitor.verifies(&adapter(), &shop.address()).await.unwrap_err();
    assert_eq!(error.problem, Problem::NotSuchAShop { platform: "WooCommerce".to_owned() });
    shop.state().is_shop = true;
    shop.state().is_open = false;
    let error = visitor.verifies(&adapter(), &shop.address()).await.unwrap_err();
    assert_eq!(error.problem, Problem::NeedsLogin);
    assert_eq!(visitor.verifies(&adapter(), "teapots").await.unwrap_err().problem, Problem::NotAnAddress);
}

#[tokio::test]
async fn a_shop_is_told_from_a_site_by_asking_once() {
    let shop = Shop::open().await;
    let visitor = Visitor::new();
    assert!(adapter().stands_at(&visitor.context(), &shop.address()).await);
    assert_eq!(shop.wire.requests(), 1);
    assert!(shop.wire.paths()[0].ends_with("?per_page=1"), "{:?}", shop.wire.paths());
    shop.state().is_shop = false;
    assert!(!adapter().stands_at(&visitor.context(), &shop.address()).await);
    assert!(!adapter().stands_at(&visitor.context(), "teapots").await);
    assert!(adapter().recognises(&format!("{}wp-json/wc/store/v1/products", shop.address())));
    assert!(!adapter().recognises(&shop.address()), "that could be anything");
}

#[tokio::test]
async fn a_shop_that_fails_is_not_taken_for_an_empty_one() {
    let shop = Shop::open().await;
    shop.offers("Teapot", 1_999);
    let (visitor, address) = (Visitor::new(), shop.address());
    for (fault, problem, wait) in [
        (Fault::Broken, Problem::HttpStatus { status: 500 }, None),
        (Fault::TooMany(30), Problem::AskedToWait, Some(Duration::from_secs(30))),
        (Fault::Malformed, Problem::MalformedAnswer, None),
        (Fault::Truncated, Problem::MalformedAnswer, None),
        (Fault::Silent, Problem::TimedOut { limit_seconds: 2 }, None),
    ] {
        shop.wire.fails_after(0, fault);
        let error = visitor.fetches(&adapter(), &address, None).await.unwrap_err();
        assert_eq!((&error.problem, error.retry_after), (&problem, wait), "{fault:?}");
        assert_discreet(&error);
    }
    shop.wire.fails_after(0, Fault::Broken);
    let error = visitor.verifies(&adapter(), &address).await.unwrap_err();
    assert_eq!(error.problem, Problem::HttpStatus { status: 500 });
}
