//! What a failed attempt means: wait, give up, or mark the room as broken and tell the sharer once.

use super::Outbox;
use super::send::Sent;
use crate::domain::backoff;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::notice::Notice;
use crate::domain::room::Room;
use crate::domain::sharer::Sharer;
use crate::matrix::client::MatrixError;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::Timestamp;
use std::time::Duration;

/// The first wait for a room that refuses what is sent to it.
const BROKEN: Duration = Duration::from_mins(1);

impl Outbox {
    /// What an error of the homeserver means for a delivery to `room`.
    pub(super) async fn failed(&self, delivery: &Delivery, room: &RoomId, error: MatrixError) -> Sent {
        let (status, errcode, message) = match error {
            MatrixError::Retry { reason, after } => {
                tracing::debug!(delivery = delivery.id.0, reason, "an attempt failed and will be repeated");
                return Sent::Later(after);
            }
            MatrixError::TokenRefused => return Sent::TokenRefused,
            MatrixError::Malformed(reason) => return Sent::Impossible(reason),
            MatrixError::Refused { status, errcode, message } => (status, errcode, message),
        };
        match (status, errcode.as_str()) {
            (400, "M_DUPLICATE_ANNOTATION") => Sent::Done(None),
            // Somebody deleted the bot's device: it gets another or is made again, and the send repeated.
            (400, "M_UNKNOWN_DEVICE") => {
                if self.parts.crypto.is_allowed() {
                    // Where it is just being replaced, nobody else may say which device is used.
                    if self.parts.crypto.bot().is_some() {
                        self.parts.crypto.bot_is_gone();
                    }
                } else if let Err(error) = self.parts.client.register_bot().await {
                    tracing::warn!(%error, "the bot's device could not be made again");
                }
                Sent::Later(None)
            }
            (403 | 404, _) if matches!(delivery.what, What::React { .. } | What::Redact { .. } | What::Revise { .. }) => Sent::NotNeeded,
            (403 | 404, _) => {
                tracing::warn!(%room, status, errcode, "the homeserver refuses what is sent to a room; it is kept");
                let now = self.parts.clock.now();
                let since_at = self.mark_broken(room, now).await.unwrap_or_else(|error| {
                    tracing::warn!(%room, %error, "a room could not be marked as broken yet");
                    now
                });
                // As long again as it has been broken: that doubles.
                let broken = Duration::try_from(now.duration_since(since_at)).unwrap_or_default();
                Sent::Refused(broken.clamp(BROKEN, backoff::LONGEST))
            }
            _ => Sent::Impossible(format!("{status} {errcode}: {message}")),
        }
    }

    /// Marks a room as broken and tells its sharers, once; answers since when it is.
    async fn mark_broken(&self, id: &RoomId, now: Timestamp) -> Result<Timestamp, StoreError> {
        let Some(room) = self.parts.store.room(id).await? else { return Ok(now) };
        if let Some(since_at) = room.broken_since_at {
            return Ok(since_at);
        }
        let sharers = self.parts.store.sharers_in(id).await?;
        let deliveries = sharers.iter().filter_map(|sharer| broken_notice(sharer, id, now)).collect();
        let rooms = vec![Room { broken_since_at: Some(now), ..room }];
        self.parts.store.commit(Commit { rooms, deliveries, ..Commit::default() }).await?;
        Ok(now)
    }

    /// A room that takes what is sent is not broken any more.
    pub(super) async fn mend(&self, id: &RoomId) {
        let mended = async {
            let Some(room) = self.parts.store.room(id).await?.filter(|room| room.broken_since_at.is_some()) else {
                return Ok(());
            };
            self.parts.store.commit(Commit { rooms: vec![Room { broken_since_at: None, ..room }], ..Commit::default() }).await
        };
        if let Err(error) = mended.await {
            let error: StoreError = error;
            tracing::error!(room = %id, %error, "a room that works again could not be marked so");
        }
    }
}

fn broken_notice(sharer: &Sharer, room: &RoomId, now: Timestamp) -> Option<NewDelivery> {
    let contact = sharer.contact_in(room).filter(|contact| contact.receives(now))?;
    let notice = Notice::RoomBroken { number: contact.number, person: contact.name.to_string() };
    Some(NewDelivery::to_person(sharer.id.clone(), notice, now))
}
