//! Identifiers as newtypes, so that none can be taken for another.

use serde::Deserialize;
use serde::Serialize;
use std::fmt;

macro_rules! string_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the identifier as it stands; whoever received it has checked its form.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    )*};
}

string_ids! {
    /// A Matrix user, `@joy:example.org` (specification: user identifiers).
    UserId;
    /// A Matrix room, `!opaque:example.org` or, from room version 12 on, `!opaque`.
    RoomId;
    /// A Matrix event, `$opaque`.
    EventId;
    /// What is polled as one: a platform and the normalised name of an account there.
    SourceId;
    /// The platform's own identifier of an item or an order: always text, since some pass 2^53.
    ExternalId;
    /// The identity of a trade, see [`super::trade::Trade::id`].
    TradeId;
    /// The short name of a platform, as a person types it: `feed`, `taobao`.
    PlatformId;
}

impl UserId {
    /// The part between `@` and the first `:`; the whole text where it has no such form.
    #[must_use]
    pub fn localpart(&self) -> &str {
        self.0.strip_prefix('@').and_then(|rest| rest.split_once(':')).map_or(&self.0, |(local, _)| local)
    }

    /// The server name behind the first `:`; empty where there is none.
    #[must_use]
    pub fn server(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, server)| server)
    }
}

/// A delivery's number in its store: rising, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub u64);

/// The short number by which a sharer names one of her accounts or contacts. Accounts and
/// contacts share one sequence, so that `remove 3` and `without 3` can never be confused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(pub u32);

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
