//! Somebody at one of a shop's interfaces. It shares no code with the program.

use crate::support::client::http_client;
use reqwest::header;
use serde_json::Value;
use serde_json::json;

/// Somebody; whom the shop takes her for is in her session.
pub(super) struct Visitor {
    http: reqwest::Client,
    address: String,
    session: std::sync::Mutex<Session>,
}

#[derive(Clone, Default)]
struct Session {
    token: Option<String>,
    cookie: Option<String>,
}

impl Visitor {
    /// Nobody yet.
    pub(super) fn new(port: u16, interface: &str) -> Self {
        let address = format!("http://127.0.0.1:{port}/{interface}");
        Self { http: http_client(), address, session: std::sync::Mutex::default() }
    }

    /// As whoever has this name and password.
    pub(super) async fn logs_in(self, name: &str, password: &str) -> Self {
        let query = "mutation($name:String!,$password:String!){done:login(username:$name,password:$password){\
                     __typename ...on ErrorResult{message}}}";
        let done = self.asks(query, json!({"name": name, "password": password})).await;
        assert_eq!(done["__typename"], "CurrentUser", "{name} is not let in: {done}");
        self
    }

    /// Asks with `$input`, see [`Self::asks`].
    pub(super) async fn does(&self, query: &str, input: Value) -> Value {
        self.asks(query, json!({"input": input})).await
    }

    /// Asks; gives what `done` stands for in the query. What the shop refuses fails the test.
    pub(super) async fn asks(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables}).to_string();
        let mut request = self.http.post(&self.address).header(header::CONTENT_TYPE, "application/json").body(body);
        let Session { token, cookie } = self.session().clone();
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let answer = request.send().await.expect("the shop's answer");
        self.keep_session(answer.headers());
        let text = answer.text().await.expect("the shop's answer");
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{query} gave {text}"));
        let done = &answer["data"]["done"];
        assert!(answer["errors"].is_null() && done["message"].is_null(), "{query} with {variables} gave {answer}");
        done.clone()
    }

    /// The shop gives nobody a session too, where something is put into a cart.
    fn keep_session(&self, headers: &header::HeaderMap) {
        let mut session = self.session();
        if let Some(token) = headers.get("vendure-auth-token").and_then(|token| token.to_str().ok()) {
            session.token = Some(token.to_owned());
            return;
        }
        let cookies = headers.get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookies: Vec<&str> = cookies.collect();
        if !cookies.is_empty() {
            session.cookie = Some(cookies.join("; "));
        }
    }

    fn session(&self) -> std::sync::MutexGuard<'_, Session> {
        self.session.lock().expect("a session")
    }
}
