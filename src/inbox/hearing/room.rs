//! Rooms that are heard through a sharer: read whole before the first word of theirs counts.

use super::super::Inbox;
use super::super::WorkError;
use crate::domain::delivery::Target;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::own_name::Identity;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Sharer;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::matrix::events;
use crate::matrix::events::Received;
use crate::store::StoreError;

impl Inbox {
    /// Reads a room as `sharer`, and stops what may not go on there.
    pub(super) async fn read_as(&self, acting: &Client, sharer: &Sharer, id: &RoomId) -> Result<(), WorkError> {
        let state = match acting.state(id).await {
            // Whoever may not see it is not in it.
            Err(MatrixError::Refused { status: 403 | 404, .. }) => Vec::new(),
            other => other?,
        };
        loop {
            let now = self.clock.now();
            let before = self.store.room(id).await?;
            let mut room = events::room_of_state(id, &state, before.as_ref(), &self.us, now);
            if room.ours == Membership::Joined {
                return Ok(());
            }
            room.heard_by = Some(sharer.id.clone());
            let mut commit = self.stop_sharing_where_not_direct(&room, now).await?;
            commit.woken.push(Target::Room(id.clone()));
            commit.rooms.push(room);
            match self.store.commit(commit).await {
                Err(StoreError::Conflict) => {}
                other => return Ok(other?),
            }
        }
    }

    /// Who hears `room` without the bot: who shares there in her own name, or who heard it and shares
    /// nothing there. Where she shares through the bot, that ends with it.
    pub(in crate::inbox) async fn hearer_of(&self, room: &Room) -> Result<Option<UserId>, StoreError> {
        let sharers = self.store.sharers_in(&room.id).await?;
        let is_shared = |sharer: &&Sharer| {
            let contact = sharer.contact_in(&room.id).filter(|contact| !contact.is_off());
            contact.is_some_and(|contact| sharer.identity_for(contact) == Identity::Sharer)
        };
        if let Some(sharer) = sharers.iter().find(is_shared) {
            return Ok(Some(sharer.id.clone()));
        }
        let Some(before) = &room.heard_by else { return Ok(None) };
        let before = self.store.sharer(before).await?.filter(|before| before.own_name.is_some());
        let shares_nothing = |sharer: &Sharer| sharer.contact_in(&room.id).is_none_or(Contact::is_off);
        Ok(before.filter(shares_nothing).map(|sharer| sharer.id))
    }

    /// Whether a room is heard through a sharer.
    pub(in crate::inbox) async fn is_heard(&self, room: &RoomId) -> Result<bool, StoreError> {
        Ok(self.store.room(room).await?.is_some_and(|room| room.heard_by.is_some()))
    }

    /// Whether an event was sent by us in a sharer's own name.
    pub(in crate::inbox) async fn is_in_own_name(&self, event: &Received) -> Result<bool, StoreError> {
        Ok(self.store.sharer(&event.sender).await?.is_some_and(|sharer| sharer.own_name.is_some()))
    }
}
