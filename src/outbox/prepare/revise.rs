//! Brings what was posted up to date with what is known now: an edit, or a redaction where nothing
//! of it may be left.

use super::Outbox;
use super::Prepared;
use super::admission::Admission;
use super::admission::MOMENT;
use super::admission::Recipient;
use super::offers::shown;
use super::postponed;
use super::ready;
use super::withheld;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Posting;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::room::Room;
use crate::domain::text::Line;
use crate::matrix::render;
use crate::matrix::render::Offer;
use crate::store::StoreError;
use jiff::Timestamp;
use serde_json::Value;

impl Outbox {
    /// What becomes of a posting.
    pub(super) async fn prepare_revision(
        &self,
        delivery: Delivery,
        event: &EventId,
        room: &Room,
        now: Timestamp,
    ) -> Result<Prepared, StoreError> {
        let found = self.parts.store.posting(event).await?.filter(|posting| posting.withdrawn_at.is_none());
        let Some(posting) = found else { return Ok(withheld(&delivery)) };
        let (What::Board { sharer, .. } | What::Card { sharer, .. } | What::Digest { sharer, .. }) = &posting.what else {
            return Ok(withheld(&delivery));
        };
        let mut left: Vec<(TradeId, Line)> = Vec::new();
        for shown in &posting.shows {
            if !self.parts.store.is_undone(sharer, &shown.trade).await? {
                left.push((shown.trade.clone(), shown.shop.clone()));
            }
        }
        let is_undone = left.len() < posting.shows.len();
        let is_board = matches!(posting.what, What::Board { .. });
        match self.admission_of_edits(sharer, room).await? {
            // What was withdrawn goes, whoever is in the room now and whatever she wants.
            _ if is_undone && left.is_empty() && !is_board => self.take_away(&delivery, &posting, now).await,
            Admission::Yes(_) if is_board => self.hand_to_board(&delivery, sharer, room, now).await,
            Admission::Yes(to) => self.edit(delivery, &posting, &left, &to, room, now).await,
            _ if is_undone => self.take_away(&delivery, &posting, now).await,
            Admission::NotYet(wait) if wait == MOMENT => Ok(postponed(&delivery, now + wait)),
            // A redaction behind it must not wait for as long as the room does; the next revision shows it all.
            Admission::NotYet(_) | Admission::No => Ok(withheld(&delivery)),
        }
    }

    /// A board is changed in its own lane, behind what is being added to it.
    async fn hand_to_board(&self, delivery: &Delivery, sharer: &UserId, room: &Room, now: Timestamp) -> Result<Prepared, StoreError> {
        let what = What::Board { sharer: sharer.clone(), add: None };
        self.replace(delivery, vec![NewDelivery::in_room(room.id.clone(), what, now)]).await
    }

    /// Takes a posting away as a whole, since what was withdrawn cannot be taken out of it.
    pub(super) async fn take_away(&self, delivery: &Delivery, posting: &Posting, now: Timestamp) -> Result<Prepared, StoreError> {
        let (room, event) = (&posting.room, &posting.event);
        let new = match posting.what {
            What::Board { .. } => NewDelivery::taking_down(room, event, now).into(),
            _ => vec![NewDelivery::in_room(room.clone(), What::Redact { event: event.clone() }, now)],
        };
        self.replace(delivery, new).await
    }

    async fn edit(
        &self,
        delivery: Delivery,
        posting: &Posting,
        left: &[(TradeId, Line)],
        to: &Recipient,
        room: &Room,
        now: Timestamp,
    ) -> Result<Prepared, StoreError> {
        if let Some(frozen) = delivery.frozen.clone() {
            return Ok(ready(delivery, frozen, room, now));
        }
        let sender = posting.sender.clone();
        if self.speaker_in(sender.as_ref(), room).await?.is_none() {
            return Ok(withheld(&delivery));
        }
        let offers = self.offers(left).await?;
        let content = again(posting, &offers, to, &delivery.mark()).map(|content| to.said_by(sender.as_ref(), content));
        let is_whole = offers.len() == left.len();
        let Some(content) = content.filter(|content| is_whole && !render::shows_the_same(content, &posting.content)) else {
            return Ok(withheld(&delivery));
        };
        let content = render::edit(content, &posting.event, &posting.content);
        let (shows, edits) = (shown(&offers), Some(posting.event.clone()));
        Ok(ready(delivery, Frozen { sender, shows, edits, ..Frozen::message(&room.id, &content.to_string()) }, room, now))
    }
}

/// What a posting would show now; none where nothing of it is left.
fn again(posting: &Posting, offers: &[Offer], to: &Recipient, mark: &str) -> Option<Value> {
    match (&posting.what, offers) {
        (_, []) => None,
        (What::Card { .. }, [offer, ..]) => Some(render::card(to.language, offer, &to.sharer.id, mark)),
        _ => Some(render::digest(to.language, offers, &to.sharer.id, mark)),
    }
}
