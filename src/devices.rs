//! What becomes of devices, as far as people must know it: how their verifications by emoji stand, and
//! that a sharer's device at tradepost is gone.

use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::question::Ask;
use crate::domain::question::Question;
use crate::domain::sharer::Sharer;
use crate::matrix::crypto::Crypto;
use crate::matrix::crypto::Step;
use crate::store::Commit;
use crate::store::Store;
use crate::store::StoreError;
use jiff::Timestamp;

/// Commits what comes of the steps of a verification, of a sharer's own device at tradepost or of the
/// bot's: anew where somebody is changing something herself.
pub async fn tell(store: &dyn Store, steps: &[Step], own_device: bool, now: Timestamp) -> Result<(), StoreError> {
    for step in steps {
        loop {
            let commit = commit_of(store, step.clone(), own_device, now).await?;
            match store.commit(commit).await {
                Err(StoreError::Conflict) => {}
                other => break other?,
            }
        }
    }
    Ok(())
}

async fn commit_of(store: &dyn Store, step: Step, own_device: bool, now: Timestamp) -> Result<Commit, StoreError> {
    let mut commit = Commit::default();
    let told = |person: &UserId, notice| NewDelivery::to_person(person.clone(), notice, now);
    commit.deliveries.push(match step {
        Step::Say { room, event_type, content } => NewDelivery::in_room(room, What::Verification { event_type, content }, now),
        Step::Emoji { person, flow, emoji } => {
            let mut sharer = store.sharer(&person).await?.unwrap_or_else(|| Sharer::new(person.clone()));
            sharer.question = Some(Question { asked_at: now, ask: Ask::SameEmoji { flow, own_device } });
            commit.sharers.push(sharer);
            told(&person, Notice::CompareEmoji { own_device, emoji })
        }
        Step::Done { person } => told(&person, Notice::Verified { own_device }),
        Step::Ended { person, problem } => told(&person, Notice::VerificationEnded { problem }),
    });
    Ok(commit)
}

/// Records that the device which `sharer` had at tradepost is gone, and tells her, once. What is left of
/// it, here and at the homeserver, is removed.
pub async fn lose(store: &dyn Store, crypto: &Crypto, sharer: &Sharer, now: Timestamp) -> Result<(), StoreError> {
    let Some(device) = sharer.own_device() else { return Ok(()) };
    loop {
        let Some(mut present) = store.sharer(&sharer.id).await? else { return Ok(()) };
        if !present.lose_device(&device.id) {
            return Ok(());
        }
        let step = DeviceStep::Remove { device: device.id.clone() };
        let target = Target::Person(sharer.id.clone());
        let remove = NewDelivery { target, what: What::OwnDevice { step }, not_before_at: now, once: None };
        let deliveries = vec![NewDelivery::to_person(sharer.id.clone(), Notice::DeviceGone, now), remove];
        match store.commit(Commit { sharers: vec![present], deliveries, ..Commit::default() }).await {
            // She changed something meanwhile.
            Err(StoreError::Conflict) => {}
            other => {
                other?;
                break;
            }
        }
    }
    tracing::warn!(user = %sharer.id, device = device.id, "a sharer's device at tradepost is gone; nothing is sent in her name");
    if let Err(error) = crypto.forget(&sharer.id, &device.id).await {
        tracing::warn!(user = %sharer.id, %error, "the keys of a device that is gone could not be removed");
    }
    Ok(())
}
