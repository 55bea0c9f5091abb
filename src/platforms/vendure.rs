//! Vendure, a shop server without pages of its own. An account is a server's address. Anybody may read
//! what is on offer; who keeps the shop shares its sales, and a customer what she buys.

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
use crate::values::Within;
use account::Account;
use api::Api;
use api::Refusal;
use async_trait::async_trait;
use item::DECIMALS;
use listings::Listings;
use listings::Making;
use orders::Orders;
use serde::Deserialize;
use serde::Serialize;
use session::Role;
use session::Sessions;
use toml_example::TomlExample;

mod account;
mod api;
mod item;
mod listings;
mod orders;
mod session;

/// Something that every shop answers, and nothing else does.
const CHANNEL: &str = "{activeChannel{defaultCurrencyCode}}";

/// The platform "vendure": shops that run on Vendure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct VendureSettings {
    /// How often a shop is looked at. All its products are read each time, a hundred at once.
    pub interval_seconds: Within<u32, 1, 604_800>,
}

impl Default for VendureSettings {
    fn default() -> Self {
        Self { interval_seconds: Within::literal(300) }
    }
}

/// The adapter for shops that run on Vendure.
pub struct Vendure {
    descriptor: Descriptor,
    allow_http_links: bool,
    sessions: Sessions,
}

/// Where reading goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Who the account's secret belongs to.
    role: Option<Role>,
    listings: listings::Progress,
    orders: orders::Progress,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    active_channel: Channel,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Channel {
    #[serde(rename = "defaultCurrencyCode")]
    _currency: String,
}

impl Vendure {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &VendureSettings, allow_http_links: bool) -> Self {
        let descriptor = Descriptor {
            id: PlatformId::new("vendure"),
            name: "Vendure".to_owned(),
            open_kinds: vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn],
            kinds: vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn, Kind::Sale, Kind::Purchase],
            secret: SecretUse::Optional,
            secret_form: SecretForm::Login,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: true,
        };
        Self { descriptor, allow_http_links, sessions: Sessions::default() }
    }

    async fn read(
        &self,
        context: &Context<'_>,
        account: &Account,
        credentials: Option<&Credentials>,
        links: Option<&LinkTemplate>,
        mut cursor: Cursor,
    ) -> Result<Fetched, FetchError> {
        let api = Api { net: context.net, account };
        let mut making = Making { links, allow_http_links: self.allow_http_links, decimals: DECIMALS, now: context.now };
        let (mut trades, mut complete, mut more) = (Vec::new(), false, false);
        if let Some(credentials) = credentials {
            let (role, orders) = self.orders(&api, &making, credentials, &cursor).await?;
            making.decimals = orders.decimals;
            cursor.role = Some(role);
            cursor.orders = orders.progress;
            trades.extend(orders.trades);
            more |= orders.more;
        }
        // What a customer buys at is not what she sells.
        if cursor.role != Some(Role::Customer) {
            let forbidden = if credentials.is_some() { not_allowed("") } else { Problem::SecretNeeded };
            let listings: Listings = listings::read(&api, &making, &cursor.listings).await.map_err(|refusal| refusal.or(forbidden))?;
            cursor.listings = listings.progress;
            trades.extend(listings.trades);
            complete = listings.complete;
            more |= listings.more;
        }
        Ok(Fetched::Changed {
            cursor: serde_json::to_string(&cursor).ok(),
            label: Line::default(),
            trades,
            complete,
            gone: Vec::new(),
            more,
        })
    }

    /// Reads the orders with the session that is remembered, else a new one. Where that is no longer
    /// good, one is begun once more.
    async fn orders(
        &self,
        api: &Api<'_>,
        making: &Making<'_>,
        credentials: &Credentials,
        cursor: &Cursor,
    ) -> Result<(Role, Orders), FetchError> {
        let key = Sessions::key(api, credentials);
        let mut role = cursor.role.unwrap_or(Role::Administrator);
        for _ in 0..2 {
            let session = match self.sessions.get(&key, making.now) {
                Some(session) => session,
                None => session::log_in(api, credentials, role).await?,
            };
            role = session.role;
            match orders::read(api, &session, making, &cursor.orders).await {
                Ok(orders) => {
                    self.sessions.remember(&key, &session, making.now);
                    return Ok((role, orders));
                }
                Err(Refusal::Forbidden) => self.sessions.forget(&key),
                Err(Refusal::Failed(error)) => return Err(error),
            }
        }
        Err(not_allowed(if role == Role::Administrator { "ReadOrder" } else { "" }).into())
    }
}

#[async_trait]
impl Platform for Vendure {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, _typed: &str) -> bool {
        false
    }

    async fn stands_at(&self, context: &Context<'_>, typed: &str) -> bool {
        let Ok(account) = Account::parse(typed) else { return false };
        is_shop(&Api { net: context.net, account: &account }).await.is_ok()
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let account = Account::parse(application.typed)?;
        let api = Api { net: context.net, account: &account };
        is_shop(&api).await?;
        if let Some(credentials) = application.credentials {
            // That it was good before does not mean that it is.
            self.sessions.forget(&Sessions::key(&api, credentials));
        }
        let fetched = self.read(context, &account, application.credentials, application.links, Cursor::default()).await?;
        Ok(Verified { name: account.name(), fetched, label: account.label() })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let account = Account::parse(login.name)?;
        let cursor = cursor.and_then(|cursor| serde_json::from_str(cursor).ok()).unwrap_or_default();
        self.read(context, &account, login.credentials, login.links, cursor).await
    }
}

/// Whether a Vendure answers; else what is wrong.
async fn is_shop(api: &Api<'_>) -> Result<(), FetchError> {
    let asked: Result<Answered, Refusal> = api.asks(CHANNEL, ()).await;
    let Err(refusal) = asked.map(|Answered { active_channel: Channel { .. } }| ()) else { return Ok(()) };
    let mut error = refusal.or(Problem::SecretNeeded);
    let is_other = matches!(
        error.problem,
        Problem::NotFound | Problem::MalformedAnswer | Problem::Refused { .. } | Problem::HttpStatus { status: 400..=499 }
    );
    if is_other {
        error.problem = Problem::NotSuchAShop { platform: "Vendure".to_owned() };
    }
    Err(error)
}

fn not_allowed(missing: &str) -> Problem {
    Problem::NotAllowed { missing: missing.to_owned() }
}
