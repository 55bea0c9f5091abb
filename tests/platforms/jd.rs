//! JD against a fake of its gateway.

use crate::fakes::Canary;
use crate::fakes::jd as fake;
use crate::fakes::jd::Order;
use crate::fakes::jd::Ware;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::platforms::Platform;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::jd::Jd;

mod consent;
mod failures;

const HOUR: Duration = Duration::from_hours(1);

struct Shop {
    fake: fake::Jd,
    jd: Jd,
    visitor: Visitor,
}

impl Shop {
    async fn open() -> Self {
        let (fake, visitor) = (fake::Jd::start().await, Visitor::with_secret(fake::TOKEN));
        fake.set_clock(visitor.now);
        let jd = adapter(&fake, |_| {});
        Self { fake, jd, visitor }
    }

    /// With one ware and one sale.
    async fn with_trades() -> Self {
        let shop = Self::open().await;
        shop.fake.offer(shop.ware(1));
        shop.fake.order(shop.sale(1, "Blue teapot"));
        shop
    }

    fn ware(&self, id: u64) -> Ware {
        Ware { id, title: format!("Teapot {id}"), status: 8, price: "89.90", modified: self.visitor.now - 48 * HOUR }
    }

    fn sale(&self, id: u64, title: &str) -> Order {
        let at = self.visitor.now - HOUR;
        let lines = vec![(262_000 + id, title.to_owned(), "89.90", 2)];
        Order { id, state: "WAIT_SELLER_STOCK_OUT", made_at: at, paid_at: Some(at), ended_at: None, modified: at, lines }
    }

    fn pass(&mut self, time: Duration) {
        self.visitor.now += time;
        self.fake.set_clock(self.visitor.now);
    }

    async fn fetch(&self, cursor: Option<&str>) -> Result<Fetched, Problem> {
        self.visitor.fetches(&self.jd, fake::SHOP, cursor).await.map_err(|error| error.problem)
    }
}

fn adapter(fake: &fake::Jd, change: impl FnOnce(&mut PlatformSettings)) -> Jd {
    let mut settings = PlatformSettings::default();
    fake.set_up(&mut settings);
    change(&mut settings);
    Jd::new(&settings.jd, false)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn is_more(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { more: true, .. })
}

fn is_complete(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { complete: true, .. })
}

#[tokio::test]
async fn a_merchants_shop_is_known_by_the_number_and_name_that_jd_tells() {
    let shop = Shop::with_trades().await;
    for typed in ["My teapots", fake::SHOP, fake::MERCHANT, "<https://mall.jd.com/index-163184.html>", ""] {
        let verified = shop.visitor.verifies(&shop.jd, typed).await.unwrap();
        assert_eq!((verified.name.as_str(), verified.label.as_str()), (fake::SHOP, "茶壶旗舰店"), "{typed}");
    }
}

#[tokio::test]
async fn one_ware_and_one_sale_come_with_all_that_is_known_of_them() {
    let shop = Shop::with_trades().await;
    let fetched = shop.visitor.verifies(&shop.jd, "my shop").await.unwrap().fetched;
    let of = |kind| trades(&fetched).iter().find(|trade| trade.kind == kind).unwrap();
    let (ware, sale) = (of(Kind::Listing), of(Kind::Sale));
    assert_eq!((ware.title.as_str(), ware.external_id.as_str()), ("Teapot 1", "1"));
    // A number in JSON, text in the order.
    assert_eq!(ware.price.as_ref().unwrap().amount.to_string(), "89.9");
    assert_eq!(ware.link.as_ref().unwrap().as_str(), "https://item.jd.com/10.html");
    assert_eq!(ware.image.as_ref().unwrap().as_str(), "https://img12.360buyimg.com/n5/jfs/t1/a.jpg");
    assert_eq!((ware.categories[0].scheme.as_deref(), ware.categories[0].text.as_str()), (Some("jd"), "11222"));
    assert_eq!((ware.available, ware.occurred_at), (Some(true), Some(at("2026-03-01T12:00:00Z"))));
    assert_eq!((sale.title.as_str(), sale.external_id.as_str(), sale.quantity), ("Blue teapot", "sale:1:262001", Some(2)));
    assert_eq!(sale.price.as_ref().unwrap().amount.to_string(), "89.90");
    assert_eq!(sale.price.as_ref().unwrap().currency.code(), "CNY");
    assert_eq!(sale.link.as_ref().unwrap().as_str(), "https://item.jd.com/262001.html");
    assert_eq!(sale.occurred_at, Some(at("2026-03-03T11:00:00Z")));
    assert!(is_complete(&fetched) && !is_more(&fetched));
}

#[tokio::test]
async fn an_empty_shop_is_no_error() {
    let shop = Shop::open().await;
    let fetched = shop.fetch(None).await.unwrap();
    assert!(trades(&fetched).is_empty() && is_complete(&fetched));
}

#[tokio::test]
async fn many_pages_are_read_and_nothing_comes_twice() {
    let shop = Shop::open().await;
    (1..=250).for_each(|id| shop.fake.offer(shop.ware(id)));
    (1..=230).for_each(|id| shop.fake.order(shop.sale(id, "Cup")));
    let fetched = shop.fetch(None).await.unwrap();
    let ids: BTreeSet<&str> = trades(&fetched).iter().map(|trade| trade.external_id.as_str()).collect();
    assert_eq!((ids.len(), trades(&fetched).len()), (480, 480));
    assert!(is_complete(&fetched));
}

#[tokio::test]
async fn a_shop_that_is_too_large_for_one_poll_is_read_in_several() {
    let shop = Shop::open().await;
    (1..=1_500).for_each(|id| shop.fake.offer(shop.ware(id)));
    shop.fake.order(shop.sale(1, "Cup"));
    let (mut ids, mut next, mut polls) = (BTreeSet::new(), None, 0);
    loop {
        let before = shop.fake.wire.requests();
        let fetched = shop.fetch(next.as_deref()).await.unwrap();
        assert!(shop.fake.wire.requests() - before <= 13);
        ids.extend(trades(&fetched).iter().map(|trade| trade.external_id.to_string()));
        next = cursor(&fetched).map(str::to_owned);
        polls += 1;
        if !is_more(&fetched) {
            break;
        }
    }
    assert_eq!((ids.len(), polls), (1_501, 2));
}

#[tokio::test]
async fn the_second_poll_brings_only_what_changed() {
    let mut shop = Shop::with_trades().await;
    shop.fake.offer(shop.ware(2));
    let first = shop.fetch(None).await.unwrap();
    shop.pass(HOUR);
    let before = shop.fake.wire.requests();
    let second = shop.fetch(cursor(&first)).await.unwrap();
    assert!(trades(&second).is_empty(), "{:?}", titles(&second));
    assert_eq!(shop.fake.wire.requests() - before, 2);
    let now = shop.visitor.now;
    shop.fake.offer(Ware { price: "79.90", modified: now, ..shop.ware(1) });
    shop.fake.offer(Ware { status: 2, modified: now, ..shop.ware(2) });
    shop.fake.offer(Ware { modified: now, ..shop.ware(3) });
    let third = shop.fetch(cursor(&second)).await.unwrap();
    assert_eq!(titles(&third), ["Teapot 1", "Teapot 3"]);
    assert!(trades(&third).iter().all(|trade| trade.link.is_some()));
    let Fetched::Changed { gone, complete, .. } = third else { panic!() };
    assert_eq!((gone.len(), gone[0].as_str(), complete), (1, "2", false));
}

#[tokio::test]
async fn only_what_is_paid_for_is_a_sale() {
    let shop = Shop::open().await;
    let now = shop.visitor.now;
    shop.fake.order(Order { state: "TRADE_CANCELED", ..shop.sale(1, "Cancelled") });
    shop.fake.order(Order { state: "LOCKED", ..shop.sale(2, "About to be cancelled") });
    shop.fake.order(Order { paid_at: None, ..shop.sale(3, "To be paid at the door") });
    shop.fake.order(Order { paid_at: None, state: "FINISHED_L", ended_at: Some(now), ..shop.sale(4, "Paid at the door") });
    shop.fake.order(Order { state: "WAIT_GOODS_RECEIVE_CONFIRM", ..shop.sale(5, "On its way") });
    assert_eq!(titles(&shop.fetch(None).await.unwrap()), ["Paid at the door", "On its way"]);
}

#[tokio::test]
async fn an_order_that_is_paid_late_is_told_and_one_from_before_the_account_is_not() {
    let mut shop = Shop::open().await;
    let long_ago = shop.visitor.now - 30 * 24 * HOUR;
    let old = Order { made_at: long_ago, paid_at: Some(long_ago), modified: long_ago, ..shop.sale(1, "Sold long ago") };
    shop.fake.order(old.clone());
    let first = shop.fetch(None).await.unwrap();
    assert!(titles(&first).is_empty());
    shop.pass(24 * HOUR);
    let now = shop.visitor.now;
    shop.fake.order(Order { state: "FINISHED_L", modified: now, ..old });
    shop.fake.order(Order { made_at: now - 23 * HOUR, paid_at: Some(now), modified: now, ..shop.sale(2, "Paid late") });
    assert_eq!(titles(&shop.fetch(cursor(&first)).await.unwrap()), ["Paid late"]);
}

#[tokio::test]
async fn two_lines_of_one_article_are_two_trades() {
    let shop = Shop::open().await;
    let line = (7, "Cup".to_owned(), "10.00", 1);
    shop.fake.order(Order { lines: vec![line.clone(), line], ..shop.sale(1, "") });
    let fetched = shop.fetch(None).await.unwrap();
    let ids: Vec<&str> = trades(&fetched).iter().map(|trade| trade.external_id.as_str()).collect();
    assert_eq!(ids, ["sale:1:7", "sale:1:7-2"]);
    assert_eq!(trades(&fetched)[0].quantity, None);
}

#[tokio::test]
async fn a_long_absence_is_made_up_for_in_windows_of_less_than_a_month() {
    let mut shop = Shop::open().await;
    let first = shop.fetch(None).await.unwrap();
    for (id, days) in [(1, 5), (2, 40), (3, 75)] {
        let then = shop.visitor.now + days * 24 * HOUR;
        shop.fake.order(Order { made_at: then, paid_at: Some(then), modified: then, ..shop.sale(id, "Cup") });
    }
    shop.pass(80 * 24 * HOUR);
    let second = shop.fetch(cursor(&first)).await.unwrap();
    assert_eq!((trades(&second).len(), is_more(&second)), (3, false));
    shop.pass(200 * 24 * HOUR);
    assert!(shop.fetch(cursor(&second)).await.is_ok());
}

#[tokio::test]
async fn nothing_of_buyers_is_asked_for_or_kept() {
    let shop = Shop::with_trades().await;
    let fetched = shop.fetch(None).await.unwrap();
    assert!(!format!("{fetched:?}").contains(crate::fakes::CANARY));
    for query in shop.fake.calls_of("jingdong.pop.order.search") {
        let fields = query["optional_fields"].as_str().unwrap();
        assert!(!["consignee", "Remark", "invoice", "pin", "xid"].iter().any(|field| fields.contains(field)), "{fields}");
    }
}

#[tokio::test]
async fn a_front_page_is_recognised_and_nothing_else() {
    let shop = Shop::open().await;
    assert!(shop.jd.recognises("https://mall.jd.com/index-163184.html"));
    for typed in ["https://item.jd.com/163184.html", "https://mall.jd.com.evil.example/index-1.html", "163184", "my shop"] {
        assert!(!shop.jd.recognises(typed), "{typed}");
    }
}
