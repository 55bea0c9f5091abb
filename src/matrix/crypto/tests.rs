//! What a sharer's device at tradepost keeps and says, among devices that talk to each other in memory.

use super::Machine;
use super::Trust;
use super::narrow::KeptRooms;
use super::narrow::Narrow;
use super::outgoing::asks_for_secrets;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::matrix::client::Client;
use crate::matrix::client::Settings;
use crate::values::Secret;
use homeserver::Homeserver;
use matrix_sdk_crypto::DecryptionSettings;
use matrix_sdk_crypto::EncryptionSettings;
use matrix_sdk_crypto::EncryptionSyncChanges;
use matrix_sdk_crypto::GossipRequest;
use matrix_sdk_crypto::OlmMachine;
use matrix_sdk_crypto::Sas;
use matrix_sdk_crypto::TrustRequirement;
use matrix_sdk_crypto::Verification;
use matrix_sdk_crypto::olm::InboundGroupSession;
use matrix_sdk_crypto::store::DynCryptoStore;
use matrix_sdk_crypto::store::IntoCryptoStore;
use matrix_sdk_crypto::store::MemoryStore;
use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrix_sdk_crypto::store::types::Changes;
use matrix_sdk_crypto::store::types::DehydratedDeviceKey;
use matrix_sdk_crypto::store::types::SecretsInboxItem;
use matrix_sdk_crypto::types::requests::AnyOutgoingRequest;
use matrix_sdk_crypto::types::requests::OutgoingVerificationRequest;
use matrix_sdk_crypto::types::requests::ToDeviceRequest;
use ruma::events::AnyMessageLikeEventContent;
use ruma::events::secret::request::SecretName;
use ruma::serde::Raw;
use ruma::to_device::DeviceIdOrAllDevices;
use ruma::user_id;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use zeroize::Zeroizing;

mod homeserver;

const SHARED: &str = "!shared:a.example";
const OTHER: &str = "!other:a.example";

fn joy() -> &'static ruma::UserId {
    user_id!("@joy:a.example")
}

fn mary() -> &'static ruma::UserId {
    user_id!("@mary:a.example")
}

/// A client of a homeserver that is not there: whatever is asked of it fails.
fn nobody() -> Client {
    Client::new(&Settings {
        address: "http://127.0.0.1:1".parse().unwrap(),
        as_token: Secret::new("none"),
        bot: UserId::new("@tradepost:a.example"),
        double_puppet: None,
    })
    .unwrap()
}

fn rooms(rooms: &[&str]) -> BTreeSet<RoomId> {
    rooms.iter().copied().map(RoomId::new).collect()
}

/// Joy's device at tradepost, keeping the keys of these rooms in `store`.
async fn device(store: &Arc<DynCryptoStore>, kept: &[&str]) -> Machine {
    let keeps = KeptRooms::default();
    keeps.set(rooms(kept));
    let narrow = Narrow::new(Arc::clone(store), keeps.clone());
    narrow.destroy_others().await.unwrap();
    let olm = OlmMachine::with_store(joy(), "TRADEPOST".into(), narrow, None).await.unwrap();
    Machine::new(olm, nobody(), Trust::All, Some(keeps))
}

fn memory() -> Arc<DynCryptoStore> {
    MemoryStore::new().into_crypto_store()
}

async fn client(user: &ruma::UserId, device: &str) -> OlmMachine {
    OlmMachine::new(user, device.into()).await
}

/// Takes what waits for a client of somebody.
async fn take(homeserver: &mut Homeserver, olm: &OlmMachine) {
    let sync: super::super::client::KeySync = homeserver.sync(olm);
    let changes = EncryptionSyncChanges {
        to_device_events: sync.to_device.events,
        changed_devices: &sync.device_lists,
        one_time_keys_counts: &sync.device_one_time_keys_count,
        unused_fallback_keys: sync.device_unused_fallback_key_types.as_deref(),
        next_batch_token: None,
    };
    let settings = DecryptionSettings { sender_device_trust_requirement: TrustRequirement::Untrusted };
    olm.receive_sync_changes(changes, &settings).await.unwrap();
}

/// Mary says something to Joy in a room: the event, and the session that it was encrypted with.
async fn says(homeserver: &mut Homeserver, olm: &OlmMachine, room: &str) -> (String, String) {
    homeserver.introduce(olm, &[joy()]).await;
    homeserver.connect(olm, &[joy()]).await;
    let id = ruma::RoomId::parse(room).unwrap();
    for message in olm.share_room_key(&id, std::iter::once(joy()), EncryptionSettings::default()).await.unwrap() {
        homeserver.send(olm, &message);
        let answer = ruma::api::client::to_device::send_event_to_device::v3::Response::new();
        olm.mark_request_as_sent(&message.txn_id, &answer).await.unwrap();
    }
    let content: Raw<AnyMessageLikeEventContent> =
        Raw::from_json_string(json!({ "msgtype": "m.text", "body": "!share mute" }).to_string()).unwrap();
    let encrypted = olm.encrypt_room_event_raw(&id, "m.room.message", &content).await.unwrap();
    let content: serde_json::Value = encrypted.content.deserialize_as_unchecked().unwrap();
    let session = content["session_id"].as_str().unwrap().to_owned();
    let event = json!({
        "type": "m.room.encrypted", "event_id": "$said", "room_id": room, "sender": olm.user_id(),
        "origin_server_ts": 1, "content": content,
    });
    (event.to_string(), session)
}

/// Mary's client gives Joy's device at tradepost, which keeps what is shared, the keys of both rooms.
struct Story {
    store: Arc<DynCryptoStore>,
    device: Machine,
    shared: (String, String),
    other: (String, String),
    reported: Vec<(RoomId, String)>,
}

async fn told() -> Story {
    let mut homeserver = Homeserver::default();
    let store = memory();
    let device = device(&store, &[SHARED]).await;
    let mary = client(mary(), "PHONE").await;
    homeserver.serve(&device.olm).await;
    homeserver.serve(&mary).await;
    let shared = says(&mut homeserver, &mary, SHARED).await;
    let other = says(&mut homeserver, &mary, OTHER).await;
    let reported = device.receive(homeserver.sync(&device.olm)).await.unwrap().keys;
    Story { store, device, shared, other, reported }
}

async fn opens(device: &Machine, event: &str, room: &str) -> bool {
    device.decrypt(event, &RoomId::new(room)).await.is_ok_and(|event| event.json.contains("!share mute"))
}

#[tokio::test]
async fn keys_of_rooms_in_which_nothing_is_shared_are_neither_kept_nor_told_of() {
    let Story { store, device, shared, other, reported } = told().await;
    assert_eq!(reported, [(RoomId::new(SHARED), shared.1.clone())]);
    let sessions = store.get_inbound_group_sessions().await.unwrap();
    assert_eq!(sessions.iter().map(InboundGroupSession::session_id).collect::<Vec<_>>(), [shared.1]);
    assert!(opens(&device, &shared.0, SHARED).await);
    assert!(!opens(&device, &other.0, OTHER).await);
}

#[tokio::test]
async fn keys_of_a_room_are_not_used_while_nothing_is_shared_there_and_gone_after_the_next_start() {
    let Story { store, device, shared, .. } = told().await;
    device.keep_only(rooms(&[OTHER]));
    assert!(!opens(&device, &shared.0, SHARED).await);
    assert_eq!(device.olm.store().get_inbound_group_session(&ruma::RoomId::parse(SHARED).unwrap(), &shared.1).await.unwrap(), None);
    device.keep_only(rooms(&[SHARED]));
    assert!(opens(&device, &shared.0, SHARED).await);

    drop(device);
    assert!(opens(&self::device(&store, &[SHARED]).await, &shared.0, SHARED).await);
    self::device(&store, &[OTHER]).await;
    assert!(!opens(&self::device(&store, &[SHARED]).await, &shared.0, SHARED).await);
    assert!(!opens(&bare(&store).await, &shared.0, SHARED).await);
}

/// The same device without anything that narrows it.
async fn bare(store: &Arc<DynCryptoStore>) -> Machine {
    let olm = OlmMachine::with_store(joy(), "TRADEPOST".into(), Arc::clone(store), None).await.unwrap();
    Machine::new(olm, nobody(), Trust::All, Some(KeptRooms::default()))
}

/// Joy's phone, which has her identity, verifies her device at tradepost by emoji; what the device has
/// to say then is still to be said.
async fn verified(homeserver: &mut Homeserver, device: &OlmMachine) -> OlmMachine {
    let phone = client(joy(), "PHONE").await;
    homeserver.serve(&phone).await;
    let identity = phone.bootstrap_cross_signing(true).await.unwrap();
    homeserver.publish(&phone, identity).await;
    homeserver.serve(device).await;
    homeserver.introduce(&phone, &[joy()]).await;
    homeserver.introduce(device, &[joy()]).await;

    let other = phone.get_device(joy(), device.device_id(), None).await.unwrap().unwrap();
    let (asked, request) = other.request_verification();
    pass(homeserver, &phone, request);
    take(homeserver, device).await;
    let answering = device.get_verification_request(joy(), asked.flow_id().as_str()).unwrap();
    pass(homeserver, device, answering.accept().unwrap());
    take(homeserver, &phone).await;
    let (_, start) = asked.start_sas().await.unwrap().unwrap();
    pass(homeserver, &phone, start);
    take(homeserver, device).await;
    pass(homeserver, device, sas(device, asked.flow_id().as_str()).accept().unwrap());
    for (from, to) in [(device, &phone), (&phone, device), (device, &phone)] {
        homeserver.serve(from).await;
        take(homeserver, to).await;
    }
    let emoji = sas(device, asked.flow_id().as_str()).emoji_index();
    assert!(emoji.is_some() && emoji == sas(&phone, asked.flow_id().as_str()).emoji_index());
    for (from, to) in [(&phone, device), (device, &phone)] {
        let (steps, signatures) = sas(from, asked.flow_id().as_str()).confirm().await.unwrap();
        assert!(signatures.is_none() || from.device_id() == device.device_id());
        for step in steps {
            pass(homeserver, from, step);
        }
        take(homeserver, to).await;
    }
    homeserver.serve(&phone).await;
    take(homeserver, device).await;
    homeserver.introduce(device, &[joy()]).await;
    assert!(device.get_device(joy(), device.device_id(), None).await.unwrap().unwrap().is_cross_signed_by_owner());
    phone
}

fn sas(olm: &OlmMachine, flow: &str) -> Box<Sas> {
    olm.get_verification(joy(), flow).and_then(Verification::sas_v1).unwrap()
}

fn pass(homeserver: &mut Homeserver, from: &OlmMachine, step: OutgoingVerificationRequest) {
    let OutgoingVerificationRequest::ToDevice(message) = step else { panic!("it is no message to a device") };
    homeserver.send(from, &message);
}

/// What a device would ask other devices for.
async fn asked(olm: &OlmMachine) -> Vec<ToDeviceRequest> {
    let requests = olm.outgoing_requests().await.unwrap();
    let messages = requests.iter().filter_map(|request| match request.request() {
        AnyOutgoingRequest::ToDeviceRequest(message) => Some(message.clone()),
        _ => None,
    });
    messages.filter(asks_for_secrets).collect()
}

#[tokio::test]
async fn the_library_asks_for_secrets_after_a_verification_and_a_persons_device_does_not_say_so() {
    let mut homeserver = Homeserver::default();
    let person = bare(&memory()).await;
    verified(&mut homeserver, &person.olm).await;
    let asked_for = asked(&person.olm).await;
    assert_eq!(asked_for.len(), 4, "three private keys, and that of the backup: {asked_for:?}");
    // Whatever it said would fail, since nobody hears it.
    person.send_outgoing().await.unwrap();
    assert_eq!(asked(&person.olm).await.len(), 0);

    let mut homeserver = Homeserver::default();
    let olm = OlmMachine::with_store(joy(), "TRADEPOST".into(), memory(), None).await.unwrap();
    let bot = Machine::new(olm, nobody(), Trust::All, None);
    verified(&mut homeserver, &bot.olm).await;
    assert!(bot.send_outgoing().await.is_err());
}

/// Whether a device has her private keys after it asked her phone for its master key.
async fn has_identity_once_asked(homeserver: &mut Homeserver, device: &OlmMachine, phone: &OlmMachine) -> bool {
    let request = json!({
        "action": "request", "name": "m.cross_signing.master", "request_id": "asked", "requesting_device_id": device.device_id(),
    });
    let content = Raw::from_json_string(request.to_string()).unwrap();
    let messages = BTreeMap::from([(joy().to_owned(), BTreeMap::from([(DeviceIdOrAllDevices::AllDevices, content)]))]);
    homeserver.send(device, &ToDeviceRequest { event_type: "m.secret.request".into(), txn_id: "asked".into(), messages });
    homeserver.serve(device).await;
    take(homeserver, phone).await;
    homeserver.connect(phone, &[joy()]).await;
    take(homeserver, phone).await;
    homeserver.serve(phone).await;
    assert!(homeserver.waits_for(device), "the phone answers");
    take(homeserver, device).await;
    device.cross_signing_status().await.has_master
}

#[tokio::test]
async fn secrets_are_neither_asked_for_nor_kept_when_they_come() {
    let mut homeserver = Homeserver::default();
    let bare = bare(&memory()).await;
    let phone = verified(&mut homeserver, &bare.olm).await;
    assert!(has_identity_once_asked(&mut homeserver, &bare.olm, &phone).await, "without the narrow store it has them");

    let mut homeserver = Homeserver::default();
    let store = memory();
    let device = device(&store, &[SHARED]).await;
    let phone = verified(&mut homeserver, &device.olm).await;
    assert_eq!(asked(&device.olm).await.len(), 0);
    assert!(!has_identity_once_asked(&mut homeserver, &device.olm, &phone).await);
    assert!(store.load_identity().await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_persons_device_never_needs_is_not_stored() {
    let store = memory();
    let device = device(&store, &[SHARED]).await;
    let secret = SecretsInboxItem { secret_name: SecretName::RecoveryKey, secret: Zeroizing::new("secret".to_owned()) };
    let changes = || Changes {
        secrets: vec![secret.clone()],
        key_requests: vec![GossipRequest {
            request_recipient: joy().to_owned(),
            request_id: "asked".into(),
            info: SecretName::RecoveryKey.into(),
            sent_out: false,
        }],
        backup_decryption_key: Some(BackupDecryptionKey::new()),
        dehydrated_device_pickle_key: Some(DehydratedDeviceKey::new()),
        ..Changes::default()
    };
    let kept = async |store: &Arc<DynCryptoStore>| {
        (
            store.get_secrets_from_inbox(&SecretName::RecoveryKey).await.unwrap().len(),
            store.get_unsent_secret_requests().await.unwrap().len(),
            store.load_backup_keys().await.unwrap().decryption_key.is_some(),
            store.load_dehydrated_device_pickle_key().await.unwrap().is_some(),
        )
    };
    device.olm.store().save_changes(changes()).await.unwrap();
    assert_eq!(kept(&store).await, (0, 0, false, false));
    store.save_changes(changes()).await.unwrap();
    assert_eq!(kept(&store).await, (1, 1, true, true));
}
