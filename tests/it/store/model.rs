//! The queue compared with the plainest one there can be, a list, over random operations.

use super::Directory;
use super::Place;
use super::values::at;
use super::values::card;
use super::values::digest;
use super::values::done;
use super::values::everything_is_old;
use super::values::frozen;
use super::values::gathered;
use super::values::held;
use super::values::name_of;
use super::values::reply;
use super::values::room_id;
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::Target;
use tradepost::domain::ids::DeliveryId;
use tradepost::store::Commit;
use tradepost::store::Store;

const ROOMS: [&str; 3] = ["a", "b", "c"];

/// What can happen; a number names a room or one of the leased deliveries.
#[derive(Clone, Debug)]
enum Operation {
    Queue {
        room: usize,
        lane: Lane,
        seconds: i64,
    },
    Replace {
        room: usize,
        lane: Lane,
        count: usize,
    },
    Move {
        from: usize,
        to: usize,
    },
    Wake {
        room: usize,
    },
    Lease {
        limit: usize,
        cards: usize,
    },
    Freeze {
        which: usize,
    },
    Settle {
        which: usize,
        how: How,
    },
    Release {
        which: usize,
    },
    Wait,
    Restart,
    /// Exported, and imported elsewhere.
    Carry,
    /// Everything is old.
    Prune,
}

#[derive(Clone, Debug)]
enum How {
    Done,
    Withheld,
    Buried,
    Retry { seconds: i64, attempted: bool },
}

fn operations() -> impl Strategy<Value = Operation> {
    let room = 0..ROOMS.len();
    let which = 0_usize..4;
    let how = prop_oneof![
        3 => Just(How::Done),
        1 => Just(How::Withheld),
        1 => Just(How::Buried),
        4 => (1_i64..6, any::<bool>()).prop_map(|(seconds, attempted)| How::Retry { seconds, attempted }),
    ];
    prop_oneof![
        6 => (room.clone(), lane(), 0_i64..6).prop_map(|(room, lane, seconds)| Operation::Queue { room, lane, seconds }),
        1 => (room.clone(), lane(), 1_usize..4).prop_map(|(room, lane, count)| Operation::Replace { room, lane, count }),
        1 => (room.clone(), room.clone()).prop_map(|(from, to)| Operation::Move { from, to }),
        1 => room.prop_map(|room| Operation::Wake { room }),
        4 => (1_usize..4, 0_usize..4).prop_map(|(limit, cards)| Operation::Lease { limit, cards }),
        3 => which.clone().prop_map(|which| Operation::Freeze { which }),
        5 => (which.clone(), how).prop_map(|(which, how)| Operation::Settle { which, how }),
        1 => which.prop_map(|which| Operation::Release { which }),
        2 => Just(Operation::Wait),
        1 => Just(Operation::Restart),
        1 => Just(Operation::Carry),
        1 => Just(Operation::Prune),
    ]
}

fn lane() -> impl Strategy<Value = Lane> {
    prop_oneof![4 => Just(Lane::Cards), 2 => Just(Lane::Talk), 1 => Just(Lane::Gathered), 2 => Just(Lane::Alone)]
}

/// Something for a room that stands in this lane.
fn delivery_in(lane: Lane, room: &str, name: &str) -> NewDelivery {
    match lane {
        Lane::Talk => reply(room, name),
        Lane::Gathered => gathered(room, name),
        Lane::Alone => held(room, name),
        _ => card(room, name),
    }
}

/// A waiting delivery as the list has it.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    room: usize,
    lane: Lane,
    planned_at: Timestamp,
    not_before_at: Timestamp,
    attempts: u32,
    frozen: bool,
    /// Its number, once it was leased, and while it is, whether the attempt has been counted.
    lease: Option<(DeliveryId, bool)>,
}

/// All waiting deliveries in their order.
#[derive(Debug, Default)]
struct List {
    rows: Vec<Row>,
    seconds: i64,
    names: u32,
}

impl Row {
    /// What holds up each other.
    fn queue(&self) -> (usize, Lane, Option<&str>) {
        (self.room, self.lane, Some(self.name.as_str()).filter(|_| self.lane == Lane::Alone))
    }
}

impl List {
    fn row(&mut self, room: usize, lane: Lane, seconds: i64) -> Row {
        self.names += 1;
        Row {
            name: self.names.to_string(),
            room,
            lane,
            planned_at: at(seconds),
            not_before_at: at(seconds),
            attempts: 0,
            frozen: false,
            lease: None,
        }
    }

    /// The first of each lane that nobody holds, the longest due first.
    fn heads(&self) -> Vec<&Row> {
        let mut seen = BTreeSet::new();
        let firsts = self.rows.iter().filter(|row| seen.insert(row.queue()));
        let mut heads: Vec<_> = firsts.filter(|first| self.with(first).all(|row| row.lease.is_none())).collect();
        heads.sort_by_key(|row| (row.not_before_at, self.place(row)));
        heads
    }

    /// Those that stand in the same lane.
    fn with(&self, one: &Row) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.queue() == one.queue())
    }

    fn place(&self, wanted: &Row) -> Option<usize> {
        self.rows.iter().position(|row| row.name == wanted.name)
    }

    /// One of those that are leased.
    fn leased(&mut self, which: usize) -> Option<&mut Row> {
        self.rows.iter_mut().filter(|row| row.lease.is_some()).nth(which)
    }

    fn forget(&mut self, name: &str) {
        self.rows.retain(|row| row.name != name);
    }
}

/// The store and the list side by side.
struct Pair {
    directory: Directory,
    store: Arc<dyn Store>,
    list: List,
}

impl Pair {
    async fn commit(&self, commit: Commit) {
        self.store.commit(commit).await.unwrap();
    }

    async fn run(mut self, operations: Vec<Operation>) {
        for operation in operations {
            self = self.step(operation).await;
            self.compare().await;
        }
    }

    async fn step(mut self, operation: Operation) -> Self {
        match operation {
            Operation::Queue { room, lane, seconds } => self.queue(room, lane, seconds).await,
            Operation::Replace { room, lane, count } => self.replace(room, lane, count).await,
            Operation::Move { from, to } => self.move_cards(from, to).await,
            Operation::Wake { room } => self.wake(room).await,
            Operation::Lease { limit, cards } => self.lease(limit, cards).await,
            Operation::Freeze { which } => self.freeze(which).await,
            Operation::Settle { which, how } => self.settle(which, how).await,
            Operation::Release { which } => self.release(which),
            Operation::Wait => self.list.seconds += 1,
            Operation::Restart => {
                self.store = self.directory.reopen(self.store).await;
                self.list.rows.iter_mut().for_each(|row| row.lease = None);
            }
            Operation::Prune => drop(self.store.prune(&everything_is_old()).await.unwrap()),
            Operation::Carry => {
                self.store = self.directory.carry(self.store).await;
                self.list.rows.iter_mut().for_each(|row| row.lease = None);
            }
        }
        self
    }

    async fn queue(&mut self, room: usize, lane: Lane, seconds: i64) {
        let row = self.list.row(room, lane, seconds);
        let delivery = NewDelivery { not_before_at: row.not_before_at, ..delivery_in(lane, ROOMS[room], &row.name) };
        self.list.rows.push(row);
        let deliveries = vec![delivery];
        self.commit(Commit { deliveries, ..Commit::default() }).await;
    }

    async fn replace(&mut self, room: usize, lane: Lane, count: usize) {
        let cards = self.store.waiting(&room_id(ROOMS[room]), lane, count).await.unwrap();
        let Some(first) = cards.first() else { return };
        let row = self.list.row(room, Lane::Cards, 0);
        self.commit(Commit {
            deliveries: vec![digest(ROOMS[room], &row.name)],
            replaced: cards.iter().map(|card| card.id).collect(),
            ..Commit::default()
        })
        .await;
        let name = name_of(&first.what);
        let place = self.list.rows.iter().position(|row| row.name == name).unwrap();
        self.list.rows.insert(place, row);
        for card in cards {
            self.list.forget(&name_of(&card.what));
        }
    }

    async fn move_cards(&mut self, from: usize, to: usize) {
        let moved = vec![(room_id(ROOMS[from]), room_id(ROOMS[to]), None)];
        self.commit(Commit { moved, ..Commit::default() }).await;
        let untried = |row: &Row| row.room == from && row.lane != Lane::Talk && row.attempts == 0 && row.lease.is_none();
        let (moving, staying): (Vec<_>, Vec<_>) = self.list.rows.drain(..).partition(untried);
        self.list.rows = staying;
        self.list.rows.extend(moving.into_iter().map(|row| Row { room: to, ..row }));
    }

    async fn wake(&mut self, room: usize) {
        let woken = vec![Target::Room(room_id(ROOMS[room]))];
        self.commit(Commit { woken, ..Commit::default() }).await;
        for row in self.list.rows.iter_mut().filter(|row| row.room == room) {
            row.not_before_at = row.not_before_at.min(row.planned_at);
        }
    }

    async fn lease(&mut self, limit: usize, cards: usize) {
        let now = at(self.list.seconds);
        let leased = self.store.lease_deliveries(now, limit, cards).await.unwrap();
        let mut cards_left = cards;
        let mut may_go = |row: &&Row| row.lane != Lane::Cards || cards_left.checked_sub(1).map(|left| cards_left = left).is_some();
        let due = self.list.heads().into_iter().filter(|row| row.not_before_at <= now);
        let heads = due.filter(|row| may_go(row)).take(limit);
        let expected: Vec<String> = heads.map(|row| row.name.clone()).collect();
        assert_eq!(super::values::names(&leased), expected);
        for held in leased {
            let name = name_of(&held.delivery.what);
            let row = self.list.rows.iter().find(|row| row.name == name).unwrap();
            assert_eq!(held.waiting as usize, self.list.with(row).count());
            assert_eq!(held.delivery.attempts, row.attempts);
            let row = self.list.rows.iter_mut().find(|row| row.name == name).unwrap();
            row.lease = Some((held.delivery.id, false));
        }
    }

    async fn freeze(&mut self, which: usize) {
        let Some(row) = self.list.leased(which) else { return };
        let Some((id, _)) = row.lease else { return };
        row.attempts += 1;
        row.frozen = true;
        row.lease = Some((id, true));
        let bytes = frozen(ROOMS[row.room], &row.name);
        self.store.freeze(vec![(id, bytes)], at(self.list.seconds)).await.unwrap();
    }

    async fn settle(&mut self, which: usize, how: How) {
        let Some(row) = self.list.leased(which) else { return };
        let Some((id, counted)) = row.lease.take() else { return };
        let name = row.name.clone();
        let settlement = match how {
            How::Done => done(id, &name, at(0)),
            How::Withheld => Settlement::Withheld { id },
            How::Buried => Settlement::Buried { id, reason: name.clone() },
            How::Retry { seconds, attempted } => {
                row.not_before_at = at(seconds);
                match (attempted, counted) {
                    (true, false) => row.attempts += 1,
                    (false, true) => row.attempts -= 1,
                    _ => {}
                }
                row.frozen &= row.attempts > 0;
                Settlement::Retry { id, at: at(seconds), attempted }
            }
        };
        if !matches!(settlement, Settlement::Retry { .. }) {
            self.list.forget(&name);
        }
        self.store.settle(vec![settlement]).await.unwrap();
    }

    fn release(&mut self, which: usize) {
        if let Some((id, _)) = self.list.leased(which).and_then(|row| row.lease.take()) {
            self.store.release_delivery(id);
        }
    }

    async fn compare(&self) {
        assert_eq!(self.store.totals().await.unwrap().waiting, self.list.rows.len() as u64);
        let next_at = self.list.heads().iter().map(|row| row.not_before_at).min();
        assert_eq!(self.store.next_delivery_at().await.unwrap().at(), next_at);
        for room in 0..ROOMS.len() {
            for lane in [Lane::Cards, Lane::Talk, Lane::Gathered, Lane::Alone] {
                self.compare_lane(room, lane).await;
            }
        }
    }

    async fn compare_lane(&self, room: usize, lane: Lane) {
        let waiting = self.store.waiting(&room_id(ROOMS[room]), lane, 1_000).await.unwrap();
        let seen: Vec<_> = waiting.iter().map(|one| (name_of(&one.what), one.not_before_at, one.attempts, one.frozen.is_some())).collect();
        let expected = self.list.rows.iter().filter(|row| (row.room, row.lane) == (room, lane));
        let expected: Vec<_> = expected.map(|row| (row.name.clone(), row.not_before_at, row.attempts, row.frozen)).collect();
        assert_eq!(seen, expected);
        for delivery in waiting {
            assert_eq!(self.store.marked(&delivery.mark()).await.unwrap(), Some(delivery.id));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_behaves_like_a_list(operations in vec(operations(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let directory = Directory::new();
            let store = directory.open().await;
            let pair = Pair { directory, store, list: List::default() };
            pair.run(operations).await;
        });
    }
}
