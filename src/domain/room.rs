//! Rooms as tradepost knows them, and the one rule of what counts as a direct room.

use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::text::Line;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// A room in which the bot is or was, fed by the events the homeserver pushes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, as its state event says it")]
pub struct Room {
    /// Its id.
    pub id: RoomId,
    /// Raised by the store at each change, compared at the next (optimistic locking). 0: not stored yet.
    pub version: u64,
    /// The bot's own membership.
    pub ours: Membership,
    /// Who is joined or invited, us included.
    pub members: BTreeMap<UserId, Member>,
    /// Whether anybody else than the present people ever was in it: such a room is never taken for
    /// a management room, since its history may be read by those who come back.
    #[serde(default)]
    pub had_others: bool,
    /// Who invited the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<UserId>,
    /// For whom the bot opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_for: Option<UserId>,
    /// Whether messages in it are encrypted; never goes back to false.
    #[serde(default)]
    pub encrypted: bool,
    /// After how much its keys are changed (`m.room.encryption`).
    #[serde(default, skip_serializing_if = "Rotation::is_default")]
    pub rotation: Rotation,
    /// The sharer through whose own account it is heard, where she agreed to that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_by: Option<UserId>,
    /// Whether anybody may join it.
    #[serde(default)]
    pub public: bool,
    /// Whether anybody may read it without joining.
    #[serde(default)]
    pub world_readable: bool,
    /// Whether it is a space or of another special type.
    #[serde(default)]
    pub special: bool,
    /// The room that replaced it, once it has been upgraded (m.room.tombstone).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<RoomId>,
    /// The room that it says it replaces (m.room.create).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<RoomId>,
    /// Who is named as a service member (`io.element.functional_members`).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub functional: BTreeSet<UserId>,
    /// When the bot came in, or was invited.
    pub entered_at: Timestamp,
    /// When somebody last said something to us.
    pub active_at: Timestamp,
    /// Since when the homeserver refuses what we send there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_since_at: Option<Timestamp>,
    /// Whether the sharer has been told that it is encrypted and deliveries wait.
    #[serde(default)]
    pub told_encrypted: bool,
    /// Whether it has been told that what is said in it cannot be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_unreadable: bool,
}

/// When the key of an encrypted room is changed at the latest (specification: `m.room.encryption`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// After so many milliseconds; none: a week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_ms: Option<u64>,
    /// After so many messages; none: a hundred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<u64>,
}

impl Rotation {
    const fn is_default(&self) -> bool {
        self.period_ms.is_none() && self.messages.is_none()
    }
}

/// A user's membership, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Membership {
    /// Invited, not yet joined.
    Invited,
    /// In the room.
    Joined,
    /// Left, removed or banned.
    Left,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Joined or invited.
    pub membership: Membership,
    /// The name shown in the room; none where none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Line>,
}

/// Which users are ours and which other services the operator trusts to sit in direct rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Us {
    /// The bot.
    pub bot: UserId,
    /// Our homeserver's name; only users of it can be ours.
    pub domain: String,
    /// Users whom the operator lets sit in direct rooms, where the room names them as functional too.
    pub functional: BTreeSet<UserId>,
}

/// What a room is to us, by the people in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// One person and the bot: her commands need no prefix here.
    Management(UserId),
    /// Two people and the bot: perhaps a direct room.
    Pair(UserId, UserId),
    /// Neither.
    Other,
}

/// Why a room is not the direct room of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum NotDirect {
    /// The bot is not in it.
    BotNotJoined,
    /// Anybody may join.
    Public,
    /// Anybody may read it.
    WorldReadable,
    /// It is a space.
    Special,
    /// It has been replaced by another room.
    Replaced,
    /// Somebody else is in it or invited.
    OthersPresent,
    /// The sharer is not in it.
    SharerGone,
    /// The contact is not in it.
    ContactGone,
}

/// Whether a room is the direct room of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Direct,
    /// It will be, once the contact has accepted her invitation.
    ContactInvited,
    /// It is not.
    Not(NotDirect),
}

impl Us {
    /// Whether `user` is the bot or another user of our exclusive namespace, `@BOT(_.*)?:DOMAIN`.
    #[must_use]
    pub fn is_ours(&self, user: &UserId) -> bool {
        let rest = user.localpart().strip_prefix(self.bot.localpart());
        user.server() == self.domain && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    }
}

impl Room {
    /// A room of which nothing is known yet.
    #[must_use]
    pub const fn new(id: RoomId, ours: Membership, now: Timestamp) -> Self {
        Self {
            id,
            version: 0,
            ours,
            members: BTreeMap::new(),
            had_others: false,
            invited_by: None,
            opened_for: None,
            encrypted: false,
            rotation: Rotation { period_ms: None, messages: None },
            heard_by: None,
            public: false,
            world_readable: false,
            special: false,
            replaced_by: None,
            replaces: None,
            functional: BTreeSet::new(),
            entered_at: now,
            active_at: now,
            broken_since_at: None,
            told_encrypted: false,
            told_unreadable: false,
        }
    }

    /// The people in it or invited: everybody but us and the services that both the room and the operator name.
    pub fn people<'a>(&'a self, us: &'a Us) -> impl Iterator<Item = (&'a UserId, &'a Member)> {
        let service = |user: &UserId| us.is_ours(user) || (self.functional.contains(user) && us.functional.contains(user));
        self.members.iter().filter(move |(user, _)| !service(user))
    }

    /// Whether strangers can come in or read along, or it is no room for talking, or no room any more.
    #[must_use]
    pub const fn flaw(&self) -> Option<NotDirect> {
        match self {
            Self { ours: Membership::Invited | Membership::Left, heard_by: None, .. } => Some(NotDirect::BotNotJoined),
            Self { replaced_by: Some(_), .. } => Some(NotDirect::Replaced),
            Self { public: true, .. } => Some(NotDirect::Public),
            Self { world_readable: true, .. } => Some(NotDirect::WorldReadable),
            Self { special: true, .. } => Some(NotDirect::Special),
            _ => None,
        }
    }

    /// What the room is to us. A management room is one where nobody but its owner is or ever was.
    #[must_use]
    pub fn role(&self, us: &Us) -> Role {
        let mut people = self.people(us);
        match (self.flaw(), people.next(), people.next(), people.next()) {
            (None, Some((owner, _)), None, None) if !self.had_others && self.ours == Membership::Joined => Role::Management(owner.clone()),
            (None, Some((one, _)), Some((other, _)), None) => Role::Pair(one.clone(), other.clone()),
            _ => Role::Other,
        }
    }

    /// Whether this is the direct room of `sharer` and `contact`, given that the sharer confirmed it
    /// once, by typing `with here` in it or by naming the contact (a contact's row that is on is that
    /// confirmation): private, neither a space nor replaced, the people in it or invited exactly these
    /// two — the set itself, not a count — and both joined.
    #[must_use]
    pub fn verdict(&self, us: &Us, sharer: &UserId, contact: &UserId) -> Verdict {
        if let Some(flaw) = self.flaw() {
            return Verdict::Not(flaw);
        }
        if self.people(us).any(|(user, _)| user != sharer && user != contact) {
            return Verdict::Not(NotDirect::OthersPresent);
        }
        let membership = |user| self.members.get(user).map(|member| member.membership);
        match (membership(sharer), membership(contact)) {
            (Some(Membership::Joined), Some(Membership::Joined)) if sharer != contact => Verdict::Direct,
            (Some(Membership::Joined), Some(Membership::Invited)) => Verdict::ContactInvited,
            (Some(Membership::Joined), _) => Verdict::Not(NotDirect::ContactGone),
            _ => Verdict::Not(NotDirect::SharerGone),
        }
    }

    /// What `user` is called here: the name set in the room, else the local part of the id.
    #[must_use]
    pub fn name_of(&self, user: &UserId) -> Line {
        let named = self.members.get(user).and_then(|member| member.name.clone()).filter(|name| !name.is_empty());
        named.unwrap_or_else(|| Line::new(user.localpart(), 80))
    }

    /// Records a membership.
    pub fn set_member(&mut self, user: UserId, membership: Membership, name: Option<Line>, us: &Us) {
        if user == us.bot {
            self.ours = membership;
        }
        if membership == Membership::Left {
            self.members.remove(&user);
            self.had_others |= !us.is_ours(&user);
        } else {
            self.members.insert(user, Member { membership, name });
            self.had_others |= self.people(us).count() > 1;
        }
    }
}
