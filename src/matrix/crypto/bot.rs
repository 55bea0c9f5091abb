//! The bot's device: found again at each start, or replaced where its keys are lost or of another time.

use super::CryptoError;
use super::Machine;
use super::Settings;
use super::unusable;
use super::witness::Turns;
use super::witness::Witness;
use crate::matrix::client::Client;
use crate::matrix::client::DEVICE;
use matrix_sdk_crypto::CrossSigningKeyExport;
use matrix_sdk_crypto::OlmMachine;
use matrix_sdk_crypto::store::DynCryptoStore;
use ruma::DeviceId;
use serde::Deserialize;
use serde::Serialize;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// What came of a start.
pub struct Started {
    /// Whether the device had to be replaced.
    pub lost: Option<Lost>,
    /// The private cross-signing keys of the bot, as text, to be kept apart from the device's.
    pub identity: zeroize::Zeroizing<String>,
}

/// What was lost with the former device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Whether the identity was lost too, so that nobody's verification of the bot holds any more.
    pub new_identity: bool,
}

/// The private cross-signing keys as they are kept.
#[derive(Serialize, Deserialize)]
struct Identity {
    master: String,
    self_signing: String,
    user_signing: String,
}

/// Finds the bot's device, or makes it a new one; its keys are published and signed when this returns.
pub(super) async fn start(client: &Client, settings: &Settings, identity: Option<&str>) -> Result<(Machine, Started), CryptoError> {
    let witness = Witness::read(client).await?;
    if let Some((olm, turns)) = find(client, settings, witness.as_ref()).await? {
        let machine = Machine::new(olm, client.clone(), settings.trust, None);
        machine.send_outgoing().await?;
        if machine.is_published().await? {
            let new_identity = machine.take_identity(identity).await?;
            let lost = (new_identity && witness.is_some()).then_some(Lost { new_identity });
            return end(machine, turns, lost).await;
        }
        tracing::warn!(device = machine.device(), "the homeserver does not know the bot's device any more");
    }
    let device = format!("{DEVICE}{}", DeviceId::new());
    tracing::warn!(device, "the keys of the bot's device are lost or of another time; it gets a new device");
    client.use_device(&device);
    client.make_device(&device).await?;
    let machine = Machine::new(open(client, settings, &device).await?, client.clone(), settings.trust, None);
    machine.send_outgoing().await?;
    let new_identity = machine.take_identity(identity).await?;
    remove_former(client, settings, &device).await?;
    end(machine, Turns::none(), Some(Lost { new_identity })).await
}

/// The device with its keys, where they agree with the witness.
async fn find(client: &Client, settings: &Settings, witness: Option<&Witness>) -> Result<Option<(OlmMachine, Turns)>, CryptoError> {
    let device = witness.map_or(DEVICE, |witness| &witness.device);
    if !settings.directory.join(device).is_dir() && witness.is_some() {
        return Ok(None);
    }
    client.use_device(device);
    client.make_device(device).await?;
    let olm = open(client, settings, device).await?;
    let turns = Turns::of(&olm, witness.map_or(0, |witness| witness.turns)).await?;
    Ok(turns.map(|turns| (olm, turns)))
}

async fn open(client: &Client, settings: &Settings, device: &str) -> Result<OlmMachine, CryptoError> {
    let store = open_store(&settings.directory.join(device), settings).await?;
    Ok(OlmMachine::with_store(client.acting_user(), device.into(), store, None).await?)
}

/// Opens the keys of a device, or makes them.
pub(super) async fn open_store(path: &Path, settings: &Settings) -> Result<Arc<DynCryptoStore>, CryptoError> {
    let mut failure = "there is no key".to_owned();
    for (number, key) in settings.keys.iter().enumerate() {
        match (settings.open)(path.to_owned(), key.clone()).await {
            Ok(store) => return Ok(store),
            Err(error) if number == 0 => failure = error,
            Err(_) => {}
        }
    }
    let path = path.display();
    let what = "put the right key file back, or remove it for a new device";
    Err(CryptoError::Keys(format!("{path} cannot be opened with the key file: {failure}; {what}")))
}

async fn end(machine: Machine, turns: Turns, lost: Option<Lost>) -> Result<(Machine, Started), CryptoError> {
    machine.count_turns(turns).await?;
    let identity = machine.identity().await?;
    Ok((machine, Started { lost, identity }))
}

/// Removes the devices that this one takes the place of, and their keys.
async fn remove_former(client: &Client, settings: &Settings, device: &str) -> Result<(), CryptoError> {
    for former in client.device_ids().await? {
        if former.as_str().starts_with(DEVICE) && former != device {
            let path: PathBuf = settings.directory.join(former.as_str());
            client.delete_device(former).await?;
            if let Err(error) = std::fs::remove_dir_all(&path)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), %error, "the keys of a former device could not be removed");
            }
        }
    }
    Ok(())
}

impl Machine {
    /// Whether the homeserver has this device with these keys.
    async fn is_published(&self) -> Result<bool, CryptoError> {
        let us = self.olm.user_id();
        let (id, query) = self.olm.query_keys_for_users(std::iter::once(us));
        let answer = self.client.query_keys(&query).await?;
        self.olm.mark_request_as_sent(&id, &answer).await.map_err(unusable)?;
        let keys = answer.device_keys.get(us).and_then(|devices| devices.get(self.olm.device_id()));
        Ok(keys.is_some_and(|keys| keys.json().get().contains(&self.fingerprint())))
    }

    /// Makes sure that the device is signed by the bot's identity: the one it has, the one that was kept
    /// apart, or a new one. Answers whether it is new.
    async fn take_identity(&self, kept: Option<&str>) -> Result<bool, CryptoError> {
        if self.olm.cross_signing_status().await.is_complete() {
            if !self.is_verified().await? {
                let requests = self.olm.bootstrap_cross_signing(false).await?;
                self.client.upload_signatures(requests.upload_signatures_req).await?;
                self.is_published().await?;
            }
            return Ok(false);
        }
        self.is_published().await?;
        let is_kept = self.import(kept).await;
        let requests = self.olm.bootstrap_cross_signing(!is_kept).await?;
        if let Some(keys) = &requests.upload_keys_req {
            self.send_outgoing_one(keys).await?;
        }
        if !is_kept {
            self.client.upload_signing_keys(requests.upload_signing_keys_req).await?;
        }
        self.client.upload_signatures(requests.upload_signatures_req).await?;
        self.is_published().await?;
        Ok(!is_kept)
    }

    /// Takes over the identity that was kept, where it is still the bot's.
    async fn import(&self, kept: Option<&str>) -> bool {
        let Some(kept) = kept.and_then(|json| serde_json::from_str::<Identity>(json).ok()) else { return false };
        let export = CrossSigningKeyExport {
            master_key: Some(kept.master),
            self_signing_key: Some(kept.self_signing),
            user_signing_key: Some(kept.user_signing),
        };
        match self.olm.import_cross_signing_keys(export).await {
            Ok(status) => status.is_complete(),
            Err(error) => {
                tracing::error!(%error, "the bot's identity that was kept is not the one that the homeserver knows");
                false
            }
        }
    }

    async fn identity(&self) -> Result<zeroize::Zeroizing<String>, CryptoError> {
        let export = self.olm.export_cross_signing_keys().await?;
        let missing = || unusable("the bot's identity is incomplete");
        let mut export = export.ok_or_else(missing)?;
        let identity = Identity {
            master: export.master_key.take().ok_or_else(missing)?,
            self_signing: export.self_signing_key.take().ok_or_else(missing)?,
            user_signing: export.user_signing_key.take().ok_or_else(missing)?,
        };
        serde_json::to_string(&identity).map(zeroize::Zeroizing::new).map_err(unusable)
    }
}
