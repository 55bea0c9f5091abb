//! The device that a sharer has at tradepost: made when she agrees, deleted when she withdraws.

use super::Sent;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::UserId;
use crate::domain::own_name::DEVICE_PREFIX;
use crate::domain::own_name::DeviceState;
use crate::domain::own_name::OwnDevice;
use crate::domain::sharer::Sharer;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::outbox::Outbox;
use crate::store::Commit;
use crate::store::Named;
use crate::store::StoreError;

/// How many letters behind the prefix tell one device from another.
const LETTERS: usize = 8;

impl Outbox {
    /// Makes a device for a sharer who has none. Its name follows from the delivery, so that a repeat
    /// makes the same.
    pub(super) async fn make_device(&self, delivery: &Delivery, sharer: &UserId) -> Result<Sent, StoreError> {
        let Some(known) = self.parts.store.sharer(sharer).await?.filter(needs_device) else { return Ok(Sent::NotNeeded) };
        let Some(client) = self.parts.client.acting_for(&known) else { return Ok(Sent::NotNeeded) };
        let id = device_id(&delivery.mark());
        if let Err(error) = client.make_device(&id).await {
            return Ok(self.failed_act(&known, &client, error).await);
        }
        loop {
            let Some(mut present) = self.parts.store.sharer(sharer).await?.filter(needs_device) else {
                return self.unmake_device(sharer, id).await;
            };
            let device = Some(OwnDevice { id: id.clone(), state: DeviceState::Plain });
            present.own_name.iter_mut().for_each(|own_name| own_name.device.clone_from(&device));
            // What waited for it goes out.
            let woken = present.contacts.iter().map(|contact| Target::Room(contact.room.clone())).collect();
            match self.parts.store.commit(Commit { sharers: vec![present], woken, ..Commit::default() }).await {
                Err(StoreError::Conflict) => {}
                other => return other.map(|()| Sent::Done(None)),
            }
        }
    }

    /// She has withdrawn it, or got another device, while this one was made: it is nobody's.
    async fn unmake_device(&self, sharer: &UserId, id: String) -> Result<Sent, StoreError> {
        let present = self.parts.store.sharer(sharer).await?;
        if present.as_ref().and_then(Sharer::own_device).is_some_and(|device| device.id == id) {
            return Ok(Sent::NotNeeded);
        }
        let what = What::OwnDevice { step: DeviceStep::Remove { device: id } };
        let target = Target::Person(sharer.clone());
        let deliveries = vec![NewDelivery { target, what, not_before_at: self.parts.clock.now(), once: None }];
        self.parts.store.commit(Commit { deliveries, ..Commit::default() }).await?;
        Ok(Sent::NotNeeded)
    }

    /// Deletes a device, and forgets how far its owner was heard if she does not agree any more.
    pub(super) async fn remove_device(&self, sharer: &UserId, device: &str) -> Result<Sent, StoreError> {
        // Its keys go even where nobody may act as her any more.
        if let Err(error) = self.parts.crypto.forget(sharer, device).await {
            tracing::warn!(user = %sharer, device, %error, "the keys of a deleted device could not be removed");
        }
        match self.parts.client.remove_device_of(sharer, device).await {
            Ok(()) => {}
            Err(MatrixError::Retry { after, .. }) => return Ok(Sent::Later(after)),
            Err(error) => {
                tracing::warn!(user = %sharer, device, %error, "a device that tradepost made could not be deleted");
                return Ok(Sent::Impossible(error.to_string()));
            }
        }
        if self.parts.store.sharer(sharer).await?.is_none_or(|sharer| sharer.own_name.is_none()) {
            let named = vec![(Named::Heard(sharer.clone()), None)];
            self.parts.store.commit(Commit { named, ..Commit::default() }).await?;
        }
        Ok(Sent::Done(None))
    }

    /// What an error means for an act that belongs to no room.
    pub(super) async fn failed_act(&self, sharer: &Sharer, client: &Client, error: MatrixError) -> Sent {
        if let Some(sent) = self.failed_for(sharer, client, &error).await {
            return sent;
        }
        match error {
            MatrixError::Retry { after, .. } => Sent::Later(after),
            error => {
                tracing::warn!(user = %sharer.id, %error, "the homeserver refused an act in a sharer's own name");
                Sent::Impossible(error.to_string())
            }
        }
    }
}

fn needs_device(sharer: &Sharer) -> bool {
    sharer.own_name.is_some() && sharer.own_device().is_none()
}

/// A device's name: what nobody else's begins with, and letters made of `mark`.
fn device_id(mark: &str) -> String {
    let letters = mark.bytes().take(LETTERS).map(|byte| char::from(b'A' + byte % 26));
    DEVICE_PREFIX.chars().chain(letters).collect()
}
