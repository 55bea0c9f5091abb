//! What anybody can read of a shop: its products, page by page, without a currency, which stands
//! elsewhere.

use super::Shopify;
use super::place;
use super::product::Product;
use super::shop;
use super::shop::Shop;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::net::Conditions;
use crate::net::Page;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::html;
use iso_currency::Currency;
use serde::Deserialize;
use serde::Serialize;
use std::collections::HashSet;
use url::Url;

/// Products on a page: the most there may be.
const PRODUCTS: usize = 250;

/// Pages in one fetch.
const PAGES: u32 = 10;

/// The last page that is given.
const LAST_PAGE: u32 = 100;

/// Where the currency stands in a shop's Atom feed.
const ATOM_CURRENCY: &str = "price currency=\"";

/// Where reading goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// The shop itself.
    shop: Option<Shop>,
    /// The page to go on with; none: from the first one.
    page: Option<u32>,
    /// The first page's validator, kept where there is no other page.
    etag: Option<String>,
}

#[derive(Deserialize)]
struct Products {
    products: Vec<Product>,
}

/// What a shop says of itself. It says more, which is not read.
#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    name: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    myshopify_domain: String,
}

/// The pages of one fetch.
#[derive(Default)]
struct Sweep {
    products: Vec<Product>,
    next: Option<u32>,
    etag: Option<String>,
    is_whole: bool,
}

impl Shopify {
    /// Whether a shop gives its products away at an address.
    pub(super) async fn is_storefront(&self, context: &Context<'_>, typed: &str) -> bool {
        let Ok(origin) = place::origin(typed) else { return false };
        let page = context.net.get(&products_url(&origin, 1, 1), &Conditions::default()).await;
        page.is_ok_and(|page| read(&page).is_ok())
    }

    /// Looks at a storefront: its name, which is where it is in the end, and what stands there.
    pub(super) async fn visit(&self, context: &Context<'_>, typed: &str) -> Result<(String, Fetched), FetchError> {
        let typed = place::origin(typed)?;
        let is_at_shopify = typed.host_str().is_some_and(place::is_shop_host);
        let found = self.land(context, &typed).await.map_err(|error| match error.problem {
            Problem::NotFound if is_at_shopify => Problem::NoSuchAccount.into(),
            Problem::NotFound | Problem::MalformedAnswer => Problem::NotSuchAShop { platform: "shopify".to_owned() }.into(),
            _ => error,
        });
        let origin = found?;
        let fetched = self.fetch_storefront(context, &origin, None).await?;
        Ok((origin.as_str().trim_end_matches('/').to_owned(), fetched))
    }

    /// Where a storefront is in the end: a host at Shopify leads on to the shop's own.
    async fn land(&self, context: &Context<'_>, typed: &Url) -> Result<Url, FetchError> {
        let page = context.net.get(&products_url(typed, 1, 1), &Conditions::default()).await?;
        read(&page)?;
        Ok(place::up_to_host(page.url))
    }

    /// Fetches the products, all of them if that takes no more than ten pages, else in turns.
    pub(super) async fn fetch_storefront(&self, context: &Context<'_>, origin: &Url, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let known: Cursor = cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let shop = known.shop.filter(|shop| shop.is_fresh(context.now));
        let etag = known.etag.filter(|_| shop.is_some());
        let Some(sweep) = sweep(context, origin, known.page, etag).await? else { return Ok(Fetched::Unchanged) };
        let shop = match shop {
            Some(shop) => shop,
            None => ask_shop(context, origin).await?,
        };
        let mut seen = HashSet::new();
        let products = sweep.products.iter().filter(|product| seen.insert(product.id()));
        let trades: Vec<Trade> = products.map(|product| product.trade(&shop, self.allow_http_links, context.now)).collect();
        let label = shop.label.clone();
        let cursor = Cursor { shop: Some(shop), page: sweep.next, etag: sweep.etag };
        Ok(Fetched::Changed {
            cursor: serde_json::to_string(&cursor).ok(),
            label,
            trades,
            complete: sweep.is_whole,
            gone: Vec::new(),
            more: sweep.next.is_some(),
        })
    }

    /// The host at Shopify of what was typed: the Admin API is there and nowhere else.
    pub(super) async fn shop_of(&self, context: &Context<'_>, typed: &str) -> Result<String, FetchError> {
        if let Some(host) = place::host_at_shopify(typed) {
            return Ok(host);
        }
        let url = place::origin(typed)?.join("meta.json").map_err(|_| Problem::NotAnAddress)?;
        let not_such = || FetchError::from(Problem::NotSuchAShop { platform: "shopify".to_owned() });
        let page = context.net.get(&url, &Conditions::default()).await.map_err(|error| match error.problem {
            Problem::NotFound => not_such(),
            _ => error.into(),
        })?;
        let meta: Meta = serde_json::from_slice(&page.body).map_err(|_| not_such())?;
        let host = meta.myshopify_domain.to_ascii_lowercase();
        // Only Shopify itself is told a token, whatever a page says.
        if place::is_shop_host(&host) { Ok(host) } else { Err(not_such()) }
    }
}

/// None where nothing has changed.
async fn sweep(context: &Context<'_>, origin: &Url, from: Option<u32>, etag: Option<String>) -> Result<Option<Sweep>, FetchError> {
    let first = from.unwrap_or(1);
    let mut sweep = Sweep::default();
    let mut conditions = Conditions { etag: etag.filter(|_| from.is_none()), last_modified: None };
    for number in first..first + PAGES {
        let page = context.net.get(&products_url(origin, PRODUCTS, number), &std::mem::take(&mut conditions)).await?;
        if page.unchanged {
            return Ok(None);
        }
        let products = read(&page)?;
        let is_last = products.len() < PRODUCTS;
        sweep.products.extend(products);
        if is_last {
            sweep.is_whole = first == 1;
            sweep.etag = page.conditions.etag.filter(|_| number == 1);
            return Ok(Some(sweep));
        }
    }
    sweep.next = Some(first + PAGES).filter(|next| *next <= LAST_PAGE);
    Ok(Some(sweep))
}

fn products_url(origin: &Url, limit: usize, page: u32) -> Url {
    let mut url = origin.clone();
    url.set_path("/products.json");
    url.query_pairs_mut().append_pair("limit", &limit.to_string()).append_pair("page", &page.to_string());
    url
}

/// A shop that is not open yet leads to the page for its password.
fn read(page: &Page) -> Result<Vec<Product>, Problem> {
    if page.url.path() == "/password" {
        return Err(Problem::NeedsLogin);
    }
    serde_json::from_slice(&page.body).map(|read: Products| read.products).map_err(|_| Problem::MalformedAnswer)
}

/// Name and currency of a shop. One that says neither has offers without prices.
async fn ask_shop(context: &Context<'_>, origin: &Url) -> Result<Shop, FetchError> {
    let meta: Option<Meta> = said(context, origin, "meta.json").await?.and_then(|page| serde_json::from_slice(&page.body).ok());
    let (name, code) = meta.map(|meta| (meta.name, meta.currency)).unwrap_or_default();
    let currency = match shop::currency(&code) {
        Some(currency) => Some(currency),
        None => said(context, origin, "collections/all.atom").await?.and_then(|page| currency_in_atom(&page)),
    };
    let host = origin.host_str().unwrap_or_default();
    let label = Line::title(&html::text(if name.is_empty() { host } else { &name }));
    Ok(Shop::new(label, currency, origin.clone(), context.now))
}

/// What stands at a path; none where nothing does. What may pass is an error: nothing is told without
/// its price because a server was slow.
async fn said(context: &Context<'_>, origin: &Url, path: &str) -> Result<Option<Page>, FetchError> {
    let Ok(url) = origin.join(path) else { return Ok(None) };
    match context.net.get(&url, &Conditions::default()).await {
        Ok(page) => Ok(Some(page)),
        Err(error) if error.problem.may_pass() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn currency_in_atom(page: &Page) -> Option<Currency> {
    let text = String::from_utf8_lossy(&page.body);
    let at = text.find(ATOM_CURRENCY)? + ATOM_CURRENCY.len();
    shop::currency(text.get(at..at + 3)?)
}
