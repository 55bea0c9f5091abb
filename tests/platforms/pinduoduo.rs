//! The adapter for Pinduoduo against a gateway that checks what the real one checks.

use crate::fakes::CANARY;
use crate::fakes::Canary;
use crate::fakes::pinduoduo::Goods;
use crate::fakes::pinduoduo::Line;
use crate::fakes::pinduoduo::MALL;
use crate::fakes::pinduoduo::NAME;
use crate::fakes::pinduoduo::Order;
use crate::fakes::pinduoduo::Pinduoduo as Fake;
use crate::fakes::pinduoduo::TOKEN;
use crate::fakes::wire::Fault;
use crate::support::Visitor;
use crate::support::cursor;
use crate::support::titles;
use crate::support::trades;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::platforms::Consent;
use tradepost::platforms::Credentials;
use tradepost::platforms::FetchError;
use tradepost::platforms::Platform;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::consent::Answered;
use tradepost::platforms::consent::Ask;
use tradepost::platforms::pinduoduo::Pinduoduo;
use tradepost::platforms::pinduoduo::PinduoduoSettings;
use tradepost::values::Secret;
use url::Url;

/// A shop, its merchant and the adapter.
struct Site {
    fake: Fake,
    joy: Visitor,
    pinduoduo: Pinduoduo,
}

impl Site {
    async fn new() -> Self {
        let joy = Visitor::with_secret(TOKEN);
        let fake = Fake::start(joy.now).await;
        let pinduoduo = Pinduoduo::new(&fake.settings());
        Self { fake, joy, pinduoduo }
    }

    async fn with_goods(count: u64) -> Self {
        let site = Self::new().await;
        let at = site.ago(100);
        site.fake.shop(|shop| shop.goods.extend((0..count).map(|id| Goods::new(1_000 + id, &format!("Pot {id}"), at))));
        site
    }

    fn ago(&self, hours: i64) -> Timestamp {
        self.joy.now - SignedDuration::from_hours(hours)
    }

    fn passes(&mut self, time: SignedDuration) {
        self.joy.now += time;
        self.fake.shop(|shop| shop.now = Some(self.joy.now));
    }

    async fn fetches(&self, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        self.joy.fetches(&self.pinduoduo, MALL, cursor).await
    }

    async fn verifies(&self) -> Fetched {
        self.joy.verifies(&self.pinduoduo, NAME).await.unwrap().fetched
    }

    /// What goes wrong when it is polled.
    async fn problem(&self) -> (Problem, Option<Duration>) {
        let error = self.fetches(None).await.unwrap_err();
        assert!(!format!("{error:?}").contains(CANARY));
        (error.problem, error.retry_after)
    }
}

fn is_complete(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { complete: true, .. })
}

fn has_more(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { more: true, .. })
}

fn ids(fetched: &Fetched) -> BTreeSet<String> {
    trades(fetched).iter().map(|trade| trade.external_id.to_string()).collect()
}

fn priced(fetched: &Fetched) -> usize {
    trades(fetched).iter().filter(|trade| trade.price.is_some()).count()
}

#[tokio::test]
async fn an_account_is_the_shop_of_the_token() {
    let site = Site::with_goods(1).await;
    for typed in [NAME, MALL, "", "https://mobile.yangkeduo.com/mall_page.html?mall_id=700001"] {
        let verified = site.joy.verifies(&site.pinduoduo, typed).await.unwrap();
        assert_eq!((verified.name.as_str(), verified.label.as_str()), (MALL, NAME), "{typed}");
        assert_eq!(titles(&verified.fetched), ["Pot 0"]);
    }
}

#[tokio::test]
async fn the_token_of_another_shop_opens_none() {
    let site = Site::new().await;
    let error = site.joy.verifies(&site.pinduoduo, "another shop").await.unwrap_err();
    assert_eq!(error.problem, Problem::NoSuchAccount);
    let error = site.joy.fetches(&site.pinduoduo, "700002", None).await.unwrap_err();
    assert_eq!(error.problem, Problem::SecretRefused);
}

#[tokio::test]
async fn addresses_of_goods_are_recognised() {
    let pinduoduo = Pinduoduo::new(&PinduoduoSettings::default());
    assert!(pinduoduo.recognises("https://mobile.yangkeduo.com/goods.html?goods_id=7"));
    assert!(pinduoduo.recognises("mobile.pinduoduo.com"));
    assert!(!pinduoduo.recognises(NAME));
}

#[tokio::test]
async fn all_pages_of_a_shop_are_read_and_each_goods_once() {
    let site = Site::with_goods(250).await;
    site.fake.shop(|shop| shop.goods[3].on_sale = false);
    let fetched = site.verifies().await;
    assert_eq!((ids(&fetched).len(), trades(&fetched).len()), (249, 249));
    assert!(is_complete(&fetched) && !has_more(&fetched));
}

#[tokio::test]
async fn an_empty_shop_has_nothing() {
    let site = Site::new().await;
    let fetched = site.verifies().await;
    assert_eq!(trades(&fetched), []);
    assert!(is_complete(&fetched));
    assert_eq!(trades(&site.fetches(cursor(&fetched)).await.unwrap()), []);
}

#[tokio::test]
async fn goods_come_with_all_that_is_known_of_them() {
    let site = Site::new().await;
    let created = site.ago(2);
    site.fake.shop(|shop| {
        let prices = vec![("25.00", true), ("9.90", false), ("19.90", true)];
        shop.goods.push(Goods { prices, ..Goods::new(9_007_199_254_740_993, "Tea &amp; pot", created) });
    });
    let fetched = site.verifies().await;
    let [trade] = trades(&fetched) else { panic!("one trade") };
    assert_eq!(trade.kind, Kind::Listing);
    assert_eq!(trade.external_id.as_str(), "9007199254740993");
    assert_eq!(trade.title.as_str(), "Tea & pot");
    let price = trade.price.as_ref().unwrap();
    assert_eq!((price.amount.to_string(), price.currency.code()), ("19.90".to_owned(), "CNY"));
    assert_eq!(price.up_to.unwrap().to_string(), "25.00");
    assert_eq!(trade.available, Some(true));
    assert_eq!(trade.link.as_ref().unwrap().as_str(), "https://mobile.yangkeduo.com/goods.html?goods_id=9007199254740993");
    assert_eq!(trade.image.as_ref().unwrap().as_str(), "https://img.pddpic.com/small.jpg");
    assert_eq!(trade.categories.iter().map(|category| category.text.as_str()).collect::<Vec<_>>(), ["家居用品", "茶壶"]);
    assert_eq!(trade.occurred_at, Some(created));
}

#[tokio::test]
async fn of_a_large_shop_prices_are_asked_in_turn_and_of_what_is_new_at_once() {
    let mut site = Site::with_goods(25).await;
    let first = site.verifies().await;
    assert_eq!(priced(&first), 10);
    site.passes(SignedDuration::from_mins(5));
    let now = site.joy.now;
    site.fake.shop(|shop| shop.goods.push(Goods::new(5_000, "New", now)));
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert_eq!(priced(&fetched), 10);
    let new = trades(&fetched).iter().find(|trade| trade.title.as_str() == "New").unwrap();
    assert_eq!(new.price.as_ref().unwrap().amount.to_string(), "39.90");
}

#[tokio::test]
async fn an_app_that_may_not_ask_for_prices_goes_without() {
    let site = Site::with_goods(3).await;
    site.fake.shop(|shop| shop.forbidden = vec!["pdd.goods.information.get"]);
    let fetched = site.verifies().await;
    assert_eq!((trades(&fetched).len(), priced(&fetched)), (3, 0));
}

#[tokio::test]
async fn a_sale_comes_with_all_that_is_known_of_it() {
    let site = Site::new().await;
    let at = site.ago(1);
    site.fake.shop(|shop| {
        let mut order = Order::new("260303-1", "Teapot", at);
        order.lines[0].count = 3;
        order.lines.push(Line { goods: 8_002, sku: 5, title: "Cup".to_owned(), price: "9", count: 1 });
        shop.orders.push(order);
    });
    let fetched = site.verifies().await;
    assert_eq!(ids(&fetched), BTreeSet::from(["sale:260303-1:5".to_owned(), "sale:260303-1:9007199254740993".to_owned()]));
    let sold: BTreeMap<&str, &Trade> = trades(&fetched).iter().map(|trade| (trade.title.as_str(), trade)).collect();
    let teapot = sold["Teapot"];
    assert_eq!(teapot.kind, Kind::Sale);
    assert_eq!(teapot.price.as_ref().unwrap().amount.to_string(), "25.1");
    assert_eq!((teapot.quantity, sold["Cup"].quantity), (Some(3), None));
    assert_eq!((teapot.occurred_at, teapot.as_of), (Some(at), Some(at)));
    assert_eq!(sold["Cup"].link.as_ref().unwrap().as_str(), "https://mobile.yangkeduo.com/goods.html?goods_id=8002");
    let categories: Vec<_> = teapot.categories.iter().map(|category| (category.scheme.as_deref(), category.text.as_str())).collect();
    assert_eq!(categories, [(Some("pinduoduo"), "160204"), (Some("pinduoduo"), "1602"), (Some("pinduoduo"), "16")]);
}

#[tokio::test]
async fn orders_are_asked_for_without_their_buyers_where_that_is_allowed() {
    let mut site = Site::new().await;
    let first = site.verifies().await;
    assert_eq!(site.fake.methods(), ["pdd.mall.info.get", "pdd.goods.list.get", "pdd.order.basic.list.get"]);
    site.fake.shop(|shop| shop.forbidden = vec!["pdd.order.basic.list.get"]);
    site.passes(SignedDuration::from_mins(5));
    let at = site.joy.now;
    site.fake.shop(|shop| shop.orders.push(Order::new("260303-2", "Teapot", at)));
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert_eq!(titles(&fetched), ["Teapot"]);
    assert!(!format!("{fetched:?}").contains(CANARY));
    let asked = site.fake.methods().len();
    site.fetches(cursor(&fetched)).await.unwrap();
    assert_eq!(site.fake.methods()[asked..], ["pdd.goods.list.get", "pdd.order.list.get"]);
}

#[tokio::test]
async fn what_is_given_back_or_was_played_for_is_not_sold() {
    let site = Site::new().await;
    let at = site.ago(1);
    let mut orders: Vec<Order> = (0..5_u32).map(|n| Order::new(&format!("260303-{n}"), &format!("Order {n}"), at)).collect();
    orders[1].refund = 2;
    orders[2].refund = 3;
    orders[3].refund = 4;
    orders[4].by_lot = true;
    site.fake.shop(|shop| shop.orders = orders);
    assert_eq!(titles(&site.verifies().await), ["Order 0"]);
}

#[tokio::test]
async fn after_days_away_everything_is_read_day_by_day() {
    let mut site = Site::new().await;
    let first = site.verifies().await;
    let begun = site.joy.now;
    site.passes(SignedDuration::from_hours(24 * 30 + 5));
    let order = |day: i64| Order::new(&format!("day-{day}"), "Teapot", begun + SignedDuration::from_hours(24 * day + 1));
    site.fake.shop(|shop| shop.orders.extend((0..=30).map(order)));
    let mut sold = BTreeSet::new();
    let mut going_on = cursor(&first).unwrap().to_owned();
    let mut polls = 0;
    loop {
        let fetched = site.fetches(Some(&going_on)).await.unwrap();
        sold.extend(ids(&fetched));
        going_on = cursor(&fetched).unwrap().to_owned();
        polls += 1;
        if !has_more(&fetched) {
            break;
        }
    }
    assert_eq!((sold.len(), polls), (31, 4));
}

#[tokio::test]
async fn many_orders_are_read_page_by_page_and_over_several_fetches() {
    let mut site = Site::new().await;
    let first = site.verifies().await;
    site.passes(SignedDuration::from_hours(2));
    let at = site.ago(1);
    site.fake.shop(|shop| shop.orders.extend((0..1_150).map(|n| Order::new(&format!("order-{n}"), "Teapot", at))));
    let second = site.fetches(cursor(&first)).await.unwrap();
    assert!(has_more(&second));
    let third = site.fetches(cursor(&second)).await.unwrap();
    assert!(!has_more(&third));
    assert_eq!(ids(&second).union(&ids(&third)).count(), 1_150);
}

#[tokio::test]
async fn goods_that_are_gone_are_missing_from_the_whole() {
    let mut site = Site::with_goods(3).await;
    let first = site.verifies().await;
    site.passes(SignedDuration::from_mins(5));
    site.fake.shop(|shop| shop.goods[1].on_sale = false);
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert!(is_complete(&fetched));
    assert_eq!(titles(&fetched), ["Pot 0", "Pot 2"]);
}

#[tokio::test]
async fn where_goods_go_between_two_pages_nothing_is_concluded() {
    let site = Site::with_goods(150).await;
    site.fake.happens_after(2, |shop| shop.goods[0].on_sale = false);
    let fetched = site.verifies().await;
    assert!(!is_complete(&fetched));
    let again = site.fetches(cursor(&fetched)).await.unwrap();
    assert!(is_complete(&again));
    assert_eq!(trades(&again).len(), 149);
}

#[tokio::test]
async fn a_very_large_shop_is_read_in_several_fetches() {
    let site = Site::with_goods(1_300).await;
    let first = site.verifies().await;
    assert!(has_more(&first) && !is_complete(&first));
    let second = site.fetches(cursor(&first)).await.unwrap();
    assert!(!has_more(&second) && !is_complete(&second));
    assert_eq!(ids(&first).union(&ids(&second)).count(), 1_300);
}

#[tokio::test]
async fn after_an_error_in_the_middle_nothing_is_lost() {
    let mut site = Site::with_goods(150).await;
    let first = site.verifies().await;
    site.passes(SignedDuration::from_hours(3));
    let at = site.ago(1);
    site.fake.shop(|shop| {
        shop.goods.push(Goods::new(5_000, "New", at));
        shop.orders.extend((0..150).map(|n| Order::new(&format!("order-{n}"), "Teapot", at)));
    });
    // Two pages of goods, ten prices, two pages of orders.
    for (more, fault) in [(0, Fault::Broken), (1, Fault::Truncated), (5, Fault::Malformed), (12, Fault::TooMany(30)), (13, Fault::Broken)] {
        site.fake.wire.fails_after(more, fault);
        let error = site.fetches(cursor(&first)).await.unwrap_err();
        assert!(!format!("{error:?}").contains(CANARY));
    }
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    let new = trades(&fetched).iter().find(|trade| trade.title.as_str() == "New").unwrap();
    assert!(new.price.is_some());
    assert_eq!(trades(&fetched).iter().filter(|trade| trade.kind == Kind::Sale).count(), 150);
}

#[tokio::test]
async fn failures_of_the_wire_are_told_apart() {
    let site = Site::new().await;
    site.fake.wire.fails_after(0, Fault::Broken);
    assert_eq!(site.problem().await, (Problem::HttpStatus { status: 500 }, None));
    site.fake.wire.fails_after(1, Fault::TooMany(30));
    assert_eq!(site.problem().await, (Problem::AskedToWait, Some(Duration::from_secs(30))));
    for fault in [Fault::Malformed, Fault::Truncated] {
        site.fake.wire.fails_after(2, fault);
        assert_eq!(site.problem().await.0, Problem::MalformedAnswer);
    }
    site.fake.wire.fails_after(1, Fault::Silent);
    assert!(matches!(site.problem().await.0, Problem::TimedOut { .. }));
}

#[tokio::test]
async fn refusals_of_the_gateway_are_told_apart() {
    let site = Site::new().await;
    let goods = "pdd.goods.list.get".to_owned();
    for (more, code, problem, seconds) in [
        (1, 70_031, Problem::AskedToWait, Some(60)),
        (2, 52_101, Problem::AskedToWait, Some(60)),
        (1, 70_036, Problem::AskedToWait, Some(3_600)),
        (1, 20_031, Problem::NotAllowed { missing: goods }, None),
        (0, 20_032, Problem::SecretRefused, None),
        (2, 52_103, Problem::HttpStatus { status: 503 }, None),
        (0, 70_034, Problem::refused("70034"), None),
    ] {
        site.fake.refuses_after(more, code);
        assert_eq!(site.problem().await, (problem, seconds.map(Duration::from_secs)), "{code}");
    }
    assert_eq!(site.fetches(None).await.map(|_| ()), Ok(()));
}

#[tokio::test]
async fn a_token_that_is_over_is_refused() {
    let site = Site::with_goods(1).await;
    let first = site.verifies().await;
    site.fake.shop(|shop| shop.token = "a newer one".to_owned());
    assert_eq!(site.fetches(cursor(&first)).await.unwrap_err().problem, Problem::SecretRefused);
}

#[tokio::test]
async fn without_a_token_nothing_is_asked() {
    let mut site = Site::new().await;
    site.joy.credentials = None;
    assert_eq!(site.problem().await.0, Problem::SecretNeeded);
    site.joy.credentials = Some(Credentials::new(Secret::new("two words")));
    assert_eq!(site.problem().await.0, Problem::SecretMalformed);
    assert_eq!(site.fake.wire.requests(), 0);
}

#[tokio::test]
async fn the_operators_app_must_be_right() {
    let mut site = Site::new().await;
    site.pinduoduo = Pinduoduo::new(&PinduoduoSettings { app_secret: Secret::new("wrong"), ..site.fake.settings() });
    assert_eq!(site.problem().await.0, Problem::AppRefused);
    site.pinduoduo = Pinduoduo::new(&PinduoduoSettings { app_key: "client-2".to_owned(), ..site.fake.settings() });
    assert_eq!(site.problem().await.0, Problem::AppRefused);
    site.pinduoduo = Pinduoduo::new(&PinduoduoSettings { app_secret: Secret::default(), ..site.fake.settings() });
    assert!(!site.pinduoduo.descriptor().is_set_up);
    assert!(Platform::consent(&site.pinduoduo).is_none());
    let asked = site.fake.wire.requests();
    assert_eq!(site.problem().await.0, Problem::AppRefused);
    assert_eq!(site.fake.wire.requests(), asked);
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_as_the_gateways_code() {
    let mut site = Site::new().await;
    site.joy.now += SignedDuration::from_mins(11);
    assert_eq!(site.problem().await.0, Problem::refused("10001"));
}

#[tokio::test]
async fn a_cursor_that_cannot_be_read_counts_as_none() {
    let site = Site::with_goods(2).await;
    for unreadable in ["", "{", "7", r#"{"sales":7}"#] {
        let fetched = site.fetches(Some(unreadable)).await.unwrap();
        assert_eq!(trades(&fetched).len(), 2, "{unreadable}");
    }
}

fn answers_to() -> Url {
    Url::parse("https://post.example/consent/pinduoduo").unwrap()
}

fn query(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn the_page_of_consent_names_the_app_and_where_the_answer_goes() {
    let site = Site::new().await;
    let ends_at = Url::parse("https://post.example/").unwrap();
    let ask = Ask { typed: "", state: "once&only", answers_to: &answers_to(), ends_at: &ends_at, writes: false };
    let page = Consent::page(&site.pinduoduo, &ask).unwrap();
    assert_eq!(page.path(), "/service-market/auth");
    let asked: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    let expected =
        query(&[("response_type", "code"), ("client_id", "client-1"), ("redirect_uri", answers_to().as_str()), ("state", "once&only")]);
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_code_becomes_a_token_once() {
    let site = Site::new().await;
    let query = query(&[("code", "good-once"), ("state", "s")]);
    let answered = Answered { typed: "", query: &query, body: b"", answers_to: &answers_to() };
    let granted = site.pinduoduo.redeem(&site.joy.context(), &answered).await.unwrap();
    assert_eq!(granted.account.as_deref(), Some(MALL));
    assert_eq!(granted.credentials.secret.expose(), TOKEN);
    assert_eq!(granted.credentials.expires_at, Some(site.joy.now + SignedDuration::from_hours(24)));
    assert_eq!(granted.credentials.ends_at(), Some(site.joy.now + SignedDuration::from_hours(24 * 30)));
    let again = site.pinduoduo.redeem(&site.joy.context(), &answered).await.unwrap_err();
    assert_eq!(again.problem, Problem::SecretRefused);
}

#[tokio::test]
async fn whoever_says_no_gives_nothing() {
    let site = Site::new().await;
    for (pairs, problem) in [
        (vec![("error", "access_denied"), ("state", "s")], Problem::SecretRefused),
        (vec![("error", "odd")], Problem::refused("odd")),
        (vec![("state", "s")], Problem::MalformedAnswer),
    ] {
        let query = query(&pairs);
        let answered = Answered { typed: "", query: &query, body: b"", answers_to: &answers_to() };
        assert_eq!(site.pinduoduo.redeem(&site.joy.context(), &answered).await.unwrap_err().problem, problem);
    }
    assert_eq!(site.fake.wire.requests(), 0);
}

#[tokio::test]
async fn a_token_is_renewed_with_what_came_with_it() {
    let site = Site::new().await;
    let mut old = Credentials::new(Secret::new("old"));
    let refused = site.pinduoduo.renew(&site.joy.context(), &old).await.unwrap_err();
    assert_eq!(refused.problem, Problem::SecretRefused);
    old.refresh = Some(Secret::new("refresh-1"));
    let renewed = site.pinduoduo.renew(&site.joy.context(), &old).await.unwrap();
    assert_eq!(renewed.secret.expose(), TOKEN);
    assert_eq!(renewed.refresh.as_ref().unwrap().expose(), "refresh-2");
    let refused = site.pinduoduo.renew(&site.joy.context(), &old).await.unwrap_err();
    assert_eq!(refused.problem, Problem::SecretRefused);
    site.fake.refuses_after(0, 50_000);
    let broken = site.pinduoduo.renew(&site.joy.context(), &renewed).await.unwrap_err();
    assert!(broken.problem.may_pass());
}

#[tokio::test]
async fn nothing_of_a_buyer_is_kept_anywhere() {
    let mut site = Site::new().await;
    let mut settings = PlatformSettings::default();
    site.fake.set_up(&mut settings);
    site.pinduoduo = Pinduoduo::new(&settings.pinduoduo);
    site.joy.credentials = site.fake.credentials();
    site.joy.now += SignedDuration::from_hours(24 * 365);
    let first = site.joy.verifies(&site.pinduoduo, &site.fake.typed()).await.unwrap();
    site.fake.trades();
    let fetched = site.joy.fetches(&site.pinduoduo, &first.name, cursor(&first.fetched)).await.unwrap();
    let kinds: BTreeSet<Kind> = trades(&fetched).iter().map(|trade| trade.kind).collect();
    assert_eq!(kinds, BTreeSet::from([Kind::Listing, Kind::Sale]));
    assert!(titles(&fetched).iter().all(|title| title.contains("Teapot")));
    assert!(!format!("{first:?} {fetched:?}").contains(CANARY));
}
