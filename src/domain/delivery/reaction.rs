//! The reactions that mean something, and the keys they are written with.

use serde::Deserialize;
use serde::Serialize;

/// The reactions that mean something, the bot's and people's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reaction {
    /// Done; by a contact who is asked: yes.
    Done,
    /// Refused; the reply says why.
    Refused,
    /// Received, but the room is encrypted and cannot be answered.
    Encrypted,
    /// A row of a panel, 1 to 9.
    Number(u32),
    /// A panel's page before.
    Previous,
    /// A panel's page after.
    Next,
    /// By the sharer on a card: withdraw it; by a contact who is asked: no.
    Withdraw,
    /// By a contact on a card: mute.
    Mute,
}

/// Reactions by their keys, without variation selectors. The first key of each is what the bot sends.
const REACTIONS: [(Reaction, &str); 22] = [
    (Reaction::Done, "✅"),
    (Reaction::Done, "👍"),
    (Reaction::Done, "✔"),
    (Reaction::Refused, "⛔"),
    (Reaction::Encrypted, "🔒"),
    (Reaction::Number(1), "1\u{20E3}"),
    (Reaction::Number(2), "2\u{20E3}"),
    (Reaction::Number(3), "3\u{20E3}"),
    (Reaction::Number(4), "4\u{20E3}"),
    (Reaction::Number(5), "5\u{20E3}"),
    (Reaction::Number(6), "6\u{20E3}"),
    (Reaction::Number(7), "7\u{20E3}"),
    (Reaction::Number(8), "8\u{20E3}"),
    (Reaction::Number(9), "9\u{20E3}"),
    (Reaction::Previous, "◀"),
    (Reaction::Previous, "⬅"),
    (Reaction::Next, "▶"),
    (Reaction::Next, "➡"),
    (Reaction::Withdraw, "❌"),
    (Reaction::Withdraw, "👎"),
    (Reaction::Mute, "🔕"),
    (Reaction::Mute, "🔇"),
];

impl Reaction {
    /// The reaction's key (m.reaction, `m.relates_to.key`), with the variation selectors that clients
    /// put into it, so that a person's own joins it.
    #[must_use]
    pub fn key(self) -> String {
        let plain = REACTIONS.iter().find(|(reaction, _)| *reaction == self).map_or("", |(_, key)| *key);
        match self {
            Self::Number(_) => plain.replace('\u{20E3}', "\u{FE0F}\u{20E3}"),
            Self::Previous | Self::Next => format!("{plain}\u{FE0F}"),
            _ => plain.to_owned(),
        }
    }

    /// What a key means; none where it means nothing here. Skin tones and variation selectors do not count.
    #[must_use]
    pub fn read(key: &str) -> Option<Self> {
        let plain: String = key.chars().filter(|c| !matches!(c, '\u{FE0E}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')).collect();
        REACTIONS.iter().find(|(_, key)| *key == plain).map(|(reaction, _)| *reaction)
    }
}
