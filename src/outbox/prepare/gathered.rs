//! What is kept for later: trades gathered for the digest of the day, and purchases held back. Also
//! what becomes of a trade whose way of being shown was switched off meanwhile.

use super::Outbox;
use super::Prepared;
use super::admission::Recipient;
use super::cards::are_cards_on;
use super::postponed;
use super::withheld;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Leased;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Posting;
use crate::domain::delivery::What;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::room::Room;
use crate::domain::settings::Output;
use crate::domain::settings::Settings;
use crate::domain::text::Line;
use crate::outbox::digest::LOOKED_AT;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::time::Duration;

/// How long to wait for a purchase to be shown to its sharer before it is looked at again.
const NOT_SHOWN: Duration = Duration::from_mins(1);
/// A purchase that its sharer could not be shown for so long is posted nowhere.
const NEVER_SHOWN: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Outbox {
    /// Waits for the hour of the digest, and then makes one of all whose hour has come.
    pub(super) async fn prepare_gathered(
        &self,
        lease: &Leased,
        to: &Recipient,
        room: &Room,
        now: Timestamp,
    ) -> Result<Prepared, StoreError> {
        let delivery = &lease.delivery;
        if !to.settings.shows(Output::Digest) {
            let Some(trade) = delivery.what.trade() else { return Ok(withheld(delivery)) };
            return self.show_otherwise(delivery, to, trade, room, now).await;
        }
        let hour = self.hour_of(delivery, &to.settings);
        if hour <= now {
            let folded = self.fold_gathered(&to.sharer.id, &to.settings, room, now).await?;
            return Ok(if folded { Prepared::Replaced } else { withheld(delivery) });
        }
        Ok(postponed(delivery, hour))
    }

    /// Makes a digest of the gathered trades of `sharer` whose hour has come, as many as fit into one;
    /// whether there were any.
    async fn fold_gathered(&self, sharer: &UserId, settings: &Settings, room: &Room, now: Timestamp) -> Result<bool, StoreError> {
        let waiting = self.parts.store.waiting(&room.id, Lane::Gathered, LOOKED_AT).await?;
        let is_due = |delivery: &&Delivery| {
            let is_hers = delivery.frozen.is_none() && delivery.what.sharer() == Some(sharer);
            is_hers && self.hour_of(delivery, settings) <= now
        };
        let due: Vec<&Delivery> = waiting.iter().filter(is_due).collect();
        self.fold(sharer, &room.id, &due, now).await
    }

    fn hour_of(&self, gathered: &Delivery, settings: &Settings) -> Timestamp {
        settings.digest_after(gathered.created_at, &self.settings.zone)
    }

    /// Once the time for which a purchase is held is over, it is shown like any trade. That time begins
    /// when the sharer has been shown it, which may be late: she must have had a chance to stop it.
    pub(super) async fn prepare_held(
        &self,
        delivery: &Delivery,
        to: &Recipient,
        room: &Room,
        now: Timestamp,
    ) -> Result<Prepared, StoreError> {
        let Some((trade, shop)) = delivery.what.trade() else { return Ok(withheld(delivery)) };
        match self.held_until(&to.sharer.id, trade).await? {
            Some(until_at) if until_at <= now => {}
            Some(until_at) => return Ok(postponed(delivery, until_at)),
            None if now.duration_since(delivery.created_at) < NEVER_SHOWN => return Ok(postponed(delivery, now + NOT_SHOWN)),
            None => return Ok(withheld(delivery)),
        }
        let (sharer, trade, shop) = (to.sharer.id.clone(), trade.clone(), shop.clone());
        let mut shown = Vec::new();
        if to.settings.shows(Output::Board) {
            shown.push(What::Board { sharer: sharer.clone(), add: Some((trade.clone(), shop.clone())) });
        }
        if to.settings.shows(Output::Digest) {
            shown.push(What::Gathered { sharer: sharer.clone(), trade: trade.clone(), shop: shop.clone() });
        }
        if are_cards_on(&to.settings) {
            // Last, so that it takes the place of the purchase among the cards; only an introduction goes before it.
            shown.push(What::Card { sharer, trade, shop });
        }
        if shown.is_empty() {
            return Ok(withheld(delivery));
        }
        let mut sharers = Vec::new();
        if !to.contact.introduced {
            let mut introducing = to.sharer.clone();
            introducing.contact_in_mut(&room.id).into_iter().for_each(|contact| contact.introduced = true);
            shown.push(What::Introduction { sharer: introducing.id.clone(), asks: false });
            sharers.push(introducing);
        }
        let deliveries = shown.into_iter().map(|what| NewDelivery::in_room(room.id.clone(), what, now)).collect();
        let replaced = vec![delivery.id];
        self.parts.store.commit(Commit { sharers, deliveries, replaced, ..Commit::default() }).await?;
        Ok(Prepared::Replaced)
    }

    /// When the time is over for which `sharer` was promised that a purchase is held; none where she has
    /// not been shown it.
    async fn held_until(&self, sharer: &UserId, trade: &TradeId) -> Result<Option<Timestamp>, StoreError> {
        let Some(known) = self.parts.store.trade(trade).await? else { return Ok(None) };
        let postings = self.parts.store.postings_of(&known.source, &known.external_id).await?;
        let ends_at = |posting: &Posting| match &posting.what {
            What::HeldNotice { sharer: other, trade: id, hold_seconds, .. } if other == sharer && id == trade => {
                Some(posting.posted_at + Duration::from_secs((*hold_seconds).into()))
            }
            _ => None,
        };
        Ok(postings.iter().find_map(ends_at))
    }

    /// A card or a gathered trade whose output is off now goes the other way that is on, else to the
    /// board: nothing is lost, and nothing comes twice.
    pub(super) async fn show_otherwise(
        &self,
        delivery: &Delivery,
        to: &Recipient,
        (trade, shop): (&TradeId, &Line),
        room: &Room,
        now: Timestamp,
    ) -> Result<Prepared, StoreError> {
        let (sharer, id, shop) = (to.sharer.id.clone(), trade.clone(), shop.clone());
        let settings = &to.settings;
        let what = if are_cards_on(settings) {
            What::Card { sharer, trade: id, shop }
        } else if settings.shows(Output::Digest) {
            What::Gathered { sharer, trade: id, shop }
        } else if settings.shows(Output::Board) {
            What::Board { sharer, add: Some((id, shop)) }
        } else {
            return Ok(withheld(delivery));
        };
        let is_board = matches!(what, What::Board { .. });
        if !is_board && self.is_shown_besides(delivery, &to.sharer.id, trade, room).await? {
            return Ok(withheld(delivery));
        }
        self.replace(delivery, vec![NewDelivery::in_room(room.id.clone(), what, now)]).await
    }

    /// Whether a trade stands in a room, or waits to be posted there, by more than `delivery`.
    async fn is_shown_besides(&self, delivery: &Delivery, sharer: &UserId, trade: &TradeId, room: &Room) -> Result<bool, StoreError> {
        let shows = |what: &What| match what {
            What::Digest { sharer: other, trades } => other == sharer && trades.iter().any(|(id, _)| id == trade),
            What::Card { sharer: other, trade: id, .. } | What::Gathered { sharer: other, trade: id, .. } => other == sharer && id == trade,
            _ => false,
        };
        for lane in [Lane::Cards, Lane::Gathered] {
            let waiting = self.parts.store.waiting(&room.id, lane, LOOKED_AT).await?;
            if waiting.iter().any(|other| other.id != delivery.id && shows(&other.what)) {
                return Ok(true);
            }
        }
        let Some(known) = self.parts.store.trade(trade).await? else { return Ok(false) };
        let postings = self.parts.store.postings_of(&known.source, &known.external_id).await?;
        Ok(postings.iter().any(|posting| posting.room == room.id && shows(&posting.what)))
    }
}
