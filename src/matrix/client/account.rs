//! Calls that act as a sharer who agreed to it: her device at tradepost, her direct rooms, her
//! presence. There is no other way to such a client than [`Client::acting_for`].

use super::Client;
use super::DoublePuppet;
use super::MatrixError;
use super::Result;
use super::room;
use super::unreadable;
use super::user;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::own_name::DEVICE_PREFIX;
use crate::domain::own_name::OwnName;
use crate::domain::sharer::Sharer;
use crate::matrix::render::OWN_NAME;
use bytes::BytesMut;
use jiff::Timestamp;
use ruma::OwnedDeviceId;
use ruma::api::Direction;
use ruma::api::client::config::get_global_account_data;
use ruma::api::client::config::set_global_account_data;
use ruma::api::client::device::delete_device;
use ruma::api::client::device::get_device;
use ruma::api::client::device::update_device;
use ruma::api::client::membership::invite_user;
use ruma::api::client::membership::invite_user::v3::InvitationRecipient;
use ruma::api::client::membership::invite_user::v3::InviteUserId;
use ruma::api::client::message::get_message_events;
use ruma::api::client::presence::get_presence;
use ruma::api::client::presence::set_presence;
use ruma::api::client::profile::get_profile;
use ruma::events::GlobalAccountDataEventType;
use ruma::serde::Raw;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::RwLock;

/// A user's direct rooms, by the other person (`m.direct`). Clients keep junk in it too: what is not a
/// list of rooms is carried along untouched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectRooms(Map<String, Value>);

impl Client {
    /// The same homeserver with calls that act as `sharer`, as her device at tradepost where there is
    /// one. None where she has not agreed to it, or the operator does not allow it.
    #[must_use]
    pub fn acting_for(&self, sharer: &Sharer) -> Option<Self> {
        let OwnName { device, .. } = sharer.own_name.as_ref()?;
        let device = device.as_ref().map(|device| OwnedDeviceId::from(device.id.as_str()));
        Some(Self { device: Arc::new(RwLock::new(device)), ..self.as_person(&sharer.id)? })
    }

    /// Deletes the device that was made for somebody who has withdrawn her consent since. This and
    /// [`Client::empty_status_line_of`] are all that is done in her name without it. Only what tradepost
    /// made can be deleted.
    pub async fn remove_device_of(&self, person: &UserId, device: &str) -> Result<()> {
        let Some(acting) = self.as_person(person).filter(|_| device.starts_with(DEVICE_PREFIX)) else {
            return Err(MatrixError::Malformed(format!("{device} of {person} cannot be removed from here")));
        };
        let request = delete_device::v3::Request::new(device.into());
        match acting.call(request, false).await {
            Ok(_) | Err(MatrixError::Refused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Empties the line beside the name of somebody who has withdrawn her consent since, where an offer
    /// was put there.
    pub async fn empty_status_line_of(&self, person: &UserId) -> Result<()> {
        match self.as_person(person) {
            Some(acting) => acting.set_status_line("").await,
            None => Err(MatrixError::Malformed(format!("the line of {person} cannot be emptied from here"))),
        }
    }

    fn as_person(&self, person: &UserId) -> Option<Self> {
        let DoublePuppet { as_token, allow } = self.double_puppet.as_ref()?;
        let acting = user(person).ok().filter(|_| allow.allows(person))?;
        Some(Self { as_token: as_token.clone(), acting, device: Arc::default(), is_person: true, ..self.clone() })
    }

    /// Makes a device for whom this client acts as, where it is missing (MSC4190: it needs no password).
    pub async fn make_device(&self, device: &str) -> Result<()> {
        let mut request = update_device::v3::Request::new(device.into());
        request.display_name = Some("tradepost".to_owned());
        self.call(request, false).await.map(|_| ())
    }

    /// Whether the device with which this client acts is still there.
    async fn has_device(&self) -> Result<bool> {
        let Some(device) = self.device() else { return Ok(false) };
        match self.call(get_device::v3::Request::new(device), false).await {
            Ok(_) => Ok(true),
            Err(MatrixError::Refused { status: 404, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether `error` came because the device with which this client acts is gone. A token that is not
    /// known may mean that too, or that the whole registration is not known.
    pub async fn says_device_is_gone(&self, error: &MatrixError) -> Result<bool> {
        match error {
            MatrixError::Refused { .. } => Ok(self.is_person && error.is_unknown_device()),
            MatrixError::TokenRefused if self.is_person => Ok(!self.has_device().await?),
            _ => Ok(false),
        }
    }

    /// The direct rooms of whom this client acts as.
    pub async fn direct_rooms(&self) -> Result<DirectRooms> {
        let request = get_global_account_data::v3::Request::new(self.acting.clone(), GlobalAccountDataEventType::Direct);
        let content = match self.call(request, false).await {
            Ok(answer) => answer.account_data.json().get().to_owned(),
            Err(MatrixError::Refused { status: 404, .. }) => String::new(),
            Err(error) => return Err(error),
        };
        Ok(DirectRooms(serde_json::from_str(&content).unwrap_or_default()))
    }

    /// Marks a room as a direct room with `person`, for whom this client acts as; what stands there stays.
    pub async fn mark_direct(&self, person: &UserId, id: &RoomId) -> Result<()> {
        let mut direct = self.direct_rooms().await?;
        if !direct.add(person, id) {
            return Ok(());
        }
        let content = Raw::new(&direct.0).map_err(|error| unreadable(&error))?.cast_unchecked();
        let request = set_global_account_data::v3::Request::new_raw(self.acting.clone(), GlobalAccountDataEventType::Direct, content);
        self.call(request, false).await.map(|_| ())
    }

    /// When something was last said in a room; none where nothing is to be seen.
    pub async fn newest_at(&self, id: &RoomId) -> Result<Option<Timestamp>> {
        let mut request = get_message_events::v3::Request::new(room(id)?, Direction::Backward);
        request.limit = 1_u32.into();
        let answer = self.call(request, false).await?;
        let at = answer.chunk.first().and_then(|event| event.get_field::<i64>("origin_server_ts").ok().flatten());
        Ok(at.and_then(|at| Timestamp::from_millisecond(at).ok()))
    }

    /// Invites somebody into a room.
    pub async fn invite(&self, id: &RoomId, person: &UserId) -> Result<()> {
        let request = invite_user::v3::Request::new(room(id)?, InvitationRecipient::UserId(InviteUserId::new(user(person)?)));
        self.call(request, false).await.map(|_| ())
    }

    /// Whether the homeserver knows of somebody, as far as it says.
    pub async fn is_known(&self, person: &UserId) -> Result<bool> {
        match self.call(get_profile::v3::Request::new(user(person)?), false).await {
            Err(MatrixError::Refused { status: 404, .. }) => Ok(false),
            Ok(_) | Err(MatrixError::Refused { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Sets the line beside the name of whom this client acts as; whether she is there stays as it is.
    pub async fn set_status_line(&self, line: &str) -> Result<()> {
        let present = self.call(get_presence::v3::Request::new(self.acting.clone()), false).await?;
        if present.status_msg.as_deref().unwrap_or_default() == line {
            return Ok(());
        }
        let mut request = set_presence::v3::Request::new(self.acting.clone(), present.presence);
        request.status_msg = Some(line.to_owned());
        self.call(request, false).await.map(|_| ())
    }

    /// The content of an event, marked where it is sent in a person's name.
    pub(super) fn marked(&self, content: &str) -> String {
        match serde_json::from_str(content) {
            Ok(Value::Object(mut content)) if self.is_person => {
                content.insert(OWN_NAME.to_owned(), json!(true));
                Value::Object(content).to_string()
            }
            _ => content.to_owned(),
        }
    }

    /// Notes a call in a person's name: who, and what is asked for; never what is said.
    pub(super) fn log(&self, request: &http::Request<BytesMut>) {
        if self.is_person {
            tracing::info!(user = %self.acting, method = %request.method(), path = request.uri().path(), "a call in a sharer's own name");
        }
    }
}

impl MatrixError {
    /// Whether the device is not known with which something was asked for.
    #[must_use]
    pub fn is_unknown_device(&self) -> bool {
        matches!(self, Self::Refused { errcode, .. } if errcode == "M_UNKNOWN_DEVICE")
    }
}

impl DirectRooms {
    /// The rooms with each person, in the order in which they stand there.
    #[must_use]
    pub fn people(&self) -> BTreeMap<UserId, Vec<RoomId>> {
        let person = |id: &str| user(&UserId::new(id)).is_ok();
        let rooms = |rooms: &Value| {
            let rooms = rooms.as_array().into_iter().flatten().filter_map(Value::as_str).map(RoomId::new);
            rooms.filter(|id| room(id).is_ok()).collect()
        };
        self.0.iter().filter(|(id, _)| person(id)).map(|(id, value)| (UserId::new(id.as_str()), rooms(value))).collect()
    }

    /// Adds a room; whether it was missing.
    fn add(&mut self, person: &UserId, room: &RoomId) -> bool {
        let rooms = self.0.entry(person.as_str()).or_insert_with(|| json!([]));
        if !rooms.is_array() {
            *rooms = json!([]);
        }
        let Some(rooms) = rooms.as_array_mut().filter(|rooms| !rooms.iter().any(|id| id == room.as_str())) else { return false };
        rooms.push(json!(room.as_str()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direct(value: &Value) -> DirectRooms {
        DirectRooms(value.as_object().unwrap().clone())
    }

    #[test]
    fn what_clients_leave_in_the_list_of_direct_rooms_is_passed_over() {
        let rooms = direct(&json!({
            "@mary:example.org": ["!one:example.org", 7, "junk", "!two:example.org"],
            "mary@example.org": ["!mail:example.org"],
            "@nora:example.org": "!three:example.org",
            "@olga:example.org": {},
        }));
        let mary = vec![RoomId::new("!one:example.org"), RoomId::new("!two:example.org")];
        let (nora, olga) = (UserId::new("@nora:example.org"), UserId::new("@olga:example.org"));
        assert_eq!(rooms.people(), BTreeMap::from([(UserId::new("@mary:example.org"), mary), (nora, vec![]), (olga, vec![])]));
    }

    #[test]
    fn a_room_is_added_once_behind_the_others_and_everything_else_stays() {
        let before = json!({"mary@example.org": [7], "@mary:example.org": ["!one:example.org", 7], "@nora:example.org": "junk"});
        let mut rooms = direct(&before);
        let (mary, nora, room) = (UserId::new("@mary:example.org"), UserId::new("@nora:example.org"), RoomId::new("!two:example.org"));
        assert!(rooms.add(&mary, &room));
        assert!(!rooms.add(&mary, &room));
        assert!(rooms.add(&nora, &room));
        let after = json!({
            "mary@example.org": [7],
            "@mary:example.org": ["!one:example.org", 7, "!two:example.org"],
            "@nora:example.org": ["!two:example.org"],
        });
        assert_eq!(rooms, direct(&after));
    }
}
