//! JD against a fake of its gateway.

use crate::fakes::Canary;
use crate::fakes::jd as fake;
use crate::fakes::jd::Order;
use crate::fakes::jd::Ware;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::platforms::Consent;
use tradepost::platforms::Credentials;
use tradepost::platforms::Platform;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::consent::Answered;
use tradepost::platforms::consent::Ask;
use tradepost::platforms::jd::Jd;
use tradepost::values::Secret;
use url::Url;

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
async fn a_failure_between_pages_loses_nothing() {
    let mut shop = Shop::open().await;
    let first = shop.fetch(None).await.unwrap();
    shop.pass(2 * HOUR);
    (1..=250).for_each(|id| shop.fake.order(shop.sale(id, "Cup")));
    shop.fake.wire.fails_after(3, Fault::Broken);
    assert_eq!(shop.fetch(cursor(&first)).await, Err(Problem::HttpStatus { status: 500 }));
    assert_eq!(trades(&shop.fetch(cursor(&first)).await.unwrap()).len(), 250);
}

#[tokio::test]
async fn secrets_that_do_not_fit_are_told_apart() {
    let mut shop = Shop::with_trades().await;
    for (secret, problem) in [
        (" ", Problem::SecretNeeded),
        ("two words", Problem::SecretMalformed),
        ("令牌", Problem::SecretMalformed),
        ("wrong", Problem::SecretRefused),
    ] {
        shop.visitor.credentials = Some(Credentials::new(Secret::new(secret)));
        assert_eq!(shop.fetch(None).await, Err(problem), "{secret}");
    }
    shop.visitor.credentials = None;
    assert_eq!(shop.fetch(None).await, Err(Problem::SecretNeeded));
}

#[tokio::test]
async fn a_token_that_ended_is_refused() {
    let shop = Shop::with_trades().await;
    let first = shop.fetch(None).await.unwrap();
    shop.fake.end_tokens();
    assert_eq!(shop.fetch(cursor(&first)).await, Err(Problem::SecretRefused));
    assert_eq!(shop.visitor.verifies(&shop.jd, "my shop").await.unwrap_err().problem, Problem::SecretRefused);
}

#[tokio::test]
async fn the_number_of_another_shop_is_refused() {
    let shop = Shop::with_trades().await;
    for typed in ["999", "https://mall.jd.com/index-999.html"] {
        assert_eq!(shop.visitor.verifies(&shop.jd, typed).await.unwrap_err().problem, Problem::NoSuchAccount, "{typed}");
    }
}

#[tokio::test]
async fn each_code_of_the_gateway_has_its_meaning() {
    let shop = Shop::with_trades().await;
    let missing = "jingdong.ware.read.searchWare4Valid".to_owned();
    let codes = BTreeMap::from([
        ("2", Problem::AskedToWait),
        ("12", Problem::AppRefused),
        ("19", Problem::SecretRefused),
        ("22", Problem::NoSuchAccount),
        ("24", Problem::NotAllowed { missing }),
        ("66", Problem::HttpStatus { status: 503 }),
        ("10100027", Problem::Refused { code: "10100027".to_owned() }),
    ]);
    for (code, problem) in codes {
        shop.fake.fail_with(Some(code));
        assert_eq!(shop.fetch(None).await, Err(problem), "{code}");
    }
}

#[tokio::test]
async fn a_failure_within_a_success_is_a_failure() {
    let shop = Shop::with_trades().await;
    for success in [json!(false), json!("false")] {
        shop.fake.fail_orders(success);
        assert_eq!(shop.fetch(None).await, Err(Problem::Refused { code: "10400009".to_owned() }));
    }
}

#[tokio::test]
async fn servers_that_fail_are_told_apart() {
    let shop = Shop::with_trades().await;
    shop.fake.wire.fails_after(0, Fault::TooMany(7));
    let error = shop.visitor.fetches(&shop.jd, fake::SHOP, None).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(7))));
    shop.fake.wire.fails_after(0, Fault::Malformed);
    assert_eq!(shop.fetch(None).await, Err(Problem::MalformedAnswer));
    shop.fake.wire.fails_after(0, Fault::Truncated);
    assert!(matches!(shop.fetch(None).await, Err(Problem::MalformedAnswer | Problem::ConnectionFailed)));
    shop.fake.wire.fails_after(1, Fault::Silent);
    assert_eq!(shop.fetch(None).await, Err(Problem::TimedOut { limit_seconds: 2 }));
}

#[tokio::test]
async fn an_app_that_is_not_set_up_asks_nobody() {
    let shop = Shop::with_trades().await;
    let jd = adapter(&shop.fake, |settings| settings.jd.app_secret = Secret::default());
    assert!(!jd.descriptor().is_set_up && shop.jd.descriptor().is_set_up);
    assert_eq!(shop.visitor.fetches(&jd, fake::SHOP, None).await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(shop.visitor.verifies(&jd, "my shop").await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(shop.fake.wire.requests(), 0);
}

#[tokio::test]
async fn an_app_with_a_wrong_secret_key_or_clock_is_the_operators_affair() {
    let mut shop = Shop::with_trades().await;
    for jd in [
        adapter(&shop.fake, |settings| settings.jd.app_secret = Secret::new("wrong")),
        adapter(&shop.fake, |settings| settings.jd.app_key = "wrong".to_owned()),
    ] {
        assert_eq!(shop.visitor.fetches(&jd, fake::SHOP, None).await.unwrap_err().problem, Problem::AppRefused);
    }
    shop.visitor.now += Duration::from_mins(7);
    assert_eq!(shop.fetch(None).await, Err(Problem::AppRefused));
}

#[tokio::test]
async fn an_app_that_may_ask_for_less_still_reads_the_shop() {
    let shop = Shop::with_trades().await;
    shop.fake.forbid("jingdong.vender.shop.query");
    shop.fake.forbid("jingdong.sku.read.searchSkuList");
    let verified = shop.visitor.verifies(&shop.jd, " My  Teapots ").await.unwrap();
    assert_eq!((verified.name.as_str(), verified.label.as_str()), ("my teapots", "My Teapots"));
    assert_eq!(titles(&verified.fetched), ["Teapot 1", "Blue teapot"]);
    assert_eq!(trades(&verified.fetched)[0].link, None);
    assert_eq!(shop.visitor.verifies(&shop.jd, " ").await.unwrap_err().problem, Problem::NoSuchAccount);
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

#[tokio::test]
async fn a_merchant_agrees_on_jds_page() {
    let shop = Shop::open().await;
    let here = Url::parse("https://post.example/consent/jd").unwrap();
    let ask = Ask { typed: "", state: "once", answers_to: &here, ends_at: &here, writes: false };
    let page = shop.jd.page(&ask).unwrap();
    assert!(page.as_str().starts_with("https://open-oauth.jd.com/oauth2/to_login?"));
    let query: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    let expected =
        [("app_key", fake::KEY), ("redirect_uri", here.as_str()), ("response_type", "code"), ("scope", "snsapi_base"), ("state", "once")];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn a_code_becomes_a_token_that_lets_in_and_is_renewed() {
    let mut shop = Shop::with_trades().await;
    let here = Url::parse("https://post.example/consent/jd").unwrap();
    let query = BTreeMap::from([("code".to_owned(), "good-code".to_owned()), ("state".to_owned(), "once".to_owned())]);
    assert_eq!(shop.jd.state_of(&query, b"").as_deref(), Some("once"));
    let mut answered = Answered { typed: "", query: &query, body: b"", answers_to: &here };
    let granted = shop.jd.redeem(&shop.visitor.context(), &answered).await.unwrap();
    assert_eq!(granted.account.as_deref(), Some("o*AAT-x"));
    let ends = Some(shop.visitor.now + 24 * HOUR);
    assert_eq!((granted.credentials.expires_at, granted.credentials.ends_at()), (ends, ends));
    answered.typed = "my shop";
    assert_eq!(shop.jd.redeem(&shop.visitor.context(), &answered).await.unwrap().account, None);
    let renewed = shop.jd.renew(&shop.visitor.context(), &granted.credentials).await.unwrap();
    assert_ne!(renewed.secret, granted.credentials.secret);
    shop.visitor.credentials = Some(renewed);
    let verified = shop.visitor.verifies(&shop.jd, granted.account.as_deref().unwrap()).await.unwrap();
    assert_eq!(verified.name, fake::SHOP);
}

#[tokio::test]
async fn a_consent_that_fails_says_whose_affair_it_is() {
    let shop = Shop::open().await;
    let here = Url::parse("https://post.example/consent/jd").unwrap();
    for (query, secret, problem) in [
        (BTreeMap::new(), fake::SECRET, Problem::SecretRefused),
        (BTreeMap::from([("code".to_owned(), "stale".to_owned())]), fake::SECRET, Problem::SecretRefused),
        (BTreeMap::from([("code".to_owned(), "good-code".to_owned())]), "wrong", Problem::AppRefused),
    ] {
        let jd = adapter(&shop.fake, |settings| settings.jd.app_secret = Secret::new(secret));
        let answered = Answered { typed: "", query: &query, body: b"", answers_to: &here };
        assert_eq!(jd.redeem(&shop.visitor.context(), &answered).await.unwrap_err().problem, problem);
    }
    let stale = Credentials { refresh: Some(Secret::new("stale")), ..Credentials::new(Secret::new("t")) };
    assert_eq!(shop.jd.renew(&shop.visitor.context(), &stale).await.unwrap_err().problem, Problem::SecretRefused);
    shop.fake.wire.fails_after(0, Fault::Broken);
    assert_eq!(shop.jd.renew(&shop.visitor.context(), &stale).await.unwrap_err().problem, Problem::HttpStatus { status: 500 });
}
