//! Reading what is stored. Writing is `change`'s and `writer`'s.

use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::codec::decode;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use serde::de::DeserializeOwned;
use sled::Db;
use sled::IVec;
use std::ops::Bound;

/// The tree of all tables.
#[derive(Clone, Debug)]
pub(super) struct Tables(Db);

impl Tables {
    pub(super) const fn new(db: Db) -> Self {
        Self(db)
    }

    pub(super) const fn db(&self) -> &Db {
        &self.0
    }

    /// The bytes at `key`.
    pub(super) fn bytes(&self, key: &Key) -> Result<Option<IVec>> {
        Ok(self.0.get(key.bytes())?)
    }

    /// The bytes at a key as it stands in the database.
    pub(super) fn at(&self, key: &[u8]) -> Result<Option<IVec>> {
        Ok(self.0.get(key)?)
    }

    /// All keys of all tables, in order, and what stands there.
    pub(super) fn everything(&self) -> impl Iterator<Item = Result<(IVec, IVec)>> + use<> {
        self.0.iter().map(|entry| Ok(entry?))
    }

    /// The value at `key`.
    pub(super) fn value<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        self.bytes(key)?.map(|bytes| decode(key, &bytes)).transpose()
    }

    /// The keys that begin with `prefix`, in order, and what stands there.
    pub(super) fn scan(&self, prefix: &Key) -> impl Iterator<Item = Result<(IVec, IVec)>> + use<> {
        self.0.scan_prefix(prefix.bytes()).map(|entry| Ok(entry?))
    }

    /// Up to `limit` keys of a table that come after one, and what stands there.
    pub(super) fn page(&self, table: Table, after: Option<&[u8]>, limit: usize) -> Result<Vec<(Key, IVec)>> {
        let all = Key::all(table);
        let from = after.map_or(Bound::Included(all.bytes()), Bound::Excluded);
        let entries = self.0.range::<&[u8], _>((from, Bound::Unbounded)).map(|entry| Ok(entry?));
        let own = entries.take_while(|entry: &Result<(IVec, IVec)>| entry.as_ref().map_or(true, |(key, _)| key.starts_with(all.bytes())));
        own.take(limit).map(|entry| entry.map(|(key, bytes)| (Key::found(table, &key), bytes))).collect()
    }

    /// The values whose keys begin with `prefix`, in the order of the keys.
    pub(super) fn values<T: DeserializeOwned>(&self, prefix: &Key) -> impl Iterator<Item = Result<T>> + use<T> {
        let table = prefix.table();
        self.scan(prefix).map(move |entry| entry.and_then(|(key, bytes)| decode(&Key::found(table, &key), &bytes)))
    }

    /// The values whose keys begin with `prefix`, the last key first.
    pub(super) fn values_back<T: DeserializeOwned>(&self, prefix: &Key) -> impl Iterator<Item = Result<T>> + use<T> {
        let table = prefix.table();
        let entries = self.0.scan_prefix(prefix.bytes()).rev();
        entries.map(move |entry| entry.map_err(StoreError::from).and_then(|(key, bytes)| decode(&Key::found(table, &key), &bytes)))
    }

    /// The second parts of the pairs that begin with `first`.
    pub(super) fn seconds(&self, table: Table, first: &str) -> Result<Vec<String>> {
        let prefix = Key::first(table, first);
        let second = |key: &[u8]| String::from_utf8_lossy(&key[prefix.bytes().len()..]).into_owned();
        self.scan(&prefix).map(|entry| entry.map(|(key, _)| second(&key))).collect()
    }
}
