//! What a sharer has been given a link for, which is good once: consent at a platform, a page on which a
//! secret is typed, or one on which she is shown a secret.

use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// For how long a link is good.
pub const LINK_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// How many links one sharer has at a time; the oldest beyond them are good no more.
pub const LINKS: usize = 5;

/// A link that is good once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeLink {
    /// A digest of its token.
    pub digest: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The platform.
    pub platform: PlatformId,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "kebab-case")]
pub enum Purpose {
    /// A new account.
    Add {
        /// As it was typed.
        typed: String,
        /// How its links are made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        links: Option<String>,
    },
    /// A new secret for an account.
    Renew {
        /// The account.
        number: Number,
        /// Whether the platform is to send trades by itself then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pushes: bool,
    },
    /// She is shown what she tells the platform by hand, so that it sends by itself.
    Show {
        /// The account.
        number: Number,
    },
}

impl OneTimeLink {
    /// Whether it is still good at `now`.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        now.duration_since(self.made_at) < LINK_LASTS
    }
}
