//! An outbox with a store of its own, a clock that stands still and a homeserver that is told what
//! to do: Joy shares with friends, each in a direct room that has her friend's name.

use super::clock::SameNumber;
use super::clock::TestClock;
use super::clock::soon;
use super::fake_homeserver::AS_TOKEN;
use super::fake_homeserver::BOT;
use super::fake_homeserver::FakeHomeserver;
use crate::store::patiently;
use crate::store::values::at;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::sharer;
use crate::store::values::source;
use crate::store::values::source_id;
use crate::store::values::trade;
use crate::store::values::user;
use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use strum::IntoEnumIterator;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tradepost::clock::Clock;
use tradepost::domain::delivery::Delivery;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::Posting;
use tradepost::domain::delivery::Target;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::RoomId;
use tradepost::domain::ids::TradeId;
use tradepost::domain::ids::UserId;
use tradepost::domain::notice::Notice;
use tradepost::domain::permission::Permission;
use tradepost::domain::permission::Permissions;
use tradepost::domain::room::Room;
use tradepost::domain::room::Us;
use tradepost::domain::settings::Output;
use tradepost::domain::shared::SharedTrade;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::Language;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Item;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::lifecycle::Lifecycle;
use tradepost::matrix::client::Client;
use tradepost::matrix::client::MatrixError;
use tradepost::matrix::client::Settings;
use tradepost::matrix::crypto::Crypto;
use tradepost::outbox;
use tradepost::outbox::Ears;
use tradepost::outbox::Outbox;
use tradepost::outbox::Parts;
use tradepost::outbox::Secrets;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::StoreError;
use tradepost::store::sled::SledStore;
use tradepost::values::Secret;

/// The room in which Joy and the bot are alone.
pub const DESK: &str = "joys-desk";

/// An outbox and what is around it.
pub struct Sending {
    /// Where its deliveries come from.
    pub store: Arc<dyn Store>,
    /// Its time.
    pub clock: Arc<TestClock>,
    /// Where they go.
    pub homeserver: FakeHomeserver,
    /// How it behaves once it is started.
    pub settings: outbox::Settings,
    /// Who may share.
    pub permissions: Permissions,
    running: Option<JoinHandle<()>>,
    fatal: mpsc::Sender<MatrixError>,
    failures: mpsc::Receiver<MatrixError>,
    directory: TempDir,
}

impl Sending {
    /// Joy, who shares with `friends`; nothing is sent yet.
    pub async fn with_friends(friends: &[&str]) -> Self {
        let sending = Self::empty().await;
        sending.settle_in(friends).await;
        sending
    }

    /// Nobody shares anything, and there are no rooms.
    pub async fn empty() -> Self {
        Self::empty_at(at(0)).await
    }

    /// The same, at another time.
    pub async fn empty_at(now: Timestamp) -> Self {
        let directory = TempDir::new().unwrap();
        let store: Arc<dyn Store> = Arc::new(patiently(|| SledStore::open(directory.path())).unwrap());
        let clock = Arc::new(TestClock::new(now));
        let (fatal, failures) = mpsc::channel(1);
        Self {
            store,
            homeserver: FakeHomeserver::start(Arc::clone(&clock)).await,
            clock,
            settings: outbox::Settings {
                restored_at: None,
                digest_above: 10,
                cards_per_day: 1_000,
                measure: outbox::Measure::default(),
                parallel: 8,
                rate: outbox::Rate { per_second: None, sustained_per_second: None, burst: NonZeroU32::MIN },
                language: Language::English,
                zone: TimeZone::UTC,
                own_name: outbox::Rules::default(),
            },
            permissions: everybody(),
            running: None,
            fatal,
            failures,
            directory,
        }
    }

    async fn settle_in(&self, friends: &[&str]) {
        let mut joy = sharer("joy", &["shop"], friends);
        for account in &mut joy.accounts {
            account.baseline_pending = false;
            account.kinds = Kind::iter().filter(|kind| !kind.is_change()).collect();
        }
        for (contact, friend) in joy.contacts.iter_mut().zip(friends) {
            contact.person = user(friend);
            contact.introduced = true;
            contact.settings.kinds = Some(Kind::iter().collect());
        }
        let mut rooms: Vec<Room> = friends.iter().map(|friend| room(friend, &["joy", friend, "tradepost"])).collect();
        rooms.push(room(DESK, &["joy", "tradepost"]));
        self.commit(Commit { sharers: vec![joy], sources: vec![source("shop")], rooms, ..Commit::default() }).await;
    }

    /// The store is an older one, in which Joy shares with `friends` and nothing has been sent.
    pub async fn is_set_back(&mut self, friends: &[&str]) {
        let directory = TempDir::new().unwrap();
        self.store = Arc::new(patiently(|| SledStore::open(directory.path())).unwrap());
        self.directory = directory;
        self.settle_in(friends).await;
    }

    /// Starts the outbox.
    pub fn start(&mut self) {
        let bot = UserId::new(BOT);
        let settings = Settings { address: self.homeserver.url(), as_token: Secret::new(AS_TOKEN), bot: bot.clone(), double_puppet: None };
        let parts = Parts {
            store: Arc::clone(&self.store),
            client: Client::new(&settings).unwrap(),
            crypto: Arc::new(Crypto::off(Client::new(&settings).unwrap())),
            us: Us { bot, domain: "a.example".to_owned(), functional: BTreeSet::new() },
            permissions: self.permissions.clone(),
            ears: Arc::new(BotHears),
            secrets: Arc::new(Asked),
            clock: Arc::<TestClock>::clone(&self.clock),
            randomness: Arc::new(SameNumber(7)),
            fatal: self.fatal.clone(),
            life: Lifecycle::default(),
        };
        self.running = Some(tokio::spawn(Arc::new(Outbox::new(parts, self.settings.clone())).run()));
    }

    /// Ends the outbox, wherever it is.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            let _ = running.await;
        }
    }

    /// Where the database is.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Applies a change.
    pub async fn commit(&self, commit: Commit) {
        self.store.commit(commit).await.unwrap();
    }

    /// Adds a card for each of `trades` in the room of `friend`.
    pub async fn queue_cards(&self, friend: &str, trades: &[&str]) {
        let trades: Vec<_> = trades.iter().map(|name| trade("shop", name)).collect();
        let card = |trade: &Trade| {
            let what = What::Card { sharer: user("joy"), trade: trade.id(), shop: Line::title("shop") };
            NewDelivery::in_room(room_id(friend), what, self.clock.now())
        };
        let deliveries = trades.iter().map(card).collect();
        self.commit(Commit { deliveries, trades, ..Commit::default() }).await;
    }

    /// Adds something to be done in a room.
    pub async fn queue(&self, room: &str, what: What) {
        self.commit(Commit { deliveries: vec![NewDelivery::in_room(room_id(room), what, self.clock.now())], ..Commit::default() }).await;
    }

    /// Changes what Joy decided.
    pub async fn joy_changes(&self, change: impl FnOnce(&mut Sharer)) {
        let mut joy = self.store.sharer(&user("joy")).await.unwrap().unwrap();
        change(&mut joy);
        self.commit(Commit { sharers: vec![joy], ..Commit::default() }).await;
    }

    /// Changes Joy's contact in the room of `friend`, and has what waits there looked at again.
    pub async fn contact_changes(&self, friend: &str, change: impl FnOnce(&mut Contact)) {
        let mut joy = self.store.sharer(&user("joy")).await.unwrap().unwrap();
        change(joy.contact_in_mut(&room_id(friend)).unwrap());
        self.commit(Commit { sharers: vec![joy], woken: vec![Target::Room(room_id(friend))], ..Commit::default() }).await;
    }

    /// How Joy's trades are shown in the room of `friend`, from now on.
    pub async fn shows_as(&self, friend: &str, outputs: &[Output]) {
        self.contact_changes(friend, |contact| contact.settings.outputs = Some(outputs.iter().copied().collect())).await;
    }

    /// Queues `trade` for the room of `friend` in the way that `what` makes, known as a poll leaves it.
    pub async fn queue_trade(&self, friend: &str, trade: Trade, what: impl Fn(UserId, TradeId, Line) -> What) {
        let what = what(user("joy"), trade.id(), Line::title("shop"));
        let known = !self.store.items(&trade.source, std::slice::from_ref(&trade.external_id)).await.unwrap().is_empty();
        let commit = Commit {
            items: if known { Vec::new() } else { vec![Item::of(&trade)] },
            shared: vec![shared(&trade)],
            deliveries: vec![NewDelivery::in_room(room_id(friend), what, self.clock.now())],
            trades: vec![trade],
            ..Commit::default()
        };
        self.commit(commit).await;
    }

    /// An item changes, as a poll finds it.
    pub async fn item_changes(&self, name: &str, change: impl FnOnce(&mut Item)) {
        let id = ExternalId::new(name);
        let mut item = self.store.items(&source_id("shop"), &[id]).await.unwrap().remove(0);
        change(&mut item);
        item.revision += 1;
        self.commit(Commit { items: vec![item], ..Commit::default() }).await;
    }

    /// Joy withdraws a trade.
    pub async fn joy_undoes(&self, trade: &Trade) {
        self.commit(Commit { undone: vec![(user("joy"), trade.id())], ..Commit::default() }).await;
    }

    /// The messages that a client shows in the room of `friend`.
    pub fn shown_to(&self, friend: &str) -> Vec<Value> {
        self.homeserver.shown_in(room_id(friend).as_str())
    }

    /// Their texts.
    pub fn bodies_to(&self, friend: &str) -> Vec<String> {
        self.shown_to(friend).iter().map(|content| content["body"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Changes what is known of a room.
    pub async fn room_changes(&self, name: &str, change: impl FnOnce(&mut Room)) {
        let mut room = self.room(name).await;
        change(&mut room);
        self.commit(Commit { rooms: vec![room], ..Commit::default() }).await;
    }

    /// What is known of a room.
    pub async fn room(&self, name: &str) -> Room {
        self.store.room(&room_id(name)).await.unwrap().unwrap()
    }

    /// What the bot said in the room of a friend, or at Joy's desk.
    pub fn said_to(&self, room: &str) -> Vec<String> {
        self.homeserver.says_in(room_id(room).as_str())
    }

    /// The cards that wait for a friend.
    pub async fn waiting_cards(&self, friend: &str) -> Vec<Delivery> {
        self.store.waiting(&room_id(friend), Lane::Cards, 1_000).await.unwrap()
    }

    /// What was posted last in a room.
    pub async fn last_posting(&self, room: &str) -> Posting {
        self.store.last_posting(&room_id(room)).await.unwrap().unwrap()
    }

    /// Waits until nothing waits any more.
    pub async fn nothing_waits(&self) {
        self.so_many_wait(0).await;
    }

    /// Waits until so many deliveries wait.
    pub async fn so_many_wait(&self, count: u64) {
        let waits = async || (self.store.totals().await.unwrap().waiting == count).then_some(());
        until(self.store.as_ref(), &format!("{count} deliveries that wait"), waits).await;
    }

    /// Waits until what is due has been tried, and answers when the next attempt will be.
    pub async fn next_attempt_at(&self) -> Timestamp {
        let later = async || self.store.next_delivery_at().await.unwrap().at().filter(|at| *at > self.clock.now());
        until(self.store.as_ref(), "a delivery that was put off", later).await
    }

    /// Waits until everything that is due in `rooms` has been tried, and answers when the next of the
    /// rest will be; none where nothing waits. What is for a person, wherever she is, is not left over.
    pub async fn is_idle(&self, rooms: &[RoomId]) -> Option<Timestamp> {
        let idle = async || {
            let (mut waiting, mut next) = (0, None);
            for room in rooms {
                for lane in Lane::iter() {
                    let lined_up = self.store.waiting(room, lane, 1_000).await.unwrap();
                    waiting += lined_up.len() as u64;
                    let heads = if lane == Lane::Alone { lined_up.len() } else { 1 };
                    let first = lined_up.iter().take(heads).map(|delivery| delivery.not_before_at).min();
                    next = [next, first].into_iter().flatten().min();
                }
            }
            let is_later = next.is_none_or(|at| at > self.clock.now());
            (is_later && self.store.totals().await.unwrap().waiting == waiting).then_some(next)
        };
        until(self.store.as_ref(), "nothing that is due", idle).await
    }

    /// Lets time pass, as far as it must, until nothing waits in `rooms`.
    pub async fn drain(&self, rooms: &[RoomId]) {
        while let Some(next) = self.is_idle(rooms).await {
            self.clock.set(next);
        }
    }

    /// Waits until nothing can be sent any more, and answers why.
    pub async fn failure(&mut self) -> MatrixError {
        soon("a failure of everything", self.failures.recv()).await.unwrap()
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

/// What was decided about a trade of Joy's.
fn shared(trade: &Trade) -> SharedTrade {
    SharedTrade {
        sharer: user("joy"),
        number: Number(0),
        trade: trade.id(),
        shop: Line::title("shop"),
        decided_at: at(0),
        categories: Vec::new(),
        contacts: Vec::new(),
        undone: false,
    }
}

/// Everybody may share.
pub fn everybody() -> Permissions {
    Permissions::try_from(BTreeMap::from([("*".to_owned(), Permission::Share)])).unwrap()
}

/// Looks again whenever the store changes, until `look` finds something.
pub async fn until<T>(store: &dyn Store, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let mut changes = store.changes();
    let found = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = look().await {
                return found;
            }
            changes.changed().await.unwrap();
        }
    };
    soon(what, found).await
}

/// Asks for a new secret on a page.
struct Asked;

#[async_trait]
impl Secrets for Asked {
    async fn asked_anew(&self, user: &UserId, number: Option<Number>, is_direct: bool, now: Timestamp) -> Result<Commit, StoreError> {
        let label = number.map(|number| format!("shop {number}"));
        let page = number.map(|_| "https://trade.example/secret/once".to_owned());
        let notice = Notice::SecretStays { is_direct, label, page, number };
        Ok(Commit { deliveries: vec![NewDelivery::to_person(user.clone(), notice, now)], ..Commit::default() })
    }
}

/// The bot is in every room, so nothing is to be heard otherwise.
struct BotHears;

#[async_trait]
impl Ears for BotHears {
    fn has_caught_up(&self, _: &UserId, _: &RoomId) -> bool {
        true
    }

    async fn catch_up(&self, _: &UserId, _: &RoomId) -> bool {
        true
    }
}
