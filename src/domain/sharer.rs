//! A sharer and everything she decided: one value, so that a command is a pure change of it and a
//! commit can tell whether somebody else changed it meanwhile.

use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::UserId;
use crate::domain::room::NotDirect;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A language in which tradepost speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, strum::EnumIter)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    SimplifiedChinese,
}

/// What one person decided about sharing, and the language she reads. Also kept for somebody who
/// shares nothing but chose a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharer {
    /// Who she is.
    pub id: UserId,
    /// Raised by the store at each change, compared at the next (optimistic locking). 0: not stored yet.
    pub version: u64,
    /// Her language; none until she chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether she paused everything.
    #[serde(default)]
    pub paused: bool,
    /// The next short number.
    pub next_number: u32,
    /// The accounts that she added, oldest first.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// The contacts that she confirmed at some time, oldest first.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// Whether she left or declined the room the bot opened for her: then it opens no other.
    #[serde(default)]
    pub wants_no_room: bool,
}

/// A sharer's account at a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// How she names it in commands.
    pub number: Number,
    /// What is polled for it.
    pub source: SourceId,
    /// The platform.
    pub platform: PlatformId,
    /// What she calls it: the title of the feed or shop.
    pub label: Line,
    /// Which kinds of its trades she shares.
    pub kinds: Vec<Kind>,
    /// Whether she paused it.
    #[serde(default)]
    pub paused: bool,
    /// Whether what the next fetch finds is to be taken as known: at first, and after a pause.
    #[serde(default)]
    pub baseline_pending: bool,
    /// When she added it.
    pub added_at: Timestamp,
}

/// Somebody a sharer talks to in a direct room, and what goes there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// How the sharer names it in commands.
    pub number: Number,
    /// Their direct room.
    pub room: RoomId,
    /// The other person.
    pub person: UserId,
    /// Her name when the sharer last confirmed her.
    pub name: Line,
    /// Whether trades go there.
    pub state: ContactState,
    /// What the contact herself decided; the sharer cannot override it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mute: Option<Mute>,
    /// Whether the line that says who shares and how to stop it has been queued.
    #[serde(default)]
    pub introduced: bool,
}

/// Whether trades go to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ContactState {
    /// They do.
    On,
    /// The sharer paused it.
    Paused,
    /// The sharer took it off.
    Off,
    /// It stopped by itself, because the room is not direct any more; `with here` starts it again.
    Stopped {
        /// What is wrong with the room.
        reason: NotDirect,
    },
}

/// A contact's wish to hear nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// When she said so.
    pub since_at: Timestamp,
    /// Until when; none: until she says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_at: Option<Timestamp>,
}

impl Sharer {
    /// Somebody who has decided nothing yet.
    #[must_use]
    pub const fn new(id: UserId) -> Self {
        Self {
            id,
            version: 0,
            language: None,
            paused: false,
            next_number: 1,
            accounts: Vec::new(),
            contacts: Vec::new(),
            wants_no_room: false,
        }
    }

    /// Takes the next short number.
    pub const fn take_number(&mut self) -> Number {
        let number = Number(self.next_number);
        self.next_number += 1;
        number
    }

    /// Her account that follows `source`.
    #[must_use]
    pub fn account_at(&self, source: &SourceId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.source == *source)
    }

    /// Her contact in `room`.
    #[must_use]
    pub fn contact_in(&self, room: &RoomId) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.room == *room)
    }

    /// Her contact in `room`, to be changed.
    pub fn contact_in_mut(&mut self, room: &RoomId) -> Option<&mut Contact> {
        self.contacts.iter_mut().find(|contact| contact.room == *room)
    }

    /// Whether anything of hers wants `source` polled.
    #[must_use]
    pub fn follows(&self, source: &SourceId) -> bool {
        !self.paused && self.account_at(source).is_some_and(|account| !account.paused)
    }

    /// The contacts that `trade` is meant for: the account is neither paused nor still taking its
    /// baseline, shares the kind, and the contact is on and not muted at `now`.
    pub fn meant_for<'a>(&'a self, trade: &Trade, now: Timestamp) -> impl Iterator<Item = &'a Contact> + use<'a> {
        let shares = self.follows(&trade.source)
            && self.account_at(&trade.source).is_some_and(|account| !account.baseline_pending && account.kinds.contains(&trade.kind));
        self.contacts.iter().filter(move |contact| shares && contact.receives(now))
    }
}

impl Contact {
    /// Whether cards may go there at `now`: it is on, and the contact has not muted it.
    #[must_use]
    pub fn receives(&self, now: Timestamp) -> bool {
        self.state == ContactState::On && !self.is_muted(now)
    }

    /// Whether the contact muted it at `now`.
    #[must_use]
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.mute.is_some_and(|mute| mute.until_at.is_none_or(|until| now < until))
    }
}
