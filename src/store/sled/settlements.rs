//! Freezing and settling: what is written before an attempt and when it ends. Which delivery comes
//! next is not decided here.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Posting;
use crate::domain::delivery::Settlement;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::deliveries::Attempt;
use crate::store::sled::deliveries::attempt_key;
use crate::store::sled::deliveries::forget;
use crate::store::sled::deliveries::put_off;
use crate::store::sled::deliveries::waiting;
use crate::store::sled::tables::Key;
use crate::store::sled::tables::Table;
use crate::store::sled::tables::Tables;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A day of a lane.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What went into a room or to a person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Sent {
    newest: Option<EventId>,
    day_began_at: Option<Timestamp>,
    in_day: u32,
}

fn sent_key(target: &Target) -> Key {
    // Rooms begin with `!` and users with `@`.
    Key::text(
        Table::Sent,
        match target {
            Target::Room(room) => room.as_str(),
            Target::Person(person) => person.as_str(),
        },
    )
}

/// Fixes what is sent and counts the attempt.
pub(super) fn freeze(id: DeliveryId, frozen: Frozen, now: Timestamp, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let waiting = memory.queue.get(id).ok_or(StoreError::Conflict)?;
    let mut attempt = Attempt::default();
    if waiting.attempted {
        attempt = change.value(&attempt_key(id))?.unwrap_or_default();
    }
    attempt.attempts += 1;
    attempt.first_at.get_or_insert(now);
    attempt.frozen.get_or_insert(frozen);
    change.put(attempt_key(id), &attempt)?;
    change.then(move |memory| {
        memory.queue.set_attempted(id, true);
        memory.queue.set_counted(id);
    });
    Ok(())
}

/// Ends an attempt; nothing happens to a delivery that does not wait any more.
pub(super) fn settle(settlement: Settlement, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let id = settlement.id();
    if memory.queue.get(id).is_none() {
        return Ok(());
    }
    change.then(move |memory| memory.queue.release(id));
    match settlement {
        Settlement::Done { event, at, .. } => finish(id, event, at, change),
        Settlement::Withheld { .. } => {
            forget(id, change);
            Ok(())
        }
        Settlement::Retry { at, attempted, .. } => retry(id, at, attempted, memory, change),
        Settlement::Buried { reason, .. } => bury(id, reason, change),
    }
}

fn finish(id: DeliveryId, event: Option<EventId>, at: Timestamp, change: &mut Change<'_>) -> Result<()> {
    let Some(delivery) = waiting(id, change)? else {
        return Ok(());
    };
    forget(id, change);
    if matches!(delivery.what, What::Card { .. } | What::Digest { .. }) {
        count_sent(&delivery.target, at, change)?;
    }
    match (event, posted_to(&delivery)) {
        (Some(event), Some((room, content))) => {
            post(&Posting { room, event, what: delivery.what, content, posted_at: at, shows: Vec::new(), withdrawn_at: None }, change)
        }
        _ => Ok(()),
    }
}

/// The room a delivery went to, where it is known, and what was sent.
fn posted_to(delivery: &Delivery) -> Option<(RoomId, String)> {
    match (&delivery.frozen, &delivery.target) {
        (Some(frozen), _) => Some((frozen.room.clone(), frozen.content.clone())),
        (None, Target::Room(room)) => Some((room.clone(), "{}".to_owned())),
        (None, Target::Person(_)) => None,
    }
}

fn count_sent(target: &Target, at: Timestamp, change: &mut Change<'_>) -> Result<()> {
    let mut sent: Sent = change.value(&sent_key(target))?.unwrap_or_default();
    match sent.day_began_at {
        Some(began) if at.duration_since(began) < DAY => sent.in_day += 1,
        _ => {
            sent.day_began_at = Some(at);
            sent.in_day = 1;
        }
    }
    change.put(sent_key(target), &sent)
}

fn post(posting: &Posting, change: &mut Change<'_>) -> Result<()> {
    let key = sent_key(&Target::Room(posting.room.clone()));
    let mut sent: Sent = change.value(&key)?.unwrap_or_default();
    sent.newest = Some(posting.event.clone());
    change.put(key, &sent)?;
    change.put(Key::text(Table::Posting, posting.event.as_str()), posting)
}

fn retry(id: DeliveryId, at: Timestamp, attempted: bool, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    if !put_off(id, at, change)? {
        return Ok(());
    }
    match (attempted, memory.queue.is_counted(id)) {
        (true, false) => count_attempt(id, change),
        (false, true) => take_back(id, change),
        _ => Ok(()),
    }
}

fn count_attempt(id: DeliveryId, change: &mut Change<'_>) -> Result<()> {
    let mut attempt: Attempt = change.value(&attempt_key(id))?.unwrap_or_default();
    attempt.attempts += 1;
    change.put(attempt_key(id), &attempt)?;
    change.then(move |memory| memory.queue.set_attempted(id, true));
    Ok(())
}

/// Takes back the attempt that was counted, and what was frozen for it if it was the first.
fn take_back(id: DeliveryId, change: &mut Change<'_>) -> Result<()> {
    let Some(mut attempt) = change.value::<Attempt>(&attempt_key(id))? else {
        return Ok(());
    };
    attempt.attempts = attempt.attempts.saturating_sub(1);
    if attempt.attempts > 0 {
        return change.put(attempt_key(id), &attempt);
    }
    change.remove(attempt_key(id));
    change.then(move |memory| memory.queue.set_attempted(id, false));
    Ok(())
}

fn bury(id: DeliveryId, reason: String, change: &mut Change<'_>) -> Result<()> {
    let Some(mut delivery) = waiting(id, change)? else {
        return Ok(());
    };
    delivery.buried = Some(reason);
    forget(id, change);
    change.ledger.buried += 1;
    change.put(Key::number(Table::Buried, id.0), &delivery)
}

/// The newest posting in a room.
pub(super) fn last_posting(room: &RoomId, tables: &Tables) -> Result<Option<Posting>> {
    let sent: Option<Sent> = tables.value(&sent_key(&Target::Room(room.clone())))?;
    match sent.and_then(|sent| sent.newest) {
        Some(event) => tables.value(&Key::text(Table::Posting, event.as_str())),
        None => Ok(None),
    }
}

/// When the present day of the cards of a target began, and how many cards and digests went out in it.
pub(super) fn day_of(target: &Target, tables: &Tables) -> Result<(Option<Timestamp>, u32)> {
    let sent: Sent = tables.value(&sent_key(target))?.unwrap_or_default();
    Ok((sent.day_began_at, sent.in_day))
}
