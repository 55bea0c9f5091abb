//! A public address on 127.0.0.1, and what stands behind it: links and hooks that do as a test says.

use crate::support::client::http_client;
use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use reqwest::RequestBuilder;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tradepost::actions::LinkAsk;
use tradepost::actions::LinkEnd;
use tradepost::actions::LinkPage;
use tradepost::clock::SystemClock;
use tradepost::domain::ids::UserId;
use tradepost::domain::problem::Problem;
use tradepost::domain::sharer::Language;
use tradepost::http::public;
use tradepost::http::public::Behind;
use tradepost::http::public::Limits;
use tradepost::http::public::Public;
use tradepost::intake::PushError;
use tradepost::intake::Taken;
use tradepost::lifecycle::Lifecycle;
use tradepost::platforms::SecretForm;
use tradepost::platforms::push::Refusal;
use tradepost::store::StoreError;
use tradepost::values::Secret;
use url::Url;

/// What is shown of an address.
pub(super) const SHOWN_ADDRESS: &str = "https://trade.example/hooks/0123456789abcdefghijkl";
/// What is shown of a secret.
pub(super) const SHOWN_SECRET: &str = "hu\"sh-<b>&amp;-0123456789abcdefghijklmnopqrstuvwxyz";

/// What stands behind the address.
#[derive(Default)]
pub(super) struct Desk {
    done: Mutex<Done>,
    /// Whether what is asked for is held up.
    pub(super) held: watch::Sender<bool>,
}

/// What was done.
#[derive(Default)]
pub(super) struct Done {
    /// Pushes: token, size, what the shop signed.
    pub(super) pushes: Vec<(String, usize, String)>,
    /// Links that are good.
    pub(super) links: BTreeMap<String, LinkAsk>,
    /// How often somebody looked at one.
    pub(super) looked: usize,
    /// Secrets that were taken.
    pub(super) secrets: Vec<String>,
    /// Consents: platform, parameters, body.
    pub(super) consents: Vec<(String, BTreeMap<String, String>, String)>,
}

impl Desk {
    pub(super) fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap()
    }

    /// Makes a link that is good once.
    pub(super) fn link(&self, token: &str, form: SecretForm, language: Option<Language>) {
        self.page(token, LinkPage::Type(form), language);
    }

    /// Makes a link that shows a secret once.
    pub(super) fn showing(&self, token: &str, language: Option<Language>) {
        self.page(token, LinkPage::Show, language);
    }

    fn page(&self, token: &str, page: LinkPage, language: Option<Language>) {
        let ask = LinkAsk { platform: "vendure".to_owned(), account: "https://shop.example".to_owned(), page, language };
        self.done().links.insert(token.to_owned(), ask);
    }

    async fn waits(&self) {
        let _ = self.held.subscribe().wait_for(|held| !held).await;
    }
}

fn broken() -> StoreError {
    StoreError::TooLarge { kind: "anything" }
}

#[async_trait]
impl Behind for Desk {
    async fn take_push(&self, token: &str, headers: &HeaderMap, body: Bytes, _now: Timestamp) -> Result<Taken, PushError> {
        self.waits().await;
        let signed = headers.get("x-signature").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        self.done().pushes.push((token.to_owned(), body.len(), signed));
        let refused = |refusal| Err(PushError::Refused(refusal));
        match token {
            "good" => Ok(Taken { accepted: 2, unchanged: 1, dry_run: false }),
            "dry" => Ok(Taken { accepted: 3, unchanged: 0, dry_run: true }),
            "unsigned" => refused(Refusal::Signature),
            "stale" => refused(Refusal::Stale { tolerance_seconds: 300 }),
            "type" => refused(Refusal::ContentType { expected: "application/json" }),
            "malformed" => refused(Refusal::Malformed("no JSON".to_owned())),
            "invalid" => refused(Refusal::Invalid(vec!["no id".to_owned(), "no title".to_owned()])),
            "unconfirmed" => refused(Refusal::Unconfirmed),
            "busy" => Err(PushError::Busy { retry_after: Duration::from_millis(1_500) }),
            "broken" => Err(PushError::Store(broken())),
            "panics" => panic!("as a test wants it"),
            _ => Err(PushError::UnknownHook),
        }
    }

    async fn link_ask(&self, token: &str, _now: Timestamp) -> Result<Option<LinkAsk>, StoreError> {
        if token == "broken" {
            return Err(broken());
        }
        let mut done = self.done();
        done.looked += 1;
        Ok(done.links.get(token).cloned())
    }

    async fn give_secret(&self, token: &str, secret: Secret, _now: Timestamp) -> Result<LinkEnd, StoreError> {
        self.waits().await;
        let mut done = self.done();
        let Some(ask) = done.links.get(token).cloned() else { return Ok(LinkEnd::Gone) };
        if secret.expose().contains("wrong") {
            return Ok(LinkEnd::Refused { problem: Problem::SecretRefused, language: ask.language });
        }
        done.links.remove(token);
        done.secrets.push(secret.expose().to_owned());
        Ok(LinkEnd::Done { user: UserId::new("@joy:a.example"), language: ask.language })
    }

    async fn show_secret(&self, token: &str, _now: Timestamp) -> Result<LinkEnd, StoreError> {
        let Some(ask) = self.done().links.remove(token) else { return Ok(LinkEnd::Gone) };
        let (address, secret) = (SHOWN_ADDRESS.to_owned(), Secret::new(SHOWN_SECRET));
        Ok(LinkEnd::Shown { address, secret, account: ask.account, language: ask.language })
    }

    async fn consented(
        &self,
        platform: &str,
        query: &BTreeMap<String, String>,
        body: &[u8],
        _now: Timestamp,
    ) -> Result<LinkEnd, StoreError> {
        let body = String::from_utf8(body.to_vec()).unwrap();
        self.done().consents.push((platform.to_owned(), query.clone(), body.clone()));
        let state = query.get("state").cloned().unwrap_or(body);
        match state.trim_matches('"') {
            "good" => Ok(LinkEnd::Done { user: UserId::new("@joy:a.example"), language: Some(Language::SimplifiedChinese) }),
            "refused" => Ok(LinkEnd::Refused { problem: Problem::NotAllowed { missing: "read_orders".to_owned() }, language: None }),
            "broken" => Err(broken()),
            _ => Ok(LinkEnd::Gone),
        }
    }
}

/// A public address.
pub(super) struct Address {
    /// What stands behind it.
    pub(super) desk: Arc<Desk>,
    /// Where it is, with a slash at its end.
    pub(super) url: Url,
    pub(super) port: u16,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl Address {
    /// On 127.0.0.1, which is believed from whom a request comes.
    pub(super) async fn open() -> Self {
        Self::open_below("/").await
    }

    /// The same, below a path.
    pub(super) async fn open_below(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = Url::parse(&format!("http://127.0.0.1:{port}{path}")).unwrap();
        let desk = Arc::<Desk>::default();
        let public = Public {
            behind: Arc::<Desk>::clone(&desk),
            clock: Arc::new(SystemClock),
            url: url.clone(),
            limits: Limits::default(),
            trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
            language: Language::English,
            nonce: "this very one".to_owned(),
        };
        let server = tokio::spawn(public::serve(listener, public, Lifecycle::default()));
        Self { desk, url, port, http: http_client(), server }
    }

    pub(super) fn at(&self, path: &str) -> String {
        self.url.join(path).unwrap().to_string()
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.at(path))
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.at(path))
    }

    pub(super) fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.at(path))
    }

    /// Sends what a form holds.
    pub(super) fn submit(&self, path: &str, form: &'static str) -> RequestBuilder {
        self.post(path).header("content-type", "application/x-www-form-urlencoded").body(form)
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The status of an answer, and its text.
pub(super) async fn read(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}
