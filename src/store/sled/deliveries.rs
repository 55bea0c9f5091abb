//! Waiting deliveries as they are stored: adding and leasing them. Their order is `queue`'s, moving
//! and waking them is `moves`'s, and how attempts end is `settlements`'s.

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
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::keys::number_of;
use crate::store::sled::needed;
use crate::store::sled::queue::LaneKey;
use crate::store::sled::queue::Queue;
use crate::store::sled::queue::Waiting;
use crate::store::sled::settlements;
use crate::store::sled::tables::Tables;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;

/// A waiting delivery as it is stored. What was tried of it stands in [`Attempt`], so that
/// freezing need not write it again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) place: u64,
    pub(super) delivery: Delivery,
}

/// What was tried of a waiting delivery.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Attempt {
    pub(super) attempts: u32,
    pub(super) first_at: Option<Timestamp>,
    pub(super) frozen: Option<Frozen>,
}

/// By which delivery a once key was taken, and when, in seconds: before the first pruning nobody noted
/// that.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Taken {
    At(DeliveryId, i64),
    Ever(DeliveryId),
}

impl Taken {
    pub(super) fn new(by: DeliveryId, at: Timestamp) -> Self {
        Self::At(by, at.as_second())
    }

    pub(super) const fn by(self) -> DeliveryId {
        let (Self::At(by, _) | Self::Ever(by)) = self;
        by
    }

    /// When, where that is known.
    pub(super) fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(_, at) => Timestamp::from_second(at).ok(),
            Self::Ever(_) => None,
        }
    }
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
        enqueue(&Stored::new(id, place, delivery), change)?;
    }
    Ok(())
}

/// Adds a delivery that nothing else may stand in the way of; its number.
pub(super) fn add_one(new: NewDelivery, change: &mut Change<'_>) -> Result<DeliveryId> {
    let id = DeliveryId(change.number());
    enqueue(&Stored::new(id, None, new), change)?;
    Ok(id)
}

/// Takes the once key of a delivery, if it has one and it is free.
fn take_key(new: &NewDelivery, id: DeliveryId, change: &mut Change<'_>) -> Result<bool> {
    let Some(once) = &new.once else { return Ok(true) };
    let key = once_key(once);
    let free = !change.has(&key)?;
    if free {
        change.put(key, &Taken::new(id, new.not_before_at))?;
    }
    Ok(free)
}

/// Where a once key stands.
pub(super) fn once_key(once: &OnceKey) -> Key {
    Key::text(Table::Once, &once.0)
}

/// Writes a row that nothing was tried of, and has memory put it into its lane.
pub(super) fn enqueue(row: &Stored, change: &mut Change<'_>) -> Result<()> {
    change.put(delivery_key(row.delivery.id), row)?;
    needed::of_delivery(&row.delivery.what).for_each(|id| change.need(id));
    let (lane, place, waiting) = (LaneKey::of(&row.delivery), row.place, row.waiting(false));
    change.then(move |memory| {
        memory.queue.remove(waiting.id);
        memory.queue.insert(lane, place, waiting);
    });
    Ok(())
}

/// Takes a delivery out of the store, except for its once key.
pub(super) fn forget(id: DeliveryId, change: &mut Change<'_>) {
    change.remove(delivery_key(id));
    change.remove(attempt_key(id));
    change.then(move |memory| memory.queue.remove(id));
}

/// The delivery with what was tried of it, if it waits.
pub(super) fn waiting(id: DeliveryId, change: &Change<'_>) -> Result<Option<Delivery>> {
    let Some(row) = change.value::<Stored>(&delivery_key(id))? else {
        return Ok(None);
    };
    let attempt = change.value(&attempt_key(id))?.unwrap_or_default();
    Ok(Some(with_attempt(row.delivery, attempt)))
}

/// Whether a delivery waits that nothing was tried of, and that nobody is about to try.
pub(super) fn is_untouched(id: DeliveryId, memory: &Memory, change: &Change<'_>) -> Result<bool> {
    Ok(!memory.queue.is_leased(id) && change.has(&delivery_key(id))? && !change.has(&attempt_key(id))?)
}

fn with_attempt(delivery: Delivery, attempt: Attempt) -> Delivery {
    Delivery { attempts: attempt.attempts, first_attempt_at: attempt.first_at, frozen: attempt.frozen, ..delivery }
}

/// Gives out the first deliveries of the lanes that are due.
pub(super) fn lease(now: Timestamp, limit: usize, cards: usize, tables: &Tables, memory: &mut Memory) -> Result<Vec<Leased>> {
    let mut leased = Vec::new();
    for (id, attempted) in memory.queue.due(now, limit, cards) {
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
    let (day_began_at, sent_in_day) = match delivery.what.lane() {
        Lane::Cards => settlements::day_of(&delivery.target, tables)?,
        _ => (None, 0),
    };
    Ok(Leased { waiting: memory.queue.len_of(&LaneKey::of(&delivery)), delivery, sent_in_day, day_began_at })
}

/// The first deliveries for a room in a lane.
pub(super) fn in_lane(room: &RoomId, lane: Lane, limit: usize, tables: &Tables, memory: &Memory) -> Result<Vec<Delivery>> {
    let first = memory.queue.in_lane(&Target::Room(room.clone()), lane).take(limit);
    let found = first.map(|waiting| read(waiting.id, waiting.attempted, tables));
    found.filter_map(Result::transpose).collect()
}

/// The deliveries behind `after`, by number.
pub(super) fn queued(after: Option<DeliveryId>, limit: usize, tables: &Tables, memory: &Memory) -> Result<Vec<Delivery>> {
    let ids = memory.queue.behind(after).into_iter().take(limit);
    let waiting = ids.filter_map(|id| memory.queue.get(id));
    waiting.filter_map(|waiting| read(waiting.id, waiting.attempted, tables).transpose()).collect()
}
