//! Webhooks: the shop sends products and orders as they change. Source: `WC_Webhook`.

use super::WooCommerce;
use super::client::Client;
use super::items::Maker;
use super::items::external_id;
use super::orders::Order;
use super::products::Product;
use super::shop::Shop;
use crate::domain::ids::ExternalId;
use crate::domain::problem::Problem;
use crate::domain::trade::Trade;
use crate::platforms::Context;
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
use async_trait::async_trait;
use http::HeaderMap;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

/// What the shop is to tell. Whatever else happens is found by polling.
const TOPICS: [&str; 5] = ["product.created", "product.updated", "product.deleted", "order.created", "order.updated"];

/// Where its webhooks are.
const WEBHOOKS: &str = "wp-json/wc/v3/webhooks";

/// How old a sale is at most that is news without a further look: an old order may only have been touched.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Serialize)]
struct NewWebhook<'a> {
    name: String,
    topic: &'a str,
    delivery_url: &'a str,
    secret: &'a str,
    status: &'a str,
}

#[derive(Deserialize)]
struct Made {
    id: u64,
}

#[derive(Deserialize)]
struct Webhook {
    status: String,
    delivery_url: String,
}

/// A product that is gone.
#[derive(Deserialize)]
struct Gone {
    id: Raw,
}

#[async_trait]
impl Push for WooCommerce {
    async fn subscribe(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<Subscribed, FetchError> {
        let (shop, keys) = (Shop::of_name(login.name)?, Self::needed_keys(login)?);
        let client = Client::new(context, &shop, Some(&keys));
        let mut ids = Vec::new();
        for topic in TOPICS {
            match create(&client, hook, topic).await {
                Ok(id) => ids.push(id),
                Err(error) => {
                    // Half a subscription is none.
                    for id in &ids {
                        let _ = delete(&client, id).await;
                    }
                    return Err(error);
                }
            }
        }
        Ok(Subscribed { ids, expires_at: None, confirm: None })
    }

    async fn is_subscribed(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<bool, FetchError> {
        let (shop, keys) = (Shop::of_name(login.name)?, Self::needed_keys(login)?);
        let client = Client::new(context, &shop, Some(&keys));
        for id in &hook.ids {
            match client.get(&format!("{WEBHOOKS}/{id}"), &[("_fields", "status,delivery_url")]).await {
                Ok(answer) => {
                    let webhook: Webhook = answer.json()?;
                    let is_ours = Url::parse(&webhook.delivery_url).is_ok_and(|url| url == hook.callback);
                    if webhook.status != "active" || !is_ours {
                        return Ok(false);
                    }
                }
                Err(error) if error.problem == Problem::NotFound => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(!hook.ids.is_empty())
    }

    async fn unsubscribe(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<(), FetchError> {
        let (shop, keys) = (Shop::of_name(login.name)?, Self::needed_keys(login)?);
        let client = Client::new(context, &shop, Some(&keys));
        for id in &hook.ids {
            delete(&client, id).await?;
        }
        Ok(())
    }

    fn by_hand(&self) -> Option<&'static [&'static str]> {
        Some(&TOPICS)
    }

    fn read(&self, login: &Login<'_>, pushed: &Pushed<'_>, now: Timestamp) -> Result<Said, Refusal> {
        let content_type = content_type(pushed.headers);
        if content_type == FORM && is_ping(pushed.body) {
            // The shop tries the address, unsigned, when a webhook is made.
            return Ok(Said::Nothing);
        }
        if content_type != JSON {
            return Err(Refusal::ContentType { expected: JSON });
        }
        let signature = header(pushed.headers, "x-wc-webhook-signature").ok_or(Refusal::Signature)?;
        if !pushed.secret.is_made() || !sign::is_hmac_sha256(pushed.secret.expose().as_bytes(), pushed.body, signature) {
            return Err(Refusal::Signature);
        }
        let shop = Shop::of_name(login.name).map_err(|_| Refusal::Malformed("the account is no shop".to_owned()))?;
        let maker = Maker { shop: &shop, allow_http_links: self.allow_http_links, now };
        match header(pushed.headers, "x-wc-webhook-topic").and_then(|topic| topic.split_once('.')) {
            Some(("product", "deleted")) => Ok(gone(ExternalId::new(body::<Gone>(pushed.body)?.id.as_str()))),
            Some(("product", _)) => Ok(self.product(&body(pushed.body)?, maker)),
            Some(("order", "deleted")) => Ok(Said::Nothing),
            Some(("order", _)) => Ok(order(&body(pushed.body)?, maker)),
            Some(_) => Ok(Said::Nothing),
            None => Err(Refusal::Malformed("the header x-wc-webhook-topic is missing".to_owned())),
        }
    }
}

impl WooCommerce {
    /// What a product says. Its price is only half of the truth where variants have their own, or where
    /// the shop's currency is not known: then it is to be fetched.
    fn product(&self, product: &Product, maker: Maker<'_>) -> Said {
        if product.is_variant() {
            return Said::Something;
        }
        if !product.is_listed() {
            return gone(external_id(product.id));
        }
        match self.currency_of(maker.shop) {
            Some(currency) if !product.is_composed() => news(vec![product.listing(maker, product.price(currency))]),
            _ => Said::Something,
        }
    }
}

fn order(order: &Order, maker: Maker<'_>) -> Said {
    if !order.is_settled() {
        return Said::Nothing;
    }
    match order.sold_at() {
        Some(at) if maker.now.duration_since(at) > FRESH => Said::Something,
        _ => news(order.sales(maker, None)),
    }
}

const fn news(trades: Vec<Trade>) -> Said {
    Said::News { trades, gone: Vec::new() }
}

fn gone(id: ExternalId) -> Said {
    Said::News { trades: Vec::new(), gone: vec![id] }
}

async fn create(client: &Client<'_>, hook: &Hook, topic: &str) -> Result<String, FetchError> {
    let webhook = NewWebhook {
        name: format!("tradepost {topic}"),
        topic,
        delivery_url: hook.callback.as_str(),
        secret: hook.secret.expose(),
        status: "active",
    };
    let made: Made = client.post(WEBHOOKS, &webhook).await.map_err(needs_writing)?.json()?;
    Ok(made.id.to_string())
}

/// One that is not there any more is gone as well.
async fn delete(client: &Client<'_>, id: &str) -> Result<(), FetchError> {
    match client.delete(&format!("{WEBHOOKS}/{id}"), &[("force", "true")]).await {
        Ok(_) => Ok(()),
        Err(error) if error.problem == Problem::NotFound => Ok(()),
        Err(error) => Err(needs_writing(error)),
    }
}

/// Keys that may only read are refused as wrong ones are.
fn needs_writing(error: FetchError) -> FetchError {
    match error.problem {
        Problem::SecretRefused | Problem::NotAllowed { .. } => Problem::NotAllowed { missing: "read_write".to_owned() }.into(),
        _ => error,
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Without parameters, lower case.
fn content_type(headers: &HeaderMap) -> String {
    let text = header(headers, "content-type").unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_ping(body: &[u8]) -> bool {
    body.strip_prefix(b"webhook_id=").is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

fn body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // What is passed over is not looked at by the parser.
    let text = std::str::from_utf8(body).map_err(|_| Refusal::Malformed("the body is not UTF-8".to_owned()))?;
    serde_json::from_str(text).map_err(|_| Refusal::Malformed("the body is not what the topic says".to_owned()))
}
