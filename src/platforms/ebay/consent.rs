//! Consent by link (authorization code grant). eBay calls the address that answers come to by a name,
//! the `RuName`, and wants that name in its place.

use super::Ebay;
use super::orders;
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
use async_trait::async_trait;
use url::Url;

/// What every right is called by.
const SCOPE: &str = "https://api.ebay.com/oauth/api_scope/";

/// To read who she is.
const IDENTITY: &str = "commerce.identity.readonly";

#[async_trait]
impl Consent for Ebay {
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem> {
        let mut url = self.settings.consent_address.join("oauth2/authorize").map_err(|_| Problem::NotAnAddress)?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.app_key)
            .append_pair("redirect_uri", &self.settings.ru_name)
            .append_pair("response_type", "code")
            .append_pair("scope", &scopes())
            .append_pair("state", ask.state);
        Ok(url)
    }

    async fn redeem(&self, context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError> {
        let code = answered.query.get("code").ok_or(Problem::SecretRefused)?;
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &self.settings.ru_name)];
        let credentials = self.grant(context, &fields).await?.credentials(context.now);
        let account =
            if answered.typed.trim().is_empty() { Some(self.owner(context, &credentials.secret).await?.to_string()) } else { None };
        Ok(Granted { credentials, account })
    }

    async fn renew(&self, context: &Context<'_>, credentials: &Credentials) -> Result<Credentials, FetchError> {
        let refresh = credentials.refresh.as_ref().ok_or(Problem::SecretRefused)?;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose()), ("scope", &scopes())];
        let renewed = self.grant(context, &fields).await?.credentials(context.now);
        // What renews it stays the same for a year and a half, and is not said again.
        Ok(match renewed.refresh {
            Some(_) => renewed,
            None => Credentials { refresh: credentials.refresh.clone(), refresh_expires_at: credentials.refresh_expires_at, ..renewed },
        })
    }
}

impl Ebay {
    /// Asks for a token, as the operator's app.
    pub(super) async fn grant(&self, context: &Context<'_>, fields: &[(&str, &str)]) -> Result<grant::Granted, FetchError> {
        let url = self.settings.address.join("identity/v1/oauth2/token").map_err(|_| Problem::NotAnAddress)?;
        let request = Request::post_form(url, fields.iter().copied());
        grant::ask(context, request.as_user(&self.settings.app_key, &self.settings.app_secret)).await
    }
}

fn scopes() -> String {
    format!("{SCOPE}{} {SCOPE}{IDENTITY}", orders::SCOPE)
}
