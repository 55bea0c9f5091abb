//! The shops and feeds: the trait that each adapter fulfils, and the one list of all of them.
//! An adapter sees neither the store nor Matrix; it turns what a platform says into trades.

use crate::domain::ids::PlatformId;
use crate::domain::ids::SourceId;
use crate::domain::ids::UserId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::digest;
use crate::net::Net;
use crate::net::NetError;
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

pub mod address;
mod china;
pub mod consent;
pub mod credentials;
pub mod dangdang;
pub mod discogs;
pub mod ebay;
pub mod etsy;
pub mod feed;
mod gateway;
mod grant;
mod html;
pub mod jd;
pub mod link;
pub mod oscar;
pub mod paipai;
pub mod partner;
pub mod pinduoduo;
pub mod product;
pub mod push;
mod raw;
mod reading;
pub mod settings;
pub mod shopify;
mod sign;
pub mod taobao;
mod title;
pub mod vendure;
pub mod woocommerce;

pub use consent::Consent;
pub use credentials::Credentials;
pub use link::LinkTemplate;
pub use push::Push;
pub use settings::PlatformSettings;

/// What is typed for what a person shares by hand: a platform that no adapter has.
pub const BY_HAND: &str = "post";

/// What an adapter works with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// How it reaches the world.
    pub net: &'a Net,
    /// What time it is.
    pub now: Timestamp,
}

/// An account that is to be added.
#[derive(Clone, Copy, Debug)]
pub struct Application<'a> {
    /// The account as it was typed: a name, an address; empty for a platform whose accounts are Matrix
    /// users.
    pub typed: &'a str,
    /// Who adds it.
    pub user: &'a UserId,
    /// What lets tradepost in, where she gave something.
    pub credentials: Option<&'a Credentials>,
    /// How links are made, where the shop has no pages of its own.
    pub links: Option<&'a LinkTemplate>,
}

/// An account as an adapter reads it.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// Its normalised name, as [`Verified::name`] said.
    pub name: &'a str,
    /// Whose it is; none for what anybody may follow.
    pub user: Option<&'a UserId>,
    /// What lets tradepost in.
    pub credentials: Option<&'a Credentials>,
    /// How links are made, where the shop has no pages of its own.
    pub links: Option<&'a LinkTemplate>,
}

/// A platform on which a person trades.
#[async_trait]
pub trait Platform: Send + Sync {
    /// What it is and what it can do.
    fn descriptor(&self) -> &Descriptor;

    /// Whether `typed`, without a platform's name before it, is beyond doubt an account here, without
    /// asking anybody: `!share add <link>`.
    fn recognises(&self, typed: &str) -> bool;

    /// Whether a shop of this kind stands at an address, found out by asking there: for links that no
    /// adapter recognised.
    async fn stands_at(&self, _context: &Context<'_>, _typed: &str) -> bool {
        false
    }

    /// Looks at an account before it counts (claim 7): normalises its name, checks that the secret works,
    /// and fetches what stands there now.
    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError>;

    /// Fetches what stands at an account now, going on at `cursor`: everything that its secret allows,
    /// whichever kinds are shared. The source of the trades is filled in by whoever asked.
    ///
    /// An error anywhere, between pages too, fails the whole fetch, so that the cursor never passes what
    /// was not brought.
    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError>;

    /// Its consent by link, where it has one.
    fn consent(&self) -> Option<&dyn Consent> {
        None
    }

    /// Its pushes, where it has them.
    fn push(&self) -> Option<&dyn Push> {
        None
    }
}

/// What a platform is and can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// What is typed for it.
    pub id: PlatformId,
    /// What it is called.
    pub name: String,
    /// Which kinds of trades it gives to somebody without a secret.
    pub open_kinds: Vec<Kind>,
    /// Which kinds of trades it gives to somebody with a secret.
    pub kinds: Vec<Kind>,
    /// Whether it takes a secret.
    pub secret: SecretUse,
    /// What the secret looks like.
    pub secret_form: SecretForm,
    /// Whether it only sends, after the account's owner has confirmed it there, and is never polled.
    pub only_pushes: bool,
    /// How often an account is polled, in seconds.
    pub interval_seconds: u32,
    /// Whether it works here; else the operator has not set it up.
    pub is_set_up: bool,
}

/// Whether accounts of a platform need a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretUse {
    /// There are none.
    Never,
    /// Some can be read without.
    Optional,
    /// All need one.
    Required,
    /// None, since the accounts are Matrix users of our own homeserver.
    SharedAccount,
}

/// What a secret consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretForm {
    /// One token.
    Token,
    /// A key and its secret.
    Keys,
    /// A user name and a password.
    Login,
}

/// An account that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its normalised name: the same account always has the same.
    pub name: String,
    /// What stands there now.
    pub fetched: Fetched,
    /// What a person calls it.
    pub label: Line,
}

/// Why nothing was fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", problem.name())]
pub struct FetchError {
    /// What is wrong.
    pub problem: Problem,
    /// How long the other side asks to wait.
    pub retry_after: Option<Duration>,
}

impl From<Problem> for FetchError {
    fn from(problem: Problem) -> Self {
        Self { problem, retry_after: None }
    }
}

impl From<NetError> for FetchError {
    fn from(error: NetError) -> Self {
        Self { problem: error.problem, retry_after: error.retry_after }
    }
}

/// All adapters that are switched on.
#[derive(Clone)]
pub struct Platforms {
    adapters: Vec<Arc<dyn Platform>>,
    allow_http_links: bool,
}

impl Platforms {
    /// Every adapter there is. `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn all(settings: &PlatformSettings, allow_http_links: bool) -> Self {
        let mut adapters = settings::adapters(settings, allow_http_links);
        // Feeds stay the last: whoever knows a link better is asked before.
        let general = adapters.pop();
        adapters.extend(partner::adapters(&settings.partners, allow_http_links));
        adapters.extend(general);
        Self { adapters, allow_http_links }
    }

    /// These and no others.
    #[cfg(test)]
    pub(crate) fn of(platforms: Vec<Arc<dyn Platform>>) -> Self {
        Self { adapters: platforms, allow_http_links: true }
    }

    /// The platform named `id`.
    #[must_use]
    pub fn get(&self, id: &PlatformId) -> Option<&Arc<dyn Platform>> {
        self.iter().find(|platform| platform.descriptor().id == *id)
    }

    /// All of them, in the order in which they are listed to people.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Platform>> {
        self.adapters.iter()
    }
}

/// The id of the source that `name` is on `platform`: a digest, so that it is short and an address
/// that lets somebody in (`?token=…`) stands in no log. What is read in a way that is `owner`'s alone
/// is another source than what everybody reads there.
#[must_use]
pub fn source_id(platform: &PlatformId, name: &str, owner: Option<&UserId>) -> SourceId {
    let parts: Vec<&str> = std::iter::once(name).chain(owner.map(UserId::as_str)).collect();
    SourceId::new(format!("{platform}:{}", digest(&parts)))
}

#[cfg(test)]
mod tests {
    use super::PlatformSettings;
    use super::Platforms;

    #[test]
    fn feeds_are_asked_last_also_where_there_are_partners() {
        let partner = "[partners.bazaar]\nregistration_url = \"https://bazaar.example/\"";
        let platforms = Platforms::all(&toml::from_str::<PlatformSettings>(partner).unwrap(), false);
        let ids: Vec<&str> = platforms.iter().map(|platform| platform.descriptor().id.as_str()).collect();
        assert!(ids.contains(&"bazaar"));
        assert_eq!(ids.last(), Some(&"feed"));
    }
}
