//! What tradepost asks of a platform: to register an account, to look for, confirm and end a
//! registration. All of it is signed with the platform's key.

use super::PartnerSettings;
use super::signature::Key;
use crate::domain::ids::UserId;
use crate::domain::link::PublicLink;
use crate::domain::problem::Problem;
use crate::net::Answer;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::push::Confirm;
use crate::platforms::push::Hook;
use crate::platforms::push::Subscribed;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

/// The longest id of a registration, in bytes.
const ID_BYTES: usize = 200;

/// The registrations at one platform.
pub(super) struct Registrations {
    partner: String,
    url: Url,
    key: Key,
    allow_http_links: bool,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Asked<'a> {
    #[serde(rename = "registration.requested")]
    Registration { account: &'a str, sharer: &'a str, callback: &'a str, secret: &'a str },
    #[serde(rename = "registration.code")]
    Code { id: &'a str, code: &'a str },
}

#[derive(Deserialize)]
struct Registered {
    id: String,
    confirm: ConfirmedBy,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ConfirmedBy {
    Page { url: Url },
    Code,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl Registrations {
    /// None while there is no key.
    pub(super) fn new(partner: &str, settings: &PartnerSettings, allow_http_links: bool) -> Option<Self> {
        let key = Key::parse(&settings.key)?;
        Some(Self { partner: partner.to_owned(), url: settings.registration_url.clone(), key, allow_http_links })
    }

    /// Asks for a registration, which does not count before the account's owner has confirmed it.
    pub(super) async fn make(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<Subscribed, FetchError> {
        // What everybody may follow is nobody's to confirm.
        let user = login.user.ok_or_else(|| Problem::NotAllowed { missing: String::new() })?;
        let (sharer, secret) = (self.sharer(user), Key::of_hook(&hook.secret).to_text());
        let body = Asked::Registration { account: login.name, sharer: &sharer, callback: hook.callback.as_str(), secret: &secret };
        let answer = self.post(context, self.url.clone(), &body).await?;
        match answer.status {
            StatusCode::CREATED | StatusCode::ACCEPTED => Ok(self.subscribed(answer.json()?)?),
            StatusCode::NOT_FOUND => Err(Problem::NoSuchAccount.into()),
            _ => Err(refusal(answer)),
        }
    }

    /// Whether all of these are known there. Of none nothing is known.
    pub(super) async fn are_there(&self, context: &Context<'_>, ids: &[String]) -> Result<bool, FetchError> {
        for id in ids {
            let url = self.address(id, None)?;
            let to_sign = format!("GET {}", url.path());
            let answer = self.send(context, Request::get(url), &to_sign).await?;
            match answer.status {
                StatusCode::OK => (),
                StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(false),
                _ => return Err(refusal(answer)),
            }
        }
        Ok(!ids.is_empty())
    }

    /// Passes the code on.
    pub(super) async fn confirm(&self, context: &Context<'_>, ids: &[String], code: &str) -> Result<(), FetchError> {
        let id = ids.first().ok_or(Problem::NotFound)?;
        let answer = self.post(context, self.address(id, Some("confirm"))?, &Asked::Code { id, code }).await?;
        match answer.status {
            status if status.is_success() => Ok(()),
            StatusCode::UNPROCESSABLE_ENTITY => Err(Problem::SecretRefused.into()),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(Problem::NotFound.into()),
            _ => Err(refusal(answer)),
        }
    }

    /// Ends all of these.
    pub(super) async fn end(&self, context: &Context<'_>, ids: &[String]) -> Result<(), FetchError> {
        for id in ids {
            let url = self.address(id, None)?;
            let to_sign = format!("DELETE {}", url.path());
            let answer = self.send(context, Request::delete(url), &to_sign).await?;
            if !answer.status.is_success() && !matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
                return Err(refusal(answer));
            }
        }
        Ok(())
    }

    /// Who shares, so that the platform knows her again, without a word about who she is: another
    /// platform is told something else.
    fn sharer(&self, user: &UserId) -> String {
        self.key.digest(&format!("sharer\n{}\n{user}", self.partner))
    }

    async fn post(&self, context: &Context<'_>, url: Url, body: &Asked<'_>) -> Result<Answer, FetchError> {
        // Plain values of ours; nothing of them fails.
        let body = serde_json::to_string(body).unwrap_or_default();
        self.send(context, Request::post(url, "application/json", body.clone()), &body).await
    }

    /// Signed is the body; without one the method and the path, so that it is good for nothing else.
    async fn send(&self, context: &Context<'_>, request: Request, to_sign: &str) -> Result<Answer, FetchError> {
        Ok(context.net.send(self.key.signed(request, to_sign, context.now)).await?)
    }

    fn address(&self, id: &str, action: Option<&str>) -> Result<Url, Problem> {
        let mut url = self.url.clone();
        url.path_segments_mut().map_err(|()| Problem::NotAnAddress)?.pop_if_empty().push(id).extend(action);
        Ok(url)
    }

    fn subscribed(&self, registered: Registered) -> Result<Subscribed, Problem> {
        let Registered { id, confirm, expires_at } = registered;
        let confirm = match confirm {
            ConfirmedBy::Page { url } if PublicLink::new(url.clone(), self.allow_http_links).is_some() => Confirm::Page(url),
            ConfirmedBy::Code => Confirm::Code,
            ConfirmedBy::Page { .. } => return Err(Problem::MalformedAnswer),
        };
        if !is_id(&id) {
            return Err(Problem::MalformedAnswer);
        }
        Ok(Subscribed { ids: vec![id], expires_at, confirm: Some(confirm) })
    }
}

/// Whether it can stand in a path without meaning another one.
fn is_id(id: &str) -> bool {
    let fits = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'~');
    id.len() <= ID_BYTES && id.starts_with(|c: char| c.is_ascii_alphanumeric()) && id.bytes().all(fits)
}

/// What an answer says that is none of the expected ones.
fn refusal(answer: Answer) -> FetchError {
    let is_code = |code: &String| code.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'_'));
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Problem::AppRefused.into(),
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
            let code = answer.json::<Refused>().ok().map(|refused| refused.error).filter(is_code);
            Problem::refused(&code.unwrap_or_else(|| answer.status.as_u16().to_string())).into()
        }
        _ => match answer.ok() {
            // A success, but not the one that was agreed.
            Ok(_) => Problem::MalformedAnswer.into(),
            Err(error) => error.into(),
        },
    }
}
