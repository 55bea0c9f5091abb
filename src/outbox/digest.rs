//! When many trades wait for one room they become one message, and when a day's cards are used up
//! the rest waits for the next.

use super::Outbox;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Leased;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::text::Line;
use crate::matrix::render;
use crate::matrix::render::Offer;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::Timestamp;
use std::time::Duration;

/// The most deliveries of a lane that are looked at at once.
pub(super) const LOOKED_AT: usize = 200;
/// What a day is here: cards are counted from the first one on.
const DAY: Duration = Duration::from_hours(24);

impl Outbox {
    /// Until when a lane must wait whose cards for the day are used up.
    pub(super) fn day_is_full(&self, lease: &Leased, now: Timestamp) -> Option<Timestamp> {
        let ends_at = lease.day_began_at? + DAY;
        (lease.sent_in_day >= self.settings.cards_per_day && now < ends_at).then_some(ends_at)
    }

    /// Makes one digest of what waits behind a card, where that is much.
    pub(super) async fn fold_into_digest(&self, lease: &Leased, now: Timestamp) -> Result<bool, StoreError> {
        let (Target::Room(room), What::Card { sharer, .. }) = (&lease.delivery.target, &lease.delivery.what) else {
            return Ok(false);
        };
        let has_waited = self.allowance.has_waited(sharer, lease.delivery.created_at, now).await?;
        let after_full_day = has_waited || lease.sent_in_day >= self.settings.cards_per_day;
        let enough = if after_full_day { 2 } else { self.settings.digest_above + 1 };
        if lease.waiting < enough {
            return Ok(false);
        }
        let waiting = self.parts.store.waiting(room, Lane::Cards, LOOKED_AT).await?;
        // The other person of the room may share there too, in a lane of her own.
        let hers = waiting.iter().filter(|delivery| delivery.what.sharer() == Some(sharer));
        let is_card = |delivery: &&Delivery| delivery.frozen.is_none() && matches!(delivery.what, What::Card { .. });
        let cards: Vec<&Delivery> = hers.take_while(is_card).collect();
        if cards.len() < enough as usize {
            return Ok(false);
        }
        self.fold(sharer, room, &cards, now).await
    }

    /// Makes one digest of the first of `deliveries`, as many as fit into one; whether there was any.
    /// Which trades it holds is fixed in the same commit that takes the deliveries away.
    pub(super) async fn fold(&self, sharer: &UserId, room: &RoomId, deliveries: &[&Delivery], now: Timestamp) -> Result<bool, StoreError> {
        let offers = self.foldable(deliveries).await?;
        let capacity = render::list_capacity(&offers);
        let trades: Vec<(TradeId, Line)> = offers.iter().take(capacity).map(|offer| (offer.trade.id(), offer.shop.clone())).collect();
        if trades.is_empty() {
            return Ok(false);
        }
        let replaced = deliveries.iter().take(trades.len()).map(|delivery| delivery.id).collect();
        let digest = What::Digest { sharer: sharer.clone(), trades };
        let deliveries = vec![NewDelivery::in_room(room.clone(), digest, now)];
        self.parts.store.commit(Commit { deliveries, replaced, ..Commit::default() }).await?;
        Ok(true)
    }

    /// The trades of these deliveries, as far as they are still there: up to the first that is not.
    async fn foldable(&self, deliveries: &[&Delivery]) -> Result<Vec<Offer>, StoreError> {
        let mut offers = Vec::new();
        for delivery in deliveries {
            let Some((trade, shop)) = delivery.what.trade() else { break };
            let Some(offer) = self.offer(trade, shop).await? else { break };
            offers.push(offer);
        }
        Ok(offers)
    }
}
