//! From a room to the bot: takes transactions, keeps the events that matter until they are worked
//! off, and works them off, of each room in order. Everything it causes, replies included, is
//! committed together with the event's end; nothing is sent from here.

use crate::clock::Clock;
use crate::commands;
use crate::commands::Commands;
use crate::commands::Message;
use crate::commands::Place;
use crate::commands::parse;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Reaction;
use crate::domain::delivery::Settlement;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::permission::Permission;
use crate::domain::room::Membership;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::domain::room::Us;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::lifecycle::Lifecycle;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::matrix::crypto::Crypto;
pub use crate::matrix::crypto::Health;
use crate::matrix::events;
use crate::matrix::events::Content;
use crate::matrix::events::Received;
use crate::store::Commit;
use crate::store::ParkedEvent;
use crate::store::PendingEvent;
use crate::store::Store;
use crate::store::StoreError;
use crate::telemetry::metrics;
use crate::vault::Key;
use crate::vault::VaultError;
pub use hearing::Hearing;
use jiff::Timestamp;
pub use limiter::Limiter;
use reading::Kept;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::Id;
use tokio::task::JoinSet;

mod devices;
mod hearing;
mod invitation;
mod limiter;
mod membership;
mod reaction;
mod reading;
mod sealing;

/// How many events are worked off at a time, each of another room.
const TASKS: usize = 16;
/// How often an event is worked off anew because somebody changed what it was based on.
const CONFLICTS: u32 = 8;
/// How long an event waits after the homeserver or the store failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Takes events and works them off.
pub struct Inbox {
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// The homeserver, for reading.
    pub client: Client,
    /// What opens encrypted events, and seals.
    pub keys: Keys,
    /// What commands do.
    pub commands: Commands,
    /// Who we are.
    pub us: Us,
    /// The bot's display name, which people write before a command.
    pub bot_name: String,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How many commands a person may give.
    pub limiter: Limiter,
    /// When it ends.
    pub life: Lifecycle,
}

/// What opens encrypted events, and seals what is kept of secrets.
#[derive(Clone)]
pub struct Keys {
    /// The devices' keys.
    pub crypto: Arc<Crypto>,
    /// The key of secrets.
    pub vault: Arc<Key>,
}

/// Why an event could not be worked off now.
#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Inbox {
    /// How the bot's encryption stands.
    #[must_use]
    pub fn encryption(&self) -> Health {
        self.keys.crypto.health()
    }

    /// Keeps what matters of a transaction. When it returns, everything is durable and the
    /// homeserver may forget it. A body that is no transaction is dropped with a line in the log,
    /// since the homeserver would repeat it for ever.
    pub async fn receive(&self, body: &[u8]) -> Result<(), StoreError> {
        metrics().transactions.inc();
        let Some(received) = events::transaction(body) else {
            tracing::error!(bytes = body.len(), "the homeserver sent something that is no transaction; it has been dropped");
            return Ok(());
        };
        let (pending, parked) = self.worth_keeping(received, self.clock.now()).await?;
        faultpoint::pass(Point::TransactionReceived);
        if !parked.is_empty() {
            self.park(parked).await?;
        }
        if pending.is_empty() {
            return Ok(());
        }
        let total = pending.len();
        let new = self.store.take_events(pending).await?;
        faultpoint::pass(Point::TransactionStored);
        metrics().events.inc_by(new as u64);
        metrics().events_repeated.inc_by((total - new) as u64);
        Ok(())
    }

    /// What matters of `received`, as it is kept until it is worked off, and what waits for its key.
    async fn worth_keeping(
        &self,
        received: Vec<(Received, String)>,
        now: Timestamp,
    ) -> Result<(Vec<PendingEvent>, Vec<ParkedEvent>), StoreError> {
        let (mut pending, mut parked) = (Vec::new(), Vec::new());
        for (event, json) in received {
            if let Some(mark) = &event.mark
                && (self.us.is_ours(&event.sender) || self.is_in_own_name(&event).await?)
            {
                self.complete(mark, event.id, now).await?;
                continue;
            }
            if matches!(event.content, Content::Encryption { .. }) {
                self.is_encrypted_from_now_on(&event.room).await?;
            }
            match self.kept(&event, &json).await? {
                Kept::Parked(session) => parked.push(self.parked(&event, &json, session, now).await?),
                Kept::Nothing if !self.takes_back_pending(&event, &pending).await? => {}
                _ => pending.push(self.pending(&event, &json, now)?),
            }
        }
        Ok((pending, parked))
    }

    /// Nothing more is said in the clear in a room, though something else may have to be worked off there
    /// before its encryption is.
    async fn is_encrypted_from_now_on(&self, room: &RoomId) -> Result<(), StoreError> {
        loop {
            let Some(room) = self.store.room(room).await?.filter(|room| !room.encrypted) else { return Ok(()) };
            match self.store.commit(Commit { rooms: vec![Room { encrypted: true, ..room }], ..Commit::default() }).await {
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
    }

    /// Our own event came back: its delivery is done, whatever became of the answer to its send.
    async fn complete(&self, mark: &str, event: EventId, at: Timestamp) -> Result<(), StoreError> {
        match self.store.marked(mark).await? {
            Some(id) => self.store.settle(vec![Settlement::Done { id, event: Some(event), at }]).await,
            None => Ok(()),
        }
    }

    /// Whether an event is kept. What two people say to each other is not, not even for a moment:
    /// only what begins with the prefix, or is said where nobody but the bot listens.
    async fn matters(&self, event: &Received) -> Result<bool, StoreError> {
        let from_us = self.us.is_ours(&event.sender);
        Ok(match &event.content {
            Content::Text { body } if !from_us => self.behind_prefix(body).is_some() || self.in_management_room(event).await?,
            // Of strangers in a room of many, nobody wants to be verified by us.
            Content::Verification if !from_us => self.in_management_room(event).await?,
            // Only what is put on something of ours, and only what means something.
            Content::Reaction { to, key } if !from_us => Reaction::read(key).is_some() && self.store.posting(to).await?.is_some(),
            Content::Redaction { of } if !from_us => self.store.remembered(of).await?.is_some() || self.store.posting(of).await?.is_some(),
            Content::Reaction { .. }
            | Content::Redaction { .. }
            | Content::Text { .. }
            | Content::Encrypted
            | Content::Verification
            | Content::Other => false,
            _ => true,
        })
    }

    /// Whether an event takes back one that is not worked off yet: nobody remembers that one before.
    async fn takes_back_pending(&self, event: &Received, before: &[PendingEvent]) -> Result<bool, StoreError> {
        let Content::Redaction { of } = &event.content else { return Ok(false) };
        let from_us = self.us.is_ours(&event.sender);
        Ok(!from_us && (before.iter().any(|pending| pending.id == *of) || self.store.has_pending_events(&event.room).await?))
    }

    async fn in_management_room(&self, event: &Received) -> Result<bool, StoreError> {
        let room = self.store.room(&event.room).await?;
        Ok(room.is_some_and(|room| matches!(room.role(&self.us), Role::Management(_))))
    }

    fn behind_prefix<'a>(&self, body: &'a str) -> Option<&'a str> {
        parse::behind_prefix(self.without_mention(body))
    }

    fn without_mention<'a>(&self, body: &'a str) -> &'a str {
        parse::without_mention(body, &[self.us.bot.as_str(), &self.bot_name, self.us.bot.localpart()])
    }

    /// Works off what is pending until it is told to stop, and finishes what is under way then.
    pub async fn run(self: Arc<Self>) {
        let mut tasks = JoinSet::new();
        let mut events: HashMap<Id, PendingEvent> = HashMap::new();
        let mut changes = self.store.changes();
        let mut pulse = self.life.pulse("inbox");
        loop {
            pulse.turns();
            changes.borrow_and_update();
            let free = TASKS.saturating_sub(tasks.len());
            let leased = if free > 0 { self.store.lease_events(free).await } else { Ok(Vec::new()) };
            for event in leased.unwrap_or_else(|error| {
                tracing::error!(%error, "the store does not say which events are pending");
                Vec::new()
            }) {
                let inbox = Arc::clone(&self);
                let leased = event.clone();
                let task = tasks.spawn(async move { inbox.work_off(leased).await });
                events.insert(task.id(), event);
            }
            tokio::select! {
                Some(ended) = tasks.join_next_with_id() => self.ended(ended, &mut events).await,
                _ = changes.changed() => {}
                () = pulse.asked() => {}
                () = self.life.stopping() => break,
            }
        }
        drop(pulse);
        while let Some(ended) = tasks.join_next_with_id().await {
            self.ended(ended, &mut events).await;
        }
    }

    async fn ended(&self, ended: Result<(Id, ()), tokio::task::JoinError>, events: &mut HashMap<Id, PendingEvent>) {
        match ended {
            Ok((task, ())) => {
                events.remove(&task);
            }
            Err(error) => {
                let Some(event) = events.remove(&error.id()) else { return };
                tracing::error!(event = %event.id, %error, "an event broke the program's own rules; it is set aside");
                self.set_aside(&event, Notice::TryAgain).await;
            }
        }
    }

    /// Ends an event that cannot be worked off. Whoever typed a command is told that nothing came of it.
    async fn set_aside(&self, pending: &PendingEvent, reason: Notice) {
        let mut deliveries = Vec::new();
        match self.opened(pending).map(|json| events::read(&json, Some(&pending.room))) {
            Ok(Some(event)) => {
                if let Content::Text { body } = &event.content {
                    deliveries = refusal(&event, Some(reason), self.clock.now());
                    let text = self.behind_prefix(body).unwrap_or_else(|| self.without_mention(body));
                    deliveries.extend(self.taken_away(&event, text, self.clock.now()));
                }
            }
            Ok(None) => {}
            // Whoever wrote it is not known, nor what: she sees that nothing came of it.
            Err(_) => {
                let react = What::React { to: pending.id.clone(), key: Reaction::Refused };
                deliveries.push(NewDelivery::in_room(pending.room.clone(), react, self.clock.now()));
            }
        }
        let commit = Commit { finished_event: Some(pending.id.clone()), deliveries, ..Commit::default() };
        if let Err(error) = self.store.commit(commit).await {
            tracing::error!(event = %pending.id, %error, "an event could not be set aside");
            self.store.release_event(&pending.id);
        }
    }

    /// Works off one event: decides what comes of it and commits that, anew where somebody changed
    /// what it was based on.
    async fn work_off(&self, pending: PendingEvent) {
        faultpoint::pass(Point::EventLeased);
        let json = match self.opened(&pending) {
            Ok(json) => json,
            Err(error) => {
                tracing::error!(event = %pending.id, %error, "what was typed cannot be opened; it has to be typed again");
                return self.set_aside(&pending, Notice::TryAgain).await;
            }
        };
        let Some(event) = events::read(&json, Some(&pending.room)) else {
            return self.set_aside(&pending, Notice::TryAgain).await;
        };
        for _ in 0..CONFLICTS {
            match self.try_to_work_off(&event, &json).await {
                Ok(()) => return,
                Err(WorkError::Store(StoreError::Conflict)) => {}
                Err(WorkError::Store(StoreError::TooLarge { .. })) => {
                    tracing::info!(event = %event.id, "a command would store more than one person may have");
                    return self.set_aside(&pending, Notice::Full).await;
                }
                Err(
                    error @ (WorkError::Matrix(MatrixError::Refused { .. } | MatrixError::Malformed(_))
                    | WorkError::Store(StoreError::Unreadable { .. })),
                ) => {
                    tracing::warn!(event = %event.id, room = %event.room, %error, "an event cannot be worked off");
                    return self.set_aside(&pending, Notice::TryAgain).await;
                }
                Err(error) => {
                    tracing::error!(event = %event.id, %error, "an event waits");
                    break;
                }
            }
        }
        tokio::select! {
            () = self.clock.sleep_until(self.clock.now() + AFTER_FAILURE) => {}
            () = self.life.stopping() => {}
        }
        self.store.release_event(&event.id);
    }

    async fn try_to_work_off(&self, event: &Received, json: &str) -> Result<(), WorkError> {
        let now = self.clock.now();
        let mut commit = self.decide(event, json, now).await?;
        commit.finished_event = Some(event.id.clone());
        faultpoint::pass(Point::EventDecided);
        self.store.commit(commit).await?;
        faultpoint::pass(Point::EventCommitted);
        Ok(())
    }

    async fn decide(&self, event: &Received, json: &str, now: Timestamp) -> Result<Commit, WorkError> {
        match &event.content {
            Content::Member { user, membership, .. } if *user == self.us.bot => match membership {
                Membership::Invited => self.invited(event, now).await,
                Membership::Joined if self.is_in(&event.room).await? => Ok(Commit::default()),
                Membership::Joined => self.entered(&event.room, now).await,
                Membership::Left => self.gone(event, now).await,
            },
            content => {
                let Some(room) = self.joined_room(event, now).await? else { return Ok(Commit::default()) };
                match content {
                    Content::Encrypted if self.keys.crypto.is_allowed() => self.decide_encrypted(event, json, &room, now).await,
                    Content::Encrypted => Ok(unreadable(event, &room, &self.us, now)),
                    _ => self.decide_read(event, room, json, now).await,
                }
            }
        }
    }

    /// What comes of an event that can be read, in a room where it is heard.
    async fn decide_read(&self, event: &Received, room: Room, json: &str, now: Timestamp) -> Result<Commit, WorkError> {
        match &event.content {
            Content::Text { body } => self.said(event, room, body, now).await,
            Content::Verification => self.verifies(event, &room, json, now).await,
            Content::Reaction { to, key } => self.reacted(event, room, to, key, now).await,
            Content::Redaction { of } => self.taken_back(event, room, of, now).await,
            Content::Encrypted => Ok(Commit::default()),
            _ => self.state_changed(event, room, now).await,
        }
    }

    /// The event's room, where the bot is in it. Where it is not known to be, our joining may never
    /// have been pushed (a homeserver may lose events when it restarts): then that is made up for.
    async fn joined_room(&self, event: &Received, now: Timestamp) -> Result<Option<Room>, WorkError> {
        if !self.is_in(&event.room).await? && !self.is_heard(&event.room).await? {
            self.store.commit(self.entered(&event.room, now).await?).await?;
        }
        let room = self.store.room(&event.room).await?;
        Ok(room.filter(|room| room.ours == Membership::Joined || room.heard_by.is_some()))
    }

    async fn is_in(&self, room: &RoomId) -> Result<bool, StoreError> {
        Ok(self.store.room(room).await?.is_some_and(|room| room.ours == Membership::Joined))
    }

    /// Takes away a command with a secret in it that is not carried out, where the bot may.
    fn taken_away(&self, event: &Received, text: &str, now: Timestamp) -> Option<NewDelivery> {
        let may_share = self.commands.actions.permissions.of(&event.sender) == Permission::Share;
        let by = may_share.then(|| event.sender.clone());
        let redact = What::TakeAway { event: event.id.clone(), by, account: None };
        commands::holds_secret(text).then(|| NewDelivery::in_room(event.room.clone(), redact, now))
    }

    async fn said(&self, event: &Received, room: Room, body: &str, now: Timestamp) -> Result<Commit, WorkError> {
        let place = match room.role(&self.us) {
            Role::Management(owner) if owner == event.sender => Place::Management,
            Role::Pair(one, other) if one == event.sender => Place::Direct { other },
            Role::Pair(other, one) if one == event.sender => Place::Direct { other },
            _ => return Ok(Commit::default()),
        };
        let text = match (self.behind_prefix(body), &place) {
            (Some(text), _) => text,
            (None, Place::Management) => self.without_mention(body),
            (None, Place::Direct { .. }) => return Ok(Commit::default()),
        };
        // In the clear it could be anybody's word: the homeserver's, say.
        if room.encrypted && !event.was_encrypted {
            let mut commit = unreadable(event, &room, &self.us, now);
            commit.deliveries.extend(self.taken_away(event, text, now));
            return Ok(commit);
        }
        if !self.limiter.allows(&event.sender) {
            let mut deliveries = Vec::new();
            if self.limiter.tells(&event.sender) {
                deliveries = refusal(event, (place == Place::Management).then_some(Notice::TooFast), now);
            }
            deliveries.extend(self.taken_away(event, text, now));
            return Ok(Commit { deliveries, ..Commit::default() });
        }
        let message = Message {
            event: event.id.clone(),
            sender: event.sender.clone(),
            place,
            text: text.to_owned(),
            sent_at: event.sent_at,
            room: Room { active_at: now, told_unreadable: false, ..room },
        };
        let mut commit = self.commands.answer(&message, now).await?;
        commit.rooms.push(message.room);
        Ok(commit)
    }
}

fn unreadable(event: &Received, room: &Room, us: &Us, now: Timestamp) -> Commit {
    let is_for_us = matches!(event.content, Content::Text { .. }) || matches!(room.role(us), Role::Management(_));
    let react = What::React { to: event.id.clone(), key: Reaction::Encrypted };
    let deliveries = is_for_us.then(|| NewDelivery::in_room(event.room.clone(), react, now));
    Commit { deliveries: deliveries.into_iter().collect(), ..Commit::default() }
}

/// ⛔, and the reason in words where only the sender reads them.
fn refusal(event: &Received, reason: Option<Notice>, now: Timestamp) -> Vec<NewDelivery> {
    let react = What::React { to: event.id.clone(), key: Reaction::Refused };
    let reply = reason.map(|notice| What::Reply { to: event.id.clone(), reader: event.sender.clone(), openly: false, notice });
    [react].into_iter().chain(reply).map(|what| NewDelivery::in_room(event.room.clone(), what, now)).collect()
}

/// A notice for the people of a room, in the room itself.
fn openly(room: &RoomId, notice: Notice, now: Timestamp) -> NewDelivery {
    NewDelivery::in_room(room.clone(), What::Notice { notice }, now)
}

/// A notice for one person, in her management room.
fn privately(person: &UserId, notice: Notice, now: Timestamp) -> NewDelivery {
    NewDelivery::to_person(person.clone(), notice, now)
}
