//! The gateway of Pinduoduo with one shop behind it. It recomputes every signature, and holds the caller
//! to clock, pages and spans. The orders hold all that the real ones hold of a buyer.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use md5::Digest;
use md5::Md5;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::pinduoduo::PinduoduoSettings;
use tradepost::values::Secret;

/// The number of the shop.
pub const MALL: &str = "700001";
/// What it is called.
pub const NAME: &str = "拼拼茶具";
/// Its merchant's token.
pub const TOKEN: &str = "asd78172s8ds9a921j9qqwda12312w1w21211";
const APP_KEY: &str = "client-1";
const APP_SECRET: &str = "pinduoduo-app-secret";

type Fields = BTreeMap<String, String>;
type Happening = Box<dyn FnOnce(&mut Shop) + Send>;

/// The fake.
pub struct Pinduoduo {
    /// What it stands on.
    pub wire: Wire,
    shop: Arc<Mutex<Shop>>,
}

/// What stands behind the gateway.
pub struct Shop {
    /// Its clock; none: that of whoever asked last.
    pub now: Option<Timestamp>,
    /// What it has.
    pub goods: Vec<Goods>,
    /// What was ordered.
    pub orders: Vec<Order>,
    /// The token that holds.
    pub token: String,
    /// Methods that the app may not call.
    pub forbidden: Vec<&'static str>,
    /// Calls that came, in order.
    pub calls: Vec<Fields>,
    refusals: BTreeMap<usize, u32>,
    happenings: BTreeMap<usize, Happening>,
    asked_at: Timestamp,
    codes: Vec<String>,
    refreshes: Vec<String>,
}

/// Goods of the shop.
#[derive(Clone)]
pub struct Goods {
    pub id: u64,
    pub title: String,
    pub created: Timestamp,
    pub on_sale: bool,
    /// Of each kind: the price for a group, and whether it is on sale.
    pub prices: Vec<(&'static str, bool)>,
}

/// An order of one kind of goods or more.
#[derive(Clone)]
pub struct Order {
    pub number: String,
    pub confirmed: Timestamp,
    pub refund: u32,
    pub by_lot: bool,
    pub lines: Vec<Line>,
}

/// A line of an order.
#[derive(Clone)]
pub struct Line {
    pub goods: u64,
    pub sku: u64,
    pub title: String,
    /// A number of JSON.
    pub price: &'static str,
    pub count: u32,
}

impl Goods {
    /// Goods on sale, for 39.90 yuan.
    pub fn new(id: u64, title: &str, created: Timestamp) -> Self {
        Self { id, title: title.to_owned(), created, on_sale: true, prices: vec![("39.90", true)] }
    }
}

impl Order {
    /// One of one piece.
    pub fn new(number: &str, title: &str, confirmed: Timestamp) -> Self {
        let line = Line { goods: 8_001, sku: 9_007_199_254_740_993, title: title.to_owned(), price: "25.1", count: 1 };
        Self { number: number.to_owned(), confirmed, refund: 1, by_lot: false, lines: vec![line] }
    }
}

impl Pinduoduo {
    /// A gateway whose clock stands at `now`, with an empty shop.
    pub async fn start(now: Timestamp) -> Self {
        let shop = Arc::new(Mutex::new(Shop {
            now: Some(now),
            goods: Vec::new(),
            orders: Vec::new(),
            token: TOKEN.to_owned(),
            forbidden: Vec::new(),
            calls: Vec::new(),
            refusals: BTreeMap::new(),
            happenings: BTreeMap::new(),
            asked_at: now,
            codes: vec!["good-once".to_owned()],
            refreshes: vec!["refresh-1".to_owned()],
        }));
        let routes = Router::new().route("/api/router", post(gateway)).with_state(Arc::clone(&shop));
        Self { wire: Wire::start(routes).await, shop }
    }

    /// Settings that lead here.
    pub fn settings(&self) -> PinduoduoSettings {
        PinduoduoSettings {
            app_key: APP_KEY.to_owned(),
            app_secret: Secret::new(APP_SECRET),
            gateway: self.wire.url().join("api/router").expect("an address"),
            consent_page: self.wire.url().join("service-market/auth").expect("an address"),
            ..PinduoduoSettings::default()
        }
    }

    /// Looks at, or changes, what stands behind the gateway.
    pub fn shop<T>(&self, change: impl FnOnce(&mut Shop) -> T) -> T {
        change(&mut self.shop.lock().expect("the shop"))
    }

    /// Has the call after `more` further ones refused.
    pub fn refuses_after(&self, more: usize, code: u32) {
        self.shop(|shop| shop.refusals.insert(shop.calls.len() + more, code));
    }

    /// Has something happen just before the call after `more` further ones is answered.
    pub fn happens_after(&self, more: usize, happening: impl FnOnce(&mut Shop) + Send + 'static) {
        self.shop(|shop| shop.happenings.insert(shop.calls.len() + more, Box::new(happening)));
    }

    /// The methods that were called, in order.
    pub fn methods(&self) -> Vec<String> {
        self.shop(|shop| shop.calls.iter().map(|call| call["type"].clone()).collect())
    }
}

async fn gateway(State(shop): State<Arc<Mutex<Shop>>>, body: axum::body::Bytes) -> Response {
    let shop = &mut *shop.lock().expect("the shop");
    let fields: Fields = url::form_urlencoded::parse(&body).into_owned().collect();
    let number = shop.calls.len();
    shop.calls.push(fields.clone());
    if let Some(happening) = shop.happenings.remove(&number) {
        happening(shop);
    }
    let refused = shop.refusals.remove(&number).map_or(Ok(()), Err);
    let answer = refused.and_then(|()| checked(&fields, shop)).and_then(|()| answered(&fields, shop));
    let json = answer.unwrap_or_else(|code| {
        let error = json!({"error_code": code, "error_msg": CANARY, "sub_code": null, "sub_msg": CANARY, "request_id": "x"});
        json!({"error_response": error})
    });
    ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], json.to_string()).into_response()
}

/// What the gateway checks of every call.
fn checked(fields: &Fields, shop: &mut Shop) -> Result<(), u32> {
    let get = |name: &str| fields.get(name).map_or("", String::as_str);
    if get("client_id") != APP_KEY {
        return Err(10_016);
    }
    if get("sign") != signature(fields) {
        return Err(20_004);
    }
    let at = get("timestamp").parse().map_err(|_| 10_001_u32)?;
    shop.asked_at = Timestamp::from_second(at).map_err(|_| 10_001_u32)?;
    if shop.now.is_some_and(|now| (now.as_second() - at).abs() > 600) || !matches!(get("data_type"), "" | "JSON") {
        return Err(10_001);
    }
    let method = get("type");
    if shop.forbidden.contains(&method) {
        return Err(20_031);
    }
    let needs_token = !method.starts_with("pdd.pop.auth.token.");
    if needs_token && get("access_token") != shop.token {
        return Err(10_019);
    }
    Ok(())
}

fn signature(fields: &Fields) -> String {
    let mut hash = Md5::new();
    hash.update(APP_SECRET);
    for (name, value) in fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty()) {
        hash.update(name);
        hash.update(value);
    }
    hash.update(APP_SECRET);
    hex::encode_upper(hash.finalize())
}

fn answered(fields: &Fields, shop: &mut Shop) -> Result<Value, u32> {
    match fields.get("type").map_or("", String::as_str) {
        "pdd.mall.info.get" => {
            let mall: u64 = MALL.parse().expect("a number");
            Ok(json!({"mall_info_get_response": {"mall_id": mall, "mall_name": NAME, "mall_desc": CANARY, "merchant_type": 1}}))
        }
        "pdd.goods.list.get" => goods_list(fields, shop),
        "pdd.goods.information.get" => goods_information(fields, shop),
        "pdd.order.basic.list.get" => order_list("order_basic_list_get_response", false, fields, shop),
        "pdd.order.list.get" => order_list("order_list_get_response", true, fields, shop),
        "pdd.pop.auth.token.create" => tokens("pop_auth_token_create_response", fields.get("code"), &mut shop.codes, &shop.token),
        "pdd.pop.auth.token.refresh" => {
            tokens("pop_auth_token_refresh_response", fields.get("refresh_token"), &mut shop.refreshes, &shop.token)
        }
        _ => Err(10_017),
    }
}

fn goods_list(fields: &Fields, shop: &Shop) -> Result<Value, u32> {
    let on_sale = fields.get("is_onsale").map(|on_sale| on_sale == "1");
    let goods: Vec<&Goods> = shop.goods.iter().filter(|goods| on_sale.is_none_or(|on_sale| goods.on_sale == on_sale)).collect();
    let total = goods.len();
    let page: Vec<Value> = page(fields, goods)?.into_iter().map(json_of_goods).collect();
    Ok(json!({"goods_list_get_response": {"goods_list": page, "total_count": total}}))
}

fn json_of_goods(goods: &Goods) -> Value {
    json!({
        "goods_id": goods.id,
        "goods_name": goods.title,
        "goods_quantity": 12,
        "created_at": goods.created.as_second(),
        "is_onsale": u8::from(goods.on_sale),
        "is_more_sku": 0,
        "image_url": "http://img.pddpic.com/large.jpg",
        "thumb_url": "http://img.pddpic.com/small.jpg",
        "sku_list": [{"sku_id": 1, "outer_id": CANARY, "is_sku_onsale": 1, "sku_quantity": 12}],
    })
}

fn goods_information(fields: &Fields, shop: &Shop) -> Result<Value, u32> {
    let id: u64 = fields.get("goods_id").and_then(|id| id.parse().ok()).ok_or(21_001_u32)?;
    let goods = shop.goods.iter().find(|goods| goods.id == id).ok_or(21_001_u32)?;
    let sku = |(price, on_sale): &(&str, bool)| json!({"sku_id": "1", "group_price": price, "single_price": "999.00", "is_sku_onsale": if *on_sale { "1" } else { "0" }});
    let skus: Vec<Value> = goods.prices.iter().map(sku).collect();
    let info = json!({
        "goods_id": id.to_string(),
        "goods_name": goods.title,
        "goods_category": "家居用品",
        "last_category": "茶壶",
        "is_onsale": "1",
        "sku_list": skus,
    });
    Ok(json!({"goods_info_get_response": {"goods_info": info}}))
}

fn order_list(name: &str, with_buyers: bool, fields: &Fields, shop: &Shop) -> Result<Value, u32> {
    let number = |name: &str| fields.get(name).and_then(|text| text.parse::<i64>().ok()).ok_or(21_002_u32);
    let (from, to) = (number("start_confirm_at")?, number("end_confirm_at")?);
    if from >= to || to - from > 86_400 || !matches!(number("order_status")?, 1..=3 | 5) {
        return Err(21_001);
    }
    let refund = number("refund_status")?;
    let in_range = |order: &&Order| {
        let at = order.confirmed.as_second();
        from <= at && at <= to && (refund == 5 || i64::from(order.refund) == refund)
    };
    let mut orders: Vec<&Order> = shop.orders.iter().filter(in_range).collect();
    orders.sort_by_key(|order| order.confirmed);
    let total = orders.len();
    let read = usize::try_from(number("page")? * number("page_size")?).map_err(|_| 21_001_u32)?;
    let page: Vec<Value> = page(fields, orders)?.into_iter().map(|order| json_of_order(order, with_buyers)).collect();
    let mut answer = json!({"order_list": page, "request_id": "x"});
    if fields.get("use_has_next").is_some_and(|has_next| has_next == "true") {
        answer["has_next"] = json!(read < total);
    } else {
        answer["total_count"] = json!(total);
    }
    Ok(json!({name: answer}))
}

fn json_of_order(order: &Order, with_buyers: bool) -> Value {
    let line = |line: &Line| {
        let price: Box<RawValue> = serde_json::from_str(line.price).expect("a number");
        json!({
            "goods_id": line.goods.to_string(),
            "sku_id": line.sku.to_string(),
            "goods_name": line.title,
            "goods_price": price,
            "goods_count": line.count,
            "goods_img": "http://img.pddpic.com/sold.jpg",
            "goods_spec": CANARY,
            "outer_id": CANARY,
        })
    };
    let lines: Vec<Value> = order.lines.iter().map(line).collect();
    let mut json = json!({
        "order_sn": order.number,
        "order_status": 1,
        "refund_status": order.refund,
        "is_lucky_flag": if order.by_lot { 2 } else { 1 },
        "confirm_time": china(order.confirmed),
        "updated_at": china(order.confirmed),
        "cat_id_1": 16, "cat_id_2": 1_602, "cat_id_3": 160_204, "cat_id_4": 0,
        "item_list": lines,
        "pay_amount": 25.1, "goods_amount": 25.1, "discount_amount": 0.0, "postage": 0.0,
    });
    if with_buyers {
        for private in ["receiver_name", "receiver_phone", "receiver_address", "address", "buyer_memo", "remark", "pay_no", "id_card_num"] {
            json[private] = json!(format!("{CANARY} {private}"));
        }
        for private in ["receiver_name_mask", "receiver_phone_mask", "tracking_number", "inner_transaction_id", "province", "city", "town"]
        {
            json[private] = json!(format!("{CANARY} {private}"));
        }
        json["card_info_list"] = json!([{"card_no": CANARY, "mask_password": CANARY}]);
    }
    json
}

fn tokens(name: &str, given: Option<&String>, kept: &mut Vec<String>, token: &str) -> Result<Value, u32> {
    let at = given.and_then(|given| kept.iter().position(|own| own == given)).ok_or(10_000_u32)?;
    kept.remove(at);
    let tokens = json!({
        "access_token": token,
        "expires_in": 86_400,
        "expires_at": 0,
        "refresh_token": "refresh-2",
        "refresh_token_expires_in": 2_592_000,
        "owner_id": MALL,
        "owner_name": CANARY,
        "scope": ["pdd.goods.list.get"],
    });
    Ok(json!({name: tokens}))
}

fn page<T>(fields: &Fields, all: Vec<T>) -> Result<Vec<T>, u32> {
    let number = |name: &str, usual: usize| fields.get(name).map_or(Ok(usual), |text| text.parse().map_err(|_| 21_001_u32));
    let (size, number) = (number("page_size", 100)?, number("page", 1)?);
    if size == 0 || size > 100 || number == 0 {
        return Err(21_001);
    }
    Ok(all.into_iter().skip((number - 1) * size).take(size).collect())
}

fn china(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::get("Asia/Shanghai").expect("a zone"));
    format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute(), at.second())
}

impl Canary for Pinduoduo {
    fn platform(&self) -> &'static str {
        "pinduoduo"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        settings.pinduoduo = self.settings();
        self.shop(|shop| {
            shop.now = None;
            shop.forbidden = vec!["pdd.order.basic.list.get"];
        });
    }

    fn typed(&self) -> String {
        NAME.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(TOKEN)))
    }

    fn trades(&self) {
        self.shop(|shop| {
            let at = shop.asked_at;
            shop.goods.push(Goods::new(90_001, "Teapot of clay", at));
            shop.orders.push(Order::new("260303-90002", "Teapot of glass", at));
        });
    }
}
