//! The example platform, its adapter, and a hook that answers as docs/PUSH.md says.

use super::bazaar::Bazaar;
use crate::support::Visitor;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use serde_json::json;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;
use tradepost::domain::trade::Trade;
use tradepost::platforms::FetchError;
use tradepost::platforms::Push;
use tradepost::platforms::partner::Partner;
use tradepost::platforms::partner::PartnerSettings;
use tradepost::platforms::push::Hook;
use tradepost::platforms::push::Pushed;
use tradepost::platforms::push::Refusal;
use tradepost::platforms::push::Said;
use tradepost::platforms::push::Subscribed;
use tradepost::values::Secret;

/// The platform's key.
pub(crate) const KEY: &str = "whsec_YmF6YWFyJ3Mga2V5LCBhZ3JlZWQgd2l0aCB0aGUgb3BlcmF0b3I=";
/// The secret of the hook, in a form that tradepost might have made.
pub(crate) const SECRET: &str = "5e1f6a2f0a8d4f0c9d7b6a5f4e3d2c1b0a99887766554433";

/// How long a test waits for what the bazaar sends.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the hook shares with its server.
struct Inbox {
    partner: Partner,
    got: Mutex<Got>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Got {
    is_confirmed: bool,
    failures: u32,
    messages: Vec<Message>,
}

/// What came to the hook, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) timestamp: String,
    pub(crate) said: Result<Said, Refusal>,
}

/// All of it.
pub(crate) struct Stage {
    pub(crate) bazaar: Bazaar,
    pub(crate) partner: Partner,
    pub(crate) joy: Visitor,
    pub(crate) hook: Hook,
    inbox: Arc<Inbox>,
    server: JoinHandle<()>,
}

impl Stage {
    /// Nothing is registered yet.
    pub(crate) async fn new() -> Self {
        let bazaar = Bazaar::start(KEY).await;
        let adapter = || Partner::new("bazaar", &settings(&bazaar.registration_url(), KEY), true);
        let (count, _) = watch::channel(0);
        let inbox = Arc::new(Inbox { partner: adapter(), got: Mutex::default(), count });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let callback = format!("http://{}/hooks/token", listener.local_addr().unwrap());
        let routes = Router::new().route("/hooks/token", post(receive)).with_state(Arc::clone(&inbox));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let hook = Hook { callback: callback.parse().unwrap(), secret: Secret::new(SECRET), ids: Vec::new() };
        // The bazaar's clock is the machine's.
        let joy = Visitor { now: SystemClock.now(), ..Visitor::new() };
        Self { partner: adapter(), bazaar, joy, hook, inbox, server }
    }

    /// Joy's account is registered, and she has confirmed it.
    pub(crate) async fn confirmed() -> Self {
        let mut stage = Self::new().await;
        stage.subscribes().await.unwrap();
        stage.bazaar.confirms("joy123").await;
        assert_eq!(stage.message(0).await.said, Ok(Said::Confirmed));
        stage.got().is_confirmed = true;
        stage
    }

    /// Registers joy's account.
    pub(crate) async fn subscribes(&mut self) -> Result<Subscribed, FetchError> {
        let subscribed = self.partner.subscribe(&self.joy.context(), &self.joy.login("joy123"), &self.hook).await?;
        self.hook.ids.clone_from(&subscribed.ids);
        Ok(subscribed)
    }

    /// Whether the platform still sends.
    pub(crate) async fn is_subscribed(&self) -> bool {
        self.partner.is_subscribed(&self.joy.context(), &self.joy.login("joy123"), &self.hook).await.unwrap()
    }

    /// From now on what comes counts.
    pub(crate) fn counts(&self) {
        self.got().is_confirmed = true;
    }

    /// The next so many messages are answered with 503.
    pub(crate) fn fails(&self, times: u32) {
        self.got().failures = times;
    }

    /// The message with this number, once it has come.
    pub(crate) async fn message(&self, number: usize) -> Message {
        let mut count = self.inbox.count.subscribe();
        let came = tokio::time::timeout(PATIENCE, count.wait_for(|count| *count > number)).await;
        assert!(came.is_ok(), "message {number} did not come\n{}", self.bazaar.log_end());
        self.got().messages[number].clone()
    }

    /// How many have come.
    pub(crate) fn messages(&self) -> usize {
        self.got().messages.len()
    }

    fn got(&self) -> MutexGuard<'_, Got> {
        self.inbox.got.lock().unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A platform with which the operator has agreed.
pub(crate) fn settings(registration_url: &str, key: &str) -> PartnerSettings {
    PartnerSettings { name: String::new(), registration_url: registration_url.parse().unwrap(), key: Secret::new(key) }
}

/// The trades that were told.
pub(crate) fn news(message: &Message) -> &[Trade] {
    match &message.said {
        Ok(Said::News { trades, .. }) => trades,
        other => panic!("{other:?}"),
    }
}

/// As the program's own route does it.
async fn receive(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut got = inbox.got.lock().unwrap();
    let secret = Secret::new(SECRET);
    let pushed = Pushed { headers: &headers, body: &body, secret: &secret, is_confirmed: got.is_confirmed };
    let visitor = Visitor { now: SystemClock.now(), ..Visitor::new() };
    let said = inbox.partner.read(&visitor.login("joy123"), &pushed, visitor.now);
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let failed = got.failures > 0;
    got.failures = got.failures.saturating_sub(1);
    got.messages.push(Message { id: text("webhook-id"), timestamp: text("webhook-timestamp"), said: said.clone() });
    inbox.count.send_replace(got.messages.len());
    if failed {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match said {
        Ok(Said::DryRun { trades }) => json!({"dry_run": true, "accepted": trades}).to_string().into_response(),
        Ok(_) => json!({"accepted": 1, "unchanged": 0}).to_string().into_response(),
        Err(refusal) => (status(&refusal), refusal.to_string()).into_response(),
    }
}

/// The status of each refusal.
pub(crate) fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Signature | Refusal::Stale { .. } => StatusCode::UNAUTHORIZED,
        Refusal::ContentType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Unconfirmed => StatusCode::FORBIDDEN,
    }
}
