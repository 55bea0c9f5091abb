//! Beginning to share with somebody in one's own name: in the direct room that the two have, else in
//! one that is opened for it.

use super::ActError;
use super::Sent;
use crate::domain::beginning::Begun;
use crate::domain::beginning::NotBegun;
use crate::domain::beginning::Rules;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::ApproachProblem;
use crate::domain::notice::Notice;
use crate::domain::own_name::Identity;
use crate::domain::own_name::OpenedRoom;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Sharer;
use crate::domain::text::Line;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::matrix::events;
use crate::outbox::Outbox;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::SignedDuration;

/// In how long so many rooms may be opened.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How many rooms are opened in one person's name at the most, ever: each is remembered.
const OPENED: usize = 300;

/// What became of looking for a room.
enum Looked {
    Found { room: RoomId, opened: bool },
    Not(ApproachProblem),
}

impl Outbox {
    /// Begins to share with somebody in the direct room of the two, and tells the sharer.
    pub(super) async fn approach(&self, sharer: &UserId, person: &UserId) -> Result<Sent, StoreError> {
        let _alone = self.opening.lock().await;
        let Some((known, client)) = self.acting(sharer).await? else { return Ok(Sent::NotNeeded) };
        let looked = match self.look(&known, &client, person).await {
            Ok(looked) => looked,
            Err(ActError::Store(error)) => return Err(error),
            Err(ActError::Matrix(MatrixError::Refused { status, errcode, .. })) if errcode != "M_UNKNOWN_DEVICE" => {
                tracing::info!(user = %sharer, %person, status, errcode, "no direct room could be opened");
                Looked::Not(ApproachProblem::Refused)
            }
            Err(ActError::Matrix(error)) => return Ok(self.failed_act(&known, &client, error).await),
        };
        match looked {
            Looked::Found { room, opened } => self.begin_in(sharer, person, &room, opened).await?,
            Looked::Not(problem) => self.tell_not_approached(&known, person, problem).await?,
        }
        Ok(Sent::Done(None))
    }

    async fn look(&self, sharer: &Sharer, client: &Client, person: &UserId) -> Result<Looked, ActError> {
        if !self.may_share(sharer) {
            return Ok(Looked::Not(ApproachProblem::Refused));
        }
        let marked = client.direct_rooms().await?.people().remove(person).unwrap_or_default();
        let mut rooms = self.known_rooms(sharer, person).await?;
        rooms.extend(marked.iter().cloned());
        if let Some(room) = self.direct_room(sharer, client, person, &rooms).await? {
            if !marked.contains(&room) {
                client.mark_direct(person, &room).await?;
            }
            // It may be one whose opening was not told yet.
            let opened = !marked.contains(&room);
            return Ok(Looked::Found { room, opened });
        }
        if let Some(problem) = self.may_not_open(sharer, person).await? {
            return Ok(Looked::Not(problem));
        }
        if self.allowance.room_waits_until(self.parts.clock.now()).await?.is_some() {
            return Ok(Looked::Not(ApproachProblem::TooMany));
        }
        let room = self.open(sharer, client, person).await?;
        client.mark_direct(person, &room).await?;
        Ok(Looked::Found { room, opened: true })
    }

    /// The rooms of the two that are heard through the sharer.
    async fn known_rooms(&self, sharer: &Sharer, person: &UserId) -> Result<Vec<RoomId>, StoreError> {
        let rooms = self.parts.store.rooms_of(&sharer.id).await?;
        let is_theirs = |room: &Room| room.ours != Membership::Joined && room.heard_by.is_some() && room.members.contains_key(person);
        Ok(rooms.into_iter().filter(is_theirs).map(|room| room.id).collect())
    }

    /// Why no room is opened for the two.
    async fn may_not_open(&self, sharer: &Sharer, person: &UserId) -> Result<Option<ApproachProblem>, ActError> {
        let rules = &self.settings.own_name;
        if person.server() != self.parts.us.domain && !rules.other_servers {
            return Ok(Some(ApproachProblem::OtherServer));
        }
        // The one that was opened is none of theirs any more.
        if sharer.opened.iter().any(|opened| opened.person == *person) {
            return Ok(Some(ApproachProblem::Declined));
        }
        // Whoever wants nothing of her is not invited.
        let wish = self.parts.store.sharer(person).await?.and_then(|person| person.wish_toward(&sharer.id));
        if self.parts.permissions.blocks(person) {
            return Ok(Some(ApproachProblem::Blocked));
        }
        if wish.is_some_and(|wish| wish.declined || wish.mute.is_some_and(|mute| mute.holds(self.parts.clock.now()))) {
            return Ok(Some(ApproachProblem::Declined));
        }
        // A room is of no use where sharing could not begin in it.
        let is_new = sharer.contacts.iter().all(|contact| contact.person != *person || contact.is_off());
        if is_new && (sharer.contacts_in_use() >= rules.contacts as usize || self.is_full().await?) {
            return Ok(Some(ApproachProblem::TooMany));
        }
        let today = sharer.opened_since(self.parts.clock.now() - DAY);
        if today >= rules.rooms_per_day as usize || sharer.opened.len() >= OPENED {
            return Ok(Some(ApproachProblem::TooMany));
        }
        let is_known = *person != sharer.id && self.parts.client.is_known(person).await?;
        Ok((!is_known).then_some(ApproachProblem::Nobody))
    }

    /// Whether all sharers together share with as many as they may.
    async fn is_full(&self) -> Result<bool, StoreError> {
        Ok(self.parts.store.totals().await?.contacts >= u64::from(self.settings.own_name.contacts_in_all))
    }

    /// Opens a room, and remembers that it was.
    async fn open(&self, sharer: &Sharer, client: &Client, person: &UserId) -> Result<RoomId, ActError> {
        let opened = client.open_direct_room(person).await;
        if opened.is_err() {
            self.allowance.room_was_not_opened();
        }
        let id = opened?;
        tracing::info!(user = %sharer.id, room = %id, "a direct room was opened in a sharer's name");
        let opened = OpenedRoom { person: person.clone(), at: self.parts.clock.now() };
        loop {
            let Some(mut present) = self.parts.store.sharer(&sharer.id).await? else { break };
            present.opened.push(opened.clone());
            match self.parts.store.commit(Commit { sharers: vec![present], ..Commit::default() }).await {
                // She changed something meanwhile.
                Err(StoreError::Conflict) => {}
                other => break other?,
            }
        }
        let state = client.state(&id).await?;
        let mut room = events::room_of_state(&id, &state, None, &self.parts.us, self.parts.clock.now());
        room.heard_by = Some(sharer.id.clone());
        self.make_known(room).await?;
        Ok(id)
    }

    /// Begins to share in a room that is known, by the same rules as everywhere.
    async fn begin_in(&self, id: &UserId, person: &UserId, room: &RoomId, opened: bool) -> Result<(), StoreError> {
        let own_name = &self.settings.own_name;
        loop {
            let rules = Rules {
                contacts: own_name.contacts,
                new_in_a_day: own_name.contacts_per_day,
                is_full: self.is_full().await?,
                asks_consent: own_name.asks_consent,
            };
            let now = self.parts.clock.now();
            let (Some(mut sharer), Some(room)) = (self.parts.store.sharer(id).await?, self.parts.store.room(room).await?) else {
                return Ok(());
            };
            if self.parts.permissions.blocks(person) {
                return self.tell_not_approached(&sharer, person, ApproachProblem::Blocked).await;
            }
            let wish = self.parts.store.sharer(person).await?.and_then(|person| person.wish_toward(id));
            let moved = sharer.move_contact(person, &room);
            let Begun { contact, asks } = match sharer.begin(person, &room, wish, &self.parts.us, &rules, now) {
                Ok(begun) => begun,
                Err(NotBegun::TooMany | NotBegun::TooManyToday | NotBegun::TooManyInAll) => {
                    return self.tell_not_approached(&sharer, person, ApproachProblem::TooMany).await;
                }
                Err(NotBegun::NotDirect(_)) => return self.tell_not_approached(&sharer, person, ApproachProblem::Refused).await,
            };
            // She says it to be done in her own name.
            sharer
                .contact_in_mut(&room.id)
                .into_iter()
                .for_each(|contact| contact.identity = contact.identity.filter(|identity| *identity == Identity::Sharer));
            let notice = Notice::Approached { number: contact.number, person: contact.name.to_string(), opened };
            let ask = What::Introduction { sharer: id.clone(), asks: true };
            let mut commit = Commit { woken: vec![Target::Room(room.id.clone())], ..Commit::default() };
            commit.deliveries.extend(asks.then(|| NewDelivery::in_room(room.id.clone(), ask, now)));
            commit.deliveries.push(NewDelivery::to_person(id.clone(), notice, now));
            if let Some(before) = moved {
                self.leave_behind(&sharer, &before, &room.id, &mut commit).await?;
            }
            commit.sharers.push(sharer);
            match self.parts.store.commit(commit).await {
                // Somebody changed something meanwhile.
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
    }

    /// What becomes of the room in which a contact was before: its board is taken down, what waits there
    /// goes along, and the bot leaves it, unless somebody else shares there.
    async fn leave_behind(&self, sharer: &Sharer, before: &Contact, new: &RoomId, commit: &mut Commit) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let here = |what| NewDelivery::in_room(before.room.clone(), what, now);
        if let Some(board) = self.parts.store.board(&sharer.id, &before.room).await? {
            commit.deliveries.extend(NewDelivery::taking_down(&before.room, &board.event, now));
        }
        commit.moved.push((before.room.clone(), new.clone(), Some(sharer.id.clone())));
        let is_shared = |other: &Sharer| other.id != sharer.id && other.contact_in(&before.room).is_some_and(|contact| !contact.is_off());
        if self.parts.store.sharers_in(&before.room).await?.iter().any(is_shared) {
            return Ok(());
        }
        let is_in = self.parts.store.room(&before.room).await?.is_some_and(|room| room.ours == Membership::Joined);
        commit.deliveries.extend(is_in.then(|| here(What::Leave { notice: Notice::MovedToDirectRoom })));
        Ok(())
    }

    async fn tell_not_approached(&self, sharer: &Sharer, person: &UserId, problem: ApproachProblem) -> Result<(), StoreError> {
        let named = sharer.contacts.iter().find(|contact| contact.person == *person).map(|contact| contact.name.clone());
        let person = named.unwrap_or_else(|| Line::new(person.as_str(), 80)).to_string();
        let notice = Notice::NotApproached { person, problem };
        let deliveries = vec![NewDelivery::to_person(sharer.id.clone(), notice, self.parts.clock.now())];
        self.parts.store.commit(Commit { deliveries, ..Commit::default() }).await
    }
}
