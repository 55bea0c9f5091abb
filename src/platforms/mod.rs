//! The shops and feeds: the trait that each adapter fulfils, and the one list of all of them.
//! An adapter sees neither the store nor Matrix; it turns what a platform says into trades.

use crate::domain::ids::PlatformId;
use crate::domain::ids::SourceId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::digest;
use crate::net::Net;
use crate::net::NetError;
use crate::platforms::feed::Feed;
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

pub mod feed;

/// A platform on which a person trades.
#[async_trait]
pub trait Platform: Send + Sync {
    /// What it is and what it can do.
    fn descriptor(&self) -> &Descriptor;

    /// Whether `typed`, without a platform's name before it, may be an account here: `!share add <link>`.
    fn recognises(&self, typed: &str) -> bool;

    /// Looks at the account named `typed` before it counts (claim 7): normalises its name and
    /// fetches what stands there now.
    async fn verify(&self, net: &Net, typed: &str, now: Timestamp) -> Result<Verified, FetchError>;

    /// Fetches what stands at the account `name` now, going on at `cursor`.
    async fn fetch(&self, net: &Net, name: &str, cursor: Option<&str>, now: Timestamp) -> Result<Fetched, FetchError>;
}

/// What a platform is and can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// What is typed for it.
    pub id: PlatformId,
    /// Which kinds of trades it gives.
    pub kinds: Vec<Kind>,
    /// Whether an account needs or takes a secret.
    pub takes_secret: bool,
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
pub struct Platforms(Vec<Arc<dyn Platform>>);

impl Platforms {
    /// Every adapter there is. A platform is added by its file and a line here.
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn all(allow_http_links: bool) -> Self {
        Self(vec![Arc::new(Feed::new(allow_http_links))])
    }

    /// The platform named `id`.
    #[must_use]
    pub fn get(&self, id: &PlatformId) -> Option<&Arc<dyn Platform>> {
        self.iter().find(|platform| platform.descriptor().id == *id)
    }

    /// All of them, in the order in which they are listed to people.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Platform>> {
        self.0.iter()
    }
}

/// The id of the source that `name` is on `platform`: a digest, so that it is short and an address
/// that lets somebody in (`?token=…`) stands in no log.
#[must_use]
pub fn source_id(platform: &PlatformId, name: &str) -> SourceId {
    SourceId::new(format!("{platform}:{}", digest(&[name])))
}
