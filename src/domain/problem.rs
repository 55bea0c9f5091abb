//! What can be wrong with something outside: a closed list, so that each has its sentence in every
//! language and says whether trying again helps.

use serde::Deserialize;
use serde::Serialize;

/// Why a source could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::EnumIter, strum::EnumDiscriminants)]
#[strum_discriminants(derive(strum::Display), strum(serialize_all = "kebab-case"))]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum Problem {
    /// The text is no web address.
    NotAnAddress,
    /// A scheme other than http or https, or user information in the address.
    AddressNotAllowed,
    /// The host is, resolves to, or redirects to an address that is not on the public internet.
    PrivateAddress,
    /// The host has no address.
    HostNotFound,
    /// No connection, or it broke off, or TLS failed.
    ConnectionFailed,
    /// It took too long.
    TimedOut {
        /// The limit, in seconds.
        limit_seconds: u64,
    },
    /// It was larger than what is read.
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: u64,
    },
    /// It was redirected too often or in a circle.
    TooManyRedirects,
    /// The server answered with an error status.
    HttpStatus {
        /// The status.
        status: u16,
    },
    /// It asks to wait (429, or 503 with Retry-After).
    AskedToWait,
    /// Nothing stands there (404, 410).
    NotFound,
    /// It wants a login (401, 403).
    NeedsLogin,
    /// It is a web page without a feed.
    PageWithoutFeed,
    /// It is a web page that names feeds; one of these should be added instead.
    PageWithFeeds {
        /// Their addresses, a line each.
        feeds: Vec<FeedLink>,
    },
    /// It is neither a feed nor a page.
    NotAFeed,
    /// It leads on to another place, and what was asked is not said there: a secret may be in it.
    LeadsElsewhere {
        /// Where it leads, without query.
        address: String,
    },
    /// No shop of this kind stands there.
    NotSuchAShop {
        /// The platform.
        platform: String,
    },
    /// There is nobody, or no shop, of that name.
    NoSuchAccount,
    /// A secret is needed for it.
    SecretNeeded,
    /// The secret does not have the form it must have.
    SecretMalformed,
    /// The secret is wrong, has been withdrawn, or its time is over.
    SecretRefused,
    /// The secret is right, but does not allow this.
    NotAllowed {
        /// What is missing, in the platform's own word (a scope, say); empty where it does not say.
        missing: String,
    },
    /// The platform does not accept what the operator set up for it.
    AppRefused,
    /// The answer is not of the form that it must have.
    MalformedAnswer,
    /// The platform refused, by a code of its own.
    Refused {
        /// Its code: letters, digits and `.-_` only.
        code: String,
    },
    /// The page says nothing of an item for sale.
    PageWithoutProduct,
}

/// A feed that a page names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FeedLink {
    /// Its address.
    pub address: String,
    /// Its title on the page; empty where it has none.
    pub title: String,
}

impl Problem {
    /// Whether the same request may succeed later without anyone changing anything.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::HostNotFound | Self::ConnectionFailed | Self::TimedOut { .. } | Self::AskedToWait => true,
            Self::HttpStatus { status } => *status >= 500 || *status == 408 || *status == 425,
            Self::NotAnAddress
            | Self::AddressNotAllowed
            | Self::PrivateAddress
            | Self::TooLarge { .. }
            | Self::TooManyRedirects
            | Self::NotFound
            | Self::NeedsLogin
            | Self::PageWithoutFeed
            | Self::PageWithFeeds { .. }
            | Self::NotAFeed
            | Self::LeadsElsewhere { .. }
            | Self::NotSuchAShop { .. }
            | Self::NoSuchAccount
            | Self::SecretNeeded
            | Self::SecretMalformed
            | Self::SecretRefused
            | Self::NotAllowed { .. }
            | Self::AppRefused
            | Self::MalformedAnswer
            | Self::Refused { .. }
            | Self::PageWithoutProduct => false,
        }
    }

    /// A platform's own code of an error, as far as it is one: what else stands there is not repeated.
    #[must_use]
    pub fn refused(code: &str) -> Self {
        let is_code = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        Self::Refused { code: code.chars().filter(is_code).take(64).collect() }
    }

    /// Whether it passes only by another secret from the sharer.
    #[must_use]
    pub const fn needs_secret(&self) -> bool {
        matches!(self, Self::SecretNeeded | Self::SecretMalformed | Self::SecretRefused)
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub fn name(&self) -> String {
        ProblemDiscriminants::from(self).to_string()
    }
}
