//! Before an attempt: whether a delivery is still wanted, whether its room can take it now, and
//! what exactly will be sent.

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
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::permission::Permission;
use crate::domain::room::Membership;
use crate::domain::room::NotDirect;
use crate::domain::room::Room;
use crate::domain::room::Verdict;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Language;
use crate::domain::sharer::Sharer;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::matrix::render;
use crate::store::Commit;
use crate::store::StoreError;
use crate::texts;
use jiff::Timestamp;
use std::time::Duration;

/// How long a delivery waits for a room to change before it is looked at again; the change itself wakes it.
const WAITING: Duration = Duration::from_hours(1);

/// How long a card waits while something that was said or done in its room is not worked off yet.
const MOMENT: Duration = Duration::from_secs(1);

/// What a leased delivery comes to.
pub(super) enum Prepared {
    /// An attempt can be made.
    Ready(Box<Ready>),
    /// No attempt now.
    Ended(Settlement),
    /// It has become part of another delivery.
    Replaced,
}

/// Whether a card may go to its contact now.
enum Admission {
    Yes(Box<Sharer>),
    NotYet(Duration),
    No,
}

impl Outbox {
    /// Decides what a leased delivery comes to.
    pub(super) async fn prepare(&self, lease: Leased, now: Timestamp) -> Result<Prepared, StoreError> {
        let (room, delivery) = match self.room_of(&lease.delivery, now).await? {
            Found::Room(room) => (*room, &lease.delivery),
            Found::None(person) => return Ok(called(lease.delivery, Step::OpenRoom(person), now)),
            Found::NotYet(wait) => return Ok(Prepared::Ended(postponed(&lease.delivery, now + wait))),
            Found::Never => return Ok(withheld(&lease.delivery)),
        };
        if let Some(call) = self.call_of(delivery, &room).await? {
            return Ok(called(lease.delivery, Step::Call(call), now));
        }
        if room.ours != Membership::Joined || !self.is_private_enough(delivery, &room) {
            return Ok(withheld(delivery));
        }
        if let Some(sharer) = delivery.what.sharer().cloned() {
            if self.sent_on(&sharer, delivery, &room, now).await? {
                return Ok(Prepared::Replaced);
            }
            match self.admission(&sharer, delivery, &room, now).await? {
                Admission::Yes(sharer) => return self.prepare_card(lease, &sharer, &room, now).await,
                Admission::NotYet(wait) => return Ok(Prepared::Ended(postponed(delivery, now + wait))),
                Admission::No => return Ok(withheld(delivery)),
            }
        }
        // Reactions are never encrypted in Matrix; words wait, since they would be readable.
        if room.encrypted && !matches!(delivery.what, What::React { .. }) {
            return Ok(Prepared::Ended(postponed(delivery, now + WAITING)));
        }
        self.render_talk(lease.delivery, &room, now).await
    }

    /// Whether a card was queued for a room from which its contact has moved, while a room upgrade was
    /// followed: then it has been put in its place in the new room.
    async fn sent_on(&self, sharer: &UserId, delivery: &Delivery, room: &Room, now: Timestamp) -> Result<bool, StoreError> {
        let Some(new) = room.replaced_by.as_ref().filter(|_| delivery.frozen.is_none()) else { return Ok(false) };
        let moved = |sharer: Sharer| sharer.contact_in(&room.id).is_none() && sharer.contact_in(new).is_some();
        if !self.parts.store.sharer(sharer).await?.is_some_and(moved) {
            return Ok(false);
        }
        let deliveries = vec![NewDelivery::in_room(new.clone(), delivery.what.clone(), now)];
        self.parts.store.commit(Commit { deliveries, replaced: vec![delivery.id], ..Commit::default() }).await?;
        Ok(true)
    }

    /// Looked at again before each card, whatever was true when it was queued.
    async fn admission(&self, sharer: &UserId, delivery: &Delivery, room: &Room, now: Timestamp) -> Result<Admission, StoreError> {
        let Some(sharer) = self.parts.store.sharer(sharer).await? else {
            return Ok(Admission::No);
        };
        let may_share = self.parts.permissions.of(&sharer.id) == Permission::Share;
        let wanted = |contact: &&Contact| may_share && !sharer.paused && contact.receives(now);
        let Some(contact) = sharer.contact_in(&room.id).filter(wanted) else {
            self.take_back_introduction(sharer.clone(), delivery, room).await?;
            return Ok(Admission::No);
        };
        if let What::Card { trade, .. } = &delivery.what
            && !self.is_followed(&sharer, trade).await?
        {
            return Ok(Admission::No);
        }
        if self.parts.store.has_pending_events(&room.id).await? {
            return Ok(Admission::NotYet(MOMENT));
        }
        Ok(match room.verdict(&self.parts.us, &sharer.id, &contact.person) {
            Verdict::Direct if room.encrypted => Admission::NotYet(WAITING),
            Verdict::Direct => Admission::Yes(Box::new(sharer)),
            Verdict::ContactInvited | Verdict::Not(NotDirect::Replaced) => Admission::NotYet(WAITING),
            Verdict::Not(_) => Admission::No,
        })
    }

    /// An introduction that is not wanted now is said before a later card.
    async fn take_back_introduction(&self, mut sharer: Sharer, delivery: &Delivery, room: &Room) -> Result<(), StoreError> {
        if !matches!(delivery.what, What::Introduction { .. }) {
            return Ok(());
        }
        let Some(contact) = sharer.contact_in_mut(&room.id) else { return Ok(()) };
        contact.introduced = false;
        match self.parts.store.commit(Commit { sharers: vec![sharer], ..Commit::default() }).await {
            // She is changing something: the next look finds it as it is then.
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    async fn is_followed(&self, sharer: &Sharer, trade: &TradeId) -> Result<bool, StoreError> {
        Ok(self.parts.store.trade(trade).await?.is_some_and(|trade| sharer.follows(&trade.source)))
    }

    async fn prepare_card(&self, lease: Leased, sharer: &Sharer, room: &Room, now: Timestamp) -> Result<Prepared, StoreError> {
        if lease.delivery.frozen.is_none() && !matches!(lease.delivery.what, What::Introduction { .. }) {
            if let Some(at) = self.day_is_full(&lease, now) {
                return Ok(Prepared::Ended(postponed(&lease.delivery, at)));
            }
            if self.fold_into_digest(&lease, now).await? {
                return Ok(Prepared::Replaced);
            }
        }
        let delivery = lease.delivery;
        if let Some(frozen) = delivery.frozen.clone() {
            return Ok(ready(delivery, frozen, room, now));
        }
        let contact = sharer.contact_in(&room.id).map(|contact| contact.person.clone());
        let language = self.language_of(contact.as_ref()).await?;
        let mark = delivery.mark();
        let content = match &delivery.what {
            What::Card { trade, shop, .. } => match self.parts.store.trade(trade).await? {
                Some(trade) => render::card(language, &trade, shop, &sharer.id, &mark),
                None => return Ok(withheld(&delivery)),
            },
            What::Digest { trades, .. } => {
                let mut trades = self.trades(trades).await?;
                trades.retain(|(trade, _)| sharer.follows(&trade.source));
                if trades.is_empty() {
                    return Ok(withheld(&delivery));
                }
                render::digest(language, &trades, &sharer.id, &mark)
            }
            _ => {
                let notice = Notice::Introduction { sharer: room.name_of(&sharer.id).to_string() };
                render::notice(&texts::render(language, &notice), &mark)
            }
        };
        let frozen = Frozen::message(&room.id, &content.to_string());
        Ok(ready(delivery, frozen, room, now))
    }

    async fn trades(&self, ids: &[(TradeId, Line)]) -> Result<Vec<(Trade, Line)>, StoreError> {
        let mut trades = Vec::new();
        for (id, shop) in ids {
            trades.extend(self.parts.store.trade(id).await?.map(|trade| (trade, shop.clone())));
        }
        Ok(trades)
    }

    async fn render_talk(&self, delivery: Delivery, room: &Room, now: Timestamp) -> Result<Prepared, StoreError> {
        if let Some(frozen) = delivery.frozen.clone() {
            return Ok(ready(delivery, frozen, room, now));
        }
        let mark = delivery.mark();
        let (event_type, content) = match &delivery.what {
            What::Notice { notice } => {
                let anybody = || room.people(&self.parts.us).map(|(user, _)| user).next();
                let reader = room.invited_by.as_ref().or_else(anybody);
                ("m.room.message", render::notice(&texts::render(self.language_of(reader).await?, notice), &mark))
            }
            What::Reply { to, reader, notice, .. } => {
                let text = texts::render(self.language_of(Some(reader)).await?, notice);
                ("m.room.message", render::reply(&text, to, reader, &mark))
            }
            What::React { to, key } => ("m.reaction", render::reaction(to, &key.key(), &mark)),
            _ => return Ok(withheld(&delivery)),
        };
        let frozen = Frozen { event_type: event_type.to_owned(), ..Frozen::message(&room.id, &content.to_string()) };
        Ok(ready(delivery, frozen, room, now))
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
            What::Redact { event } => Call::Redact(event.clone()),
            _ => return Ok(None),
        }))
    }

    async fn language_of(&self, reader: Option<&UserId>) -> Result<Language, StoreError> {
        let sharer = match reader {
            Some(reader) => self.parts.store.sharer(reader).await?,
            None => None,
        };
        Ok(sharer.and_then(|sharer| sharer.language).unwrap_or(self.settings.language))
    }
}

fn ready(delivery: Delivery, frozen: Frozen, room: &Room, now: Timestamp) -> Prepared {
    let is_broken = room.broken_since_at.is_some();
    Prepared::Ready(Box::new(Ready { delivery, step: Step::Send(frozen), is_broken, prepared_at: now }))
}

fn called(delivery: Delivery, step: Step, now: Timestamp) -> Prepared {
    Prepared::Ready(Box::new(Ready { delivery, step, is_broken: false, prepared_at: now }))
}

fn withheld(delivery: &Delivery) -> Prepared {
    Prepared::Ended(Settlement::Withheld { id: delivery.id })
}

const fn postponed(delivery: &Delivery, at: Timestamp) -> Settlement {
    Settlement::Retry { id: delivery.id, at, attempted: false }
}
