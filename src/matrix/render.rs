//! What is sent into rooms, as Matrix event contents: cards, digests, boards, notices, replies,
//! edits, reactions. Chooses no words and sends nothing.

mod cards;
mod edit;
mod offer;
mod own;
#[cfg(test)]
mod tests;

pub use cards::answering;
pub use cards::board;
pub use cards::card;
pub use cards::digest;
pub use cards::list_capacity;
pub use cards::mentioning;
pub use edit::edit;
pub use edit::shows_the_same;
pub use offer::Offer;
pub use own::in_own_name;
pub use own::status_line;

use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::texts::Text;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use url::form_urlencoded::byte_serialize;

/// The key under which a delivery's mark stands in whatever is sent; it stays outside when the
/// content is encrypted.
pub const MARK: &str = "org.tradepost.delivery";

/// The key that stands in every event that tradepost sends in a sharer's own name.
pub const OWN_NAME: &str = "org.tradepost.own_name";

/// The key under which a card says which trade it shows and whose it is.
pub const TRADE: &str = "org.tradepost.trade";

/// The key under which a digest or a board says which trades it shows and whose they are.
pub const TRADES: &str = "org.tradepost.trades";

/// The largest content, in bytes of JSON: an event may have 64 KiB (specification: size limits),
/// encryption makes four bytes of three, and the homeserver adds its own part.
pub const LARGEST: usize = 40 * 1_024;

/// Something the bot says.
#[must_use]
pub fn notice(text: &Text, mark: &str) -> Value {
    fitting(message(&text.plain, Some(text.html.clone()), mark))
}

/// The answer to the message `to` of `reader`, which mentions her.
#[must_use]
pub fn reply(text: &Text, to: &EventId, reader: &UserId, mark: &str) -> Value {
    answering(mentioning(notice(text, mark), reader), to)
}

/// A file that has been uploaded.
#[derive(Clone, Debug)]
pub struct File<'a> {
    /// What it is called.
    pub name: &'a str,
    /// How many bytes it has, opened.
    pub size: usize,
    /// What it is.
    pub mimetype: &'a str,
    /// Where it is (`mxc:`).
    pub address: &'a str,
    /// What opens it; none: it is not encrypted.
    pub keys: Option<Value>,
}

/// A file as the answer to the message `to` of `reader` (m.file).
#[must_use]
pub fn file(file: File<'_>, to: &EventId, reader: &UserId, mark: &str) -> Value {
    let mut content = message(file.name, None, mark);
    content.insert("msgtype".to_owned(), json!("m.file"));
    content.insert("filename".to_owned(), json!(file.name));
    content.insert("info".to_owned(), json!({"mimetype": file.mimetype, "size": file.size}));
    match file.keys {
        Some(Value::Object(mut keys)) => {
            keys.insert("url".to_owned(), json!(file.address));
            content.insert("file".to_owned(), Value::Object(keys));
        }
        _ => drop(content.insert("url".to_owned(), json!(file.address))),
    }
    answering(mentioning(Value::Object(content), reader), to)
}

/// The reaction `key` to the event `to` (m.reaction).
#[must_use]
pub fn reaction(to: &EventId, key: &str, mark: &str) -> Value {
    json!({
        "m.relates_to": { "rel_type": "m.annotation", "event_id": to.as_str(), "key": key },
        MARK: mark,
    })
}

/// A link to an event that every client understands (specification: matrix.to navigation); `via` is a
/// server that is in the room.
#[must_use]
pub fn link_to(room: &RoomId, event: &EventId, via: &str) -> String {
    let [room, event, via] = [room.as_str(), event.as_str(), via].map(|part| byte_serialize(part.as_bytes()).collect::<String>());
    format!("https://matrix.to/#/{room}/{event}?via={via}")
}

/// A message that notifies (m.text) and mentions nobody, whatever its words are.
fn message(body: &str, html: Option<String>, mark: &str) -> Map<String, Value> {
    let mut content = Map::new();
    content.insert("msgtype".to_owned(), json!("m.text"));
    content.insert("body".to_owned(), json!(body));
    if let Some(html) = html {
        content.insert("format".to_owned(), json!("org.matrix.custom.html"));
        content.insert("formatted_body".to_owned(), json!(html));
    }
    content.insert("m.mentions".to_owned(), json!({}));
    content.insert(MARK.to_owned(), json!(mark));
    content
}

/// The content as it is where it is small enough; else without its HTML; else with its text cut short as well.
fn fitting(mut content: Map<String, Value>) -> Value {
    if bytes(&content) > LARGEST {
        content.remove("format");
        content.remove("formatted_body");
    }
    if bytes(&content) > LARGEST
        && let Some(Value::String(body)) = content.get_mut("body")
    {
        // JSON makes at most two bytes of one here, since the body has no control characters but line breaks.
        let end = body.floor_char_boundary(LARGEST / 4);
        let end = body[..end].rfind('\n').unwrap_or(end);
        body.truncate(end);
        body.push_str("\n…");
        content.remove(TRADES);
    }
    Value::Object(content)
}

fn bytes(content: &Map<String, Value>) -> usize {
    serde_json::to_vec(content).map_or(usize::MAX, |json| json.len())
}
