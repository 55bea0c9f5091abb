//! How much goes out in a day: cards of one sharer, cards of all, and rooms that are opened. The homeserver
//! does not limit an appservice, so this does. What was used is kept in the store, so that a restart does
//! not begin another day.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::What;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::store::Commit;
use crate::store::Named;
use crate::store::Store;
use crate::store::StoreError;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What a day is here: it begins with the first thing that is counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// When more than these have been counted, those whose day is over are forgotten.
const COUNTED: usize = 1_000;

/// What may go out in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Cards and digests of one sharer, over all her contacts.
    pub cards_of_one: u32,
    /// Cards and digests of all sharers.
    pub cards: u32,
    /// Rooms that the bot opens, or that are opened in somebody's name.
    pub rooms: u32,
}

impl Default for Measure {
    /// As much as there is.
    fn default() -> Self {
        Self { cards_of_one: u32::MAX, cards: u32::MAX, rooms: u32::MAX }
    }
}

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Whose {
    Sharer(UserId),
    All,
    Rooms,
}

impl Whose {
    /// The names are part of what is stored.
    fn name(&self) -> Named {
        match self {
            Self::Sharer(user) => Named::CardsOf(user.clone()),
            Self::All => Named::Day("cards".to_owned()),
            Self::Rooms => Named::Day("rooms".to_owned()),
        }
    }
}

/// What was used of one measure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Day {
    /// When the present day began; none before the first thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    began_at: Option<Timestamp>,
    /// How much was used in it.
    #[serde(default)]
    used: u32,
    /// Until when the last day lasted in which something had to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    full_until: Option<Timestamp>,
    /// When the sharer was last told that something waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told_at: Option<Timestamp>,
}

impl Day {
    /// Until when nothing more goes, where `used` is `limit` or more already.
    fn full_until(&self, underway: usize, limit: u32, now: Timestamp) -> Option<Timestamp> {
        // A clock that was set back does not make a day longer.
        let began_at = self.began_at.filter(|began| (SignedDuration::ZERO..DAY).contains(&now.duration_since(*began)));
        let used = if began_at.is_some() { self.used as usize } else { 0 };
        (used + underway >= limit as usize).then(|| began_at.unwrap_or(now) + DAY)
    }

    fn count(&mut self, now: Timestamp) {
        let goes_on = self.began_at.is_some_and(|began| (SignedDuration::ZERO..DAY).contains(&now.duration_since(began)));
        if !goes_on {
            self.began_at = Some(now);
            self.used = 0;
        }
        self.used = self.used.saturating_add(1);
    }

    fn is_told(&self, now: Timestamp) -> bool {
        self.told_at.is_some_and(|told| (SignedDuration::ZERO..DAY).contains(&now.duration_since(told)))
    }
}

#[derive(Default)]
struct State {
    days: HashMap<Whose, Day>,
    /// Whose cards are on their way: they count before it is known what became of them.
    underway: HashMap<DeliveryId, UserId>,
    /// What has not been stored yet.
    changed: BTreeSet<Whose>,
}

/// Counts what goes out.
pub(super) struct Allowance {
    store: Arc<dyn Store>,
    measure: Measure,
    state: Mutex<State>,
}

impl Allowance {
    pub(super) fn new(store: Arc<dyn Store>, measure: Measure) -> Self {
        Self { store, measure, state: Mutex::default() }
    }

    /// Until when a card of `sharer` must wait, since a day's cards, hers or all, are used up. She is told
    /// once a day.
    pub(super) async fn card_waits_until(
        &self,
        card: DeliveryId,
        sharer: &UserId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut state = self.state.lock().await;
        let others = state.underway.iter().filter(|(id, _)| **id != card);
        let (mut of_one, mut of_all) = (0, 0);
        for (_, other) in others {
            of_all += 1;
            of_one += usize::from(other == sharer);
        }
        let hers = Whose::Sharer(sharer.clone());
        let own = self.day(&hers, &mut state).await?.full_until(of_one, self.measure.cards_of_one, now);
        let all = self.day(&Whose::All, &mut state).await?.full_until(of_all, self.measure.cards, now);
        let Some(until) = own.max(all) else { return Ok(None) };
        let whose = if own.is_some() { &hers } else { &Whose::All };
        let day = state.days.entry(whose.clone()).or_default();
        let is_news = day.full_until != Some(until);
        day.full_until = Some(until);
        if is_news {
            state.changed.insert(whose.clone());
            tracing::warn!(user = %sharer, of_all = own.is_none(), "a day's cards are used up; the rest waits for the next");
        }
        let day = state.days.entry(hers.clone()).or_default();
        if !day.is_told(now) {
            let before = day.told_at.replace(now);
            state.changed.insert(hers.clone());
            let notice = Notice::CardsWait { everybody: own.is_none(), until_at: until };
            let deliveries = vec![NewDelivery::to_person(sharer.clone(), notice, now)];
            let result = self.store.commit(Commit { deliveries, named: stored(&state), ..Commit::default() }).await;
            if let Err(error) = result {
                state.days.entry(hers).or_default().told_at = before;
                return Err(error);
            }
            state.changed.clear();
        }
        Ok(Some(until))
    }

    /// Whether a card that was to go first at `planned_at` had to wait for a day to end: then what waits
    /// with it becomes one message.
    pub(super) async fn has_waited(&self, sharer: &UserId, planned_at: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state.lock().await;
        for whose in [Whose::Sharer(sharer.clone()), Whose::All] {
            let day = self.day(&whose, &mut state).await?;
            if day.full_until.is_some_and(|until| planned_at < until && until - DAY <= planned_at && until <= now) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A card sets out.
    pub(super) async fn card_leaves(&self, card: DeliveryId, sharer: &UserId) {
        self.state.lock().await.underway.insert(card, sharer.clone());
    }

    /// An attempt has ended; a card that arrived has been used.
    pub(super) async fn ended(&self, delivery: &Delivery, arrived: bool, now: Timestamp) -> Result<(), StoreError> {
        let (What::Card { sharer, .. } | What::Digest { sharer, .. }) = &delivery.what else { return Ok(()) };
        let mut state = self.state.lock().await;
        state.underway.remove(&delivery.id);
        if !arrived {
            return Ok(());
        }
        for whose in [Whose::Sharer(sharer.clone()), Whose::All] {
            self.day(&whose, &mut state).await?;
            state.days.entry(whose.clone()).or_default().count(now);
            state.changed.insert(whose);
        }
        Ok(())
    }

    /// Counts a room that is opened now; none, and until when not, where a day's rooms are used up.
    pub(super) async fn room_waits_until(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut state = self.state.lock().await;
        let until = self.day(&Whose::Rooms, &mut state).await?.full_until(0, self.measure.rooms, now);
        let day = state.days.entry(Whose::Rooms).or_default();
        let Some(until) = until else {
            day.count(now);
            state.changed.insert(Whose::Rooms);
            drop(state);
            self.keep(now).await?;
            return Ok(None);
        };
        if day.full_until.replace(until) != Some(until) {
            tracing::warn!("as many rooms as may be in a day have been opened; no other is before the next");
        }
        Ok(Some(until))
    }

    /// The room that was counted last was not opened after all.
    pub(super) async fn room_was_not_opened(&self) {
        let mut state = self.state.lock().await;
        if let Some(day) = state.days.get_mut(&Whose::Rooms) {
            day.used = day.used.saturating_sub(1);
            state.changed.insert(Whose::Rooms);
        }
    }

    /// Stores what was counted since the last time.
    pub(super) async fn keep(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        if state.changed.is_empty() {
            return Ok(());
        }
        self.store.commit(Commit { named: stored(&state), ..Commit::default() }).await?;
        state.changed.clear();
        if state.days.len() > COUNTED {
            let is_over = |at: &Option<Timestamp>| at.is_none_or(|at| now.duration_since(at) > DAY + DAY);
            state.days.retain(|_, day| !(is_over(&day.began_at) && is_over(&day.full_until)));
        }
        Ok(())
    }

    async fn day<'a>(&self, whose: &Whose, state: &'a mut State) -> Result<&'a Day, StoreError> {
        if !state.days.contains_key(whose) {
            let stored = self.store.named(&whose.name()).await?;
            // What cannot be read is counted anew.
            let day = stored.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
            state.days.insert(whose.clone(), day);
        }
        Ok(state.days.entry(whose.clone()).or_default())
    }
}

/// What is to be stored.
fn stored(state: &State) -> Vec<(Named, Option<String>)> {
    let value = |whose: &Whose| state.days.get(whose).and_then(|day| serde_json::to_string(day).ok());
    state.changed.iter().map(|whose| (whose.name(), value(whose))).collect()
}
