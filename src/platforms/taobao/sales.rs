//! What a shop sold: first the orders of the last days, then what was modified of any, in windows of at
//! most a day. Nothing of a buyer is asked for.

use super::Found;
use super::listings;
use super::top::Top;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::gateway;
use crate::platforms::gateway::Loose;
use crate::platforms::gateway::Window;
use crate::platforms::title;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Orders on a page, as many as there may be.
const PAGE: usize = 100;
/// Pages read in one fetch.
const PAGES: usize = 10;
/// How many days' orders are looked at when an account is added.
const FIRST: SignedDuration = SignedDuration::from_hours(24 * 7);
/// What is asked of an order: its times and states, and of its lines the products.
const FIELDS: &str = "tid,status,modified,pay_time,end_time,orders.oid,orders.num_iid,orders.cid,orders.title,orders.price,orders.num,\
                      orders.pic_path,orders.status,orders.refund_status";
/// All types of orders, since the gateway leaves most out where none is named.
const TYPES: &str = "fixed,auction,guarantee_trade,step,independent_simple_trade,independent_shop_trade,auto_delivery,ec,cod,\
                     game_equipment,shopex_trade,netcn_trade,external_trade,instant_trade,b2c_cod,hotel_trade,super_market_trade,\
                     super_market_cod_trade,taohua,waimai,nopaid,eticket,tmall_i18n";
/// The states of what has been paid.
const PAID: [&str; 5] =
    ["WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED"];
/// The states of a refund that is none, or not any more.
const NOT_REFUNDED: [&str; 3] = ["", "NO_REFUND", "CLOSED"];

/// How far the orders have been read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// Since when sales are told: what was paid before, is no news when it is sent off.
    #[serde(skip_serializing_if = "Option::is_none")]
    begun_at: Option<Timestamp>,
    /// What was modified until then is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// A window that the last fetch did not come to the end of.
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<Reading>,
}

/// A window, from its last page to its first: an order that is modified meanwhile leaves it, and what
/// lies behind it moves up to a page that is still to be read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Reading {
    window: Window,
    /// The next page; none: it is not known yet how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<usize>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    total_results: usize,
    #[serde(default)]
    has_next: bool,
    /// Left out where nothing was found.
    #[serde(default)]
    trades: Orders,
}

#[derive(Default, Deserialize)]
struct Orders {
    #[serde(default)]
    trade: Vec<Order>,
}

#[derive(Deserialize)]
struct Order {
    tid: Loose,
    #[serde(default)]
    status: String,
    #[serde(default)]
    modified: Loose,
    #[serde(default)]
    pay_time: Loose,
    #[serde(default)]
    end_time: Loose,
    #[serde(default)]
    orders: Lines,
}

#[derive(Default, Deserialize)]
struct Lines {
    #[serde(default)]
    order: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    oid: Loose,
    title: String,
    #[serde(default)]
    num_iid: Loose,
    #[serde(default)]
    cid: Loose,
    #[serde(default)]
    price: Loose,
    #[serde(default)]
    num: Loose,
    #[serde(default)]
    pic_path: Loose,
    #[serde(default)]
    status: Loose,
    #[serde(default)]
    refund_status: Loose,
}

/// Reads the orders, or the next pages of them.
pub(super) async fn read(top: &Top<'_>, state: &mut State, is_tmall: bool, found: &mut Found) -> Result<(), FetchError> {
    let (Some(begun_at), Some(until)) = (state.begun_at, state.until) else { return first(top, state, is_tmall, found).await };
    let mut until = until;
    for _ in 0..PAGES {
        let mut reading = state.reading.take().unwrap_or_else(|| Reading { window: Window::after(until, top.now), page: None });
        let answer = modified(top, &reading).await?;
        let pages = answer.total_results.div_ceil(PAGE);
        let next = match reading.page {
            None if pages > 1 => Some(pages),
            page => {
                let orders = &answer.trades.trade;
                found.trades.extend(orders.iter().flat_map(|order| sales(order, begun_at, is_tmall, top.now)));
                page.map(|page| page - 1).filter(|page| *page > 0)
            }
        };
        if next.is_some() {
            reading.page = next;
            state.reading = Some(reading);
            continue;
        }
        until = reading.window.to;
        state.until = Some(until);
        if until >= top.now {
            return Ok(());
        }
    }
    found.more = true;
    Ok(())
}

/// The orders of the last days, as far as they are read: those that are missing were paid before, and
/// are never told.
async fn first(top: &Top<'_>, state: &mut State, is_tmall: bool, found: &mut Found) -> Result<(), FetchError> {
    let from = top.now - FIRST;
    for page in 1..=PAGES {
        let range = [("start_created", gateway::china_time(from)), ("end_created", gateway::china_time(top.now))];
        let answer = orders(top, "taobao.trades.sold.get", range, page, true).await?;
        found.trades.extend(answer.trades.trade.iter().flat_map(|order| sales(order, from, is_tmall, top.now)));
        if !answer.has_next {
            break;
        }
    }
    *state = State { begun_at: Some(gateway::overlapping(top.now)), until: Some(top.now), reading: None };
    Ok(())
}

async fn modified(top: &Top<'_>, reading: &Reading) -> Result<Answer, FetchError> {
    let Window { from, to } = reading.window;
    let range = [("start_modified", gateway::china_time(from)), ("end_modified", gateway::china_time(to))];
    let page = reading.page.unwrap_or(1);
    // Only where it need not say whether there is a next page, it says how many there are.
    orders(top, "taobao.trades.sold.increment.get", range, page, reading.page.is_some()).await
}

async fn orders(
    top: &Top<'_>,
    method: &str,
    range: [(&'static str, String); 2],
    page: usize,
    has_next: bool,
) -> Result<Answer, FetchError> {
    let mut fields = vec![
        ("fields", FIELDS.to_owned()),
        ("type", TYPES.to_owned()),
        ("page_no", page.to_string()),
        ("page_size", PAGE.to_string()),
        ("use_has_next", has_next.to_string()),
    ];
    fields.extend(range);
    top.call(method, &fields).await
}

/// What was sold by an order that was paid from `since` on: its lines, but those given back.
fn sales(order: &Order, since: Timestamp, is_tmall: bool, now: Timestamp) -> Vec<Trade> {
    let Some(paid_at) = paid_at(order).filter(|paid_at| *paid_at >= since) else { return Vec::new() };
    let is_sold = |line: &&Product| {
        let is_paid = line.status.as_str().is_empty() || PAID.contains(&line.status.as_str());
        is_paid && NOT_REFUNDED.contains(&line.refund_status.as_str())
    };
    let as_of = gateway::from_china_time(order.modified.as_str());
    let sale = |line| Trade { occurred_at: Some(paid_at), as_of, ..sale(order, line, is_tmall, now) };
    order.orders.order.iter().filter(is_sold).map(sale).collect()
}

/// When it was paid; where the goods are paid when they are brought, that is at its end.
fn paid_at(order: &Order) -> Option<Timestamp> {
    if !PAID.contains(&order.status.as_str()) {
        return None;
    }
    let at_its_end = || gateway::from_china_time(order.end_time.as_str()).filter(|_| order.status == "TRADE_FINISHED");
    gateway::from_china_time(order.pay_time.as_str()).or_else(at_its_end)
}

fn sale(order: &Order, line: &Product, is_tmall: bool, now: Timestamp) -> Trade {
    let id = title::order_id(Kind::Sale, order.tid.as_str(), line.oid.as_str());
    let item = Some(line.num_iid.as_str()).filter(|item| !item.is_empty());
    Trade {
        price: line.price.yuan(),
        quantity: line.num.number().filter(|quantity| *quantity > 1),
        link: item.and_then(|item| listings::item_page(item, is_tmall)),
        image: gateway::picture(line.pic_path.as_str()),
        categories: listings::category(&line.cid),
        ..title::trade(Kind::Sale, id, &line.title, now)
    }
}
