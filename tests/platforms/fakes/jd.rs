//! JD's gateway and its consent, as strict as documented: the signature over everything that is sent, a
//! clock that may be six minutes off, windows of a month, pages of a hundred.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz;
use jiff::tz::TimeZone;
use md5::Digest;
use md5::Md5;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;

mod lists;
mod oauth;

pub const KEY: &str = "yourappkey";
pub const SECRET: &str = "yourappSecret";
pub const TOKEN: &str = "merchant-token-1";
pub const SHOP: &str = "163184";
pub const MERCHANT: &str = "168023";

/// What a merchant offers.
#[derive(Clone)]
pub struct Ware {
    pub id: u64,
    pub title: String,
    /// 8: on offer; 2: taken off.
    pub status: u32,
    pub price: &'static str,
    pub modified: Timestamp,
}

/// What was ordered.
#[derive(Clone)]
pub struct Order {
    pub id: u64,
    pub state: &'static str,
    pub made_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub modified: Timestamp,
    /// Number of the SKU, title, price, how many.
    pub lines: Vec<(u64, String, &'static str, u32)>,
}

/// The fake.
pub struct Jd {
    pub wire: Wire,
    books: Arc<Mutex<Books>>,
}

#[derive(Default)]
struct Books {
    now: Option<Timestamp>,
    wares: Vec<Ware>,
    orders: Vec<Order>,
    tokens: BTreeSet<String>,
    /// The code that every call is answered with.
    error: Option<&'static str>,
    /// The success that orders are answered with, for want of `true`.
    failure: Option<Value>,
    /// Methods that the app may not call.
    forbidden: BTreeSet<&'static str>,
    /// What was called, with which parameters.
    calls: Vec<(String, Value)>,
}

impl Books {
    #[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
    fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }
}

impl Jd {
    /// A merchant with one ware and one sale.
    pub async fn start() -> Self {
        let books = Arc::<Mutex<Books>>::default();
        let routes = Router::new()
            .route("/routerjson", post(call))
            .route("/oauth2/access_token", get(oauth::access_token))
            .route("/oauth2/refresh_token", get(oauth::refresh_token))
            .with_state(Arc::clone(&books));
        let fake = Self { wire: Wire::start(routes).await, books };
        fake.books().tokens.insert(TOKEN.to_owned());
        fake
    }

    /// Stops its clock.
    pub fn set_clock(&self, now: Timestamp) {
        self.books().now = Some(now);
    }

    /// Offers something, or changes what is offered.
    pub fn offer(&self, ware: Ware) {
        let mut books = self.books();
        books.wares.retain(|other| other.id != ware.id);
        books.wares.push(ware);
        books.wares.sort_by_key(|ware| ware.id);
    }

    /// Takes an order, or changes it.
    pub fn order(&self, order: Order) {
        let mut books = self.books();
        books.orders.retain(|other| other.id != order.id);
        books.orders.push(order);
    }

    /// Lets no token in any more.
    pub fn end_tokens(&self) {
        self.books().tokens.clear();
    }

    /// Answers each call with this code; none: as it should be.
    pub fn fail_with(&self, code: Option<&'static str>) {
        self.books().error = code;
    }

    /// Says of orders that it went wrong, though the gateway says that it went well.
    pub fn fail_orders(&self, success: Value) {
        self.books().failure = Some(success);
    }

    /// Lets the app call a method no more.
    pub fn forbid(&self, method: &'static str) {
        self.books().forbidden.insert(method);
    }

    /// The parameters with which a method was called.
    pub fn calls_of(&self, method: &str) -> Vec<Value> {
        self.books().calls.iter().filter(|(name, _)| name == method).map(|(_, query)| query.clone()).collect()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("the books")
    }
}

impl Canary for Jd {
    fn platform(&self) -> &'static str {
        "jd"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        KEY.clone_into(&mut settings.jd.app_key);
        settings.jd.app_secret = Secret::new(SECRET);
        settings.jd.address = self.wire.url().join("routerjson").expect("an address");
        settings.jd.token_address = self.wire.url().join("oauth2/access_token").expect("an address");
        settings.jd.refresh_address = self.wire.url().join("oauth2/refresh_token").expect("an address");
    }

    fn typed(&self) -> String {
        SHOP.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(TOKEN)))
    }

    fn trades(&self) {
        let now = self.books().now();
        self.offer(Ware { id: 10_022_660_724_099, title: "Teapot on offer".to_owned(), status: 8, price: "89.90", modified: now });
        self.order(Order {
            id: 262_000_000_099,
            state: "WAIT_SELLER_STOCK_OUT",
            made_at: now,
            paid_at: Some(now),
            ended_at: None,
            modified: now,
            lines: vec![(100_086_982_152_177, "Teapot sold".to_owned(), "89.90", 1)],
        });
    }
}

type Fields = BTreeMap<String, String>;

fn decoded(text: &[u8]) -> Fields {
    url::form_urlencoded::parse(text).into_owned().collect()
}

async fn call(State(books): State<Arc<Mutex<Books>>>, body: Bytes) -> String {
    let mut books = books.lock().expect("the books");
    answered(&mut books, &decoded(&body)).unwrap_or_else(error).to_string()
}

fn error(code: &str) -> Value {
    json!({"error_response": {"code": code, "zh_desc": "CANARY 出错", "en_desc": "CANARY went wrong"}})
}

fn answered(books: &mut Books, fields: &Fields) -> Result<Value, &'static str> {
    let field = |name: &str, missing: &'static str| fields.get(name).filter(|value| !value.is_empty()).ok_or(missing);
    let method = field("method", "14")?;
    if field("v", "4")? != "2.0" {
        return Err("5");
    }
    check_clock(field("timestamp", "7")?, books.now())?;
    if field("app_key", "20")? != KEY {
        return Err("21");
    }
    if *field("sign", "11")? != signature(fields) {
        return Err("12");
    }
    if let Some(code) = books.error {
        return Err(code);
    }
    if !books.tokens.contains(field("access_token", "18")?) {
        return Err("19");
    }
    if books.forbidden.contains(method.as_str()) {
        return Err("24");
    }
    let query: Value = serde_json::from_str(field("360buy_param_json", "63")?).map_err(|_| "63")?;
    books.calls.push((method.clone(), query.clone()));
    let found = match method.as_str() {
        "jingdong.vender.shop.query" => {
            json!({"shop_jos_result": {"shop_id": SHOP.parse::<u64>().ok(), "vender_id": MERCHANT.parse::<u64>().ok(), "shop_name": "茶壶旗舰店", "category_main": 1}})
        }
        "jingdong.pop.order.search" => json!({"searchorderinfo_result": lists::orders(books, &query)?}),
        "jingdong.ware.read.searchWare4Valid" => json!({"page": lists::wares(books, &query)?}),
        "jingdong.sku.read.searchSkuList" => json!({"page": lists::skus(books, &query)?}),
        _ => return Err("15"),
    };
    let mut found = found;
    found["code"] = json!("0");
    Ok(json!({format!("{}_responce", method.replace('.', "_")): found}))
}

fn check_clock(text: &str, now: Timestamp) -> Result<(), &'static str> {
    let (time, zone) = text.split_at_checked(23).ok_or("8")?;
    if zone != "+0800" || time.as_bytes().get(19) != Some(&b'.') {
        return Err("8");
    }
    let off = read(&time[..19])?.duration_since(now).abs();
    if off > SignedDuration::from_mins(6) { Err("8") } else { Ok(()) }
}

fn read(text: &str) -> Result<Timestamp, &'static str> {
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).map_err(|_| "61")?;
    Ok(time.to_zoned(TimeZone::fixed(tz::offset(8))).map_err(|_| "61")?.timestamp())
}

fn written(at: Option<Timestamp>) -> String {
    let zone = TimeZone::fixed(tz::offset(8));
    at.map_or_else(|| "0001-01-01 00:00:00".to_owned(), |at| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Over everything that was sent: a parameter too many spoils it.
fn signature(fields: &Fields) -> String {
    let mut text = SECRET.to_owned();
    for (name, value) in fields {
        if name != "sign" {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text += SECRET;
    hex::encode_upper(Md5::digest(text.as_bytes()))
}
