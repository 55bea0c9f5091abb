//! Signatures after the Standard Webhooks specification, of what we send and of what we get.

use crate::domain::trade::digest;
use crate::net::Request;
use crate::platforms::push::Pushed;
use crate::platforms::push::Refusal;
use crate::platforms::sign::hmac_sha256;
use crate::values::Secret;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header;
use jiff::Timestamp;
use standardwebhooks::HEADER_WEBHOOK_ID;
use standardwebhooks::HEADER_WEBHOOK_SIGNATURE;
use standardwebhooks::HEADER_WEBHOOK_TIMESTAMP;
use standardwebhooks::Webhook;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// How far a timestamp may be away from now, in seconds.
pub(super) const TOLERANCE_SECONDS: u32 = 300;

/// What stands before a key's base64.
const PREFIX: &str = "whsec_";

/// How many bytes a key may have, as the specification says.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The longest id of a message, in characters.
const ID_CHARACTERS: usize = 256;

const JSON: &str = "application/json";

/// A key to sign with.
#[derive(Clone)]
pub(super) struct Key(Zeroizing<Vec<u8>>);

impl Key {
    /// Reads a key of the form `whsec_…`.
    pub(super) fn parse(secret: &Secret) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?;
        KEY_BYTES.contains(&bytes.len()).then(|| Self(Zeroizing::new(bytes)))
    }

    /// The key of a hook, whose secret may have any form.
    pub(super) fn of_hook(secret: &Secret) -> Self {
        Self::parse(secret).unwrap_or_else(|| Self(Zeroizing::new(secret.expose().as_bytes().to_vec())))
    }

    /// As it is handed to a platform.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", BASE64_STANDARD.encode(&*self.0)))
    }

    /// A digest of `text` that nobody without this key can make or compare.
    pub(super) fn digest(&self, text: &str) -> String {
        let digest = hmac_sha256(&self.0, text.as_bytes());
        digest.trim_end_matches('=').replace('+', "-").replace('/', "_")
    }

    /// `request` with the three headers, by which `content` is signed.
    pub(super) fn signed(&self, request: Request, content: &str, now: Timestamp) -> Request {
        let id = format!("msg_{}", digest(&[content, &now.to_string()]));
        let seconds = now.as_second();
        // The key has been parsed and the content is text, so nothing of this fails.
        let signature = self.signature(&id, seconds, content.as_bytes()).unwrap_or_default();
        request.with(HEADER_WEBHOOK_ID, &id).with(HEADER_WEBHOOK_TIMESTAMP, &seconds.to_string()).with(HEADER_WEBHOOK_SIGNATURE, &signature)
    }

    /// Whether one of `signatures`, with spaces between them, is ours.
    fn has_signed(&self, signatures: &str, id: &str, seconds: i64, body: &[u8]) -> bool {
        let Some(ours) = self.signature(id, seconds, body) else { return false };
        signatures.split(' ').fold(false, |found, theirs| found | bool::from(theirs.as_bytes().ct_eq(ours.as_bytes())))
    }

    fn signature(&self, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
        Webhook::from_bytes(self.0.to_vec()).ok()?.sign(id, seconds, body).ok()
    }
}

/// The body, where its signature, its time and its content type are as they must be; nothing is parsed
/// before.
pub(super) fn checked<'a>(key: &Key, pushed: &Pushed<'a>, now: Timestamp) -> Result<&'a str, Refusal> {
    let header = |name: &str| pushed.headers.get(name).and_then(|value| value.to_str().ok());
    // With a dot in it, the id would not be told apart from what is behind it.
    let is_id = |id: &&str| (1..=ID_CHARACTERS).contains(&id.len()) && !id.contains('.');
    let id = header(HEADER_WEBHOOK_ID).filter(is_id).ok_or(Refusal::Signature)?;
    let seconds: i64 = header(HEADER_WEBHOOK_TIMESTAMP).and_then(|text| text.parse().ok()).ok_or(Refusal::Signature)?;
    let signatures = header(HEADER_WEBHOOK_SIGNATURE).ok_or(Refusal::Signature)?;
    let body = std::str::from_utf8(pushed.body).map_err(|_| Refusal::Malformed("the body is not UTF-8".to_owned()))?;
    if !key.has_signed(signatures, id, seconds, pushed.body) {
        return Err(Refusal::Signature);
    }
    if now.as_second().abs_diff(seconds) > u64::from(TOLERANCE_SECONDS) {
        return Err(Refusal::Stale { tolerance_seconds: TOLERANCE_SECONDS });
    }
    if header(header::CONTENT_TYPE.as_str()).is_some_and(is_json) { Ok(body) } else { Err(Refusal::ContentType { expected: JSON }) }
}

fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some(JSON) && parts.all(|part| matches!(part.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\""))
}
