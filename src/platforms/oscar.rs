//! A shop whose accounts are the users of our own homeserver: django-oscar with django-oscar-api. An
//! account is a user's localpart, exactly; nobody types it and nobody can take another's. It is read
//! with a staff account of the operator's, whose answers hold every customer's address: nothing here
//! has a field for one.

use crate::domain::ids::ExternalId;
use crate::domain::ids::PlatformId;
use crate::domain::ids::UserId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use async_trait::async_trait;
use catalogue::Catalogue;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use shop::Shop;

mod answers;
mod catalogue;
mod listings;
mod orders;
mod settings;
mod shop;

pub use settings::OscarSettings;

/// The adapter for a shop that shares its accounts with us.
pub struct Oscar {
    descriptor: Descriptor,
    settings: OscarSettings,
    allow_http_links: bool,
}

/// Where reading goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Her number at the shop.
    user: u64,
    orders: orders::Progress,
    /// For the shop's operator alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    listings: Option<listings::Progress>,
}

/// Where and when something is read.
struct At<'a> {
    shop: Shop<'a>,
    now: Timestamp,
}

/// What a part of a fetch brought.
#[derive(Default)]
struct Brought {
    trades: Vec<Trade>,
    gone: Vec<ExternalId>,
    more: bool,
}

impl Oscar {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &OscarSettings, allow_http_links: bool) -> Self {
        let mut kinds = vec![Kind::Purchase];
        if settings.operator.is_some() {
            kinds.extend([Kind::Listing, Kind::PriceChange, Kind::Withdrawn]);
        }
        let descriptor = Descriptor {
            id: PlatformId::new("oscar"),
            name: "django-oscar".to_owned(),
            open_kinds: Vec::new(),
            kinds,
            secret: SecretUse::SharedAccount,
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: settings.is_set_up(),
        };
        Self { descriptor, settings: settings.clone(), allow_http_links }
    }

    fn at<'a>(&'a self, context: &Context<'a>) -> Result<At<'a>, Problem> {
        let shop = Shop::new(&self.settings, context.net, self.allow_http_links).ok_or(Problem::AppRefused)?;
        Ok(At { shop, now: context.now })
    }

    /// Everything of `user` from `cursor` on, which is moved. `is_first`: whether nothing of it is known.
    async fn read(&self, at: &At<'_>, user: &UserId, cursor: &mut Cursor, is_first: bool) -> Result<Brought, FetchError> {
        let mut catalogue = Catalogue::new(&at.shop, at.now);
        let hers = orders::Hers { user: cursor.user, settings: &self.settings, now: at.now };
        let mut brought = orders::read(&at.shop, &mut catalogue, &hers, &mut cursor.orders).await?;
        if self.settings.operator.as_ref() != Some(user) {
            cursor.listings = None;
        } else if is_first {
            cursor.listings = Some(listings::Progress::default());
        }
        // An account that was added before it was the operator's would have the whole shop announced.
        if let Some(progress) = &mut cursor.listings {
            let offered = listings::read(&catalogue, progress, is_first).await?;
            brought.trades.extend(offered.trades);
            brought.gone = offered.gone;
            brought.more |= offered.more;
        }
        Ok(brought)
    }
}

#[async_trait]
impl Platform for Oscar {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, _typed: &str) -> bool {
        false
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let name = application.user.localpart();
        let typed = application.typed.trim();
        if !typed.is_empty() && typed != name {
            return Err(Problem::NoSuchAccount.into());
        }
        let at = self.at(context)?;
        let number = at.shop.number_of_user(name).await?.ok_or(Problem::NoSuchAccount)?;
        let mut cursor = Cursor { user: number, ..Cursor::default() };
        let brought = self.read(&at, application.user, &mut cursor, true).await?;
        Ok(Verified { name: name.to_owned(), fetched: brought.into_fetched(&cursor), label: at.shop.label() })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        // It is read for nobody else than the user it is named after.
        let user = login.user.filter(|user| user.localpart() == login.name).ok_or(Problem::NoSuchAccount)?;
        let at = self.at(context)?;
        let before: Option<Cursor> = cursor.and_then(|cursor| serde_json::from_str(cursor).ok());
        let mut after = before.clone().unwrap_or_default();
        let is_same = before.is_some() && at.shop.is_user(after.user, login.name).await?;
        if !is_same {
            let number = at.shop.number_of_user(login.name).await?.ok_or(Problem::NoSuchAccount)?;
            after = Cursor { user: number, orders: orders::Progress::default(), ..after };
        }
        let mut brought = self.read(&at, user, &mut after, before.is_none()).await?;
        if !is_same && before.is_some() {
            // Another account of that name: what stands there is not news.
            brought.trades.retain(|trade| trade.kind != Kind::Purchase);
        }
        if brought.is_nothing() && before.as_ref() == Some(&after) {
            return Ok(Fetched::Unchanged);
        }
        Ok(brought.into_fetched(&after))
    }
}

impl Brought {
    const fn is_nothing(&self) -> bool {
        self.trades.is_empty() && self.gone.is_empty() && !self.more
    }

    fn into_fetched(self, cursor: &Cursor) -> Fetched {
        Fetched::Changed {
            cursor: serde_json::to_string(cursor).ok(),
            label: Line::default(),
            trades: self.trades,
            complete: false,
            gone: self.gone,
            more: self.more,
        }
    }
}
