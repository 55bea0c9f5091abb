//! Events as the homeserver pushes them, read into what matters here. Reading never fails: what is
//! malformed or of no interest is [`Content::Other`].

use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::room::Rotation;
use crate::domain::room::Us;
use crate::domain::text::Line;
use crate::domain::trade::digest;
use crate::matrix::crypto::is_step;
use crate::matrix::render::MARK;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// How much of a display name is kept, in characters.
const NAME_CHARACTERS: usize = 80;
/// The longest message that is read as a command, in bytes.
const COMMAND_BYTES: usize = 8 * 1024;

/// The longest key of a reaction that means anything, in bytes.
const KEY_BYTES: usize = 64;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub id: EventId,
    /// Its room.
    pub room: RoomId,
    /// Who sent it.
    pub sender: UserId,
    /// When, as its server says.
    pub sent_at: Timestamp,
    /// Whether it came encrypted, and has been decrypted.
    pub was_encrypted: bool,
    /// The mark of the delivery it came of, where it is one of ours.
    pub mark: Option<String>,
    /// What it says.
    pub content: Content,
}

/// What an event says, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A membership.
    Member {
        /// Whose.
        user: UserId,
        /// Joined, invited or left.
        membership: Membership,
        /// The display name it sets.
        name: Option<Line>,
    },
    /// A new text message; edits and notices are not.
    Text {
        /// Its body.
        body: String,
    },
    /// A reaction (m.annotation).
    Reaction {
        /// To what.
        to: EventId,
        /// Its key.
        key: String,
    },
    /// Something was taken back.
    Redaction {
        /// What.
        of: EventId,
    },
    /// An encrypted message.
    Encrypted,
    /// A step of a verification.
    Verification,
    /// The room is encrypted from here on.
    Encryption {
        /// When its keys are changed.
        rotation: Rotation,
    },
    /// Who may join.
    JoinRule {
        /// Whether that is anybody.
        public: bool,
    },
    /// Who may read.
    HistoryVisibility {
        /// Whether that is anybody.
        world_readable: bool,
    },
    /// Who is named as a service member.
    Functional {
        /// These.
        members: BTreeSet<UserId>,
    },
    /// The room's creation.
    Create {
        /// Whether it is a space or of another special type.
        special: bool,
        /// The room it replaces.
        replaces: Option<RoomId>,
    },
    /// Who may do what: it may let us send again.
    PowerLevels,
    /// The room has been replaced.
    Tombstone {
        /// By this one; an empty id where the event names none.
        replaced_by: RoomId,
    },
    /// Anything else.
    Other,
}

/// Reads a transaction's body into its events, each with its JSON; none where the body is no transaction.
#[must_use]
pub fn transaction(body: &[u8]) -> Option<Vec<(Received, String)>> {
    #[derive(serde::Deserialize)]
    struct Transaction<'a> {
        #[serde(borrow)]
        events: Vec<&'a serde_json::value::RawValue>,
    }
    let transaction: Transaction<'_> = serde_json::from_slice(body).ok()?;
    Some(transaction.events.iter().filter_map(|event| Some((read(event.get(), None)?, event.get().to_owned()))).collect())
}

/// The Megolm session with which an event is encrypted.
#[must_use]
pub fn session(json: &str) -> Option<String> {
    let event: Value = serde_json::from_str(json).ok()?;
    event.pointer("/content/session_id").and_then(Value::as_str).map(str::to_owned)
}

/// What no two encrypted messages have in common: a digest of the ciphertext, however it is written.
#[must_use]
pub fn ciphertext(json: &str) -> Option<String> {
    let event: Value = serde_json::from_str(json).ok()?;
    let ciphertext = event.pointer("/content/ciphertext").and_then(Value::as_str)?;
    let engine = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));
    let written = engine.decode(ciphertext).map_or_else(|_| ciphertext.to_owned(), |bytes| BASE64_STANDARD.encode(bytes));
    Some(digest(&["ciphertext", &written]))
}

/// Reads one event; `room` is the one it was asked for in, where the event does not say. None where
/// it has no id, sender or room.
#[must_use]
pub fn read(json: &str, room: Option<&RoomId>) -> Option<Received> {
    let event: Value = serde_json::from_str(json).ok()?;
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let content = event.get("content")?;
    Some(Received {
        id: EventId::new(text("event_id")?),
        room: text("room_id").map(RoomId::new).or_else(|| room.cloned())?,
        sender: UserId::new(text("sender")?),
        sent_at: event.get("origin_server_ts").and_then(Value::as_i64).and_then(|ms| Timestamp::from_millisecond(ms).ok())?,
        was_encrypted: false,
        mark: content.get(MARK).and_then(Value::as_str).map(str::to_owned),
        content: match (text("type")?, text("redacts")) {
            // Before room version 11 it stands beside the content.
            ("m.room.redaction", Some(of)) => Content::Redaction { of: EventId::new(of) },
            (event_type, _) => read_content(event_type, text("state_key"), content),
        },
    })
}

fn read_content(event_type: &str, state_key: Option<&str>, content: &Value) -> Content {
    let text = |key: &str| content.get(key).and_then(Value::as_str);
    match (event_type, state_key) {
        ("m.room.member", Some(user)) => read_member(user, content),
        (kind, None) if is_step(kind, content) => Content::Verification,
        ("m.room.message", None) => read_message(content),
        ("m.reaction", None) => read_reaction(content),
        ("m.room.redaction", None) => text("redacts").map_or(Content::Other, |of| Content::Redaction { of: EventId::new(of) }),
        ("m.room.encrypted", None) => Content::Encrypted,
        ("m.room.encryption", Some("")) => Content::Encryption {
            rotation: Rotation {
                period_ms: content.get("rotation_period_ms").and_then(Value::as_u64),
                messages: content.get("rotation_period_msgs").and_then(Value::as_u64),
            },
        },
        ("m.room.join_rules", Some("")) => Content::JoinRule { public: matches!(text("join_rule"), Some("public" | "knock")) },
        ("m.room.history_visibility", Some("")) => {
            Content::HistoryVisibility { world_readable: text("history_visibility") == Some("world_readable") }
        }
        ("io.element.functional_members", Some("")) => {
            let members = content.get("service_members").and_then(Value::as_array).into_iter().flatten();
            Content::Functional { members: members.filter_map(Value::as_str).map(UserId::new).collect() }
        }
        ("m.room.create", Some("")) => Content::Create {
            special: text("type").is_some(),
            replaces: content.pointer("/predecessor/room_id").and_then(Value::as_str).map(RoomId::new),
        },
        ("m.room.power_levels", Some("")) => Content::PowerLevels,
        ("m.room.tombstone", Some("")) => Content::Tombstone { replaced_by: RoomId::new(text("replacement_room").unwrap_or_default()) },
        _ => Content::Other,
    }
}

fn read_member(user: &str, content: &Value) -> Content {
    let membership = match content.get("membership").and_then(Value::as_str) {
        Some("join") => Membership::Joined,
        Some("invite") => Membership::Invited,
        Some("leave" | "ban") => Membership::Left,
        _ => return Content::Other,
    };
    let name = content.get("displayname").and_then(Value::as_str).map(|name| Line::new(name, NAME_CHARACTERS));
    Content::Member { user: UserId::new(user), membership, name }
}

fn read_reaction(content: &Value) -> Content {
    let relation = |key: &str| content.get("m.relates_to").and_then(|relation| relation.get(key)).and_then(Value::as_str);
    match (relation("rel_type"), relation("event_id"), relation("key")) {
        (Some("m.annotation"), Some(to), Some(key)) if key.len() <= KEY_BYTES => {
            Content::Reaction { to: EventId::new(to), key: key.to_owned() }
        }
        _ => Content::Other,
    }
}

fn read_message(content: &Value) -> Content {
    let text = |key: &str| content.get(key).and_then(Value::as_str);
    let is_edit = content.pointer("/m.relates_to/rel_type").and_then(Value::as_str) == Some("m.replace");
    match text("body") {
        Some(body) if text("msgtype") == Some("m.text") && !is_edit && body.len() <= COMMAND_BYTES => {
            Content::Text { body: without_reply_fallback(body).to_owned() }
        }
        _ => Content::Other,
    }
}

/// The body without the quoted lines that older clients put before an answer (specification:
/// rich replies, fallback).
fn without_reply_fallback(body: &str) -> &str {
    if !body.starts_with("> <") && !body.starts_with("> * <") {
        return body;
    }
    let mut rest = body;
    while rest.starts_with("> ") || rest.starts_with(">\n") {
        rest = rest.split_once('\n').map_or("", |(_, after)| after);
    }
    rest.trim_start_matches('\n')
}

/// Brings `room` up to date with a piece of its state.
pub fn apply(room: &mut Room, content: &Content, us: &Us) {
    match content {
        Content::Member { user, membership, name } => room.set_member(user.clone(), *membership, name.clone(), us),
        Content::Encryption { rotation } => {
            room.encrypted = true;
            room.rotation = *rotation;
        }
        Content::JoinRule { public } => room.public = *public,
        Content::HistoryVisibility { world_readable } => room.world_readable = *world_readable,
        Content::Functional { members } => room.functional.clone_from(members),
        Content::Create { special, replaces } => {
            room.special = *special;
            room.replaces.clone_from(replaces);
        }
        Content::Tombstone { replaced_by } => room.replaced_by = Some(replaced_by.clone()),
        Content::Text { .. }
        | Content::Reaction { .. }
        | Content::Redaction { .. }
        | Content::Encrypted
        | Content::Verification
        | Content::PowerLevels
        | Content::Other => {}
    }
}

/// A room as its whole `state` says, with what was known of it besides.
#[must_use]
pub fn room_of_state(id: &RoomId, state: &[String], before: Option<&Room>, us: &Us, now: Timestamp) -> Room {
    let mut room = Room::new(id.clone(), Membership::Left, now);
    for event in state.iter().filter_map(|json| read(json, Some(id))) {
        apply(&mut room, &event.content, us);
    }
    if let Some(before) = before {
        room.version = before.version;
        room.invited_by.clone_from(&before.invited_by);
        room.opened_for.clone_from(&before.opened_for);
        room.active_at = before.active_at;
        room.broken_since_at = before.broken_since_at;
        room.told_encrypted = before.told_encrypted;
        room.had_others |= before.had_others;
        room.encrypted |= before.encrypted;
        room.entered_at = before.entered_at;
    }
    room
}

#[cfg(test)]
mod tests {
    use super::Content;
    use super::read;
    use super::without_reply_fallback;
    use serde_json::json;

    fn content_of(event_type: &str, content: &serde_json::Value) -> Content {
        let event =
            json!({"event_id": "$1", "room_id": "!r", "sender": "@joy:x", "origin_server_ts": 1, "type": event_type, "content": content});
        read(&event.to_string(), None).unwrap().content
    }

    #[test]
    fn notices_and_edits_are_no_text() {
        assert_eq!(content_of("m.room.message", &json!({"msgtype": "m.notice", "body": "help"})), Content::Other);
        let edit = json!({"msgtype": "m.text", "body": "* help", "m.relates_to": {"rel_type": "m.replace", "event_id": "$0"}});
        assert_eq!(content_of("m.room.message", &edit), Content::Other);
        assert_eq!(content_of("m.room.message", &json!({"msgtype": "m.text", "body": "help"})), Content::Text { body: "help".to_owned() });
    }

    #[test]
    fn the_quoted_lines_of_an_answer_are_left_out() {
        assert_eq!(without_reply_fallback("> <@a:x> hello\n> more\n\n!share help"), "!share help");
        assert_eq!(without_reply_fallback("> 3 items"), "> 3 items");
    }

    #[test]
    fn junk_is_none_or_other_and_never_an_error() {
        assert_eq!(read("{}", None), None);
        assert_eq!(read("[1]", None), None);
        assert_eq!(content_of("m.room.member", &json!({"membership": 5})), Content::Other);
    }
}
