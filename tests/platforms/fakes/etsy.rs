//! An Etsy: one shop's feed, its receipts, and tokens with a proof key.

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
use axum::routing::get;
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;

/// The shop's name.
pub const SHOP: &str = "JoyTeapots";

/// The shop's number.
const SHOP_ID: u64 = 33_264_519;

/// The operator's app.
pub const APP_KEY: &str = "keystring0123456789";

/// Its secret.
pub const APP_SECRET: &str = "shared7890";

/// The owner's token: her number stands before it.
pub const TOKEN: &str = "12345678.abcdef";

/// How many offers a feed names.
const NEWEST: usize = 10;

/// The shop behind the wire.
pub struct FakeEtsy {
    /// Where it stands.
    pub wire: Wire,
    shop: Arc<Mutex<Shop>>,
}

/// What the shop holds.
#[derive(Default)]
pub struct Shop {
    /// Number, title, price and time of what is offered, oldest first.
    pub listings: Vec<(u64, String, String, String)>,
    /// Whether whoever asks is taken for a robot.
    pub is_shy: bool,
    /// Receipts, with when they changed (seconds).
    pub receipts: Vec<(i64, Value)>,
    /// The tokens that hold, and what they allow.
    pub tokens: BTreeMap<String, String>,
    /// Codes that hold once, with the challenge and the address of each.
    pub codes: BTreeMap<String, (String, String)>,
    /// Tokens that renew others, each good once.
    pub refresh: Vec<String>,
    granted: usize,
}

impl FakeEtsy {
    /// An empty shop.
    pub async fn start() -> Self {
        let tokens = BTreeMap::from([(TOKEN.to_owned(), "shops_r transactions_r".to_owned())]);
        let shop = Arc::new(Mutex::new(Shop { tokens, ..Shop::default() }));
        let routes = Router::new()
            .route("/shop/{name}/rss", get(feed))
            .route("/v3/public/oauth/token", post(token))
            .route("/v3/application/users/me", get(me))
            .route("/v3/application/shops/{id}", get(shop_of))
            .route("/v3/application/shops/{id}/receipts", get(receipts))
            .with_state(Arc::clone(&shop));
        Self { wire: Wire::start(routes).await, shop }
    }

    /// The shop, to change it.
    pub fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().expect("the shop")
    }
}

impl Shop {
    /// Offers something; its number.
    pub fn offers(&mut self, title: &str, price: &str) -> u64 {
        let number = 1_234_567_890 + self.listings.len() as u64;
        self.listings.push((number, title.to_owned(), price.to_owned(), "Mon, 02 Mar 2026 03:00:00 -0500".to_owned()));
        number
    }

    /// Somebody buys `quantity` pieces for so many cents each; the receipt, to change it.
    pub fn sells(&mut self, title: &str, cents: i64, quantity: u32, at: &str) -> &mut Value {
        let at = at.parse::<jiff::Timestamp>().expect("a time").as_second();
        let id = 2_344_314_448 + self.receipts.len() as u64;
        let money = json!({"amount": cents, "divisor": 100, "currency_code": "USD"});
        self.receipts.push((at, json!({
            "receipt_id": id, "status": "Paid", "is_paid": true, "is_shipped": false, "created_timestamp": at, "updated_timestamp": at,
            "buyer_user_id": 7, "buyer_email": CANARY, "name": CANARY, "first_line": CANARY, "city": CANARY, "zip": CANARY,
            "formatted_address": CANARY, "message_from_buyer": CANARY, "gift_message": CANARY, "payment_email": CANARY, "grandtotal": money,
            "transactions": [{"transaction_id": id * 2, "title": title, "description": CANARY, "listing_id": 1_234_567_890_u64,
                "quantity": quantity, "price": money, "buyer_user_id": 7, "variations": [{"formatted_name": "Personalization", "formatted_value": CANARY}]}]
        })));
        &mut self.receipts.last_mut().expect("a receipt").1
    }
}

impl Canary for FakeEtsy {
    fn platform(&self) -> &'static str {
        "etsy"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        settings.etsy.site = self.wire.url();
        settings.etsy.address = self.wire.url();
        settings.etsy.app_key = APP_KEY.to_owned();
        settings.etsy.app_secret = Secret::new(APP_SECRET);
    }

    fn typed(&self) -> String {
        SHOP.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(TOKEN)))
    }

    fn trades(&self) {
        let mut shop = self.shop();
        shop.offers("Teapot", "38.00 USD");
        shop.sells("Teapot", 3_800, 1, "2030-01-01T00:00:00Z");
    }
}

async fn feed(State(shop): State<Arc<Mutex<Shop>>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let shop = shop.lock().expect("the shop");
    if shop.is_shy {
        return (StatusCode::FORBIDDEN, "<html>CANARY: please enable JS and disable any ad blocker</html>").into_response();
    }
    if !name.eq_ignore_ascii_case(SHOP) {
        return (StatusCode::NOT_FOUND, "<html>Uh oh!</html>").into_response();
    }
    let items: Vec<String> = shop.listings.iter().rev().take(NEWEST).map(item).collect();
    let channel = format!(
        "<title>Etsy Shop for {SHOP}</title><link>https://www.etsy.com/shop/{SHOP}?ref=rss</link><managingEditor>{CANARY}</managingEditor>"
    );
    let feed =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel>{channel}{}</channel></rss>", items.concat());
    let etag = format!("\"{}-{:?}\"", shop.listings.len(), shop.listings.last().map(|(_, _, price, at)| price.len() + at.len()));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::CONTENT_TYPE, "text/xml; charset=UTF-8"), (header::ETAG, etag.as_str())], feed).into_response()
}

fn item((number, title, price, at): &(u64, String, String, String)) -> String {
    let html = format!("<p class=\"image\"><img src=\"https://i.etsystatic.com/1.jpg\"/></p>\n<p class=\"price\">{price}</p>");
    let description = html.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    format!(
        "<item><title>{title} by {SHOP}</title><link>https://www.etsy.com/listing/{number}/mug?ref=rss</link>\
         <description>{description}</description><guid isPermaLink=\"true\">https://www.etsy.com/listing/{number}/mug</guid>\
         <pubDate>{at}</pubDate><author>{CANARY}</author></item>"
    )
}

fn error(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"error": text, "error_description": CANARY}))).into_response()
}

/// What is wrong with a request to the interface.
fn refusal(shop: &Shop, headers: &HeaderMap, scope: &str) -> Option<Response> {
    let text = |name: &str| headers.get(name).and_then(|text| text.to_str().ok()).unwrap_or_default().to_owned();
    if text("x-api-key") != format!("{APP_KEY}:{APP_SECRET}") {
        return Some(error(StatusCode::FORBIDDEN, "Invalid API key: should be in the format 'keystring:shared_secret'."));
    }
    let token = text("authorization").strip_prefix("Bearer ").unwrap_or_default().to_owned();
    let Some(scopes) = shop.tokens.get(&token) else { return Some(error(StatusCode::UNAUTHORIZED, "invalid_token")) };
    let allows = scopes.split(' ').any(|one| one == scope);
    (!allows).then(|| error(StatusCode::FORBIDDEN, "insufficient_scope"))
}

async fn me(State(shop): State<Arc<Mutex<Shop>>>, headers: HeaderMap) -> Response {
    let shop = shop.lock().expect("the shop");
    let refused = refusal(&shop, &headers, "shops_r");
    refused.unwrap_or_else(|| Json(json!({"user_id": 12_345_678, "shop_id": SHOP_ID})).into_response())
}

async fn shop_of(State(shop): State<Arc<Mutex<Shop>>>, Path(id): Path<u64>, headers: HeaderMap) -> Response {
    let shop = shop.lock().expect("the shop");
    if id != SHOP_ID {
        return error(StatusCode::NOT_FOUND, "Resource not found");
    }
    let refused = refusal(&shop, &headers, "shops_r");
    refused.unwrap_or_else(|| {
        Json(json!({"shop_id": SHOP_ID, "shop_name": SHOP, "user_id": 1, "digital_sale_message": CANARY})).into_response()
    })
}

async fn receipts(State(shop): State<Arc<Mutex<Shop>>>, Path(id): Path<u64>, headers: HeaderMap, Query(asked): Query) -> Response {
    let shop = shop.lock().expect("the shop");
    if let Some(refusal) = refusal(&shop, &headers, "transactions_r") {
        return refusal;
    }
    let number = |name: &str| asked.get(name).map(|text| text.parse::<i64>().expect("a number"));
    let (limit, offset) = (number("limit").unwrap_or(25), number("offset").unwrap_or(0));
    let since = number("min_last_modified").unwrap_or(946_684_800);
    if id != SHOP_ID || !(1..=100).contains(&limit) || since < 946_684_800 {
        return error(StatusCode::BAD_REQUEST, "Invalid value");
    }
    assert_eq!((asked["sort_on"].as_str(), asked["sort_order"].as_str()), ("updated", "desc"));
    let paid = asked.get("was_paid").is_some_and(|text| text == "true");
    let changed: Vec<&Value> = shop
        .receipts
        .iter()
        .rev()
        .filter(|(at, receipt)| *at >= since && (!paid || receipt["is_paid"] == true))
        .map(|(_, receipt)| receipt)
        .collect();
    let from = usize::try_from(offset).expect("an offset");
    let page: Vec<&&Value> = changed.iter().skip(from).take(usize::try_from(limit).expect("a limit")).collect();
    Json(json!({"count": changed.len(), "results": page})).into_response()
}

async fn token(State(shop): State<Arc<Mutex<Shop>>>, Form(asked): Form) -> Response {
    let mut shop = shop.lock().expect("the shop");
    let field = |name: &str| asked.get(name).map_or("", String::as_str);
    if field("client_id") != APP_KEY {
        return error(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let is_shown = match field("grant_type") {
        "authorization_code" => shop.codes.remove(field("code")).is_some_and(|(challenge, address)| {
            let proof = field("code_verifier");
            let is_proof =
                (43..=128).contains(&proof.len()) && proof.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
            is_proof && BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(proof)) == challenge && address == field("redirect_uri")
        }),
        "refresh_token" => {
            let held = shop.refresh.len();
            shop.refresh.retain(|token| token != field("refresh_token"));
            shop.refresh.len() < held
        }
        _ => return error(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    };
    if !is_shown {
        return error(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    shop.granted += 1;
    let (token, refresh) = (format!("12345678.granted{}", shop.granted), format!("12345678.refresh{}", shop.granted));
    shop.tokens.insert(token.clone(), "shops_r transactions_r".to_owned());
    shop.refresh.push(refresh.clone());
    Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": 3_600, "refresh_token": refresh})).into_response()
}
