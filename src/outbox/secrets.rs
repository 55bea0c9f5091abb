//! A message with a secret in it that may not be taken away: who typed it is told, once, and asked for a new
//! secret.

use super::AFTER_STORE_FAILURE;
use super::Outbox;
use super::send::Sent;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::OnceKey;
use crate::domain::delivery::What;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::room::Role;
use crate::store::Commit;
use crate::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;

/// How often a sharer who changes meanwhile is looked at anew.
const ATTEMPTS: usize = 5;

/// Asks for a new secret in the place of one that stands in a room.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// What tells `user` that a secret of hers stays where she typed it, and asks for a new one of the account
    /// with this number, where it is known. One delivery; nothing has been applied.
    async fn asked_anew(&self, user: &UserId, account: Option<Number>, is_direct: bool, now: Timestamp) -> Result<Commit, StoreError>;
}

impl Outbox {
    /// What is not taken away can be done without, except for a secret.
    pub(super) async fn stays(&self, delivery: &Delivery, room: &RoomId) -> Sent {
        let What::TakeAway { event, by: Some(user), account } = &delivery.what else { return Sent::NotNeeded };
        let once = OnceKey::act(user, "secret stays", &[event.as_str()]);
        match self.tell_that_it_stays(user, *account, room, &once).await {
            Ok(()) => Sent::NotNeeded,
            Err(error) => {
                tracing::error!(%room, %error, "nobody could be told that a secret stays in a room");
                Sent::Refused(AFTER_STORE_FAILURE)
            }
        }
    }

    async fn tell_that_it_stays(&self, user: &UserId, account: Option<Number>, room: &RoomId, once: &OnceKey) -> Result<(), StoreError> {
        let room = self.parts.store.room(room).await?;
        let is_direct = !room.is_some_and(|room| matches!(room.role(&self.parts.us), Role::Management(_)));
        for _ in 0..ATTEMPTS {
            if !self.parts.store.taken(std::slice::from_ref(once)).await?.is_empty() {
                return Ok(());
            }
            let mut commit = self.parts.secrets.asked_anew(user, account, is_direct, self.parts.clock.now()).await?;
            for told in &mut commit.deliveries {
                told.once = Some(once.clone());
            }
            match self.parts.store.commit(commit).await {
                Err(StoreError::Conflict) => {}
                told => return told,
            }
        }
        Err(StoreError::Conflict)
    }
}
