//! What a sharer's device at tradepost is told about keys, once it has some: those of the rooms in
//! which she shares, and how its verification goes on.

use super::super::Inbox;
use super::super::WorkError;
use crate::devices;
use crate::domain::delivery::Target;
use crate::domain::ids::UserId;
use crate::domain::own_name::DeviceState;
use crate::domain::sharer::Sharer;
use crate::matrix::client::KeySync;
use crate::matrix::client::MatrixError;
use crate::matrix::crypto::CryptoError;
use crate::matrix::crypto::Machine;
use crate::store::Commit;
use crate::store::StoreError;
use std::sync::Arc;

impl Inbox {
    /// Takes what a sync brought for the device of `sharer`, before the next one lets the homeserver
    /// forget it.
    pub(super) async fn take_keys(&self, sharer: &Sharer, keys: KeySync) -> Result<(), WorkError> {
        let has_keys = sharer.own_device().is_some_and(|device| device.state != DeviceState::Plain);
        if !has_keys {
            return Ok(());
        }
        let taken = async {
            let Some(machine) = self.keys.crypto.of(sharer).await? else { return Ok(None) };
            // Whoever makes the hearing end early must not end this: a key that is read once and not kept is lost.
            let taking = Arc::clone(&machine);
            let brought = tokio::spawn(async move { taking.take(keys).await }).await;
            let brought = brought.map_err(|error| CryptoError::Keys(error.to_string()))??;
            let steps = machine.advance().await?;
            Ok(Some((machine, brought, steps)))
        };
        let (machine, brought, steps) = match taken.await {
            Ok(Some(taken)) => taken,
            Ok(None) => return Ok(()),
            Err(CryptoError::Lost) => return self.lose_device(sharer).await,
            Err(CryptoError::Matrix(error)) => return Err(error.into()),
            Err(error) => return Err(MatrixError::Retry { reason: error.to_string(), after: None }.into()),
        };
        self.keys_came(&brought.keys).await?;
        devices::tell(self.store.as_ref(), &steps, true, self.clock.now()).await?;
        self.note_verified(&sharer.id, &machine).await
    }

    /// Records whether she has verified the device: then what waited for that goes out.
    async fn note_verified(&self, id: &UserId, machine: &Machine) -> Result<(), WorkError> {
        let is_verified = machine.is_verified().await.unwrap_or_default();
        loop {
            let Some(mut sharer) = self.store.sharer(id).await? else { return Ok(()) };
            let device = sharer.own_name.as_mut().and_then(|own_name| own_name.device.as_mut());
            let stands = if is_verified { DeviceState::Verified } else { DeviceState::Unverified };
            let is_news = |state| matches!(state, DeviceState::Unverified | DeviceState::Verified) && state != stands;
            let Some(device) = device.filter(|device| device.id == machine.device() && is_news(device.state)) else { return Ok(()) };
            device.state = stands;
            let woken = sharer.contacts.iter().map(|contact| Target::Room(contact.room.clone())).collect();
            match self.store.commit(Commit { sharers: vec![sharer], woken, ..Commit::default() }).await {
                Err(StoreError::Conflict) => {}
                other => return Ok(other?),
            }
        }
    }
}
