//! A person with a real client for encrypted rooms: matrix-sdk, on which Element X is built, as it is
//! or strict, as Element is with "exclude insecure devices". It is in touch with the homeserver by
//! itself until it is dropped. As with [`super::user::Person`], what arrives is matched at most once
//! each, in the order of arrival; what this very client said does not count.
//!
//! ```text
//! let joy = Element::log_in(&scene.homeserver, &scene.joy.id, Mode::Normal).await;
//! let room = joy.opens_direct_room_with(&scene.bot()).await;
//! joy.says(&room, "!share help").await;
//! assert!(joy.reads(&room, "!share add").await.is_encrypted());
//! ```

mod identity;
mod inbox;
mod seen;
pub mod verification;

use super::client::http_client;
use super::synapse::Homeserver;
use super::synapse::temporary_directory;
use super::user::PASSWORD;
use super::wanted;
use inbox::Inbox;
use matrix_sdk::Client;
use matrix_sdk::Room;
use matrix_sdk::RoomState;
use matrix_sdk::encryption::EncryptionSettings;
use matrix_sdk_crypto::CollectStrategy;
use matrix_sdk_crypto::DecryptionSettings;
use matrix_sdk_crypto::TrustRequirement;
use ruma::OwnedUserId;
use ruma::UserId;
use ruma::api::client::room::create_room;
use ruma::events::InitialStateEvent;
use ruma::events::room::encryption::RoomEncryptionEventContent;
use ruma::events::room::message::FileMessageEventContent;
pub use seen::Seen;
pub use seen::Undecryptable;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Whom a client gives keys to, and whose messages it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everybody's devices.
    Normal,
    /// Only devices that their owners have cross-signed.
    Strict,
}

/// A person's real client.
pub struct Element {
    /// Her whole id.
    pub id: String,
    /// The id of the device that this client is.
    pub device: String,
    client: Client,
    inbox: Arc<Inbox>,
    in_touch: JoinHandle<()>,
    _store: TempDir,
}

impl Element {
    /// Logs a registered `person` in, by her id or the part before the colon. Her first client makes her
    /// cross-signing identity; a later one is another device of hers, not verified yet.
    pub async fn log_in(homeserver: &Homeserver, person: &str, mode: Mode) -> Self {
        let store = tempfile::Builder::new().prefix("element-").tempdir_in(temporary_directory()).expect("a directory for a client");
        let client = build(homeserver, mode, &store).await;
        let login = client.matrix_auth().login_username(person, PASSWORD).initial_device_display_name("Element").send().await;
        let login = login.unwrap_or_else(|error| panic!("{person} cannot log in: {error}"));
        client.encryption().wait_for_e2ee_initialization_tasks().await;
        let inbox = Arc::new(Inbox::new(login.user_id.as_str()));
        let in_touch = tokio::spawn(inbox::stay_in_touch(client.clone(), Arc::clone(&inbox)));
        inbox.has_synced().await;
        Self { id: login.user_id.into(), device: login.device_id.into(), client, inbox, in_touch, _store: store }
    }

    // Rooms.

    /// Opens an encrypted direct room with `person` as Element does: private, marked as direct in the
    /// invitation and in her own account data.
    pub async fn opens_direct_room_with(&self, person: &str) -> String {
        let room = self.client.create_dm(&user_id(person)).await;
        room.unwrap_or_else(|error| panic!("no direct room with {person}: {error}")).room_id().to_string()
    }

    /// Opens an encrypted private room with several people, which is nobody's direct room.
    pub async fn opens_room_with(&self, people: &[&str]) -> String {
        let mut request = create_room::v3::Request::new();
        request.preset = Some(create_room::v3::RoomPreset::PrivateChat);
        request.invite = people.iter().map(|person| user_id(person)).collect();
        let encryption = RoomEncryptionEventContent::with_recommended_defaults();
        request.initial_state = vec![InitialStateEvent::with_empty_state_key(encryption).to_raw_any()];
        self.client.create_room(request).await.expect("a room").room_id().to_string()
    }

    /// Adds `room` to her direct rooms with `person`.
    pub async fn marks_as_direct(&self, room: &str, person: &str) {
        let room = self.room(room).await;
        self.client.account().mark_as_dm(room.room_id(), &[user_id(person)]).await.expect("m.direct");
    }

    /// Replaces the whole of `m.direct`.
    pub async fn sets_direct_rooms(&self, content: Value) {
        let content = ruma::serde::Raw::new(&content).expect("JSON").cast_unchecked();
        self.client.account().set_account_data_raw("m.direct".into(), content).await.expect("m.direct");
    }

    /// The file of a message (m.file), downloaded and decrypted.
    pub async fn opens_file(&self, content: &Value) -> Vec<u8> {
        let content: FileMessageEventContent = serde_json::from_value(content.clone()).expect("a file");
        self.client.media().get_file(&content, false).await.expect("an answer").expect("a file")
    }

    /// Invites `person`.
    pub async fn invites(&self, room: &str, person: &str) {
        self.room(room).await.invite_user_by_id(&user_id(person)).await.expect("an invitation");
    }

    /// Joins a room that she is invited to, or that is public.
    pub async fn joins(&self, room: &str) {
        let id = ruma::RoomId::parse(room).expect("the id of a room");
        self.client.join_room_by_id(&id).await.unwrap_or_else(|error| panic!("{} cannot join {room}: {error}", self.id));
    }

    /// Switches encryption on; there is no way back.
    pub async fn encrypts(&self, room: &str) {
        self.room(room).await.enable_encryption().await.expect("an encrypted room");
    }

    // Saying.

    /// Says something in the room, encrypted if the room is, and gives the event's id.
    pub async fn says(&self, room: &str, message: &str) -> String {
        self.sends(room, "m.room.message", json!({"msgtype": "m.text", "body": message})).await
    }

    /// Reacts to an event; reactions are never encrypted.
    pub async fn reacts(&self, room: &str, event: &str, key: &str) -> String {
        let relation = json!({"rel_type": "m.annotation", "event_id": event, "key": key});
        self.sends(room, "m.reaction", json!({"m.relates_to": relation})).await
    }

    /// Takes back an event.
    pub async fn redacts(&self, room: &str, event: &str) {
        let event = ruma::EventId::parse(event).expect("the id of an event");
        self.room(room).await.redact(&event, None, None).await.expect("a redaction");
    }

    /// Sends any event, and gives its id.
    pub async fn sends(&self, room: &str, kind: &str, content: Value) -> String {
        let room = self.room(room).await;
        let sent = room.send_raw(kind, content).await;
        let sent = sent.unwrap_or_else(|error| panic!("{} could not send {kind} to {}: {error}", self.id, room.room_id()));
        sent.response.event_id.to_string()
    }

    /// Encrypts with a new room key from the next message on.
    pub async fn takes_a_new_room_key(&self, room: &str) {
        self.room(room).await.discard_room_key().await.expect("a room");
    }

    // Reading.

    /// Waits for a message that holds `part`, and that this client can read.
    pub async fn reads(&self, room: &str, part: &str) -> Seen {
        self.sees(room, &format!("a message with {part:?}"), wanted::message(part)).await
    }

    /// Waits for the reaction `key` to `event`.
    pub async fn sees_reaction(&self, room: &str, event: &str, key: &str) -> Seen {
        self.sees(room, &format!("the reaction {key} to {event}"), wanted::reaction(event, key)).await
    }

    /// Waits until `event` is edited to hold `part`.
    pub async fn sees_edit(&self, room: &str, event: &str, part: &str) -> Seen {
        self.sees(room, &format!("an edit of {event} with {part:?}"), wanted::edit(event, part)).await
    }

    /// Waits until `event` is taken back.
    pub async fn sees_redaction(&self, room: &str, event: &str) -> Seen {
        self.sees(room, &format!("the redaction of {event}"), wanted::redaction(event)).await
    }

    /// Waits until `person` has the `membership`.
    pub async fn sees_membership(&self, room: &str, person: &str, membership: &str) -> Seen {
        self.sees(room, &format!("{membership} of {person}"), wanted::membership(person, membership)).await
    }

    /// Waits for an event in the room; `what` says which, for the message of a failure.
    pub async fn sees(&self, room: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Seen {
        self.inbox.takes(room, what, |seen| seen.room == room && wanted(&seen.event)).await
    }

    /// Waits for an invitation by `person`, and gives the room.
    pub async fn is_invited_by(&self, person: &str) -> String {
        let what = format!("an invitation by {person}");
        self.inbox.takes("", &what, |seen| wanted::invitation(person, &self.id)(&seen.event)).await.room
    }

    /// Waits until the room is encrypted, as far as this client knows.
    pub async fn sees_encryption(&self, room: &str) {
        let encrypted = self.room(room).await;
        self.inbox.waits(room, "encryption", async || encrypted.encryption_state().is_encrypted().then_some(())).await;
    }

    /// What `person` has said in the room, as far as it has arrived and can be read, oldest first.
    pub fn has_read(&self, room: &str, person: &str) -> Vec<String> {
        let messages = self.inbox.all(|seen| seen.room == room && seen.sender == person && seen.event["type"] == "m.room.message");
        messages.into_iter().map(|seen| seen.body).collect()
    }

    /// Everything that has arrived in the room, oldest first.
    pub fn has_seen(&self, room: &str) -> Vec<Seen> {
        self.inbox.all(|seen| seen.room == room)
    }

    /// What has arrived in any room, and cannot be read up to now; what could be read later is not in it.
    pub fn cannot_read(&self) -> Vec<Undecryptable> {
        self.inbox.undecryptable()
    }

    /// Waits for an event in the room that this client cannot read.
    pub async fn sees_but_cannot_read(&self, room: &str, event: &str) -> Undecryptable {
        let what = format!("{event}, which cannot be read");
        self.inbox.waits(room, &what, async || self.cannot_read().into_iter().find(|hidden| hidden.event == event)).await
    }

    /// The events of the type `kind` (`m.secret.request`, `m.room_key_request`) that other devices sent to this one.
    pub fn was_sent(&self, kind: &str) -> Vec<Value> {
        self.inbox.to_device(kind)
    }

    /// Waits for the first event of the type `kind` that another device sends to this one.
    pub async fn is_sent(&self, kind: &str) -> Value {
        self.inbox.waits("", &format!("a {kind}"), async || self.was_sent(kind).into_iter().next()).await
    }

    /// The room, once this client knows that she has joined it.
    async fn room(&self, room: &str) -> Room {
        let id = ruma::RoomId::parse(room).expect("the id of a room");
        let known = async || self.client.get_room(&id).filter(|room| room.state() == RoomState::Joined);
        self.inbox.waits(room, "the room itself", known).await
    }
}

impl Drop for Element {
    fn drop(&mut self) {
        self.in_touch.abort();
    }
}

async fn build(homeserver: &Homeserver, mode: Mode, store: &TempDir) -> Client {
    let encryption = EncryptionSettings { auto_enable_cross_signing: true, ..EncryptionSettings::default() };
    let builder = Client::builder()
        .homeserver_url(homeserver.address())
        .http_client(http_client())
        .sqlite_store(store.path(), None)
        .with_encryption_settings(encryption);
    let builder = match mode {
        Mode::Normal => builder,
        Mode::Strict => builder
            .with_room_key_recipient_strategy(CollectStrategy::IdentityBasedStrategy)
            .with_decryption_settings(DecryptionSettings { sender_device_trust_requirement: TrustRequirement::CrossSigned }),
    };
    builder.build().await.expect("a client")
}

fn user_id(person: &str) -> OwnedUserId {
    UserId::parse(person).unwrap_or_else(|error| panic!("{person} is nobody's id: {error}"))
}
