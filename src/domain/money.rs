//! Money as decimals with a currency; never a float.

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;

/// What an item costs: one amount or a range, and what it cost before where the shop says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// The price, or the lowest one of a range.
    pub amount: Decimal,
    /// The highest price, where variants differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Decimal>,
    /// The price before a sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Decimal>,
    /// ISO 4217.
    pub currency: Currency,
}

impl Price {
    /// One amount, no range, no old price.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, up_to: None, old: None, currency }
    }

    /// Whether a person would call this another price: trailing zeros do not count, nor does the old price.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> bool {
        self.amount != other.amount || self.up_to != other.up_to || self.currency != other.currency
    }
}
