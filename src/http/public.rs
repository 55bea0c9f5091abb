//! The public address, all routes on one page: what shops send, what comes back from a consent, and the
//! pages on which a secret is typed or shown. Anybody may ask here, so each body, time and number is bounded.

use crate::actions::Actions;
use crate::actions::LinkAsk;
use crate::actions::LinkEnd;
use crate::clock::Clock;
use crate::domain::sharer::Language;
use crate::intake::PushError;
use crate::intake::Taken;
use crate::lifecycle::Lifecycle;
use crate::store::StoreError;
use crate::values::Secret;
use async_trait::async_trait;
use axum::Router;
use axum::middleware;
use axum::routing::get;
use axum::routing::post;
use bytes::Bytes;
use door::Door;
use http::HeaderMap;
use ipnet::IpNet;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::net::TcpListener;
use url::Url;

mod body;
mod client;
mod consent;
mod door;
mod hooks;
mod language;
mod pages;
mod plain;
mod secret;
mod serve;

/// Every route, for whoever puts a proxy before them.
pub const ROUTES: [&str; 6] =
    ["/", "/.well-known/tradepost", "/hooks/{token}", "/consent/{platform}", "/consent/{platform}/done", "/secret/{token}"];

/// What the public address needs.
pub struct Public {
    /// What is done with what comes.
    pub behind: Arc<dyn Behind>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The address, ending with a slash.
    pub url: Url,
    /// Who is believed from whom a request comes.
    pub trusted_proxies: Vec<IpNet>,
    /// How much is let in.
    pub limits: Limits,
    /// The language for people of whom nothing else is known.
    pub language: Language,
    /// What `tradepost check` knows this very program by.
    pub nonce: String,
}

/// How much is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests in a second from one address, and to one hook; a hundred times as many at once.
    pub per_second: NonZeroU32,
    /// Requests that are worked off at the same time, at most half of them from one address.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: NonZeroU32::new(20).unwrap_or(NonZeroU32::MIN), at_once: 64 }
    }
}

/// What stands behind the public address.
#[async_trait]
pub trait Behind: Send + Sync {
    /// Takes what came to a hook.
    async fn take_push(&self, token: &str, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Result<Taken, PushError>;
    /// What a link for a secret asks for; none where it is not good any more.
    async fn link_ask(&self, token: &str, now: Timestamp) -> Result<Option<LinkAsk>, StoreError>;
    /// Shows a secret, once.
    async fn show_secret(&self, token: &str, now: Timestamp) -> Result<LinkEnd, StoreError>;
    /// Takes a secret.
    async fn give_secret(&self, token: &str, secret: Secret, now: Timestamp) -> Result<LinkEnd, StoreError>;
    /// Takes the answer to a consent.
    async fn consented(&self, platform: &str, query: &BTreeMap<String, String>, body: &[u8], now: Timestamp)
    -> Result<LinkEnd, StoreError>;
}

#[async_trait]
impl Behind for Actions {
    async fn take_push(&self, token: &str, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Result<Taken, PushError> {
        self.intake.take_push(token, headers, body, now).await
    }

    async fn link_ask(&self, token: &str, now: Timestamp) -> Result<Option<LinkAsk>, StoreError> {
        Self::link_ask(self, token, now).await
    }

    async fn show_secret(&self, token: &str, now: Timestamp) -> Result<LinkEnd, StoreError> {
        Self::show_secret(self, token, now).await
    }

    async fn give_secret(&self, token: &str, secret: Secret, now: Timestamp) -> Result<LinkEnd, StoreError> {
        Self::give_secret(self, token, secret, now).await
    }

    async fn consented(
        &self,
        platform: &str,
        query: &BTreeMap<String, String>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<LinkEnd, StoreError> {
        Self::consented(self, platform, query, body, now).await
    }
}

/// What the handlers share.
struct Desk {
    public: Public,
    door: Door,
}

/// Serves the public address until it is told to stop, and finishes the requests that are under way then.
pub async fn serve(listener: TcpListener, public: Public, life: Lifecycle) {
    serve::serve(listener, routes(public), life).await;
}

/// The routes, below the address's own path and without it too, since some proxies take it away.
fn routes(public: Public) -> Router {
    let prefix = public.url.path().trim_end_matches('/').to_owned();
    let door = Door::new(public.trusted_proxies.clone(), public.limits);
    let desk = Arc::new(Desk { public, door });
    let [root, known, hooks, consent, done, secret] = ROUTES;
    let pages = Router::new()
        .route(root, get(plain::name))
        .route(known, get(plain::nonce))
        .route(hooks, post(hooks::take))
        .route(consent, get(consent::came_back).post(consent::posted).head(plain::not_head))
        .route(done, get(consent::done))
        .route(secret, get(secret::ask).post(secret::give));
    let pages = if prefix.is_empty() { pages } else { pages.clone().nest(&prefix, pages) };
    pages
        .fallback(plain::nothing)
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), door::admit))
        .layer(middleware::map_response(pages::secure))
        .with_state(desk)
}

impl Desk {
    fn now(&self) -> Timestamp {
        self.public.clock.now()
    }
}

/// Does a piece of work to its end, also where whoever asked for it goes away meanwhile: what was
/// redeemed at a platform must not be lost. None where it broke down.
async fn to_its_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    tokio::spawn(work).await.ok()
}
