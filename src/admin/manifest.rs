//! What a backup says of itself: by which version it was made, when, and the sums of its files.

use crate::admin::files;
use crate::admin::request::AdminError;
use crate::admin::request::Kind;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Component;
use std::path::Path;

/// The form of backups that this version writes, and the newest that it reads.
pub(super) const FORMAT: u32 = 1;
/// Where the manifest stands in a backup.
const NAME: &str = "manifest.json";
/// Where the store stands.
pub(super) const STORE: &str = "store";
/// Where the keys of the bot's devices stand.
pub(super) const KEYS: &str = "crypto";
/// Where the key file stands.
pub(super) const KEY_FILE: &str = "tradepost.key";

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub format: u32,
    /// The version of tradepost that made it.
    pub version: String,
    /// The schema of the store.
    pub schema: u32,
    /// How many values of the store it holds.
    pub values: u64,
    /// When it was begun: what happened later is not in it.
    pub made_at: Timestamp,
    /// The SHA-256 of the key file that opens what is sealed in it; none: nothing was sealed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its files by their paths within it.
    pub files: BTreeMap<String, Sum>,
}

/// What a file must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

impl Manifest {
    /// Adds the files of a directory and of those below it.
    pub(super) fn add_all(&mut self, root: &Path, directory: &Path) -> io::Result<()> {
        for file in files::files(directory)? {
            let (sha256, bytes) = files::sum(&file)?;
            let path = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
            self.files.insert(path, Sum { bytes, sha256 });
        }
        files::directories(directory)?.iter().try_for_each(|below| self.add_all(root, below))
    }

    /// Writes it into a backup.
    pub(super) fn write(&self, directory: &Path) -> io::Result<()> {
        fs::write(directory.join(NAME), format!("{}\n", serde_json::to_string_pretty(self)?))
    }

    /// Reads that of a backup, and holds its files against it.
    pub fn read(directory: &Path) -> Result<Self, AdminError> {
        let file = directory.join(NAME);
        let refused = |text: String| AdminError::new(Kind::Files, text, "take another backup");
        let text = fs::read(&file).map_err(|error| {
            let hint = "name the directory that `tradepost backup` made";
            AdminError::new(Kind::Files, format_args!("{} cannot be read: {error}", file.display()), hint)
        })?;
        let said: serde_json::Value =
            serde_json::from_slice(&text).map_err(|error| refused(format!("{} is damaged: {error}", file.display())))?;
        if let Some(format) = said["format"].as_u64().filter(|format| *format > u64::from(FORMAT)) {
            let text = format!("the backup has form {format}, and this version of tradepost knows forms up to {FORMAT}");
            return Err(AdminError::new(Kind::Files, text, "run the newer version"));
        }
        let manifest: Self = serde_json::from_value(said).map_err(|error| refused(format!("{} is damaged: {error}", file.display())))?;
        for (path, sum) in &manifest.files {
            if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(refused(format!("{} names a file outside of the backup", file.display())));
            }
            let (sha256, bytes) =
                files::sum(&directory.join(path)).map_err(|error| refused(format!("{path} of the backup cannot be read: {error}")))?;
            if *sum != (Sum { bytes, sha256 }) {
                return Err(refused(format!("{path} of the backup is not as it was written: it is damaged or has been changed")));
            }
        }
        if !manifest.files.contains_key(STORE) {
            return Err(refused("the backup holds no store".to_owned()));
        }
        Ok(manifest)
    }
}
