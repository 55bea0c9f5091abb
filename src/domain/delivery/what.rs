//! What there is to be done, and in which lane it keeps its order.

use crate::domain::delivery::Reaction;
use crate::domain::ids::EventId;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::panel::Panel;
use crate::domain::text::Line;
use serde::Deserialize;
use serde::Serialize;

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
    /// Give somebody a file of what is stored of her.
    File {
        /// The message that asked for it.
        to: EventId,
        /// Who asked: it goes only where nobody else is.
        reader: UserId,
        /// What it is called.
        name: String,
        /// What is in it; nothing once it stands there.
        content: String,
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
    /// Take away a message in which somebody typed a secret. Where the bot may not, she is told once.
    TakeAway {
        /// The message.
        event: EventId,
        /// Who typed it, where she is to be told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
        /// The account that it is the secret of, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<Number>,
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
    /// Say a step of an emoji verification in the room (specification: `m.key.verification.*`).
    Verification {
        /// The event's type.
        event_type: String,
        /// Its content, as JSON.
        content: String,
    },
    /// Do something with the device that the sharer has at tradepost.
    OwnDevice {
        /// What.
        step: DeviceStep,
    },
    /// Learn with whom she has direct rooms (`m.direct`), as her.
    ReadDirectRooms {
        /// The sharer.
        sharer: UserId,
    },
    /// As her, find her direct room with somebody, or open one, and begin to share there.
    Approach {
        /// The sharer.
        sharer: UserId,
        /// The other person.
        person: UserId,
    },
    /// Invite the bot by the sharer's hand.
    InviteBot {
        /// The sharer.
        sharer: UserId,
    },
    /// Set the line beside the sharer's name to her newest trade, or to nothing (output `status`).
    StatusLine {
        /// The sharer.
        sharer: UserId,
        /// The trade; none: nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trade: Option<TradeId>,
    },
    /// Name the bot as a service member, so that name and avatar of a direct room stay as they are.
    NameAsService,
}

/// What is done with the device that a sharer has at tradepost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum DeviceStep {
    /// It is made.
    Make,
    /// It gets keys, and asks her other devices to verify it.
    AskVerification,
    /// She is asked to verify the bot.
    AskBotVerification,
    /// She says that the emoji are the same, of her device or of the bot.
    Confirm {
        /// The verification's id: its transaction, or its first event.
        flow: String,
    },
    /// She says that they are not, or ends it.
    Cancel {
        /// The verification's id.
        flow: String,
    },
    /// It is deleted, with its keys.
    Remove {
        /// Its id.
        device: String,
    },
}

/// Where a panel was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedIn {
    /// The room.
    pub room: RoomId,
    /// The message.
    pub to: EventId,
}

impl What {
    /// The lane it keeps its order in.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Card { .. } | Self::Digest { .. } | Self::Introduction { .. } => Lane::Cards,
            Self::Notice { .. }
            | Self::Reply { .. }
            | Self::HeldNotice { .. }
            | Self::Panel { .. }
            | Self::Pointer { .. }
            | Self::File { .. }
            | Self::Verification { .. } => Lane::Talk,
            Self::React { .. }
            | Self::Redact { .. }
            | Self::TakeAway { .. }
            | Self::Pin { .. }
            | Self::Unpin { .. }
            | Self::Join
            | Self::Leave { .. }
            | Self::InviteBot { .. }
            | Self::NameAsService => Lane::Acts,
            Self::Gathered { .. } => Lane::Gathered,
            Self::Board { .. } => Lane::Board,
            Self::Revise { .. } => Lane::Edits,
            Self::Held { .. }
            | Self::Expire { .. }
            | Self::OwnDevice { .. }
            | Self::ReadDirectRooms { .. }
            | Self::Approach { .. }
            | Self::StatusLine { .. } => Lane::Alone,
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
