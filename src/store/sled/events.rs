//! Events that were received and not yet worked off: what is stored of them, and in memory their
//! order and their leases.

use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::store::PendingEvent;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::codec::decode;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::keys::number_of;
use crate::store::sled::tables::Tables;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// The pending events of each room in their order. A room that nobody holds stands in `ready` with
/// its oldest event.
#[derive(Debug, Default)]
pub(super) struct Events {
    rooms: HashMap<RoomId, Line>,
    pending: HashMap<EventId, (RoomId, u64)>,
    ready: BTreeMap<u64, RoomId>,
}

/// A pending event and its number, which says when it was received.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) id: EventId,
    pub(super) number: u64,
}

/// The events of one room by their numbers.
#[derive(Debug, Default)]
struct Line {
    waiting: BTreeSet<u64>,
    held: bool,
}

impl Events {
    /// How many are pending.
    pub(super) fn len(&self) -> u64 {
        self.pending.len() as u64
    }

    /// Whether any is pending of this room.
    pub(super) fn has_of(&self, room: &RoomId) -> bool {
        self.rooms.contains_key(room)
    }

    /// Whether an event is pending.
    pub(super) fn is_pending(&self, id: &EventId) -> bool {
        self.pending.contains_key(id)
    }

    /// The number of a pending event.
    fn number(&self, id: &EventId) -> Option<u64> {
        self.pending.get(id).map(|(_, number)| *number)
    }

    fn insert(&mut self, id: EventId, room: RoomId, number: u64) {
        self.change(&room, |line| line.waiting.insert(number));
        self.pending.insert(id, (room, number));
    }

    fn remove(&mut self, id: &EventId) {
        if let Some((room, number)) = self.pending.remove(id) {
            self.change(&room, |line| {
                // Only the oldest can be held.
                line.held &= line.waiting.first() != Some(&number);
                line.waiting.remove(&number)
            });
        }
    }

    fn hold(&mut self, room: &RoomId, held: bool) {
        self.change(room, |line| line.held = held);
    }

    /// Gives up the lease of an event.
    pub(super) fn release(&mut self, id: &EventId) {
        if let Some((room, number)) = self.pending.get(id).cloned() {
            self.change(&room, |line| line.held &= line.waiting.first() != Some(&number));
        }
    }

    /// Changes the line of a room, and what stands in `ready` with it.
    fn change<T>(&mut self, room: &RoomId, change: impl FnOnce(&mut Line) -> T) -> T {
        let line = self.rooms.entry(room.clone()).or_default();
        if let Some(first) = line.ready() {
            self.ready.remove(&first);
        }
        let answer = change(line);
        if let Some(first) = line.ready() {
            self.ready.insert(first, room.clone());
        }
        if line.waiting.is_empty() {
            self.rooms.remove(room);
        }
        answer
    }
}

impl Line {
    fn ready(&self) -> Option<u64> {
        self.waiting.first().copied().filter(|_| !self.held)
    }
}

/// Reads what is pending.
pub(super) fn load(tables: &Tables) -> Result<Events> {
    let mut events = Events::default();
    for entry in tables.scan(&Key::all(Table::Event)) {
        let (key, bytes) = entry?;
        let number = number_of(&key).unwrap_or_default();
        let event: PendingEvent = decode(&event_key(number), &bytes)?;
        events.insert(event.id, event.room, number);
    }
    Ok(events)
}

fn event_key(number: u64) -> Key {
    Key::number(Table::Event, number)
}

/// Where it stands that an event was seen.
pub(super) fn seen_key(id: &EventId) -> Key {
    Key::text(Table::Seen, id.as_str())
}

/// Keeps the events not seen before, and answers how many they were. Those in `unparked` count as such:
/// they stand before the others, in the order of the numbers there.
pub(super) fn take(mut events: Vec<PendingEvent>, mut unparked: BTreeMap<EventId, u64>, change: &mut Change<'_>) -> Result<usize> {
    events.sort_by_key(|event| unparked.get(&event.id).copied().unwrap_or(u64::MAX));
    let mut taken = 0;
    for event in events {
        let seen = seen_key(&event.id);
        if unparked.remove(&event.id).is_none() && change.has(&seen)? {
            continue;
        }
        let number = change.number();
        change.put(seen, &event.received_at)?;
        change.put(event_key(number), &event)?;
        change.then(move |memory| memory.events.insert(event.id, event.room, number));
        taken += 1;
    }
    Ok(taken)
}

/// Keeps pending events in another form, each in its place.
pub(super) fn reseal(events: Vec<PendingEvent>, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    for event in events {
        if let Some(number) = memory.events.number(&event.id) {
            change.put(event_key(number), &event)?;
        }
    }
    Ok(())
}

/// Finishes a pending event, and answers which it was.
pub(super) fn finish(id: EventId, memory: &Memory, change: &mut Change<'_>) -> Result<Received> {
    let number = memory.events.number(&id).ok_or(StoreError::Conflict)?;
    change.remove(event_key(number));
    let finished = Received { id: id.clone(), number };
    change.then(move |memory| memory.events.remove(&id));
    Ok(finished)
}

/// Gives out the oldest events of the rooms of which none is held.
pub(super) fn lease(limit: usize, tables: &Tables, memory: &mut Memory) -> Result<Vec<PendingEvent>> {
    let oldest = memory.events.ready.keys().take(limit);
    let found = oldest.filter_map(|number| tables.value::<PendingEvent>(&event_key(*number)).transpose());
    let leased = found.collect::<Result<Vec<_>>>()?;
    for event in &leased {
        memory.events.hold(&event.room, true);
    }
    Ok(leased)
}
