//! The embedded store: sled, opened by one process. This file delegates; what is written stands in
//! `settings`, `items`, `deliveries`, `moves`, `settlements`, `postings`, `revisions`, `shared`, `events`,
//! `parked`, `named`, `buried`, `erasure`, and what goes of itself in `pruning`. `moment` and `dump` export it.
//!
//! Invariants: one thread writes, so what a change was based on holds until it is applied. What a
//! verb answered is durable. Memory holds nothing that cannot be read again, except leases.

mod buried;
mod change;
mod codec;
mod deliveries;
mod directory;
mod dump;
mod erasure;
mod events;
mod items;
mod keys;
mod moment;
mod moves;
mod named;
mod needed;
mod parked;
mod postings;
mod pruning;
mod queue;
mod replan;
mod revisions;
mod rules;
mod settings;
mod settlements;
mod shared;
mod tables;
mod writer;

use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Leased;
use crate::domain::delivery::OnceKey;
use crate::domain::delivery::Posting;
use crate::domain::delivery::Settlement;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::EventId;
use crate::domain::ids::ExternalId;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::panel::Scope;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::shared::SharedTrade;
use crate::domain::sharer::Sharer;
use crate::domain::source::Item;
use crate::domain::source::Source;
use crate::domain::trade::Trade;
use crate::store::Commit;
use crate::store::Exported;
use crate::store::Named;
use crate::store::NextDelivery;
use crate::store::ParkedEvent;
use crate::store::PendingEvent;
use crate::store::Pruned;
use crate::store::Remembered;
use crate::store::Result;
use crate::store::Retention;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Totals;
use crate::store::sled::change::Change;
use crate::store::sled::change::Ledger;
use crate::store::sled::deliveries::once_key;
use crate::store::sled::events::Events;
use crate::store::sled::items::item_key;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::moment::Kept;
use crate::store::sled::moment::Reading;
use crate::store::sled::needed::Needed;
use crate::store::sled::pruning::Pass;
use crate::store::sled::queue::Queue;
use crate::store::sled::rules::Orphans;
use crate::store::sled::settings::room_key;
use crate::store::sled::settings::sharer_key;
use crate::store::sled::settings::source_key;
use crate::store::sled::settings::trade_key;
use crate::store::sled::shared::undone_key;
use crate::store::sled::tables::Tables;
use crate::store::sled::writer::Writer;
use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::watch;

/// A store in a directory. Reads are done on the thread that polls them, which takes microseconds;
/// writes and the disk are waited for on a thread of their own.
#[derive(Debug)]
pub struct SledStore {
    writer: Writer,
    core: Arc<Core>,
    path: PathBuf,
    /// Held by whoever exports.
    exporting: Arc<AsyncMutex<()>>,
    /// Held by whoever prunes.
    pruning: AsyncMutex<Orphans>,
}

/// What the store and its writer share.
#[derive(Debug)]
struct Core {
    tables: Tables,
    kept: Kept,
    memory: Mutex<Memory>,
    changes: watch::Sender<u64>,
    /// Why nothing can be written any more.
    failure: OnceLock<String>,
}

/// What is known without reading: the order of what waits, and the leases.
#[derive(Debug, Default)]
struct Memory {
    queue: Queue,
    events: Events,
    /// With the version that was leased.
    leased_sources: HashMap<SourceId, u64>,
    /// What came to be needed while a pass of pruning goes on.
    needed: Option<Needed>,
    next_number: u64,
    ledger: Ledger,
}

impl From<sled::Error> for StoreError {
    fn from(error: sled::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl SledStore {
    /// Opens the database in the directory `path`, which is made where nothing is. What was leased
    /// is free again.
    pub fn open(path: &Path) -> Result<Self> {
        let tables = Tables::new(directory::open(path)?);
        let memory = Mutex::new(Memory::load(&tables)?);
        let (changes, failure) = (watch::Sender::new(0), OnceLock::new());
        let core = Arc::new(Core { memory, tables, kept: Kept::default(), changes, failure });
        let writer = Writer::start(Arc::clone(&core), path)?;
        Ok(Self { writer, core, path: path.to_owned(), exporting: Arc::default(), pruning: AsyncMutex::default() })
    }

    /// Makes a new database in the directory `path`, which must be empty or not be there, of what
    /// [`Store::export`] wrote. If this does not end, [`Self::open`] refuses what is there, and it can be
    /// imported again.
    pub fn import(path: &Path, from: &Path) -> Result<Exported> {
        directory::import(path, from)
    }

    /// Marks the directory `path`, which must be empty or not be there, as the place of a backup that is being
    /// restored with its keys in the directory `keys`: until [`Self::restore`] has ended, [`Self::open`] refuses
    /// what is there. While the answer is held, nobody else restores there.
    pub fn begin_restore(path: &Path, keys: &Path) -> Result<File> {
        directory::begin_restore(path, keys)
    }

    /// Whether the two directories were marked so by a restore that did not end.
    pub fn is_being_restored(path: &Path, keys: &Path) -> Result<bool> {
        directory::is_being_restored(path, keys)
    }

    /// Makes the database of a backup in a directory that [`Self::begin_restore`] marked, as [`Self::import`]
    /// does, with [`Named::Restored`].
    pub fn restore(path: &Path, from: &Path) -> Result<Exported> {
        directory::restore(path, from)
    }

    fn tables(&self) -> &Tables {
        &self.core.tables
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.core.memory()
    }
}

impl Memory {
    /// Reads what is needed.
    fn load(tables: &Tables) -> Result<Self> {
        let mut ledger: Ledger = tables.value(&Ledger::key())?.unwrap_or_default();
        if ledger.contacts.is_none() {
            ledger.contacts = Some(settings::contacts(tables)?);
        }
        Ok(Self {
            queue: deliveries::load(tables)?,
            events: events::load(tables)?,
            leased_sources: HashMap::new(),
            needed: None,
            next_number: ledger.free_from.max(1),
            ledger,
        })
    }
}

impl Core {
    /// Memory is changed only by what cannot fail, so it is whole even after a panic.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses once something could not be written: then nobody knows what the disk holds, and
    /// nothing may be built on it until the database has been opened anew.
    fn check(&self) -> Result<()> {
        self.failure.get().map_or(Ok(()), |reason| Err(StoreError::Failed(reason.clone().into())))
    }

    fn fail(&self, error: &StoreError) {
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        // Only the first failure counts; the others follow from it.
        let what = if is_disk_full(error) { "the disk is full" } else { "the database could not be written" };
        if self.failure.set(format!("{what}: {reason}")).is_ok() {
            tracing::error!(reason, "{what}; nothing more is taken, and what was taken is safe");
            // sled panics where it is closed over a disk that fails; so it never is.
            std::mem::forget(self.tables.db().clone());
        }
        self.notify();
    }

    fn notify(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

fn is_disk_full(error: &StoreError) -> bool {
    let StoreError::Failed(cause) = error else { return false };
    let io = match cause.downcast_ref::<sled::Error>() {
        Some(sled::Error::Io(io)) => Some(io),
        _ => cause.downcast_ref::<std::io::Error>(),
    };
    io.is_some_and(|io| matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
}

fn remembered_key(reaction: &EventId) -> Key {
    Key::text(Table::Remembered, reaction.as_str())
}

/// What a commit changes.
fn commit(commit: Commit, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let finished = commit.finished_event.map(|id| events::finish(id, memory, change)).transpose()?;
    let unparked = parked::unpark(commit.unparked, change)?;
    events::take(commit.events, unparked, change)?;
    events::reseal(commit.resealed, memory, change)?;
    parked::park(commit.parked, finished.as_ref(), change)?;
    for (name, value) in commit.named {
        named::put(&name, value, change)?;
    }
    let mut left = BTreeSet::new();
    for sharer in commit.sharers {
        left.extend(settings::put_sharer(sharer, change)?);
    }
    let removed = settings::put_sources(commit.sources, left, change)?;
    for (event, at) in &commit.withdrawn {
        postings::withdraw(event, *at, change)?;
    }
    for item in commit.items.iter().filter(|item| !removed.contains(&item.source)) {
        items::put(item, memory, change)?;
    }
    for trade in &commit.trades {
        change.need(trade.id().as_str());
        change.need(needed::item_of(trade));
        change.put(trade_key(&trade.id()), trade)?;
    }
    for trade in commit.shared {
        shared::add(trade, change)?;
    }
    for (sharer, trade) in &commit.undone {
        if shared::undo(sharer, trade, change)? {
            revisions::trade_undone(sharer, trade, memory, change)?;
        }
    }
    for remembered in &commit.remembered {
        change.put(remembered_key(&remembered.reaction), remembered)?;
    }
    for room in commit.rooms {
        settings::put_room(room, change)?;
    }
    erasure::erase(&commit.erased, &commit.emptied, memory, change)?;
    deliveries::add(commit.deliveries, &commit.replaced, memory, change)?;
    for (from, to, sharer) in &commit.moved {
        moves::move_cards(from, to, sharer.as_ref(), memory, change)?;
    }
    for target in &commit.woken {
        moves::wake(target, memory, change)?;
    }
    Ok(())
}

/// Whether a commit may make something leasable.
fn is_news(commit: &Commit) -> bool {
    *commit != Commit { named: commit.named.clone(), ..Commit::default() }
}

#[async_trait]
impl Store for SledStore {
    async fn sharer(&self, id: &UserId) -> Result<Option<Sharer>> {
        self.tables().value(&sharer_key(id))
    }

    async fn followers(&self, source: &SourceId) -> Result<Vec<Sharer>> {
        settings::sharers_at(Table::Follower, source.as_str(), self.tables())
    }

    async fn sharers_in(&self, room: &RoomId) -> Result<Vec<Sharer>> {
        settings::sharers_at(Table::Contact, room.as_str(), self.tables())
    }

    async fn source(&self, id: &SourceId) -> Result<Option<Source>> {
        self.tables().value(&source_key(id))
    }

    async fn items(&self, source: &SourceId, ids: &[ExternalId]) -> Result<Vec<Item>> {
        let found = ids.iter().map(|id| self.tables().value(&item_key(source, id.as_str())));
        found.filter_map(Result::transpose).collect()
    }

    async fn trade(&self, id: &TradeId) -> Result<Option<Trade>> {
        self.tables().value(&trade_key(id))
    }

    async fn room(&self, id: &RoomId) -> Result<Option<Room>> {
        self.tables().value(&room_key(id))
    }

    async fn source_ids(&self) -> Result<Vec<SourceId>> {
        self.tables().values::<Source>(&Key::all(Table::Source)).map(|source| source.map(|source| source.id)).collect()
    }

    async fn pending_events(&self) -> Result<Vec<PendingEvent>> {
        self.tables().values(&Key::all(Table::Event)).collect()
    }

    async fn rooms_of(&self, user: &UserId) -> Result<Vec<Room>> {
        settings::rooms_with(user, self.tables())
    }

    async fn taken(&self, keys: &[OnceKey]) -> Result<BTreeSet<OnceKey>> {
        let mut taken = BTreeSet::new();
        for key in keys {
            if self.tables().bytes(&once_key(key))?.is_some() {
                taken.insert(key.clone());
            }
        }
        Ok(taken)
    }

    async fn items_of(&self, source: &SourceId) -> Result<Vec<Item>> {
        items::of_source(source, self.tables())
    }

    async fn waiting(&self, room: &RoomId, lane: Lane, limit: usize) -> Result<Vec<Delivery>> {
        deliveries::in_lane(room, lane, limit, self.tables(), &self.memory())
    }

    async fn posting(&self, event: &EventId) -> Result<Option<Posting>> {
        postings::posting(event, self.tables())
    }

    async fn postings_to(&self, sharer: &UserId, room: &RoomId, limit: usize) -> Result<Vec<Posting>> {
        postings::to_room(sharer, room, limit, self.tables())
    }

    async fn postings_of(&self, source: &SourceId, item: &ExternalId) -> Result<Vec<Posting>> {
        postings::of_item(source, item, self.tables())
    }

    async fn board(&self, sharer: &UserId, room: &RoomId) -> Result<Option<Posting>> {
        postings::board(sharer, room, self.tables())
    }

    async fn panel(&self, owner: &UserId, scope: &Scope) -> Result<Option<EventId>> {
        postings::panel(owner, scope, self.tables())
    }

    async fn remembered(&self, reaction: &EventId) -> Result<Option<Remembered>> {
        self.tables().value(&remembered_key(reaction))
    }

    async fn shared(&self, sharer: &UserId, number: Number) -> Result<Option<SharedTrade>> {
        shared::by_number(sharer, number, self.tables())
    }

    async fn shared_trade(&self, sharer: &UserId, trade: &TradeId) -> Result<Option<SharedTrade>> {
        shared::by_trade(sharer, trade, self.tables())
    }

    async fn newest_shared(&self, sharer: &UserId, limit: usize) -> Result<Vec<SharedTrade>> {
        shared::newest(sharer, limit, self.tables())
    }

    async fn is_undone(&self, sharer: &UserId, trade: &TradeId) -> Result<bool> {
        Ok(self.tables().bytes(&undone_key(sharer, trade))?.is_some())
    }

    async fn last_posting(&self, room: &RoomId) -> Result<Option<Posting>> {
        settlements::last_posting(room, self.tables())
    }

    async fn marked(&self, mark: &str) -> Result<Option<DeliveryId>> {
        Ok(self.memory().queue.marked(mark))
    }

    async fn parked(&self, room: &RoomId, session: &str, limit: usize) -> Result<Vec<ParkedEvent>> {
        parked::of_session(room, session, limit, self.tables())
    }

    async fn parked_before(&self, before: Timestamp, limit: usize) -> Result<Vec<ParkedEvent>> {
        parked::received_before(before, limit, self.tables())
    }

    async fn named(&self, name: &Named) -> Result<Option<String>> {
        named::value(name, self.tables())
    }

    async fn sharers(&self) -> Result<Vec<UserId>> {
        let sharers = self.tables().values::<Sharer>(&Key::all(Table::Sharer));
        sharers.map(|sharer| sharer.map(|sharer| sharer.id)).collect()
    }

    async fn encrypted_rooms(&self) -> Result<Vec<RoomId>> {
        let rooms = self.tables().values::<Room>(&Key::all(Table::Room));
        let is_encrypted = |room: &Result<Room>| room.as_ref().map_or(true, |room| room.encrypted && room.ours == Membership::Joined);
        rooms.filter(is_encrypted).map(|room| room.map(|room| room.id)).collect()
    }

    async fn in_own_name(&self) -> Result<Vec<Sharer>> {
        settings::sharers_at(Table::OwnName, settings::TOGETHER, self.tables())
    }

    async fn has_pending_events(&self, room: &RoomId) -> Result<bool> {
        Ok(self.memory().events.has_of(room))
    }

    async fn totals(&self) -> Result<Totals> {
        let disk_bytes = self.tables().db().size_on_disk()?;
        let memory = self.memory();
        Ok(Totals {
            waiting: memory.queue.len(),
            buried: memory.ledger.buried,
            events: memory.events.len(),
            parked: memory.ledger.parked,
            sources: memory.ledger.sources,
            sharers: memory.ledger.sharers,
            contacts: memory.ledger.contacts.unwrap_or_default(),
            disk_bytes,
        })
    }

    async fn commit(&self, changes: Commit) -> Result<()> {
        self.writer.write(is_news(&changes), |memory, change| commit(changes, memory, change)).await
    }

    async fn take_events(&self, events: Vec<PendingEvent>) -> Result<usize> {
        self.writer.write(true, |_, change| events::take(events, BTreeMap::new(), change)).await
    }

    async fn lease_events(&self, limit: usize) -> Result<Vec<PendingEvent>> {
        self.core.check()?;
        events::lease(limit, self.tables(), &mut self.memory())
    }

    fn release_event(&self, id: &EventId) {
        self.memory().events.release(id);
        self.core.notify();
    }

    async fn lease_sources(&self, now: Timestamp, limit: usize) -> Result<Vec<Source>> {
        self.core.check()?;
        settings::lease_sources(now, limit, self.tables(), &mut self.memory())
    }

    async fn next_poll_at(&self) -> Result<Option<Timestamp>> {
        settings::next_poll_at(self.tables(), &self.memory())
    }

    fn release_source(&self, leased: &Source) {
        settings::release_source(leased, &mut self.memory());
        self.core.notify();
    }

    async fn lease_deliveries(&self, now: Timestamp, limit: usize, cards: usize) -> Result<Vec<Leased>> {
        self.core.check()?;
        deliveries::lease(now, limit, cards, self.tables(), &mut self.memory())
    }

    async fn next_delivery_at(&self) -> Result<NextDelivery> {
        Ok(self.memory().queue.next_at())
    }

    async fn freeze(&self, frozen: Vec<(DeliveryId, Frozen)>, now: Timestamp) -> Result<()> {
        let plan = move |memory: &Memory, change: &mut Change<'_>| {
            let mut all = frozen.into_iter();
            all.try_for_each(|(id, frozen)| settlements::freeze(id, frozen, now, memory, change))
        };
        self.writer.write(false, plan).await
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Result<()> {
        let plan = |memory: &Memory, change: &mut Change<'_>| {
            let mut all = settlements.into_iter();
            all.try_for_each(|settlement| settlements::settle(settlement, memory, change))
        };
        self.writer.write(true, plan).await
    }

    fn release_delivery(&self, id: DeliveryId) {
        self.memory().queue.release(id);
        self.core.notify();
    }

    async fn queued(&self, after: Option<DeliveryId>, limit: usize) -> Result<Vec<Delivery>> {
        deliveries::queued(after, limit, self.tables(), &self.memory())
    }

    async fn buried(&self, limit: usize) -> Result<Vec<Delivery>> {
        buried::newest(limit, self.tables())
    }

    async fn revive(&self, id: DeliveryId, now: Timestamp) -> Result<bool> {
        self.writer.write(true, move |_, change| buried::revive(id, now, change)).await
    }

    async fn forget_buried(&self, id: DeliveryId) -> Result<bool> {
        self.writer.write(false, move |_, change| Ok(buried::take_out(id, change)?.is_some())).await
    }

    async fn replan_sources(&self, now: Timestamp) -> Result<usize> {
        let core = Arc::clone(&self.core);
        self.writer.write(true, move |_, change| replan::sources(now, &core.tables, change)).await
    }

    async fn replan_deliveries(&self, now: Timestamp, reach: SignedDuration) -> Result<usize> {
        self.writer.write(true, move |memory, change| replan::deliveries(now, reach, memory, change)).await
    }

    async fn prune(&self, before: &Retention) -> Result<Pruned> {
        let mut orphans = self.pruning.lock().await;
        Pass::new(&self.core, &self.writer, before, &orphans).run(&mut orphans).await
    }

    async fn export(&self, to: &Path) -> Result<Exported> {
        let turn = Arc::clone(&self.exporting).lock_owned().await;
        let (core, to) = (Arc::clone(&self.core), to.to_owned());
        let reading = self.writer.write(false, move |_, _| Ok(Reading::begin(core))).await?;
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            moment::export(&reading, &to)
        });
        written.await.map_err(|error| StoreError::Failed(Box::new(error)))?
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.core.changes.subscribe()
    }

    async fn failed(&self) -> StoreError {
        let mut changes = self.core.changes.subscribe();
        loop {
            if let Err(error) = self.core.check() {
                return error;
            }
            // The sender lives as long as the store.
            let _ = changes.changed().await;
        }
    }

    async fn close(&self) -> Result<()> {
        self.writer.write(false, |_, _| Ok(())).await?;
        directory::note_closed(&self.path)
    }
}
