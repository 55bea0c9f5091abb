//! What a shop sold: orders by the time at which they were settled, in windows of at most a day. It is
//! asked for the orders without their buyers; only where the app may not have those, for the orders.

use super::Found;
use super::listings;
use super::pop::Pop;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::gateway;
use crate::platforms::gateway::Loose;
use crate::platforms::gateway::Window;
use crate::platforms::title;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Orders on a page, as many as there may be.
const PAGE: usize = 100;
/// Pages read in one fetch.
const PAGES: usize = 10;
/// All of them: what is asked for only in part grows less while it is read.
const ALL: &str = "5";

/// How far the orders have been read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// Whether the app may not have the orders without buyers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    with_buyers: bool,
    /// What was settled until then is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// A window that the last fetch did not come to the end of.
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<Reading>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Reading {
    window: Window,
    /// The next page, from 1 on.
    page: usize,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    has_next: bool,
    #[serde(default)]
    order_list: Option<Vec<Order>>,
}

#[derive(Deserialize)]
struct Order {
    #[serde(rename = "order_sn")]
    number: Loose,
    #[serde(default)]
    refund_status: Loose,
    /// 2: by lot, and most get their money back.
    #[serde(default)]
    is_lucky_flag: Loose,
    #[serde(default)]
    confirm_time: Loose,
    #[serde(default)]
    updated_at: Loose,
    #[serde(default)]
    cat_id_1: Loose,
    #[serde(default)]
    cat_id_2: Loose,
    #[serde(default)]
    cat_id_3: Loose,
    #[serde(default)]
    cat_id_4: Loose,
    #[serde(default)]
    item_list: Option<Vec<Product>>,
}

#[derive(Deserialize)]
struct Product {
    #[serde(default)]
    goods_id: Loose,
    #[serde(default)]
    sku_id: Loose,
    goods_name: String,
    /// In yuan, of one piece.
    #[serde(default)]
    goods_price: Loose,
    #[serde(default)]
    goods_count: Loose,
    #[serde(default)]
    goods_img: Loose,
}

/// Reads the orders, or the next pages of them: first those of the last day.
pub(super) async fn read(pop: &Pop<'_>, state: &mut State, found: &mut Found) -> Result<(), FetchError> {
    for _ in 0..PAGES {
        let next = || state.until.map_or_else(|| Window::last_day(pop.now), |until| Window::after(until, pop.now));
        let reading = state.reading.take().unwrap_or_else(|| Reading { window: next(), page: 1 });
        let answer = orders(pop, &reading, &mut state.with_buyers).await?;
        let orders = answer.order_list.unwrap_or_default();
        found.trades.extend(orders.iter().filter(|order| is_sold(order)).flat_map(|order| sales(order, pop.now)));
        if answer.has_next && !orders.is_empty() {
            state.reading = Some(Reading { page: reading.page + 1, ..reading });
            continue;
        }
        state.until = Some(reading.window.to);
        if reading.window.to >= pop.now {
            return Ok(());
        }
    }
    found.more = true;
    Ok(())
}

async fn orders(pop: &Pop<'_>, reading: &Reading, with_buyers: &mut bool) -> Result<Answer, FetchError> {
    let Window { from, to } = reading.window;
    let fields = [
        ("order_status", ALL.to_owned()),
        ("refund_status", ALL.to_owned()),
        ("start_confirm_at", from.as_second().to_string()),
        ("end_confirm_at", to.as_second().to_string()),
        ("page", reading.page.to_string()),
        ("page_size", PAGE.to_string()),
        ("use_has_next", "true".to_owned()),
    ];
    if !*with_buyers {
        match pop.call("pdd.order.basic.list.get", "order_basic_list_get_response", &fields).await {
            Err(FetchError { problem: Problem::NotAllowed { .. }, .. }) => *with_buyers = true,
            answer => return answer,
        }
    }
    pop.call("pdd.order.list.get", "order_list_get_response", &fields).await
}

/// Whether nothing is given back of it, or was asked to be.
fn is_sold(order: &Order) -> bool {
    matches!(order.refund_status.as_str(), "" | "1") && order.is_lucky_flag.as_str() != "2"
}

fn sales(order: &Order, now: Timestamp) -> Vec<Trade> {
    let categories = categories(order);
    let (occurred_at, as_of) = (time(&order.confirm_time), time(&order.updated_at));
    let sale = |line| Trade { occurred_at, as_of, categories: categories.clone(), ..sale(order, line, now) };
    order.item_list.iter().flatten().map(sale).collect()
}

fn sale(order: &Order, line: &Product, now: Timestamp) -> Trade {
    let goods = Some(line.goods_id.as_str()).filter(|goods| !goods.is_empty());
    let part = Some(line.sku_id.as_str()).filter(|sku| !sku.is_empty()).or(goods).unwrap_or_default();
    let id = title::order_id(Kind::Sale, order.number.as_str(), part);
    Trade {
        price: line.goods_price.yuan(),
        quantity: line.goods_count.number().filter(|quantity| *quantity > 1),
        link: goods.and_then(listings::goods_page),
        image: gateway::picture(line.goods_img.as_str()),
        ..title::trade(Kind::Sale, id, &line.goods_name, now)
    }
}

fn time(text: &Loose) -> Option<Timestamp> {
    gateway::from_china_time(text.as_str())
}

/// From the leaf up to the root, by Pinduoduo's numbers; 0 is none.
fn categories(order: &Order) -> Vec<RawCategory> {
    let ids = [&order.cat_id_4, &order.cat_id_3, &order.cat_id_2, &order.cat_id_1].map(Loose::as_str);
    ids.into_iter().filter(|id| !matches!(*id, "" | "0")).map(|id| title::category_id("pinduoduo", id)).collect()
}
