//! Edits of messages (m.replace), and whether one would change anything that can be seen.

use super::MARK;
use crate::domain::ids::EventId;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The longest text that clients without edits are shown, in bytes; a longer one is cut to its first line.
const FALLBACK: usize = 4 * 1_024;

/// What is only about the event itself, not about what it shows.
const AROUND: [&str; 3] = [MARK, "m.relates_to", "m.mentions"];

/// Puts `content`, which has its mark, in the place of what the message `event` shows, whose content
/// is `posted`. Nobody is notified: who was mentioned at first stays so within, and nobody is anew.
#[must_use]
pub fn edit(content: Value, event: &EventId, posted: &str) -> Value {
    let Value::Object(mut new) = content else { return content };
    let mark = new.remove(MARK).unwrap_or_default();
    new.remove("m.relates_to");
    let mentions = visible(posted).remove("m.mentions").unwrap_or_else(|| json!({}));
    new.insert("m.mentions".to_owned(), mentions);
    let body = new.get("body").and_then(Value::as_str).unwrap_or_default();
    let fallback = if body.len() > FALLBACK { body.lines().next().unwrap_or_default() } else { body };
    json!({
        "msgtype": new.get("msgtype"),
        "body": format!("* {fallback}"),
        "m.mentions": {},
        "m.relates_to": { "rel_type": "m.replace", "event_id": event.as_str() },
        "m.new_content": new,
        MARK: mark,
    })
}

/// Whether `content` shows just what stands there already, whose content, or that of its last edit, is `posted`.
#[must_use]
pub fn shows_the_same(content: &Value, posted: &str) -> bool {
    let shown = |mut content: Map<String, Value>| {
        content.retain(|key, _| !AROUND.contains(&key.as_str()));
        content
    };
    content.as_object().is_some_and(|content| shown(content.clone()) == shown(visible(posted)))
}

/// What a message shows: of an edit, its new content.
fn visible(posted: &str) -> Map<String, Value> {
    let Ok(Value::Object(mut content)) = serde_json::from_str(posted) else { return Map::new() };
    match content.remove("m.new_content") {
        Some(Value::Object(new)) => new,
        _ => content,
    }
}
