//! Writing everything down: the store as it is at one moment, the keys of the bot's device, and the key file.
//! The keys of people's devices are left out: nothing would tell them from older ones when they come back.

use super::Admin;
use super::Result;
use crate::admin::files;
use crate::admin::manifest::FORMAT;
use crate::admin::manifest::KEY_FILE;
use crate::admin::manifest::KEYS;
use crate::admin::manifest::Manifest;
use crate::admin::manifest::STORE;
use crate::admin::request::AdminError;
use crate::admin::request::Answer;
use crate::admin::request::Kind;
use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::pin::Pin;

/// Copies a database of keys, from one file to another that is not there, as it is at one moment, also while
/// it is in use.
pub type CopyDatabase = fn(PathBuf, PathBuf) -> Pin<Box<dyn Future<Output = std::result::Result<(), String>> + Send>>;

/// What a backup holds beside the store.
#[derive(Clone, Debug)]
pub struct Files {
    /// The directory of the devices' keys.
    pub keys: PathBuf,
    /// The key file.
    pub key_file: PathBuf,
    /// Copies a database of keys.
    pub copy: CopyDatabase,
}

/// Where people's keys are, within those of the devices.
const PEOPLE: &str = "people";
/// How the name of a database of keys ends.
const DATABASE: &str = "sqlite3";

impl Admin {
    pub(super) async fn export(&self, file: &Path) -> Result<Answer> {
        let exported = self.store.export(file).await?;
        Ok(Answer::Exported { schema: exported.schema, values: exported.values })
    }

    /// Makes a backup in a directory that is not there: whole or not at all.
    pub(super) async fn backup(&self, directory: &Path, with_key: bool) -> Result<Manifest> {
        if !files::is_free(directory).is_ok_and(|is_free| is_free) {
            return Err(is_there(directory));
        }
        let failed = |error: io::Error| not_written(directory, error);
        let made_at = self.clock.now();
        // It is gone if anything fails.
        let owner_only = fs::Permissions::from_mode(0o700);
        let made = tempfile::Builder::new().prefix(".tradepost-backup-").permissions(owner_only).tempdir_in(files::parent(directory));
        let unfinished = made.map_err(failed)?;
        let root = unfinished.path().to_owned();
        let exported = self.store.export(&root.join(STORE)).await.map_err(|error| not_written(directory, AdminError::from(error).text))?;
        self.copy_keys(&root.join(KEYS)).await.map_err(|error| not_written(directory, error))?;
        let key_file = self.files.key_file.clone();
        let to = directory.to_owned();
        let finish = move || {
            let mut manifest = Manifest {
                format: FORMAT,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                schema: exported.schema,
                values: exported.values,
                made_at,
                key: None,
                files: BTreeMap::new(),
            };
            if key_file.exists() {
                manifest.key = Some(files::sum(&key_file)?.0);
                if with_key {
                    files::copy(&key_file, &root.join(KEY_FILE))?;
                }
            }
            manifest.add_all(&root, &root)?;
            manifest.write(&root)?;
            files::sync(&root)?;
            fs::rename(&root, &to)?;
            File::open(files::parent(&to))?.sync_all()?;
            Ok(manifest)
        };
        let done = tokio::task::spawn_blocking(finish).await.map_err(|error| not_written(directory, error))?.map_err(failed);
        if done.is_ok() {
            // It has another name now.
            let _ = unfinished.keep();
        }
        done
    }

    async fn copy_keys(&self, to: &Path) -> std::result::Result<(), String> {
        let told = |error: io::Error| error.to_string();
        for device in files::directories(&self.files.keys).map_err(told)? {
            let name = device.file_name().unwrap_or_default().to_owned();
            let databases = files::files(&device).map_err(told)?;
            let databases = databases.into_iter().filter(|file| file.extension().is_some_and(|end| end == DATABASE));
            for database in databases.filter(|_| name != PEOPLE) {
                let copies = to.join(&name);
                fs::create_dir_all(&copies).map_err(told)?;
                let copy = copies.join(database.file_name().unwrap_or_default());
                (self.files.copy)(database, copy).await?;
            }
        }
        Ok(())
    }
}

fn is_there(path: &Path) -> AdminError {
    AdminError::new(Kind::Files, format_args!("{} is there already", path.display()), "name a path where nothing is")
}

fn not_written(path: &Path, error: impl std::fmt::Display) -> AdminError {
    let hint = "the user who runs tradepost must be able to write there, and the disk must have space";
    AdminError::new(Kind::Files, format_args!("{} cannot be written: {error}", path.display()), hint)
}
