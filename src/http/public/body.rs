//! Bodies, bounded in size and time.

use axum::body::Body;
use axum::body::HttpBody;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use bytes::BytesMut;
use futures_util::StreamExt;
use std::time::Duration;

/// How long a body may take: one that trickles would hold its place for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// The whole body, of so many bytes at the most; else the status that says why not.
pub(super) async fn read(body: Body, most: usize) -> Result<Bytes, StatusCode> {
    if body.size_hint().lower() > most as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    tokio::time::timeout(PATIENCE, collect(body, most)).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
}

async fn collect(body: Body, most: usize) -> Result<Bytes, StatusCode> {
    let mut read = BytesMut::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if read.len() + chunk.len() > most {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.freeze())
}

/// Whether a body is said to be of this type, whatever its parameters.
pub(super) fn is_of_type(headers: &HeaderMap, expected: &str) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
}
