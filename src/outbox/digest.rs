//! When many cards wait for one room they become one message, and when a day's cards are used up
//! the rest waits for the next.

use super::Outbox;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Leased;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::TradeId;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::matrix::render;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::Timestamp;
use std::time::Duration;

/// The most cards that are looked at for one digest.
const LOOKED_AT: usize = 200;
/// What a day is here: cards are counted from the first one on.
const DAY: Duration = Duration::from_hours(24);

impl Outbox {
    /// Until when a lane must wait whose cards for the day are used up.
    pub(super) fn day_is_full(&self, lease: &Leased, now: Timestamp) -> Option<Timestamp> {
        let ends_at = lease.day_began_at? + DAY;
        (lease.sent_in_day >= self.settings.cards_per_day && now < ends_at).then_some(ends_at)
    }

    /// Makes one digest of what waits behind a card, where that is much. Which trades it holds is
    /// fixed in the same commit that takes their cards away.
    pub(super) async fn fold_into_digest(&self, lease: &Leased, now: Timestamp) -> Result<bool, StoreError> {
        let (Target::Room(room), What::Card { sharer, .. }) = (&lease.delivery.target, &lease.delivery.what) else {
            return Ok(false);
        };
        let after_full_day = lease.sent_in_day >= self.settings.cards_per_day;
        let enough = if after_full_day { 2 } else { self.settings.digest_above + 1 };
        if lease.waiting < enough {
            return Ok(false);
        }
        let waiting = self.parts.store.waiting(room, Lane::Cards, LOOKED_AT).await?;
        let same = |delivery: &&Delivery| {
            delivery.frozen.is_none() && matches!(&delivery.what, What::Card { sharer: other, .. } if other == sharer)
        };
        let cards: Vec<&Delivery> = waiting.iter().take_while(same).collect();
        if cards.len() < enough as usize {
            return Ok(false);
        }
        let trades = self.foldable(&cards).await?;
        let capacity = render::digest_capacity(&trades);
        let held: Vec<(TradeId, Line)> = trades.iter().take(capacity).map(|(trade, shop)| (trade.id(), shop.clone())).collect();
        if held.is_empty() {
            return Ok(false);
        }
        let replaced = cards.iter().take(held.len()).map(|delivery| delivery.id).collect();
        let digest = What::Digest { sharer: sharer.clone(), trades: held };
        let deliveries = vec![NewDelivery::in_room(room.clone(), digest, now)];
        self.parts.store.commit(Commit { deliveries, replaced, ..Commit::default() }).await?;
        Ok(true)
    }

    /// The trades of these cards, as far as they are still there: up to the first that is not.
    async fn foldable(&self, cards: &[&Delivery]) -> Result<Vec<(Trade, Line)>, StoreError> {
        let mut trades = Vec::new();
        for card in cards {
            let What::Card { trade, shop, .. } = &card.what else { break };
            let Some(trade) = self.parts.store.trade(trade).await? else { break };
            trades.push((trade, shop.clone()));
        }
        Ok(trades)
    }
}
