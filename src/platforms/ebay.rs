//! eBay: what a seller offers, read with the operator's app, and with her consent what she sold.

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::net::Answer;
use crate::net::Request;
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
use crate::platforms::grant::Tokens;
use crate::platforms::raw::Raw;
use crate::values::Secret;
use crate::values::Within;
use async_trait::async_trait;
use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use site::Account;
use toml_example::TomlExample;
use url::Url;

mod browse;
mod consent;
mod orders;
mod site;

pub use site::Marketplace;

/// The platform "ebay": sellers at eBay. It needs an app of yours (developer.ebay.com).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct EbaySettings {
    /// How often a seller is looked at.
    pub interval_seconds: Within<u32, 1, 604_800>,
    /// The app id (client id) of your app. Without it eBay is switched off.
    #[toml_example(default = "")]
    pub app_key: String,
    /// The cert id (client secret) of your app, or {file="/path"}.
    #[serde(deserialize_with = "crate::values::secret_or_file")]
    #[toml_example(default = "")]
    pub app_secret: Secret,
    /// The `RuName` of your app, whose accept address is `{public_url}/consent/ebay`: with it sellers agree
    /// by link that their sales are read.
    #[toml_example(default = "")]
    pub ru_name: String,
    /// Where sellers are looked for whose name is typed without a link: `EBAY_US`, `EBAY_DE`, …
    #[toml_example(default = "EBAY_US")]
    pub marketplace: Marketplace,
    /// The category in which offers are looked for; eBay wants one, or keywords. 0 is the root of all.
    #[toml_example(default = "0")]
    pub category_ids: String,
    /// Words that an offer must hold; empty: any.
    #[toml_example(default = "")]
    pub keywords: String,
    /// Where the interface is.
    #[toml_example(default = "https://api.ebay.com/")]
    pub address: Url,
    /// Where the interface for who somebody is stands.
    #[toml_example(default = "https://apiz.ebay.com/")]
    pub identity_address: Url,
    /// Where sellers agree.
    #[toml_example(default = "https://auth.ebay.com/")]
    pub consent_address: Url,
}

impl Default for EbaySettings {
    fn default() -> Self {
        Self {
            interval_seconds: Within::literal(900),
            app_key: String::new(),
            app_secret: Secret::default(),
            ru_name: String::new(),
            marketplace: Marketplace::default(),
            category_ids: "0".to_owned(),
            keywords: String::new(),
            address: constant("https://api.ebay.com/"),
            identity_address: constant("https://apiz.ebay.com/"),
            consent_address: constant("https://auth.ebay.com/"),
        }
    }
}

#[expect(clippy::expect_used, reason = "only constants come here")]
fn constant(address: &str) -> Url {
    Url::parse(address).expect("it is an address")
}

/// The adapter for eBay.
pub struct Ebay {
    descriptor: Descriptor,
    settings: EbaySettings,
    allow_http_links: bool,
    /// The app's own token.
    tokens: Tokens,
}

/// An amount of money.
#[derive(Debug, Deserialize)]
struct Amount {
    value: Raw,
    currency: String,
}

/// What is wrong with a request.
#[derive(Deserialize)]
struct Errors {
    errors: Vec<ErrorDetail>,
}

#[derive(Deserialize)]
struct ErrorDetail {
    #[serde(rename = "errorId")]
    error_id: u32,
}

/// Somebody at eBay. The interface may say more, which is not read.
#[derive(Deserialize)]
struct User {
    username: String,
    #[serde(default, rename = "registrationMarketplaceId")]
    marketplace: Option<String>,
}

impl Ebay {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &EbaySettings, allow_http_links: bool) -> Self {
        let offers = vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn];
        let descriptor = Descriptor {
            id: PlatformId::new("ebay"),
            name: "eBay".to_owned(),
            kinds: [offers.as_slice(), &[Kind::Sale]].concat(),
            open_kinds: offers,
            secret: if settings.ru_name.is_empty() { SecretUse::Never } else { SecretUse::Optional },
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: !settings.app_key.is_empty() && settings.app_secret.is_made(),
        };
        Self { descriptor, settings: settings.clone(), allow_http_links, tokens: Tokens::default() }
    }

    /// Asks who a token belongs to.
    async fn owner(&self, context: &Context<'_>, token: &Secret) -> Result<Account, FetchError> {
        let url = self.settings.identity_address.join("commerce/identity/v1/user/").map_err(|_| Problem::NotAnAddress)?;
        let answer = self.send_as_user(context, Request::get(url), token, "commerce.identity.readonly").await?;
        let user: User = answer.json()?;
        let marketplace = user.marketplace.as_deref().and_then(Marketplace::parse).unwrap_or(self.settings.marketplace);
        Ok(Account { seller: user.username, marketplace })
    }

    /// Sends a request as the owner of a token; `scope` is what it must allow.
    async fn send_as_user(&self, context: &Context<'_>, request: Request, token: &Secret, scope: &str) -> Result<Answer, FetchError> {
        let answer = context.net.send(request.as_bearer(token)).await?;
        match answer.status.as_u16() {
            401 => Err(Problem::SecretRefused.into()),
            403 => Err(Problem::NotAllowed { missing: scope.to_owned() }.into()),
            _ => understood(answer),
        }
    }

    /// The account that is meant. A token is good for its owner's only.
    async fn account(&self, context: &Context<'_>, typed: &str, credentials: Option<&Credentials>) -> Result<Account, FetchError> {
        let account = Account::parse(typed, self.settings.marketplace);
        let Some(credentials) = credentials else { return Ok(account.ok_or(Problem::NoSuchAccount)?) };
        let owner = self.owner(context, &credentials.secret).await?;
        match account {
            None if typed.trim().is_empty() => Ok(owner),
            Some(account) if account.seller.eq_ignore_ascii_case(&owner.seller) => Ok(account),
            _ => Err(Problem::NotAllowed { missing: typed.trim().chars().take(100).collect() }.into()),
        }
    }

    async fn read(
        &self,
        context: &Context<'_>,
        account: &Account,
        credentials: Option<&Credentials>,
        cursor: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused.into());
        }
        let (mut trades, complete) = self.offers(context, account).await?;
        let (mut next, mut more) = (None, false);
        if let Some(credentials) = credentials {
            let sold = self.sold(context, account, &credentials.secret, cursor).await?;
            trades.extend(sold.trades);
            (next, more) = (sold.cursor, sold.more);
        }
        Ok(Fetched::Changed { cursor: next, label: Line::title(&account.seller), trades, complete, gone: Vec::new(), more })
    }
}

#[async_trait]
impl Platform for Ebay {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        Account::in_link(typed).is_some()
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused.into());
        }
        let account = self.account(context, application.typed, application.credentials).await?;
        let fetched = self.read(context, &account, application.credentials, None).await?;
        Ok(Verified { name: account.to_string(), fetched, label: Line::title(&account.seller) })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let account = Account::parse(login.name, self.settings.marketplace).ok_or(Problem::NoSuchAccount)?;
        self.read(context, &account, login.credentials, cursor).await
    }

    fn consent(&self) -> Option<&dyn Consent> {
        (self.descriptor.is_set_up && !self.settings.ru_name.is_empty()).then_some(self)
    }
}

impl Amount {
    fn currency(&self) -> Option<Currency> {
        Currency::from_code(&self.currency)
    }

    fn amount(&self) -> Option<Decimal> {
        self.value.amount()
    }
}

/// An answer that is one; errors of a request are told by their numbers.
fn understood(answer: Answer) -> Result<Answer, FetchError> {
    if answer.status.as_u16() == 400
        && let Ok(Errors { errors }) = answer.json()
        && let Some(error) = errors.first()
    {
        return Err(Problem::refused(&error.error_id.to_string()).into());
    }
    Ok(answer.ok()?)
}
