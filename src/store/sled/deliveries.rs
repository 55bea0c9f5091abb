//! Waiting deliveries as they are stored: adding, moving, waking and leasing them. Their order is
//! `queue`'s, and how attempts end is `settlements`'s.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Leased;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::OnceKey;
use crate::domain::delivery::Target;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::RoomId;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::codec::decode;
use crate::store::sled::queue::LaneKey;
use crate::store::sled::queue::Queue;
use crate::store::sled::queue::Waiting;
use crate::store::sled::settlements;
use crate::store::sled::tables::Key;
use crate::store::sled::tables::Table;
use crate::store::sled::tables::Tables;
use crate::store::sled::tables::number_of;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;

/// A waiting delivery as it is stored. What was tried of it stands in [`Attempt`], so that
/// freezing need not write it again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    place: u64,
    delivery: Delivery,
}

/// What was tried of a waiting delivery.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Attempt {
    pub(super) attempts: u32,
    pub(super) first_at: Option<Timestamp>,
    pub(super) frozen: Option<Frozen>,
}

/// Reads the order of what waits.
pub(super) fn load(tables: &Tables) -> Result<Queue> {
    let attempted: BTreeSet<_> =
        tables.scan(&Key::all(Table::Attempt)).map(|entry| entry.map(|(key, _)| number_of(&key))).collect::<Result<_>>()?;
    let mut queue = Queue::default();
    for entry in tables.scan(&Key::all(Table::Delivery)) {
        let (key, bytes) = entry?;
        let number = number_of(&key);
        let row: Stored = decode(&delivery_key(DeliveryId(number.unwrap_or_default())), &bytes)?;
        let waiting = row.waiting(attempted.contains(&number));
        queue.insert(LaneKey::of(&row.delivery), row.place, waiting);
    }
    Ok(queue)
}

impl Stored {
    /// A delivery that is new; without a place it stands behind all others.
    fn new(id: DeliveryId, place: Option<u64>, new: NewDelivery) -> Self {
        Self {
            place: place.unwrap_or(id.0),
            delivery: Delivery {
                id,
                target: new.target,
                what: new.what,
                created_at: new.not_before_at,
                not_before_at: new.not_before_at,
                attempts: 0,
                first_attempt_at: None,
                frozen: None,
                buried: None,
            },
        }
    }

    fn waiting(&self, attempted: bool) -> Waiting {
        Waiting {
            id: self.delivery.id,
            not_before_at: self.delivery.not_before_at,
            planned_at: self.delivery.created_at,
            attempted,
            mark: self.delivery.mark(),
        }
    }
}

pub(super) fn delivery_key(id: DeliveryId) -> Key {
    Key::number(Table::Delivery, id.0)
}

pub(super) fn attempt_key(id: DeliveryId) -> Key {
    Key::number(Table::Attempt, id.0)
}

/// Adds deliveries; the last takes the place of those it replaces, unless its key is taken.
pub(super) fn add(new: Vec<NewDelivery>, replaced: &[DeliveryId], memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let places: Option<Vec<u64>> = replaced.iter().map(|id| memory.queue.place(*id)).collect();
    let place = places.ok_or(StoreError::Conflict)?.first().copied();
    let last = new.len().saturating_sub(1);
    for (index, delivery) in new.into_iter().enumerate() {
        let id = DeliveryId(change.number());
        if !take_key(&delivery, id, change)? {
            continue;
        }
        let place = place.filter(|_| index == last);
        if place.is_some() {
            for id in replaced {
                forget(*id, change);
            }
        }
        enqueue(Stored::new(id, place, delivery), change)?;
    }
    Ok(())
}

/// Takes the once key of a delivery, if it has one and it is free.
fn take_key(new: &NewDelivery, id: DeliveryId, change: &mut Change<'_>) -> Result<bool> {
    let Some(once) = &new.once else { return Ok(true) };
    let key = once_key(once);
    let free = !change.has(&key)?;
    if free {
        change.put(key, &id)?;
    }
    Ok(free)
}

/// Where a once key stands.
pub(super) fn once_key(once: &OnceKey) -> Key {
    Key::text(Table::Once, &once.0)
}

/// Writes a row that nothing was tried of, and has memory put it into its lane.
fn enqueue(row: Stored, change: &mut Change<'_>) -> Result<()> {
    change.put(delivery_key(row.delivery.id), &row)?;
    let waiting = row.waiting(false);
    let lane = LaneKey { lane: row.delivery.what.lane(), target: row.delivery.target };
    change.then(move |memory| {
        memory.queue.remove(waiting.id);
        memory.queue.insert(lane, row.place, waiting);
    });
    Ok(())
}

/// Takes a delivery out of the store, except for its once key.
pub(super) fn forget(id: DeliveryId, change: &mut Change<'_>) {
    change.remove(delivery_key(id));
    change.remove(attempt_key(id));
    change.then(move |memory| memory.queue.remove(id));
}

/// Moves waiting cards of one room behind those of another, unless they were tried or are being
/// tried.
pub(super) fn move_cards(from: &RoomId, to: &RoomId, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    for waiting in memory.queue.in_lane(&cards_of(from)) {
        if waiting.attempted || memory.queue.is_leased(waiting.id) {
            continue;
        }
        // One that this change replaced is gone.
        if let Some(mut row) = change.value::<Stored>(&delivery_key(waiting.id))? {
            row.delivery.target = Target::Room(to.clone());
            row.place = change.number();
            enqueue(row, change)?;
        }
    }
    Ok(())
}

/// Has what was put off for a target be tried at the time it was planned for.
pub(super) fn wake(target: &Target, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    for lane in [Lane::Cards, Lane::Talk, Lane::Acts] {
        let lane = LaneKey { target: target.clone(), lane };
        for waiting in memory.queue.in_lane(&lane) {
            if waiting.not_before_at != waiting.planned_at {
                put_off(waiting.id, waiting.planned_at, change)?;
            }
        }
    }
    Ok(())
}

/// Sets when a delivery may be tried; answers whether it waits at all.
pub(super) fn put_off(id: DeliveryId, at: Timestamp, change: &mut Change<'_>) -> Result<bool> {
    let Some(mut row) = change.value::<Stored>(&delivery_key(id))? else {
        return Ok(false);
    };
    row.delivery.not_before_at = at;
    change.put(delivery_key(id), &row)?;
    change.then(move |memory| memory.queue.set_time(id, at));
    Ok(true)
}

/// The delivery with what was tried of it, if it waits.
pub(super) fn waiting(id: DeliveryId, change: &Change<'_>) -> Result<Option<Delivery>> {
    let Some(row) = change.value::<Stored>(&delivery_key(id))? else {
        return Ok(None);
    };
    let attempt = change.value(&attempt_key(id))?.unwrap_or_default();
    Ok(Some(with_attempt(row.delivery, attempt)))
}

fn with_attempt(delivery: Delivery, attempt: Attempt) -> Delivery {
    Delivery { attempts: attempt.attempts, first_attempt_at: attempt.first_at, frozen: attempt.frozen, ..delivery }
}

/// Gives out the first deliveries of the lanes that are due.
pub(super) fn lease(now: Timestamp, limit: usize, tables: &Tables, memory: &mut Memory) -> Result<Vec<Leased>> {
    let mut leased = Vec::new();
    for (id, attempted) in memory.queue.due(now, limit) {
        if let Some(delivery) = read(id, attempted, tables)? {
            leased.push(stand(delivery, tables, memory)?);
        }
    }
    for held in &leased {
        memory.queue.lease(held.delivery.id);
    }
    Ok(leased)
}

fn read(id: DeliveryId, attempted: bool, tables: &Tables) -> Result<Option<Delivery>> {
    let Some(row) = tables.value::<Stored>(&delivery_key(id))? else {
        return Ok(None);
    };
    let mut attempt = Attempt::default();
    if attempted {
        attempt = tables.value(&attempt_key(id))?.unwrap_or_default();
    }
    Ok(Some(with_attempt(row.delivery, attempt)))
}

/// A delivery and how its lane stands.
fn stand(delivery: Delivery, tables: &Tables, memory: &Memory) -> Result<Leased> {
    let lane = LaneKey::of(&delivery);
    let (day_began_at, sent_in_day) = match lane.lane {
        Lane::Cards => settlements::day_of(&delivery.target, tables)?,
        _ => (None, 0),
    };
    Ok(Leased { waiting: memory.queue.len_of(&lane), delivery, sent_in_day, day_began_at })
}

fn cards_of(room: &RoomId) -> LaneKey {
    LaneKey { target: Target::Room(room.clone()), lane: Lane::Cards }
}

/// The first deliveries in the lane of cards of a room.
pub(super) fn waiting_cards(room: &RoomId, limit: usize, tables: &Tables, memory: &Memory) -> Result<Vec<Delivery>> {
    let first = memory.queue.in_lane(&cards_of(room)).take(limit);
    let found = first.map(|waiting| read(waiting.id, waiting.attempted, tables));
    found.filter_map(Result::transpose).collect()
}
