//! What a sharer is asked before something is done that she may not mean, and what she answers with.

use crate::domain::ids::EventId;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::RoomId;
use crate::domain::trade::Kind;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;

/// How long an answer is waited for.
const WAITS: SignedDuration = SignedDuration::from_hours(1);

/// A question to a sharer, which `yes`, `no` or `cancel` answers. The next question takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What was asked.
    pub ask: Ask,
}

/// What a sharer is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Ask {
    /// Whether her own sales or purchases are really to be shown.
    ShowOrders {
        /// The account or contact.
        number: Number,
        /// All kinds that it is to have then.
        kinds: BTreeSet<Kind>,
    },
    /// Whether what was posted in a room is to be withdrawn too.
    WithdrawPosted {
        /// The room.
        room: RoomId,
    },
    /// Whether tradepost may act as her.
    OwnName,
    /// Whether everything that is stored of her is to be erased.
    Forget,
    /// Whether what was posted for her is to be withdrawn too, before she is forgotten.
    ForgetPosted,
    /// Whether her client shows the same emoji.
    SameEmoji {
        /// The verification.
        flow: String,
        /// Whether it is about her own device at tradepost; else about the bot.
        own_device: bool,
    },
    /// Which account at a platform; the next line she types there is its name.
    AccountAt {
        /// The platform.
        platform: PlatformId,
        /// The room in which she was asked.
        room: RoomId,
        /// The panel on which she ticked it.
        panel: EventId,
    },
}

impl Question {
    /// Whether it may still be answered at `now`.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked_at) < WAITS
    }
}
