//! What a user sold. An order says who bought and where that person lives; that is not read.

use super::Discogs;
use super::inventory::Amount;
use super::inventory::Pagination;
use super::inventory::Release;
use crate::domain::link::PublicLink;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::raw::Raw;
use crate::platforms::title;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use url::Url;

/// Pages in one fetch.
const PAGES: u32 = 10;

/// How far back orders are read again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// How far back they are read the first time.
const FIRST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How an order stands that has been paid.
const PAID: [&str; 3] = ["Payment Received", "In Progress", "Shipped"];

/// Where the page of a record is, with its number.
const RELEASE: &str = "https://www.discogs.com/release/";

/// Where reading goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Up to when the orders have been read.
    orders_at: Option<Timestamp>,
    /// The page to go on with, where reading is not done.
    page: Option<u32>,
    /// When that began.
    began_at: Option<Timestamp>,
}

/// Sales.
pub(super) struct Sold {
    /// Each once.
    pub(super) trades: Vec<Trade>,
    /// Where to go on.
    pub(super) cursor: Option<String>,
    /// Whether there are more to be read at once.
    pub(super) more: bool,
}

#[derive(Deserialize)]
struct OrdersPage {
    pagination: Pagination,
    orders: Vec<Order>,
}

#[derive(Deserialize)]
struct Order {
    id: Raw,
    status: String,
    #[serde(default)]
    created: Option<Timestamp>,
    last_activity: Timestamp,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: Raw,
    #[serde(default)]
    price: Option<Amount>,
    release: Release,
}

impl Discogs {
    /// The sales of a token's owner, those whose orders moved last first, back to where it was read.
    pub(super) async fn sold(&self, context: &Context<'_>, credentials: &Credentials, cursor: Option<&str>) -> Result<Sold, FetchError> {
        let known: Cursor = cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let since = match known.orders_at {
            Some(at) => at.checked_sub(OVERLAP),
            None => context.now.checked_sub(FIRST),
        };
        let since = since.unwrap_or(Timestamp::MIN);
        let began_at = known.began_at.filter(|_| known.page.is_some()).unwrap_or(context.now);
        let first = known.page.unwrap_or(1);
        let mut sales = BTreeMap::new();
        for number in first..first.saturating_add(PAGES) {
            let page = number.to_string();
            let query = [("sort", "last_activity"), ("sort_order", "desc"), ("per_page", "100"), ("page", &page)];
            let page: OrdersPage = self.ask(context, &["marketplace", "orders"], &query, Some(credentials)).await?;
            let recent = page.orders.iter().take_while(|order| order.last_activity >= since);
            sales.extend(recent.flat_map(|order| order.sales(context.now)).map(|trade| (trade.external_id.clone(), trade)));
            let is_past = page.orders.last().is_none_or(|order| order.last_activity < since);
            if is_past || number >= page.pagination.pages {
                return Ok(Sold::new(sales.into_values(), &Cursor { orders_at: Some(began_at), ..Cursor::default() }));
            }
        }
        // What moves meanwhile comes first, so that nothing slips behind the page to go on with.
        let next = Cursor { orders_at: known.orders_at, page: Some(first.saturating_add(PAGES)), began_at: Some(began_at) };
        Ok(Sold::new(sales.into_values(), &next))
    }
}

impl Sold {
    fn new(trades: impl Iterator<Item = Trade>, cursor: &Cursor) -> Self {
        Self { trades: trades.collect(), cursor: serde_json::to_string(cursor).ok(), more: cursor.page.is_some() }
    }
}

impl Order {
    fn sales(&self, now: Timestamp) -> impl Iterator<Item = Trade> {
        let items = self.items.iter().filter(|_| PAID.contains(&self.status.as_str()));
        items.map(move |item| {
            let id = title::order_id(Kind::Sale, self.id.as_str(), item.id.as_str());
            let mut trade = item.release.trade(Kind::Sale, id, now);
            trade.price = item.price.as_ref().and_then(Amount::price);
            trade.link = Url::parse(&format!("{RELEASE}{}", item.release.id.as_str())).ok().and_then(|url| PublicLink::new(url, false));
            trade.occurred_at = self.created;
            trade
        })
    }
}
