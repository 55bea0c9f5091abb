//! Which room a delivery goes to: for a person her newest management room, and one that the bot
//! opens if she has none.

use super::Outbox;
use super::send::Sent;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::panel::Scope;
use crate::domain::permission::Permission;
use crate::domain::room::Membership;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::matrix::client::MatrixError;
use crate::matrix::crypto::Health;
use crate::matrix::events;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::Timestamp;
use std::time::Duration;

/// How long something for a person waits who cannot be reached now.
const UNREACHABLE: Duration = Duration::from_hours(1);
/// How long it waits after a room could not be opened.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// What became of looking for a room.
pub(super) enum Found {
    /// This one.
    Room(Box<Room>),
    /// None yet: one must be opened for her.
    None(UserId),
    /// None for so long.
    NotYet(Duration),
    /// She does not want one.
    Never,
}

impl Outbox {
    /// The room a delivery goes to.
    pub(super) async fn room_of(&self, delivery: &Delivery, now: Timestamp) -> Result<Found, StoreError> {
        // A panel is edited where it stands.
        if let What::Panel { edits: Some(event), .. } = &delivery.what
            && let Some(posting) = self.parts.store.posting(event).await?
        {
            return self.known(&posting.room, now).await;
        }
        match (&delivery.target, &delivery.frozen) {
            // What has once been tried in a room is tried there again, so that it arrives once.
            (_, Some(frozen)) => self.known(&frozen.room, now).await,
            (Target::Room(room), None) => self.known(room, now).await,
            (Target::Person(person), None) => self.management_room(person).await,
        }
    }

    /// Whether what is said in `room` reaches nobody but those it is for. What is for one person goes
    /// only where she is alone with the bot, whoever has come in since it was queued.
    pub(super) fn is_private_enough(&self, delivery: &Delivery, room: &Room) -> bool {
        let reader = match (&delivery.target, &delivery.what) {
            (Target::Person(person), _) => person,
            (
                Target::Room(_),
                What::Reply { reader, openly: false, .. } | What::HeldNotice { sharer: reader, .. } | What::File { reader, .. },
            ) => reader,
            (Target::Room(_), What::Panel { panel, .. }) if !matches!(panel.scope, Scope::Here { .. }) => &panel.owner,
            _ => return true,
        };
        matches!(room.role(&self.parts.us), Role::Management(owner) if owner == *reader)
    }

    async fn known(&self, id: &RoomId, now: Timestamp) -> Result<Found, StoreError> {
        let room = self.parts.store.room(id).await?;
        Ok(Found::Room(Box::new(room.unwrap_or_else(|| Room::new(id.clone(), Membership::Left, now)))))
    }

    /// The rooms that somebody has alone with the bot; the one in which something was said last stands last.
    pub(super) async fn managed_by(&self, person: &UserId) -> Result<Vec<Room>, StoreError> {
        let rooms = self.parts.store.rooms_of(person).await?;
        let is_hers = |room: &Room| matches!(room.role(&self.parts.us), Role::Management(owner) if owner == *person);
        let mut managed: Vec<Room> = rooms.into_iter().filter(is_hers).collect();
        managed.sort_by_key(|room| room.active_at);
        Ok(managed)
    }

    async fn management_room(&self, person: &UserId) -> Result<Found, StoreError> {
        let managed = self.managed_by(person).await?;
        // A room that the bot opened and that is encrypted all the same: another would be no better.
        let is_in_vain = managed.iter().any(|room| room.opened_for.is_some());
        let can_encrypt = self.parts.crypto.bot().is_some() && !matches!(self.parts.crypto.health(), Health::Broken(_));
        let usable = managed.into_iter().rev().find(|room| (can_encrypt || !room.encrypted) && room.broken_since_at.is_none());
        if let Some(room) = usable {
            return Ok(Found::Room(Box::new(room)));
        }
        if is_in_vain {
            return Ok(Found::NotYet(UNREACHABLE));
        }
        if !self.may_be_invited(person) || self.parts.store.sharer(person).await?.is_some_and(|sharer| sharer.wants_no_room) {
            return Ok(Found::Never);
        }
        Ok(Found::None(person.clone()))
    }

    /// Whether the bot may open a room for somebody: on another homeserver only if she may share.
    fn may_be_invited(&self, person: &UserId) -> bool {
        match self.parts.permissions.of(person) {
            Permission::Share => true,
            Permission::None => person.server() == self.parts.us.domain,
            Permission::Block => false,
        }
    }

    /// Opens a room for somebody; what she is to be told goes there in a second attempt.
    pub(super) async fn open_room(&self, person: &UserId) -> Sent {
        match self.allowance.room_waits_until(self.parts.clock.now()).await {
            Ok(None) => {}
            Ok(Some(_)) => return Sent::Refused(UNREACHABLE),
            Err(error) => {
                tracing::error!(%error, "it is not known whether a room may be opened");
                return Sent::Later(Some(AFTER_FAILURE));
            }
        }
        let opened = self.parts.client.open_direct_room(person).await;
        if opened.is_err() {
            self.allowance.room_was_not_opened();
        }
        let id = match opened {
            Ok(id) => id,
            Err(MatrixError::Refused { status, errcode, .. }) => {
                tracing::warn!(%person, status, errcode, "no room could be opened to tell somebody something");
                return Sent::NotNeeded;
            }
            Err(MatrixError::TokenRefused) => return Sent::TokenRefused,
            Err(error) => {
                tracing::warn!(%person, %error, "no room could be opened now to tell somebody something");
                return Sent::Later(Some(AFTER_FAILURE));
            }
        };
        faultpoint::pass(Point::RoomOpened);
        let state = match self.parts.client.state(&id).await {
            Ok(state) => state,
            Err(error) => {
                tracing::warn!(%person, %error, "a room has been opened, and what kind of room it is could not be read yet");
                return Sent::Later(Some(AFTER_FAILURE));
            }
        };
        loop {
            match self.record_opened(&id, person, &state).await {
                Ok(()) => {
                    faultpoint::pass(Point::RoomRecorded);
                    return Sent::Again;
                }
                // The homeserver has already pushed the room's first events, and the inbox has read them.
                Err(StoreError::Conflict) => {}
                Err(error) => {
                    tracing::error!(%person, %error, "an opened room could not be recorded");
                    return Sent::Later(Some(AFTER_FAILURE));
                }
            }
        }
    }

    /// Records a room with its state: the server may encrypt new rooms by itself, and nothing must be
    /// said in one before that is known.
    async fn record_opened(&self, id: &RoomId, person: &UserId, state: &[String]) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let mut room = self.parts.store.room(id).await?.unwrap_or_else(|| Room::new(id.clone(), Membership::Joined, now));
        for event in state.iter().filter_map(|json| events::read(json, Some(id))) {
            events::apply(&mut room, &event.content, &self.parts.us);
        }
        room.opened_for = Some(person.clone());
        self.parts.store.commit(Commit { rooms: vec![room], ..Commit::default() }).await
    }
}
