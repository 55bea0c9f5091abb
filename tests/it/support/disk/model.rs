//! What the log of a disk comes to.

use super::Unsynced;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// Bytes before the content of a record.
const HEAD: usize = 21;
/// A disk writes a sector whole or not at all.
const SECTOR: usize = 512;

/// What stands under a name.
type Node = Option<usize>;

/// A file: what is durable of it, and what is not yet.
#[derive(Clone, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

/// A change of a file.
#[derive(Clone)]
enum Change {
    Written(usize, Vec<u8>),
    Cut(usize),
}

/// A change of names.
enum Named {
    /// A file, or a directory, has a name.
    Made(String, Node),
    Renamed(String, String),
    Removed(String),
}

/// A directory's tree, as the program sees it and as a power failure would leave it.
pub(super) struct Model {
    files: Vec<File>,
    by_inode: HashMap<u64, usize>,
    names: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
    pending: Vec<Named>,
    /// The directory whose list comes next.
    listed: String,
}

impl Model {
    /// What stands there at first, all of it durable.
    pub(super) fn of(before: &BTreeMap<String, Option<(u64, Vec<u8>)>>) -> Self {
        let mut model = Self {
            files: Vec::new(),
            by_inode: HashMap::new(),
            names: BTreeMap::new(),
            durable: BTreeMap::new(),
            pending: Vec::new(),
            listed: String::new(),
        };
        for (path, content) in before {
            let node = content.as_ref().map(|(inode, bytes)| model.file(*inode, bytes.clone()));
            model.names.insert(path.clone(), node);
        }
        model.durable = model.names.clone();
        model
    }

    fn file(&mut self, inode: u64, durable: Vec<u8>) -> usize {
        self.files.push(File { durable, pending: Vec::new() });
        self.by_inode.insert(inode, self.files.len() - 1);
        self.files.len() - 1
    }

    /// Goes through a log; a last record that is not whole counts for nothing.
    pub(super) fn play(&mut self, mut log: &[u8]) {
        while let Some((head, rest)) = log.split_at_checked(HEAD) {
            let inode = u64::from_ne_bytes(head[1..9].try_into().expect("8 bytes"));
            let offset = u64::from_ne_bytes(head[9..17].try_into().expect("8 bytes"));
            let length = u32::from_ne_bytes(head[17..].try_into().expect("4 bytes"));
            let Some((content, rest)) = rest.split_at_checked(length as usize) else { return };
            self.record(head[0], inode, usize::try_from(offset).expect("an offset"), content);
            log = rest;
        }
    }

    fn record(&mut self, kind: u8, inode: u64, offset: usize, content: &[u8]) {
        let text = || String::from_utf8(content.to_vec()).expect("a name that is text");
        let known = self.by_inode.get(&inode).copied();
        match (kind, known) {
            (b'C', _) => {
                let file = self.file(inode, Vec::new());
                self.make(text(), Some(file));
            }
            (b'M', _) => self.make(text(), None),
            (b'W', Some(file)) => self.files[file].pending.push(Change::Written(offset, content.to_vec())),
            (b'T', Some(file)) => self.files[file].pending.push(Change::Cut(offset)),
            (b'S', Some(file)) => self.sync(file),
            (b'R', _) => {
                let names = text();
                let (from, to) = names.split_once('\n').expect("two names");
                self.pending.push(Named::Renamed(from.to_owned(), to.to_owned()));
                rename(&mut self.names, from, to);
            }
            (b'U', _) => {
                self.names.remove(&text());
                self.pending.push(Named::Removed(text()));
            }
            (b'N', _) => self.listed = text(),
            (b'D', _) => self.sync_directory(&text()),
            _ => {}
        }
    }

    fn make(&mut self, name: String, node: Node) {
        self.names.insert(name.clone(), node);
        self.pending.push(Named::Made(name, node));
    }

    /// A file is synced, and with it the names that it has.
    fn sync(&mut self, file: usize) {
        let File { durable, pending } = &mut self.files[file];
        pending.drain(..).for_each(|change| apply(durable, change));
        let names: Vec<String> = self.names.iter().filter(|(_, node)| **node == Some(file)).map(|(name, _)| name.clone()).collect();
        for name in names {
            self.keep(&name, Some(file));
        }
    }

    /// What a directory lists is durable, and what it does not list is gone for good.
    fn sync_directory(&mut self, list: &str) {
        let prefix = if self.listed.is_empty() { String::new() } else { format!("{}/", self.listed) };
        let is_in = |name: &str| name.strip_prefix(&prefix).is_some_and(|rest| !rest.contains('/'));
        let mut present = BTreeSet::new();
        for line in list.lines() {
            let mut parts = line.splitn(3, ' ');
            let inode: u64 = parts.next().and_then(|number| number.parse().ok()).expect("an inode");
            let is_directory = parts.next() == Some("d");
            let name = format!("{prefix}{}", parts.next().expect("a name"));
            if !is_directory && !self.by_inode.contains_key(&inode) {
                continue;
            }
            let node = (!is_directory).then(|| self.by_inode[&inode]);
            // Renamed in a way that is not written down.
            self.names.insert(name.clone(), node);
            self.keep(&name, node);
            present.insert(name);
        }
        self.names.retain(|name, _| !is_in(name) || present.contains(name));
        self.durable.retain(|name, _| !is_in(name) || present.contains(name));
        self.pending.retain(|change| match change {
            Named::Made(name, _) | Named::Removed(name) | Named::Renamed(name, _) => !is_in(name),
        });
    }

    fn keep(&mut self, name: &str, node: Node) {
        for (end, _) in name.match_indices('/') {
            self.durable.entry(name[..end].to_owned()).or_insert(None);
        }
        self.durable.insert(name.to_owned(), node);
    }

    /// The tree after a power failure: paths with contents, directories without.
    pub(super) fn after_failure(mut self, unsynced: Unsynced) -> BTreeMap<String, Option<Vec<u8>>> {
        if let Unsynced::Some(seed) = unsynced {
            let mut dice = Dice(seed);
            let some = dice.below(self.pending.len() as u64 + 1);
            for change in self.pending.drain(..).take(usize::try_from(some).expect("a count")) {
                match change {
                    Named::Made(name, node) => drop(self.durable.insert(name, node)),
                    Named::Renamed(from, to) => rename(&mut self.durable, &from, &to),
                    Named::Removed(name) => drop(self.durable.remove(&name)),
                }
            }
            // Of eight writes: one, four or seven.
            let often = [1, 4, 7][usize::try_from(dice.below(3)).expect("less than 3")];
            for file in &mut self.files {
                for change in std::mem::take(&mut file.pending) {
                    if dice.below(8) < often {
                        apply(&mut file.durable, change);
                    } else if dice.below(8) == 0 {
                        apply(&mut file.durable, torn(change, &mut dice));
                    }
                }
            }
        }
        let Self { files, durable, .. } = self;
        durable.into_iter().map(|(name, node)| (name, node.map(|file| files[file].durable.clone()))).collect()
    }
}

fn rename(names: &mut BTreeMap<String, Node>, from: &str, to: &str) {
    if let Some(node) = names.remove(from) {
        names.insert(to.to_owned(), node);
    }
}

fn apply(content: &mut Vec<u8>, change: Change) {
    match change {
        Change::Written(at, bytes) => {
            let end = at + bytes.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[at..end].copy_from_slice(&bytes);
        }
        Change::Cut(length) => content.resize(length, 0),
    }
}

/// A write of which only some sectors are there, at its beginning.
fn torn(change: Change, dice: &mut Dice) -> Change {
    match change {
        Change::Written(at, bytes) => {
            let sectors = dice.below((bytes.len() / SECTOR) as u64 + 1);
            let length = usize::try_from(sectors).expect("a count") * SECTOR;
            Change::Written(at, bytes[..length].to_vec())
        }
        Change::Cut(length) => Change::Cut(length),
    }
}

/// Numbers that look random (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
