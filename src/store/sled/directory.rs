//! The directory of the database: opening it, making a new one, and refusing one that is damaged,
//! of a newer version, or in use, without changing anything in it.
//!
//! sled's recovery writes: opening a damaged database may cut off or overwrite what could still be
//! saved, and may succeed with nothing in it. So a directory with files is opened as a copy first,
//! and itself only if the copy holds the schema. The copy is spared where the files are just as
//! they were left.

use crate::store::Exported;
use crate::store::Named;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::codec::decode;
use crate::store::sled::codec::encode;
use crate::store::sled::dump;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::named::named_key;
use sled::Batch;
use sled::Config;
use sled::Db;
use sled::Mode;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Brings a database from one schema to the next.
type Migration = fn(&Db) -> Result<()>;

/// The migrations, the one from schema 1 first.
const MIGRATIONS: &[Migration] = &[];

/// A file that stands there while a new database is being made: then no schema means no damage.
const UNFINISHED: &str = "unfinished";

/// A file that stands there while an export is imported: what else is there is no whole database.
const UNFINISHED_IMPORT: &str = "unfinished-import";

/// The same while a backup is restored, from before its keys are brought; it names where they go.
const UNFINISHED_RESTORE: &str = "unfinished-restore";

/// How many values are imported at once.
const AT_ONCE: u64 = 1_000;

/// Where the copy stands while it is tried.
const COPY: &str = "trial-copy";

/// A file that says how the others looked when the database was closed.
const CLOSED: &str = "closed";

/// The schema this program writes.
pub(super) fn newest_schema() -> u32 {
    u32::try_from(MIGRATIONS.len()).map_or(u32::MAX, |count| count + 1)
}

/// Opens the database at `path`, or makes it where nothing is.
pub(super) fn open(path: &Path) -> Result<Db> {
    fs::create_dir_all(path)?;
    refuse_unfinished(path)?;
    if path.join(UNFINISHED).exists() || fs::read_dir(path)?.next().is_none() {
        make(path)
    } else {
        if !is_as_left(path)? {
            try_a_copy(path)?;
        }
        let db = open_files(path)?;
        let schema = known_schema(&db, path)?;
        migrate(&db, schema, MIGRATIONS)?;
        Ok(db)
    }
}

fn refuse_unfinished(path: &Path) -> Result<()> {
    if path.join(UNFINISHED_IMPORT).exists() {
        return Err(StoreError::UnfinishedImport { path: path.display().to_string() });
    }
    if path.join(UNFINISHED_RESTORE).exists() {
        return Err(StoreError::UnfinishedRestore { path: path.display().to_string() });
    }
    Ok(())
}

/// Makes a new database at `path` of an export: whole, or marked as unfinished and refused.
pub(super) fn import(path: &Path, from: &Path) -> Result<Exported> {
    make_of(path, from, UNFINISHED_IMPORT, None)
}

/// Marks `path` as the place of a backup that is about to be restored, with its keys at `keys`.
pub(super) fn begin_restore(path: &Path, keys: &Path) -> Result<File> {
    make_room(path, UNFINISHED_RESTORE)?;
    let mut mark = mark(path, UNFINISHED_RESTORE)?;
    lock_file(&mark, path)?;
    clear(path, UNFINISHED_RESTORE)?;
    mark.set_len(0)?;
    mark.write_all(keys.as_os_str().as_bytes())?;
    mark.sync_all()?;
    Ok(mark)
}

/// Whether such a restore has begun and not ended.
pub(super) fn is_being_restored(path: &Path, keys: &Path) -> Result<bool> {
    let mut mark = match File::open(path.join(UNFINISHED_RESTORE)) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(false),
        mark => mark?,
    };
    lock_file(&mark, path)?;
    let mut named = Vec::new();
    mark.read_to_end(&mut named)?;
    Ok(named == keys.as_os_str().as_bytes())
}

/// The same as [`import`] into what [`begin_restore`] marked, noting that the database is of a backup.
pub(super) fn restore(path: &Path, from: &Path) -> Result<Exported> {
    make_of(path, from, UNFINISHED_RESTORE, Some(Named::Restored))
}

fn make_of(path: &Path, from: &Path, unfinished: &str, noted: Option<Named>) -> Result<Exported> {
    // Read twice, so that nothing is begun with what cannot be finished.
    dump::read(from, check_schema, |_, _| Ok(()))?;
    make_room(path, unfinished)?;
    mark(path, unfinished)?;
    clear(path, unfinished)?;
    let imported = import_into(&open_files(path)?, from, noted)?;
    sync_files(path)?;
    note_closed(path)?;
    fs::remove_file(path.join(unfinished))?;
    File::open(path)?.sync_all()?;
    Ok(imported)
}

/// Has it stand on the disk that what will be in a directory is not whole yet.
fn mark(path: &Path, unfinished: &str) -> Result<File> {
    let mark = OpenOptions::new().write(true).create(true).truncate(false).open(path.join(unfinished))?;
    mark.sync_all()?;
    File::open(path)?.sync_all()?;
    // The directory itself may be new.
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    Ok(mark)
}

fn import_into(db: &Db, from: &Path, noted: Option<Named>) -> Result<Exported> {
    let mut batch = Batch::default();
    let mut waiting = 0;
    let imported = dump::read(from, check_schema, |key, bytes| {
        batch.insert(key.into_bytes(), bytes);
        waiting += 1;
        if waiting % AT_ONCE == 0 {
            db.apply_batch(std::mem::take(&mut batch))?;
        }
        Ok(())
    })?;
    db.apply_batch(batch)?;
    write_schema(db, imported.schema)?;
    migrate(db, imported.schema, MIGRATIONS)?;
    if let Some(name) = noted {
        db.insert(named_key(&name).bytes(), encode(&String::new())?)?;
    }
    db.flush()?;
    Ok(imported)
}

fn check_schema(found: u32) -> Result<()> {
    if found > newest_schema() { Err(StoreError::TooNew { found, known: newest_schema() }) } else { Ok(()) }
}

/// Makes the directory of a database, which may hold nothing but what an earlier attempt left `unfinished`.
fn make_room(path: &Path, unfinished: &str) -> Result<()> {
    fs::create_dir_all(path)?;
    if path.join(unfinished).exists() {
        return Ok(());
    }
    refuse_unfinished(path)?;
    match fs::read_dir(path)?.next() {
        None => Ok(()),
        Some(_) => Err(StoreError::NotEmpty { path: path.display().to_string() }),
    }
}

/// Removes what an earlier attempt left in a directory that is marked as `unfinished`.
fn clear(path: &Path, unfinished: &str) -> Result<()> {
    let _lock = path.join("db").exists().then(|| lock(path)).transpose()?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != unfinished {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Has everything below a directory reach the disk: sled never syncs the file in which it notes how it was
/// set up, and takes a database without it for another one.
fn sync_files(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_files(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(path)?.sync_all()
}

/// Opens the files, if nobody else has them.
fn open_files(path: &Path) -> Result<Db> {
    config(path).open().map_err(|error| match &error {
        // sled has no error of its own for it.
        sled::Error::Io(io) if io.to_string().starts_with("could not acquire lock") => in_use(path),
        _ => error.into(),
    })
}

fn config(path: &Path) -> Config {
    Config::new()
        .path(path)
        .mode(Mode::LowSpace)
        .cache_capacity(16 * 1024 * 1024)
        // Each change is flushed before it is reported as done.
        .flush_every_ms(None)
}

/// Makes a new database. Killed meanwhile, it is gone on with at the next start.
fn make(path: &Path) -> Result<Db> {
    File::create(path.join(UNFINISHED))?.sync_all()?;
    File::open(path)?.sync_all()?;
    let db = open_files(path)?;
    if schema_of(&db)?.is_none() {
        write_schema(&db, newest_schema())?;
    }
    let schema = known_schema(&db, path)?;
    migrate(&db, schema, MIGRATIONS)?;
    // sled never syncs the file in which it notes how it was set up, and does not open a database without it.
    sync_files(path)?;
    fs::remove_file(path.join(UNFINISHED))?;
    File::open(path)?.sync_all()?;
    Ok(db)
}

/// Where the schema stands.
pub(super) fn schema_key() -> Key {
    Key::text(Table::Meta, "schema")
}

fn schema_of(db: &Db) -> Result<Option<u32>> {
    let bytes = db.get(schema_key().bytes())?;
    bytes.map(|bytes| decode(&schema_key(), &bytes)).transpose()
}

fn write_schema(db: &Db, schema: u32) -> Result<()> {
    db.insert(schema_key().bytes(), encode(&schema)?)?;
    db.flush()?;
    Ok(())
}

/// The schema, if there is one and this program knows it.
fn known_schema(db: &Db, path: &Path) -> Result<u32> {
    match schema_of(db)? {
        None => Err(damaged(path)),
        Some(found) => check_schema(found).map(|()| found),
    }
}

fn in_use(path: &Path) -> StoreError {
    StoreError::InUse { path: path.display().to_string() }
}

fn damaged(path: &Path) -> StoreError {
    StoreError::Damaged { path: path.display().to_string() }
}

/// Brings a database of `schema` to the newest one, step by step: what was begun is done anew.
fn migrate(db: &Db, schema: u32, migrations: &[Migration]) -> Result<()> {
    for (migration, from) in migrations.iter().zip(1..).filter(|(_, from)| *from >= schema) {
        migration(db)?;
        write_schema(db, from + 1)?;
    }
    Ok(())
}

/// Opens a copy of what stands in `path`, and says whether it holds a schema that is known.
fn try_a_copy(path: &Path) -> Result<()> {
    let _lock = lock(path)?;
    let copy = path.join(COPY);
    remove(&copy)?;
    let tried = copy_files(path, &copy).map_err(StoreError::from).and_then(|()| {
        let db = config(&copy).open().map_err(|error| {
            tracing::error!(%error, path = %path.display(), "a copy of the database cannot be opened");
            damaged(path)
        })?;
        known_schema(&db, path)
    });
    remove(&copy)?;
    tried.map(|_| ())
}

/// Notes how the files look, after the last change.
pub(super) fn note_closed(path: &Path) -> Result<()> {
    Ok(fs::write(path.join(CLOSED), looks(path)?)?)
}

/// Whether nobody touched the files since they were noted. A note from before a later change does
/// not fit any more, so it need not be removed.
fn is_as_left(path: &Path) -> io::Result<bool> {
    match fs::read_to_string(path.join(CLOSED)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        noted => Ok(noted? == looks(path)?),
    }
}

/// Names, lengths and times of sled's files.
fn looks(path: &Path) -> io::Result<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if matches!(name.as_str(), "db" | "conf" | "blobs") || name.starts_with("snap.") {
            let data = entry.metadata()?;
            lines.push(format!("{name} {} {}.{:09}\n", data.len(), data.mtime(), data.mtime_nsec()));
        }
    }
    lines.sort();
    Ok(lines.concat())
}

/// Keeps others away while the copy is made; sled has a lock of its own on the same file.
fn lock(path: &Path) -> Result<File> {
    let file = match File::open(path.join("db")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged(path)),
        file => file?,
    };
    lock_file(&file, path)?;
    Ok(file)
}

fn lock_file(file: &File, path: &Path) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(in_use(path)),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    let entries = fs::read_dir(from)?.collect::<io::Result<Vec<_>>>()?;
    fs::create_dir(to)?;
    for entry in entries {
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;
    use super::Migration;
    use super::make;
    use super::migrate;
    use super::schema_of;
    use super::write_schema;
    use crate::store::Result;
    use crate::store::StoreError;
    use sled::Db;
    use tempfile::TempDir;

    fn count(db: &Db, name: &str) {
        let before = db.get(name).unwrap().map_or(0, |bytes| bytes[0]);
        db.insert(name, &[before + 1]).unwrap();
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is a migration")]
    fn first(db: &Db) -> Result<()> {
        count(db, "first");
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is a migration")]
    fn second(db: &Db) -> Result<()> {
        count(db, "second");
        Ok(())
    }

    fn fails(_: &Db) -> Result<()> {
        Err(StoreError::Conflict)
    }

    #[test]
    fn each_migration_is_made_once_in_order_and_the_one_that_failed_anew() {
        let directory = TempDir::new().unwrap();
        let db = make(directory.path()).unwrap();
        write_schema(&db, 1).unwrap();
        let done = |name: &str| db.get(name).unwrap().map_or(0, |bytes| bytes[0]);
        let failing: [Migration; 2] = [first, fails];
        assert!(migrate(&db, 1, &failing).is_err());
        assert_eq!((schema_of(&db).unwrap(), done("first")), (Some(2), 1));
        migrate(&db, 2, &[first, second]).unwrap();
        assert_eq!((schema_of(&db).unwrap(), done("first"), done("second")), (Some(3), 1, 1));
        migrate(&db, 3, &[first, second]).unwrap();
        assert_eq!((done("first"), done("second")), (1, 1));
    }

    #[test]
    fn a_new_database_has_the_newest_schema() {
        let directory = TempDir::new().unwrap();
        let schema = schema_of(&make(directory.path()).unwrap()).unwrap();
        assert_eq!(schema, Some(u32::try_from(MIGRATIONS.len()).unwrap() + 1));
    }
}
