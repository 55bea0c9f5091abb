//! Joy, who shares with many, each in a room of hers at the Synapse, and 10,000 cards that wait.

use super::synapse::AS_TOKEN;
use super::synapse::DOMAIN;
use super::synapse::Synapse;
use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tradepost::clock::SystemClock;
use tradepost::clock::SystemRandomness;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::ids::RoomId;
use tradepost::domain::ids::UserId;
use tradepost::domain::permission::Permission;
use tradepost::domain::permission::Permissions;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::room::Us;
use tradepost::domain::sharer::Account;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Language;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Item;
use tradepost::domain::source::Source;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::lifecycle::Lifecycle;
use tradepost::matrix::client::Client;
use tradepost::matrix::client::Settings;
use tradepost::matrix::crypto::Crypto;
use tradepost::outbox;
use tradepost::outbox::Ears;
use tradepost::outbox::Outbox;
use tradepost::outbox::Parts;
use tradepost::outbox::Secrets;
use tradepost::platforms::source_id;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::StoreError;
use tradepost::store::sled::SledStore;
use tradepost::values::Secret;
use url::Url;

/// How many contacts Joy has, each in a room of her own.
const CONTACTS: u32 = 40;
/// How many trades each of them gets.
const TRADES: u32 = 250;
/// How long an outbox that was ended may take to let go.
const MOMENT: Duration = Duration::from_millis(200);

/// What is sent, and where it waits.
pub(crate) struct World {
    store: Arc<dyn Store>,
    homeserver: Url,
    _directory: TempDir,
}

impl World {
    pub(crate) async fn settle_in(synapse: &Synapse) -> anyhow::Result<Self> {
        let directory = TempDir::new()?;
        let store: Arc<dyn Store> = Arc::new(SledStore::open(&directory.path().join("data"))?);
        let (bot, joy) = (synapse.bot().await?, synapse.register("joy").await?);
        let mut sharer = Sharer::new(UserId::new(joy.id.clone()));
        let name = "https://shop.example/feed.xml".to_owned();
        let platform = PlatformId::new("feed");
        let source = Source::new(source_id(&platform, &name, None), platform, name, Line::title("Handmade by Joy"), 600, Timestamp::MAX);
        let account = account_at(&mut sharer, &source);
        sharer.accounts.push(account);
        let mut commit = Commit::default();
        for number in 0..CONTACTS {
            let mary = synapse.register(&format!("mary-{number}")).await?;
            let room = joy.room_with(&mary).await?;
            joy.call(Method::POST, &format!("rooms/{room}/invite"), json!({"user_id": bot.id})).await?;
            bot.call(Method::POST, &format!("rooms/{room}/join"), json!({})).await?;
            let contact = Contact::new(sharer.take_number(), RoomId::new(room), UserId::new(mary.id), Line::title("Mary"));
            let contact = Contact { state: ContactState::On, introduced: true, ..contact };
            commit.rooms.push(direct_room(&sharer.id, &contact));
            sharer.contacts.push(contact);
        }
        let (shop, rooms): (_, Vec<RoomId>) = (source.label.clone(), sharer.contacts.iter().map(|contact| contact.room.clone()).collect());
        for number in 0..TRADES {
            let title = Line::title(&format!("Hand-thrown stoneware mug number {number}"));
            let trade = Trade::listing(source.id.clone(), ExternalId::new(number.to_string()), title, Timestamp::now());
            for room in &rooms {
                let what = What::Card { sharer: sharer.id.clone(), trade: trade.id(), shop: shop.clone() };
                commit.deliveries.push(NewDelivery::in_room(room.clone(), what, Timestamp::now()));
            }
            commit.items.push(Item::of(&trade));
            commit.trades.push(trade);
        }
        commit.sharers.push(sharer);
        commit.sources.push(source);
        store.commit(commit).await?;
        Ok(Self { store, homeserver: synapse.address.clone(), _directory: directory })
    }

    /// How many cards wait.
    pub(crate) async fn waiting(&mut self) -> anyhow::Result<u64> {
        tokio::time::sleep(MOMENT).await;
        Ok(self.store.totals().await?.waiting)
    }

    /// Sends what waits, until it is ended.
    pub(crate) fn send(&self, per_second: u32, parallel: usize) -> anyhow::Result<JoinHandle<()>> {
        let settings = outbox::Settings {
            restored_at: None,
            digest_above: 1_000_000,
            cards_per_day: 1_000_000,
            measure: outbox::Measure::default(),
            parallel,
            per_second: NonZeroU32::new(per_second),
            language: Language::English,
            zone: TimeZone::UTC,
            own_name: outbox::Rules::default(),
        };
        let us = us();
        let (address, as_token, bot) = (self.homeserver.clone(), Secret::new(AS_TOKEN), us.bot.clone());
        let client = Client::new(&Settings { address, as_token, bot, double_puppet: None })?;
        // Nobody listens: a refused token would only be tried again.
        let (fatal, _) = mpsc::channel(1);
        let parts = Parts {
            store: Arc::clone(&self.store),
            crypto: Arc::new(Crypto::off(client.clone())),
            client,
            us,
            permissions: Permissions::try_from(BTreeMap::from([("*".to_owned(), Permission::Share)]))?,
            ears: Arc::new(BotHears),
            secrets: Arc::new(Nobody),
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
            fatal,
            life: Lifecycle::default(),
        };
        Ok(tokio::spawn(Arc::new(Outbox::new(parts, settings)).run()))
    }
}

fn us() -> Us {
    Us { bot: UserId::new(format!("@tradepost:{DOMAIN}")), domain: DOMAIN.to_owned(), functional: BTreeSet::new() }
}

fn account_at(sharer: &mut Sharer, source: &Source) -> Account {
    Account {
        number: sharer.take_number(),
        source: source.id.clone(),
        platform: source.platform.clone(),
        label: source.label.clone(),
        kinds: vec![Kind::Listing],
        paused: false,
        baseline_pending: false,
        interval_seconds: None,
        needs_secret: false,
        formerly: None,
        added_at: Timestamp::UNIX_EPOCH,
    }
}

fn direct_room(sharer: &UserId, contact: &Contact) -> Room {
    let us = us();
    let mut room = Room::new(contact.room.clone(), Membership::Joined, Timestamp::UNIX_EPOCH);
    for (user, name) in [(&us.bot, "Tradepost"), (sharer, "Joy"), (&contact.person, "Mary")] {
        room.set_member(user.clone(), Membership::Joined, Some(Line::title(name)), &us);
    }
    room
}

/// Nobody types a secret.
struct Nobody;

#[async_trait]
impl Secrets for Nobody {
    async fn asked_anew(&self, _: &UserId, _: Option<Number>, _: bool, _: Timestamp) -> Result<Commit, StoreError> {
        Ok(Commit::default())
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
