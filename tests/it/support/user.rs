//! A person with an ordinary Matrix client: she opens rooms, says things, and waits to hear others.
//! What others say is matched at most once each, in the order of arrival, so that a test reads like a chat.

use super::client::CallError;
use super::client::Client;
use super::synapse::Homeserver;
use super::wanted;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;
use tokio::sync::Mutex;

/// How long a person waits for what she expects.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long one request for news may hang.
const LONG_POLL: Duration = Duration::from_secs(5);
/// Everybody's.
pub const PASSWORD: &str = "correct horse battery staple";

/// A person on the homeserver.
pub struct Person {
    /// Her whole id.
    pub id: String,
    client: Client,
    said: AtomicU64,
    inbox: Mutex<Inbox>,
}

/// What her client has received.
#[derive(Default)]
struct Inbox {
    since: Option<String>,
    received: Vec<Received>,
}

struct Received {
    room: String,
    event: Value,
    taken: bool,
}

impl Person {
    /// Registers her as `localpart`.
    pub async fn register(homeserver: &Homeserver, localpart: &str) -> Self {
        let client = Client::new(&homeserver.address());
        let account = json!({"username": localpart, "password": PASSWORD, "auth": {"type": "m.login.dummy"}});
        Self::logged_in(homeserver, &client.post(&["register"], account).await)
    }

    /// Logs her in once more, from a device that has seen nothing yet.
    pub async fn login(homeserver: &Homeserver, localpart: &str) -> Self {
        let client = Client::new(&homeserver.address());
        let login = json!({"type": "m.login.password", "identifier": {"type": "m.id.user", "user": localpart}, "password": PASSWORD});
        Self::logged_in(homeserver, &client.post(&["login"], login).await)
    }

    fn logged_in(homeserver: &Homeserver, answer: &Value) -> Self {
        let token = answer["access_token"].as_str().expect("an access token");
        Self {
            id: text(&answer["user_id"]),
            client: Client::new(&homeserver.address()).with_token(token),
            said: AtomicU64::new(0),
            inbox: Mutex::default(),
        }
    }

    /// Her client, for calls that have no method here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Her client alone.
    pub fn into_client(self) -> Client {
        self.client
    }

    // Rooms.

    /// Opens a direct room with `person` as Element Web does: private, marked as direct in the
    /// invitation and in her own account data.
    pub async fn opens_direct_room_with(&self, person: &str) -> String {
        let options = json!({"preset": "trusted_private_chat", "is_direct": true, "invite": [person]});
        let room = self.creates_room(options).await;
        self.marks_as_direct(&room, person).await;
        room
    }

    /// Creates a room; `options` are those of the API's createRoom.
    pub async fn creates_room(&self, options: Value) -> String {
        text(&self.client.post(&["createRoom"], options).await["room_id"])
    }

    /// Adds `room` to her direct rooms with `person`.
    pub async fn marks_as_direct(&self, room: &str, person: &str) {
        let path = ["user", &self.id, "account_data", "m.direct"];
        let known = self.client.call(Method::GET, &path, &[], Value::Null).await;
        let mut direct = known.unwrap_or_else(|_| json!({}));
        let mut rooms = direct[person].as_array().cloned().unwrap_or_default();
        rooms.push(json!(room));
        direct[person] = json!(rooms);
        self.client.put(&path, direct).await;
    }

    /// Invites `person`.
    pub async fn invites(&self, room: &str, person: &str) {
        self.client.post(&["rooms", room, "invite"], json!({"user_id": person})).await;
    }

    /// Joins a room that she is invited to, or that is public.
    pub async fn joins(&self, room: &str) {
        self.client.post(&["rooms", room, "join"], json!({})).await;
    }

    /// Leaves, or declines an invitation.
    pub async fn leaves(&self, room: &str) {
        self.client.post(&["rooms", room, "leave"], json!({})).await;
    }

    /// Puts `person` out of the room.
    pub async fn kicks(&self, room: &str, person: &str) {
        self.client.post(&["rooms", room, "kick"], json!({"user_id": person})).await;
    }

    /// Puts `person` out for good.
    pub async fn bans(&self, room: &str, person: &str) {
        self.client.post(&["rooms", room, "ban"], json!({"user_id": person})).await;
    }

    /// Replaces the room by a new one, and gives that.
    pub async fn upgrades(&self, room: &str) -> String {
        let answer = self.client.post(&["rooms", room, "upgrade"], json!({"new_version": "11"})).await;
        text(&answer["replacement_room"])
    }

    /// Switches encryption on; there is no way back.
    pub async fn encrypts(&self, room: &str) {
        self.sets_state(room, "m.room.encryption", "", json!({"algorithm": "m.megolm.v1.aes-sha2"})).await;
    }

    /// Sets a piece of the room's state.
    pub async fn sets_state(&self, room: &str, kind: &str, key: &str, content: Value) {
        self.client.put(&["rooms", room, "state", kind, key], content).await;
    }

    /// Who is or was in the room, and how: `join`, `invite`, `leave`, `ban`.
    pub async fn members(&self, room: &str) -> BTreeMap<String, String> {
        let answer = self.client.get(&["rooms", room, "members"]).await;
        let members = answer["chunk"].as_array().expect("members");
        members.iter().map(|event| (text(&event["state_key"]), text(&event["content"]["membership"]))).collect()
    }

    /// Changes the name that others see.
    pub async fn sets_display_name(&self, name: &str) {
        self.client.put(&["profile", &self.id, "displayname"], json!({"displayname": name})).await;
    }

    // Saying.

    /// Says something in the room, and gives the event's id.
    pub async fn says(&self, room: &str, message: &str) -> String {
        self.sends(room, "m.room.message", json!({"msgtype": "m.text", "body": message})).await
    }

    /// Reacts to an event.
    pub async fn reacts(&self, room: &str, event: &str, key: &str) -> String {
        let relation = json!({"rel_type": "m.annotation", "event_id": event, "key": key});
        self.sends(room, "m.reaction", json!({"m.relates_to": relation})).await
    }

    /// Takes back an event.
    pub async fn redacts(&self, room: &str, event: &str) {
        let transaction = format!("t{}", self.said.fetch_add(1, Ordering::Relaxed));
        self.client.put(&["rooms", room, "redact", event, &transaction], json!({})).await;
    }

    /// Sends any event, and gives its id.
    pub async fn sends(&self, room: &str, kind: &str, content: Value) -> String {
        let transaction = format!("t{}", self.said.fetch_add(1, Ordering::Relaxed));
        let answer = self.client.put(&["rooms", room, "send", kind, &transaction], content).await;
        text(&answer["event_id"])
    }

    // Hearing.

    /// Waits for somebody else's message that holds `part`.
    pub async fn hears(&self, room: &str, part: &str) -> Value {
        self.sees(room, &format!("a message with {part:?}"), wanted::message(part)).await
    }

    /// Waits for somebody else's reaction `key` to `event`.
    pub async fn sees_reaction(&self, room: &str, event: &str, key: &str) -> Value {
        self.sees(room, &format!("the reaction {key} to {event}"), wanted::reaction(event, key)).await
    }

    /// Waits until `event` is edited to hold `part`.
    pub async fn sees_edit(&self, room: &str, event: &str, part: &str) -> Value {
        self.sees(room, &format!("an edit of {event} with {part:?}"), wanted::edit(event, part)).await
    }

    /// Waits until `event` is taken back.
    pub async fn sees_redaction(&self, room: &str, event: &str) -> Value {
        self.sees(room, &format!("the redaction of {event}"), wanted::redaction(event)).await
    }

    /// Waits until `person` has the `membership`.
    pub async fn sees_membership(&self, room: &str, person: &str, membership: &str) -> Value {
        self.sees(room, &format!("{membership} of {person}"), wanted::membership(person, membership)).await
    }

    /// Waits for an event of somebody else in the room; `what` says which, for the message of a failure.
    pub async fn sees(&self, room: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let seen = self.waits(|received| received.room == room && wanted(&received.event)).await;
        let Some(seen) = seen else {
            panic!("{} waited {PATIENCE:?} in {room} for {what}. {}", self.id, self.untaken(room).await);
        };
        seen.1
    }

    /// Waits for an invitation by `person`, and gives the room.
    pub async fn is_invited_by(&self, person: &str) -> String {
        let invitation = self.waits(|received| wanted::invitation(person, &self.id)(&received.event)).await;
        invitation.unwrap_or_else(|| panic!("{person} did not invite {}", self.id)).0
    }

    /// What `person` has said in the room up to now, oldest first.
    pub async fn has_read(&self, room: &str, person: &str) -> Vec<String> {
        let events = self.events(room).await;
        let messages = events.iter().filter(|event| event["type"] == "m.room.message" && event["sender"] == person);
        messages.map(|event| text(&event["content"]["body"])).collect()
    }

    /// Every event of the room that she may see, oldest first.
    pub async fn events(&self, room: &str) -> Vec<Value> {
        let mut events = Vec::new();
        let mut from = String::new();
        loop {
            let mut query = vec![("dir", "f"), ("limit", "500")];
            if !from.is_empty() {
                query.push(("from", &from));
            }
            let page = self.client.call(Method::GET, &["rooms", room, "messages"], &query, Value::Null).await;
            let mut page = page.unwrap_or_else(|error| panic!("the messages of {room}: {error:?}"));
            let chunk = page["chunk"].as_array_mut().map(std::mem::take).unwrap_or_default();
            events.extend(chunk);
            match page["end"].as_str() {
                Some(end) => end.clone_into(&mut from),
                None => return events,
            }
        }
    }

    async fn waits(&self, wanted: impl Fn(&Received) -> bool) -> Option<(String, Value)> {
        let started = Instant::now();
        let mut inbox = self.inbox.lock().await;
        loop {
            let found =
                inbox.received.iter_mut().find(|received| !received.taken && received.event["sender"] != self.id && wanted(received));
            if let Some(found) = found {
                found.taken = true;
                return Some((found.room.clone(), found.event.clone()));
            }
            let left = PATIENCE.checked_sub(started.elapsed())?;
            inbox.receive(&self.client, left.min(LONG_POLL)).await;
        }
    }

    async fn untaken(&self, room: &str) -> String {
        let inbox = self.inbox.lock().await;
        let arrived = inbox.received.iter().filter(|received| received.room == room);
        let lines: Vec<String> = arrived.map(Received::line).collect();
        format!("What arrived there ('-' marks what was matched before):\n{}", lines.join("\n"))
    }
}

impl Inbox {
    async fn receive(&mut self, client: &Client, wait: Duration) {
        let wait = wait.as_millis().to_string();
        let filter = json!({
            "presence": {"types": []},
            "account_data": {"types": []},
            "room": {"include_leave": true, "timeline": {"limit": 500}, "state": {"types": []}, "ephemeral": {"types": []}},
        })
        .to_string();
        let mut query = vec![("timeout", wait.as_str()), ("filter", filter.as_str())];
        if let Some(since) = &self.since {
            query.push(("since", since));
        }
        match client.call(Method::GET, &["sync"], &query, Value::Null).await {
            Ok(answer) => self.take_in(&answer),
            // The homeserver may be restarting; whoever waits gives up in time.
            Err(CallError::Unreachable(_)) => moment().await,
            Err(CallError::Refused(refused)) => panic!("/sync: {refused:?}"),
        }
    }

    fn take_in(&mut self, answer: &Value) {
        self.since = Some(text(&answer["next_batch"]));
        for section in ["join", "leave"] {
            self.take_in_rooms(&answer["rooms"][section], "timeline");
        }
        self.take_in_rooms(&answer["rooms"]["invite"], "invite_state");
    }

    fn take_in_rooms(&mut self, rooms: &Value, part: &str) {
        for (room, content) in rooms.as_object().into_iter().flatten() {
            for event in content[part]["events"].as_array().into_iter().flatten() {
                self.received.push(Received { room: room.clone(), event: event.clone(), taken: false });
            }
        }
    }
}

impl Received {
    fn line(&self) -> String {
        wanted::line(&self.event, self.taken)
    }
}

/// A short while, after which a homeserver that was away may be there again.
pub async fn moment() {
    let nothing = std::future::pending::<()>();
    let _ = tokio::time::timeout(Duration::from_millis(100), nothing).await;
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
