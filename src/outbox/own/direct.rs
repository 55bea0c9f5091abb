//! A sharer's direct rooms, as her own account knows them, and inviting the bot by her hand.

use super::ActError;
use super::Sent;
use crate::domain::delivery::NewDelivery;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::room::Verdict;
use crate::domain::sharer::Sharer;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::matrix::events;
use crate::outbox::Outbox;
use crate::store::Commit;
use crate::store::StoreError;

/// With how many people direct rooms are looked for at the most.
const PEOPLE: usize = 100;
/// How many rooms with one person are looked at.
const ROOMS: usize = 10;

impl Outbox {
    /// Makes the direct rooms of a sharer known, of each person the one in which something was said last.
    pub(super) async fn read_direct_rooms(&self, sharer: &UserId) -> Result<Sent, StoreError> {
        let Some((known, client)) = self.acting(sharer).await? else { return Ok(Sent::NotNeeded) };
        match self.read_all(&known, &client).await {
            Ok(()) => Ok(Sent::Done(None)),
            Err(ActError::Matrix(error)) => Ok(self.failed_act(&known, &client, error).await),
            Err(ActError::Store(error)) => Err(error),
        }
    }

    async fn read_all(&self, sharer: &Sharer, client: &Client) -> Result<(), ActError> {
        let people = client.direct_rooms().await?.people();
        let others = people.into_iter().filter(|(person, _)| *person != sharer.id && !self.parts.us.is_ours(person));
        for (person, rooms) in others.take(PEOPLE) {
            // It takes a while, and she may withdraw it meanwhile.
            if self.acting(&sharer.id).await?.is_none() {
                return Ok(());
            }
            if !self.knows_any(&rooms).await? {
                self.direct_room(sharer, client, &person, &rooms).await?;
            }
        }
        Ok(())
    }

    /// Whether one of these rooms is known already.
    async fn knows_any(&self, rooms: &[RoomId]) -> Result<bool, StoreError> {
        for room in rooms {
            let known = self.parts.store.room(room).await?;
            if known.is_some_and(|room| room.ours == Membership::Joined || room.heard_by.is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The one of `rooms` that is the direct room of the two and in which something was said last, read
    /// as it is now.
    pub(super) async fn direct_room(
        &self,
        sharer: &Sharer,
        client: &Client,
        person: &UserId,
        rooms: &[RoomId],
    ) -> Result<Option<RoomId>, ActError> {
        let mut fit = Vec::new();
        // Those that were marked last stand last.
        for id in rooms.iter().rev().take(ROOMS) {
            let room = match self.read_as(sharer, client, id).await {
                Err(ActError::Matrix(MatrixError::Refused { .. })) => continue,
                other => other?,
            };
            if matches!(room.verdict(&self.parts.us, &sharer.id, person), Verdict::Direct | Verdict::ContactInvited) {
                fit.push(room);
            }
        }
        let mut newest = None;
        if fit.len() > 1 {
            for room in &fit {
                newest = newest.max(client.newest_at(&room.id).await?.map(|at| (at, room.id.clone())));
            }
        }
        let chosen = newest.map(|(_, id)| id).or_else(|| fit.first().map(|room| room.id.clone()));
        if let Some(room) = fit.into_iter().find(|room| chosen.as_ref() == Some(&room.id)) {
            self.make_known(room).await?;
        }
        Ok(chosen)
    }

    /// A room as a sharer sees it; one in which the bot is, as the bot knows it.
    async fn read_as(&self, sharer: &Sharer, client: &Client, id: &RoomId) -> Result<Room, ActError> {
        let before = self.parts.store.room(id).await?;
        if let Some(room) = before.clone().filter(|room| room.ours == Membership::Joined) {
            return Ok(room);
        }
        let state = client.state(id).await?;
        let mut room = events::room_of_state(id, &state, before.as_ref(), &self.parts.us, self.parts.clock.now());
        room.heard_by = Some(sharer.id.clone());
        Ok(room)
    }

    /// Records a room that is heard through a sharer, unless somebody has recorded it meanwhile.
    pub(super) async fn make_known(&self, room: Room) -> Result<(), StoreError> {
        if room.ours == Membership::Joined {
            return Ok(());
        }
        match self.parts.store.commit(Commit { rooms: vec![room], ..Commit::default() }).await {
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    /// Invites the bot into a room, and tells the sharer.
    pub(super) async fn invite_bot(&self, sharer: &UserId, id: &RoomId) -> Result<Sent, StoreError> {
        let Some((known, client)) = self.acting(sharer).await? else { return Ok(Sent::NotNeeded) };
        if let Err(error) = client.invite(id, &self.parts.us.bot).await {
            return Ok(self.failed_act(&known, &client, error).await);
        }
        if let Some(contact) = known.contact_in(id) {
            let notice = Notice::BotInvited { person: contact.name.to_string() };
            let deliveries = vec![NewDelivery::to_person(sharer.clone(), notice, self.parts.clock.now())];
            self.parts.store.commit(Commit { deliveries, ..Commit::default() }).await?;
        }
        Ok(Sent::Done(None))
    }

    /// A sharer who agreed, and the client that acts as her.
    pub(super) async fn acting(&self, sharer: &UserId) -> Result<Option<(Sharer, Client)>, StoreError> {
        let known = self.parts.store.sharer(sharer).await?;
        Ok(known.and_then(|known| Some((known.clone(), self.parts.client.acting_for(&known)?))))
    }
}
