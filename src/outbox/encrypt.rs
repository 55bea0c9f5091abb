//! What goes into encrypted rooms: encrypted once, just before it is sent, and kept like that, so that
//! a repeat sends the same. Where that does not work now, it waits; nothing is ever sent in the clear.

use super::FRESH;
use super::Outbox;
use super::send::Sent;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Room;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::matrix::crypto::CryptoError;
use crate::matrix::crypto::Health;
use crate::matrix::crypto::Machine;
use crate::store::Commit;
use crate::store::StoreError;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How long a delivery waits while encryption does not work, or somebody has no device that could read
/// it. Either wakes it when it changes; this is for a change that came at this very moment.
const NOT_READY: Duration = Duration::from_secs(30);

impl Outbox {
    /// Encrypts a message, fixes what came of it, and sends it.
    pub(super) async fn encrypt_and_send(&self, delivery: &Delivery, frozen: Frozen, room: &Room, is_broken: bool) -> Sent {
        let began_at = self.parts.clock.now();
        let Some(machine) = self.machine_for(&frozen).await else {
            if self.parts.crypto.health() != Health::Starting {
                self.tell_that_it_waits(room).await;
            }
            return Sent::Refused(NOT_READY);
        };
        let encrypted = match machine.encrypt(room, &frozen.event_type, &frozen.content).await {
            Ok(encrypted) => encrypted,
            Err(CryptoError::Matrix(error)) => {
                let sent = match self.speaker(frozen.sender.as_ref()).await {
                    Ok(Some(speaker)) => self.failed_as(&speaker, delivery, &room.id, error).await,
                    _ => self.failed(delivery, &room.id, error).await,
                };
                // Refused was what a device says about keys, not what was to be sent.
                let Sent::Impossible(reason) = sent else { return sent };
                tracing::warn!(room = %room.id, reason, "something could not be encrypted; it waits");
                self.tell_that_it_waits(room).await;
                return Sent::Refused(NOT_READY);
            }
            Err(error) => {
                tracing::warn!(room = %room.id, %error, "something could not be encrypted; it waits");
                self.tell_that_it_waits(room).await;
                return Sent::Refused(NOT_READY);
            }
        };
        faultpoint::pass(Point::KeysEncrypted);
        let now = self.parts.clock.now();
        // Giving keys to everybody may have taken a while, and people come, and mute.
        if now.duration_since(began_at) > FRESH {
            return Sent::Again;
        }
        let frozen = Frozen { encrypted: Some(encrypted), ..frozen };
        if let Err(error) = self.parts.store.freeze(vec![(delivery.id, frozen.clone())], now).await {
            tracing::warn!(delivery = delivery.id.0, %error, "what is to be sent could not be fixed");
            return Sent::Refused(NOT_READY);
        }
        faultpoint::pass(Point::OutboxFrozen);
        let sent = self.send(delivery, &frozen, is_broken).await;
        if matches!(sent, Sent::Done(_)) && room.told_encrypted {
            self.tell_again_next_time(&room.id).await;
        }
        sent
    }

    /// What is encrypted for a room arrives: should it ever have to wait again, that is news.
    async fn tell_again_next_time(&self, room: &RoomId) {
        let forgotten = async {
            let Some(room) = self.parts.store.room(room).await?.filter(|room| room.told_encrypted) else { return Ok(()) };
            self.parts.store.commit(Commit { rooms: vec![Room { told_encrypted: false, ..room }], ..Commit::default() }).await
        };
        match forgotten.await {
            // The room has changed; what is sent there next does it.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => tracing::error!(%room, %error, "that cards arrive again could not be recorded"),
        }
    }

    /// Whose device encrypts it.
    async fn machine_for(&self, frozen: &Frozen) -> Option<Arc<Machine>> {
        let Some(sender) = &frozen.sender else { return self.parts.crypto.bot() };
        let sharer = self.parts.store.sharer(sender).await.ok().flatten()?;
        self.parts.crypto.of(&sharer).await.unwrap_or_else(|error| {
            tracing::warn!(%sender, %error, "the keys of a sharer's device cannot be used now");
            None
        })
    }

    /// Tells those who share in a room, once, that their cards wait.
    async fn tell_that_it_waits(&self, room: &Room) {
        let told = async {
            let Some(room) = self.parts.store.room(&room.id).await?.filter(|room| !room.told_encrypted) else { return Ok(()) };
            let now = self.parts.clock.now();
            let sharers = self.parts.store.sharers_in(&room.id).await?;
            let told = sharers.iter().filter_map(|sharer| {
                let contact = sharer.contact_in(&room.id).filter(|contact| contact.receives(now))?;
                let notice = Notice::RoomEncrypted { number: contact.number, person: contact.name.to_string() };
                Some(NewDelivery::to_person(sharer.id.clone(), notice, now))
            });
            let deliveries: Vec<NewDelivery> = told.collect();
            // Whoever begins to share there later has not been told.
            if deliveries.is_empty() {
                return Ok(());
            }
            self.parts.store.commit(Commit { rooms: vec![Room { told_encrypted: true, ..room }], deliveries, ..Commit::default() }).await
        };
        match told.await {
            // The room has changed; the next attempt sees it as it is then.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => tracing::error!(room = %room.id, %error, "nobody could be told that cards wait"),
        }
    }

    /// A request to verify the bot stands in a room: from here on what is answered to it is understood.
    pub(super) async fn verification_begins(&self, delivery: &Delivery, room: &RoomId, event: &EventId) {
        let What::Verification { event_type, content } = &delivery.what else { return };
        let content: Value = serde_json::from_str(content).unwrap_or_default();
        let (Some(machine), Some(to)) = (self.parts.crypto.bot(), content.get("to").and_then(Value::as_str)) else { return };
        if event_type == "m.room.message"
            && let Err(error) = machine.requested(&UserId::new(to), room, event).await
        {
            tracing::warn!(%error, "a verification cannot begin");
        }
    }
}
