//! Values of the configuration that check themselves as they are read, so that a wrong one is
//! refused with its key and what it may be.

use crate::domain::ids::UserId;
use crate::domain::permission::is_server_name;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use std::fmt;
use url::Url;

/// A time zone by its IANA name.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(pub TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

/// As it stands in the file, for the example.
impl fmt::Debug for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "\"{}\"", self.0.iana_name().unwrap_or("UTC"))
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let refused = || D::Error::custom(format_args!("\"{name}\" is no time zone like \"Europe/Berlin\" or \"UTC\""));
        TimeZone::get(&name).map(Self).map_err(|_| refused())
    }
}

/// An http or https address without user, query and fragment.
pub(super) fn web_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    let plain = |url: &Url| {
        let extra = url.query().or(url.fragment()).is_some() || !url.username().is_empty() || url.password().is_some();
        matches!(url.scheme(), "http" | "https") && !extra
    };
    let url = Url::parse(&text).ok().filter(plain);
    url.ok_or_else(|| D::Error::custom("must be an address like \"http://127.0.0.1:8008\""))
}

/// The name of a homeserver.
pub(super) fn server_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_server_name(&text) {
        return Ok(text);
    }
    Err(D::Error::custom("must be a server's name like \"example.org\", the part behind the colon of its user ids"))
}

/// The local part of a user id (specification: user identifiers).
pub(super) fn localpart<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if !text.is_empty() && text.chars().all(is_localpart_character) {
        return Ok(text);
    }
    Err(D::Error::custom("may have lower-case letters, digits and . _ = - / + only, and must not be empty"))
}

const fn is_localpart_character(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '=' | '-' | '/' | '+')
}

/// User ids, each in its full form.
pub(super) fn user_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<UserId>, D::Error> {
    let users = Vec::<UserId>::deserialize(deserializer)?;
    let full = |user: &UserId| user.as_str().starts_with('@') && !user.localpart().is_empty() && is_server_name(user.server());
    match users.iter().find(|user| !full(user)) {
        Some(user) => Err(D::Error::custom(format_args!("\"{user}\" is no user id like \"@joy:example.org\""))),
        None => Ok(users),
    }
}

/// The address of an uploaded picture, or nothing.
pub(super) fn picture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_address = |rest: &str| rest.split_once('/').is_some_and(|(server, id)| is_server_name(server) && !id.is_empty());
    match text.strip_prefix("mxc://") {
        None if text.is_empty() => Ok(None),
        Some(rest) if is_address(rest) => Ok(Some(text)),
        _ => Err(D::Error::custom("must be empty or an address like \"mxc://example.org/picture\"")),
    }
}
