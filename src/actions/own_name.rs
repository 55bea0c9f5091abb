//! Sharing in one's own name: agreeing to it, withdrawing, for whom it holds, and verifying devices. What
//! is done as her is queued, and the outbox does it.

use super::Actions;
use super::Result;
use super::looked_at_again;
use super::rooms_of;
use super::settings::emptied_status_line;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::own_name::DeviceState;
use crate::domain::own_name::Identity;
use crate::domain::own_name::OwnName;
use crate::domain::permission::LocalUsers;
use crate::domain::question::Ask;
use crate::domain::question::Question;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Sharer;
use crate::store::Commit;
use jiff::Timestamp;

/// Who may share in their own name.
#[derive(Clone, Default)]
pub struct OwnNameRules {
    /// Whether the operator set it up.
    pub is_set_up: bool,
    /// Whom the operator allows it.
    pub allow: LocalUsers,
}

impl Actions {
    async fn require_own_name(&self, user: &UserId) -> Result<()> {
        self.require_permission(user).await?;
        if !self.own_name.is_set_up {
            return Err(Notice::OwnNameNotSetUp.into());
        }
        if !self.own_name.allow.allows(user) {
            return Err(Notice::OwnNameNotAllowed.into());
        }
        Ok(())
    }

    /// Asks whether tradepost may act as `user`. If she has agreed before, she gets a device where hers
    /// was removed.
    pub async fn share_as_self(&self, user: &UserId, now: Timestamp) -> Result<(Commit, Notice)> {
        self.require_own_name(user).await?;
        let mut sharer = self.sharer(user).await?;
        let Some(own_name) = &mut sharer.own_name else {
            sharer.question = Some(Question { asked_at: now, ask: Ask::OwnName });
            return Ok((Commit { sharers: vec![sharer], ..Commit::default() }, Notice::OwnNameAsked));
        };
        if own_name.device.take_if(|device| device.state == DeviceState::Gone).is_none() {
            return Ok((Commit::default(), Notice::OwnNameOn));
        }
        own_name.told_unverified = false;
        let deliveries = vec![device_step(user, DeviceStep::Make, now)];
        Ok((Commit { sharers: vec![sharer], deliveries, ..Commit::default() }, Notice::OwnNameOn))
    }

    /// Records that she agreed; a device is made for her, and her direct rooms become known.
    pub(super) async fn agree_to_own_name(&self, mut sharer: Sharer, now: Timestamp) -> Result<(Commit, Notice)> {
        self.require_own_name(&sharer.id).await?;
        let user = sharer.id.clone();
        sharer.own_name.get_or_insert(OwnName { agreed_at: now, device: None, told_unverified: false });
        let rooms = rooms_of(&sharer);
        let mut commit = looked_at_again(sharer, rooms);
        commit.deliveries.push(device_step(&user, DeviceStep::Make, now));
        commit.deliveries.push(to_herself(&user, What::ReadDirectRooms { sharer: user.clone() }, now));
        Ok((commit, Notice::OwnNameOn))
    }

    /// Withdraws it: nothing more is done as her, and her device at tradepost is deleted.
    pub async fn share_as_bot(&self, user: &UserId, now: Timestamp) -> Result<(Commit, Notice)> {
        let mut sharer = self.sharer(user).await?;
        let was_asked = sharer.question.take_if(|question| question.ask == Ask::OwnName).is_some();
        let Some(own_name) = sharer.own_name.take() else {
            let sharers = if was_asked { vec![sharer] } else { Vec::new() };
            return Ok((Commit { sharers, ..Commit::default() }, Notice::LeftAsItIs));
        };
        sharer.contacts.iter_mut().for_each(|contact| contact.identity = None);
        let status_line = emptied_status_line(&mut sharer, now);
        let rooms = rooms_of(&sharer);
        let mut commit = looked_at_again(sharer, rooms);
        commit.deliveries.extend(status_line);
        commit.deliveries.extend(own_name.device.map(|device| device_step(user, DeviceStep::Remove { device: device.id }, now)));
        Ok((commit, Notice::OwnNameOff))
    }

    /// Chooses in whose name is shared with the contact in `room`. Who has not agreed yet is asked first.
    pub async fn set_identity(&self, user: &UserId, room: &RoomId, identity: Identity, now: Timestamp) -> Result<(Commit, Notice)> {
        let (mut sharer, _) = self.with_rooms(user).await?;
        match (identity, &sharer.own_name) {
            (Identity::Sharer, None) => return self.share_as_self(user, now).await,
            (Identity::Bot, None) => return Ok((Commit::default(), Notice::LeftAsItIs)),
            (Identity::Sharer, Some(_)) => self.require_own_name(user).await?,
            (Identity::Bot, Some(_)) => {}
        }
        let contact = sharer.contact_in_mut(room).ok_or(Notice::NobodySharesHere)?;
        contact.identity = Some(identity);
        let contact = contact.clone();
        let mut commit = looked_at_again(sharer.clone(), vec![Target::Room(room.clone())]);
        if let Some(room) = self.store().room(room).await? {
            commit.deliveries.extend(bot_invited(&sharer, &contact, &room, now));
        }
        let own = identity == Identity::Sharer;
        Ok((commit, Notice::IdentityChanged { number: contact.number, person: contact.name.to_string(), own }))
    }

    /// Begins to share with `person` as her: the outbox finds their direct room, or opens one.
    pub async fn approach(&self, user: &UserId, person: &UserId, now: Timestamp) -> Result<(Commit, Notice)> {
        self.require_own_name(user).await?;
        if self.permissions.blocks(person) {
            return Err(Notice::ContactBlocked.into());
        }
        let sharer = self.sharer(user).await?;
        let known = sharer.contacts.iter().find(|contact| contact.person == *person);
        let name = known.map_or_else(|| person.to_string(), |contact| contact.name.to_string());
        let is_nobody = person == user || self.us.is_ours(person);
        if is_nobody || person.localpart().is_empty() || person.server().is_empty() {
            return Err(Notice::UnknownContact { typed: name }.into());
        }
        let approach = What::Approach { sharer: user.clone(), person: person.clone() };
        let commit = Commit { deliveries: vec![to_herself(user, approach, now)], ..Commit::default() };
        Ok((commit, Notice::Approaching { person: name }))
    }

    /// Begins a verification by emoji: of the bot, or of her device at tradepost; unless one is named, of
    /// hers where it is not verified yet. Answers what is said where none can begin.
    pub async fn verify(&self, user: &UserId, whose: Option<Identity>, now: Timestamp) -> Result<(Commit, Option<Notice>)> {
        let sharer = self.sharer(user).await?;
        let state = sharer.own_device().map(|device| device.state);
        let step = match (whose, state) {
            (None | Some(Identity::Sharer), Some(DeviceState::Plain | DeviceState::Unverified)) => DeviceStep::AskVerification,
            (None | Some(Identity::Bot), _) => DeviceStep::AskBotVerification,
            (Some(Identity::Sharer), Some(DeviceState::Verified)) => {
                return Ok((Commit::default(), Some(Notice::Verified { own_device: true })));
            }
            (Some(Identity::Sharer), Some(DeviceState::Gone) | None) => {
                let (commit, notice) = self.share_as_self(user, now).await?;
                return Ok((commit, Some(notice)));
            }
        };
        Ok((Commit { deliveries: vec![device_step(user, step, now)], ..Commit::default() }, None))
    }

    /// Whether she is asked to compare emoji, which were shown to her at `shown_at`.
    pub async fn compares_emoji(&self, user: &UserId, shown_at: Timestamp, now: Timestamp) -> Result<bool> {
        let question = self.sharer(user).await?.question.filter(|question| question.is_open(now));
        Ok(question.is_some_and(|question| question.asked_at <= shown_at && matches!(question.ask, Ask::SameEmoji { .. })))
    }
}

/// Whether sharing with `contact` begins as her, since the bot is not in `room`.
pub(super) fn is_begun_as_self(sharer: &Sharer, contact: &Contact, room: &Room) -> bool {
    room.ours != Membership::Joined && sharer.identity_for(contact) == Identity::Sharer
}

/// What invites the bot by her hand, where it is to share and is not there.
pub(super) fn bot_invited(sharer: &Sharer, contact: &Contact, room: &Room, now: Timestamp) -> Option<NewDelivery> {
    let is_missing = room.ours == Membership::Left && sharer.own_name.is_some() && sharer.identity_for(contact) == Identity::Bot;
    is_missing.then(|| NewDelivery::in_room(room.id.clone(), What::InviteBot { sharer: sharer.id.clone() }, now))
}

pub(super) fn device_step(user: &UserId, step: DeviceStep, now: Timestamp) -> NewDelivery {
    to_herself(user, What::OwnDevice { step }, now)
}

fn to_herself(user: &UserId, what: What, now: Timestamp) -> NewDelivery {
    NewDelivery { target: Target::Person(user.clone()), what, not_before_at: now, once: None }
}
