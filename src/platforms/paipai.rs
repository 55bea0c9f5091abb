//! Paipai (拍拍), which was closed at the end of 2015: this adapter is off unless an app is configured, and
//! then speaks the interface as it was. It is of use to whoever runs something that answers like it. What
//! lets tradepost in at a shop is the seller's access token; the account is her number (uin).

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::LinkTemplate;
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

mod deals;
mod gateway;
mod items;

/// How much is asked for at once.
const LIMITS: Limits = Limits { span: Duration::from_hours(7 * 24), reach: Duration::from_hours(90 * 24), requests: 30 };
/// How many entries a page has.
const PAGE: u32 = 20;

/// The platform "paipai": shops on Paipai (拍拍), by an app of yours. It was closed at the end of 2015, so
/// this is off unless you set it up.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct PaipaiSettings {
    /// How often a shop is looked at.
    pub interval_seconds: Within<u32, 1, 604_800>,
    /// The app's number (appOAuthID). Without number and key the platform is off.
    pub app_key: String,
    /// The app's key (appOAuthkey).
    #[serde(deserialize_with = "crate::values::secret_or_file")]
    #[toml_example(default = "")]
    pub app_secret: Secret,
    /// Where the interface stands.
    #[toml_example(default = "http://api.paipai.com/")]
    pub address: Url,
}

impl Default for PaipaiSettings {
    fn default() -> Self {
        Self {
            interval_seconds: Within::literal(900),
            app_key: String::new(),
            app_secret: Secret::default(),
            address: china::address("http://api.paipai.com/"),
        }
    }
}

/// The adapter for Paipai.
pub struct Paipai {
    descriptor: Descriptor,
    settings: PaipaiSettings,
    allow_http_links: bool,
}

/// A shop that is being read.
struct Visit<'a> {
    gateway: Gateway<'a>,
    /// Items have no pages of their own any more.
    links: Option<&'a LinkTemplate>,
    allow_http_links: bool,
}

impl Paipai {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &PaipaiSettings, allow_http_links: bool) -> Self {
        let descriptor = Descriptor {
            id: PlatformId::new("paipai"),
            name: "Paipai 拍拍".to_owned(),
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

    fn visit<'a>(
        &'a self,
        context: &Context<'a>,
        seller: String,
        credentials: Option<&Credentials>,
        links: Option<&'a LinkTemplate>,
    ) -> Result<Visit<'a>, Problem> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused);
        }
        let gateway = Gateway { settings: &self.settings, context: *context, seller, token: china::token(credentials)? };
        Ok(Visit { gateway, links, allow_http_links: self.allow_http_links })
    }
}

#[async_trait]
impl Platform for Paipai {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Nothing: there are no addresses of shops any more.
    fn recognises(&self, _typed: &str) -> bool {
        false
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let name = number(application.typed);
        let visit = self.visit(context, name.clone().unwrap_or_default(), application.credentials, application.links)?;
        let name = name.ok_or(Problem::NoSuchAccount)?;
        let fetched = reading::read(&visit, None, context.now).await?;
        Ok(Verified { label: Line::title(&format!("QQ {name}")), name, fetched })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let visit = self.visit(context, login.name.to_owned(), login.credentials, login.links)?;
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
            What::Sales => self.deals(ask).await,
            What::Listings => self.items(ask).await,
        }
    }
}

/// A seller's number.
fn number(typed: &str) -> Option<String> {
    let number = typed.trim().trim_start_matches('0');
    let is_number = (5..=12).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| number.to_owned())
}
