//! Dangdang against a fake of its gateway.

use crate::fakes::Canary;
use crate::fakes::dangdang as fake;
use crate::fakes::dangdang::Item;
use crate::fakes::dangdang::Order;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use std::collections::BTreeSet;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::platforms::Credentials;
use tradepost::platforms::Platform;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::dangdang::Dangdang;
use tradepost::values::Secret;

const HOUR: Duration = Duration::from_hours(1);
const NAME: &str = "茶壶专营店";

struct Shop {
    fake: fake::Dangdang,
    dangdang: Dangdang,
    visitor: Visitor,
}

impl Shop {
    async fn open() -> Self {
        let (fake, visitor) = (fake::Dangdang::start().await, Visitor::with_secret(fake::SESSION));
        fake.set_clock(visitor.now);
        let dangdang = adapter(&fake, |_| {});
        Self { fake, dangdang, visitor }
    }

    /// With one item and one sale.
    async fn with_trades() -> Self {
        let shop = Self::open().await;
        shop.fake.offer(shop.item(1));
        shop.fake.order(shop.sale(1, "陶瓷茶壶 R&D"));
        shop
    }

    fn item(&self, id: u64) -> Item {
        let title = format!("茶壶 &amp; Cup&nbsp;{id}");
        Item { id, title, is_offered: true, price: "89.90", stock: 3, modified: self.visitor.now - 48 * HOUR }
    }

    fn sale(&self, id: u64, title: &str) -> Order {
        let at = self.visitor.now - HOUR;
        Order { id, state: "101", paid_at: Some(at), modified: at, lines: vec![(500 + id, title.to_owned(), false, "45.50", 2)] }
    }

    fn pass(&mut self, time: Duration) {
        self.visitor.now += time;
        self.fake.set_clock(self.visitor.now);
    }

    async fn fetch(&self, cursor: Option<&str>) -> Result<Fetched, Problem> {
        self.visitor.fetches(&self.dangdang, NAME, cursor).await.map_err(|error| error.problem)
    }

    /// Fetches until there is no more: the ids, how many polls, and where it goes on.
    async fn fetch_all(&self, cursor: Option<String>) -> (BTreeSet<String>, usize, Option<String>) {
        let (mut ids, mut polls, mut next) = (BTreeSet::new(), 0, cursor);
        loop {
            let Fetched::Changed { trades, cursor, more, .. } = self.fetch(next.as_deref()).await.unwrap() else { panic!() };
            ids.extend(trades.iter().map(|trade| trade.external_id.to_string()));
            polls += 1;
            next = cursor;
            if !more {
                return (ids, polls, next);
            }
        }
    }
}

fn adapter(fake: &fake::Dangdang, change: impl FnOnce(&mut PlatformSettings)) -> Dangdang {
    let mut settings = PlatformSettings::default();
    fake.set_up(&mut settings);
    change(&mut settings);
    Dangdang::new(&settings.dangdang, false)
}

#[tokio::test]
async fn one_item_and_one_sale_come_with_all_that_is_known_of_them() {
    let shop = Shop::with_trades().await;
    let verified = shop.visitor.verifies(&shop.dangdang, "  茶壶专营店 Teapots ").await.unwrap();
    assert_eq!((verified.name.as_str(), verified.label.as_str()), ("茶壶专营店 teapots", "茶壶专营店 Teapots"));
    let of = |kind| trades(&verified.fetched).iter().find(|trade| trade.kind == kind).unwrap();
    let (item, sale) = (of(Kind::Listing), of(Kind::Sale));
    assert_eq!((item.title.as_str(), item.external_id.as_str(), item.available), ("茶壶 & Cup 1", "1", Some(true)));
    assert_eq!(item.price.as_ref().unwrap().amount.to_string(), "89.90");
    assert_eq!(item.link.as_ref().unwrap().as_str(), "https://product.dangdang.com/1.html");
    assert_eq!(item.as_of, Some("2026-03-01T12:00:00Z".parse().unwrap()));
    assert_eq!((sale.title.as_str(), sale.external_id.as_str(), sale.quantity), ("陶瓷茶壶 R&D", "sale:1:501", Some(2)));
    assert_eq!(sale.price.as_ref().unwrap().amount.to_string(), "45.50");
    assert_eq!(sale.price.as_ref().unwrap().currency.code(), "CNY");
    assert_eq!(sale.link.as_ref().unwrap().as_str(), "https://product.dangdang.com/501.html");
    assert_eq!(sale.occurred_at, Some("2026-03-03T11:00:00Z".parse().unwrap()));
    assert!(matches!(verified.fetched, Fetched::Changed { complete: true, more: false, .. }));
}

#[tokio::test]
async fn an_empty_shop_is_no_error() {
    let shop = Shop::open().await;
    let fetched = shop.fetch(None).await.unwrap();
    assert!(trades(&fetched).is_empty());
    assert!(matches!(fetched, Fetched::Changed { complete: true, more: false, .. }));
    assert_eq!(shop.fake.wire.requests(), 2);
}

#[tokio::test]
async fn many_pages_are_read_over_several_polls_and_none_is_missed() {
    let shop = Shop::open().await;
    (1..=90).for_each(|id| shop.fake.offer(shop.item(id)));
    (1..=70).for_each(|id| shop.fake.order(shop.sale(id, "Cup")));
    let (ids, polls, _) = shop.fetch_all(None).await;
    assert_eq!((ids.len(), polls), (160, 2));
    // Nothing is asked for twice: 6 and 5 pages, and each order.
    assert_eq!(shop.fake.wire.requests(), 6 + 5 + 70);
}

#[tokio::test]
async fn the_second_poll_brings_only_what_changed() {
    let mut shop = Shop::with_trades().await;
    shop.fake.offer(shop.item(2));
    let (ids, _, first) = shop.fetch_all(None).await;
    assert_eq!(ids.len(), 3);
    shop.pass(HOUR);
    let second = shop.fetch(first.as_deref()).await.unwrap();
    assert!(trades(&second).is_empty(), "{:?}", titles(&second));
    let now = shop.visitor.now;
    shop.fake.offer(Item { price: "79.90", modified: now, ..shop.item(1) });
    shop.fake.offer(Item { is_offered: false, modified: now, ..shop.item(2) });
    shop.fake.offer(Item { stock: 0, modified: now, ..shop.item(3) });
    let third = shop.fetch(cursor(&second)).await.unwrap();
    assert_eq!(titles(&third), ["茶壶 & Cup 1", "茶壶 & Cup 3"]);
    assert_eq!(trades(&third)[1].available, Some(false));
    let Fetched::Changed { gone, complete, .. } = third else { panic!() };
    assert_eq!((gone.len(), gone[0].as_str(), complete), (1, "2", false));
}

#[tokio::test]
async fn only_what_is_paid_for_and_no_gift_is_a_sale() {
    let shop = Shop::open().await;
    for (id, state) in [(1, "100"), (2, "-100"), (3, "1100"), (4, "50"), (5, "-200")] {
        shop.fake.order(Order { state, ..shop.sale(id, "Not sold") });
    }
    shop.fake.order(Order { paid_at: None, ..shop.sale(6, "To be paid at the door") });
    shop.fake.order(Order { paid_at: None, state: "1000", ..shop.sale(7, "Paid at the door") });
    let lines = vec![
        (1, "Cup".to_owned(), false, "9.00", 1),
        (2, "Spoon for nothing".to_owned(), true, "0.00", 1),
        (1, "Cup".to_owned(), false, "9.00", 1),
    ];
    shop.fake.order(Order { lines, state: "300", ..shop.sale(8, "") });
    let fetched = shop.fetch(None).await.unwrap();
    let ids: Vec<&str> = trades(&fetched).iter().map(|trade| trade.external_id.as_str()).collect();
    assert_eq!(ids, ["sale:7:507", "sale:8:1", "sale:8:1-2"]);
    assert_eq!(shop.fake.methods().iter().filter(|method| method.ends_with("details.get")).count(), 3);
}

#[tokio::test]
async fn an_order_that_is_paid_late_is_told_and_one_from_before_the_account_is_not() {
    let mut shop = Shop::open().await;
    let long_ago = shop.visitor.now - 30 * 24 * HOUR;
    let old = Order { paid_at: Some(long_ago), modified: long_ago, ..shop.sale(1, "Sold long ago") };
    let unpaid = Order { state: "100", paid_at: None, ..shop.sale(2, "Paid late") };
    shop.fake.order(old.clone());
    shop.fake.order(unpaid.clone());
    let first = shop.fetch(None).await.unwrap();
    assert!(titles(&first).is_empty());
    shop.pass(24 * HOUR);
    let now = shop.visitor.now;
    shop.fake.order(Order { state: "1000", modified: now, ..old });
    shop.fake.order(Order { state: "101", paid_at: Some(now), modified: now, ..unpaid });
    assert_eq!(titles(&shop.fetch(cursor(&first)).await.unwrap()), ["Paid late"]);
}

#[tokio::test]
async fn a_long_absence_is_made_up_for_in_windows_of_15_days() {
    let mut shop = Shop::open().await;
    let first = shop.fetch(None).await.unwrap();
    for (id, days) in [(1, 5), (2, 14), (3, 31), (4, 49)] {
        let then = shop.visitor.now + days * 24 * HOUR;
        shop.fake.order(Order { paid_at: Some(then), modified: then, ..shop.sale(id, "Cup") });
    }
    shop.pass(50 * 24 * HOUR);
    let before = shop.fake.methods().len();
    let (ids, _, _) = shop.fetch_all(cursor(&first).map(str::to_owned)).await;
    assert_eq!(ids.len(), 4);
    assert_eq!(shop.fake.methods()[before..].iter().filter(|method| method.ends_with("orders.list.get")).count(), 4);
}

#[tokio::test]
async fn a_failure_between_pages_loses_nothing() {
    let mut shop = Shop::open().await;
    let first = shop.fetch(None).await.unwrap();
    shop.pass(2 * HOUR);
    (1..=30).for_each(|id| shop.fake.order(shop.sale(id, "Cup")));
    // Between the pages of the list, and between the orders of a page.
    for after in [2, 7] {
        shop.fake.wire.fails_after(after, Fault::Broken);
        assert_eq!(shop.fetch(cursor(&first)).await, Err(Problem::HttpStatus { status: 500 }));
    }
    let (ids, _, _) = shop.fetch_all(cursor(&first).map(str::to_owned)).await;
    assert_eq!(ids.len(), 30);
}

#[tokio::test]
async fn one_order_that_is_not_told_of_keeps_no_other_back() {
    let shop = Shop::with_trades().await;
    shop.fake.order(shop.sale(2, "Cup"));
    shop.fake.hide(1);
    assert_eq!(titles(&shop.fetch(None).await.unwrap()), ["茶壶 & Cup 1", "Cup"]);
}

#[tokio::test]
async fn sessions_that_do_not_fit_are_told_apart() {
    let mut shop = Shop::with_trades().await;
    for (secret, problem) in [("", Problem::SecretMalformed), ("two words", Problem::SecretMalformed), ("wrong", Problem::SecretRefused)] {
        shop.visitor.credentials = Some(Credentials::new(Secret::new(secret)));
        assert_eq!(shop.fetch(None).await, Err(problem), "{secret}");
    }
    shop.visitor.credentials = None;
    assert_eq!(shop.visitor.verifies(&shop.dangdang, NAME).await.unwrap_err().problem, Problem::SecretNeeded);
}

#[tokio::test]
async fn a_session_that_ended_is_refused() {
    let shop = Shop::with_trades().await;
    let first = shop.fetch(None).await.unwrap();
    shop.fake.end_session();
    assert_eq!(shop.fetch(cursor(&first)).await, Err(Problem::SecretRefused));
}

#[tokio::test]
async fn each_error_of_the_gateway_has_its_meaning() {
    let shop = Shop::with_trades().await;
    for (code, words, problem) in [
        ("176", "APP与SHOP订购关系过期", Problem::SecretRefused),
        ("411", "gshopID不存在", Problem::NoSuchAccount),
        ("410", "gshopID为空", Problem::NoSuchAccount),
        ("500", "系统异常", Problem::HttpStatus { status: 503 }),
        ("7", "调用次数超限", Problem::AskedToWait),
        ("11", "没有权限", Problem::NotAllowed { missing: String::new() }),
        ("51", "订单状态错误", Problem::Refused { code: "51".to_owned() }),
    ] {
        shop.fake.fail_with(Some((code, words)));
        assert_eq!(shop.fetch(None).await, Err(problem), "{code}");
    }
}

#[tokio::test]
async fn no_name_is_no_account() {
    let shop = Shop::with_trades().await;
    assert_eq!(shop.visitor.verifies(&shop.dangdang, " ").await.unwrap_err().problem, Problem::NoSuchAccount);
    let verified = shop.visitor.verifies(&shop.dangdang, "http://shop.dangdang.com/12345").await.unwrap();
    assert_eq!(verified.name, "12345");
    assert!(shop.dangdang.recognises("http://shop.dangdang.com/12345"));
    assert!(!shop.dangdang.recognises("http://product.dangdang.com/12345.html") && !shop.dangdang.recognises(NAME));
}

#[tokio::test]
async fn servers_that_fail_are_told_apart() {
    let shop = Shop::with_trades().await;
    shop.fake.wire.fails_after(0, Fault::TooMany(7));
    let error = shop.visitor.fetches(&shop.dangdang, NAME, None).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(7))));
    // Which is XML too, only not what was asked for.
    shop.fake.wire.fails_after(0, Fault::Malformed);
    assert_eq!(shop.fetch(None).await, Err(Problem::MalformedAnswer));
    shop.fake.wire.fails_after(1, Fault::Truncated);
    assert!(matches!(shop.fetch(None).await, Err(Problem::MalformedAnswer | Problem::ConnectionFailed)));
    shop.fake.wire.fails_after(2, Fault::Silent);
    assert_eq!(shop.fetch(None).await, Err(Problem::TimedOut { limit_seconds: 2 }));
}

#[tokio::test]
async fn an_app_that_is_not_set_up_asks_nobody() {
    let shop = Shop::with_trades().await;
    let dangdang = adapter(&shop.fake, |settings| settings.dangdang.app_key = String::new());
    assert!(!dangdang.descriptor().is_set_up && shop.dangdang.descriptor().is_set_up);
    assert_eq!(shop.visitor.fetches(&dangdang, NAME, None).await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(shop.visitor.verifies(&dangdang, NAME).await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(shop.fake.wire.requests(), 0);
}

#[tokio::test]
async fn an_app_with_a_wrong_secret_key_or_clock_is_the_operators_affair() {
    let mut shop = Shop::with_trades().await;
    for dangdang in [
        adapter(&shop.fake, |settings| settings.dangdang.app_secret = Secret::new("wrong")),
        adapter(&shop.fake, |settings| settings.dangdang.app_key = "wrong".to_owned()),
    ] {
        assert_eq!(shop.visitor.fetches(&dangdang, NAME, None).await.unwrap_err().problem, Problem::AppRefused);
    }
    shop.visitor.now += Duration::from_mins(11);
    assert_eq!(shop.fetch(None).await, Err(Problem::AppRefused));
}

#[tokio::test]
async fn nothing_of_buyers_is_kept() {
    let shop = Shop::with_trades().await;
    let fetched = shop.fetch(None).await.unwrap();
    assert!(!format!("{fetched:?}").contains(crate::fakes::CANARY));
}
