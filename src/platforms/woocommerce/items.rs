//! What the shop's interfaces have in common, and what trades are made of.

use super::shop::Shop;
use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::title;
use iso_currency::Currency;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::Deserialize;

/// A picture.
#[derive(Deserialize)]
pub(super) struct Image {
    #[serde(default)]
    src: Option<String>,
}

/// A category: its number means something in this shop only.
#[derive(Deserialize)]
pub(super) struct Category {
    #[serde(default)]
    name: String,
}

/// What trades are made with.
#[derive(Clone, Copy)]
pub(super) struct Maker<'a> {
    pub(super) shop: &'a Shop,
    pub(super) allow_http_links: bool,
    pub(super) now: Timestamp,
}

impl Maker<'_> {
    /// Something offered. The same product has the same id whichever way it is read.
    pub(super) fn listing(&self, id: u64, name: &str) -> Trade {
        title::trade(Kind::Listing, external_id(id), name, self.now)
    }

    /// An address that the shop named.
    pub(super) fn link(&self, address: &str) -> Option<PublicLink> {
        self.shop.link(address, self.allow_http_links)
    }

    /// The first picture.
    pub(super) fn image(&self, images: &[Image]) -> Option<PublicLink> {
        images.iter().find_map(|image| self.link(image.src.as_deref()?))
    }
}

/// The id of a product.
pub(super) fn external_id(id: u64) -> ExternalId {
    ExternalId::new(id.to_string())
}

/// The categories, as far as they have a name.
pub(super) fn categories(categories: &[Category]) -> Vec<RawCategory> {
    categories.iter().map(|category| title::category(&category.name)).filter(|category| !category.text.is_empty()).collect()
}

/// A price and what it was before, where that is more.
pub(super) fn reduced(amount: Decimal, regular: Option<Decimal>, currency: Currency) -> Price {
    Price { old: regular.filter(|regular| *regular > amount), ..Price::new(amount, currency) }
}

/// A time that the shop gives in UTC, without saying so.
pub(super) fn time(text: Option<&str>) -> Option<Timestamp> {
    let text = text?;
    let utc = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
    text.parse().ok().or_else(utc)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_utc_whether_that_is_said_or_not() {
        let noon = time(Some("2026-03-03T12:00:00Z"));
        assert!(noon.is_some());
        assert_eq!(time(Some("2026-03-03T12:00:00")), noon);
        assert_eq!(time(Some("")), None);
        assert_eq!(time(Some("0000-00-00 00:00:00")), None);
        assert_eq!(time(None), None);
    }
}
