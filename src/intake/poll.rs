//! Polls: what is fetched of a source when it is due, and what becomes of one that does not answer.

use super::Intake;
use super::Way;
use super::access::AccessError;
use super::access::expiry_notice;
use super::locks::Polling;
use super::subscription::Looked;
use super::suspended;
use crate::domain::backoff;
use crate::domain::delivery::NewDelivery;
use crate::domain::notice::Notice;
use crate::domain::problem::Problem;
use crate::domain::sharer::Account;
use crate::domain::sharer::Sharer;
use crate::domain::source::Failure;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::platforms::FetchError;
use crate::store::Commit;
use crate::store::Result;
use crate::store::StoreError;
use crate::telemetry::PollOutcome;
use crate::telemetry::metrics;
use jiff::Timestamp;
use std::time::Duration;

/// How many polls in a row must fail before the followers are told: at once would be noise.
const TOLD_AFTER: u32 = 3;
/// The same for what may pass by itself.
const TOLD_AFTER_PASSING: u32 = 10;
/// How long a source that nobody wants now is left alone before that is looked at again.
const ASLEEP: Duration = Duration::from_hours(1);
/// How often what changed meanwhile is decided anew.
const ATTEMPTS: usize = 5;

/// What a fetch came to.
type Answer = std::result::Result<Fetched, FetchError>;

impl Intake {
    /// Polls a source that is due and commits what came of it. `seed` varies the wait after a failure.
    pub async fn poll(&self, mut source: Source, now: Timestamp, seed: u64) -> Result<()> {
        let followers = self.store.followers(&source.id).await?;
        if followers.is_empty() && source.push.is_some() {
            return self.say_farewell(source, now, seed).await;
        }
        // The operator or a follower may have changed it.
        source.interval_seconds = self.interval(&source, &followers);
        let is_wanted = followers.iter().any(|sharer| self.may_share(sharer) && sharer.wants_poll(&source.id));
        if !is_wanted || self.platforms.get(&source.platform).is_none() {
            return self.put_to_sleep(source, followers, now).await;
        }
        let polling = self.locks.poll_begins(&source.id);
        let answer = match self.keep_fresh(&mut source, now).await {
            Ok(()) => self.fetch(&source, now).await,
            Err(AccessError::Refused(error)) => Err(error),
            Err(AccessError::Store(error)) => return Err(error),
        };
        metrics().polls.with(outcome(&answer)).inc();
        self.commit_poll(source, answer, &polling, now, seed).await
    }

    /// Commits what came of polling a source. What changed of its followers meanwhile is looked at anew.
    async fn commit_poll(&self, polled: Source, answer: Answer, polling: &Polling, now: Timestamp, seed: u64) -> Result<()> {
        let mut next = polled.clone();
        let mut looked = Looked::default();
        if answer.is_ok() {
            looked = self.keep_subscribed(&mut next, now).await;
        }
        let _guard = self.locks.lock(&polled.id).await;
        let has_more = matches!(&answer, Ok(Fetched::Changed { more: true, .. }));
        next.next_poll_at = if has_more || polling.may_have_missed() { now } else { next_poll_at(&polled, now) };
        let mut attempts = 0;
        loop {
            let followers = self.store.followers(&polled.id).await?;
            let commit = match &answer {
                Ok(fetched) => self.brought(next.clone(), fetched.clone(), followers, &looked, now).await?,
                Err(error) => self.failed(polled.clone(), error.clone(), followers, now, seed),
            };
            faultpoint::pass(Point::PollFetched);
            match self.store.commit(commit).await {
                Err(StoreError::Conflict) if attempts < ATTEMPTS && self.is_as_it_was(&polled).await? => attempts += 1,
                result => {
                    faultpoint::pass(Point::PollCommitted);
                    return result;
                }
            }
        }
    }

    async fn is_as_it_was(&self, polled: &Source) -> Result<bool> {
        Ok(self.store.source(&polled.id).await?.is_some_and(|stored| stored.version == polled.version))
    }

    async fn brought(
        &self,
        mut source: Source,
        fetched: Fetched,
        followers: Vec<Sharer>,
        looked: &Looked,
        now: Timestamp,
    ) -> Result<Commit> {
        let mut told: Vec<NewDelivery> = expiry_notice(&mut source, &followers, now).into_iter().collect();
        told.extend(looked.confirm.as_ref().and_then(|confirm| self.confirm_notice(&source, &followers, confirm, now)));
        let mut commit = self.absorb(source, fetched, followers, Way::Polled, now).await?;
        commit.deliveries.extend(told);
        commit.named.extend(looked.ended.clone());
        Ok(commit)
    }

    async fn put_to_sleep(&self, mut source: Source, mut followers: Vec<Sharer>, now: Timestamp) -> Result<()> {
        source.next_poll_at = now + ASLEEP;
        followers.retain(|sharer| !self.may_share(sharer));
        let sharers = suspended(followers, &source);
        self.store.commit(Commit { sources: vec![source], sharers, ..Commit::default() }).await
    }

    fn failed(&self, mut source: Source, error: FetchError, mut followers: Vec<Sharer>, now: Timestamp, seed: u64) -> Commit {
        tracing::info!(source = %source.id, problem = %error.problem.name(), "a source could not be read");
        let before = source.failure.take();
        let is_refused_again = error.problem.needs_secret() && before.as_ref().is_some_and(|before| before.problem.needs_secret());
        let mut failure = Failure {
            since_at: before.as_ref().map_or(now, |before| before.since_at),
            attempts: before.as_ref().map_or(1, |before| before.attempts.saturating_add(1)),
            told: before.is_some_and(|before| before.told),
            problem: error.problem,
        };
        let interval = Duration::from_secs(self.interval_after_failure(&source).into());
        let wait = backoff::wait(failure.attempts, interval.min(backoff::LONGEST), error.retry_after, seed).max(interval);
        source.next_poll_at = now + wait;
        followers.retain(|sharer| self.may_share(sharer));
        let mut commit = Commit::default();
        // Once may be a mistake of the platform's.
        if is_refused_again && source.sealed.is_some() {
            failure.told = true;
            for sharer in followers {
                if let Some((sharer, told)) = without_secret(sharer, &source, &failure, now) {
                    commit.sharers.push(sharer);
                    commit.deliveries.push(told);
                }
            }
        } else if !failure.told && failure.attempts >= patience_with(&failure.problem) {
            failure.told = true;
            commit.deliveries.extend(followers.iter().filter_map(|sharer| failing_notice(sharer, &source, &failure, now)));
        }
        source.failure = Some(failure);
        commit.sources.push(source);
        commit
    }

    /// How long a source that does not answer is left alone at least, in seconds: what its platform told of
    /// is not found by itself.
    fn interval_after_failure(&self, source: &Source) -> u32 {
        let usual = self.interval_of(&source.platform);
        if source.push.is_some() { source.interval_seconds.min(usual) } else { source.interval_seconds }
    }
}

const fn outcome(answer: &Answer) -> PollOutcome {
    match answer {
        Ok(Fetched::Unchanged) => PollOutcome::Unchanged,
        Ok(Fetched::Changed { .. }) => PollOutcome::Changed,
        Err(_) => PollOutcome::Failed,
    }
}

/// How many polls in a row fail before that is told.
const fn patience_with(problem: &Problem) -> u32 {
    if problem.may_pass() { TOLD_AFTER_PASSING } else { TOLD_AFTER }
}

/// A sharer whose secret for `source` works no more, and what she is told.
fn without_secret(mut sharer: Sharer, source: &Source, failure: &Failure, now: Timestamp) -> Option<(Sharer, NewDelivery)> {
    let account = sharer.accounts.iter_mut().find(|account| account.source == source.id && !account.needs_secret)?;
    account.needs_secret = true;
    let (number, label, problem) = (account.number, account.label.to_string(), failure.problem.clone());
    let told = NewDelivery::to_person(sharer.id.clone(), Notice::AccountNeedsSecret { number, label, problem }, now);
    Some((sharer, told))
}

/// The next poll keeps the source's own phase, whatever this one took; what was missed is not made up for.
fn next_poll_at(source: &Source, now: Timestamp) -> Timestamp {
    let interval = i64::from(source.interval_seconds.max(1)) * 1_000;
    // It was planned for later by a clock that was ahead.
    let planned_at = source.next_poll_at.min(now);
    let steps = (now.as_millisecond() - planned_at.as_millisecond()) / interval + 1;
    planned_at + Duration::from_millis((steps * interval).unsigned_abs())
}

fn failing_notice(sharer: &Sharer, source: &Source, failure: &Failure, now: Timestamp) -> Option<NewDelivery> {
    let Account { number, label, .. } = sharer.account_at(&source.id).filter(|_| sharer.follows(&source.id))?;
    let notice = Notice::AccountFailing { number: *number, label: label.to_string(), problem: failure.problem.clone() };
    Some(NewDelivery::to_person(sharer.id.clone(), notice, now))
}
