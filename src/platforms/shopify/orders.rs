//! Orders: only that they are paid, and what was bought. Who bought it is neither asked for nor read.

use super::product::Product;
use super::shop;
use super::shop::Shop;
use crate::domain::ids::ExternalId;
use crate::domain::money::Price;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::raw::Raw;
use crate::platforms::title;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The fields that are asked for.
pub(super) const FIELDS: [&str; 8] =
    ["id", "created_at", "processed_at", "cancelled_at", "financial_status", "currency", "test", "line_items"];

/// An order.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    id: Raw,
    #[serde(default)]
    created_at: Option<Timestamp>,
    #[serde(default)]
    processed_at: Option<Timestamp>,
    #[serde(default)]
    cancelled_at: Option<Timestamp>,
    #[serde(default)]
    financial_status: Option<String>,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    test: bool,
    line_items: Vec<LineItem>,
}

/// What was bought. It holds more, such as what the buyer had engraved, which is not read.
#[derive(Debug, Deserialize)]
struct LineItem {
    id: Raw,
    title: String,
    #[serde(default)]
    product_id: Option<Raw>,
    #[serde(default)]
    price: Option<Raw>,
    #[serde(default)]
    quantity: u32,
    /// How many are left after what was taken back.
    #[serde(default)]
    current_quantity: Option<u32>,
}

impl Order {
    fn is_sale(&self) -> bool {
        let is_paid = self.financial_status.as_deref().is_none_or(|status| status == "paid");
        is_paid && self.cancelled_at.is_none() && !self.test
    }
}

/// The products in `orders` that were sold, each once.
pub(super) fn products(orders: &[Order]) -> impl Iterator<Item = ExternalId> {
    let lines = orders.iter().filter(|order| order.is_sale()).flat_map(|order| &order.line_items);
    let ids: BTreeSet<&str> = lines.filter_map(|line| line.product_id.as_ref().map(Raw::as_str)).collect();
    ids.into_iter().map(ExternalId::new)
}

/// A sale for each line of each order, each once.
pub(super) fn trades(
    orders: &[Order],
    products: &BTreeMap<ExternalId, &Product>,
    shop: &Shop,
    allow_http_links: bool,
    now: Timestamp,
) -> Vec<Trade> {
    let mut sales = BTreeMap::new();
    for order in orders.iter().filter(|order| order.is_sale()) {
        for line in order.line_items.iter().filter(|line| line.current_quantity != Some(0)) {
            let id = title::order_id(Kind::Sale, order.id.as_str(), line.id.as_str());
            let mut trade = title::trade(Kind::Sale, id.clone(), &line.title, now);
            let currency = shop::currency(&order.currency).or(shop.currency);
            let amount = line.price.as_ref().and_then(Raw::amount);
            trade.price = amount.zip(currency).map(|(amount, currency)| Price::new(amount, currency));
            trade.quantity = line.current_quantity.or(Some(line.quantity)).filter(|quantity| *quantity > 1);
            trade.occurred_at = order.processed_at.or(order.created_at);
            let product = line.product_id.as_ref().and_then(|id| products.get(&ExternalId::new(id.as_str())));
            if let Some(product) = product {
                trade.categories = product.categories();
                trade.link =
                    Some(product).filter(|product| product.is_published()).and_then(|product| product.link(&shop.pages, allow_http_links));
                trade.image = product.image();
            }
            sales.insert(id, trade);
        }
    }
    sales.into_values().collect()
}
