//! A Vendure for what a real one does not do when asked: it fails, forgets, and has thousands of
//! products. It answers only what is asked for, and everything that concerns nobody is there to be asked.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;

mod graphql;

/// Who keeps the shop.
pub const ADMINISTRATOR: &str = "keeper the keeper's password";
/// Who buys there.
pub const CUSTOMER: &str = "mary@canary.example mary's password";

/// When the shop opened; each thing that happens later takes a second.
const OPENED: &str = "2026-03-03T06:00:00Z";

/// A running shop.
pub struct Vendure {
    /// What it stands on.
    pub wire: Wire,
    shop: Arc<Mutex<Shop>>,
}

/// What happens after so many lists.
pub type Meanwhile = (usize, fn(&mut Shop));

/// What the shop is.
pub struct Shop {
    products: Vec<Value>,
    orders: Vec<Value>,
    sessions: Vec<(String, bool)>,
    happened: i64,
    /// How often somebody logged in or tried to.
    pub logins: usize,
    /// How many items of a list visitors get at most.
    pub limit: usize,
    /// How many decimals amounts have.
    pub decimals: u32,
    /// Whether those who keep the shop may see its orders.
    pub shows_orders: bool,
    /// Whether the way in for those who keep the shop is open.
    pub has_admin: bool,
    /// What every question is answered with.
    pub refuses_with: Option<&'static str>,
    /// What happens after so many lists.
    pub meanwhile: Option<Meanwhile>,
}

impl Vendure {
    /// Starts a shop that offers nothing.
    pub async fn start() -> Self {
        let shop = Shop {
            products: Vec::new(),
            orders: Vec::new(),
            sessions: Vec::new(),
            happened: 0,
            logins: 0,
            limit: 100,
            decimals: 2,
            shows_orders: true,
            has_admin: true,
            refuses_with: None,
            meanwhile: None,
        };
        let shop = Arc::new(Mutex::new(shop));
        let routes = Router::new().route("/{interface}", post(answer)).with_state(Arc::clone(&shop));
        Self { wire: Wire::start(routes).await, shop }
    }

    /// What the shop is.
    pub fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().expect("the shop")
    }

    /// What is typed for the account.
    pub fn typed(&self) -> String {
        format!("{}shop-api", self.wire.url())
    }
}

impl Shop {
    /// Offers something; gives its id.
    pub fn offers(&mut self, name: &str, price: i64) -> String {
        let (id, now) = ((self.products.len() + 1).to_string(), self.now());
        let facets = [("Category", "Kitchen", false), ("Supplier", CANARY, true)];
        let facets = facets.map(|(facet, name, private)| json!({"name": name, "facet": {"name": facet, "isPrivate": private}}));
        self.products.push(json!({
            "id": id, "name": name, "slug": format!("slug-{id}"), "enabled": true, "createdAt": now, "updatedAt": now,
            "featuredAsset": {"preview": format!("http://127.0.0.1/{id}.jpg")},
            "facetValues": facets, "collections": [{"isPrivate": false, "breadcrumbs": [{"name": "__root_collection__"}, {"name": "Tea"}]},
                {"isPrivate": true, "breadcrumbs": [{"name": "__root_collection__"}, {"name": CANARY}]}],
            "variants": [{"id": id, "name": name, "sku": format!("SKU-{id}"), "priceWithTax": price, "currencyCode": "EUR",
                "stockLevel": "IN_STOCK"}],
            "customFields": {"boughtFrom": CANARY},
        }));
        id
    }

    /// A product, to be changed.
    pub fn product(&mut self, id: &str) -> &mut Value {
        self.products.iter_mut().find(|product| product["id"] == id).expect("a product")
    }

    /// Takes a product out of the shop.
    pub fn deletes(&mut self, id: &str) {
        self.products.retain(|product| product["id"] != id);
    }

    /// Sells something to Mary; gives the order's id.
    pub fn sells(&mut self, product: &str, quantity: u32, state: &str) -> String {
        let (id, now) = ((self.orders.len() + 1).to_string(), self.now());
        let product = self.product(product).clone();
        let variant = json!({"name": product["name"], "sku": product["variants"][0]["sku"], "product": product});
        let person = json!({"fullName": CANARY, "streetLine1": CANARY, "phoneNumber": CANARY});
        self.orders.push(json!({
            "id": id, "code": CANARY, "type": "Regular", "state": state, "currencyCode": "EUR", "updatedAt": OPENED,
            "orderPlacedAt": if matches!(state, "AddingItems" | "ArrangingPayment") { Value::Null } else { json!(now) },
            "customer": {"emailAddress": CANARY, "firstName": CANARY}, "shippingAddress": person, "billingAddress": person,
            "payments": [{"transactionId": CANARY, "metadata": CANARY}],
            "lines": [{"id": format!("{id}0"), "quantity": quantity, "discountedUnitPriceWithTax": product["variants"][0]["priceWithTax"],
                "productVariant": variant}],
        }));
        id
    }

    /// An order, to be changed.
    pub fn order(&mut self, id: &str) -> &mut Value {
        self.orders.iter_mut().find(|order| order["id"] == id).expect("an order")
    }

    /// Ends all sessions.
    pub fn ends_sessions(&mut self) {
        self.sessions.clear();
    }

    fn now(&mut self) -> Timestamp {
        self.happened += 1;
        OPENED.parse::<Timestamp>().expect("a time") + jiff::SignedDuration::from_secs(self.happened)
    }

    fn logs_in(&mut self, is_admin: bool, variables: &Value) -> (Value, Option<String>) {
        self.logins += 1;
        let pair = format!("{} {}", variables["username"].as_str().unwrap_or("?"), variables["password"].as_str().unwrap_or("?"));
        if pair != if is_admin { ADMINISTRATOR } else { CUSTOMER } {
            return (json!({"__typename": "InvalidCredentialsError"}), None);
        }
        let token = format!("token-{}", self.logins);
        self.sessions.push((token.clone(), is_admin));
        (json!({"__typename": "CurrentUser", "identifier": CANARY}), Some(token))
    }

    /// One page of a list, as `options` ask for it; an error's code where they may not.
    fn page(&mut self, items: Vec<Value>, options: &Value, limit: usize) -> Result<Value, &'static str> {
        let take = options["take"].as_u64().map_or(limit, |take| usize::try_from(take).expect("a number"));
        let skip = usize::try_from(options["skip"].as_u64().unwrap_or_default()).expect("a number");
        if take > limit {
            return Err("USER_INPUT_ERROR");
        }
        let mut items: Vec<Value> = items.into_iter().filter(|item| fits(item, &options["filter"])).collect();
        for (field, order) in options["sort"].as_object().into_iter().flatten().rev() {
            items.sort_by_key(|item| sort_key(&item[field]));
            if order == "DESC" {
                items.reverse();
            }
        }
        let total = items.len();
        let page: Vec<Value> = items.into_iter().skip(skip).take(take).collect();
        match self.meanwhile.take() {
            Some((0, happens)) => happens(self),
            Some((left, happens)) => self.meanwhile = Some((left - 1, happens)),
            None => {}
        }
        Ok(json!({"totalItems": total, "items": page}))
    }

    /// What a root field of a query is answered with.
    fn field(&mut self, name: &str, interface: &str, user: Option<bool>, options: &Value) -> Result<Value, &'static str> {
        let is_admin = interface == "admin-api" && user == Some(true);
        match (name, interface) {
            ("activeChannel", "shop-api") => Ok(json!({"code": CANARY, "token": CANARY, "defaultCurrencyCode": "EUR"})),
            ("products", "shop-api") => {
                let enabled = self.products.iter().filter(|product| product["enabled"] == true).cloned().map(shown).collect();
                self.page(enabled, options, self.limit)
            }
            ("globalSettings", "admin-api") if is_admin => Ok(json!({"serverConfig": {"moneyStrategyPrecision": self.decimals}})),
            ("orders", "admin-api") if is_admin && self.shows_orders => self.page(self.orders.clone(), options, 1_000),
            ("orders" | "globalSettings", "admin-api") => Err("FORBIDDEN"),
            ("activeCustomer", "shop-api") if user == Some(false) => {
                let orders = self.orders.iter().cloned().map(shown_order).collect();
                let orders = self.page(orders, options, self.limit)?;
                Ok(json!({"emailAddress": CANARY, "firstName": CANARY, "orders": orders}))
            }
            ("activeCustomer", "shop-api") => Ok(Value::Null),
            _ => Err("GRAPHQL_VALIDATION_FAILED"),
        }
    }
}

/// As visitors see a product: they cannot ask what is private, nor see it.
fn shown(mut product: Value) -> Value {
    for (list, at) in [("facetValues", "/facet"), ("collections", "")] {
        let items = product[list].as_array_mut().expect("a list");
        items.retain(|item| item.pointer(at).expect("its place")["isPrivate"] == false);
        for item in items {
            item.pointer_mut(at).and_then(Value::as_object_mut).expect("its place").remove("isPrivate");
        }
    }
    product
}

fn shown_order(mut order: Value) -> Value {
    for line in order["lines"].as_array_mut().expect("lines") {
        let product = line["productVariant"]["product"].take();
        line["productVariant"]["product"] = shown(product);
    }
    order
}

/// Dates are compared strictly, as there.
fn fits(item: &Value, filter: &Value) -> bool {
    filter.as_object().into_iter().flatten().all(|(field, wanted)| {
        let is_after = wanted["after"].as_str().is_none_or(|after| time(&item[field]) > after.parse().ok());
        is_after && wanted["in"].as_array().is_none_or(|ids| ids.contains(&item[field]))
    })
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// Ids are numbers.
fn sort_key(value: &Value) -> (u64, String) {
    let text = value.as_str().unwrap_or_default();
    (text.parse().unwrap_or_default(), text.to_owned())
}

async fn answer(State(shop): State<Arc<Mutex<Shop>>>, Path(interface): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(headers.get(header::CONTENT_TYPE).expect("a type"), "application/json");
    let mut shop = shop.lock().expect("the shop");
    if !matches!(interface.as_str(), "shop-api" | "admin-api") || (interface == "admin-api" && !shop.has_admin) {
        return (StatusCode::NOT_FOUND, "CANARY: nothing here").into_response();
    }
    if let Some(code) = shop.refuses_with {
        return error(code);
    }
    let Some(fields) = graphql::fields(asked["query"].as_str().unwrap_or_default()) else { return error("GRAPHQL_PARSE_FAILED") };
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let user = bearer.and_then(|token| shop.sessions.iter().find(|(known, _)| known == token)).map(|(_, is_admin)| *is_admin);
    let (mut all, mut token) = (serde_json::Map::new(), None);
    for field in &fields {
        let value = if field.name == "login" {
            let (value, given) = shop.logs_in(interface == "admin-api", &asked["variables"]);
            token = given;
            Ok(value)
        } else {
            shop.field(&field.name, &interface, user, &asked["variables"]["options"])
        };
        match value {
            Ok(value) => drop(all.insert(field.name.clone(), value)),
            Err(code) => return error(code),
        }
    }
    let Some(data) = graphql::project(&Value::Object(all), &fields) else { return error("GRAPHQL_VALIDATION_FAILED") };
    let mut response = as_json(StatusCode::OK, &json!({"data": data}));
    if let Some(token) = token {
        response.headers_mut().insert("vendure-auth-token", token.parse().expect("a header"));
    }
    response
}

fn error(code: &str) -> Response {
    let status = if code.starts_with("GRAPHQL") { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    as_json(status, &json!({"data": null, "errors": [{"message": CANARY, "extensions": {"code": code}}]}))
}

fn as_json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

impl Canary for Vendure {
    fn platform(&self) -> &'static str {
        "vendure"
    }

    fn set_up(&self, _settings: &mut PlatformSettings) {}

    fn typed(&self) -> String {
        self.typed()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(ADMINISTRATOR)))
    }

    fn trades(&self) {
        let mut shop = self.shop();
        let teapot = shop.offers("Teapot", 3_500);
        shop.sells(&teapot, 1, "PaymentSettled");
    }
}
