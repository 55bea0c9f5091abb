//! What a store does to stay small and to be carried elsewhere: the values of [`Store::prune`] and
//! [`Store::export`].
//!
//! [`Store::prune`]: crate::store::Store::prune
//! [`Store::export`]: crate::store::Store::export

use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is forgotten: whatever has not been needed since before these times. Nothing that waits, that a
/// sharer still sees by number, or by which something would be told again, is forgotten early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// When the pass is made: of what has no time of its own it begins now.
    pub now: Timestamp,
    /// Trades, what was posted of them, and the reactions to it: later changes of them are not told.
    pub trades_before: Timestamp,
    /// What is known of items that no source has shown since, and the keys by which nothing is delivered
    /// twice: only what comes up again after that long could be told again.
    pub seen_before: Timestamp,
    /// The ids of events that were worked off.
    pub events_before: Timestamp,
    /// Deliveries that were given up.
    pub buried_before: Timestamp,
}

/// What a pass of pruning did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How much was forgotten, by what an operator calls it.
    pub removed: BTreeMap<&'static str, u64>,
    /// How much is there now, by the same names.
    pub kept: BTreeMap<&'static str, u64>,
}

/// What was written by an export, or read by an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The schema of what was exported.
    pub schema: u32,
    /// How many values.
    pub values: u64,
}
