//! Orders, as far as they say what was sold: nothing of buyers is asked for, and nothing of them is read.

use super::client::Numbered;
use super::items::Maker;
use super::items::categories;
use super::items::time;
use super::products::Product;
use crate::domain::money::Price;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::raw::Raw;
use crate::platforms::title;
use iso_currency::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where they are.
pub(super) const ORDERS: &str = "wp-json/wc/v3/orders";

/// What is asked of each. The parts of a line cannot be chosen: of lists `WordPress` gives all or nothing.
pub(super) const FIELDS: (&str, &str) =
    ("_fields", "id,status,currency,prices_include_tax,date_created_gmt,date_paid_gmt,date_modified_gmt,line_items");

/// The states in which an order is paid, or settled otherwise.
pub(super) const SETTLED: (&str, &str) = ("status", "processing,completed");

/// An order.
#[derive(Deserialize)]
pub(super) struct Order {
    pub(super) id: u64,
    status: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    prices_include_tax: bool,
    #[serde(default)]
    date_created_gmt: Option<String>,
    #[serde(default)]
    date_paid_gmt: Option<String>,
    #[serde(default)]
    date_modified_gmt: Option<String>,
    line_items: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    id: u64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    product_id: u64,
    #[serde(default)]
    quantity: Option<Raw>,
    #[serde(default)]
    total: String,
    #[serde(default)]
    total_tax: String,
}

impl Numbered for Order {
    fn number(&self) -> u64 {
        self.id
    }
}

impl Order {
    /// Whether it counts as sold.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.status.as_str(), "processing" | "completed")
    }

    /// When it was paid; where the shop does not know that, when it was made.
    pub(super) fn sold_at(&self) -> Option<Timestamp> {
        time(self.date_paid_gmt.as_deref()).or_else(|| time(self.date_created_gmt.as_deref()))
    }

    /// The numbers of what was sold.
    pub(super) fn products(&self) -> impl Iterator<Item = u64> {
        self.line_items.iter().map(|line| line.product_id).filter(|id| *id != 0)
    }

    /// What was sold, a trade for each line. Of `products` come page, picture and categories; where
    /// there are none, only the page's address can be told.
    pub(super) fn sales(&self, maker: Maker<'_>, products: Option<&BTreeMap<u64, &Product>>) -> Vec<Trade> {
        let lines = self.line_items.iter().filter(|line| line.quantity().is_none_or(|quantity| quantity > Decimal::ZERO));
        lines.map(|line| self.sale(line, maker, products)).collect()
    }

    fn sale(&self, line: &Line, maker: Maker<'_>, products: Option<&BTreeMap<u64, &Product>>) -> Trade {
        let id = title::order_id(Kind::Sale, &self.id.to_string(), &line.id.to_string());
        let mut trade = title::trade(Kind::Sale, id, line.name.as_deref().unwrap_or_default(), maker.now);
        trade.price = line.unit_price(self);
        trade.quantity = line.quantity().and_then(|quantity| u32::try_from(quantity).ok()).filter(|quantity| *quantity > 1);
        trade.occurred_at = self.sold_at();
        trade.as_of = time(self.date_modified_gmt.as_deref());
        match products {
            Some(products) => {
                if let Some(product) = products.get(&line.product_id).filter(|product| product.is_public()) {
                    trade.link = maker.link(&product.permalink);
                    trade.image = maker.image(&product.images);
                    trade.categories = categories(&product.categories);
                }
            }
            None if line.product_id != 0 => trade.link = maker.shop.link_of(line.product_id, maker.allow_http_links),
            None => {}
        }
        trade
    }
}

impl Line {
    /// How many; of some things less than one is sold.
    fn quantity(&self) -> Option<Decimal> {
        self.quantity.as_ref()?.amount().map(|quantity| quantity.normalize())
    }

    /// What one cost after discounts, with tax where the shop enters its prices so, to the shop's own decimals.
    fn unit_price(&self, order: &Order) -> Option<Price> {
        let currency = Currency::from_code(&order.currency)?;
        let total = Decimal::from_str_exact(&self.total).ok()?;
        let tax = if order.prices_include_tax { Decimal::from_str_exact(&self.total_tax).ok()? } else { Decimal::ZERO };
        let decimals = total.scale().max(tax.scale());
        let mut unit = total.checked_add(tax)?.checked_div(self.quantity()?)?.round_dp(decimals);
        unit.rescale(decimals);
        (!unit.is_sign_negative()).then(|| Price::new(unit, currency))
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    fn price(order: &str, line: &str) -> String {
        let order = format!(
            r#"{{"id": 1, "status": "completed", "currency": "EUR", {order}
            "line_items": [{{"id": 2, {line}}}]}}"#
        );
        let order: Order = serde_json::from_str(&order).unwrap();
        order.line_items[0].unit_price(&order).map_or_else(String::new, |price| price.amount.to_string())
    }

    #[test]
    fn one_costs_what_all_cost_by_their_number() {
        assert_eq!(price("", r#""quantity": 3, "total": "30.00""#), "10.00");
        assert_eq!(price("", r#""quantity": 3, "total": "10.00""#), "3.33");
        assert_eq!(price("", r#""quantity": "2", "total": "1000""#), "500");
        assert_eq!(price("", r#""quantity": 1.5, "total": "3.00""#), "2.00");
        assert_eq!(price(r#""prices_include_tax": true,"#, r#""quantity": 2, "total": "16.81", "total_tax": "3.19""#), "10.00");
        assert_eq!(price(r#""prices_include_tax": false,"#, r#""quantity": 2, "total": "16.80", "total_tax": "3.19""#), "8.40");
        for line in [r#""quantity": 0, "total": "1.00""#, r#""quantity": 1, "total": """#, r#""quantity": null, "total": "1.00""#] {
            assert_eq!(price("", line), "", "{line}");
        }
    }
}
