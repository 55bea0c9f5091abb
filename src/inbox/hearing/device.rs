//! A sharer's device at tradepost that somebody removed: she is told, once, and nothing is lost.

use super::super::Inbox;
use super::super::WorkError;
use crate::devices;
use crate::domain::sharer::Sharer;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;

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

    /// Records that the device of `sharer` is gone, and tells her, once.
    pub(super) async fn lose_device(&self, sharer: &Sharer) -> Result<(), WorkError> {
        Ok(devices::lose(self.store.as_ref(), &self.keys.crypto, sharer, self.clock.now()).await?)
    }
}
