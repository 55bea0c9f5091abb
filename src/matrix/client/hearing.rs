//! Hearing as a sharer who agreed to it: a sync that names the rooms it asks for, and nothing else.

use super::Client;
use super::KeySync;
use super::Result;
use super::keys::ToDevice;
use super::room;
use crate::domain::ids::RoomId;
use crate::matrix::events;
use crate::matrix::events::Received;
use jiff::Timestamp;
use ruma::api::Direction;
use ruma::api::client::filter::FilterDefinition;
use ruma::api::client::filter::RoomEventFilter;
use ruma::api::client::message::get_message_events;
use ruma::api::client::sync::sync_events;
use ruma::presence::PresenceState;
use std::collections::BTreeSet;
use std::time::Duration;

/// What is heard at all: what can be a command, and what a room is.
const TYPES: [&str; 11] = [
    "m.room.message",
    "m.room.encrypted",
    "m.reaction",
    "m.room.redaction",
    "m.room.member",
    "m.room.power_levels",
    "m.room.encryption",
    "m.room.join_rules",
    "m.room.history_visibility",
    "m.room.tombstone",
    "io.element.functional_members",
];
/// The list of direct rooms.
const DIRECT: &str = "m.direct";
/// How many events of a room one answer holds at the most.
const PAGE: u32 = 100;
/// How many pages of missed events are read back at the most.
const PAGES: usize = 50;

/// What was heard since last time.
pub struct Heard {
    /// From where to hear next time.
    pub next: String,
    /// The rooms in which something happened.
    pub rooms: Vec<HeardRoom>,
    /// Whether her list of direct rooms changed.
    pub direct_changed: bool,
    /// What the device was told about keys.
    pub keys: KeySync,
}

/// What was heard in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardRoom {
    /// The room.
    pub room: RoomId,
    /// The events with their JSON, oldest first.
    pub events: Vec<(Received, String)>,
    /// Whether so much happened that the oldest was left out: the room must be read anew.
    pub has_gap: bool,
}

impl Client {
    /// What happened in `rooms` since `since`, as whom this client acts as; waits up to `wait` for
    /// something. Without `since` it answers where now is. `now` makes each question one of its own: to
    /// one that it has been asked before, Synapse repeats for two minutes what it answered then.
    pub async fn hear(&self, since: Option<&str>, rooms: &BTreeSet<RoomId>, wait: Duration, now: Timestamp) -> Result<Heard> {
        let mut request = sync_events::v3::Request::new();
        request.filter = Some(filter(since.map_or(&BTreeSet::new(), |_| rooms), now)?.into());
        request.since = since.map(str::to_owned);
        request.timeout = Some(wait);
        request.set_presence = PresenceState::Offline;
        let answer = self.call(request, true).await?;
        let joined = answer.rooms.join.into_iter().map(|(id, joined)| (id, joined.timeline));
        let left = answer.rooms.leave.into_iter().map(|(id, left)| (id, left.timeline));
        let mut heard = Vec::new();
        for (id, timeline) in joined.chain(left) {
            let id = RoomId::new(id.as_str());
            let mut has_gap = false;
            let mut jsons: Vec<String> = Vec::new();
            if let (true, Some(until), Some(since)) = (timeline.limited, &timeline.prev_batch, since) {
                (jsons, has_gap) = self.missed(&id, until, since).await?;
            }
            jsons.extend(timeline.events.iter().map(|event| event.json().get().to_owned()));
            let events = jsons.into_iter().filter_map(|json| Some((events::read(&json, Some(&id))?, json))).collect();
            heard.push(HeardRoom { room: id, events, has_gap });
        }
        let direct_changed = since.is_some() && !answer.account_data.events.is_empty();
        let keys = KeySync {
            next_batch: answer.next_batch.clone(),
            to_device: ToDevice { events: answer.to_device.events },
            device_lists: answer.device_lists,
            device_one_time_keys_count: answer.device_one_time_keys_count,
            device_unused_fallback_key_types: answer.device_unused_fallback_key_types,
        };
        Ok(Heard { next: answer.next_batch, rooms: heard, direct_changed, keys })
    }

    /// The events of a room between `since` and `until`, oldest first, and whether some are missing still.
    async fn missed(&self, id: &RoomId, until: &str, since: &str) -> Result<(Vec<String>, bool)> {
        let mut jsons = Vec::new();
        let mut from = until.to_owned();
        for _ in 0..PAGES {
            let mut request = get_message_events::v3::Request::new(room(id)?, Direction::Backward);
            (request.from, request.to) = (Some(from), Some(since.to_owned()));
            request.limit = PAGE.into();
            request.filter = timeline();
            let answer = self.call(request, false).await?;
            let is_last = answer.chunk.is_empty();
            jsons.extend(answer.chunk.iter().map(|event| event.json().get().to_owned()));
            let Some(end) = answer.end.filter(|_| !is_last) else {
                jsons.reverse();
                return Ok((jsons, false));
            };
            from = end;
        }
        jsons.reverse();
        Ok((jsons, true))
    }
}

fn filter(rooms: &BTreeSet<RoomId>, now: Timestamp) -> Result<FilterDefinition> {
    let mut filter = FilterDefinition::default();
    filter.presence.types = Some(Vec::new());
    filter.account_data.types = Some(vec![DIRECT.to_owned()]);
    filter.account_data.not_types = vec![format!("org.tradepost.{}", now.as_nanosecond())];
    filter.room.rooms = Some(rooms.iter().map(room).collect::<Result<_>>()?);
    filter.room.timeline = timeline();
    filter.room.timeline.limit = Some(PAGE.into());
    filter.room.state.types = Some(Vec::new());
    filter.room.ephemeral.types = Some(Vec::new());
    filter.room.account_data.types = Some(Vec::new());
    Ok(filter)
}

fn timeline() -> RoomEventFilter {
    let mut timeline = RoomEventFilter::default();
    timeline.types = Some(TYPES.map(str::to_owned).to_vec());
    timeline
}
