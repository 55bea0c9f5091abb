//! What sharers want done with keys: verifying the bot, or their own device at tradepost.

use super::Outbox;
use super::send::Sent;
use crate::devices;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::notice::VerificationProblem;
use crate::domain::own_name::DeviceState;
use crate::domain::own_name::Unverified;
use crate::matrix::client::MatrixError;
use crate::matrix::crypto::CryptoError;
use crate::store::Commit;
use crate::store::StoreError;
use std::time::Duration;

/// How long something waits while encryption does not work.
const NOT_READY: Duration = Duration::from_secs(30);

/// Why a step could not be taken now.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Outbox {
    /// Takes a step of a verification.
    pub(super) async fn verify(&self, delivery: &Delivery, step: &DeviceStep) -> Sent {
        let Target::Person(person) = &delivery.target else { return Sent::NotNeeded };
        let taken = match step {
            DeviceStep::AskBotVerification => self.ask_bot_verification(person).await,
            DeviceStep::AskVerification => self.ask_verification(person).await,
            DeviceStep::Confirm { flow } => self.answer_emoji(person, flow, true).await,
            DeviceStep::Cancel { flow } => self.answer_emoji(person, flow, false).await,
            DeviceStep::Make | DeviceStep::Remove { .. } => return Sent::NotNeeded,
        };
        match taken {
            Ok(()) => Sent::Done(None),
            Err(StepError::Store(StoreError::Conflict)) => Sent::Again,
            Err(StepError::Crypto(CryptoError::Matrix(MatrixError::TokenRefused))) => Sent::TokenRefused,
            Err(StepError::Crypto(CryptoError::Matrix(MatrixError::Retry { after, .. }))) => Sent::Later(after),
            Err(error) => {
                tracing::warn!(%person, %error, "a verification cannot go on now");
                Sent::Refused(NOT_READY)
            }
        }
    }

    /// Asks somebody, in her room with the bot, to verify it.
    async fn ask_bot_verification(&self, person: &UserId) -> Result<(), StepError> {
        let machine = self.parts.crypto.bot().ok_or_else(|| CryptoError::Keys("encryption is not ready".to_owned()))?;
        let room = self.managed_by(person).await?.pop().map(|room| room.id);
        let now = self.parts.clock.now();
        let notice = Notice::VerifyBot { device: machine.device(), fingerprint: machine.fingerprint() };
        let mut deliveries = vec![NewDelivery::to_person(person.clone(), notice, now)];
        match (machine.request_to(person).await?, room) {
            (Ok(content), Some(room)) => {
                let what = What::Verification { event_type: "m.room.message".to_owned(), content };
                deliveries.push(NewDelivery::in_room(room, what, now));
            }
            (Ok(_), None) => {}
            (Err(problem), _) => deliveries.push(NewDelivery::to_person(person.clone(), Notice::VerificationEnded { problem }, now)),
        }
        Ok(self.parts.store.commit(Commit { deliveries, ..Commit::default() }).await?)
    }

    /// Gives a sharer's device its keys, and asks her other devices to verify it.
    async fn ask_verification(&self, person: &UserId) -> Result<(), StepError> {
        let Some(mut sharer) = self.parts.store.sharer(person).await? else { return Ok(()) };
        let Some(machine) = self.parts.crypto.of(&sharer).await? else { return Ok(()) };
        let notice = match machine.ask_owner().await? {
            Ok(()) => Notice::VerifyDevice { device: machine.device() },
            Err(problem) => Notice::VerificationEnded { problem },
        };
        let now = self.parts.clock.now();
        let mut deliveries = vec![NewDelivery::to_person(person.clone(), notice, now)];
        let Some(own_name) = sharer.own_name.as_mut() else { return Ok(()) };
        if let Some(device) = own_name.device.as_mut().filter(|device| device.state == DeviceState::Plain) {
            device.state = DeviceState::Unverified;
        }
        if self.settings.own_name.unverified == Unverified::Send && !std::mem::replace(&mut own_name.told_unverified, true) {
            deliveries.push(NewDelivery::to_person(person.clone(), Notice::DeviceUnverified, now));
        }
        // What waited for the device's keys goes out, if it may.
        let woken = sharer.contacts.iter().map(|contact| Target::Room(contact.room.clone())).collect();
        Ok(self.parts.store.commit(Commit { sharers: vec![sharer], deliveries, woken, ..Commit::default() }).await?)
    }

    /// She has compared the emoji, of the bot's or of her own device's.
    async fn answer_emoji(&self, person: &UserId, flow: &str, are_same: bool) -> Result<(), StepError> {
        let sharer = self.parts.store.sharer(person).await?;
        let own = match &sharer {
            Some(sharer) if sharer.own_device().is_some() => self.parts.crypto.of(sharer).await?,
            _ => None,
        };
        let machines = [(self.parts.crypto.bot(), false), (own, true)];
        for (machine, own_device) in machines.into_iter().filter_map(|(machine, own)| Some((machine?, own))) {
            let found = if are_same { machine.confirm(person, flow).await? } else { machine.mismatch(person, flow).await? };
            if found {
                let steps = machine.advance().await?;
                return Ok(devices::tell(self.parts.store.as_ref(), &steps, own_device, self.parts.clock.now()).await?);
            }
        }
        // It was ended, or tradepost has been restarted meanwhile.
        let notice = Notice::VerificationEnded { problem: VerificationProblem::TimedOut };
        let deliveries = vec![NewDelivery::to_person(person.clone(), notice, self.parts.clock.now())];
        Ok(self.parts.store.commit(Commit { deliveries, ..Commit::default() }).await?)
    }
}
