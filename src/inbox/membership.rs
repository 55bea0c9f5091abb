//! People come and go, rooms change or are replaced: what that means for those who share there.

use super::Inbox;
use super::WorkError;
use super::invitation::leave;
use super::invitation::reason_to_leave;
use super::privately;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Membership;
use crate::domain::room::NotDirect;
use crate::domain::room::Role;
use crate::domain::room::Room;
use crate::domain::room::Verdict;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Sharer;
use crate::matrix::events;
use crate::matrix::events::Content;
use crate::matrix::events::Received;
use crate::store::Commit;
use jiff::Timestamp;

impl Inbox {
    /// The bot left, was removed, or its invitation was taken back.
    pub(super) async fn gone(&self, event: &Received, now: Timestamp) -> Result<Commit, WorkError> {
        let Some(mut room) = self.store.room(&event.room).await? else {
            return Ok(Commit::default());
        };
        room.ours = Membership::Left;
        room.members.remove(&self.us.bot);
        // Whoever shares there in her own name goes on.
        room.heard_by = self.hearer_of(&room).await?;
        let mut commit = self.stop_sharing_where_not_direct(&room, now).await?;
        for user in room.members.keys().cloned().collect::<Vec<_>>() {
            self.comes_or_goes(&user, &room, &mut commit, now).await?;
        }
        commit.rooms.push(room);
        Ok(commit)
    }

    /// Somebody may have left the last room in which she was heard, or come into the first one: while she is
    /// gone, nothing is done for her.
    pub(super) async fn comes_or_goes(&self, user: &UserId, room: &Room, commit: &mut Commit, now: Timestamp) -> Result<(), WorkError> {
        let changed = commit.sharers.iter().find(|sharer| sharer.id == *user).cloned();
        let Some(sharer) = (match changed {
            Some(sharer) => Some(sharer),
            None => self.store.sharer(user).await?,
        }) else {
            return Ok(());
        };
        let Some(change) = self.commands.actions.comes_or_goes(sharer, room, now).await? else { return Ok(()) };
        if change.sharers.iter().any(|sharer| sharer.gone_since_at.is_some()) {
            // Nobody is there to be told, and no room is opened for somebody who left.
            commit.deliveries.retain(|delivery| delivery.target != Target::Person(user.clone()));
        }
        commit.sharers.retain(|sharer| sharer.id != *user);
        commit.sharers.extend(change.sharers);
        commit.sources.extend(change.sources);
        commit.deliveries.extend(change.deliveries);
        commit.woken.extend(change.woken);
        Ok(())
    }

    /// Something about a room changed.
    pub(super) async fn state_changed(&self, event: &Received, before: Room, now: Timestamp) -> Result<Commit, WorkError> {
        let mut room = before.clone();
        events::apply(&mut room, &event.content, &self.us);
        // That it is encrypted is recorded before this is worked off.
        if room == before && !matches!(event.content, Content::Encryption { .. }) {
            // What could not be sent may be sent now.
            let is_mended = event.content == Content::PowerLevels && room.broken_since_at.is_some();
            let woken = if is_mended { vec![Target::Room(room.id)] } else { Vec::new() };
            return Ok(Commit { woken, ..Commit::default() });
        }
        if let Some(commit) = self.follow_upgrade(&room, now).await? {
            return Ok(commit);
        }
        let mut commit = self.stop_sharing_where_not_direct(&room, now).await?;
        let was_alone = matches!(before.role(&self.us), Role::Management(_));
        let reason = reason_to_leave(&room, &self.us).or_else(|| self.is_strangers(&room).filter(|_| was_alone));
        let reason = reason.filter(|_| room.ours == Membership::Joined);
        commit.deliveries.extend(reason.map(|reason| leave(&room.id, reason, now)));
        match &event.content {
            Content::Tombstone { replaced_by } => self.await_replacement(&room, replaced_by, &mut commit, now).await?,
            Content::Encryption { .. } if !self.keys.crypto.is_allowed() => self.tell_of_encryption(&mut room, &mut commit, now).await?,
            Content::Member { user, membership: Membership::Left, .. } if room.opened_for.as_ref() == Some(user) => {
                let mut sharer = self.store.sharer(user).await?.unwrap_or_else(|| Sharer::new(user.clone()));
                sharer.wants_no_room = true;
                commit.sharers.retain(|other| other.id != sharer.id);
                commit.sharers.push(sharer);
            }
            _ => {}
        }
        if let Content::Member { user, .. } = &event.content {
            self.comes_or_goes(user, &room, &mut commit, now).await?;
        }
        commit.woken.push(Target::Room(room.id.clone()));
        commit.rooms.push(room);
        Ok(commit)
    }

    /// Stops every sharing in `room` that is no longer between two people in their direct room, and
    /// tells the sharers. A replaced room stops nothing: its replacement is on its way.
    pub(super) async fn stop_sharing_where_not_direct(&self, room: &Room, now: Timestamp) -> Result<Commit, WorkError> {
        let mut commit = Commit::default();
        for mut sharer in self.store.sharers_in(&room.id).await? {
            let id = sharer.id.clone();
            let Some(contact) = sharer.contact_in_mut(&room.id) else { continue };
            let is_going = matches!(contact.state, ContactState::On | ContactState::Paused);
            match room.verdict(&self.us, &id, &contact.person) {
                Verdict::Not(reason) if is_going && reason != NotDirect::Replaced => {
                    contact.state = ContactState::Stopped { reason };
                    commit.deliveries.push(privately(&id, stopped(contact, reason), now));
                    commit.sharers.push(sharer);
                }
                _ => {}
            }
        }
        Ok(commit)
    }

    /// A room has been upgraded: the new one is known when its invitation comes, and the sharers are
    /// told that it must.
    async fn await_replacement(&self, room: &Room, new: &RoomId, commit: &mut Commit, now: Timestamp) -> Result<(), WorkError> {
        for sharer in self.store.sharers_in(&room.id).await? {
            if let Some(contact) = sharer.contact_in(&room.id).filter(|contact| contact.state == ContactState::On) {
                commit.deliveries.push(privately(&sharer.id, stopped(contact, NotDirect::Replaced), now));
            }
        }
        if !new.as_str().is_empty() && self.store.room(new).await?.is_none() {
            let mut expected = Room::new(new.clone(), Membership::Left, now);
            expected.replaces = Some(room.id.clone());
            commit.rooms.push(expected);
        }
        Ok(())
    }

    /// Moves the sharing from the room that `room` replaces, for those of whom it is the direct room
    /// too. Both rooms must name each other, so that nobody can claim to be a replacement.
    pub(super) async fn follow_upgrade(&self, room: &Room, now: Timestamp) -> Result<Option<Commit>, WorkError> {
        let Some(old_id) = &room.replaces else { return Ok(None) };
        let Some(old) = self.store.room(old_id).await?.filter(|old| old.replaced_by.as_ref() == Some(&room.id)) else {
            return Ok(None);
        };
        let mut commit = Commit::default();
        for mut sharer in self.store.sharers_in(&old.id).await? {
            let id = sharer.id.clone();
            let Some(contact) = sharer.contact_in_mut(&old.id) else { continue };
            if matches!(room.verdict(&self.us, &id, &contact.person), Verdict::Direct | Verdict::ContactInvited) {
                contact.room = room.id.clone();
                let (number, is_off) = (contact.number, contact.is_off());
                let notice = Notice::RoomFollowed { person: contact.name.to_string() };
                // The new room may have been listed meanwhile, with nothing shared in it.
                sharer.contacts.retain(|other| other.room != room.id || other.number == number);
                commit.deliveries.extend((!is_off).then(|| privately(&id, notice, now)));
                commit.sharers.push(sharer);
            }
        }
        if commit.sharers.is_empty() {
            return Ok(None);
        }
        commit.deliveries.push(NewDelivery::in_room(room.id.clone(), What::NameAsService, now));
        commit.moved.push((old.id, room.id.clone(), None));
        commit.woken.push(Target::Room(room.id.clone()));
        commit.rooms.push(room.clone());
        Ok(Some(commit))
    }

    async fn tell_of_encryption(&self, room: &mut Room, commit: &mut Commit, now: Timestamp) -> Result<(), WorkError> {
        if std::mem::replace(&mut room.told_encrypted, true) {
            return Ok(());
        }
        for sharer in self.store.sharers_in(&room.id).await? {
            if let Some(Contact { number, name, .. }) = sharer.contact_in(&room.id).filter(|contact| contact.state == ContactState::On) {
                let notice = Notice::RoomEncrypted { number: *number, person: name.to_string() };
                commit.deliveries.push(privately(&sharer.id, notice, now));
            }
        }
        Ok(())
    }
}

fn stopped(contact: &Contact, reason: NotDirect) -> Notice {
    Notice::ContactStopped { number: contact.number, person: contact.name.to_string(), reason: reason.into() }
}
