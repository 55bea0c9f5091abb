//! The power fails, the disk is full or breaks: nothing that was taken is lost, and nothing stands there twice.

mod files;
mod full;
mod losses;

use crate::store::patiently;
use crate::support::Scene;
use crate::support::bazaar::Bazaar;
use crate::support::disk::Disk;
use crate::support::disk::Unsynced;
use crate::support::ports::free_port;
use crate::support::synapse::Homeserver;
use futures_util::StreamExt;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;
use toml::Table;
use tradepost::domain::ids::UserId;
use tradepost::store::Store;
use tradepost::store::sled::SledStore;

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ACCOUNT: &str = "joy123";
/// How many pushes are under way at a time.
const AT_ONCE: usize = 4;

/// Joy shares with Mary what stands in a feed and what a platform sends; tradepost's disk can fail.
struct Stall {
    scene: Scene,
    bazaar: Bazaar,
    disk: Disk,
    office: String,
    room: String,
    /// What the platform was told to be taken.
    taken: BTreeSet<usize>,
}

impl Stall {
    async fn open() -> Self {
        let bazaar = Bazaar::start(KEY).await;
        let mut scene = Scene::set(Homeserver::shared().await, config(&bazaar)).await;
        let disk = Disk::under(scene.tradepost.directory());
        scene.tradepost.finds(disk.environment());
        scene.tradepost.start().await;
        let (office, room) = scene.sharing().await;
        scene.joy.says(&office, &format!("add bazaar {ACCOUNT}")).await;
        scene.joy.hears(&office, "It counts as soon as you have confirmed").await;
        bazaar.confirms(ACCOUNT).await;
        scene.joy.hears(&office, "is confirmed").await;
        Self { scene, bazaar, disk, office, room, taken: BTreeSet::new() }
    }

    /// The platform sends a trade; what was answered.
    async fn answer_to(&self, number: usize) -> Value {
        self.bazaar.answer_to(ACCOUNT, trade(number), json!({})).await
    }

    /// The platform sends trades, several at a time, until so many of them have been taken; the others are
    /// still under way when `then` is done. Beside each that was taken, how much the disk had been told by then.
    async fn pushes_until(&mut self, numbers: &[usize], count: usize, then: impl AsyncFnOnce(&mut Scene)) -> Vec<(usize, u64)> {
        let mut taken = Vec::new();
        let Self { bazaar, disk, scene, .. } = self;
        let mut pushes = futures_util::stream::iter(numbers.to_vec())
            .map(async |number| (number, bazaar.pushes(ACCOUNT, trade(number), json!({})).await.0))
            .buffer_unordered(AT_ONCE);
        while taken.len() < count
            && let Some((number, status)) = pushes.next().await
        {
            if status == 200 {
                taken.push((number, disk.written()));
            }
        }
        // What is under way goes on meanwhile.
        let rest = async {
            let mut rest = Vec::new();
            while let Some((number, status)) = pushes.next().await {
                if status == 200 {
                    rest.push((number, u64::MAX));
                }
            }
            rest
        };
        let ((), rest) = tokio::join!(then(scene), rest);
        taken.extend(rest);
        self.taken.extend(taken.iter().map(|(number, _)| number));
        taken
    }

    /// The platform sends again what was not taken, until all of it is.
    async fn repeats(&mut self, numbers: &[usize]) {
        for number in numbers {
            while !self.taken.contains(number) {
                if self.answer_to(*number).await["status"] == 200 {
                    self.taken.insert(*number);
                }
            }
        }
    }

    /// The power fails; then tradepost starts again.
    async fn loses_power(&mut self, unsynced: Unsynced) {
        self.disk.loses_power(unsynced);
        self.scene.tradepost.start().await;
    }

    /// That the database which a power failure would have left then can be opened, and holds these trades.
    async fn would_hold(&self, written: u64, unsynced: Unsynced, numbers: &[usize]) {
        let left = tempfile::tempdir().unwrap();
        self.disk.leaves(written, unsynced, left.path());
        let store = patiently(|| SledStore::open(&left.path().join("data")));
        let store = store.unwrap_or_else(|error| panic!("at {written} with {unsynced:?}: {error} ({})", left.keep().display()));
        let mut held = BTreeSet::new();
        for shared in store.newest_shared(&UserId::new(&self.scene.joy.id), 200).await.unwrap() {
            held.insert(store.trade(&shared.trade).await.unwrap().unwrap().external_id.to_string());
        }
        for number in numbers {
            assert!(held.contains(&number.to_string()), "{number} is lost at {written} with {unsynced:?}: {held:?}");
        }
    }

    /// That each of these trades has come to Mary, and once.
    async fn all_have_come_once(&self, numbers: impl IntoIterator<Item = usize>) {
        let wanted: Vec<usize> = numbers.into_iter().collect();
        for number in &wanted {
            let end = format!("/p/{number}");
            let is_it = |event: &Value| event["content"]["body"].as_str().is_some_and(|body| body.trim().ends_with(&end));
            self.scene.mary.sees(&self.room, &format!("a card with {end}"), is_it).await;
        }
        let mut come = self.scene.cards_in(&self.room).await;
        come.sort_unstable();
        assert_eq!(come, wanted);
    }

    /// How often the bot said this in Joy's office.
    async fn said(&self, part: &str) -> usize {
        let said = self.scene.joy.has_read(&self.office, &self.scene.bot()).await;
        said.iter().filter(|body| body.contains(part)).count()
    }

    /// How often the bot reacted to an event in Joy's office.
    async fn reactions_to(&self, event: &str) -> usize {
        let events = self.scene.joy.events(&self.office).await;
        let is_one = |seen: &&Value| {
            seen["type"] == "m.reaction" && seen["sender"] == self.scene.bot() && seen["content"]["m.relates_to"]["event_id"] == event
        };
        events.iter().filter(is_one).count()
    }
}

/// What the platform sends of a trade.
fn trade(number: usize) -> Value {
    let link = format!("https://bazaar.example/p/{number}");
    let trade = json!({"id": number.to_string(), "kind": "listing", "title": format!("Teapot {number}"), "url": link});
    json!({"type": "trades", "trades": [trade]})
}

fn config(bazaar: &Bazaar) -> Table {
    let port = free_port();
    let url = bazaar.registration_url();
    let text = format!(
        "delivery = {{ digest_above = 100, cards_per_day = 10000 }}\n\
         web = {{ public_url = \"http://127.0.0.1:{port}\", listen = \"127.0.0.1:{port}\" }}\n\
         [platforms.partners.bazaar]\nkey = \"{KEY}\"\nregistration_url = \"{url}\"\n"
    );
    text.parse().unwrap()
}
