//! Told to stop: what is under way is finished, and nothing holds it up for long.

use crate::support::Scene;
use crate::support::disk::Disk;
use crate::support::faulty::ALWAYS;
use crate::support::faulty::Fault;
use crate::support::faulty::Faulty;
use crate::support::faulty::Which;
use crate::support::stage::link;
use crate::support::synapse::Homeserver;
use crate::support::user::moment;
use std::time::Duration;
use std::time::Instant;
use toml::Table;
use tradepost::store::Store;
use tradepost::store::sled::SledStore;

/// Longer than anybody waits.
const FOR_EVER: Duration = Duration::from_hours(1);
/// How long stopping may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A scene in which the way to the homeserver can break.
async fn scene() -> (Scene, Faulty) {
    let homeserver = Homeserver::shared().await;
    let way = Faulty::before(&homeserver.address()).await;
    let config: Table = format!("[homeserver]\naddress = \"{}\"", way.url()).parse().unwrap();
    let mut scene = Scene::set(homeserver, config).await;
    scene.tradepost.start().await;
    (scene, way)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_in_time_though_the_homeserver_and_a_shop_hang() {
    let (mut scene, way) = scene().await;
    let (_, room) = scene.sharing().await;
    way.spoils(ALWAYS, Which::Everything, Fault::Late(FOR_EVER));
    scene.publishes(1);
    way.has_spoilt(1).await;
    scene.feed.holds();
    scene.feed.is_asked(scene.feed.requests() + 1).await;
    let began = Instant::now();
    let status = scene.tradepost.stop().await;
    assert!(status.success() && began.elapsed() < LIMIT, "{status} after {:?}", began.elapsed());
    way.works_again();
    scene.feed.goes_on();
    scene.tradepost.start().await;
    scene.publishes(2);
    scene.mary.hears(&room, &link(2)).await;
    assert_eq!(scene.cards_in(&room).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_sent_is_settled_before_it_ends_and_nothing_new_is_taken() {
    let (mut scene, way) = scene().await;
    let (_, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;
    // The card is accepted, and that is said some seconds later.
    way.spoils(1, Which::Sends, Fault::Trickles(2, Duration::from_secs(1)));
    scene.publishes(2);
    way.has_spoilt(1).await;
    scene.tradepost.is_told_to_stop();
    while reqwest::get(format!("{}/live", scene.tradepost.address())).await.is_ok() {
        moment().await;
    }
    let (status, log) = scene.tradepost.ends().await;
    assert!(status.success(), "{status} {log}");
    let store = SledStore::open(&scene.tradepost.data()).unwrap();
    assert_eq!(store.totals().await.unwrap().waiting, 0, "{log}");
    drop(store);
    assert_eq!(scene.cards_in(&room).await, [1, 2]);
    let sends = way.counts().sends;
    scene.tradepost.start().await;
    scene.publishes(3);
    scene.mary.hears(&room, &link(3)).await;
    assert_eq!(way.counts().sends, sends + 1, "the second is not sent again");
    assert_eq!(scene.cards_in(&room).await, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn told_again_it_ends_at_once_and_goes_on_where_it_was() {
    let (mut scene, way) = scene().await;
    let (_, room) = scene.sharing().await;
    // The card is accepted, and that is never said to its end.
    way.spoils(ALWAYS, Which::Sends, Fault::Trickles(2, FOR_EVER));
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;
    scene.tradepost.is_told_to_stop();
    scene.tradepost.says("told again, it ends at once", 1).await;
    scene.tradepost.is_told_to_stop();
    let (status, log) = scene.tradepost.ends().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("told to stop again"), "{log}");
    way.works_again();
    scene.tradepost.start().await;
    scene.publishes(2);
    scene.mary.hears(&room, &link(2)).await;
    assert_eq!(scene.cards_in(&room).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_in_time_though_the_disk_hangs() {
    let mut scene = Scene::set(Homeserver::shared().await, Table::new()).await;
    let disk = Disk::under(scene.tradepost.directory());
    scene.tradepost.finds(disk.environment());
    scene.tradepost.start().await;
    let (office, room) = scene.sharing().await;
    disk.hangs();
    scene.joy.says(&office, "version").await;
    disk.has_failed(1).await;
    scene.tradepost.is_told_to_stop();
    let began = Instant::now();
    let (status, log) = scene.tradepost.ends().await;
    assert!(status.code().is_some() && began.elapsed() < LIMIT, "{status} after {:?}: {log}", began.elapsed());
    disk.works_again();
    scene.tradepost.start().await;
    scene.joy.hears(&office, env!("CARGO_PKG_VERSION")).await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;
}
