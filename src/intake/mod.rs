//! From a shop into the store: fetches a source, finds what is new, matches it with the contacts it
//! is meant for, and puts cursor, items, trades and deliveries into one commit.

use crate::classify::Classifiers;
use crate::classify::Judgement;
use crate::domain::backoff;
use crate::domain::delivery::NewDelivery;
use crate::domain::ids::PlatformId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::permission::Permission;
use crate::domain::permission::Permissions;
use crate::domain::problem::Problem;
use crate::domain::sharer::Account;
use crate::domain::sharer::Sharer;
use crate::domain::source::Failure;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::domain::trade::Trade;
use crate::net::Net;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::LinkTemplate;
use crate::platforms::Login;
use crate::platforms::Platforms;
use crate::store::Commit;
use crate::store::Result;
use crate::store::Store;
use crate::telemetry::PollOutcome;
use crate::telemetry::metrics;
use crate::vault::Key;
use crate::vault::VaultError;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

mod news;
mod share;
mod status;

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
    /// What seals secrets.
    pub vault: Arc<Key>,
    /// The shortest interval that somebody may choose, in seconds.
    pub shortest_interval_seconds: u32,
    /// Who says which categories a trade belongs to.
    pub classifiers: Classifiers,
    /// For how long a purchase is held back, in seconds.
    pub hold_seconds: u32,
}

impl Intake {
    /// Polls a source that is due and commits what came of it. `seed` varies the wait after a failure.
    pub async fn poll(&self, mut source: Source, now: Timestamp, seed: u64) -> Result<()> {
        // The operator may have changed it since the source was added.
        source.interval_seconds = self.interval_of(&source.platform);
        let followers = self.store.followers(&source.id).await?;
        if !followers.iter().any(|sharer| self.may_share(sharer) && sharer.follows(&source.id)) {
            return self.put_to_sleep(source, followers, now).await;
        }
        if self.platforms.get(&source.platform).is_none() {
            return self.put_to_sleep(source, followers, now).await;
        }
        let answer = self.fetch(&source, now).await;
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

    /// How often an account of a platform is looked at, in seconds.
    #[must_use]
    pub fn interval_of(&self, platform: &PlatformId) -> u32 {
        self.platforms.get(platform).map_or(3_600, |platform| platform.descriptor().interval_seconds)
    }

    /// Fetches what stands at a source, from its cursor on.
    pub async fn fetch(&self, source: &Source, now: Timestamp) -> std::result::Result<Fetched, FetchError> {
        let platform = self.platforms.get(&source.platform).ok_or(Problem::AppRefused)?;
        let context = Context { net: &self.net, now };
        let links = source.link_template.as_deref().and_then(LinkTemplate::parse);
        let credentials = self.credentials(source)?;
        let login = Login { name: &source.name, user: source.owner.as_ref(), credentials: credentials.as_ref(), links: links.as_ref() };
        platform.fetch(&context, &login, source.cursor.as_deref()).await
    }

    /// What lets tradepost in at a source, opened.
    pub fn credentials(&self, source: &Source) -> std::result::Result<Option<Credentials>, Problem> {
        let Some(sealed) = &source.sealed else { return Ok(None) };
        let opened = self.vault.open(&sealed_name(&source.id), sealed).map_err(|error| {
            tracing::error!(%error, source = %source.id, "a secret cannot be opened");
            Problem::SecretRefused
        })?;
        Credentials::from_json(&opened).map(Some).ok_or(Problem::SecretRefused)
    }

    /// Seals what lets tradepost in at a source.
    pub fn seal(&self, source: &SourceId, credentials: &Credentials) -> std::result::Result<String, VaultError> {
        self.vault.seal(&sealed_name(source), credentials.to_json().as_bytes())
    }

    /// What a commit must hold after `source`, which `followers` follow, brought `fetched`.
    pub async fn absorb(&self, mut source: Source, fetched: Fetched, followers: Vec<Sharer>, now: Timestamp) -> Result<Commit> {
        source.answered_at = Some(now);
        source.failure = None;
        let (trades, complete) = match fetched {
            Fetched::Unchanged => (Vec::new(), false),
            Fetched::Changed { cursor, label, trades, complete, .. } => {
                source.cursor = cursor;
                if !label.is_empty() {
                    source.label = label;
                }
                (trades, complete)
            }
        };
        let (permitted, others): (Vec<_>, Vec<_>) = followers.into_iter().partition(|sharer| self.may_share(sharer));
        let mut commit = Commit { sharers: suspended(others, &source), ..Commit::default() };
        let news = self.news(&source, trades, complete, now, &mut commit).await?;
        metrics().trades_found.inc_by(news.len() as u64);
        // Of a baseline, which may be a whole shop, nothing has to be decided.
        let is_heard = |sharer: &Sharer| {
            let account = sharer.account_at(&source.id);
            sharer.follows(&source.id) && account.is_some_and(|account| !account.baseline_pending)
        };
        if news.is_empty() || !permitted.iter().any(is_heard) {
            commit.sharers.extend(permitted.into_iter().filter_map(|sharer| with_baseline(sharer, &source)));
        } else {
            self.share_all(permitted, &source, news, now, &mut commit).await?;
        }
        commit.sources.push(source);
        Ok(commit)
    }

    /// Decides for each sharer and contact who gets what of `news`.
    async fn share_all(&self, sharers: Vec<Sharer>, source: &Source, news: Vec<Trade>, now: Timestamp, commit: &mut Commit) -> Result<()> {
        let classifier = self.classifiers.of(sharers.iter().map(|sharer| (&sharer.id, sharer.categories.as_slice())));
        let judge = |trade| {
            let judgement = classifier.judge(&trade);
            (trade, judgement)
        };
        let judged: Vec<(Trade, Judgement)> = news.into_iter().map(judge).collect();
        for sharer in sharers {
            let taken = self.store.taken(&share::once_keys(&sharer, &judged, now)).await?;
            let undone = self.undone_listings(&sharer.id, &judged).await?;
            let terms = share::Terms { source, taken: &taken, undone: &undone, hold_seconds: self.hold_seconds, now };
            share::share(sharer, &judged, &terms, commit);
        }
        let named: BTreeSet<&TradeId> = commit.shared.iter().map(|shared| &shared.trade).collect();
        commit.trades = judged.into_iter().map(|(trade, _)| trade).filter(|trade| named.contains(&trade.id())).collect();
        Ok(())
    }

    /// The listings that a sharer took back, of those of which something changed.
    async fn undone_listings(&self, sharer: &UserId, judged: &[(Trade, Judgement)]) -> Result<BTreeSet<TradeId>> {
        let mut undone = BTreeSet::new();
        for listing in judged.iter().filter(|(trade, _)| trade.kind.is_change()).map(|(trade, _)| trade.listing_id()) {
            if self.store.is_undone(sharer, &listing).await? {
                undone.insert(listing);
            }
        }
        Ok(undone)
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

fn sealed_name(source: &SourceId) -> String {
    format!("the secret of {source}")
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

/// A sharer who waited for a baseline that is taken now.
fn with_baseline(mut sharer: Sharer, source: &Source) -> Option<Sharer> {
    share::take_baseline(&mut sharer, source).then_some(sharer)
}

fn failing_notice(sharer: &Sharer, source: &Source, failure: &Failure, now: Timestamp) -> Option<NewDelivery> {
    let Account { number, label, .. } = sharer.account_at(&source.id).filter(|_| sharer.follows(&source.id))?;
    let notice = Notice::AccountFailing { number: *number, label: label.to_string(), problem: failure.problem.clone() };
    Some(NewDelivery::to_person(sharer.id.clone(), notice, now))
}
