//! What platforms send by themselves: checked, read, and stored before it is answered. What comes for one
//! source while something of it is being stored is stored together.

use super::Intake;
use super::Way;
use crate::domain::delivery::NewDelivery;
use crate::domain::ids::ExternalId;
use crate::domain::ids::SourceId;
use crate::domain::notice::Notice;
use crate::domain::problem::Problem;
use crate::domain::sharer::Sharer;
use crate::domain::source::Fetched;
use crate::domain::source::Item;
use crate::domain::source::Source;
use crate::domain::source::Subscription;
use crate::domain::source::SubscriptionState;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::domain::trade::digest;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::platforms::push::Pushed;
use crate::platforms::push::Refusal;
use crate::platforms::push::Said;
use crate::store::Commit;
use crate::store::Named;
use crate::store::StoreError;
use crate::telemetry::PushOutcome;
use crate::telemetry::metrics;
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
pub use queue::Queue;
use queue::Waiting;
use queue::newest_states;
use queue::rounds;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::oneshot;

mod queue;

/// How often what changed meanwhile is decided anew.
const ATTEMPTS: usize = 5;
/// When to come again.
const LATER: Duration = Duration::from_secs(5);

/// What became of a push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many trades were new, or changed something.
    pub accepted: usize,
    /// How many were known.
    pub unchanged: usize,
    /// Whether it was only tried.
    pub dry_run: bool,
}

/// Why a push was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Nothing belongs to this address.
    #[error("there is nothing at this address")]
    UnknownHook,
    /// It is to be sent again later.
    #[error("there is too much at a time")]
    Busy {
        /// When.
        retry_after: Duration,
    },
    /// The push is not as it must be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error("it could not be stored")]
    Store(#[from] StoreError),
}

impl Intake {
    /// Takes what came to the address with this token: everything in it is stored when this returns.
    pub async fn take_push(&self, token: &str, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Result<Taken, PushError> {
        let result = self.read_and_store(token, headers, &body, now).await;
        metrics().pushes.with(match &result {
            Ok(_) => PushOutcome::Taken,
            Err(PushError::UnknownHook | PushError::Refused(_)) => PushOutcome::Refused,
            Err(PushError::Busy { .. } | PushError::Store(_)) => PushOutcome::Deferred,
        });
        result
    }

    async fn read_and_store(&self, token: &str, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<Taken, PushError> {
        let hook = digest(&[token]);
        let named = self.store.named(&Named::Hook(hook.clone())).await?;
        let id = SourceId::new(named.ok_or(PushError::UnknownHook)?);
        let Some(source) = self.store.source(&id).await? else {
            // It is being added.
            return Err(PushError::Busy { retry_after: LATER });
        };
        let Some(subscription) = source.push.as_ref().and_then(|push| push.all().find(|one| one.hook == hook)) else {
            // It is being subscribed.
            return Err(PushError::Busy { retry_after: LATER });
        };
        let said = self.read_push(&source, subscription, headers, body, now)?;
        match said {
            Said::Nothing => Ok(Taken::default()),
            Said::DryRun { trades } => Ok(Taken { accepted: trades, unchanged: 0, dry_run: true }),
            Said::Something => self.look_soon(&source.id, now).await,
            Said::Confirmed => self.confirmed(source, &hook, now).await,
            Said::Ended => self.ended(source, &hook, now).await,
            Said::News { trades, gone } => self.enqueue(source.id, trades, gone, now).await,
        }
    }

    fn read_push(
        &self,
        source: &Source,
        subscription: &Subscription,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Said, PushError> {
        let unreadable = |_| PushError::Busy { retry_after: LATER };
        let hook = self.hook(&source.id, subscription).map_err(unreadable)?;
        let opened = self.open(source).map_err(unreadable)?;
        let push = opened.platform.push().ok_or(PushError::UnknownHook)?;
        let is_confirmed = subscription.state != SubscriptionState::Unconfirmed;
        Ok(push.read(&opened.login(), &Pushed { headers, body, secret: &hook.secret, is_confirmed }, now)?)
    }

    /// Something happened, but not what: it is fetched at once, unless the platform wants to be left alone.
    async fn look_soon(&self, id: &SourceId, now: Timestamp) -> Result<Taken, PushError> {
        let _guard = self.locks.lock(id).await;
        self.locks.happened(id);
        let Some(mut source) = self.store.source(id).await? else { return Ok(Taken::default()) };
        let is_left_alone = source.failure.as_ref().is_some_and(|failure| failure.problem == Problem::AskedToWait);
        if source.next_poll_at > now && !is_left_alone {
            source.next_poll_at = now;
            self.store.commit(Commit { sources: vec![source], ..Commit::default() }).await.map_err(or_later)?;
        }
        Ok(Taken::default())
    }

    async fn confirmed(&self, source: Source, hook: &str, now: Timestamp) -> Result<Taken, PushError> {
        let is_waited_for = source.push.as_ref().and_then(Subscription::unconfirmed).is_some_and(|one| one.hook == hook);
        if is_waited_for && let Some(commit) = self.confirmation(&source, now).await? {
            self.store.commit(commit).await.map_err(or_later)?;
        }
        Ok(Taken::default())
    }

    /// What is committed when the owner of an account has confirmed it: from then on it counts. None where
    /// there is nothing to be confirmed.
    pub async fn confirmation(&self, source: &Source, now: Timestamp) -> Result<Option<Commit>, StoreError> {
        let mut source = source.clone();
        let Some(push) = source.push.as_mut().filter(|push| push.unconfirmed().is_some()) else { return Ok(None) };
        let mut commit = Commit::default();
        if let Some(next) = push.next.take() {
            let former = std::mem::replace(push, *next);
            commit.named.push((Named::Hook(former.hook), None));
        }
        push.state = SubscriptionState::Active;
        for mut sharer in self.store.followers(&source.id).await? {
            let Some(account) = sharer.accounts.iter_mut().find(|account| account.source == source.id) else { continue };
            account.baseline_pending = false;
            let notice = Notice::AccountConfirmed { number: account.number, label: account.label.to_string() };
            commit.deliveries.push(NewDelivery::to_person(sharer.id.clone(), notice, now));
            commit.sharers.push(sharer);
        }
        commit.sources.push(source);
        Ok(Some(commit))
    }

    /// The platform sends nothing any more: the account is over, unless there is another subscription.
    async fn ended(&self, mut source: Source, hook: &str, now: Timestamp) -> Result<Taken, PushError> {
        let mut commit = Commit { named: vec![(Named::Hook(hook.to_owned()), None)], ..Commit::default() };
        if let Some(push) = &mut source.push
            && let Some(next) = push.next.take()
        {
            if push.hook == hook {
                *push = *next;
            }
            commit.sources.push(source);
            self.store.commit(commit).await.map_err(or_later)?;
            return Ok(Taken::default());
        }
        for mut sharer in self.store.followers(&source.id).await? {
            let Some(index) = sharer.accounts.iter().position(|account| account.source == source.id) else { continue };
            let account = sharer.accounts.remove(index);
            let notice = Notice::AccountEnded { label: account.label.to_string(), platform: account.platform.to_string() };
            commit.deliveries.push(NewDelivery::to_person(sharer.id.clone(), notice, now));
            commit.sharers.push(sharer);
        }
        source.push = None;
        commit.sources.push(source);
        self.store.commit(commit).await.map_err(or_later)?;
        Ok(Taken::default())
    }

    /// Waits until the trades are stored, together with others of their source.
    async fn enqueue(&self, source: SourceId, trades: Vec<Trade>, gone: Vec<ExternalId>, at: Timestamp) -> Result<Taken, PushError> {
        let (done, stored) = oneshot::channel();
        let waiting = Waiting { trades, gone, at, done };
        if self.queue.add(&source, waiting)? {
            // A task of its own: whoever sent may go away, what others wait for must not.
            let (intake, id) = (self.clone(), source.clone());
            let storing = tokio::spawn(async move { intake.store_all(id).await });
            let queue = self.queue.clone();
            tokio::spawn(async move {
                if storing.await.is_err() {
                    queue.give_up(&source);
                }
            });
        }
        stored.await.unwrap_or(Err(PushError::Busy { retry_after: LATER }))
    }

    async fn store_all(&self, source: SourceId) {
        while let Some(waiting) = self.queue.next(&source) {
            for round in rounds(waiting) {
                self.store_round(&source, round).await;
            }
        }
    }

    async fn store_round(&self, source: &SourceId, waiting: Vec<Waiting>) {
        let _guard = self.locks.lock(source).await;
        match self.store_together(source, &waiting).await {
            Ok(changed) => {
                for one in waiting {
                    let ids = one.trades.iter().map(|trade| &trade.external_id).chain(&one.gone);
                    let accepted = ids.filter(|id| changed.contains(*id)).count();
                    let unchanged = one.trades.len() + one.gone.len() - accepted;
                    let _ = one.done.send(Ok(Taken { accepted, unchanged, dry_run: false }));
                }
            }
            Err(error) => {
                tracing::warn!(%error, %source, "what a platform sent could not be stored; it will send it again");
                for one in waiting {
                    let _ = one.done.send(Err(PushError::Busy { retry_after: LATER }));
                }
            }
        }
    }

    /// Stores what several pushes brought; answers the ids of what was new or changed.
    async fn store_together(&self, id: &SourceId, waiting: &[Waiting]) -> Result<BTreeSet<ExternalId>, StoreError> {
        let trades = newest_states(waiting.iter().flat_map(|one| &one.trades));
        let gone: BTreeSet<&ExternalId> = waiting.iter().flat_map(|one| &one.gone).collect();
        let gone: Vec<ExternalId> = gone.into_iter().cloned().collect();
        let ids: Vec<ExternalId> = trades.iter().map(|trade| &trade.external_id).chain(&gone).cloned().collect();
        let Some(now) = waiting.iter().map(|one| one.at).max() else { return Ok(BTreeSet::new()) };
        let mut attempts = 0;
        loop {
            let Some(source) = self.store.source(id).await? else { return Ok(BTreeSet::new()) };
            let followers: Vec<Sharer> = self.store.followers(id).await?;
            let known: BTreeMap<ExternalId, u32> =
                self.store.items(id, &ids).await?.into_iter().map(|item| (item.external_id, item.revision)).collect();
            let fetched = Fetched::Changed {
                cursor: None,
                label: Line::default(),
                trades: trades.clone(),
                complete: false,
                gone: gone.clone(),
                more: false,
            };
            let commit = self.absorb(source, fetched, followers, Way::Pushed, now).await?;
            let is_news = |item: &&Item| known.get(&item.external_id) != Some(&item.revision);
            let changed = commit.items.iter().filter(is_news).map(|item| item.external_id.clone()).collect();
            faultpoint::pass(Point::PushRead);
            match self.store.commit(commit).await {
                Err(StoreError::Conflict) if attempts < ATTEMPTS => attempts += 1,
                result => {
                    faultpoint::pass(Point::PushStored);
                    return result.map(|()| changed);
                }
            }
        }
    }
}

fn or_later(error: StoreError) -> PushError {
    match error {
        StoreError::Conflict => PushError::Busy { retry_after: LATER },
        error => PushError::Store(error),
    }
}
