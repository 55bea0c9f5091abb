//! End-to-end encryption, one [`Machine`] for each device that is ours: it encrypts what is sent,
//! decrypts what comes, and keeps the keys of both in a sealed database of its own. What a device must
//! say to the homeserver for that it says here; what is said in rooms goes through the outbox.

use super::client::Client;
use super::client::MatrixError;
use super::events;
use super::render::MARK;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::room::Room;
use crate::faultpoint;
use crate::faultpoint::Point;
use matrix_sdk_crypto::CollectStrategy;
use matrix_sdk_crypto::CryptoStoreError;
use matrix_sdk_crypto::DecryptionSettings;
use matrix_sdk_crypto::EncryptionSettings;
use matrix_sdk_crypto::EncryptionSyncChanges;
use matrix_sdk_crypto::MegolmError;
use matrix_sdk_crypto::OlmError;
use matrix_sdk_crypto::OlmMachine;
use matrix_sdk_crypto::SessionRecipientCollectionError;
use matrix_sdk_crypto::TrustRequirement;
use matrix_sdk_crypto::types::events::room::encrypted::EncryptedEvent;
use matrix_sdk_crypto::types::requests::ToDeviceRequest;
use narrow::KeptRooms;
use ruma::OwnedUserId;
use ruma::events::AnyMessageLikeEventContent;
use ruma::events::AnyToDeviceEventContent;
use ruma::serde::Raw;
use ruma::to_device::DeviceIdOrAllDevices;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

mod attachment;
mod bot;
mod keeper;
mod narrow;
mod outgoing;
mod people;
#[cfg(test)]
mod tests;
mod verification;
mod witness;

pub use super::client::WITNESS;
pub use attachment::Attachment;
pub use attachment::encrypt_file;
pub use bot::Lost;
pub use bot::Started;
pub use keeper::Crypto;
pub use keeper::Health;
pub use keeper::OpenKeys;
pub use keeper::ResealKeys;
pub use keeper::Sealing;
pub use keeper::Settings;
pub use verification::Step;
pub(in crate::matrix) use verification::is_step;

/// Which devices of people get the keys of what is said, and from which commands are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Only those that their owners have verified themselves (MSC4153).
    #[default]
    CrossSigned,
    /// All.
    All,
}

/// Why something could not be encrypted, or a device not be used. It may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// The homeserver.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The database of keys, or the cryptography.
    #[error("the keys cannot be used: {0}")]
    Keys(String),
    /// The keys of a person's device are not where they were: it cannot be used any more.
    #[error("the keys of the device are lost")]
    Lost,
    /// Somebody in the room has no device that may get the key, so that nobody of hers could read it.
    #[error("{0} has no device that may read it")]
    NoDevice(String),
}

/// Why an encrypted event could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The key of its session has not come, or the homeserver does not say now whose devices are the sender's.
    NotYet {
        /// The session.
        session: String,
    },
    /// It never can be.
    Never(String),
}

/// An event as it was before it was encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decrypted {
    /// The whole event, as JSON.
    pub json: String,
    /// Whether it comes from a device that may command.
    pub is_trusted: bool,
}

/// What a sync brought for a device.
#[derive(Debug, Default)]
pub struct Brought {
    /// The sessions whose keys came, with their rooms.
    pub keys: Vec<(RoomId, String)>,
    /// Those who had no device that may get a key, and whose devices have changed.
    pub changed: Vec<UserId>,
}

/// The keys of one device and what can be done with them.
pub struct Machine {
    olm: OlmMachine,
    client: Client,
    trust: Trust,
    /// The rooms whose keys are kept, where the device is a person's: then nobody's secrets are asked for
    /// either, and nothing is signed.
    kept: Option<KeptRooms>,
    /// One encryption at a time in a room: who gets a key must not change meanwhile.
    rooms: Mutex<HashMap<RoomId, Arc<tokio::sync::Mutex<()>>>>,
    /// One round of requests at a time: the library hands the same out twice.
    sending: tokio::sync::Mutex<()>,
    flows: verification::Flows,
    /// How often the keys have changed, for the bot's device once it has started.
    turns: tokio::sync::Mutex<Option<witness::Turns>>,
    /// The rooms in which something was encrypted since the start.
    begun: Mutex<HashSet<RoomId>>,
    without_device: Mutex<HashSet<UserId>>,
    /// Whose devices have been looked up since the last sync, which tells of everything that changes.
    looked_up: Mutex<HashSet<UserId>>,
}

impl Machine {
    fn new(olm: OlmMachine, client: Client, trust: Trust, kept: Option<KeptRooms>) -> Self {
        Self {
            olm,
            client,
            trust,
            kept,
            rooms: Mutex::default(),
            sending: tokio::sync::Mutex::default(),
            flows: verification::Flows::default(),
            turns: tokio::sync::Mutex::default(),
            begun: Mutex::default(),
            without_device: Mutex::default(),
            looked_up: Mutex::default(),
        }
    }

    const fn is_persons(&self) -> bool {
        self.kept.is_some()
    }

    /// From now on keeps the keys of these rooms only. The bot's device keeps those of all that it is in.
    pub(super) fn keep_only(&self, rooms: BTreeSet<RoomId>) {
        if let Some(kept) = &self.kept {
            kept.set(rooms);
        }
    }

    /// The device's id.
    #[must_use]
    pub fn device(&self) -> String {
        self.olm.device_id().to_string()
    }

    /// What people compare when they verify the device by hand: its ed25519 key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.olm.identity_keys().ed25519.to_base64()
    }

    /// Encrypts the content of an event for everybody in `room`: the content of the `m.room.encrypted`
    /// event, as JSON. Its mark stands in the clear.
    pub async fn encrypt(&self, room: &Room, event_type: &str, content: &str) -> Result<String, CryptoError> {
        let lock = self.lock_of(&room.id);
        let _one_at_a_time = lock.lock().await;
        let id = ruma::RoomId::parse(room.id.as_str()).map_err(|error| CryptoError::Keys(error.to_string()))?;
        let members: Vec<OwnedUserId> = room.members.keys().map(Client::ruma_user).collect::<Result<_, _>>()?;
        self.know(&members).await?;
        self.make_sessions(&members).await?;
        self.require_devices(room, &members).await?;
        let settings = self.settings_for(room).await?;
        // Should the keys be of another time after all, nothing is encrypted twice with the same one.
        if self.begins(&room.id) {
            self.olm.discard_room_key(&id).await?;
        }
        let keys = match self.olm.share_room_key(&id, members.iter().map(AsRef::as_ref), settings.clone()).await {
            Err(OlmError::SessionRecipientCollectionError(SessionRecipientCollectionError::VerifiedUserChangedIdentity(users))) => {
                self.accept_new_identities(&users).await?;
                self.olm.share_room_key(&id, members.iter().map(AsRef::as_ref), settings).await
            }
            keys => keys,
        };
        let keys = keys.map_err(unusable)?;
        if !keys.is_empty() {
            self.take_turn().await?;
        }
        for message in keys {
            let answer = self.client.send_to_device(&message).await?;
            faultpoint::pass(Point::KeysGiven);
            self.olm.mark_request_as_sent(&message.txn_id, &answer).await.map_err(unusable)?;
        }
        let plain: Raw<AnyMessageLikeEventContent> = Raw::from_json_string(content.to_owned()).map_err(unusable)?;
        let encrypted = self.olm.encrypt_room_event_raw(&id, event_type, &plain).await.map_err(unusable)?;
        with_mark(encrypted.content.json().get(), content)
    }

    /// Decrypts an event of `room`.
    pub async fn decrypt(&self, json: &str, room: &RoomId) -> Result<Decrypted, Unreadable> {
        let never = |error: &dyn std::fmt::Display| Unreadable::Never(error.to_string());
        let event: Raw<EncryptedEvent> = Raw::from_json_string(json.to_owned()).map_err(|error| never(&error))?;
        let room = ruma::RoomId::parse(room.as_str()).map_err(|error| never(&error))?;
        let read = async |requirement| {
            let settings = DecryptionSettings { sender_device_trust_requirement: requirement };
            self.olm.decrypt_room_event(&event, &room, &settings).await
        };
        let mut decrypted = read(self.requirement()).await;
        if matches!(decrypted, Err(MegolmError::SenderIdentityNotTrusted(_)))
            && let Some(sender) = sender(json)
        {
            // Perhaps nothing was known of the sender's devices yet.
            if let Err(error) = self.look_up(&sender).await {
                tracing::info!(%sender, %error, "the devices of somebody who says something are not known yet");
                return Err(not_yet(json));
            }
            decrypted = read(self.requirement()).await;
        }
        let is_trusted = !matches!(decrypted, Err(MegolmError::SenderIdentityNotTrusted(_)));
        if !is_trusted {
            decrypted = read(TrustRequirement::Untrusted).await;
        }
        match decrypted {
            Ok(decrypted) => Ok(Decrypted { json: decrypted.event.json().get().to_owned(), is_trusted }),
            Err(MegolmError::MissingRoomKey(_)) => Err(not_yet(json)),
            Err(error) => Err(never(&error)),
        }
    }

    /// Asks the sender of an encrypted event for the key that is missing (specification: key requests).
    pub async fn ask_for_key(&self, json: &str, room: &RoomId) -> Result<(), CryptoError> {
        let event: Value = serde_json::from_str(json).map_err(unusable)?;
        let said = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let request = ruma::TransactionId::new();
        let content = json!({
            "action": "request",
            "body": {
                "algorithm": said("/content/algorithm"),
                "room_id": room,
                "sender_key": said("/content/sender_key"),
                "session_id": said("/content/session_id"),
            },
            "request_id": request,
            "requesting_device_id": self.device(),
        });
        let content: Raw<AnyToDeviceEventContent> = Raw::from_json_string(content.to_string()).map_err(unusable)?;
        let sender = Client::ruma_user(&UserId::new(said("/sender")))?;
        let messages = BTreeMap::from([(sender, BTreeMap::from([(DeviceIdOrAllDevices::AllDevices, content)]))]);
        let message = ToDeviceRequest { event_type: "m.room_key_request".into(), txn_id: request, messages };
        self.client.send_to_device(&message).await.map(|_| ()).map_err(CryptoError::from)
    }

    /// Takes what a sync brought: durable when it returns, so that the next sync may let the
    /// homeserver forget it.
    async fn receive(&self, sync: super::client::KeySync) -> Result<Brought, CryptoError> {
        let changes = EncryptionSyncChanges {
            to_device_events: sync.to_device.events,
            changed_devices: &sync.device_lists,
            one_time_keys_counts: &sync.device_one_time_keys_count,
            unused_fallback_keys: sync.device_unused_fallback_key_types.as_deref(),
            next_batch_token: Some(sync.next_batch),
        };
        let met_again = self.have_changed(&sync.device_lists.changed);
        self.looked_up().clear();
        // Keys are taken from everybody; whether what they open is trusted is decided when it is read.
        let settings = DecryptionSettings { sender_device_trust_requirement: TrustRequirement::Untrusted };
        let (_, keys) = self.olm.receive_sync_changes(changes, &settings).await.map_err(unusable)?;
        // The library tells of those too that the store did not keep.
        let keys = keys.into_iter().filter(|key| self.kept.as_ref().is_none_or(|kept| kept.contains(&key.room_id)));
        Ok(Brought { keys: keys.map(|key| (RoomId::new(key.room_id.as_str()), key.session_id)).collect(), changed: met_again })
    }

    /// One room-less sync of the device: waits so long for something to come, takes it, and answers what
    /// the homeserver or other devices expect of us.
    pub async fn sync(&self, wait: Duration) -> Result<Brought, CryptoError> {
        let since = self.olm.store().next_batch_token().await.map_err(unusable)?;
        let sync = self.client.key_sync(since.as_deref(), wait).await?;
        self.take(sync).await
    }

    /// The same, where the sync was made together with that of rooms.
    pub async fn take(&self, sync: super::client::KeySync) -> Result<Brought, CryptoError> {
        let brought = self.receive(sync).await?;
        self.send_outgoing().await?;
        Ok(brought)
    }

    async fn settings_for(&self, room: &Room) -> Result<EncryptionSettings, CryptoError> {
        let mut settings = EncryptionSettings::default();
        if let Some(period_ms) = room.rotation.period_ms {
            settings.rotation_period = Duration::from_millis(period_ms);
        }
        if let Some(messages) = room.rotation.messages {
            settings.rotation_period_msgs = messages;
        }
        let is_trusted = !self.is_persons() || self.is_verified().await?;
        settings.sharing_strategy = match self.trust {
            Trust::CrossSigned if is_trusted => CollectStrategy::IdentityBasedStrategy,
            Trust::CrossSigned | Trust::All => CollectStrategy::AllDevices,
        };
        Ok(settings)
    }

    const fn requirement(&self) -> TrustRequirement {
        match self.trust {
            Trust::CrossSigned => TrustRequirement::CrossSigned,
            Trust::All => TrustRequirement::Untrusted,
        }
    }

    /// Whether the device's owner has signed it.
    pub async fn is_verified(&self) -> Result<bool, CryptoError> {
        let device = self.olm.get_device(self.olm.user_id(), self.olm.device_id(), None).await.map_err(unusable)?;
        Ok(device.is_some_and(|device| device.is_cross_signed_by_owner()))
    }

    /// Whether nothing was encrypted in a room since the start.
    fn begins(&self, room: &RoomId) -> bool {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(room.clone())
    }

    fn lock_of(&self, room: &RoomId) -> Arc<tokio::sync::Mutex<()>> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody waits for need not be kept.
        if rooms.len() > 1_000 {
            rooms.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        Arc::clone(rooms.entry(room.clone()).or_default())
    }
}

/// The mark stands in the clear too: it says whose an event is, not what it says.
fn with_mark(encrypted: &str, content: &str) -> Result<String, CryptoError> {
    let mut encrypted: Value = serde_json::from_str(encrypted).map_err(unusable)?;
    let content: Value = serde_json::from_str(content).map_err(unusable)?;
    if let (Some(encrypted), Some(mark)) = (encrypted.as_object_mut(), content.get(MARK)) {
        encrypted.insert(MARK.to_owned(), mark.clone());
    }
    Ok(encrypted.to_string())
}

fn not_yet(json: &str) -> Unreadable {
    let session = events::session(json);
    session.map_or_else(|| Unreadable::Never("it names no session".to_owned()), |session| Unreadable::NotYet { session })
}

fn sender(json: &str) -> Option<UserId> {
    let event: Value = serde_json::from_str(json).ok()?;
    event.get("sender").and_then(Value::as_str).map(UserId::new)
}

fn unusable(error: impl std::fmt::Display) -> CryptoError {
    CryptoError::Keys(error.to_string())
}

impl From<CryptoStoreError> for CryptoError {
    fn from(error: CryptoStoreError) -> Self {
        unusable(error)
    }
}
