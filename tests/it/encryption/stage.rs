//! What the scenes in encrypted rooms begin with: Joy and Mary with real clients, Joy's encrypted room
//! with the bot, and their encrypted direct room with the bot in it.

use crate::support::Scene;
use crate::support::element::Element;
use crate::support::element::Mode;
use crate::support::element::Seen;
use crate::support::user::Person;
use serde_json::Value;
use serde_json::json;

/// Joy, who shares in an encrypted room, with the client that she uses.
pub(crate) struct Secret {
    pub(crate) scene: Scene,
    pub(crate) joy: Element,
    /// Her encrypted room with the bot.
    pub(crate) office: String,
}

impl Secret {
    /// The bot has greeted her in her office.
    pub(crate) async fn new(scene: Scene, mode: Mode) -> Self {
        let joy = Element::log_in(&scene.homeserver, &scene.joy.id, mode).await;
        let office = joy.opens_direct_room_with(&scene.bot()).await;
        joy.reads(&office, "add feed https://").await;
        Self { scene, joy, office }
    }

    /// The same, and the feed is hers.
    pub(crate) async fn with_feed(scene: Scene, mode: Mode) -> Self {
        let secret = Self::new(scene, mode).await;
        secret.does(&secret.office, &format!("!share add feed {}", secret.scene.feed.url())).await;
        secret.joy.reads(&secret.office, "as number").await;
        secret
    }

    /// Joy types a command, which is done.
    pub(crate) async fn does(&self, room: &str, command: &str) {
        let event = self.joy.says(room, command).await;
        self.joy.sees_reaction(room, &event, "✅").await;
    }

    /// The direct room of Joy and `contact`, encrypted, with the bot in it.
    pub(crate) async fn direct_room_with(&self, contact: &Element) -> String {
        let room = self.joy.opens_direct_room_with(&contact.id).await;
        contact.joins(&room).await;
        self.joy.sees_membership(&room, &contact.id, "join").await;
        self.joy.invites(&room, &self.scene.bot()).await;
        self.joy.sees_membership(&room, &self.scene.bot(), "join").await;
        room
    }

    /// The same, and she shares in it.
    pub(crate) async fn shares_with(&self, contact: &Element) -> String {
        let room = self.direct_room_with(contact).await;
        self.does(&room, "!share with here").await;
        room
    }

    /// A client of Mary's.
    pub(crate) async fn mary(&self, mode: Mode) -> Element {
        Element::log_in(&self.scene.homeserver, &self.scene.mary.id, mode).await
    }

    /// Waits for the answer to what Joy said in her office.
    pub(crate) async fn answer_to(&self, command: &str) -> Seen {
        let answers = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == command;
        self.joy.sees(&self.office, "the answer", answers).await
    }

    /// Asks the same in the office, after each answer, until it holds `part`.
    pub(crate) async fn asks_until(&self, question: &str, part: &str) {
        let mut last = String::new();
        for _ in 0..100 {
            let command = self.joy.says(&self.office, question).await;
            last = self.answer_to(&command).await.body;
            if last.contains(part) {
                return;
            }
        }
        panic!("{question} was never answered with {part}, but with {last}");
    }

    /// The numbers of the items that `contact` has read as cards in the room, in order.
    pub(crate) fn cards_in(&self, contact: &Element, room: &str) -> Vec<usize> {
        let seen = contact.has_seen(room).into_iter();
        let cards = seen.filter(|seen| seen.sender == self.scene.bot() && !seen.content()["org.tradepost.trade"].is_null());
        cards.filter_map(|card| card.body.rsplit_once("/p/")?.1.trim().parse().ok()).collect()
    }

    /// That the bot never said a word in the clear in these rooms, as the homeserver keeps them.
    pub(crate) async fn nothing_in_the_clear(&self, rooms: &[&str]) {
        for room in rooms {
            nothing_in_the_clear(&self.scene.joy, room, &self.scene.bot(), false).await;
        }
    }
}

/// That `bot` never said a word in the clear in `room`, as the homeserver keeps it; where it was plain at
/// first, not since it is encrypted.
pub(crate) async fn nothing_in_the_clear(reader: &Person, room: &str, bot: &str, was_plain: bool) {
    let events = reader.events(room).await;
    let encrypted_at = events.iter().position(|event| event["type"] == "m.room.encryption").expect("an encrypted room");
    let from = if was_plain { encrypted_at } else { 0 };
    let ours: Vec<&Value> = events[from..].iter().filter(|event| event["sender"] == bot).collect();
    let in_the_clear: Vec<&&Value> = ours.iter().filter(|event| event["type"] == "m.room.message").collect();
    assert!(in_the_clear.is_empty(), "{in_the_clear:?}");
    // Nothing but what Matrix needs to see stands beside the ciphertext.
    for event in ours.iter().filter(|event| event["type"] == "m.room.encrypted") {
        let known = ["algorithm", "ciphertext", "device_id", "sender_key", "session_id", "m.relates_to", "org.tradepost.delivery"];
        let content = event["content"].as_object().expect("content");
        let visible: Vec<&String> = content.keys().filter(|key| !known.contains(&key.as_str())).collect();
        // What was taken back has no content any more.
        assert!(visible.is_empty(), "{visible:?} in {event}");
    }
}

/// The content of state that an encrypted room begins with.
pub(crate) fn encryption() -> Value {
    json!({"algorithm": "m.megolm.v1.aes-sha2"})
}
