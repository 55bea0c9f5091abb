//! From a shop into the store: fetches a source, finds what is new, matches it with the contacts it
//! is meant for, and puts cursor, items, trades and deliveries into one commit.

use crate::domain::backoff;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::OnceKey;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::ExternalId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::permission::Permission;
use crate::domain::permission::Permissions;
use crate::domain::sharer::Account;
use crate::domain::sharer::Sharer;
use crate::domain::source::Failure;
use crate::domain::source::Fetched;
use crate::domain::source::Item;
use crate::domain::source::Source;
use crate::domain::trade::Trade;
use crate::net::Net;
use crate::platforms::FetchError;
use crate::platforms::Platforms;
use crate::store::Commit;
use crate::store::Result;
use crate::store::Store;
use crate::telemetry::PollOutcome;
use crate::telemetry::metrics;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How many polls in a row must fail before the followers are told: at once would be noise.
const TOLD_AFTER: u32 = 3;
/// The same for what may pass by itself.
const TOLD_AFTER_PASSING: u32 = 10;
/// How long a source that nobody wants now is left alone before that is looked at again.
const ASLEEP: Duration = Duration::from_hours(1);

/// Fetches sources and commits what they bring.
#[derive(Clone)]
pub struct Intake {
    /// Where it is kept.
    pub store: Arc<dyn Store>,
    /// Who fetches.
    pub platforms: Platforms,
    /// With what.
    pub net: Net,
    /// Who may share: of whom it is withdrawn, nothing more is taken.
    pub permissions: Permissions,
    /// How often each source is looked at, in seconds.
    pub interval_seconds: u32,
}

impl Intake {
    /// Polls a source that is due and commits what came of it. `seed` varies the wait after a failure.
    pub async fn poll(&self, mut source: Source, now: Timestamp, seed: u64) -> Result<()> {
        // The operator may have changed it since the source was added.
        source.interval_seconds = self.interval_seconds;
        let followers = self.store.followers(&source.id).await?;
        if !followers.iter().any(|sharer| self.may_share(sharer) && sharer.follows(&source.id)) {
            return self.put_to_sleep(source, followers, now).await;
        }
        let answer = match self.platforms.get(&source.platform) {
            Some(platform) => platform.fetch(&self.net, &source.name, source.cursor.as_deref(), now).await,
            None => return self.put_to_sleep(source, followers, now).await,
        };
        let commit = match answer {
            Ok(fetched) => {
                let outcome = if fetched == Fetched::Unchanged { PollOutcome::Unchanged } else { PollOutcome::Changed };
                metrics().polls.with(outcome).inc();
                let mut next = source.clone();
                next.next_poll_at = next_poll_at(&source, now);
                self.absorb(next, fetched, followers, now).await?
            }
            Err(error) => {
                metrics().polls.with(PollOutcome::Failed).inc();
                self.failed(source, error, &followers, now, seed)
            }
        };
        self.store.commit(commit).await
    }

    /// What a commit must hold after `source`, which `followers` follow, brought `fetched`.
    pub async fn absorb(&self, mut source: Source, fetched: Fetched, followers: Vec<Sharer>, now: Timestamp) -> Result<Commit> {
        source.answered_at = Some(now);
        source.failure = None;
        let trades = match fetched {
            Fetched::Unchanged => Vec::new(),
            Fetched::Changed { cursor, label, trades } => {
                source.cursor = cursor;
                if !label.is_empty() {
                    source.label = label;
                }
                trades
            }
        };
        let known = self.known_items(&source, &trades).await?;
        let (permitted, others): (Vec<_>, Vec<_>) = followers.into_iter().partition(|sharer| self.may_share(sharer));
        let mut commit = Commit { sharers: suspended(others, &source), ..Commit::default() };
        let mut new = Vec::new();
        for trade in in_order(trades) {
            match known.get(&trade.external_id) {
                None => {
                    commit.items.push(Item::of(&trade));
                    new.push(trade);
                }
                Some(item) => commit.items.extend(changed(item, &trade)),
            }
        }
        metrics().trades_found.inc_by(new.len() as u64);
        for sharer in permitted {
            let taken = self.store.taken(&once_keys(&sharer, &new, now)).await?;
            share(sharer, &source, &new, &taken, now, &mut commit);
        }
        let shown: BTreeSet<&TradeId> = commit.deliveries.iter().filter_map(|delivery| shown_trade(&delivery.what)).collect();
        new.retain(|trade| shown.contains(&trade.id()));
        commit.trades = new;
        commit.sources.push(source);
        Ok(commit)
    }

    async fn known_items(&self, source: &Source, trades: &[Trade]) -> Result<BTreeMap<ExternalId, Item>> {
        let ids: Vec<ExternalId> = trades.iter().map(|trade| trade.external_id.clone()).collect();
        let items = self.store.items(&source.id, &ids).await?;
        Ok(items.into_iter().map(|item| (item.external_id.clone(), item)).collect())
    }

    fn may_share(&self, sharer: &Sharer) -> bool {
        self.permissions.of(&sharer.id) == Permission::Share
    }

    async fn put_to_sleep(&self, mut source: Source, mut followers: Vec<Sharer>, now: Timestamp) -> Result<()> {
        source.next_poll_at = now + ASLEEP;
        followers.retain(|sharer| !self.may_share(sharer));
        let sharers = suspended(followers, &source);
        self.store.commit(Commit { sources: vec![source], sharers, ..Commit::default() }).await
    }

    fn failed(&self, mut source: Source, error: FetchError, followers: &[Sharer], now: Timestamp, seed: u64) -> Commit {
        tracing::info!(source = %source.id, problem = %error.problem.name(), "a source could not be read");
        let before = source.failure.take();
        let mut failure = Failure {
            since_at: before.as_ref().map_or(now, |before| before.since_at),
            attempts: before.as_ref().map_or(1, |before| before.attempts.saturating_add(1)),
            told: before.is_some_and(|before| before.told),
            problem: error.problem,
        };
        let interval = Duration::from_secs(source.interval_seconds.into());
        let wait = backoff::wait(failure.attempts, interval.min(backoff::LONGEST), error.retry_after, seed).max(interval);
        source.next_poll_at = now + wait;
        let mut commit = Commit::default();
        let patience = if failure.problem.may_pass() { TOLD_AFTER_PASSING } else { TOLD_AFTER };
        if !failure.told && failure.attempts >= patience {
            failure.told = true;
            let permitted = followers.iter().filter(|sharer| self.may_share(sharer));
            commit.deliveries.extend(permitted.filter_map(|sharer| failing_notice(sharer, &source, &failure, now)));
        }
        source.failure = Some(failure);
        commit.sources.push(source);
        commit
    }
}

/// Followers who may not share now, in their new state: if they may again, what came up meanwhile
/// counts as known.
fn suspended(sharers: Vec<Sharer>, source: &Source) -> Vec<Sharer> {
    let suspend = |sharer: &mut Sharer| {
        let account = sharer.accounts.iter_mut().find(|account| account.source == source.id);
        account.is_some_and(|account| !std::mem::replace(&mut account.baseline_pending, true))
    };
    sharers.into_iter().filter_map(|mut sharer| suspend(&mut sharer).then_some(sharer)).collect()
}

/// The next poll keeps the source's own phase, whatever this one took; what was missed is not made up for.
fn next_poll_at(source: &Source, now: Timestamp) -> Timestamp {
    let interval = i64::from(source.interval_seconds.max(1)) * 1_000;
    let late = (now.as_millisecond() - source.next_poll_at.as_millisecond()).max(0);
    let steps = late / interval + 1;
    source.next_poll_at + Duration::from_millis((steps * interval).unsigned_abs())
}

/// Oldest first; what has the same time, or none, in the reverse of the source's order, since
/// sources list the newest first.
fn in_order(mut trades: Vec<Trade>) -> Vec<Trade> {
    trades.reverse();
    trades.sort_by_key(Trade::order_at);
    trades
}

/// The item's new state, where price or availability really changed. What is not said does not count as a change.
fn changed(item: &Item, trade: &Trade) -> Option<Item> {
    let another_price = match (&item.price, &trade.price) {
        (Some(before), Some(after)) => before.differs_from(after),
        (None, Some(_)) => true,
        (_, None) => false,
    };
    let another_availability = trade.available.is_some() && trade.available != item.available;
    (another_price || another_availability).then(|| Item {
        price: trade.price.clone().or_else(|| item.price.clone()),
        available: trade.available.or(item.available),
        revision: item.revision + 1,
        ..item.clone()
    })
}

/// Queues what of `new` is meant for the contacts of `sharer`, the introduction first where a
/// contact has not had one; a baseline is taken instead where one is due.
fn share(mut sharer: Sharer, source: &Source, new: &[Trade], taken: &BTreeSet<OnceKey>, now: Timestamp, commit: &mut Commit) {
    let before = sharer.clone();
    for trade in new {
        let contacts: Vec<_> = sharer
            .contacts
            .iter()
            .filter(|contact| sharer.decide(contact, trade, &[], now).is_ok())
            .map(|contact| (contact.room.clone(), contact.person.clone()))
            .collect();
        let Some(shop) = sharer.account_at(&source.id).map(|account| account.label.clone()) else {
            return;
        };
        for (room, person) in contacts {
            let once = once_key(&sharer.id, &person, trade);
            if taken.contains(&once) {
                continue;
            }
            if let Some(contact) = sharer.contact_in_mut(&room)
                && !std::mem::replace(&mut contact.introduced, true)
            {
                let what = What::Introduction { sharer: before.id.clone(), asks: false };
                commit.deliveries.push(NewDelivery::in_room(room.clone(), what, now));
            }
            let what = What::Card { sharer: sharer.id.clone(), trade: trade.id(), shop: shop.clone() };
            commit.deliveries.push(NewDelivery { target: Target::Room(room), what, not_before_at: now, once: Some(once) });
        }
    }
    for account in sharer.accounts.iter_mut().filter(|account| account.source == source.id && !account.paused) {
        account.baseline_pending = false;
    }
    // An account that has just been added waits for its baseline, so that it always changes here.
    if sharer != before {
        commit.sharers.push(sharer);
    }
}

/// The keys of all cards that `new` may come to for a sharer's contacts.
fn once_keys(sharer: &Sharer, new: &[Trade], now: Timestamp) -> Vec<OnceKey> {
    let of_trade = |trade| {
        sharer
            .contacts
            .iter()
            .filter(move |contact| sharer.decide(contact, trade, &[], now).is_ok())
            .map(move |contact| once_key(&sharer.id, &contact.person, trade))
    };
    new.iter().flat_map(of_trade).collect()
}

/// Under what a trade is shown to a contact at most once: its link, else itself.
fn once_key(sharer: &UserId, person: &UserId, trade: &Trade) -> OnceKey {
    match &trade.link {
        Some(link) => OnceKey::link(sharer, person, link.as_str()),
        None => OnceKey::trade(sharer, person, &trade.id()),
    }
}

const fn shown_trade(what: &What) -> Option<&TradeId> {
    match what {
        What::Card { trade, .. } => Some(trade),
        _ => None,
    }
}

fn failing_notice(sharer: &Sharer, source: &Source, failure: &Failure, now: Timestamp) -> Option<NewDelivery> {
    let Account { number, label, .. } = sharer.account_at(&source.id).filter(|_| sharer.follows(&source.id))?;
    let notice = Notice::AccountFailing { number: *number, label: label.to_string(), problem: failure.problem.clone() };
    Some(NewDelivery::to_person(sharer.id.clone(), notice, now))
}
