//! Logging in, and remembering it as long as the program runs. Nobody is ever logged out: that would
//! end all of a person's sessions, in her browser too. And since a session stays in the shop's database
//! for a year, one is used again rather than begun at every poll.

use super::account::Interface;
use super::api::Api;
use super::api::Refusal;
use super::api::read;
use crate::domain::problem::Problem;
use crate::domain::trade::digest;
use crate::net::Answer;
use crate::net::Request;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::values::Secret;
use http::header;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

const LOGIN: &str = "mutation($username:String!,$password:String!){login(username:$username,password:$password){__typename}}";

/// In which header a server says a session's token, where it does.
const TOKEN: &str = "vendure-auth-token";

/// How long a session that nobody uses is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Who somebody is at a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    /// She keeps it.
    Administrator,
    /// She buys there.
    Customer,
}

/// Somebody who has logged in.
#[derive(Clone)]
pub(super) struct Session {
    /// Who she is.
    pub(super) role: Role,
    token: Token,
}

#[derive(Clone)]
enum Token {
    Bearer(Secret),
    /// From servers that give no others, as it is where nothing is configured.
    Cookie(Secret),
}

/// The sessions that are remembered, by a digest of shop and secret.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Remembered>>);

struct Remembered {
    session: Session,
    used_at: Timestamp,
}

#[derive(Serialize)]
struct Pair<'a> {
    username: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
struct LoggedIn {
    login: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(rename = "__typename")]
    kind: String,
}

impl Role {
    /// What she is let in by.
    pub(super) const fn interface(self) -> Interface {
        match self {
            Self::Administrator => Interface::Admin,
            Self::Customer => Interface::Shop,
        }
    }
}

impl Session {
    /// A request of hers.
    pub(super) fn sign(&self, request: Request) -> Request {
        match &self.token {
            Token::Bearer(token) => request.as_bearer(token),
            Token::Cookie(cookie) => request.with_secret("cookie", cookie.expose()),
        }
    }
}

impl Sessions {
    /// By what a session is remembered.
    pub(super) fn key(api: &Api<'_>, credentials: &Credentials) -> String {
        digest(&[&api.account.name(), credentials.secret.expose()])
    }

    /// The session that is remembered.
    pub(super) fn get(&self, key: &str, now: Timestamp) -> Option<Session> {
        let mut sessions = self.lock();
        let remembered = sessions.get_mut(key)?;
        remembered.used_at = now;
        Some(remembered.session.clone())
    }

    /// Remembers a session, and forgets those that nobody uses.
    pub(super) fn remember(&self, key: &str, session: &Session, now: Timestamp) {
        let mut sessions = self.lock();
        sessions.retain(|_, remembered| remembered.used_at + REMEMBERED > now);
        sessions.insert(key.to_owned(), Remembered { session: session.clone(), used_at: now });
    }

    /// Forgets a session.
    pub(super) fn forget(&self, key: &str) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Remembered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs in as whoever the secret belongs to; `likely` is tried first.
pub(super) async fn log_in(api: &Api<'_>, credentials: &Credentials, likely: Role) -> Result<Session, FetchError> {
    let (username, password) = credentials.pair().ok_or(Problem::SecretMalformed)?;
    let pair = Pair { username, password: password.expose() };
    let other = if likely == Role::Customer { Role::Administrator } else { Role::Customer };
    for role in [likely, other] {
        if let Some(session) = log_in_as(api, role, &pair).await? {
            return Ok(session);
        }
    }
    Err(Problem::SecretRefused.into())
}

/// None where she is not known, or the interface is not open to us.
async fn log_in_as(api: &Api<'_>, role: Role, pair: &Pair<'_>) -> Result<Option<Session>, FetchError> {
    let answer = match api.send(role.interface(), LOGIN, pair, None).await {
        Err(error) if matches!(error.problem, Problem::NotFound | Problem::NeedsLogin) => return Ok(None),
        answer => answer?,
    };
    match read::<LoggedIn>(&answer) {
        Ok(LoggedIn { login }) if login.kind == "CurrentUser" => {
            Ok(Some(Session { role, token: token(&answer).ok_or(Problem::MalformedAnswer)? }))
        }
        Ok(_) | Err(Refusal::Forbidden) => Ok(None),
        Err(Refusal::Failed(error)) => Err(error),
    }
}

fn token(answer: &Answer) -> Option<Token> {
    if let Some(token) = answer.header(TOKEN).filter(|token| !token.is_empty()) {
        return Some(Token::Bearer(Secret::new(token)));
    }
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let pairs: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).map(str::trim).collect();
    (!pairs.is_empty()).then(|| Token::Cookie(Secret::new(pairs.join("; "))))
}
