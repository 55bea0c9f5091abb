//! The store of a person's device. Her contacts' clients give that device the keys of all their rooms
//! with her, and her own clients would give it her secrets; here nothing is kept but what it takes to
//! share, in the rooms in which she shares.

use crate::domain::ids::RoomId;
use matrix_sdk_crypto::Account;
use matrix_sdk_crypto::CryptoStoreError;
use matrix_sdk_crypto::DeviceData;
use matrix_sdk_crypto::GossipRequest;
use matrix_sdk_crypto::SecretInfo;
use matrix_sdk_crypto::Session;
use matrix_sdk_crypto::TrackedUser;
use matrix_sdk_crypto::UserIdentityData;
use matrix_sdk_crypto::olm::InboundGroupSession;
use matrix_sdk_crypto::olm::OlmMessageHash;
use matrix_sdk_crypto::olm::OutboundGroupSession;
use matrix_sdk_crypto::olm::PrivateCrossSigningIdentity;
use matrix_sdk_crypto::olm::SenderDataType;
use matrix_sdk_crypto::store::CryptoStore;
use matrix_sdk_crypto::store::DynCryptoStore;
use matrix_sdk_crypto::store::Result;
use matrix_sdk_crypto::store::types::BackupKeys;
use matrix_sdk_crypto::store::types::Changes;
use matrix_sdk_crypto::store::types::DehydratedDeviceKey;
use matrix_sdk_crypto::store::types::PendingChanges;
use matrix_sdk_crypto::store::types::RoomKeyCounts;
use matrix_sdk_crypto::store::types::RoomKeyWithheldEntry;
use matrix_sdk_crypto::store::types::RoomPendingKeyBundleDetails;
use matrix_sdk_crypto::store::types::RoomSettings;
use matrix_sdk_crypto::store::types::StoredRoomKeyBundleData;
use matrix_sdk_crypto::vodozemac::Curve25519PublicKey;
use ruma::DeviceId;
use ruma::OwnedDeviceId;
use ruma::TransactionId;
use ruma::UserId;
use ruma::events::secret::request::SecretName;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use zeroize::Zeroizing;

/// The rooms whose keys are kept: known to a machine and its store.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptRooms(Arc<RwLock<BTreeSet<RoomId>>>);

impl KeptRooms {
    pub(super) fn set(&self, rooms: BTreeSet<RoomId>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = rooms;
    }

    pub(super) fn contains(&self, room: &ruma::RoomId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&RoomId::new(room.as_str()))
    }
}

/// A store that keeps only what is needed of what it is given.
#[derive(Debug)]
pub(super) struct Narrow {
    store: Arc<DynCryptoStore>,
    rooms: KeptRooms,
}

impl Narrow {
    pub(super) fn new(store: Arc<DynCryptoStore>, rooms: KeptRooms) -> Self {
        Self { store, rooms }
    }

    /// Destroys the keys of rooms that are not kept any more. A store cannot delete a key, but it
    /// replaces one: by the same key wound on to its very end, which opens nothing that was ever said.
    pub(super) async fn destroy_others(&self) -> Result<()> {
        let mut ends = Vec::new();
        for session in self.store.get_inbound_group_sessions().await? {
            if !self.rooms.contains(session.room_id()) && session.first_known_index() < u32::MAX {
                let end = session.export_at_index(u32::MAX).await;
                ends.push(InboundGroupSession::from_export(&end).map_err(CryptoStoreError::backend)?);
            }
        }
        self.store.save_inbound_group_sessions(ends, None).await
    }

    fn only_kept(&self, mut sessions: Vec<InboundGroupSession>) -> Vec<InboundGroupSession> {
        sessions.retain(|session| self.rooms.contains(session.room_id()));
        sessions
    }

    /// Whatever is not named here is not kept: the keys of other rooms, secrets and requests for them,
    /// private identities, keys of backups and of dehydrated devices, bundles of keys.
    fn narrowed(&self, mut changes: Changes) -> Changes {
        changes.withheld_session_info.retain(|room, _| self.rooms.contains(room));
        Changes {
            sessions: changes.sessions,
            message_hashes: changes.message_hashes,
            inbound_group_sessions: self.only_kept(changes.inbound_group_sessions),
            outbound_group_sessions: changes.outbound_group_sessions,
            identities: changes.identities,
            devices: changes.devices,
            withheld_session_info: changes.withheld_session_info,
            room_settings: changes.room_settings,
            next_batch_token: changes.next_batch_token,
            ..Changes::default()
        }
    }
}

/// Implements the trait with the methods of its own, and hands all others on to the store inside.
macro_rules! crypto_store {
    ($type:ident { $($own:item)* } hands on { $(fn $name:ident($($argument:ident: $of:ty),*) -> $answer:ty;)* }) => {
        #[async_trait::async_trait]
        impl CryptoStore for $type {
            type Error = CryptoStoreError;

            $($own)*

            $(async fn $name(&self, $($argument: $of),*) -> Result<$answer> {
                self.store.$name($($argument),*).await
            })*
        }
    };
}

crypto_store! {
    Narrow {
        async fn save_changes(&self, changes: Changes) -> Result<()> {
            self.store.save_changes(self.narrowed(changes)).await
        }

        async fn save_inbound_group_sessions(&self, sessions: Vec<InboundGroupSession>, backed_up: Option<&str>) -> Result<()> {
            self.store.save_inbound_group_sessions(self.only_kept(sessions), backed_up).await
        }

        // What came while a room was kept stays sealed on the disk until the next start, and is not used.
        async fn get_inbound_group_session(&self, room: &ruma::RoomId, session: &str) -> Result<Option<InboundGroupSession>> {
            if !self.rooms.contains(room) {
                return Ok(None);
            }
            self.store.get_inbound_group_session(room, session).await
        }

        async fn get_inbound_group_sessions(&self) -> Result<Vec<InboundGroupSession>> {
            Ok(self.only_kept(self.store.get_inbound_group_sessions().await?))
        }

        async fn get_inbound_group_sessions_by_room_id(&self, room: &ruma::RoomId) -> Result<Vec<InboundGroupSession>> {
            Ok(self.only_kept(self.store.get_inbound_group_sessions_by_room_id(room).await?))
        }
    }

    hands on {
        fn load_account() -> Option<Account>;
        fn load_identity() -> Option<PrivateCrossSigningIdentity>;
        fn save_pending_changes(changes: PendingChanges) -> ();
        fn get_sessions(sender_key: &str) -> Option<Vec<Session>>;
        fn get_withheld_info(room: &ruma::RoomId, session: &str) -> Option<RoomKeyWithheldEntry>;
        fn get_withheld_sessions_by_room_id(room: &ruma::RoomId) -> Vec<RoomKeyWithheldEntry>;
        fn inbound_group_session_counts(backup: Option<&str>) -> RoomKeyCounts;
        fn get_inbound_group_sessions_for_device_batch(
            key: Curve25519PublicKey, of: SenderDataType, after: Option<String>, limit: usize
        ) -> Vec<InboundGroupSession>;
        fn inbound_group_sessions_for_backup(backup: &str, limit: usize) -> Vec<InboundGroupSession>;
        fn mark_inbound_group_sessions_as_backed_up(backup: &str, sessions: &[(&ruma::RoomId, &str)]) -> ();
        fn reset_backup_state() -> ();
        fn load_backup_keys() -> BackupKeys;
        fn load_dehydrated_device_pickle_key() -> Option<DehydratedDeviceKey>;
        fn delete_dehydrated_device_pickle_key() -> ();
        fn get_outbound_group_session(room: &ruma::RoomId) -> Option<OutboundGroupSession>;
        fn load_tracked_users() -> Vec<TrackedUser>;
        fn save_tracked_users(users: &[(&UserId, bool)]) -> ();
        fn get_device(user: &UserId, device: &DeviceId) -> Option<DeviceData>;
        fn get_user_devices(user: &UserId) -> HashMap<OwnedDeviceId, DeviceData>;
        fn get_own_device() -> DeviceData;
        fn get_user_identity(user: &UserId) -> Option<UserIdentityData>;
        fn is_message_known(message: &OlmMessageHash) -> bool;
        fn get_outgoing_secret_requests(request: &TransactionId) -> Option<GossipRequest>;
        fn get_secret_request_by_info(secret: &SecretInfo) -> Option<GossipRequest>;
        fn get_unsent_secret_requests() -> Vec<GossipRequest>;
        fn delete_outgoing_secret_requests(request: &TransactionId) -> ();
        fn get_secrets_from_inbox(name: &SecretName) -> Vec<Zeroizing<String>>;
        fn delete_secrets_from_inbox(name: &SecretName) -> ();
        fn get_room_settings(room: &ruma::RoomId) -> Option<RoomSettings>;
        fn get_received_room_key_bundle_data(room: &ruma::RoomId, user: &UserId) -> Option<StoredRoomKeyBundleData>;
        fn get_pending_key_bundle_details_for_room(room: &ruma::RoomId) -> Option<RoomPendingKeyBundleDetails>;
        fn get_all_rooms_pending_key_bundles() -> Vec<RoomPendingKeyBundleDetails>;
        fn has_downloaded_all_room_keys(room: &ruma::RoomId) -> bool;
        fn get_custom_value(key: &str) -> Option<Vec<u8>>;
        fn set_custom_value(key: &str, value: Vec<u8>) -> ();
        fn remove_custom_value(key: &str) -> ();
        fn try_take_leased_lock(lease_ms: u32, key: &str, holder: &str) -> Option<u64>;
        fn next_batch_token() -> Option<String>;
        fn close() -> ();
        fn reopen() -> ();
        fn get_size() -> Option<usize>;
    }
}
