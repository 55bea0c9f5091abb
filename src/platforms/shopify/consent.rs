//! Consent by link: a shop's owner lets the operator's app in (authorization code grant). The tokens end
//! after an hour and are renewed.

use super::Shopify;
use super::admin::READ_ORDERS;
use super::admin::READ_PRODUCTS;
use super::place;
use super::secret;
use crate::domain::problem::Problem;
use crate::net::Request;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::consent::Answered;
use crate::platforms::consent::Ask;
use crate::platforms::consent::Granted;
use crate::platforms::grant;
use crate::platforms::sign;
use crate::values::Secret;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;
use url::Url;
use url::form_urlencoded;

#[async_trait]
impl Consent for Shopify {
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem> {
        if !self.has_app() {
            return Err(Problem::AppRefused);
        }
        let host = place::host_at_shopify(ask.typed).ok_or_else(|| Problem::NotSuchAShop { platform: "shopify".to_owned() })?;
        let mut url = self.base(&host)?.join("admin/oauth/authorize").map_err(|_| Problem::NotAnAddress)?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.app_key)
            .append_pair("scope", &format!("{READ_PRODUCTS},{READ_ORDERS}"))
            .append_pair("redirect_uri", ask.answers_to.as_str())
            .append_pair("state", ask.state);
        Ok(url)
    }

    async fn redeem(&self, context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError> {
        let host = place::host_at_shopify(answered.typed).ok_or(Problem::NotAnAddress)?;
        let is_this_shop = answered.query.get("shop").is_some_and(|shop| shop.eq_ignore_ascii_case(&host));
        if !is_this_shop || !is_signed(answered.query, &self.settings.app_secret) {
            return Err(Problem::SecretRefused.into());
        }
        let code = answered.query.get("code").ok_or(Problem::SecretRefused)?;
        let granted = self.grant(context, &host, &[("code", code), ("expiring", "1")]).await?;
        if let Some(missing) = granted.scope().and_then(missing_scope) {
            return Err(Problem::NotAllowed { missing: missing.to_owned() }.into());
        }
        Ok(Granted { credentials: kept(&granted, &host, context.now), account: Some(host) })
    }

    async fn renew(&self, context: &Context<'_>, credentials: &Credentials) -> Result<Credentials, FetchError> {
        let refresh = credentials.refresh.as_ref().ok_or(Problem::SecretRefused)?;
        let (host, token) =
            refresh.expose().split_once(' ').filter(|(host, _)| place::is_shop_host(host)).ok_or(Problem::SecretMalformed)?;
        let granted = self.grant(context, host, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await?;
        Ok(kept(&granted, host, context.now))
    }
}

impl Shopify {
    async fn grant(&self, context: &Context<'_>, host: &str, fields: &[(&str, &str)]) -> Result<grant::Granted, FetchError> {
        let app = [("client_id", self.settings.app_key.as_str()), ("client_secret", self.settings.app_secret.expose())];
        let request = Request::post_form(secret::token_url(&self.base(host)?)?, app.into_iter().chain(fields.iter().copied()));
        grant::ask(context, request.with("accept", "application/json")).await
    }
}

/// As credentials are kept. What renews them is of use at its shop only, which is kept with it.
fn kept(granted: &grant::Granted, host: &str, now: Timestamp) -> Credentials {
    Credentials {
        secret: secret::of_operator(&granted.token()),
        refresh: granted.refresh().map(|token| Secret::new(format!("{host} {token}"))),
        expires_at: granted.expires_at(now),
        refresh_expires_at: granted.refresh_expires_at(now),
    }
}

/// What of the two rights a list of rights lacks. The right to write holds the right to read.
fn missing_scope(granted: &str) -> Option<&'static str> {
    let holds = |scope: &str| granted.split(',').any(|one| one.trim() == scope || one.trim() == scope.replacen("read_", "write_", 1));
    [READ_PRODUCTS, READ_ORDERS].into_iter().find(|scope| !holds(scope))
}

/// Whether Shopify signed the parameters of an answer: `hex(hmac-sha256(client secret, k=v&…))` over
/// all others in the order of their names. Its own libraries do not agree whether values are encoded
/// there, so both count; values that matter are alike in both.
fn is_signed(query: &BTreeMap<String, String>, secret: &Secret) -> bool {
    let Some(signature) = query.get("hmac").and_then(|hmac| hex::decode(hmac).ok()) else { return false };
    let signed = || query.iter().filter(|(name, _)| !matches!(name.as_str(), "hmac" | "signature"));
    let plain: Vec<String> = signed().map(|(name, value)| format!("{name}={value}")).collect();
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(signed()).finish();
    [plain.join("&"), encoded].iter().any(|text| sign::is_mac_sha256(secret.expose().as_bytes(), text.as_bytes(), &signature))
}

#[cfg(test)]
mod tests {
    use super::is_signed;
    use super::missing_scope;
    use crate::values::Secret;

    #[test]
    fn shopifys_published_example_is_signed() {
        let query = "code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf\
                     &shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173";
        let mut query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert!(is_signed(&query, &Secret::new("hush")));
        assert!(!is_signed(&query, &Secret::new("other")));
        query.insert("shop".to_owned(), "other.myshopify.com".to_owned());
        assert!(!is_signed(&query, &Secret::new("hush")));
        query.remove("hmac");
        assert!(!is_signed(&query, &Secret::new("hush")));
    }

    #[test]
    fn a_right_to_write_holds_the_right_to_read() {
        assert_eq!(missing_scope("read_products,read_orders"), None);
        assert_eq!(missing_scope("write_orders, write_products"), None);
        assert_eq!(missing_scope("read_products"), Some("read_orders"));
        assert_eq!(missing_scope(""), Some("read_products"));
    }
}
