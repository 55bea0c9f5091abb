//! Who speaks: the bot, or a sharer who agreed. Whoever began to send something finishes it.

use super::UNABLE;
use crate::devices;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::OnceKey;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::own_name::DeviceState;
use crate::domain::own_name::Identity;
use crate::domain::own_name::Unverified;
use crate::domain::own_name::Voice;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Sharer;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::outbox::Outbox;
use crate::outbox::Step;
use crate::outbox::prepare::Prepared;
use crate::outbox::send::Call;
use crate::outbox::send::Sent;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::Timestamp;
use serde_json::Value;

/// Somebody who speaks.
pub(in crate::outbox) struct Speaker {
    /// With what.
    pub(in crate::outbox) client: Client,
    /// Who; none: the bot.
    pub(in crate::outbox) sharer: Option<Box<Sharer>>,
}

impl Speaker {
    /// As it stands with what is sent.
    pub(in crate::outbox) fn sender(&self) -> Option<UserId> {
        self.sharer.as_ref().map(|sharer| sharer.id.clone())
    }
}

impl Outbox {
    /// Who speaks to `contact` in `room` now.
    pub(in crate::outbox) fn voice_for(&self, sharer: &Sharer, contact: &Contact, room: &Room) -> Voice {
        match sharer.voice_for(contact, room, self.settings.own_name.unverified) {
            Voice::Sharer if self.parts.client.acting_for(sharer).is_none() => Voice::Nobody,
            voice => voice,
        }
    }

    /// Has made, once, what somebody needs to speak in an encrypted room: keys for the sharer's device,
    /// and until she has verified it the bot, invited by her hand, if that is what the operator wants.
    pub(in crate::outbox) async fn make_a_voice(&self, sharer: &Sharer, contact: &Contact, room: &Room) -> Result<(), StoreError> {
        let is_hers = sharer.identity_for(contact) == Identity::Sharer;
        let Some(device) = sharer.own_device().filter(|device| is_hers && room.encrypted && device.state != DeviceState::Verified) else {
            return Ok(());
        };
        let now = self.parts.clock.now();
        let once = |what: &str, place: &str| Some(OnceKey::act(&sharer.id, what, &[&device.id, place]));
        let mut deliveries = Vec::new();
        if device.state == DeviceState::Plain {
            let what = What::OwnDevice { step: DeviceStep::AskVerification };
            let target = Target::Person(sharer.id.clone());
            deliveries.push(NewDelivery { target, what, not_before_at: now, once: once("ask", "") });
        }
        if self.settings.own_name.unverified == Unverified::Bot && room.ours == Membership::Left {
            let invite = NewDelivery::in_room(room.id.clone(), What::InviteBot { sharer: sharer.id.clone() }, now);
            deliveries.push(NewDelivery { once: once("invite", room.id.as_str()), ..invite });
        }
        if deliveries.is_empty() { Ok(()) } else { self.parts.store.commit(Commit { deliveries, ..Commit::default() }).await }
    }

    /// Whether what was encrypted was so with the device that its sender has now: another one's is of no
    /// use to those who must see who said it.
    pub(in crate::outbox) async fn is_of_present_device(&self, frozen: &Frozen) -> Result<bool, StoreError> {
        let Some(encrypted) = &frozen.encrypted else { return Ok(true) };
        let encrypted: Value = serde_json::from_str(encrypted).unwrap_or_default();
        let Some(device) = encrypted.get("device_id").and_then(Value::as_str) else { return Ok(true) };
        Ok(match &frozen.sender {
            None => self.parts.crypto.bot().is_none_or(|bot| bot.device() == device),
            Some(sender) => {
                let sharer = self.parts.store.sharer(sender).await?;
                sharer.is_none_or(|sharer| sharer.own_device().is_none_or(|present| present.id == device))
            }
        })
    }

    /// Whoever speaks as `sender`, where that is still possible.
    pub(in crate::outbox) async fn speaker(&self, sender: Option<&UserId>) -> Result<Option<Speaker>, StoreError> {
        let Some(sender) = sender else {
            return Ok(Some(Speaker { client: self.parts.client.clone(), sharer: None }));
        };
        let sharer = self.parts.store.sharer(sender).await?.filter(|sharer| sharer.own_device().is_some());
        Ok(sharer.and_then(|sharer| Some(Speaker { client: self.parts.client.acting_for(&sharer)?, sharer: Some(Box::new(sharer)) })))
    }

    /// The same, where she or the bot is in `room`, so that the homeserver may let her.
    pub(in crate::outbox) async fn speaker_in(&self, sender: Option<&UserId>, room: &Room) -> Result<Option<Speaker>, StoreError> {
        if sender.is_none() && room.ours != Membership::Joined {
            return Ok(None);
        }
        self.speaker(sender).await
    }

    /// Who says what comes from tradepost itself: the bot, or where it is not, whoever hears for it.
    pub(in crate::outbox) async fn usual_speaker(&self, room: &Room) -> Result<Option<Speaker>, StoreError> {
        match &room.heard_by {
            Some(sharer) if room.ours != Membership::Joined => self.speaker(Some(sharer)).await,
            _ => self.speaker_in(None, room).await,
        }
    }

    /// Whether a room is heard through a sharer who agrees, though perhaps not now.
    pub(in crate::outbox) async fn is_to_be_heard_again(&self, room: &RoomId) -> Result<bool, StoreError> {
        let Some(hearer) = self.parts.store.room(room).await?.and_then(|room| room.heard_by) else { return Ok(false) };
        Ok(self.parts.store.sharer(&hearer).await?.is_some_and(|sharer| sharer.own_name.is_some()))
    }

    /// Who does something to an event: who sent it, or whoever else can.
    pub(in crate::outbox) async fn speaker_for(&self, event: &EventId, room: &Room) -> Result<Option<Speaker>, StoreError> {
        if let Some(posting) = self.parts.store.posting(event).await?
            && let Some(sender) = self.speaker_in(posting.sender.as_ref(), room).await?
        {
            return Ok(Some(sender));
        }
        self.usual_speaker(room).await
    }

    /// Who says a delivery that shows nobody's trades.
    pub(in crate::outbox) async fn speaker_of_talk(
        &self,
        delivery: &Delivery,
        frozen: &Frozen,
        room: &Room,
    ) -> Result<Option<Speaker>, StoreError> {
        match (&frozen.edits, &delivery.what) {
            (Some(event), _) | (None, What::React { to: event, .. }) => self.speaker_for(event, room).await,
            _ => self.usual_speaker(room).await,
        }
    }

    /// What becomes of something that somebody began to send who cannot go on: it is looked for by
    /// whoever can read there, and begun anew where it did not arrive.
    pub(in crate::outbox) async fn unfinished(
        &self,
        delivery: &Delivery,
        room: &Room,
        now: Timestamp,
    ) -> Result<Option<Prepared>, StoreError> {
        let Some(frozen) = &delivery.frozen else { return Ok(None) };
        if self.speaker_in(frozen.sender.as_ref(), room).await?.is_some() {
            return Ok(None);
        }
        Ok(Some(match self.usual_speaker(room).await? {
            Some(_) => Prepared::called(delivery.clone(), Step::Call(Call::Find), now),
            None => Prepared::later(delivery, now + UNABLE),
        }))
    }

    /// What an error means for something that `speaker` did.
    pub(in crate::outbox) async fn failed_as(&self, speaker: &Speaker, delivery: &Delivery, room: &RoomId, error: MatrixError) -> Sent {
        let Some(sharer) = &speaker.sharer else { return self.failed(delivery, room, error).await };
        match self.failed_for(sharer, &speaker.client, &error).await {
            Some(sent) => sent,
            None => self.failed(delivery, room, error).await,
        }
    }

    /// What an error means that only a sharer's account can have: her device is gone, or nobody may act
    /// as her any more. That ends nothing for others.
    pub(in crate::outbox) async fn failed_for(&self, sharer: &Sharer, client: &Client, error: &MatrixError) -> Option<Sent> {
        match client.says_device_is_gone(error).await {
            Ok(true) => {
                if let Err(error) = devices::lose(self.parts.store.as_ref(), &self.parts.crypto, sharer, self.parts.clock.now()).await {
                    tracing::error!(user = %sharer.id, %error, "that a sharer's device is gone could not be recorded");
                }
                Some(Sent::Refused(UNABLE))
            }
            _ if *error == MatrixError::TokenRefused => {
                tracing::error!("the homeserver does not know the token of double_puppet: nothing is done in anybody's own name");
                Some(Sent::Later(None))
            }
            _ => None,
        }
    }
}
