//! One change of several tables: what is to be written, seen by the reads that follow, and what
//! memory learns of it. Writing it is `writer`'s.

use crate::store::Result;
use crate::store::sled::Memory;
use crate::store::sled::codec::decode;
use crate::store::sled::codec::encode;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::needed;
use crate::store::sled::tables::Tables;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// How many numbers are taken at once, so that the mark of those taken is seldom written.
const NUMBERS_AT_ONCE: u64 = 1_000;

/// Numbers and counts, kept so that nothing has to be counted at start-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// No number from here on has been given out.
    pub(super) free_from: u64,
    /// How many sharers there are.
    pub(super) sharers: u64,
    /// How many sources there are.
    pub(super) sources: u64,
    /// How many deliveries were given up.
    pub(super) buried: u64,
    /// How many events are parked.
    #[serde(default)]
    pub(super) parked: u64,
    /// How many contacts all sharers have in use; none: they have not been counted yet.
    #[serde(default)]
    pub(super) contacts: Option<u64>,
}

/// What is to be written, by key; nothing means that what stands there goes.
pub(super) type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What memory learns when a change is made.
type Lesson = Box<dyn FnOnce(&mut Memory) + Send>;

/// A change that is being made up.
pub(super) struct Change<'a> {
    tables: &'a Tables,
    /// What was made up before it and is written together with it.
    earlier: &'a Writes,
    writes: Writes,
    lessons: Vec<Lesson>,
    /// Whether a pass of pruning is to know what comes to be needed.
    is_pruning: bool,
    next_number: u64,
    /// The numbers and counts after it.
    pub(super) ledger: Ledger,
}

impl<'a> Change<'a> {
    pub(super) fn new(tables: &'a Tables, earlier: &'a Writes, memory: &Memory) -> Self {
        let (next_number, ledger, is_pruning) = (memory.next_number, memory.ledger, memory.needed.is_some());
        Self { tables, earlier, writes: Writes::new(), lessons: Vec::new(), is_pruning, next_number, ledger }
    }

    /// What is to be written at a key, if anything is.
    fn write(&self, key: &[u8]) -> Option<&Option<Vec<u8>>> {
        self.writes.get(key).or_else(|| self.earlier.get(key))
    }

    /// Whether anything stands at `key`.
    pub(super) fn has(&self, key: &Key) -> Result<bool> {
        match self.write(key.bytes()) {
            Some(write) => Ok(write.is_some()),
            None => Ok(self.tables.bytes(key)?.is_some()),
        }
    }

    /// The value at `key`.
    pub(super) fn value<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        match self.write(key.bytes()) {
            Some(write) => write.as_ref().map(|bytes| decode(key, bytes)).transpose(),
            None => self.tables.value(key),
        }
    }

    /// The keys that begin with `prefix`, in no order.
    pub(super) fn keys(&self, prefix: &Key) -> impl Iterator<Item = Result<Vec<u8>>> {
        let own = keys_put(&self.writes, prefix);
        let earlier = keys_put(self.earlier, prefix).filter(|key| !self.writes.contains_key(*key));
        let stored = self.tables.scan(prefix).filter_map(|entry| match entry {
            Ok((key, _)) => self.write(&key).is_none().then(|| Ok(key.to_vec())),
            Err(error) => Some(Err(error)),
        });
        own.chain(earlier).map(|key| Ok(key.clone())).chain(stored)
    }

    /// The keys that begin with `prefix` and what stands there, in no order.
    pub(super) fn entries(&self, prefix: &Key) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>)>> {
        let own = put(&self.writes, prefix);
        let earlier = put(self.earlier, prefix).filter(|(key, _)| !self.writes.contains_key(*key));
        let stored = self.tables.scan(prefix).filter_map(|entry| match entry {
            Ok((key, bytes)) => self.write(&key).is_none().then(|| Ok((key.to_vec(), bytes.to_vec()))),
            Err(error) => Some(Err(error)),
        });
        own.chain(earlier).map(|(key, bytes)| Ok((key.clone(), bytes.clone()))).chain(stored)
    }

    /// Whether any key begins with `prefix`.
    pub(super) fn any(&self, prefix: &Key) -> Result<bool> {
        Ok(self.keys(prefix).next().transpose()?.is_some())
    }

    /// Writes a value.
    pub(super) fn put<T: Serialize>(&mut self, key: Key, value: &T) -> Result<()> {
        self.put_bytes(key, encode(value)?);
        Ok(())
    }

    /// Writes a value that has been encoded.
    pub(super) fn put_bytes(&mut self, key: Key, bytes: Vec<u8>) {
        self.writes.insert(key.into_bytes(), Some(bytes));
    }

    /// Removes what stands at `key`.
    pub(super) fn remove(&mut self, key: Key) {
        self.remove_bytes(key.into_bytes());
    }

    /// Removes what stands at a key found by [`Self::keys`].
    pub(super) fn remove_bytes(&mut self, key: Vec<u8>) {
        self.writes.insert(key, None);
    }

    /// Takes a number that was never taken before.
    pub(super) fn number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        if self.next_number > self.ledger.free_from {
            self.ledger.free_from = self.next_number + NUMBERS_AT_ONCE;
        }
        number
    }

    /// Whether a pass of pruning goes on.
    pub(super) const fn is_pruning(&self) -> bool {
        self.is_pruning
    }

    /// Says that a trade, an event or an item is needed from now on, should a pass of pruning be about to
    /// forget it.
    pub(super) fn need(&mut self, id: impl AsRef<[u8]>) {
        if self.is_pruning {
            let hash = needed::hash(id);
            self.then(move |memory| {
                if let Some(needed) = &mut memory.needed {
                    needed.add_hash(hash);
                }
            });
        }
    }

    /// Says what memory learns when this is made, in the order of the calls.
    pub(super) fn then(&mut self, lesson: impl FnOnce(&mut Memory) + Send + 'static) {
        self.lessons.push(Box::new(lesson));
    }

    /// Tells memory, and answers what is to be written.
    pub(super) fn make(self, memory: &mut Memory) -> Writes {
        memory.ledger = self.ledger;
        memory.next_number = self.next_number;
        for lesson in self.lessons {
            lesson(memory);
        }
        self.writes
    }
}

/// The keys at which something is to be put that begin with `prefix`.
fn keys_put<'w>(writes: &'w Writes, prefix: &Key) -> impl Iterator<Item = &'w Vec<u8>> {
    put(writes, prefix).map(|(key, _)| key)
}

/// What is to be put at the keys that begin with `prefix`.
fn put<'w>(writes: &'w Writes, prefix: &Key) -> impl Iterator<Item = (&'w Vec<u8>, &'w Vec<u8>)> {
    let prefix = prefix.bytes().to_vec();
    let so = writes.range(prefix.clone()..).take_while(move |(key, _)| key.starts_with(&prefix));
    so.filter_map(|(key, write)| Some((key, write.as_ref()?)))
}

impl Ledger {
    /// Where it stands.
    pub(super) fn key() -> Key {
        Key::text(Table::Meta, "ledger")
    }
}
