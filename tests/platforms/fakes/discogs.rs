//! A Discogs: users, their inventories, and the orders of the one whose token is shown.

use super::CANARY;
use super::Canary;
use super::extract::Json;
use super::extract::Query;
use super::wire::Wire;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;

/// Who sells, as the site writes it.
pub const USER: &str = "Vinyl_Joy";

/// Her token.
pub const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCD";

/// The marketplace behind the wire.
pub struct FakeDiscogs {
    /// Where it stands.
    pub wire: Wire,
    market: Arc<Mutex<Market>>,
}

/// What the marketplace holds of her.
#[derive(Default)]
pub struct Market {
    /// Her offers, oldest first.
    pub listings: Vec<Value>,
    /// Her orders, in the order in which they moved.
    pub orders: Vec<Value>,
    /// Whether her token may not read orders.
    pub hides_orders: bool,
    next_id: u64,
}

type Shared = Arc<Mutex<Market>>;

impl FakeDiscogs {
    /// Somebody without offers.
    pub async fn start() -> Self {
        let market = Arc::<Mutex<Market>>::default();
        let routes = Router::new()
            .route("/users/{name}", get(profile))
            .route("/oauth/identity", get(identity))
            .route("/users/{name}/inventory", get(inventory))
            .route("/marketplace/orders", get(orders))
            .with_state(Arc::clone(&market));
        Self { wire: Wire::start(routes).await, market }
    }

    /// The marketplace, to change it.
    pub fn market(&self) -> MutexGuard<'_, Market> {
        self.market.lock().expect("the market")
    }
}

impl Market {
    /// She offers a record; the offer, to change it.
    pub fn offers(&mut self, title: &str, value: &str) -> &mut Value {
        self.next_id += 1;
        let id = 150_899_904 + self.next_id;
        let value: Value = serde_json::from_str(value).expect("a number");
        self.listings.push(json!({
            "id": id, "status": "For Sale", "price": {"currency": "USD", "value": value}, "allow_offers": false,
            "condition": "Near Mint (NM or M-)", "posted": "2026-03-01T10:20:17-08:00", "ships_from": "Germany",
            "uri": format!("https://www.discogs.com/sell/item/{id}"), "comments": CANARY, "resource_url": "https://api.discogs.com/x",
            "seller": {"username": USER, "id": 1, "payment": CANARY},
            "release": {"id": 249_504, "description": title, "artist": "LCD", "title": "Long", "format": "5xLP + Box", "year": 2014,
                "thumbnail": "https://i.discogs.com/thumb.jpg", "catalog_number": "X-1"}
        }));
        self.listings.last_mut().expect("an offer")
    }

    /// Somebody orders a record; the order, to change it.
    pub fn sells(&mut self, title: &str, status: &str, at: &str) -> &mut Value {
        self.next_id += 1;
        let id = self.next_id;
        self.orders.push(json!({
            "id": format!("1-{id}"), "status": status, "created": at, "last_activity": at, "resource_url": "https://api.discogs.com/x",
            "buyer": {"username": CANARY, "id": 2}, "seller": {"username": USER, "id": 1}, "shipping_address": CANARY,
            "additional_instructions": CANARY, "messages_url": CANARY, "total": {"currency": "USD", "value": 99.9},
            "items": [{"id": 41_578_240 + id, "price": {"currency": "USD", "value": 42.0}, "release": {"id": 1, "description": title}}]
        }));
        self.orders.last_mut().expect("an order")
    }
}

impl Canary for FakeDiscogs {
    fn platform(&self) -> &'static str {
        "discogs"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        settings.discogs.address = self.wire.url();
    }

    fn typed(&self) -> String {
        USER.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(TOKEN)))
    }

    fn trades(&self) {
        let mut market = self.market();
        market.offers("Teapot - Blue (LP)", "12.50");
        market.sells("Teapot - Red (LP)", "Payment Received", "2030-01-01T00:00:00Z");
    }
}

fn message(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"message": text}))).into_response()
}

/// Whose token is shown. Whoever does not say what program it is gets nothing.
fn owner(headers: &HeaderMap) -> Result<Option<&'static str>, Box<Response>> {
    let text = |name: &str| headers.get(name).and_then(|text| text.to_str().ok()).unwrap_or_default().to_owned();
    if !text("user-agent").starts_with("tradepost/") {
        return Err(Box::new(message(StatusCode::FORBIDDEN, "You must provide a unique User-Agent.")));
    }
    match text("authorization").strip_prefix("Discogs token=") {
        None if headers.contains_key("authorization") => Err(Box::new(message(StatusCode::BAD_REQUEST, "Unknown authorization."))),
        None => Ok(None),
        Some(TOKEN) => Ok(Some(USER)),
        Some(_) => {
            Err(Box::new(message(StatusCode::UNAUTHORIZED, "Invalid consumer token. Please register an app before making requests.")))
        }
    }
}

async fn profile(Path(name): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = owner(&headers) {
        return *refusal;
    }
    if !name.eq_ignore_ascii_case(USER) {
        return message(StatusCode::NOT_FOUND, "User does not exist or may have been deleted.");
    }
    Json(json!({"username": USER, "id": 1, "name": CANARY, "location": CANARY, "home_page": CANARY, "profile": CANARY})).into_response()
}

async fn identity(headers: HeaderMap) -> Response {
    match owner(&headers) {
        Err(refusal) => *refusal,
        Ok(None) => message(StatusCode::UNAUTHORIZED, "You must authenticate to access this resource."),
        Ok(Some(name)) => Json(json!({"id": 1, "username": name, "consumer_name": "x"})).into_response(),
    }
}

fn page(key: &str, asked: &BTreeMap<String, String>, all: &[&Value], deepest: usize) -> Response {
    let number = |name: &str, otherwise: usize| asked.get(name).map_or(otherwise, |text| text.parse().expect("a number"));
    let (size, page) = (number("per_page", 50), number("page", 1));
    let pages = all.len().div_ceil(size.max(1)).max(1);
    if size > 100 || page > pages {
        return message(StatusCode::NOT_FOUND, "The requested page is outside of valid range.");
    }
    if page > deepest {
        return message(StatusCode::FORBIDDEN, "Pagination above 100 disabled for inventories besides your own.");
    }
    let entries: Vec<&&Value> = all.iter().skip((page - 1) * size).take(size).collect();
    let pagination = json!({"per_page": size, "items": all.len(), "page": page, "pages": pages, "urls": {}});
    Json(json!({"pagination": pagination, key: entries})).into_response()
}

async fn inventory(State(market): State<Shared>, Path(name): Path<String>, headers: HeaderMap, Query(asked): Query) -> Response {
    if let Err(refusal) = owner(&headers) {
        return *refusal;
    }
    if !name.eq_ignore_ascii_case(USER) {
        return message(StatusCode::NOT_FOUND, "User does not exist or may have been deleted.");
    }
    assert_eq!((asked["sort"].as_str(), asked["sort_order"].as_str()), ("listed", "desc"));
    let market = market.lock().expect("the market");
    let fits = |listing: &&Value| asked.get("status").is_none_or(|status| listing["status"] == status.as_str());
    let listings: Vec<&Value> = market.listings.iter().rev().filter(fits).collect();
    page("listings", &asked, &listings, 100)
}

async fn orders(State(market): State<Shared>, headers: HeaderMap, Query(asked): Query) -> Response {
    let market = market.lock().expect("the market");
    match owner(&headers) {
        Err(refusal) => *refusal,
        Ok(None) => message(StatusCode::UNAUTHORIZED, "You must authenticate to access this resource."),
        Ok(Some(_)) if market.hides_orders => message(StatusCode::FORBIDDEN, "You don't have permission to access this resource."),
        Ok(Some(_)) => {
            assert_eq!((asked["sort"].as_str(), asked["sort_order"].as_str()), ("last_activity", "desc"));
            let orders: Vec<&Value> = market.orders.iter().rev().collect();
            page("orders", &asked, &orders, usize::MAX)
        }
    }
}
