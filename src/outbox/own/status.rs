//! The line beside a sharer's name: her newest offer.

use super::Sent;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::text::Line;
use crate::matrix::client::MatrixError;
use crate::matrix::render;
use crate::outbox::Outbox;
use crate::store::StoreError;

impl Outbox {
    /// Sets the line, or empties it. If another trade has been chosen since, that one has a delivery of
    /// its own, and this one must not come after it.
    pub(super) async fn set_status_line(&self, sharer: &UserId, trade: Option<&TradeId>) -> Result<Sent, StoreError> {
        let Some(known) = self.parts.store.sharer(sharer).await? else { return Ok(Sent::NotNeeded) };
        if known.status_line.as_ref() != trade {
            return Ok(Sent::NotNeeded);
        }
        if known.own_name.is_none() && trade.is_none() {
            return Ok(self.empty_status_line(sharer).await);
        }
        let Some(client) = self.parts.client.acting_for(&known) else { return Ok(Sent::NotNeeded) };
        let mut line = String::new();
        if let Some(trade) = trade {
            let Some(offer) = self.offer(trade, &Line::default()).await? else { return Ok(Sent::NotNeeded) };
            if !self.may_share(&known) || !known.has_status_line() || !known.follows(&offer.trade.source) {
                return Ok(Sent::NotNeeded);
            }
            let is_over = offer.is_gone() || self.parts.store.is_undone(sharer, trade).await?;
            if !is_over {
                line = render::status_line(self.language_of(Some(sharer)).await?, &offer);
            }
        }
        Ok(match client.set_status_line(&line).await {
            Ok(()) => Sent::Done(None),
            // Many servers have presence switched off.
            Err(MatrixError::Refused { .. }) => Sent::NotNeeded,
            Err(error) => self.failed_act(&known, &client, error).await,
        })
    }

    /// Takes away what was put there before she withdrew her consent.
    async fn empty_status_line(&self, sharer: &UserId) -> Sent {
        match self.parts.client.empty_status_line_of(sharer).await {
            Ok(()) => Sent::Done(None),
            Err(MatrixError::Retry { after, .. }) => Sent::Later(after),
            Err(error) => {
                tracing::warn!(user = %sharer, %error, "the line beside a sharer's name could not be emptied");
                Sent::NotNeeded
            }
        }
    }
}
