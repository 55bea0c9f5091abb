//! `/live`, `/ready` and `/metrics`.

use super::Monitoring;
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

/// The bot is registered and the homeserver answers.
pub(super) async fn ready(State(state): State<Monitoring>) -> (StatusCode, &'static str) {
    if *state.ready.borrow() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready: the homeserver has not answered yet\n")
    }
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
            metrics().store_bytes.set(gauge(totals.disk_bytes));
        }
        Err(error) => tracing::error!(%error, "the store could not be counted"),
    }
    ([(CONTENT_TYPE, telemetry::CONTENT_TYPE)], telemetry::encode()).into_response()
}
