//! Points at which a test can have the program killed, to see that whatever is there afterwards is what
//! it promises. The program is killed by itself, with the signal that nothing can be done about, when it
//! passes a point as often as the environment says: `TRADEPOST_DIE_AT=outbox.sent:2`. None of it is in a
//! release build, where passing a point is nothing.

/// A point at which something has just become durable, or has just happened outside, or is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter, strum::IntoStaticStr)]
pub enum Point {
    /// A transaction has been read, and nothing of it is stored.
    #[strum(serialize = "transaction.received")]
    TransactionReceived,
    /// Its events are stored, and the homeserver has no answer.
    #[strum(serialize = "transaction.stored")]
    TransactionStored,
    /// An event is about to be worked off.
    #[strum(serialize = "event.leased")]
    EventLeased,
    /// What comes of it is decided, and nothing of it is stored.
    #[strum(serialize = "event.decided")]
    EventDecided,
    /// What came of it is stored.
    #[strum(serialize = "event.committed")]
    EventCommitted,
    /// A change is made in memory, and nothing of it is written.
    #[strum(serialize = "store.made")]
    StoreMade,
    /// It is written, and the log is not flushed.
    #[strum(serialize = "store.written")]
    StoreWritten,
    /// The log is flushed, and the disk is not synced.
    #[strum(serialize = "store.flushed")]
    StoreFlushed,
    /// The disk is synced, and nobody has been answered.
    #[strum(serialize = "store.synced")]
    StoreSynced,
    /// A shop has been fetched, and nothing of it is stored.
    #[strum(serialize = "poll.fetched")]
    PollFetched,
    /// What a poll brought is stored.
    #[strum(serialize = "poll.committed")]
    PollCommitted,
    /// A push has been read, and nothing of it is stored.
    #[strum(serialize = "push.read")]
    PushRead,
    /// What was pushed is stored, and the platform has no answer.
    #[strum(serialize = "push.stored")]
    PushStored,
    /// What will be sent is fixed, and nothing has left.
    #[strum(serialize = "outbox.frozen")]
    OutboxFrozen,
    /// The homeserver has taken it, and that is not recorded.
    #[strum(serialize = "outbox.sent")]
    OutboxSent,
    /// That it was taken is recorded.
    #[strum(serialize = "outbox.settled")]
    OutboxSettled,
    /// A room has been joined, and that is not recorded.
    #[strum(serialize = "room.joined")]
    RoomJoined,
    /// A room has been left, and that is not recorded.
    #[strum(serialize = "room.left")]
    RoomLeft,
    /// A room has been opened for somebody, and that is not recorded.
    #[strum(serialize = "room.opened")]
    RoomOpened,
    /// That it has been opened is recorded, and nothing has been said in it.
    #[strum(serialize = "room.recorded")]
    RoomRecorded,
    /// A turn of keys is counted with them, and not yet at the homeserver.
    #[strum(serialize = "keys.counted")]
    KeysCounted,
    /// It is counted at both, and the keys have not been given.
    #[strum(serialize = "keys.witnessed")]
    KeysWitnessed,
    /// They have been given, and that is not recorded.
    #[strum(serialize = "keys.given")]
    KeysGiven,
    /// Something is encrypted with them, and not yet fixed.
    #[strum(serialize = "keys.encrypted")]
    KeysEncrypted,
    /// The platform sends from now on, and that is not recorded.
    #[strum(serialize = "subscription.made")]
    SubscriptionMade,
    /// A secret has been renewed at the platform, and the new one is not stored.
    #[strum(serialize = "secret.renewed")]
    SecretRenewed,
}

/// Where the environment says at which point, and which time it is passed: `point` or `point:times`.
pub const VARIABLE: &str = "TRADEPOST_DIE_AT";

/// The program passes a point.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn pass(_: Point) {}

#[cfg(debug_assertions)]
pub use armed::pass;

#[cfg(debug_assertions)]
mod armed {
    use super::Point;
    use super::VARIABLE;
    use rustix::process::Signal;
    use rustix::process::getpid;
    use rustix::process::kill_process;
    use std::sync::LazyLock;
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering;

    /// Where the program is to be killed, and how often it still passes before that.
    static DEATH: LazyLock<Option<(String, AtomicU32)>> = LazyLock::new(|| {
        let said = std::env::var(VARIABLE).ok()?;
        let (point, times) = said.split_once(':').unwrap_or((&said, "1"));
        Some((point.to_owned(), AtomicU32::new(times.parse().ok()?)))
    });

    /// The program passes a point, and is killed there if a test wants it.
    pub fn pass(point: Point) {
        let Some((wanted, left)) = DEATH.as_ref() else { return };
        if wanted == <&str>::from(point) && left.fetch_sub(1, Ordering::Relaxed) == 1 {
            // Nothing of this thread runs any more once it is killed.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}
