//! What somebody bought. The shop lists the orders of all its customers, the newest first; those of one
//! are picked out, by the number of the user they belong to.

use super::Brought;
use super::answers::Order;
use super::answers::OrderLine;
use super::answers::Page;
use super::answers::number;
use super::catalogue::Catalogue;
use super::catalogue::currency;
use super::settings::OscarSettings;
use super::shop::Shop;
use super::shop::next;
use crate::domain::ids::ExternalId;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::title;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

/// Pages of orders that are read in one poll.
const PAGES: usize = 10;
/// Orders of hers that are read in one poll, line by line.
const ORDERS: usize = 20;
/// Pages of an order's lines.
const LINE_PAGES: usize = 10;
/// How far a poll looks back behind the newest order that the one before saw.
const OVERLAP: Duration = Duration::from_mins(2);
/// How long an order may take to be paid.
const PATIENCE: Duration = Duration::from_hours(30 * 24);
/// How many unpaid orders are looked at again, and how many are remembered as told.
const REMEMBERED: usize = 30;
/// The interface gives money with so many decimals.
const DECIMALS: u32 = 2;

/// Where reading orders goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    /// Whether what stood there at first has been read.
    begun: bool,
    /// When the newest order was placed that has been seen, in the shop's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// Where a poll stopped that had more to read than it may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<Pass>,
    /// Orders that are to be looked at again, one by one: unpaid ones, and those that were too many.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    waiting: BTreeSet<u64>,
    /// Her newest orders that need not be read again.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    told: BTreeSet<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pass {
    /// How the next page is asked for.
    page: String,
    /// When the newest order was placed that it saw.
    newest: Option<Timestamp>,
}

/// Whose orders are wanted, and which.
pub(super) struct Hers<'a> {
    /// Her number at the shop.
    pub(super) user: u64,
    pub(super) settings: &'a OscarSettings,
    pub(super) now: Timestamp,
}

/// Reads what she bought since `progress`, which is moved.
pub(super) async fn read(
    shop: &Shop<'_>,
    catalogue: &mut Catalogue<'_>,
    hers: &Hers<'_>,
    progress: &mut Progress,
) -> Result<Brought, FetchError> {
    let is_first = !progress.begun;
    let mut found = again(shop, hers, progress).await?;
    let mut more = listed(shop, hers, progress, &mut found).await?;
    let (mut paid, unpaid): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, order)| !hers.settings.is_unpaid(&order.status));
    let is_young = |order: &Order| hers.now.duration_since(order.date_placed).unsigned_abs() < PATIENCE;
    progress.waiting = unpaid.into_iter().filter(|(_, order)| is_young(order)).map(|(id, _)| id).collect();
    keep_newest(&mut progress.waiting);
    let too_many = paid.len().saturating_sub(ORDERS);
    if is_first {
        // Of what stood there at first only the newest is of interest.
        paid.drain(..too_many);
    } else if too_many > 0 {
        progress.waiting.extend(paid.drain(ORDERS..).map(|(id, _)| id));
        more = true;
    }
    let mut trades = Vec::new();
    for (id, order) in paid {
        trades.extend(purchases(shop, catalogue, id, &order, hers.now).await?);
        progress.told.insert(id);
    }
    keep_newest(&mut progress.told);
    Ok(Brought { trades, gone: Vec::new(), more })
}

/// Orders that were to be looked at again, as they stand now.
async fn again(shop: &Shop<'_>, hers: &Hers<'_>, progress: &Progress) -> Result<BTreeMap<u64, Order>, FetchError> {
    let mut found = BTreeMap::new();
    for id in &progress.waiting {
        let order: Option<Order> = shop.thing(&format!("admin/orders/{id}/")).await?;
        found.extend(order.filter(|order| hers.counts(order)).map(|order| (*id, order)));
    }
    Ok(found)
}

/// Adds to `found` her orders from the list. Answers whether there is more to read than one poll may.
async fn listed(shop: &Shop<'_>, hers: &Hers<'_>, progress: &mut Progress, found: &mut BTreeMap<u64, Order>) -> Result<bool, FetchError> {
    let floor = progress.since.and_then(|since| since.checked_sub(OVERLAP).ok());
    let is_old = |order: &Order| floor.is_some_and(|floor| order.date_placed < floor);
    let (mut query, mut newest) = progress.pass.take().map_or((None, None), |pass| (Some(pass.page), pass.newest));
    for _ in 0..PAGES {
        let page: Page<Order> = shop.page("admin/orders/", query.as_deref()).await?;
        query = next(&page).filter(|_| !page.rows.last().is_some_and(is_old));
        // What is dated in the future would hide all that comes before it.
        newest = page.rows.iter().map(|order| order.date_placed).filter(|placed| *placed <= hers.now).max().max(newest);
        for order in page.rows.into_iter().filter(|order| !is_old(order) && hers.counts(order)) {
            let id = number(&order.url).ok_or(Problem::MalformedAnswer)?;
            if !progress.told.contains(&id) {
                found.insert(id, order);
            }
        }
        if query.is_none() {
            break;
        }
    }
    // Nobody wants to know at first what was bought long ago.
    progress.pass = query.filter(|_| progress.begun).map(|page| Pass { page, newest });
    if progress.pass.is_none() {
        progress.since = progress.since.max(newest);
        progress.begun = true;
    }
    Ok(progress.pass.is_some())
}

/// The lines of an order, each a purchase.
async fn purchases(
    shop: &Shop<'_>,
    catalogue: &mut Catalogue<'_>,
    id: u64,
    order: &Order,
    now: Timestamp,
) -> Result<Vec<Trade>, FetchError> {
    let (mut trades, mut query) = (Vec::new(), None);
    for _ in 0..LINE_PAGES {
        let page: Page<OrderLine> = shop.page(&format!("admin/orders/{id}/lines/"), query.as_deref()).await?;
        query = next(&page);
        for line in page.rows.iter().filter(|line| line.quantity > 0) {
            let line_id = number(&line.url).ok_or(Problem::MalformedAnswer)?;
            let external_id = title::order_id(Kind::Purchase, &id.to_string(), &line_id.to_string());
            trades.extend(purchase(catalogue, external_id, line, order, now).await?);
        }
        if query.is_none() {
            break;
        }
    }
    Ok(trades)
}

/// One line. Nothing where the product has been deleted, and so nobody knows any more what it was.
async fn purchase(
    catalogue: &mut Catalogue<'_>,
    id: ExternalId,
    line: &OrderLine,
    order: &Order,
    now: Timestamp,
) -> Result<Option<Trade>, FetchError> {
    let shown = match line.product.as_deref().and_then(number) {
        Some(product) => catalogue.shown(product).await?,
        None => None,
    };
    let name = line.title.as_deref().filter(|title| !title.is_empty());
    let Some(name) = name.or(shown.as_ref().map(|shown| shown.title.as_str())).map(str::to_owned) else {
        return Ok(None);
    };
    let mut trade = title::trade(Kind::Purchase, id, &name, now);
    if let Some(shown) = shown {
        shown.put_on(&mut trade);
    }
    trade.price = unit_price(line);
    trade.quantity = Some(line.quantity).filter(|quantity| *quantity > 1);
    trade.occurred_at = Some(order.date_placed);
    Ok(Some(trade))
}

/// What one of them cost. The shop says what all of the line cost, discounts taken off.
fn unit_price(line: &OrderLine) -> Option<Price> {
    let whole = line.price_incl_tax.or(line.price_excl_tax)?.0;
    let unit = if line.quantity == 1 { whole } else { whole.checked_div(Decimal::from(line.quantity))?.round_dp(DECIMALS) };
    Some(Price::new(unit, currency(line.price_currency.as_deref())?))
}

impl Hers<'_> {
    /// Whether an order is hers, and one of the kind that is told at some time.
    fn counts(&self, order: &Order) -> bool {
        order.owner.as_deref().and_then(number) == Some(self.user) && !self.settings.is_cancelled(&order.status)
    }
}

/// The shop counts upwards.
fn keep_newest(ids: &mut BTreeSet<u64>) {
    while ids.len() > REMEMBERED {
        ids.pop_first();
    }
}

#[cfg(test)]
mod tests {
    use super::OrderLine;
    use super::unit_price;

    fn line(whole: &str, quantity: u32) -> OrderLine {
        let json =
            format!(r#"{{"url":"/1/","quantity":{quantity},"price_currency":"CNY","price_incl_tax":"{whole}","price_excl_tax":"1.00"}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn the_price_is_that_of_one_with_tax() {
        for (whole, quantity, unit) in [("60.00", 3, "20"), ("10.00", 3, "3.33"), ("9.90", 1, "9.90")] {
            let price = unit_price(&line(whole, quantity)).unwrap();
            assert_eq!((price.amount, price.currency.code()), (unit.parse().unwrap(), "CNY"));
        }
    }
}
