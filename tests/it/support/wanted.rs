//! What people wait for in a room, as conditions on an event: the same for every client. An event
//! that came encrypted is asked as its client decrypted it.

use serde_json::Value;

/// A message that holds `part`.
pub fn message(part: &str) -> impl Fn(&Value) -> bool {
    move |event| event["type"] == "m.room.message" && event["content"]["body"].as_str().is_some_and(|body| body.contains(part))
}

/// The reaction `key` to `event`.
pub fn reaction(event: &str, key: &str) -> impl Fn(&Value) -> bool {
    move |seen| {
        let relation = &seen["content"]["m.relates_to"];
        seen["type"] == "m.reaction" && relation["event_id"] == event && relation["key"].as_str().is_some_and(|found| same_key(found, key))
    }
}

/// An edit of `event` that makes it hold `part`.
pub fn edit(event: &str, part: &str) -> impl Fn(&Value) -> bool {
    move |seen| {
        let relation = &seen["content"]["m.relates_to"];
        let body = seen["content"]["m.new_content"]["body"].as_str().unwrap_or_default();
        relation["rel_type"] == "m.replace" && relation["event_id"] == event && body.to_lowercase().contains(&part.to_lowercase())
    }
}

/// The redaction of `event`.
pub fn redaction(event: &str) -> impl Fn(&Value) -> bool {
    move |seen| seen["type"] == "m.room.redaction" && (seen["redacts"] == event || seen["content"]["redacts"] == event)
}

/// That `person` has the `membership` from now on.
pub fn membership(person: &str, membership: &str) -> impl Fn(&Value) -> bool {
    move |event| event["type"] == "m.room.member" && event["state_key"] == person && event["content"]["membership"] == membership
}

/// An invitation of `invited` by `person`.
pub fn invitation(person: &str, invited: &str) -> impl Fn(&Value) -> bool {
    move |event| event["content"]["membership"] == "invite" && event["state_key"] == invited && event["sender"] == person
}

/// The event in one line, for the message of a failure; marked with '-' if it was `taken` before.
pub fn line(event: &Value, taken: bool) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let content = match event["type"].as_str() {
        Some("m.room.message") => text(&event["content"]["body"]),
        Some("m.reaction") => format!("reacts {}", event["content"]["m.relates_to"]),
        _ => format!("{} {} {}", text(&event["type"]), text(&event["state_key"]), event["content"]),
    };
    let mark = if taken { '-' } else { ' ' };
    format!("{mark} {}: {content}", text(&event["sender"]))
}

/// With or without the sign that asks for a colourful picture.
fn same_key(one: &str, other: &str) -> bool {
    one.trim_end_matches('\u{fe0f}') == other.trim_end_matches('\u{fe0f}')
}
