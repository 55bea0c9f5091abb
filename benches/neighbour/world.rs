//! Joy, who shares with many, each in a room of hers at the Synapse, and 10,000 cards that wait.

use super::shared;
use super::shared::account_at;
use super::shared::direct_room;
use super::shared::us;
use super::synapse::AS_TOKEN;
use super::synapse::DOMAIN;
use super::synapse::Synapse;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::ids::RoomId;
use tradepost::domain::ids::UserId;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Item;
use tradepost::domain::source::Source;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Trade;
use tradepost::outbox::Rate;
use tradepost::platforms::source_id;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::sled::SledStore;
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
            commit.rooms.push(direct_room(&us(DOMAIN), &sharer.id, &contact));
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
    pub(crate) fn send(&self, parallel: usize, rate: Rate) -> anyhow::Result<JoinHandle<()>> {
        let outbox = shared::outbox(&self.store, &self.homeserver, AS_TOKEN, us(DOMAIN), (parallel, rate))?;
        Ok(tokio::spawn(Arc::new(outbox).run()))
    }
}
