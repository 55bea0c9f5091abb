//! What a shop sold: its receipts (Open API v3). A receipt names the buyer and where that person lives;
//! that is not read.

use super::Etsy;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::raw::Raw;
use crate::platforms::title;
use crate::values::Secret;
use iso_currency::Currency;
use jiff::SignedDuration;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use url::Url;
use zeroize::Zeroizing;

/// The right to read who she is.
pub(super) const READ_SHOPS: &str = "shops_r";

/// The right to read what was sold.
pub(super) const READ_SALES: &str = "transactions_r";

/// Receipts on a page: the most there may be.
const RECEIPTS: usize = 100;

/// Pages in one fetch.
const PAGES: usize = 10;

/// How far back receipts are asked for again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// How far back they are asked for the first time.
const FIRST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How a receipt stands that has been paid.
const PAID: [&str; 2] = ["paid", "completed"];

/// A shop, and its number.
pub(super) struct Owner {
    /// What it is called.
    pub(super) name: String,
    /// Its number.
    pub(super) shop: String,
}

/// Where reading goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    /// The shop's number.
    shop: Option<String>,
    /// Up to when the receipts have been read.
    read_at: Option<Timestamp>,
    /// How many of them were read, where reading is not done.
    offset: usize,
    /// From when on they are read, and when that began.
    window: Option<(Timestamp, Timestamp)>,
}

#[derive(Deserialize)]
struct Me {
    #[serde(default)]
    shop_id: Option<Raw>,
}

#[derive(Deserialize)]
struct Shop {
    shop_name: String,
}

#[derive(Deserialize)]
struct Receipts {
    results: Vec<Receipt>,
}

#[derive(Deserialize)]
struct Receipt {
    #[serde(rename = "receipt_id")]
    id: Raw,
    #[serde(default)]
    status: String,
    #[serde(default)]
    is_paid: bool,
    #[serde(default, rename = "created_timestamp")]
    created: Option<i64>,
    #[serde(default)]
    transactions: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Transaction {
    #[serde(rename = "transaction_id")]
    id: Raw,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    listing_id: Option<Raw>,
    #[serde(default)]
    quantity: u32,
    #[serde(default)]
    price: Option<Money>,
}

/// An amount in parts of a unit: 3800 of 100 are 38.
#[derive(Deserialize)]
struct Money {
    amount: i64,
    divisor: i64,
    currency_code: String,
}

/// What is wrong, in words.
#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl Etsy {
    /// Asks whose a token is.
    pub(super) async fn owner(&self, context: &Context<'_>, token: &Secret) -> Result<Owner, FetchError> {
        let me: Me = self.ask(context, "users/me", &[], token, READ_SHOPS).await?;
        let shop = me.shop_id.ok_or(Problem::NoSuchAccount)?.as_str().to_owned();
        let said: Shop = self.ask(context, &format!("shops/{shop}"), &[], token, READ_SHOPS).await?;
        Ok(Owner { name: said.shop_name, shop })
    }

    /// The sales whose receipts changed since they were last read, latest first: what changes meanwhile
    /// comes first, so that nothing slips behind the page to go on with.
    pub(super) async fn sold(&self, context: &Context<'_>, token: &Secret, known: Cursor) -> Result<(Vec<Trade>, Cursor), FetchError> {
        let shop = match known.shop {
            Some(shop) => shop,
            None => self.owner(context, token).await?.shop,
        };
        let since = known.read_at.map_or_else(|| context.now.checked_sub(FIRST), |at| at.checked_sub(OVERLAP)).unwrap_or(context.now);
        let (since, began_at) = known.window.unwrap_or((since, context.now));
        let path = format!("shops/{shop}/receipts");
        let mut sales = BTreeMap::new();
        for number in 0..PAGES {
            let (from, limit, offset) =
                (since.as_second().to_string(), RECEIPTS.to_string(), (known.offset + number * RECEIPTS).to_string());
            let query = [
                ("was_paid", "true"),
                ("was_canceled", "false"),
                ("min_last_modified", from.as_str()),
                ("sort_on", "updated"),
                ("sort_order", "desc"),
                ("limit", limit.as_str()),
                ("offset", offset.as_str()),
            ];
            let page: Receipts = self.ask(context, &path, &query, token, READ_SALES).await?;
            let sold = page.results.iter().flat_map(|receipt| receipt.sales(self.allow_http_links, context.now));
            sales.extend(sold.map(|trade| (trade.external_id.clone(), trade)));
            if page.results.len() < RECEIPTS {
                return Ok((sales.into_values().collect(), Cursor { shop: Some(shop), read_at: Some(began_at), ..Cursor::default() }));
            }
        }
        let (offset, window) = (known.offset + PAGES * RECEIPTS, Some((since, began_at)));
        Ok((sales.into_values().collect(), Cursor { shop: Some(shop), read_at: known.read_at, offset, window }))
    }

    /// Asks the interface as the owner of a token; `scope` is what it must allow.
    async fn ask<T: DeserializeOwned>(
        &self,
        context: &Context<'_>,
        path: &str,
        query: &[(&str, &str)],
        token: &Secret,
        scope: &str,
    ) -> Result<T, FetchError> {
        let mut url = self.settings.address.join("v3/application/").and_then(|url| url.join(path)).map_err(|_| Problem::NotAnAddress)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let app = Zeroizing::new(format!("{}:{}", self.settings.app_key, self.settings.app_secret.expose()));
        let answer = context.net.send(Request::get(url).as_bearer(token).with_secret("x-api-key", &app)).await?;
        let names_app = || answer.json().is_ok_and(|said: Refused| said.error.to_ascii_lowercase().contains("api"));
        match answer.status.as_u16() {
            401 | 403 if names_app() => Err(Problem::AppRefused.into()),
            401 => Err(Problem::SecretRefused.into()),
            403 => Err(Problem::NotAllowed { missing: scope.to_owned() }.into()),
            404 => Err(Problem::NoSuchAccount.into()),
            _ => Ok(answer.ok()?.json()?),
        }
    }
}

impl Cursor {
    /// Whether there is more to be read at once.
    pub(super) const fn is_inside(&self) -> bool {
        self.window.is_some()
    }
}

impl Receipt {
    fn sales(&self, allow_http_links: bool, now: Timestamp) -> impl Iterator<Item = Trade> {
        let is_sale = self.is_paid && PAID.contains(&self.status.to_ascii_lowercase().as_str());
        self.transactions.iter().filter(move |_| is_sale).map(move |sold| {
            let id = title::order_id(Kind::Sale, self.id.as_str(), sold.id.as_str());
            let mut trade = title::trade(Kind::Sale, id, sold.title.as_deref().unwrap_or_default(), now);
            trade.price = sold.price.as_ref().and_then(Money::price);
            trade.quantity = Some(sold.quantity).filter(|quantity| *quantity > 1);
            let page = sold.listing_id.as_ref().and_then(|id| Url::parse(&format!("https://www.etsy.com/listing/{}", id.as_str())).ok());
            trade.link = page.and_then(|page| PublicLink::new(page, allow_http_links));
            trade.occurred_at = self.created.and_then(|at| Timestamp::from_second(at).ok());
            trade
        })
    }
}

impl Money {
    fn price(&self) -> Option<Price> {
        let amount = Decimal::from(self.amount).checked_div(Decimal::from(self.divisor))?;
        Some(Price::new(amount, Currency::from_code(&self.currency_code)?))
    }
}
