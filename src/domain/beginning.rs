//! Beginning to share with somebody: the same rules whether the sharer says so in the room, names the
//! person, or has her direct room found or opened.

use crate::domain::category::Selection;
use crate::domain::ids::UserId;
use crate::domain::room::NotDirect;
use crate::domain::room::Room;
use crate::domain::room::Us;
use crate::domain::room::Verdict;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Sharer;
use crate::domain::sharer::Wish;

/// What the operator set for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// With how many somebody may share.
    pub contacts: u32,
    /// Whether contacts are asked before anything is posted.
    pub asks_consent: bool,
}

/// Sharing has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The contact.
    pub contact: Contact,
    /// Whether she is to be asked now whether she agrees.
    pub asks: bool,
}

/// Why it could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBegun {
    /// The room is not the direct room of the two.
    NotDirect(NotDirect),
    /// She shares with as many as she may.
    TooMany,
}

impl Sharer {
    /// Begins to share with `person` in `room`, which she confirmed as their direct room. What the
    /// person wishes of her holds, whatever was before.
    pub fn begin(&mut self, person: &UserId, room: &Room, wish: Option<Wish>, us: &Us, rules: &Rules) -> Result<Begun, NotBegun> {
        if let Verdict::Not(reason) = room.verdict(us, &self.id, person) {
            return Err(NotBegun::NotDirect(reason));
        }
        let before = self.contact_in(&room.id).filter(|before| before.person == *person).cloned();
        let counted = self.contacts.iter().filter(|contact| !contact.is_off()).count();
        if before.as_ref().is_none_or(Contact::is_off) && counted >= rules.contacts as usize {
            return Err(NotBegun::TooMany);
        }
        let mut contact = match before {
            Some(before) => before,
            None => Contact::new(self.take_number(), room.id.clone(), person.clone(), room.name_of(person)),
        };
        contact.name = room.name_of(person);
        contact.state = ContactState::On;
        // Before wishes were kept with her, a mute stood in the contact alone.
        let former = self.mute_of(person);
        let has_declined = wish.as_ref().is_some_and(|wish| wish.declined);
        (contact.mute, contact.only) = wish.map_or((former, Selection::All), |wish| (wish.mute, wish.only));
        if has_declined {
            contact.consent = Consent::Refused;
        } else if rules.asks_consent && contact.consent == Consent::NotNeeded && !contact.introduced {
            contact.consent = Consent::Asked;
        }
        let asks = contact.consent == Consent::Asked && !std::mem::replace(&mut contact.introduced, true);
        self.contacts.retain(|other| other.room != room.id);
        self.contacts.push(contact.clone());
        self.contacts.sort_by_key(|contact| contact.number);
        Ok(Begun { contact, asks })
    }

    /// Moves what she shares with `person` in another room into `room`; answers the room that it was in.
    pub fn move_contact(&mut self, person: &UserId, room: &Room) -> Option<Contact> {
        let elsewhere = |contact: &&mut Contact| contact.person == *person && contact.room != room.id && !contact.is_off();
        let contact = self.contacts.iter_mut().find(elsewhere)?;
        let before = contact.clone();
        contact.room = room.id.clone();
        self.contacts.retain(|other| other.room != room.id || other.number == before.number);
        Some(before)
    }
}
