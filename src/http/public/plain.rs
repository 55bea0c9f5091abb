//! What is said without a page.

use super::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ALLOW;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

/// Who answers here.
pub(super) async fn name() -> &'static str {
    "tradepost\n"
}

/// Which tradepost answers here, for `tradepost check`.
pub(super) async fn nonce(State(desk): State<Arc<Desk>>) -> Response {
    json(StatusCode::OK, &json!({ "nonce": desk.public.nonce }))
}

/// Nothing stands here. `tradepost check` knows by these words that a proxy leads to us, by another path.
pub(super) async fn nothing() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "tradepost: nothing stands here\n")
}

/// HEAD, where what would be done by GET can be done once only.
pub(super) async fn not_head() -> impl IntoResponse {
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET,POST")])
}

/// An answer for programs.
pub(super) fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}

/// An error for programs.
pub(super) fn error(status: StatusCode, what: &str) -> Response {
    json(status, &json!({ "error": what }))
}
