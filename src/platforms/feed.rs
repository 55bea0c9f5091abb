//! Feeds: RSS 2, Atom, JSON Feed, and the fields of Google Merchant within them. An account is a
//! feed's address; the address of a page stands for the one feed that the page names.

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::trade::Kind;
use crate::net::Conditions;
use crate::net::Page;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::address;
use crate::platforms::source_id;
use crate::values::Within;
use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use parse::Origin;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use toml_example::TomlExample;
use url::Url;

pub(super) mod amount;
pub(super) mod charset;
mod identity;
mod merchant;
pub(super) mod page;
pub(super) mod parse;
pub(super) mod price;
mod sieve;

/// What is typed for it.
const ID: &str = "feed";

/// The platform "feed": RSS, Atom and JSON feeds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct FeedSettings {
    /// How often a feed is looked at. Be kind to other people's servers: 300 or more.
    pub interval_seconds: Within<u32, 1, 604_800>,
}

impl Default for FeedSettings {
    fn default() -> Self {
        Self { interval_seconds: Within::literal(600) }
    }
}

/// The adapter for feeds.
pub struct Feed {
    descriptor: Descriptor,
    allow_http_links: bool,
}

/// Where reading goes on: what to ask the server with, and what the body was, since many servers
/// send an unchanged feed again and again.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cursor {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
    digest: String,
}

impl Feed {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &FeedSettings, allow_http_links: bool) -> Self {
        let kinds = vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn];
        let descriptor = Descriptor {
            id: PlatformId::new(ID),
            name: "RSS, Atom, JSON Feed".to_owned(),
            open_kinds: kinds.clone(),
            kinds,
            secret: SecretUse::Never,
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: true,
        };
        Self { descriptor, allow_http_links }
    }

    /// What stands in `page`, read as the feed named `name`. A large feed takes a while.
    pub fn read(name: &str, page: &Page, allow_http_links: bool, now: Timestamp) -> Result<Fetched, Problem> {
        let origin = Origin {
            source: source_id(&PlatformId::new(ID), name, None),
            url: page.url.clone(),
            allow_http_links,
            now,
            price_in_summary: |_| None,
        };
        let parsed = parse::read(&page.body, &page.content_type, &origin).ok_or(Problem::NotAFeed)?;
        Ok(Fetched::Changed {
            cursor: Cursor::of(page).to_text(),
            label: parsed.label,
            trades: parsed.trades,
            complete: parsed.complete,
            gone: Vec::new(),
            more: false,
        })
    }

    /// The same off the async threads.
    async fn read_aside(&self, name: &str, page: &Page, now: Timestamp) -> Result<Fetched, Problem> {
        let (name, page, allow_http_links) = (name.to_owned(), page.clone(), self.allow_http_links);
        let reading = tokio::task::spawn_blocking(move || Self::read(&name, &page, allow_http_links, now));
        reading.await.map_err(|_| Problem::NotAFeed)?
    }

    async fn verified(&self, url: &Url, page: &Page, now: Timestamp) -> Result<Verified, Problem> {
        let fetched = self.read_aside(url.as_str(), page, now).await?;
        let label = match &fetched {
            Fetched::Changed { label, .. } => label.clone(),
            Fetched::Unchanged => parse::host_label(url),
        };
        Ok(Verified { name: url.as_str().to_owned(), fetched, label })
    }
}

#[async_trait]
impl Platform for Feed {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        address::parse(typed).is_ok()
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let Context { net, now } = *context;
        let url = address::parse(application.typed)?;
        let page = net.get(&url, &Conditions::default()).await?;
        match self.verified(&url, &page, now).await {
            Err(Problem::NotAFeed) if page::is_html(&page) => {
                let url = page::only_feed(&page)?;
                let page = net.get(&url, &Conditions::default()).await?;
                Ok(self.verified(&url, &page, now).await?)
            }
            verified => Ok(verified?),
        }
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let (Context { net, now }, name) = (*context, login.name);
        let url = address::parse(name)?;
        let known = cursor.and_then(Cursor::from_text).unwrap_or_default();
        let page = net.get(&url, &known.conditions()).await?;
        if page.unchanged || known.digest == digest(&page) {
            return Ok(Fetched::Unchanged);
        }
        Ok(self.read_aside(name, &page, now).await?)
    }
}

impl Cursor {
    fn of(page: &Page) -> Self {
        Self { etag: page.conditions.etag.clone(), last_modified: page.conditions.last_modified.clone(), digest: digest(page) }
    }

    fn conditions(&self) -> Conditions {
        Conditions { etag: self.etag.clone(), last_modified: self.last_modified.clone() }
    }

    fn to_text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

fn digest(page: &Page) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&page.body))
}

#[cfg(test)]
mod tests;
