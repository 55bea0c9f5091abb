//! The order of waiting deliveries, their lanes and their leases, in memory. What is waiting is
//! little (a digest takes the place of many cards), so the order is read at start-up and costs no
//! writes; nothing here touches the database.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Target;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::UserId;
use crate::store::NextDelivery;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

/// Whose order is kept among itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct LaneKey {
    target: Target,
    lane: Lane,
    part: Part,
}

/// What parts a lane further.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    /// Nothing.
    Whole,
    /// Two people may share in one room, each at her own hours.
    Sharer(UserId),
    /// Each delivery is a lane of its own.
    Alone(DeliveryId),
}

impl LaneKey {
    /// The lane of a delivery.
    pub(super) fn of(delivery: &Delivery) -> Self {
        let lane = delivery.what.lane();
        let part = match (lane, delivery.what.sharer()) {
            (Lane::Alone, _) => Part::Alone(delivery.id),
            (Lane::Cards | Lane::Gathered | Lane::Board, Some(sharer)) => Part::Sharer(sharer.clone()),
            _ => Part::Whole,
        };
        Self { target: delivery.target.clone(), lane, part }
    }
}

/// What the order needs to know of a delivery.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) id: DeliveryId,
    pub(super) not_before_at: Timestamp,
    /// Not before this time when it was committed, before anything went wrong.
    pub(super) planned_at: Timestamp,
    /// Whether something of it may have left.
    pub(super) attempted: bool,
    /// Its mark.
    pub(super) mark: String,
}

/// The deliveries of one lane by their places.
#[derive(Debug, Default)]
struct Row {
    waiting: BTreeMap<u64, Waiting>,
    holder: Option<DeliveryId>,
}

/// A delivery that a worker holds.
#[derive(Debug)]
struct Lease {
    lane: Arc<LaneKey>,
    /// Whether its attempt has been counted.
    counted: bool,
}

/// Everything that waits. A lane that nobody holds stands in `due` or `due_cards` with its first delivery.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: HashMap<Arc<LaneKey>, Row>,
    places: HashMap<DeliveryId, (Arc<LaneKey>, u64)>,
    due: BTreeMap<(Timestamp, u64), Arc<LaneKey>>,
    /// Those of cards.
    due_cards: BTreeMap<(Timestamp, u64), Arc<LaneKey>>,
    /// The parts of a lane together, by place.
    together: HashMap<(Target, Lane), BTreeMap<u64, DeliveryId>>,
    marks: HashMap<String, DeliveryId>,
    leases: HashMap<DeliveryId, Lease>,
}

impl Queue {
    /// How many wait.
    pub(super) fn len(&self) -> u64 {
        self.places.len() as u64
    }

    /// How many wait in a lane.
    pub(super) fn len_of(&self, lane: &LaneKey) -> u32 {
        let count = self.lanes.get(lane).map_or(0, |row| row.waiting.len());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The deliveries that wait for later than `latest`, without those that have a time of their own.
    pub(super) fn later_than(&self, latest: Timestamp) -> Vec<DeliveryId> {
        let lanes = self.lanes.iter().filter(|(key, _)| key.lane != Lane::Alone);
        let waiting = lanes.flat_map(|(_, row)| row.waiting.values());
        waiting.filter(|waiting| waiting.not_before_at > latest).map(|waiting| waiting.id).collect()
    }

    /// When the first delivery that nobody holds is due.
    pub(super) fn next_at(&self) -> NextDelivery {
        let first = |due: &BTreeMap<(Timestamp, u64), _>| due.first_key_value().map(|((at, _), _)| *at);
        NextDelivery { cards: first(&self.due_cards), others: first(&self.due) }
    }

    /// The first deliveries of the lanes due at `now`, the longest due first, with so many `cards` at the most.
    pub(super) fn due(&self, now: Timestamp, limit: usize, cards: usize) -> Vec<(DeliveryId, bool)> {
        let until = ..=(now, u64::MAX);
        let mut due: Vec<_> = self.due.range(until).take(limit).chain(self.due_cards.range(until).take(limit.min(cards))).collect();
        due.sort_unstable_by_key(|(at, _)| **at);
        let heads = due.into_iter().take(limit).filter_map(|((_, place), lane)| self.lanes.get(lane)?.waiting.get(place));
        heads.map(|head| (head.id, head.attempted)).collect()
    }

    /// The deliveries for a target in a lane, first to last.
    pub(super) fn in_lane<'a>(&'a self, target: &Target, lane: Lane) -> impl Iterator<Item = &'a Waiting> + use<'a> {
        let places = self.together.get(&(target.clone(), lane));
        places.into_iter().flat_map(|places| places.values()).filter_map(|id| self.get(*id))
    }

    /// The deliveries with higher numbers than `after`, in their order.
    pub(super) fn behind(&self, after: Option<DeliveryId>) -> Vec<DeliveryId> {
        let mut ids: Vec<DeliveryId> = self.places.keys().copied().filter(|id| after.is_none_or(|after| *id > after)).collect();
        ids.sort_unstable();
        ids
    }

    /// The place of a delivery that waits.
    pub(super) fn place(&self, id: DeliveryId) -> Option<u64> {
        self.places.get(&id).map(|(_, place)| *place)
    }

    /// A delivery that waits.
    pub(super) fn get(&self, id: DeliveryId) -> Option<&Waiting> {
        let (lane, place) = self.places.get(&id)?;
        self.lanes.get(lane)?.waiting.get(place)
    }

    /// The delivery with this mark.
    pub(super) fn marked(&self, mark: &str) -> Option<DeliveryId> {
        self.marks.get(mark).copied()
    }

    /// Whether somebody holds it.
    pub(super) fn is_leased(&self, id: DeliveryId) -> bool {
        self.leases.contains_key(&id)
    }

    /// Whether the attempt of whoever holds it has been counted.
    pub(super) fn is_counted(&self, id: DeliveryId) -> bool {
        self.leases.get(&id).is_some_and(|lease| lease.counted)
    }

    /// Puts a delivery at a place of a lane.
    pub(super) fn insert(&mut self, lane: LaneKey, place: u64, waiting: Waiting) {
        let lane = match self.lanes.get_key_value(&lane) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::new(lane),
        };
        self.together.entry((lane.target.clone(), lane.lane)).or_default().insert(place, waiting.id);
        self.places.insert(waiting.id, (Arc::clone(&lane), place));
        self.marks.insert(waiting.mark.clone(), waiting.id);
        self.change(&lane, |row| row.waiting.insert(place, waiting));
    }

    /// Takes a delivery out, with its lease.
    pub(super) fn remove(&mut self, id: DeliveryId) {
        self.release(id);
        if let Some((lane, place)) = self.places.remove(&id)
            && let Some(waiting) = self.change(&lane, |row| row.waiting.remove(&place))
        {
            self.marks.remove(&waiting.mark);
            self.remove_together(&lane, place);
        }
    }

    fn remove_together(&mut self, lane: &LaneKey, place: u64) {
        let key = (lane.target.clone(), lane.lane);
        if let Some(places) = self.together.get_mut(&key) {
            places.remove(&place);
            if places.is_empty() {
                self.together.remove(&key);
            }
        }
    }

    /// Sets when a delivery may be tried.
    pub(super) fn set_time(&mut self, id: DeliveryId, at: Timestamp) {
        self.update(id, |waiting| waiting.not_before_at = at);
    }

    /// Sets whether something of a delivery may have left.
    pub(super) fn set_attempted(&mut self, id: DeliveryId, attempted: bool) {
        self.update(id, |waiting| waiting.attempted = attempted);
    }

    /// Remembers that the present attempt has been counted.
    pub(super) fn set_counted(&mut self, id: DeliveryId) {
        if let Some(lease) = self.leases.get_mut(&id) {
            lease.counted = true;
        }
    }

    /// Gives a delivery to a worker.
    pub(super) fn lease(&mut self, id: DeliveryId) {
        if let Some((lane, _)) = self.places.get(&id) {
            let lane = Arc::clone(lane);
            self.change(&lane, |row| row.holder = Some(id));
            self.leases.insert(id, Lease { lane, counted: false });
        }
    }

    /// Takes a delivery back from its worker.
    pub(super) fn release(&mut self, id: DeliveryId) {
        if let Some(lease) = self.leases.remove(&id) {
            self.change(&lease.lane, |row| row.holder = None);
        }
    }

    fn update(&mut self, id: DeliveryId, update: impl FnOnce(&mut Waiting)) {
        if let Some((lane, place)) = self.places.get(&id).cloned() {
            self.change(&lane, |row| row.waiting.get_mut(&place).map(update));
        }
    }

    /// Changes a lane, and where its head stands with it.
    fn change<T>(&mut self, lane: &Arc<LaneKey>, change: impl FnOnce(&mut Row) -> T) -> T {
        let row = self.lanes.entry(Arc::clone(lane)).or_default();
        let heads = if lane.lane == Lane::Cards { &mut self.due_cards } else { &mut self.due };
        if let Some(due) = row.due() {
            heads.remove(&due);
        }
        let answer = change(row);
        if let Some(due) = row.due() {
            heads.insert(due, Arc::clone(lane));
        }
        if row.waiting.is_empty() {
            self.lanes.remove(lane);
        }
        answer
    }
}

impl Row {
    /// When it is due, and with which place: never while somebody holds it.
    fn due(&self) -> Option<(Timestamp, u64)> {
        let (place, head) = self.waiting.first_key_value().filter(|_| self.holder.is_none())?;
        Some((head.not_before_at, *place))
    }
}
