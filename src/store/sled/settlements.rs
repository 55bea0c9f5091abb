//! Freezing and settling: what is written before an attempt and when it ends. Which delivery comes
//! next is not decided here.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Posting;
use crate::domain::delivery::Settlement;
use crate::domain::delivery::Target;
use crate::domain::delivery::Then;
use crate::domain::delivery::What;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::Memory;
use crate::store::sled::buried;
use crate::store::sled::change::Change;
use crate::store::sled::deliveries;
use crate::store::sled::deliveries::Attempt;
use crate::store::sled::deliveries::attempt_key;
use crate::store::sled::deliveries::forget;
use crate::store::sled::deliveries::waiting;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::moves::put_off;
use crate::store::sled::postings;
use crate::store::sled::postings::Edit;
use crate::store::sled::revisions;
use crate::store::sled::tables::Tables;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A day of a lane.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What went into a room or to a person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Sent {
    pub(super) newest: Option<EventId>,
    pub(super) day_began_at: Option<Timestamp>,
    in_day: u32,
}

/// Where it stands what went to a target.
pub(super) fn sent_key(target: &Target) -> Key {
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
    if let Settlement::Retry { at, attempted, .. } = settlement {
        return retry(id, at, attempted, memory, change);
    }
    let Some(delivery) = waiting(id, change)? else {
        return Ok(());
    };
    forget(id, change);
    revisions::ended(id, &delivery.what, change)?;
    match settlement {
        Settlement::Done { event, at, .. } => finish(delivery, event, at, memory, change),
        Settlement::Buried { reason, .. } => buried::bury(delivery, reason, change),
        Settlement::Withheld { .. } | Settlement::Retry { .. } => Ok(()),
    }
}

fn finish(delivery: Delivery, event: Option<EventId>, at: Timestamp, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    match &delivery.what {
        What::Card { .. } | What::Digest { .. } => count_sent(&delivery.target, at, change)?,
        What::Redact { event } | What::Expire { event } => postings::withdraw(event, at, change)?,
        _ => {}
    }
    let (Some(event), Some(frozen)) = (event, sent(&delivery)) else {
        return Ok(());
    };
    match frozen.edits.clone() {
        Some(original) => edit(&original, &delivery.what, frozen, at, memory, change),
        None => post(event, delivery.what, frozen, at, memory, change),
    }
}

/// What was sent, where the room is known.
fn sent(delivery: &Delivery) -> Option<Frozen> {
    match (&delivery.frozen, &delivery.target) {
        (Some(frozen), _) => Some(frozen.clone()),
        (None, Target::Room(room)) => Some(Frozen::message(room, "{}")),
        (None, Target::Person(_)) => None,
    }
}

/// Keeps what was posted as the newest of its room.
fn post(event: EventId, what: What, frozen: Frozen, at: Timestamp, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let key = sent_key(&Target::Room(frozen.room.clone()));
    let mut sent: Sent = change.value(&key)?.unwrap_or_default();
    sent.newest = Some(event.clone());
    change.put(key, &sent)?;
    let what = shown_panel(&what).unwrap_or(what);
    let Frozen { room, mut content, shows, sender, .. } = frozen;
    let what = match what {
        // Neither the file nor its key is kept once she has it.
        What::File { to, reader, name, .. } => {
            "{}".clone_into(&mut content);
            What::File { to, reader, name, content: String::new() }
        }
        what => what,
    };
    let posting = Posting { room, event, what, content, sender, posted_at: at, shows, withdrawn_at: None };
    let row = postings::add(posting, change)?;
    revisions::posted(&row.posting, None, &row.posting.what, memory, change)?;
    follow(&frozen.then, &row.posting, at, change)
}

/// Changes what was posted before.
fn edit(original: &EventId, what: &What, frozen: Frozen, at: Timestamp, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let edit = Edit { content: frozen.content, shows: frozen.shows, what: shown_panel(what) };
    let Some((before, row)) = postings::edit(original, edit, change)? else {
        return Ok(());
    };
    revisions::posted(&row.posting, Some(&before), what, memory, change)?;
    follow(&frozen.then, &row.posting, at, change)
}

/// The panel that stands there once it has been shown.
fn shown_panel(what: &What) -> Option<What> {
    match what {
        What::Panel { panel, asked_in, .. } => Some(What::Panel { panel: panel.clone(), edits: None, asked_in: asked_in.clone() }),
        _ => None,
    }
}

/// Queues what is done once a posting stands there.
fn follow(then: &[Then], posting: &Posting, at: Timestamp, change: &mut Change<'_>) -> Result<()> {
    for delivery in then.iter().flat_map(|then| then.deliveries(&posting.room, &posting.event, at)) {
        deliveries::add_one(delivery, change)?;
    }
    Ok(())
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

/// The newest posting in a room.
pub(super) fn last_posting(room: &RoomId, tables: &Tables) -> Result<Option<Posting>> {
    let sent: Option<Sent> = tables.value(&sent_key(&Target::Room(room.clone())))?;
    match sent.and_then(|sent| sent.newest) {
        Some(event) => postings::posting(&event, tables),
        None => Ok(None),
    }
}

/// When the present day of the cards of a target began, and how many cards and digests went out in it.
pub(super) fn day_of(target: &Target, tables: &Tables) -> Result<(Option<Timestamp>, u32)> {
    let sent: Sent = tables.value(&sent_key(target))?.unwrap_or_default();
    Ok((sent.day_began_at, sent.in_day))
}
