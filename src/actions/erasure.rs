//! Being forgotten: what is asked before, and the commit that erases a person. Her wishes as a contact
//! stay, since what she muted must not begin anew.

use super::Actions;
use super::Result;
use super::own_name::device_step;
use super::rooms_of;
use super::settings::emptied_status_line;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Posting;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::question::Ask;
use crate::domain::question::Question;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Contact;
use crate::domain::sharer::NewContact;
use crate::domain::sharer::Sharer;
use crate::domain::sharer::Wish;
use crate::store::Commit;
use crate::store::Named;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How many messages of hers in one room are withdrawn at the most.
const WITHDRAWN: usize = 10_000;

/// What stands of hers in rooms and can be taken away.
#[derive(Default)]
struct Standing {
    /// Messages that the bot sent.
    cards: Vec<Posting>,
    /// Boards, which nobody would keep.
    boards: Vec<Posting>,
    /// How many were sent in her own name, which nobody but herself can take away once she is forgotten.
    own: u32,
}

impl Actions {
    /// Asks whether everything that is stored of `user` is to be erased, and says what that is.
    pub async fn ask_to_forget(&self, user: &UserId, now: Timestamp) -> Result<(Commit, Notice)> {
        let mut sharer = self.sharer(user).await?;
        let standing = self.standing(&sharer).await?;
        let others = self.who_has(user).await?;
        let notice = Notice::ForgetAsked {
            accounts: count(sharer.accounts.len()),
            contacts: count(sharer.contacts.len()),
            sharers: count(others.len()),
            own_name: sharer.own_name.is_some(),
            cards: count(standing.cards.len()),
            own_cards: standing.own,
        };
        sharer.question = Some(Question { asked_at: now, ask: Ask::Forget });
        Ok((Commit { sharers: vec![sharer], ..Commit::default() }, notice))
    }

    /// Whether she is asked whether she is to be forgotten.
    pub async fn is_asked_to_forget(&self, user: &UserId, now: Timestamp) -> Result<bool> {
        let question = self.sharer(user).await?.question.filter(|question| question.is_open(now));
        Ok(question.is_some_and(|question| matches!(question.ask, Ask::Forget | Ask::ForgetPosted)))
    }

    /// She wants to be forgotten: that is done, unless it has to be asked what becomes of her posts.
    pub(super) async fn agree_to_forget(&self, mut sharer: Sharer, now: Timestamp) -> Result<(Commit, Notice)> {
        let cards = count(self.standing(&sharer).await?.cards.len());
        if cards == 0 {
            return self.forget(sharer, false, now).await;
        }
        sharer.question = Some(Question { asked_at: now, ask: Ask::ForgetPosted });
        Ok((Commit { sharers: vec![sharer], ..Commit::default() }, Notice::ForgetPostedAsked { cards }))
    }

    /// Erases everything that is stored of her, as one who shares and as a contact of others.
    pub(super) async fn forget(&self, sharer: Sharer, withdraws: bool, now: Timestamp) -> Result<(Commit, Notice)> {
        let user = sharer.id.clone();
        let (language, rooms) = (sharer.language, self.store().rooms_of(&user).await?);
        let mut wishes = sharer.wishes.clone();
        let others = self.without_contact(&user, &mut wishes, now).await?;
        let (mut commit, cards) = self.erased(Sharer { wishes, ..sharer }, withdraws, now).await?;
        let hers = rooms.iter().filter(|room| matches!(room.role(&self.us), Role::Pair(..)));
        commit.emptied.extend(hers.map(|room| room.id.clone()));
        commit.sharers.extend(others.sharers);
        commit.deliveries.extend(others.deliveries);
        commit.woken = others.woken;
        Ok((commit, Notice::Forgotten { language, cards }))
    }

    /// Erases her as one who shares, and leaves her as a contact of others.
    pub async fn forget_sharer(&self, sharer: Sharer, now: Timestamp) -> Result<Commit> {
        Ok(self.erased(sharer, false, now).await?.0)
    }

    /// What erases her as one who shares; answers how many messages are withdrawn.
    async fn erased(&self, mut sharer: Sharer, withdraws: bool, now: Timestamp) -> Result<(Commit, u32)> {
        let user = sharer.id.clone();
        let standing = self.standing(&sharer).await?;
        let mut commit = Commit { erased: vec![user.clone()], ..Commit::default() };
        for account in &sharer.accounts {
            let ended = self.ended(account, now).await?;
            commit.sources.extend(ended.sources);
            commit.named.extend(ended.named);
        }
        commit.named.extend(sharer.links.iter().map(|link| (Named::Link(link.digest.clone()), None)));
        commit.deliveries.extend(standing.boards.iter().flat_map(|board| NewDelivery::taking_down(&board.room, &board.event, now)));
        let taken = if withdraws { standing.cards.as_slice() } else { &[] };
        commit.deliveries.extend(taken.iter().map(|card| redacting(card, now)));
        commit.deliveries.extend(emptied_status_line(&mut sharer, now));
        let device = sharer.own_name.take().and_then(|own_name| own_name.device);
        commit.deliveries.extend(device.map(|device| device_step(&user, DeviceStep::Remove { device: device.id }, now)));
        let rooms = self.store().rooms_of(&user).await?;
        let is_hers = |room: &&Room| matches!(room.role(&self.us), Role::Management(owner) if owner == user);
        commit.emptied = rooms.iter().filter(is_hers).map(|room| room.id.clone()).collect();
        commit.sharers.push(left_of(sharer, now));
        Ok((commit, count(taken.len())))
    }

    /// What stands of hers in the rooms of her contacts and in those in which she is.
    async fn standing(&self, sharer: &Sharer) -> Result<Standing> {
        let rooms = self.store().rooms_of(&sharer.id).await?.into_iter().map(|room| room.id);
        let rooms: BTreeSet<RoomId> = rooms.chain(sharer.contacts.iter().map(|contact| contact.room.clone())).collect();
        let mut standing = Standing::default();
        for room in rooms {
            for posting in self.store().postings_to(&sharer.id, &room, WITHDRAWN).await? {
                match (&posting.sender, &posting.what) {
                    (Some(_), _) => standing.own += 1,
                    (None, What::Board { .. }) => standing.boards.push(posting),
                    // Shown to nobody but her.
                    (None, What::HeldNotice { .. }) => {}
                    (None, _) => standing.cards.push(posting),
                }
            }
        }
        Ok(standing)
    }

    /// Those who have `user` as a contact, as they are now.
    async fn who_has(&self, user: &UserId) -> Result<Vec<Sharer>> {
        let mut found: Vec<Sharer> = Vec::new();
        // Also those whose room with her she has left, whom no index finds.
        for id in self.store().sharers().await?.into_iter().filter(|id| id != user) {
            let sharer = self.store().sharer(&id).await?;
            found.extend(sharer.filter(|sharer| sharer.contacts.iter().any(|contact| contact.person == *user)));
        }
        Ok(found)
    }

    /// Takes `user` from everybody's contacts and tells them. What she wishes of them and stands with them
    /// alone is kept with her.
    async fn without_contact(&self, user: &UserId, wishes: &mut Vec<Wish>, now: Timestamp) -> Result<Commit> {
        let mut commit = Commit::default();
        for mut other in self.who_has(user).await? {
            let (hers, others): (Vec<Contact>, Vec<Contact>) = other.contacts.into_iter().partition(|contact| contact.person == *user);
            other.contacts = others;
            wishes.extend(
                hers.iter()
                    .find_map(|contact| wish_of(contact, &other.id))
                    .filter(|new| wishes.iter().all(|wish| wish.sharer != new.sharer)),
            );
            for contact in &hers {
                commit.deliveries.extend(self.board_taken_down(&other.id, &contact.room, now).await?);
            }
            let listed = hers.iter().find(|contact| !contact.is_off());
            commit.deliveries.extend(listed.map(|contact| {
                let notice = Notice::ContactForgotten { number: contact.number, person: contact.name.to_string() };
                NewDelivery::to_person(other.id.clone(), notice, now)
            }));
            commit.woken.extend(rooms_of(&other));
            commit.sharers.push(other);
        }
        Ok(commit)
    }
}

/// What is left of somebody who is forgotten: what she wishes of others, what was decided about her, and
/// what protects others from her: who was invited in her name, and how many she began with today, but not whom.
fn left_of(sharer: Sharer, now: Timestamp) -> Sharer {
    let Sharer { id, version, wishes, mutes_everyone, wants_no_room, disabled_at, opened, begun, .. } = sharer;
    let begun = begun.into_iter().filter(|begun| begun.counts(now)).map(|begun| NewContact { person: id.clone(), ..begun }).collect();
    Sharer { version, disabled_at, wants_no_room, wishes, mutes_everyone, begun, opened, ..Sharer::new(id) }
}

/// What a contact wishes, as her sharer's contact repeats it.
fn wish_of(contact: &Contact, sharer: &UserId) -> Option<Wish> {
    let declined = contact.consent == Consent::Refused;
    let wish = Wish { sharer: sharer.clone(), mute: contact.mute, only: contact.only.clone(), declined };
    (wish.mute.is_some() || !wish.only.is_all() || declined).then_some(wish)
}

fn redacting(posting: &Posting, now: Timestamp) -> NewDelivery {
    NewDelivery::in_room(posting.room.clone(), What::Redact { event: posting.event.clone() }, now)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
