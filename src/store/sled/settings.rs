//! Sharers, sources, trades and rooms: what is written of them and the indexes that find them. Indexes change with what they are made from, in the same change.

use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::room::Room;
use crate::domain::sharer::Sharer;
use crate::domain::source::Source;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::codec::decode;
use crate::store::sled::codec::encode;
use crate::store::sled::items;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::keys::timed_parts;
use crate::store::sled::tables::Tables;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The largest sharer, in bytes: larger values are no longer cheap to rewrite at each change.
const LARGEST: usize = 256 * 1024;

/// The first part of the keys of an index that names all of a kind.
pub(super) const TOGETHER: &str = "";

/// Where a sharer stands.
pub(super) fn sharer_key(id: &UserId) -> Key {
    Key::text(Table::Sharer, id.as_str())
}

/// Where a source stands.
pub(super) fn source_key(id: &SourceId) -> Key {
    Key::text(Table::Source, id.as_str())
}

/// Where a trade stands.
pub(super) fn trade_key(id: &TradeId) -> Key {
    Key::text(Table::Trade, id.as_str())
}

/// Where a room stands.
pub(super) fn room_key(id: &RoomId) -> Key {
    Key::text(Table::Room, id.as_str())
}

fn poll_key(source: &Source) -> Key {
    Key::timed(Table::Poll, source.next_poll_at, source.id.as_str())
}

/// Writes a sharer and the indexes that find her; answers the sources she follows no more.
pub(super) fn put_sharer(mut sharer: Sharer, change: &mut Change<'_>) -> Result<BTreeSet<SourceId>> {
    let key = sharer_key(&sharer.id);
    let old: Option<Sharer> = change.value(&key)?;
    if old.as_ref().map_or(0, |old| old.version) != sharer.version {
        return Err(StoreError::Conflict);
    }
    let in_use = |sharer: &Sharer| sharer.contacts_in_use() as u64;
    let before = old.as_ref().map_or(0, in_use);
    change.ledger.contacts = change.ledger.contacts.map(|count| (count + in_use(&sharer)).saturating_sub(before));
    if sharer.says_nothing() {
        change.ledger.sharers -= u64::from(old.is_some());
        change.remove(key);
    } else {
        change.ledger.sharers += u64::from(old.is_none());
        sharer.version += 1;
        let bytes = encode(&sharer)?;
        if bytes.len() > LARGEST {
            return Err(StoreError::TooLarge { kind: Table::Sharer.kind() });
        }
        change.put_bytes(key, bytes);
    }
    if let Some(trade) = &sharer.status_line {
        change.need(trade.as_str());
    }
    let user = sharer.id.as_str();
    reindex(Table::Contact, user, old.as_ref().map(rooms_of), &rooms_of(&sharer), change)?;
    reindex(Table::OwnName, user, old.as_ref().map(own_name_of), &own_name_of(&sharer), change)?;
    let left = reindex(Table::Follower, user, old.as_ref().map(sources_of), &sources_of(&sharer), change)?;
    Ok(left.into_iter().map(SourceId::new).collect())
}

fn sources_of(sharer: &Sharer) -> BTreeSet<&str> {
    sharer.accounts.iter().map(|account| account.source.as_str()).collect()
}

fn rooms_of(sharer: &Sharer) -> BTreeSet<&str> {
    sharer.contacts.iter().map(|contact| contact.room.as_str()).collect()
}

/// In that index all sharers stand together.
fn own_name_of(sharer: &Sharer) -> BTreeSet<&str> {
    sharer.own_name.iter().map(|_| TOGETHER).collect()
}

/// Brings an index from `old` to `new`, and answers what is in it no more.
fn reindex<'a>(
    table: Table,
    second: &str,
    old: Option<BTreeSet<&'a str>>,
    new: &BTreeSet<&'a str>,
    change: &mut Change<'_>,
) -> Result<Vec<&'a str>> {
    let old = old.unwrap_or_default();
    for first in new.difference(&old) {
        change.put(Key::pair(table, first, second), &())?;
    }
    let gone: Vec<&str> = old.difference(new).copied().collect();
    for first in &gone {
        change.remove(Key::pair(table, first, second));
    }
    Ok(gone)
}

/// Writes sources, and removes those among them and among `left` that nobody follows any more;
/// answers those that were removed.
pub(super) fn put_sources(sources: Vec<Source>, left: BTreeSet<SourceId>, change: &mut Change<'_>) -> Result<BTreeSet<SourceId>> {
    let mut removed = BTreeSet::new();
    for source in sources {
        let id = source.id.clone();
        // One that still sends has to be told to stop first.
        let stays = source.push.is_some() || is_followed(&id, change)?;
        put_source(source, stays, change)?;
        if !stays {
            items::remove_of(&id, change)?;
            removed.insert(id);
        }
    }
    for id in left {
        let still_sends = change.value::<Source>(&source_key(&id))?.is_some_and(|source| source.push.is_some());
        if !removed.contains(&id) && !still_sends && !is_followed(&id, change)? {
            remove_source(&id, change)?;
            removed.insert(id);
        }
    }
    Ok(removed)
}

/// Whether anybody has an account that follows a source.
pub(super) fn is_followed(id: &SourceId, change: &Change<'_>) -> Result<bool> {
    change.any(&Key::first(Table::Follower, id.as_str()))
}

fn put_source(mut source: Source, followed: bool, change: &mut Change<'_>) -> Result<()> {
    let key = source_key(&source.id);
    let old: Option<Source> = change.value(&key)?;
    if old.as_ref().map_or(0, |old| old.version) != source.version {
        return Err(StoreError::Conflict);
    }
    if let Some(old) = old {
        unlist(&old, change);
    }
    if followed {
        source.version += 1;
        change.put(poll_key(&source), &())?;
        change.put(key, &source)?;
        change.ledger.sources += 1;
    }
    let id = source.id;
    change.then(move |memory| {
        memory.leased_sources.remove(&id);
    });
    Ok(())
}

fn remove_source(id: &SourceId, change: &mut Change<'_>) -> Result<()> {
    if let Some(old) = change.value::<Source>(&source_key(id))? {
        unlist(&old, change);
    }
    let id = id.clone();
    items::remove_of(&id, change)?;
    change.then(move |memory| {
        memory.leased_sources.remove(&id);
    });
    Ok(())
}

/// Takes a source out of its table, its index and the count.
fn unlist(old: &Source, change: &mut Change<'_>) {
    change.remove(source_key(&old.id));
    change.remove(poll_key(old));
    change.ledger.sources -= 1;
}

/// Writes a room and the index of its people.
pub(super) fn put_room(mut room: Room, change: &mut Change<'_>) -> Result<()> {
    let old: Option<Room> = change.value(&room_key(&room.id))?;
    if old.as_ref().map_or(0, |old| old.version) != room.version {
        return Err(StoreError::Conflict);
    }
    room.version += 1;
    let old = old.map(|old| old.members.into_keys().collect::<BTreeSet<_>>()).unwrap_or_default();
    let new: BTreeSet<_> = room.members.keys().cloned().collect();
    for user in new.difference(&old) {
        change.put(Key::pair(Table::Presence, user.as_str(), room.id.as_str()), &())?;
    }
    for user in old.difference(&new) {
        change.remove(Key::pair(Table::Presence, user.as_str(), room.id.as_str()));
    }
    change.put(room_key(&room.id), &room)
}

/// Removes a room and what finds it by its people.
pub(super) fn remove_room(room: &Room, change: &mut Change<'_>) {
    for user in room.members.keys() {
        change.remove(Key::pair(Table::Presence, user.as_str(), room.id.as_str()));
    }
    change.remove(room_key(&room.id));
}

/// Gives out sources that are due.
pub(super) fn lease_sources(now: Timestamp, limit: usize, tables: &Tables, memory: &mut Memory) -> Result<Vec<Source>> {
    let mut leased = Vec::new();
    for entry in polls(tables) {
        let (at, id) = entry?;
        if at > now || leased.len() == limit {
            break;
        }
        if !memory.leased_sources.contains_key(&id) {
            leased.extend(tables.value::<Source>(&source_key(&id))?);
        }
    }
    memory.leased_sources.extend(leased.iter().map(|source| (source.id.clone(), source.version)));
    Ok(leased)
}

/// Has a source be due `now` if it is planned for later than it may be; answers whether it was.
pub(super) fn plan_anew(id: &SourceId, now: Timestamp, change: &mut Change<'_>) -> Result<bool> {
    let Some(source) = change.value::<Source>(&source_key(id))?.filter(|source| source.next_poll_at > source.latest_poll_after(now)) else {
        return Ok(false);
    };
    put_source(Source { next_poll_at: now, ..source }, true, change)?;
    Ok(true)
}

/// Takes a source back from the worker to whom it was given in this version.
pub(super) fn release_source(leased: &Source, memory: &mut Memory) {
    if memory.leased_sources.get(&leased.id) == Some(&leased.version) {
        memory.leased_sources.remove(&leased.id);
    }
}

/// When the next source that nobody holds is due.
pub(super) fn next_poll_at(tables: &Tables, memory: &Memory) -> Result<Option<Timestamp>> {
    let free = |entry: &Result<(Timestamp, SourceId)>| entry.as_ref().map_or(true, |(_, id)| !memory.leased_sources.contains_key(id));
    let first = polls(tables).find(free).transpose()?;
    Ok(first.map(|(at, _)| at))
}

/// The sources by when they are due.
pub(super) fn polls(tables: &Tables) -> impl Iterator<Item = Result<(Timestamp, SourceId)>> + use<> {
    tables.scan(&Key::all(Table::Poll)).filter_map(|entry| match entry {
        Ok((key, _)) => timed_parts(&key).map(|(at, id)| Ok((at, SourceId::new(id)))),
        Err(error) => Some(Err(error)),
    })
}

/// How many contacts all sharers have in use.
pub(super) fn contacts(tables: &Tables) -> Result<u64> {
    let mut count = 0;
    for entry in tables.scan(&Key::all(Table::Sharer)) {
        let (key, bytes) = entry?;
        let sharer: Sharer = decode(&Key::found(Table::Sharer, &key), &bytes)?;
        count += sharer.contacts_in_use() as u64;
    }
    Ok(count)
}

/// The sharers that an index names.
pub(super) fn sharers_at(table: Table, first: &str, tables: &Tables) -> Result<Vec<Sharer>> {
    let users = tables.seconds(table, first)?.into_iter().map(UserId::new);
    users.filter_map(|user| tables.value(&sharer_key(&user)).transpose()).collect()
}

/// The rooms in which a user is.
pub(super) fn rooms_with(user: &UserId, tables: &Tables) -> Result<Vec<Room>> {
    let rooms = tables.seconds(Table::Presence, user.as_str())?.into_iter().map(RoomId::new);
    rooms.filter_map(|room| tables.value(&room_key(&room)).transpose()).collect()
}
