//! Hearing the rooms in which a sharer shares in her own name and the bot is not: through her own
//! account, by one sync for each such sharer that names these rooms and nothing else. What is heard
//! goes the way of a transaction's events; nothing else of it is kept.

use super::Inbox;
use super::WorkError;
use crate::clock::Randomness;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::own_name::DeviceState;
use crate::domain::sharer::Sharer;
use crate::matrix::client::Client;
use crate::matrix::client::Heard;
use crate::store::Commit;
use crate::store::Named;
use crate::store::StoreError;
use crate::telemetry::metrics;
use ear::Ear;
use ear::Place;
use ear::Wanted;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::task::JoinSet;

mod device;
mod ear;
mod keys;
mod room;

/// How long one question whether something happened may wait for an answer.
const LONG_POLL: Duration = Duration::from_secs(30);
/// How long a look at who is to be heard counts.
const LOOK: SignedDuration = SignedDuration::from_secs(1);
/// How old what was heard may be when something is posted.
const FRESH: SignedDuration = SignedDuration::from_secs(2);

/// Hears for all who share in their own name.
pub struct Hearing {
    inbox: Arc<Inbox>,
    randomness: Arc<dyn Randomness>,
    ears: Mutex<HashMap<UserId, Arc<Ear>>>,
}

impl Hearing {
    /// Hears, and hands what it hears to `inbox`; waits after failures are varied by `randomness`.
    #[must_use]
    pub fn new(inbox: Arc<Inbox>, randomness: Arc<dyn Randomness>) -> Self {
        Self { inbox, randomness, ears: Mutex::default() }
    }

    /// Whether what was said in `room` is known up to now, so that `sharer` may post there.
    #[must_use]
    pub fn has_caught_up(&self, sharer: &UserId, room: &RoomId) -> bool {
        self.ear(sharer).has_heard(room, self.inbox.clock.now() - FRESH)
    }

    /// Hears what was said in `room` until now, through `sharer`; whether that succeeded.
    pub async fn catch_up(&self, sharer: &UserId, room: &RoomId) -> bool {
        let ear = self.ear(sharer);
        let asked_at = self.inbox.clock.now();
        let _interrupted = ear.interrupt();
        let mut place = ear.place.lock().await;
        // Somebody who asked at the same time may have had it heard.
        if ear.has_heard(room, asked_at) {
            return true;
        }
        match self.hear(sharer, &ear, &mut place, Duration::ZERO).await {
            Ok(_) => ear.has_heard(room, asked_at),
            Err(error) => {
                tracing::warn!(user = %sharer, %error, "a sharer's rooms could not be heard; nothing goes there before");
                false
            }
        }
    }

    /// Hears for ever, whoever agrees to it and for as long as she does.
    pub async fn run(self: Arc<Self>) {
        let mut changes = self.inbox.store.changes();
        let mut tasks = JoinSet::new();
        let mut listening: HashMap<UserId, AbortHandle> = HashMap::new();
        loop {
            changes.borrow_and_update();
            if let Err(error) = self.look_around(&mut listening, &mut tasks).await {
                tracing::error!(%error, "the store does not say who is to be heard");
            }
            while tasks.try_join_next().is_some() {}
            self.inbox.clock.sleep_until(self.inbox.clock.now() + LOOK).await;
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Starts to hear whoever is not heard yet, and ends it for whoever does not want it any more.
    async fn look_around(
        self: &Arc<Self>,
        listening: &mut HashMap<UserId, AbortHandle>,
        tasks: &mut JoinSet<()>,
    ) -> Result<(), StoreError> {
        let mut sharers = self.inbox.store.in_own_name().await?;
        sharers.retain(|sharer| sharer.own_device().is_some());
        let ended = listening.extract_if(|id, task| task.is_finished() || !sharers.iter().any(|sharer| sharer.id == *id));
        for (id, task) in ended {
            task.abort();
            self.all_ears().remove(&id);
        }
        for sharer in sharers {
            let ear = self.ear(&sharer.id);
            ear.set_wanted(Wanted { rooms: self.rooms_of(&sharer).await?, device: sharer.own_device().cloned() });
            listening.entry(sharer.id.clone()).or_insert_with(|| tasks.spawn(Arc::clone(self).listen(sharer.id, ear)));
        }
        Ok(())
    }

    /// Hears one sharer's rooms as things happen there; makes way for whoever cannot wait for that.
    async fn listen(self: Arc<Self>, id: UserId, ear: Arc<Ear>) {
        let (mut interruptions, mut wanted) = (ear.interruptions(), ear.wanted());
        let mut failures = 0;
        loop {
            wanted.borrow_and_update();
            let Ok(_) = interruptions.wait_for(|waiting| *waiting == 0).await else { return };
            let heard = tokio::select! {
                heard = self.hear_when_free(&id, &ear) => heard,
                _ = interruptions.wait_for(|waiting| *waiting > 0) => continue,
                _ = wanted.changed() => continue,
            };
            match heard {
                Ok(true) => failures = 0,
                // Whoever looks around notices why, and changes what is wanted or ends this.
                Ok(false) => drop(wanted.changed().await),
                Err(error) => {
                    failures += 1;
                    tracing::warn!(user = %id, %error, failures, "a sharer's rooms could not be heard");
                    self.inbox.rest(failures, self.randomness.as_ref()).await;
                }
            }
        }
    }

    async fn hear_when_free(&self, id: &UserId, ear: &Ear) -> Result<bool, WorkError> {
        let mut place = ear.place.lock().await;
        self.hear(id, ear, &mut place, LONG_POLL).await
    }

    /// Hears what happened since last time, waiting up to `wait` for something; whether there was
    /// anything to listen to.
    async fn hear(&self, id: &UserId, ear: &Ear, place: &mut Option<Place>, wait: Duration) -> Result<bool, WorkError> {
        let Some(sharer) = self.inbox.store.sharer(id).await? else { return Ok(false) };
        let Some(acting) = sharer.own_device().and_then(|_| self.inbox.client.acting_for(&sharer)) else { return Ok(false) };
        let rooms = self.rooms_of(&sharer).await?;
        if rooms.is_empty() && sharer.own_device().is_none_or(|device| device.state == DeviceState::Plain) {
            self.forget(id, place).await?;
            return Ok(false);
        }
        let heard = async {
            let mut here = self.place(id, &acting, place.as_ref()).await?;
            here.rooms.retain(|room| rooms.contains(room));
            for room in rooms.difference(&here.rooms) {
                self.inbox.read_as(&acting, &sharer, room).await?;
            }
            // The first time says only where now is, and what was not heard before is to be read.
            let wait = if here.noted_at.is_none() { Duration::ZERO } else { wait };
            Ok::<_, WorkError>((acting.hear(Some(&here.since), &rooms, wait, self.inbox.clock.now()).await?, here))
        };
        let (mut heard, here) = match heard.await {
            Err(WorkError::Matrix(error)) if self.inbox.is_device_gone(&sharer, &acting, &error).await? => return Ok(false),
            other => other?,
        };
        // Whatever she withdrew meanwhile holds for what has just been heard too.
        let still = self.inbox.store.sharer(id).await?;
        if still.is_none_or(|still| still.own_device().map(|device| &device.id) != sharer.own_device().map(|device| &device.id)) {
            return Ok(false);
        }
        self.inbox.take_keys(&sharer, std::mem::take(&mut heard.keys)).await?;
        let next = self.keep(id, heard, &here, rooms).await?;
        ear.has_now_heard(next.rooms.clone(), self.inbox.clock.now());
        *place = Some(next);
        Ok(true)
    }

    /// Keeps what matters, with where it was heard up to.
    async fn keep(&self, id: &UserId, heard: Heard, here: &Place, mut rooms: BTreeSet<RoomId>) -> Result<Place, WorkError> {
        let now = self.inbox.clock.now();
        let (mut events, mut parked) = (Vec::new(), Vec::new());
        for room in heard.rooms {
            if room.has_gap {
                // It is read whole next time.
                rooms.remove(&room.room);
            }
            let (matters, waits) = self.inbox.worth_keeping(room.events, now).await?;
            events.extend(matters);
            parked.extend(waits);
        }
        let read = What::ReadDirectRooms { sharer: id.clone() };
        let target = Target::Person(id.clone());
        // What changed before the first time was not heard.
        let is_read = heard.direct_changed || here.noted_at.is_none();
        let read = is_read.then_some(NewDelivery { target, what: read, not_before_at: now, once: None });
        let deliveries: Vec<_> = read.into_iter().collect();
        let mut next = Place { since: heard.next, rooms, noted_at: here.noted_at };
        // Where nothing happened, hearing the same again does no harm.
        if !events.is_empty() || !parked.is_empty() || !deliveries.is_empty() || next.is_worth_noting(here, now) {
            next.noted_at = Some(now);
            let named = vec![(Named::Heard(id.clone()), Some(next.to_json()))];
            metrics().events.inc_by(events.len() as u64);
            self.inbox.store.commit(Commit { events, parked, named, deliveries, ..Commit::default() }).await?;
        }
        Ok(next)
    }

    /// Where hearing goes on: where it ended, also before a restart; else now.
    async fn place(&self, id: &UserId, acting: &Client, place: Option<&Place>) -> Result<Place, WorkError> {
        if let Some(place) = place {
            return Ok(place.clone());
        }
        let noted = self.inbox.store.named(&Named::Heard(id.clone())).await?;
        match noted.and_then(|noted| Place::from_json(&noted)) {
            Some(place) => Ok(place),
            None => Ok(Place::starting(acting.hear(None, &BTreeSet::new(), Duration::ZERO, self.inbox.clock.now()).await?.next)),
        }
    }

    /// Where there is nothing to hear, the place gets old: what is said until there is is not listened to.
    async fn forget(&self, id: &UserId, place: &mut Option<Place>) -> Result<(), StoreError> {
        let name = Named::Heard(id.clone());
        *place = None;
        if self.inbox.store.named(&name).await?.is_some() {
            self.inbox.store.commit(Commit { named: vec![(name, None)], ..Commit::default() }).await?;
        }
        Ok(())
    }

    /// The rooms that are heard through `sharer`.
    async fn rooms_of(&self, sharer: &Sharer) -> Result<BTreeSet<RoomId>, StoreError> {
        let mut rooms = BTreeSet::new();
        for contact in &sharer.contacts {
            if self.inbox.store.room(&contact.room).await?.is_some_and(|room| sharer.hears(&room)) {
                rooms.insert(contact.room.clone());
            }
        }
        Ok(rooms)
    }

    fn ear(&self, sharer: &UserId) -> Arc<Ear> {
        Arc::clone(self.all_ears().entry(sharer.clone()).or_default())
    }

    fn all_ears(&self) -> std::sync::MutexGuard<'_, HashMap<UserId, Arc<Ear>>> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
