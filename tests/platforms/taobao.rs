//! The adapter for Taobao and Tmall against a gateway that checks what the real one checks.

use crate::fakes::CANARY;
use crate::fakes::Canary;
use crate::fakes::taobao::Item;
use crate::fakes::taobao::Line;
use crate::fakes::taobao::NICK;
use crate::fakes::taobao::Order;
use crate::fakes::taobao::SESSION;
use crate::fakes::taobao::Taobao as Fake;
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
use tradepost::platforms::taobao::Taobao;
use tradepost::platforms::taobao::TaobaoSettings;
use tradepost::values::Secret;
use url::Url;

/// A shop, its seller and the adapter.
struct Site {
    fake: Fake,
    joy: Visitor,
    taobao: Taobao,
}

impl Site {
    async fn new() -> Self {
        let joy = Visitor::with_secret(SESSION);
        let fake = Fake::start(joy.now).await;
        let taobao = Taobao::new(&fake.settings());
        Self { fake, joy, taobao }
    }

    /// With so many items, the newest last.
    async fn with_items(count: u64) -> Self {
        let site = Self::new().await;
        let at = site.joy.now - SignedDuration::from_hours(100);
        let item = |id: u64| Item::new(1_000 + id, &format!("Pot {id}"), at + SignedDuration::from_secs(id.try_into().unwrap()));
        site.fake.shop(|shop| shop.items.extend((0..count).map(item)));
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
        self.joy.fetches(&self.taobao, NICK, cursor).await
    }

    async fn verifies(&self) -> Fetched {
        self.joy.verifies(&self.taobao, NICK).await.unwrap().fetched
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

fn of_kind(fetched: &Fetched, kind: Kind) -> Vec<&Trade> {
    trades(fetched).iter().filter(|trade| trade.kind == kind).collect()
}

fn ids(fetched: &Fetched) -> BTreeSet<String> {
    trades(fetched).iter().map(|trade| trade.external_id.to_string()).collect()
}

#[tokio::test]
async fn an_account_is_the_shop_of_the_session() {
    let site = Site::with_items(1).await;
    for typed in [NICK, "", " 茶壶小店 ", "https://shop1.taobao.com/"] {
        let verified = site.joy.verifies(&site.taobao, typed).await.unwrap();
        assert_eq!((verified.name.as_str(), verified.label.as_str()), (NICK, NICK), "{typed}");
        assert_eq!(titles(&verified.fetched), ["Pot 0"]);
    }
}

#[tokio::test]
async fn the_session_of_another_shop_opens_none() {
    let site = Site::new().await;
    let error = site.joy.verifies(&site.taobao, "another shop").await.unwrap_err();
    assert_eq!(error.problem, Problem::NoSuchAccount);
    let error = site.joy.fetches(&site.taobao, "another shop", None).await.unwrap_err();
    assert_eq!(error.problem, Problem::SecretRefused);
}

#[tokio::test]
async fn addresses_of_shops_are_recognised() {
    let taobao = Taobao::new(&TaobaoSettings::default());
    assert!(taobao.recognises("https://shop1.taobao.com/"));
    assert!(taobao.recognises("https://pots.tmall.com"));
    assert!(!taobao.recognises(NICK));
    assert!(!taobao.recognises("https://example.org/taobao.com"));
}

#[tokio::test]
async fn all_pages_of_a_shop_are_read_and_each_item_once() {
    let site = Site::with_items(450).await;
    let fetched = site.verifies().await;
    assert_eq!(ids(&fetched).len(), 450);
    assert_eq!(trades(&fetched).len(), 450);
    assert!(is_complete(&fetched) && !has_more(&fetched));
}

#[tokio::test]
async fn an_empty_shop_has_nothing() {
    let site = Site::new().await;
    let fetched = site.verifies().await;
    assert_eq!(trades(&fetched), []);
    assert!(is_complete(&fetched));
    let fetched = site.fetches(cursor(&fetched)).await.unwrap();
    assert_eq!(trades(&fetched), []);
}

#[tokio::test]
async fn an_item_comes_with_all_that_is_known_of_it() {
    let site = Site::new().await;
    let modified = site.ago(2);
    site.fake.shop(|shop| shop.items.push(Item::new(9_007_199_254_740_993, "Tea &amp; <b>pot</b>", modified)));
    let fetched = site.verifies().await;
    let [trade] = trades(&fetched) else { panic!("one trade") };
    assert_eq!(trade.kind, Kind::Listing);
    assert_eq!(trade.external_id.as_str(), "9007199254740993");
    assert_eq!(trade.title.as_str(), "Tea & pot");
    let price = trade.price.as_ref().unwrap();
    assert_eq!((price.amount.to_string(), price.currency.code()), ("128.00".to_owned(), "CNY"));
    assert_eq!(trade.available, Some(true));
    assert_eq!(trade.link.as_ref().unwrap().as_str(), "https://item.taobao.com/item.htm?id=9007199254740993");
    assert_eq!(trade.image.as_ref().unwrap().as_str(), "https://img.alicdn.com/9007199254740993.jpg");
    let category = trade.categories.first().unwrap();
    assert_eq!((category.scheme.as_deref(), category.text.as_str()), (Some("taobao"), "50012082"));
    assert_eq!(trade.occurred_at, Some(site.ago(3)));
    assert_eq!(trade.as_of, Some(modified));
}

#[tokio::test]
async fn ids_are_the_same_as_numbers_and_as_text() {
    let site = Site::with_items(3).await;
    site.fake.shop(|shop| shop.orders.push(Order::paid(9_007_199_254_740_995, "Cup", shop.now.unwrap())));
    let as_numbers = ids(&site.verifies().await);
    site.fake.shop(|shop| shop.ids_as_text = true);
    assert_eq!(ids(&site.verifies().await), as_numbers);
    assert!(as_numbers.contains("sale:9007199254740995:9007199254740996"));
}

#[tokio::test]
async fn items_of_a_seller_on_tmall_stand_on_tmall() {
    let site = Site::with_items(1).await;
    site.fake.shop(|shop| {
        shop.kind = "B";
        shop.orders.push(Order::paid(5, "Cup", shop.now.unwrap()));
    });
    let first = site.verifies().await;
    let later = site.fetches(cursor(&first)).await.unwrap();
    for fetched in [first, later] {
        for trade in trades(&fetched) {
            assert!(trade.link.as_ref().unwrap().as_str().starts_with("https://detail.tmall.com/item.htm?id="), "{trade:?}");
        }
    }
}

#[tokio::test]
async fn a_sale_comes_with_all_that_is_known_of_it_and_nothing_of_the_buyer() {
    let site = Site::new().await;
    let first = site.verifies().await;
    let at = site.joy.now;
    site.fake.shop(|shop| {
        let mut order = Order::paid(31, "Teapot", at);
        order.lines[0].count = 3;
        order.lines.push(Line { id: 40, item: 8, title: "Cup".to_owned(), price: "9.90".to_owned(), count: 1, refund: "NO_REFUND" });
        shop.orders.push(order);
    });
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert_eq!(ids(&fetched), BTreeSet::from(["sale:31:32".to_owned(), "sale:31:40".to_owned()]));
    let sold: BTreeMap<&str, &Trade> = trades(&fetched).iter().map(|trade| (trade.title.as_str(), trade)).collect();
    let teapot = sold["Teapot"];
    assert_eq!(teapot.kind, Kind::Sale);
    assert_eq!(teapot.price.as_ref().unwrap().amount.to_string(), "99.50");
    assert_eq!(teapot.quantity, Some(3));
    assert_eq!(sold["Cup"].quantity, None);
    assert_eq!(teapot.occurred_at, Some(at));
    assert_eq!(sold["Cup"].link.as_ref().unwrap().as_str(), "https://item.taobao.com/item.htm?id=8");
    assert!(!format!("{fetched:?}").contains(CANARY));
}

#[tokio::test]
async fn only_what_was_paid_and_not_given_back_is_sold() {
    let site = Site::new().await;
    let first = site.verifies().await;
    let at = site.joy.now;
    let mut orders: Vec<Order> = (0..9).map(|n| Order::paid(100 + 10 * n, &format!("Order {n}"), at)).collect();
    (orders[0].status, orders[0].paid) = ("WAIT_BUYER_PAY", None);
    orders[1].status = "TRADE_CLOSED";
    orders[2].status = "TRADE_CLOSED_BY_TAOBAO";
    orders[3].lines[0].refund = "SUCCESS";
    orders[4].lines[0].refund = "WAIT_SELLER_AGREE";
    // The goods are paid when they are brought.
    (orders[5].paid, orders[5].kind) = (None, "cod");
    (orders[6].paid, orders[6].kind, orders[6].status, orders[6].ended) = (None, "cod", "TRADE_FINISHED", Some(at));
    orders[7].lines[0].refund = "CLOSED";
    orders[8].kind = "eticket";
    site.fake.shop(|shop| shop.orders.extend(orders));
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    let titles: BTreeSet<&str> = titles(&fetched).into_iter().collect();
    assert_eq!(titles, BTreeSet::from(["Order 6", "Order 7", "Order 8"]));
}

#[tokio::test]
async fn what_was_paid_before_the_account_was_added_is_no_news_when_it_is_sent_off() {
    let mut site = Site::new().await;
    let old = site.ago(24 * 20);
    site.fake.shop(|shop| shop.orders.push(Order::paid(50, "Old", old)));
    let recent = site.ago(24);
    site.fake.shop(|shop| shop.orders.push(Order::paid(60, "Recent", recent)));
    let first = site.verifies().await;
    assert_eq!(titles(&first), ["Recent"]);
    site.passes(SignedDuration::from_mins(5));
    let now = site.joy.now;
    site.fake.shop(|shop| {
        for order in &mut shop.orders {
            (order.status, order.modified) = ("WAIT_BUYER_CONFIRM_GOODS", now);
        }
    });
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert_eq!(titles(&fetched), Vec::<&str>::new());
}

#[tokio::test]
async fn an_order_that_is_paid_later_is_told_when_it_is_paid() {
    let mut site = Site::new().await;
    let made = site.ago(1);
    let mut order = Order::paid(50, "Teapot", made);
    (order.status, order.paid) = ("WAIT_BUYER_PAY", None);
    site.fake.shop(|shop| shop.orders.push(order));
    let first = site.verifies().await;
    assert_eq!(trades(&first), []);
    site.passes(SignedDuration::from_mins(5));
    let now = site.joy.now;
    site.fake.shop(|shop| {
        let order = &mut shop.orders[0];
        (order.status, order.paid, order.modified) = ("WAIT_SELLER_SEND_GOODS", Some(now), now);
    });
    assert_eq!(titles(&site.fetches(cursor(&first)).await.unwrap()), ["Teapot"]);
}

#[tokio::test]
async fn after_days_away_everything_is_read_day_by_day() {
    let mut site = Site::new().await;
    let first = site.verifies().await;
    let begun = site.joy.now;
    site.passes(SignedDuration::from_hours(24 * 30 + 5));
    let at = |day: i64| begun + SignedDuration::from_hours(24 * day + 1);
    let order = |day: i64| Order::paid(100 + 10 * day.unsigned_abs(), &format!("Day {day}"), at(day));
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
    assert_eq!(sold.len(), 31);
    assert_eq!(polls, 4);
}

#[tokio::test]
async fn what_lies_back_more_than_three_months_is_not_asked_for() {
    let mut site = Site::new().await;
    let first = site.verifies().await;
    site.passes(SignedDuration::from_hours(24 * 400));
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert!(has_more(&fetched));
}

#[tokio::test]
async fn many_orders_are_read_from_the_last_page_so_that_none_slips_through() {
    let mut site = Site::new().await;
    let first = site.verifies().await;
    site.passes(SignedDuration::from_hours(1));
    let at = site.ago(1);
    let order = |n: u64| Order::paid(1_000 + 10 * n, &format!("Order {n}"), at + SignedDuration::from_secs(n.try_into().unwrap()));
    site.fake.shop(|shop| shop.orders.extend((0..250).map(order)));
    // Behind the listing and the count, when the last page has been read: an order of the page that is
    // read next is sent off, and leaves the window.
    site.fake.happens_after(3, |shop| {
        let at = shop.now.unwrap() + SignedDuration::from_secs(30);
        let order = shop.orders.iter_mut().find(|order| order.lines[0].title == "Order 120").unwrap();
        (order.modified, order.status) = (at, "WAIT_BUYER_CONFIRM_GOODS");
    });
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    let mut sold: BTreeSet<String> = titles(&fetched).into_iter().map(str::to_owned).collect();
    assert_eq!(sold.len(), 249);
    site.passes(SignedDuration::from_mins(5));
    let fetched = site.fetches(cursor(&fetched)).await.unwrap();
    sold.extend(titles(&fetched).into_iter().map(str::to_owned));
    assert_eq!(sold.len(), 250);
}

#[tokio::test]
async fn a_shop_of_one_page_is_read_whole_each_time() {
    let mut site = Site::with_items(3).await;
    let first = site.verifies().await;
    site.passes(SignedDuration::from_mins(5));
    site.fake.shop(|shop| shop.items.remove(0));
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert!(is_complete(&fetched));
    assert_eq!(of_kind(&fetched, Kind::Listing).len(), 2);
}

#[tokio::test]
async fn of_a_larger_shop_only_what_was_modified_is_read_and_now_and_then_the_whole() {
    let mut site = Site::with_items(300).await;
    let first = site.verifies().await;
    site.passes(SignedDuration::from_mins(5));
    let now = site.joy.now;
    site.fake.shop(|shop| {
        shop.items[7].modified = now;
        shop.items[7].price = "64.00".to_owned();
    });
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert!(!is_complete(&fetched));
    assert_eq!(titles(&fetched), ["Pot 7"]);
    assert_eq!(trades(&fetched)[0].price.as_ref().unwrap().amount.to_string(), "64.00");
    site.passes(SignedDuration::from_hours(7));
    let fetched = site.fetches(cursor(&fetched)).await.unwrap();
    assert!(is_complete(&fetched));
    assert_eq!(trades(&fetched).len(), 300);
}

#[tokio::test]
async fn where_an_item_goes_between_two_pages_nothing_is_concluded() {
    let site = Site::with_items(300).await;
    site.fake.happens_after(2, |shop| {
        shop.items.pop();
    });
    let fetched = site.verifies().await;
    assert!(!is_complete(&fetched));
    let again = site.fetches(cursor(&fetched)).await.unwrap();
    assert!(is_complete(&again));
    assert_eq!(trades(&again).len(), 299);
}

#[tokio::test]
async fn a_very_large_shop_is_read_in_several_fetches() {
    let mut site = Site::with_items(2_300).await;
    let first = site.verifies().await;
    assert!(has_more(&first) && !is_complete(&first));
    let second = site.fetches(cursor(&first)).await.unwrap();
    assert!(!has_more(&second) && !is_complete(&second));
    let both: BTreeSet<String> = ids(&first).union(&ids(&second)).cloned().collect();
    assert_eq!(both.len(), 2_300);
    site.passes(SignedDuration::from_mins(5));
    let third = site.fetches(cursor(&second)).await.unwrap();
    assert_eq!(trades(&third), []);
}

#[tokio::test]
async fn after_an_error_in_the_middle_nothing_is_lost() {
    let mut site = Site::with_items(300).await;
    let first = site.verifies().await;
    site.passes(SignedDuration::from_hours(7));
    let at = site.ago(1);
    site.fake.shop(|shop| {
        shop.items.push(Item::new(7_777, "New", at));
        shop.orders.extend((0..150).map(|n| Order::paid(1_000 + 10 * n, &format!("Order {n}"), at)));
    });
    for (more, fault) in
        [(0, Fault::Broken), (1, Fault::Truncated), (2, Fault::Malformed), (3, Fault::Broken), (3, Fault::TooMany(30)), (4, Fault::Broken)]
    {
        site.fake.wire.fails_after(more, fault);
        let error = site.fetches(cursor(&first)).await.unwrap_err();
        assert!(!format!("{error:?}").contains(CANARY));
    }
    let fetched = site.fetches(cursor(&first)).await.unwrap();
    assert!(titles(&fetched).contains(&"New"));
    assert_eq!(of_kind(&fetched, Kind::Sale).len(), 150);
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
    let orders = "taobao.trades.sold.get".to_owned();
    for (more, code, sub_code, sub_msg, problem, seconds) in [
        (1, 7, "accesscontrol.limited-by-app-access-count", "This ban will last for 31 more seconds", Problem::AskedToWait, Some(31)),
        (2, 8, "", "", Problem::AskedToWait, Some(60)),
        (1, 15, "isp.top-remote-connection-timeout", "", Problem::HttpStatus { status: 503 }, None),
        (2, 11, "isv.permission-api-package-limit", "", Problem::NotAllowed { missing: orders }, None),
        (1, 27, "invalid-sessionkey", "", Problem::SecretRefused, None),
        (0, 15, "isv.user-not-exist:invalid-nick", "", Problem::refused("isv.user-not-existinvalid-nick"), None),
    ] {
        site.fake.refuses_after(more, code, sub_code, sub_msg);
        assert_eq!(site.problem().await, (problem, seconds.map(Duration::from_secs)), "{code} {sub_code}");
    }
    assert_eq!(site.fetches(None).await.map(|_| ()), Ok(()));
}

#[tokio::test]
async fn a_session_that_is_over_is_refused() {
    let site = Site::with_items(1).await;
    let first = site.verifies().await;
    site.fake.shop(|shop| shop.session = "a newer one".to_owned());
    assert_eq!(site.fetches(cursor(&first)).await.unwrap_err().problem, Problem::SecretRefused);
}

#[tokio::test]
async fn without_a_session_nothing_is_asked() {
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
    site.taobao = Taobao::new(&TaobaoSettings { app_secret: Secret::new("wrong"), ..site.fake.settings() });
    assert_eq!(site.problem().await.0, Problem::AppRefused);
    site.taobao = Taobao::new(&TaobaoSettings { app_key: "87654321".to_owned(), ..site.fake.settings() });
    assert_eq!(site.problem().await.0, Problem::AppRefused);
    site.taobao = Taobao::new(&TaobaoSettings { app_key: String::new(), ..site.fake.settings() });
    assert!(!site.taobao.descriptor().is_set_up);
    assert!(Platform::consent(&site.taobao).is_none());
    let asked = site.fake.wire.requests();
    assert_eq!(site.problem().await.0, Problem::AppRefused);
    assert_eq!(site.fake.wire.requests(), asked);
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_as_the_gateways_code() {
    let mut site = Site::new().await;
    site.joy.now += SignedDuration::from_mins(11);
    assert_eq!(site.problem().await.0, Problem::refused("31"));
}

#[tokio::test]
async fn a_cursor_that_cannot_be_read_counts_as_none() {
    let site = Site::with_items(2).await;
    for unreadable in ["", "{", "7", r#"{"listings":7}"#] {
        let fetched = site.fetches(Some(unreadable)).await.unwrap();
        assert_eq!(trades(&fetched).len(), 2, "{unreadable}");
    }
}

#[tokio::test]
async fn a_poll_of_a_small_shop_costs_two_calls() {
    let site = Site::with_items(1).await;
    let first = site.verifies().await;
    assert_eq!(site.fake.methods(), ["taobao.user.seller.get", "taobao.items.onsale.get", "taobao.trades.sold.get"]);
    site.fetches(cursor(&first)).await.unwrap();
    assert_eq!(site.fake.methods()[3..], ["taobao.items.onsale.get", "taobao.trades.sold.increment.get"]);
}

fn answers_to() -> Url {
    Url::parse("https://post.example/consent/taobao").unwrap()
}

fn query(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn the_page_of_consent_names_the_app_and_where_the_answer_goes() {
    let site = Site::new().await;
    let ends_at = Url::parse("https://post.example/").unwrap();
    let ask = Ask { typed: "", state: "once&only", answers_to: &answers_to(), ends_at: &ends_at, writes: false };
    let page = Consent::page(&site.taobao, &ask).unwrap();
    assert_eq!(page.path(), "/authorize");
    let asked: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    let expected = [
        ("response_type", "code"),
        ("client_id", "12345678"),
        ("redirect_uri", answers_to().as_str()),
        ("state", "once&only"),
        ("view", "web"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(asked, BTreeMap::from(expected));
    assert!(!page.as_str().contains("taobao-app-secret"));
}

#[tokio::test]
async fn a_code_becomes_a_session_once() {
    let site = Site::new().await;
    let query = query(&[("code", "good-once"), ("state", "s")]);
    let answered = Answered { typed: "", query: &query, body: b"", answers_to: &answers_to() };
    let granted = site.taobao.redeem(&site.joy.context(), &answered).await.unwrap();
    assert_eq!(granted.account.as_deref(), Some(NICK));
    assert_eq!(granted.credentials.secret.expose(), SESSION);
    assert_eq!(granted.credentials.expires_at, Some(site.joy.now + SignedDuration::from_hours(24)));
    assert_eq!(granted.credentials.ends_at(), Some(site.joy.now + SignedDuration::from_hours(24 * 90)));
    let again = site.taobao.redeem(&site.joy.context(), &answered).await.unwrap_err();
    assert_eq!(again.problem, Problem::SecretRefused);
}

#[tokio::test]
async fn a_session_that_cannot_be_renewed_ends_by_itself() {
    let site = Site::new().await;
    site.fake.shop(|shop| shop.renewable_seconds = 0);
    let query = query(&[("code", "good-once")]);
    let answered = Answered { typed: "", query: &query, body: b"", answers_to: &answers_to() };
    let granted = site.taobao.redeem(&site.joy.context(), &answered).await.unwrap();
    assert_eq!(granted.credentials.refresh, None);
    assert_eq!(granted.credentials.ends_at(), Some(site.joy.now + SignedDuration::from_hours(24)));
}

#[tokio::test]
async fn whoever_says_no_gives_nothing() {
    let site = Site::new().await;
    for (pairs, problem) in [
        (vec![("error", "access_denied"), ("state", "s")], Problem::SecretRefused),
        (vec![("error", "invalid_client")], Problem::AppRefused),
        (vec![("error", "<b>odd</b>")], Problem::refused("boddb")),
        (vec![("state", "s")], Problem::MalformedAnswer),
    ] {
        let query = query(&pairs);
        let answered = Answered { typed: "", query: &query, body: b"", answers_to: &answers_to() };
        assert_eq!(site.taobao.redeem(&site.joy.context(), &answered).await.unwrap_err().problem, problem);
    }
    assert_eq!(site.fake.wire.requests(), 0);
}

#[tokio::test]
async fn a_session_is_renewed_with_what_came_with_it() {
    let site = Site::new().await;
    let mut old = Credentials::new(Secret::new("old"));
    let refused = site.taobao.renew(&site.joy.context(), &old).await.unwrap_err();
    assert_eq!(refused.problem, Problem::SecretRefused);
    old.refresh = Some(Secret::new("refresh-1"));
    let renewed = site.taobao.renew(&site.joy.context(), &old).await.unwrap();
    assert_eq!(renewed.secret.expose(), SESSION);
    assert_eq!(renewed.refresh.as_ref().unwrap().expose(), "refresh-2");
    let refused = site.taobao.renew(&site.joy.context(), &old).await.unwrap_err();
    assert_eq!(refused.problem, Problem::SecretRefused);
    site.fake.wire.fails_after(0, Fault::Broken);
    let broken = site.taobao.renew(&site.joy.context(), &renewed).await.unwrap_err();
    assert!(broken.problem.may_pass());
}

#[tokio::test]
async fn tokens_are_not_given_to_another_app() {
    let mut site = Site::new().await;
    site.taobao = Taobao::new(&TaobaoSettings { app_secret: Secret::new("wrong"), ..site.fake.settings() });
    let query = query(&[("code", "good-once")]);
    let answered = Answered { typed: "", query: &query, body: b"", answers_to: &answers_to() };
    assert_eq!(site.taobao.redeem(&site.joy.context(), &answered).await.unwrap_err().problem, Problem::AppRefused);
}

#[tokio::test]
async fn nothing_of_a_buyer_is_kept_anywhere() {
    let mut site = Site::new().await;
    let mut settings = PlatformSettings::default();
    site.fake.set_up(&mut settings);
    site.taobao = Taobao::new(&settings.taobao);
    site.joy.credentials = site.fake.credentials();
    site.joy.now += SignedDuration::from_hours(24 * 365);
    let first = site.joy.verifies(&site.taobao, &site.fake.typed()).await.unwrap();
    site.fake.trades();
    let fetched = site.joy.fetches(&site.taobao, &first.name, cursor(&first.fetched)).await.unwrap();
    let kinds: BTreeSet<Kind> = trades(&fetched).iter().map(|trade| trade.kind).collect();
    assert_eq!(kinds, BTreeSet::from([Kind::Listing, Kind::Sale]));
    assert!(titles(&fetched).iter().all(|title| title.contains("Teapot")));
    assert!(!format!("{first:?} {fetched:?}").contains(CANARY));
}
