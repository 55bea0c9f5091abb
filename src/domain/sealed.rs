//! Under which name something is sealed, so that nothing sealed can take the place of something else. The
//! names are part of what is stored.

use crate::domain::ids::EventId;
use crate::domain::ids::SourceId;

/// The bot's cross-signing keys.
pub const BOT_IDENTITY: &str = "the bot's identity";

/// The databases of keys of devices, which have a key of their own.
pub const DEVICES: &str = "the keys of devices";

/// What lets tradepost in at a source.
#[must_use]
pub fn secret_of(source: &SourceId) -> String {
    format!("the secret of {source}")
}

/// What a platform signs with that sends what happens at a source by itself.
#[must_use]
pub fn subscription_of(source: &SourceId) -> String {
    format!("the subscription of {source}")
}

/// What somebody typed, until it is worked off.
#[must_use]
pub fn pending(event: &EventId) -> String {
    format!("the pending event {event}")
}
