//! `WooCommerce`, the shop system for `WordPress`. An account is a shop's address: without keys what
//! anybody may read (the Store API), with the owner's keys also what was sold (the interface v3).

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::trade::Kind;
use crate::platforms::Application;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::Push;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::address;
use crate::values::Within;
use async_trait::async_trait;
use client::Client;
use client::Keys;
use iso_currency::Currency;
use items::Maker;
use serde::Deserialize;
use shop::Shop;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use toml_example::TomlExample;
use url::Url;

mod client;
mod consent;
mod items;
mod keyed;
mod oauth;
mod open;
mod orders;
mod products;
mod push;
mod shop;

/// The platform "woocommerce": shops made with WooCommerce, by their address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct WooCommerceSettings {
    /// How often a shop is looked at. Without keys all of its products are read each time.
    pub interval_seconds: Within<u32, 1, 604_800>,
}

impl Default for WooCommerceSettings {
    fn default() -> Self {
        Self { interval_seconds: Within::literal(900) }
    }
}

/// The adapter for `WooCommerce`.
pub struct WooCommerce {
    descriptor: Descriptor,
    allow_http_links: bool,
    /// The currencies of shops, as far as they have been asked: what a shop pushes does not say it.
    currencies: Mutex<BTreeMap<String, Currency>>,
}

impl WooCommerce {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &WooCommerceSettings, allow_http_links: bool) -> Self {
        let descriptor = Descriptor {
            id: PlatformId::new("woocommerce"),
            name: "WooCommerce".to_owned(),
            open_kinds: vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn],
            kinds: vec![Kind::Listing, Kind::Sale, Kind::PriceChange, Kind::Withdrawn],
            secret: SecretUse::Optional,
            secret_form: SecretForm::Keys,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: true,
        };
        Self { descriptor, allow_http_links, currencies: Mutex::default() }
    }

    async fn read(&self, context: &Context<'_>, shop: &Shop, keys: Option<&Keys>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let client = Client::new(context, shop, keys);
        let maker = Maker { shop, allow_http_links: self.allow_http_links, now: context.now };
        if keys.is_none() {
            return open::fetch(&client, maker, cursor).await;
        }
        let brought = keyed::fetch(&client, maker, cursor).await?;
        if let Some(currency) = brought.currency {
            self.currencies.lock().unwrap_or_else(PoisonError::into_inner).insert(shop.name(), currency);
        }
        Ok(brought.fetched)
    }

    fn currency_of(&self, shop: &Shop) -> Option<Currency> {
        self.currencies.lock().unwrap_or_else(PoisonError::into_inner).get(&shop.name()).copied()
    }

    fn needed_keys(login: &Login<'_>) -> Result<Keys, Problem> {
        keys(login.credentials)?.ok_or(Problem::SecretNeeded)
    }
}

#[async_trait]
impl Platform for WooCommerce {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        shop::is_interface(typed)
    }

    async fn stands_at(&self, context: &Context<'_>, typed: &str) -> bool {
        match address::parse(typed) {
            Ok(page) => shop::find(context, &page).await.is_ok(),
            Err(_) => false,
        }
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let page = address::parse(application.typed)?;
        let keys = keys(application.credentials)?;
        let shop = locate(context, &page, keys.is_some()).await?;
        let fetched = self.read(context, &shop, keys.as_ref(), None).await?;
        Ok(Verified { name: shop.name(), fetched, label: shop.label() })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let (shop, keys) = (Shop::of_name(login.name)?, keys(login.credentials)?);
        self.read(context, &shop, keys.as_ref(), cursor).await
    }

    fn consent(&self) -> Option<&dyn Consent> {
        Some(self)
    }

    fn push(&self) -> Option<&dyn Push> {
        Some(self)
    }
}

fn keys(credentials: Option<&Credentials>) -> Result<Option<Keys>, Problem> {
    credentials.map(Keys::of).transpose()
}

/// The shop to which a page belongs. Keys are not taken to another place than the one that was typed,
/// and they may open what is closed to everybody else.
async fn locate(context: &Context<'_>, page: &Url, has_keys: bool) -> Result<Shop, FetchError> {
    let guess = Shop::guess(page);
    match shop::find(context, page).await {
        Ok(shop) if has_keys && !guess.is_as_good(&shop) => Err(Problem::LeadsElsewhere { address: shop.name() }.into()),
        Err(error) if has_keys && error.problem == Problem::NeedsLogin => Ok(guess),
        found => found,
    }
}
