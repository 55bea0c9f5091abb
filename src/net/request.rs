//! Requests to interfaces: any method, with a body and with secrets, and answers of any status, since
//! platforms say what is wrong in the body.

use super::NetError;
use super::refusal;
use crate::domain::problem::Problem;
use crate::values::Secret;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use reqwest::Method;
use reqwest::StatusCode;
use reqwest::header;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::num::NonZeroU32;
use url::Url;
use zeroize::Zeroizing;

/// A request to an interface. Its body is not printed, since it may hold a secret.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) per_minute: Option<NonZeroU32>,
}

/// What came back, whatever its status. Its body is not printed, since it may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where it was in the end.
    pub url: Url,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, url, headers, body, per_minute } = self;
        let bytes = body.len();
        out.debug_struct("Request")
            .field("method", method)
            .field("url", url)
            .field("headers", headers)
            .field("bytes", &bytes)
            .field("per_minute", per_minute)
            .finish()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, status, body, .. } = self;
        out.debug_struct("Answer")
            .field("host", &url.host_str())
            .field("status", status)
            .field("bytes", &body.len())
            .finish_non_exhaustive()
    }
}

impl Request {
    /// A GET.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(url: Url) -> Self {
        Self::new(Method::DELETE, url)
    }

    /// A POST of a form (`application/x-www-form-urlencoded`, UTF-8), in the order of `fields`.
    #[must_use]
    pub fn post_form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::post(url, "application/x-www-form-urlencoded;charset=utf-8", form)
    }

    /// A POST of JSON.
    #[must_use]
    pub fn post_json(url: Url, body: &impl Serialize) -> Self {
        // What is sent are plain values of ours; nothing of them fails.
        Self::post(url, "application/json", serde_json::to_vec(body).unwrap_or_default())
    }

    /// A POST of anything.
    #[must_use]
    pub fn post(url: Url, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut request = Self::new(Method::POST, url);
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        request.body = body.into();
        request
    }

    fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), per_minute: None }
    }

    /// With a header; one that cannot stand in a header is left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// With a header that is a secret; one that cannot stand in a header is left out.
    #[must_use]
    pub fn with_secret(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// As whoever holds this token (RFC 6750).
    #[must_use]
    pub fn as_bearer(self, token: &Secret) -> Self {
        let value = Zeroizing::new(format!("Bearer {}", token.expose()));
        self.with_secret("authorization", &value)
    }

    /// As this user (RFC 7617).
    #[must_use]
    pub fn as_user(self, name: &str, password: &Secret) -> Self {
        let pair = Zeroizing::new(format!("{name}:{}", password.expose()));
        let value = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
        self.with_secret("authorization", &value)
    }

    /// At most so many of this host in a minute, whoever asks; the usual pace holds too.
    #[must_use]
    pub fn at_most_per_minute(mut self, requests: NonZeroU32) -> Self {
        self.per_minute = Some(requests);
        self
    }
}

impl Answer {
    /// The answer, where its status is a success; else the problem that its status names.
    pub fn ok(self) -> Result<Self, NetError> {
        if self.status.is_success() { Ok(self) } else { Err(refusal(self.status, &self.headers)) }
    }

    /// The body, read as JSON. What is wrong with it is not repeated anywhere: it may hold what
    /// concerns nobody.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.body).map_err(|_| Problem::MalformedAnswer)
    }

    /// A header, where it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use super::Request;
    use crate::values::Secret;
    use http::HeaderMap;
    use http::StatusCode;
    use url::Url;

    #[test]
    fn nothing_secret_of_a_request_or_its_answer_is_printed() {
        let url = Url::parse("https://a.example/token").unwrap();
        let secret = Secret::new("hush");
        let request = Request::post_form(url.clone(), [("client_secret", "hush")]).as_bearer(&secret);
        let other = Request::get(url.clone()).as_user("joy", &secret).with_secret("x-key", "hush");
        let answer =
            Answer { url, status: StatusCode::OK, headers: HeaderMap::new(), body: b"{\"access_token\":\"hush\"}".as_slice().into() };
        let printed = format!("{request:?} {request:#?} {other:?} {answer:?}");
        assert!(!printed.contains("hush") && !printed.contains("am95Omh1c2g"), "{printed}");
    }
}
