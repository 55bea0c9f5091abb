//! Pinning boards, and telling their sharer, once, where that is not allowed.

use super::Outbox;
use super::own::Speaker;
use super::send::Sent;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::NewDelivery;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::store::Commit;
use crate::store::StoreError;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

/// What is pinned in a room (specification: `m.room.pinned_events`).
const PINNED: &str = "m.room.pinned_events";

/// How long to wait after the sharer could not be told.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

impl Outbox {
    /// Pins an event behind what is pinned already.
    pub(super) async fn pin(&self, speaker: &Speaker, delivery: &Delivery, room: &RoomId, event: &EventId, sharer: &UserId) -> Sent {
        let client = &speaker.client;
        let mut pinned = match self.pinned(client, room).await {
            Ok(pinned) => pinned,
            Err(MatrixError::Refused { .. }) => return Sent::NotNeeded,
            Err(error) => return self.failed_as(speaker, delivery, room, error).await,
        };
        if pinned.iter().any(|id| id == event.as_str()) {
            return Sent::Done(None);
        }
        pinned.push(event.as_str().to_owned());
        match self.put_pinned(client, room, &pinned).await {
            Ok(()) => Sent::Done(None),
            Err(MatrixError::Refused { status: 403, .. }) => match self.tell_not_pinned(room, sharer).await {
                Ok(()) => Sent::NotNeeded,
                Err(error) => {
                    tracing::error!(%room, %error, "a sharer could not be told that her board is not pinned");
                    Sent::Later(Some(AFTER_FAILURE))
                }
            },
            Err(MatrixError::Refused { status, errcode, .. }) => {
                tracing::info!(%room, status, errcode, "a board could not be pinned");
                Sent::NotNeeded
            }
            Err(error) => self.failed_as(speaker, delivery, room, error).await,
        }
    }

    /// Takes an event, and no other, off the pinned ones.
    pub(super) async fn unpin(&self, client: &Client, room: &RoomId, event: &EventId) -> Result<(), MatrixError> {
        let mut pinned = self.pinned(client, room).await?;
        let before = pinned.len();
        pinned.retain(|id| id != event.as_str());
        if pinned.len() == before { Ok(()) } else { self.put_pinned(client, room, &pinned).await }
    }

    async fn pinned(&self, client: &Client, room: &RoomId) -> Result<Vec<String>, MatrixError> {
        let content = client.state_event(room, PINNED).await?.unwrap_or_default();
        let content: Value = serde_json::from_str(&content).unwrap_or_default();
        let ids = content.get("pinned").and_then(Value::as_array).into_iter().flatten();
        Ok(ids.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    async fn put_pinned(&self, client: &Client, room: &RoomId, pinned: &[String]) -> Result<(), MatrixError> {
        client.put_state(room, PINNED, &json!({ "pinned": pinned }).to_string()).await
    }

    async fn tell_not_pinned(&self, room: &RoomId, sharer: &UserId) -> Result<(), StoreError> {
        loop {
            let Some(mut sharer) = self.parts.store.sharer(sharer).await? else { return Ok(()) };
            let id = sharer.id.clone();
            let Some(contact) = sharer.contact_in_mut(room).filter(|contact| !contact.told_pin) else { return Ok(()) };
            contact.told_pin = true;
            let notice = Notice::BoardNotPinned { number: contact.number, person: contact.name.to_string() };
            let deliveries = vec![NewDelivery::to_person(id, notice, self.parts.clock.now())];
            match self.parts.store.commit(Commit { sharers: vec![sharer], deliveries, ..Commit::default() }).await {
                // She changed something meanwhile.
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
    }
}
