//! What the homeserver pushes: a transaction's body.

use super::checks;
use jiff::Timestamp;
use std::collections::BTreeSet;
use tradepost::commands::parse;
use tradepost::domain::ids::RoomId;
use tradepost::domain::ids::UserId;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::room::Us;
use tradepost::matrix::events;
use tradepost::matrix::events::Content;

/// The longest command that is read, in bytes.
const COMMAND_BYTES: usize = 8 * 1024;

/// A transaction; what is none may be one event, as it is read when its room is looked at.
pub(super) fn events(data: &[u8]) {
    let Some(events) = events::transaction(data) else {
        let _ = events::read(&String::from_utf8_lossy(data), Some(&RoomId::new("!r:a.example")));
        return;
    };
    let us = Us { bot: UserId::new("@tradepost:a.example"), domain: "a.example".to_owned(), functional: BTreeSet::new() };
    let mut room = Room::new(RoomId::new("!r:a.example"), Membership::Joined, Timestamp::UNIX_EPOCH);
    let mut state = Vec::new();
    for (event, json) in events {
        assert_eq!(events::read(&json, None).as_ref(), Some(&event), "kept and read again it is another");
        let _ = events::session(&json);
        assert_eq!(events::ciphertext(&json), events::ciphertext(&format!(" {json}")));
        match &event.content {
            Content::Text { body } => {
                assert!(body.len() <= COMMAND_BYTES);
                let _ = parse::behind_prefix(body).map(parse::parse);
            }
            Content::Member { name, .. } => name.iter().for_each(checks::line),
            _ => {}
        }
        events::apply(&mut room, &event.content, &us);
        state.push(json);
    }
    let text = serde_json::to_string(&room).unwrap();
    assert_eq!(serde_json::from_str::<Room>(&text).unwrap(), room);
    let id = RoomId::new("!r:a.example");
    let whole = events::room_of_state(&id, &state, Some(&room), &us, Timestamp::UNIX_EPOCH);
    assert_eq!(whole.encrypted, room.encrypted, "a room stays encrypted");
    let _ = whole.verdict(&us, &UserId::new("@joy:a.example"), &UserId::new("@mary:a.example"));
}
