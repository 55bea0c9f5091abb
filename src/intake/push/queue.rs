//! Pushes that wait to be stored: which of them are stored together, and in which order.

use super::LATER;
use super::PushError;
use super::Taken;
use crate::domain::ids::ExternalId;
use crate::domain::ids::SourceId;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use tokio::sync::oneshot;

/// How many trades wait to be stored, over all sources, before others are asked to come later; a push
/// without any counts as one.
const WAITING: usize = 4_000;
/// How many of them are stored together.
const TOGETHER: usize = 500;

/// Pushes that wait to be stored, by source.
#[derive(Clone, Default)]
pub struct Queue(Arc<Mutex<Line>>);

#[derive(Default)]
struct Line {
    by_source: HashMap<SourceId, Vec<Waiting>>,
    /// How many trades wait in all.
    weight: usize,
}

/// One of them.
pub(super) struct Waiting {
    pub(super) trades: Vec<Trade>,
    pub(super) gone: Vec<ExternalId>,
    pub(super) at: Timestamp,
    pub(super) done: oneshot::Sender<Result<Taken, PushError>>,
}

impl Waiting {
    fn weight(&self) -> usize {
        (self.trades.len() + self.gone.len()).max(1)
    }
}

impl Queue {
    /// Adds a push; whether somebody has to begin storing those of its source.
    pub(super) fn add(&self, source: &SourceId, waiting: Waiting) -> Result<bool, PushError> {
        let mut line = self.line();
        if line.weight >= WAITING {
            return Err(PushError::Busy { retry_after: LATER });
        }
        line.weight += waiting.weight();
        let is_first = !line.by_source.contains_key(source);
        line.by_source.entry(source.clone()).or_default().push(waiting);
        Ok(is_first)
    }

    /// The next ones to be stored together; none: there are none, and the next one has somebody begin.
    pub(super) fn next(&self, source: &SourceId) -> Option<Vec<Waiting>> {
        let mut line = self.line();
        let waiting = line.by_source.get_mut(source)?;
        if waiting.is_empty() {
            line.by_source.remove(source);
            return None;
        }
        let count = waiting.len().min(TOGETHER);
        let next: Vec<Waiting> = waiting.drain(..count).collect();
        line.weight -= next.iter().map(Waiting::weight).sum::<usize>();
        Some(next)
    }

    /// Whoever stored those of a source broke down: they are sent again, and the next one has somebody begin.
    pub(super) fn give_up(&self, source: &SourceId) {
        tracing::error!(%source, "what a platform sent could not be worked off");
        let mut line = self.line();
        let left = line.by_source.remove(source).unwrap_or_default();
        line.weight -= left.iter().map(Waiting::weight).sum::<usize>();
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What can be stored together, in the order in which it came: that an item is gone is not mixed with what
/// else is said of it before or afterwards.
pub(super) fn rounds(waiting: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let mut rounds: Vec<Vec<Waiting>> = Vec::new();
    let mut is_gone: HashMap<ExternalId, bool> = HashMap::new();
    for one in waiting {
        let says: Vec<(ExternalId, bool)> = one.trades.iter().map(|trade| (trade.external_id.clone(), false)).collect();
        let says: Vec<(ExternalId, bool)> = says.into_iter().chain(one.gone.iter().map(|id| (id.clone(), true))).collect();
        let clashes = says.iter().any(|(id, gone)| is_gone.get(id).is_some_and(|other| other != gone));
        if clashes {
            is_gone.clear();
        }
        is_gone.extend(says);
        match rounds.last_mut().filter(|_| !clashes) {
            Some(round) => round.push(one),
            None => rounds.push(vec![one]),
        }
    }
    rounds
}

/// Of each item its last state: by the platform's time of it, else as it came.
pub(super) fn newest_states<'a>(trades: impl Iterator<Item = &'a Trade>) -> Vec<Trade> {
    let mut states: Vec<Trade> = Vec::new();
    let mut places: HashMap<&'a ExternalId, usize> = HashMap::new();
    for trade in trades {
        match places.get(&trade.external_id) {
            // Where one of them does not say, what came later counts.
            Some(place) if trade.as_of.zip(states[*place].as_of).is_some_and(|(said, known)| said < known) => {}
            Some(place) => states[*place] = trade.clone(),
            None => {
                places.insert(&trade.external_id, states.len());
                states.push(trade.clone());
            }
        }
    }
    // Intake takes the newest first, as sources list them.
    states.reverse();
    states
}
