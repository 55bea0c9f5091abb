//! What the end-to-end tests stand on: a homeserver, people, a feed and the program, as a scene.
//!
//! ```text
//! let scene = Scene::new().await;
//! let room = scene.joy.opens_direct_room_with(&scene.bot()).await;
//! scene.joy.says(&room, "!share help").await;
//! scene.joy.hears(&room, "!share add").await;
//! ```

#![expect(unreachable_pub, reason = "nothing is reached from outside a test")]
#![allow(dead_code, reason = "people can do more than the tests of today ask of them")]

pub mod bazaar;
pub mod browser;
pub mod client;
pub mod clock;
pub mod disk;
pub mod element;
pub mod fake_homeserver;
pub mod faulty;
pub mod feed;
pub mod market;
pub mod nio;
pub mod oscar;
pub mod page;
pub mod polling;
pub mod ports;
pub mod process;
pub mod sending;
pub mod shifted;
pub mod stage;
pub mod synapse;
pub mod tradepost;
pub mod trading;
pub mod user;
pub mod vendure;
pub mod wanted;

use feed::Feed;
use shifted::ShiftedClock;
use std::sync::Arc;
use synapse::Homeserver;
use synapse::Registration;
use toml::Table;
use tradepost::Tradepost;
use user::Person;

/// Joy, who shares, and Mary, her friend, on a homeserver with a running tradepost, and a feed.
/// Nothing in it is known to another test.
pub struct Scene {
    /// She may share.
    pub joy: Person,
    /// She may not.
    pub mary: Person,
    /// A feed without items.
    pub feed: Feed,
    /// The program.
    pub tradepost: Tradepost,
    /// The homeserver; other tests may use it too.
    pub homeserver: Arc<Homeserver>,
    number: usize,
}

impl Scene {
    /// On the homeserver that the tests share.
    pub async fn new() -> Self {
        Self::with_config(Table::new()).await
    }

    /// The same, with `changes` to tradepost's configuration: `toml::toml! { [delivery] digest_above = 3 }`.
    pub async fn with_config(changes: Table) -> Self {
        let mut scene = Self::set(Homeserver::shared().await, changes).await;
        scene.tradepost.start().await;
        scene
    }

    /// The same, where the program runs within the test, by `clock`.
    pub async fn with_clock(changes: Table, clock: &Arc<ShiftedClock>) -> Self {
        let mut scene = Self::set(Homeserver::shared().await, changes).await;
        scene.tradepost.start_here(Arc::<ShiftedClock>::clone(clock)).await;
        scene
    }

    /// On a homeserver of its own, which can be stopped and restarted.
    pub async fn with_own_homeserver() -> Self {
        let mut scene = Self::set(Homeserver::own().await, Table::new()).await;
        scene.tradepost.start().await;
        scene
    }

    /// Everything is there, but tradepost does not run yet.
    pub async fn set(homeserver: Arc<Homeserver>, changes: Table) -> Self {
        let registration = homeserver.registration();
        Self::set_with(homeserver, registration, changes).await
    }

    /// The same, with a registration that was taken before.
    pub async fn set_with(homeserver: Arc<Homeserver>, registration: Registration, changes: Table) -> Self {
        let number = registration.number;
        let joy = Person::register(&homeserver, &format!("joy{number}")).await;
        let mary = Person::register(&homeserver, &format!("mary{number}")).await;
        Self {
            tradepost: Tradepost::new(&homeserver, registration, &[&joy.id], changes),
            feed: Feed::start().await,
            joy,
            mary,
            homeserver,
            number,
        }
    }

    /// The bot's whole id.
    pub fn bot(&self) -> String {
        self.tradepost.bot()
    }

    /// One more person; her name is made different from those of other tests.
    pub async fn person(&self, name: &str) -> Person {
        Person::register(&self.homeserver, &format!("{name}{}", self.number)).await
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.homeserver.keep_directory();
        }
    }
}
