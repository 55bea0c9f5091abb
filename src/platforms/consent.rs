//! Consent by link: she agrees at the platform itself, so that no secret is typed anywhere.

use super::Context;
use super::FetchError;
use super::Platform;
use crate::domain::problem::Problem;
use crate::platforms::Credentials;
use async_trait::async_trait;
use std::collections::BTreeMap;
use url::Url;

/// What a consent is asked for.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The account as she typed it; empty where the platform says who she is.
    pub typed: &'a str,
    /// A word that is good once and comes back with the answer (RFC 6749, `state`).
    pub state: &'a str,
    /// Where the answer comes to: `{public_url}/consent/{platform}`.
    pub answers_to: &'a Url,
    /// Where her browser ends, for platforms that answer by another way.
    pub ends_at: &'a Url,
    /// Whether the right to change something is asked for too, so that the platform can be told to
    /// send trades by itself.
    pub writes: bool,
}

/// What came to our address.
#[derive(Clone, Debug)]
pub struct Answered<'a> {
    /// The account as it was typed when the consent was asked for.
    pub typed: &'a str,
    /// The parameters of the address.
    pub query: &'a BTreeMap<String, String>,
    /// The body, of a POST.
    pub body: &'a [u8],
    /// Where the answer came to, as it stood in [`Ask::answers_to`].
    pub answers_to: &'a Url,
}

/// What a consent gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What lets tradepost in.
    pub credentials: Credentials,
    /// The account, as it would be typed; none: as it was.
    pub account: Option<String>,
}

/// A platform where she can agree by link.
#[async_trait]
pub trait Consent: Platform {
    /// The page on which she agrees.
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem>;

    /// The state that an answer carries; none where it carries none.
    fn state_of(&self, query: &BTreeMap<String, String>, _body: &[u8]) -> Option<String> {
        query.get("state").cloned()
    }

    /// Turns an answer, whose state has been checked, into what lets tradepost in. She may have said
    /// no ([`Problem::SecretRefused`]).
    async fn redeem(&self, context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError>;

    /// Gets new credentials before the old ones end. Only asked where there is [`Credentials::refresh`].
    async fn renew(&self, _context: &Context<'_>, _credentials: &Credentials) -> Result<Credentials, FetchError> {
        Err(Problem::SecretRefused.into())
    }
}
