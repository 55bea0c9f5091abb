//! The board: one message for each sharer and room that shows what is on offer now, edited as trades
//! come and go. All its changes go through one lane, so that none is made from what is out of date.

use super::Outbox;
use super::Prepared;
use super::admission::MOMENT;
use super::admission::Recipient;
use super::admission::WAITING;
use super::offers::shown;
use super::postponed;
use super::ready;
use super::withheld;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Posting;
use crate::domain::delivery::Then;
use crate::domain::delivery::What;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::own_name::Voice;
use crate::domain::room::Room;
use crate::domain::settings::Output;
use crate::domain::text::Line;
use crate::matrix::render;
use crate::matrix::render::Offer;
use crate::outbox::digest::LOOKED_AT;
use crate::store::StoreError;
use jiff::Timestamp;

/// How many trades a board shows at the most.
const ENTRIES: usize = 10;

impl Outbox {
    /// A change of a board. What waits behind it for the same board is shown at once; when its turn
    /// comes, it stands there already.
    pub(super) async fn prepare_board(
        &self,
        delivery: Delivery,
        to: &Recipient,
        room: &Room,
        now: Timestamp,
    ) -> Result<Prepared, StoreError> {
        let is_on = to.settings.shows(Output::Board);
        let is_revision = matches!(delivery.what, What::Board { add: None, .. });
        let posting = self.parts.store.board(&to.sharer.id, &room.id).await?;
        if is_revision && posting.is_none() {
            return Ok(withheld(&delivery));
        }
        if !is_revision && !is_on {
            let Some(trade) = delivery.what.trade() else { return Ok(withheld(&delivery)) };
            return self.show_otherwise(&delivery, to, trade, room, now).await;
        }
        let (sender, is_hers) = (to.sender(), |posting: &Posting| posting.sender == to.sender());
        if to.voice == Voice::Nobody {
            return Ok(if is_revision { withheld(&delivery) } else { postponed(&delivery, now + WAITING) });
        }
        if !posting.as_ref().is_some_and(is_hers) {
            if let Some(at) = to.quiet_until(self, now) {
                return Ok(postponed(&delivery, at));
            }
            if self.is_introduction_waiting(&to.sharer.id, room).await? {
                return Ok(postponed(&delivery, now + MOMENT));
            }
        }
        if let Some(frozen) = delivery.frozen.clone() {
            return Ok(ready(delivery, frozen, room, now));
        }
        // A revision goes also where nothing new may.
        let added = if is_revision { Vec::new() } else { self.added(&delivery, to, room).await? };
        let (mut offers, gone) = self.on_board(posting.as_ref(), &added, to).await?;
        offers.truncate(render::list_capacity(&offers));
        let name = room.name_of(&to.sharer.id);
        let content = render::board(to.language, &offers, &to.sharer.id, name.as_str(), &delivery.mark());
        let content = to.said_by(sender.as_ref(), content);
        let frozen = match posting {
            None if offers.is_empty() => return Ok(withheld(&delivery)),
            // Only who sent it can edit it: what stood there is taken away once the new one does.
            Some(posting) if !is_hers(&posting) => {
                let then = vec![Then::Pin { sharer: to.sharer.id.clone() }, Then::TakeAway { event: posting.event }];
                Frozen { then, ..Frozen::message(&room.id, &content.to_string()) }
            }
            Some(posting) if render::shows_the_same(&content, &posting.content) => return Ok(withheld(&delivery)),
            None => {
                let then = vec![Then::Pin { sharer: to.sharer.id.clone() }];
                Frozen { then, ..Frozen::message(&room.id, &content.to_string()) }
            }
            Some(posting) => {
                let content = render::edit(content, &posting.event, &posting.content);
                Frozen { edits: Some(posting.event), ..Frozen::message(&room.id, &content.to_string()) }
            }
        };
        offers.extend(gone);
        Ok(ready(delivery, Frozen { shows: shown(&offers), sender, ..frozen }, room, now))
    }

    /// What this change adds and what those that wait behind it do.
    async fn added(&self, delivery: &Delivery, to: &Recipient, room: &Room) -> Result<Vec<(TradeId, Line)>, StoreError> {
        let mut added: Vec<(TradeId, Line)> =
            delivery.what.trade().map(|(trade, shop)| (trade.clone(), shop.clone())).into_iter().collect();
        for behind in self.parts.store.waiting(&room.id, Lane::Board, LOOKED_AT).await? {
            let is_hers = behind.frozen.is_none() && behind.what.sharer() == Some(&to.sharer.id);
            added.extend(behind.what.trade().filter(|_| is_hers).map(|(trade, shop)| (trade.clone(), shop.clone())));
        }
        Ok(added)
    }

    /// What is to stand on a board, newest first, and what cannot be had now but may come back: that
    /// is remembered with the posting, though it does not stand there.
    async fn on_board(
        &self,
        posting: Option<&Posting>,
        added: &[(TradeId, Line)],
        to: &Recipient,
    ) -> Result<(Vec<Offer>, Vec<Offer>), StoreError> {
        let shows = posting.map(|posting| posting.shows.as_slice()).unwrap_or_default();
        let before: Vec<(TradeId, Line)> = shows.iter().map(|shown| (shown.trade.clone(), shown.shop.clone())).collect();
        let mut entries = self.not_undone(&before, to).await?;
        // Those of one poll stand in the order in which they were added.
        entries.reverse();
        entries.sort_by_key(age);
        let oldest = oldest_of_full(&entries);
        for offer in self.not_undone(added, to).await? {
            // What an earlier change found too old for a full board still is.
            let is_newer = oldest.is_none_or(|oldest| age(&offer) > oldest);
            let is_there = entries.iter().any(|entry| entry.trade.id() == offer.trade.id());
            if is_newer && !is_there && to.sharer.still_shows(&to.contact, &offer.trade) {
                entries.push(offer);
            }
        }
        entries.sort_by_key(age);
        let (mut offers, mut gone): (Vec<Offer>, Vec<Offer>) = (Vec::new(), Vec::new());
        for offer in entries.into_iter().rev() {
            let is_known = is_of_same_item(&offers, &offer) || is_of_same_item(&gone, &offer);
            let newest = if offer.is_gone() { &mut gone } else { &mut offers };
            if newest.len() < ENTRIES && !is_known {
                newest.push(offer);
            }
        }
        Ok((offers, gone))
    }

    async fn not_undone(&self, trades: &[(TradeId, Line)], to: &Recipient) -> Result<Vec<Offer>, StoreError> {
        let mut left = Vec::new();
        for offer in self.offers(trades).await? {
            if !self.parts.store.is_undone(&to.sharer.id, &offer.trade.id()).await? {
                left.push(offer);
            }
        }
        Ok(left)
    }

    /// The board in a room, where it shows what its sharer has withdrawn.
    pub(super) async fn undone_board(&self, sharer: &UserId, room: &Room) -> Result<Option<Posting>, StoreError> {
        let Some(posting) = self.parts.store.board(sharer, &room.id).await? else { return Ok(None) };
        for shown in &posting.shows {
            if self.parts.store.is_undone(sharer, &shown.trade).await? {
                return Ok(Some(posting));
            }
        }
        Ok(None)
    }

    /// Whether the contact is still to be told who shares, before anything else.
    async fn is_introduction_waiting(&self, sharer: &UserId, room: &Room) -> Result<bool, StoreError> {
        let waiting = self.parts.store.waiting(&room.id, Lane::Cards, LOOKED_AT).await?;
        Ok(waiting.iter().any(|delivery| matches!(&delivery.what, What::Introduction { sharer: other, .. } if other == sharer)))
    }
}

/// By what trades are newer or older: when they were first seen, and of one poll by when they happened.
fn age(offer: &Offer) -> (Timestamp, Timestamp) {
    (offer.trade.seen_at, offer.trade.order_at())
}

/// The age of the oldest one on a board that has no place left; of `entries`, oldest first.
fn oldest_of_full(entries: &[Offer]) -> Option<(Timestamp, Timestamp)> {
    let on_offer = entries.iter().filter(|offer| !offer.is_gone());
    on_offer.clone().next().filter(|_| on_offer.count() >= ENTRIES).map(age)
}

/// A newer trade of an item takes the place of an older one.
fn is_of_same_item(newer: &[Offer], offer: &Offer) -> bool {
    newer.iter().any(|entry| entry.trade.source == offer.trade.source && entry.trade.external_id == offer.trade.external_id)
}
