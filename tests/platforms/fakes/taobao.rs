//! The gateway of Taobao and its consent, with one shop behind it. It recomputes every signature, holds
//! the caller to clock, pages and spans, gives the fields that were asked for, and refuses whoever asks
//! for something of a buyer.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::taobao::TaobaoSettings;
use tradepost::values::Secret;

/// The seller's nick.
pub const NICK: &str = "茶壶小店";
/// Her session.
pub const SESSION: &str = "6100e23ecb5d4c8d";
const APP_KEY: &str = "12345678";
const APP_SECRET: &str = "taobao-app-secret";
const ITEM_FIELDS: &str = "approve_status,num_iid,title,nick,type,cid,pic_url,num,props,valid_thru,list_time,price,has_discount,\
                           has_invoice,has_warranty,has_showcase,modified,delist_time,postage_id,seller_cids,outer_id,sold_quantity";
const USUAL_TYPES: &str = "guarantee_trade,auto_delivery,ec,cod,step";

type Fields = BTreeMap<String, String>;
type Happening = Box<dyn FnOnce(&mut Shop) + Send>;

/// The fake.
pub struct Taobao {
    /// What it stands on.
    pub wire: Wire,
    shop: Arc<Mutex<Shop>>,
}

/// What stands behind the gateway.
pub struct Shop {
    /// Its clock; none: that of whoever asked last.
    pub now: Option<Timestamp>,
    /// What is on sale.
    pub items: Vec<Item>,
    /// What was ordered.
    pub orders: Vec<Order>,
    /// Whose session holds: B on Tmall, C on Taobao.
    pub kind: &'static str,
    /// Whether ids come as text.
    pub ids_as_text: bool,
    /// The session that holds.
    pub session: String,
    /// Calls that were answered, in order.
    pub calls: Vec<Fields>,
    refusals: BTreeMap<usize, Value>,
    happenings: BTreeMap<usize, Happening>,
    asked_at: Timestamp,
    codes: Vec<String>,
    refreshes: Vec<String>,
    /// How long what renews holds, in seconds; 0: it cannot be renewed.
    pub renewable_seconds: i64,
}

/// Something on sale.
#[derive(Clone)]
pub struct Item {
    pub id: u64,
    pub title: String,
    pub price: String,
    pub modified: Timestamp,
}

/// An order of one product or more.
#[derive(Clone)]
pub struct Order {
    pub id: u64,
    pub status: &'static str,
    pub kind: &'static str,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub paid: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub lines: Vec<Line>,
}

/// A line of an order.
#[derive(Clone)]
pub struct Line {
    pub id: u64,
    pub item: u64,
    pub title: String,
    pub price: String,
    pub count: u32,
    pub refund: &'static str,
}

impl Item {
    /// Something for 128 yuan.
    pub fn new(id: u64, title: &str, modified: Timestamp) -> Self {
        Self { id, title: title.to_owned(), price: "128.00".to_owned(), modified }
    }
}

impl Order {
    /// One of one product, paid for when it was made.
    pub fn paid(id: u64, title: &str, at: Timestamp) -> Self {
        let line = Line { id: id + 1, item: 7, title: title.to_owned(), price: "99.50".to_owned(), count: 1, refund: "NO_REFUND" };
        Self {
            id,
            status: "WAIT_SELLER_SEND_GOODS",
            kind: "guarantee_trade",
            created: at,
            modified: at,
            paid: Some(at),
            ended: None,
            lines: vec![line],
        }
    }
}

impl Taobao {
    /// A gateway whose clock stands at `now`, with an empty shop on Taobao.
    pub async fn start(now: Timestamp) -> Self {
        let shop = Arc::new(Mutex::new(Shop {
            now: Some(now),
            items: Vec::new(),
            orders: Vec::new(),
            kind: "C",
            ids_as_text: false,
            session: SESSION.to_owned(),
            calls: Vec::new(),
            refusals: BTreeMap::new(),
            happenings: BTreeMap::new(),
            asked_at: now,
            codes: vec!["good-once".to_owned()],
            refreshes: vec!["refresh-1".to_owned()],
            renewable_seconds: 7_776_000,
        }));
        let routes = Router::new().route("/router/rest", post(gateway)).route("/token", post(token)).with_state(Arc::clone(&shop));
        Self { wire: Wire::start(routes).await, shop }
    }

    /// Settings that lead here.
    pub fn settings(&self) -> TaobaoSettings {
        let at = |path| self.wire.url().join(path).expect("an address");
        TaobaoSettings {
            app_key: APP_KEY.to_owned(),
            app_secret: Secret::new(APP_SECRET),
            gateway: at("router/rest"),
            consent_page: at("authorize"),
            token_address: at("token"),
            ..TaobaoSettings::default()
        }
    }

    /// Looks at, or changes, what stands behind the gateway.
    pub fn shop<T>(&self, change: impl FnOnce(&mut Shop) -> T) -> T {
        change(&mut self.shop.lock().expect("the shop"))
    }

    /// Has the call after `more` further ones refused.
    pub fn refuses_after(&self, more: usize, code: u32, sub_code: &str, sub_msg: &str) {
        let refusal = refusal(code, sub_code, sub_msg);
        self.shop(|shop| shop.refusals.insert(shop.calls.len() + more, refusal));
    }

    /// Has something happen just before the call after `more` further ones is answered.
    pub fn happens_after(&self, more: usize, happening: impl FnOnce(&mut Shop) + Send + 'static) {
        self.shop(|shop| shop.happenings.insert(shop.calls.len() + more, Box::new(happening)));
    }

    /// The methods that were called, in order.
    pub fn methods(&self) -> Vec<String> {
        self.shop(|shop| shop.calls.iter().map(|call| call["method"].clone()).collect())
    }
}

fn refusal(code: u32, sub_code: &str, sub_msg: &str) -> Value {
    json!({"error_response": {"code": code, "msg": CANARY, "sub_code": sub_code, "sub_msg": sub_msg, "request_id": "x"}})
}

fn reply(json: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], json.to_string()).into_response()
}

fn form(body: &[u8]) -> Fields {
    url::form_urlencoded::parse(body).into_owned().collect()
}

async fn gateway(State(shop): State<Arc<Mutex<Shop>>>, headers: HeaderMap, body: axum::body::Bytes) -> Response {
    let shop = &mut *shop.lock().expect("the shop");
    if !headers["content-type"].to_str().expect("text").starts_with("application/x-www-form-urlencoded") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let fields = form(&body);
    let number = shop.calls.len();
    shop.calls.push(fields.clone());
    if let Some(happening) = shop.happenings.remove(&number) {
        happening(shop);
    }
    if let Some(refusal) = shop.refusals.remove(&number) {
        return reply(&refusal);
    }
    reply(&checked(&fields, shop).and_then(|()| answered(&fields, shop)).unwrap_or_else(|refusal| refusal))
}

/// What the gateway checks of every call, in its order.
fn checked(fields: &Fields, shop: &mut Shop) -> Result<(), Value> {
    let has = |name: &str, missing: u32| fields.get(name).ok_or_else(|| refusal(missing, "", name));
    if has("app_key", 28)? != APP_KEY {
        return Err(refusal(29, "", ""));
    }
    if has("sign_method", 24)? != "hmac-sha256" || *has("sign", 24)? != signature(fields) {
        return Err(refusal(25, "", ""));
    }
    let at = time(has("timestamp", 30)?).ok_or_else(|| refusal(31, "", ""))?;
    shop.asked_at = at;
    if shop.now.is_some_and(|now| now.duration_since(at).abs() > SignedDuration::from_mins(10)) {
        return Err(refusal(31, "", ""));
    }
    if has("v", 32)? != "2.0" || has("format", 23)? != "json" {
        return Err(refusal(33, "", ""));
    }
    if *has("session", 26)? != shop.session {
        return Err(refusal(27, "invalid-sessionkey", ""));
    }
    Ok(())
}

fn signature(fields: &Fields) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("a key");
    for (name, value) in fields {
        if name != "sign" && !value.is_empty() {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
    }
    hex::encode_upper(mac.finalize().into_bytes())
}

fn answered(fields: &Fields, shop: &Shop) -> Result<Value, Value> {
    let asked: Vec<&str> = fields.get("fields").ok_or_else(|| refusal(40, "isv.missing-parameter:fields", ""))?.split(',').collect();
    if asked.iter().any(|field| ["buyer", "receiver", "payment", "alipay", "memo", "message"].iter().any(|own| field.contains(own))) {
        return Err(refusal(11, "isv.permission-api-package-limit", "nothing of a buyer may be asked for"));
    }
    match fields.get("method").map(String::as_str) {
        Some("taobao.user.seller.get") => {
            let user = json!({"nick": NICK, "type": shop.kind, "email": CANARY, "sex": CANARY});
            Ok(json!({"user_seller_get_response": {"user": user, "request_id": "x"}}))
        }
        Some("taobao.items.onsale.get") => on_sale(fields, &asked, shop),
        Some("taobao.trades.sold.get") => {
            let from = range(fields, "start_created", "end_created", shop, SignedDuration::from_hours(24 * 90))?;
            let orders = shop.orders.iter().filter(|order| from.0 <= order.created && order.created <= from.1);
            sold("trades_sold_get_response", fields, &asked, orders.cloned().collect(), |order| order.created, shop)
        }
        Some("taobao.trades.sold.increment.get") => {
            let from = range(fields, "start_modified", "end_modified", shop, SignedDuration::from_hours(24))?;
            let orders = shop.orders.iter().filter(|order| from.0 <= order.modified && order.modified <= from.1);
            sold("trades_sold_increment_get_response", fields, &asked, orders.cloned().collect(), |order| order.modified, shop)
        }
        Some(_) => Err(refusal(22, "", "")),
        None => Err(refusal(21, "", "")),
    }
}

fn on_sale(fields: &Fields, asked: &[&str], shop: &Shop) -> Result<Value, Value> {
    if asked.iter().any(|field| !ITEM_FIELDS.split(',').any(|known| known == *field)) {
        return Err(refusal(41, "isv.invalid-parameter:fields", ""));
    }
    let mut items = shop.items.clone();
    if let Some(since) = fields.get("start_modified") {
        let since = time(since).ok_or_else(|| refusal(41, "isv.invalid-parameter:start_modified", ""))?;
        items.retain(|item| item.modified >= since);
    }
    if fields.get("order_by").is_none_or(|order| order != "modified:desc") {
        return Err(refusal(41, "isv.invalid-parameter:order_by", ""));
    }
    items.sort_by_key(|item| std::cmp::Reverse((item.modified, item.id)));
    let total = items.len();
    let page = page(fields, items, 200)?;
    let mut answer = json!({"total_results": total, "request_id": "x"});
    if !page.is_empty() {
        let items: Vec<Value> = page.iter().map(|item| only(asked, "", json_of_item(item, shop))).collect();
        answer["items"] = json!({"item": items});
    }
    Ok(json!({"items_onsale_get_response": answer}))
}

fn json_of_item(item: &Item, shop: &Shop) -> Value {
    json!({
        "num_iid": id(item.id, shop),
        "title": item.title,
        "nick": NICK,
        "cid": 50_012_082,
        "pic_url": format!("http://img.alicdn.com/{}.jpg", item.id),
        "price": item.price,
        "list_time": china(item.modified - SignedDuration::from_hours(1)),
        "modified": china(item.modified),
        "outer_id": CANARY,
    })
}

fn sold(
    name: &str,
    fields: &Fields,
    asked: &[&str],
    mut orders: Vec<Order>,
    key: impl Fn(&Order) -> Timestamp,
    shop: &Shop,
) -> Result<Value, Value> {
    let types = fields.get("type").map_or(USUAL_TYPES, String::as_str);
    orders.retain(|order| types.split(',').any(|kind| kind == order.kind));
    orders.sort_by_key(|order| std::cmp::Reverse((key(order), order.id)));
    let total = orders.len();
    let (size, number) = (count(fields, "page_size", 40), count(fields, "page_no", 1));
    let page = page(fields, orders, 100)?;
    let mut answer = json!({"request_id": "x"});
    if fields.get("use_has_next").is_some_and(|has_next| has_next == "true") {
        answer["has_next"] = json!(number * size < total);
    } else {
        answer["total_results"] = json!(total);
    }
    if !page.is_empty() {
        let orders: Vec<Value> = page.iter().map(|order| json_of_order(order, asked, shop)).collect();
        answer["trades"] = json!({"trade": orders});
    }
    Ok(json!({name: answer}))
}

/// As it was asked for, but with what was not asked for of the buyer.
fn json_of_order(order: &Order, asked: &[&str], shop: &Shop) -> Value {
    let mut all = json!({
        "tid": id(order.id, shop),
        "status": order.status,
        "type": order.kind,
        "created": china(order.created),
        "modified": china(order.modified),
    });
    for (name, at) in [("pay_time", order.paid), ("end_time", order.ended)] {
        if let Some(at) = at {
            all[name] = json!(china(at));
        }
    }
    let mut json = only(asked, "", all);
    let lines: Vec<Value> = order.lines.iter().map(|line| json_of_line(line, order, asked, shop)).collect();
    json["orders"] = json!({"order": lines});
    for private in ["buyer_nick", "buyer_email", "buyer_message", "buyer_alipay_no", "payment", "receiver_name", "receiver_address"] {
        json[private] = json!(format!("{CANARY} {private}"));
    }
    for private in ["receiver_mobile", "receiver_phone", "receiver_zip", "seller_memo", "alipay_no"] {
        json[private] = json!(format!("{CANARY} {private}"));
    }
    json
}

fn json_of_line(line: &Line, order: &Order, asked: &[&str], shop: &Shop) -> Value {
    let all = json!({
        "oid": id(line.id, shop),
        "num_iid": id(line.item, shop),
        "cid": 50_012_082,
        "title": line.title,
        "price": line.price,
        "num": line.count,
        "pic_path": "https://img.alicdn.com/sold.jpg",
        "status": order.status,
        "refund_status": line.refund,
    });
    let mut json = only(asked, "orders.", all);
    json["buyer_nick"] = json!(CANARY);
    json
}

/// What was asked for of `all`.
fn only(asked: &[&str], prefix: &str, all: Value) -> Value {
    let Value::Object(all) = all else { panic!("an object") };
    let is_asked = |name: &String| asked.iter().any(|field| field.strip_prefix(prefix).is_some_and(|field| field == name));
    Value::Object(all.into_iter().filter(|(name, _)| is_asked(name)).collect::<Map<String, Value>>())
}

fn page<T>(fields: &Fields, all: Vec<T>, most: usize) -> Result<Vec<T>, Value> {
    let (size, number) = (count(fields, "page_size", 40), count(fields, "page_no", 1));
    if size == 0 || size > most || number == 0 {
        return Err(refusal(41, "isv.invalid-parameter:page_size", ""));
    }
    Ok(all.into_iter().skip((number - 1) * size).take(size).collect())
}

fn count(fields: &Fields, name: &str, usual: usize) -> usize {
    fields.get(name).map_or(usual, |text| text.parse().unwrap_or(0))
}

/// Between which times; not more than three months ago, and at most `span` apart.
fn range(fields: &Fields, from: &str, to: &str, shop: &Shop, span: SignedDuration) -> Result<(Timestamp, Timestamp), Value> {
    let wrong = || refusal(41, "isv.invalid-parameter:time", "");
    let at = |name: &str| fields.get(name).and_then(|text| time(text)).ok_or_else(wrong);
    let (from, to) = (at(from)?, at(to)?);
    let is_recent = shop.now.unwrap_or(shop.asked_at).duration_since(from) <= SignedDuration::from_hours(24 * 90);
    (from < to && to.duration_since(from) <= span && is_recent).then_some((from, to)).ok_or_else(wrong)
}

fn id(id: u64, shop: &Shop) -> Value {
    if shop.ids_as_text { json!(id.to_string()) } else { json!(id) }
}

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("a zone")
}

fn china(at: Timestamp) -> String {
    let at = at.to_zoned(shanghai());
    format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute(), at.second())
}

fn time(text: &str) -> Option<Timestamp> {
    let at: DateTime = text.replace(' ', "T").parse().ok()?;
    (text.len() == 19).then(|| at.to_zoned(shanghai()).expect("a time").timestamp())
}

/// The token address (RFC 6749, 4.1.3 and 6).
async fn token(State(shop): State<Arc<Mutex<Shop>>>, body: axum::body::Bytes) -> Response {
    let shop = &mut *shop.lock().expect("the shop");
    let fields = form(&body);
    let error = |error: &str| (StatusCode::BAD_REQUEST, reply(&json!({"error": error, "error_description": CANARY}))).into_response();
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|given| given == value);
    if !is("client_id", APP_KEY) || !is("client_secret", APP_SECRET) {
        return error("invalid_client");
    }
    let (granted, kept) = match fields.get("grant_type").map(String::as_str) {
        Some("authorization_code") if is("redirect_uri", "https://post.example/consent/taobao") => (fields.get("code"), &mut shop.codes),
        Some("refresh_token") => (fields.get("refresh_token"), &mut shop.refreshes),
        _ => return error("invalid_request"),
    };
    let Some(at) = granted.and_then(|granted| kept.iter().position(|own| own == granted)) else { return error("invalid_grant") };
    kept.remove(at);
    let tokens = json!({
        "access_token": shop.session,
        "token_type": "Bearer",
        "expires_in": 86_400,
        "refresh_token": "refresh-2",
        "re_expires_in": shop.renewable_seconds,
        "r1_expires_in": 86_400,
        "r2_expires_in": 259_200,
        "w1_expires_in": 86_400,
        "w2_expires_in": 1_800,
        "taobao_user_nick": "%E8%8C%B6%E5%A3%B6%E5%B0%8F%E5%BA%97",
        "taobao_user_id": CANARY,
    });
    reply(&tokens)
}

impl Canary for Taobao {
    fn platform(&self) -> &'static str {
        "taobao"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        settings.taobao = self.settings();
        self.shop(|shop| shop.now = None);
    }

    fn typed(&self) -> String {
        NICK.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(SESSION)))
    }

    fn trades(&self) {
        self.shop(|shop| {
            let at = shop.asked_at;
            shop.items.push(Item::new(90_001, "Teapot of clay", at));
            shop.orders.push(Order::paid(90_002, "Teapot of glass", at));
        });
    }
}
