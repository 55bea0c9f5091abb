use super::Feed;
use crate::domain::ids::UserId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::net::Net;
use crate::net::NetLimits;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::Verified;
use crate::platforms::feed::FeedSettings;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use jiff::Timestamp;
use std::time::Duration;
use tokio::net::TcpListener;

const SHOP: &str = include_str!("../../../tests/fixtures/feeds/chinese.xml");
const SHOP_GBK: &[u8] = include_bytes!("../../../tests/fixtures/feeds/chinese-gbk.xml");
const HTML: &str = "text/html; charset=utf-8";

struct Shop {
    net: Net,
    feed: Feed,
    address: String,
}

impl Shop {
    async fn open(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let limits = NetLimits {
            allowed: vec!["127.0.0.1/32".parse().unwrap()],
            body_bytes: 1_000_000,
            total: Duration::from_secs(5),
            redirects: 3,
            per_host_per_second: 1_000,
        };
        Self { net: Net::new(limits).unwrap(), feed: Feed::new(&FeedSettings::default(), true), address: format!("http://{address}") }
    }

    async fn page(body: &'static str) -> Self {
        let router =
            Router::new().route("/", get(move || async move { ([("content-type", HTML)], body) })).route("/feed", get(|| async { SHOP }));
        Self::open(router).await
    }

    async fn verify(&self, typed: &str) -> Result<Verified, Problem> {
        let user = UserId::new("@joy:a.example");
        let application = Application { typed, user: &user, credentials: None, links: None };
        self.feed.verify(&self.context(), &application).await.map_err(|error| error.problem)
    }

    fn context(&self) -> Context<'_> {
        Context { net: &self.net, now: now() }
    }

    async fn fetch(&self, path: &str, cursor: Option<&str>) -> Fetched {
        let name = format!("{}{path}", self.address);
        self.feed.fetch(&self.context(), &login(&name), cursor).await.unwrap()
    }
}

fn login(name: &str) -> Login<'_> {
    Login { name, user: None, credentials: None, links: None }
}

fn now() -> Timestamp {
    "2026-03-03T00:00:00Z".parse().unwrap()
}

fn cursor_of(fetched: &Fetched) -> String {
    match fetched {
        Fetched::Changed { cursor, .. } => cursor.clone().unwrap(),
        Fetched::Unchanged => panic!("nothing changed"),
    }
}

fn titles_of(fetched: &Fetched) -> Vec<&str> {
    match fetched {
        Fetched::Changed { trades, .. } => trades.iter().map(|trade| trade.title.as_str()).collect(),
        Fetched::Unchanged => panic!("nothing changed"),
    }
}

#[tokio::test]
async fn an_address_of_a_feed_is_verified_and_normalised() {
    let shop = Shop::page("").await;
    let verified = shop.verify(&format!("feed:{}/feed#top", shop.address)).await.unwrap();
    assert_eq!(verified.name, format!("{}/feed", shop.address));
    assert_eq!(verified.label.as_str(), "小明的店");
    assert_eq!(titles_of(&verified.fetched), ["宜兴紫砂壶 ￥１２８.００", "茶杯 满100减20元"]);
    let again = shop.fetch("/feed", Some(&cursor_of(&verified.fetched))).await;
    assert_eq!(again, Fetched::Unchanged, "what was verified is what the first poll goes on from");
}

#[tokio::test]
async fn a_page_with_one_feed_stands_for_it() {
    let shop = Shop::page("<!doctype html><link rel=alternate type=application/rss+xml href=feed>").await;
    let verified = shop.verify(&shop.address).await.unwrap();
    assert_eq!(verified.name, format!("{}/feed", shop.address));
    assert_eq!(titles_of(&verified.fetched).len(), 2);
}

#[tokio::test]
async fn a_page_with_several_feeds_offers_them() {
    let shop = Shop::page(
        "<link rel=alternate type=application/rss+xml href=a><link rel=alternate type=application/rss+xml href=http://10.0.0.1/b>",
    )
    .await;
    let Err(Problem::PageWithFeeds { feeds }) = shop.verify(&shop.address).await else {
        panic!("feeds should be offered");
    };
    let addresses: Vec<String> = feeds.into_iter().map(|feed| feed.address).collect();
    assert_eq!(addresses, [format!("{}/a", shop.address), "http://10.0.0.1/b".to_owned()]);
}

#[tokio::test]
async fn a_page_cannot_lead_inside() {
    let shop = Shop::page("<html><link rel=alternate type=application/rss+xml href=http://10.0.0.1/feed>").await;
    assert_eq!(shop.verify(&shop.address).await, Err(Problem::PrivateAddress));
}

#[tokio::test]
async fn what_is_neither_feed_nor_page_says_which() {
    let shop = Shop::page("<html><body>Teapots</body></html>").await;
    assert_eq!(shop.verify(&shop.address).await, Err(Problem::PageWithoutFeed));
    let shop = Shop::page("<html><link rel=alternate type=application/rss+xml href=/>").await;
    assert_eq!(shop.verify(&shop.address).await, Err(Problem::NotAFeed));
    let shop = Shop::open(Router::new().route("/", get(|| async { "hello" }))).await;
    assert_eq!(shop.verify(&shop.address).await, Err(Problem::NotAFeed));
    assert_eq!(shop.verify("teapots").await, Err(Problem::NotAnAddress));
}

#[tokio::test]
async fn a_feed_with_validators_is_asked_for_conditionally() {
    let router = Router::new().route(
        "/",
        get(|headers: HeaderMap| async move {
            if headers.get("if-none-match").is_some_and(|tag| tag == "W/\"5\"") {
                StatusCode::NOT_MODIFIED.into_response()
            } else {
                ([("etag", "W/\"5\"")], SHOP).into_response()
            }
        }),
    );
    let shop = Shop::open(router).await;
    let first = shop.fetch("/", None).await;
    assert_eq!(shop.fetch("/", Some(&cursor_of(&first))).await, Fetched::Unchanged);
    assert_eq!(titles_of(&shop.fetch("/", Some("an older cursor")).await).len(), 2);
}

#[tokio::test]
async fn a_feed_in_an_old_chinese_encoding_is_read() {
    let router = Router::new().route("/", get(|| async { ([("content-type", "text/xml")], SHOP_GBK) }));
    let shop = Shop::open(router).await;
    assert_eq!(titles_of(&shop.fetch("/", None).await)[1], "茶杯 满100减20元");
}

#[tokio::test]
async fn a_shop_that_asks_to_wait_is_heard() {
    let router = Router::new().route("/", get(|| async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "90")]) }));
    let shop = Shop::open(router).await;
    let error = shop.feed.fetch(&shop.context(), &login(&shop.address), None).await.unwrap_err();
    assert_eq!((error.problem, error.retry_after), (Problem::AskedToWait, Some(Duration::from_secs(90))));
}

#[test]
fn web_addresses_are_recognised() {
    let feed = Feed::new(&FeedSettings::default(), false);
    assert!(feed.recognises("https://shop.example/feed") && feed.recognises("shop.example"));
    assert!(!feed.recognises("joy") && !feed.recognises("@joy:example.org") && !feed.recognises("joy@shop.example"));
}
