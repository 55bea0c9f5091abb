//! Contacts: the direct rooms that are known, with whom to share, and taking down what was posted there.

use super::Actions;
use super::Result;
use super::looked_at_again;
use crate::domain::category::Selection;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::domain::room::Verdict;
use crate::domain::sharer::Consent;
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
    /// What `user` decided so far, with every direct room that the bot knows of as a contact: those in
    /// which nothing is shared are off. Answers whether any of them is new.
    pub async fn with_rooms(&self, user: &UserId) -> Result<(Sharer, bool)> {
        let mut sharer = self.sharer(user).await?;
        let mut is_new = false;
        for room in self.store().rooms_of(user).await? {
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
        self.require_permission(user)?;
        let mut sharer = self.sharer(user).await?;
        match room.verdict(&self.us, user, person) {
            Verdict::Direct | Verdict::ContactInvited => {}
            Verdict::Not(reason) => return Err(Notice::NotDirectRoom { reason: reason.into() }.into()),
        }
        let before = sharer.contact_in(&room.id).filter(|before| before.person == *person).cloned();
        if before.as_ref().is_none_or(Contact::is_off) {
            self.require_room_for_contact(&sharer)?;
        }
        let mut contact = match before {
            Some(before) => before,
            None => Contact::new(sharer.take_number(), room.id.clone(), person.clone(), room.name_of(person)),
        };
        contact.name = room.name_of(person);
        contact.state = ContactState::On;
        // The contact's own word outlives every change of the sharer's, a new room included.
        let wish = self.store().sharer(person).await?.and_then(|person| person.wish_for(user).cloned());
        // Before wishes were kept with her, a mute stood in the contact alone.
        let former = sharer.mute_of(person);
        let has_declined = wish.as_ref().is_some_and(|wish| wish.declined);
        (contact.mute, contact.only) = wish.map_or((former, Selection::All), |wish| (wish.mute, wish.only));
        let mut commit = Commit::default();
        if has_declined {
            contact.consent = Consent::Refused;
        } else if self.asks_consent && contact.consent == Consent::NotNeeded && !contact.introduced {
            contact.consent = Consent::Asked;
        }
        if contact.consent == Consent::Asked && !std::mem::replace(&mut contact.introduced, true) {
            let what = What::Introduction { sharer: user.clone(), asks: true };
            commit.deliveries.push(NewDelivery::in_room(room.id.clone(), what, now));
        }
        sharer.contacts.retain(|other| other.room != room.id);
        sharer.contacts.push(contact.clone());
        sharer.contacts.sort_by_key(|contact| contact.number);
        commit.sharers.push(sharer.clone());
        commit.woken.push(Target::Room(room.id.clone()));
        Ok((commit, contact, sharer))
    }

    fn require_room_for_contact(&self, sharer: &Sharer) -> Result<()> {
        let counted = sharer.contacts.iter().filter(|contact| !contact.is_off()).count();
        if counted >= self.limits.contacts as usize {
            return Err(Notice::TooMany { limit: self.limits.contacts }.into());
        }
        Ok(())
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
        let acts = [What::Unpin { event: board.event.clone() }, What::Redact { event: board.event }];
        Ok(acts.into_iter().map(|what| NewDelivery::in_room(room.clone(), what, now)).collect())
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
