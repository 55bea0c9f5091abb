//! The adapter for shops that share their accounts with us, at a real django-oscar.

use crate::support::oscar::Oscar as Shop;
use crate::support::oscar::PASSWORD;
use crate::support::oscar::PHONE;
use crate::support::oscar::STAFF;
use serde_json::json;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;
use tradepost::domain::ids::UserId;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::net::Net;
use tradepost::net::NetLimits;
use tradepost::platforms::Platform;
use tradepost::platforms::oscar::Oscar;
use tradepost::platforms::oscar::OscarSettings;
use tradepost::values::Secret;
use visitor::Visitor;
use visitor::cursor;
use visitor::titles;
use visitor::trades;

#[path = "../platforms/support/mod.rs"]
mod visitor;

const SHOPKEEPER: &str = "@shopkeeper:a.example";

fn settings(shop: &Shop) -> OscarSettings {
    OscarSettings {
        address: Some(shop.address().parse().unwrap()),
        username: Some(STAFF.to_owned()),
        password: Secret::new(PASSWORD),
        operator: Some(UserId::new(SHOPKEEPER)),
        ..OscarSettings::default()
    }
}

fn adapter(shop: &Shop) -> Oscar {
    Oscar::new(&settings(shop), true)
}

fn visitor(user: &str) -> Visitor {
    let limits = NetLimits {
        allowed: vec!["127.0.0.1/32".parse().unwrap()],
        body_bytes: 10_000_000,
        total: Duration::from_secs(30),
        redirects: 3,
        per_host_per_second: 1_000,
    };
    Visitor { net: Net::new(limits).unwrap(), now: SystemClock.now(), user: UserId::new(user), ..Visitor::new() }
}

/// Adds an account, and gives where it goes on.
async fn adds(user: &str, oscar: &Oscar) -> (Visitor, String) {
    let visitor = visitor(user);
    let verified = visitor.verifies(oscar, "").await.unwrap();
    assert_eq!(verified.name, visitor.user.localpart());
    let cursor = cursor(&verified.fetched).unwrap().to_owned();
    (visitor, cursor)
}

/// Polls an account now, and moves to where it goes on.
async fn polls(visitor: &mut Visitor, oscar: &Oscar, cursor: &mut String) -> Fetched {
    visitor.now = SystemClock.now();
    let fetched = visitor.fetches(oscar, visitor.user.localpart(), Some(cursor)).await.unwrap();
    if let Some(next) = self::cursor(&fetched) {
        next.clone_into(cursor);
    }
    assert_private(&fetched);
    fetched
}

fn assert_private(said: &impl std::fmt::Debug) {
    let said = format!("{said:?}");
    for private in ["CANARY", PHONE, PASSWORD, "example.org"] {
        assert!(!said.contains(private), "{private} stands in {said}");
    }
}

fn price(trade: &Trade) -> String {
    trade.price.as_ref().map_or_else(String::new, |price| format!("{} {}", price.amount.normalize(), price.currency.code()))
}

#[tokio::test]
async fn what_somebody_buys_comes_to_nobody_else() {
    let shop = Shop::start().await;
    let oscar = adapter(&shop);
    for name in ["joy", "mary", "Joy"] {
        shop.knows(name).await;
    }
    let teapot = shop.offers("Teapot", "20.00", "Home > Kitchen").await;
    let (mut joy, mut hers) = adds("@joy:a.example", &oscar).await;
    let (mut mary, mut marys) = adds("@mary:a.example", &oscar).await;

    shop.sells_to("mary", &[(&teapot, 1)]).await;
    shop.sells_to("Joy", &[(&teapot, 1)]).await;
    assert_eq!(titles(&polls(&mut joy, &oscar, &mut hers).await), Vec::<&str>::new());
    assert_eq!(titles(&polls(&mut mary, &oscar, &mut marys).await), ["Teapot"]);

    shop.sells_to("joy", &[(&teapot, 3)]).await;
    let fetched = polls(&mut joy, &oscar, &mut hers).await;
    let [bought] = trades(&fetched) else { panic!("{fetched:?}") };
    assert_eq!((bought.kind, bought.title.as_str(), bought.quantity), (Kind::Purchase, "Teapot", Some(3)));
    assert_eq!(price(bought), "20 CNY");
    assert_eq!(bought.link.as_ref().unwrap().as_str(), teapot.link);
    assert_eq!(shop.status_of(&teapot.link).await, 200);
    assert_eq!(bought.categories[0].text.as_str(), "Home > Kitchen");
    let age = SystemClock.now().duration_since(bought.occurred_at.unwrap());
    assert!(age.unsigned_abs() < Duration::from_mins(1), "the shop's time is UTC+8, ours is not: {age:?}");

    assert_eq!(polls(&mut joy, &oscar, &mut hers).await, Fetched::Unchanged);
    assert!(titles(&polls(&mut mary, &oscar, &mut marys).await).is_empty());
}

#[tokio::test]
async fn only_somebody_of_exactly_this_name_has_an_account() {
    let shop = Shop::start().await;
    let oscar = adapter(&shop);
    shop.knows("Joy").await;
    for user in ["@joy:a.example", "@jo:a.example", "@Joy2:a.example"] {
        let refused = visitor(user).verifies(&oscar, "").await.unwrap_err();
        assert_eq!(refused.problem, Problem::NoSuchAccount, "{user}");
    }
    let refused = visitor("@joy:a.example").verifies(&oscar, "Joy").await.unwrap_err();
    assert_eq!(refused.problem, Problem::NoSuchAccount, "nobody types another's name");
    adds("@Joy:a.example", &oscar).await;
}

#[tokio::test]
async fn whoever_is_renamed_at_the_shop_takes_nothing_along() {
    let shop = Shop::start().await;
    let oscar = adapter(&shop);
    shop.knows("joy").await;
    let teapot = shop.offers("Teapot", "20.00", "Home").await;
    let (mut joy, mut cursor) = adds("@joy:a.example", &oscar).await;
    shop.renames("joy", "gladys").await;
    shop.sells_to("gladys", &[(&teapot, 1)]).await;
    let refused = joy.fetches(&oscar, "joy", Some(&cursor)).await.unwrap_err();
    assert_eq!(refused.problem, Problem::NoSuchAccount);

    shop.knows("joy").await;
    shop.sells_to("joy", &[(&teapot, 1)]).await;
    assert!(titles(&polls(&mut joy, &oscar, &mut cursor).await).is_empty(), "what a new account did before is no news");
    shop.sells_to("joy", &[(&teapot, 1)]).await;
    assert_eq!(titles(&polls(&mut joy, &oscar, &mut cursor).await), ["Teapot"]);
}

#[tokio::test]
async fn orders_count_once_they_are_paid_and_not_when_they_are_cancelled() {
    let shop = Shop::start().await;
    let oscar = Oscar::new(&OscarSettings { unpaid: vec!["pending".to_owned()], ..settings(&shop) }, true);
    shop.knows("joy").await;
    let teapot = shop.offers("Teapot", "20.00", "Home").await;
    let cup = shop.offers("Cup", "5.00", "Home").await;
    let (mut joy, mut cursor) = adds("@joy:a.example", &oscar).await;
    let paid_later = shop.sells_to("joy", &[(&teapot, 1)]).await;
    let cancelled = shop.sells_to("joy", &[(&cup, 1)]).await;
    assert!(titles(&polls(&mut joy, &oscar, &mut cursor).await).is_empty());
    shop.order_stands(&paid_later, "Complete").await;
    shop.order_stands(&cancelled, "Cancelled").await;
    assert_eq!(titles(&polls(&mut joy, &oscar, &mut cursor).await), ["Teapot"]);
    assert_eq!(polls(&mut joy, &oscar, &mut cursor).await, Fetched::Unchanged);
}

#[tokio::test]
async fn a_shop_that_answers_in_pages_is_read_to_their_end() {
    let shop = Shop::with_pages_of(2).await;
    let oscar = adapter(&shop);
    for name in ["a", "b", "c", "d", "joy", "shopkeeper"] {
        shop.knows(name).await;
    }
    let mut products = Vec::new();
    for number in 1..=5 {
        products.push(shop.offers(&format!("Thing {number}"), "3.00", "Home").await);
    }
    let (mut joy, mut cursor) = adds("@joy:a.example", &oscar).await;
    let basket: Vec<_> = products.iter().map(|product| (product, 1)).collect();
    shop.sells_to("joy", &basket).await;
    for _ in 0..3 {
        shop.sells_to("a", &[(&products[0], 1)]).await;
    }
    let fetched = polls(&mut joy, &oscar, &mut cursor).await;
    assert_eq!(titles(&fetched), ["Thing 1", "Thing 2", "Thing 3", "Thing 4", "Thing 5"]);
    let verified = visitor(SHOPKEEPER).verifies(&oscar, "").await.unwrap();
    assert_eq!(trades(&verified.fetched).len(), 5);
}

#[tokio::test]
async fn the_shops_operator_alone_gets_what_it_offers() {
    let shop = Shop::start().await;
    let oscar = adapter(&shop);
    shop.knows("shopkeeper").await;
    let teapot = shop.offers_this(json!({"title": "Teapot 青花", "price": "20.00", "category": "Home", "picture": "images/pot.jpg"})).await;
    shop.offers_this(json!({"title": "Secret", "price": "1.00", "category": "Home", "public": false})).await;
    let namesake = visitor("@shopkeeper:b.example").verifies(&oscar, "").await.unwrap();
    assert!(titles(&namesake.fetched).is_empty());

    let keeper = visitor(SHOPKEEPER).verifies(&oscar, "").await.unwrap();
    let [listing] = trades(&keeper.fetched) else { panic!("{keeper:?}") };
    assert_eq!((listing.kind, listing.title.as_str(), listing.available), (Kind::Listing, "Teapot 青花", Some(true)));
    assert_eq!((price(listing).as_str(), listing.link.as_ref().unwrap().as_str()), ("20 CNY", teapot.link.as_str()));
    assert_eq!(shop.status_of(&teapot.link).await, 200);
    assert_eq!(listing.image.as_ref().unwrap().as_str(), format!("{}media/images/pot.jpg", shop.address()));
    assert_private(&keeper);
}

#[tokio::test]
async fn new_products_changed_prices_and_what_is_gone_are_seen() {
    let shop = Shop::start().await;
    let oscar = adapter(&shop);
    shop.knows("shopkeeper").await;
    let teapot = shop.offers("Teapot", "20.00", "Home").await;
    let cup = shop.offers("Cup", "5.00", "Home").await;
    let (mut keeper, mut cursor) = adds(SHOPKEEPER, &oscar).await;

    shop.changes(&teapot, json!({"price": "18.50"})).await;
    let rug = shop.offers_this(json!({"title": "Rug", "price": "70.00", "category": "Home", "stock": 0})).await;
    let fetched = polls(&mut keeper, &oscar, &mut cursor).await;
    let seen = |title: &str| trades(&fetched).iter().find(|trade| trade.title.as_str() == title).map(price);
    assert_eq!((seen("Teapot").as_deref(), seen("Rug")), (Some("18.5 CNY"), None), "nothing is told before it can be had");

    shop.changes(&rug, json!({"stock": 2})).await;
    shop.changes(&teapot, json!({"stock": 0})).await;
    shop.changes(&cup, json!({"public": false})).await;
    let fetched = polls(&mut keeper, &oscar, &mut cursor).await;
    let seen = |title: &str| trades(&fetched).iter().find(|trade| trade.title.as_str() == title).and_then(|trade| trade.available);
    assert_eq!((seen("Rug"), seen("Teapot"), seen("Cup")), (Some(true), Some(false), None));
    let Fetched::Changed { gone, complete, .. } = &fetched else { panic!("{fetched:?}") };
    assert_eq!((gone.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>(), *complete), (vec![cup.id.to_string()], false));

    shop.changes(&teapot, json!({"deleted": true})).await;
    let fetched = polls(&mut keeper, &oscar, &mut cursor).await;
    let Fetched::Changed { gone, .. } = &fetched else { panic!("{fetched:?}") };
    assert_eq!(gone.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>(), [teapot.id.to_string()]);
}

#[tokio::test]
async fn variants_are_one_offer_and_bought_by_their_own_names() {
    let shop = Shop::start().await;
    let oscar = adapter(&shop);
    shop.knows("shopkeeper").await;
    let shirt = shop.offers_this(json!({"title": "Shirt", "structure": "parent", "category": "Clothing"})).await;
    let child = |title: &str, price: &str, stock: u32| json!({"title": title, "parent": shirt.id, "price": price, "stock": stock});
    shop.offers_this(child("Shirt XS", "3.00", 0)).await;
    let small = shop.offers_this(child("", "5.50", 4)).await;
    let large = shop.offers_this(child("Shirt L", "6.50", 4)).await;
    let (mut keeper, mut cursor) = adds(SHOPKEEPER, &oscar).await;
    let keepers = visitor(SHOPKEEPER).verifies(&oscar, "").await.unwrap();
    let [listing] = trades(&keepers.fetched) else { panic!("{keepers:?}") };
    let range = listing.price.as_ref().map(|price| (price.amount, price.up_to));
    assert_eq!(range, Some(("5.50".parse().unwrap(), Some("6.50".parse().unwrap()))), "what can be had");
    assert_eq!(listing.link.as_ref().unwrap().as_str(), shirt.link);

    shop.sells_to("shopkeeper", &[(&small, 1), (&large, 1)]).await;
    let fetched = polls(&mut keeper, &oscar, &mut cursor).await;
    let bought: Vec<_> = trades(&fetched).iter().filter(|trade| trade.kind == Kind::Purchase).collect();
    assert_eq!(bought.iter().map(|trade| trade.title.as_str()).collect::<Vec<_>>(), ["Shirt", "Shirt L"]);
    assert_eq!(bought[0].link.as_ref().unwrap().as_str(), small.link);
    assert_eq!(bought[0].categories[0].text.as_str(), "Clothing");
    assert_eq!((shop.status_of(&small.link).await, shop.status_of(&shirt.link).await), (200, 200));
}

#[tokio::test]
async fn a_purchase_of_what_is_not_sold_any_more_still_comes_as_far_as_it_is_known() {
    let shop = Shop::start().await;
    let oscar = adapter(&shop);
    shop.knows("joy").await;
    let (gone, hidden) = (shop.offers("Gone", "1.00", "Home").await, shop.offers("Hidden", "2.00", "Home").await);
    let (mut joy, mut cursor) = adds("@joy:a.example", &oscar).await;
    shop.sells_to("joy", &[(&gone, 1), (&hidden, 2)]).await;
    shop.changes(&gone, json!({"deleted": true})).await;
    shop.changes(&hidden, json!({"public": false})).await;
    let fetched = polls(&mut joy, &oscar, &mut cursor).await;
    let [bought] = trades(&fetched) else { panic!("{fetched:?}") };
    assert_eq!((bought.title.as_str(), price(bought).as_str(), &bought.link), ("Hidden", "2 CNY", &None));
}

#[tokio::test]
async fn an_account_of_the_staff_that_is_refused_is_the_operators_affair() {
    let (shop, closed) = tokio::join!(Shop::start(), Shop::closed());
    for shop in [&shop, &closed] {
        shop.knows("joy").await;
    }
    let wrong = OscarSettings { password: Secret::new("wrong"), ..settings(&shop) };
    let no_staff = OscarSettings { username: Some("joy".to_owned()), ..settings(&shop) };
    for settings in [wrong, no_staff, settings(&closed)] {
        let refused = visitor("@joy:a.example").verifies(&Oscar::new(&settings, true), "").await.unwrap_err();
        assert_eq!(refused.problem, Problem::AppRefused);
        assert_private(&refused);
    }
    let nothing = Oscar::new(&OscarSettings::default(), true);
    assert!(!nothing.descriptor().is_set_up);
    let refused = visitor("@joy:a.example").verifies(&nothing, "").await.unwrap_err();
    assert_eq!(refused.problem, Problem::AppRefused);
}
