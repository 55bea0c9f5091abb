//! Products as the interface for keys gives them (v3): with dates, with what is not public, without the
//! currency.

use super::client::Client;
use super::client::Numbered;
use super::client::PAGE_SIZE;
use super::client::Query;
use super::items::Category;
use super::items::Image;
use super::items::Maker;
use super::items::categories;
use super::items::reduced;
use super::items::time;
use crate::domain::money::Price;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use iso_currency::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Where they are.
pub(super) const PRODUCTS: &str = "wp-json/wc/v3/products";

/// What is asked of each.
pub(super) const FIELDS: (&str, &str) = (
    "_fields",
    "id,name,permalink,type,status,catalog_visibility,price,regular_price,stock_status,categories,images,date_created_gmt,date_modified_gmt",
);

/// A product, or one variant of one.
#[derive(Deserialize)]
pub(super) struct Product {
    pub(super) id: u64,
    #[serde(rename = "type", default)]
    sort: String,
    status: String,
    #[serde(default)]
    catalog_visibility: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    pub(super) permalink: String,
    #[serde(default)]
    price: String,
    #[serde(default)]
    regular_price: String,
    #[serde(default)]
    stock_status: Option<String>,
    #[serde(default)]
    pub(super) categories: Vec<Category>,
    #[serde(default)]
    pub(super) images: Vec<Image>,
    #[serde(default)]
    date_created_gmt: Option<String>,
    #[serde(default)]
    date_modified_gmt: Option<String>,
}

impl Numbered for Product {
    fn number(&self) -> u64 {
        self.id
    }
}

impl Product {
    /// Whether anybody may see its page.
    pub(super) fn is_public(&self) -> bool {
        self.status == "publish"
    }

    /// Whether it stands in the shop's catalogue.
    pub(super) fn is_listed(&self) -> bool {
        self.is_public() && !matches!(self.catalog_visibility.as_str(), "hidden" | "search")
    }

    /// Whether it is only one variant of a product.
    pub(super) fn is_variant(&self) -> bool {
        self.sort == "variation"
    }

    /// Whether its price lies in its parts, so that only the open interface has all of it.
    pub(super) fn is_composed(&self) -> bool {
        matches!(self.sort.as_str(), "variable" | "variable-subscription" | "grouped")
    }

    /// When it was modified.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        time(self.date_modified_gmt.as_deref())
    }

    /// Something offered.
    pub(super) fn listing(&self, maker: Maker<'_>, price: Option<Price>) -> Trade {
        let mut trade = maker.listing(self.id, &self.name);
        trade.price = price;
        trade.available = self.stock_status.as_deref().map(|status| status != "outofstock");
        trade.link = maker.link(&self.permalink);
        trade.image = maker.image(&self.images);
        trade.categories = categories(&self.categories);
        trade.occurred_at = time(self.date_created_gmt.as_deref());
        trade.as_of = self.as_of();
        trade
    }

    /// Its own price, as the shop entered it.
    pub(super) fn price(&self, currency: Currency) -> Option<Price> {
        let amount = |text: &str| Decimal::from_str_exact(text).ok().filter(|amount| !amount.is_sign_negative());
        Some(reduced(amount(&self.price)?, amount(&self.regular_price), currency))
    }
}

/// The products of these numbers, whatever their state, as far as there are such.
pub(super) async fn of_numbers(client: &Client<'_>, numbers: &BTreeSet<u64>) -> Result<BTreeMap<u64, Product>, FetchError> {
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    let mut found = BTreeMap::new();
    for numbers in numbers.chunks(PAGE_SIZE) {
        let query: &Query<'_> = &[FIELDS, ("include", &numbers.join(","))];
        let read = client.read::<Product>(PRODUCTS, query, vec![1], None).await?;
        found.extend(read.items.into_iter().map(|product| (product.id, product)));
    }
    Ok(found)
}
