//! Push: the platform sends trades to an address of ours as they happen (claims 8 and 15).

use super::Context;
use super::FetchError;
use super::Login;
use super::Platform;
use crate::domain::ids::ExternalId;
use crate::domain::trade::Trade;
use crate::values::Secret;
use async_trait::async_trait;
use http::HeaderMap;
use jiff::Timestamp;
use url::Url;

/// An address of ours to which a platform sends, for one account.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The address: `{public_url}/hooks/{token}`.
    pub callback: Url,
    /// What the platform signs with.
    pub secret: Secret,
    /// What the platform calls its subscriptions, as [`Subscribed::ids`] said.
    pub ids: Vec<String>,
}

/// What became of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscribed {
    /// What the platform calls it.
    pub ids: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// How its owner confirms it; none: it counts at once.
    pub confirm: Option<Confirm>,
}

/// How the owner of an account confirms at the platform that it may be shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// On a page of the platform; it tells us by a push.
    Page(Url),
    /// The platform shows her a code, which she says to the bot.
    Code,
}

/// Something that came to a hook.
#[derive(Clone, Debug)]
pub struct Pushed<'a> {
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body as it came.
    pub body: &'a [u8],
    /// What it must be signed with.
    pub secret: &'a Secret,
    /// Whether the account's owner has confirmed it.
    pub is_confirmed: bool,
}

/// What a push says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// That it works.
    Nothing,
    /// That something happened, not what: it is to be fetched.
    Something,
    /// What happened.
    News {
        /// Trades, each id once.
        trades: Vec<Trade>,
        /// Listings that are gone.
        gone: Vec<ExternalId>,
    },
    /// That it would have been taken: nothing is done.
    DryRun {
        /// How many trades there were.
        trades: usize,
    },
    /// That the account's owner has confirmed it.
    Confirmed,
    /// That the platform sends nothing any more.
    Ended,
}

/// Why a push is not taken. Nothing that stood in it is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not signed, or not with this secret.
    #[error("the signature is missing or wrong")]
    Signature,
    /// It was signed too long ago, or lies in the future.
    #[error("the timestamp is more than {tolerance_seconds} seconds away from now")]
    Stale {
        /// How much is allowed.
        tolerance_seconds: u32,
    },
    /// Not the content type that it must have.
    #[error("the content type must be {expected}")]
    ContentType {
        /// What it must be.
        expected: &'static str,
    },
    /// It cannot be read.
    #[error("{0}")]
    Malformed(String),
    /// It can be read, but something in it is not as it must be.
    #[error("{}", .0.join("; "))]
    Invalid(Vec<String>),
    /// The owner of the account has not confirmed it yet.
    #[error("the account's owner has not confirmed it")]
    Unconfirmed,
}

/// A platform that sends trades by itself.
#[async_trait]
pub trait Push: Platform {
    /// Has the platform send to `hook`, whose `ids` are empty.
    async fn subscribe(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<Subscribed, FetchError>;

    /// Whether the platform still sends to `hook`. Where it does not, it is subscribed anew.
    async fn is_subscribed(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<bool, FetchError>;

    /// Has the platform send no more. One that knows nothing of it is content.
    async fn unsubscribe(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<(), FetchError>;

    /// Passes on the code that the platform showed to the account's owner ([`Confirm::Code`]).
    async fn confirm(&self, _context: &Context<'_>, _login: &Login<'_>, _hook: &Hook, _code: &str) -> Result<(), FetchError> {
        Err(crate::domain::problem::Problem::SecretRefused.into())
    }

    /// What the person has to do at the platform to have it send to `hook` without our doing, as topics
    /// that she must choose there; none: that cannot be done.
    fn by_hand(&self) -> Option<&'static [&'static str]> {
        None
    }

    /// Checks the signature over the body as it came, then reads it. `now` is for timestamps within.
    fn read(&self, login: &Login<'_>, pushed: &Pushed<'_>, now: Timestamp) -> Result<Said, Refusal>;
}
