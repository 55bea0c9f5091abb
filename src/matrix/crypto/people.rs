//! What a device knows of other people: their devices, which of them may get keys, and who they are.

use super::CryptoError;
use super::Machine;
use super::Trust;
use super::unusable;
use crate::domain::ids::UserId;
use crate::domain::room::Room;
use crate::matrix::client::Client;
use matrix_sdk_crypto::Device;
use ruma::OwnedUserId;
use std::collections::HashSet;
use std::sync::MutexGuard;
use std::sync::PoisonError;

impl Machine {
    /// Learns the devices of these people, where they are not known or have changed.
    pub(super) async fn know(&self, people: &[OwnedUserId]) -> Result<(), CryptoError> {
        self.olm.update_tracked_users(people.iter().map(AsRef::as_ref)).await.map_err(unusable)?;
        self.send_outgoing().await
    }

    /// Learns the devices of somebody anew.
    pub async fn learn(&self, person: &UserId) -> Result<(), CryptoError> {
        let person = Client::ruma_user(person)?;
        self.olm.update_tracked_users(std::iter::once(person.as_ref())).await.map_err(unusable)?;
        let (id, query) = self.olm.query_keys_for_users(std::iter::once(person.as_ref()));
        let answer = self.client.query_keys(&query).await?;
        self.olm.mark_request_as_sent(&id, &answer).await.map_err(unusable)
    }

    /// The same, unless that was done a moment ago: each message of somebody who has no device that is
    /// trusted would ask for it.
    pub(super) async fn look_up(&self, person: &UserId) -> Result<(), CryptoError> {
        if !self.looked_up().contains(person) {
            self.learn(person).await?;
            self.looked_up().insert(person.clone());
        }
        Ok(())
    }

    pub(super) fn looked_up(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a channel to each device of these people to which there is none.
    pub(super) async fn make_sessions(&self, people: &[OwnedUserId]) -> Result<(), CryptoError> {
        let _one_at_a_time = self.sending.lock().await;
        let missing = self.olm.get_missing_sessions(people.iter().map(AsRef::as_ref)).await.map_err(unusable)?;
        let Some((id, claim)) = missing else { return Ok(()) };
        let answer = self.client.claim_keys(claim).await?;
        self.olm.mark_request_as_sent(&id, &answer).await.map_err(unusable)
    }

    /// That each of the people has a device that may get the key, and that it can be given to: else what is sent would be lost on her.
    /// Services that sit in the room need none.
    pub(super) async fn require_devices(&self, room: &Room, members: &[OwnedUserId]) -> Result<(), CryptoError> {
        let is_service = |member: &OwnedUserId| room.functional.iter().any(|service| service.as_str() == member.as_str());
        for person in members.iter().filter(|member| **member != self.olm.user_id() && !is_service(member)) {
            // A change that comes from here on is not missed.
            let id = UserId::new(person.as_str());
            self.without_device().insert(id.clone());
            let devices = self.olm.get_user_devices(person, None).await.map_err(unusable)?;
            let mut can_read = false;
            for device in devices.devices().filter(|device| self.trust == Trust::All || device.is_cross_signed_by_owner()) {
                can_read |= self.has_channel_to(&device).await?;
            }
            if !can_read {
                return Err(CryptoError::NoDevice(person.to_string()));
            }
            self.without_device().remove(&id);
        }
        Ok(())
    }

    /// Whether there is a way on which a device gets a key: none where its server did not hand one out.
    async fn has_channel_to(&self, device: &Device) -> Result<bool, CryptoError> {
        let Some(key) = device.curve25519_key() else { return Ok(false) };
        let sessions = self.olm.store().get_sessions(&key.to_base64()).await.map_err(unusable)?;
        Ok(sessions.is_some_and(|sessions| !sessions.is_empty()))
    }

    /// Goes on with people whom somebody verified with us once and who have made themselves a new
    /// identity since: nobody here could compare it.
    pub(super) async fn accept_new_identities(&self, people: &[OwnedUserId]) -> Result<(), CryptoError> {
        for person in people {
            tracing::warn!(%person, "somebody who had verified the bot has a new identity; it is no longer verified");
            if let Some(identity) = self.olm.get_identity(person, None).await.map_err(unusable)? {
                identity.withdraw_verification().await.map_err(unusable)?;
            }
        }
        Ok(())
    }

    /// Those of the people who had no device that may get a key when something was to be encrypted for them.
    pub(super) fn have_changed(&self, people: &[OwnedUserId]) -> Vec<UserId> {
        let mut without_device = self.without_device();
        people.iter().filter_map(|person| without_device.take(&UserId::new(person.as_str()))).collect()
    }

    fn without_device(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.without_device.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
