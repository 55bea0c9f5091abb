//! Contacts: the direct rooms that are known, with whom to share, and taking down what was posted there.

use super::Actions;
use super::Limits;
use super::Result;
use super::looked_at_again;
use super::own_name::bot_invited;
use super::own_name::is_begun_as_self;
use crate::domain::beginning::Begun;
use crate::domain::beginning::NotBegun;
use crate::domain::beginning::Rules;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Membership;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Sharer;
use crate::store::Commit;
use jiff::Timestamp;

/// How many direct rooms are listed beyond those in which somebody may share.
const LISTED: usize = 50;
/// How many postings are taken down at once at the most.
const TAKEN_DOWN: usize = 1_000;

impl Actions {
    /// What `user` decided so far, with every direct room of hers that is known as a contact: those in
    /// which nothing is shared are off. Rooms without the bot count only for those who may share there.
    /// Answers whether any of them is new.
    pub async fn with_rooms(&self, user: &UserId) -> Result<(Sharer, bool)> {
        let mut sharer = self.sharer(user).await?;
        let mut is_new = false;
        for room in self.store().rooms_of(user).await? {
            if room.ours != Membership::Joined && sharer.own_name.is_none() {
                continue;
            }
            let Some(other) = other_of(&room.role(&self.us), user) else { continue };
            if let Some(contact) = sharer.contact_in_mut(&room.id) {
                // Names change; what is shown is what the room calls her now.
                contact.name = room.name_of(&contact.person.clone());
            } else if sharer.contacts.len() < self.limits.contacts as usize + LISTED {
                let number = sharer.take_number();
                let name = room.name_of(&other);
                sharer.contacts.push(Contact::new(number, room.id, other, name));
                is_new = true;
            }
        }
        Ok((sharer, is_new))
    }

    /// Starts sharing with `person` in `room`, which the sharer confirms as their direct room by
    /// having typed this in it, or by naming the person.
    pub async fn share_with(&self, user: &UserId, person: &UserId, room: &Room, now: Timestamp) -> Result<(Commit, Contact, Sharer)> {
        self.require_permission(user).await?;
        if self.permissions.blocks(person) {
            return Err(Notice::ContactBlocked.into());
        }
        let mut sharer = self.sharer(user).await?;
        // The contact's own word outlives every change of the sharer's, a new room included.
        let wish = self.store().sharer(person).await?.and_then(|person| person.wish_toward(user));
        let Limits { contacts, contacts_per_day, contacts_in_all, .. } = self.limits;
        let is_full = self.store().totals().await?.contacts >= u64::from(contacts_in_all);
        let rules = Rules { contacts, new_in_a_day: contacts_per_day, is_full, asks_consent: self.asks_consent };
        let Begun { contact, asks } = sharer.begin(person, room, wish, &self.us, &rules, now).map_err(|problem| match problem {
            NotBegun::NotDirect(reason) => Notice::NotDirectRoom { reason: reason.into() },
            NotBegun::TooMany => Notice::TooMany { limit: rules.contacts },
            NotBegun::TooManyToday => Notice::TooManyToday { limit: rules.new_in_a_day },
            NotBegun::TooManyInAll => Notice::TooManyInAll,
        })?;
        let what = What::Introduction { sharer: user.clone(), asks: true };
        let mut deliveries: Vec<_> = asks.then(|| NewDelivery::in_room(room.id.clone(), what, now)).into_iter().collect();
        deliveries.extend(bot_invited(&sharer, &contact, room, now));
        let woken = vec![Target::Room(room.id.clone())];
        let commit = Commit { sharers: vec![sharer.clone()], deliveries, woken, ..Commit::default() };
        Ok((commit, contact, sharer))
    }

    /// Whether sharing with `person` in `room` begins as the sharer, since the bot is not there.
    pub async fn is_begun_as_self(&self, user: &UserId, room: &Room) -> Result<bool> {
        let (sharer, _) = self.with_rooms(user).await?;
        Ok(sharer.contact_in(&room.id).is_some_and(|contact| is_begun_as_self(&sharer, contact, room)))
    }

    /// Stops sharing in `room`. What was posted stays, except for a board, which nobody would keep.
    pub async fn stop_sharing_in(&self, user: &UserId, room: &RoomId, now: Timestamp) -> Result<(Commit, Contact, Sharer)> {
        let mut sharer = self.sharer(user).await?;
        let Some(contact) = sharer.contact_in_mut(room).filter(|contact| !contact.is_off()) else {
            return Err(Notice::NobodySharesHere.into());
        };
        contact.state = ContactState::Off;
        let contact = contact.clone();
        let mut commit = looked_at_again(sharer.clone(), vec![Target::Room(room.clone())]);
        commit.deliveries = self.board_taken_down(user, room, now).await?;
        Ok((commit, contact, sharer))
    }

    /// What takes away the board of `user` in `room`, if one stands there.
    pub(super) async fn board_taken_down(&self, user: &UserId, room: &RoomId, now: Timestamp) -> Result<Vec<NewDelivery>> {
        let Some(board) = self.store().board(user, room).await? else { return Ok(Vec::new()) };
        Ok(NewDelivery::taking_down(room, &board.event, now).into())
    }

    /// How many messages with trades of `user` stand in `room`.
    pub async fn posted_in(&self, user: &UserId, room: &RoomId) -> Result<u32> {
        let postings = self.store().postings_to(user, room, TAKEN_DOWN).await?;
        let lasting = postings.iter().filter(|posting| !matches!(posting.what, What::Board { .. }));
        Ok(u32::try_from(lasting.count()).unwrap_or(u32::MAX))
    }

    /// Withdraws everything of `user` that stands in `room`.
    pub async fn withdraw_posted(&self, user: &UserId, room: &RoomId, now: Timestamp) -> Result<(Commit, u32)> {
        let postings = self.store().postings_to(user, room, TAKEN_DOWN).await?;
        let redact = |event| NewDelivery::in_room(room.clone(), What::Redact { event }, now);
        let deliveries: Vec<_> = postings.into_iter().map(|posting| redact(posting.event)).collect();
        let count = u32::try_from(deliveries.len()).unwrap_or(u32::MAX);
        Ok((Commit { deliveries, ..Commit::default() }, count))
    }

    /// The contact with this number.
    pub async fn contact(&self, user: &UserId, number: Number) -> Result<Option<Contact>> {
        let sharer = self.sharer(user).await?;
        Ok(sharer.contacts.into_iter().find(|contact| contact.number == number))
    }
}

/// The other person of a room of two.
pub(super) fn other_of(role: &Role, user: &UserId) -> Option<UserId> {
    match role {
        Role::Pair(one, other) if one == user => Some(other.clone()),
        Role::Pair(other, one) if one == user => Some(other.clone()),
        _ => None,
    }
}
