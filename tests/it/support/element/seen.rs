//! What a client shows of an event.

use matrix_sdk::deserialized_responses::AlgorithmInfo;
use matrix_sdk::deserialized_responses::EncryptionInfo;
use matrix_sdk::deserialized_responses::VerificationLevel;
use matrix_sdk::deserialized_responses::VerificationState;
use serde_json::Value;
use std::sync::Arc;

/// An event that a client can read.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The room it stands in.
    pub room: String,
    /// Who sent it, as the homeserver says.
    pub sender: String,
    /// Its id.
    pub id: String,
    /// Its text; empty if it has none.
    pub body: String,
    /// The whole event, decrypted.
    pub event: Value,
    /// What the client knows of its encryption; nothing if it was not encrypted.
    pub encryption: Option<Arc<EncryptionInfo>>,
}

/// An event that a client cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecryptable {
    /// The room it stands in.
    pub room: String,
    /// Who sent it, as the homeserver says.
    pub sender: String,
    /// Its id.
    pub event: String,
    /// Why not, in the client's words.
    pub reason: String,
}

impl Seen {
    pub(super) fn new(room: &str, event: Value, encryption: Option<Arc<EncryptionInfo>>) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            room: room.to_owned(),
            sender: text(&event["sender"]),
            id: text(&event["event_id"]),
            body: text(&event["content"]["body"]),
            event,
            encryption,
        }
    }

    /// Its content, decrypted.
    pub fn content(&self) -> &Value {
        &self.event["content"]
    }

    /// Whether it came encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encryption.is_some()
    }

    /// How it was encrypted.
    pub fn algorithm(&self) -> Option<&'static str> {
        self.encryption.as_ref().map(|encryption| match encryption.algorithm_info {
            AlgorithmInfo::MegolmV1AesSha2 { .. } => "m.megolm.v1.aes-sha2",
            AlgorithmInfo::OlmV1Curve25519AesSha2 { .. } => "m.olm.v1.curve25519-aes-sha2",
        })
    }

    /// The room key it was encrypted with.
    pub fn session(&self) -> Option<&str> {
        self.encryption.as_ref()?.session_id()
    }

    /// The device that encrypted it.
    pub fn device(&self) -> Option<&str> {
        self.encryption.as_ref()?.sender_device.as_deref().map(ruma::DeviceId::as_str)
    }

    /// Whether the client took it, when it was decrypted, for a message of a device that its owner has
    /// cross-signed: then people see no warning.
    pub fn is_from_cross_signed_device(&self) -> bool {
        use VerificationLevel::UnverifiedIdentity;
        use VerificationState::Unverified;
        use VerificationState::Verified;
        matches!(self.verification(), Some(Verified | Unverified(UnverifiedIdentity)))
    }

    /// The same, and the client's owner has verified the sender.
    pub fn is_verified(&self) -> bool {
        matches!(self.verification(), Some(VerificationState::Verified))
    }

    /// What the client says of the sender's device.
    pub fn verification(&self) -> Option<&VerificationState> {
        self.encryption.as_ref().map(|encryption| &encryption.verification_state)
    }
}
