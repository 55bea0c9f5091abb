//! JD (京东): shops on its marketplace, read by an app of the operator's on JD's open platform (JOS). What
//! lets tradepost in at a shop is an access token, which the merchant gets there or agrees to by link.

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

mod consent;
mod gateway;
mod orders;
mod vender;
mod wares;

/// How sales can be asked for: by changes of at most a month, of the last three months.
const LIMITS: Limits = Limits { span: Duration::from_hours(28 * 24), reach: Duration::from_hours(85 * 24), requests: 12 };

/// The platform "jd": shops on JD.com (京东), by an app of yours on its open platform, jos.jd.com.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct JdSettings {
    /// How often a shop is looked at.
    pub interval_seconds: Within<u32, 1, 604_800>,
    /// The app's key. Without key and secret the platform is off.
    pub app_key: String,
    /// The app's secret.
    #[serde(deserialize_with = "crate::values::secret_or_file")]
    #[toml_example(default = "")]
    pub app_secret: Secret,
    /// JD's gateway.
    #[toml_example(default = "https://api.jd.com/routerjson")]
    pub address: Url,
    /// The page on which a merchant agrees. The address that JD wants from you for the app is your public
    /// one with /consent/jd behind it.
    #[toml_example(default = "https://open-oauth.jd.com/oauth2/to_login")]
    pub consent_address: Url,
    /// Where JD gives an access token for that.
    #[toml_example(default = "https://open-oauth.jd.com/oauth2/access_token")]
    pub token_address: Url,
    /// Where JD gives another one before it ends.
    #[toml_example(default = "https://open-oauth.jd.com/oauth2/refresh_token")]
    pub refresh_address: Url,
}

impl Default for JdSettings {
    fn default() -> Self {
        Self {
            interval_seconds: Within::literal(900),
            app_key: String::new(),
            app_secret: Secret::default(),
            address: china::address("https://api.jd.com/routerjson"),
            consent_address: china::address("https://open-oauth.jd.com/oauth2/to_login"),
            token_address: china::address("https://open-oauth.jd.com/oauth2/access_token"),
            refresh_address: china::address("https://open-oauth.jd.com/oauth2/refresh_token"),
        }
    }
}

/// The adapter for JD.
pub struct Jd {
    descriptor: Descriptor,
    settings: JdSettings,
    allow_http_links: bool,
}

/// A shop that is being read.
struct Visit<'a> {
    gateway: Gateway<'a>,
    allow_http_links: bool,
}

impl Jd {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &JdSettings, allow_http_links: bool) -> Self {
        let descriptor = Descriptor {
            id: PlatformId::new("jd"),
            name: "JD 京东".to_owned(),
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
        let gateway = Gateway { settings: &self.settings, context: *context, token: china::token(credentials)? };
        Ok(Visit { gateway, allow_http_links: self.allow_http_links })
    }
}

#[async_trait]
impl Platform for Jd {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        shop_in(typed).is_some()
    }

    /// The name is the number of the shop that the token opens, where JD tells it; else what was typed.
    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let visit = self.visit(context, application.credentials)?;
        let typed = china::named(&shop_in(application.typed).unwrap_or_else(|| application.typed.to_owned()));
        let shop = vender::shop(&visit.gateway).await?;
        let (name, label) = match shop {
            Some(shop) if typed.as_ref().is_ok_and(|(typed, _)| shop.is_not(typed)) => return Err(Problem::NoSuchAccount.into()),
            Some(shop) => (shop.id, shop.name),
            None => typed?,
        };
        Ok(Verified { name, fetched: reading::read(&visit, None, context.now).await?, label })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let visit = self.visit(context, login.credentials)?;
        reading::read(&visit, cursor, context.now).await
    }

    fn consent(&self) -> Option<&dyn Consent> {
        Some(self)
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
            What::Listings => self.wares(ask).await,
        }
    }
}

/// The number of the shop whose front page's address was typed: `https://mall.jd.com/index-1000001.html`.
fn shop_in(typed: &str) -> Option<String> {
    let url = Url::parse(typed.trim().trim_start_matches('<').trim_end_matches('>')).ok()?;
    let number = url.path().strip_prefix("/index-")?.strip_suffix(".html")?;
    let is_shop = url.host_str() == Some("mall.jd.com") && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_shop.then(|| number.to_owned())
}
