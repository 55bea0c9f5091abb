//! Tokens by OAuth 2.0 (RFC 6749): what a token endpoint answers, and tokens that are got again so
//! easily that they are kept in memory only.

use crate::domain::problem::Problem;
use crate::domain::trade::digest;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::values::Secret;
use http::StatusCode;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

/// For how long no token is taken for one that holds: it may end while it is used.
const MARGIN_SECONDS: i64 = 60;

/// A successful answer of a token endpoint (RFC 6749, 5.1).
#[derive(Deserialize)]
pub(super) struct Granted {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u32>,
    #[serde(default)]
    refresh_token_expires_in: Option<u32>,
    #[serde(default)]
    scope: Option<String>,
}

/// An error of a token endpoint (RFC 6749, 5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// Asks a token endpoint. Our own request never changes its form, so an invalid one is one with a
/// wrong code or token.
pub(super) async fn ask(context: &Context<'_>, request: Request) -> Result<Granted, FetchError> {
    let answer = context.net.send(request).await?;
    if !answer.status.is_client_error() || answer.status == StatusCode::TOO_MANY_REQUESTS {
        return Ok(answer.ok()?.json()?);
    }
    let Ok(Refused { error }) = answer.json() else { return Err(answer.ok().map_or_else(FetchError::from, |_| refused(""))) };
    Err(refused(&error))
}

fn refused(code: &str) -> FetchError {
    let problem = match code {
        "invalid_grant" | "invalid_request" | "access_denied" => Problem::SecretRefused,
        "invalid_client" | "unauthorized_client" | "unsupported_grant_type" => Problem::AppRefused,
        "invalid_scope" => Problem::NotAllowed { missing: String::new() },
        code => Problem::refused(code),
    };
    problem.into()
}

impl Granted {
    /// The token.
    pub(super) fn token(&self) -> Secret {
        Secret::new(self.access_token.as_str())
    }

    /// What the token allows; none where it does not say.
    pub(super) fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// What renews it.
    pub(super) fn refresh(&self) -> Option<&str> {
        self.refresh_token.as_deref().filter(|token| !token.is_empty())
    }

    /// When the token ends.
    pub(super) fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        later(now, self.expires_in?)
    }

    /// When what renews it ends.
    pub(super) fn refresh_expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        later(now, self.refresh_token_expires_in?)
    }

    /// As it is kept: the token alone.
    pub(super) fn credentials(&self, now: Timestamp) -> Credentials {
        Credentials {
            secret: self.token(),
            refresh: self.refresh().map(Secret::new),
            expires_at: self.expires_at(now),
            refresh_expires_at: self.refresh_expires_at(now),
        }
    }
}

fn later(now: Timestamp, seconds: u32) -> Option<Timestamp> {
    now.checked_add(SignedDuration::from_secs(seconds.into())).ok()
}

/// Tokens that are kept until they end, or until the program does.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, (Secret, Timestamp)>>);

impl Tokens {
    /// The key of what is got with `parts`, which may be secrets.
    pub(super) fn key(parts: &[&str]) -> String {
        digest(parts)
    }

    /// The token that still holds.
    pub(super) fn get(&self, key: &str, now: Timestamp) -> Option<Secret> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, ends_at) = tokens.get(key)?;
        (*ends_at > now).then(|| token.clone())
    }

    /// Keeps what was granted. One that does not say when it ends is not kept.
    pub(super) fn keep(&self, key: String, granted: &Granted, now: Timestamp) {
        let ends_at = granted.expires_at(now).and_then(|at| at.checked_sub(SignedDuration::from_secs(MARGIN_SECONDS)).ok());
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (_, ends_at)| *ends_at > now);
        if let Some(ends_at) = ends_at {
            tokens.insert(key, (granted.token(), ends_at));
        }
    }

    /// Forgets a token that does not hold any more; whether there was one.
    pub(super) fn forget(&self, key: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key).is_some()
    }
}
