//! What these scenes have in common: Joy, who agreed, and her direct rooms without the bot.

use crate::support::Scene;
use crate::support::stage::link;
use jiff::Timestamp;
use serde_json::Value;
use tradepost::domain::delivery::DeviceStep;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::Target;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::UserId;
use tradepost::domain::own_name::OwnName;
use tradepost::domain::sharer::Sharer;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::sled::SledStore;

/// The key that stands in everything that is sent in somebody's own name.
pub(super) const OWN: &str = "org.tradepost.own_name";

/// Joy's direct room with Mary, marked as such, without the bot.
pub(super) async fn direct_room(scene: &Scene) -> String {
    let room = scene.joy.opens_direct_room_with(&scene.mary.id).await;
    scene.mary.joins(&room).await;
    room
}

/// What Joy decided is changed while tradepost does not run.
pub(super) async fn decides(scene: &mut Scene, change: impl FnOnce(&mut Sharer) -> Vec<What>) {
    scene.tradepost.stop().await;
    let id = UserId::new(scene.joy.id.as_str());
    let store = SledStore::open(&scene.tradepost.data()).unwrap();
    let mut joy = store.sharer(&id).await.unwrap().unwrap_or_else(|| Sharer::new(id.clone()));
    let now = Timestamp::now();
    let target = Target::Person(id);
    let acts = change(&mut joy).into_iter();
    let deliveries = acts.map(|what| NewDelivery { target: target.clone(), what, not_before_at: now, once: None }).collect();
    store.commit(Commit { sharers: vec![joy], deliveries, ..Commit::default() }).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    scene.tradepost.start().await;
}

/// Joy agrees, and her direct rooms are read.
pub(super) async fn agrees(scene: &mut Scene) {
    let id = UserId::new(scene.joy.id.as_str());
    decides(scene, |joy| {
        joy.own_name = Some(OwnName { agreed_at: Timestamp::now(), device: None, told_unverified: false });
        vec![What::OwnDevice { step: DeviceStep::Make }, What::ReadDirectRooms { sharer: id }]
    })
    .await;
}

/// Joy's office, her feed, and that she agreed to share in her own name.
pub(super) async fn begins(scene: &mut Scene) -> String {
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    agrees(scene).await;
    office
}

/// The numbers of the cards by `sender` that stand in a room, as Mary sees them, in order.
pub(super) async fn cards_by(scene: &Scene, room: &str, sender: &str) -> Vec<usize> {
    let events = scene.mary.events(room).await;
    let is_card = |event: &&Value| event["sender"] == sender && !event["content"]["org.tradepost.trade"].is_null();
    let shown = events.iter().filter(is_card).filter_map(|event| event["content"]["external_url"].as_str());
    shown.map(|url| (1..1_000).find(|number| link(*number) == url).unwrap()).collect()
}
