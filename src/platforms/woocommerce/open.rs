//! What anybody may read: the products of the Store API. They have no dates, so all of them are read,
//! of a large shop the newest and some of the others each time.

use super::client::Client;
use super::client::Numbered;
use super::client::PAGE_SIZE;
use super::client::PAGES;
use super::items::Category;
use super::items::Image;
use super::items::Maker;
use super::items::categories;
use super::items::reduced;
use super::shop::OPEN;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;

/// Which products, and in which order; those that the shop hides from its catalogue are left out.
const LISTED: [(&str, &str); 3] = [("orderby", "date"), ("order", "desc"), ("catalog_visibility", "catalog")];

/// Where reading goes on.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// What the only page of a small shop is asked with.
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    /// The next page of a large shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u32>,
    /// Whether every page has been read once.
    settled: bool,
}

#[derive(Deserialize)]
struct Product {
    id: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    permalink: String,
    prices: Prices,
    #[serde(default)]
    images: Vec<Image>,
    #[serde(default)]
    categories: Vec<Category>,
    #[serde(default)]
    is_in_stock: Option<bool>,
    #[serde(default)]
    is_purchasable: Option<bool>,
}

#[derive(Deserialize)]
struct Prices {
    price: Option<String>,
    regular_price: Option<String>,
    price_range: Option<Range>,
    currency_code: String,
    currency_minor_unit: u32,
}

#[derive(Deserialize)]
struct Range {
    min_amount: String,
    max_amount: String,
}

impl Numbered for Product {
    fn number(&self) -> u64 {
        self.id
    }
}

/// Reads what is on offer.
pub(super) async fn fetch(client: &Client<'_>, maker: Maker<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
    let known: Cursor = cursor.and_then(|cursor| serde_json::from_str(cursor).ok()).unwrap_or_default();
    let from = known.next.unwrap_or(2).max(2);
    // The first page has what is new.
    let pages = std::iter::once(1).chain(from..).take(PAGES).collect();
    let read = client.read::<Product>(OPEN, &LISTED, pages, known.etag.as_deref()).await?;
    if read.is_unchanged {
        return Ok(Fetched::Unchanged);
    }
    let settled = known.settled || read.next.is_none();
    let cursor = Cursor { etag: read.etag, next: read.next, settled };
    Ok(Fetched::Changed {
        cursor: serde_json::to_string(&cursor).ok(),
        label: Line::default(),
        trades: read.items.iter().map(|product| product.listing(maker)).collect(),
        complete: from == 2 && read.next.is_none() && read.is_steady,
        gone: Vec::new(),
        more: !settled,
    })
}

/// The prices of products with variants, of which the keys' interface says only where they begin.
/// Nothing where the shop has closed this interface.
pub(super) async fn prices(client: Client<'_>, ids: &[u64]) -> Result<BTreeMap<u64, Price>, FetchError> {
    let client = client.without_keys();
    let mut prices = BTreeMap::new();
    for ids in ids.chunks(PAGE_SIZE) {
        let include: Vec<String> = ids.iter().map(u64::to_string).collect();
        match client.read::<Product>(OPEN, &[("include", &include.join(","))], vec![1], None).await {
            Ok(read) => prices.extend(read.items.iter().filter_map(|product| Some((product.id, product.price()?)))),
            Err(error) if is_closed(&error) => return Ok(BTreeMap::new()),
            Err(error) => return Err(error),
        }
    }
    Ok(prices)
}

fn is_closed(error: &FetchError) -> bool {
    matches!(error.problem, Problem::NeedsLogin | Problem::NotFound | Problem::NotSuchAShop { .. })
}

impl Product {
    fn listing(&self, maker: Maker<'_>) -> Trade {
        let mut trade = maker.listing(self.id, &self.name);
        trade.price = self.price();
        trade.available = self.is_in_stock;
        trade.link = maker.link(&self.permalink);
        trade.image = maker.image(&self.images);
        trade.categories = categories(&self.categories);
        trade
    }

    /// Without a price a product says 0, and cannot be bought.
    fn price(&self) -> Option<Price> {
        let price = self.prices.price()?;
        (!price.amount.is_zero() || self.is_purchasable != Some(false)).then_some(price)
    }
}

impl Prices {
    fn price(&self) -> Option<Price> {
        let currency = Currency::from_code(&self.currency_code)?;
        if let Some(range) = &self.price_range {
            let (least, most) = (self.amount(&range.min_amount)?, self.amount(&range.max_amount)?);
            return Some(Price { up_to: Some(most).filter(|most| *most > least), ..Price::new(least, currency) });
        }
        let regular = self.regular_price.as_deref().and_then(|regular| self.amount(regular));
        Some(reduced(self.amount(self.price.as_deref()?)?, regular, currency))
    }

    /// The smallest unit is the shop's, not the currency's.
    fn amount(&self, text: &str) -> Option<Decimal> {
        let units: i64 = text.parse().ok().filter(|units| *units >= 0)?;
        Decimal::try_from_i128_with_scale(units.into(), self.currency_minor_unit).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Product;

    fn price(prices: &str) -> String {
        let product = format!(r#"{{"id": 7, "is_purchasable": false, "prices": {prices}}}"#);
        let product: Product = serde_json::from_str(&product).unwrap();
        product.price().map_or_else(String::new, |price| {
            format!(
                "{} {} {:?} {:?}",
                price.amount,
                price.currency.code(),
                price.up_to.map(|d| d.to_string()),
                price.old.map(|d| d.to_string())
            )
        })
    }

    #[test]
    fn amounts_are_in_the_shops_own_smallest_unit() {
        let plain = |amount: &str, unit: u32, code: &str| {
            price(&format!(
                r#"{{"price": "{amount}", "regular_price": "{amount}", "price_range": null, "currency_code": "{code}", "currency_minor_unit": {unit}}}"#
            ))
        };
        assert_eq!(plain("1999", 2, "EUR"), "19.99 EUR None None");
        assert_eq!(plain("1999", 0, "JPY"), "1999 JPY None None");
        assert_eq!(plain("19990", 3, "EUR"), "19.990 EUR None None");
        for (amount, unit, code) in
            [("1999", 200, "EUR"), ("", 2, "EUR"), ("-5", 2, "EUR"), ("19.99", 2, "EUR"), ("1999", 2, "POINTS"), ("0", 2, "EUR")]
        {
            assert_eq!(plain(amount, unit, code), "", "{amount} {unit} {code}");
        }
    }

    #[test]
    fn variants_have_a_range_and_a_sale_an_old_price() {
        let range = r#"{"price": "1900", "regular_price": "2500", "price_range": {"min_amount": "1900", "max_amount": "2900"}, "currency_code": "EUR", "currency_minor_unit": 2}"#;
        assert_eq!(price(range), "19.00 EUR Some(\"29.00\") None");
        let sale = r#"{"price": "1900", "regular_price": "2500", "price_range": null, "currency_code": "EUR", "currency_minor_unit": 2}"#;
        assert_eq!(price(sale), "19.00 EUR None Some(\"25.00\")");
    }
}
