//! Sharing in one's own name: what a sharer agreed to, the device that was made for it, and in whose
//! name something goes to a contact.

use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Sharer;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// What the id of every device begins with that tradepost makes for a sharer.
pub const DEVICE_PREFIX: &str = "TRADEPOST";

/// In whose name something is said to a contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// The bot's.
    #[default]
    Bot,
    /// The sharer's own.
    Sharer,
}

/// A sharer's agreement that tradepost acts as her. Nothing is ever asked of the homeserver in her
/// name without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnName {
    /// When she agreed.
    pub agreed_at: Timestamp,
    /// The device made for it, which makes a repeated send the same event; none before it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<OwnDevice>,
    /// Whether she has been told that it sends unverified.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_unverified: bool,
}

/// A device of the sharer's at tradepost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnDevice {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub state: DeviceState,
}

/// How a sharer's device at tradepost stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceState {
    /// It is there, without keys: enough for rooms that are not encrypted.
    Plain,
    /// It has keys, and she has not verified it yet.
    Unverified,
    /// She has verified it.
    Verified,
    /// Somebody removed it: nothing is sent in her name until she says so again.
    Gone,
}

/// What is done in an encrypted room before the sharer has verified her device at tradepost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unverified {
    /// The bot sends; it is invited by the sharer's hand where it is not there.
    #[default]
    Bot,
    /// Her device sends all the same, and she is told once what her contacts see.
    Send,
}

/// Who sends something to a contact, and whether that is possible now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The bot.
    Bot,
    /// The sharer.
    Sharer,
    /// Nobody for now: the bot is not in the room, or the sharer's device is gone or not ready.
    Nobody,
}

impl Sharer {
    /// In whose name she wants to share with `contact`.
    #[must_use]
    pub fn identity_for(&self, contact: &Contact) -> Identity {
        match self.own_name {
            None => Identity::Bot,
            Some(_) => contact.identity.unwrap_or(Identity::Sharer),
        }
    }

    /// Who sends to `contact` in `room` now.
    #[must_use]
    pub fn voice_for(&self, contact: &Contact, room: &Room, unverified: Unverified) -> Voice {
        let bot = if room.ours == Membership::Joined { Voice::Bot } else { Voice::Nobody };
        if self.identity_for(contact) == Identity::Bot {
            return bot;
        }
        let device = self.own_name.as_ref().and_then(|own_name| own_name.device.as_ref());
        match (device.map(|device| device.state), room.encrypted, unverified) {
            (Some(DeviceState::Verified), _, _)
            | (Some(DeviceState::Plain | DeviceState::Unverified), false, _)
            | (Some(DeviceState::Unverified), true, Unverified::Send) => Voice::Sharer,
            (Some(DeviceState::Plain | DeviceState::Unverified), true, Unverified::Bot) => bot,
            (None | Some(DeviceState::Gone | DeviceState::Plain), _, _) => Voice::Nobody,
        }
    }
}
