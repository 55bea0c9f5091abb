//! Waiting deliveries that come to another room or another time: moved when a room was replaced,
//! put off, and woken.

use crate::domain::delivery::Lane;
use crate::domain::delivery::Target;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::store::Result;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::deliveries::Stored;
use crate::store::sled::deliveries::delivery_key;
use crate::store::sled::deliveries::enqueue;
use jiff::Timestamp;
use strum::IntoEnumIterator;

/// The lanes in which something may stand that moves with a room.
const MOVED: [Lane; 4] = [Lane::Cards, Lane::Gathered, Lane::Board, Lane::Alone];

/// Moves what shows a sharer's trades and waits in one room behind what waits in another, unless it
/// was tried or is being tried; of all who share there, or of one. What belongs to events of the old room stays there.
pub(super) fn move_cards(from: &RoomId, to: &RoomId, sharer: Option<&UserId>, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let from = Target::Room(from.clone());
    let waiting = MOVED.into_iter().flat_map(|lane| memory.queue.in_lane(&from, lane));
    let untried = waiting.filter(|waiting| !waiting.attempted && !memory.queue.is_leased(waiting.id));
    let mut ids: Vec<_> = untried.map(|waiting| (memory.queue.place(waiting.id), waiting.id)).collect();
    ids.sort_unstable();
    for (_, id) in ids {
        // One that this change replaced is gone.
        if let Some(mut row) = change.value::<Stored>(&delivery_key(id))?
            && row.delivery.what.sharer().is_some_and(|of| sharer.is_none_or(|sharer| of == sharer))
        {
            row.delivery.target = Target::Room(to.clone());
            row.place = change.number();
            enqueue(&row, change)?;
        }
    }
    Ok(())
}

/// Has what was put off for a target be tried at the time it was planned for.
pub(super) fn wake(target: &Target, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    for waiting in Lane::iter().flat_map(|lane| memory.queue.in_lane(target, lane)) {
        // One that a clock was ahead of is planned for later than it waits.
        if waiting.not_before_at > waiting.planned_at {
            put_off(waiting.id, waiting.planned_at, change)?;
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
