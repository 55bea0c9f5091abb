//! Answers as `WordPress` gives them.

use axum::body::Body;
use axum::response::Response;
use http::response::Builder;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// An answer in JSON, at the shop's own time.
pub(super) fn json_of(status: u16, now: Timestamp, body: &Value) -> Response {
    begun(status, now).header("content-type", "application/json; charset=UTF-8").body(Body::from(body.to_string())).expect("an answer")
}

/// A page.
pub(super) fn page(status: u16, now: Timestamp, head: &str) -> Response {
    let html = format!("<!DOCTYPE html><html><head>{head}</head><body>CANARY</body></html>");
    begun(status, now).header("content-type", "text/html; charset=UTF-8").body(Body::from(html)).expect("an answer")
}

/// A refusal.
pub(super) fn refused(status: u16, now: Timestamp, code: &str) -> Response {
    json_of(status, now, &json!({"code": code, "message": "CANARY", "data": {"status": status}}))
}

/// One page of a list.
pub(super) fn list(now: Timestamp, items: Vec<Value>, asked: &BTreeMap<String, String>, path: &str, keeps_all: bool) -> Response {
    let number = |name: &str, default| asked.get(name).map_or(Some(default), |text| text.parse::<usize>().ok());
    let (Some(size @ 1..=100), Some(page @ 1..)) = (number("per_page", 10), number("page", 1)) else {
        return refused(400, now, "rest_invalid_param");
    };
    let (total, pages) = (items.len(), items.len().div_ceil(size));
    let shown: Vec<Value> = items.into_iter().skip((page - 1) * size).take(size).map(|item| kept(item, asked, keeps_all)).collect();
    let mut answer = json_of(200, now, &Value::Array(shown));
    let mut header = |name: &'static str, value: String| answer.headers_mut().insert(name, value.parse().expect("a value"));
    header("x-wp-total", total.to_string());
    header("x-wp-totalpages", pages.to_string());
    if page < pages {
        header("link", format!("<{path}?page={}>; rel=\"next\"", page + 1));
    }
    answer
}

/// Only the fields that were asked for. Within lists nothing can be chosen: they come out empty.
pub(super) fn kept(item: Value, asked: &BTreeMap<String, String>, keeps_all: bool) -> Value {
    let (Some(fields), Value::Object(item)) = (asked.get("_fields").filter(|_| !keeps_all), &item) else { return item };
    let keep = |(name, value): (&String, &Value)| {
        let is_whole = fields.split(',').any(|field| field == name);
        let is_part = fields.split(',').any(|field| field.starts_with(&format!("{name}.")));
        let value = if is_part && value.is_array() { json!([]) } else { value.clone() };
        (is_whole || is_part).then(|| (name.clone(), value))
    };
    Value::Object(item.iter().filter_map(keep).collect())
}

fn begun(status: u16, now: Timestamp) -> Builder {
    Response::builder().status(status).header("date", httpdate::fmt_http_date(SystemTime::from(now)))
}
