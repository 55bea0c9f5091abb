//! More pushes than can be stored: those that are too many are refused in time, come again as they are
//! asked to, and none is lost or doubled.

use crate::store::values::user;
use crate::support::client::http_client;
use crate::support::trading::Trading;
use async_trait::async_trait;
use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use reqwest::StatusCode;
use standardwebhooks::Webhook;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tradepost::actions::LinkAsk;
use tradepost::actions::LinkEnd;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::sharer::Account;
use tradepost::domain::sharer::Language;
use tradepost::domain::source::Source;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::http::public;
use tradepost::http::public::Behind;
use tradepost::http::public::Limits;
use tradepost::http::public::Public;
use tradepost::intake::Intake;
use tradepost::intake::PushError;
use tradepost::intake::Taken;
use tradepost::lifecycle::Lifecycle;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::push::Hook;
use tradepost::platforms::source_id;
use tradepost::store::Commit;
use tradepost::store::StoreError;
use tradepost::values::Secret;
use url::Url;

const ACCOUNTS: usize = 50;
const PUSHES: usize = 200;
/// How many requests are worked off at the same time; from one address half of them.
const AT_ONCE: usize = 8;

const BAZAAR: &str = r#"
    [partners.bazaar]
    registration_url = "https://bazaar.example/register"
    key = "whsec_YmF6YWFyJ3Mga2V5LCBhZ3JlZWQgd2l0aCB0aGUgb3BlcmF0b3I="
"#;

/// A store so slow that it takes nothing until it is let.
struct Slow {
    intake: Intake,
    gate: Arc<Semaphore>,
}

#[async_trait]
impl Behind for Slow {
    async fn take_push(&self, token: &str, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Result<Taken, PushError> {
        let _passed = self.gate.acquire().await.unwrap();
        self.intake.take_push(token, headers, body, now).await
    }

    async fn link_ask(&self, _: &str, _: Timestamp) -> Result<Option<LinkAsk>, StoreError> {
        Ok(None)
    }

    async fn show_secret(&self, _: &str, _: Timestamp) -> Result<LinkEnd, StoreError> {
        Ok(LinkEnd::Gone)
    }

    async fn give_secret(&self, _: &str, _: Secret, _: Timestamp) -> Result<LinkEnd, StoreError> {
        Ok(LinkEnd::Gone)
    }

    async fn consented(&self, _: &str, _: &BTreeMap<String, String>, _: &[u8], _: Timestamp) -> Result<LinkEnd, StoreError> {
        Ok(LinkEnd::Gone)
    }
}

/// The bazaar, which sends for many accounts of Joy's.
struct Bazaar {
    trading: Trading,
    hooks: Vec<Hook>,
    address: String,
    gate: Arc<Semaphore>,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl Bazaar {
    async fn open() -> Self {
        let trading = Trading::at(&toml::from_str::<PlatformSettings>(BAZAAR).unwrap()).await;
        let mut hooks = Vec::new();
        for number in 0..ACCOUNTS {
            hooks.push(adds(&trading, &format!("joy-{number}")).await);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hooks/", listener.local_addr().unwrap());
        let gate = Arc::new(Semaphore::new(0));
        let public = Public {
            behind: Arc::new(Slow { intake: trading.intake().clone(), gate: Arc::clone(&gate) }),
            clock: Arc::<crate::support::clock::TestClock>::clone(&trading.sending.clock),
            url: Url::parse("https://tradepost.example/").unwrap(),
            limits: Limits { at_once: AT_ONCE, ..Limits::default() },
            trusted_proxies: Vec::new(),
            language: Language::English,
            nonce: String::new(),
        };
        let server = tokio::spawn(public::serve(listener, public, Lifecycle::default()));
        Self { trading, hooks, address, gate, http: http_client(), server }
    }

    /// Sends one trade; the status, and in how many seconds to come again.
    async fn sends(&self, number: usize) -> (usize, StatusCode, Option<u32>) {
        let hook = &self.hooks[number % ACCOUNTS];
        let body = format!(r#"{{"type":"trades","trades":[{{"id":"{number}","kind":"listing","title":"Mug {number}"}}]}}"#);
        let (id, seconds) = (format!("msg-{number}"), self.trading.now().as_second());
        let key = Webhook::from_bytes(hook.secret.expose().as_bytes().to_vec()).unwrap();
        let request = self.http.post(format!("{}{}", self.address, token(hook))).header("content-type", "application/json");
        let request = request.header("webhook-id", &id).header("webhook-timestamp", seconds);
        let request = request.header("webhook-signature", key.sign(&id, seconds, body.as_bytes()).unwrap());
        let answer = request.body(body).send().await.unwrap();
        let wait = answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().parse().unwrap());
        (number, answer.status(), wait)
    }
}

impl Drop for Bazaar {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn token(hook: &Hook) -> &str {
    hook.callback.path().rsplit('/').next().unwrap()
}

/// An account of Joy's, for which the bazaar sends.
async fn adds(trading: &Trading, name: &str) -> Hook {
    let mut joy = trading.joy().await;
    let (platform, label) = (PlatformId::new("bazaar"), Line::title(name));
    let id = source_id(&platform, name, Some(&user("joy")));
    let mut source = Source::new(id.clone(), platform.clone(), name.to_owned(), label.clone(), 3_600, trading.now());
    source.owner = Some(user("joy"));
    trading.intake().subscribe_by_hand(&mut source, trading.now()).await.unwrap();
    let hook = trading.intake().hook_by_hand(&source).unwrap();
    let number = joy.take_number();
    joy.accounts.push(Account {
        number,
        source: id,
        platform,
        label,
        kinds: vec![Kind::Listing],
        paused: false,
        baseline_pending: false,
        interval_seconds: None,
        needs_secret: false,
        formerly: None,
        added_at: trading.now(),
    });
    trading.commit(Commit { sharers: vec![joy], sources: vec![source], ..Commit::default() }).await;
    hook
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_slow_store_cannot_take_is_refused_in_time_and_comes_again() {
    let mut bazaar = Bazaar::open().await;
    let mut sending: FuturesUnordered<_> = (0..PUSHES).map(|number| bazaar.sends(number)).collect();
    let mut left: Vec<usize> = Vec::new();
    // All but those that are being stored are answered though nothing is stored.
    while left.len() < PUSHES - AT_ONCE / 2 {
        let (number, status, wait) = sending.next().await.unwrap();
        assert_eq!((status, wait), (StatusCode::SERVICE_UNAVAILABLE, Some(1)));
        left.push(number);
    }
    bazaar.gate.add_permits(Semaphore::MAX_PERMITS / 2);
    while let Some((number, status, _)) = sending.next().await {
        assert_eq!(status, StatusCode::OK, "{number}");
    }
    drop(sending);
    while !left.is_empty() {
        let again: FuturesUnordered<_> = left.iter().map(|number| bazaar.sends(*number)).collect();
        let answers: Vec<_> = again.collect().await;
        assert!(answers.iter().all(|(_, status, wait)| *status == StatusCode::OK || wait.is_some()), "{answers:?}");
        left = answers.into_iter().filter(|(_, status, _)| *status != StatusCode::OK).map(|(number, ..)| number).collect();
    }
    bazaar.trading.told().await;
    let bodies = bazaar.trading.sending.bodies_to("mary");
    for number in 0..PUSHES {
        let title = format!("Mug {number}");
        assert_eq!(bodies.iter().filter(|body| says(body, &title)).count(), 1, "{title}");
    }
}

/// Whether a title stands there as a whole.
fn says(body: &str, title: &str) -> bool {
    body.match_indices(title).any(|(at, _)| !body[at + title.len()..].starts_with(|c: char| c.is_ascii_digit()))
}
