//! What shops send.

use super::Desk;
use super::body;
use super::pages::retry_after;
use super::plain;
use super::to_its_end;
use crate::intake::PushError;
use crate::intake::Taken;
use crate::platforms::push::Refusal;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// The largest push that is taken.
const LARGEST: usize = 1 << 20;
/// When a shop comes again after a failure of ours.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Takes a push: it is in the store before this is answered.
pub(super) async fn take(State(desk): State<Arc<Desk>>, Path(token): Path<String>, headers: HeaderMap, body: Body) -> Response {
    if let Err(wait) = desk.door.hook(&token) {
        return wait_for(StatusCode::TOO_MANY_REQUESTS, "too many requests", wait);
    }
    let body = match body::read(body, LARGEST).await {
        Ok(body) => body,
        Err(status) => return plain::error(status, status.canonical_reason().unwrap_or_default()),
    };
    let outcome = to_its_end(async move { desk.public.behind.take_push(&token, &headers, body, desk.now()).await }).await;
    match outcome {
        Some(Ok(Taken { accepted, unchanged, dry_run: false })) => {
            plain::json(StatusCode::OK, &json!({ "accepted": accepted, "unchanged": unchanged }))
        }
        Some(Ok(Taken { accepted, unchanged, dry_run: true })) => {
            plain::json(StatusCode::OK, &json!({ "accepted": accepted, "unchanged": unchanged, "dry_run": true }))
        }
        Some(Err(PushError::UnknownHook)) => plain::error(StatusCode::NOT_FOUND, "there is no such hook"),
        Some(Err(PushError::Busy { retry_after })) => wait_for(StatusCode::SERVICE_UNAVAILABLE, "busy", retry_after),
        Some(Err(PushError::Refused(refusal))) => refused(&refusal),
        Some(Err(PushError::Store(error))) => {
            tracing::error!(%error, "a push could not be stored; the shop will repeat it");
            wait_for(StatusCode::SERVICE_UNAVAILABLE, "it could not be stored", AFTER_FAILURE)
        }
        None => wait_for(StatusCode::SERVICE_UNAVAILABLE, "it could not be worked off", AFTER_FAILURE),
    }
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Signature | Refusal::Stale { .. } => StatusCode::UNAUTHORIZED,
        Refusal::ContentType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::Invalid(reasons) => {
            return plain::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "error": "invalid", "reasons": reasons }));
        }
        Refusal::Unconfirmed => StatusCode::FORBIDDEN,
    };
    plain::error(status, &refusal.to_string())
}

fn wait_for(status: StatusCode, what: &str, wait: Duration) -> Response {
    ([retry_after(wait)], plain::error(status, what)).into_response()
}
