//! An eBay: tokens of apps and of sellers, a search, and one seller's orders.

use super::CANARY;
use super::Canary;
use super::extract::Form;
use super::extract::Json;
use super::extract::Query;
use super::wire::Wire;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;

/// Who sells.
pub const SELLER: &str = "joy.pots";

/// The operator's app.
pub const APP_KEY: &str = "JoyApp-tradepost-PRD-1";

/// Its secret.
pub const APP_SECRET: &str = "PRD-0123456789";

/// What it calls the address that answers come to.
pub const RU_NAME: &str = "Joy-JoyApp-tradep-abcdef";

/// The seller's token.
pub const TOKEN: &str = "v^1.1#user";

/// Every right begins so.
const SCOPE: &str = "https://api.ebay.com/oauth/api_scope";

/// The market behind the wire.
pub struct FakeEbay {
    /// Where it stands.
    pub wire: Wire,
    market: Arc<Mutex<Market>>,
}

/// What the market holds.
#[derive(Default)]
pub struct Market {
    /// All offers, oldest first, with who sells them.
    pub items: Vec<(String, Value)>,
    /// The seller's orders, with when they changed.
    pub orders: Vec<(Timestamp, Value)>,
    /// How many there are said to be besides those that are listed.
    pub hidden: usize,
    /// The tokens of the app that hold.
    pub app_tokens: Vec<String>,
    /// The tokens of the seller that hold, and what each allows.
    pub user_tokens: BTreeMap<String, String>,
    /// Codes that hold once.
    pub codes: Vec<String>,
    /// For how long a seller's token holds, in seconds; none: two hours.
    pub lasts_seconds: Option<u32>,
    /// How many tokens were given out.
    pub granted: usize,
    /// Whether the app may not search.
    pub is_app_barred: bool,
    /// The marketplaces that were asked.
    pub marketplaces: Vec<String>,
    next_id: u64,
}

type Shared = Arc<Mutex<Market>>;

impl FakeEbay {
    /// A market without offers.
    pub async fn start() -> Self {
        let scopes = format!("{SCOPE}/sell.fulfillment.readonly {SCOPE}/commerce.identity.readonly");
        let market = Market { user_tokens: BTreeMap::from([(TOKEN.to_owned(), scopes)]), ..Market::default() };
        let market = Arc::new(Mutex::new(market));
        let routes = Router::new()
            .route("/identity/v1/oauth2/token", post(token))
            .route("/commerce/identity/v1/user/", get(user))
            .route("/buy/browse/v1/item_summary/search", get(search))
            .route("/sell/fulfillment/v1/order", get(orders))
            .with_state(Arc::clone(&market));
        Self { wire: Wire::start(routes).await, market }
    }

    /// The market, to change it.
    pub fn market(&self) -> MutexGuard<'_, Market> {
        self.market.lock().expect("the market")
    }
}

impl Market {
    /// Somebody offers something at a fixed price; the offer, to change it.
    pub fn offers(&mut self, seller: &str, title: &str, price: &str) -> &mut Value {
        self.next_id += 1;
        let id = 110_000_000_000 + self.next_id;
        let item = json!({
            "itemId": format!("v1|{id}|0"), "legacyItemId": id.to_string(), "title": title, "leafCategoryIds": ["11700"],
            "categories": [{"categoryId": "20623", "categoryName": "Teapots"}, {"categoryId": "11700", "categoryName": "Home & Garden"}],
            "price": {"value": price, "currency": "EUR"}, "buyingOptions": ["FIXED_PRICE"], "itemCreationDate": "2026-03-01T09:00:00.000Z",
            "itemWebUrl": format!("https://www.ebay.de/itm/{id}?hash=item1&amdata=enc"),
            "image": {"imageUrl": "https://i.ebayimg.com/1.jpg"}, "itemLocation": {"postalCode": CANARY, "country": "DE"},
            "seller": {"username": seller, "feedbackPercentage": "100.0"}
        });
        self.items.push((seller.to_owned(), item));
        &mut self.items.last_mut().expect("an offer").1
    }

    /// Somebody buys `quantity` pieces for `cost` together; the order, to change it.
    pub fn sells(&mut self, title: &str, cost: &str, quantity: u32, at: &str) -> &mut Value {
        self.next_id += 1;
        let id = self.next_id;
        let address = json!({"fullName": CANARY, "contactAddress": {"addressLine1": CANARY, "city": CANARY}, "primaryPhone": CANARY, "email": CANARY});
        let order = json!({
            "orderId": format!("12-{id:05}-00001"), "creationDate": at, "lastModifiedDate": at, "orderFulfillmentStatus": "NOT_STARTED",
            "orderPaymentStatus": "PAID", "sellerId": SELLER, "buyer": {"username": CANARY, "taxAddress": CANARY, "buyerRegistrationAddress": address},
            "buyerCheckoutNotes": CANARY, "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
            "paymentSummary": {"payments": [{"paymentReferenceId": CANARY}]},
            "fulfillmentStartInstructions": [{"shippingStep": {"shipTo": address}}],
            "lineItems": [{"lineItemId": format!("{}", 10_000 + id), "legacyItemId": "110000000007", "title": title, "quantity": quantity,
                "lineItemCost": {"value": cost, "currency": "EUR"}, "listingMarketplaceId": "EBAY_DE", "soldFormat": "FIXED_PRICE",
                "giftDetails": {"message": CANARY, "recipientEmail": CANARY}}]
        });
        self.orders.push((at.parse().expect("a time"), order));
        &mut self.orders.last_mut().expect("an order").1
    }
}

impl Canary for FakeEbay {
    fn platform(&self) -> &'static str {
        "ebay"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        let settings = &mut settings.ebay;
        settings.app_key = APP_KEY.to_owned();
        settings.app_secret = Secret::new(APP_SECRET);
        settings.ru_name = RU_NAME.to_owned();
        settings.address = self.wire.url();
        settings.identity_address = self.wire.url();
        settings.consent_address = self.wire.url();
    }

    fn typed(&self) -> String {
        SELLER.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(TOKEN)))
    }

    fn trades(&self) {
        let mut market = self.market();
        market.offers(SELLER, "Teapot", "48.00");
        market.sells("Teapot", "48.00", 1, "2030-01-01T00:00:00Z");
    }
}

fn error(status: StatusCode, id: u32) -> Response {
    (status, Json(json!({"errors": [{"errorId": id, "domain": "API", "category": "REQUEST", "message": CANARY}]}))).into_response()
}

fn bearer(headers: &HeaderMap) -> String {
    let header = headers.get("authorization").and_then(|text| text.to_str().ok()).unwrap_or_default();
    header.strip_prefix("Bearer ").unwrap_or_default().to_owned()
}

async fn token(State(market): State<Shared>, headers: HeaderMap, Form(asked): Form) -> Response {
    let mut market = market.lock().expect("the market");
    let refused = |status: StatusCode, code: &str| (status, Json(json!({"error": code, "error_description": CANARY}))).into_response();
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{APP_KEY}:{APP_SECRET}")));
    if headers.get("authorization").is_none_or(|text| *text != expected) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let field = |name: &str| asked.get(name).map_or("", String::as_str);
    market.granted += 1;
    let token = format!("v^1.1#granted{}", market.granted);
    let held = market.codes.len();
    let lasts = market.lasts_seconds.unwrap_or(7_200);
    match field("grant_type") {
        "client_credentials" if field("scope") == SCOPE => {
            market.app_tokens.push(token.clone());
            Json(json!({"access_token": token, "expires_in": 7_200, "token_type": "Application Access Token"})).into_response()
        }
        "client_credentials" => refused(StatusCode::BAD_REQUEST, "invalid_scope"),
        "authorization_code" => {
            market.codes.retain(|code| code != field("code"));
            if market.codes.len() == held || field("redirect_uri") != RU_NAME {
                return refused(StatusCode::BAD_REQUEST, "invalid_grant");
            }
            let scopes = market.user_tokens[TOKEN].clone();
            market.user_tokens.insert(token.clone(), scopes);
            Json(
                json!({"access_token": token, "expires_in": lasts, "refresh_token": "v^1.1#refresh", "refresh_token_expires_in": 47_304_000,
                "token_type": "User Access Token"}),
            )
            .into_response()
        }
        "refresh_token" if field("refresh_token") == "v^1.1#refresh" => {
            market.user_tokens.insert(token.clone(), field("scope").to_owned());
            Json(json!({"access_token": token, "expires_in": lasts, "token_type": "User Access Token"})).into_response()
        }
        "refresh_token" => refused(StatusCode::BAD_REQUEST, "invalid_grant"),
        _ => refused(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    }
}

/// What is wrong with a seller's token.
fn refusal(market: &Market, headers: &HeaderMap, scope: &str) -> Option<Response> {
    let Some(scopes) = market.user_tokens.get(&bearer(headers)) else { return Some(error(StatusCode::UNAUTHORIZED, 1_001)) };
    let allows = scopes.split(' ').any(|one| one == format!("{SCOPE}/{scope}"));
    (!allows).then(|| error(StatusCode::FORBIDDEN, 1_100))
}

async fn user(State(market): State<Shared>, headers: HeaderMap) -> Response {
    let market = market.lock().expect("the market");
    refusal(&market, &headers, "commerce.identity.readonly").unwrap_or_else(|| {
        let person = json!({"firstName": CANARY, "email": CANARY, "primaryPhone": CANARY});
        Json(json!({"userId": "x1", "username": SELLER, "accountType": "INDIVIDUAL", "registrationMarketplaceId": "EBAY_DE", "individualAccount": person}))
            .into_response()
    })
}

async fn search(State(market): State<Shared>, headers: HeaderMap, Query(asked): Query) -> Response {
    let mut market = market.lock().expect("the market");
    if !market.app_tokens.contains(&bearer(&headers)) {
        return error(StatusCode::UNAUTHORIZED, 1_001);
    }
    if market.is_app_barred {
        return error(StatusCode::FORBIDDEN, 1_100);
    }
    if !asked.contains_key("q") && !asked.contains_key("category_ids") {
        return error(StatusCode::BAD_REQUEST, 12_001);
    }
    let number = |name: &str, otherwise: usize| asked.get(name).map_or(otherwise, |text| text.parse().expect("a number"));
    let (limit, offset) = (number("limit", 50), number("offset", 0));
    if !(1..=200).contains(&limit) || offset % limit != 0 || offset > 9_999 {
        return error(StatusCode::BAD_REQUEST, 12_006);
    }
    market.marketplaces.push(headers["x-ebay-c-marketplace-id"].to_str().expect("text").to_owned());
    let filter = |name: &str| {
        let (_, rest) = asked.get("filter")?.split_once(&format!("{name}:{{"))?;
        Some(rest.split_once('}').expect("a filter").0.split('|').map(str::to_owned).collect::<Vec<_>>())
    };
    let options = filter("buyingOptions").unwrap_or_else(|| vec!["FIXED_PRICE".to_owned()]);
    let sellers = filter("sellers").expect("sellers");
    // A seller that does not exist is a filter that does not count.
    let is_known = sellers.iter().all(|seller| seller == SELLER || seller == "quiet");
    let is_asked = |(seller, item): &&(String, Value)| {
        let can_be = item["buyingOptions"].as_array().expect("options").iter().any(|option| options.iter().any(|asked| option == asked));
        (!is_known || sellers.contains(seller)) && can_be
    };
    assert_eq!(asked["sort"], "newlyListed");
    let found: Vec<&Value> = market.items.iter().rev().filter(is_asked).map(|(_, item)| item).collect();
    let page: Vec<&&Value> = found.iter().skip(offset).take(limit).collect();
    let mut answer = json!({"href": "x", "total": found.len() + market.hidden, "limit": limit, "offset": offset});
    if !page.is_empty() {
        answer["itemSummaries"] = json!(page);
    }
    if !is_known {
        answer["warnings"] =
            json!([{"errorId": 12_003, "domain": "API_BROWSE", "category": "REQUEST", "message": "The seller is invalid."}]);
    }
    Json(answer).into_response()
}

async fn orders(State(market): State<Shared>, headers: HeaderMap, Query(asked): Query) -> Response {
    let market = market.lock().expect("the market");
    if let Some(refusal) = refusal(&market, &headers, "sell.fulfillment.readonly") {
        return refusal;
    }
    let number = |name: &str, otherwise: usize| asked.get(name).map_or(otherwise, |text| text.parse().expect("a number"));
    let (limit, offset) = (number("limit", 50), number("offset", 0));
    if limit > 200 {
        return error(StatusCode::BAD_REQUEST, 31_100);
    }
    let since = asked["filter"].strip_prefix("lastmodifieddate:[").and_then(|rest| rest.strip_suffix("..]"));
    let Some(since) = since.and_then(|since| since.parse::<Timestamp>().ok()) else { return error(StatusCode::BAD_REQUEST, 30_810) };
    let changed: Vec<&Value> = market.orders.iter().rev().filter(|(at, _)| *at >= since).map(|(_, order)| order).collect();
    let page: Vec<&&Value> = changed.iter().skip(offset).take(limit).collect();
    Json(json!({"href": "x", "total": changed.len() + market.hidden, "limit": limit, "offset": offset, "orders": page})).into_response()
}
