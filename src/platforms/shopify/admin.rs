//! The Admin API (REST): products and orders with a token, a page after the other, each page naming
//! the next. Of both only the fields that are needed are asked for.

use super::Shopify;
use super::orders;
use super::orders::Order;
use super::product;
use super::product::Product;
use super::refusal;
use super::shop;
use super::shop::Shop;
use crate::domain::ids::ExternalId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::net::Answer;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::html;
use crate::values::Secret;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use url::Url;

/// Entries on a page: the most there may be.
const ENTRIES: &str = "250";

/// Pages of products in one fetch, and as many of orders.
const PAGES: usize = 10;

/// How far back orders are asked for again: what changes while it is asked may be listed late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// How far back the orders are asked for the first time.
const FIRST_ORDERS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a token must allow for products.
pub(super) const READ_PRODUCTS: &str = "read_products";

/// What a token must allow for orders.
pub(super) const READ_ORDERS: &str = "read_orders";

/// Where reading goes on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// The shop itself.
    shop: Option<Shop>,
    /// The page of products to go on with; none: from the first one.
    products: Option<String>,
    /// The page of orders to go on with.
    orders: Option<String>,
    /// Up to when the orders have been read.
    orders_at: Option<Timestamp>,
    /// When reading the orders began, where it is not done.
    orders_began_at: Option<Timestamp>,
}

/// Pages of a list.
struct Pages<T> {
    entries: Vec<T>,
    /// Where to go on; none: that was all.
    next: Option<String>,
}

/// The Admin API of one shop.
pub(super) struct Admin<'a> {
    context: &'a Context<'a>,
    base: Url,
    version: &'a str,
    token: Secret,
}

#[derive(Deserialize)]
struct ShopAnswer {
    shop: ShopFields,
}

#[derive(Deserialize)]
struct ShopFields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    domain: String,
    currency: String,
}

#[derive(Deserialize)]
struct Products {
    products: Vec<Product>,
}

#[derive(Deserialize)]
struct Orders {
    orders: Vec<Order>,
}

impl Cursor {
    /// Whether reading goes on in the middle of a list.
    const fn is_inside(&self) -> bool {
        self.products.is_some() || self.orders.is_some()
    }

    fn begun_anew(self) -> Self {
        Self { shop: self.shop, orders_at: self.orders_at, ..Self::default() }
    }
}

impl Shopify {
    /// Where the Admin API of the shop at `host` is.
    pub(super) fn base(&self, host: &str) -> Result<Url, Problem> {
        self.settings.shop_address.of(host).ok_or(Problem::NotAnAddress)
    }

    /// The Admin API of the shop `name`.
    pub(super) async fn admin<'a>(
        &'a self,
        context: &'a Context<'a>,
        name: &str,
        credentials: &Credentials,
    ) -> Result<Admin<'a>, FetchError> {
        let base = self.base(name)?;
        let token = self.token(context, &base, credentials).await?;
        Ok(Admin { context, base, version: &self.settings.api_version, token })
    }

    /// Fetches products and orders.
    pub(super) async fn fetch_admin(
        &self,
        context: &Context<'_>,
        name: &str,
        credentials: &Credentials,
        cursor: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let admin = self.admin(context, name, credentials).await?;
        let known: Cursor = cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        match self.fetch_with(&admin, name, known.clone()).await {
            // A token that was got a while ago may have been withdrawn since; the app it is got with not.
            Err(error) if error.problem == Problem::SecretRefused && self.forget_token(&admin.base, credentials) => {
                let admin = self.admin(context, name, credentials).await?;
                self.fetch_with(&admin, name, known).await
            }
            // What names a page holds for a while only.
            Err(error) if known.is_inside() && error.problem == (Problem::HttpStatus { status: 400 }) => {
                self.fetch_with(&admin, name, known.begun_anew()).await
            }
            fetched => fetched,
        }
    }

    async fn fetch_with(&self, admin: &Admin<'_>, name: &str, mut known: Cursor) -> Result<Fetched, FetchError> {
        let now = admin.context.now;
        let shop = match known.shop.take().filter(|shop| shop.is_fresh(now)) {
            Some(shop) => shop,
            None => admin.shop(name).await?,
        };
        self.shops.keep(name, &shop);
        let began_inside = known.products.is_some();
        let products = admin.products(known.products.take()).await?;
        let (began_at, orders) = admin.orders(&known).await?;
        let listed = self.offers(&products.entries, &shop, now);
        let sold = self.sales(admin, &orders.entries, &products.entries, &shop).await?;
        let more = products.next.is_some() || orders.next.is_some();
        let complete = !began_inside && products.next.is_none();
        let cursor = Cursor {
            shop: Some(shop.clone()),
            products: products.next,
            orders_at: if orders.next.is_none() { Some(began_at) } else { known.orders_at },
            orders_began_at: orders.next.as_ref().map(|_| began_at),
            orders: orders.next,
        };
        Ok(Fetched::Changed {
            cursor: serde_json::to_string(&cursor).ok(),
            label: shop.label,
            trades: listed.into_values().chain(sold).collect(),
            complete,
            gone: Vec::new(),
            more,
        })
    }

    /// What is on offer: what nobody sees in the shop is not.
    fn offers(&self, products: &[Product], shop: &Shop, now: Timestamp) -> BTreeMap<ExternalId, Trade> {
        let published = products.iter().filter(|product| product.is_published());
        published.map(|product| (product.id(), product.trade(shop, self.allow_http_links, now))).collect()
    }

    /// What was sold. Orders do not say where a product's page is, so products that were not among those
    /// listed are asked for.
    async fn sales(&self, admin: &Admin<'_>, sold: &[Order], listed: &[Product], shop: &Shop) -> Result<Vec<Trade>, FetchError> {
        let known: BTreeMap<ExternalId, &Product> = listed.iter().map(|product| (product.id(), product)).collect();
        let missing: Vec<ExternalId> = orders::products(sold).filter(|id| !known.contains_key(id)).collect();
        let asked = admin.products_by_id(missing).await?;
        let all: BTreeMap<ExternalId, &Product> = known.into_iter().chain(asked.iter().map(|product| (product.id(), product))).collect();
        Ok(orders::trades(sold, &all, shop, self.allow_http_links, admin.context.now))
    }
}

impl Admin<'_> {
    /// An address of the interface.
    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, Problem> {
        let mut url = self.base.join(&format!("admin/api/{}/{path}", self.version)).map_err(|_| Problem::NotAnAddress)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// Sends a request; `scope` is what the token must allow for it.
    pub(super) async fn send(&self, request: Request, scope: &str) -> Result<Answer, FetchError> {
        let answer = self.context.net.send(request.with_secret("x-shopify-access-token", self.token.expose())).await?;
        match refusal(answer.status, scope) {
            Some(problem) => Err(problem.into()),
            None => Ok(answer.ok()?),
        }
    }

    async fn shop(&self, name: &str) -> Result<Shop, FetchError> {
        let answer = self.send(Request::get(self.url("shop.json", &[("fields", "name,domain,currency")])?), READ_PRODUCTS).await?;
        let ShopFields { name: label, domain, currency } = answer.json::<ShopAnswer>()?.shop;
        let host = if domain.is_empty() { name } else { &domain };
        let pages = Url::parse(&format!("https://{host}/")).map_err(|_| Problem::MalformedAnswer)?;
        Ok(Shop::new(Line::title(&html::text(&label)), shop::currency(&currency), pages, self.context.now))
    }

    async fn products(&self, from: Option<String>) -> Result<Pages<Product>, FetchError> {
        let fields = product::FIELDS.join(",");
        let first = [("limit", ENTRIES), ("status", "active"), ("published_status", "published"), ("fields", &fields)];
        let pages = self.pages("products.json", &first, &fields, from, READ_PRODUCTS, |page: Products| page.products);
        pages.await
    }

    async fn products_by_id(&self, ids: Vec<ExternalId>) -> Result<Vec<Product>, FetchError> {
        let fields = product::FIELDS.join(",");
        let mut found = Vec::new();
        for ids in ids.chunks(50) {
            let ids: Vec<&str> = ids.iter().map(ExternalId::as_str).collect();
            let url = self.url("products.json", &[("ids", &ids.join(",")), ("limit", ENTRIES), ("fields", &fields)])?;
            found.extend(self.send(Request::get(url), READ_PRODUCTS).await?.json::<Products>()?.products);
        }
        Ok(found)
    }

    /// The orders that changed since they were last read, and when reading them began.
    async fn orders(&self, known: &Cursor) -> Result<(Timestamp, Pages<Order>), FetchError> {
        let now = self.context.now;
        let since = known.orders_at.and_then(|at| at.checked_sub(OVERLAP).ok()).or_else(|| now.checked_sub(FIRST_ORDERS).ok());
        let since = since.unwrap_or(now).to_string();
        let fields = orders::FIELDS.join(",");
        let first = [("limit", ENTRIES), ("status", "any"), ("financial_status", "paid"), ("updated_at_min", &since), ("fields", &fields)];
        let began_at = known.orders_began_at.filter(|_| known.orders.is_some()).unwrap_or(now);
        let pages = self.pages("orders.json", &first, &fields, known.orders.clone(), READ_ORDERS, |page: Orders| page.orders);
        Ok((began_at, pages.await?))
    }

    /// The pages of a list, at most ten. A page that is named by another takes no other filter.
    async fn pages<T, P: DeserializeOwned>(
        &self,
        path: &str,
        first: &[(&str, &str)],
        fields: &str,
        from: Option<String>,
        scope: &str,
        entries: impl Fn(P) -> Vec<T>,
    ) -> Result<Pages<T>, FetchError> {
        let mut pages = Pages { entries: Vec::new(), next: from };
        for _ in 0..PAGES {
            let url = match pages.next.as_deref() {
                None => self.url(path, first)?,
                Some(page) => self.url(path, &[("limit", ENTRIES), ("page_info", page), ("fields", fields)])?,
            };
            let answer = self.send(Request::get(url), scope).await?;
            pages.entries.extend(entries(answer.json()?));
            pages.next = answer.header("link").and_then(next_page);
            if pages.next.is_none() {
                break;
            }
        }
        Ok(pages)
    }
}

/// The page that a Link header names as the next one (RFC 8288), by what names it.
fn next_page(link: &str) -> Option<String> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let url = Url::parse(next.split_once('<')?.1.split_once('>')?.0).ok()?;
    url.query_pairs().find(|(name, _)| name == "page_info").map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::next_page;

    #[test]
    fn the_next_page_is_told_from_the_previous_one() {
        let link = r#"<https://joy.myshopify.com/admin/api/2026-01/orders.json?page_info=a&limit=2>; rel="previous", <https://joy.myshopify.com/admin/api/2026-01/orders.json?limit=2&page_info=b%3D>; rel="next""#;
        assert_eq!(next_page(link).as_deref(), Some("b="));
        assert_eq!(next_page(r#"<https://joy.myshopify.com/x?page_info=a>; rel="previous""#), None);
        assert_eq!(next_page(""), None);
    }
}
