//! Webhooks: a shop tells of products and of paid orders by itself. Shopify cannot be told a secret:
//! it signs with the client secret of the app that asked for them, so without knowing that one there
//! are none, and the secret that was made for the hook is not used.

use super::Shopify;
use super::admin::Admin;
use super::admin::READ_ORDERS;
use super::admin::READ_PRODUCTS;
use super::product;
use super::product::Product;
use crate::domain::ids::ExternalId;
use crate::domain::problem::Problem;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Push;
use crate::platforms::push::Hook;
use crate::platforms::push::Pushed;
use crate::platforms::push::Refusal;
use crate::platforms::push::Said;
use crate::platforms::push::Subscribed;
use crate::platforms::raw::Raw;
use crate::platforms::sign;
use crate::values::Secret;
use async_trait::async_trait;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// What is told, and what the token must allow for it.
const TOPICS: [(&str, &str); 4] = [
    ("products/create", READ_PRODUCTS),
    ("products/update", READ_PRODUCTS),
    ("products/delete", READ_PRODUCTS),
    ("orders/paid", READ_ORDERS),
];

/// How old a push may be: Shopify repeats one that failed for four hours, with its first time.
const TOLERANCE_SECONDS: u32 = 18_000;

/// How far in the future it may lie.
const FUTURE_SECONDS: i64 = 300;

/// A subscription.
#[derive(Deserialize)]
struct Webhook {
    id: Raw,
    topic: String,
}

#[derive(Deserialize)]
struct One {
    webhook: Webhook,
}

#[derive(Deserialize)]
struct All {
    webhooks: Vec<Webhook>,
}

/// What a subscription is made of.
#[derive(Serialize)]
struct Wanted<'a> {
    webhook: WantedFields<'a>,
}

#[derive(Serialize)]
struct WantedFields<'a> {
    topic: &'a str,
    address: &'a str,
    format: &'a str,
    fields: &'a [&'a str],
}

#[derive(Deserialize)]
struct Deleted {
    id: Raw,
}

#[async_trait]
impl Push for Shopify {
    async fn subscribe(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<Subscribed, FetchError> {
        let credentials = login.credentials.ok_or(Problem::SecretNeeded)?;
        if self.client_secret(credentials).is_none() {
            return Err(Problem::NotAllowed { missing: "client secret".to_owned() }.into());
        }
        let admin = self.admin(context, login.name, credentials).await?;
        let standing = admin.webhooks(hook).await?;
        let mut made = Vec::new();
        for (topic, scope) in TOPICS.iter().filter(|(topic, _)| standing.iter().all(|webhook| webhook.topic != *topic)) {
            match admin.make_webhook(hook, topic, scope).await {
                Ok(id) => made.push(id),
                Err(error) => {
                    // Half of them is none: what was made would send for nobody.
                    let _ = admin.end_webhooks(&made).await;
                    return Err(error);
                }
            }
        }
        let ids = standing.iter().map(|webhook| webhook.id.as_str().to_owned()).chain(made).collect();
        Ok(Subscribed { ids, expires_at: None, confirm: None })
    }

    async fn is_subscribed(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<bool, FetchError> {
        let credentials = login.credentials.ok_or(Problem::SecretNeeded)?;
        let standing = self.admin(context, login.name, credentials).await?.webhooks(hook).await?;
        Ok(TOPICS.iter().all(|(topic, _)| standing.iter().any(|webhook| webhook.topic == *topic)))
    }

    async fn unsubscribe(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<(), FetchError> {
        let credentials = login.credentials.ok_or(Problem::SecretNeeded)?;
        self.admin(context, login.name, credentials).await?.end_webhooks(&hook.ids).await
    }

    fn read(&self, login: &Login<'_>, pushed: &Pushed<'_>, now: Timestamp) -> Result<Said, Refusal> {
        let secret = login.credentials.and_then(|credentials: &Credentials| self.client_secret(credentials));
        check_signature(pushed, secret.as_ref())?;
        check_shop(pushed.headers, login.name)?;
        check_time(pushed.headers, now)?;
        match header(pushed.headers, "x-shopify-topic") {
            Some("products/delete") => {
                let deleted: Deleted = body(pushed)?;
                Ok(Said::News { trades: Vec::new(), gone: vec![ExternalId::new(deleted.id.as_str())] })
            }
            Some("products/create" | "products/update") => Ok(self.read_product(login.name, &body(pushed)?, now)),
            // Of an order nothing is said but that it is there: what was bought is fetched.
            Some("orders/paid") => Ok(Said::Something),
            _ => Ok(Said::Nothing),
        }
    }
}

impl Shopify {
    /// A product says neither its currency nor where its page is; as long as that is not known of the
    /// shop, it is fetched.
    fn read_product(&self, name: &str, product: &Product, now: Timestamp) -> Said {
        if !product.is_published() {
            return Said::News { trades: Vec::new(), gone: vec![product.id()] };
        }
        let Some(shop) = self.shops.get(name) else { return Said::Something };
        Said::News { trades: vec![product.trade(&shop, self.allow_http_links, now)], gone: Vec::new() }
    }
}

impl Admin<'_> {
    /// What the shop sends to the hook.
    async fn webhooks(&self, hook: &Hook) -> Result<Vec<Webhook>, FetchError> {
        let url = self.url("webhooks.json", &[("address", hook.callback.as_str()), ("limit", "250")])?;
        let all: All = self.send(Request::get(url), READ_PRODUCTS).await?.json()?;
        Ok(all.webhooks.into_iter().filter(|webhook| TOPICS.iter().any(|(topic, _)| webhook.topic == *topic)).collect())
    }

    async fn make_webhook(&self, hook: &Hook, topic: &str, scope: &str) -> Result<String, FetchError> {
        let fields: &[&str] = if topic == "products/create" || topic == "products/update" { &product::FIELDS } else { &["id"] };
        let wanted = Wanted { webhook: WantedFields { topic, address: hook.callback.as_str(), format: "json", fields } };
        let made: One = self.send(Request::post_json(self.url("webhooks.json", &[])?, &wanted), scope).await?.json()?;
        Ok(made.webhook.id.as_str().to_owned())
    }

    async fn end_webhooks(&self, ids: &[String]) -> Result<(), FetchError> {
        for id in ids.iter().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())) {
            match self.send(Request::delete(self.url(&format!("webhooks/{id}.json"), &[])?), READ_PRODUCTS).await {
                Err(error) if error.problem != Problem::NoSuchAccount => return Err(error),
                // It is gone already.
                _ => {}
            }
        }
        Ok(())
    }
}

fn check_signature(pushed: &Pushed<'_>, secret: Option<&Secret>) -> Result<(), Refusal> {
    let signature = header(pushed.headers, "x-shopify-hmac-sha256").ok_or(Refusal::Signature)?;
    let secret = secret.ok_or(Refusal::Signature)?;
    let is_signed = sign::is_hmac_sha256(secret.expose().as_bytes(), pushed.body, signature);
    if is_signed { Ok(()) } else { Err(Refusal::Signature) }
}

/// One app has one secret at every shop: what another shop sent is not this one's.
fn check_shop(headers: &HeaderMap, name: &str) -> Result<(), Refusal> {
    match header(headers, "x-shopify-shop-domain") {
        Some(shop) if !shop.eq_ignore_ascii_case(name) => Err(Refusal::Invalid(vec!["it is of another shop".to_owned()])),
        _ => Ok(()),
    }
}

fn check_time(headers: &HeaderMap, now: Timestamp) -> Result<(), Refusal> {
    let Some(triggered) = header(headers, "x-shopify-triggered-at") else { return Ok(()) };
    let stale = Refusal::Stale { tolerance_seconds: TOLERANCE_SECONDS };
    let Ok(at) = triggered.parse::<Timestamp>() else { return Err(stale) };
    let age = now.duration_since(at).as_secs();
    if (-FUTURE_SECONDS..=i64::from(TOLERANCE_SECONDS)).contains(&age) { Ok(()) } else { Err(stale) }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn body<T: for<'de> Deserialize<'de>>(pushed: &Pushed<'_>) -> Result<T, Refusal> {
    serde_json::from_slice(pushed.body).map_err(|_| Refusal::Malformed("the body is not what this topic sends".to_owned()))
}
