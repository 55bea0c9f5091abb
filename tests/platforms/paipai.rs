//! Paipai against a fake of what it was.

use crate::fakes::Canary;
use crate::fakes::paipai as fake;
use crate::fakes::paipai::Deal;
use crate::fakes::paipai::Item;
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
use tradepost::platforms::LinkTemplate;
use tradepost::platforms::Platform;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::paipai::Paipai;
use tradepost::values::Secret;

const HOUR: Duration = Duration::from_hours(1);

struct Shop {
    fake: fake::Paipai,
    paipai: Paipai,
    visitor: Visitor,
}

impl Shop {
    async fn open() -> Self {
        let (fake, visitor) = (fake::Paipai::start().await, Visitor::with_secret(fake::TOKEN));
        fake.set_clock(visitor.now);
        let paipai = adapter(&fake, |_| {});
        Self { fake, paipai, visitor }
    }

    /// With one item and one sale.
    async fn with_trades() -> Self {
        let shop = Self::open().await;
        shop.fake.offer(shop.item(1));
        shop.fake.deal(shop.sale(1, "陶瓷茶壶"));
        shop
    }

    fn item(&self, id: u32) -> Item {
        let modified = self.visitor.now - 48 * HOUR;
        Item { code: format!("9C{id:08}"), title: format!("Cup {id}"), state: "IS_FOR_SALE", fen: 8_990, stock: 3, modified }
    }

    fn sale(&self, id: u32, title: &str) -> Deal {
        let at = self.visitor.now - HOUR;
        let lines = vec![(format!("9C{id:08}"), title.to_owned(), 4_550, 2)];
        Deal { code: format!("855-{id}"), state: "DS_WAIT_SELLER_DELIVERY", paid_at: Some(at), modified: at, lines }
    }

    fn pass(&mut self, time: Duration) {
        self.visitor.now += time;
        self.fake.set_clock(self.visitor.now);
    }

    async fn fetch(&self, cursor: Option<&str>) -> Result<Fetched, Problem> {
        self.visitor.fetches(&self.paipai, fake::SELLER, cursor).await.map_err(|error| error.problem)
    }
}

fn adapter(fake: &fake::Paipai, change: impl FnOnce(&mut PlatformSettings)) -> Paipai {
    let mut settings = PlatformSettings::default();
    fake.set_up(&mut settings);
    change(&mut settings);
    Paipai::new(&settings.paipai, false)
}

#[tokio::test]
async fn it_is_off_unless_it_is_configured() {
    let shop = Shop::with_trades().await;
    let paipai = Paipai::new(&PlatformSettings::default().paipai, false);
    assert!(!paipai.descriptor().is_set_up && shop.paipai.descriptor().is_set_up);
    assert_eq!(shop.visitor.fetches(&paipai, fake::SELLER, None).await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(shop.visitor.verifies(&paipai, fake::SELLER).await.unwrap_err().problem, Problem::AppRefused);
    assert!(!shop.paipai.recognises("http://shop.paipai.com/855000188"));
}

#[tokio::test]
async fn one_item_and_one_sale_come_with_all_that_is_known_of_them() {
    let mut shop = Shop::with_trades().await;
    shop.visitor.links = LinkTemplate::parse("https://shop.example/{id}");
    let verified = shop.visitor.verifies(&shop.paipai, " 0855000188 ").await.unwrap();
    assert_eq!((verified.name.as_str(), verified.label.as_str()), (fake::SELLER, "QQ 855000188"));
    let of = |kind| trades(&verified.fetched).iter().find(|trade| trade.kind == kind).unwrap();
    let (item, sale) = (of(Kind::Listing), of(Kind::Sale));
    assert_eq!((item.title.as_str(), item.external_id.as_str(), item.available), ("Cup 1", "9C00000001", Some(true)));
    assert_eq!(item.price.as_ref().unwrap().amount.to_string(), "89.90");
    assert_eq!(item.link.as_ref().unwrap().as_str(), "https://shop.example/9C00000001");
    assert_eq!(item.image.as_ref().unwrap().as_str(), "https://img.example/teapot.jpg");
    assert_eq!((item.categories[0].scheme.as_deref(), item.categories[0].text.as_str()), (Some("paipai"), "29051"));
    assert_eq!((sale.title.as_str(), sale.external_id.as_str(), sale.quantity), ("陶瓷茶壶", "sale:855-1:9C00000001", Some(2)));
    assert_eq!(sale.price.as_ref().unwrap().amount.to_string(), "45.50");
    assert_eq!(sale.occurred_at, Some("2026-03-03T11:00:00Z".parse().unwrap()));
    assert!(matches!(verified.fetched, Fetched::Changed { complete: true, more: false, .. }));
    shop.visitor.links = None;
    assert!(trades(&shop.fetch(None).await.unwrap()).iter().all(|trade| trade.link.is_none()));
}

#[tokio::test]
async fn an_empty_shop_is_no_error() {
    let shop = Shop::open().await;
    let fetched = shop.fetch(None).await.unwrap();
    assert!(trades(&fetched).is_empty());
    assert!(matches!(fetched, Fetched::Changed { complete: true, more: false, .. }));
}

#[tokio::test]
async fn many_pages_are_read_and_nothing_comes_twice() {
    let shop = Shop::open().await;
    (1..=90).for_each(|id| shop.fake.offer(shop.item(id)));
    (1..=50).for_each(|id| shop.fake.deal(shop.sale(id, "Cup")));
    let fetched = shop.fetch(None).await.unwrap();
    let ids: BTreeSet<&str> = trades(&fetched).iter().map(|trade| trade.external_id.as_str()).collect();
    assert_eq!((ids.len(), trades(&fetched).len()), (140, 140));
    assert!(matches!(fetched, Fetched::Changed { complete: true, more: false, .. }));
}

#[tokio::test]
async fn the_second_poll_brings_only_what_changed() {
    let mut shop = Shop::with_trades().await;
    shop.fake.offer(shop.item(2));
    let first = shop.fetch(None).await.unwrap();
    shop.pass(HOUR);
    let second = shop.fetch(cursor(&first)).await.unwrap();
    assert!(trades(&second).is_empty(), "{:?}", titles(&second));
    let now = shop.visitor.now;
    shop.fake.offer(Item { fen: 7_990, modified: now, ..shop.item(1) });
    shop.fake.offer(Item { state: "IS_IN_STORE", modified: now, ..shop.item(2) });
    let third = shop.fetch(cursor(&second)).await.unwrap();
    assert_eq!(titles(&third), ["Cup 1"]);
    let Fetched::Changed { gone, complete, .. } = third else { panic!() };
    assert_eq!((gone.len(), gone[0].as_str(), complete), (1, "9C00000002", false));
}

#[tokio::test]
async fn only_what_is_paid_for_is_a_sale() {
    let shop = Shop::open().await;
    let states = ["DS_WAIT_BUYER_PAY", "DS_DEAL_CANCELLED", "DS_DEAL_REFUNDING", "DS_SYSTEM_HALT", "STATE_COD_CANCEL"];
    for (id, state) in (1..).zip(states) {
        shop.fake.deal(Deal { state, ..shop.sale(id, "Not sold") });
    }
    shop.fake.deal(Deal { paid_at: None, ..shop.sale(8, "Not paid") });
    shop.fake.deal(Deal { state: "DS_DEAL_END_NORMAL", ..shop.sale(9, "Sold") });
    assert_eq!(titles(&shop.fetch(None).await.unwrap()), ["Sold"]);
}

#[tokio::test]
async fn a_long_absence_is_made_up_for_window_by_window() {
    let mut shop = Shop::open().await;
    let first = shop.fetch(None).await.unwrap();
    for (id, days) in [(1, 5), (2, 14), (3, 31)] {
        let then = shop.visitor.now + days * 24 * HOUR;
        shop.fake.deal(Deal { paid_at: Some(then), modified: then, ..shop.sale(id, "Cup") });
    }
    shop.pass(40 * 24 * HOUR);
    let second = shop.fetch(cursor(&first)).await.unwrap();
    assert_eq!(trades(&second).len(), 3);
}

#[tokio::test]
async fn a_failure_between_pages_loses_nothing() {
    let mut shop = Shop::open().await;
    let first = shop.fetch(None).await.unwrap();
    shop.pass(2 * HOUR);
    (1..=30).for_each(|id| shop.fake.deal(shop.sale(id, "Cup")));
    shop.fake.wire.fails_after(2, Fault::Broken);
    assert_eq!(shop.fetch(cursor(&first)).await, Err(Problem::HttpStatus { status: 500 }));
    assert_eq!(trades(&shop.fetch(cursor(&first)).await.unwrap()).len(), 30);
}

#[tokio::test]
async fn tokens_and_numbers_that_do_not_fit_are_told_apart() {
    let mut shop = Shop::with_trades().await;
    for typed in ["", "me", "123", "1234567890123"] {
        assert_eq!(shop.visitor.verifies(&shop.paipai, typed).await.unwrap_err().problem, Problem::NoSuchAccount, "{typed}");
    }
    assert_eq!(shop.visitor.verifies(&shop.paipai, "855000199").await.unwrap_err().problem, Problem::NoSuchAccount);
    for (secret, problem) in [("", Problem::SecretMalformed), ("two words", Problem::SecretMalformed), ("wrong", Problem::SecretRefused)] {
        shop.visitor.credentials = Some(Credentials::new(Secret::new(secret)));
        assert_eq!(shop.fetch(None).await, Err(problem), "{secret}");
    }
}

#[tokio::test]
async fn a_token_that_ended_is_refused() {
    let shop = Shop::with_trades().await;
    let first = shop.fetch(None).await.unwrap();
    shop.fake.end_token();
    assert_eq!(shop.fetch(cursor(&first)).await, Err(Problem::SecretRefused));
}

#[tokio::test]
async fn errors_are_understood_by_their_words() {
    let shop = Shop::with_trades().await;
    for (code, words, problem) in [
        (1, "调用频率超限", Problem::AskedToWait),
        (2, "系统繁忙", Problem::HttpStatus { status: 503 }),
        (3, "uin 不存在", Problem::NoSuchAccount),
        (12_345, "其他", Problem::Refused { code: "12345".to_owned() }),
    ] {
        shop.fake.fail_with(Some((code, words)));
        assert_eq!(shop.fetch(None).await, Err(problem), "{words}");
    }
}

#[tokio::test]
async fn servers_that_fail_are_told_apart() {
    let shop = Shop::with_trades().await;
    shop.fake.wire.fails_after(0, Fault::TooMany(7));
    let error = shop.visitor.fetches(&shop.paipai, fake::SELLER, None).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(7))));
    shop.fake.wire.fails_after(0, Fault::Malformed);
    assert_eq!(shop.fetch(None).await, Err(Problem::MalformedAnswer));
    shop.fake.wire.fails_after(1, Fault::Truncated);
    assert!(matches!(shop.fetch(None).await, Err(Problem::MalformedAnswer | Problem::ConnectionFailed)));
    shop.fake.wire.fails_after(1, Fault::Silent);
    assert_eq!(shop.fetch(None).await, Err(Problem::TimedOut { limit_seconds: 2 }));
}

#[tokio::test]
async fn an_app_with_a_wrong_key_number_or_clock_is_the_operators_affair() {
    let mut shop = Shop::with_trades().await;
    for paipai in [
        adapter(&shop.fake, |settings| settings.paipai.app_secret = Secret::new("wrong")),
        adapter(&shop.fake, |settings| settings.paipai.app_key = "1".to_owned()),
    ] {
        assert_eq!(shop.visitor.fetches(&paipai, fake::SELLER, None).await.unwrap_err().problem, Problem::AppRefused);
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
