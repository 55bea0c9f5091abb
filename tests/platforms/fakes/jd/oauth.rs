//! The consent: codes and refresh tokens become access tokens.

use super::Books;
use super::CANARY;
use super::KEY;
use super::SECRET;
use super::decoded;
use axum::extract::RawQuery;
use axum::extract::State;
use serde_json::json;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) async fn access_token(State(books): State<Arc<Mutex<Books>>>, RawQuery(query): RawQuery) -> String {
    given(&books, &query.unwrap_or_default(), "authorization_code", ("code", "good-code"), "consented")
}

pub(super) async fn refresh_token(State(books): State<Arc<Mutex<Books>>>, RawQuery(query): RawQuery) -> String {
    given(&books, &query.unwrap_or_default(), "refresh_token", ("refresh_token", "refresh-consented"), "renewed")
}

fn given(books: &Mutex<Books>, query: &str, grant: &str, (name, good): (&str, &str), token: &str) -> String {
    let fields = decoded(query.as_bytes());
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|given| given == value);
    if !is("app_key", KEY) || !is("app_secret", SECRET) {
        return json!({"code": 1_004_000, "msg": "CANARY invalid app_key or app_secret"}).to_string();
    }
    if !is("grant_type", grant) || !is(name, good) {
        return json!({"code": 1_004_001, "msg": "CANARY expired"}).to_string();
    }
    books.lock().expect("the books").tokens.insert(token.to_owned());
    let given = json!({"access_token": token, "expires_in": 86_400, "refresh_token": format!("refresh-{token}"), "scope": "snsapi_base",
        "open_id": CANARY, "uid": CANARY, "xid": "o*AAT-x", "code": 0});
    given.to_string()
}
