//! What the shop answers to which request.

use super::State;
use super::Webhook;
use super::answers::json_of;
use super::answers::kept;
use super::answers::list;
use super::answers::page;
use super::answers::refused;
use super::auth::parameters;
use super::hmac_sha256;
use super::items::local;
use super::items::utc;
use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

type Asked = BTreeMap<String, String>;

const TOPICS: [&str; 8] = [
    "product.created",
    "product.updated",
    "product.deleted",
    "product.restored",
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
];

impl State {
    /// The answer to a request.
    pub(super) fn answer(&mut self, parts: &Parts, body: &[u8]) -> Response {
        if let Some(moved_to) = &self.moved_to {
            let to = format!("{}{}", moved_to.trim_end_matches('/'), parts.uri);
            return Response::builder().status(301).header("location", to).body(Body::empty()).expect("an answer");
        }
        let home = format!("http://{}{}/", parts.headers["host"].to_str().expect("a host"), self.directory);
        let asked = parameters(parts.uri.query().unwrap_or_default());
        let Some(path) = parts.uri.path().strip_prefix(&format!("{}/", self.directory)) else { return page(404, self.now, "") };
        match path.strip_prefix("wp-json/") {
            None if path.is_empty() || path.starts_with("product/") || path.starts_with("boutique/") => {
                page(200, self.now, &self.head(&home))
            }
            None => page(404, self.now, ""),
            Some("wc/store/v1/products") if self.is_shop => self.open(parts, &asked, &home),
            Some(path) if self.is_shop && path.starts_with("wc/v3/") => match self.admits(parts) {
                Ok(()) => self.keyed(parts, &path["wc/v3/".len()..], &asked, body, &home),
                Err((status, code)) => refused(status, self.now, code),
            },
            Some(_) => refused(404, self.now, "rest_no_route"),
        }
    }

    fn head(&self, home: &str) -> String {
        if self.names_interface { format!(r#"<link rel="https://api.w.org/" href="{home}wp-json/" />"#) } else { String::new() }
    }

    fn open(&self, parts: &Parts, asked: &Asked, home: &str) -> Response {
        if !self.is_open {
            return refused(401, self.now, "rest_not_logged_in");
        }
        let included = numbers(asked.get("include"));
        let in_catalogue = asked.get("catalog_visibility").is_some_and(|visibility| visibility == "catalog");
        let mut found: Vec<_> = self.products.iter().filter(|(_, product)| product.status == "publish").collect();
        found.retain(|(id, _)| included.as_ref().is_none_or(|included| included.contains(id)));
        found.retain(|(_, product)| !in_catalogue || matches!(product.visibility, "visible" | "catalog"));
        found.sort_by_key(|(id, product)| std::cmp::Reverse((product.created, **id)));
        let items: Vec<Value> = found.iter().map(|(id, product)| product.open(**id, home)).collect();
        let etag = format!("W/\"{}\"", hmac_sha256("etag", json!(items).to_string().as_bytes()));
        if self.has_etags && parts.headers.get("if-none-match").is_some_and(|given| *given == *etag) {
            return Response::builder().status(304).body(Body::empty()).expect("an answer");
        }
        let mut answer = list(self.now, items, asked, home, true);
        if self.has_etags {
            answer.headers_mut().insert("etag", etag.parse().expect("a value"));
        }
        answer
    }

    fn keyed(&mut self, parts: &Parts, path: &str, asked: &Asked, body: &[u8], home: &str) -> Response {
        match (parts.method.as_str(), path.split_once('/').unwrap_or((path, ""))) {
            ("GET", ("data", "currencies/current")) => {
                let currency = json!({"code": "EUR", "name": "Euro", "symbol": "&euro;"});
                json_of(200, self.now, &kept(currency, asked, self.ignores_fields))
            }
            ("GET", ("products", "")) => self.products(asked, home),
            ("GET", ("orders", "")) if !self.sees_orders => refused(403, self.now, "woocommerce_rest_cannot_view"),
            ("GET", ("orders", "")) => self.orders(asked, home),
            ("POST", ("webhooks", "")) => self.create(body),
            (method, ("webhooks", number)) => self.webhook(method, number.parse().unwrap_or_default(), asked),
            _ => refused(404, self.now, "rest_no_route"),
        }
    }

    fn products(&self, asked: &Asked, home: &str) -> Response {
        let status = asked.get("status").map_or("any", String::as_str);
        let included = numbers(asked.get("include"));
        let mut found: Vec<_> = self.products.iter().filter(|(_, product)| product.status != "trash").collect();
        found.retain(|(_, product)| status == "any" || product.status == status);
        found.retain(|(id, _)| included.as_ref().is_none_or(|included| included.contains(id)));
        if !is_in_order(asked) || found.iter().any(|(_, product)| is_after(product.modified, asked).is_none()) {
            return refused(400, self.now, "rest_invalid_param");
        }
        found.retain(|(_, product)| is_after(product.modified, asked) == Some(true));
        found.sort_by_key(|(id, product)| std::cmp::Reverse((product.created, **id)));
        let items = found.iter().map(|(id, product)| product.keyed(**id, home)).collect();
        list(self.now, items, asked, home, self.ignores_fields)
    }

    fn orders(&self, asked: &Asked, home: &str) -> Response {
        let statuses: Vec<&str> = asked.get("status").map_or_else(Vec::new, |statuses| statuses.split(',').collect());
        let mut found: Vec<_> = self.orders.iter().filter(|(_, order)| statuses.is_empty() || statuses.contains(&order.status)).collect();
        if !is_in_order(asked) || found.iter().any(|(_, order)| is_after(order.modified, asked).is_none()) {
            return refused(400, self.now, "rest_invalid_param");
        }
        found.retain(|(_, order)| is_after(order.modified, asked) == Some(true));
        found.sort_by_key(|(id, order)| std::cmp::Reverse((order.created, **id)));
        let items = found.iter().map(|(id, order)| order.keyed(**id)).collect();
        list(self.now, items, asked, home, self.ignores_fields)
    }

    fn create(&mut self, body: &[u8]) -> Response {
        let text = |given: &Value, name: &str| given[name].as_str().unwrap_or_default().to_owned();
        let given: Value = serde_json::from_slice(body).unwrap_or_default();
        let (topic, delivery_url) = (text(&given, "topic"), text(&given, "delivery_url"));
        if !TOPICS.contains(&topic.as_str()) {
            return refused(400, self.now, "woocommerce_rest_shop_webhook_invalid_topic");
        }
        if !delivery_url.starts_with("http://") && !delivery_url.starts_with("https://") {
            return refused(400, self.now, "woocommerce_rest_shop_webhook_invalid_delivery_url");
        }
        let (id, secret) = (self.number(), text(&given, "secret"));
        let webhook = Webhook { topic, delivery_url, secret, status: "active".to_owned() };
        let answer = json_of(201, self.now, &webhook.shown(id));
        self.webhooks.insert(id, webhook);
        answer
    }

    fn webhook(&mut self, method: &str, id: u64, asked: &Asked) -> Response {
        let force = asked.get("force").is_some_and(|force| force == "true");
        let shown = self.webhooks.get(&id).map(|webhook| kept(webhook.shown(id), asked, self.ignores_fields));
        match (method, shown) {
            ("GET", Some(shown)) => json_of(200, self.now, &shown),
            ("GET", None) => refused(400, self.now, "woocommerce_rest_shop_webhook_invalid_id"),
            ("DELETE", _) if !force => refused(501, self.now, "woocommerce_rest_trash_not_supported"),
            ("DELETE", Some(shown)) => {
                self.webhooks.remove(&id);
                json_of(200, self.now, &shown)
            }
            ("DELETE", None) => refused(404, self.now, "woocommerce_rest_shop_webhook_invalid_id"),
            _ => refused(404, self.now, "rest_no_route"),
        }
    }
}

impl Webhook {
    fn shown(&self, id: u64) -> Value {
        json!({"id": id, "name": "x", "status": self.status, "topic": self.topic, "delivery_url": self.delivery_url})
    }
}

fn numbers(list: Option<&String>) -> Option<Vec<u64>> {
    list.map(|list| list.split(',').filter_map(|number| number.parse().ok()).collect())
}

fn is_in_order(asked: &Asked) -> bool {
    let is = |name: &str, known: &[&str]| asked.get(name).is_none_or(|value| known.contains(&value.as_str()));
    is("orderby", &["date", "id", "include", "title", "slug"]) && is("order", &["asc", "desc"])
}

/// Whether something was modified after what was asked; none where that is no date. The comparison is
/// strict, in whole seconds. A date with an offset is turned into the shop's own time first, and
/// without `dates_are_gmt` the times of modification are in that too.
fn is_after(modified: Timestamp, asked: &Asked) -> Option<bool> {
    let Some(after) = asked.get("modified_after") else { return Some(true) };
    let after = match after.parse::<Timestamp>() {
        Ok(at) => local(at),
        Err(_) => after.parse::<jiff::civil::DateTime>().ok()?.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
    };
    let is_utc = asked.get("dates_are_gmt").is_some_and(|value| value == "true");
    let modified = if is_utc { utc(modified) } else { local(modified) };
    Some(modified > after)
}
