//! What most scenes begin with: Joy's room with the bot, her account, and her direct room with Mary.

use super::Scene;
use serde_json::Value;

impl Scene {
    /// Joy's own room with the bot, where it has greeted her.
    pub async fn office(&self) -> String {
        let office = self.joy.opens_direct_room_with(&self.bot()).await;
        self.joy.hears(&office, "add feed https://").await;
        office
    }

    /// Joy adds the feed, whose items so far are its baseline.
    pub async fn adds_the_feed(&self, office: &str) {
        let command = self.joy.says(office, &format!("!share add feed {}", self.feed.url())).await;
        self.joy.sees_reaction(office, &command, "✅").await;
        self.joy.hears(office, "as number").await;
    }

    /// The direct room of Joy and Mary, with the bot in it.
    pub async fn direct_room(&self) -> String {
        let room = self.joy.opens_direct_room_with(&self.mary.id).await;
        self.mary.joins(&room).await;
        self.joy.invites(&room, &self.bot()).await;
        self.joy.sees_membership(&room, &self.bot(), "join").await;
        room
    }

    /// Joy says in the room with Mary that she shares here.
    pub async fn shares_in(&self, room: &str) {
        let command = self.joy.says(room, "!share with here").await;
        self.joy.sees_reaction(room, &command, "✅").await;
    }

    /// Joy opens a panel by this command: its event and what it says.
    pub async fn opens_panel(&self, office: &str, command: &str) -> (String, String) {
        self.joy.says(office, command).await;
        let is_panel = |event: &Value| {
            let body = event["content"]["body"].as_str().unwrap_or_default();
            event["sender"] == self.bot() && (body.contains('☐') || body.contains('☑')) && event["content"]["m.relates_to"].is_null()
        };
        let panel = self.joy.sees(office, "a panel", is_panel).await;
        (panel["event_id"].as_str().unwrap().to_owned(), panel["content"]["body"].as_str().unwrap().to_owned())
    }

    /// Joy types a command, which is done.
    pub async fn does(&self, room: &str, command: &str) {
        let event = self.joy.says(room, command).await;
        self.joy.sees_reaction(room, &event, "✅").await;
    }

    /// An office, the feed, and a direct room in which Joy shares: `(office, room)`.
    pub async fn sharing(&self) -> (String, String) {
        let office = self.office().await;
        self.adds_the_feed(&office).await;
        let room = self.direct_room().await;
        self.shares_in(&room).await;
        (office, room)
    }

    /// Joy asks the same again, after each answer, until it holds `part`.
    pub async fn asks_until(&self, office: &str, question: &str, part: &str) {
        let mut last = String::new();
        for _ in 0..200 {
            let command = self.joy.says(office, question).await;
            let answers = |event: &Value| event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == command;
            let answer = self.joy.sees(office, "the answer", answers).await;
            answer["content"]["body"].as_str().unwrap_or_default().clone_into(&mut last);
            if last.contains(part) {
                return;
            }
        }
        panic!("{question} was never answered with {part}, but with {last}");
    }

    /// Publishes an item named after its number.
    pub fn publishes(&self, number: usize) {
        self.feed.publish(&format!("Teapot {number}"), "12.00 EUR", &link(number));
    }

    /// The numbers of the items that Mary has got as cards, in order.
    pub async fn cards_in(&self, room: &str) -> Vec<usize> {
        let events = self.mary.events(room).await;
        let cards = events.iter().filter(|event| event["sender"] == self.bot() && !event["content"]["org.tradepost.trade"].is_null());
        cards.filter_map(|card| number(card["content"]["body"].as_str()?)).collect()
    }
}

/// The link of the item with this number.
pub fn link(number: usize) -> String {
    format!("https://shop.example/p/{number}")
}

/// The reaction that ticks the box beside `label` on a panel.
pub fn keycap_of(panel: &str, label: &str) -> String {
    let fits = |line: &&str| line.to_lowercase().contains(&label.to_lowercase()) && (line.contains('☐') || line.contains('☑'));
    let line = panel.lines().find(fits).unwrap_or_else(|| panic!("no box {label} on:\n{panel}"));
    let digit = line.chars().find(char::is_ascii_digit).unwrap_or_else(|| panic!("no number in {line}"));
    format!("{digit}\u{fe0f}\u{20e3}")
}

fn number(body: &str) -> Option<usize> {
    body.rsplit_once("/p/")?.1.trim().parse().ok()
}
