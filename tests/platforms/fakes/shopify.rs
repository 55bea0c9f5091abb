//! A Shopify: one shop's storefront and its Admin API, with tokens, rights, pages and webhooks.

use super::CANARY;
use super::Canary;
use super::extract::Form;
use super::extract::Json;
use super::extract::Query;
use super::wire::Wire;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::delete;
use axum::routing::get;
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::shopify::ShopAddress;
use tradepost::values::Secret;

/// The shop's host at Shopify.
pub const HOST: &str = "joy.myshopify.com";

/// A token that its owner made.
pub const TOKEN: &str = "shpat_1234567890abcdef1234567890abcdef";

/// The client id of the app.
pub const CLIENT_ID: &str = "0123456789abcdef0123456789abcdef";

/// The client secret of the app.
pub const CLIENT_SECRET: &str = "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";

/// The version that is spoken.
pub const VERSION: &str = "2026-01";

/// Fields of an order that concern nobody but its buyer.
const PERSONAL: [&str; 9] =
    ["email", "phone", "customer", "billing_address", "shipping_address", "note", "token", "browser_ip", "contact_email"];

/// What can be subscribed to.
const TOPICS: [&str; 6] = ["products/create", "products/update", "products/delete", "orders/paid", "orders/create", "app/uninstalled"];

/// The shop behind the wire.
pub struct FakeShopify {
    /// Where it stands.
    pub wire: Wire,
    shop: Arc<Mutex<Shop>>,
}

/// What the shop holds.
#[allow(clippy::struct_excessive_bools, reason = "each is one way in which a shop is odd")]
pub struct Shop {
    /// Products as the Admin API shows them.
    pub products: Vec<Value>,
    /// Orders as the Admin API shows them.
    pub orders: Vec<Value>,
    /// Subscriptions: id, topic, address, fields.
    pub webhooks: Vec<(u64, String, String, Vec<String>)>,
    /// The tokens that hold.
    pub tokens: Vec<String>,
    /// What they allow.
    pub scopes: Vec<String>,
    /// Whether /meta.json is there.
    pub has_meta: bool,
    /// Whether the Atom feed is there.
    pub has_atom: bool,
    /// Whether products.json is switched off.
    pub is_closed: bool,
    /// Whether a password is asked for.
    pub has_password: bool,
    /// Whether a page that is named holds no more.
    pub forgets_pages: bool,
    /// Whether the next subscription to this topic is refused.
    pub refuses_topic: Option<String>,
    /// What an app gave out: codes and refresh tokens that still hold.
    pub codes: Vec<String>,
    /// How many tokens were given out.
    pub granted: usize,
    /// What was asked for that concerns nobody.
    pub violations: Vec<String>,
    next_id: u64,
}

type Shared = Arc<Mutex<Shop>>;

impl FakeShopify {
    /// An empty shop.
    pub async fn start() -> Self {
        let shop = Shop {
            products: Vec::new(),
            orders: Vec::new(),
            webhooks: Vec::new(),
            tokens: vec![TOKEN.to_owned()],
            scopes: vec!["read_products".to_owned(), "read_orders".to_owned()],
            has_meta: true,
            has_atom: true,
            is_closed: false,
            has_password: false,
            forgets_pages: false,
            refuses_topic: None,
            codes: Vec::new(),
            granted: 0,
            violations: Vec::new(),
            next_id: 9_007_199_254_740_993,
        };
        let shop = Arc::new(Mutex::new(shop));
        let admin = format!("/{{shop}}/admin/api/{VERSION}");
        let routes = Router::new()
            .route("/products.json", get(storefront))
            .route("/password", get(|| async { "<html>Enter store using password</html>" }))
            .route("/meta.json", get(meta))
            .route("/collections/all.atom", get(atom))
            .route(&format!("{admin}/shop.json"), get(shop_json))
            .route(&format!("{admin}/products.json"), get(products_json))
            .route(&format!("{admin}/orders.json"), get(orders_json))
            .route(&format!("{admin}/webhooks.json"), get(webhooks_json).post(make_webhook))
            .route(&format!("{admin}/webhooks/{{id}}"), delete(end_webhook))
            .route("/{shop}/admin/oauth/access_token", post(access_token))
            .with_state(Arc::clone(&shop));
        Self { wire: Wire::start(routes).await, shop }
    }

    /// The shop, to change it.
    pub fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().expect("the shop")
    }

    /// The headers and the body of a push, signed with `secret`.
    pub fn push(topic: &str, body: &Value, secret: &str, at: Timestamp) -> (HeaderMap, Vec<u8>) {
        let body = body.to_string().into_bytes();
        let mut headers = HeaderMap::new();
        headers.insert("x-shopify-topic", topic.parse().expect("a topic"));
        headers.insert("x-shopify-shop-domain", HOST.parse().expect("a host"));
        headers.insert("x-shopify-hmac-sha256", BASE64_STANDARD.encode(mac(secret, &body)).parse().expect("a signature"));
        headers.insert("x-shopify-triggered-at", at.to_string().parse().expect("a time"));
        headers.insert("x-shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043".parse().expect("an id"));
        (headers, body)
    }

    /// The parameters with which Shopify answers a consent.
    pub fn consent(&self, state: &str, shop: &str) -> BTreeMap<String, String> {
        let code = format!("code-{state}");
        self.shop().codes.push(code.clone());
        let pairs =
            [("code", code.as_str()), ("host", "YWRtaW4uc2hvcGlmeS5jb20"), ("shop", shop), ("state", state), ("timestamp", "1772539200")];
        let text = pairs.map(|(name, value)| format!("{name}={value}")).join("&");
        let mut query: BTreeMap<String, String> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        query.insert("hmac".to_owned(), hex::encode(mac(CLIENT_SECRET, text.as_bytes())));
        query
    }
}

impl Shop {
    /// Offers something at `price`; its id.
    pub fn offers(&mut self, title: &str, price: &str) -> u64 {
        let id = self.id();
        let handle = format!("{}-{id}", title.to_lowercase().replace(' ', "-"));
        self.products.push(json!({
            "id": id, "title": title, "handle": handle, "body_html": "<p>x</p>", "vendor": "Joy", "status": "active",
            "product_type": "Kitchen", "tags": "Tea, Blue", "created_at": "2026-03-01T08:00:00-05:00",
            "published_at": "2026-03-01T09:00:00-05:00", "updated_at": "2026-03-02T10:00:00-05:00",
            "variants": [{"id": id + 1, "title": "Default Title", "price": price, "compare_at_price": null, "inventory_management": "shopify",
                "inventory_policy": "deny", "inventory_quantity": 3}],
            "images": [{"id": 1, "src": "https://cdn.shopify.com/s/files/1/pot.jpg"}]
        }));
        id
    }

    /// Offers so many cups.
    pub fn offers_many(&mut self, cups: usize) {
        for number in 0..cups {
            self.offers(&format!("Cup {number}"), "5.00");
        }
    }

    /// Somebody buys `quantity` of a product at `price` each; the order, to change it.
    pub fn sells(&mut self, product: u64, title: &str, price: &str, quantity: u32, at: &str) -> &mut Value {
        let id = self.id();
        let person = json!({"first_name": CANARY, "last_name": CANARY, "address1": CANARY, "phone": CANARY, "email": CANARY});
        self.orders.push(json!({
            "id": id, "created_at": at, "processed_at": at, "updated_at": at, "cancelled_at": null, "financial_status": "paid",
            "currency": "EUR", "test": false, "email": CANARY, "phone": CANARY, "customer": person, "billing_address": person,
            "shipping_address": person, "note": CANARY, "token": CANARY, "browser_ip": CANARY, "contact_email": CANARY,
            "line_items": [{"id": id + 1, "title": title, "product_id": product, "variant_id": 1, "price": price, "quantity": quantity,
                "current_quantity": quantity, "sku": "T-1", "properties": [{"name": "Engraving", "value": CANARY}],
                "destination_location": {"name": CANARY, "address1": CANARY}}]
        }));
        self.orders.last_mut().expect("an order")
    }

    fn id(&mut self) -> u64 {
        self.next_id += 10;
        self.next_id
    }
}

impl Canary for FakeShopify {
    fn platform(&self) -> &'static str {
        "shopify"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        settings.shopify.shop_address = ShopAddress::parse(&format!("{}{{shop}}/", self.wire.url())).expect("an address");
        settings.shopify.api_version = VERSION.to_owned();
    }

    fn typed(&self) -> String {
        HOST.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(format!("{TOKEN} {CLIENT_SECRET}"))))
    }

    fn trades(&self) {
        let mut shop = self.shop();
        let id = shop.offers("Teapot", "48.00");
        shop.sells(id, "Teapot", "48.00", 1, "2030-01-01T00:00:00Z");
    }
}

fn mac(secret: &str, text: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn error(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"errors": text}))).into_response()
}

/// The products that anybody sees, as the storefront shows them.
async fn storefront(State(shop): State<Shared>, headers: HeaderMap, Query(asked): Query) -> Response {
    let shop = shop.lock().expect("the shop");
    let number = |name: &str, otherwise: usize| asked.get(name).map_or(otherwise, |text| text.parse().expect("a number"));
    let (limit, page) = (number("limit", 30).min(250), number("page", 1));
    if shop.is_closed {
        return (StatusCode::NOT_FOUND, "<html>Not found</html>").into_response();
    }
    if shop.has_password {
        return (StatusCode::FOUND, [(header::LOCATION, "/password")]).into_response();
    }
    if limit * page > 25_000 {
        return error(StatusCode::BAD_REQUEST, "page is too deep");
    }
    let seen = shop.products.iter().rev().filter(|product| product["status"] == "active" && !product["published_at"].is_null());
    let products: Vec<Value> = seen.skip((page - 1) * limit).take(limit).map(public).collect();
    let body = json!({"products": products}).to_string();
    let etag = format!("\"{}\"", hex::encode(&mac("etag", body.as_bytes())[..8]));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::ETAG, etag.as_str())], body).into_response()
}

fn public(product: &Value) -> Value {
    let mut product = product.clone();
    let tags: Vec<String> = product["tags"].as_str().expect("tags").split(", ").map(str::to_owned).collect();
    product["tags"] = json!(tags);
    let fields = product.as_object_mut().expect("an object");
    fields.remove("status");
    for variant in fields["variants"].as_array_mut().expect("variants") {
        let variant = variant.as_object_mut().expect("a variant");
        let left = variant.remove("inventory_quantity").and_then(|left| left.as_i64()).unwrap_or(0);
        variant.remove("inventory_management");
        variant.remove("inventory_policy");
        variant.insert("available".to_owned(), json!(left > 0));
    }
    product
}

async fn meta(State(shop): State<Shared>) -> Response {
    if !shop.lock().expect("the shop").has_meta {
        return error(StatusCode::NOT_FOUND, "Not Found");
    }
    let meta = json!({"id": 1, "name": "Joy &amp; Teapots", "city": CANARY, "country": "DE", "currency": "EUR", "domain": "shop.example",
        "url": "https://shop.example", "myshopify_domain": HOST, "money_format": "{{amount}} EUR"});
    Json(meta).into_response()
}

async fn atom(State(shop): State<Shared>) -> Response {
    if !shop.lock().expect("the shop").has_atom {
        return error(StatusCode::NOT_FOUND, "Not Found");
    }
    let entry = "<entry><title>Teapot</title><s:variant><s:price currency=\"EUR\">48.00</s:price></s:variant></entry>";
    let feed = format!(r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://jadedpixel.com/-/spec/shopify">{entry}</feed>"#);
    ([(header::CONTENT_TYPE, "application/atom+xml")], feed).into_response()
}

/// What is wrong with a request to the Admin API.
fn refusal(shop: &Shop, host: &str, headers: &HeaderMap, scope: &str) -> Option<Response> {
    if host != HOST {
        return Some(error(StatusCode::NOT_FOUND, "Not Found"));
    }
    let token = headers.get("x-shopify-access-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    if !shop.tokens.iter().any(|known| known == token) {
        return Some(error(StatusCode::UNAUTHORIZED, "[API] Invalid API key or access token (unrecognized login or wrong password)"));
    }
    let allows = scope.is_empty() || shop.scopes.iter().any(|known| known == scope);
    (!allows).then(|| error(StatusCode::FORBIDDEN, &format!("[API] This action requires merchant approval for {scope} scope.")))
}

/// Only the fields that were asked for.
fn chosen(entry: &Value, fields: Option<&String>) -> Value {
    let Some(fields) = fields else { return entry.clone() };
    let fields: Vec<&str> = fields.split(',').collect();
    let kept = entry.as_object().expect("an object").iter().filter(|(name, _)| fields.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

async fn shop_json(State(shop): State<Shared>, Path(host): Path<String>, headers: HeaderMap, Query(asked): Query) -> Response {
    let shop = shop.lock().expect("the shop");
    let whole = json!({"name": "Joy & Teapots", "domain": "shop.example", "currency": "EUR", "myshopify_domain": HOST, "email": CANARY,
        "phone": CANARY, "address1": CANARY, "shop_owner": CANARY});
    refusal(&shop, &host, &headers, "").unwrap_or_else(|| Json(json!({"shop": chosen(&whole, asked.get("fields"))})).into_response())
}

/// A page of a list, with a link to the next one. A page that was named by another takes no filter.
fn listed(shop: &Shop, path: &str, key: &str, asked: &BTreeMap<String, String>, all: &[Value]) -> Response {
    let limit: usize = asked.get("limit").map_or(50, |limit| limit.parse().expect("a number"));
    let has_filter = asked.keys().any(|name| !matches!(name.as_str(), "limit" | "fields" | "page_info"));
    let page = asked.get("page_info").map(|page| BASE64_STANDARD.decode(page).expect("a page"));
    if limit > 250 || (page.is_some() && (has_filter || shop.forgets_pages)) {
        return error(StatusCode::BAD_REQUEST, "page_info: Invalid value.");
    }
    let (offset, since) = match &page {
        None => (0, asked.get("updated_at_min").cloned().unwrap_or_default()),
        Some(page) => {
            let (offset, since) = std::str::from_utf8(page).expect("a page").split_once('|').expect("a page");
            (offset.parse().expect("an offset"), since.to_owned())
        }
    };
    let since: Option<Timestamp> = (!since.is_empty()).then(|| since.parse().expect("a time"));
    let changed = |entry: &&Value| {
        since.is_none_or(|since| entry["updated_at"].as_str().expect("a time").parse::<Timestamp>().expect("a time") >= since)
    };
    let all: Vec<&Value> = all.iter().filter(changed).collect();
    let page: Vec<Value> = all.iter().skip(offset).take(limit).map(|entry| chosen(entry, asked.get("fields"))).collect();
    let mut response = Json(json!({key: page})).into_response();
    if offset + limit < all.len() {
        let since = since.map(|since| since.to_string()).unwrap_or_default();
        let next = url::form_urlencoded::byte_serialize(BASE64_STANDARD.encode(format!("{}|{since}", offset + limit)).as_bytes())
            .collect::<String>();
        let link = format!("<https://{HOST}/admin/api/{VERSION}/{path}?limit={limit}&page_info={next}>; rel=\"next\"");
        response.headers_mut().insert(header::LINK, link.parse().expect("a link"));
    }
    response
}

async fn products_json(State(shop): State<Shared>, Path(host): Path<String>, headers: HeaderMap, Query(asked): Query) -> Response {
    let shop = shop.lock().expect("the shop");
    if let Some(refusal) = refusal(&shop, &host, &headers, "read_products") {
        return refusal;
    }
    let ids: Option<Vec<&str>> = asked.get("ids").map(|ids| ids.split(',').collect());
    let is_asked = |product: &&Value| {
        let is_seen = !product["published_at"].is_null();
        let is_active = product["status"] == "active";
        ids.as_ref().is_none_or(|ids| ids.contains(&product["id"].to_string().as_str()))
            && (asked.get("status").is_none_or(|status| status == "any") || is_active)
            && (asked.get("published_status").is_none_or(|status| status == "any") || is_seen)
    };
    let products: Vec<Value> = shop.products.iter().filter(is_asked).cloned().collect();
    listed(&shop, "products.json", "products", &asked, &products)
}

async fn orders_json(State(shop): State<Shared>, Path(host): Path<String>, headers: HeaderMap, Query(asked): Query) -> Response {
    let mut shop = shop.lock().expect("the shop");
    if let Some(refusal) = refusal(&shop, &host, &headers, "read_orders") {
        return refusal;
    }
    let fields: Vec<String> = asked.get("fields").map_or_else(Vec::new, |fields| fields.split(',').map(str::to_owned).collect());
    if fields.is_empty() || fields.iter().any(|field| PERSONAL.contains(&field.as_str())) {
        shop.violations.push(format!("orders were asked for with the fields {fields:?}"));
    }
    // Without a status only open ones are given.
    let all = asked.get("status").is_some_and(|status| status == "any") || asked.contains_key("page_info");
    let fits = |order: &&Value| all || order["cancelled_at"].is_null();
    let is_paid = |order: &&Value| asked.get("financial_status").is_none_or(|status| order["financial_status"] == status.as_str());
    let orders: Vec<Value> = shop.orders.iter().filter(fits).filter(is_paid).cloned().collect();
    listed(&shop, "orders.json", "orders", &asked, &orders)
}

async fn webhooks_json(State(shop): State<Shared>, Path(host): Path<String>, headers: HeaderMap, Query(asked): Query) -> Response {
    let shop = shop.lock().expect("the shop");
    if let Some(refusal) = refusal(&shop, &host, &headers, "") {
        return refusal;
    }
    let standing = shop.webhooks.iter().filter(|(_, _, address, _)| asked.get("address").is_none_or(|asked| asked == address));
    let webhooks: Vec<Value> = standing.map(|(id, topic, address, _)| json!({"id": id, "topic": topic, "address": address})).collect();
    Json(json!({"webhooks": webhooks})).into_response()
}

async fn make_webhook(State(shop): State<Shared>, Path(host): Path<String>, headers: HeaderMap, Json(wanted): Json) -> Response {
    let mut shop = shop.lock().expect("the shop");
    let wanted = &wanted["webhook"];
    let (topic, address) = (wanted["topic"].as_str().expect("a topic"), wanted["address"].as_str().expect("an address"));
    let scope = if topic.starts_with("orders/") { "read_orders" } else { "read_products" };
    if let Some(refusal) = refusal(&shop, &host, &headers, scope) {
        return refusal;
    }
    if shop.refuses_topic.take_if(|refused| refused == topic).is_some() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let is_taken = shop.webhooks.iter().any(|(_, known, standing, _)| known == topic && standing == address);
    if is_taken || !TOPICS.contains(&topic) || !address.starts_with("https://") || wanted["format"] != "json" {
        return error(StatusCode::UNPROCESSABLE_ENTITY, "address: for this topic has already been taken");
    }
    let fields = wanted["fields"].as_array().map(|fields| fields.iter().map(|field| field.as_str().expect("a field").to_owned()).collect());
    let id = shop.id();
    let fields: Vec<String> = fields.unwrap_or_default();
    if topic.starts_with("orders/") && fields != ["id"] {
        shop.violations.push(format!("orders would be sent with the fields {fields:?}"));
    }
    shop.webhooks.push((id, topic.to_owned(), address.to_owned(), fields));
    (StatusCode::CREATED, Json(json!({"webhook": {"id": id, "topic": topic, "address": address}}))).into_response()
}

async fn end_webhook(State(shop): State<Shared>, Path((host, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let mut shop = shop.lock().expect("the shop");
    if let Some(refusal) = refusal(&shop, &host, &headers, "") {
        return refusal;
    }
    let before = shop.webhooks.len();
    shop.webhooks.retain(|(known, ..)| format!("{known}.json") != id);
    if shop.webhooks.len() == before { error(StatusCode::NOT_FOUND, "Not Found") } else { Json(json!({})).into_response() }
}

/// Codes and refresh tokens hold once; each token that was given out before holds on.
async fn access_token(State(shop): State<Shared>, Path(host): Path<String>, Form(asked): Form) -> Response {
    let mut shop = shop.lock().expect("the shop");
    let field = |name: &str| asked.get(name).map_or("", String::as_str);
    let refused = |code: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": code, "error_description": CANARY}))).into_response();
    if host != HOST {
        return (StatusCode::NOT_FOUND, "<html>no shop</html>").into_response();
    }
    if field("client_id") != CLIENT_ID || field("client_secret") != CLIENT_SECRET {
        return refused("invalid_client");
    }
    let is_own = field("grant_type") == "client_credentials";
    let shown = if field("grant_type") == "refresh_token" { field("refresh_token") } else { field("code") };
    let held = shop.codes.len();
    shop.codes.retain(|code| code != shown);
    if !is_own && shop.codes.len() == held {
        return refused("invalid_request");
    }
    shop.granted += 1;
    let (token, refresh) = (format!("shpat_granted{}", shop.granted), format!("shprt_granted{}", shop.granted));
    shop.tokens.push(token.clone());
    let scope = shop.scopes.join(",");
    if is_own {
        return Json(json!({"access_token": token, "scope": scope, "expires_in": 86_399})).into_response();
    }
    if field("expiring") != "1" && field("grant_type") != "refresh_token" {
        return Json(json!({"access_token": token, "scope": scope})).into_response();
    }
    shop.codes.push(refresh.clone());
    Json(json!({"access_token": token, "scope": scope, "expires_in": 3_600, "refresh_token": refresh, "refresh_token_expires_in": 7_776_000})).into_response()
}
