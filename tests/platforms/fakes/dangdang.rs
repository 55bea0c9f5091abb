//! Dangdang's gateway, as strict as documented: the signature over its own parameters, spans of 15 days,
//! pages of 5, 10, 15 or 20, versions that were ended. Its answers are XML in GBK. The codes of its errors
//! are not documented as a whole; its words are what they are.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use encoding_rs::GBK;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz;
use jiff::tz::TimeZone;
use md5::Digest;
use md5::Md5;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;

pub const KEY: &str = "1111111111";
pub const SECRET: &str = "SECRET";
pub const SESSION: &str = "SESS";

/// What a merchant offers.
#[derive(Clone)]
pub struct Item {
    pub id: u64,
    /// As it stands in the XML.
    pub title: String,
    pub is_offered: bool,
    pub price: &'static str,
    pub stock: u32,
    pub modified: Timestamp,
}

/// What was ordered.
#[derive(Clone)]
pub struct Order {
    pub id: u64,
    pub state: &'static str,
    pub paid_at: Option<Timestamp>,
    pub modified: Timestamp,
    /// Item, title, whether it is a gift, price, how many.
    pub lines: Vec<(u64, String, bool, &'static str, u32)>,
}

/// The fake.
pub struct Dangdang {
    pub wire: Wire,
    books: Arc<Mutex<Books>>,
}

#[derive(Default)]
struct Books {
    now: Option<Timestamp>,
    items: Vec<Item>,
    orders: Vec<Order>,
    is_over: bool,
    /// The code and the words that every call is answered with.
    error: Option<(&'static str, &'static str)>,
    /// An order that is not told of by itself.
    hidden: Option<u64>,
    methods: Vec<String>,
}

impl Books {
    #[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
    fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }
}

impl Dangdang {
    /// A merchant who has nothing yet.
    pub async fn start() -> Self {
        let books = Arc::<Mutex<Books>>::default();
        let routes = Router::new().route("/openapi/rest", get(call)).with_state(Arc::clone(&books));
        Self { wire: Wire::start(routes).await, books }
    }

    /// Stops its clock.
    pub fn set_clock(&self, now: Timestamp) {
        self.books().now = Some(now);
    }

    /// Offers something, or changes what is offered.
    pub fn offer(&self, item: Item) {
        let mut books = self.books();
        books.items.retain(|other| other.id != item.id);
        books.items.push(item);
    }

    /// Takes an order, or changes it.
    pub fn order(&self, order: Order) {
        let mut books = self.books();
        books.orders.retain(|other| other.id != order.id);
        books.orders.push(order);
    }

    /// Ends the session.
    pub fn end_session(&self) {
        self.books().is_over = true;
    }

    /// Answers each call with this error; none: as it should be.
    pub fn fail_with(&self, error: Option<(&'static str, &'static str)>) {
        self.books().error = error;
    }

    /// Tells of an order in the list only.
    pub fn hide(&self, order: u64) {
        self.books().hidden = Some(order);
    }

    /// What was called, in order.
    pub fn methods(&self) -> Vec<String> {
        self.books().methods.clone()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("the books")
    }
}

impl Canary for Dangdang {
    fn platform(&self) -> &'static str {
        "dangdang"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        KEY.clone_into(&mut settings.dangdang.app_key);
        settings.dangdang.app_secret = Secret::new(SECRET);
        settings.dangdang.address = self.wire.url().join("openapi/rest").expect("an address");
    }

    fn typed(&self) -> String {
        "茶壶专营店".to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        Some(Credentials::new(Secret::new(SESSION)))
    }

    fn trades(&self) {
        let now = self.books().now();
        let title = "Teapot on offer".to_owned();
        self.offer(Item { id: 1_012_288_099, title, is_offered: true, price: "89.90", stock: 3, modified: now });
        let lines = vec![(1_012_288_099, "Teapot sold".to_owned(), false, "89.90", 1)];
        self.order(Order { id: 37_413_542_299, state: "101", paid_at: Some(now), modified: now, lines });
    }
}

type Fields = BTreeMap<String, String>;
type Answer = Result<String, (&'static str, &'static str)>;

async fn call(State(books): State<Arc<Mutex<Books>>>, RawQuery(query): RawQuery) -> Response {
    let fields = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let body = answered(&mut books.lock().expect("the books"), &fields).unwrap_or_else(|(code, words)| {
        format!("<errorResponse><errorCode>{code}</errorCode><errorMessage>{words} {CANARY}</errorMessage></errorResponse>")
    });
    let xml = format!("<?xml version=\"1.0\" encoding=\"GBK\" standalone=\"yes\"?>\n{body}");
    ([(header::CONTENT_TYPE, "text/xml;charset=GBK")], GBK.encode(&xml).0.into_owned()).into_response()
}

fn answered(books: &mut Books, fields: &Fields) -> Answer {
    let field =
        |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or(("4000", "missing required arguments"));
    let method = field("method")?;
    if field("app_key")? != KEY {
        return Err(("22", "app_key不存在"));
    }
    if field("sign")? != signature(fields) {
        return Err(("23", "签名错误"));
    }
    let off = read(field("timestamp")?)?.duration_since(books.now()).abs();
    if off > SignedDuration::from_mins(10) || field("format")? != "xml" || field("sign_method")? != "md5" {
        return Err(("24", "timestamp无效"));
    }
    if let Some(error) = books.error {
        return Err(error);
    }
    if books.is_over || field("session")? != SESSION {
        return Err(("25", "无效的session"));
    }
    books.methods.push(method.to_owned());
    match (method, field("v")?) {
        ("dangdang.orders.list.get", "3.0") => orders(books, fields),
        ("dangdang.order.details.get", "4.0") => Ok(details(books, field("o")?)),
        ("dangdang.items.list.get", "2.0") => items(books, fields),
        ("dangdang.orders.list.get" | "dangdang.order.details.get" | "dangdang.items.list.get", _) => Err(("26", "版本已下线")),
        _ => Err(("27", "方法不存在")),
    }
}

/// Over the parameters of the gateway, not over those of the method.
fn signature(fields: &Fields) -> String {
    let signed = ["app_key", "format", "method", "session", "sign_method", "timestamp", "v"];
    let pairs = signed.map(|name| [name, fields.get(name).map_or("", String::as_str)].concat()).concat();
    hex::encode_upper(Md5::digest([SECRET, &pairs, SECRET].concat()))
}

fn zone() -> TimeZone {
    TimeZone::fixed(tz::offset(8))
}

fn read(text: &str) -> Result<Timestamp, (&'static str, &'static str)> {
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).map_err(|_| ("4001", "invalid arguments"))?;
    Ok(time.to_zoned(zone()).map_err(|_| ("4001", "invalid arguments"))?.timestamp())
}

fn written(at: Timestamp, format: &str) -> String {
    at.to_zoned(zone()).strftime(format).to_string()
}

/// The entries of a page, and how many there are on all.
fn page<T>(fields: &Fields, all: Vec<T>) -> Result<(Vec<T>, usize, usize), (&'static str, &'static str)> {
    let number = |name: &str| fields.get(name).and_then(|value| value.parse::<usize>().ok()).ok_or(("4001", "invalid arguments"));
    let (number, size, total) = (number("p")?, number("pageSize")?, all.len());
    if number == 0 || ![5, 10, 15, 20].contains(&size) {
        return Err(("4001", "invalid arguments"));
    }
    Ok((all.into_iter().skip((number - 1) * size).take(size).collect(), total, total.div_ceil(size)))
}

fn orders(books: &Books, fields: &Fields) -> Answer {
    let time = |name: &str| fields.get(name).ok_or(("4000", "missing required arguments")).and_then(|text| read(text));
    let (from, to) = (time("lastModifyTime_start")?, time("lastModifyTime_end")?);
    if from > to || to.duration_since(from) > SignedDuration::from_hours(15 * 24) {
        return Err(("4001", "invalid arguments"));
    }
    let state = fields.get("os").map_or("101", String::as_str);
    let floor = |at: Timestamp| at.as_second();
    let is_asked = |order: &&Order| {
        (state == "9999" || state == order.state) && floor(from) <= floor(order.modified) && floor(order.modified) <= floor(to)
    };
    let (page, total, pages) = page(fields, books.orders.iter().filter(is_asked).collect())?;
    let mut list = String::new();
    for order in page {
        let (id, state) = (order.id, order.state);
        write!(
            list,
            "<OrderInfo><orderID>{id}</orderID><consigneeName>{CANARY}</consigneeName><consigneeTel>{CANARY}</consigneeTel>\
             <consigneeMobileTel>{CANARY}</consigneeMobileTel><consigneeAddr>{CANARY}</consigneeAddr><orderMoney>89.90</orderMoney>\
             <lastModifyTime>{}</lastModifyTime><orderState>{state}</orderState><remark>{CANARY}</remark>{}</OrderInfo>",
            written(order.modified, "%Y-%m-%d %H:%M:%S"),
            paid(order)
        )
        .expect("text");
    }
    let total = format!("<sendGoodsOrderCount>0</sendGoodsOrderCount><orderCount>{total}</orderCount><pageTotal>{pages}</pageTotal>");
    Ok(format!("<response><functionID>searchOrders</functionID><totalInfo>{total}</totalInfo><OrdersList>{list}</OrdersList></response>"))
}

fn paid(order: &Order) -> String {
    let nil = r#"<paymentDate xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>"#;
    order.paid_at.map_or_else(|| nil.to_owned(), |at| format!("<paymentDate>{}</paymentDate>", written(at, "%Y-%m-%d %H:%M:%S")))
}

fn details(books: &Books, id: &str) -> String {
    let order = books.orders.iter().find(|order| order.id.to_string() == id && books.hidden != Some(order.id));
    let Some(order) = order else {
        return format!(
            "<response><functionID>getOrderDetail</functionID><Error><operCode>51</operCode><operation>{CANARY}</operation></Error></response>"
        );
    };
    let mut list = String::new();
    for (item, title, is_gift, price, count) in &order.lines {
        write!(
            list,
            "<ItemInfo><itemID>{item}</itemID><outerItemID>x</outerItemID><itemName><![CDATA[{title}]]></itemName><itemType>{}</itemType>\
             <unitPrice>{price}</unitPrice><orderCount>{count}</orderCount><productItemId>9</productItemId></ItemInfo>",
            u32::from(*is_gift)
        )
        .expect("text");
    }
    format!(
        "<response><functionID>getOrderDetail</functionID><orderID>{id}</orderID><orderState>{}</orderState><message>{CANARY}</message>\
         <remark>{CANARY}</remark><lastModifyTime>{}</lastModifyTime>{}<receiptName>{CANARY}</receiptName><buyerInfo>\
         <buyerPayMode>{CANARY}</buyerPayMode></buyerInfo><sendGoodsInfo><dangdangAccountID>{CANARY}</dangdangAccountID>\
         <consigneeName>{CANARY}</consigneeName></sendGoodsInfo><ItemsList>{list}</ItemsList></response>",
        order.state,
        written(order.modified, "%Y-%m-%d %H:%M:%S"),
        paid(order)
    )
}

fn items(books: &Books, fields: &Fields) -> Answer {
    let state = fields.get("its").map_or("9999", String::as_str);
    let day = |item: &Item| written(item.modified, "%Y-%m-%d");
    let is_asked = |item: &&Item| {
        let from = fields.get("mts").is_none_or(|from| day(item) >= *from);
        from && fields.get("mte").is_none_or(|to| day(item) <= *to) && state == "9999"
    };
    let (page, total, pages) = page(fields, books.items.iter().filter(is_asked).collect())?;
    let mut list = String::new();
    for item in page {
        write!(
            list,
            "<ItemInfo><itemID>{}</itemID><itemName>{}</itemName><model>x</model><stockCount>{}</stockCount><itemState>{}</itemState>\
             <unitPrice>{}</unitPrice><updateTime>{}</updateTime></ItemInfo>",
            item.id,
            item.title,
            item.stock,
            if item.is_offered { "上架" } else { "下架" },
            item.price,
            written(item.modified, "%Y-%m-%d %H:%M:%S")
        )
        .expect("text");
    }
    let total = format!("<itemsCount>{total}</itemsCount><pageSize>20</pageSize><pageTotal>{pages}</pageTotal>");
    // An empty list is left out.
    let list = if list.is_empty() { list } else { format!("<ItemsList>{list}</ItemsList>") };
    Ok(format!("<response><functionID>dangdang.items.list.get</functionID><totalInfo>{total}</totalInfo>{list}</response>"))
}
