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
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

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
        let hers = Whose::Sharer(sharer.clone());
        self.know(&[&hers, &Whose::All]).await?;
        let (until, telling) = {
            let mut state = self.state();
            let Some((until, is_hers)) = state.full_until(card, sharer, &self.measure, now) else { return Ok(None) };
            let whose = if is_hers { &hers } else { &Whose::All };
            if state.day(whose).full_until.replace(until) != Some(until) {
                state.changed.insert(whose.clone());
                tracing::warn!(user = %sharer, of_all = !is_hers, "a day's cards are used up; the rest waits for the next");
            }
            let is_told = state.day(&hers).is_told(now);
            let telling = (!is_told).then(|| {
                state.day(&hers).told_at = Some(now);
                state.changed.insert(hers.clone());
                let notice = Notice::CardsWait { everybody: !is_hers, until_at: until };
                Commit { deliveries: vec![NewDelivery::to_person(sharer.clone(), notice, now)], named: state.stored(), ..Commit::default() }
            });
            (until, telling)
        };
        if let Some(commit) = telling
            && let Err(error) = self.store.commit(commit).await
        {
            self.state().day(&hers).told_at = None;
            return Err(error);
        }
        Ok(Some(until))
    }

    /// Whether a card that was to go first at `planned_at` had to wait for a day to end: then what waits
    /// with it becomes one message.
    pub(super) async fn has_waited(&self, sharer: &UserId, planned_at: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
        let both = [&Whose::Sharer(sharer.clone()), &Whose::All];
        self.know(&both).await?;
        let mut state = self.state();
        Ok(both.iter().any(|whose| {
            let was_within = |until: Timestamp| planned_at < until && until - DAY <= planned_at && until <= now;
            state.day(whose).full_until.is_some_and(was_within)
        }))
    }

    /// A card sets out.
    pub(super) fn card_leaves(&self, card: DeliveryId, sharer: &UserId) {
        self.state().underway.insert(card, sharer.clone());
    }

    /// An attempt has ended; a card that arrived has been used.
    pub(super) async fn ended(&self, delivery: &Delivery, arrived: bool, now: Timestamp) -> Result<(), StoreError> {
        let (What::Card { sharer, .. } | What::Digest { sharer, .. }) = &delivery.what else { return Ok(()) };
        let both = [Whose::Sharer(sharer.clone()), Whose::All];
        let known = self.know(&[&both[0], &both[1]]).await;
        let mut state = self.state();
        state.underway.remove(&delivery.id);
        known?;
        for whose in both.into_iter().filter(|_| arrived) {
            state.day(&whose).count(now);
            state.changed.insert(whose);
        }
        Ok(())
    }

    /// Counts a room that is opened now; where a day's rooms are used up none, and until when.
    pub(super) async fn room_waits_until(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.know(&[&Whose::Rooms]).await?;
        {
            let mut state = self.state();
            if let Some(until) = state.day(&Whose::Rooms).full_until(0, self.measure.rooms, now) {
                if state.day(&Whose::Rooms).full_until.replace(until) != Some(until) {
                    tracing::warn!("as many rooms as may be in a day have been opened; no other is before the next");
                }
                return Ok(Some(until));
            }
            state.day(&Whose::Rooms).count(now);
            state.changed.insert(Whose::Rooms);
        }
        self.keep(now).await?;
        Ok(None)
    }

    /// The room that was counted last was not opened after all.
    pub(super) fn room_was_not_opened(&self) {
        let mut state = self.state();
        let used = state.day(&Whose::Rooms).used;
        state.day(&Whose::Rooms).used = used.saturating_sub(1);
        state.changed.insert(Whose::Rooms);
    }

    /// Stores what was counted since the last time.
    pub(super) async fn keep(&self, now: Timestamp) -> Result<(), StoreError> {
        let (named, changed) = {
            let mut state = self.state();
            if state.changed.is_empty() {
                return Ok(());
            }
            let named = state.stored();
            state.forget_over(now);
            (named, std::mem::take(&mut state.changed))
        };
        let result = self.store.commit(Commit { named, ..Commit::default() }).await;
        if result.is_err() {
            self.state().changed.extend(changed);
        }
        result
    }

    /// Reads from the store what is not known yet. Nothing is waited for while the state is held: who waits
    /// for it may be what the holder waits for.
    async fn know(&self, several: &[&Whose]) -> Result<(), StoreError> {
        for whose in several {
            if self.state().days.contains_key(whose) {
                continue;
            }
            let stored = self.store.named(&whose.name()).await?;
            // What cannot be read is counted anew.
            let day = stored.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
            self.state().days.entry((*whose).clone()).or_insert(day);
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn day(&mut self, whose: &Whose) -> &mut Day {
        self.days.entry(whose.clone()).or_default()
    }

    /// Until when a card waits, and whether for the day of its sharer; else for that of all.
    fn full_until(&mut self, card: DeliveryId, sharer: &UserId, measure: &Measure, now: Timestamp) -> Option<(Timestamp, bool)> {
        let others = self.underway.iter().filter(|(id, _)| **id != card);
        let (mut of_one, mut of_all) = (0, 0);
        for (_, other) in others {
            of_all += 1;
            of_one += usize::from(other == sharer);
        }
        let own = self.day(&Whose::Sharer(sharer.clone())).full_until(of_one, measure.cards_of_one, now);
        let all = self.day(&Whose::All).full_until(of_all, measure.cards, now);
        own.max(all).map(|until| (until, own.is_some()))
    }

    /// What is to be stored.
    fn stored(&self) -> Vec<(Named, Option<String>)> {
        let value = |whose: &Whose| self.days.get(whose).and_then(|day| serde_json::to_string(day).ok());
        self.changed.iter().map(|whose| (whose.name(), value(whose))).collect()
    }

    /// Makes room where many have been counted whose day is over.
    fn forget_over(&mut self, now: Timestamp) {
        if self.days.len() > COUNTED {
            let is_over = |at: &Option<Timestamp>| at.is_none_or(|at| now.duration_since(at) > DAY + DAY);
            let changed = &self.changed;
            self.days.retain(|whose, day| changed.contains(whose) || !(is_over(&day.began_at) && is_over(&day.full_until)));
        }
    }
}
