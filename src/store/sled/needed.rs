//! Which trades, events and items something still needs, so that a pass of pruning leaves them alone:
//! what waits, what stands, what was decided. What comes to be needed while a pass goes on is told to it
//! by the changes themselves.

use crate::domain::delivery::What;
use crate::domain::trade::Trade;
use crate::store::sled::items::item_key;
use std::collections::HashSet;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// Ids and keys, by a hash each: two that share one are both kept, which does no harm.
#[derive(Clone, Debug, Default)]
pub(super) struct Needed(HashSet<u64>);

/// By what an id or a key is known here.
pub(super) fn hash(id: impl AsRef<[u8]>) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.as_ref().hash(&mut hasher);
    hasher.finish()
}

impl Needed {
    pub(super) fn add(&mut self, id: impl AsRef<[u8]>) {
        self.add_hash(hash(id));
    }

    pub(super) fn add_hash(&mut self, hash: u64) {
        self.0.insert(hash);
    }

    pub(super) fn has(&self, id: impl AsRef<[u8]>) -> bool {
        self.0.contains(&hash(id))
    }
}

/// The trades that a delivery names.
pub(super) fn trades(what: &What) -> Vec<&str> {
    match what {
        What::Digest { trades, .. } => trades.iter().map(|(trade, _)| trade.as_str()).collect(),
        What::StatusLine { trade: Some(trade), .. } => vec![trade.as_str()],
        _ => what.trade().map(|(trade, _)| trade.as_str()).into_iter().collect(),
    }
}

/// The event that a delivery is about, where it is one of ours.
pub(super) fn event(what: &What) -> Option<&str> {
    match what {
        What::Revise { event }
        | What::Redact { event }
        | What::Expire { event }
        | What::Pin { event, .. }
        | What::Unpin { event }
        | What::Pointer { event, .. }
        | What::Panel { edits: Some(event), .. } => Some(event.as_str()),
        _ => None,
    }
}

/// What a delivery needs, but for the items of its trades.
pub(super) fn of_delivery(what: &What) -> impl Iterator<Item = &str> {
    trades(what).into_iter().chain(event(what))
}

/// Where the item of a trade stands.
pub(super) fn item_of(trade: &Trade) -> Vec<u8> {
    item_key(&trade.source, trade.external_id.as_str()).into_bytes()
}
