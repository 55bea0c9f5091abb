//! Sharing in one's own name: what a sharer agreed to, the device that was made for it, and in whose
//! name something goes to a contact.

use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Sharer;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;

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

/// A room that was opened in a sharer's name. It is remembered for as long as she is, so that nobody is
/// invited again who declined it or left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedRoom {
    /// With whom.
    pub person: UserId,
    /// When.
    pub at: Timestamp,
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

    /// Her device at tradepost, where one is there to speak and hear with.
    #[must_use]
    pub fn own_device(&self) -> Option<&OwnDevice> {
        let device = self.own_name.as_ref().and_then(|own_name| own_name.device.as_ref());
        device.filter(|device| device.state != DeviceState::Gone)
    }

    /// Records that her device of this id was removed; whether that is news.
    pub fn lose_device(&mut self, id: &str) -> bool {
        let device = self.own_name.as_mut().and_then(|own_name| own_name.device.as_mut());
        match device.filter(|device| device.id == id && device.state != DeviceState::Gone) {
            Some(device) => {
                device.state = DeviceState::Gone;
                true
            }
            None => false,
        }
    }

    /// Whether she is to hear through her own account what is said in `room`: she shares there, and the
    /// bot does not hear it. Where she has chosen the bot, that is until it comes; what is encrypted
    /// cannot be read then.
    #[must_use]
    pub fn hears(&self, room: &Room) -> bool {
        let is_hers =
            |contact: &Contact| self.shares_as_herself(contact) || (!contact.is_off() && !room.encrypted && room.heard_by.is_some());
        room.ours != Membership::Joined && self.own_device().is_some() && self.contact_in(&room.id).is_some_and(is_hers)
    }

    fn shares_as_herself(&self, contact: &Contact) -> bool {
        !contact.is_off() && self.identity_for(contact) == Identity::Sharer
    }

    /// The rooms in which she shares in her own name.
    #[must_use]
    pub fn rooms_as_herself(&self) -> BTreeSet<RoomId> {
        self.contacts.iter().filter(|contact| self.shares_as_herself(contact)).map(|contact| contact.room.clone()).collect()
    }

    /// How many rooms were opened in her name since `since`.
    #[must_use]
    pub fn opened_since(&self, since: Timestamp) -> usize {
        self.opened.iter().filter(|opened| opened.at > since).count()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Number;
    use crate::domain::sharer::ContactState;
    use crate::domain::text::Line;

    fn joy(identity: Option<Identity>) -> Sharer {
        let mut contact =
            Contact::new(Number(1), RoomId::new("!room:example.org"), UserId::new("@mary:example.org"), Line::new("Mary", 80));
        contact.state = ContactState::On;
        contact.identity = identity;
        let device = Some(OwnDevice { id: "TRADEPOSTA".to_owned(), state: DeviceState::Plain });
        let own_name = Some(OwnName { agreed_at: Timestamp::UNIX_EPOCH, device, told_unverified: false });
        Sharer { contacts: vec![contact], own_name, ..Sharer::new(UserId::new("@joy:example.org")) }
    }

    fn room(ours: Membership) -> Room {
        let heard_by = Some(UserId::new("@joy:example.org"));
        Room { heard_by, ..Room::new(RoomId::new("!room:example.org"), ours, Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn a_contact_is_heard_until_the_bot_has_come() {
        for identity in [None, Some(Identity::Sharer), Some(Identity::Bot)] {
            let joy = joy(identity);
            assert!(joy.hears(&room(Membership::Left)), "{identity:?}");
            assert!(joy.hears(&room(Membership::Invited)), "{identity:?}");
            assert!(!joy.hears(&room(Membership::Joined)), "{identity:?}");
        }
        // What nobody heard in her name before is not begun for the bot.
        assert!(!joy(Some(Identity::Bot)).hears(&Room { heard_by: None, ..room(Membership::Left) }));
        assert!(!joy(Some(Identity::Bot)).hears(&Room { encrypted: true, ..room(Membership::Left) }));
    }

    #[test]
    fn nobody_is_heard_through_whoever_withdrew_or_has_no_device() {
        let withdrawn = Sharer { own_name: None, ..joy(None) };
        assert!(!withdrawn.hears(&room(Membership::Left)));
        let mut lost = joy(None);
        assert!(lost.lose_device("TRADEPOSTA"));
        assert!(!lost.lose_device("TRADEPOSTA"), "it is news only once");
        assert!(!lost.hears(&room(Membership::Left)));
    }
}
