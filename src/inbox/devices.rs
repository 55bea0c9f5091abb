//! The bot's device: hears what is sent to it, for ever, and sees to it that it is there at all; and
//! verifications, as far as people must be told.

use super::Inbox;
use super::WorkError;
use super::privately;
use crate::clock::Randomness;
use crate::devices;
use crate::domain::backoff;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::domain::sealed;
use crate::matrix::crypto::CryptoError;
use crate::matrix::crypto::Health;
use crate::matrix::crypto::Lost;
use crate::matrix::crypto::Machine;
use crate::matrix::events::Received;
use crate::store::Commit;
use crate::store::Named;
use crate::store::StoreError;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long the homeserver may wait for something to tell.
const WAIT: Duration = Duration::from_secs(25);
/// The same while somebody may have to be told soon that her message cannot be read.
const SHORT_WAIT: Duration = Duration::from_secs(5);
/// The first wait after a failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest: who speaks to the bot once it works again is soon understood.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl Inbox {
    /// Hears what is sent to the bot's device, once the bot is there.
    pub async fn serve_bot_device(self: Arc<Self>, mut ready: watch::Receiver<bool>, randomness: Arc<dyn Randomness>) {
        if !self.keys.crypto.is_allowed() || ready.wait_for(|ready| *ready).await.is_err() {
            return std::future::pending().await;
        }
        let mut failures = 0;
        loop {
            let served = match self.start_bot_device().await {
                Ok(machine) => self.hear_bot_device(&machine, &mut failures, randomness.as_ref()).await,
                Err(error) => Err(error),
            };
            if let Err(error) = served {
                tracing::error!(%error, "the bot's encryption does not work; what is for encrypted rooms waits");
                self.keys.crypto.set_health(Health::Broken(error.to_string()));
                if let Err(error) = self.look_through_parked(self.clock.now()).await {
                    tracing::error!(%error, "nobody could be told what cannot be read");
                }
            }
            failures += 1;
            self.rest(failures, randomness.as_ref()).await;
        }
    }

    /// Waits after so many failures in a row, not as long as what is heard must not be missed.
    pub(super) async fn rest(&self, failures: u32, randomness: &dyn Randomness) {
        let wait = backoff::wait(failures, FIRST_WAIT, None, randomness.next()).min(LONGEST_WAIT);
        self.clock.sleep_until(self.clock.now() + wait).await;
    }

    /// Opens the bot's device; what it must not lose is kept apart from it, and who must know is told.
    async fn start_bot_device(&self) -> Result<Arc<Machine>, DeviceError> {
        let sealed = self.store.named(&Named::BotIdentity).await?;
        let identity = sealed.and_then(|sealed| match self.keys.vault.open(sealed::BOT_IDENTITY, &sealed) {
            Ok(identity) => Some(identity),
            Err(error) => {
                tracing::error!(%error, "the bot's identity that was kept cannot be opened");
                None
            }
        });
        let text = identity.as_ref().and_then(|identity| std::str::from_utf8(identity).ok());
        let (machine, started) = self.keys.crypto.start_bot(text).await?;
        let mut commit = Commit::default();
        if text != Some(started.identity.as_str()) {
            let sealed = self
                .keys
                .vault
                .seal(sealed::BOT_IDENTITY, started.identity.as_bytes())
                .map_err(|error| DeviceError::Vault(error.to_string()))?;
            commit.named.push((Named::BotIdentity, Some(sealed)));
        }
        if let Some(lost) = started.lost {
            commit.deliveries = self.tell_of_loss(lost).await?;
        }
        // What waited for the device goes out now.
        commit.woken = self.store.encrypted_rooms().await?.into_iter().map(Target::Room).collect();
        self.store.commit(commit).await?;
        self.try_all_parked(self.clock.now()).await?;
        tracing::info!(device = machine.device(), fingerprint = machine.fingerprint(), "encryption is ready");
        Ok(machine)
    }

    /// Everybody who shares, or ever did, is told that the bot has another device.
    async fn tell_of_loss(&self, Lost { new_identity }: Lost) -> Result<Vec<NewDelivery>, StoreError> {
        let now = self.clock.now();
        let sharers = self.store.sharers().await?;
        Ok(sharers.iter().map(|id| privately(id, Notice::BotDeviceReplaced { new_identity }, now)).collect())
    }

    /// Hears until the device is gone.
    async fn hear_bot_device(&self, machine: &Machine, failures: &mut u32, randomness: &dyn Randomness) -> Result<(), DeviceError> {
        let mut wait = SHORT_WAIT;
        loop {
            let brought = tokio::select! {
                brought = machine.sync(wait) => brought,
                () = self.keys.crypto.until_bot_is_gone() => return Ok(()),
            };
            match brought {
                Ok(brought) => {
                    *failures = 0;
                    self.keys.crypto.set_health(Health::Ready);
                    self.keys_came(&brought.keys).await?;
                    self.devices_changed(&brought.changed).await?;
                }
                Err(CryptoError::Matrix(error)) if error.is_unknown_device() => return Ok(()),
                Err(error) => {
                    *failures += 1;
                    tracing::warn!(%error, failures, "the bot's device cannot be heard now");
                    if *failures > 2 {
                        self.keys.crypto.set_health(Health::Broken(error.to_string()));
                    }
                    self.rest(*failures, randomness).await;
                }
            }
            let steps = machine.advance().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "a verification could not go on");
                Vec::new()
            });
            devices::tell(self.store.as_ref(), &steps, false, self.clock.now()).await?;
            let waits = self.look_through_parked(self.clock.now()).await.map_err(DeviceError::from)?;
            wait = if waits { SHORT_WAIT } else { WAIT };
        }
    }

    /// What waited in the rooms of these people for a device that can read it may go out now.
    async fn devices_changed(&self, people: &[UserId]) -> Result<(), StoreError> {
        let mut woken = Vec::new();
        for person in people {
            let rooms = self.store.rooms_of(person).await?;
            woken.extend(rooms.into_iter().filter(|room| room.encrypted).map(|room| Target::Room(room.id)));
        }
        if woken.is_empty() { Ok(()) } else { self.store.commit(Commit { woken, ..Commit::default() }).await }
    }

    /// Takes a step of a verification that somebody said in her room with the bot.
    pub(super) async fn verifies(&self, event: &Received, room: &Room, json: &str, now: Timestamp) -> Result<Commit, WorkError> {
        let is_hers = matches!(room.role(&self.us), Role::Management(owner) if owner == event.sender);
        let Some(machine) = self.keys.crypto.bot().filter(|_| is_hers) else { return Ok(Commit::default()) };
        let steps = match machine.hear(&event.sender, json).await {
            Ok(()) => machine.advance().await,
            Err(error) => Err(error),
        };
        match steps {
            // A conflict would come too late: the steps are taken.
            Ok(steps) => Ok(devices::tell(self.store.as_ref(), &steps, false, now).await.map(|()| Commit::default())?),
            Err(CryptoError::Matrix(error)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "a verification could not go on");
                Ok(Commit::default())
            }
        }
    }
}

/// Why the bot's device cannot be served now.
#[derive(Debug, thiserror::Error)]
enum DeviceError {
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Work(#[from] WorkError),
    #[error("{0}")]
    Vault(String),
}
