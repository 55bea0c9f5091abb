//! A sharer's device at tradepost that somebody removed: she is told, once, and nothing is lost.

use super::super::Inbox;
use super::super::WorkError;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::notice::Notice;
use crate::domain::sharer::Sharer;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::store::Commit;
use crate::store::StoreError;

impl Inbox {
    /// Whether `error` came because the device of `sharer` is gone; then that is recorded.
    pub(super) async fn is_device_gone(&self, sharer: &Sharer, acting: &Client, error: &MatrixError) -> Result<bool, WorkError> {
        if sharer.own_device().is_none() {
            return Ok(true);
        }
        if !acting.says_device_is_gone(error).await? {
            return Ok(false);
        }
        self.lose_device(sharer).await.map(|()| true)
    }

    /// Records that the device of `sharer` is gone, and tells her, once. What is left of it is removed.
    pub(super) async fn lose_device(&self, sharer: &Sharer) -> Result<(), WorkError> {
        let Some(device) = sharer.own_device() else { return Ok(()) };
        if let Err(error) = self.keys.crypto.forget(&sharer.id, &device.id).await {
            tracing::warn!(user = %sharer.id, %error, "the keys of a device that is gone could not be removed");
        }
        tracing::warn!(user = %sharer.id, device = device.id, "a sharer's device at tradepost is gone; nothing is sent in her name");
        loop {
            let Some(mut present) = self.store.sharer(&sharer.id).await? else { return Ok(()) };
            if !present.lose_device(&device.id) {
                return Ok(());
            }
            let now = self.clock.now();
            let step = DeviceStep::Remove { device: device.id.clone() };
            let target = Target::Person(sharer.id.clone());
            let remove = NewDelivery { target, what: What::OwnDevice { step }, not_before_at: now, once: None };
            let deliveries = vec![NewDelivery::to_person(sharer.id.clone(), Notice::DeviceGone, now), remove];
            match self.store.commit(Commit { sharers: vec![present], deliveries, ..Commit::default() }).await {
                Err(StoreError::Conflict) => {}
                other => return Ok(other?),
            }
        }
    }
}
