//! Forgetting people: whatever is stored of them apart from their own value, in whichever table it stands.
//! Tables without an index by person are read through, which is slow and seldom needed.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::shared::SharedTrade;
use crate::domain::trade::Trade;
use crate::store::Named;
use crate::store::ParkedEvent;
use crate::store::Remembered;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::codec::decode;
use crate::store::sled::deliveries;
use crate::store::sled::deliveries::Stored;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::named;
use crate::store::sled::parked;
use crate::store::sled::postings;
use crate::store::sled::postings::Row;
use crate::store::sled::revisions;
use crate::store::sled::settings;
use crate::store::sled::settlements;
use crate::store::sled::shared;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// Who is erased, and which rooms are emptied with them.
struct Erased<'a> {
    people: BTreeSet<&'a UserId>,
    rooms: BTreeSet<&'a RoomId>,
    /// How they stand in stored values, in quotation marks.
    written: Vec<String>,
}

/// Forgets everything of `people` that stands apart from their own values, and what was posted or waits in
/// `rooms`. What is being sent for one of them at this moment is a conflict: nobody would know of it later.
pub(super) fn erase(people: &[UserId], rooms: &[RoomId], memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    if people.is_empty() && rooms.is_empty() {
        return Ok(());
    }
    let erased = Erased::new(people, rooms);
    let mut trades = BTreeSet::new();
    for person in people {
        trades.extend(decisions_of(person, change)?);
        small_values_of(person, change)?;
        change.remove(settlements::sent_key(&Target::Person(person.clone())));
    }
    names_in_decisions(&erased, change)?;
    forget_deliveries(&erased, memory, change)?;
    let (events, shown) = forget_postings(&erased, change)?;
    trades.extend(shown);
    forget_reactions(&erased, &events, change)?;
    parked::forget(|event| erased.holds_parked(event), change)?;
    trades.into_iter().try_for_each(|trade| forget_trade(&trade, change))
}

impl<'a> Erased<'a> {
    fn new(people: &'a [UserId], rooms: &'a [RoomId]) -> Self {
        let ids = people.iter().map(UserId::as_str).chain(rooms.iter().map(RoomId::as_str));
        let written = ids.map(|id| serde_json::Value::from(id).to_string()).collect();
        Self { people: people.iter().collect(), rooms: rooms.iter().collect(), written }
    }

    /// Whether a stored value may be about them: to decode all of them would take long.
    fn may_name(&self, bytes: &[u8]) -> bool {
        // Behind the version stands JSON; what cannot be read is looked at.
        bytes
            .get(1..)
            .and_then(|json| str::from_utf8(json).ok())
            .is_none_or(|json| self.written.iter().any(|id| json.contains(id.as_str())))
    }

    /// Whether something that stands or waits in a room is about them or for them.
    fn holds(&self, room: Option<&RoomId>, what: &What) -> bool {
        room.is_some_and(|room| self.rooms.contains(room)) || people_of(what).any(|person| self.people.contains(person))
    }

    fn holds_delivery(&self, delivery: &Delivery) -> bool {
        let (room, person) = match &delivery.target {
            Target::Room(room) => (Some(room), None),
            Target::Person(person) => (None, Some(person)),
        };
        !takes_away(&delivery.what) && (person.is_some_and(|person| self.people.contains(person)) || self.holds(room, &delivery.what))
    }

    fn holds_parked(&self, parked: &ParkedEvent) -> bool {
        self.rooms.contains(&parked.event.room) || parked.reader.as_ref().is_some_and(|reader| self.people.contains(reader))
    }
}

/// Of whom or for whom something is, by what it says itself.
fn people_of(what: &What) -> impl Iterator<Item = &UserId> {
    let (one, other) = match what {
        What::HeldNotice { sharer, .. }
        | What::Pin { sharer, .. }
        | What::ReadDirectRooms { sharer }
        | What::InviteBot { sharer }
        | What::StatusLine { sharer, .. } => (Some(sharer), None),
        What::Approach { sharer, person } => (Some(sharer), Some(person)),
        What::Reply { reader, .. } | What::Pointer { reader, .. } | What::File { reader, .. } => (Some(reader), None),
        What::Panel { panel, .. } => (Some(&panel.owner), None),
        other => (other.sharer(), None),
    };
    one.into_iter().chain(other)
}

/// Whether it only takes something away, or leaves or enters a room: that is still to be done, and says
/// nothing of anybody.
const fn takes_away(what: &What) -> bool {
    matches!(
        what,
        What::Redact { .. }
            | What::Expire { .. }
            | What::Unpin { .. }
            | What::React { .. }
            | What::Join
            | What::Leave { .. }
            | What::NameAsService
            | What::OwnDevice { step: DeviceStep::Remove { .. } }
            | What::StatusLine { trade: None, .. }
    )
}

/// Forgets what was decided for a person and what she withdrew; answers the trades.
fn decisions_of(person: &UserId, change: &mut Change<'_>) -> Result<Vec<TradeId>> {
    let mut trades = Vec::new();
    for (_, shared) in found::<SharedTrade>(&Key::first(Table::Shared, person.as_str()), |_| true, change)? {
        trades.push(shared.trade);
    }
    for table in [Table::Shared, Table::Decided, Table::Undone] {
        remove_all(&Key::first(table, person.as_str()), change)?;
    }
    change.remove(shared::last_key(person));
    Ok(trades)
}

/// Forgets the small values and the panels of a person.
fn small_values_of(person: &UserId, change: &mut Change<'_>) -> Result<()> {
    remove_all(&Key::first(Table::Panel, person.as_str()), change)?;
    named::put(&Named::Heard(person.clone()), None, change)?;
    named::put(&Named::CardsOf(person.clone()), None, change)?;
    for (key, owner) in found::<String>(&named::links(), |_| true, change)? {
        if owner == person.as_str() {
            change.remove_bytes(key);
        }
    }
    Ok(())
}

/// Takes people out of what was decided for others.
fn names_in_decisions(erased: &Erased<'_>, change: &mut Change<'_>) -> Result<()> {
    for (key, mut shared) in found::<SharedTrade>(&Key::all(Table::Shared), |bytes| erased.may_name(bytes), change)? {
        let before = shared.contacts.len();
        shared.contacts.retain(|decided| decided.user.as_ref().is_none_or(|user| !erased.people.contains(user)));
        if shared.contacts.len() < before {
            change.put(Key::found(Table::Shared, &key), &shared)?;
        }
    }
    Ok(())
}

fn forget_deliveries(erased: &Erased<'_>, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    for (_, row) in found::<Stored>(&Key::all(Table::Delivery), |bytes| erased.may_name(bytes), change)? {
        let Stored { delivery, .. } = row;
        if !erased.holds_delivery(&delivery) {
            continue;
        }
        if memory.queue.is_counted(delivery.id) && delivery.what.sharer().is_some_and(|sharer| erased.people.contains(sharer)) {
            return Err(StoreError::Conflict);
        }
        deliveries::forget(delivery.id, change);
        revisions::ended(delivery.id, &delivery.what, change)?;
    }
    for (key, delivery) in found::<Delivery>(&Key::all(Table::Buried), |bytes| erased.may_name(bytes), change)? {
        if erased.holds_delivery(&delivery) {
            change.remove_bytes(key);
            change.ledger.buried = change.ledger.buried.saturating_sub(1);
        }
    }
    Ok(())
}

/// Forgets what was posted; answers the events, and the trades that they showed.
fn forget_postings(erased: &Erased<'_>, change: &mut Change<'_>) -> Result<(BTreeSet<EventId>, BTreeSet<TradeId>)> {
    let (mut events, mut trades) = (BTreeSet::new(), BTreeSet::new());
    for (_, row) in found::<Row>(&Key::all(Table::Posting), |bytes| erased.may_name(bytes), change)? {
        let posting = &row.posting;
        let is_sender = posting.sender.as_ref().is_some_and(|sender| erased.people.contains(sender));
        if is_sender || erased.holds(Some(&posting.room), &posting.what) {
            trades.extend(posting.shows.iter().map(|shown| shown.trade.clone()));
            events.insert(posting.event.clone());
            postings::forget(&row, change)?;
            revisions::forget(&posting.event, change)?;
        }
    }
    Ok((events, trades))
}

fn forget_reactions(erased: &Erased<'_>, events: &BTreeSet<EventId>, change: &mut Change<'_>) -> Result<()> {
    for (key, reaction) in found::<Remembered>(&Key::all(Table::Remembered), |_| true, change)? {
        if erased.people.contains(&reaction.by) || events.contains(&reaction.on) {
            change.remove_bytes(key);
        }
    }
    Ok(())
}

/// Forgets a trade, unless others follow its source.
fn forget_trade(id: &TradeId, change: &mut Change<'_>) -> Result<()> {
    let key = settings::trade_key(id);
    if let Some(trade) = change.value::<Trade>(&key)?
        && !settings::is_followed(&trade.source, change)?
    {
        change.remove(key);
    }
    Ok(())
}

fn remove_all(prefix: &Key, change: &mut Change<'_>) -> Result<()> {
    let keys = change.keys(prefix).collect::<Result<Vec<_>>>()?;
    for key in keys {
        change.remove_bytes(key);
    }
    Ok(())
}

/// The keys and values that begin with `prefix` whose bytes `is_wanted`.
fn found<T: DeserializeOwned>(prefix: &Key, is_wanted: impl Fn(&[u8]) -> bool, change: &Change<'_>) -> Result<Vec<(Vec<u8>, T)>> {
    let entries = change.entries(prefix).filter(|entry| entry.as_ref().map_or(true, |(_, bytes)| is_wanted(bytes)));
    let decoded = entries.map(|entry| {
        let (key, bytes) = entry?;
        let value = decode(&Key::found(prefix.table(), &key), &bytes)?;
        Ok((key, value))
    });
    decoded.collect()
}
