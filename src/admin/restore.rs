//! Reading a backup back into empty places.

use crate::admin::files;
use crate::admin::manifest::KEY_FILE;
use crate::admin::manifest::KEYS;
use crate::admin::manifest::Manifest;
use crate::admin::manifest::STORE;
use crate::admin::request::AdminError;
use crate::admin::request::Kind;
use crate::store::StoreError;
use crate::store::sled::SledStore;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::path::PathBuf;

/// Where a backup is restored to.
#[derive(Clone, Debug)]
pub struct Places {
    /// The directory of the database.
    pub database: PathBuf,
    /// The directory of the devices' keys.
    pub keys: PathBuf,
    /// The key file, which may be there already if it is the same.
    pub key_file: PathBuf,
}

/// Restores a backup whose files are as they were written. What was sent since it was made is not sent again:
/// the store is told to look for it.
pub async fn restore(directory: &Path, to: &Places) -> Result<Manifest, AdminError> {
    let (from, places) = (directory.to_owned(), to.clone());
    let brought = tokio::task::spawn_blocking(move || bring_back(&from, &places)).await;
    brought.map_err(|error| AdminError::new(Kind::Files, error, ""))?
}

/// Puts everything into its place, the database last. Its place is marked from the beginning to the end: what is
/// marked nobody opens, and all that is in the places then was brought by a restore that was interrupted.
fn bring_back(directory: &Path, to: &Places) -> Result<Manifest, AdminError> {
    let manifest = Manifest::read(directory)?;
    let has_begun = SledStore::is_being_restored(&to.database, &to.keys).map_err(not_stored)?;
    for place in [&to.database, &to.keys] {
        if !has_begun && !files::is_free(place).map_err(|error| failed(place, &error))? {
            let text =
                format!("{} is not empty: a backup is restored only where nothing is, and nothing has been changed", place.display());
            return Err(AdminError::new(Kind::Files, text, "stop tradepost and move it away"));
        }
    }
    let key_in_backup = manifest.files.contains_key(KEY_FILE).then(|| directory.join(KEY_FILE));
    let brings_key = has_to_bring_key(&manifest, &to.key_file, key_in_backup.is_some())?;
    let _restoring = SledStore::begin_restore(&to.database, &to.keys).map_err(not_stored)?;
    if let Some(key) = key_in_backup.filter(|_| brings_key) {
        files::put(&key, &to.key_file).map_err(|error| failed(&to.key_file, &error))?;
    }
    files::clear(&to.keys).map_err(|error| failed(&to.keys, &error))?;
    bring_keys(&directory.join(KEYS), &to.keys).map_err(|error| failed(&to.keys, &error))?;
    SledStore::restore(&to.database, &directory.join(STORE)).map_err(not_stored)?;
    Ok(manifest)
}

/// Whether the key file has to come from the backup; refused where the one that is there opens nothing of it,
/// or there is none anywhere.
fn has_to_bring_key(manifest: &Manifest, key_file: &Path, is_in_backup: bool) -> Result<bool, AdminError> {
    let Some(wanted) = &manifest.key else { return Ok(false) };
    let place = key_file.display();
    match files::sum(key_file) {
        Ok((sum, _)) if sum == *wanted => Ok(false),
        Ok(_) => {
            let text = format!("{place} is another key than the backup is sealed with; nothing has been changed");
            Err(AdminError::new(Kind::Files, text, "put the key file of that time there, or move this one away if the backup holds it"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_in_backup => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = format!("the backup was made without its key file, and {place} is not there; nothing has been changed");
            Err(AdminError::new(Kind::Files, text, "put the key file there first: nothing else opens what is sealed"))
        }
        Err(error) => Err(failed(key_file, &error)),
    }
}

fn bring_keys(from: &Path, to: &Path) -> io::Result<()> {
    for device in files::directories(from)? {
        let place = to.join(device.file_name().unwrap_or_default());
        DirBuilder::new().recursive(true).mode(0o700).create(&place)?;
        for database in files::files(&device)? {
            files::copy(&database, &place.join(database.file_name().unwrap_or_default()))?;
        }
    }
    if to.is_dir() { files::sync(to) } else { Ok(()) }
}

/// What to do where something cannot be written.
const WRITE_HINT: &str = "see whether you may write there, and whether the disk is full";

fn failed(path: &Path, error: &io::Error) -> AdminError {
    AdminError::new(Kind::Files, format_args!("{}: {error}", path.display()), WRITE_HINT)
}

fn not_stored(error: StoreError) -> AdminError {
    let hint = match &error {
        StoreError::InUse { .. } => "another restore is at work there; wait until it has ended",
        StoreError::TooNew { .. } | StoreError::NewerExport { .. } => "run the version that made the backup, or a newer one",
        StoreError::NotEmpty { .. } => "stop tradepost and move it away",
        _ => WRITE_HINT,
    };
    AdminError { hint: hint.to_owned(), ..error.into() }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use super::restore;
    use crate::admin::files;
    use crate::admin::manifest::FORMAT;
    use crate::admin::manifest::Manifest;
    use crate::store::Named;
    use crate::store::Store;
    use crate::store::StoreError;
    use crate::store::sled::SledStore;
    use jiff::Timestamp;
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    use tempfile::TempDir;

    /// A backup of an empty store, with keys and a key file.
    async fn backup(root: &Path) -> Manifest {
        let store = SledStore::open(&root.join("before")).unwrap();
        let directory = root.join("backup");
        fs::create_dir_all(directory.join("crypto/TRADEPOST")).unwrap();
        let exported = store.export(&directory.join("store")).await.unwrap();
        fs::write(directory.join("crypto/TRADEPOST/keys.sqlite3"), "keys").unwrap();
        fs::write(directory.join("tradepost.key"), "the key").unwrap();
        let mut manifest = Manifest {
            format: FORMAT,
            version: "1".to_owned(),
            schema: exported.schema,
            values: exported.values,
            made_at: Timestamp::UNIX_EPOCH,
            key: Some(files::sum(&directory.join("tradepost.key")).unwrap().0),
            files: BTreeMap::new(),
        };
        manifest.add_all(&directory, &directory).unwrap();
        manifest.write(&directory).unwrap();
        manifest
    }

    fn places(root: &Path) -> Places {
        Places { database: root.join("data"), keys: root.join("crypto"), key_file: root.join("key") }
    }

    async fn set_up() -> (TempDir, Manifest, Places) {
        let root = tempfile::tempdir().unwrap();
        let manifest = backup(root.path()).await;
        let places = places(root.path());
        (root, manifest, places)
    }

    async fn refusal(root: &TempDir, places: &Places) -> String {
        let before = files::directories(root.path()).unwrap();
        let error = restore(&root.path().join("backup"), places).await.unwrap_err();
        assert_eq!(files::directories(root.path()).unwrap(), before, "nothing was made");
        assert!(!error.hint.is_empty());
        error.text
    }

    #[tokio::test]
    async fn a_backup_comes_back_whole_into_empty_places() {
        let (root, manifest, places) = set_up().await;
        assert_eq!(restore(&root.path().join("backup"), &places).await.unwrap(), manifest);
        assert_eq!(fs::read_to_string(places.keys.join("TRADEPOST/keys.sqlite3")).unwrap(), "keys");
        assert_eq!(fs::read_to_string(&places.key_file).unwrap(), "the key");
        let store = SledStore::open(&places.database).unwrap();
        assert_eq!(store.named(&Named::Restored).await.unwrap(), Some(String::new()));
    }

    #[tokio::test]
    async fn what_was_interrupted_is_opened_by_nobody_and_done_anew() {
        let (root, manifest, places) = set_up().await;
        let device = places.keys.join("TRADEPOST");
        let began = |keys: &Path| drop(SledStore::begin_restore(&places.database, keys).unwrap());
        let brought_keys = || {
            fs::create_dir_all(&device).unwrap();
            fs::write(device.join("keys.sqlite3"), "ke").unwrap();
        };
        let brought_key_file = || fs::write(&places.key_file, "the key").unwrap();
        let brought_database = || fs::write(places.database.join("db"), "half of it").unwrap();
        let steps: [&dyn Fn(); 3] = [&brought_key_file, &brought_keys, &brought_database];
        for killed_after in 0..=steps.len() {
            began(&places.keys);
            steps[..killed_after].iter().for_each(|step| step());
            assert!(matches!(SledStore::open(&places.database), Err(StoreError::UnfinishedRestore { .. })));
            let import = SledStore::import(&places.database, &root.path().join("backup/store"));
            assert!(matches!(import, Err(StoreError::UnfinishedRestore { .. })));
            assert_eq!(restore(&root.path().join("backup"), &places).await.unwrap(), manifest);
            assert_eq!(fs::read_to_string(device.join("keys.sqlite3")).unwrap(), "keys");
            assert_eq!(fs::read_to_string(&places.key_file).unwrap(), "the key");
            assert_eq!(SledStore::open(&places.database).unwrap().named(&Named::Restored).await.unwrap(), Some(String::new()));
            for place in [&places.database, &places.keys] {
                fs::remove_dir_all(place).unwrap();
            }
            fs::remove_file(&places.key_file).unwrap();
        }
        let other = SledStore::begin_restore(&places.database, &places.keys).unwrap();
        assert!(refusal(&root, &places).await.contains("in use"));
        drop(other);
        // Keys that stand elsewhere than those of the restore that was begun are somebody's.
        began(&root.path().join("other keys"));
        brought_keys();
        assert!(refusal(&root, &places).await.contains("is not empty"));
        assert_eq!(fs::read_to_string(device.join("keys.sqlite3")).unwrap(), "ke");
    }

    #[tokio::test]
    async fn a_place_that_is_not_empty_is_refused() {
        for name in ["data", "crypto"] {
            let (root, _, places) = set_up().await;
            fs::create_dir(root.path().join(name)).unwrap();
            fs::write(root.path().join(name).join("mine"), "").unwrap();
            assert!(refusal(&root, &places).await.contains("is not empty"));
        }
    }

    #[tokio::test]
    async fn the_key_file_may_be_there_but_not_be_another() {
        let (root, _, places) = set_up().await;
        fs::write(&places.key_file, "another").unwrap();
        assert!(refusal(&root, &places).await.contains("another key"));
        fs::write(&places.key_file, "the key").unwrap();
        restore(&root.path().join("backup"), &places).await.unwrap();
    }

    #[tokio::test]
    async fn a_backup_without_its_key_needs_the_key_in_its_place() {
        let (root, mut manifest, places) = set_up().await;
        fs::remove_file(root.path().join("backup/tradepost.key")).unwrap();
        manifest.files.remove("tradepost.key");
        manifest.write(&root.path().join("backup")).unwrap();
        assert!(refusal(&root, &places).await.contains("without its key file"));
        fs::write(&places.key_file, "the key").unwrap();
        restore(&root.path().join("backup"), &places).await.unwrap();
    }

    #[tokio::test]
    async fn a_backup_that_was_changed_or_is_of_a_newer_form_is_refused() {
        let (root, mut manifest, places) = set_up().await;
        let keys = root.path().join("backup/crypto/TRADEPOST/keys.sqlite3");
        fs::write(&keys, "kexs").unwrap();
        assert!(refusal(&root, &places).await.contains("is not as it was written"));
        fs::remove_file(&keys).unwrap();
        assert!(refusal(&root, &places).await.contains("cannot be read"));
        manifest.format = FORMAT + 1;
        manifest.write(&root.path().join("backup")).unwrap();
        assert!(refusal(&root, &places).await.contains("knows forms up to"));
    }

    #[tokio::test]
    async fn a_manifest_that_names_files_elsewhere_is_refused() {
        let (root, mut manifest, places) = set_up().await;
        let sum = manifest.files["store"].clone();
        manifest.files.insert("../before".to_owned(), sum);
        manifest.write(&root.path().join("backup")).unwrap();
        assert!(refusal(&root, &places).await.contains("outside"));
    }
}
