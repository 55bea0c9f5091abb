//! One attempt at the homeserver, and what its answer means for the delivery.

use super::AFTER_STORE_FAILURE;
use super::Outbox;
use super::own::Speaker;
use super::own::UNABLE;
use super::prepare::is_readable;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::matrix::events;
use crate::store::Commit;
use crate::store::StoreError;
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
        // It has been encrypted this moment: it is looked at again.
        match self.parts.store.room(&frozen.room).await {
            Ok(room) if room.as_ref().is_some_and(|room| is_readable(frozen, room)) => return Sent::Again,
            Ok(_) => {}
            Err(error) => return unread(&error),
        }
        let sender = frozen.sender.as_ref();
        let speaker = match self.speaker(sender).await {
            Ok(Some(speaker)) => speaker,
            // She has withdrawn it this moment: it is looked at again.
            Ok(None) => return Sent::Again,
            Err(error) => return unread(&error),
        };
        match self.already_there(delivery, frozen, &speaker.client).await {
            Ok(Some(event)) => return Sent::Done(Some(event)),
            Ok(None) => {}
            Err(error) => return self.failed_as(&speaker, delivery, &frozen.room, error).await,
        }
        let transaction = delivery.transaction_id(sender.unwrap_or(&self.parts.us.bot), &frozen.room);
        let (event_type, content) = match &frozen.encrypted {
            Some(encrypted) => ("m.room.encrypted", encrypted),
            None => (frozen.event_type.as_str(), &frozen.content),
        };
        match speaker.client.send(&frozen.room, event_type, &transaction, content).await {
            Ok(event) => {
                faultpoint::pass(Point::OutboxSent);
                if is_broken {
                    self.mend(&frozen.room).await;
                }
                self.verification_begins(delivery, &frozen.room, &event).await;
                Sent::Done(Some(event))
            }
            Err(error) => self.failed_as(&speaker, delivery, &frozen.room, error).await,
        }
    }

    /// The event of an earlier attempt, where the homeserver may have forgotten its transaction: it was
    /// long ago, made with a device of a sharer's that may not be the one she has now, or before a backup was
    /// restored.
    async fn already_there(&self, delivery: &Delivery, frozen: &Frozen, client: &Client) -> Result<Option<EventId>, MatrixError> {
        if self.may_have_been_sent(delivery) {
            return self.find(delivery, frozen, client).await;
        }
        let Some(first_at) = delivery.first_attempt_at.filter(|_| delivery.attempts > 0) else {
            return Ok(None);
        };
        // A first attempt in the future was made by a clock that was ahead: nobody knows when.
        let now = self.parts.clock.now();
        if frozen.sender.is_none() && (first_at..first_at + REMEMBERED).contains(&now) {
            return Ok(None);
        }
        self.find(delivery, frozen, client).await
    }

    /// The event that came of a delivery, if it stands among its sender's newest messages in a room.
    async fn find(
        &self,
        delivery: &Delivery,
        Frozen { room, sender, .. }: &Frozen,
        client: &Client,
    ) -> Result<Option<EventId>, MatrixError> {
        let mark = delivery.mark();
        let sent = client.messages_of(room, sender.as_ref().unwrap_or(&self.parts.us.bot)).await?;
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
        let speaker = match self.speaker_of_call(delivery, &call, room).await {
            Ok(Some(speaker)) => speaker,
            Ok(None) => return self.nobody_does(delivery, room).await,
            Err(error) => return unread(&error),
        };
        let client = &speaker.client;
        let answer = match &call {
            Call::Join => self.parts.client.join(room).await.inspect(|()| faultpoint::pass(Point::RoomJoined)),
            Call::Leave(reason) => self.parts.client.leave(room, reason).await.inspect(|()| faultpoint::pass(Point::RoomLeft)),
            Call::NameServices(members) => {
                let content = json!({"service_members": members});
                self.parts.client.put_state(room, "io.element.functional_members", &content.to_string()).await
            }
            Call::Redact(event) => {
                let transaction = delivery.transaction_id(speaker.sender().as_ref().unwrap_or(&self.parts.us.bot), room);
                client.redact(room, event, &transaction).await.map(|_| ())
            }
            Call::Pin { event, sharer } => return self.pin(&speaker, delivery, room, event, sharer).await,
            Call::Unpin(event) => self.unpin(client, room, event).await,
            Call::Verify(_) => return Sent::NotNeeded,
            Call::Find => match self.find_frozen(delivery, client).await {
                // Now it is a posting, and the store has it brought up to date.
                Ok(Some(event)) => return Sent::Done(Some(event)),
                Ok(None) => return self.begin_anew(delivery).await,
                Err(error) => Err(error),
            },
        };
        match answer {
            Ok(()) => Sent::Done(None),
            Err(error @ MatrixError::Refused { .. }) if error.is_unknown_device() => self.failed_as(&speaker, delivery, room, error).await,
            // An invitation withdrawn, a room left already, no power to name a service or to unpin: nothing that anybody waits for.
            Err(MatrixError::Refused { status, errcode, .. }) => {
                tracing::info!(%room, status, errcode, "the homeserver refused something that can be done without");
                // What is not there needs not be taken away.
                if status == 404 { Sent::NotNeeded } else { self.stays(delivery, room).await }
            }
            Err(error) => self.failed_as(&speaker, delivery, room, error).await,
        }
    }

    /// Looks for what was fixed to be sent, through whoever can read there.
    async fn find_frozen(&self, delivery: &Delivery, client: &Client) -> Result<Option<EventId>, MatrixError> {
        match &delivery.frozen {
            Some(frozen) => self.find(delivery, frozen, client).await,
            None => Ok(None),
        }
    }

    /// What becomes of a call that nobody can make: it waits for a sharer whose device is to be made again.
    async fn nobody_does(&self, delivery: &Delivery, room: &RoomId) -> Sent {
        match self.is_to_be_heard_again(room).await {
            Ok(true) => Sent::Refused(UNABLE),
            Ok(false) => self.stays(delivery, room).await,
            Err(error) => unread(&error),
        }
    }

    /// Who makes a call.
    async fn speaker_of_call(&self, delivery: &Delivery, call: &Call, room: &RoomId) -> Result<Option<Speaker>, StoreError> {
        let Some(known) = self.parts.store.room(room).await? else { return self.speaker(None).await };
        match call {
            Call::Join | Call::Leave(_) | Call::NameServices(_) | Call::Verify(_) => self.speaker(None).await,
            Call::Redact(event) | Call::Pin { event, .. } | Call::Unpin(event) => self.speaker_for(event, &known).await,
            Call::Find => {
                let sender = delivery.frozen.as_ref().and_then(|frozen| frozen.sender.as_ref());
                match self.speaker_in(sender, &known).await? {
                    Some(speaker) => Ok(Some(speaker)),
                    None => self.usual_speaker(&known).await,
                }
            }
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

/// What it means for an attempt that the store does not say who makes it.
fn unread(error: &StoreError) -> Sent {
    tracing::error!(%error, "the store does not say who sends something");
    Sent::Refused(AFTER_STORE_FAILURE)
}
