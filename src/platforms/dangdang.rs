//! Dangdang (当当): shops on its marketplace, read by an app of the operator's on Dangdang's open platform.
//! What lets tradepost in at a shop is a session, which the merchant gets there for the app.

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::trade::Kind;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::china;
use crate::platforms::reading;
use crate::platforms::reading::Ask;
use crate::platforms::reading::Limits;
use crate::platforms::reading::Page;
use crate::platforms::reading::Shop;
use crate::platforms::reading::What;
use crate::values::Secret;
use crate::values::Within;
use async_trait::async_trait;
use gateway::Gateway;
use serde::Deserialize;
use std::time::Duration;
use toml_example::TomlExample;
use url::Url;

mod gateway;
mod items;
mod orders;

/// How sales can be asked for: by changes of at most 15 days. What a sale is of has to be asked for order
/// by order, so a poll takes many requests.
const LIMITS: Limits = Limits { span: Duration::from_hours(15 * 24), reach: Duration::from_hours(90 * 24), requests: 60 };
/// The most entries that Dangdang gives at once.
const PAGE: u32 = 20;

/// The platform "dangdang": shops on Dangdang (当当), by an app of yours on its open platform,
/// open.dangdang.com.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct DangdangSettings {
    /// How often a shop is looked at.
    pub interval_seconds: Within<u32, 1, 604_800>,
    /// The app's key. Without key and secret the platform is off.
    pub app_key: String,
    /// The app's secret.
    #[serde(deserialize_with = "crate::values::secret_or_file")]
    #[toml_example(default = "")]
    pub app_secret: Secret,
    /// Dangdang's gateway. The older one, at api.open.dangdang.com, has no TLS: there everybody on the way
    /// could read the sessions.
    #[toml_example(default = "https://gw-api.dangdang.com/openapi/rest")]
    pub address: Url,
}

impl Default for DangdangSettings {
    fn default() -> Self {
        Self {
            interval_seconds: Within::literal(900),
            app_key: String::new(),
            app_secret: Secret::default(),
            address: china::address("https://gw-api.dangdang.com/openapi/rest"),
        }
    }
}

/// The adapter for Dangdang.
pub struct Dangdang {
    descriptor: Descriptor,
    settings: DangdangSettings,
    allow_http_links: bool,
}

/// A shop that is being read.
struct Visit<'a> {
    gateway: Gateway<'a>,
    allow_http_links: bool,
}

impl Dangdang {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &DangdangSettings, allow_http_links: bool) -> Self {
        let descriptor = Descriptor {
            id: PlatformId::new("dangdang"),
            name: "Dangdang 当当".to_owned(),
            open_kinds: Vec::new(),
            kinds: vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn, Kind::Sale],
            secret: SecretUse::Required,
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: !settings.app_key.is_empty() && settings.app_secret.is_made(),
        };
        Self { descriptor, settings: settings.clone(), allow_http_links }
    }

    fn visit<'a>(&'a self, context: &Context<'a>, credentials: Option<&Credentials>) -> Result<Visit<'a>, Problem> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused);
        }
        let gateway = Gateway { settings: &self.settings, context: *context, session: china::token(credentials)? };
        Ok(Visit { gateway, allow_http_links: self.allow_http_links })
    }
}

#[async_trait]
impl Platform for Dangdang {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        shop_in(typed).is_some()
    }

    /// The name is what was typed: Dangdang does not say whose session it is.
    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let visit = self.visit(context, application.credentials)?;
        let (name, label) = china::named(&shop_in(application.typed).unwrap_or_else(|| application.typed.to_owned()))?;
        Ok(Verified { name, fetched: reading::read(&visit, None, context.now).await?, label })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let visit = self.visit(context, login.credentials)?;
        reading::read(&visit, cursor, context.now).await
    }
}

#[async_trait]
impl Shop for Visit<'_> {
    fn limits(&self) -> Limits {
        LIMITS
    }

    async fn page(&self, ask: &Ask) -> Result<Page, FetchError> {
        match ask.what {
            What::Sales => self.orders(ask).await,
            What::Listings => self.items(ask).await,
        }
    }
}

/// The number of the shop whose front page's address was typed: `http://shop.dangdang.com/12345`.
fn shop_in(typed: &str) -> Option<String> {
    let url = Url::parse(typed.trim().trim_start_matches('<').trim_end_matches('>')).ok()?;
    let number = url.path().trim_matches('/');
    let is_shop = url.host_str() == Some("shop.dangdang.com") && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_shop.then(|| number.to_owned())
}
