//! What a user offers, newest first.

use super::Discogs;
use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::raw::Raw;
use crate::platforms::title;
use iso_currency::Currency;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashSet;
use url::Url;

/// Pages in one fetch: the newest thousand offers.
const PAGES: u32 = 10;

/// What an offer is that can be bought.
const FOR_SALE: &str = "For Sale";

/// "Music & Sound Recordings": nothing else is sold there.
const MUSIC: &str = "855";

/// Offers.
pub(super) struct Inventory {
    /// Each once.
    pub(super) trades: Vec<Trade>,
    /// Whether these are all.
    pub(super) is_whole: bool,
}

#[derive(Deserialize)]
struct InventoryPage {
    pagination: Pagination,
    listings: Vec<Listing>,
}

/// Where a page stands among the others.
#[derive(Deserialize)]
pub(super) struct Pagination {
    /// How many there are.
    pub(super) pages: u32,
}

#[derive(Deserialize)]
struct Listing {
    id: Raw,
    #[serde(default)]
    status: String,
    #[serde(default)]
    price: Option<Amount>,
    #[serde(default)]
    posted: Option<Timestamp>,
    #[serde(default)]
    uri: String,
    release: Release,
}

/// An amount of money, a number of JSON.
#[derive(Deserialize)]
pub(super) struct Amount {
    currency: String,
    value: Raw,
}

/// What is on offer: one edition of a record.
#[derive(Deserialize)]
pub(super) struct Release {
    /// Its number.
    pub(super) id: Raw,
    #[serde(default)]
    description: String,
    #[serde(default)]
    artist: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    format: String,
    #[serde(default)]
    thumbnail: String,
}

impl Discogs {
    /// The newest offers of a user, all of them where there are no more than a thousand.
    pub(super) async fn inventory(
        &self,
        context: &Context<'_>,
        name: &str,
        credentials: Option<&Credentials>,
    ) -> Result<Inventory, FetchError> {
        let mut trades = Vec::new();
        let mut seen = HashSet::new();
        for number in 1..=PAGES {
            let page = number.to_string();
            let query = [("status", FOR_SALE), ("sort", "listed"), ("sort_order", "desc"), ("per_page", "100"), ("page", &page)];
            let page: InventoryPage = match self.ask(context, &["users", name, "inventory"], &query, credentials).await {
                // So much was sold meanwhile that there is no such page any more.
                Err(error) if number > 1 && error.problem == Problem::NoSuchAccount => break,
                page => page?,
            };
            let offered = page.listings.iter().filter(|listing| listing.status == FOR_SALE && seen.insert(listing.id.clone()));
            trades.extend(offered.map(|listing| listing.trade(self.allow_http_links, context.now)));
            if number >= page.pagination.pages {
                return Ok(Inventory { trades, is_whole: true });
            }
        }
        Ok(Inventory { trades, is_whole: false })
    }
}

impl Listing {
    fn trade(&self, allow_http_links: bool, now: Timestamp) -> Trade {
        let mut trade = self.release.trade(Kind::Listing, ExternalId::new(self.id.as_str()), now);
        trade.price = self.price.as_ref().and_then(Amount::price);
        trade.available = Some(true);
        trade.link = Url::parse(&self.uri).ok().and_then(|url| PublicLink::new(url, allow_http_links));
        trade.occurred_at = self.posted;
        trade
    }
}

impl Amount {
    /// As a price.
    pub(super) fn price(&self) -> Option<Price> {
        Some(Price::new(self.value.amount()?, Currency::from_code(&self.currency)?))
    }
}

impl Release {
    /// A trade with it, of which price, link and time are not known.
    pub(super) fn trade(&self, kind: Kind, id: ExternalId, now: Timestamp) -> Trade {
        let name = match (self.description.is_empty(), self.artist.is_empty()) {
            (false, _) => self.description.clone(),
            (true, false) => format!("{} - {}", self.artist, self.title),
            (true, true) => self.title.clone(),
        };
        let mut trade = title::trade(kind, id, &name, now);
        trade.image = Url::parse(&self.thumbnail).ok().and_then(|url| PublicLink::new(url, false));
        trade.categories = vec![title::category_id("google_product_category", MUSIC)];
        trade.categories.extend(Some(title::category(&self.format)).filter(|category| !category.text.is_empty()));
        trade
    }
}
