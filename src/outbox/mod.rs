//! From the store into rooms: leases what is due, fixes what will be sent, sends it, and settles
//! what became of it. The only part that sends.

use crate::clock;
use crate::clock::Clock;
use crate::clock::Randomness;
use crate::domain::backoff;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Leased;
use crate::domain::delivery::Settlement;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::permission::Permissions;
use crate::domain::room::Room;
use crate::domain::room::Us;
use crate::domain::sharer::Language;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::lifecycle::Lifecycle;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::matrix::crypto::Crypto;
use crate::store::NextDelivery;
use crate::store::Store;
use crate::store::StoreError;
use crate::telemetry::DeliveryOutcome;
use crate::telemetry::metrics;
use allowance::Allowance;
pub use allowance::Measure;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::tz::TimeZone;
pub use own::Ears;
pub use own::Rules;
use pace::Budget;
use pace::Pace;
pub use pace::Rate;
use prepare::Prepared;
pub use secrets::Secrets;
use send::Sent;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::sync::Semaphore;
use tokio::sync::SemaphorePermit;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

mod allowance;
mod devices;
mod digest;
mod encrypt;
mod file;
mod own;
mod pace;
mod pins;
mod prepare;
mod refused;
mod secrets;
mod send;
mod target;

/// How many deliveries are prepared at once at the most, so that they share one commit.
const BATCH: usize = 64;
/// The shortest wait after a failure.
const SHORTEST: Duration = Duration::from_secs(1);
/// How old the look at a room may be when a card goes there: people come, and mute.
const FRESH: SignedDuration = SignedDuration::from_secs(2);
/// For how long after a backup was restored what is to be sent may have been sent before: until every source
/// has been looked at again.
const SENT_BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// How far ahead something can be put off: for a day, at a homeserver's wish or until it is not quiet any more.
const FURTHEST: SignedDuration = SignedDuration::from_hours(25);
/// How long to wait after the store failed.
const AFTER_STORE_FAILURE: Duration = Duration::from_secs(5);
/// From this on the homeserver is busy, and a sender rests as long as its call took.
const BUSY: Duration = Duration::from_millis(500);
/// The longest rest: no call takes longer, except by a clock that was set forward meanwhile.
const LONGEST_REST: Duration = Duration::from_mins(1);

/// How the outbox behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// More cards than this waiting for one room become one message.
    pub digest_above: u32,
    /// After so many cards in a day the rest waits and becomes one message.
    pub cards_per_day: u32,
    /// What may go out in a day, over all contacts.
    pub measure: Measure,
    /// How many calls to the homeserver run at a time.
    pub parallel: usize,
    /// How many cards go out in how long a time.
    pub rate: Rate,
    /// The language of those who chose none.
    pub language: Language,
    /// The time zone of hours for which none was set.
    pub zone: TimeZone,
    /// What holds for sharing in one's own name.
    pub own_name: Rules,
    /// Since when the store goes on after it was restored from a backup, where it was.
    pub restored_at: Option<Timestamp>,
}

/// What the outbox works with.
pub struct Parts {
    /// Where deliveries come from.
    pub store: Arc<dyn Store>,
    /// Where they go.
    pub client: Client,
    /// What encrypts.
    pub crypto: Arc<Crypto>,
    /// Who we are.
    pub us: Us,
    /// Who may share.
    pub permissions: Permissions,
    /// Who hears where the bot is not.
    pub ears: Arc<dyn Ears>,
    /// Who asks for a new secret where one stays in a room.
    pub secrets: Arc<dyn Secrets>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How waits after failures are varied.
    pub randomness: Arc<dyn Randomness>,
    /// Who is told of a failure after which nothing can be sent.
    pub fatal: mpsc::Sender<MatrixError>,
    /// When it ends.
    pub life: Lifecycle,
}

/// Sends deliveries.
pub struct Outbox {
    parts: Parts,
    settings: Settings,
    pace: Pace,
    places: Semaphore,
    /// How many are under way at the most: no more than go out in a second, so that none gets old.
    batch: usize,
    allowance: Allowance,
    /// Held while a room is looked for or opened in somebody's name: each counts.
    opening: Mutex<()>,
}

/// A delivery that is ready to go: what will be sent, or what will be done.
struct Ready {
    delivery: Delivery,
    step: Step,
    /// Whether its room is marked as broken, so that a success mends it.
    is_broken: bool,
    /// When it was found to be wanted and its room to be fit for it.
    prepared_at: Timestamp,
}

/// A sender's rest after a call, in the place that nobody else takes meanwhile.
struct Rest<'a> {
    until: Timestamp,
    _place: Option<SemaphorePermit<'a>>,
}

/// What a delivery does at the homeserver.
enum Step {
    /// Sends these bytes.
    Send(Frozen),
    /// Encrypts this for the room, fixes that, and sends it.
    Encrypt(Frozen, Box<Room>),
    /// Uploads a file for the room, fixes the message that holds it, and sends that.
    Upload(Box<Room>),
    /// Calls something else.
    Call(send::Call),
    /// Opens a room for somebody who has none to be told something in.
    OpenRoom(UserId),
    /// Hears what was said in a room in which the bot is not.
    CatchUp { sharer: UserId, room: RoomId },
    /// Does an act in somebody's own name.
    Own,
}

impl Outbox {
    /// An outbox made of `parts`.
    #[must_use]
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let pace = Pace::new(settings.rate);
        let places = Semaphore::new(settings.parallel);
        let batch = settings.rate.per_second.map_or(BATCH, |per_second| BATCH.min(per_second.get() as usize).max(settings.parallel));
        let allowance = Allowance::new(Arc::clone(&parts.store), settings.measure);
        Self { parts, settings, pace, places, batch, allowance, opening: Mutex::default() }
    }

    /// Whether something may have been sent after the backup was made from which the store comes: then it is
    /// looked for before it is sent.
    fn may_have_been_sent(&self, delivery: &Delivery) -> bool {
        self.settings.restored_at.is_some_and(|at| delivery.created_at < at + SENT_BEFORE)
    }

    /// Tells that nothing can be sent from now on.
    pub async fn give_up(&self, error: MatrixError) {
        // Whoever listens has ended already where this fails.
        let _ = self.parts.fatal.send(error).await;
    }

    /// Sends what is due until it is told to stop, and settles what is under way then; what is not when
    /// the future ends is found again at the next start.
    pub async fn run(self: Arc<Self>) {
        let (settled, settlements) = mpsc::unbounded_channel();
        let mut changes = self.parts.store.changes();
        let mut sends = JoinSet::new();
        let settling = Arc::clone(&self).settle_in_batches(settlements);
        tokio::pin!(settling);
        let mut pulse = self.parts.life.pulse("outbox");
        let mut before = None;
        loop {
            pulse.turns();
            changes.borrow_and_update();
            let now = self.parts.clock.now();
            match before.replace(now) {
                // It may have been set back while the program did not run.
                None => self.plan_anew(now, FURTHEST).await,
                Some(before) if clock::is_set_back(before, now) => self.plan_anew(now, SignedDuration::ZERO).await,
                Some(_) => {}
            }
            while sends.try_join_next().is_some() {}
            let free = self.batch.saturating_sub(sends.len());
            let next_at = self.start(free, &mut sends, &settled).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the store does not say what is to be sent");
                Some(self.parts.clock.now() + AFTER_STORE_FAILURE)
            });
            let full = sends.len() >= self.batch;
            tokio::select! {
                // Else what follows in its lane is leased once it is settled, which changes the store.
                Some(_) = sends.join_next(), if full => {}
                _ = changes.changed(), if !full => {}
                () = self.parts.clock.sleep_until(next_at.unwrap_or(Timestamp::MAX)), if !full && next_at.is_some() => {}
                () = pulse.asked() => {}
                () = self.parts.life.stopping() => break,
                () = &mut settling => return,
            }
        }
        drop((pulse, settled));
        tokio::join!(settling, async { while sends.join_next().await.is_some() {} });
    }

    /// Has what waits be due that was put off by a clock that was ahead.
    async fn plan_anew(&self, now: Timestamp, reach: SignedDuration) {
        match self.parts.store.replan_deliveries(now, reach).await {
            Ok(0) => {}
            Ok(deliveries) => tracing::warn!(deliveries, "the clock was ahead; what waits is looked at again"),
            Err(error) => tracing::error!(%error, "what was put off by a clock that was ahead could not be planned anew"),
        }
    }

    /// Leases up to `free` deliveries and starts them; answers when the next one is due.
    async fn start(
        self: &Arc<Self>,
        free: usize,
        sends: &mut JoinSet<()>,
        settled: &mpsc::UnboundedSender<(Settlement, Timestamp)>,
    ) -> Result<Option<Timestamp>, StoreError> {
        if free == 0 {
            return Ok(None);
        }
        let now = self.parts.clock.now();
        let Budget { cards, more_in } = self.pace.budget(free);
        let leased = self.parts.store.lease_deliveries(now, free, cards).await?;
        let leased_cards = leased.iter().filter(|lease| lease.delivery.what.lane() == Lane::Cards).count();
        self.pace.spend(leased_cards);
        let held: Vec<Held> = leased.iter().map(|lease| Held::new(&self.parts.store, lease.delivery.id)).collect();
        let ready = self.prepare_all(leased, now).await?;
        held.into_iter().for_each(Held::pass_on);
        for ready in ready {
            let (outbox, settled) = (Arc::clone(self), settled.clone());
            let held = Held::new(&self.parts.store, ready.delivery.id);
            sends.spawn(async move {
                let created_at = ready.delivery.created_at;
                let (settlement, rest) = outbox.carry_out(ready).await;
                if settled.send((settlement, created_at)).is_ok() {
                    held.pass_on();
                }
                tokio::select! {
                    () = outbox.parts.clock.sleep_until(rest.until) => {}
                    () = outbox.parts.life.stopping() => {}
                }
            });
        }
        let next = self.parts.store.next_delivery_at().await?;
        let paced_at = more_in.filter(|_| leased_cards == cards).map(|more_in| now + more_in);
        Ok(NextDelivery { cards: next.cards.max(next.cards.and(paced_at)), ..next }.at())
    }

    /// Decides what each delivery comes to; fixes what will be sent in one commit for all of them.
    async fn prepare_all(&self, leased: Vec<Leased>, now: Timestamp) -> Result<Vec<Ready>, StoreError> {
        let (mut ready, mut ended, mut frozen) = (Vec::new(), Vec::new(), Vec::new());
        for lease in leased {
            let id = lease.delivery.id;
            match self.prepare(lease, now).await {
                Ok(Prepared::Ready(prepared)) => {
                    if let Step::Send(content) = &prepared.step
                        && prepared.delivery.frozen.is_none()
                    {
                        frozen.push((id, content.clone()));
                    }
                    ready.push(*prepared);
                }
                Ok(Prepared::Ended(settlement)) => ended.push(settlement),
                Ok(Prepared::Replaced) => {}
                Err(error) => {
                    tracing::error!(delivery = id.0, %error, "a delivery could not be prepared");
                    ended.push(Settlement::Retry { id, at: now + AFTER_STORE_FAILURE, attempted: false });
                }
            }
        }
        if !ended.is_empty() {
            ended.iter().for_each(count);
            self.parts.store.settle(ended).await?;
        }
        if !frozen.is_empty() {
            self.parts.store.freeze(frozen, now).await?;
            faultpoint::pass(Point::OutboxFrozen);
        }
        Ok(ready)
    }

    /// Makes one attempt, in its turn.
    async fn carry_out(&self, Ready { delivery, step, is_broken, prepared_at }: Ready) -> (Settlement, Rest<'_>) {
        let place = tokio::select! {
            // The places are never closed: there is always one to wait for.
            place = self.places.acquire() => place.ok(),
            () = self.parts.life.stopping() => None,
        };
        let is_old = || self.parts.clock.now().duration_since(prepared_at) > FRESH && delivery.what.lane() != Lane::Acts;
        // What has not begun when the program stops is begun at its next start.
        if is_old() || self.parts.life.is_stopping() {
            let now = self.parts.clock.now();
            self.count_attempt(&delivery, false, now).await;
            return (Settlement::Retry { id: delivery.id, at: now, attempted: false }, Rest { until: now, _place: place });
        }
        let began_at = self.parts.clock.now();
        let sent = match step {
            Step::Send(frozen) => self.send(&delivery, &frozen, is_broken).await,
            Step::Encrypt(frozen, room) => self.encrypt_and_send(&delivery, frozen, &room, is_broken).await,
            Step::Upload(room) => self.upload_and_send(&delivery, &room, room.broken_since_at.is_some()).await,
            Step::Call(call) => self.call(&delivery, call).await,
            Step::OpenRoom(person) => self.open_room(&person).await,
            Step::CatchUp { sharer, room } => self.catch_up(&sharer, &room).await,
            Step::Own => self.act(&delivery).await,
        };
        let took = Duration::try_from(self.parts.clock.now().duration_since(began_at)).unwrap_or_default();
        let settlement = self.settlement(&delivery, sent).await;
        self.count_attempt(&delivery, matches!(settlement, Settlement::Done { .. }), self.parts.clock.now()).await;
        let is_busy = took > BUSY && delivery.what.lane() == Lane::Cards;
        let rest = if is_busy { took.min(LONGEST_REST) } else { Duration::ZERO };
        (settlement, Rest { until: self.parts.clock.now() + rest, _place: place })
    }

    /// What cannot be counted is not held back either.
    async fn count_attempt(&self, delivery: &Delivery, arrived: bool, now: Timestamp) {
        if let Err(error) = self.allowance.ended(delivery, arrived, now).await {
            tracing::error!(%error, "a card could not be counted");
        }
    }

    async fn settlement(&self, delivery: &Delivery, sent: Sent) -> Settlement {
        let (id, now) = (delivery.id, self.parts.clock.now());
        match sent {
            Sent::Done(event) => Settlement::Done { id, event, at: now },
            Sent::Again => Settlement::Retry { id, at: now, attempted: false },
            Sent::NotNeeded => Settlement::Withheld { id },
            Sent::Impossible(reason) => {
                tracing::warn!(delivery = id.0, reason, "a delivery was given up; it is kept with its reason");
                Settlement::Buried { id, reason }
            }
            Sent::Refused(after) => Settlement::Retry { id, at: now + after, attempted: false },
            Sent::Later(after) => self.retry(delivery, after, now),
            Sent::TokenRefused => {
                self.give_up(MatrixError::TokenRefused).await;
                self.retry(delivery, None, now)
            }
        }
    }

    fn retry(&self, delivery: &Delivery, asked: Option<Duration>, now: Timestamp) -> Settlement {
        // What was counted when it was leased does not include the attempt that failed now.
        let failures = delivery.attempts.saturating_add(1);
        let wait = backoff::wait(failures, SHORTEST, asked, self.parts.randomness.next());
        Settlement::Retry { id: delivery.id, at: now + wait, attempted: true }
    }

    /// Settles what has ended, all of it that has at one moment in one commit.
    async fn settle_in_batches(self: Arc<Self>, mut ended: mpsc::UnboundedReceiver<(Settlement, Timestamp)>) {
        let mut batch = Vec::new();
        while ended.recv_many(&mut batch, BATCH).await > 0 {
            let now = self.parts.clock.now();
            for (settlement, created_at) in &batch {
                count(settlement);
                if matches!(settlement, Settlement::Done { .. }) {
                    metrics().delivery_seconds.observe(Duration::try_from(now.duration_since(*created_at)).unwrap_or_default());
                }
            }
            let settlements: Vec<Settlement> = batch.drain(..).map(|(settlement, _)| settlement).collect();
            let ids: Vec<DeliveryId> = settlements.iter().map(Settlement::id).collect();
            while let Err(error) = self.parts.store.settle(settlements.clone()).await {
                tracing::error!(%error, deliveries = ids.len(), "what was sent could not be recorded; trying again");
                self.parts.clock.sleep_until(self.parts.clock.now() + AFTER_STORE_FAILURE).await;
            }
            faultpoint::pass(Point::OutboxSettled);
            if let Err(error) = self.allowance.keep(now).await {
                tracing::error!(%error, "what went out today could not be recorded");
            }
            faultpoint::pass(Point::OutboxSettled);
        }
    }
}

/// A delivery that somebody holds: given back if it is dropped without being passed on, also by a
/// panic, so that its lane never stands still.
struct Held {
    store: Arc<dyn Store>,
    id: Option<DeliveryId>,
}

impl Held {
    fn new(store: &Arc<dyn Store>, id: DeliveryId) -> Self {
        Self { store: Arc::clone(store), id: Some(id) }
    }

    /// Somebody else ends it.
    fn pass_on(mut self) {
        self.id = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.store.release_delivery(id);
        }
    }
}

fn count(settlement: &Settlement) {
    let outcome = match settlement {
        Settlement::Done { .. } => DeliveryOutcome::Done,
        Settlement::Withheld { .. } => DeliveryOutcome::Withheld,
        Settlement::Retry { .. } => DeliveryOutcome::Retried,
        Settlement::Buried { .. } => DeliveryOutcome::Buried,
    };
    metrics().deliveries.with(outcome).inc();
}
