//! What these scenes have in common: Joy, who agreed, and her direct rooms without the bot.

use crate::support::Scene;
use crate::support::stage::link;
use serde_json::Value;

/// The key that stands in everything that is sent in somebody's own name.
pub(super) const OWN: &str = "org.tradepost.own_name";

/// Joy's direct room with Mary, marked as such, without the bot.
pub(super) async fn direct_room(scene: &Scene) -> String {
    let room = scene.joy.opens_direct_room_with(&scene.mary.id).await;
    scene.mary.joins(&room).await;
    room
}

/// Joy is asked, agrees, and is told so.
pub(super) async fn agrees(scene: &Scene, office: &str) {
    scene.does(office, "as me").await;
    scene.joy.hears(office, "I read your list of direct chats").await;
    scene.does(office, "yes").await;
    scene.joy.hears(office, "in your own name from now on").await;
}

/// Joy's office, her feed, and that she agreed to share in her own name.
pub(super) async fn begins(scene: &Scene) -> String {
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    agrees(scene, &office).await;
    office
}

/// The same, and a direct room with Mary without the bot, in which she shares: `(office, room)`.
pub(super) async fn shares(scene: &Scene) -> (String, String) {
    let room = direct_room(scene).await;
    let office = begins(scene).await;
    scene.does(&office, &format!("with {}", scene.mary.id)).await;
    scene.joy.hears(&office, "I found your direct chat").await;
    (office, room)
}

/// The numbers of the cards by `sender` that stand in a room, as Mary sees them, in order.
pub(super) async fn cards_by(scene: &Scene, room: &str, sender: &str) -> Vec<usize> {
    let events = scene.mary.events(room).await;
    let is_card = |event: &&Value| event["sender"] == sender && !event["content"]["org.tradepost.trade"].is_null();
    let shown = events.iter().filter(is_card).filter_map(|event| event["content"]["external_url"].as_str());
    shown.map(|url| (1..1_000).find(|number| link(*number) == url).unwrap()).collect()
}

/// The numbers of all cards that stand in a room, whoever sent them, in order.
pub(super) async fn of_all(scene: &Scene, room: &str) -> Vec<usize> {
    let mut cards = cards_by(scene, room, &scene.joy.id).await;
    cards.extend(cards_by(scene, room, &scene.bot()).await);
    cards.sort_unstable();
    cards
}

/// How often something was asked of the homeserver in somebody's name by an appservice.
pub(super) fn requests_as(scene: &Scene, person: &str) -> usize {
    let escaped = person.replace('@', "%40").replace(':', "%3A");
    let log = scene.homeserver.log();
    log.lines().filter(|line| line.contains("Processed request") && line.contains(&format!("user_id={escaped}"))).count()
}
