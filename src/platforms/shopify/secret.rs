//! What lets tradepost in at a shop, in three forms: a token of the Admin API; a token and the client
//! secret of the app that it belongs to; client id and client secret of a sharer's own app, with which
//! a token is got each day, since Shopify shows no others any more. What consent gave is the first
//! one with a mark, since its app is the operator's.

use super::Shopify;
use crate::domain::problem::Problem;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::grant;
use crate::platforms::grant::Tokens;
use crate::values::Secret;
use url::Url;

/// How every token of the Admin API begins that Shopify has given out since 2020.
const TOKEN_PREFIX: &str = "shp";

/// In the place of a client secret: the operator's.
const OF_OPERATOR: &str = "@app";

/// A secret, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A token, and the secret of its app where that is known.
    Token(Secret, Option<Secret>),
    /// A token of the operator's app.
    OfOperator(Secret),
    /// An app of the shop's own: its id and its secret.
    App(String, Secret),
}

impl Form {
    /// Takes a secret apart.
    pub(super) fn of(credentials: &Credentials) -> Result<Self, Problem> {
        let words: Vec<&str> = credentials.secret.expose().split_whitespace().collect();
        match words.as_slice() {
            [token] => Ok(Self::Token(Secret::new(*token), None)),
            [token, mark] if *mark == OF_OPERATOR => Ok(Self::OfOperator(Secret::new(*token))),
            [token, secret] if token.starts_with(TOKEN_PREFIX) => Ok(Self::Token(Secret::new(*token), Some(Secret::new(*secret)))),
            [id, secret] => Ok(Self::App((*id).to_owned(), Secret::new(*secret))),
            _ => Err(Problem::SecretMalformed),
        }
    }
}

/// As a token of the operator's app is kept.
pub(super) fn of_operator(token: &Secret) -> Secret {
    Secret::new(format!("{} {OF_OPERATOR}", token.expose()))
}

impl Shopify {
    /// What Shopify signs with what it sends: the client secret of the app by which it was told to send.
    /// Whose app a token belongs to is not to be seen, so of a token alone it is not known.
    pub(super) fn client_secret(&self, credentials: &Credentials) -> Option<Secret> {
        match Form::of(credentials).ok()? {
            Form::Token(_, Some(secret)) | Form::App(_, secret) => Some(secret),
            Form::Token(_, None) => None,
            Form::OfOperator(_) => Some(self.settings.app_secret.clone()).filter(Secret::is_made),
        }
    }

    /// The token to show at `base`, where the shop's Admin API is.
    pub(super) async fn token(&self, context: &Context<'_>, base: &Url, credentials: &Credentials) -> Result<Secret, FetchError> {
        let (id, secret) = match Form::of(credentials)? {
            Form::Token(token, _) | Form::OfOperator(token) => return Ok(token),
            Form::App(id, secret) => (id, secret),
        };
        let key = key(base, &id, &secret);
        if let Some(token) = self.tokens.get(&key, context.now) {
            return Ok(token);
        }
        let fields = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", secret.expose())];
        let granted = grant::ask(context, Request::post_form(token_url(base)?, fields)).await.map_err(of_her_app)?;
        self.tokens.keep(key, &granted, context.now);
        Ok(granted.token())
    }

    /// Forgets a token that was got before and is refused now; whether there was one.
    pub(super) fn forget_token(&self, base: &Url, credentials: &Credentials) -> bool {
        match Form::of(credentials) {
            Ok(Form::App(id, secret)) => self.tokens.forget(&key(base, &id, &secret)),
            _ => false,
        }
    }
}

/// Where a shop gives out tokens.
pub(super) fn token_url(base: &Url) -> Result<Url, Problem> {
    base.join("admin/oauth/access_token").map_err(|_| Problem::NotAnAddress)
}

fn key(base: &Url, id: &str, secret: &Secret) -> String {
    Tokens::key(&[base.as_str(), id, secret.expose()])
}

/// The app is hers, so what is wrong with it is her secret.
fn of_her_app(error: FetchError) -> FetchError {
    match error.problem {
        Problem::AppRefused | Problem::Refused { .. } => Problem::SecretRefused.into(),
        Problem::NotFound => Problem::NoSuchAccount.into(),
        _ => error,
    }
}
