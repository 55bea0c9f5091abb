//! The form of an export: a file of JSON lines that does not depend on the kind of store. The first line
//! says what it is, each of the others holds one value, and the last one says how many there are and has
//! the checksum of everything before it, so that a file that was cut or changed is noticed.

use crate::store::Exported;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::codec::encode_json;
use crate::store::sled::codec::json_of;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use serde::Deserialize;
use serde::Serialize;
use serde_json::value::RawValue;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::str;

/// By what an export is known.
const FORMAT: &str = "tradepost-export";

/// The form that is written; older ones are read too.
const VERSION: u32 = 1;

/// The longest line that is read, in bytes: no value is nearly as long.
const LONGEST: u64 = 64 * 1024 * 1024;

/// How the last line begins.
const END: &[u8] = b"{\"values\":";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    schema: u32,
}

/// A value.
#[derive(Debug, Serialize, Deserialize)]
struct Line<'a> {
    /// The table's word.
    table: &'a str,
    /// The key without the table's byte, where it is a text that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Any other key, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    /// The value as it is stored.
    #[serde(borrow)]
    value: &'a RawValue,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct End {
    /// How many values there are.
    values: u64,
    /// Of everything before this line, its end included.
    blake3: String,
}

/// An export that is being written.
#[derive(Debug)]
pub(super) struct Dump {
    path: PathBuf,
    file: BufWriter<File>,
    hash: blake3::Hasher,
    done: Exported,
    is_whole: bool,
}

impl Dump {
    /// Begins a new file that only its owner may read.
    pub(super) fn create(path: &Path, schema: u32) -> Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists { path: path.display().to_string() },
            _ => failed(path, error),
        })?;
        let done = Exported { schema, values: 0 };
        let (path, file) = (path.to_owned(), BufWriter::new(file));
        let mut dump = Self { path, file, hash: blake3::Hasher::new(), done, is_whole: false };
        dump.line(&Head { format: FORMAT.to_owned(), version: VERSION, schema })?;
        Ok(dump)
    }

    /// Writes a value.
    pub(super) fn value(&mut self, key: &Key, bytes: &[u8]) -> Result<()> {
        let value = json_of(key, bytes)?;
        // What was put there by hand may have line breaks, which can only stand between its parts.
        let in_one_line = value.get().contains('\n').then(|| value.get().replace('\n', " "));
        let in_one_line = in_one_line.map(RawValue::from_string).transpose().map_err(|error| failed(&self.path, error.into()))?;
        let value = in_one_line.as_deref().unwrap_or(value);
        let text = str::from_utf8(key.rest()).ok().filter(|text| !text.contains(char::is_control));
        let hex = text.is_none().then(|| hex::encode(key.rest()));
        self.line(&Line { table: key.table().into(), key: text.map(str::to_owned), hex, value })?;
        self.done.values += 1;
        Ok(())
    }

    /// Ends the file; it is durable when this returns.
    pub(super) fn finish(mut self) -> Result<Exported> {
        let end = End { values: self.done.values, blake3: self.hash.finalize().to_hex().to_string() };
        self.line(&end)?;
        self.sync().map_err(|error| failed(&self.path, error))?;
        self.is_whole = true;
        Ok(self.done)
    }

    fn line(&mut self, line: &impl Serialize) -> Result<()> {
        let mut bytes = serde_json::to_vec(line).map_err(|error| failed(&self.path, error.into()))?;
        bytes.push(b'\n');
        self.hash.update(&bytes);
        self.file.write_all(&bytes).map_err(|error| failed(&self.path, error))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        File::open(directory)?.sync_all()
    }
}

impl Drop for Dump {
    /// Leaves nothing behind that is not whole.
    fn drop(&mut self) {
        if !self.is_whole {
            // What cannot be removed is noticed when it is read.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Reads an export from beginning to end: `begin` gets the schema, `each` the key and the bytes of each
/// value. What was read is to be believed only when this has returned.
pub(super) fn read(
    path: &Path,
    begin: impl FnOnce(u32) -> Result<()>,
    mut each: impl FnMut(Key, Vec<u8>) -> Result<()>,
) -> Result<Exported> {
    let mut lines = Lines::open(path)?;
    let first = lines.next()?.unwrap_or_default();
    let is_no_export = || StoreError::NotAnExport { path: path.display().to_string() };
    let head: Head = serde_json::from_slice(&first).map_err(|_| is_no_export())?;
    if head.format != FORMAT {
        return Err(is_no_export());
    }
    if head.version > VERSION {
        return Err(StoreError::NewerExport { path: path.display().to_string(), found: head.version, known: VERSION });
    }
    begin(head.schema)?;
    let mut values = 0;
    lines.count_in(&first);
    loop {
        let line = lines.next()?.ok_or_else(|| lines.damaged("is missing: the end of the file was cut off"))?;
        if line.starts_with(END) {
            lines.check(&line, values)?;
            return Ok(Exported { schema: head.schema, values });
        }
        let (key, bytes) = value_of(&line).map_err(|reason| lines.damaged(reason))?;
        lines.count_in(&line);
        each(key, bytes)?;
        values += 1;
    }
}

fn value_of(line: &[u8]) -> std::result::Result<(Key, Vec<u8>), &'static str> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|_| "holds no value")?;
    let table: Table = line.table.parse().map_err(|_| "is of a table that this version of tradepost does not know")?;
    let rest = match (&line.key, &line.hex) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(digits)) => hex::decode(digits).map_err(|_| "has a key that cannot be read")?,
        _ => return Err("has no key, or two"),
    };
    Ok((Key::of_rest(table, &rest), encode_json(line.value.get())))
}

/// The lines of a file that is read.
struct Lines<'a> {
    path: &'a Path,
    file: BufReader<File>,
    hash: blake3::Hasher,
    number: u64,
}

impl<'a> Lines<'a> {
    fn open(path: &'a Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| failed(path, error))?;
        Ok(Self { path, file: BufReader::new(file), hash: blake3::Hasher::new(), number: 0 })
    }

    /// The next line, without its end; a line without an end is none.
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.number += 1;
        self.file.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(|error| failed(self.path, error))?;
        Ok((line.pop() == Some(b'\n')).then_some(line))
    }

    /// Has a line count for the checksum.
    fn count_in(&mut self, line: &[u8]) {
        self.hash.update(line);
        self.hash.update(b"\n");
    }

    fn check(&mut self, last: &[u8], values: u64) -> Result<()> {
        let end: End = serde_json::from_slice(last).map_err(|_| self.damaged("is no whole last line"))?;
        if end.values != values {
            return Err(self.damaged("names another number of values than there are"));
        }
        if end.blake3 != self.hash.finalize().to_hex().as_str() {
            return Err(self.damaged("has another checksum than what stands before it"));
        }
        match self.next()? {
            None if self.file.fill_buf().is_ok_and(<[u8]>::is_empty) => Ok(()),
            _ => Err(self.damaged("stands behind the end")),
        }
    }

    fn damaged(&self, reason: &'static str) -> StoreError {
        StoreError::DamagedExport { path: self.path.display().to_string(), line: self.number, reason }
    }
}

fn failed(path: &Path, source: io::Error) -> StoreError {
    StoreError::File { path: path.display().to_string(), source }
}
