//! All routes on one page: what the homeserver calls, and what watches over the program; those of the
//! public address stand in `public`. Handlers hand raw bytes on and turn what comes back into statuses.

use crate::inbox::Inbox;
use crate::lifecycle::Lifecycle;
use crate::store::Store;
use crate::values::Secret;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use axum::routing::post;
use axum::routing::put;
use std::sync::Arc;
use tokio::sync::watch;

pub mod admin;
mod monitoring;
pub mod public;
mod transactions;

/// The largest transaction that is taken: 100 events of 64 KiB each, and as much again for what
/// the homeserver adds.
const TRANSACTION_BYTES: usize = 64 << 20;

/// What the homeserver's calls need.
pub struct Appservice {
    /// Who takes events.
    pub inbox: Arc<Inbox>,
    /// What the homeserver must show.
    pub hs_token: Secret,
}

/// What the watching calls need.
#[derive(Clone)]
pub struct Monitoring {
    /// What is counted in it.
    pub store: Arc<dyn Store>,
    /// Who knows how encryption stands.
    pub inbox: Arc<Inbox>,
    /// Whether the program is ready to do its work.
    pub ready: watch::Receiver<bool>,
    /// Whether it has begun to end.
    pub life: Lifecycle,
}

/// What the homeserver calls (application service API).
pub fn appservice(state: Appservice) -> Router {
    let state = Arc::new(state);
    Router::new()
        .route("/_matrix/app/v1/transactions/{txnId}", put(transactions::take))
        .route("/_matrix/app/v1/ping", post(transactions::ping))
        .route("/_matrix/app/v1/users/{userId}", get(transactions::user))
        .route("/_matrix/app/v1/rooms/{roomAlias}", get(transactions::room_alias))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&state), transactions::authorise))
        .layer(DefaultBodyLimit::max(TRANSACTION_BYTES))
        .with_state(state)
}

/// What watches over the program.
pub fn monitoring(state: Monitoring) -> Router {
    Router::new()
        .route("/live", get(monitoring::live))
        .route("/ready", get(monitoring::ready))
        .route("/metrics", get(monitoring::metrics_text))
        .with_state(state)
}
