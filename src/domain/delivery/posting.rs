//! What stands where once it is sent, what it shows, and what follows.

use crate::domain::delivery::AskedIn;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Reaction;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::ExternalId;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::time::Duration;

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The room, also where the target was a person.
    pub room: RoomId,
    /// The event's type.
    pub event_type: String,
    /// The event's content, as JSON; in an encrypted room what is readable to those there.
    pub content: String,
    /// In an encrypted room the content of the `m.room.encrypted` event that is sent instead, as JSON:
    /// encrypted once, so that a repeat sends the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<String>,
    /// Who sends it; none: the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<UserId>,
    /// The trades it shows, first to last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Shown>,
    /// The posting that it edits; none: it is one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<EventId>,
    /// What is done once it stands there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Then>,
}

/// A trade that a posting shows, and in which state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The trade.
    pub trade: TradeId,
    /// The source of its item.
    pub source: SourceId,
    /// The platform's id of its item.
    pub external_id: ExternalId,
    /// The revision of the item that is shown.
    pub revision: u32,
    /// What the sharer calls the account it comes from.
    pub shop: Line,
}

/// What is done once an event stands in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "then", rename_all = "kebab-case")]
pub enum Then {
    /// It is withdrawn after a time.
    ExpireAfter {
        /// How long, in seconds.
        seconds: u32,
    },
    /// It gets reactions, which people can join.
    React {
        /// These.
        keys: Vec<Reaction>,
    },
    /// It is pinned.
    Pin {
        /// Whose board it is.
        sharer: UserId,
    },
    /// What stood in its place, sent by somebody else, is unpinned and taken away.
    TakeAway {
        /// That.
        event: EventId,
    },
    /// Somebody is told in another room where it stands.
    Point {
        /// Where.
        asked_in: AskedIn,
        /// Who.
        reader: UserId,
    },
}

/// What stands where: made from a delivery when it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The room.
    pub room: RoomId,
    /// The event.
    pub event: EventId,
    /// What it is.
    pub what: What,
    /// The content that was sent, or the last edit of it, as JSON.
    pub content: String,
    /// Who sent it, and alone can edit it; none: the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<UserId>,
    /// When it went out.
    pub posted_at: Timestamp,
    /// The trades it shows, first to last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Shown>,
    /// When it was withdrawn, by whomever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Timestamp>,
}

impl Frozen {
    /// A message for `room` that shows no trade.
    #[must_use]
    pub fn message(room: &RoomId, content: &str) -> Self {
        let event_type = "m.room.message".to_owned();
        let (room, content) = (room.clone(), content.to_owned());
        Self { room, event_type, content, encrypted: None, sender: None, shows: Vec::new(), edits: None, then: Vec::new() }
    }
}

impl Shown {
    /// `trade` in the state of its item's `revision`, from the account called `shop`.
    #[must_use]
    pub fn new(trade: &Trade, revision: u32, shop: &Line) -> Self {
        let (source, external_id) = (trade.source.clone(), trade.external_id.clone());
        Self { trade: trade.id(), source, external_id, revision, shop: shop.clone() }
    }
}

impl Then {
    /// The deliveries it comes to, once `event` stands in `room` at `at`.
    #[must_use]
    pub fn deliveries(&self, room: &RoomId, event: &EventId, at: Timestamp) -> Vec<NewDelivery> {
        let here = |what, not_before_at| NewDelivery::in_room(room.clone(), what, not_before_at);
        match self {
            Self::ExpireAfter { seconds } => {
                vec![here(What::Expire { event: event.clone() }, at + Duration::from_secs((*seconds).into()))]
            }
            Self::React { keys } => keys.iter().map(|key| here(What::React { to: event.clone(), key: *key }, at)).collect(),
            Self::Pin { sharer } => vec![here(What::Pin { event: event.clone(), sharer: sharer.clone() }, at)],
            Self::TakeAway { event } => NewDelivery::taking_down(room, event, at).into(),
            Self::Point { asked_in, reader } => {
                let (to, reader) = (asked_in.to.clone(), reader.clone());
                let what = What::Pointer { to, reader, room: room.clone(), event: event.clone() };
                vec![NewDelivery::in_room(asked_in.room.clone(), what, at)]
            }
        }
    }
}
