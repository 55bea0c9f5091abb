//! Deliveries: everything that is to be done in a room, one row each, from the commit that caused
//! it until it is done or buried.

use crate::domain::ids::DeliveryId;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::trade::digest;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

mod posting;
mod reaction;
mod what;

pub use posting::Frozen;
pub use posting::Posting;
pub use posting::Shown;
pub use posting::Then;
pub use reaction::Reaction;
pub use what::AskedIn;
pub use what::DeviceStep;
pub use what::Lane;
pub use what::What;

/// Where a delivery goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Into this room.
    Room(RoomId),
    /// To this person: her newest management room when it is sent, one opened for it if there is none.
    Person(UserId),
}

/// A delivery that a commit adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDelivery {
    /// Where it goes.
    pub target: Target,
    /// What is to be done.
    pub what: What,
    /// Not before this time; it holds up those behind it in its lane.
    pub not_before_at: Timestamp,
    /// What no second delivery may have: a delivery whose key is already taken is not added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<OnceKey>,
}

/// A key under which something is delivered at most once, ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OnceKey(pub String);

impl OnceKey {
    /// One card for each sharer, contact and link, from whichever of her accounts it comes.
    #[must_use]
    pub fn link(sharer: &UserId, person: &UserId, link: &str) -> Self {
        Self(digest(&["link", sharer.as_str(), person.as_str(), link]))
    }

    /// The same for another output: a trade may be both in a digest and on a board.
    #[must_use]
    pub fn and(&self, output: &str) -> Self {
        Self(digest(&["output", output, &self.0]))
    }

    /// Something that is done once for a sharer, about `things`.
    #[must_use]
    pub fn act(sharer: &UserId, what: &str, things: &[&str]) -> Self {
        Self(digest(&[&["act", sharer.as_str(), what], things].concat()))
    }

    /// One card for each sharer, contact and trade.
    #[must_use]
    pub fn trade(sharer: &UserId, person: &UserId, trade: &TradeId) -> Self {
        Self(digest(&["trade", sharer.as_str(), person.as_str(), trade.as_str()]))
    }
}

/// A delivery in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its number: later ones are higher.
    pub id: DeliveryId,
    /// Where it goes.
    pub target: Target,
    /// What is to be done.
    pub what: What,
    /// When it was to be tried at first: for most, when it was committed. It never changes.
    pub created_at: Timestamp,
    /// Not before this time.
    pub not_before_at: Timestamp,
    /// How many attempts were made.
    #[serde(default)]
    pub attempts: u32,
    /// When the first attempt was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_attempt_at: Option<Timestamp>,
    /// The bytes that are sent, the same at each attempt; fixed before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Frozen>,
    /// Why it was given up; none while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buried: Option<String>,
}

/// A delivery that a worker holds, and how its lane stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// The first of its lane.
    pub delivery: Delivery,
    /// How many stand in the lane, this one included.
    pub waiting: u32,
    /// How many cards and digests went out in the lane in the day that began at `day_began_at`.
    pub sent_in_day: u32,
    /// When the lane's present day of 24 hours began; none before the first card.
    pub day_began_at: Option<Timestamp>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It is done; `event` is what stands in the room, if anything.
    Done {
        /// The delivery.
        id: DeliveryId,
        /// The event that came of it.
        event: Option<EventId>,
        /// When.
        at: Timestamp,
    },
    /// It is not wanted any more (muted, switched off, not direct): forgotten.
    Withheld {
        /// The delivery.
        id: DeliveryId,
    },
    /// Try again, and hold up those behind it until then.
    Retry {
        /// The delivery.
        id: DeliveryId,
        /// When.
        at: Timestamp,
        /// Whether something may have left: then it counts as an attempt, unless freezing has
        /// counted it, and the bytes stay frozen. If nothing has left, what freezing fixed and
        /// counted since the delivery was leased is taken back.
        attempted: bool,
    },
    /// It can never succeed: kept with its reason, out of the way of those behind it.
    Buried {
        /// The delivery.
        id: DeliveryId,
        /// Why, for the operator.
        reason: String,
    },
}

impl Settlement {
    /// The delivery it settles.
    #[must_use]
    pub const fn id(&self) -> DeliveryId {
        match self {
            Self::Done { id, .. } | Self::Withheld { id } | Self::Retry { id, .. } | Self::Buried { id, .. } => *id,
        }
    }
}

impl NewDelivery {
    /// Something to be done in a room, as soon as it is its turn.
    #[must_use]
    pub const fn in_room(room: RoomId, what: What, now: Timestamp) -> Self {
        Self { target: Target::Room(room), what, not_before_at: now, once: None }
    }

    /// What takes a pinned event away as a whole.
    #[must_use]
    pub fn taking_down(room: &RoomId, event: &EventId, now: Timestamp) -> [Self; 2] {
        let acts = [What::Unpin { event: event.clone() }, What::Redact { event: event.clone() }];
        acts.map(|what| Self::in_room(room.clone(), what, now))
    }

    /// Something that a person is to be told.
    #[must_use]
    pub const fn to_person(person: UserId, notice: Notice, now: Timestamp) -> Self {
        Self { target: Target::Person(person), what: What::Notice { notice }, not_before_at: now, once: None }
    }
}

impl Delivery {
    /// The mark that stands in the clear part of what is sent, so that a delivery finds itself in a
    /// room again: a hash, which says nothing about the trade. A card has the same whenever it is queued
    /// for a room, so that one is found that an older copy of the store knows nothing of.
    #[must_use]
    pub fn mark(&self) -> String {
        let target = match &self.target {
            Target::Room(room) => room.as_str(),
            Target::Person(person) => person.as_str(),
        };
        if let What::Card { sharer, trade, .. } = &self.what {
            return digest(&["card", target, sharer.as_str(), trade.as_str()]);
        }
        digest(&["mark", target, &self.id.0.to_string(), &self.created_at.as_nanosecond().to_string()])
    }

    /// The transaction id of its send: a hash of sender, room and delivery, since Synapse's
    /// in-memory key has no sender in it.
    #[must_use]
    pub fn transaction_id(&self, sender: &UserId, room: &RoomId) -> String {
        digest(&["send", sender.as_str(), room.as_str(), &self.mark()])
    }
}
