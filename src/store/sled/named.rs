//! Small values under names of their own. What they say is not its business.

use crate::store::Named;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::change::Change;
use crate::store::sled::codec::encode;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::tables::Tables;

/// The largest one, in bytes.
const LARGEST: usize = 64 * 1024;

/// The first part of the keys of what was read.
pub(super) const SAID: &str = "said";

/// The first part of the keys of addresses of ours.
pub(super) const HOOK: &str = "hook";

/// The first part of the keys of links that are good once.
pub(super) const LINK: &str = "link";

/// The names are part of the schema.
pub(super) fn named_key(name: &Named) -> Key {
    match name {
        Named::Heard(sharer) => Key::pair(Table::Named, "heard", sharer.as_str()),
        Named::Said(ciphertext) => Key::pair(Table::Named, SAID, ciphertext),
        Named::CardsOf(sharer) => Key::pair(Table::Named, "cards-of", sharer.as_str()),
        Named::Day(what) => Key::pair(Table::Named, "day", what),
        Named::Hook(token) => Key::pair(Table::Named, HOOK, token),
        Named::Link(token) => Key::pair(Table::Named, LINK, token),
        Named::SealedSecrets => Key::pair(Table::Named, "sealed-secrets", ""),
        Named::Restored => Key::pair(Table::Named, "restored", ""),
        Named::BotIdentity => Key::pair(Table::Named, "bot-identity", ""),
    }
}

/// The beginning of the keys of links that are good once.
pub(super) fn links() -> Key {
    Key::first(Table::Named, "link")
}

/// Writes a value, or forgets it.
pub(super) fn put(name: &Named, value: Option<String>, change: &mut Change<'_>) -> Result<()> {
    let Some(value) = value else {
        change.remove(named_key(name));
        return Ok(());
    };
    let bytes = encode(&value)?;
    if bytes.len() > LARGEST {
        return Err(StoreError::TooLarge { kind: Table::Named.kind() });
    }
    change.put_bytes(named_key(name), bytes);
    Ok(())
}

/// A value.
pub(super) fn value(name: &Named, tables: &Tables) -> Result<Option<String>> {
    tables.value(&named_key(name))
}
