//! Consent by link at JD (OAuth 2.0, authorisation code).

use super::Jd;
use crate::domain::problem::Problem;
use crate::net::Request;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::china::Loose;
use crate::platforms::consent::Answered;
use crate::platforms::consent::Ask;
use crate::platforms::consent::Granted;
use crate::values::Secret;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// What JD gives for a code or a refresh token, or why not. It names the person by a number for this app
/// only (xid) and, in some answers, by her nick.
#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    access_token: Option<Secret>,
    #[serde(default)]
    refresh_token: Option<Secret>,
    #[serde(default)]
    expires_in: Loose,
    #[serde(default)]
    user_nick: Loose,
    #[serde(default)]
    xid: Loose,
    #[serde(default)]
    code: Loose,
    #[serde(default, alias = "error_description")]
    msg: Loose,
}

#[async_trait]
impl Consent for Jd {
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused);
        }
        let mut page = self.settings.consent_address.clone();
        page.query_pairs_mut()
            .append_pair("app_key", &self.settings.app_key)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", ask.answers_to.as_str())
            .append_pair("state", ask.state)
            .append_pair("scope", "snsapi_base");
        Ok(page)
    }

    async fn redeem(&self, context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError> {
        // Without a code she said no.
        let code = answered.query.get("code").filter(|code| !code.is_empty()).ok_or(Problem::SecretRefused)?;
        let (credentials, names) = self.given(context, &self.settings.token_address, "authorization_code", ("code", code)).await?;
        let account = names.into_iter().find(|name| !name.is_empty()).filter(|_| answered.typed.trim().is_empty());
        Ok(Granted { credentials, account })
    }

    async fn renew(&self, context: &Context<'_>, credentials: &Credentials) -> Result<Credentials, FetchError> {
        let refresh = credentials.refresh.as_ref().ok_or(Problem::SecretRefused)?;
        let asked = ("refresh_token", refresh.expose());
        Ok(self.given(context, &self.settings.refresh_address, "refresh_token", asked).await?.0)
    }
}

impl Jd {
    /// Asks for a token. JD documents no other way than by the address, which is not logged.
    async fn given(
        &self,
        context: &Context<'_>,
        address: &Url,
        grant: &str,
        (name, value): (&str, &str),
    ) -> Result<(Credentials, [String; 2]), FetchError> {
        if !self.descriptor.is_set_up {
            return Err(Problem::AppRefused.into());
        }
        let mut url = address.clone();
        url.query_pairs_mut()
            .append_pair("app_key", &self.settings.app_key)
            .append_pair("app_secret", self.settings.app_secret.expose())
            .append_pair("grant_type", grant)
            .append_pair(name, value);
        let answer = context.net.send(Request::get(url)).await?;
        // Errors come with any status; what they say stands in the body.
        let given: Given =
            if answer.status.is_server_error() || answer.status.as_u16() == 429 { answer.ok()?.json()? } else { answer.json()? };
        let names = [given.user_nick.as_str().to_owned(), given.xid.as_str().to_owned()];
        Ok((given.credentials(context.now)?, names))
    }
}

impl Given {
    /// The token can be renewed until it ends, not later.
    fn credentials(self, now: Timestamp) -> Result<Credentials, Problem> {
        let Some(secret) = self.access_token.clone().filter(Secret::is_made) else {
            return Err(self.problem());
        };
        let lifetime = Some(self.expires_in.number().unwrap_or_default()).filter(|seconds| *seconds > 0).map(Duration::from_secs);
        let expires_at = lifetime.and_then(|lifetime| now.checked_add(lifetime).ok());
        let refresh = self.refresh_token.filter(Secret::is_made);
        Ok(Credentials { secret, refresh_expires_at: expires_at.filter(|_| refresh.is_some()), refresh, expires_at })
    }

    /// What is wrong. JD's codes are not documented, its words are read; an error without known ones is
    /// about the code or the token that was shown.
    fn problem(&self) -> Problem {
        match china::by_words(self.code.as_str(), self.msg.as_str()) {
            Problem::Refused { code } if code.is_empty() => Problem::MalformedAnswer,
            Problem::Refused { .. } => Problem::SecretRefused,
            problem => problem,
        }
    }
}
