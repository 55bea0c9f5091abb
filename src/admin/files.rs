//! Files of a backup: copied, hashed, and on the disk before it counts.

use sha2::Digest;
use sha2::Sha256;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use tempfile::NamedTempFile;

/// Copies a file to a place where none is, for its owner only.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}

/// Copies a file to a place where none is, for its owner only, whole or not at all.
pub(super) fn put(from: &Path, to: &Path) -> io::Result<()> {
    // Made with mode 0600.
    let mut new = NamedTempFile::new_in(parent(to))?;
    io::copy(&mut File::open(from)?, new.as_file_mut())?;
    new.as_file().sync_all()?;
    new.persist_noclobber(to)?;
    File::open(parent(to))?.sync_all()
}

/// Removes everything within a directory, which may be missing.
pub(super) fn clear(directory: &Path) -> io::Result<()> {
    for inner in directories(directory)? {
        fs::remove_dir_all(inner)?;
    }
    for file in files(directory)? {
        fs::remove_file(file)?;
    }
    Ok(())
}

/// The SHA-256 of a file and its length, as `sha256sum` says it.
pub(super) fn sum(file: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(file)?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((hex::encode(hash.finalize()), bytes)),
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Makes a whole directory durable, what is below it first.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(directory)?.sync_all()
}

/// The directory in which a path stands.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Whether nothing is at a path, or an empty directory.
pub(super) fn is_free(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error),
    }
}

/// The directories within one.
pub(super) fn directories(path: &Path) -> io::Result<Vec<PathBuf>> {
    entries(path, true)
}

/// The files within a directory.
pub(super) fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    entries(path, false)
}

fn entries(path: &Path, directories: bool) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() == directories {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
