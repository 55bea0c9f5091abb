//! One sharer's ear: how far it has heard, of which rooms, and who waits for it.

use crate::domain::ids::RoomId;
use crate::domain::own_name::OwnDevice;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::sync::watch;

/// After how long it is noted how far was heard, also where nothing happened.
const NOTED: SignedDuration = SignedDuration::from_mins(10);

/// One sharer's ear.
#[derive(Default)]
pub(super) struct Ear {
    /// Where hearing goes on; held while somebody hears.
    pub(super) place: tokio::sync::Mutex<Option<Place>>,
    heard: Mutex<Option<(BTreeSet<RoomId>, Timestamp)>>,
    waiting: watch::Sender<usize>,
    wanted: watch::Sender<Wanted>,
}

/// What there is to be heard, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The rooms.
    pub(super) rooms: BTreeSet<RoomId>,
    /// Her device: with keys it is to be heard without rooms too.
    pub(super) device: Option<OwnDevice>,
}

/// How far was heard, and of which rooms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The `since` of the next sync.
    pub(super) since: String,
    /// The rooms of which everything before it is known.
    pub(super) rooms: BTreeSet<RoomId>,
    /// When it was stored.
    #[serde(skip)]
    pub(super) noted_at: Option<Timestamp>,
}

/// Somebody who cannot wait until something happens.
pub(super) struct Interruption<'a>(&'a Ear);

impl Ear {
    /// Whether everything that happened in `room` before `at` has been heard.
    pub(super) fn has_heard(&self, room: &RoomId, at: Timestamp) -> bool {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.as_ref().is_some_and(|(rooms, until_at)| *until_at >= at && rooms.contains(room))
    }

    pub(super) fn has_now_heard(&self, rooms: BTreeSet<RoomId>, at: Timestamp) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some((rooms, at));
    }

    /// Ends the present wait for something to happen, until the answer is dropped.
    pub(super) fn interrupt(&self) -> Interruption<'_> {
        self.waiting.send_modify(|waiting| *waiting += 1);
        Interruption(self)
    }

    /// How many cannot wait.
    pub(super) fn interruptions(&self) -> watch::Receiver<usize> {
        self.waiting.subscribe()
    }

    /// What there is to be heard.
    pub(super) fn wanted(&self) -> watch::Receiver<Wanted> {
        self.wanted.subscribe()
    }

    pub(super) fn set_wanted(&self, wanted: Wanted) {
        self.wanted.send_if_modified(|before| {
            let is_new = *before != wanted;
            *before = wanted;
            is_new
        });
    }
}

impl Drop for Interruption<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|waiting| *waiting -= 1);
    }
}

impl Place {
    /// The beginning: nothing is known of any room.
    pub(super) const fn starting(since: String) -> Self {
        Self { since, rooms: BTreeSet::new(), noted_at: None }
    }

    pub(super) fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether it differs from `before` by more than that nothing happened for a moment.
    pub(super) fn is_worth_noting(&self, before: &Self, now: Timestamp) -> bool {
        self.rooms != before.rooms || self.noted_at.is_none_or(|at| now.duration_since(at) > NOTED)
    }
}
