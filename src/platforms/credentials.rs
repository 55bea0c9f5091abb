//! What lets tradepost in at a platform: what the sharer typed, or what the platform gave for it.

use crate::values::Secret;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use zeroize::Zeroizing;

/// What lets tradepost in. Its text is the adapter's own: a token, or words with a space between them
/// (key and secret, user and password).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The secret.
    pub secret: Secret,
    /// What a new one is got with (RFC 6749, refresh token).
    pub refresh: Option<Secret>,
    /// When the secret ends.
    pub expires_at: Option<Timestamp>,
    /// When no new one can be got any more without her.
    pub refresh_expires_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    secret: std::borrow::Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    refresh: Option<std::borrow::Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_expires_at: Option<Timestamp>,
}

impl Credentials {
    /// A secret that has no end.
    #[must_use]
    pub const fn new(secret: Secret) -> Self {
        Self { secret, refresh: None, expires_at: None, refresh_expires_at: None }
    }

    /// The two words of a secret that is a pair: key and secret, user and password. The second may hold
    /// spaces.
    #[must_use]
    pub fn pair(&self) -> Option<(&str, Secret)> {
        let (first, second) = self.secret.expose().trim().split_once(char::is_whitespace)?;
        Some((first, Secret::new(second.trim())))
    }

    /// When she herself has to do something: when the secret ends, or what renews it.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        if self.refresh.is_some() { self.refresh_expires_at } else { self.expires_at }
    }

    /// As it is sealed.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let stored = Stored {
            secret: self.secret.expose().into(),
            refresh: self.refresh.as_ref().map(|refresh| refresh.expose().into()),
            expires_at: self.expires_at,
            refresh_expires_at: self.refresh_expires_at,
        };
        Zeroizing::new(serde_json::to_string(&stored).unwrap_or_default())
    }

    /// As it was sealed.
    #[must_use]
    pub fn from_json(json: &[u8]) -> Option<Self> {
        let stored: Stored<'_> = serde_json::from_slice(json).ok()?;
        Some(Self {
            secret: Secret::new(stored.secret),
            refresh: stored.refresh.map(Secret::new),
            expires_at: stored.expires_at,
            refresh_expires_at: stored.refresh_expires_at,
        })
    }
}
