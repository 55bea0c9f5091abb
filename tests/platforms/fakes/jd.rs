//! JD's gateway and its consent, as strict as documented: the signature over everything that is sent, a
//! clock that may be six minutes off, windows of a month, pages of a hundred.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
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
            .route("/oauth2/access_token", get(access_token))
            .route("/oauth2/refresh_token", get(refresh_token))
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
        settings.jd.app_key = KEY.to_owned();
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
        "jingdong.pop.order.search" => json!({"searchorderinfo_result": orders(books, &query)?}),
        "jingdong.ware.read.searchWare4Valid" => json!({"page": wares(books, &query)?}),
        "jingdong.sku.read.searchSkuList" => json!({"page": skus(books, &query)?}),
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
            text += name;
            text += value;
        }
    }
    text += SECRET;
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
}

fn text<'a>(query: &'a Value, name: &str) -> Result<&'a str, &'static str> {
    query[name].as_str().ok_or("61")
}

fn orders(books: &Books, query: &Value) -> Result<Value, &'static str> {
    if let Some(success) = &books.failure {
        return Ok(
            json!({"apiResult": {"success": success, "numberCode": 10_400_009, "englishErrCode": "CANARY", "chineseErrCode": "CANARY"}}),
        );
    }
    let (from, to) = (read(text(query, "start_date")?)?, read(text(query, "end_date")?)?);
    if from > to || to.duration_since(from) > SignedDuration::from_hours(30 * 24) {
        return Err("61");
    }
    let by_change = query["dateType"] == json!(0);
    if from < books.now() - SignedDuration::from_hours(90 * 24) && by_change {
        return Err("61");
    }
    let states: BTreeSet<&str> = text(query, "order_state")?.split(',').collect();
    let fields: BTreeSet<&str> = text(query, "optional_fields")?.split(',').filter(|field| !field.is_empty()).collect();
    if fields.is_empty() {
        return Err("68");
    }
    let (number, size) =
        (text(query, "page")?.parse::<usize>().map_err(|_| "61")?, text(query, "page_size")?.parse::<usize>().map_err(|_| "61")?);
    if number == 0 || size == 0 || size > 100 {
        return Err("61");
    }
    let floor = |at: Timestamp| Timestamp::from_second(at.as_second()).expect("a time");
    let is_within = |order: &&Order| {
        let at = floor(if by_change { order.modified } else { order.made_at });
        states.contains(order.state) && from <= at && at <= to
    };
    let mut found: Vec<&Order> = books.orders.iter().filter(is_within).collect();
    found.sort_by_key(|order| order.modified);
    let page: Vec<Value> = found.iter().skip((number - 1) * size).take(size).map(|order| order_json(order, &fields)).collect();
    Ok(json!({"apiResult": {"success": true, "numberCode": 0}, "orderTotal": found.len(), "orderInfoList": page}))
}

fn order_json(order: &Order, fields: &BTreeSet<&str>) -> Value {
    let lines: Vec<Value> = order
        .lines
        .iter()
        .map(|(sku, title, price, count)| {
            json!({"skuId": sku.to_string(), "skuName": title, "jdPrice": price, "itemTotal": count.to_string(), "wareId": "1",
                "outerSkuId": "", "giftPoint": "0", "productNo": ""})
        })
        .collect();
    let all = json!({
        "orderId": order.id.to_string(),
        "orderState": order.state,
        "orderStartTime": written(Some(order.made_at)),
        "paymentConfirmTime": written(order.paid_at),
        "orderEndTime": written(order.ended_at),
        "modified": written(Some(order.modified)),
        "itemInfoList": lines,
        "orderRemark": format!("{CANARY} a note"),
        "consigneeInfo": {"fullname": CANARY, "fullAddress": CANARY, "telephone": CANARY, "mobile": CANARY},
        "invoiceInfo": CANARY,
        "payType": "4-在线支付",
    });
    let mut asked: serde_json::Map<String, Value> = all
        .as_object()
        .expect("an object")
        .iter()
        .filter(|(name, _)| fields.contains(name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    // These come unasked.
    asked.insert("pin".to_owned(), json!(CANARY));
    asked.insert("open_id_buyer".to_owned(), json!(CANARY));
    asked.into()
}

fn wares(books: &Books, query: &Value) -> Result<Value, &'static str> {
    let states: BTreeSet<u32> = text(query, "wareStatusValue")?.split(',').map(|state| state.parse().expect("a number")).collect();
    let limit = |name: &str| query[name].as_str().map(read).transpose();
    let (from, to) = (limit("startModifiedTime")?, limit("endModifiedTime")?);
    let (number, size) = (query["pageNo"].as_u64().ok_or("61")?, query["pageSize"].as_u64().ok_or("61")?);
    if number == 0 || size == 0 || size > 100 || text(query, "orderField")? != "wareId" || text(query, "orderType")? != "asc" {
        return Err("61");
    }
    let is_asked = |ware: &&Ware| {
        states.contains(&ware.status)
            && from.is_none_or(|from| ware.modified >= from)
            && to.is_none_or(|to| ware.modified.as_second() <= to.as_second())
    };
    let found: Vec<&Ware> = books.wares.iter().filter(is_asked).collect();
    let json = |ware: &&Ware| {
        json!({"wareId": ware.id, "title": ware.title, "wareStatus": ware.status, "categoryId": 11_222, "logo": "jfs/t1/a.jpg",
            "jdPrice": serde_json::from_str::<Value>(ware.price).expect("a number"), "onlineTime": ware.modified.as_millisecond(),
            "modified": ware.modified.as_millisecond(), "afterSaleDesc": CANARY})
    };
    let skipped = usize::try_from((number - 1) * size).expect("a number");
    let page: Vec<Value> = found.iter().skip(skipped).take(usize::try_from(size).expect("a number")).map(json).collect();
    let mut answer = json!({"pageNo": number, "pageSize": size, "totalItem": found.len()});
    // An empty list is left out.
    if !page.is_empty() {
        answer["data"] = page.into();
    }
    Ok(answer)
}

/// Each ware has two, numbered by it.
fn skus(books: &Books, query: &Value) -> Result<Value, &'static str> {
    let asked: BTreeSet<u64> = text(query, "wareId")?.split(',').map(|id| id.parse().expect("a number")).collect();
    if asked.len() > 10 || query["page_size"].as_u64().is_none_or(|size| size > 50) {
        return Err("61");
    }
    let wares = books.wares.iter().filter(|ware| asked.contains(&ware.id));
    let json = |ware: &Ware| [0, 1].map(|form| json!({"skuId": ware.id * 10 + form, "wareId": ware.id, "status": 1}));
    Ok(json!({"pageNo": 1, "pageSize": 50, "totalItem": asked.len() * 2, "data": wares.flat_map(json).collect::<Vec<_>>()}))
}

async fn access_token(State(books): State<Arc<Mutex<Books>>>, RawQuery(query): RawQuery) -> String {
    given(&books, &query.unwrap_or_default(), "authorization_code", ("code", "good-code"), "consented")
}

async fn refresh_token(State(books): State<Arc<Mutex<Books>>>, RawQuery(query): RawQuery) -> String {
    given(&books, &query.unwrap_or_default(), "refresh_token", ("refresh_token", "refresh-consented"), "renewed")
}

fn given(books: &Mutex<Books>, query: &str, grant: &str, (name, good): (&str, &str), token: &str) -> String {
    let fields = decoded(query.as_bytes());
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|given| given == value);
    if !is("app_key", KEY) || !is("app_secret", SECRET) {
        return json!({"code": 1_004_000, "msg": "CANARY invalid app_key or app_secret"}).to_string();
    }
    if !is("grant_type", grant) || !is(name, good) {
        return json!({"code": 1_004_001, "msg": "CANARY expired"}).to_string();
    }
    books.lock().expect("the books").tokens.insert(token.to_owned());
    let given = json!({"access_token": token, "expires_in": 86_400, "refresh_token": format!("refresh-{token}"), "scope": "snsapi_base",
        "open_id": CANARY, "uid": CANARY, "xid": "o*AAT-x", "code": 0});
    given.to_string()
}
