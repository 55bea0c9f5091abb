//! The line beside a sharer's name: her newest trade.

use super::Sent;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::text::Line;
use crate::matrix::client::MatrixError;
use crate::matrix::render;
use crate::outbox::Outbox;
use crate::store::StoreError;

impl Outbox {
    /// Sets the line, or empties it.
    pub(super) async fn set_status_line(&self, sharer: &UserId, trade: Option<&TradeId>) -> Result<Sent, StoreError> {
        let Some(known) = self.parts.store.sharer(sharer).await? else { return Ok(Sent::NotNeeded) };
        let Some(client) = self.parts.client.acting_for(&known) else { return Ok(Sent::NotNeeded) };
        let mut line = String::new();
        if let Some(trade) = trade {
            let language = self.language_of(Some(sharer)).await?;
            let undone = self.parts.store.is_undone(sharer, trade).await?;
            let Some(offer) = self.offer(trade, &Line::default()).await?.filter(|_| !undone) else { return Ok(Sent::NotNeeded) };
            line = render::status_line(language, &offer);
        }
        Ok(match client.set_status_line(&line).await {
            Ok(()) => Sent::Done(None),
            // Many servers have presence switched off.
            Err(MatrixError::Refused { .. }) => Sent::NotNeeded,
            Err(error) => self.failed_act(&known, &client, error).await,
        })
    }
}
