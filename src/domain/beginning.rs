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
use crate::domain::sharer::NewContact;
use crate::domain::sharer::Sharer;
use crate::domain::sharer::Wish;
use jiff::SignedDuration;
use jiff::Timestamp;

/// In how long so many may be new.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the operator set for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// With how many somebody may share.
    pub contacts: u32,
    /// With how many somebody may begin to share in a day.
    pub new_in_a_day: u32,
    /// Whether all people together share with as many as they may.
    pub is_full: bool,
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
    /// She began to share with as many today as she may.
    TooManyToday,
    /// All people together share with as many as they may.
    TooManyInAll,
}

impl Sharer {
    /// Begins to share with `person` in `room`, which she confirmed as their direct room. What the
    /// person wishes of her holds, whatever was before.
    pub fn begin(
        &mut self,
        person: &UserId,
        room: &Room,
        wish: Option<Wish>,
        us: &Us,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Begun, NotBegun> {
        if let Verdict::Not(reason) = room.verdict(us, &self.id, person) {
            return Err(NotBegun::NotDirect(reason));
        }
        let before = self.contact_in(&room.id).filter(|before| before.person == *person).cloned();
        if before.as_ref().is_none_or(Contact::is_off) {
            if self.contacts_in_use() >= rules.contacts as usize {
                return Err(NotBegun::TooMany);
            }
            if rules.is_full {
                return Err(NotBegun::TooManyInAll);
            }
            self.count_new_contact(person, rules, now)?;
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

    /// Counts somebody with whom she begins to share; off and on again on the same day is no other contact.
    fn count_new_contact(&mut self, person: &UserId, rules: &Rules, now: Timestamp) -> Result<(), NotBegun> {
        self.begun.retain(|begun| begun.counts(now));
        if self.begun.iter().any(|begun| begun.person == *person) {
            return Ok(());
        }
        if self.begun.len() >= rules.new_in_a_day as usize {
            return Err(NotBegun::TooManyToday);
        }
        self.begun.push(NewContact { person: person.clone(), at: now });
        Ok(())
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

impl NewContact {
    /// Whether it counts among those of a day.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        (SignedDuration::ZERO..DAY).contains(&now.duration_since(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RoomId;
    use crate::domain::room::Member;
    use crate::domain::room::Membership;
    use std::collections::BTreeSet;

    const RULES: Rules = Rules { contacts: 1, new_in_a_day: 10, is_full: false, asks_consent: true };
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn us() -> Us {
        Us { bot: UserId::new("@trade:example.org"), domain: "example.org".to_owned(), functional: BTreeSet::new() }
    }

    fn mary() -> UserId {
        UserId::new("@mary:example.org")
    }

    fn joy() -> Sharer {
        Sharer::new(UserId::new("@joy:example.org"))
    }

    fn room(name: &str, person: &UserId) -> Room {
        let mut room = Room::new(RoomId::new(format!("!{name}:example.org")), Membership::Joined, Timestamp::UNIX_EPOCH);
        for user in [&joy().id, person] {
            room.members.insert(user.clone(), Member { membership: Membership::Joined, name: None });
        }
        room
    }

    #[test]
    fn she_is_asked_once_and_never_where_she_said_no() {
        let (mut sharer, room) = (joy(), room("den", &mary()));
        let begun = sharer.begin(&mary(), &room, None, &us(), &RULES, NOW).unwrap();
        assert!(begun.asks);
        assert!(!sharer.begin(&mary(), &room, None, &us(), &RULES, NOW).unwrap().asks);
        let wish = Wish { sharer: sharer.id.clone(), mute: None, only: Selection::All, declined: true };
        let begun = joy().begin(&mary(), &room, Some(wish), &us(), &RULES, NOW).unwrap();
        assert_eq!((begun.asks, begun.contact.consent), (false, Consent::Refused));
    }

    #[test]
    fn a_namesake_elsewhere_is_somebody_else() {
        let namesake = UserId::new("@mary:elsewhere.example");
        let refused = joy().begin(&namesake, &room("den", &mary()), None, &us(), &RULES, NOW);
        assert_eq!(refused, Err(NotBegun::NotDirect(NotDirect::OthersPresent)));
        let mut sharer = joy();
        sharer.begin(&mary(), &room("den", &mary()), None, &us(), &RULES, NOW).unwrap();
        assert_eq!(sharer.move_contact(&namesake, &room("new", &namesake)), None);
        assert_eq!(sharer.begin(&namesake, &room("new", &namesake), None, &us(), &RULES, NOW), Err(NotBegun::TooMany));
    }

    #[test]
    fn whoever_moves_keeps_number_and_settings_and_counts_once() {
        let mut sharer = joy();
        let before = sharer.begin(&mary(), &room("old", &mary()), None, &us(), &RULES, NOW).unwrap().contact;
        let new = room("new", &mary());
        assert_eq!(sharer.move_contact(&mary(), &new).map(|before| before.room), Some(before.room));
        let after = sharer.begin(&mary(), &new, None, &us(), &RULES, NOW).unwrap();
        assert_eq!((after.contact.number, after.asks), (before.number, false));
        assert_eq!(sharer.contacts.len(), 1);
    }

    #[test]
    fn where_all_share_with_as_many_as_they_may_nobody_is_new_and_who_is_there_stays() {
        let full = Rules { is_full: true, contacts: 9, ..RULES };
        let mut sharer = joy();
        let refused = sharer.begin(&mary(), &room("den", &mary()), None, &us(), &full, NOW);
        assert_eq!((refused, sharer.begun.len()), (Err(NotBegun::TooManyInAll), 0));
        sharer.begin(&mary(), &room("den", &mary()), None, &us(), &RULES, NOW).unwrap();
        sharer.begin(&mary(), &room("den", &mary()), None, &us(), &full, NOW).unwrap();
    }

    #[test]
    fn she_begins_with_so_many_in_a_day_and_off_and_on_again_counts_once() {
        let rules = Rules { contacts: 10, new_in_a_day: 2, is_full: false, asks_consent: false };
        let person = |name: &str| UserId::new(format!("@{name}:example.org"));
        let mut sharer = joy();
        let mut begins = |name: &str, now: Timestamp| {
            let begun = sharer.begin(&person(name), &room(name, &person(name)), None, &us(), &rules, now);
            // Off again: what counts is that she began.
            sharer.contacts.iter_mut().for_each(|contact| contact.state = ContactState::Off);
            begun.map(|_| ())
        };
        assert_eq!(begins("mary", NOW), Ok(()));
        assert_eq!(begins("mary", NOW), Ok(()));
        assert_eq!(begins("anna", NOW), Ok(()));
        assert_eq!(begins("linking", NOW), Err(NotBegun::TooManyToday));
        assert_eq!(begins("anna", NOW), Ok(()));
        assert_eq!(begins("linking", NOW + DAY), Ok(()));
    }
}
