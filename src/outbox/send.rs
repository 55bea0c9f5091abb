//! One attempt at the homeserver, and what its answer means for the delivery.

use super::Outbox;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::matrix::client::MatrixError;
use crate::matrix::events;
use crate::store::Commit;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// For how long the homeserver remembers a transaction id; a repeat after that first looks whether
/// the event is there. Synapse keeps 24 hours.
const REMEMBERED: Duration = Duration::from_hours(23);

/// Something done in a room that is no message.
pub(super) enum Call {
    Join,
    Leave(String),
    NameServices(BTreeSet<UserId>),
    Redact(EventId),
    Pin {
        event: EventId,
        sharer: UserId,
    },
    Unpin(EventId),
    /// Takes a step of a verification.
    Verify(DeviceStep),
    /// Finds out whether an attempt whose answer was lost has arrived; nothing is sent.
    Find,
}

/// What an attempt came to.
pub(super) enum Sent {
    /// It is there.
    Done(Option<EventId>),
    /// What it needed is there now: it can be attempted at once.
    Again,
    /// It has become pointless.
    NotNeeded,
    /// It can never succeed.
    Impossible(String),
    /// Nothing has left; to be tried from the beginning after so long.
    Refused(Duration),
    /// Not now; perhaps not before so long.
    Later(Option<Duration>),
    /// Nothing will succeed.
    TokenRefused,
}

impl Outbox {
    /// Sends a message.
    pub(super) async fn send(&self, delivery: &Delivery, frozen: &Frozen, is_broken: bool) -> Sent {
        match self.already_there(delivery, &frozen.room).await {
            Ok(Some(event)) => return Sent::Done(Some(event)),
            Ok(None) => {}
            Err(error) => return self.failed(delivery, &frozen.room, error).await,
        }
        let transaction = delivery.transaction_id(&self.parts.us.bot, &frozen.room);
        let (event_type, content) = match &frozen.encrypted {
            Some(encrypted) => ("m.room.encrypted", encrypted),
            None => (frozen.event_type.as_str(), &frozen.content),
        };
        match self.parts.client.send(&frozen.room, event_type, &transaction, content).await {
            Ok(event) => {
                if is_broken {
                    self.mend(&frozen.room).await;
                }
                self.verification_begins(delivery, &frozen.room, &event).await;
                Sent::Done(Some(event))
            }
            Err(error) => self.failed(delivery, &frozen.room, error).await,
        }
    }

    /// The event of an earlier attempt, where that is so long ago that the homeserver has forgotten its transaction.
    async fn already_there(&self, delivery: &Delivery, room: &RoomId) -> Result<Option<EventId>, MatrixError> {
        let Some(first_at) = delivery.first_attempt_at.filter(|_| delivery.attempts > 0) else {
            return Ok(None);
        };
        if self.parts.clock.now() < first_at + REMEMBERED {
            return Ok(None);
        }
        self.find(delivery, room).await
    }

    /// The event that came of a delivery, if it stands among the bot's newest messages in a room.
    async fn find(&self, delivery: &Delivery, room: &RoomId) -> Result<Option<EventId>, MatrixError> {
        let mark = delivery.mark();
        let sent = self.parts.client.messages_of(room, &self.parts.us.bot).await?;
        let mut events = sent.iter().filter_map(|json| events::read(json, Some(room)));
        Ok(events.find(|event| event.mark.as_deref() == Some(&mark)).map(|event| event.id))
    }

    /// Does what is no message.
    pub(super) async fn call(&self, delivery: &Delivery, call: Call) -> Sent {
        if let Call::Verify(step) = &call {
            return self.verify(delivery, step).await;
        }
        let room = match (&delivery.frozen, &delivery.target) {
            (Some(Frozen { room, .. }), _) | (None, Target::Room(room)) => room,
            (None, Target::Person(_)) => return Sent::NotNeeded,
        };
        let answer = match &call {
            Call::Join => self.parts.client.join(room).await,
            Call::Leave(reason) => self.parts.client.leave(room, reason).await,
            Call::NameServices(members) => {
                let content = json!({"service_members": members});
                self.parts.client.put_state(room, "io.element.functional_members", &content.to_string()).await
            }
            Call::Redact(event) => {
                let transaction = delivery.transaction_id(&self.parts.us.bot, room);
                self.parts.client.redact(room, event, &transaction).await.map(|_| ())
            }
            Call::Pin { event, sharer } => return self.pin(delivery, room, event, sharer).await,
            Call::Unpin(event) => self.unpin(room, event).await,
            Call::Verify(_) => return Sent::NotNeeded,
            Call::Find => match self.find(delivery, room).await {
                // Now it is a posting, and the store has it brought up to date.
                Ok(Some(event)) => return Sent::Done(Some(event)),
                Ok(None) => return self.begin_anew(delivery).await,
                Err(error) => Err(error),
            },
        };
        match answer {
            Ok(()) => Sent::Done(None),
            // An invitation withdrawn, a room left already, no power to name a service or to unpin: nothing that anybody waits for.
            Err(MatrixError::Refused { status, errcode, .. }) => {
                tracing::info!(%room, status, errcode, "the homeserver refused something that can be done without");
                Sent::NotNeeded
            }
            Err(error) => self.failed(delivery, room, error).await,
        }
    }

    /// Forgets what was fixed to be sent and never arrived.
    async fn begin_anew(&self, delivery: &Delivery) -> Sent {
        let deliveries = vec![NewDelivery {
            target: delivery.target.clone(),
            what: delivery.what.clone(),
            not_before_at: delivery.created_at,
            once: None,
        }];
        match self.parts.store.commit(Commit { deliveries, replaced: vec![delivery.id], ..Commit::default() }).await {
            Ok(()) => Sent::NotNeeded,
            Err(error) => {
                tracing::error!(delivery = delivery.id.0, %error, "a delivery could not be begun anew");
                Sent::Later(None)
            }
        }
    }
}
