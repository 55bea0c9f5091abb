//! Where everything durable lives: the trait that every store fulfils, its commit values and its
//! errors. What a verb promises is shown by the contract suite in `tests/it/store`, which every store
//! runs.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Leased;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::OnceKey;
use crate::domain::delivery::Posting;
use crate::domain::delivery::Settlement;
use crate::domain::delivery::Target;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::EventId;
use crate::domain::ids::ExternalId;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::panel::Scope;
use crate::domain::room::Room;
use crate::domain::shared::SharedTrade;
use crate::domain::sharer::Sharer;
use crate::domain::source::Item;
use crate::domain::source::Source;
use crate::domain::trade::Trade;
use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;
use tokio::sync::watch;

pub mod sled;
mod upkeep;

pub use upkeep::Exported;
pub use upkeep::Pruned;
pub use upkeep::Retention;

/// Why a store did not do what it was asked. Nothing of the commit has been applied, except perhaps
/// after [`StoreError::Failed`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed what the commit was based on: read again and decide anew.
    #[error("what this change was based on has been changed meanwhile")]
    Conflict,
    /// Another process has it open.
    #[error("the database {path} is in use by another process")]
    InUse {
        /// Where it is.
        path: String,
    },
    /// It was written by a newer version of the program.
    #[error("the database has schema {found}, and this version of tradepost knows schemas up to {known}")]
    TooNew {
        /// The schema found.
        found: u32,
        /// The newest one known.
        known: u32,
    },
    /// There are files, but what must be in them is not.
    #[error("the database {path} has files but no schema mark: it is damaged or not tradepost's; nothing has been changed")]
    Damaged {
        /// Where it is.
        path: String,
    },
    /// A stored value cannot be read.
    #[error("the stored {kind} {key} cannot be read")]
    Unreadable {
        /// Which kind of value.
        kind: &'static str,
        /// Its key.
        key: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A value would become larger than is kept.
    #[error("the {kind} would become too large to be stored")]
    TooLarge {
        /// Which kind of value.
        kind: &'static str,
    },
    /// Where a new file is to be written there is one already.
    #[error("{path} is there already; it has not been changed")]
    Exists {
        /// Where it is.
        path: String,
    },
    /// Where a new database is to be made there is something already.
    #[error("the directory {path} is not empty; an export is imported only into a new one, and nothing in this one has been changed")]
    NotEmpty {
        /// Where it is.
        path: String,
    },
    /// An import ended before everything was there.
    #[error("the import into {path} was not finished, so this is no whole database; import the export again")]
    UnfinishedImport {
        /// Where it is.
        path: String,
    },
    /// A backup was not restored to its end.
    #[error("a backup was not restored into {path} to its end, so this is no whole database; restore it again")]
    UnfinishedRestore {
        /// Where it is.
        path: String,
    },
    /// A file that is to be imported is something else.
    #[error("{path} is no export of a tradepost database")]
    NotAnExport {
        /// Where it is.
        path: String,
    },
    /// A file that is to be imported was written in a newer form.
    #[error("the export {path} has format {found}, and this version of tradepost knows formats up to {known}")]
    NewerExport {
        /// Where it is.
        path: String,
        /// The format found.
        found: u32,
        /// The newest one known.
        known: u32,
    },
    /// A file that is to be imported was cut or changed.
    #[error("the export {path} is damaged: line {line} {reason}")]
    DamagedExport {
        /// Where it is.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A file outside the database could not be written or read.
    #[error("{path} could not be written or read")]
    File {
        /// Where it is.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The disk or the database failed. Whether the commit has been applied is known only when the
    /// database has been opened anew; until then every write is refused like this.
    #[error("the database failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a store answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A change that is applied whole or not at all, durable when the verb returns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// The pending event that this commit finishes: it will not be leased again. A commit whose
    /// event is not pending any more is a [`StoreError::Conflict`].
    pub finished_event: Option<EventId>,
    /// Events to be worked off later, as by [`Store::take_events`].
    pub events: Vec<PendingEvent>,
    /// Pending events as they are kept from now on: only how they are sealed changes. One that is not pending
    /// any more is left out.
    pub resealed: Vec<PendingEvent>,
    /// Encrypted events whose key has not come yet. One that was seen before, whatever became of it, is
    /// left out, except for two: the finished event, which waits for its key from then on, and one that
    /// is parked, which gets what is said of it here, keeps the event as it was first received, and is
    /// `told` where it ever was. A room keeps its newest [`KEPT_PARKED`]: the oldest beyond them are
    /// dropped, and stay seen.
    pub parked: Vec<ParkedEvent>,
    /// Parked events that are not waited for any more: the key came, or it never will. One that stands
    /// in `events` too is pending from then on, although it was seen: before the others in `events`, and
    /// among those like it in the order in which they were first received. One that is not parked is
    /// left out.
    pub unparked: Vec<EventId>,
    /// Small values under names of their own, each up to 64 KiB; none: forgotten.
    pub named: Vec<(Named, Option<String>)>,
    /// Sharers in their new state, each based on the version it carries; the store raises it.
    pub sharers: Vec<Sharer>,
    /// Sources in their new state, each based on the version it carries; the store raises it. A
    /// source that no sharer's account follows after the commit is removed with its items, unless its
    /// platform still sends trades by itself: then it stays until it is committed without that.
    pub sources: Vec<Source>,
    /// Items in their new state. Where one has a higher revision than a posting shows that has not
    /// been withdrawn, a [`What::Revise`] of that posting is queued in the same change; a posting that
    /// is made later with an older revision gets one when it is made.
    ///
    /// [`What::Revise`]: crate::domain::delivery::What::Revise
    pub items: Vec<Item>,
    /// Trades that the deliveries name.
    pub trades: Vec<Trade>,
    /// What was decided about trades, in this order; the store numbers them for each sharer, and
    /// forgets the oldest beyond [`KEPT`]. One of a trade that the sharer has already is left out.
    ///
    /// [`KEPT`]: crate::domain::shared::KEPT
    pub shared: Vec<SharedTrade>,
    /// Trades that a sharer withdraws: marked as undone, and a `Revise` queued for each of her postings
    /// that show one and have not been withdrawn; a posting made later gets one when it is made.
    pub undone: Vec<(UserId, TradeId)>,
    /// Postings that somebody took away: nothing of them is edited any more.
    pub withdrawn: Vec<(EventId, Timestamp)>,
    /// Reactions to be remembered, since taking one back names only itself.
    pub remembered: Vec<Remembered>,
    /// Rooms in their new state, each based on the version it carries; the store raises it.
    pub rooms: Vec<Room>,
    /// Deliveries to be added, in this order; one whose `once` key is taken is left out.
    pub deliveries: Vec<NewDelivery>,
    /// Deliveries that are replaced by the last of `deliveries`, which takes the place of the first
    /// of them in its lane: this is how cards become a digest. Their leases end. One that does not
    /// wait any more is a [`StoreError::Conflict`]; if the last of `deliveries` is left out, they stay.
    pub replaced: Vec<DeliveryId>,
    /// Targets whose waiting deliveries, in whichever lane, may be tried again at once: what was put
    /// off is due at the time it was committed with.
    pub woken: Vec<Target>,
    /// People of whom everything is forgotten that is stored apart from their own value, which `sharers`
    /// holds as it is to be afterwards (one that says nothing any more is removed): what was decided for
    /// them, what they withdrew, what waits for them or in their name, what was posted of theirs, their
    /// panels, their small values, their names in what was decided for others. Only `deliveries` of this
    /// very commit are left of them, and what was queued to take something away. What is being sent in
    /// their name at that moment is a [`StoreError::Conflict`].
    pub erased: Vec<UserId>,
    /// Rooms of which everything is forgotten that was posted there or waits, except for `deliveries` of
    /// this very commit and what was queued to take something away.
    pub emptied: Vec<RoomId>,
    /// Rooms whose waiting, never attempted cards, gathered and held trades and changes of the board
    /// move to another room, behind what waits there, except for one that is leased: a room upgrade,
    /// or of one sharer only, whose contact moves.
    pub moved: Vec<(RoomId, RoomId, Option<UserId>)>,
}

/// An event that has been received and not yet worked off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingEvent {
    /// Its id.
    pub id: EventId,
    /// Its room.
    pub room: RoomId,
    /// When we received it.
    pub received_at: Timestamp,
    /// The event as the homeserver sent it, sealed where it is not encrypted.
    pub json: String,
}

/// How many parked events are kept of a room, so that nobody fills the disk with what cannot be read.
pub const KEPT_PARKED: usize = 1_000;

/// An encrypted event whose key is awaited. It holds up nothing: it is not leased and not pending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedEvent {
    /// The event, encrypted as it came.
    pub event: PendingEvent,
    /// The Megolm session whose key is missing.
    pub session: String,
    /// Through whose device it is read; none: the bot's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<UserId>,
    /// Whether somebody has been told that it could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
}

/// What a small value is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Named {
    /// How far the sharer's own account has been heard (the `since` of her sync).
    Heard(UserId),
    /// The bot's cross-signing keys, sealed.
    BotIdentity,
    /// The source to which what comes to an address of ours belongs, by a digest of the address's token.
    Hook(String),
    /// Since when the store goes on after it was restored from a backup; empty: since its next start.
    Restored,
    /// That something is sealed, or may be, so that a key that is missing must not be made anew.
    SealedSecrets,
    /// Who was given a link that is good once, by a digest of its token.
    Link(String),
    /// How many cards of a sharer went out in a day.
    CardsOf(UserId),
    /// How much of something went out in a day, over all sharers.
    Day(String),
    /// The event by which an encrypted message was worked off, by a digest of its ciphertext.
    Said(String),
}

/// A person's reaction to something that was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The reaction's own event.
    pub reaction: EventId,
    /// What it was put on.
    pub on: EventId,
    /// Its key.
    pub key: String,
    /// Who put it there.
    pub by: UserId,
}

/// When the next deliveries that nobody holds are due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NextDelivery {
    /// Of [`Lane::Cards`].
    pub cards: Option<Timestamp>,
    /// Of all other lanes.
    pub others: Option<Timestamp>,
}

impl NextDelivery {
    /// When the first of them is due.
    #[must_use]
    pub fn at(self) -> Option<Timestamp> {
        self.cards.into_iter().chain(self.others).min()
    }
}

/// How much is in the store, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Deliveries that wait.
    pub waiting: u64,
    /// Deliveries that were given up.
    pub buried: u64,
    /// Events that wait to be worked off.
    pub events: u64,
    /// Encrypted events whose key is awaited.
    pub parked: u64,
    /// Sources that are polled.
    pub sources: u64,
    /// Sharers.
    pub sharers: u64,
    /// Contacts of all of them, but for those who were taken off.
    pub contacts: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
}

/// Everything durable. Reads are small; each write is one verb, atomic, and durable when it returns.
/// Leases are the store's: what is leased is leased to nobody else until it is settled, finished,
/// committed or released, or the process ends.
#[async_trait]
pub trait Store: Send + Sync {
    /// A sharer.
    async fn sharer(&self, id: &UserId) -> Result<Option<Sharer>>;
    /// The sharers with an account that follows `source`.
    async fn followers(&self, source: &SourceId) -> Result<Vec<Sharer>>;
    /// The sharers with a contact, in any state, in `room`.
    async fn sharers_in(&self, room: &RoomId) -> Result<Vec<Sharer>>;
    /// A source.
    async fn source(&self, id: &SourceId) -> Result<Option<Source>>;
    /// The items known at `source` among `ids`.
    async fn items(&self, source: &SourceId, ids: &[ExternalId]) -> Result<Vec<Item>>;
    /// All items known at `source`, in no order.
    async fn items_of(&self, source: &SourceId) -> Result<Vec<Item>>;
    /// A trade that has not been pruned.
    async fn trade(&self, id: &TradeId) -> Result<Option<Trade>>;
    /// A room.
    async fn room(&self, id: &RoomId) -> Result<Option<Room>>;
    /// The rooms in which `user` is joined or invited.
    async fn rooms_of(&self, user: &UserId) -> Result<Vec<Room>>;
    /// The keys among `keys` under which a delivery was added at some time, whatever became of it.
    async fn taken(&self, keys: &[OnceKey]) -> Result<BTreeSet<OnceKey>>;
    /// The deliveries that wait in a lane of `room`, first to last, `limit` at the most.
    async fn waiting(&self, room: &RoomId, lane: Lane, limit: usize) -> Result<Vec<Delivery>>;
    /// The newest posting in `room`.
    async fn last_posting(&self, room: &RoomId) -> Result<Option<Posting>>;
    /// What stands at an event, if it is of ours; what was withdrawn too.
    async fn posting(&self, event: &EventId) -> Result<Option<Posting>>;
    /// The postings in `room` that show trades of `sharer` and have not been withdrawn, newest first,
    /// `limit` at the most.
    async fn postings_to(&self, sharer: &UserId, room: &RoomId, limit: usize) -> Result<Vec<Posting>>;
    /// The postings that show an item, whoever shares it, and have not been withdrawn, newest first.
    async fn postings_of(&self, source: &SourceId, item: &ExternalId) -> Result<Vec<Posting>>;
    /// The board of `sharer` in `room`, where one stands that has not been withdrawn.
    async fn board(&self, sharer: &UserId, room: &RoomId) -> Result<Option<Posting>>;
    /// The panel of this scope that was posted last for `owner`.
    async fn panel(&self, owner: &UserId, scope: &Scope) -> Result<Option<EventId>>;
    /// A reaction that was remembered.
    async fn remembered(&self, reaction: &EventId) -> Result<Option<Remembered>>;
    /// What was decided about the trade that `sharer` names by `number`.
    async fn shared(&self, sharer: &UserId, number: Number) -> Result<Option<SharedTrade>>;
    /// What was decided about a trade of `sharer`.
    async fn shared_trade(&self, sharer: &UserId, trade: &TradeId) -> Result<Option<SharedTrade>>;
    /// What was decided last, newest first, `limit` at the most.
    async fn newest_shared(&self, sharer: &UserId, limit: usize) -> Result<Vec<SharedTrade>>;
    /// Whether `sharer` has withdrawn a trade, also one that is forgotten among what was decided.
    async fn is_undone(&self, sharer: &UserId, trade: &TradeId) -> Result<bool>;
    /// The waiting delivery that has this mark ([`Delivery::mark`]).
    async fn marked(&self, mark: &str) -> Result<Option<DeliveryId>>;
    /// Up to `limit` parked events of `room` that wait for the key of this session, oldest first.
    async fn parked(&self, room: &RoomId, session: &str, limit: usize) -> Result<Vec<ParkedEvent>>;
    /// Up to `limit` parked events received before `before`, oldest first.
    async fn parked_before(&self, before: Timestamp, limit: usize) -> Result<Vec<ParkedEvent>>;
    /// A small value.
    async fn named(&self, name: &Named) -> Result<Option<String>>;
    /// All sources.
    async fn source_ids(&self) -> Result<Vec<SourceId>>;
    /// All pending events, oldest first, leased or not.
    async fn pending_events(&self) -> Result<Vec<PendingEvent>>;
    /// Everybody of whom something is stored.
    async fn sharers(&self) -> Result<Vec<UserId>>;
    /// The encrypted rooms in which the bot is.
    async fn encrypted_rooms(&self) -> Result<Vec<RoomId>>;
    /// The sharers who agreed that tradepost acts as them.
    async fn in_own_name(&self) -> Result<Vec<Sharer>>;
    /// Whether events of `room` wait to be worked off, so that what is known of it may be out of date.
    async fn has_pending_events(&self, room: &RoomId) -> Result<bool>;
    /// How much is in the store.
    async fn totals(&self) -> Result<Totals>;

    /// Applies a change.
    async fn commit(&self, commit: Commit) -> Result<()>;

    /// Keeps the events not seen before as pending, and answers how many they were.
    async fn take_events(&self, events: Vec<PendingEvent>) -> Result<usize>;
    /// Up to `limit` pending events, oldest first: of each room only the oldest, and none of a room
    /// of which one is leased.
    async fn lease_events(&self, limit: usize) -> Result<Vec<PendingEvent>>;
    /// Gives up the lease of an event that could not be worked off now.
    fn release_event(&self, id: &EventId);

    /// Up to `limit` sources due at `now`, the longest due first.
    async fn lease_sources(&self, now: Timestamp, limit: usize) -> Result<Vec<Source>>;
    /// Has every source be due at `now` that is planned for later than it may be, as a clock that was ahead
    /// leaves it once it is set right; answers how many.
    async fn replan_sources(&self, now: Timestamp) -> Result<usize>;
    /// Has every delivery be due at `now` that may be attempted only after so long, without those that
    /// have a time of their own; answers how many.
    async fn replan_deliveries(&self, now: Timestamp, reach: SignedDuration) -> Result<usize>;
    /// When the next source that nobody holds is due.
    async fn next_poll_at(&self) -> Result<Option<Timestamp>>;
    /// Gives up the lease of a source, as it was leased: where a commit has ended that lease, the
    /// next holder keeps hers.
    fn release_source(&self, leased: &Source);

    /// Up to `limit` deliveries due at `now`, and not more than `cards` of [`Lane::Cards`]: of each lane only
    /// the first, and none of a lane of which one is leased. In [`Lane::Alone`] each is a lane of its own.
    async fn lease_deliveries(&self, now: Timestamp, limit: usize, cards: usize) -> Result<Vec<Leased>>;
    /// When the next delivery that nobody holds is due.
    async fn next_delivery_at(&self) -> Result<NextDelivery>;
    /// Fixes what will be sent, where it is not fixed yet, and counts the attempt that follows. A
    /// delivery that does not wait any more is a [`StoreError::Conflict`], and nothing is frozen.
    async fn freeze(&self, frozen: Vec<(DeliveryId, Frozen)>, now: Timestamp) -> Result<()>;
    /// Ends attempts. What is done with an event becomes a posting, or changes the one that it edits,
    /// unless that was withdrawn; what was to follow is queued. Once a redaction is done, its posting
    /// counts as withdrawn. Settling a delivery that is settled already does nothing. Leases of these
    /// deliveries end.
    async fn settle(&self, settlements: Vec<Settlement>) -> Result<()>;
    /// Gives up the lease of a delivery that was not attempted.
    fn release_delivery(&self, id: DeliveryId);

    /// Deliveries that wait, by their numbers, those behind `after` only, `limit` at the most.
    async fn queued(&self, after: Option<DeliveryId>, limit: usize) -> Result<Vec<Delivery>>;
    /// Deliveries that were given up, newest first, `limit` at the most.
    async fn buried(&self, limit: usize) -> Result<Vec<Delivery>>;
    /// Lets a delivery that was given up wait again, last in its lane, as if it had never been attempted;
    /// answers whether there was one.
    async fn revive(&self, id: DeliveryId, now: Timestamp) -> Result<bool>;
    /// Forgets a delivery that was given up; answers whether there was one.
    async fn forget_buried(&self, id: DeliveryId) -> Result<bool>;

    /// Forgets what is older than it needs to be, in small steps between which others are served.
    async fn prune(&self, before: &Retention) -> Result<Pruned>;
    /// Writes everything, as it is at one moment, into a new file that only its owner may read; durable
    /// when it returns. What it holds does not depend on the kind of store. A file that is there already
    /// is an error.
    async fn export(&self, to: &Path) -> Result<Exported>;

    /// A number that changes whenever a commit, a settlement or a release may have made something
    /// leasable; a commit of small values alone does not change it. A loop marks it as seen, leases, and then waits for it to change: so it misses nothing.
    fn changes(&self) -> watch::Receiver<u64>;
    /// Waits until the store refuses all further writes, since one has failed: then the process must
    /// end, and open it anew.
    async fn failed(&self) -> StoreError;
    /// Makes everything durable before the process ends.
    async fn close(&self) -> Result<()>;
}
