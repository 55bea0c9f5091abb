//! What the tests of adapters share: a client that may ask 127.0.0.1, a time, and short ways to add an
//! account and to fetch it.

#![allow(dead_code, reason = "each adapter's tests use what they need")]

use jiff::Timestamp;
use std::time::Duration;
use tradepost::domain::ids::UserId;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Trade;
use tradepost::net::Net;
use tradepost::net::NetLimits;
use tradepost::platforms::Application;
use tradepost::platforms::Context;
use tradepost::platforms::Credentials;
use tradepost::platforms::FetchError;
use tradepost::platforms::LinkTemplate;
use tradepost::platforms::Login;
use tradepost::platforms::Platform;
use tradepost::platforms::Verified;
use tradepost::values::Secret;

/// Somebody at an adapter.
pub(crate) struct Visitor {
    /// Her client: a whole request may take two seconds.
    pub(crate) net: Net,
    /// What time it is.
    pub(crate) now: Timestamp,
    /// Who she is.
    pub(crate) user: UserId,
    /// What lets her in.
    pub(crate) credentials: Option<Credentials>,
    /// How her links are made.
    pub(crate) links: Option<LinkTemplate>,
}

impl Visitor {
    /// Somebody without a secret, at a fixed time.
    pub(crate) fn new() -> Self {
        let limits = NetLimits {
            allowed: vec!["127.0.0.1/32".parse().unwrap()],
            body_bytes: 10_000_000,
            total: Duration::from_secs(2),
            redirects: 3,
            per_host_per_second: 1_000,
        };
        Self {
            net: Net::new(limits).unwrap(),
            now: "2026-03-03T12:00:00Z".parse().unwrap(),
            user: UserId::new("@joy:a.example"),
            credentials: None,
            links: None,
        }
    }

    /// With a secret that has no end.
    pub(crate) fn with_secret(secret: &str) -> Self {
        Self { credentials: Some(Credentials::new(Secret::new(secret))), ..Self::new() }
    }

    /// What an adapter works with.
    pub(crate) fn context(&self) -> Context<'_> {
        Context { net: &self.net, now: self.now }
    }

    /// Her account.
    pub(crate) fn login<'a>(&'a self, name: &'a str) -> Login<'a> {
        Login { name, user: Some(&self.user), credentials: self.credentials.as_ref(), links: self.links.as_ref() }
    }

    /// Adds an account.
    pub(crate) async fn verifies(&self, platform: &dyn Platform, typed: &str) -> Result<Verified, FetchError> {
        let application = Application { typed, user: &self.user, credentials: self.credentials.as_ref(), links: self.links.as_ref() };
        platform.verify(&self.context(), &application).await
    }

    /// Polls an account.
    pub(crate) async fn fetches(&self, platform: &dyn Platform, name: &str, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        platform.fetch(&self.context(), &self.login(name), cursor).await
    }
}

/// The trades that a fetch brought; none where nothing had changed.
pub(crate) fn trades(fetched: &Fetched) -> &[Trade] {
    match fetched {
        Fetched::Changed { trades, .. } => trades,
        Fetched::Unchanged => &[],
    }
}

/// Their titles.
pub(crate) fn titles(fetched: &Fetched) -> Vec<&str> {
    trades(fetched).iter().map(|trade| trade.title.as_str()).collect()
}

/// Where it goes on.
pub(crate) fn cursor(fetched: &Fetched) -> Option<&str> {
    match fetched {
        Fetched::Changed { cursor, .. } => cursor.as_deref(),
        Fetched::Unchanged => None,
    }
}
