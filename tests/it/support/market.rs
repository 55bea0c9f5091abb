//! A platform that sends what happens by itself, by docs/PUSH.md: registrations that its owner confirms,
//! and signed pushes, which it repeats until they are taken, as a platform should.

use super::client::http_client;
use super::clock::soon;
use super::faulty::Faulty;
use super::ports::free_port;
use super::stage::link;
use super::user::moment;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use standardwebhooks::Webhook;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use toml::Table;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;

/// What it has agreed upon with the operator.
const KEY: &str = "whsec_bWFya2V0cyBrZXksIGFncmVlZCB1cG9uIHdpdGggaGlt";
/// How often a push is repeated: longer than any program is away in a test.
const REPEATS: usize = 600;

/// By their numbers, oldest first, each with its id.
type Registrations = Arc<Mutex<BTreeMap<usize, (String, Value)>>>;

/// A running one.
pub struct Market {
    registrations: Registrations,
    port: u16,
    web_port: u16,
    /// Its way to the program.
    pub to_program: Faulty,
    http: reqwest::Client,
    /// By what clock it signs.
    pub clock: Arc<dyn Clock>,
    server: JoinHandle<()>,
}

impl Market {
    /// Starts it without registrations.
    pub async fn start() -> Self {
        loop {
            let port = free_port();
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
                let registrations = Registrations::default();
                let routes = Router::new().fallback(answer).with_state(Arc::clone(&registrations));
                let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("the market's server") });
                let web_port = free_port();
                let to_program = Faulty::before(&format!("http://127.0.0.1:{web_port}")).await;
                return Self { registrations, port, web_port, to_program, http: http_client(), clock: Arc::new(SystemClock), server };
            }
        }
    }

    /// What the program must know of it.
    pub fn config(&self) -> Table {
        let (port, web, public) = (self.port, self.web_port, self.to_program.url());
        let config = format!(
            "[web]\npublic_url = \"{public}\"\nlisten = \"127.0.0.1:{web}\"\n\
             [platforms.partners.market]\nkey = \"{KEY}\"\nregistration_url = \"http://127.0.0.1:{port}/registrations\""
        );
        config.parse().expect("a configuration")
    }

    /// The owner of the one account that is registered says yes.
    pub async fn confirms(&self) {
        let status = self.sends("confirmation", &json!({"type": "registration.confirmed"})).await;
        assert_eq!(status, Some(200), "the confirmation");
    }

    /// Pushes the item with this number until it is taken; how often it had to be repeated.
    pub async fn pushes(&self, number: usize) -> usize {
        for repeats in 0..REPEATS {
            if self.pushes_once(number).await == Some(200) {
                return repeats;
            }
            moment().await;
        }
        panic!("item {number} is not taken");
    }

    /// Pushes the item with this number; the status that was answered, if any was.
    pub async fn pushes_once(&self, number: usize) -> Option<u16> {
        let item = json!({
            "id": number.to_string(), "kind": "listing", "title": format!("Teapot {number}"),
            "price": {"amount": "12.00", "currency": "EUR"}, "url": link(number),
        });
        self.sends(&format!("item-{number}"), &json!({"type": "trades", "trades": [item]})).await
    }

    /// Sends a body, signed, with this id.
    pub async fn sends(&self, id: &str, body: &Value) -> Option<u16> {
        let (registration, now) = (self.registration(), self.clock.now());
        self.post(&registration, id, &body.to_string(), now).await
    }

    async fn post(&self, registration: &Value, id: &str, body: &str, now: Timestamp) -> Option<u16> {
        let secret = registration["secret"].as_str().expect("a secret");
        let id = format!("msg_{id}");
        let signature = Webhook::new(secret).expect("a secret").sign(&id, now.as_second(), body.as_bytes()).expect("a signature");
        let request = self
            .http
            .post(registration["callback"].as_str().expect("a callback"))
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.as_second().to_string())
            .header("webhook-signature", signature)
            .body(body.to_owned());
        request.send().await.ok().map(|answer| answer.status().as_u16())
    }

    /// How many registrations stand.
    pub fn registered(&self) -> usize {
        self.registrations.lock().expect("registrations").len()
    }

    /// Waits until so many registrations stand.
    pub async fn has_registered(&self, count: usize) {
        let registered = async {
            while self.registered() != count {
                moment().await;
            }
        };
        soon(&format!("{count} registrations"), registered).await;
    }

    /// Ends all registrations but the newest, as a platform does with what nobody confirms.
    pub fn forgets_oldest(&self) {
        let mut registrations = self.registrations.lock().expect("registrations");
        let newest = registrations.pop_last();
        registrations.clear();
        registrations.extend(newest);
    }

    fn registration(&self) -> Value {
        let registrations = self.registrations.lock().expect("registrations");
        assert_eq!(registrations.len(), 1, "one registration: {registrations:?}");
        registrations.values().next().expect("one").1.clone()
    }
}

impl Drop for Market {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Registers, shows and ends registrations.
async fn answer(State(registrations): State<Registrations>, method: Method, uri: Uri, body: Bytes) -> Response {
    let mut registrations = registrations.lock().expect("registrations");
    let id = uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    match method {
        Method::POST => {
            let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
            let Some(callback) = asked["callback"].as_str().map(str::to_owned) else { return StatusCode::BAD_REQUEST.into_response() };
            let id = format!("reg{}", callback.rsplit('/').next().unwrap_or_default());
            let number = registrations.last_key_value().map_or(0, |(number, _)| number + 1);
            registrations.insert(number, (id.clone(), asked));
            let confirm = json!({"type": "page", "url": "https://market.example/confirm"});
            (StatusCode::CREATED, json!({"id": id, "confirm": confirm}).to_string()).into_response()
        }
        Method::DELETE => {
            registrations.retain(|_, (known, _)| *known != id);
            StatusCode::NO_CONTENT.into_response()
        }
        _ if registrations.values().any(|(known, _)| *known == id) => StatusCode::OK.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
