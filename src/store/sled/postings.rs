//! Postings and what finds them: by the items they show, by sharer and room, boards and panels. When
//! one is to be revised is `revisions`'s.

use crate::domain::delivery::Posting;
use crate::domain::delivery::Shown;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::ExternalId;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::UserId;
use crate::domain::panel::Scope;
use crate::store::Result;
use crate::store::sled::change::Change;
use crate::store::sled::codec::encode;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::tables::Tables;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;

/// The largest posting, in bytes; of a larger one the content is not kept.
const LARGEST: usize = 64 * 1024;

/// What is kept instead.
const NO_CONTENT: &str = "{}";

/// A posting as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    /// The order in which they were posted; 0: before there was one.
    #[serde(default)]
    number: u64,
    /// The posting.
    #[serde(flatten)]
    pub(super) posting: Posting,
}

/// What an edit makes of a posting.
#[derive(Debug)]
pub(super) struct Edit {
    /// The new content.
    pub(super) content: String,
    /// What it shows now.
    pub(super) shows: Vec<Shown>,
    /// What it is now; none: what it was.
    pub(super) what: Option<What>,
}

/// Where a posting stands.
pub(super) fn posting_key(event: &EventId) -> Key {
    Key::text(Table::Posting, event.as_str())
}

fn showing(source: &SourceId, item: &ExternalId) -> Key {
    Key::firsts(Table::Showing, source.as_str(), item.as_str())
}

fn posted_to(sharer: &UserId, room: &RoomId) -> Key {
    Key::firsts(Table::PostedTo, sharer.as_str(), room.as_str())
}

fn board_key(sharer: &UserId, room: &RoomId) -> Key {
    Key::pair(Table::Board, sharer.as_str(), room.as_str())
}

fn panel_key(owner: &UserId, scope: &Scope) -> Key {
    Key::pair(Table::Panel, owner.as_str(), &scope.key())
}

impl Row {
    /// The keys under which it is found by what it shows.
    fn indexed(&self) -> BTreeSet<Key> {
        let items = self.posting.shows.iter().map(|shown| showing(&shown.source, &shown.external_id));
        let sharer = self.posting.what.sharer().filter(|_| !self.posting.shows.is_empty());
        let to = sharer.map(|sharer| posted_to(sharer, &self.posting.room));
        items.chain(to).map(|key| key.downwards(self.number, self.posting.event.as_str())).collect()
    }

    /// The key under which it is found as the only one of its kind.
    fn single(&self) -> Option<Key> {
        match &self.posting.what {
            What::Board { sharer, .. } => Some(board_key(sharer, &self.posting.room)),
            What::Panel { panel, .. } => Some(panel_key(&panel.owner, &panel.scope)),
            _ => None,
        }
    }

    fn put(&self, change: &mut Change<'_>) -> Result<()> {
        let mut bytes = encode(self)?;
        if bytes.len() > LARGEST {
            bytes = encode(&Self { number: self.number, posting: Posting { content: NO_CONTENT.to_owned(), ..self.posting.clone() } })?;
        }
        change.put_bytes(posting_key(&self.posting.event), bytes);
        Ok(())
    }
}

fn need_shown(posting: &Posting, change: &mut Change<'_>) {
    for shown in &posting.shows {
        change.need(shown.trade.as_str());
    }
}

/// Writes a posting that is new.
pub(super) fn add(posting: Posting, change: &mut Change<'_>) -> Result<Row> {
    let row = Row { number: change.number(), posting };
    need_shown(&row.posting, change);
    row.put(change)?;
    for key in row.indexed() {
        change.put(key, &())?;
    }
    if let Some(key) = row.single() {
        change.put(key, &row.posting.event)?;
    }
    Ok(row)
}

/// Changes a posting, unless it was withdrawn or is not ours; answers how it was and how it is.
pub(super) fn edit(event: &EventId, edit: Edit, change: &mut Change<'_>) -> Result<Option<(Posting, Row)>> {
    let Some(old) = standing(event, change)? else {
        return Ok(None);
    };
    let mut posting = Posting { content: edit.content, shows: edit.shows, ..old.posting.clone() };
    if let Some(what) = edit.what {
        posting.what = what;
    }
    let row = Row { number: old.number, posting };
    need_shown(&row.posting, change);
    row.put(change)?;
    let (before, after) = (old.indexed(), row.indexed());
    for key in before.difference(&after) {
        change.remove(key.clone());
    }
    for key in after.difference(&before) {
        change.put(key.clone(), &())?;
    }
    if old.single() != row.single()
        && let Some(key) = named(&old, change)?
    {
        change.remove(key);
        if let Some(key) = row.single() {
            change.put(key, event)?;
        }
    }
    Ok(Some((old.posting, row)))
}

/// Marks a posting as withdrawn: nothing finds it any more but its event.
pub(super) fn withdraw(event: &EventId, at: Timestamp, change: &mut Change<'_>) -> Result<()> {
    let Some(mut row) = standing(event, change)? else {
        return Ok(());
    };
    for key in row.indexed().into_iter().chain(named(&row, change)?) {
        change.remove(key);
    }
    row.posting.withdrawn_at = Some(at);
    row.put(change)
}

/// Whether a posting is the one of its kind: the board that stands, or the newest panel of its scope.
pub(super) fn is_the_one(row: &Row, change: &Change<'_>) -> Result<bool> {
    Ok(named(row, change)?.is_some())
}

/// Forgets a posting altogether.
pub(super) fn forget(row: &Row, change: &mut Change<'_>) -> Result<()> {
    for key in row.indexed().into_iter().chain(named(row, change)?) {
        change.remove(key);
    }
    change.remove(posting_key(&row.posting.event));
    Ok(())
}

/// The key under which a posting is found as the only one of its kind, if no newer one is found there.
fn named(row: &Row, change: &Change<'_>) -> Result<Option<Key>> {
    let Some(key) = row.single() else { return Ok(None) };
    let event: Option<EventId> = change.value(&key)?;
    Ok(Some(key).filter(|_| event.as_ref() == Some(&row.posting.event)))
}

/// A posting that has not been withdrawn.
fn standing(event: &EventId, change: &Change<'_>) -> Result<Option<Row>> {
    let row: Option<Row> = change.value(&posting_key(event))?;
    Ok(row.filter(|row| row.posting.withdrawn_at.is_none()))
}

/// The postings that show an item, as this change leaves them, in no order.
pub(super) fn that_show(source: &SourceId, item: &ExternalId, change: &Change<'_>) -> Result<Vec<Row>> {
    let prefix = showing(source, item);
    let keys = change.keys(&prefix).collect::<Result<Vec<_>>>()?;
    let events = keys.iter().map(|key| EventId::new(prefix.downwards_text(key)));
    events.filter_map(|event| standing(&event, change).transpose()).collect()
}

/// What stands at an event.
pub(super) fn posting(event: &EventId, tables: &Tables) -> Result<Option<Posting>> {
    tables.value(&posting_key(event))
}

/// The postings that show an item, newest first.
pub(super) fn of_item(source: &SourceId, item: &ExternalId, tables: &Tables) -> Result<Vec<Posting>> {
    newest(&showing(source, item), tables).collect()
}

/// The newest postings in a room that show trades of a sharer.
pub(super) fn to_room(sharer: &UserId, room: &RoomId, limit: usize, tables: &Tables) -> Result<Vec<Posting>> {
    newest(&posted_to(sharer, room), tables).take(limit).collect()
}

/// The postings that an index names, newest first.
fn newest<'a>(prefix: &'a Key, tables: &'a Tables) -> impl Iterator<Item = Result<Posting>> + use<'a> {
    tables.scan(prefix).filter_map(|entry| {
        let read = entry.and_then(|(key, _)| posting(&EventId::new(prefix.downwards_text(&key)), tables));
        read.map(|found| found.filter(|posting| posting.withdrawn_at.is_none())).transpose()
    })
}

/// The board of a sharer in a room.
pub(super) fn board(sharer: &UserId, room: &RoomId, tables: &Tables) -> Result<Option<Posting>> {
    let Some(event) = tables.value::<EventId>(&board_key(sharer, room))? else {
        return Ok(None);
    };
    Ok(posting(&event, tables)?.filter(|posting| posting.withdrawn_at.is_none()))
}

/// The panel that was posted last.
pub(super) fn panel(owner: &UserId, scope: &Scope, tables: &Tables) -> Result<Option<EventId>> {
    tables.value(&panel_key(owner, scope))
}
