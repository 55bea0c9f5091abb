//! Plain calls of the Matrix client-server API, for the people in the tests. It knows addresses and
//! tokens, and nothing of rooms or events; it shares no code with the program.

use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use url::Url;

/// Calls a homeserver in somebody's name.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
}

/// The homeserver said no.
#[derive(Debug)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// `M_FORBIDDEN` and the like.
    pub code: String,
    /// The whole answer.
    pub answer: Value,
}

/// Why a call brought nothing.
#[derive(Debug)]
pub enum CallError {
    /// The homeserver said no.
    Refused(Refused),
    /// It did not answer at all.
    Unreachable(reqwest::Error),
}

impl Client {
    /// A client of the homeserver at `address`, nobody yet.
    pub fn new(address: &str) -> Self {
        Self { http: http_client(), base: Url::parse(address).expect("the address of a homeserver"), token: None }
    }

    /// The same client, in the name of whoever `token` belongs to.
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// GET below `/_matrix/client/v3`.
    pub async fn get(&self, path: &[&str]) -> Value {
        self.expect(Method::GET, path, Value::Null).await
    }

    /// POST below `/_matrix/client/v3`.
    pub async fn post(&self, path: &[&str], body: Value) -> Value {
        self.expect(Method::POST, path, body).await
    }

    /// PUT below `/_matrix/client/v3`.
    pub async fn put(&self, path: &[&str], body: Value) -> Value {
        self.expect(Method::PUT, path, body).await
    }

    async fn expect(&self, method: Method, path: &[&str], body: Value) -> Value {
        match self.call(method.clone(), path, &[], body).await {
            Ok(answer) => answer,
            Err(error) => panic!("{method} {} failed: {error:?}", path.join("/")),
        }
    }

    /// The JSON of an uploaded file (`mxc://server/id`), or `{"not json": …}`.
    pub async fn download(&self, address: &str) -> Value {
        let (server, id) = address.trim_start_matches("mxc://").split_once('/').expect("the address of a file");
        let address = self.address(&["_matrix", "client", "v1", "media", "download"], &[server, id], &[]);
        self.call_at(Method::GET, address, Value::Null).await.unwrap_or_else(|error| panic!("no file: {error:?}"))
    }

    /// DELETE below `/_synapse/admin/v2`, for administrators.
    pub async fn admin_delete(&self, path: &[&str]) -> Value {
        let answer = self.call_at(Method::DELETE, self.address(&["_synapse", "admin", "v2"], path, &[]), Value::Null).await;
        answer.unwrap_or_else(|error| panic!("DELETE {} failed: {error:?}", path.join("/")))
    }

    /// Any call below `/_matrix/client/v3` that may fail. `path` holds its segments, not yet escaped.
    pub async fn call(&self, method: Method, path: &[&str], query: &[(&str, &str)], body: Value) -> Result<Value, CallError> {
        self.call_at(method, self.address(&["_matrix", "client", "v3"], path, query), body).await
    }

    async fn call_at(&self, method: Method, address: Url, body: Value) -> Result<Value, CallError> {
        let mut request = self.http.request(method, address);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.map_err(CallError::Unreachable)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(CallError::Unreachable)?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!({"not json": String::from_utf8_lossy(&bytes)}));
        if status.is_success() {
            return Ok(answer);
        }
        let code = answer["errcode"].as_str().unwrap_or_default().to_owned();
        Err(CallError::Refused(Refused { status: status.as_u16(), code, answer }))
    }

    fn address(&self, api: &[&str], path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut address = self.base.clone();
        address.path_segments_mut().expect("an http address").pop_if_empty().extend(api).extend(path);
        if !query.is_empty() {
            address.query_pairs_mut().extend_pairs(query);
        }
        address
    }
}

/// An HTTP client that waits no longer than a test does.
pub fn http_client() -> reqwest::Client {
    // Fails when another test was here before: then it is done.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().expect("an HTTP client")
}
