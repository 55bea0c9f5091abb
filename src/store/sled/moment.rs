//! Everything as it is at one moment, read while others write: whoever reads takes the keys one after
//! the other, and the writer keeps for her what it is about to change and she has not come to.

use crate::store::Exported;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::Core;
use crate::store::sled::change::Writes;
use crate::store::sled::directory;
use crate::store::sled::dump::Dump;
use crate::store::sled::keys::Key;
use crate::store::sled::tables::Tables;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// What was changed since the moment, for the one who reads it now.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Option<Before>>);

/// What stood at keys that were changed since; nothing: nothing stood there.
#[derive(Debug, Default)]
struct Before {
    values: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Up to which key everything has been read.
    read_to: Vec<u8>,
}

/// A key and what stands there.
type Entry = (Vec<u8>, Vec<u8>);

impl Kept {
    fn get(&self) -> MutexGuard<'_, Option<Before>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what is about to be changed, where somebody needs it.
    pub(super) fn keep<'w>(&self, keys: impl Iterator<Item = &'w [u8]>, tables: &Tables) -> Result<()> {
        let mut kept = self.get();
        let Some(before) = kept.as_mut() else { return Ok(()) };
        for key in keys {
            if key > before.read_to.as_slice() && !before.values.contains_key(key) {
                let old = tables.at(key)?.map(|bytes| bytes.to_vec());
                before.values.insert(key.to_vec(), old);
            }
        }
        Ok(())
    }

    /// What is to be read in the place of `found`, the next key in the database; at its end nothing.
    fn instead(&self, found: Option<Entry>) -> Vec<Entry> {
        let mut kept = self.get();
        let Some(before) = kept.as_mut() else { return found.into_iter().collect() };
        let mut taken = std::mem::take(&mut before.values);
        if let Some((key, bytes)) = found {
            before.values = taken.split_off(&key);
            let old = before.values.remove(&key);
            before.read_to.clone_from(&key);
            taken.insert(key, old.unwrap_or(Some(bytes)));
        }
        taken.into_iter().filter_map(|(key, bytes)| Some((key, bytes?))).collect()
    }
}

/// Somebody who reads the moment; it ends with her.
pub(super) struct Reading(Arc<Core>);

impl Reading {
    /// Begins the moment: what the writer has written until now, and nothing that it writes later. Called
    /// in the writer's thread, by one at a time.
    pub(super) fn begin(core: Arc<Core>) -> Self {
        *core.kept.get() = Some(Before::default());
        Self(core)
    }

    /// Hands on everything as it was, in the order of the keys.
    pub(super) fn all(&self, mut each: impl FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
        for entry in self.0.tables.everything() {
            let (key, bytes) = entry?;
            self.hand_on(Some((key.to_vec(), bytes.to_vec())), &mut each)?;
        }
        self.hand_on(None, &mut each)
    }

    fn hand_on(&self, found: Option<Entry>, each: &mut impl FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
        self.0.kept.instead(found).iter().try_for_each(|(key, bytes)| each(key, bytes))
    }
}

/// Writes everything, as it was at the moment, into a new file.
pub(super) fn export(reading: &Reading, to: &Path) -> Result<Exported> {
    let mut dump = Dump::create(to, directory::newest_schema())?;
    let schema = directory::schema_key();
    reading.all(|key, bytes| {
        if key == schema.bytes() {
            return Ok(());
        }
        let key = Key::of_any_table(key).ok_or_else(|| StoreError::Failed("there is a value of a table that is not known".into()))?;
        dump.value(&key, bytes)
    })?;
    dump.finish()
}

impl Drop for Reading {
    fn drop(&mut self) {
        *self.0.kept.get() = None;
    }
}

/// The keys of what is about to be written.
pub(super) fn keys(writes: &Writes) -> impl Iterator<Item = &[u8]> {
    writes.keys().map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::Before;
    use super::Kept;

    fn entry(key: &str, value: &str) -> (Vec<u8>, Vec<u8>) {
        (key.into(), value.into())
    }

    /// As if the writer had changed `key`, where `old` stood.
    fn change(kept: &Kept, key: &str, old: Option<&str>) {
        let mut before = kept.get();
        let before = before.as_mut().unwrap();
        if key.as_bytes() > before.read_to.as_slice() {
            before.values.entry(key.into()).or_insert(old.map(Into::into));
        }
    }

    #[test]
    fn what_changed_since_is_read_as_it_was() {
        let kept = Kept::default();
        *kept.get() = Some(Before::default());
        change(&kept, "b", Some("old"));
        change(&kept, "c", Some("gone"));
        change(&kept, "d", None);
        assert_eq!(kept.instead(Some(entry("a", "1"))), [entry("a", "1")]);
        change(&kept, "a", Some("1"));
        assert_eq!(kept.instead(Some(entry("b", "new"))), [entry("b", "old")]);
        change(&kept, "b", Some("new"));
        // `c` was removed since, `d` is new.
        assert_eq!(kept.instead(Some(entry("d", "new"))), [entry("c", "gone")]);
        change(&kept, "e", Some("last"));
        assert_eq!(kept.instead(None), [entry("e", "last")]);
    }
}
