//! A shop like django-oscar with django-oscar-api 3.3, by what a real one was seen to answer: lists with
//! pages or without, 403 for a wrong password, addresses and mails in every order. Links in its answers
//! name a host that nobody can reach, as those of a shop behind a proxy do.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jiff::ToSpan;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::domain::ids::UserId;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::oscar::OscarSettings;
use tradepost::values::Secret;

/// The account of the shop's staff.
pub const STAFF: &str = "tradepost";
/// Its password.
pub const PASSWORD: &str = "pass word";
/// How the shop calls itself.
const ITSELF: &str = "http://shop.internal:8000";
/// When the first order was placed; each further one is ten minutes later.
const FIRST: &str = "2026-03-01T00:00:00Z";

/// A running shop.
pub struct Oscar {
    /// What it stands on.
    pub wire: Wire,
    shop: Arc<Mutex<Shop>>,
}

/// What is in it.
#[derive(Default)]
pub struct Shop {
    /// Names; a user's number is her place, from 1 on.
    pub users: Vec<String>,
    /// What is on the shelf, by number.
    pub products: BTreeMap<u64, Product>,
    /// Orders, the oldest first; an order's number is its place, from 1 on.
    pub orders: Vec<Order>,
    /// How long pages are; none: there are none.
    pub page: Option<usize>,
    /// Whether a wrong password is 401, as where the shop asks for one.
    pub asks_for_password: bool,
}

/// Something on the shelf.
#[derive(Clone)]
pub struct Product {
    /// Its title.
    pub title: String,
    /// With tax; none where that is known at the checkout only.
    pub incl_tax: Option<String>,
    /// Without tax.
    pub excl_tax: String,
    /// How many there are.
    pub stock: i64,
    /// Whether it can be seen.
    pub is_public: bool,
}

/// An order of one product.
#[derive(Clone)]
pub struct Order {
    /// Whose it is; none: a guest's.
    pub owner: Option<u64>,
    /// How it stands.
    pub status: String,
    /// When it was placed.
    pub placed: Timestamp,
    /// What was bought.
    pub product: u64,
    /// How many.
    pub quantity: u32,
}

impl Oscar {
    /// A shop that knows Joy, Mary, and the shopkeeper, and has nothing to sell.
    pub async fn start() -> Self {
        Self::start_for("joy").await
    }

    /// The same, where its first customer has another name.
    pub async fn start_for(customer: &str) -> Self {
        let users = [customer, "mary", "shopkeeper"].map(str::to_owned).to_vec();
        let shop = Arc::new(Mutex::new(Shop { users, ..Shop::default() }));
        let routes = Router::new()
            .route("/api/admin/users/", get(users_list))
            .route("/api/admin/users/{id}/", get(user))
            .route("/api/admin/orders/", get(orders_list))
            .route("/api/admin/orders/{id}/", get(order))
            .route("/api/admin/orders/{id}/lines/", get(lines))
            .route("/api/admin/products/", get(products_list))
            .route("/api/admin/products/{id}/", get(product))
            .route("/api/products/{id}/price/", get(price))
            .route("/api/products/{id}/availability/", get(availability))
            .with_state(Arc::clone(&shop));
        Self { wire: Wire::start(routes).await, shop }
    }

    /// What is in it.
    pub fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().expect("the shop")
    }

    /// tradepost's settings for it. The shop's operator is `@shopkeeper:a.example`.
    pub fn settings(&self) -> OscarSettings {
        OscarSettings {
            address: Some(self.wire.url()),
            username: Some(STAFF.to_owned()),
            password: Secret::new(PASSWORD),
            operator: Some(UserId::new("@shopkeeper:a.example")),
            ..OscarSettings::default()
        }
    }

    /// Puts something on the shelf, and gives its number.
    pub fn offers(&self, title: &str, price: &str) -> u64 {
        let mut shop = self.shop();
        let id = shop.products.last_key_value().map_or(1, |(id, _)| id + 1);
        let product =
            Product { title: title.to_owned(), incl_tax: Some(price.to_owned()), excl_tax: price.to_owned(), stock: 5, is_public: true };
        shop.products.insert(id, product);
        id
    }

    /// Somebody buys one of something; gives the order's place.
    pub fn sells_to(&self, owner: u64, product: u64) -> usize {
        let mut shop = self.shop();
        let placed = shop.orders.last().map_or_else(|| FIRST.parse().expect("a time"), |last| last.placed + 10.minutes());
        shop.orders.push(Order { owner: Some(owner), status: "Pending".to_owned(), placed, product, quantity: 1 });
        shop.orders.len() - 1
    }
}

impl Canary for Oscar {
    fn platform(&self) -> &'static str {
        "oscar"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        settings.oscar = OscarSettings { interval_seconds: settings.oscar.interval_seconds, ..self.settings() };
    }

    fn typed(&self) -> String {
        String::new()
    }

    fn credentials(&self) -> Option<Credentials> {
        None
    }

    fn trades(&self) {
        let teapot = self.offers("Teapot", "20.00");
        self.sells_to(1, teapot);
    }
}

type Held = State<Arc<Mutex<Shop>>>;

/// Django REST framework's own words.
fn refused(status: StatusCode, detail: &str) -> Response {
    (status, answer(&json!({ "detail": detail }))).into_response()
}

fn answer(json: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json.to_string()).into_response()
}

fn admit(shop: &Shop, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let status = if shop.asks_for_password { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
    let Some(given) = headers.get(header::AUTHORIZATION) else {
        return Err(Box::new(refused(status, "Authentication credentials were not provided.")));
    };
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{STAFF}:{PASSWORD}")));
    if given.as_bytes() == expected.as_bytes() {
        return Ok(());
    }
    Err(Box::new(refused(status, "Invalid username/password.")))
}

/// What everybody may ask, nobody has to say who she is for.
fn is_anonymous(headers: &HeaderMap) {
    assert!(!headers.contains_key(header::AUTHORIZATION), "the password of the staff is for what only staff may ask");
}

fn list(shop: &Shop, path: &str, rows: Vec<Value>, query: Option<&str>) -> Response {
    let Some(size) = shop.page else { return answer(&Value::Array(rows)) };
    let asked: BTreeMap<_, _> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let number: usize = asked.get("page").map_or(1, |page| page.parse().expect("a number"));
    let pages = rows.len().div_ceil(size).max(1);
    if !(1..=pages).contains(&number) {
        return refused(StatusCode::NOT_FOUND, "Invalid page.");
    }
    // The other parameters are kept, as there.
    let others = asked.iter().filter(|(key, _)| *key != "page");
    let others = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
    let next = (number < pages).then(|| format!("{ITSELF}{path}?{others}&page={}", number + 1));
    let results: Vec<_> = rows.iter().skip((number - 1) * size).take(size).collect();
    answer(&json!({"count": rows.len(), "next": next, "previous": null, "results": results}))
}

fn found(row: Option<Value>) -> Response {
    row.map_or_else(|| refused(StatusCode::NOT_FOUND, "Not found."), |row| answer(&row))
}

async fn users_list(State(shop): Held, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let shop = shop.lock().expect("the shop");
    if let Err(refused) = admit(&shop, &headers) {
        return *refused;
    }
    let rows = (1..=shop.users.len()).filter_map(|id| user_row(&shop, id)).collect();
    list(&shop, "/api/admin/users/", rows, query.as_deref())
}

async fn user(State(shop): Held, headers: HeaderMap, Path(id): Path<usize>) -> Response {
    let shop = shop.lock().expect("the shop");
    admit(&shop, &headers).map_or_else(|refused| *refused, |()| found(user_row(&shop, id)))
}

fn user_row(shop: &Shop, id: usize) -> Option<Value> {
    let name = shop.users.get(id.checked_sub(1)?)?;
    let url = format!("{ITSELF}/api/admin/users/{id}/");
    Some(json!({"url": url, "username": name, "email": format!("{CANARY}@example.org"), "date_joined": "2025-01-01T00:00:00+08:00"}))
}

async fn orders_list(State(shop): Held, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let shop = shop.lock().expect("the shop");
    if let Err(refused) = admit(&shop, &headers) {
        return *refused;
    }
    let mut newest_first: Vec<usize> = (1..=shop.orders.len()).collect();
    newest_first.sort_by_key(|id| std::cmp::Reverse(shop.orders[id - 1].placed));
    let rows = newest_first.into_iter().filter_map(|id| order_row(&shop, id)).collect();
    list(&shop, "/api/admin/orders/", rows, query.as_deref())
}

async fn order(State(shop): Held, headers: HeaderMap, Path(id): Path<usize>) -> Response {
    let shop = shop.lock().expect("the shop");
    admit(&shop, &headers).map_or_else(|refused| *refused, |()| found(order_row(&shop, id)))
}

fn order_row(shop: &Shop, id: usize) -> Option<Value> {
    let order = shop.orders.get(id.checked_sub(1)?)?;
    let address = json!({
        "country": format!("{ITSELF}/api/countries/CN/"), "title": "Ms", "first_name": CANARY, "last_name": CANARY, "line1": CANARY,
        "line4": CANARY, "postcode": CANARY, "search_text": CANARY, "phone_number": CANARY, "notes": CANARY,
    });
    // With a time zone of the shop's own.
    let placed = order.placed.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).strftime("%Y-%m-%dT%H:%M:%S.%6f%:z").to_string();
    Some(json!({
        "number": format!("{CANARY}-{id}"),
        "basket": format!("{ITSELF}/api/baskets/{id}/"),
        "url": format!("{ITSELF}/api/admin/orders/{id}/"),
        "lines": format!("{ITSELF}/api/admin/orders/{id}/lines/"),
        "owner": order.owner.map(|owner| format!("{ITSELF}/api/users/{owner}/")),
        "billing_address": address,
        "currency": "CNY",
        "total_incl_tax": "1.00",
        "shipping_address": address,
        "status": order.status,
        "email": format!("{CANARY}@example.org"),
        "date_placed": placed,
        "payment_url": format!("{ITSELF}/pay/{CANARY}"),
        "offer_discounts": [],
    }))
}

async fn lines(State(shop): Held, headers: HeaderMap, Path(id): Path<usize>, RawQuery(query): RawQuery) -> Response {
    let shop = shop.lock().expect("the shop");
    if let Err(refused) = admit(&shop, &headers) {
        return *refused;
    }
    let line = |order: &Order| {
        let product = shop.products.get(&order.product);
        let unit: rust_decimal::Decimal = product.map_or("1.00", |product| &product.excl_tax).parse().expect("a decimal");
        let whole = (unit * rust_decimal::Decimal::from(order.quantity)).to_string();
        json!({
            "attributes": [{"url": "", "option": "", "value": CANARY}],
            "url": format!("{ITSELF}/api/admin/orderlines/{id}/"),
            "product": product.map(|_| format!("{ITSELF}/api/products/{}/", order.product)),
            "stockrecord": null,
            "quantity": order.quantity,
            "price_currency": "CNY",
            "price_excl_tax": whole,
            "price_incl_tax": whole,
            "order": format!("{ITSELF}/api/orders/{id}/"),
        })
    };
    let rows = id.checked_sub(1).and_then(|place| shop.orders.get(place)).map(line).into_iter().collect();
    list(&shop, &format!("/api/admin/orders/{id}/lines/"), rows, query.as_deref())
}

async fn products_list(State(shop): Held, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let shop = shop.lock().expect("the shop");
    if let Err(refused) = admit(&shop, &headers) {
        return *refused;
    }
    let rows = shop.products.keys().rev().filter_map(|id| product_row(&shop, *id)).collect();
    list(&shop, "/api/admin/products/", rows, query.as_deref())
}

async fn product(State(shop): Held, headers: HeaderMap, Path(id): Path<u64>) -> Response {
    let shop = shop.lock().expect("the shop");
    admit(&shop, &headers).map_or_else(|refused| *refused, |()| found(product_row(&shop, id)))
}

fn product_row(shop: &Shop, id: u64) -> Option<Value> {
    let product = shop.products.get(&id)?;
    Some(json!({
        "id": id,
        "url": format!("{ITSELF}/api/admin/products/{id}/"),
        "categories": ["Home > Kitchen"],
        "product_class": "thing",
        "stockrecords": [{
            "product": id, "partner_sku": CANARY, "price_currency": "CNY", "price": product.excl_tax, "num_in_stock": product.stock,
            "num_allocated": null,
        }],
        "images": [],
        "children": [],
        "structure": "standalone",
        "is_public": product.is_public,
        "title": product.title,
        "slug": format!("thing-{id}"),
        "description": CANARY,
        "date_created": "2025-12-31T00:00:00.000001+08:00",
        "parent": null,
    }))
}

async fn price(State(shop): Held, headers: HeaderMap, Path(id): Path<u64>) -> Response {
    is_anonymous(&headers);
    let shop = shop.lock().expect("the shop");
    let row = |product: &Product| json!({"currency": "CNY", "excl_tax": product.excl_tax, "incl_tax": product.incl_tax, "tax": null});
    found(shop.products.get(&id).map(row))
}

async fn availability(State(shop): Held, headers: HeaderMap, Path(id): Path<u64>) -> Response {
    is_anonymous(&headers);
    let shop = shop.lock().expect("the shop");
    let row = |product: &Product| json!({"is_available_to_buy": product.stock > 0, "num_available": product.stock, "message": CANARY});
    found(shop.products.get(&id).map(row))
}
