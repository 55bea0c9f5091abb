//! Files for encrypted rooms: encrypted before they are uploaded, with a key that goes with the message
//! (specification: sending encrypted attachments).

use matrix_sdk_crypto::AttachmentEncryptor;
use serde_json::Value;
use std::io;
use std::io::Cursor;
use std::io::Read;

/// A file as it is uploaded.
#[derive(Debug)]
pub struct Attachment {
    /// Its bytes, encrypted.
    pub bytes: Vec<u8>,
    /// What opens them: the `file` of the message, but for the address.
    pub keys: Value,
}

/// Encrypts a file.
pub fn encrypt_file(content: &[u8]) -> io::Result<Attachment> {
    let mut content = Cursor::new(content);
    let mut encryptor = AttachmentEncryptor::new(&mut content);
    let mut bytes = Vec::new();
    encryptor.read_to_end(&mut bytes)?;
    let keys = serde_json::to_value(encryptor.finish())?;
    Ok(Attachment { bytes, keys })
}
