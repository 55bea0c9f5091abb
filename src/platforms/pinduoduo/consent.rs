//! Consent by link (OAuth 2.0): the merchant agrees on a page of Pinduoduo, and the gateway gives the
//! token for the code that comes back.

use super::Pinduoduo;
use crate::domain::problem::Problem;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::consent::Answered;
use crate::platforms::consent::Ask;
use crate::platforms::consent::Granted;
use crate::platforms::gateway::Loose;
use crate::platforms::gateway::in_seconds;
use crate::values::Secret;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
struct Tokens {
    access_token: Loose,
    #[serde(default)]
    expires_in: Loose,
    #[serde(default)]
    refresh_token: Loose,
    #[serde(default)]
    refresh_token_expires_in: Loose,
    /// The number of the shop.
    #[serde(default)]
    owner_id: Loose,
}

#[async_trait]
impl Consent for Pinduoduo {
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused);
        }
        let mut page = self.settings.consent_page.clone();
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.app_key)
            .append_pair("redirect_uri", ask.answers_to.as_str())
            .append_pair("state", ask.state);
        Ok(page)
    }

    async fn redeem(&self, context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError> {
        if let Some(error) = answered.query.get("error") {
            let is_no = error == "access_denied";
            return Err(if is_no { Problem::SecretRefused } else { Problem::refused(error) }.into());
        }
        let code = answered.query.get("code").ok_or(Problem::MalformedAnswer)?;
        let tokens = self.tokens(context, "create", ("code", code.clone())).await?;
        let shop = Some(tokens.owner_id.as_str()).filter(|shop| !matches!(*shop, "" | "0"));
        Ok(Granted { account: shop.map(str::to_owned), credentials: tokens.credentials(context.now) })
    }

    async fn renew(&self, context: &Context<'_>, credentials: &Credentials) -> Result<Credentials, FetchError> {
        let refresh = credentials.refresh.as_ref().ok_or(Problem::SecretRefused)?;
        let tokens = self.tokens(context, "refresh", ("refresh_token", refresh.expose().to_owned())).await?;
        Ok(tokens.credentials(context.now))
    }
}

impl Pinduoduo {
    async fn tokens(&self, context: &Context<'_>, verb: &str, field: (&'static str, String)) -> Result<Tokens, FetchError> {
        let pop = self.pop(context, None)?;
        let (method, name) = (format!("pdd.pop.auth.token.{verb}"), format!("pop_auth_token_{verb}_response"));
        let tokens: Tokens = pop.call(&method, &name, &[field]).await.map_err(|error| match error.problem {
            // What else can be wrong with a call of ours is the code, or what renews.
            Problem::Refused { .. } => Problem::SecretRefused.into(),
            _ => error,
        })?;
        if tokens.access_token.as_str().is_empty() { Err(Problem::MalformedAnswer.into()) } else { Ok(tokens) }
    }
}

impl Tokens {
    fn credentials(&self, now: Timestamp) -> Credentials {
        let refresh = Some(self.refresh_token.as_str()).filter(|token| !token.is_empty());
        Credentials {
            secret: Secret::new(self.access_token.as_str()),
            refresh: refresh.map(Secret::new),
            expires_at: in_seconds(now, self.expires_in.number()),
            refresh_expires_at: in_seconds(now, self.refresh_token_expires_in.number()),
        }
    }
}
