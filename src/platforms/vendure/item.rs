//! What products and the lines of orders have in common: money, and the shop's own categories.

use crate::domain::money::Price;
use crate::domain::trade::RawCategory;
use crate::platforms::title;
use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

/// How many decimals amounts have where the shop does not say: what Vendure does if nothing else is
/// configured, whatever the currency is.
pub(super) const DECIMALS: u32 = 2;

/// How many categories of an item are kept.
const CATEGORIES: usize = 20;

/// What the tree of collections begins with.
const ROOT: &str = "__root_collection__";

/// A value of a facet: "Electronics" of "Category", say.
#[derive(Deserialize)]
pub(super) struct FacetValue {
    name: String,
    facet: Facet,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facet {
    name: String,
    /// Only those who keep the shop see these.
    #[serde(default)]
    is_private: bool,
}

/// A collection: a place in the shop's own tree.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Collection {
    breadcrumbs: Vec<Breadcrumb>,
    /// Only those who keep the shop see these.
    #[serde(default)]
    is_private: bool,
}

#[derive(Deserialize)]
struct Breadcrumb {
    name: String,
}

/// The categories of an item, as paths: the collections it is in, then its facets. What the shop keeps
/// to itself is left out.
pub(super) fn categories(collections: &[Collection], facets: &[FacetValue]) -> Vec<RawCategory> {
    let collections = collections.iter().filter(|collection| !collection.is_private).map(|collection| {
        let names: Vec<&str> = collection.breadcrumbs.iter().map(|crumb| crumb.name.as_str()).filter(|name| *name != ROOT).collect();
        names.join(" > ")
    });
    let facets = facets.iter().filter(|value| !value.facet.is_private).map(|value| format!("{} > {}", value.facet.name, value.name));
    let paths = collections.chain(facets).filter(|path| !path.is_empty());
    paths.take(CATEGORIES).map(|path| title::category(&path)).collect()
}

/// An amount in the shop's smallest unit, of which there are ten to the power of `decimals` in a whole.
pub(super) fn amount(minor: &RawValue, decimals: u32) -> Option<Decimal> {
    let text = minor.get();
    let mut amount = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()?;
    amount.set_scale(amount.scale().saturating_add(decimals)).ok()?;
    Some(amount)
}

/// The price of one thing.
pub(super) fn price(minor: &RawValue, currency: &str, decimals: u32) -> Option<Price> {
    Some(Price::new(amount(minor, decimals)?, Currency::from_code(currency)?))
}

#[cfg(test)]
mod tests {
    use super::amount;
    use rust_decimal::Decimal;
    use serde_json::value::RawValue;

    #[test]
    fn amounts_are_read_without_floats() {
        for (text, decimals, said) in
            [("119900", 2, "1199.00"), ("5", 2, "0.05"), ("1200.5", 2, "12.005"), ("12e2", 2, "12.00"), ("-1", 0, "-1")]
        {
            let raw = RawValue::from_string(text.to_owned()).unwrap();
            assert_eq!(amount(&raw, decimals), Some(said.parse::<Decimal>().unwrap()), "{text}");
        }
        assert_eq!(amount(&RawValue::from_string("null".to_owned()).unwrap(), 2), None);
    }
}
