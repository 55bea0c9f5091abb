//! Events that wait to be worked off, and parked ones, compared with the plainest lists there can be,
//! over random operations.

use super::Directory;
use super::Place;
use super::values::at;
use super::values::event;
use super::values::event_id;
use super::values::everything_is_old;
use super::values::parked;
use super::values::room_id;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use tradepost::store::Commit;
use tradepost::store::ParkedEvent;
use tradepost::store::PendingEvent;
use tradepost::store::Store;

const ROOMS: [&str; 3] = ["a", "b", "c"];
const SESSIONS: [&str; 2] = ["s", "t"];
const EVENTS: usize = 30;
/// When each is received, over and over.
const TIMES: [i64; 4] = [0, 1, 2, 3];

/// What can happen; numbers name events, sessions and those that are leased.
#[derive(Clone, Debug)]
enum Operation {
    Take {
        events: Vec<usize>,
    },
    Commit {
        finish: Option<Finish>,
        unpark: Vec<usize>,
        take: Vec<usize>,
        park: Vec<Park>,
    },
    Lease {
        limit: usize,
    },
    Release {
        which: usize,
    },
    Restart,
    /// Exported, and imported elsewhere.
    Carry,
    /// Everything is old.
    Prune,
}

/// One of the leased events is worked off, or its key is missing.
#[derive(Clone, Debug)]
struct Finish {
    which: usize,
    parked_for: Option<usize>,
}

#[derive(Clone, Debug)]
struct Park {
    event: usize,
    session: usize,
    told: bool,
}

fn operations() -> impl Strategy<Value = Operation> {
    let some = || vec(0..EVENTS, 0..4);
    let finish = (0_usize..3, option::of(0..SESSIONS.len())).prop_map(|(which, parked_for)| Finish { which, parked_for });
    let park = (0..EVENTS, 0..SESSIONS.len(), any::<bool>()).prop_map(|(event, session, told)| Park { event, session, told });
    // Most of what is unparked is pending from then on.
    let unpark = (vec(0..EVENTS, 0..8), some(), 0_usize..8);
    let commit = (option::of(finish), unpark, vec(park, 0..3)).prop_map(|(finish, (unpark, mut take, taken), park)| {
        take.extend(unpark.iter().take(taken));
        Operation::Commit { finish, unpark, take, park }
    });
    prop_oneof![
        2 => some().prop_map(|events| Operation::Take { events }),
        6 => commit,
        3 => (1_usize..4).prop_map(|limit| Operation::Lease { limit }),
        1 => (0_usize..3).prop_map(|which| Operation::Release { which }),
        1 => Just(Operation::Restart),
        1 => Just(Operation::Carry),
        1 => Just(Operation::Prune),
    ]
}

fn room_of(event: usize) -> &'static str {
    ROOMS[event % ROOMS.len()]
}

fn time_of(event: usize) -> i64 {
    TIMES[event % TIMES.len()]
}

fn pending(number: usize) -> PendingEvent {
    PendingEvent { received_at: at(time_of(number)), ..event(room_of(number), &number.to_string()) }
}

fn parked_event(park: &Park) -> ParkedEvent {
    let parked = parked(room_of(park.event), &park.event.to_string(), SESSIONS[park.session], time_of(park.event));
    ParkedEvent { told: park.told, ..parked }
}

/// What is pending and what is parked, by when it came.
#[derive(Debug, Default)]
struct List {
    next: u64,
    seen: BTreeSet<usize>,
    /// With whether somebody holds it.
    pending: BTreeMap<u64, (usize, bool)>,
    parked: BTreeMap<u64, Park>,
}

impl List {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Answers how many were new.
    fn take(&mut self, events: &[usize]) -> usize {
        let new: Vec<usize> = events.iter().copied().filter(|event| self.seen.insert(*event)).collect();
        for event in &new {
            let number = self.number();
            self.pending.insert(number, (*event, false));
        }
        new.len()
    }

    /// The numbers of those that are leased.
    fn held(&self) -> Vec<u64> {
        self.pending.iter().filter(|(_, (_, held))| *held).map(|(number, _)| *number).collect()
    }

    fn unpark(&mut self, events: &[usize], take: &[usize]) {
        let (out, stays): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.parked).into_iter().partition(|(_, parked)| events.contains(&parked.event));
        self.parked = stays;
        for parked in out.into_values().filter(|parked| take.contains(&parked.event)) {
            let number = self.number();
            self.pending.insert(number, (parked.event, false));
        }
    }

    fn park(&mut self, park: &Park) {
        if let Some(parked) = self.parked.values_mut().find(|parked| parked.event == park.event) {
            *parked = Park { told: parked.told || park.told, ..park.clone() };
        } else if self.seen.insert(park.event) {
            let number = self.number();
            self.parked.insert(number, park.clone());
        }
    }

    /// What was worked off was never there.
    fn forget_seen(&mut self) {
        let waiting = self.pending.values().map(|(event, _)| event).chain(self.parked.values().map(|park| &park.event));
        self.seen = waiting.copied().collect();
    }

    /// The oldest of each room of which none is held.
    fn heads(&self) -> Vec<u64> {
        let mut rooms = BTreeSet::new();
        let firsts = self.pending.iter().filter(|(_, (event, _))| rooms.insert(room_of(*event)));
        firsts.filter(|(_, (_, held))| !held).map(|(number, _)| *number).collect()
    }
}

/// The store and the list side by side.
struct Pair {
    directory: Directory,
    store: Arc<dyn Store>,
    list: List,
}

impl Pair {
    async fn run(mut self, operations: Vec<Operation>) {
        for operation in operations {
            self = self.step(operation).await;
            self.compare().await;
        }
    }

    async fn step(mut self, operation: Operation) -> Self {
        match operation {
            Operation::Take { events } => {
                let taken = self.store.take_events(events.iter().copied().map(pending).collect()).await.unwrap();
                assert_eq!(taken, self.list.take(&events));
            }
            Operation::Commit { finish, unpark, take, park } => self.commit(finish, &unpark, &take, park).await,
            Operation::Lease { limit } => self.lease(limit).await,
            Operation::Release { which } => self.release(which),
            Operation::Restart => {
                self.store = self.directory.reopen(self.store).await;
                self.list.pending.values_mut().for_each(|(_, held)| *held = false);
            }
            Operation::Prune => {
                self.store.prune(&everything_is_old()).await.unwrap();
                self.list.forget_seen();
            }
            Operation::Carry => {
                self.store = self.directory.carry(self.store).await;
                self.list.pending.values_mut().for_each(|(_, held)| *held = false);
            }
        }
        self
    }

    async fn commit(&mut self, finish: Option<Finish>, unpark: &[usize], take: &[usize], mut park: Vec<Park>) {
        let finished = finish.and_then(|finish| Some((*self.list.held().get(finish.which)?, finish.parked_for)));
        let mut commit = Commit::default();
        let mut missing = None;
        if let Some((number, parked_for)) = finished
            && let Some((event, _)) = self.list.pending.remove(&number)
        {
            commit.finished_event = Some(event_id(&event.to_string()));
            // Said of it first, since what is said of a parked event later replaces it.
            missing = parked_for.map(|session| (number, Park { event, session, told: false }));
            park.retain(|park| park.event != event);
        }
        commit.unparked = unpark.iter().map(|event| event_id(&event.to_string())).collect();
        commit.events = take.iter().copied().map(pending).collect();
        commit.parked = missing.iter().map(|(_, park)| park).chain(&park).map(parked_event).collect();
        self.store.commit(commit).await.unwrap();

        self.list.unpark(unpark, take);
        self.list.take(take);
        self.list.parked.extend(missing);
        for park in &park {
            self.list.park(park);
        }
    }

    async fn lease(&mut self, limit: usize) {
        let leased = self.store.lease_events(limit).await.unwrap();
        let heads: Vec<u64> = self.list.heads().into_iter().take(limit).collect();
        let expected: Vec<PendingEvent> = heads.iter().map(|number| pending(self.list.pending[number].0)).collect();
        assert_eq!(leased, expected);
        for number in heads {
            self.list.pending.entry(number).and_modify(|(_, held)| *held = true);
        }
    }

    fn release(&mut self, which: usize) {
        if let Some(number) = self.list.held().get(which) {
            let (event, held) = self.list.pending.get_mut(number).unwrap();
            *held = false;
            self.store.release_event(&event_id(&event.to_string()));
        }
    }

    async fn compare(&self) {
        let totals = self.store.totals().await.unwrap();
        assert_eq!((totals.events, totals.parked), (self.list.pending.len() as u64, self.list.parked.len() as u64));
        for room in ROOMS {
            let has = self.list.pending.values().any(|(event, _)| room_of(*event) == room);
            assert_eq!(self.store.has_pending_events(&room_id(room)).await.unwrap(), has);
            for (session, name) in SESSIONS.iter().enumerate() {
                let waits = |park: &&Park| room_of(park.event) == room && park.session == session;
                let expected: Vec<ParkedEvent> = self.list.parked.values().filter(waits).map(parked_event).collect();
                assert_eq!(self.store.parked(&room_id(room), name, 100).await.unwrap(), expected);
            }
        }
        let mut expected: Vec<ParkedEvent> = self.list.parked.values().map(parked_event).collect();
        expected.sort_by_key(|parked| parked.event.received_at);
        expected.retain(|parked| parked.event.received_at < at(2));
        assert_eq!(self.store.parked_before(at(2), 100).await.unwrap(), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_behave_like_lists(operations in vec(operations(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let directory = Directory::new();
            let store = directory.open().await;
            let pair = Pair { directory, store, list: List::default() };
            pair.run(operations).await;
        });
    }
}
