//! Encrypted events whose key is awaited: out of the way of what is pending, found by room and session
//! and by when they were received, the oldest of a room dropped when there are too many.

use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::store::KEPT_PARKED;
use crate::store::ParkedEvent;
use crate::store::Result;
use crate::store::sled::change::Change;
use crate::store::sled::events::Received;
use crate::store::sled::events::seen_key;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::keys::last_number;
use crate::store::sled::tables::Tables;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// A parked event as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    /// The order in which they were first received.
    number: u64,
    parked: ParkedEvent,
}

/// Where a parked event stands.
pub(super) fn parked_key(id: &EventId) -> Key {
    Key::text(Table::Parked, id.as_str())
}

fn awaiting(room: &RoomId, session: &str) -> Key {
    Key::firsts(Table::Awaiting, room.as_str(), session)
}

impl Row {
    /// The keys under which it is found.
    fn indexed(&self) -> [Key; 2] {
        let ParkedEvent { event, session, .. } = &self.parked;
        [awaiting(&event.room, session), Key::timed(Table::ParkedAt, event.received_at, "")].map(|key| key.upwards(self.number))
    }

    fn put(&self, change: &mut Change<'_>) -> Result<()> {
        let id = &self.parked.event.id;
        for key in self.indexed() {
            change.put(key, id)?;
        }
        change.put(parked_key(id), self)
    }

    fn remove(&self, change: &mut Change<'_>) {
        for key in self.indexed() {
            change.remove(key);
        }
        change.remove(parked_key(&self.parked.event.id));
    }
}

/// Parks the events not seen before, and `finished`; one that is parked already is replaced in its place.
pub(super) fn park(all: Vec<ParkedEvent>, finished: Option<&Received>, change: &mut Change<'_>) -> Result<()> {
    let rooms: BTreeSet<RoomId> = all.iter().map(|parked| parked.event.room.clone()).collect();
    for parked in all {
        park_one(parked, finished, change)?;
    }
    rooms.iter().try_for_each(|room| drop_oldest(room, change))
}

fn park_one(parked: ParkedEvent, finished: Option<&Received>, change: &mut Change<'_>) -> Result<()> {
    let id = &parked.event.id;
    if let Some(old) = change.value::<Row>(&parked_key(id))? {
        old.remove(change);
        // It may be a repeat of the event that knows nothing of what was done meanwhile.
        let parked = ParkedEvent { event: old.parked.event, told: old.parked.told || parked.told, ..parked };
        return Row { number: old.number, parked }.put(change);
    }
    let number = match finished.filter(|finished| finished.id == *id) {
        Some(finished) => finished.number,
        None if change.has(&seen_key(id))? => return Ok(()),
        None => change.number(),
    };
    change.put(seen_key(id), &parked.event.received_at)?;
    change.ledger.parked += 1;
    Row { number, parked }.put(change)
}

/// Drops the oldest events of a room beyond those that are kept.
fn drop_oldest(room: &RoomId, change: &mut Change<'_>) -> Result<()> {
    let mut keys = change.keys(&Key::first(Table::Awaiting, room.as_str())).collect::<Result<Vec<_>>>()?;
    let excess = keys.len().saturating_sub(KEPT_PARKED);
    if excess > 0 {
        keys.sort_unstable_by_key(|key| last_number(key));
    }
    for key in keys.into_iter().take(excess) {
        if let Some(id) = change.value::<EventId>(&Key::found(Table::Awaiting, &key))? {
            take_out(&id, change)?;
        }
    }
    Ok(())
}

/// Takes events out, and answers the numbers of those that were parked.
pub(super) fn unpark(ids: Vec<EventId>, change: &mut Change<'_>) -> Result<BTreeMap<EventId, u64>> {
    let mut numbers = BTreeMap::new();
    for id in ids {
        if let Some(number) = take_out(&id, change)? {
            numbers.insert(id, number);
        }
    }
    Ok(numbers)
}

/// Takes out what is not to be kept any more.
pub(super) fn forget(is_forgotten: impl Fn(&ParkedEvent) -> bool, change: &mut Change<'_>) -> Result<()> {
    for key in change.keys(&Key::all(Table::Parked)).collect::<Result<Vec<_>>>()? {
        let row: Option<Row> = change.value(&Key::found(Table::Parked, &key))?;
        if let Some(row) = row.filter(|row| is_forgotten(&row.parked)) {
            take_out(&row.parked.event.id, change)?;
        }
    }
    Ok(())
}

/// Takes an event out, and answers its number if it was parked.
fn take_out(id: &EventId, change: &mut Change<'_>) -> Result<Option<u64>> {
    let row: Option<Row> = change.value(&parked_key(id))?;
    if let Some(row) = &row {
        row.remove(change);
        change.ledger.parked = change.ledger.parked.saturating_sub(1);
    }
    Ok(row.map(|row| row.number))
}

/// The events that wait for the key of a session, oldest first.
pub(super) fn of_session(room: &RoomId, session: &str, limit: usize, tables: &Tables) -> Result<Vec<ParkedEvent>> {
    found(&awaiting(room, session), tables).take(limit).collect()
}

/// The events that were received before a time, oldest first.
pub(super) fn received_before(before: Timestamp, limit: usize, tables: &Tables) -> Result<Vec<ParkedEvent>> {
    let early = |parked: &Result<ParkedEvent>| parked.as_ref().map_or(true, |parked| parked.event.received_at < before);
    found(&Key::all(Table::ParkedAt), tables).take_while(early).take(limit).collect()
}

/// The events that an index names, in its order.
fn found<'a>(index: &Key, tables: &'a Tables) -> impl Iterator<Item = Result<ParkedEvent>> + use<'a> {
    tables.values::<EventId>(index).filter_map(|id| {
        let row = id.and_then(|id| tables.value::<Row>(&parked_key(&id)));
        row.map(|row| row.map(|row| row.parked)).transpose()
    })
}
