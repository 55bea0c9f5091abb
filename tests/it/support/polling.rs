//! A scheduler and an intake with a store of their own and a clock that stands still; people add
//! their accounts and contacts as they do by command.

use super::clock::SameNumber;
use super::clock::TestClock;
use super::sending::everybody;
use super::sending::until;
use crate::store::patiently;
use crate::store::values::at;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::sharer;
use crate::store::values::source;
use crate::store::values::user;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tradepost::actions::Actions;
use tradepost::actions::Added;
use tradepost::actions::Adding;
use tradepost::actions::Limits;
use tradepost::actions::NewAccount;
use tradepost::actions::OwnNameRules;
use tradepost::classify::BuiltIn;
use tradepost::classify::Classifiers;
use tradepost::clock::Clock;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::Target;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::ids::SourceId;
use tradepost::domain::notice::Notice;
use tradepost::domain::room::Us;
use tradepost::domain::source::Source;
use tradepost::intake::Intake;
use tradepost::intake::Locks;
use tradepost::intake::Queue;
use tradepost::intake::Web;
use tradepost::lifecycle::Lifecycle;
use tradepost::net::Net;
use tradepost::net::NetLimits;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::Platforms;
use tradepost::platforms::feed::FeedSettings;
use tradepost::platforms::source_id;
use tradepost::scheduler::Scheduler;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::sled::SledStore;
use tradepost::values::Within;
use tradepost::vault::Key;

/// How often each source is polled.
pub const INTERVAL: Duration = Duration::from_mins(10);

/// A scheduler and what is around it.
pub struct Polling {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Its time.
    pub clock: Arc<TestClock>,
    /// What people may change.
    pub actions: Actions,
    running: Option<JoinHandle<()>>,
    _directory: TempDir,
}

impl Polling {
    /// Nobody shares anything yet, and nothing is polled.
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let store: Arc<dyn Store> = Arc::new(patiently(|| SledStore::open(directory.path())).unwrap());
        let actions = actions(intake(&store, BuiltIn::standard()));
        Self { store, clock: Arc::new(TestClock::new(at(0))), actions, running: None, _directory: directory }
    }

    /// Starts the scheduler.
    pub fn start(&mut self) {
        let clock = Arc::<TestClock>::clone(&self.clock);
        let scheduler =
            Scheduler { intake: self.actions.intake.clone(), clock, randomness: Arc::new(SameNumber(7)), life: Lifecycle::default() };
        self.running = Some(tokio::spawn(Arc::new(scheduler).run()));
    }

    /// Adds an account of `sharer`: its baseline is what stands there now.
    pub async fn adds(&self, sharer: &str, address: &str) {
        self.commit(self.added(sharer, address).await.commit).await;
    }

    /// The account of `sharer` as it would be added now.
    pub async fn added(&self, sharer: &str, address: &str) -> Added {
        let new = NewAccount { typed: address, ..NewAccount::default() };
        match self.actions.add_account(&user(sharer), &new, self.clock.now()).await.unwrap() {
            Adding::Added(added) => *added,
            Adding::Asked { notice, .. } => panic!("{notice:?}"),
        }
    }

    /// Has `sharer` share with `friend`, in a room that has the friend's name.
    pub async fn shares(&self, sharer: &str, friend: &str) {
        let room = room(friend, &[sharer, friend, "tradepost"]);
        self.commit(Commit { rooms: vec![room.clone()], ..Commit::default() }).await;
        let (commit, _, _) = self.actions.share_with(&user(sharer), &user(friend), &room, self.clock.now()).await.unwrap();
        self.commit(commit).await;
    }

    /// Pauses or resumes what `sharer` calls by this number.
    pub async fn pauses(&self, sharer: &str, number: u32, paused: bool) {
        let (commit, _) = self.actions.pause_one(&user(sharer), Number(number), paused, self.clock.now()).await.unwrap();
        self.commit(commit).await;
    }

    /// Applies a change.
    pub async fn commit(&self, commit: Commit) {
        self.store.commit(commit).await.unwrap();
    }

    /// The source at this address.
    pub async fn source(&self, address: &str) -> Source {
        self.store.source(&source_at(address)).await.unwrap().unwrap()
    }

    /// Waits until the source at this address has answered a poll that began at `began_at`.
    pub async fn is_polled(&self, address: &str, began_at: Timestamp) -> Source {
        let polled = |source: &Source| source.answered_at == Some(began_at) && source.next_poll_at > began_at;
        self.source_until(address, &format!("a poll at {began_at}"), polled).await
    }

    /// Waits until the polls of the source at this address have failed so often in a row.
    pub async fn has_failed(&self, address: &str, times: u32) -> Source {
        let failed = |source: &Source| source.failure.as_ref().is_some_and(|failure| failure.attempts == times);
        self.source_until(address, &format!("{times} failures"), failed).await
    }

    async fn source_until(&self, address: &str, what: &str, is_so: impl Fn(&Source) -> bool) -> Source {
        let look = async || Some(self.source(address).await).filter(&is_so);
        until(self.store.as_ref(), what, look).await
    }

    /// The titles of the cards that wait for a friend, and `introduction` for what goes before them.
    pub async fn cards_for(&self, friend: &str) -> Vec<String> {
        let mut titles = Vec::new();
        for delivery in self.store.waiting(&room_id(friend), Lane::Cards, 1_000).await.unwrap() {
            titles.push(match &delivery.what {
                What::Card { trade, .. } => self.store.trade(trade).await.unwrap().unwrap().title.to_string(),
                What::Introduction { .. } => "introduction".to_owned(),
                other => format!("{other:?}"),
            });
        }
        titles
    }

    /// The first thing that somebody is to be told, and how many there are.
    pub async fn told(&self, person: &str) -> (Option<Notice>, u32) {
        let leased = self.store.lease_deliveries(self.clock.now(), 1_000, 1_000).await.unwrap();
        for lease in &leased {
            self.store.release_delivery(lease.delivery.id);
        }
        let target = Target::Person(user(person));
        leased.into_iter().find(|lease| lease.delivery.target == target).map_or((None, 0), |lease| match lease.delivery.what {
            What::Notice { notice } => (Some(notice), lease.waiting),
            other => panic!("{other:?}"),
        })
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

/// The id of the source at an address.
pub fn source_at(address: &str) -> SourceId {
    source_id(&PlatformId::new("feed"), address, None)
}

/// Sharers of whom each follows some of `addresses`, which are all due.
pub fn followers_of(addresses: &[String], each: usize) -> Commit {
    let mut commit = Commit::default();
    for (number, addresses) in addresses.chunks(each).enumerate() {
        let ids: Vec<SourceId> = addresses.iter().map(|address| source_at(address)).collect();
        let mut follower = sharer(&format!("sharer-{number}"), &[""; 100][..ids.len()], &[]);
        for ((account, id), address) in follower.accounts.iter_mut().zip(ids).zip(addresses) {
            account.source = id.clone();
            account.baseline_pending = false;
            commit.sources.push(Source { id, name: address.clone(), ..source("") });
        }
        commit.sharers.push(follower);
    }
    commit
}

/// An intake that commits to `store` and knows these categories.
pub fn intake(store: &Arc<dyn Store>, built_in: BuiltIn) -> Intake {
    Intake {
        store: Arc::clone(store),
        platforms: Platforms::all(&settings(), true),
        net: net(),
        permissions: everybody(),
        vault: Arc::new(Key::new([7; 32])),
        shortest_interval_seconds: 60,
        web: Web::default(),
        locks: Locks::default(),
        queue: Queue::default(),
        classifiers: Classifiers::new(built_in),
        hold_seconds: 900,
    }
}

fn settings() -> PlatformSettings {
    let interval_seconds = Within::new(i64::try_from(INTERVAL.as_secs()).unwrap()).unwrap();
    PlatformSettings { feed: FeedSettings { interval_seconds }, ..PlatformSettings::default() }
}

/// What people may change.
pub fn actions(intake: Intake) -> Actions {
    let us = Us { bot: user("tradepost"), domain: "a.example".to_owned(), functional: BTreeSet::new() };
    let limits = Limits { accounts: 10, contacts: 10, categories: 10, contacts_per_day: 100, contacts_in_all: 100 };
    Actions {
        intake,
        us,
        permissions: everybody(),
        limits,
        own_name: OwnNameRules::default(),
        encrypts: true,
        asks_consent: false,
        zone: TimeZone::UTC,
    }
}

fn net() -> Net {
    let limits = NetLimits {
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
        body_bytes: 1 << 20,
        total: Duration::from_mins(2),
        redirects: 0,
        per_host_per_second: 1_000_000,
    };
    Net::new(limits).unwrap()
}
