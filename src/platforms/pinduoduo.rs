//! Pinduoduo, by its open platform: an account is a shop, by its number. The app is the operator's, the
//! access token the merchant's own.

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::Application;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::gateway;
use crate::values::Secret;
use crate::values::Within;
use async_trait::async_trait;
use pop::Pop;
use serde::Deserialize;
use serde::Serialize;
use shop::Shop;
use toml_example::TomlExample;
use url::Url;

mod consent;
mod listings;
mod pop;
mod prices;
mod sales;
mod shop;

/// Whose addresses are shops and goods here.
const HOSTS: [&str; 2] = ["pinduoduo.com", "yangkeduo.com"];

/// The platform "pinduoduo": shops on Pinduoduo. It needs an app of yours on the Pinduoduo open
/// platform that may read the goods and the orders of merchants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct PinduoduoSettings {
    /// The app's key (`client_id`); empty: the platform is off.
    pub app_key: String,
    /// The app's secret (`client_secret`): "text", or {file="/path"}.
    #[serde(deserialize_with = "crate::values::secret_or_file")]
    #[toml_example(default = "")]
    pub app_secret: Secret,
    /// The gateway. Tokens are got there too.
    #[toml_example(default = "https://gw-api.pinduoduo.com/api/router")]
    pub gateway: Url,
    /// The page on which a merchant agrees; for some apps it is `https://mms.pinduoduo.com/open.html`.
    #[toml_example(default = "https://fuwu.pinduoduo.com/service-market/auth")]
    pub consent_page: Url,
    /// How often a shop is looked at.
    pub interval_seconds: Within<u32, 1, 604_800>,
}

impl Default for PinduoduoSettings {
    fn default() -> Self {
        Self {
            app_key: String::new(),
            app_secret: Secret::default(),
            gateway: address("https://gw-api.pinduoduo.com/api/router"),
            consent_page: address("https://fuwu.pinduoduo.com/service-market/auth"),
            interval_seconds: Within::literal(300),
        }
    }
}

#[expect(clippy::expect_used, reason = "constants, parsed by every test that reads a configuration")]
fn address(text: &str) -> Url {
    Url::parse(text).expect("it is an address")
}

/// The adapter for Pinduoduo.
pub struct Pinduoduo {
    descriptor: Descriptor,
    settings: PinduoduoSettings,
}

/// Where reading goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    listings: listings::State,
    prices: prices::State,
    sales: sales::State,
}

/// What one fetch brought.
#[derive(Default)]
struct Found {
    trades: Vec<Trade>,
    /// Whether all that is on sale is among it.
    complete: bool,
    /// Whether there is more to be read at once.
    more: bool,
}

impl Pinduoduo {
    /// An adapter; without an app it is off.
    #[must_use]
    pub fn new(settings: &PinduoduoSettings) -> Self {
        let descriptor = Descriptor {
            id: PlatformId::new("pinduoduo"),
            name: "Pinduoduo (拼多多)".to_owned(),
            open_kinds: Vec::new(),
            kinds: vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn, Kind::Sale],
            secret: SecretUse::Required,
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: !settings.app_key.is_empty() && settings.app_secret.is_made(),
        };
        Self { descriptor, settings: settings.clone() }
    }

    fn pop<'a>(&'a self, context: &Context<'a>, token: Option<Secret>) -> Result<Pop<'a>, Problem> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused);
        }
        Ok(Pop { settings: &self.settings, net: context.net, now: context.now, token })
    }

    async fn read(pop: &Pop<'_>, mut cursor: Cursor) -> Result<Fetched, FetchError> {
        let mut found = Found::default();
        listings::read(pop, &mut cursor.listings, &mut found).await?;
        prices::read(pop, &mut cursor.prices, &mut found.trades).await?;
        sales::read(pop, &mut cursor.sales, &mut found).await?;
        Ok(Fetched::Changed {
            cursor: serde_json::to_string(&cursor).ok(),
            label: Line::default(),
            trades: gateway::once(found.trades),
            complete: found.complete,
            gone: Vec::new(),
            more: found.more,
        })
    }
}

#[async_trait]
impl Platform for Pinduoduo {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        gateway::is_on(typed, &HOSTS)
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let pop = self.pop(context, Some(gateway::token(application.credentials)?))?;
        let shop = shop::of(&pop).await?;
        // A shop's address does not name it: whose it is, the token says.
        if !shop.is_called(application.typed) && !self.recognises(application.typed) {
            return Err(Problem::NoSuchAccount.into());
        }
        let fetched = Self::read(&pop, Cursor::default()).await?;
        let Shop { id, name } = shop;
        Ok(Verified { label: Line::title(&name), name: id, fetched })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let pop = self.pop(context, Some(gateway::token(login.credentials)?))?;
        let cursor = cursor.and_then(|text| serde_json::from_str(text).ok());
        if cursor.is_none() && !shop::of(&pop).await?.is_called(login.name) {
            return Err(Problem::SecretRefused.into());
        }
        Self::read(&pop, cursor.unwrap_or_default()).await
    }

    fn consent(&self) -> Option<&dyn Consent> {
        self.descriptor.is_set_up.then_some(self)
    }
}
