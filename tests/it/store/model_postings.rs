//! Postings, what was decided about trades and what is to be revised, compared with the plainest
//! lists there can be, over random operations.

use super::Directory;
use super::Place;
use super::posting_values::editing;
use super::posting_values::events;
use super::posting_values::id_of;
use super::posting_values::in_room;
use super::posting_values::raised;
use super::posting_values::revised_in;
use super::posting_values::showing;
use super::values::at;
use super::values::done;
use super::values::event_id;
use super::values::everything_is_old;
use super::values::queue;
use super::values::room_id;
use super::values::settle;
use super::values::source_id;
use super::values::trade;
use super::values::user;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::Number;
use tradepost::domain::shared::SharedTrade;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Trade;
use tradepost::store::Commit;
use tradepost::store::Retention;
use tradepost::store::Store;

const SHARERS: [&str; 2] = ["joy", "ann"];
const ROOMS: [&str; 2] = ["a", "b"];
const ITEMS: [&str; 3] = ["cup", "mug", "tea"];

/// What a posting shows: items with how many revisions they are behind.
type Shows = BTreeMap<usize, u32>;

/// What can happen; numbers name sharers, rooms, items and postings.
#[derive(Clone, Debug)]
enum Operation {
    Post {
        sharer: usize,
        room: usize,
        board: bool,
        shows: Shows,
    },
    Edit {
        which: usize,
        shows: Shows,
    },
    Revise {
        which: usize,
    },
    Raise {
        item: usize,
    },
    Undo {
        sharer: usize,
        item: usize,
    },
    Withdraw {
        which: usize,
    },
    Share {
        sharer: usize,
        item: usize,
    },
    Restart,
    /// Exported, and imported elsewhere.
    Carry,
    /// Everything is old.
    Prune,
}

fn operations() -> impl Strategy<Value = Operation> {
    let shows = || btree_map(0..ITEMS.len(), 0_u32..2, 0..3);
    let (sharer, item, which) = (0..SHARERS.len(), 0..ITEMS.len(), 0_usize..6);
    prop_oneof![
        5 => (sharer.clone(), 0..ROOMS.len(), any::<bool>(), shows())
            .prop_map(|(sharer, room, board, shows)| Operation::Post { sharer, room, board, shows }),
        3 => (which.clone(), shows()).prop_map(|(which, shows)| Operation::Edit { which, shows }),
        3 => which.clone().prop_map(|which| Operation::Revise { which }),
        4 => item.clone().prop_map(|item| Operation::Raise { item }),
        1 => (sharer.clone(), item.clone()).prop_map(|(sharer, item)| Operation::Undo { sharer, item }),
        2 => which.prop_map(|which| Operation::Withdraw { which }),
        2 => (sharer, item).prop_map(|(sharer, item)| Operation::Share { sharer, item }),
        1 => Just(Operation::Restart),
        1 => Just(Operation::Carry),
        1 => Just(Operation::Prune),
    ]
}

/// A posting as the list has it.
#[derive(Debug)]
struct Posted {
    name: String,
    sharer: usize,
    room: usize,
    board: bool,
    /// Items with the revision shown.
    shows: BTreeMap<usize, u32>,
    withdrawn: bool,
    /// Whether a revision waits.
    revised: bool,
}

#[derive(Debug, Default)]
struct Lists {
    postings: Vec<Posted>,
    revisions: BTreeMap<usize, u32>,
    shared: BTreeMap<usize, Vec<usize>>,
    undone: BTreeSet<(usize, usize)>,
    boards: BTreeMap<(usize, usize), String>,
    names: u32,
}

impl Lists {
    fn name(&mut self) -> String {
        self.names += 1;
        self.names.to_string()
    }

    /// The revisions that are shown when each is so much behind.
    fn shown(&self, shows: &Shows) -> BTreeMap<usize, u32> {
        shows.iter().map(|(item, behind)| (*item, self.revision(*item).saturating_sub(*behind))).collect()
    }

    fn revision(&self, item: usize) -> u32 {
        self.revisions.get(&item).copied().unwrap_or_default()
    }

    /// Whether a posting of `sharer` that shows this is out of date.
    fn is_old(&self, sharer: usize, shows: &BTreeMap<usize, u32>) -> bool {
        shows.iter().any(|(item, revision)| *revision < self.revision(*item) || self.undone.contains(&(sharer, *item)))
    }

    fn newest_in(&self, room: usize) -> Option<String> {
        self.postings.iter().rev().find(|posted| posted.room == room).map(|posted| posted.name.clone())
    }

    /// The names of those of which `is_so` holds that have not been withdrawn, newest first.
    fn standing(&self, is_so: impl Fn(&Posted) -> bool) -> Vec<&str> {
        let standing = self.postings.iter().rev().filter(|posted| !posted.withdrawn && is_so(posted));
        standing.map(|posted| posted.name.as_str()).collect()
    }
}

fn named(shows: &BTreeMap<usize, u32>) -> Vec<(&'static str, u32)> {
    shows.iter().map(|(item, revision)| (ITEMS[*item], *revision)).collect()
}

/// The store and the lists side by side.
struct Pair {
    directory: Directory,
    store: Arc<dyn Store>,
    lists: Lists,
}

impl Pair {
    async fn run(mut self, operations: Vec<Operation>) {
        // These are never old.
        let trades = ITEMS.map(|item| Trade { seen_at: at(200_000_000), ..trade("shop", item) }).to_vec();
        self.commit(Commit { trades, ..Commit::default() }).await;
        for operation in operations {
            self = self.step(operation).await;
            self.compare().await;
        }
    }

    async fn commit(&self, commit: Commit) {
        self.store.commit(commit).await.unwrap();
    }

    async fn step(mut self, operation: Operation) -> Self {
        match operation {
            Operation::Post { sharer, room, board, shows } => self.post(sharer, room, board, &shows).await,
            Operation::Edit { which, shows } => self.edit(which, &shows).await,
            Operation::Revise { which } => self.revise(which).await,
            Operation::Raise { item } => self.raise(item).await,
            Operation::Undo { sharer, item } => self.undo(sharer, item).await,
            Operation::Withdraw { which } => self.withdraw(which).await,
            Operation::Share { sharer, item } => self.share(sharer, item).await,
            Operation::Restart => self.store = self.directory.reopen(self.store).await,
            Operation::Prune => self.prune().await,
            Operation::Carry => self.store = self.directory.carry(self.store).await,
        }
        self
    }

    async fn post(&mut self, sharer: usize, room: usize, board: bool, shows: &Shows) {
        let (name, shows) = (self.lists.name(), self.lists.shown(shows));
        let (by, shop, id) = (user(SHARERS[sharer]), Line::title("shop"), trade("shop", &name).id());
        let card = What::Card { sharer: by.clone(), trade: id, shop };
        let what = if board { What::Board { sharer: by, add: None } } else { card };
        queue(&*self.store, vec![in_room(ROOMS[room], what.clone())]).await;
        let id = id_of(&*self.store, ROOMS[room], &what).await;
        self.store.freeze(vec![(id, showing(ROOMS[room], &named(&shows)))], at(0)).await.unwrap();
        settle(&*self.store, done(id, &name, at(5))).await;
        if board {
            self.lists.boards.insert((sharer, room), name.clone());
        }
        let revised = self.lists.is_old(sharer, &shows);
        self.lists.postings.push(Posted { name, sharer, room, board, shows, withdrawn: false, revised });
    }

    /// Edits a posting as a board is edited; a card that is edited like this is as good.
    async fn edit(&mut self, which: usize, shows: &Shows) {
        let shows = self.lists.shown(shows);
        let Some(posted) = self.lists.postings.get(which) else { return };
        let what = What::Board { sharer: user(SHARERS[posted.sharer]), add: None };
        queue(&*self.store, vec![in_room(ROOMS[posted.room], what.clone())]).await;
        let id = id_of(&*self.store, ROOMS[posted.room], &what).await;
        self.store.freeze(vec![(id, editing(ROOMS[posted.room], &posted.name, &named(&shows)))], at(0)).await.unwrap();
        settle(&*self.store, done(id, "edit", at(6))).await;
        let is_old = self.lists.is_old(posted.sharer, &shows);
        if let Some(posted) = self.lists.postings.get_mut(which).filter(|posted| !posted.withdrawn) {
            posted.shows = shows;
            posted.revised |= is_old;
        }
    }

    /// Does what is queued: what is undone goes, and the rest is shown as it is.
    async fn revise(&mut self, which: usize) {
        let now: BTreeMap<_, _> = (0..ITEMS.len()).map(|item| (item, self.lists.revision(item))).collect();
        let undone = self.lists.undone.clone();
        let Some(posted) = self.lists.postings.get_mut(which).filter(|posted| posted.revised) else { return };
        let kept = posted.shows.keys().filter(|item| !undone.contains(&(posted.sharer, **item)));
        let shows: BTreeMap<_, _> = kept.map(|item| (*item, now[item])).collect();
        let what = What::Revise { event: event_id(&posted.name) };
        let id = id_of(&*self.store, ROOMS[posted.room], &what).await;
        self.store.freeze(vec![(id, editing(ROOMS[posted.room], &posted.name, &named(&shows)))], at(0)).await.unwrap();
        settle(&*self.store, done(id, "edit", at(6))).await;
        posted.revised = false;
        if !posted.withdrawn {
            posted.shows = shows;
        }
    }

    /// What is old goes, but for boards that stand, what is to be revised, and the newest of each room.
    async fn prune(&mut self) {
        self.store.prune(&Retention { seen_before: at(-1), ..everything_is_old() }).await.unwrap();
        let newest: Vec<_> = (0..ROOMS.len()).filter_map(|room| self.lists.newest_in(room)).collect();
        let boards = &self.lists.boards;
        let stands = |posted: &Posted| boards.values().any(|name| *name == posted.name) || posted.revised || newest.contains(&posted.name);
        self.lists.postings.retain(stands);
    }

    async fn raise(&mut self, item: usize) {
        let revision = self.lists.revision(item) + 1;
        self.lists.revisions.insert(item, revision);
        self.commit(Commit { items: vec![raised(ITEMS[item], revision)], ..Commit::default() }).await;
        for posted in self.lists.postings.iter_mut().filter(|posted| !posted.withdrawn) {
            posted.revised |= posted.shows.contains_key(&item);
        }
    }

    async fn undo(&mut self, sharer: usize, item: usize) {
        self.commit(Commit { undone: vec![(user(SHARERS[sharer]), trade("shop", ITEMS[item]).id())], ..Commit::default() }).await;
        if self.lists.undone.insert((sharer, item)) {
            for posted in self.lists.postings.iter_mut().filter(|posted| !posted.withdrawn && posted.sharer == sharer) {
                posted.revised |= posted.shows.contains_key(&item);
            }
        }
    }

    async fn withdraw(&mut self, which: usize) {
        let Some(posted) = self.lists.postings.get_mut(which) else { return };
        posted.withdrawn = true;
        self.lists.boards.retain(|_, name| *name != posted.name);
        let withdrawn = vec![(event_id(&posted.name), at(7))];
        self.commit(Commit { withdrawn, ..Commit::default() }).await;
    }

    async fn share(&mut self, sharer: usize, item: usize) {
        let (by, trade, shop) = (user(SHARERS[sharer]), trade("shop", ITEMS[item]).id(), Line::title("shop"));
        let (categories, contacts) = (Vec::new(), Vec::new());
        let decided = SharedTrade { sharer: by, number: Number(0), trade, shop, decided_at: at(0), categories, contacts, undone: false };
        self.commit(Commit { shared: vec![decided], ..Commit::default() }).await;
        let items = self.lists.shared.entry(sharer).or_default();
        if !items.contains(&item) {
            items.push(item);
        }
    }

    async fn compare(&self) {
        for (item, name) in ITEMS.iter().enumerate() {
            let found = self.store.postings_of(&source_id("shop"), &ExternalId::new(*name)).await.unwrap();
            assert_eq!(events(&found), self.lists.standing(|posted| posted.shows.contains_key(&item)));
        }
        for (index, room) in ROOMS.iter().enumerate() {
            let revised = self.lists.postings.iter().filter(|posted| posted.room == index && posted.revised);
            let revised: BTreeSet<_> = revised.map(|posted| posted.name.clone()).collect();
            let waiting = revised_in(&*self.store, room).await;
            assert_eq!((waiting.len(), waiting.into_iter().collect::<BTreeSet<_>>()), (revised.len(), revised));
        }
        for sharer in 0..SHARERS.len() {
            self.compare_sharer(sharer).await;
        }
        for posted in &self.lists.postings {
            let found = self.store.posting(&event_id(&posted.name)).await.unwrap().unwrap();
            assert_eq!((found.withdrawn_at.is_some(), found.content), (posted.withdrawn, showing("a", &named(&posted.shows)).content));
            assert_eq!(matches!(found.what, What::Board { .. }), posted.board);
        }
    }

    async fn compare_sharer(&self, sharer: usize) {
        let joy = user(SHARERS[sharer]);
        for (room, name) in ROOMS.iter().enumerate() {
            let found = self.store.postings_to(&joy, &room_id(name), 100).await.unwrap();
            let is_so = |posted: &Posted| posted.sharer == sharer && posted.room == room && !posted.shows.is_empty();
            assert_eq!(events(&found), self.lists.standing(is_so));
            let board = self.store.board(&joy, &room_id(name)).await.unwrap();
            let expected = self.lists.boards.get(&(sharer, room)).map(|name| event_id(name));
            assert_eq!(board.map(|board| board.event), expected);
        }
        let found = self.store.newest_shared(&joy, 100).await.unwrap();
        let found: Vec<_> = found.into_iter().rev().map(|shared| (shared.trade, shared.undone)).collect();
        let items = self.lists.shared.get(&sharer).cloned().unwrap_or_default();
        let undone = |item| self.lists.undone.contains(&(sharer, item));
        let expected: Vec<_> = items.into_iter().map(|item| (trade("shop", ITEMS[item]).id(), undone(item))).collect();
        assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn postings_behave_like_a_list(operations in vec(operations(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let directory = Directory::new();
            let store = directory.open().await;
            Pair { directory, store, lists: Lists::default() }.run(operations).await;
        });
    }
}
