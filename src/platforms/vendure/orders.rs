//! Orders: those of the whole shop are sales, those of a customer are purchases. Nothing is asked of
//! who ordered, where it goes and how it is paid, nor an order's code, which lets people in.
//!
//! They are read by when they were placed, since that does not change and the time of modification says
//! nothing of payments. An order that is placed but not paid is asked for again.

use super::api::Api;
use super::api::Refusal;
use super::item::Collection;
use super::item::DECIMALS;
use super::item::FacetValue;
use super::item::categories;
use super::item::price;
use super::listings::Making;
use super::session::Role;
use super::session::Session;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::title;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How many of a whole shop's are asked for at once. Customers are given as many as the shop says, as
/// many where it says nothing.
const PAGE: usize = 100;
/// How many pages are read in one poll.
const PAGES: usize = 10;
/// How much is read twice, in case the shop stores orders out of order.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);
/// How far back is read at first, and how long an order may wait to be paid.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many may wait to be paid; of more the oldest are given up.
const WAITING: usize = 300;

const ORDERS: &str = "orders(options:$options){totalItems items{id type state orderPlacedAt currencyCode \
    lines{id quantity discountedUnitPriceWithTax productVariant{name sku product{id name slug ";
const OPEN_CATEGORIES: &str = "facetValues{name facet{name}} collections{breadcrumbs{name}}";
const ALL_CATEGORIES: &str = "facetValues{name facet{name isPrivate}} collections{isPrivate breadcrumbs{name}}";
const DECIMALS_OF_MONEY: &str = "globalSettings{serverConfig{moneyStrategyPrecision}}";

/// How far the orders have been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    /// When the newest order was placed that has been read.
    newest_at: Option<Timestamp>,
    /// A reading that was left in the middle.
    left: Option<Left>,
    /// Orders that are placed but not paid.
    waiting: Vec<Waiting>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Left {
    newest_at: Timestamp,
    skip: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    id: String,
    placed_at: Timestamp,
}

/// What was read of the orders.
pub(super) struct Orders {
    /// A trade for each line of those that are paid.
    pub(super) trades: Vec<Trade>,
    /// Whether there are more to be read at once.
    pub(super) more: bool,
    /// How many decimals the shop's amounts have.
    pub(super) decimals: u32,
    /// Where it goes on.
    pub(super) progress: Progress,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    global_settings: Option<GlobalSettings>,
    active_customer: Option<Customer>,
    orders: Option<Page>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GlobalSettings {
    server_config: ServerConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerConfig {
    money_strategy_precision: u32,
}

#[derive(Deserialize)]
struct Customer {
    orders: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    total_items: usize,
    items: Vec<Order>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    id: String,
    r#type: String,
    state: String,
    #[serde(rename = "orderPlacedAt")]
    placed_at: Option<Timestamp>,
    currency_code: String,
    lines: Vec<OrderLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderLine {
    id: String,
    quantity: u32,
    discounted_unit_price_with_tax: Box<RawValue>,
    product_variant: Variant,
}

#[derive(Deserialize)]
struct Variant {
    name: String,
    sku: String,
    product: Product,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    id: String,
    name: String,
    slug: String,
    facet_values: Vec<FacetValue>,
    collections: Vec<Collection>,
}

/// Somebody who asks for orders.
struct Reader<'a> {
    api: &'a Api<'a>,
    session: &'a Session,
    query: String,
    decimals: u32,
}

/// Reads the orders that were placed since the last time, and those that were not paid then.
pub(super) async fn read(api: &Api<'_>, session: &Session, making: &Making<'_>, progress: &Progress) -> Result<Orders, Refusal> {
    let mut reader = Reader { api, session, query: query(session.role), decimals: DECIMALS };
    let mut orders = BTreeMap::new();
    for waiting in progress.waiting.chunks(PAGE) {
        let ids: Vec<&str> = waiting.iter().map(|waiting| waiting.id.as_str()).collect();
        let page = reader.page(json!({"filter": {"id": {"in": ids}}})).await?;
        orders.extend(by_id(page));
    }
    let earliest = making.now - LOOK_BACK;
    let since = progress.newest_at.map_or(earliest, |newest| newest - OVERLAP);
    let (mut newest_at, mut skip) = progress.left.as_ref().map_or((None, 0), |left| (Some(left.newest_at), left.skip));
    let mut is_over = false;
    for _ in 0..PAGES {
        // The newest first: what is placed meanwhile moves the others on, so that some are read twice
        // and none is passed over. By one field alone: of several the server chooses the order itself.
        let sort = json!({"orderPlacedAt": "DESC"});
        let options = json!({"filter": {"orderPlacedAt": {"after": since}}, "sort": sort, "skip": skip});
        let page = reader.page(options).await?;
        newest_at = newest_at.or_else(|| page.items.iter().filter_map(|order| order.placed_at).max());
        skip += page.items.len();
        is_over = page.items.is_empty() || skip >= page.total_items;
        orders.extend(by_id(page));
        if is_over {
            break;
        }
    }
    let left = newest_at.filter(|_| !is_over).map(|newest_at| Left { newest_at, skip });
    let newest_at = if is_over { newest_at.max(progress.newest_at) } else { progress.newest_at };
    let decimals = reader.decimals;
    let making = Making { decimals, ..*making };
    Ok(Orders {
        trades: orders.values().flat_map(|order| making.lines(order, session.role, api.account.is_default())).collect(),
        more: left.is_some(),
        decimals,
        progress: Progress { newest_at, left, waiting: waiting(orders.values(), earliest) },
    })
}

/// The unpaid ones, the newest first.
fn waiting<'a>(orders: impl Iterator<Item = &'a Order>, earliest: Timestamp) -> Vec<Waiting> {
    let unpaid = orders.filter(|order| !order.is_paid() && order.state != "Cancelled");
    let unpaid = unpaid.filter_map(|order| Some(Waiting { id: order.id.clone(), placed_at: order.placed_at? }));
    let mut waiting: Vec<Waiting> = unpaid.filter(|waiting| waiting.placed_at > earliest).collect();
    waiting.sort_by_key(|waiting| std::cmp::Reverse(waiting.placed_at));
    waiting.truncate(WAITING);
    waiting
}

fn by_id(page: Page) -> impl Iterator<Item = (String, Order)> {
    page.items.into_iter().map(|order| (order.id.clone(), order))
}

fn query(role: Role) -> String {
    let (before, categories, after) = match role {
        Role::Administrator => (DECIMALS_OF_MONEY, ALL_CATEGORIES, ""),
        Role::Customer => ("activeCustomer{", OPEN_CATEGORIES, "}"),
    };
    format!("query($options:OrderListOptions){{{before} {ORDERS}{categories}}}}}}}}}}}{after}}}")
}

impl Reader<'_> {
    async fn page(&mut self, mut options: Value) -> Result<Page, Refusal> {
        if self.session.role == Role::Administrator {
            options["take"] = PAGE.into();
        }
        let answered: Answered = self.api.asks_as(self.session, &self.query, json!({"options": options})).await?;
        if let Some(settings) = answered.global_settings {
            self.decimals = settings.server_config.money_strategy_precision;
        }
        // Whose session has ended is no customer.
        answered.orders.or_else(|| answered.active_customer.map(|customer| customer.orders)).ok_or(Refusal::Forbidden)
    }
}

impl Order {
    /// Whether it is placed and its payment settled, and neither is taken back.
    fn is_paid(&self) -> bool {
        let states = ["PaymentSettled", "PartiallyShipped", "Shipped", "PartiallyDelivered", "Delivered"];
        self.placed_at.is_some() && states.contains(&self.state.as_str())
    }

    /// Where several sellers share a server, an order stands there as a whole, and once more for each
    /// of them in a channel of their own.
    fn stands_twice(&self, is_default_channel: bool) -> bool {
        self.r#type == if is_default_channel { "Seller" } else { "Aggregate" }
    }
}

impl Making<'_> {
    fn lines(&self, order: &Order, role: Role, is_default_channel: bool) -> Vec<Trade> {
        let kind = match role {
            Role::Administrator => Kind::Sale,
            Role::Customer => Kind::Purchase,
        };
        if !order.is_paid() || order.stands_twice(is_default_channel) {
            return Vec::new();
        }
        // A line that was cancelled has none left.
        order.lines.iter().filter(|line| line.quantity > 0).map(|line| self.line(kind, order, line)).collect()
    }

    fn line(&self, kind: Kind, order: &Order, line: &OrderLine) -> Trade {
        let Variant { name, sku, product } = &line.product_variant;
        // A variant's name is mostly the product's with what it is of it, but may be that alone.
        let name = if name.contains(&product.name) { name } else { &product.name };
        let mut trade = title::trade(kind, title::order_id(kind, &order.id, &line.id), name, self.now);
        trade.price = price(&line.discounted_unit_price_with_tax, &order.currency_code, self.decimals);
        trade.quantity = Some(line.quantity).filter(|quantity| *quantity > 1);
        trade.link = self.links.and_then(|links| links.link(&product.slug, &product.id, sku, self.allow_http_links));
        trade.categories = categories(&product.collections, &product.facet_values);
        trade.occurred_at = order.placed_at;
        trade
    }
}
