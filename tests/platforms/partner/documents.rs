//! docs/PUSH.md and docs/openapi.yaml, held against the adapter: their examples are read, or refused,
//! as they say.

use super::answering;
use super::created;
use super::hook;
use super::settings;
use super::stage::status;
use super::subscribe;
use crate::fakes::wire::Wire;
use crate::support::Visitor;
use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::routing::any;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use serde_json::Value;
use serde_json::json;
use sha2::Sha256;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use tradepost::platforms::Push;
use tradepost::platforms::partner::Partner;
use tradepost::platforms::push::Pushed;
use tradepost::platforms::push::Refusal;
use tradepost::platforms::push::Said;
use tradepost::platforms::push::Subscribed;
use tradepost::values::Secret;

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

fn openapi() -> Value {
    serde_norway::from_str(&document("openapi.yaml")).unwrap()
}

/// The signature, computed as docs/PUSH.md describes it.
fn signature(key: &str, id: &str, timestamp: &str, content: &str) -> String {
    let key = BASE64_STANDARD.decode(key.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.{content}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// A request as it stands in docs/PUSH.md.
struct Shown {
    method: String,
    path: String,
    headers: HeaderMap,
    body: String,
}

impl Shown {
    fn read(block: &str) -> Self {
        let (head, body) = block.split_once("\n\n").unwrap_or((block, ""));
        let mut lines = head.lines();
        let mut words = lines.next().unwrap().split(' ');
        let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(name, value)| {
            let name: axum::http::HeaderName = name.parse().unwrap();
            (name, value.parse().unwrap())
        });
        Self { method, path, headers: headers.collect(), body: body.trim_end().to_owned() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// What is signed.
    fn content(&self) -> String {
        if self.body.is_empty() { format!("{} {}", self.method, self.path) } else { self.body.clone() }
    }
}

/// The requests of docs/PUSH.md, and the key and the secret with which they are signed.
fn shown() -> (Vec<Shown>, String, String) {
    let page = document("PUSH.md");
    let blocks = page.split("```http\n").skip(1).map(|rest| Shown::read(rest.split("```").next().unwrap()));
    let sentence = page.lines().find(|line| line.starts_with("In the examples on this page")).unwrap();
    let mut secrets = sentence.split('`').skip(1).step_by(2).map(str::to_owned);
    (blocks.collect(), secrets.next().unwrap(), secrets.next().unwrap())
}

fn partner() -> Partner {
    Partner::new("bazaar", &settings("https://bazaar.example/tradepost/registrations", super::KEY), false)
}

/// What the adapter says about a body, signed rightly, for a confirmed registration.
fn said(body: &str) -> Result<Said, Refusal> {
    let joy = Visitor::new();
    let (id, timestamp, secret) = ("msg_1", joy.now.as_second().to_string(), "whsec_dGhlIHNlY3JldCBvZiBqb3kncyBob29rIGluIGRvY3M=");
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp.clone()),
        ("webhook-signature", signature(secret, id, &timestamp, body)),
        ("content-type", "application/json".to_owned()),
    ];
    let headers = headers.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let secret = Secret::new(secret);
    let pushed = Pushed { headers: &headers, body: body.as_bytes(), secret: &secret, is_confirmed: true };
    partner().read(&joy.login("joy123"), &pushed, joy.now)
}

#[test]
fn the_requests_of_the_page_are_signed_as_it_says() {
    let (shown, key, secret) = shown();
    assert_eq!(shown.len(), 3);
    for request in shown {
        let with = if request.path.starts_with("/hooks/") { &secret } else { &key };
        let expected = signature(with, request.header("webhook-id"), request.header("webhook-timestamp"), &request.content());
        assert_eq!(request.header("webhook-signature"), expected, "{} {}", request.method, request.path);
    }
}

#[test]
fn the_push_of_the_page_is_read() {
    let (shown, _, secret) = shown();
    let push = shown.iter().find(|request| request.path.starts_with("/hooks/")).unwrap();
    let secret = Secret::new(secret);
    let pushed = Pushed { headers: &push.headers, body: push.body.as_bytes(), secret: &secret, is_confirmed: true };
    let joy = Visitor::new();
    let Ok(Said::News { trades, gone }) = partner().read(&joy.login("joy123"), &pushed, joy.now) else { panic!("no news") };
    assert_eq!((trades.len(), trades[0].title.as_str(), gone.len()), (1, "Teapot, blue", 0));
}

#[test]
fn every_example_of_a_push_is_answered_as_it_says() {
    let openapi = openapi();
    let content = &openapi["paths"]["/hooks/{token}"]["post"]["requestBody"]["content"]["application/json"];
    let examples = content["examples"].as_object().unwrap();
    assert!(examples.len() >= 10);
    for (name, example) in examples {
        let said = said(&example["value"].to_string());
        let answered = said.as_ref().map_or_else(status, |_| StatusCode::OK);
        assert_eq!(u64::from(answered.as_u16()), example["x-answer"].as_u64().unwrap(), "{name}: {said:?}");
        let reasons = match said {
            Err(Refusal::Invalid(reasons)) => json!(reasons),
            _ => Value::Null,
        };
        assert_eq!(reasons, example.get("x-reasons").cloned().unwrap_or_default(), "{name}");
    }
}

/// The fields of an object in the specification.
fn properties(openapi: &Value, schema: &str) -> BTreeSet<String> {
    openapi["components"]["schemas"][schema]["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_specification_names_the_fields_that_are_known_and_no_others() {
    let openapi = openapi();
    let unknown = |body: &Value| match said(&body.to_string()) {
        Err(Refusal::Invalid(reasons)) => reasons.iter().any(|reason| reason.contains(".probe: unknown")),
        _ => false,
    };
    // What nobody knows is refused, so what is not refused as unknown is known.
    let with = |field: &str, at_price: bool| {
        let inner = json!({field: [[]], "probe": 1});
        let trade = if at_price { json!({"price": inner}) } else { inner };
        let said = said(&json!({"type": "trades", "trades": [trade]}).to_string());
        let Err(Refusal::Invalid(reasons)) = said else { panic!("{said:?}") };
        assert!(unknown(&json!({"type": "trades", "trades": [trade]})));
        !reasons.iter().any(|reason| reason.ends_with(&format!(".{field}: unknown, or there twice")))
    };
    for (schema, at_price) in [("Trade", false), ("Price", true)] {
        for field in properties(&openapi, schema) {
            assert!(with(&field, at_price), "{schema}.{field} is not known");
        }
    }
    for field in ["buyer", "note", "address", "email", "phone", "payment", "source", "seen_at"] {
        assert!(!with(field, false), "{field}");
    }
    // Whatever the page lists is in the specification, too.
    let page = document("PUSH.md");
    let table = page.split("### A trade").nth(1).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `")).take_while(|line| !line.starts_with("| 2"));
    let listed: BTreeSet<String> = rows.map(|line| line.split('`').nth(1).unwrap().to_owned()).collect();
    assert_eq!(listed, properties(&openapi, "Trade"));
}

#[test]
fn page_and_specification_name_the_same_answers() {
    let openapi = openapi();
    let specified: BTreeSet<String> =
        openapi["paths"]["/hooks/{token}"]["post"]["responses"].as_object().unwrap().keys().cloned().collect();
    let page = document("PUSH.md");
    let table = page.split("### Answers").nth(1).unwrap().split("\n### ").next().unwrap();
    let listed: BTreeSet<String> = table.lines().filter_map(|line| Some(line.strip_prefix("| ")?.split(' ').next()?.to_owned())).collect();
    assert_eq!(listed.into_iter().filter(|cell| cell != "status").collect::<BTreeSet<String>>(), specified);
}

/// What a platform was asked: method, path, headers and body.
type Asked = Arc<Mutex<Vec<(String, String, HeaderMap, String)>>>;

/// A platform that keeps what it is asked and answers with the page of the specification.
async fn recording(answer: &Value) -> (Wire, Asked) {
    let asked = Asked::default();
    let (kept, answer) = (Arc::clone(&asked), answer.to_string());
    let routes = any(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let status = if parts.uri.path().ends_with("registrations") { StatusCode::CREATED } else { StatusCode::OK };
        kept.lock().unwrap().push((parts.method.to_string(), parts.uri.to_string(), parts.headers, body));
        (status, answer.clone())
    });
    (Wire::start(Router::new().fallback(routes)).await, asked)
}

#[tokio::test]
async fn what_tradepost_asks_has_the_form_and_the_signature_of_the_specification() {
    let openapi = openapi();
    let registered = &openapi["paths"]["/tradepost/registrations"]["post"]["responses"]["201"]["content"]["application/json"];
    let (wire, asked) = recording(&registered["examples"]["page"]["value"]).await;
    let url = wire.url().join("tradepost/registrations").unwrap();
    let partner = Partner::new("bazaar", &settings(url.as_str(), super::KEY), true);
    let joy = Visitor::new();
    let (context, login) = (joy.context(), joy.login("joy123"));
    subscribe(&partner, &joy).await.unwrap();
    let hook = tradepost::platforms::push::Hook { ids: vec!["reg_81c2".to_owned()], ..hook() };
    partner.confirm(&context, &login, &hook, "48151623").await.unwrap();
    assert!(partner.is_subscribed(&context, &login, &hook).await.unwrap());
    partner.unsubscribe(&context, &login, &hook).await.unwrap();

    let asked = asked.lock().unwrap();
    let mut paths = BTreeSet::new();
    for (method, path, headers, body) in asked.iter() {
        let header = |name: &str| headers[name].to_str().unwrap();
        let signed = if body.is_empty() { format!("{method} {path}") } else { body.clone() };
        assert_eq!(header("webhook-signature"), signature(super::KEY, header("webhook-id"), header("webhook-timestamp"), &signed));
        assert_eq!(header("webhook-timestamp"), joy.now.as_second().to_string());
        let path = path.replace("reg_81c2", "{id}");
        let operation = &openapi["paths"][&path][method.to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not specified");
        if !body.is_empty() {
            let body: Value = serde_json::from_str(body).unwrap();
            let examples = operation["requestBody"]["content"]["application/json"]["examples"].as_object().unwrap();
            let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
            let example = &examples.values().next().unwrap()["value"];
            assert_eq!((fields(&body), &body["type"]), (fields(example), &example["type"]));
        }
        paths.insert((method.clone(), path));
    }
    let specified = openapi["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/tradepost"));
    let operations =
        specified.flat_map(|(_, methods)| ["get", "post", "delete"].into_iter().filter(|method| methods.get(method).is_some()));
    assert_eq!(paths.len(), operations.count(), "every operation is asked for: {paths:?}");
}

#[tokio::test]
async fn every_example_of_a_registrations_answer_is_understood() {
    let openapi = openapi();
    let registered = &openapi["paths"]["/tradepost/registrations"]["post"]["responses"]["201"]["content"]["application/json"];
    for (name, example) in registered["examples"].as_object().unwrap() {
        let (_wire, partner, joy) = answering(created(&example["value"])).await;
        let subscribed: Subscribed = subscribe(&partner, &joy).await.unwrap();
        assert!(subscribed.confirm.is_some() && subscribed.ids == ["reg_81c2"], "{name}");
    }
}
