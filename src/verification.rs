//! What people are told of verifications by emoji, and what is said in rooms for them: the steps that
//! `matrix::crypto` takes, as a commit.

use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::What;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::question::Ask;
use crate::domain::question::Question;
use crate::domain::sharer::Sharer;
use crate::matrix::crypto::Step;
use crate::store::Commit;
use crate::store::Store;
use crate::store::StoreError;
use jiff::Timestamp;

/// What comes of `steps`, of a sharer's own device at tradepost or of the bot's.
pub async fn commit_of(store: &dyn Store, steps: Vec<Step>, own_device: bool, now: Timestamp) -> Result<Commit, StoreError> {
    let mut commit = Commit::default();
    for step in steps {
        let told = |person: &UserId, notice| NewDelivery::to_person(person.clone(), notice, now);
        match step {
            Step::Say { room, event_type, content } => {
                commit.deliveries.push(NewDelivery::in_room(room, What::Verification { event_type, content }, now));
            }
            Step::Emoji { person, flow, emoji } => {
                let mut sharer = store.sharer(&person).await?.unwrap_or_else(|| Sharer::new(person.clone()));
                sharer.question = Some(Question { asked_at: now, ask: Ask::SameEmoji { flow, own_device } });
                commit.sharers.retain(|other| other.id != person);
                commit.sharers.push(sharer);
                commit.deliveries.push(told(&person, Notice::CompareEmoji { own_device, emoji }));
            }
            Step::Done { person } => commit.deliveries.push(told(&person, Notice::Verified { own_device })),
            Step::Ended { person, problem } => commit.deliveries.push(told(&person, Notice::VerificationEnded { problem })),
        }
    }
    Ok(commit)
}

/// Commits what comes of `steps`, anew where somebody is changing something herself.
pub async fn tell(store: &dyn Store, steps: &[Step], own_device: bool, now: Timestamp) -> Result<(), StoreError> {
    for step in steps {
        loop {
            let commit = commit_of(store, vec![step.clone()], own_device, now).await?;
            match store.commit(commit).await {
                Err(StoreError::Conflict) => {}
                other => break other?,
            }
        }
    }
    Ok(())
}
