//! A product, as the storefront, the Admin API and a push describe it, and what becomes of it.

use super::shop::Shop;
use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::raw::Raw;
use crate::platforms::title;
use iso_currency::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use url::Url;

/// The fields that are asked for, where that can be chosen.
pub(super) const FIELDS: [&str; 10] =
    ["id", "title", "handle", "status", "product_type", "tags", "published_at", "updated_at", "variants", "images"];

/// How many categories of a product are kept.
const CATEGORIES: usize = 20;

/// A product.
#[derive(Debug, Deserialize)]
pub(super) struct Product {
    id: Raw,
    title: String,
    handle: String,
    /// Only the Admin API says it.
    #[serde(default)]
    status: Option<String>,
    #[serde(default, rename = "product_type")]
    kind: Option<String>,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    published_at: Option<Timestamp>,
    #[serde(default)]
    updated_at: Option<Timestamp>,
    variants: Vec<Variant>,
    #[serde(default)]
    images: Vec<Image>,
}

/// One of the ways in which a product is sold.
#[derive(Debug, Deserialize)]
struct Variant {
    #[serde(default)]
    price: Option<Raw>,
    #[serde(default)]
    compare_at_price: Option<Raw>,
    /// Only the storefront says it.
    #[serde(default)]
    available: Option<bool>,
    /// None where it is not counted.
    #[serde(default)]
    inventory_management: Option<String>,
    #[serde(default)]
    inventory_policy: Option<String>,
    #[serde(default)]
    inventory_quantity: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Image {
    src: String,
}

/// A list on the storefront, text with commas in the Admin API.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Tags {
    List(Vec<String>),
    Text(String),
}

impl Default for Tags {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Product {
    /// Its id.
    pub(super) fn id(&self) -> ExternalId {
        ExternalId::new(self.id.as_str())
    }

    /// Whether anybody can see it in the shop.
    pub(super) fn is_published(&self) -> bool {
        self.published_at.is_some() && self.status.as_deref().is_none_or(|status| status == "active")
    }

    /// The offer that it is.
    pub(super) fn trade(&self, shop: &Shop, allow_http_links: bool, now: Timestamp) -> Trade {
        let mut trade = title::trade(Kind::Listing, self.id(), &self.title, now);
        trade.price = shop.currency.and_then(|currency| self.price(currency));
        trade.available = self.available();
        trade.link = self.link(&shop.pages, allow_http_links);
        trade.image = self.image();
        trade.categories = self.categories();
        trade.occurred_at = self.published_at;
        trade.as_of = self.updated_at;
        trade
    }

    /// Its page.
    pub(super) fn link(&self, pages: &Url, allow_http_links: bool) -> Option<PublicLink> {
        let mut url = pages.clone();
        url.path_segments_mut().ok()?.pop_if_empty().push("products").push(&self.handle);
        PublicLink::new(url, allow_http_links)
    }

    /// Its first picture.
    pub(super) fn image(&self) -> Option<PublicLink> {
        PublicLink::new(Url::parse(&self.images.first()?.src).ok()?, false)
    }

    /// Its type, then its tags.
    pub(super) fn categories(&self) -> Vec<RawCategory> {
        let tags: Vec<&str> = match &self.tags {
            Tags::List(tags) => tags.iter().map(String::as_str).collect(),
            Tags::Text(text) => text.split(',').collect(),
        };
        let mut categories: Vec<RawCategory> = Vec::new();
        for text in self.kind.as_deref().into_iter().chain(tags) {
            let category = title::category(text);
            if categories.len() < CATEGORIES && !category.text.is_empty() && !categories.contains(&category) {
                categories.push(category);
            }
        }
        categories
    }

    /// Whether one of its ways can be had; none where that is said of none, or not of all.
    fn available(&self) -> Option<bool> {
        let ways = self.variants.iter().map(Variant::is_available);
        ways.reduce(|one, other| match (one, other) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        })
        .flatten()
    }

    /// From the cheapest to the dearest way, and what the cheapest one cost before.
    fn price(&self, currency: Currency) -> Option<Price> {
        let amounts = || self.variants.iter().filter_map(|variant| Some((variant.price.as_ref()?.amount()?, variant)));
        let (amount, cheapest) = amounts().min_by_key(|(amount, _)| *amount)?;
        let highest = amounts().map(|(amount, _)| amount).max().filter(|highest| *highest > amount);
        let old = cheapest.compare_at_price.as_ref().and_then(Raw::amount).filter(|old: &Decimal| *old > amount);
        Some(Price { up_to: highest, old, ..Price::new(amount, currency) })
    }
}

impl Variant {
    fn is_available(&self) -> Option<bool> {
        if self.available.is_some() {
            return self.available;
        }
        let continues = self.inventory_policy.as_deref()? == "continue";
        let is_counted = self.inventory_management.is_some();
        Some(!is_counted || continues || self.inventory_quantity? > 0)
    }
}
