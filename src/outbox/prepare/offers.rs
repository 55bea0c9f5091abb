//! Trades with what is known of their items at the moment at which they are shown.

use super::Outbox;
use crate::domain::delivery::Shown;
use crate::domain::ids::TradeId;
use crate::domain::text::Line;
use crate::matrix::render::Offer;
use crate::store::StoreError;

impl Outbox {
    /// A trade as it stands now, if it has not been pruned.
    pub(in crate::outbox) async fn offer(&self, trade: &TradeId, shop: &Line) -> Result<Option<Offer>, StoreError> {
        let Some(trade) = self.parts.store.trade(trade).await? else { return Ok(None) };
        let items = self.parts.store.items(&trade.source, std::slice::from_ref(&trade.external_id)).await?;
        Ok(Some(Offer::now(trade, shop.clone(), items.first())))
    }

    /// Those of `trades` that have not been pruned, in their order, each once.
    pub(super) async fn offers(&self, trades: &[(TradeId, Line)]) -> Result<Vec<Offer>, StoreError> {
        let mut offers: Vec<Offer> = Vec::new();
        for (index, (trade, shop)) in trades.iter().enumerate() {
            if !trades[..index].iter().any(|(earlier, _)| earlier == trade) {
                offers.extend(self.offer(trade, shop).await?);
            }
        }
        Ok(offers)
    }
}

/// What a posting remembers of `offers`.
pub(super) fn shown(offers: &[Offer]) -> Vec<Shown> {
    offers.iter().map(Offer::shown).collect()
}
