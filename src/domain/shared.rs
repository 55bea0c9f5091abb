//! What was decided about a trade when it came: its categories, and for whom it was meant. `why`,
//! `recent` and `undo` read it.

use crate::domain::category::Belongs;
use crate::domain::ids::Number;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::sharer::Unmeant;
use crate::domain::text::Line;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// How many of them are kept for each sharer.
pub const KEPT: u32 = 200;

/// Of how many contacts it is kept what was decided.
pub const CONTACTS_KEPT: usize = 250;

/// A sharer's trade as it was decided on, shared or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedTrade {
    /// Whose.
    pub sharer: UserId,
    /// How she names it: one more than the one before. 0 in a commit, which has the store give it.
    pub number: Number,
    /// The trade.
    pub trade: TradeId,
    /// What she calls the account it comes from.
    pub shop: Line,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Its categories, and why.
    pub categories: Vec<Belongs>,
    /// What was decided for each of her contacts, of the first [`CONTACTS_KEPT`].
    pub contacts: Vec<Decided>,
    /// Whether she has withdrawn it: then it is posted nowhere any more.
    #[serde(default)]
    pub undone: bool,
}

/// Whether a trade was meant for a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What the contact was called.
    pub person: Line,
    /// Who she is, so that she can be forgotten; none: it was decided before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Why not; none where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmeant: Option<Unmeant>,
}
