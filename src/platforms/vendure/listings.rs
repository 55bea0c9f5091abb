//! What is on offer, as everybody sees it. It is always read as a whole: a product's time of
//! modification says nothing of its prices, its stock, or that it was deleted.

use super::api::Api;
use super::api::Refusal;
use super::item::Collection;
use super::item::FacetValue;
use super::item::amount;
use super::item::categories;
use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::LinkTemplate;
use crate::platforms::title;
use iso_currency::Currency;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use url::Url;

/// How many pages are read in one poll. How many products a page has is the shop's to say, a hundred
/// where it says nothing.
const PAGES: usize = 10;

const PRODUCTS: &str = "query($options:ProductListOptions){products(options:$options){totalItems items{id name slug createdAt \
    featuredAsset{preview} facetValues{name facet{name}} collections{breadcrumbs{name}} \
    variants{sku priceWithTax currencyCode stockLevel}}}}";

/// How far a shop with more products than are read in one poll has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    /// How many of the products have been read in this round.
    skip: usize,
    /// Whether all have been read once. From then on a part is read at each poll.
    is_known: bool,
}

/// What was read of the products.
pub(super) struct Listings {
    /// Those that can be bought.
    pub(super) trades: Vec<Trade>,
    /// Whether these are all.
    pub(super) complete: bool,
    /// Whether the first round is to go on at once.
    pub(super) more: bool,
    /// Where it goes on.
    pub(super) progress: Progress,
}

/// How a product becomes a trade.
pub(super) struct Making<'a> {
    /// How its link is made; none: it has none.
    pub(super) links: Option<&'a LinkTemplate>,
    /// Whether links to pages without TLS may be posted.
    pub(super) allow_http_links: bool,
    /// How many decimals amounts have.
    pub(super) decimals: u32,
    /// The time.
    pub(super) now: Timestamp,
}

#[derive(Deserialize)]
struct Answered {
    products: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    total_items: usize,
    items: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    id: String,
    name: String,
    slug: String,
    created_at: Timestamp,
    featured_asset: Option<Asset>,
    facet_values: Vec<FacetValue>,
    collections: Vec<Collection>,
    variants: Vec<Variant>,
}

#[derive(Deserialize)]
struct Asset {
    preview: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Variant {
    sku: String,
    price_with_tax: Box<RawValue>,
    currency_code: String,
    stock_level: String,
}

/// Reads a small shop as a whole; of a large one, what changed last and the next part of the round.
pub(super) async fn read(api: &Api<'_>, making: &Making<'_>, progress: &Progress) -> Result<Listings, Refusal> {
    let mut products = BTreeMap::new();
    let (first, mut skip) = (progress.skip, progress.skip);
    let mut totals = Vec::new();
    let mut is_over = false;
    let mut pages = PAGES;
    if progress.is_known {
        let newest = page(api, 0, &json!({"updatedAt": "DESC"})).await?;
        products.extend(by_id(newest.items));
        pages -= 1;
    }
    while totals.len() < pages && !is_over {
        let page = page(api, skip, &json!({"id": "ASC"})).await?;
        let read = page.items.len();
        skip += read;
        totals.push(page.total_items);
        products.extend(by_id(page.items));
        is_over = read == 0 || skip >= page.total_items;
    }
    // Where something came or went in between, the pages do not fit together, and something may be
    // missing that is there.
    let complete = first == 0 && is_over && totals.iter().all(|total| *total == products.len());
    let is_small = first == 0 && is_over;
    let is_known = !is_small && (progress.is_known || is_over);
    Ok(Listings {
        trades: products.into_values().filter_map(|product| making.trade(product)).collect(),
        complete,
        more: !is_over && !progress.is_known,
        progress: Progress { skip: if is_over { 0 } else { skip }, is_known },
    })
}

async fn page(api: &Api<'_>, skip: usize, sort: &Value) -> Result<Page, Refusal> {
    let variables = json!({"options": {"skip": skip, "sort": sort}});
    let answered: Answered = api.asks(PRODUCTS, variables).await?;
    Ok(answered.products)
}

fn by_id(products: Vec<Product>) -> impl Iterator<Item = (String, Product)> {
    products.into_iter().map(|product| (product.id.clone(), product))
}

impl Making<'_> {
    /// None where there is nothing of it to buy.
    fn trade(&self, product: Product) -> Option<Trade> {
        let first = product.variants.first()?;
        let mut trade = title::trade(Kind::Listing, ExternalId::new(&product.id), &product.name, self.now);
        trade.price = self.price(&product.variants);
        trade.link = self.links.and_then(|links| links.link(&product.slug, &product.id, &first.sku, self.allow_http_links));
        let image = product.featured_asset.and_then(|asset| Url::parse(&asset.preview).ok());
        trade.image = image.and_then(|url| PublicLink::new(url, self.allow_http_links));
        trade.categories = categories(&product.collections, &product.facet_values);
        trade.available = available(&product.variants);
        trade.occurred_at = Some(product.created_at);
        // Not `as_of`: a price may change, by another tax say, without any time of modification.
        Some(trade)
    }

    fn price(&self, variants: &[Variant]) -> Option<Price> {
        let currency = Currency::from_code(&variants.first()?.currency_code)?;
        let amounts: Option<Vec<_>> = variants.iter().map(|variant| amount(&variant.price_with_tax, self.decimals)).collect();
        let amounts = amounts?;
        let (lowest, highest) = (*amounts.iter().min()?, *amounts.iter().max()?);
        Some(Price { up_to: (highest > lowest).then_some(highest), ..Price::new(lowest, currency) })
    }
}

/// Whether one of the variants can be had. A shop may say it in words of its own: then nobody knows.
fn available(variants: &[Variant]) -> Option<bool> {
    let levels: Vec<Option<bool>> = variants.iter().map(|variant| in_stock(&variant.stock_level)).collect();
    if levels.contains(&Some(true)) {
        return Some(true);
    }
    levels.iter().all(|level| *level == Some(false)).then_some(false)
}

fn in_stock(level: &str) -> Option<bool> {
    match level {
        "IN_STOCK" | "LOW_STOCK" => Some(true),
        "OUT_OF_STOCK" => Some(false),
        number => number.parse().ok().map(|number: i64| number > 0),
    }
}
