//! What is done in a sharer's own name: who speaks, what must be heard before, and what is done with
//! her device, her direct rooms and the line beside her name.

use super::Outbox;
use super::Step;
use super::prepare::Prepared;
use super::send::Sent;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::own_name::Unverified;
use crate::domain::sharer::Sharer;
use crate::matrix::client::MatrixError;
use crate::store::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

mod approach;
mod device;
mod direct;
mod status;
mod voice;

pub(super) use voice::Speaker;

/// How long something waits that could not be done in somebody's name.
pub(super) const UNABLE: Duration = Duration::from_hours(1);
/// How long it waits after a failure of the store.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Why an act could not be done now.
#[derive(Debug, thiserror::Error)]
enum ActError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Matrix(#[from] MatrixError),
}

/// What the operator set for sharing in one's own name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// What is done in encrypted rooms before she has verified her device.
    pub unverified: Unverified,
    /// Whether rooms are opened with people of other homeservers.
    pub other_servers: bool,
    /// How many rooms are opened for one sharer in a day.
    pub rooms_per_day: u32,
    /// With how many she may share.
    pub contacts: u32,
    /// With how many she may begin to share in a day.
    pub contacts_per_day: u32,
    /// With how many all sharers together may share.
    pub contacts_in_all: u32,
    /// Whether contacts are asked before anything is posted.
    pub asks_consent: bool,
}

/// Who hears the rooms in which the bot is not.
#[async_trait]
pub trait Ears: Send + Sync {
    /// Whether what was said in `room` is known up to now, so that `sharer` may post there.
    fn has_caught_up(&self, sharer: &UserId, room: &RoomId) -> bool;
    /// Hears what was said there until now; whether that succeeded.
    async fn catch_up(&self, sharer: &UserId, room: &RoomId) -> bool;
}

impl Outbox {
    /// What comes before everything else: an act in somebody's name is done, and where the bot does not
    /// hear what a contact says, that is heard and worked off before anything is decided.
    pub(super) async fn prepare_own(&self, delivery: &Delivery, now: Timestamp) -> Result<Option<Prepared>, StoreError> {
        if is_act(&delivery.what) {
            return Ok(Some(Prepared::called(delivery.clone(), Step::Own, now)));
        }
        let (Some(sharer), Target::Room(room)) = (delivery.what.sharer(), &delivery.target) else { return Ok(None) };
        let Some(known) = self.parts.store.room(room).await?.filter(|room| room.heard_by.is_some()) else { return Ok(None) };
        // Where nobody may act as her any more, there is nothing to hear, and nobody speaks either.
        let can_hear = |sharer: Sharer| sharer.hears(&known) && self.parts.client.acting_for(&sharer).is_some();
        if !self.parts.store.sharer(sharer).await?.is_some_and(can_hear) {
            return Ok(None);
        }
        if !self.parts.ears.has_caught_up(sharer, room) {
            let step = Step::CatchUp { sharer: sharer.clone(), room: room.clone() };
            return Ok(Some(Prepared::called(delivery.clone(), step, now)));
        }
        if self.parts.store.has_pending_events(room).await? {
            return Ok(Some(Prepared::in_a_moment(delivery, now)));
        }
        Ok(None)
    }

    /// Hears what was said in a room before anything goes there.
    pub(super) async fn catch_up(&self, sharer: &UserId, room: &RoomId) -> Sent {
        if self.parts.ears.catch_up(sharer, room).await { Sent::Again } else { Sent::Later(None) }
    }

    /// Does an act in somebody's name.
    pub(super) async fn act(&self, delivery: &Delivery) -> Sent {
        let done = match (&delivery.what, &delivery.target) {
            (What::OwnDevice { step: DeviceStep::Make }, Target::Person(sharer)) => self.make_device(delivery, sharer).await,
            (What::OwnDevice { step: DeviceStep::Remove { device } }, Target::Person(sharer)) => self.remove_device(sharer, device).await,
            (What::ReadDirectRooms { sharer }, _) => self.read_direct_rooms(sharer).await,
            (What::Approach { sharer, person }, _) => self.approach(sharer, person).await,
            (What::InviteBot { sharer }, Target::Room(room)) => self.invite_bot(sharer, room).await,
            (What::StatusLine { sharer, trade }, _) => self.set_status_line(sharer, trade.as_ref()).await,
            _ => return Sent::Impossible("it is not said for whom or where".to_owned()),
        };
        done.unwrap_or_else(|error| {
            tracing::error!(delivery = delivery.id.0, %error, "an act in somebody's name could not be recorded");
            Sent::Refused(AFTER_FAILURE)
        })
    }
}

const fn is_act(what: &What) -> bool {
    matches!(
        what,
        What::OwnDevice { step: DeviceStep::Make | DeviceStep::Remove { .. } }
            | What::ReadDirectRooms { .. }
            | What::Approach { .. }
            | What::InviteBot { .. }
            | What::StatusLine { .. }
    )
}
