//! Platforms whose accounts count once their owner has confirmed them there.

use crate::fakes::wire::Wire;
use crate::store::values::user;
use crate::support::trading::Trading;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderMap;
use serde_json::Value;
use serde_json::json;
use standardwebhooks::Webhook;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;
use tradepost::actions::Adding;
use tradepost::actions::NewAccount;
use tradepost::domain::sharer::Account;
use tradepost::intake::PushError;
use tradepost::intake::Taken;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::partner::PartnerSettings;
use tradepost::values::Secret;

/// A small platform with tradepost's own interface: registrations by their ids.
struct Bazaar {
    wire: Wire,
    registrations: Registrations,
    trading: Trading,
    account: Account,
}

type Registrations = Arc<Mutex<BTreeMap<String, Value>>>;

/// How long a registration lasts there.
const LASTS: Duration = Duration::from_hours(30 * 24);

impl Bazaar {
    /// Joy has an account there, which she has not confirmed.
    async fn with_account() -> Self {
        let registrations = Registrations::default();
        let wire = Wire::start(Router::new().fallback(answer).with_state(Arc::clone(&registrations))).await;
        let partner = PartnerSettings {
            name: "Bazaar".to_owned(),
            registration_url: wire.url().join("registrations").unwrap(),
            key: Secret::new("whsec_YmF6YWFyJ3Mga2V5LCBhZ3JlZWQgd2l0aCB0aGUgb3BlcmF0b3I="),
        };
        let mut settings = PlatformSettings::default();
        settings.partners.0.insert("bazaar".to_owned(), partner);
        let trading = Trading::at(&settings).await;
        let new = NewAccount { platform: Some("bazaar"), typed: "joy123", ..NewAccount::default() };
        let Adding::Asked { commit, .. } = trading.actions.add_account(&user("joy"), &new, trading.now()).await.unwrap() else {
            panic!("it has to be confirmed")
        };
        trading.commit(*commit).await;
        let account = trading.joy().await.accounts[0].clone();
        Self { wire, registrations, trading, account }
    }

    fn registrations(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.registrations.lock().unwrap()
    }

    /// The one registration that stands.
    fn registration(&self) -> Value {
        let registrations = self.registrations();
        assert_eq!(registrations.len(), 1);
        registrations.values().next().unwrap().clone()
    }

    /// Sends something as `registration`.
    async fn says(&self, registration: &Value, body: &Value) -> Result<Taken, PushError> {
        let (body, now) = (body.to_string(), self.trading.now());
        let secret = registration["secret"].as_str().unwrap();
        let signature = Webhook::new(secret).unwrap().sign("msg_1", now.as_second(), body.as_bytes()).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "application/json"),
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", &now.as_second().to_string()),
            ("webhook-signature", &signature),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let token = registration["callback"].as_str().unwrap().rsplit('/').next().unwrap();
        self.trading.intake().take_push(token, &headers, Bytes::from(body), now).await
    }

    async fn is_confirmed(&self, registration: &Value) {
        self.says(registration, &json!({"type": "registration.confirmed"})).await.unwrap();
    }
}

/// Registers, shows and ends registrations.
async fn answer(State(registrations): State<Registrations>, method: Method, uri: Uri, body: Bytes) -> Response {
    let mut registrations = registrations.lock().unwrap();
    let id = uri.path().rsplit('/').next().unwrap().to_owned();
    match method {
        Method::POST => {
            let asked: Value = serde_json::from_slice(&body).unwrap();
            let id = format!("reg{}", asked["callback"].as_str().unwrap().rsplit('/').next().unwrap());
            registrations.insert(id.clone(), asked);
            (StatusCode::CREATED, json!({"id": id, "confirm": {"type": "page", "url": "https://bazaar.example/confirm"}}).to_string())
                .into_response()
        }
        Method::DELETE => {
            registrations.remove(&id);
            StatusCode::NO_CONTENT.into_response()
        }
        _ if registrations.contains_key(&id) => StatusCode::OK.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn listed(id: u64) -> Value {
    json!({"type": "trades", "trades": [{"id": id.to_string(), "kind": "listing", "title": format!("Teapot {id}")}]})
}

#[tokio::test]
async fn a_registration_that_is_gone_is_made_anew_and_she_is_asked_to_confirm_it() {
    let mut bazaar = Bazaar::with_account().await;
    let first = bazaar.registration();
    let refused = bazaar.says(&first, &listed(1)).await;
    assert!(matches!(refused, Err(PushError::Refused(_))), "{refused:?}");
    bazaar.is_confirmed(&first).await;
    assert_eq!(bazaar.says(&first, &listed(2)).await.unwrap().accepted, 1);
    bazaar.registrations().clear();
    bazaar.trading.sending.clock.advance(LASTS);
    let asked = bazaar.wire.requests();
    bazaar.trading.polls(&bazaar.account).await;
    assert!(bazaar.wire.requests() > asked);
    let second = bazaar.registration();
    assert_ne!(second["callback"], first["callback"]);
    let told = bazaar.trading.told().await;
    assert!(told.last().unwrap().contains("joy123") && told.len() == 2, "she is told how: {told:?}");
    let gone = bazaar.says(&first, &listed(3)).await;
    assert!(matches!(gone, Err(PushError::UnknownHook)), "{gone:?}");
    let refused = bazaar.says(&second, &listed(3)).await;
    assert!(matches!(refused, Err(PushError::Refused(_))), "{refused:?}");
    bazaar.is_confirmed(&second).await;
    assert_eq!(bazaar.says(&second, &listed(3)).await.unwrap().accepted, 1);
    // What is confirmed is not asked again.
    bazaar.trading.sending.clock.advance(Duration::from_hours(25));
    bazaar.trading.polls(&bazaar.account).await;
    assert_eq!(bazaar.registration(), second);
}

#[tokio::test]
async fn what_the_platform_ends_is_over() {
    let bazaar = Bazaar::with_account().await;
    let registration = bazaar.registration();
    bazaar.is_confirmed(&registration).await;
    bazaar.says(&registration, &json!({"type": "registration.ended"})).await.unwrap();
    assert!(bazaar.trading.joy().await.accounts.is_empty());
    assert!(bazaar.trading.store().source(&bazaar.account.source).await.unwrap().is_none());
    let gone = bazaar.says(&registration, &listed(1)).await;
    assert!(matches!(gone, Err(PushError::UnknownHook)), "{gone:?}");
}
