//! Invitations, and what the bot does when it comes into a room: looks at who is there, greets, or
//! leaves with a reason.

use super::Inbox;
use super::WorkError;
use super::openly;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::DeclineReason;
use crate::domain::notice::Notice;
use crate::domain::permission::Permission;
use crate::domain::room::Membership;
use crate::domain::room::NotDirect;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::domain::room::Us;
use crate::matrix::client::MatrixError;
use crate::matrix::client::Summary;
use crate::matrix::crypto::Unreadable;
use crate::matrix::events;
use crate::matrix::events::Content;
use crate::matrix::events::Received;
use crate::store::Commit;
use crate::store::PendingEvent;
use jiff::Timestamp;

/// How many people may be in a room before the bot comes in.
const PEOPLE: u64 = 2;

impl Inbox {
    /// The bot has been invited: looks before it joins.
    pub(super) async fn invited(&self, event: &Received, now: Timestamp) -> Result<Commit, WorkError> {
        let known = self.store.room(&event.room).await?;
        let is_blocked = self.commands.actions.permissions.blocks(&event.sender);
        let is_known = !is_blocked && (self.may_share(&event.sender) || self.replaces_wanted(known.as_ref()).await?);
        if !is_known && !self.limiter.allows(&event.sender) {
            tracing::info!(room = %event.room, "somebody who may not share invites the bot too often; it takes no notice");
            return Ok(Commit::default());
        }
        let refusal = match self.refusal(&event.room, is_known).await? {
            _ if is_blocked => Some(DeclineReason::NotPermitted),
            None if !is_known && self.has_management_room(&event.sender).await? => Some(DeclineReason::OneIsEnough),
            refusal => refusal,
        };
        let mut room = known.unwrap_or_else(|| Room::new(event.room.clone(), Membership::Invited, now));
        room.ours = Membership::Invited;
        room.invited_by = Some(event.sender.clone());
        room.entered_at = event.sent_at;
        let what = refusal.map_or(What::Join, |reason| What::Leave { notice: Notice::Declined { reason } });
        let deliveries = vec![NewDelivery::in_room(event.room.clone(), what, now)];
        Ok(Commit { rooms: vec![room], deliveries, ..Commit::default() })
    }

    /// Whether a room replaces one in which somebody shares: it is entered at anybody's word, if it
    /// is fit for it.
    async fn replaces_wanted(&self, room: Option<&Room>) -> Result<bool, WorkError> {
        let Some(Room { id, replaces: Some(old), .. }) = room else { return Ok(false) };
        let names_it = self.store.room(old).await?.is_some_and(|old| old.replaced_by.as_ref() == Some(id));
        Ok(names_it && !self.store.sharers_in(old).await?.is_empty())
    }

    pub(super) fn may_share(&self, user: &UserId) -> bool {
        self.commands.actions.permissions.of(user) == Permission::Share
    }

    /// Whether a room of two is one of people who may not share, with whom the bot talks alone only.
    pub(super) fn is_strangers(&self, room: &Room) -> Option<DeclineReason> {
        let is_pair = matches!(room.role(&self.us), Role::Pair(..));
        let may_share = room.people(&self.us).any(|(user, _)| self.may_share(user));
        (is_pair && !may_share && room.replaces.is_none()).then_some(DeclineReason::NotPermitted)
    }

    async fn has_management_room(&self, user: &UserId) -> Result<bool, WorkError> {
        let rooms = self.store.rooms_of(user).await?;
        let is_hers = |room: &Room| room.ours != Membership::Left && room.people(&self.us).all(|(other, _)| other == user);
        Ok(rooms.iter().any(is_hers))
    }

    /// Why the bot does not come in. Somebody who may not share gets a room of her own with it, where
    /// she can say what others may not post to her; it goes nowhere else at her word.
    async fn refusal(&self, room: &RoomId, is_known: bool) -> Result<Option<DeclineReason>, WorkError> {
        match self.client.summary(room).await {
            Ok(Summary { joined, .. }) if joined > 1 && !is_known => Ok(Some(DeclineReason::NotPermitted)),
            Ok(Summary { open: true, .. }) => Ok(Some(DeclineReason::Public)),
            Ok(Summary { special: true, .. }) => Ok(Some(DeclineReason::Special)),
            Ok(Summary { encrypted: true, .. }) if !self.keys.crypto.is_allowed() => Ok(Some(DeclineReason::Encrypted)),
            Ok(Summary { joined, .. }) if joined > PEOPLE => Ok(Some(DeclineReason::TooManyPeople)),
            Ok(_) => Ok(None),
            Err(MatrixError::Refused { .. }) => Ok(Some(DeclineReason::Unseen)),
            Err(error) => Err(error.into()),
        }
    }

    /// The bot is in a room: reads its state, once, and decides whether it belongs there.
    pub(super) async fn entered(&self, id: &RoomId, now: Timestamp) -> Result<Commit, WorkError> {
        let before = self.store.room(id).await?;
        let mut room = self.read_room(id, before.as_ref(), now).await?;
        if room.ours != Membership::Joined {
            return Ok(Commit::default());
        }
        if let Some(commit) = self.follow_upgrade(&room, now).await? {
            return Ok(commit);
        }
        if room.invited_by.is_none() && room.opened_for.is_none() {
            room.opened_for = only_invited(&room, &self.us);
        }
        let is_new = before.is_none_or(|before| before.ours != Membership::Joined);
        let mut commit = Commit::default();
        // A room that the bot has just opened has nobody else in it for a moment.
        let is_opening = room.invited_by.is_none();
        let reason = reason_to_leave(&room, &self.us).or_else(|| self.is_strangers(&room));
        if let Some(reason) = reason.filter(|reason| !is_opening || *reason != DeclineReason::Alone) {
            commit.deliveries.push(leave(id, reason, now));
        } else if is_new {
            commit.deliveries = self.greeting(&room, now);
            commit.events = self.look_back(&room, now).await;
        }
        for user in room.people(&self.us).map(|(user, _)| user.clone()).collect::<Vec<_>>() {
            self.comes_or_goes(&user, &room, &mut commit, now).await?;
        }
        commit.woken.push(Target::Room(id.clone()));
        commit.rooms.push(room);
        Ok(commit)
    }

    /// First words, or, since an encrypted room gets none, the way out.
    fn greeting(&self, room: &Room, now: Timestamp) -> Vec<NewDelivery> {
        let us = &self.us;
        match room.role(us) {
            Role::Management(_) | Role::Pair(..) if room.encrypted && !self.keys.crypto.is_allowed() => {
                vec![leave(&room.id, DeclineReason::Encrypted, now)]
            }
            Role::Management(owner) => {
                let notice = if self.may_share(&owner) { Notice::Greeting } else { Notice::GuestGreeting };
                vec![openly(&room.id, notice, now)]
            }
            Role::Pair(one, other) => {
                let inviter = room.invited_by.clone().unwrap_or(one);
                let inviter: &UserId = if inviter == other { &other } else { &inviter };
                let hello = openly(&room.id, Notice::HelperGreeting { sharer: room.name_of(inviter).to_string() }, now);
                let is_named = room.functional.contains(&us.bot);
                let name = (!is_named).then(|| NewDelivery::in_room(room.id.clone(), What::NameAsService, now));
                name.into_iter().chain([hello]).collect()
            }
            Role::Other => Vec::new(),
        }
    }

    async fn read_room(&self, id: &RoomId, before: Option<&Room>, now: Timestamp) -> Result<Room, WorkError> {
        let state = self.client.state(id).await?;
        Ok(events::room_of_state(id, &state, before, &self.us, now))
    }

    /// Clients create a direct room with its first message, and nothing is pushed before we joined:
    /// the inviter's newest command since our invitation, if there is one. Nothing else is read.
    async fn look_back(&self, room: &Room, now: Timestamp) -> Vec<PendingEvent> {
        let Some(inviter) = &room.invited_by else { return Vec::new() };
        let messages = self.client.messages_of(&room.id, inviter).await.unwrap_or_else(|error| {
            tracing::warn!(room = %room.id, %error, "what was said before the bot joined could not be read");
            Vec::new()
        });
        for json in messages {
            let Some(event) = events::read(&json, Some(&room.id)).filter(|event| event.sent_at >= room.entered_at) else { continue };
            if self.may_be_command(&event, &json, room).await {
                return self.pending(&event, &json, now).map_or_else(
                    |error| {
                        tracing::error!(%error, "what was said before the bot joined could not be kept");
                        Vec::new()
                    },
                    |pending| vec![pending],
                );
            }
        }
        Vec::new()
    }

    /// Whether a message is for us, or could be: one whose key is on its way.
    async fn may_be_command(&self, event: &Received, json: &str, room: &Room) -> bool {
        let is_management = matches!(room.role(&self.us), Role::Management(_));
        match (&event.content, self.keys.crypto.bot()) {
            (Content::Text { body }, _) => is_management || self.behind_prefix(body).is_some(),
            (Content::Encrypted, Some(machine)) => match machine.decrypt(json, &room.id).await {
                Ok(decrypted) => match events::read(&decrypted.json, Some(&room.id)).map(|inner| inner.content) {
                    Some(Content::Text { body }) => is_management || self.behind_prefix(&body).is_some(),
                    _ => false,
                },
                Err(unreadable) => matches!(unreadable, Unreadable::NotYet { .. }),
            },
            (Content::Encrypted, None) => self.keys.crypto.is_allowed(),
            _ => false,
        }
    }
}

/// The one person of a room that the bot opened, while she has not answered its invitation. The
/// answer to the opening may have been lost.
fn only_invited(room: &Room, us: &Us) -> Option<UserId> {
    let mut people = room.people(us);
    let (user, member) = people.next()?;
    (people.next().is_none() && member.membership == Membership::Invited).then(|| user.clone())
}

/// Why the bot does not belong in a room it is in.
pub(super) fn reason_to_leave(room: &Room, us: &Us) -> Option<DeclineReason> {
    match room.flaw() {
        // We are out already, or stay until the replacement is there.
        Some(NotDirect::BotNotJoined | NotDirect::Replaced) => return None,
        Some(NotDirect::Public | NotDirect::WorldReadable) => return Some(DeclineReason::Public),
        Some(NotDirect::Special) => return Some(DeclineReason::Special),
        _ => {}
    }
    match (room.role(us), room.people(us).count()) {
        (Role::Management(_) | Role::Pair(..), _) => None,
        (Role::Other, 0 | 1) => Some(DeclineReason::Alone),
        (Role::Other, _) => Some(DeclineReason::TooManyPeople),
    }
}

pub(super) fn leave(room: &RoomId, reason: DeclineReason, now: Timestamp) -> NewDelivery {
    NewDelivery::in_room(room.clone(), What::Leave { notice: Notice::Declined { reason } }, now)
}
