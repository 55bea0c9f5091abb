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

/// A range of prices in one currency: what a sharer or a category asks of a trade's price.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PriceRange {
    /// Where it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Bound>,
    /// Where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Bound>,
    /// ISO 4217, upper case.
    pub currency: CurrencyCode,
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Bound {
    /// The amount.
    pub amount: Decimal,
    /// Whether the amount itself is in the range.
    pub inclusive: bool,
}

/// A currency by its ISO 4217 code; orders and hashes by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CurrencyCode(pub Currency);

impl PartialOrd for CurrencyCode {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CurrencyCode {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.code().cmp(other.0.code())
    }
}

impl std::hash::Hash for CurrencyCode {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.code().hash(state);
    }
}

impl PriceRange {
    /// Whether `price` lies in it: by its lowest amount, in the same currency. A price that is not
    /// known does not.
    #[must_use]
    pub fn holds(&self, price: Option<&Price>) -> bool {
        let Some(price) = price.filter(|price| price.currency == self.currency.0) else {
            return false;
        };
        let after = |from: &Bound| price.amount > from.amount || (from.inclusive && price.amount == from.amount);
        let before = |to: &Bound| price.amount < to.amount || (to.inclusive && price.amount == to.amount);
        self.from.as_ref().is_none_or(after) && self.to.as_ref().is_none_or(before)
    }
}

/// As a person types it: `< 100 EUR`, `>= 10 EUR`, `10-500 EUR`.
impl std::fmt::Display for PriceRange {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.currency.0.code();
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => write!(out, "{}-{} {code}", from.amount, to.amount),
            (Some(from), None) => write!(out, ">{} {} {code}", if from.inclusive { "=" } else { "" }, from.amount),
            (None, Some(to)) => write!(out, "<{} {} {code}", if to.inclusive { "=" } else { "" }, to.amount),
            (None, None) => write!(out, "{code}"),
        }
    }
}
