//! Paipai as it was until the end of 2015: signed like OAuth 1.0a, money in fen. How far its clock could be
//! off, how long its pages were and what its errors' codes were is not known any more; ten minutes, forty
//! entries and made-up codes with its words stand for them.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::extract::Request;
use axum::extract::State;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz;
use jiff::tz::TimeZone;
use serde_json::Value;
use serde_json::json;
use sha1::Sha1;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;

pub const KEY: &str = "700000001";
pub const SECRET: &str = "appkey";
pub const TOKEN: &str = "tok";
pub const SELLER: &str = "855000188";

/// What the seller offers.
#[derive(Clone)]
pub struct Item {
    pub code: String,
    pub title: String,
    pub state: &'static str,
    pub fen: u64,
    pub stock: u32,
    pub modified: Timestamp,
}

/// What was ordered.
#[derive(Clone)]
pub struct Deal {
    pub code: String,
    pub state: &'static str,
    pub paid_at: Option<Timestamp>,
    pub modified: Timestamp,
    /// Item, title, fen, how many.
    pub lines: Vec<(String, String, u64, u32)>,
}

/// The fake.
pub struct Paipai {
    pub wire: Wire,
    books: Arc<Mutex<Books>>,
}

#[derive(Default)]
struct Books {
    now: Option<Timestamp>,
    items: Vec<Item>,
    deals: Vec<Deal>,
    is_over: bool,
    error: Option<(u32, &'static str)>,
}

impl Books {
    #[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
    fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }
}

impl Paipai {
    /// A seller who has nothing yet.
    pub async fn start() -> Self {
        let books = Arc::<Mutex<Books>>::default();
        let routes = Router::new().fallback(call).with_state(Arc::clone(&books));
        Self { wire: Wire::start(routes).await, books }
    }

    /// Stops its clock.
    pub fn set_clock(&self, now: Timestamp) {
        self.books().now = Some(now);
    }

    /// Offers something, or changes what is offered.
    pub fn offer(&self, item: Item) {
        let mut books = self.books();
        books.items.retain(|other| other.code != item.code);
        books.items.push(item);
    }

    /// Takes a deal, or changes it.
    pub fn deal(&self, deal: Deal) {
        let mut books = self.books();
        books.deals.retain(|other| other.code != deal.code);
        books.deals.push(deal);
    }

    /// Ends the token.
    pub fn end_token(&self) {
        self.books().is_over = true;
    }

    /// Answers each call with this error; none: as it should be.
    pub fn fail_with(&self, error: Option<(u32, &'static str)>) {
        self.books().error = error;
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("the books")
    }
}

impl Canary for Paipai {
    fn platform(&self) -> &'static str {
        "paipai"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        KEY.clone_into(&mut settings.paipai.app_key);
        settings.paipai.app_secret = Secret::new(SECRET);
        settings.paipai.address = self.wire.url();
    }

    fn typed(&self) -> String {
        SELLER.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(TOKEN)))
    }

    fn trades(&self) {
        let now = self.books().now();
        let code = "9C66F63200000000001C39E8068FB41D".to_owned();
        self.offer(Item {
            code: code.clone(),
            title: "Teapot on offer".to_owned(),
            state: "IS_FOR_SALE",
            fen: 8_990,
            stock: 3,
            modified: now,
        });
        let lines = vec![(code, "Teapot sold".to_owned(), 8_990, 1)];
        let deal = format!("{SELLER}-20260303-363110299");
        self.deal(Deal { code: deal, state: "DS_WAIT_SELLER_DELIVERY", paid_at: Some(now), modified: now, lines });
    }
}

type Fields = BTreeMap<String, String>;
type Answer = Result<Value, (u32, &'static str)>;

const WRONG: (u32, &str) = (4, "参数错误");

async fn call(State(books): State<Arc<Mutex<Books>>>, request: Request) -> String {
    let query = request.uri().query().unwrap_or_default();
    let books = books.lock().expect("the books");
    let error = |(code, words): (u32, &str)| json!({"errorCode": code, "errorMessage": format!("{words} {CANARY}")});
    answered(&books, request.method().as_str(), request.uri().path(), query).unwrap_or_else(error).to_string()
}

fn answered(books: &Books, method: &str, path: &str, query: &str) -> Answer {
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    let fields: Fields = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or(WRONG);
    if field("appOAuthID")? != KEY {
        return Err((11, "appOAuthID 不存在"));
    }
    if field("sign")? != signature(method, path, &fields) || !names.is_sorted() {
        return Err((12, "签名错误"));
    }
    let then = Timestamp::from_millisecond(field("timeStamp")?.parse().map_err(|_| WRONG)?).map_err(|_| WRONG)?;
    if then.duration_since(books.now()).abs() > SignedDuration::from_mins(10) {
        return Err((13, "timeStamp 过期"));
    }
    if let Some(error) = books.error {
        return Err(error);
    }
    if books.is_over || field("accessToken")? != TOKEN {
        return Err((14, "accessToken 无效"));
    }
    if field("uin")? != SELLER || field("sellerUin")? != SELLER {
        return Err((15, "uin 不匹配"));
    }
    if field("format")? != "json" || field("charset")? != "utf-8" || field("randomValue")?.parse::<u64>().is_err() {
        return Err(WRONG);
    }
    match path {
        "/item/sellerSearchItemList.xhtml" => items(books, &fields),
        "/deal/sellerSearchDealList.xhtml" => deals(books, &fields),
        _ => Err((16, "接口不存在")),
    }
}

fn signature(method: &str, path: &str, fields: &Fields) -> String {
    let pairs: Vec<String> = fields.iter().filter(|(name, _)| *name != "sign").map(|(name, value)| format!("{name}={value}")).collect();
    let text = format!("{method}&{}&{}", encoded(path), encoded(&pairs.join("&")));
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(format!("{SECRET}&").as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn zone() -> TimeZone {
    TimeZone::fixed(tz::offset(8))
}

fn time(fields: &Fields, name: &str) -> Result<Option<Timestamp>, (u32, &'static str)> {
    let Some(text) = fields.get(name) else { return Ok(None) };
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).map_err(|_| WRONG)?;
    Ok(Some(time.to_zoned(zone()).map_err(|_| WRONG)?.timestamp()))
}

fn written(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "1970-01-01 08:00:00".to_owned(), |at| at.to_zoned(zone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn is_within(at: Timestamp, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    from.is_none_or(|from| at.as_second() >= from.as_second()) && to.is_none_or(|to| at.as_second() <= to.as_second())
}

fn answer(fields: &Fields, name: &str, all: &[Value]) -> Answer {
    let number = |name: &str| fields.get(name).and_then(|value| value.parse::<usize>().ok()).filter(|number| *number > 0).ok_or(WRONG);
    let (index, size) = (number("pageIndex")?, number("pageSize")?);
    if size > 40 {
        return Err(WRONG);
    }
    let page: Vec<&Value> = all.iter().skip((index - 1) * size).take(size).collect();
    Ok(json!({"errorCode": 0, "errorMessage": "", "sellerUin": 855_000_188, "countTotal": all.len(), "pageIndex": index,
        "pageTotal": all.len().div_ceil(size), name: page}))
}

fn items(books: &Books, fields: &Fields) -> Answer {
    let (from, to) = (time(fields, "modifyTimeBegin")?, time(fields, "modifyTimeEnd")?);
    let json = |item: &Item| {
        json!({"itemCode": item.code, "itemName": item.title, "itemState": item.state, "itemPrice": item.fen, "classId": 29_051,
            "picLink": "https://img.example/teapot.jpg", "stockCount": item.stock, "createTime": written(Some(item.modified)),
            "lastModifyTime": written(Some(item.modified)), "visitCount": 7})
    };
    let found: Vec<Value> = books.items.iter().filter(|item| is_within(item.modified, from, to)).map(json).collect();
    answer(fields, "itemList", &found)
}

fn deals(books: &Books, fields: &Fields) -> Answer {
    let (from, to) = (time(fields, "timeBegin")?, time(fields, "timeEnd")?);
    if fields.get("timeType").map(String::as_str) != Some("UPDATE") || from.is_none() || to.is_none() {
        return Err(WRONG);
    }
    let has_lines = fields.get("listItem").map(String::as_str) == Some("1");
    let line = |(item, title, fen, count): &(String, String, u64, u32)| json!({"itemCode": item, "itemName": title, "itemPic80": "https://img.example/80.jpg", "itemDealPrice": fen, "itemDealCount": count});
    let json = |deal: &Deal| {
        let lines: Vec<Value> = deal.lines.iter().filter(|_| has_lines).map(line).collect();
        json!({"dealCode": deal.code, "dealState": deal.state, "dealRateState": "", "buyerName": CANARY, "buyerUin": CANARY,
            "receiverAddress": CANARY, "receiverMobile": CANARY, "receiverName": CANARY, "receiverPhone": CANARY, "buyerRemark": CANARY,
            "payTime": written(deal.paid_at), "createTime": written(Some(deal.modified)), "totalCash": 8_990, "itemList": lines})
    };
    let found: Vec<Value> = books.deals.iter().filter(|deal| is_within(deal.modified, from, to)).map(json).collect();
    answer(fields, "dealList", &found)
}
