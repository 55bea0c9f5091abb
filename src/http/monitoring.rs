//! `/live`, `/ready` and `/metrics`.

use super::Monitoring;
use crate::inbox::Health;
use crate::telemetry;
use crate::telemetry::metrics;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::response::Response;

/// The process answers.
pub(super) async fn live() -> &'static str {
    "live\n"
}

/// The bot is registered and the homeserver answers. How encryption stands is said beside it: without
/// it, what is for encrypted rooms waits, and everything else goes on.
pub(super) async fn ready(State(state): State<Monitoring>) -> (StatusCode, String) {
    if state.life.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready: stopping\n".to_owned());
    }
    if !*state.ready.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready: the homeserver has not answered yet\n".to_owned());
    }
    let encryption = match state.inbox.encryption() {
        Health::Off => "encryption: off".to_owned(),
        Health::Starting => "encryption: not ready yet".to_owned(),
        Health::Ready => "encryption: ready".to_owned(),
        Health::Broken(reason) => format!("encryption: does not work, and what is for encrypted rooms waits: {reason}"),
    };
    (StatusCode::OK, format!("ready\n{encryption}\n"))
}

/// Everything that is counted, for Prometheus.
pub(super) async fn metrics_text(State(state): State<Monitoring>) -> Response {
    match state.store.totals().await {
        Ok(totals) => {
            let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
            metrics().deliveries_waiting.set(gauge(totals.waiting));
            metrics().deliveries_buried.set(gauge(totals.buried));
            metrics().events_waiting.set(gauge(totals.events));
            metrics().parked_events.set(gauge(totals.parked));
            metrics().sources.set(gauge(totals.sources));
            metrics().sharers.set(gauge(totals.sharers));
            metrics().contacts.set(gauge(totals.contacts));
            metrics().encryption_ready.set(i64::from(state.inbox.encryption() == Health::Ready));
            metrics().store_bytes.set(gauge(totals.disk_bytes));
        }
        Err(error) => tracing::error!(%error, "the store could not be counted"),
    }
    ([(CONTENT_TYPE, telemetry::CONTENT_TYPE)], telemetry::encode()).into_response()
}
