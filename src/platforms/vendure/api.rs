//! Asks a server: GraphQL by POST, and what its errors mean.

use super::account::Account;
use super::account::Interface;
use super::session::Session;
use crate::domain::problem::Problem;
use crate::net::Answer;
use crate::net::Net;
use crate::net::NetError;
use crate::net::Request;
use crate::platforms::FetchError;
use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A server that can be asked.
#[derive(Clone, Copy)]
pub(super) struct Api<'a> {
    /// How it is reached.
    pub(super) net: &'a Net,
    /// Which shop is asked.
    pub(super) account: &'a Account,
}

/// Why nothing was answered.
pub(super) enum Refusal {
    /// Nobody is logged in any more, or whoever is may not know it: the server does not say which.
    Forbidden,
    /// Anything else.
    Failed(FetchError),
}

#[derive(Serialize)]
struct Question<'a, V> {
    query: &'a str,
    variables: V,
}

#[derive(Deserialize)]
struct Reply<T> {
    data: Option<T>,
}

#[derive(Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Vec<Error>,
}

#[derive(Deserialize)]
struct Error {
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    code: String,
}

impl Api<'_> {
    /// Asks what everybody may know.
    pub(super) async fn asks<T: DeserializeOwned>(&self, query: &str, variables: impl Serialize) -> Result<T, Refusal> {
        read(&self.send(Interface::Shop, query, variables, None).await?)
    }

    /// Asks as somebody who has logged in.
    pub(super) async fn asks_as<T: DeserializeOwned>(
        &self,
        session: &Session,
        query: &str,
        variables: impl Serialize,
    ) -> Result<T, Refusal> {
        read(&self.send(session.role.interface(), query, variables, Some(session)).await?)
    }

    /// Sends a query; what comes back is an answer of the interface, possibly of errors.
    pub(super) async fn send(
        &self,
        interface: Interface,
        query: &str,
        variables: impl Serialize,
        session: Option<&Session>,
    ) -> Result<Answer, NetError> {
        let request = Request::post_json(self.account.interface(interface), &Question { query, variables });
        let request = match session {
            Some(session) => session.sign(request),
            None => request,
        };
        let answer = self.net.send(request).await?;
        // Questions that it does not understand are answered with this status, and say so within.
        if answer.status == StatusCode::BAD_REQUEST { Ok(answer) } else { answer.ok() }
    }
}

/// What an answer holds. Where there is an error there is nothing, even if a part was answered.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Refusal> {
    let Errors { errors } = answer.json()?;
    if let Some(error) = errors.first() {
        return Err(refusal(&error.extensions.code));
    }
    let reply: Reply<T> = answer.json()?;
    Ok(reply.data.ok_or(Problem::MalformedAnswer)?)
}

fn refusal(code: &str) -> Refusal {
    match code {
        "FORBIDDEN" | "UNAUTHENTICATED" => Refusal::Forbidden,
        "CHANNEL_NOT_FOUND" => Problem::NoSuchAccount.into(),
        "INTERNAL_SERVER_ERROR" => Problem::HttpStatus { status: 503 }.into(),
        "" => Problem::MalformedAnswer.into(),
        code => Problem::refused(code).into(),
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem.into())
    }
}

impl From<NetError> for Refusal {
    fn from(error: NetError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<FetchError> for Refusal {
    fn from(error: FetchError) -> Self {
        Self::Failed(error)
    }
}

impl Refusal {
    /// What is told of it, where to be forbidden means `forbidden`.
    pub(super) fn or(self, forbidden: Problem) -> FetchError {
        match self {
            Self::Forbidden => forbidden.into(),
            Self::Failed(error) => error,
        }
    }
}
