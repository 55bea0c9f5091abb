//! Shopify. By its address alone a shop's offers are read from its storefront; with a token of its
//! Admin API its sales too, and the shop tells of both by itself.

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::platforms::Application;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::Push;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::grant::Tokens;
use crate::values::Secret;
use crate::values::Within;
use async_trait::async_trait;
pub use place::ShopAddress;
use serde::Deserialize;
use shop::Shops;
use toml_example::TomlExample;

mod admin;
mod consent;
mod hooks;
mod orders;
mod place;
mod product;
mod secret;
mod shop;
mod storefront;

/// The platform "shopify": shops on Shopify. Without an app of yours, sharers can still add shops by
/// address, or by a token or an app of their own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct ShopifySettings {
    /// How often a shop is looked at.
    pub interval_seconds: Within<u32, 1, 604_800>,
    /// The client id of your app at Shopify: with it sharers agree by link.
    #[toml_example(default = "")]
    pub app_key: String,
    /// The client secret of your app, or {file="/path"}. Shopify signs with it what it sends.
    #[serde(deserialize_with = "crate::values::secret_or_file")]
    #[toml_example(default = "")]
    pub app_secret: Secret,
    /// The version of the Admin API that is spoken; Shopify keeps each for a year.
    #[toml_example(default = "2026-01")]
    pub api_version: String,
    /// Where a shop's Admin API is; `{shop}` stands for its host, "joy.myshopify.com".
    #[toml_example(default = "https://{shop}/")]
    pub shop_address: ShopAddress,
}

impl Default for ShopifySettings {
    fn default() -> Self {
        Self {
            interval_seconds: Within::literal(600),
            app_key: String::new(),
            app_secret: Secret::default(),
            api_version: "2026-01".to_owned(),
            shop_address: ShopAddress::default(),
        }
    }
}

/// The adapter for Shopify.
pub struct Shopify {
    descriptor: Descriptor,
    settings: ShopifySettings,
    allow_http_links: bool,
    /// Tokens of sharers' own apps.
    tokens: Tokens,
    /// What is known of the shops: a push does not say it.
    shops: Shops,
}

impl Shopify {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &ShopifySettings, allow_http_links: bool) -> Self {
        let offers = vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn];
        let descriptor = Descriptor {
            id: PlatformId::new("shopify"),
            name: "Shopify".to_owned(),
            kinds: [offers.as_slice(), &[Kind::Sale]].concat(),
            open_kinds: offers,
            secret: SecretUse::Optional,
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: true,
        };
        Self { descriptor, settings: settings.clone(), allow_http_links, tokens: Tokens::default(), shops: Shops::default() }
    }

    /// Whether the operator has an app.
    fn has_app(&self) -> bool {
        !self.settings.app_key.is_empty() && self.settings.app_secret.is_made()
    }
}

#[async_trait]
impl Platform for Shopify {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        place::is_at_shopify(typed)
    }

    async fn stands_at(&self, context: &Context<'_>, typed: &str) -> bool {
        self.is_storefront(context, typed).await
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let (name, fetched) = match application.credentials {
            Some(credentials) => {
                let name = self.shop_of(context, application.typed).await?;
                let fetched = self.fetch_admin(context, &name, credentials, None).await?;
                (name, fetched)
            }
            None => self.visit(context, application.typed).await?,
        };
        let label = match &fetched {
            Fetched::Changed { label, .. } if !label.is_empty() => label.clone(),
            _ => Line::title(&name),
        };
        Ok(Verified { name, fetched, label })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        match login.credentials {
            Some(credentials) => self.fetch_admin(context, login.name, credentials, cursor).await,
            None => self.fetch_storefront(context, &place::origin(login.name)?, cursor).await,
        }
    }

    fn consent(&self) -> Option<&dyn Consent> {
        self.has_app().then_some(self)
    }

    fn push(&self) -> Option<&dyn Push> {
        Some(self)
    }
}

/// What a platform's interface refused, said as a problem of ours. `scope`: what the token must allow.
fn refusal(status: http::StatusCode, scope: &str) -> Option<Problem> {
    match status.as_u16() {
        401 => Some(Problem::SecretRefused),
        403 => Some(Problem::NotAllowed { missing: scope.to_owned() }),
        404 => Some(Problem::NoSuchAccount),
        _ => None,
    }
}
