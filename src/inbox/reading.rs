//! Encrypted events: what can be read now, what waits for its key, and what nobody will ever read.

use super::Inbox;
use super::WorkError;
use super::privately;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Reaction;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Membership;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::domain::sharer::Sharer;
use crate::matrix::crypto::Decrypted;
use crate::matrix::crypto::Machine;
use crate::matrix::crypto::Unreadable;
use crate::matrix::events;
use crate::matrix::events::Content;
use crate::matrix::events::Received;
use crate::store::Commit;
use crate::store::Named;
use crate::store::ParkedEvent;
use crate::store::PendingEvent;
use crate::store::StoreError;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::sync::Arc;

/// How long a key may take to come before anybody is told: most come within a second.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// After how long a key is not waited for any more.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(24);
/// How many parked events are looked at in one go.
const BATCH: usize = 100;

/// What an encrypted event comes to.
pub(super) enum Opened {
    /// It says this.
    Read(Box<Received>, Decrypted),
    /// It waits for the key of this session.
    Waits(String),
    /// It cannot be read.
    Never,
}

impl Inbox {
    /// Reads an encrypted event, where its key is there.
    pub(super) async fn open(&self, event: &Received, json: &str) -> Result<Opened, StoreError> {
        let Some(room) = self.store.room(&event.room).await? else { return Ok(Opened::Never) };
        let machine = match self.machine_of(&room).await? {
            Reader::Machine(machine) => machine,
            // It is opened soon, and asks then.
            Reader::NotYet => return Ok(events::session(json).map_or(Opened::Never, Opened::Waits)),
            Reader::Nobody => return Ok(Opened::Never),
        };
        Ok(match machine.decrypt(json, &event.room).await {
            Ok(decrypted) => match events::read(&decrypted.json, Some(&event.room)) {
                Some(inner) if inner.id == event.id && inner.sender == event.sender => {
                    Opened::Read(Box::new(Received { was_encrypted: true, content: sayable(inner.content), ..inner }), decrypted)
                }
                _ => Opened::Never,
            },
            Err(Unreadable::NotYet { session }) => Opened::Waits(session),
            Err(Unreadable::Never(reason)) => {
                tracing::info!(event = %event.id, reason, "an encrypted event cannot be read");
                Opened::Never
            }
        })
    }

    /// Through whose device what is said in a room is read: the bot's where it is there, else that of the
    /// sharer who hears it.
    async fn machine_of(&self, room: &Room) -> Result<Reader, StoreError> {
        if !self.keys.crypto.is_allowed() {
            return Ok(Reader::Nobody);
        }
        if room.ours == Membership::Joined {
            return Ok(self.keys.crypto.bot().map_or(Reader::NotYet, Reader::Machine));
        }
        let Some(hearer) = &room.heard_by else { return Ok(Reader::Nobody) };
        let Some(sharer) = self.store.sharer(hearer).await? else { return Ok(Reader::Nobody) };
        Ok(match self.keys.crypto.of(&sharer).await {
            Ok(machine) => machine.map_or(Reader::Nobody, Reader::Machine),
            Err(error) => {
                tracing::warn!(sharer = %sharer.id, %error, "the keys of a sharer's device cannot be used now");
                Reader::NotYet
            }
        })
    }

    /// An encrypted event kept until its key comes.
    pub(super) async fn parked(&self, event: &Received, json: &str, session: String, now: Timestamp) -> Result<ParkedEvent, StoreError> {
        let room = self.store.room(&event.room).await?;
        let reader = room.filter(|room| room.ours != Membership::Joined).and_then(|room| room.heard_by);
        let pending = PendingEvent { id: event.id.clone(), room: event.room.clone(), received_at: now, json: json.to_owned() };
        let is_asked_for = !self.store.parked(&event.room, &session, 1).await?.is_empty();
        if let (None, Some(machine), false) = (&reader, self.keys.crypto.bot(), is_asked_for)
            && let Err(error) = machine.ask_for_key(json, &event.room).await
        {
            tracing::info!(event = %event.id, %error, "a missing key could not be asked for");
        }
        Ok(ParkedEvent { event: pending, session, reader, told: false })
    }

    /// Keys have come: what waited for them is pending now, if it matters, and else forgotten.
    pub(super) async fn keys_came(&self, keys: &[(RoomId, String)]) -> Result<(), StoreError> {
        for (room, session) in keys {
            let parked = self.store.parked(room, session, usize::MAX).await?;
            self.try_again(parked).await?;
        }
        Ok(())
    }

    /// Parks what a transaction brought. Its key may have come at this very moment.
    pub(super) async fn park(&self, parked: Vec<ParkedEvent>) -> Result<(), StoreError> {
        self.store.commit(Commit { parked: parked.clone(), ..Commit::default() }).await?;
        self.try_again(parked).await.map(|_| ())
    }

    /// Tries everything again that waits for a key: at a start, when some may have come unnoticed.
    pub(super) async fn try_all_parked(&self, now: Timestamp) -> Result<(), StoreError> {
        let parked = self.store.parked_before(now + SignedDuration::from_secs(1), usize::MAX).await?;
        self.try_again(parked).await.map(|_| ())
    }

    /// Answers what still waits.
    async fn try_again(&self, parked: Vec<ParkedEvent>) -> Result<Vec<ParkedEvent>, StoreError> {
        let (mut commit, mut waiting) = (Commit::default(), Vec::new());
        for parked in parked {
            let Some(event) = events::read(&parked.event.json, Some(&parked.event.room)) else { continue };
            match self.open(&event, &parked.event.json).await? {
                Opened::Waits(_) => waiting.push(parked),
                Opened::Never => commit.unparked.push(parked.event.id),
                Opened::Read(inner, _) => {
                    commit.unparked.push(parked.event.id.clone());
                    if self.matters(&inner).await? {
                        commit.events.push(parked.event);
                    }
                }
            }
        }
        if !commit.unparked.is_empty() {
            self.store.commit(commit).await?;
        }
        Ok(waiting)
    }

    /// Tells of what could not be read for too long, and gives up what never will be. Answers whether
    /// something waits of which nobody has been told yet.
    pub(super) async fn look_through_parked(&self, now: Timestamp) -> Result<bool, WorkError> {
        let old = self.store.parked_before(now - GIVEN_UP, BATCH).await?;
        if !old.is_empty() {
            let unparked = old.into_iter().map(|parked| parked.event.id).collect();
            self.store.commit(Commit { unparked, ..Commit::default() }).await?;
        }
        let parked = self.store.parked_before(now + SignedDuration::from_secs(1), usize::MAX).await?;
        let untold: Vec<ParkedEvent> = parked.into_iter().filter(|parked| !parked.told).collect();
        // A key that came between an attempt to read and the parking is not told of again.
        let untold = self.try_again(untold).await?;
        let (late, recent): (Vec<_>, Vec<_>) = untold.into_iter().partition(|parked| parked.event.received_at + PATIENCE <= now);
        for parked in late {
            let commit = self.told_of(parked, now).await?;
            match self.store.commit(commit).await {
                // Somebody changed the room; the next look sees it as it is then.
                Err(StoreError::Conflict) => {}
                told => told?,
            }
        }
        Ok(!recent.is_empty())
    }

    /// In a management room the sender is told below her message; in a direct room, where most of what is
    /// said is not for us, the sharer is told once that nothing can be read there.
    async fn told_of(&self, parked: ParkedEvent, now: Timestamp) -> Result<Commit, WorkError> {
        let mut commit = Commit::default();
        let event = events::read(&parked.event.json, Some(&parked.event.room));
        let room = self.store.room(&parked.event.room).await?;
        if let (Some(event), Some(room)) = (event, room) {
            match room.role(&self.us) {
                Role::Management(owner) if owner == event.sender => commit.deliveries = unread(&event, Notice::Unreadable, now),
                _ if !room.told_unreadable => {
                    commit.deliveries = self.nothing_is_read(&room, now).await?;
                    commit.rooms.push(Room { told_unreadable: true, ..room });
                }
                _ => {}
            }
        }
        commit.parked.push(ParkedEvent { told: true, ..parked });
        Ok(commit)
    }

    async fn nothing_is_read(&self, room: &Room, now: Timestamp) -> Result<Vec<NewDelivery>, WorkError> {
        let sharers = self.store.sharers_in(&room.id).await?;
        let told = |sharer: &Sharer| {
            let contact = sharer.contact_in(&room.id).filter(|contact| !contact.is_off())?;
            Some(privately(&sharer.id, Notice::RoomUnreadable { person: contact.name.to_string() }, now))
        };
        Ok(sharers.iter().filter_map(told).collect())
    }

    /// Works off an encrypted event.
    pub(super) async fn decide_encrypted(&self, event: &Received, json: &str, room: &Room, now: Timestamp) -> Result<Commit, WorkError> {
        match self.open(event, json).await? {
            Opened::Read(inner, decrypted) if decrypted.is_trusted || inner.content == Content::Verification => {
                self.decide_once(&inner, room, json, &decrypted, now).await
            }
            Opened::Read(inner, _) => Ok(self.not_trusted(&inner, room, now)),
            Opened::Waits(session) => {
                let parked = self.parked(event, json, session, now).await?;
                Ok(Commit { parked: vec![parked], ..Commit::default() })
            }
            Opened::Never if matches!(room.role(&self.us), Role::Management(_)) => {
                Ok(Commit { deliveries: unread(event, Notice::Unreadable, now), ..Commit::default() })
            }
            Opened::Never => Ok(Commit::default()),
        }
    }

    /// What comes of a message, if it has not been worked off before: a homeserver could bring what was
    /// said once again under another id.
    async fn decide_once(
        &self,
        inner: &Received,
        room: &Room,
        json: &str,
        decrypted: &Decrypted,
        now: Timestamp,
    ) -> Result<Commit, WorkError> {
        let said = Named::Said(events::ciphertext(json).unwrap_or_default());
        if self.store.named(&said).await?.is_some_and(|first| first != inner.id.as_str()) {
            tracing::warn!(event = %inner.id, room = %room.id, "an encrypted message came again under another id; it is dropped");
            return Ok(Commit::default());
        }
        let mut commit = self.decide_read(inner, room.clone(), &decrypted.json, now).await?;
        commit.named.push((said, Some(inner.id.to_string())));
        Ok(commit)
    }

    /// A command from a device that its owner has not verified: it could be the homeserver's own.
    fn not_trusted(&self, event: &Received, room: &Room, now: Timestamp) -> Commit {
        let is_management = matches!(room.role(&self.us), Role::Management(_));
        let is_command = matches!(&event.content, Content::Text { body } if is_management || self.behind_prefix(body).is_some());
        let mut deliveries = match (is_command, is_management) {
            (false, _) => Vec::new(),
            (true, true) => unread(event, Notice::DeviceNotTrusted, now),
            (true, false) => {
                let react = What::React { to: event.id.clone(), key: Reaction::Refused };
                let react = NewDelivery::in_room(event.room.clone(), react, now);
                vec![react, privately(&event.sender, Notice::DeviceNotTrusted, now)]
            }
        };
        if let Content::Text { body } = &event.content
            && is_command
        {
            deliveries.extend(self.taken_away(event, self.behind_prefix(body).unwrap_or(body), now));
        }
        Commit { deliveries, ..Commit::default() }
    }

    /// What is kept of an event that a transaction or a sync brought.
    pub(super) async fn kept(&self, event: &Received, json: &str) -> Result<Kept, StoreError> {
        if event.content != Content::Encrypted || self.us.is_ours(&event.sender) {
            return Ok(if self.matters(event).await? { Kept::Pending } else { Kept::Nothing });
        }
        if !self.talks_with_us(&event.room).await? {
            // What the room is may be about to be known: then it is decided when it is worked off.
            let is_unsettled = self.store.has_pending_events(&event.room).await?;
            return Ok(if is_unsettled { Kept::Pending } else { Kept::Nothing });
        }
        Ok(match self.open(event, json).await? {
            Opened::Read(inner, _) if self.matters(&inner).await? => Kept::Pending,
            Opened::Read(..) => Kept::Nothing,
            Opened::Waits(session) => Kept::Parked(session),
            Opened::Never => {
                if self.in_management_room(event).await? {
                    Kept::Pending
                } else {
                    Kept::Nothing
                }
            }
        })
    }

    /// Whether what is said in a room can be for us at all.
    async fn talks_with_us(&self, room: &RoomId) -> Result<bool, StoreError> {
        let room = self.store.room(room).await?;
        Ok(room.is_some_and(|room| !matches!(room.role(&self.us), Role::Other)))
    }
}

/// Who reads what is said in a room.
enum Reader {
    Machine(Arc<Machine>),
    NotYet,
    Nobody,
}

/// What is kept of an event.
pub(super) enum Kept {
    /// It is worked off.
    Pending,
    /// It waits for the key of this session.
    Parked(String),
    /// Nothing.
    Nothing,
}

/// What can be said encrypted: whether something may be taken back the homeserver decides, and it sees
/// no more of this than that it is encrypted.
fn sayable(content: Content) -> Content {
    if matches!(content, Content::Redaction { .. }) { Content::Other } else { content }
}

/// 🔒 on a message, and why below it.
fn unread(event: &Received, notice: Notice, now: Timestamp) -> Vec<NewDelivery> {
    let reader: UserId = event.sender.clone();
    let react = What::React { to: event.id.clone(), key: Reaction::Encrypted };
    let reply = What::Reply { to: event.id.clone(), reader, openly: false, notice };
    [react, reply].into_iter().map(|what| NewDelivery::in_room(event.room.clone(), what, now)).collect()
}
