//! What a seller offers, newest first: the Browse API, as the operator's app.

use super::Amount;
use super::Ebay;
use super::site::Account;
use super::understood;
use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::net::Answer;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::grant;
use crate::platforms::grant::Tokens;
use crate::platforms::title;
use crate::values::Secret;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashSet;
use url::Url;

/// Offers on a page: the most there may be.
const OFFERS: usize = 200;

/// Pages in one fetch: the newest two thousand offers.
const PAGES: usize = 10;

/// All ways to buy; without it, auctions are left out.
const BUYING_OPTIONS: &str = "buyingOptions:{FIXED_PRICE|AUCTION|BEST_OFFER|CLASSIFIED_AD}";

/// What the app's own token allows: what everybody can see.
const SCOPE: &str = "https://api.ebay.com/oauth/api_scope";

/// A filter was not understood, so that more was found than was meant.
const FILTER_INVALID: u32 = 12_002;

/// There is no seller of that name.
const SELLER_INVALID: u32 = 12_003;

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    total: usize,
    #[serde(default, rename = "itemSummaries")]
    items: Vec<Item>,
    #[serde(default)]
    warnings: Vec<super::ErrorDetail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(rename = "itemId")]
    id: String,
    #[serde(default)]
    legacy_item_id: Option<String>,
    title: String,
    #[serde(default)]
    price: Option<Amount>,
    #[serde(default)]
    marketing_price: Option<MarketingPrice>,
    #[serde(default)]
    buying_options: Vec<String>,
    #[serde(default, rename = "itemWebUrl")]
    page: String,
    #[serde(default)]
    image: Option<Image>,
    #[serde(default)]
    categories: Vec<Category>,
    #[serde(default, rename = "itemCreationDate")]
    created: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MarketingPrice {
    #[serde(default)]
    original_price: Option<Amount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    image_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Category {
    #[serde(default)]
    category_name: String,
}

impl Ebay {
    /// The offers of a seller, and whether these are all.
    pub(super) async fn offers(&self, context: &Context<'_>, account: &Account) -> Result<(Vec<Trade>, bool), FetchError> {
        let mut trades = Vec::new();
        let mut seen = HashSet::new();
        let mut items = 0;
        for number in 0..PAGES {
            let answer = self.send_as_app(context, account, &self.search_url(account, number * OFFERS)?).await?;
            let page: Search = answer.json()?;
            match page.warnings.iter().map(|warning| warning.error_id).find(|id| matches!(*id, FILTER_INVALID | SELLER_INVALID)) {
                Some(SELLER_INVALID) => return Err(Problem::NoSuchAccount.into()),
                Some(other) => return Err(Problem::refused(&other.to_string()).into()),
                None => {}
            }
            items += page.items.len();
            let new = page.items.iter().filter(|item| seen.insert(item.number().to_owned()));
            trades.extend(new.map(|item| item.trade(self.allow_http_links, context.now)));
            if page.items.len() < OFFERS {
                // A search that finds less than it counts has left something out.
                return Ok((trades, items >= page.total));
            }
        }
        Ok((trades, false))
    }

    fn search_url(&self, account: &Account, offset: usize) -> Result<Url, Problem> {
        let mut url = self.settings.address.join("buy/browse/v1/item_summary/search").map_err(|_| Problem::NotAnAddress)?;
        let filter = format!("sellers:{{{}}},{BUYING_OPTIONS}", account.seller);
        let words = [("category_ids", &self.settings.category_ids), ("q", &self.settings.keywords)];
        url.query_pairs_mut()
            .extend_pairs(words.iter().filter(|(_, text)| !text.is_empty()))
            .append_pair("filter", &filter)
            .append_pair("sort", "newlyListed")
            .append_pair("limit", &OFFERS.to_string())
            .append_pair("offset", &offset.to_string());
        Ok(url)
    }

    /// Sends a request as the app. Its token may have been withdrawn before its end: then with a new one.
    async fn send_as_app(&self, context: &Context<'_>, account: &Account, url: &Url) -> Result<Answer, FetchError> {
        let key = self.app_token_key();
        for _ in 0..2 {
            let token = self.app_token(context, &key).await?;
            let request = Request::get(url.clone()).with("x-ebay-c-marketplace-id", account.marketplace.id());
            let answer = context.net.send(request.as_bearer(&token)).await?;
            match answer.status.as_u16() {
                401 => drop(self.tokens.forget(&key)),
                403 => break,
                _ => return understood(answer),
            }
        }
        Err(Problem::AppRefused.into())
    }

    fn app_token_key(&self) -> String {
        Tokens::key(&[&self.settings.app_key, self.settings.app_secret.expose()])
    }

    async fn app_token(&self, context: &Context<'_>, key: &str) -> Result<Secret, FetchError> {
        if let Some(token) = self.tokens.get(key, context.now) {
            return Ok(token);
        }
        let granted = self.grant(context, &[("grant_type", "client_credentials"), ("scope", SCOPE)]).await;
        let granted: grant::Granted = granted.map_err(|error| match error.problem {
            // Nobody but the operator has a secret here.
            Problem::SecretRefused | Problem::NotAllowed { .. } => Problem::AppRefused.into(),
            _ => error,
        })?;
        self.tokens.keep(key.to_owned(), &granted, context.now);
        Ok(granted.token())
    }
}

impl Item {
    /// The number that stands in the address of its page; one for all its variations.
    fn number(&self) -> &str {
        self.legacy_item_id.as_deref().unwrap_or(&self.id)
    }

    fn trade(&self, allow_http_links: bool, now: Timestamp) -> Trade {
        let mut trade = title::trade(Kind::Listing, ExternalId::new(self.number()), &self.title, now);
        trade.price = self.price();
        trade.available = Some(true);
        trade.link = Url::parse(&self.page).ok().and_then(|mut url| {
            url.set_query(None);
            PublicLink::new(url, allow_http_links)
        });
        trade.image = self.image.as_ref().and_then(|image| PublicLink::new(Url::parse(&image.image_url).ok()?, false));
        let categories = self.categories.iter().map(|category| title::category(&category.category_name));
        trade.categories = categories.filter(|category| !category.text.is_empty()).collect();
        trade.occurred_at = self.created;
        trade
    }

    /// What it costs to buy it now. Bids are no prices: each would be one change more.
    fn price(&self) -> Option<Price> {
        let is_fixed = self.buying_options.iter().any(|option| matches!(option.as_str(), "FIXED_PRICE" | "CLASSIFIED_AD"));
        let price = self.price.as_ref().filter(|_| is_fixed)?;
        let (amount, currency) = (price.amount()?, price.currency()?);
        let original = self.marketing_price.as_ref().and_then(|marketing| marketing.original_price.as_ref());
        let old = original.filter(|original| original.currency == price.currency).and_then(Amount::amount).filter(|old| *old > amount);
        Some(Price { old, ..Price::new(amount, currency) })
    }
}
