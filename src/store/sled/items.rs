//! Items: the last known state of what stands at a source. A changed one has `revisions` look for
//! what shows it.

use crate::domain::ids::SourceId;
use crate::domain::source::Item;
use crate::domain::trade::Kind;
use crate::domain::trade::id_of;
use crate::store::Result;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::revisions;
use crate::store::sled::tables::Tables;

/// Where an item stands.
pub(super) fn item_key(source: &SourceId, external_id: &str) -> Key {
    Key::pair(Table::Item, source.as_str(), external_id)
}

/// Writes an item, and has what shows an older revision of it revised.
pub(super) fn put(item: &Item, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let key = item_key(&item.source, item.external_id.as_str());
    let old: Option<Item> = change.value(&key)?;
    if change.is_pruning() {
        // That this listing was taken back must not be forgotten just now.
        change.need(id_of(&item.source, Kind::Listing, &item.external_id, 0).as_str());
    }
    change.put(key, item)?;
    if item.revision > old.map_or(0, |old| old.revision) { revisions::item_raised(item, memory, change) } else { Ok(()) }
}

/// The items of a source.
pub(super) fn of_source(source: &SourceId, tables: &Tables) -> Result<Vec<Item>> {
    tables.values(&Key::first(Table::Item, source.as_str())).collect()
}

/// Removes the items of a source.
pub(super) fn remove_of(source: &SourceId, change: &mut Change<'_>) -> Result<()> {
    let items = change.keys(&Key::first(Table::Item, source.as_str())).collect::<Result<Vec<_>>>()?;
    for key in items {
        change.remove_bytes(key);
    }
    Ok(())
}
