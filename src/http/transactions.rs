//! The application service API: transactions, ping, and the questions whether a user or an alias is ours.

use super::Appservice;
use crate::domain::ids::UserId;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::header::CONTENT_TYPE;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Keeps the events of a transaction, then says so. Never an error for what is in it: the
/// homeserver would repeat the same one for ever, and everything behind it would wait. Its id is no
/// key (Synapse on `SQLite` counts anew after a restart): the events' own ids are.
pub(super) async fn take(State(state): State<Arc<Appservice>>, body: Bytes) -> Response {
    match state.inbox.receive(&body).await {
        Ok(()) => json(StatusCode::OK, "{}"),
        Err(error) => {
            tracing::error!(%error, "a transaction could not be stored; the homeserver will repeat it");
            let unknown = r#"{"errcode":"M_UNKNOWN","error":"the events could not be stored"}"#;
            ([(RETRY_AFTER, "5")], json(StatusCode::SERVICE_UNAVAILABLE, unknown)).into_response()
        }
    }
}

/// The homeserver shows that it reaches us (Matrix 1.7).
pub(super) async fn ping() -> Response {
    json(StatusCode::OK, "{}")
}

/// Whether a user is ours: the bot is, and nobody else.
pub(super) async fn user(State(state): State<Arc<Appservice>>, Path(user): Path<String>) -> Response {
    if UserId::new(user) == state.inbox.us.bot { json(StatusCode::OK, "{}") } else { not_found() }
}

/// Whether an alias is ours: none is.
pub(super) async fn room_alias() -> Response {
    not_found()
}

/// Lets a request through that shows the `hs_token`, compared in constant time; before its body is read.
pub(super) async fn authorise(State(state): State<Arc<Appservice>>, request: Request, next: Next) -> Response {
    let Some(value) = request.headers().get(AUTHORIZATION) else {
        return json(StatusCode::UNAUTHORIZED, r#"{"errcode":"M_MISSING_TOKEN","error":"no hs_token"}"#);
    };
    let token = value.as_bytes().strip_prefix(b"Bearer ").unwrap_or_default();
    if token.ct_eq(state.hs_token.expose().as_bytes()).into() {
        next.run(request).await
    } else {
        json(StatusCode::FORBIDDEN, r#"{"errcode":"M_FORBIDDEN","error":"wrong hs_token"}"#)
    }
}

fn not_found() -> Response {
    json(StatusCode::NOT_FOUND, r#"{"errcode":"M_NOT_FOUND","error":"not one of ours"}"#)
}

fn json(status: StatusCode, body: &'static str) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
