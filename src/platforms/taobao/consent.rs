//! Consent by link (OAuth 2.0, RFC 6749): the seller agrees on a page of Taobao.

use super::Taobao;
use crate::domain::problem::Problem;
use crate::net::Request;
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
    /// 0 where it cannot be renewed.
    #[serde(default)]
    re_expires_in: Loose,
    /// Percent-encoded.
    #[serde(default)]
    taobao_user_nick: Loose,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

#[async_trait]
impl Consent for Taobao {
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused);
        }
        let mut page = self.settings.consent_page.clone();
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.app_key)
            .append_pair("redirect_uri", ask.answers_to.as_str())
            .append_pair("state", ask.state)
            .append_pair("view", "web");
        Ok(page)
    }

    async fn redeem(&self, context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError> {
        if let Some(error) = answered.query.get("error") {
            return Err(refused(error).into());
        }
        let code = answered.query.get("code").ok_or(Problem::MalformedAnswer)?;
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", answered.answers_to.as_str())];
        let tokens = self.tokens(context, &fields).await?;
        let nick = nick(tokens.taobao_user_nick.as_str());
        Ok(Granted { credentials: tokens.credentials(context.now), account: Some(nick).filter(|nick| !nick.is_empty()) })
    }

    async fn renew(&self, context: &Context<'_>, credentials: &Credentials) -> Result<Credentials, FetchError> {
        let refresh = credentials.refresh.as_ref().ok_or(Problem::SecretRefused)?;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        Ok(self.tokens(context, &fields).await?.credentials(context.now))
    }
}

impl Taobao {
    async fn tokens(&self, context: &Context<'_>, fields: &[(&str, &str)]) -> Result<Tokens, FetchError> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused.into());
        }
        let app = [("client_id", self.settings.app_key.as_str()), ("client_secret", self.settings.app_secret.expose())];
        let form = fields.iter().copied().chain(app);
        let answer = context.net.send(Request::post_form(self.settings.token_address.clone(), form)).await?;
        // It is said in the body why, whatever the status is.
        if let Ok(Refusal { error }) = answer.json::<Refusal>() {
            return Err(refused(&error).into());
        }
        let tokens: Tokens = answer.ok()?.json()?;
        if tokens.access_token.as_str().is_empty() { Err(Problem::MalformedAnswer.into()) } else { Ok(tokens) }
    }
}

impl Tokens {
    fn credentials(&self, now: Timestamp) -> Credentials {
        let renewable_until = in_seconds(now, self.re_expires_in.number());
        let refresh = Some(self.refresh_token.as_str()).filter(|token| !token.is_empty() && renewable_until.is_some());
        Credentials {
            secret: Secret::new(self.access_token.as_str()),
            refresh: refresh.map(Secret::new),
            expires_at: in_seconds(now, self.expires_in.number()),
            refresh_expires_at: renewable_until,
        }
    }
}

fn nick(encoded: &str) -> String {
    let pair = format!("nick={encoded}");
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
    decoded.map(|(_, nick)| nick.trim().to_owned()).unwrap_or_default()
}

/// What went wrong (RFC 6749, 4.1.2.1 and 5.2).
fn refused(error: &str) -> Problem {
    match error {
        "access_denied" | "invalid_grant" => Problem::SecretRefused,
        "invalid_client" | "unauthorized_client" => Problem::AppRefused,
        "server_error" | "temporarily_unavailable" => Problem::HttpStatus { status: 503 },
        error => Problem::refused(error),
    }
}
