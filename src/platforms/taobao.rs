//! Taobao and Tmall, by the Taobao open platform (TOP): an account is a shop, by the nick of its
//! seller. The app is the operator's, the session the seller's own.

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::Application;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
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
use serde::Deserialize;
use serde::Serialize;
use shop::Shop;
use toml_example::TomlExample;
use top::Top;
use url::Url;

mod consent;
mod listings;
mod sales;
mod shop;
mod top;

/// Whose addresses are shops here.
const HOSTS: [&str; 2] = ["taobao.com", "tmall.com"];

/// The platform "taobao": shops on Taobao and Tmall. It needs an app of yours on the Taobao open
/// platform that may read the items and the trades of sellers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct TaobaoSettings {
    /// The app's key (App Key); empty: the platform is off.
    pub app_key: String,
    /// The app's secret (App Secret): "text", or {file="/path"}.
    #[serde(deserialize_with = "crate::values::secret_or_file")]
    #[toml_example(default = "")]
    pub app_secret: Secret,
    /// The gateway.
    #[toml_example(default = "https://gw.api.taobao.com/router/rest")]
    pub gateway: Url,
    /// The page on which a seller agrees.
    #[toml_example(default = "https://oauth.taobao.com/authorize")]
    pub consent_page: Url,
    /// Where a session is got after she has.
    #[toml_example(default = "https://oauth.taobao.com/token")]
    pub token_address: Url,
    /// How often a shop is looked at. Each time costs two calls or more of the app's daily quota.
    pub interval_seconds: Within<u32, 1, 604_800>,
}

impl Default for TaobaoSettings {
    fn default() -> Self {
        Self {
            app_key: String::new(),
            app_secret: Secret::default(),
            gateway: address("https://gw.api.taobao.com/router/rest"),
            consent_page: address("https://oauth.taobao.com/authorize"),
            token_address: address("https://oauth.taobao.com/token"),
            interval_seconds: Within::literal(300),
        }
    }
}

#[expect(clippy::expect_used, reason = "constants, parsed by every test that reads a configuration")]
fn address(text: &str) -> Url {
    Url::parse(text).expect("it is an address")
}

/// The adapter for Taobao and Tmall.
pub struct Taobao {
    descriptor: Descriptor,
    settings: TaobaoSettings,
}

/// Where reading goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    #[serde(skip_serializing_if = "Option::is_none")]
    is_tmall: Option<bool>,
    listings: listings::State,
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

impl Taobao {
    /// An adapter; without an app it is off.
    #[must_use]
    pub fn new(settings: &TaobaoSettings) -> Self {
        let descriptor = Descriptor {
            id: PlatformId::new("taobao"),
            name: "Taobao, Tmall (淘宝、天猫)".to_owned(),
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

    fn top<'a>(&'a self, context: &Context<'a>, credentials: Option<&Credentials>) -> Result<Top<'a>, Problem> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused);
        }
        Ok(Top { settings: &self.settings, net: context.net, now: context.now, session: gateway::token(credentials)? })
    }

    async fn read(&self, top: &Top<'_>, mut cursor: Cursor) -> Result<Fetched, FetchError> {
        let mut found = Found::default();
        let is_tmall = cursor.is_tmall.unwrap_or_default();
        listings::read(top, &mut cursor.listings, is_tmall, &mut found).await?;
        sales::read(top, &mut cursor.sales, is_tmall, &mut found).await?;
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
impl Platform for Taobao {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        gateway::is_on(typed, &HOSTS)
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let top = self.top(context, application.credentials)?;
        let shop = shop::of(&top).await?;
        // A shop's address does not name its seller: whose it is, the session says.
        if !shop.is_called(application.typed) && !self.recognises(application.typed) {
            return Err(Problem::NoSuchAccount.into());
        }
        let Shop { nick, is_tmall } = shop;
        let fetched = self.read(&top, Cursor { is_tmall: Some(is_tmall), ..Cursor::default() }).await?;
        Ok(Verified { label: Line::title(&nick), name: nick, fetched })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let top = self.top(context, login.credentials)?;
        let mut cursor: Cursor = cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        if cursor.is_tmall.is_none() {
            let shop = shop::of(&top).await?;
            if !shop.is_called(login.name) {
                return Err(Problem::SecretRefused.into());
            }
            cursor.is_tmall = Some(shop.is_tmall);
        }
        self.read(&top, cursor).await
    }

    fn consent(&self) -> Option<&dyn Consent> {
        self.descriptor.is_set_up.then_some(self)
    }
}
