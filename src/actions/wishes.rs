//! What a contact wishes of somebody who shares with her: silence, only some categories, a yes or a no.
//! It is kept with her, where no sharer can change it, and repeated in the sharer's contacts.

use super::Actions;
use super::Result;
use super::rooms_of;
use crate::domain::category::CategoryId;
use crate::domain::category::Selection;
use crate::domain::delivery::NewDelivery;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::MuteLine;
use crate::domain::notice::Notice;
use crate::domain::notice::PrivacyLine;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Mute;
use crate::domain::sharer::Sharer;
use crate::domain::sharer::Wish;
use crate::store::Commit;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Of how many sharers somebody may wish something.
const WISHES: usize = 200;

impl Actions {
    /// Mutes what `sharer` shares with `person`, in all of their rooms, now or in the future; or, with
    /// nothing, lets it come again.
    pub async fn mute(&self, person: &UserId, sharer: &UserId, mute: Option<Mute>, now: Timestamp) -> Result<Commit> {
        // One of them alone would come no more than the others.
        if mute.is_none() && self.sharer(person).await?.mutes_everyone.is_some_and(|everyone| everyone.holds(now)) {
            return Err(Notice::EveryoneIsMuted.into());
        }
        self.wish(person, sharer, |wish| wish.mute = mute).await
    }

    /// Mutes everybody who shares with `person`, now or in the future; or, with nothing, only those whom she
    /// muted by name.
    pub async fn mute_everyone(&self, person: &UserId, mute: Option<Mute>) -> Result<Commit> {
        let mut own = self.sharer(person).await?;
        own.mutes_everyone = mute;
        let mut others: BTreeMap<UserId, Sharer> = BTreeMap::new();
        for room in self.store().rooms_of(person).await? {
            let has_her = |other: &Sharer| other.id != *person && other.contacts.iter().any(|contact| contact.person == *person);
            let sharers = self.store().sharers_in(&room.id).await?.into_iter().filter(has_her);
            others.extend(sharers.map(|other| (other.id.clone(), other)));
        }
        let mut commit = Commit::default();
        for (id, mut other) in others {
            // Before wishes were kept with her, they stood in the contact alone.
            if let Some(former) = other.mute_of(person).filter(|_| mute.is_some() && own.wish_for(&id).is_none()) {
                own.wishes.push(Wish { sharer: id.clone(), mute: Some(former), only: Selection::All, declined: false });
            }
            let present = own.wish_toward(&id).and_then(|wish| wish.mute);
            other.contacts.iter_mut().filter(|contact| contact.person == *person).for_each(|contact| contact.mute = present);
            commit.woken.extend(rooms_of(&other));
            commit.sharers.push(other);
        }
        commit.sharers.push(own);
        Ok(commit)
    }

    /// Lets only some categories of what `sharer` shares come to `person`.
    pub async fn only(&self, person: &UserId, sharer: &UserId, only: Selection<CategoryId>) -> Result<Commit> {
        self.wish(person, sharer, |wish| wish.only = only).await
    }

    async fn wish(&self, person: &UserId, sharer: &UserId, change: impl FnOnce(&mut Wish)) -> Result<Commit> {
        let mut own = self.sharer(person).await?;
        let other = self.store().sharer(sharer).await?.filter(|other| other.id != *person);
        // Before wishes were kept with her, they stood in the contact alone.
        let mute = other.as_ref().and_then(|other| other.mute_of(person));
        let mut wish =
            own.wish_for(sharer).cloned().unwrap_or_else(|| Wish { sharer: sharer.clone(), mute, only: Selection::All, declined: false });
        change(&mut wish);
        own.wishes.retain(|other| other.sharer != *sharer);
        if wish.mute.is_some() || wish.only != Selection::All || wish.declined {
            if own.wishes.len() >= WISHES {
                return Err(Notice::Full.into());
            }
            own.wishes.push(wish.clone());
        }
        let present = own.wish_toward(sharer).and_then(|wish| wish.mute);
        let mut commit = Commit { sharers: vec![own], ..Commit::default() };
        if let Some(mut other) = other
            && other.contacts.iter().any(|contact| contact.person == *person)
        {
            for contact in other.contacts.iter_mut().filter(|contact| contact.person == *person) {
                contact.mute = present;
                contact.only = wish.only.clone();
            }
            commit.woken = rooms_of(&other);
            commit.sharers.push(other);
        }
        Ok(commit)
    }

    /// Who shares with `person` in `room`.
    pub async fn sharer_for(&self, person: &UserId, room: &RoomId) -> Result<Sharer> {
        let sharers = self.store().sharers_in(room).await?;
        let shares_here = |sharer: &Sharer| sharer.contact_in(room).is_some_and(|contact| contact.person == *person && !contact.is_off());
        Ok(sharers.into_iter().find(shares_here).ok_or(Notice::NobodySharesHere)?)
    }

    /// Takes down what `person` says to having the sharer's trades in `room`; answers who shares there,
    /// unless she was not asked.
    pub async fn consent(&self, person: &UserId, room: &RoomId, agrees: bool, now: Timestamp) -> Result<Option<(Commit, Sharer)>> {
        let Ok(mut sharer) = self.sharer_for(person, room).await else { return Ok(None) };
        let Some(contact) = sharer.contact_in(room).filter(|contact| contact.consent != Consent::NotNeeded) else {
            return Ok(None);
        };
        let answer = if agrees { Consent::Given } else { Consent::Refused };
        let is_new = contact.consent != answer;
        let (number, name) = (contact.number, contact.name.to_string());
        let told = if agrees { Notice::ContactAgreed { number, person: name } } else { Notice::ContactDeclined { number, person: name } };
        // A no counts for every room with her, and outlives what the sharer removes.
        let mut commit = self.wish(person, &sharer.id, |wish| wish.declined = !agrees).await?;
        commit.sharers.retain(|other| other.id != sharer.id);
        for contact in sharer.contacts.iter_mut().filter(|contact| contact.person == *person && contact.consent != Consent::NotNeeded) {
            contact.consent = answer;
        }
        commit.sharers.push(sharer.clone());
        commit.woken = rooms_of(&sharer);
        commit.deliveries.extend(is_new.then(|| NewDelivery::to_person(sharer.id.clone(), told, now)));
        Ok(Some((commit, sharer)))
    }

    /// Whom `person` muted.
    pub async fn muted_by(&self, person: &UserId, now: Timestamp) -> Result<Vec<MuteLine>> {
        let own = self.sharer(person).await?;
        let muted = own.wishes.iter().filter_map(|wish| Some((wish, wish.mute.filter(|mute| mute.holds(now))?)));
        let everyone = own.mutes_everyone.filter(|mute| mute.holds(now));
        let everyone = everyone.map(|mute| MuteLine { user: MuteLine::EVERYONE.to_owned(), until_at: mute.until_at });
        let named = muted.map(|(wish, mute)| MuteLine { user: wish.sharer.to_string(), until_at: mute.until_at });
        Ok(everyone.into_iter().chain(named).collect())
    }

    /// Everything that is stored of `person`.
    pub async fn privacy(&self, person: &UserId, now: Timestamp) -> Result<Notice> {
        let own = self.sharer(person).await?;
        let rooms = self.store().rooms_of(person).await?;
        let mut sharers: Vec<PrivacyLine> = Vec::new();
        for room in &rooms {
            for sharer in self.store().sharers_in(&room.id).await? {
                let contact = sharer.contact_in(&room.id).filter(|contact| contact.person == *person);
                let Some(contact) = contact else { continue };
                let (user, on) = (sharer.id.to_string(), contact.receives(now));
                // In any of their rooms.
                match sharers.iter_mut().find(|line| line.user == user) {
                    Some(line) => line.on |= on,
                    None => sharers.push(PrivacyLine { user, name: contact.name.to_string(), on }),
                }
            }
        }
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Ok(Notice::Privacy {
            user: person.to_string(),
            language: own.language.is_some(),
            rooms: count(rooms.len()),
            accounts: count(own.accounts.len()),
            contacts: count(own.contacts.len()),
            sharers,
            muted: self.muted_by(person, now).await?,
        })
    }
}
