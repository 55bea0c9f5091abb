//! Writing files that hold secrets: whole or not at all, and for their owner only.

use std::fs::File;
use std::fs::Metadata;
use std::fs::Permissions;
use std::io::Result;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::NamedTempFile;

/// Replaces `file`. Whoever could read it before still can, except those who could only because
/// everybody could; a new one is for its owner only.
pub(super) fn replace(file: &Path, text: &str) -> Result<()> {
    // A link stays one, and what it points to is replaced.
    let target = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let new = written_beside(&target, text)?;
    if let Ok(old) = target.metadata() {
        keep_readers(&new, &old)?;
    }
    new.persist(&target)?;
    sync_names_beside(&target)
}

/// Writes `file`, which must not be there.
pub(super) fn create(file: &Path, text: &str) -> Result<()> {
    written_beside(file, text)?.persist_noclobber(file)?;
    sync_names_beside(file)
}

fn directory_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Makes the names durable too, so that no power failure brings the old file back.
fn sync_names_beside(file: &Path) -> Result<()> {
    File::open(directory_of(file))?.sync_all()
}

fn written_beside(file: &Path, text: &str) -> Result<NamedTempFile> {
    // Made with mode 0600.
    let mut new = NamedTempFile::new_in(directory_of(file))?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    Ok(new)
}

fn keep_readers(new: &NamedTempFile, old: &Metadata) -> Result<()> {
    let present = new.as_file().metadata()?;
    if (present.uid(), present.gid()) != (old.uid(), old.gid()) {
        std::os::unix::fs::fchown(new.as_file(), Some(old.uid()), Some(old.gid()))?;
    }
    let for_everybody = old.mode() & 0o004 != 0;
    let mode = if for_everybody { 0o600 } else { old.mode() & 0o770 };
    new.as_file().set_permissions(Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::create;
    use super::replace;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn mode(file: &Path) -> u32 {
        file.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_for_its_owner_only_and_not_written_twice() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("new");
        create(&file, "one").unwrap();
        create(&file, "two").unwrap_err();
        assert_eq!((mode(&file), std::fs::read_to_string(&file).unwrap()), (0o600, "one".to_owned()));
    }

    #[test]
    fn a_replaced_file_keeps_its_group_but_is_not_for_everybody() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("old");
        for (before, after) in [(0o644, 0o600), (0o640, 0o640), (0o600, 0o600)] {
            std::fs::write(&file, "one").unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(before)).unwrap();
            replace(&file, "two").unwrap();
            assert_eq!((mode(&file), std::fs::read_to_string(&file).unwrap()), (after, "two".to_owned()));
        }
        assert_eq!(directory.path().read_dir().unwrap().count(), 1, "nothing else is left");
    }
}
