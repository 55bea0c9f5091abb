//! Sources: what is polled as one, however many sharers follow it, and what is known of its items.

use crate::domain::ids::ExternalId;
use crate::domain::ids::PlatformId;
use crate::domain::ids::SourceId;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A feed, or an account at a shop: polled once, whoever follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Platform and normalised name.
    pub id: SourceId,
    /// Raised by the store at each change, compared at the next (optimistic locking). 0: not stored yet.
    pub version: u64,
    /// The platform whose adapter fetches it.
    pub platform: PlatformId,
    /// What the adapter fetches: an address or an account name, normalised.
    pub name: String,
    /// What a person calls it: the feed's own title, or its host.
    pub label: Line,
    /// Where the adapter goes on reading; its form is the adapter's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The poll interval, in seconds.
    pub interval_seconds: u32,
    /// When it is to be polled next.
    pub next_poll_at: Timestamp,
    /// When it last answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// What has been wrong since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// A source that does not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Since when.
    pub since_at: Timestamp,
    /// How many polls in a row failed.
    pub attempts: u32,
    /// What was wrong the last time.
    pub problem: Problem,
    /// Whether the followers have been told.
    pub told: bool,
}

/// What an adapter brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The source says that nothing changed since the cursor.
    Unchanged,
    /// What stands there now.
    Changed {
        /// Where to go on.
        cursor: Option<String>,
        /// The source's own title; empty where it has none.
        label: Line,
        /// The trades found, in any order, unknown and known ones alike, each id once.
        trades: Vec<Trade>,
        /// Whether this is all that is on offer there, so that what is missing is to be had no more.
        complete: bool,
    },
}

/// The last known state of one external id at a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The source it stands at.
    pub source: SourceId,
    /// The platform's id of it.
    pub external_id: ExternalId,
    /// Its last known price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Whether it could be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<bool>,
    /// Raised when price or availability really changes.
    pub revision: u32,
    /// When it was first seen.
    pub seen_at: Timestamp,
}

impl Item {
    /// The state that `trade` reports, as a first revision.
    #[must_use]
    pub fn of(trade: &Trade) -> Self {
        Self {
            source: trade.source.clone(),
            external_id: trade.external_id.clone(),
            price: trade.price.clone(),
            available: trade.available,
            revision: 0,
            seen_at: trade.seen_at,
        }
    }
}
