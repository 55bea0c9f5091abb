//! Deliveries: everything that is to be done in a room, one row each, from the commit that caused
//! it until it is done or buried.

use crate::domain::ids::DeliveryId;
use crate::domain::ids::EventId;
use crate::domain::ids::ExternalId;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::panel::Panel;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::domain::trade::digest;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::time::Duration;

/// Where a delivery goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Into this room.
    Room(RoomId),
    /// To this person: her newest management room when it is sent, one opened for it if there is none.
    Person(UserId),
}

/// What must keep its order among itself: replies do not wait behind cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// Cards, digests, and the introduction before them.
    Cards,
    /// Replies and notices.
    Talk,
    /// Reactions, redactions, joins and leaves: what is never held up by words that must wait,
    /// since it is not encrypted.
    Acts,
    /// Trades that are gathered for a digest at its hour.
    Gathered,
    /// A board's changes, one after the other.
    Board,
    /// Edits of what was posted.
    Edits,
    /// What waits for a time of its own. Nothing here holds up anything else, also not within the lane.
    Alone,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum What {
    /// Post a trade.
    Card {
        /// Whose trade it is.
        sharer: UserId,
        /// The trade.
        trade: TradeId,
        /// What the sharer calls the account it comes from.
        shop: Line,
    },
    /// Post several trades as one message, oldest first.
    Digest {
        /// Whose trades they are.
        sharer: UserId,
        /// The trades and what the sharer calls their accounts; fixed before the first attempt.
        trades: Vec<(TradeId, Line)>,
    },
    /// Keep a trade for the digest of the day.
    Gathered {
        /// Whose trade it is.
        sharer: UserId,
        /// The trade.
        trade: TradeId,
        /// What the sharer calls the account it comes from.
        shop: Line,
    },
    /// Keep a purchase back until the sharer has had the time to stop it; then it is shown like any trade.
    Held {
        /// Whose trade it is.
        sharer: UserId,
        /// The trade.
        trade: TradeId,
        /// What the sharer calls the account it comes from.
        shop: Line,
    },
    /// Show the sharer a purchase that is held back, and to whom it will go.
    HeldNotice {
        /// Whose trade it is.
        sharer: UserId,
        /// The trade.
        trade: TradeId,
        /// What the sharer calls the account it comes from.
        shop: Line,
        /// The names of the contacts.
        contacts: Vec<Line>,
        /// For how long it is held, in seconds.
        hold_seconds: u32,
    },
    /// Bring the board in a room up to date.
    Board {
        /// Whose trades it shows.
        sharer: UserId,
        /// What is to be added, with what the sharer calls its account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        add: Option<(TradeId, Line)>,
    },
    /// Say who shares, before the first card.
    Introduction {
        /// Who shares.
        sharer: UserId,
        /// Whether nothing is posted before the contact agrees.
        #[serde(default)]
        asks: bool,
    },
    /// Bring what was posted up to date with what is known now: another price, not available any
    /// more, withdrawn by the sharer.
    Revise {
        /// The posting's event.
        event: EventId,
    },
    /// Show a panel, or edit one.
    Panel {
        /// The panel.
        panel: Panel,
        /// The message that is edited; none: a new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        edits: Option<EventId>,
        /// Where it was asked for, if that was elsewhere: there a link to it is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked_in: Option<AskedIn>,
    },
    /// Say where a panel stands that was asked for in this room.
    Pointer {
        /// The message that asked for it.
        to: EventId,
        /// Who asked.
        reader: UserId,
        /// The panel's room.
        room: RoomId,
        /// The panel.
        event: EventId,
    },
    /// Tell somebody something.
    Notice {
        /// What.
        notice: Notice,
    },
    /// Answer a message.
    Reply {
        /// The message.
        to: EventId,
        /// Who wrote it: the answer mentions her and is in her language.
        reader: UserId,
        /// Whether others may read it too. What may not is sent only where nobody else is.
        openly: bool,
        /// The answer.
        notice: Notice,
    },
    /// Put a reaction on a message.
    React {
        /// The message.
        to: EventId,
        /// The reaction's key.
        key: Reaction,
    },
    /// Take back an event (m.room.redaction).
    Redact {
        /// The event.
        event: EventId,
    },
    /// Take back a popup when its time is over.
    Expire {
        /// The popup.
        event: EventId,
    },
    /// Pin an event (`m.room.pinned_events`).
    Pin {
        /// The event.
        event: EventId,
        /// Whose board it is: she is told once where it is not allowed.
        sharer: UserId,
    },
    /// Take an event off the pinned ones.
    Unpin {
        /// The event.
        event: EventId,
    },
    /// Accept an invitation, or follow a room to its replacement.
    Join,
    /// Decline an invitation or leave.
    Leave {
        /// Why, in one line for the people there.
        notice: Notice,
    },
    /// Name the bot as a service member, so that name and avatar of a direct room stay as they are.
    NameAsService,
}

/// Where a panel was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedIn {
    /// The room.
    pub room: RoomId,
    /// The message.
    pub to: EventId,
}

/// The reactions that mean something, the bot's and people's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reaction {
    /// Done; by a contact who is asked: yes.
    Done,
    /// Refused; the reply says why.
    Refused,
    /// Received, but the room is encrypted and cannot be answered.
    Encrypted,
    /// A row of a panel, 1 to 9.
    Number(u32),
    /// A panel's page before.
    Previous,
    /// A panel's page after.
    Next,
    /// By the sharer on a card: withdraw it; by a contact who is asked: no.
    Withdraw,
    /// By a contact on a card: mute.
    Mute,
}

/// Reactions by their keys, without variation selectors. The first key of each is what the bot sends.
const REACTIONS: [(Reaction, &str); 22] = [
    (Reaction::Done, "✅"),
    (Reaction::Done, "👍"),
    (Reaction::Done, "✔"),
    (Reaction::Refused, "⛔"),
    (Reaction::Encrypted, "🔒"),
    (Reaction::Number(1), "1\u{20E3}"),
    (Reaction::Number(2), "2\u{20E3}"),
    (Reaction::Number(3), "3\u{20E3}"),
    (Reaction::Number(4), "4\u{20E3}"),
    (Reaction::Number(5), "5\u{20E3}"),
    (Reaction::Number(6), "6\u{20E3}"),
    (Reaction::Number(7), "7\u{20E3}"),
    (Reaction::Number(8), "8\u{20E3}"),
    (Reaction::Number(9), "9\u{20E3}"),
    (Reaction::Previous, "◀"),
    (Reaction::Previous, "⬅"),
    (Reaction::Next, "▶"),
    (Reaction::Next, "➡"),
    (Reaction::Withdraw, "❌"),
    (Reaction::Withdraw, "👎"),
    (Reaction::Mute, "🔕"),
    (Reaction::Mute, "🔇"),
];

impl Reaction {
    /// The reaction's key (m.reaction, `m.relates_to.key`), with the variation selectors that clients
    /// put into it, so that a person's own joins it.
    #[must_use]
    pub fn key(self) -> String {
        let plain = REACTIONS.iter().find(|(reaction, _)| *reaction == self).map_or("", |(_, key)| *key);
        match self {
            Self::Number(_) => plain.replace('\u{20E3}', "\u{FE0F}\u{20E3}"),
            Self::Previous | Self::Next => format!("{plain}\u{FE0F}"),
            _ => plain.to_owned(),
        }
    }

    /// What a key means; none where it means nothing here. Skin tones and variation selectors do not count.
    #[must_use]
    pub fn read(key: &str) -> Option<Self> {
        let plain: String = key.chars().filter(|c| !matches!(c, '\u{FE0E}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')).collect();
        REACTIONS.iter().find(|(_, key)| *key == plain).map(|(reaction, _)| *reaction)
    }
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

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The room, also where the target was a person.
    pub room: RoomId,
    /// The event's type.
    pub event_type: String,
    /// The event's content, as JSON.
    pub content: String,
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
    /// Somebody is told in another room where it stands.
    Point {
        /// Where.
        asked_in: AskedIn,
        /// Who.
        reader: UserId,
    },
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
        Self { room: room.clone(), event_type, content: content.to_owned(), shows: Vec::new(), edits: None, then: Vec::new() }
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
            Self::Point { asked_in, reader } => {
                let (to, reader) = (asked_in.to.clone(), reader.clone());
                let what = What::Pointer { to, reader, room: room.clone(), event: event.clone() };
                vec![NewDelivery::in_room(asked_in.room.clone(), what, at)]
            }
        }
    }
}

impl What {
    /// The lane it keeps its order in.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Card { .. } | Self::Digest { .. } | Self::Introduction { .. } => Lane::Cards,
            Self::Notice { .. } | Self::Reply { .. } | Self::HeldNotice { .. } | Self::Panel { .. } | Self::Pointer { .. } => Lane::Talk,
            Self::React { .. }
            | Self::Redact { .. }
            | Self::Pin { .. }
            | Self::Unpin { .. }
            | Self::Join
            | Self::Leave { .. }
            | Self::NameAsService => Lane::Acts,
            Self::Gathered { .. } => Lane::Gathered,
            Self::Board { .. } => Lane::Board,
            Self::Revise { .. } => Lane::Edits,
            Self::Held { .. } | Self::Expire { .. } => Lane::Alone,
        }
    }

    /// Whose trades it shows to a contact, where it shows any.
    #[must_use]
    pub const fn sharer(&self) -> Option<&UserId> {
        match self {
            Self::Card { sharer, .. }
            | Self::Digest { sharer, .. }
            | Self::Gathered { sharer, .. }
            | Self::Held { sharer, .. }
            | Self::Board { sharer, .. }
            | Self::Introduction { sharer, .. } => Some(sharer),
            _ => None,
        }
    }

    /// The one trade that it is about, where there is one, and what the sharer calls its account.
    #[must_use]
    pub const fn trade(&self) -> Option<(&TradeId, &Line)> {
        match self {
            Self::Card { trade, shop, .. }
            | Self::Gathered { trade, shop, .. }
            | Self::Held { trade, shop, .. }
            | Self::HeldNotice { trade, shop, .. }
            | Self::Board { add: Some((trade, shop)), .. } => Some((trade, shop)),
            _ => None,
        }
    }
}

impl NewDelivery {
    /// Something to be done in a room, as soon as it is its turn.
    #[must_use]
    pub const fn in_room(room: RoomId, what: What, now: Timestamp) -> Self {
        Self { target: Target::Room(room), what, not_before_at: now, once: None }
    }

    /// Something that a person is to be told.
    #[must_use]
    pub const fn to_person(person: UserId, notice: Notice, now: Timestamp) -> Self {
        Self { target: Target::Person(person), what: What::Notice { notice }, not_before_at: now, once: None }
    }
}

impl Delivery {
    /// The mark that stands in the clear part of what is sent, so that a delivery finds itself in a
    /// room again: a hash, which says nothing about the trade.
    #[must_use]
    pub fn mark(&self) -> String {
        let target = match &self.target {
            Target::Room(room) => room.as_str(),
            Target::Person(person) => person.as_str(),
        };
        digest(&["mark", target, &self.id.0.to_string(), &self.created_at.as_nanosecond().to_string()])
    }

    /// The transaction id of its send: a hash of sender, room and delivery, since Synapse's
    /// in-memory key has no sender in it.
    #[must_use]
    pub fn transaction_id(&self, sender: &UserId, room: &RoomId) -> String {
        digest(&["send", sender.as_str(), room.as_str(), &self.mark()])
    }
}
