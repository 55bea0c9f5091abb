//! Queries, forms and JSON, as fakes read and write them; the program itself needs none of axum's.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use std::collections::BTreeMap;

/// The parameters of an address; of a name that stands there twice the last one.
pub struct Query(pub BTreeMap<String, String>);

/// The fields of a form.
pub struct Form(pub BTreeMap<String, String>);

/// A body of JSON.
pub struct Json(pub Value);

fn pairs(text: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        Ok(Self(pairs(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|text| text.to_str().ok()).unwrap_or_default().to_owned();
        if !content_type.starts_with("application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let body = Bytes::from_request(request, state).await.map_err(|_| StatusCode::BAD_REQUEST)?;
        Ok(Self(pairs(&body)))
    }
}

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        if request.headers().get(header::CONTENT_TYPE).is_none_or(|text| text != "application/json") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let body = Bytes::from_request(request, state).await.map_err(|_| StatusCode::BAD_REQUEST)?;
        serde_json::from_slice(&body).map(Self).map_err(|_| StatusCode::BAD_REQUEST)
    }
}

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], self.0.to_string()).into_response()
    }
}
