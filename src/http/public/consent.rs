//! What comes back from a platform where somebody agreed, or did not.

use super::Desk;
use super::body;
use super::pages;
use super::plain;
use super::to_its_end;
use crate::actions::LinkEnd;
use crate::texts::OnPage;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::form_urlencoded;

/// The largest answer that is taken.
const LARGEST: usize = 64 << 10;

/// Her browser comes back with the answer in its address.
pub(super) async fn came_back(
    State(desk): State<Arc<Desk>>,
    Path(platform): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = parameters(query);
    let at_desk = Arc::clone(&desk);
    let end = to_its_end(async move { at_desk.public.behind.consented(&platform, &query, &[], at_desk.now()).await }).await;
    pages::end(&desk, &headers, end)
}

/// The shop itself sends the answer (`WooCommerce`).
pub(super) async fn posted(
    State(desk): State<Arc<Desk>>,
    Path(platform): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !body::is_of_type(&headers, "application/json") {
        return plain::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type must be application/json");
    }
    let body = match body::read(body, LARGEST).await {
        Ok(body) => body,
        Err(status) => return plain::error(status, status.canonical_reason().unwrap_or_default()),
    };
    let query = parameters(query);
    match to_its_end(async move { desk.public.behind.consented(&platform, &query, &body, desk.now()).await }).await {
        Some(Ok(LinkEnd::Done { .. })) => plain::json(StatusCode::OK, &serde_json::json!({ "done": true })),
        Some(Ok(LinkEnd::Gone | LinkEnd::Shown { .. })) => plain::error(StatusCode::GONE, "nobody waits for this"),
        Some(Ok(LinkEnd::Refused { problem, .. })) => plain::error(StatusCode::UNPROCESSABLE_ENTITY, &problem.name()),
        Some(Err(error)) => {
            tracing::error!(%error, "a consent could not be stored");
            plain::error(StatusCode::SERVICE_UNAVAILABLE, "it could not be stored")
        }
        None => plain::error(StatusCode::SERVICE_UNAVAILABLE, "it could not be worked off"),
    }
}

/// Where her browser ends after such a shop.
pub(super) async fn done(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    pages::said(desk.language(None, &headers), StatusCode::OK, OnPage::DoneHeading, OnPage::DoneAbout, "")
}

fn parameters(query: Option<String>) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}
