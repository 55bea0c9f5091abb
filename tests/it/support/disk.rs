//! A disk that can lose its power, be full or break: a library preloaded into the program (`disk.c`), and
//! what a power failure would have left, made up from what it wrote down.
//!
//! What is durable, is as ext4 and XFS have it: of a file, what stood in it when it was last synced, and
//! with it its name; of a directory, what it listed when it was last synced. What was not synced is lost,
//! or part of it is there: a beginning of the changes of names, and of each file any of its writes, some
//! of them torn.

mod model;

use super::synapse::temporary_directory;
use super::user::moment;
use model::Model;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// What stands in the directory beside what is watched: written by the test itself.
const OURS: [&str; 2] = ["config.toml", "tradepost.log"];

/// What becomes of what was not synced.
#[derive(Clone, Copy, Debug)]
pub enum Unsynced {
    /// It is gone.
    Lost,
    /// Some of it is there, as this number has it.
    Some(u64),
}

/// A disk below a directory.
pub struct Disk {
    root: PathBuf,
    tools: TempDir,
    /// What stood there when the log began: path and inode and content.
    before: BTreeMap<String, Option<(u64, Vec<u8>)>>,
}

impl Disk {
    /// Under what stands, and will stand, in `root`. Its library is compiled first.
    pub fn under(root: &Path) -> Self {
        let tools = tempfile::tempdir_in(temporary_directory()).expect("a directory");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/disk.c");
        let library = tools.path().join("disk.so");
        let compiled = Command::new("cc").args(["-std=gnu11", "-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).output();
        let compiled = compiled.expect("a C compiler, which building tradepost needs too");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        let mut disk = Self { root: root.canonicalize().expect("a directory"), tools, before: BTreeMap::new() };
        disk.works_again();
        disk.begin();
        disk
    }

    /// Everything that stands there now is durable, and the log begins anew.
    fn begin(&mut self) {
        fs::write(self.log(), "").expect("a log");
        self.before.clear();
        scan(&self.root, "", &mut self.before).expect("what stands there");
    }

    /// What a program that uses it must find in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        let text = |path: PathBuf| path.to_str().expect("a path that is text").to_owned();
        [
            ("LD_PRELOAD", self.tools.path().join("disk.so")),
            ("DISK_ROOT", self.root.clone()),
            ("DISK_LOG", self.log()),
            ("DISK_FAULTS", self.faults()),
        ]
        .map(|(name, path)| (name.to_owned(), text(path)))
        .to_vec()
    }

    fn log(&self) -> PathBuf {
        self.tools.path().join("log")
    }

    fn faults(&self) -> PathBuf {
        self.tools.path().join("faults")
    }

    /// How much has been written down so far: what had returned before is in it.
    pub fn written(&self) -> u64 {
        fs::metadata(self.log()).expect("a log").len()
    }

    /// Only so many bytes more fit.
    pub fn has_room_for(&self, bytes: i64) {
        self.set(0, bytes);
    }

    /// From now on what is to be synced fails, as a broken disk has it.
    pub fn syncs_nothing(&self) {
        self.set(8, 1);
    }

    /// From now on what is to be synced is waited for.
    pub fn hangs(&self) {
        self.set(24, 1);
    }

    /// There is room, and what is synced is.
    pub fn works_again(&self) {
        if !self.faults().exists() {
            fs::write(self.faults(), [0; 32]).expect("a file");
        }
        self.set(0, -1);
        self.set(8, 0);
        self.set(24, 0);
    }

    /// Waits until something has failed or hung so often.
    pub async fn has_failed(&self, times: i64) {
        while self.failed() < times {
            moment().await;
        }
    }

    fn failed(&self) -> i64 {
        let mut bytes = [0; 8];
        let file = fs::File::open(self.faults()).expect("a file");
        file.read_exact_at(&mut bytes, 16).expect("a number");
        i64::from_ne_bytes(bytes)
    }

    fn set(&self, at: u64, value: i64) {
        let file = fs::OpenOptions::new().write(true).open(self.faults()).expect("a file");
        file.write_all_at(&value.to_ne_bytes(), at).expect("a number");
    }

    /// Writes into `target`, which is empty or not there, what a power failure would have left when so much had
    /// been written down.
    pub fn leaves(&self, written: u64, unsynced: Unsynced, target: &Path) {
        let log = fs::read(self.log()).expect("a log");
        let written = usize::try_from(written).expect("a length").min(log.len());
        let mut model = Model::of(&self.before);
        model.play(&log[..written]);
        fs::create_dir_all(target).expect("a directory");
        for (path, content) in model.after_failure(unsynced) {
            let path = target.join(path);
            match content {
                None => fs::create_dir_all(path).expect("a directory"),
                Some(content) => {
                    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
                    fs::write(&path, content).expect("a file");
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
                }
            }
        }
    }

    /// The power failed just now; the program has been killed. What is left stands where it stood.
    pub fn loses_power(&mut self, unsynced: Unsynced) {
        let left = self.tools.path().join("left");
        self.leaves(u64::MAX, unsynced, &left);
        for entry in fs::read_dir(&self.root).expect("a directory") {
            let entry = entry.expect("an entry");
            let (name, path) = (entry.file_name(), entry.path());
            if OURS.iter().any(|ours| name == *ours) {
                continue;
            }
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.expect("to be removed");
        }
        for entry in fs::read_dir(&left).expect("a directory") {
            let entry = entry.expect("an entry");
            fs::rename(entry.path(), self.root.join(entry.file_name())).expect("the same disk");
        }
        fs::remove_dir(left).expect("an empty directory");
        self.begin();
    }
}

/// Everything below `directory`, without what is ours.
fn scan(directory: &Path, prefix: &str, found: &mut BTreeMap<String, Option<(u64, Vec<u8>)>>) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().into_string().expect("a name that is text");
        if prefix.is_empty() && OURS.contains(&name.as_str()) {
            continue;
        }
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.file_type()?.is_dir() {
            scan(&entry.path(), &path, found)?;
            found.insert(path, None);
        } else {
            found.insert(path, Some((entry.metadata()?.ino(), fs::read(entry.path())?)));
        }
    }
    Ok(())
}

impl Drop for Disk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the disk's log: {}", self.log().display());
            self.tools.disable_cleanup(true);
        }
    }
}
