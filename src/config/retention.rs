//! What the configuration says of how long things are kept.

use crate::values::Within;
use serde::Deserialize;
use toml_example::TomlExample;

/// How long tradepost keeps what it does not need any more. What waits, and what a sharer still sees by
/// number, is kept in any case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Retention {
    /// Trades, what was posted of them, and the reactions to it: later changes of them are not posted.
    pub trades_days: Within<u32, 7, 3_650>,
    /// What keeps anything from being posted twice: what a shop shows again after it was gone for so long may
    /// be posted again.
    pub seen_days: Within<u32, 30, 3_650>,
    /// The ids of events that were worked off. The homeserver may push an event again for days.
    pub events_days: Within<u32, 7, 3_650>,
    /// Deliveries that were given up.
    pub buried_days: Within<u32, 1, 3_650>,
    /// What sharers set who are gone: they may not share any more, have left every room with the bot, or were
    /// deactivated. Then everything of theirs is erased. Until then it is there again when they come back.
    pub erase_gone_after_days: Within<u32, 1, 3_650>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            trades_days: Within::literal(90),
            seen_days: Within::literal(400),
            events_days: Within::literal(30),
            buried_days: Within::literal(90),
            erase_gone_after_days: Within::literal(30),
        }
    }
}
