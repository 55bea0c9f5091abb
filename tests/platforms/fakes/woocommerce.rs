//! A `WooCommerce` shop over plain HTTP, as strict as the real one: it checks OAuth signatures, their
//! times and nonces, what keys may do, page sizes, and takes dates for its own time zone as it does.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::extract::State as FromState;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use http::HeaderMap;
use items::Order;
use items::Product;
use jiff::Timestamp;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;
use tradepost::values::Within;

mod answers;
mod auth;
pub mod items;
mod routes;

/// The consumer key that the shop knows.
pub const KEY: &str = "ck_f00dcafe";
/// Its secret.
pub const SECRET: &str = "cs_0ff1ce";

/// The shop.
pub struct Shop {
    /// Where it stands.
    pub wire: Wire,
    state: Arc<Mutex<State>>,
}

/// What is in the shop, and how it behaves.
#[allow(clippy::struct_excessive_bools, reason = "shops differ in many ways that do not depend on one another")]
pub struct State {
    /// What time it is there.
    pub now: Timestamp,
    /// The directory that it is installed in: empty, or `/tea`.
    pub directory: &'static str,
    /// What the key may do: `read`, `write` or `read_write`.
    pub permissions: &'static str,
    /// Whether the key's owner may see orders.
    pub sees_orders: bool,
    /// Whether the Store API answers everybody.
    pub is_open: bool,
    /// Whether its pages name the interface.
    pub names_interface: bool,
    /// Whether a cache before it gives entity tags.
    pub has_etags: bool,
    /// Whether it sends every field, as very old ones do.
    pub ignores_fields: bool,
    /// Where it has moved to.
    pub moved_to: Option<String>,
    /// Whether there is a shop at all, or only a site.
    pub is_shop: bool,
    /// What it offers, or did.
    pub products: BTreeMap<u64, Product>,
    /// What was ordered.
    pub orders: BTreeMap<u64, Order>,
    /// Its webhooks.
    pub webhooks: BTreeMap<u64, Webhook>,
    nonces: HashSet<String>,
    last: u64,
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// What it is about.
    pub topic: String,
    /// Where it goes to.
    pub delivery_url: String,
    /// What it is signed with.
    pub secret: String,
    /// `active`, `paused` or `disabled`.
    pub status: String,
}

/// What a webhook sends.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// To where.
    pub url: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Shop {
    /// An empty shop, on 3 March 2026 at noon UTC.
    pub async fn open() -> Self {
        let state = Arc::new(Mutex::new(State {
            now: "2026-03-03T12:00:00Z".parse().expect("a time"),
            directory: "",
            permissions: "read_write",
            sees_orders: true,
            is_open: true,
            names_interface: true,
            has_etags: false,
            ignores_fields: false,
            moved_to: None,
            is_shop: true,
            products: BTreeMap::new(),
            orders: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            nonces: HashSet::new(),
            last: 100,
        }));
        let wire = Wire::start(Router::new().fallback(serve).with_state(Arc::clone(&state))).await;
        Self { wire, state }
    }

    /// What is in it, to be looked at and changed.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the shop")
    }

    /// Its address.
    pub fn address(&self) -> String {
        let directory = self.state().directory;
        format!("{}{directory}/", self.wire.url().as_str().trim_end_matches('/'))
    }

    /// Both parts of the key.
    pub fn keys() -> String {
        format!("{KEY} {SECRET}")
    }

    /// Lets time pass.
    pub fn passes(&self, seconds: i64) {
        let mut state = self.state();
        state.now = Timestamp::from_second(state.now.as_second() + seconds).expect("a time");
    }

    /// Offers something at a price in cents.
    pub fn offers(&self, name: &str, cents: i64) -> u64 {
        let mut state = self.state();
        let (id, now) = (state.number(), state.now);
        state.products.insert(id, Product::new(name, cents, now));
        id
    }

    /// Changes a product, and with it its time of modification.
    pub fn changes(&self, id: u64, change: impl FnOnce(&mut Product)) {
        let mut state = self.state();
        let now = state.now;
        let product = state.products.get_mut(&id).expect("a product");
        change(product);
        product.modified = now;
    }

    /// Sells some of a product.
    pub fn sells(&self, product: u64, quantity: u32) -> u64 {
        let mut state = self.state();
        let (id, line, now) = (state.number(), state.number(), state.now);
        let sold = Order::new(line, product, &state.products[&product], quantity, now);
        state.orders.insert(id, sold);
        id
    }

    /// Gives an order another status, and with it its time of modification.
    pub fn has_order(&self, id: u64, status: &'static str) {
        let mut state = self.state();
        let now = state.now;
        let order = state.orders.get_mut(&id).expect("an order");
        order.status = status;
        order.modified = now;
    }

    /// Makes a webhook as its owner does on the shop's own pages; its number.
    pub fn makes_webhook(&self, topic: &str, delivery_url: &str, secret: &str) -> u64 {
        let mut state = self.state();
        let number = state.number();
        let (topic, delivery_url, secret) = (topic.to_owned(), delivery_url.to_owned(), secret.to_owned());
        state.webhooks.insert(number, Webhook { topic, delivery_url, secret, status: "active".to_owned() });
        number
    }

    /// What the webhooks of a topic send of a product or an order.
    pub fn deliveries(&self, topic: &str, id: u64) -> Vec<Delivery> {
        let state = self.state();
        let body = state.payload(topic, id, self.wire.url().as_str()).to_string().into_bytes();
        let hooks = state.webhooks.iter().filter(|(_, hook)| hook.topic == topic && hook.status == "active");
        hooks.map(|(number, hook)| hook.delivery(*number, &body)).collect()
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

impl Webhook {
    /// A delivery with this body.
    pub fn delivery(&self, number: u64, body: &[u8]) -> Delivery {
        let (resource, event) = self.topic.split_once('.').expect("a topic");
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "application/json"),
            ("user-agent", "WooCommerce/10.4.3 Hookshot (WordPress/6.9)"),
            ("x-wc-webhook-source", "http://127.0.0.1/"),
            ("x-wc-webhook-topic", &self.topic),
            ("x-wc-webhook-resource", resource),
            ("x-wc-webhook-event", event),
            ("x-wc-webhook-signature", &hmac_sha256(&self.secret, body)),
            ("x-wc-webhook-id", &number.to_string()),
            ("x-wc-webhook-delivery-id", "5b8e0c3d"),
        ] {
            headers.insert(http::HeaderName::from_bytes(name.as_bytes()).expect("a name"), value.parse().expect("a value"));
        }
        Delivery { url: self.delivery_url.clone(), headers, body: body.to_vec() }
    }
}

impl Canary for Shop {
    fn platform(&self) -> &'static str {
        "woocommerce"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        settings.woocommerce.interval_seconds = Within::literal(1);
        // The worst case: it sends what was not asked for.
        self.state().ignores_fields = true;
    }

    fn typed(&self) -> String {
        self.address()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(Self::keys())))
    }

    fn trades(&self) {
        let product = self.offers("Teapot, blue", 1_999);
        self.sells(product, 2);
    }
}

/// base64(HMAC-SHA256(key, text)), as the shop has it.
pub fn hmac_sha256(key: &str, text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(text);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

async fn serve(FromState(state): FromState<Arc<Mutex<State>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1_000_000).await.expect("a body");
    state.lock().expect("the shop").answer(&parts, &body)
}
