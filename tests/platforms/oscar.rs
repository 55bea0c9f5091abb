//! The adapter for django-oscar, where the shop is slow, broken, large or gone. What it does at a real
//! one is in tests/it/oscar.rs.

use crate::fakes::CANARY;
use crate::fakes::oscar::Oscar as Fake;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;
use tradepost::domain::ids::UserId;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Trade;
use tradepost::platforms::FetchError;
use tradepost::platforms::oscar::Oscar;
use tradepost::platforms::oscar::OscarSettings;

const JOY: u64 = 1;
const MARY: u64 = 2;

/// Somebody at the fake, with the adapter, and where she goes on.
struct Scene {
    fake: Fake,
    oscar: Oscar,
    visitor: Visitor,
    cursor: Option<String>,
}

impl Scene {
    async fn new() -> Self {
        Self::of("@joy:a.example").await
    }

    async fn of(user: &str) -> Self {
        let fake = Fake::start().await;
        let oscar = Oscar::new(&fake.settings(), true);
        Self { fake, oscar, visitor: Visitor { user: UserId::new(user), ..Visitor::new() }, cursor: None }
    }

    async fn adds(&mut self) -> Result<Fetched, FetchError> {
        let verified = self.visitor.verifies(&self.oscar, "").await;
        assert_private(&verified);
        let verified = verified?;
        self.cursor = cursor(&verified.fetched).map(str::to_owned);
        Ok(verified.fetched)
    }

    async fn polls(&mut self) -> Result<Fetched, FetchError> {
        let fetched = self.visitor.fetches(&self.oscar, self.visitor.user.localpart(), self.cursor.as_deref()).await;
        assert_private(&fetched);
        if let Some(next) = fetched.as_ref().ok().and_then(cursor) {
            self.cursor = Some(next.to_owned());
        }
        fetched
    }

    /// Polls as often as it says that there is more.
    async fn polls_on(&mut self) -> Vec<Trade> {
        let mut all = Vec::new();
        loop {
            let fetched = self.polls().await.unwrap();
            all.extend_from_slice(trades(&fetched));
            if !has_more(&fetched) {
                return all;
            }
        }
    }
}

fn has_more(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { more: true, .. })
}

fn gone(fetched: &Fetched) -> usize {
    match fetched {
        Fetched::Changed { gone, .. } => gone.len(),
        Fetched::Unchanged => 0,
    }
}

fn assert_private(said: &impl Debug) {
    let said = format!("{said:?}");
    assert!(!said.contains(CANARY), "{said}");
}

#[tokio::test]
async fn an_empty_shop_has_an_account_and_nothing_in_it() {
    let mut scene = Scene::new().await;
    assert!(titles(&scene.adds().await.unwrap()).is_empty());
    assert_eq!(scene.polls().await, Ok(Fetched::Unchanged));
    let teapot = scene.fake.offers("Teapot &amp; <b>lid</b>", "20.00");
    scene.fake.sells_to(JOY, teapot);
    assert_eq!(titles(&scene.polls().await.unwrap()), ["Teapot & lid"]);
    assert_eq!(scene.polls().await, Ok(Fetched::Unchanged));
}

#[tokio::test]
async fn nothing_is_asked_twice_that_is_known() {
    let mut scene = Scene::new().await;
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.fake.sells_to(JOY, teapot);
    assert_eq!(titles(&scene.adds().await.unwrap()), ["Teapot"]);
    let before = scene.fake.wire.requests();
    assert_eq!(scene.polls().await, Ok(Fetched::Unchanged));
    assert_eq!(scene.fake.wire.requests() - before, 2, "who she is, and the newest orders");
}

#[tokio::test]
async fn orders_of_guests_and_others_are_not_even_looked_at() {
    let mut scene = Scene::new().await;
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.adds().await.unwrap();
    scene.fake.sells_to(MARY, teapot);
    let guests = scene.fake.sells_to(JOY, teapot);
    scene.fake.shop().orders[guests].owner = None;
    assert!(titles(&scene.polls().await.unwrap()).is_empty());
    assert!(!scene.fake.wire.paths().iter().any(|path| path.contains("lines") || path.contains("products")));
}

#[tokio::test]
async fn an_order_comes_with_its_time_in_utc_and_the_price_of_one() {
    let mut scene = Scene::new().await;
    scene.adds().await.unwrap();
    let teapot = scene.fake.offers("Teapot", "20.00");
    let order = scene.fake.sells_to(JOY, teapot);
    scene.fake.shop().orders[order].quantity = 3;
    let fetched = scene.polls().await.unwrap();
    let [bought] = trades(&fetched) else { panic!("{fetched:?}") };
    assert_eq!(bought.occurred_at, Some("2026-03-01T00:00:00Z".parse().unwrap()));
    assert_eq!((bought.price.as_ref().unwrap().amount, bought.quantity), ("20".parse().unwrap(), Some(3)));
    assert_eq!(bought.link.as_ref().unwrap().as_str(), format!("{}catalogue/thing-1_1/", scene.fake.wire.url()));
}

#[tokio::test]
async fn links_without_tls_are_left_out_where_they_are_not_allowed() {
    let mut scene = Scene::new().await;
    scene.oscar = Oscar::new(&scene.fake.settings(), false);
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.fake.sells_to(JOY, teapot);
    assert_eq!(trades(&scene.adds().await.unwrap())[0].link, None);
}

#[tokio::test]
async fn more_pages_than_a_poll_may_read_are_read_by_the_next_ones() {
    let mut scene = Scene::new().await;
    scene.fake.shop().page = Some(2);
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.fake.sells_to(MARY, teapot);
    scene.adds().await.unwrap();
    for number in 0..60 {
        scene.fake.sells_to(if number % 20 == 0 { JOY } else { MARY }, teapot);
    }
    let first = scene.polls().await.unwrap();
    assert!(has_more(&first), "{first:?}");
    // While it is being read, something is bought again.
    let last = scene.fake.sells_to(JOY, teapot);
    let mut all = trades(&first).to_vec();
    all.extend(scene.polls_on().await);
    all.extend(scene.polls_on().await);
    let ids: BTreeSet<_> = all.iter().map(|trade| trade.external_id.as_str().to_owned()).collect();
    let expected: BTreeSet<_> = [1, 21, 41, last].iter().map(|place| format!("purchase:{0}:{0}", place + 1)).collect();
    assert_eq!((ids, all.len()), (expected, 4));
    assert_eq!(scene.polls().await, Ok(Fetched::Unchanged));
}

#[tokio::test]
async fn more_orders_of_hers_than_a_poll_may_read_come_one_poll_after_another() {
    let mut scene = Scene::new().await;
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.adds().await.unwrap();
    for _ in 0..50 {
        scene.fake.sells_to(JOY, teapot);
    }
    let first = scene.polls().await.unwrap();
    assert_eq!((trades(&first).len(), has_more(&first)), (20, true));
    let rest = scene.polls_on().await;
    let ids: BTreeSet<_> = trades(&first).iter().chain(&rest).map(|trade| trade.external_id.clone()).collect();
    assert_eq!((ids.len(), rest.len()), (50, 30));
    assert_eq!(scene.polls().await, Ok(Fetched::Unchanged));
}

#[tokio::test]
async fn a_page_that_is_not_there_any_more_is_the_end() {
    let mut scene = Scene::new().await;
    scene.fake.shop().page = Some(2);
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.fake.sells_to(MARY, teapot);
    scene.adds().await.unwrap();
    for _ in 0..40 {
        scene.fake.sells_to(MARY, teapot);
    }
    assert!(has_more(&scene.polls().await.unwrap()));
    scene.fake.shop().orders.truncate(4);
    assert!(!has_more(&scene.polls().await.unwrap()));
}

#[tokio::test]
async fn at_first_only_the_newest_purchases_are_brought_and_the_others_never() {
    let mut scene = Scene::new().await;
    let teapot = scene.fake.offers("Teapot", "20.00");
    for _ in 0..40 {
        scene.fake.sells_to(JOY, teapot);
    }
    let first = scene.adds().await.unwrap();
    let mut ids: Vec<_> = trades(&first).iter().map(|trade| trade.external_id.as_str().to_owned()).collect();
    ids.sort();
    assert_eq!((ids.len(), ids[0].as_str(), has_more(&first)), (20, "purchase:21:21", false));
    assert_eq!(scene.polls().await, Ok(Fetched::Unchanged));
}

#[tokio::test]
async fn an_order_from_the_future_hides_none_of_today() {
    let mut scene = Scene::new().await;
    let teapot = scene.fake.offers("Teapot", "20.00");
    let odd = scene.fake.sells_to(MARY, teapot);
    scene.fake.shop().orders[odd].placed = "2031-01-01T00:00:00Z".parse().unwrap();
    scene.adds().await.unwrap();
    let order = scene.fake.sells_to(JOY, teapot);
    scene.fake.shop().orders[order].placed = "2026-03-03T11:00:00Z".parse().unwrap();
    assert_eq!(titles(&scene.polls().await.unwrap()), ["Teapot"]);
    assert!(titles(&scene.polls().await.unwrap_or(Fetched::Unchanged)).is_empty());
}

#[tokio::test]
async fn an_order_that_was_still_being_placed_is_not_missed() {
    let mut scene = Scene::new().await;
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.fake.sells_to(MARY, teapot);
    scene.adds().await.unwrap();
    // Its time is that of its beginning.
    let late = scene.fake.sells_to(JOY, teapot);
    let newest = scene.fake.shop().orders[0].placed;
    scene.fake.shop().orders[late].placed = newest - Duration::from_secs(90);
    assert_eq!(titles(&scene.polls().await.unwrap()), ["Teapot"]);
}

#[tokio::test]
async fn an_unpaid_order_is_waited_for_and_forgotten_in_the_end() {
    let mut scene = Scene::new().await;
    let teapot = scene.fake.offers("Teapot", "20.00");
    let (paid, cancelled, never) = (scene.fake.sells_to(JOY, teapot), scene.fake.sells_to(JOY, teapot), scene.fake.sells_to(JOY, teapot));
    for order in &mut scene.fake.shop().orders {
        "Unpaid".clone_into(&mut order.status);
    }
    assert!(titles(&scene.adds().await.unwrap()).is_empty());
    // Meanwhile others buy.
    for _ in 0..5 {
        scene.fake.sells_to(MARY, teapot);
    }
    assert!(titles(&scene.polls().await.unwrap()).is_empty());
    "Complete".clone_into(&mut scene.fake.shop().orders[paid].status);
    "Cancelled".clone_into(&mut scene.fake.shop().orders[cancelled].status);
    let fetched = scene.polls().await.unwrap();
    assert_eq!(trades(&fetched)[0].external_id.as_str(), "purchase:1:1");
    scene.visitor.now = "2026-04-03T12:00:00Z".parse().unwrap();
    scene.polls().await.unwrap();
    let before = scene.fake.wire.requests();
    scene.polls().await.unwrap();
    assert_eq!(scene.fake.wire.requests() - before, 2, "nobody asks for order {never} any more");
}

#[tokio::test]
async fn whatever_fails_fails_the_whole_fetch_and_nothing_is_lost() {
    let faults = [
        (Fault::Broken, Problem::HttpStatus { status: 500 }),
        (Fault::TooMany(70), Problem::AskedToWait),
        (Fault::Malformed, Problem::MalformedAnswer),
        (Fault::Truncated, Problem::MalformedAnswer),
        (Fault::Silent, Problem::TimedOut { limit_seconds: 2 }),
    ];
    let mut scene = Scene::new().await;
    scene.fake.shop().page = Some(2);
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.fake.sells_to(MARY, teapot);
    scene.adds().await.unwrap();
    for (fault, problem) in faults {
        for _ in 0..3 {
            scene.fake.sells_to(JOY, teapot);
        }
        let before = scene.cursor.clone();
        // Who she is, orders, more orders, lines, the product.
        for request in 0..5 {
            scene.fake.wire.fails_after(request, fault);
            let failed = scene.polls().await.unwrap_err();
            assert_eq!((failed.problem, &scene.cursor), (problem.clone(), &before), "{fault:?} at {request}");
            let wait = matches!(fault, Fault::TooMany(_)).then_some(Duration::from_secs(70));
            assert_eq!(failed.retry_after, wait);
        }
        assert_eq!(trades(&scene.polls().await.unwrap()).len(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn an_account_that_is_refused_is_the_operators_affair() {
    for asks_for_password in [false, true] {
        let mut scene = Scene::new().await;
        scene.adds().await.unwrap();
        scene.fake.shop().asks_for_password = asks_for_password;
        let wrong = OscarSettings { username: Some("somebody".to_owned()), ..scene.fake.settings() };
        scene.oscar = Oscar::new(&wrong, true);
        assert_eq!(scene.polls().await.unwrap_err().problem, Problem::AppRefused);
        assert_eq!(scene.adds().await.unwrap_err().problem, Problem::AppRefused);
    }
}

#[tokio::test]
async fn somebody_without_an_account_gets_nothing() {
    let mut scene = Scene::of("@nobody:a.example").await;
    scene.fake.shop().page = Some(1);
    assert_eq!(scene.adds().await.unwrap_err().problem, Problem::NoSuchAccount);
    // At the shop, unlike here, names that differ in case are two names.
    let mut scene = Scene::new().await;
    for name in ["Joy", "JOY", "joy "] {
        name.clone_into(&mut scene.fake.shop().users[0]);
        assert_eq!(scene.adds().await.unwrap_err().problem, Problem::NoSuchAccount, "{name}");
    }
    let scene = Scene::new().await;
    let others = scene.visitor.fetches(&scene.oscar, "mary", None).await;
    assert_eq!(others.unwrap_err().problem, Problem::NoSuchAccount, "Joy does not read what is Mary's");
}

#[tokio::test]
async fn a_cursor_that_cannot_be_read_is_none() {
    let mut scene = Scene::new().await;
    let teapot = scene.fake.offers("Teapot", "20.00");
    scene.fake.sells_to(JOY, teapot);
    scene.cursor = Some("{\"user\":\"joy\"".to_owned());
    assert_eq!(titles(&scene.polls().await.unwrap()), ["Teapot"]);
    assert_eq!(scene.polls().await, Ok(Fetched::Unchanged));
}

fn named(fetched: &Fetched, title: &str) -> Option<Trade> {
    trades(fetched).iter().find(|trade| trade.title.as_str() == title).cloned()
}

#[tokio::test]
async fn a_large_shop_is_known_at_once_and_its_prices_by_and_by() {
    let mut scene = Scene::of("@shopkeeper:a.example").await;
    scene.fake.shop().page = Some(30);
    for number in 1..=100 {
        scene.fake.offers(&format!("Thing {number}"), "3.00");
    }
    scene.fake.shop().products.get_mut(&1).unwrap().stock = 0;
    let first = scene.adds().await.unwrap();
    let with_price = |fetched: &Fetched| trades(fetched).iter().filter(|trade| trade.price.is_some()).count();
    assert_eq!((trades(&first).len(), with_price(&first), has_more(&first)), (100, 30, false));
    assert!(named(&first, "Thing 100").unwrap().price.is_some(), "the newest first");
    assert_eq!(named(&first, "Thing 1").unwrap().available, Some(false));
    let mut asked = 30;
    for _ in 0..3 {
        let before = scene.fake.wire.requests();
        asked += with_price(&scene.polls().await.unwrap());
        assert!(scene.fake.wire.requests() - before <= 80, "one poll asks no more");
    }
    assert!(asked >= 100, "{asked}");
}

#[tokio::test]
async fn what_has_changed_is_asked_for_and_little_else() {
    let mut scene = Scene::of("@shopkeeper:a.example").await;
    for number in 1..=20 {
        scene.fake.offers(&format!("Thing {number}"), "3.00");
    }
    scene.adds().await.unwrap();
    "4.00".clone_into(&mut scene.fake.shop().products.get_mut(&15).unwrap().excl_tax);
    scene.fake.shop().products.get_mut(&15).unwrap().incl_tax = Some("4.80".to_owned());
    // The list does not say this, so its turn has to come.
    scene.fake.shop().products.get_mut(&16).unwrap().incl_tax = Some("5.00".to_owned());
    scene.fake.offers("New", "9.00");
    scene.fake.shop().products.get_mut(&21).unwrap().incl_tax = None;
    let before = scene.fake.wire.requests();
    let fetched = scene.polls().await.unwrap();
    let price = |fetched: &Fetched, title: &str| named(fetched, title).map(|trade| trade.price.unwrap().amount.to_string());
    assert_eq!((price(&fetched, "Thing 15").as_deref(), price(&fetched, "New").as_deref()), (Some("4.80"), Some("9.00")));
    assert_eq!(scene.fake.wire.requests() - before, 3 + 4 + 10, "user, orders, list; two that changed; five in turn");
    let mut seen = price(&fetched, "Thing 16");
    for _ in 0..4 {
        seen = seen.or(price(&scene.polls().await.unwrap(), "Thing 16"));
    }
    assert_eq!(seen.as_deref(), Some("5.00"));
}

#[tokio::test]
async fn many_new_products_come_with_their_prices_one_poll_after_another() {
    let mut scene = Scene::of("@shopkeeper:a.example").await;
    scene.fake.offers("Old", "3.00");
    scene.adds().await.unwrap();
    for number in 1..=70 {
        scene.fake.offers(&format!("New {number}"), "3.00");
    }
    let new = scene.polls_on().await;
    let titles: BTreeSet<_> = new.iter().map(|trade| trade.title.as_str()).filter(|title| title.starts_with("New")).collect();
    assert_eq!(titles.len(), 70);
    assert!(new.iter().all(|trade| trade.price.is_some() && trade.available == Some(true)));
}

#[tokio::test]
async fn what_is_gone_is_said_unless_it_is_most_of_the_shop() {
    let mut scene = Scene::of("@shopkeeper:a.example").await;
    for number in 1..=30 {
        scene.fake.offers(&format!("Thing {number}"), "3.00");
    }
    scene.adds().await.unwrap();
    let all = std::mem::take(&mut scene.fake.shop().products);
    assert_eq!(gone(&scene.polls().await.unwrap()), 0, "broken more likely than sold out");
    scene.fake.shop().products = all;
    for id in 1..=5 {
        scene.fake.shop().products.remove(&id);
    }
    assert_eq!(gone(&scene.polls().await.unwrap()), 5);
    assert_eq!(gone(&scene.polls().await.unwrap()), 0);
}

#[tokio::test]
async fn a_fault_while_the_shelf_is_read_loses_nothing() {
    let mut scene = Scene::of("@shopkeeper:a.example").await;
    scene.fake.shop().page = Some(2);
    for number in 1..=3 {
        scene.fake.offers(&format!("Thing {number}"), "3.00");
    }
    scene.adds().await.unwrap();
    scene.fake.offers("New", "3.00");
    // Who she is, orders, two pages of the list, the price.
    for request in 0..5 {
        scene.fake.wire.fails_after(request, Fault::Broken);
        assert_eq!(scene.polls().await.unwrap_err().problem, Problem::HttpStatus { status: 500 });
    }
    assert!(named(&scene.polls().await.unwrap(), "New").is_some());
}

#[tokio::test]
async fn whoever_became_the_operator_later_does_not_announce_the_whole_shop() {
    let mut scene = Scene::of("@shopkeeper:a.example").await;
    scene.fake.offers("Old", "3.00");
    scene.oscar = Oscar::new(&OscarSettings { operator: None, ..scene.fake.settings() }, true);
    scene.adds().await.unwrap();
    scene.oscar = Oscar::new(&scene.fake.settings(), true);
    assert_eq!(scene.polls().await, Ok(Fetched::Unchanged));
    assert_eq!(titles(&scene.adds().await.unwrap()), ["Old"]);
}
