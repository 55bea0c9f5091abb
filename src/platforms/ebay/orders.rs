//! What a seller sold (Fulfillment API). An order names the buyer and where that person lives; that is
//! not read.

use super::Amount;
use super::Ebay;
use super::site::Account;
use super::site::Marketplace;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::title;
use crate::values::Secret;
use jiff::SignedDuration;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use url::Url;

/// Orders on a page: the most there may be.
const ORDERS: usize = 200;

/// Pages in one fetch.
const PAGES: usize = 10;

/// How far back orders are asked for again, as eBay advises.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// How far back they are asked for the first time.
const FIRST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a token must allow.
pub(super) const SCOPE: &str = "sell.fulfillment.readonly";

/// Where reading goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Up to when the orders have been read.
    orders_at: Option<Timestamp>,
    /// How many of them were read, where reading is not done.
    offset: usize,
    /// From when on they are read, and when that began.
    window: Option<(Timestamp, Timestamp)>,
    /// Whether this is done again, since some were missing.
    again: bool,
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
    #[serde(default)]
    total: usize,
    #[serde(default)]
    orders: Vec<Order>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[serde(rename = "orderId")]
    id: String,
    #[serde(default)]
    creation_date: Option<Timestamp>,
    #[serde(rename = "orderPaymentStatus")]
    payment_status: String,
    #[serde(default)]
    cancel_status: Option<CancelStatus>,
    line_items: Vec<LineItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CancelStatus {
    #[serde(default)]
    cancel_state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineItem {
    #[serde(rename = "lineItemId")]
    id: String,
    #[serde(default)]
    legacy_item_id: Option<String>,
    title: String,
    #[serde(default)]
    quantity: u32,
    /// Of all pieces together.
    #[serde(default, rename = "lineItemCost")]
    cost: Option<Amount>,
    #[serde(default)]
    listing_marketplace_id: Option<String>,
}

impl Ebay {
    /// The sales of a token's owner whose orders changed since they were last read.
    pub(super) async fn sold(
        &self,
        context: &Context<'_>,
        account: &Account,
        token: &Secret,
        cursor: Option<&str>,
    ) -> Result<Sold, FetchError> {
        let known: Cursor = cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let (since, began_at) = known.window.unwrap_or_else(|| (known.since(context.now), context.now));
        let (mut sales, mut orders) = (BTreeMap::new(), BTreeSet::new());
        for number in 0..PAGES {
            let url = self.orders_url(since, known.offset + number * ORDERS)?;
            let page: OrdersPage = self.send_as_user(context, Request::get(url), token, SCOPE).await?.json()?;
            orders.extend(page.orders.iter().map(|order| order.id.clone()));
            let sold = page.orders.iter().flat_map(|order| order.sales(account, self.allow_http_links, context.now));
            sales.extend(sold.map(|trade| (trade.external_id.clone(), trade)));
            if page.orders.len() < ORDERS {
                // Orders that changed meanwhile may have pushed others from page to page: if some are
                // missing, it is read once more the next time.
                let is_done = known.again || known.offset + orders.len() >= page.total;
                let orders_at = if is_done { Some(began_at) } else { known.orders_at };
                return Ok(Sold::new(sales, &Cursor { orders_at, again: !is_done, ..Cursor::default() }));
            }
        }
        let (offset, window) = (known.offset + PAGES * ORDERS, Some((since, began_at)));
        let next = Cursor { orders_at: known.orders_at, offset, window, again: known.again };
        Ok(Sold::new(sales, &next))
    }

    /// Without an end, since none may lie in the future and clocks differ.
    fn orders_url(&self, since: Timestamp, offset: usize) -> Result<Url, Problem> {
        let mut url = self.settings.address.join("sell/fulfillment/v1/order").map_err(|_| Problem::NotAnAddress)?;
        let filter = format!("lastmodifieddate:[{}..]", since.strftime("%Y-%m-%dT%H:%M:%S.000Z"));
        url.query_pairs_mut()
            .append_pair("filter", &filter)
            .append_pair("limit", &ORDERS.to_string())
            .append_pair("offset", &offset.to_string());
        Ok(url)
    }
}

impl Cursor {
    fn since(&self, now: Timestamp) -> Timestamp {
        let since = self.orders_at.map_or_else(|| now.checked_sub(FIRST), |at| at.checked_sub(OVERLAP));
        since.unwrap_or(now)
    }
}

impl Sold {
    fn new<Id>(trades: BTreeMap<Id, Trade>, cursor: &Cursor) -> Self {
        Self { trades: trades.into_values().collect(), cursor: serde_json::to_string(cursor).ok(), more: cursor.window.is_some() }
    }
}

impl Order {
    fn is_sale(&self) -> bool {
        let is_cancelled = self.cancel_status.as_ref().is_some_and(|status| status.cancel_state == "CANCELED");
        self.payment_status == "PAID" && !is_cancelled
    }

    fn sales(&self, account: &Account, allow_http_links: bool, now: Timestamp) -> impl Iterator<Item = Trade> {
        self.line_items.iter().filter(|_| self.is_sale()).map(move |line| {
            let id = title::order_id(Kind::Sale, &self.id, &line.id);
            let mut trade = title::trade(Kind::Sale, id, &line.title, now);
            trade.price = line.price();
            trade.quantity = Some(line.quantity).filter(|quantity| *quantity > 1);
            trade.link = line.link(account.marketplace, allow_http_links);
            trade.occurred_at = self.creation_date;
            trade
        })
    }
}

impl LineItem {
    fn price(&self) -> Option<Price> {
        let cost = self.cost.as_ref()?;
        let amount = if self.quantity > 1 { cost.amount()?.checked_div(Decimal::from(self.quantity))? } else { cost.amount()? };
        Some(Price::new(amount.round_dp(4), cost.currency()?))
    }

    /// The item's page, at the site where it was listed.
    fn link(&self, otherwise: Marketplace, allow_http_links: bool) -> Option<PublicLink> {
        let host = self.listing_marketplace_id.as_deref().and_then(Marketplace::parse).unwrap_or(otherwise).host();
        let mut url = Url::parse(&format!("https://www.{host}/itm/")).ok()?;
        url.path_segments_mut().ok()?.pop_if_empty().push(self.legacy_item_id.as_deref()?);
        PublicLink::new(url, allow_http_links)
    }
}
