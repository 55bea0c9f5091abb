//! Secrets at rest: a key in a file of its own, and what is sealed with it. Nothing here knows what
//! is sealed, and nothing that is sealed can be opened without the file. While a key is being changed the
//! file holds several: the first one seals, and all of them open.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::XNonce;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::aead::AeadCore;
use chacha20poly1305::aead::KeyInit;
use chacha20poly1305::aead::OsRng;
use chacha20poly1305::aead::Payload;
use chacha20poly1305::aead::rand_core::RngCore;
use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// The first byte of everything that is sealed: how the rest is to be read.
const VERSION: u8 = 1;
/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Bytes that tell one key from another.
const ID_BYTES: usize = 8;
/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;
/// More than any key file has.
const FILE_BYTES: u64 = 4_096;

/// Why a key cannot be used, or something sealed not be opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key file is not there.
    #[error("the key file {} is missing", file.display())]
    Missing {
        /// Which file.
        file: PathBuf,
    },
    /// The key file cannot be read.
    #[error("the key file {} cannot be read", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others than its owner may read the key file, or write it.
    #[error("the key file {} is open to others than its owner (mode {mode:04o})", file.display())]
    OpenToOthers {
        /// Which file.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// There is something else than a key in the file.
    #[error("the key file {} holds no key: {what}", file.display())]
    NoKey {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The key file is somebody else's: written by us, it could not be read by its owner any more.
    #[error("the key file {} belongs to another user", file.display())]
    Others {
        /// Which file.
        file: PathBuf,
    },
    /// The key file cannot be written.
    #[error("the key file {} cannot be written", file.display())]
    NotWritten {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The key file cannot be made.
    #[error("the key file {} cannot be made", file.display())]
    NotMade {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Something was sealed with another key.
    #[error("{name} was sealed with another key than that of the key file")]
    AnotherKey {
        /// What was to be opened.
        name: String,
    },
    /// Something sealed has changed since, or is something else than its name says.
    #[error("{name} is damaged")]
    Damaged {
        /// What was to be opened.
        name: String,
    },
    /// Something could not be sealed, which does not happen with what fits into memory.
    #[error("{name} cannot be sealed")]
    NotSealed {
        /// What was to be sealed.
        name: String,
    },
}

impl VaultError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::NoKey { .. } | Self::AnotherKey { .. } => {
                "put the key file back from its backup, or set encryption.key_file to where it is"
            }
            Self::Unreadable { .. } => "let the user who runs tradepost read it",
            Self::OpenToOthers { .. } => "take it away from everybody but its owner: chmod 600",
            Self::Others { .. } => "run this as the user who runs tradepost",
            Self::NotWritten { .. } => "let the user who runs tradepost write the directory of encryption.key_file",
            Self::NotMade { .. } => "set encryption.key_file to a file in a directory where tradepost may write",
            Self::Damaged { .. } => "restore the database from a backup",
            Self::NotSealed { .. } => "",
        }
    }
}

/// The key. It is never printed, and wiped from memory when it is dropped.
pub struct Key {
    newest: One,
    former: Vec<One>,
}

/// One key of a file.
struct One(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    /// The key with these bytes.
    #[must_use]
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self { newest: One(Zeroizing::new(bytes)), former: Vec::new() }
    }

    /// Reads the key from `file`, and makes both where the file is not there. Only for a caller who
    /// knows that nothing has been sealed yet: a new key opens nothing.
    pub fn load_or_make(file: &Path) -> Result<Self, VaultError> {
        match Self::load(file) {
            Err(VaultError::Missing { .. }) => {
                make(file).map_err(|source| VaultError::NotMade { file: file.to_owned(), source })?;
                Self::load(file)
            }
            loaded => loaded,
        }
    }

    /// Reads the key from `file`.
    pub fn load(file: &Path) -> Result<Self, VaultError> {
        let unreadable = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound => VaultError::Missing { file: file.to_owned() },
            ErrorKind::InvalidData => VaultError::NoKey { file: file.to_owned(), what: "it is no text" },
            _ => VaultError::Unreadable { file: file.to_owned(), source },
        };
        let opened = File::open(file).map_err(unreadable)?;
        let mode = opened.metadata().map_err(unreadable)?.mode() & 0o7777;
        let mut text = Zeroizing::new(String::new());
        opened.take(FILE_BYTES).read_to_string(&mut text).map_err(unreadable)?;
        if mode & 0o077 != 0 {
            return Err(VaultError::OpenToOthers { file: file.to_owned(), mode });
        }
        let no_key = |what| VaultError::NoKey { file: file.to_owned(), what };
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| One::read(line).map_err(no_key));
        let newest = lines.next().unwrap_or_else(|| Err(no_key("it has not 32 bytes")))?;
        Ok(Self { newest, former: lines.collect::<Result<_, _>>()? })
    }

    /// Begins to change the key in `file`: a new one seals from now on, and the former ones still open. Where
    /// a change was begun and not ended, it goes on with the key that was made then.
    pub fn begin_change(file: &Path) -> Result<Self, VaultError> {
        let Self { newest, mut former } = Self::load(file)?;
        if !former.is_empty() {
            return Ok(Self { newest, former });
        }
        former.push(newest);
        let key = Self { newest: One::random(), former };
        key.write(file)?;
        Ok(key)
    }

    /// Ends the change of the key in `file`: the former ones are forgotten. Only for a caller who knows that
    /// nothing is sealed with them any more.
    pub fn end_change(file: &Path) -> Result<Self, VaultError> {
        let Self { newest, former } = Self::load(file)?;
        let key = Self { newest, former: Vec::new() };
        if !former.is_empty() {
            key.write(file)?;
        }
        Ok(key)
    }

    /// Replaces what stands in `file`, whole or not at all; durable when it returns.
    fn write(&self, file: &Path) -> Result<(), VaultError> {
        let failed = |source| VaultError::NotWritten { file: file.to_owned(), source };
        // A link stays one, and what it points to is replaced.
        let target = file.canonicalize().map_err(failed)?;
        let old = target.metadata().map_err(failed)?;
        let directory = directory_of(&target);
        // Made with mode 0600.
        let mut new = NamedTempFile::new_in(directory).map_err(failed)?;
        let made = new.as_file().metadata().map_err(failed)?;
        if made.uid() != old.uid() {
            return Err(VaultError::Others { file: file.to_owned() });
        }
        for key in std::iter::once(&self.newest).chain(&self.former) {
            new.write_all(key.line().as_bytes()).map_err(failed)?;
        }
        new.as_file().set_permissions(old.permissions()).map_err(failed)?;
        new.as_file().sync_all().map_err(failed)?;
        new.persist(&target).map_err(|error| failed(error.error))?;
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)
    }

    /// Seals `plain`, as text. It opens under the same name only, so that nothing sealed can take the
    /// place of something else.
    pub fn seal(&self, name: &str, plain: &[u8]) -> Result<String, VaultError> {
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload { msg: plain, aad: name.as_bytes() };
        let sealed = self.newest.cipher().encrypt(&nonce, payload).map_err(|_| VaultError::NotSealed { name: name.to_owned() })?;
        Ok(BASE64_STANDARD.encode([&[VERSION][..], &self.newest.id(), &nonce, &sealed].concat()))
    }

    /// Opens what was sealed under `name`.
    pub fn open(&self, name: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let damaged = || VaultError::Damaged { name: name.to_owned() };
        let bytes = BASE64_STANDARD.decode(sealed).map_err(|_| damaged())?;
        let (id, rest) = bytes.strip_prefix(&[VERSION]).and_then(<[u8]>::split_first_chunk::<ID_BYTES>).ok_or_else(damaged)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let key = std::iter::once(&self.newest).chain(&self.former).find(|key| key.id() == *id);
        let key = key.ok_or_else(|| VaultError::AnotherKey { name: name.to_owned() })?;
        let payload = Payload { msg: rest, aad: name.as_bytes() };
        let plain = key.cipher().decrypt(XNonce::from_slice(nonce), payload).map_err(|_| damaged())?;
        Ok(Zeroizing::new(plain))
    }

    /// Whether a change of the key was begun and not ended.
    #[must_use]
    pub fn is_being_changed(&self) -> bool {
        !self.former.is_empty()
    }

    /// Whether something was sealed with the newest key.
    #[must_use]
    pub fn seals(&self, sealed: &str) -> bool {
        let bytes = BASE64_STANDARD.decode(sealed).unwrap_or_default();
        bytes.strip_prefix(&[VERSION]).is_some_and(|rest| rest.starts_with(&self.newest.id()))
    }

    /// A key of its own for `purpose`, always the same one, from which nothing can be learnt of this key.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; KEY_BYTES]> {
        self.newest.derived(&format!("tradepost vault 1: for {purpose}"))
    }

    /// The same of all keys of the file, the newest first.
    #[must_use]
    pub fn derive_all(&self, purpose: &str) -> Vec<Zeroizing<[u8; KEY_BYTES]>> {
        let context = format!("tradepost vault 1: for {purpose}");
        std::iter::once(&self.newest).chain(&self.former).map(|key| key.derived(&context)).collect()
    }
}

impl One {
    /// One that nobody can foresee.
    fn random() -> Self {
        Self(Zeroizing::new(XChaCha20Poly1305::generate_key(&mut OsRng).into()))
    }

    /// Reads a line of a file; or what is wrong with it.
    fn read(line: &str) -> Result<Self, &'static str> {
        let bytes = BASE64_STANDARD.decode(line).map(Zeroizing::new).map_err(|_| "it is no base64")?;
        let bytes = bytes.as_slice().try_into().map_err(|_| "it has not 32 bytes")?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// As it stands in a file.
    fn line(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}\n", *Zeroizing::new(BASE64_STANDARD.encode(self.0.as_slice()))))
    }

    /// Tells this key from others.
    fn id(&self) -> [u8; ID_BYTES] {
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&self.derived("tradepost vault 1: key id")[..ID_BYTES]);
        id
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        let key = self.derived("tradepost vault 1: sealing");
        XChaCha20Poly1305::new(key.as_slice().into())
    }

    fn derived(&self, context: &str) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(blake3::derive_key(context, self.0.as_slice()))
    }
}

/// Bytes that nobody can foresee, for tokens and secrets that are given away: by base64, as they stand in
/// addresses.
#[must_use]
pub fn random_token<const BYTES: usize>() -> String {
    let mut bytes = Zeroizing::new([0; BYTES]);
    OsRng.fill_bytes(bytes.as_mut_slice());
    BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice())
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(…)")
    }
}

fn directory_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Makes a key file, whole or not at all, for its owner only. One that is there meanwhile stays.
fn make(file: &Path) -> std::io::Result<()> {
    let directory = directory_of(file);
    // Made with mode 0600.
    let mut new = NamedTempFile::new_in(directory)?;
    new.write_all(One::random().line().as_bytes())?;
    new.as_file().sync_all()?;
    match new.persist_noclobber(file) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
        _ => File::open(directory)?.sync_all(),
    }
}
