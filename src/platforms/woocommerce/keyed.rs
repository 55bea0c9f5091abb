//! What the keys of a shop's owner let read: products that were modified, a whole listing once a day,
//! and orders. Where reading goes on is told by the shop's own clock.

use super::client::Client;
use super::client::PAGES;
use super::client::Query;
use super::client::Read;
use super::items::Maker;
use super::items::external_id;
use super::open;
use super::orders;
use super::orders::Order;
use super::products;
use super::products::Product;
use crate::domain::ids::ExternalId;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use iso_currency::Currency;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// How far back is asked each time: the shop's filter is strict, and what is being stored as it is asked comes late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// How often all that is on offer is read, so that what was deleted is noticed.
const LISTING_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Where reading goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// The shop's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    /// When orders were first read: what was sold before is no news.
    #[serde(skip_serializing_if = "Option::is_none")]
    began_at: Option<Timestamp>,
    /// When the last whole listing ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_at: Option<Timestamp>,
    /// The next page of the whole listing that is being read.
    #[serde(skip_serializing_if = "Option::is_none")]
    listing: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    products: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    orders: Option<Window>,
}

/// What was modified since a time, as far as it has been read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Window {
    since: Timestamp,
    /// The next page, and where the window begins after the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rest: Option<(u32, Timestamp)>,
}

/// What became of the products.
#[derive(Default)]
struct Offer {
    products: BTreeMap<u64, Product>,
    complete: bool,
}

/// What was read, and the currency of the shop.
pub(super) struct Brought {
    pub(super) fetched: Fetched,
    pub(super) currency: Option<Currency>,
}

/// Reads what is new since `cursor`.
pub(super) async fn fetch(client: &Client<'_>, maker: Maker<'_>, cursor: Option<&str>) -> Result<Brought, FetchError> {
    let mut cursor: Cursor = cursor.and_then(|cursor| serde_json::from_str(cursor).ok()).unwrap_or_default();
    if cursor.currency.is_none() {
        cursor.currency = currency(client).await?;
    }
    let offer =
        if cursor.is_listing_due(maker.now) { list(client, &mut cursor, maker.now).await? } else { modified(client, &mut cursor).await? };
    let orders = sold(client, &mut cursor).await?;
    let sales = sales(client, maker, &orders, &offer.products).await?;
    let (mut trades, gone) = listings(client, maker, &offer, cursor.currency).await?;
    trades.extend(sales);
    let currency = cursor.currency;
    Ok(Brought { fetched: cursor.into_fetched(trades, gone, offer.complete), currency })
}

impl Cursor {
    fn is_listing_due(&self, now: Timestamp) -> bool {
        self.listing.is_some() || self.listed_at.is_none_or(|at| at + LISTING_EVERY <= now)
    }

    fn into_fetched(self, trades: Vec<Trade>, gone: Vec<ExternalId>, complete: bool) -> Fetched {
        let is_amid = |window: &Option<Window>| window.is_some_and(|window| window.rest.is_some());
        let more = self.listing.is_some() || is_amid(&self.products) || is_amid(&self.orders);
        let cursor = serde_json::to_string(&self).ok();
        Fetched::Changed { cursor, label: Line::default(), trades, complete, gone, more }
    }
}

impl Window {
    const fn from(since: Timestamp) -> Self {
        Self { since, rest: None }
    }

    /// Without a suffix: the shop would take `Z` for an offset from its own time.
    fn modified_after(&self) -> String {
        (self.since - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }

    fn pages(&self) -> Vec<u32> {
        let first = self.rest.map_or(1, |(page, _)| page);
        (first..).take(PAGES).collect()
    }

    fn after<T>(self, read: &Read<T>) -> Self {
        let until = self.rest.map_or(read.began_at, |(_, until)| until);
        match read.next {
            Some(page) => Self { since: self.since, rest: Some((page, until)) },
            None => Self::from(until),
        }
    }
}

/// The currency in which the shop enters its prices; none where these keys may not ask: then there are no prices.
async fn currency(client: &Client<'_>) -> Result<Option<Currency>, FetchError> {
    #[derive(Deserialize)]
    struct Current {
        code: String,
    }
    match client.get("wp-json/wc/v3/data/currencies/current", &[("_fields", "code")]).await {
        Ok(answer) => Ok(Currency::from_code(&answer.json::<Current>()?.code)),
        Err(error) if matches!(error.problem, Problem::NotAllowed { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The whole listing, or the next part of it.
async fn list(client: &Client<'_>, cursor: &mut Cursor, now: Timestamp) -> Result<Offer, FetchError> {
    let first = cursor.listing.unwrap_or(1);
    let query: &Query<'_> = &[products::FIELDS, ("status", "publish"), ("orderby", "date"), ("order", "desc")];
    let read = client.read::<Product>(products::PRODUCTS, query, (first..).take(PAGES).collect(), None).await?;
    let is_whole = first == 1 && read.next.is_none() && read.is_steady;
    if is_whole || cursor.products.is_none() {
        cursor.products = Some(Window::from(read.began_at));
    }
    cursor.listing = read.next;
    if read.next.is_none() {
        cursor.listed_at = Some(now);
    }
    Ok(Offer { products: by_number(read.items), complete: is_whole })
}

/// Products that were modified, also those that are no longer on offer.
async fn modified(client: &Client<'_>, cursor: &mut Cursor) -> Result<Offer, FetchError> {
    let Some(window) = cursor.products else { return Ok(Offer::default()) };
    let after = window.modified_after();
    let query: &Query<'_> =
        &[products::FIELDS, ("modified_after", &after), ("dates_are_gmt", "true"), ("orderby", "date"), ("order", "desc")];
    let read = client.read::<Product>(products::PRODUCTS, query, window.pages(), None).await?;
    cursor.products = Some(window.after(&read));
    Ok(Offer { products: by_number(read.items), complete: false })
}

fn by_number(products: Vec<Product>) -> BTreeMap<u64, Product> {
    products.into_iter().filter(|product| !product.is_variant()).map(|product| (product.id, product)).collect()
}

/// Orders that were modified; at first the newest.
async fn sold(client: &Client<'_>, cursor: &mut Cursor) -> Result<Vec<Order>, FetchError> {
    let newest = [orders::FIELDS, orders::SETTLED, ("orderby", "date"), ("order", "desc")];
    let (Some(window), Some(began_at)) = (cursor.orders, cursor.began_at) else {
        let read = client.read::<Order>(orders::ORDERS, &newest, vec![1], None).await?;
        cursor.began_at = Some(read.began_at);
        cursor.orders = Some(Window::from(read.began_at));
        return Ok(settled(read.items));
    };
    let after = window.modified_after();
    let query = [&newest[..], &[("modified_after", &after), ("dates_are_gmt", "true")]].concat();
    let read = client.read::<Order>(orders::ORDERS, &query, window.pages(), None).await?;
    cursor.orders = Some(window.after(&read));
    let mut orders = settled(read.items);
    // An old order that is touched again is not sold again.
    orders.retain(|order| order.sold_at().is_none_or(|at| at >= began_at - OVERLAP));
    Ok(orders)
}

fn settled(mut orders: Vec<Order>) -> Vec<Order> {
    orders.retain(Order::is_settled);
    orders
}

/// The orders' lines. Products that were not read anyway are looked up, for their pages and categories.
async fn sales(client: &Client<'_>, maker: Maker<'_>, orders: &[Order], known: &BTreeMap<u64, Product>) -> Result<Vec<Trade>, FetchError> {
    let unknown: BTreeSet<u64> = orders.iter().flat_map(Order::products).filter(|id| !known.contains_key(id)).collect();
    let looked_up = products::of_numbers(client, &unknown).await?;
    let products: BTreeMap<u64, &Product> = known.iter().chain(&looked_up).map(|(id, product)| (*id, product)).collect();
    Ok(orders.iter().flat_map(|order| order.sales(maker, Some(&products))).collect())
}

/// What stands in the catalogue, and what does not any more.
async fn listings(
    client: &Client<'_>,
    maker: Maker<'_>,
    offer: &Offer,
    currency: Option<Currency>,
) -> Result<(Vec<Trade>, Vec<ExternalId>), FetchError> {
    let (listed, others): (Vec<&Product>, Vec<&Product>) = offer.products.values().partition(|product| product.is_listed());
    let composed: Vec<u64> = listed.iter().filter(|product| product.is_composed()).map(|product| product.id).collect();
    let ranges = open::prices(*client, &composed).await?;
    let price = |product: &Product| -> Option<Price> {
        if product.is_composed() { ranges.get(&product.id).cloned() } else { product.price(currency?) }
    };
    let trades = listed.iter().map(|product| product.listing(maker, price(product))).collect();
    Ok((trades, others.iter().map(|product| external_id(product.id)).collect()))
}
