//! Before an attempt: whether a delivery is still wanted, whether its room can take it now, and
//! what exactly will be sent. What each kind of delivery comes to stands in a file of its own.

use super::Outbox;
use super::Ready;
use super::Step;
use super::send::Call;
use super::target::Found;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Leased;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Settlement;
use crate::domain::delivery::What;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Language;
use crate::domain::sharer::Sharer;
use crate::store::Commit;
use crate::store::StoreError;
use crate::texts;
use admission::Admission;
use admission::MOMENT;
use admission::WAITING;
use jiff::Timestamp;

mod admission;
mod board;
mod cards;
mod gathered;
mod offers;
mod panel;
mod revise;
mod talk;

/// What a leased delivery comes to.
pub(super) enum Prepared {
    /// An attempt can be made.
    Ready(Box<Ready>),
    /// No attempt now.
    Ended(Settlement),
    /// It has become part of another delivery.
    Replaced,
}

impl Prepared {
    /// Something else than a message is done.
    pub(super) fn called(delivery: Delivery, step: Step, now: Timestamp) -> Self {
        called(delivery, step, now)
    }

    /// Not before `at`.
    pub(super) const fn later(delivery: &Delivery, at: Timestamp) -> Self {
        postponed(delivery, at)
    }

    /// What was said in its room is worked off first.
    pub(super) fn in_a_moment(delivery: &Delivery, now: Timestamp) -> Self {
        postponed(delivery, now + MOMENT)
    }
}

impl Outbox {
    /// Decides what a leased delivery comes to.
    pub(super) async fn prepare(&self, lease: Leased, now: Timestamp) -> Result<Prepared, StoreError> {
        if let Some(prepared) = self.prepare_own(&lease.delivery, now).await? {
            return Ok(prepared);
        }
        let (room, delivery) = match self.room_of(&lease.delivery, now).await? {
            Found::Room(room) => (*room, &lease.delivery),
            Found::None(person) => return Ok(called(lease.delivery, Step::OpenRoom(person), now)),
            Found::NotYet(wait) => return Ok(postponed(&lease.delivery, now + wait)),
            Found::Never => return Ok(withheld(&lease.delivery)),
        };
        if self.is_taken_away(delivery).await? {
            return Ok(withheld(delivery));
        }
        if let Some(call) = self.call_of(delivery, &room).await? {
            return Ok(called(lease.delivery, Step::Call(call), now));
        }
        let is_reached = room.ours == Membership::Joined || room.heard_by.is_some();
        if !is_reached || !self.is_private_enough(delivery, &room) {
            return Ok(withheld(delivery));
        }
        if let Some(prepared) = self.unfinished(delivery, &room, now).await? {
            return Ok(prepared);
        }
        if let Some(frozen) = &delivery.frozen
            && (is_readable(frozen, &room) || !self.is_of_present_device(frozen).await?)
        {
            // It was tried before the room was encrypted, or with another device, and nobody knows whether it arrived.
            return Ok(called(lease.delivery, Step::Call(Call::Find), now));
        }
        if let What::Revise { event } = &delivery.what {
            let event = event.clone();
            return self.prepare_revision(lease.delivery, &event, &room, now).await;
        }
        if let Some(sharer) = delivery.what.sharer().cloned() {
            return self.prepare_shared(lease, &sharer, &room, now).await;
        }
        // Reactions are never encrypted in Matrix; words wait, since they would be readable.
        if room.encrypted && !self.parts.crypto.is_allowed() && !matches!(delivery.what, What::React { .. }) {
            return Ok(postponed(delivery, now + WAITING));
        }
        match lease.delivery.frozen.clone() {
            Some(frozen) => Ok(ready(lease.delivery, frozen, &room, now)),
            None if matches!(lease.delivery.what, What::File { .. }) => Ok(called(lease.delivery, Step::Upload(Box::new(room)), now)),
            None => self.prepare_talk(lease.delivery, &room, now).await,
        }
    }

    /// What a sharer shows to a contact.
    async fn prepare_shared(&self, lease: Leased, sharer: &UserId, room: &Room, now: Timestamp) -> Result<Prepared, StoreError> {
        let delivery = &lease.delivery;
        if self.sent_on(sharer, delivery, room, now).await? {
            return Ok(Prepared::Replaced);
        }
        if self.may_have_arrived_undone(sharer, delivery).await? {
            return Ok(called(lease.delivery, Step::Call(Call::Find), now));
        }
        let is_revision = matches!(delivery.what, What::Board { add: None, .. });
        let admission =
            if is_revision { self.admission_of_edits(sharer, room).await? } else { self.admission(sharer, delivery, room, now).await? };
        let recipient = match admission {
            Admission::Yes(recipient) => *recipient,
            Admission::NotYet(MOMENT) => return Ok(postponed(delivery, now + MOMENT)),
            refused => {
                if let Some(board) = self.undone_board(sharer, room).await?.filter(|_| is_revision) {
                    return self.take_away(delivery, &board, now).await;
                }
                return Ok(match refused {
                    Admission::NotYet(wait) if !is_revision => postponed(delivery, now + wait),
                    _ => withheld(delivery),
                });
            }
        };
        match &delivery.what {
            What::Gathered { .. } => self.prepare_gathered(&lease, &recipient, room, now).await,
            What::Held { .. } => self.prepare_held(&lease.delivery, &recipient, room, now).await,
            What::Board { .. } => self.prepare_board(lease.delivery, &recipient, room, now).await,
            _ => self.prepare_card(lease, &recipient, room, now).await,
        }
    }

    /// Whether a delivery was queued for a room from which its contact has moved, while a room upgrade was
    /// followed: then it has been put in its place in the new room.
    async fn sent_on(&self, sharer: &UserId, delivery: &Delivery, room: &Room, now: Timestamp) -> Result<bool, StoreError> {
        let Some(new) = room.replaced_by.as_ref().filter(|_| delivery.frozen.is_none()) else { return Ok(false) };
        let moved = |sharer: Sharer| sharer.contact_in(&room.id).is_none() && sharer.contact_in(new).is_some();
        if !self.parts.store.sharer(sharer).await?.is_some_and(moved) {
            return Ok(false);
        }
        self.replace(delivery, vec![NewDelivery::in_room(new.clone(), delivery.what.clone(), now)]).await?;
        Ok(true)
    }

    /// Whether an attempt was made, nobody knows how it ended, and its sharer has withdrawn meanwhile
    /// what it shows: it is not repeated, and if it arrived, it must be found to be taken back.
    async fn may_have_arrived_undone(&self, sharer: &UserId, delivery: &Delivery) -> Result<bool, StoreError> {
        let Some(frozen) = delivery.frozen.as_ref().filter(|frozen| delivery.attempts > 0 && frozen.edits.is_none()) else {
            return Ok(false);
        };
        for shown in &frozen.shows {
            if self.parts.store.is_undone(sharer, &shown.trade).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether it is about a posting that does not stand there any more.
    async fn is_taken_away(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        let (What::Expire { event } | What::Pin { event, .. }) = &delivery.what else { return Ok(false) };
        Ok(self.parts.store.posting(event).await?.is_some_and(|posting| posting.withdrawn_at.is_some()))
    }

    /// The call that carries out a delivery which is no message; none for a message.
    async fn call_of(&self, delivery: &Delivery, room: &Room) -> Result<Option<Call>, StoreError> {
        Ok(Some(match &delivery.what {
            What::Join => Call::Join,
            What::Leave { notice } => {
                let language = self.language_of(room.invited_by.as_ref()).await?;
                Call::Leave(texts::render(language, notice).plain)
            }
            What::NameAsService => {
                let mut members = room.functional.clone();
                members.insert(self.parts.us.bot.clone());
                Call::NameServices(members)
            }
            What::Redact { event } | What::Expire { event } | What::TakeAway { event, .. } => Call::Redact(event.clone()),
            What::Pin { event, sharer } => Call::Pin { event: event.clone(), sharer: sharer.clone() },
            What::Unpin { event } => Call::Unpin(event.clone()),
            What::OwnDevice { step } => Call::Verify(step.clone()),
            _ => return Ok(None),
        }))
    }

    /// Puts `new` in the place of `delivery`, the last of them in its place in the lane.
    async fn replace(&self, delivery: &Delivery, new: Vec<NewDelivery>) -> Result<Prepared, StoreError> {
        self.parts.store.commit(Commit { deliveries: new, replaced: vec![delivery.id], ..Commit::default() }).await?;
        Ok(Prepared::Replaced)
    }

    /// The language in which `reader` is told `notice`.
    pub(super) async fn language_for(&self, notice: &Notice, reader: Option<&UserId>) -> Result<Language, StoreError> {
        match notice.language() {
            Some(language) => Ok(language),
            None => self.language_of(reader).await,
        }
    }

    /// The language that `reader` chose, else the server's.
    pub(super) async fn language_of(&self, reader: Option<&UserId>) -> Result<Language, StoreError> {
        let sharer = match reader {
            Some(reader) => self.parts.store.sharer(reader).await?,
            None => None,
        };
        Ok(sharer.and_then(|sharer| sharer.language).unwrap_or(self.settings.language))
    }
}

fn ready(delivery: Delivery, frozen: Frozen, room: &Room, now: Timestamp) -> Prepared {
    let is_broken = room.broken_since_at.is_some();
    let step = if is_readable(&frozen, room) { Step::Encrypt(frozen, Box::new(room.clone())) } else { Step::Send(frozen) };
    Prepared::Ready(Box::new(Ready { delivery, step, is_broken, prepared_at: now }))
}

/// Whether words are in the clear that must be encrypted in `room`. Reactions never are in Matrix.
pub(super) fn is_readable(frozen: &Frozen, room: &Room) -> bool {
    room.encrypted && frozen.encrypted.is_none() && frozen.event_type != "m.reaction"
}

fn called(delivery: Delivery, step: Step, now: Timestamp) -> Prepared {
    Prepared::Ready(Box::new(Ready { delivery, step, is_broken: false, prepared_at: now }))
}

const fn withheld(delivery: &Delivery) -> Prepared {
    Prepared::Ended(Settlement::Withheld { id: delivery.id })
}

const fn postponed(delivery: &Delivery, at: Timestamp) -> Prepared {
    Prepared::Ended(Settlement::Retry { id: delivery.id, at, attempted: false })
}
