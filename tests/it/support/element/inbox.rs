//! What a client receives while it is in touch with the homeserver, and waiting for it.

use super::super::user::moment;
use super::super::wanted;
use super::Seen;
use super::Undecryptable;
use matrix_sdk::Client;
use matrix_sdk::config::SyncSettings;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::deserialized_responses::TimelineEventKind;
use matrix_sdk::sync::SyncResponse;
use ruma::RoomId;
use ruma::api::client::filter::FilterDefinition;
use ruma::api::client::sync::sync_events::v3::Filter;
use ruma::events::AnySyncTimelineEvent;
use ruma::serde::Raw;
use ruma::uint;
use serde_json::Value;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::timeout_at;

/// How long a person waits for what she expects: keys take several turns, and tests share the machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one request for news may hang.
const LONG_POLL: Duration = Duration::from_secs(5);

/// What has arrived.
pub(super) struct Inbox {
    owner: String,
    received: Mutex<Vec<Received>>,
    to_device: Mutex<Vec<Value>>,
    /// Why the homeserver was not reached last time.
    trouble: Mutex<String>,
    /// Counts the answers of the homeserver: whoever waits looks again after each.
    rounds: watch::Sender<usize>,
}

struct Received {
    seen: Seen,
    taken: bool,
    /// As it came, with the client's reason, as long as it cannot be read.
    hidden: Option<(Raw<AnySyncTimelineEvent>, String)>,
}

/// Asks for news without end.
pub(super) async fn stay_in_touch(client: Client, inbox: Arc<Inbox>) {
    let mut filter = FilterDefinition::default();
    filter.room.timeline.limit = Some(uint!(500));
    filter.room.include_leave = true;
    let settings = SyncSettings::new().timeout(LONG_POLL).filter(Filter::FilterDefinition(filter));
    loop {
        match Box::pin(client.sync_once(settings.clone())).await {
            Ok(response) => inbox.take_in(&client, response).await,
            // The homeserver may be restarting; whoever waits gives up in time.
            Err(error) => {
                *lock(&inbox.trouble) = format!("{error}");
                moment().await;
            }
        }
    }
}

impl Inbox {
    pub(super) fn new(owner: &str) -> Self {
        Self {
            owner: owner.to_owned(),
            received: Mutex::default(),
            to_device: Mutex::default(),
            trouble: Mutex::default(),
            rounds: watch::Sender::new(0),
        }
    }

    /// Waits for the first answer of the homeserver.
    pub(super) async fn has_synced(&self) {
        self.waits("", "the homeserver's first answer", async || (*self.rounds.borrow() > 0).then_some(())).await;
    }

    /// Waits for an event that was not taken before. What is said of `room` helps to understand a failure.
    pub(super) async fn takes(&self, room: &str, what: &str, wanted: impl Fn(&Seen) -> bool) -> Seen {
        self.waits(room, what, async || {
            let mut received = lock(&self.received);
            let found = received.iter_mut().find(|received| received.can_be_taken() && wanted(&received.seen))?;
            found.taken = true;
            Some(found.seen.clone())
        })
        .await
    }

    /// Asks `wanted` after each answer of the homeserver until it gives something.
    pub(super) async fn waits<T>(&self, room: &str, what: &str, mut wanted: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut rounds = self.rounds.subscribe();
        loop {
            rounds.borrow_and_update();
            if let Some(found) = wanted().await {
                return found;
            }
            let news = timeout_at(deadline, rounds.changed()).await;
            assert!(news.is_ok(), "{} waited {PATIENCE:?} in {room} for {what}. {}", self.owner, self.untaken(room));
        }
    }

    /// What can be read and matches, oldest first.
    pub(super) fn all(&self, wanted: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        let received = lock(&self.received);
        received
            .iter()
            .filter(|received| received.hidden.is_none() && wanted(&received.seen))
            .map(|received| received.seen.clone())
            .collect()
    }

    pub(super) fn undecryptable(&self) -> Vec<Undecryptable> {
        lock(&self.received).iter().filter_map(Received::undecryptable).collect()
    }

    pub(super) fn to_device(&self, kind: &str) -> Vec<Value> {
        lock(&self.to_device).iter().filter(|event| event["type"] == kind).cloned().collect()
    }

    async fn take_in(&self, client: &Client, response: SyncResponse) {
        lock(&self.to_device).extend(response.to_device.iter().map(|event| json(event.as_raw())));
        let joined = response.rooms.joined.iter().map(|(room, update)| (room, &update.timeline));
        let left = response.rooms.left.iter().map(|(room, update)| (room, &update.timeline));
        for (room, timeline) in joined.chain(left) {
            lock(&self.received).extend(timeline.events.iter().map(|event| Received::new(room, event)));
        }
        for (room, update) in &response.rooms.invited {
            let invitation = update.invite_state.events.iter().map(|event| Received::readable(room, json(event)));
            lock(&self.received).extend(invitation);
        }
        self.reads_again(client).await;
        lock(&self.trouble).clear();
        self.rounds.send_modify(|rounds| *rounds += 1);
    }

    /// Tries once more to decrypt what could not be read, since a key may have arrived after the message.
    async fn reads_again(&self, client: &Client) {
        let hidden: Vec<_> = lock(&self.received).iter().enumerate().filter_map(|(place, received)| received.hidden_in(place)).collect();
        for (place, room, event) in hidden {
            let Some(room) = RoomId::parse(&room).ok().and_then(|room| client.get_room(&room)) else { continue };
            if let Ok(again) = room.decrypt_event(event.cast_ref_unchecked(), None).await {
                lock(&self.received)[place] = Received::new(room.room_id(), &again);
            }
        }
    }

    fn untaken(&self, room: &str) -> String {
        let received = lock(&self.received);
        let arrived = received.iter().filter(|received| received.seen.room == room);
        let lines: Vec<String> = arrived.map(Received::line).collect();
        let trouble = lock(&self.trouble);
        format!("What arrived there ('-' marks what was matched before):\n{}\n{trouble}", lines.join("\n"))
    }
}

impl Received {
    fn new(room: &RoomId, event: &TimelineEvent) -> Self {
        let seen = Seen::new(room.as_str(), json(event.raw()), event.encryption_info().cloned());
        let hidden = match &event.kind {
            TimelineEventKind::UnableToDecrypt { event, utd_info } => Some((event.clone(), format!("{:?}", utd_info.reason))),
            TimelineEventKind::Decrypted(_) | TimelineEventKind::PlainText { .. } => None,
        };
        Self { seen, taken: false, hidden }
    }

    fn readable(room: &RoomId, event: Value) -> Self {
        Self { seen: Seen::new(room.as_str(), event, None), taken: false, hidden: None }
    }

    /// The homeserver gives the transaction id only to the device that sent the event.
    fn can_be_taken(&self) -> bool {
        !self.taken && self.hidden.is_none() && self.seen.event["unsigned"]["transaction_id"].is_null()
    }

    fn hidden_in(&self, place: usize) -> Option<(usize, String, Raw<AnySyncTimelineEvent>)> {
        let (event, _) = self.hidden.as_ref()?;
        Some((place, self.seen.room.clone(), event.clone()))
    }

    fn undecryptable(&self) -> Option<Undecryptable> {
        let (_, reason) = self.hidden.as_ref()?;
        let Seen { room, sender, id, .. } = self.seen.clone();
        Some(Undecryptable { room, sender, event: id, reason: reason.clone() })
    }

    fn line(&self) -> String {
        match &self.hidden {
            None => wanted::line(&self.seen.event, self.taken),
            Some((_, reason)) => format!("? {}: cannot be read: {reason}", self.seen.sender),
        }
    }
}

fn json<T>(event: &Raw<T>) -> Value {
    serde_json::from_str(event.json().get()).expect("an event is JSON")
}

/// A waiter that failed has not left half a change behind.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
