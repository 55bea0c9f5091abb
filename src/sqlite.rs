//! Where keys are kept: the store of `matrix-sdk-sqlite`, and how it is copied. It is opened by the program, not by the library, since
//! a crate below it (decancer) adds to `String` what the configuration's derive macro cannot live with.

use matrix_sdk_crypto::store::DynCryptoStore;
use matrix_sdk_crypto::store::IntoCryptoStore;
use matrix_sdk_sqlite::SqliteCryptoStore;
use matrix_sdk_store_encryption::StoreCipher;
use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::OptionalExtension;
use rusqlite::TransactionBehavior;
use std::path::Path;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use tradepost::matrix::crypto::Sealing;
use zeroize::Zeroizing;

/// What opening comes to.
type Opening = Pin<Box<dyn Future<Output = Result<Arc<DynCryptoStore>, String>> + Send>>;

/// Opens the database in a directory, or makes it, sealed with `key`.
pub(crate) fn open(directory: PathBuf, key: Zeroizing<[u8; 32]>) -> Opening {
    Box::pin(async move {
        let store = SqliteCryptoStore::open_with_key(directory, Some(&key)).await;
        store.map(IntoCryptoStore::into_crypto_store).map_err(|error| error.to_string())
    })
}

/// The file in a device's directory.
const FILE: &str = "matrix-sdk-crypto.sqlite3";

/// How the database in `directory` is sealed; unless it is only to look, it is sealed with the first of `keys`
/// afterwards. Everything in it is sealed with a key of its own, which is what is sealed with ours: only that
/// is written anew, in one transaction.
pub(crate) fn reseal(directory: &Path, keys: &[Zeroizing<[u8; 32]>], looks: bool) -> Result<Sealing, String> {
    let file = directory.join(FILE);
    if !file.is_file() {
        return Ok(Sealing::Absent);
    }
    sealed_anew(&file, keys, looks).map_err(|error| error.to_string())
}

fn sealed_anew(file: &Path, keys: &[Zeroizing<[u8; 32]>], looks: bool) -> Result<Sealing, Box<dyn std::error::Error>> {
    let mut database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Nothing is left of what was sealed with the former key.
    database.pragma_update(None, "secure_delete", true)?;
    database.pragma_update(None, "synchronous", "FULL")?;
    let change = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sealed: Option<Vec<u8>> = change.query_row("SELECT value FROM kv WHERE key = 'cipher'", (), |row| row.get(0)).optional()?;
    let (Some(sealed), Some((newest, former))) = (sealed, keys.split_first()) else { return Ok(Sealing::Unopened) };
    if StoreCipher::import_with_key(newest, &sealed).is_ok() {
        return Ok(Sealing::Newest);
    }
    let Some(cipher) = former.iter().find_map(|key| StoreCipher::import_with_key(key, &sealed).ok()) else {
        return Ok(Sealing::Unopened);
    };
    if !looks {
        change.execute("UPDATE kv SET value = ?1 WHERE key = 'cipher'", (cipher.export_with_key(newest)?,))?;
        change.commit()?;
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
    }
    Ok(Sealing::Former)
}

/// What copying comes to.
type Copying = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Copies a database to a file that is not there, as it is at one moment, while others may use it.
pub(crate) fn copy(from: PathBuf, to: PathBuf) -> Copying {
    Box::pin(async move {
        let copying = tokio::task::spawn_blocking(move || copied(&from, &to)).await;
        copying.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    })
}

fn copied(from: &Path, to: &Path) -> rusqlite::Result<()> {
    let database = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    database.busy_timeout(std::time::Duration::from_secs(30))?;
    // It writes only what is in use, and all of it as one reader sees it.
    database.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    Ok(())
}
