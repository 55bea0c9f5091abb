//! The appservice's calls to its homeserver: ruma's request types over one shared HTTP client, as
//! the bot. Every failure is classified here, where it happens; nothing is tried again here.

use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::permission::LocalUsers;
use crate::telemetry::RequestOutcome;
use crate::telemetry::metrics;
use crate::values::Secret;
use bytes::Bytes;
use bytes::BytesMut;
use ruma::OwnedDeviceId;
use ruma::OwnedMxcUri;
use ruma::OwnedRoomId;
use ruma::OwnedTransactionId;
use ruma::OwnedUserId;
use ruma::api::AppserviceUserIdentity;
use ruma::api::Direction;
use ruma::api::IncomingResponse;
use ruma::api::MatrixVersion;
use ruma::api::OutgoingRequest;
use ruma::api::OutgoingRequestAppserviceExt;
use ruma::api::SupportedVersions;
use ruma::api::auth_scheme::AuthScheme;
use ruma::api::auth_scheme::SendAccessToken;
use ruma::api::client::account::register;
use ruma::api::client::appservice::request_ping;
use ruma::api::client::filter::RoomEventFilter;
use ruma::api::client::media::create_content;
use ruma::api::client::membership::join_room_by_id;
use ruma::api::client::membership::joined_rooms;
use ruma::api::client::membership::leave_room;
use ruma::api::client::message::get_message_events;
use ruma::api::client::message::send_message_event;
use ruma::api::client::profile::get_profile;
use ruma::api::client::profile::set_profile_field;
use ruma::api::client::redact::redact_event;
use ruma::api::client::room::create_room;
use ruma::api::client::room::get_summary;
use ruma::api::client::state::get_state_event_for_key;
use ruma::api::client::state::get_state_events;
use ruma::api::client::state::send_state_event;
use ruma::api::path_builder::VersionHistory;
use ruma::profile::ProfileFieldValue;
use ruma::room::JoinRuleSummary;
use ruma::serde::Raw;
use serde::Deserialize;
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;
use std::time::Instant;
use url::Url;

mod account;
mod hearing;
mod keys;

pub use account::DirectRooms;
pub use hearing::Heard;
pub use hearing::HeardRoom;
pub use keys::KeySync;

/// The bot's first device. It exists so that a repeated send is recognised across restarts of the
/// homeserver (`?device_id=`, MSC4190).
pub(super) const DEVICE: &str = "TRADEPOST";
/// Under which type the bot's account data says which device is the bot's now.
pub const WITNESS: &str = "org.tradepost.device";
/// How long one call may take.
const CALL: Duration = Duration::from_mins(1);
/// How many events of a room are looked through backwards for something of ours.
const LOOK_BACK: u32 = 100;

/// Where the homeserver is and who we are there.
#[derive(Clone)]
pub struct Settings {
    /// Its client API.
    pub address: Url,
    /// The appservice's token.
    pub as_token: Secret,
    /// The bot.
    pub bot: UserId,
    /// With what people who agreed are acted for; none: nobody is.
    pub double_puppet: Option<DoublePuppet>,
}

/// What the operator gave so that people who agree are acted for (a second registration without an address).
#[derive(Clone)]
pub struct DoublePuppet {
    /// Its token.
    pub as_token: Secret,
    /// Whom he allows it.
    pub allow: LocalUsers,
}

/// The client.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    as_token: Secret,
    /// Whom the calls act as: the bot, or a sharer who agreed.
    acting: OwnedUserId,
    /// The device that calls are made with where that matters. The bot's may be replaced while it runs.
    device: Arc<RwLock<Option<OwnedDeviceId>>>,
    /// Whether that is a person: then each call is logged.
    is_person: bool,
    double_puppet: Option<DoublePuppet>,
    versions: SupportedVersions,
}

/// Why a call failed, and whether it may be repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatrixError {
    /// No answer, an error of the server's own, or a request to wait: repeating it may succeed.
    #[error("the homeserver did not answer as it should: {reason}")]
    Retry {
        /// What came instead.
        reason: String,
        /// How long it asks to wait.
        after: Option<Duration>,
    },
    /// The `as_token` is not known: nothing will succeed until the operator acts.
    #[error("the homeserver does not know the as_token")]
    TokenRefused,
    /// It was understood and refused.
    #[error("the homeserver refused it: {errcode} ({status}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The `errcode`, such as `M_FORBIDDEN`.
        errcode: String,
        /// The `error` text.
        message: String,
    },
    /// It could not be asked, since an identifier or address is malformed.
    #[error("the request could not be made: {0}")]
    Malformed(String),
}

/// What a call answers.
pub type Result<T> = std::result::Result<T, MatrixError>;

/// What can be seen of a room before joining it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many are joined.
    pub joined: u64,
    /// Whether anybody may join or read it.
    pub open: bool,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Whether it is a space or of another special type.
    pub special: bool,
}

#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default)]
    errcode: String,
    #[serde(default)]
    error: String,
    retry_after_ms: Option<u64>,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl Client {
    /// A client for `settings`. Fails where the bot's id is no user id or TLS cannot be set up.
    pub fn new(settings: &Settings) -> Result<Self> {
        // Already installed by somebody else in the process: just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(CALL)
            .connect_timeout(Duration::from_secs(10))
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(50))
            .build()
            .map_err(|error| MatrixError::Malformed(error.to_string()))?;
        Ok(Self {
            http,
            base: settings.address.as_str().trim_end_matches('/').to_owned(),
            as_token: settings.as_token.clone(),
            acting: user(&settings.bot)?,
            device: Arc::new(RwLock::new(Some(DEVICE.into()))),
            is_person: false,
            double_puppet: settings.double_puppet.clone(),
            versions: SupportedVersions { versions: [MatrixVersion::V1_15].into(), features: std::collections::BTreeSet::new() },
        })
    }

    /// Makes the homeserver call us, and so retry its backlog at once.
    pub async fn ping(&self, appservice_id: &str) -> Result<Duration> {
        let answer = self.call(request_ping::v1::Request::new(appservice_id.to_owned()), false).await?;
        Ok(answer.duration)
    }

    /// Makes the bot and its device, where they are missing.
    pub async fn register_bot(&self) -> Result<()> {
        let mut request = register::v3::Request::new();
        request.username = Some(self.acting.localpart().to_owned());
        request.login_type = Some(register::LoginType::ApplicationService);
        request.inhibit_login = true;
        match self.register(request).await {
            Err(MatrixError::Refused { errcode, .. }) if errcode == "M_USER_IN_USE" => {}
            other => other?,
        }
        // A repeat is known by its device too: it is made with the one that made the first attempt.
        let witness = self.account_data(WITNESS).await?.and_then(|json| serde_json::from_str::<serde_json::Value>(&json).ok());
        let device = witness.as_ref().and_then(|witness| witness.get("device")?.as_str()).unwrap_or(DEVICE);
        self.use_device(device);
        self.make_device(device).await
    }

    /// The device that calls are made with.
    fn device(&self) -> Option<OwnedDeviceId> {
        self.device.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes calls with another device from now on, in every clone of this client.
    pub(super) fn use_device(&self, device: &str) {
        *self.device.write().unwrap_or_else(PoisonError::into_inner) = Some(device.into());
    }

    /// Registers without acting as a user, who is not there yet.
    async fn register(&self, request: register::v3::Request) -> Result<()> {
        let body = serde_json::json!({
            "type": "m.login.application_service", "username": request.username, "inhibit_login": request.inhibit_login,
        });
        let request = self
            .http
            .post(format!("{}/_matrix/client/v3/register", self.base))
            .bearer_auth(self.as_token.expose())
            .header("content-type", "application/json")
            .body(body.to_string());
        self.execute(request.build().map_err(unbuildable)?).await.map(|_| ())
    }

    /// Gives the bot its name and picture (an `mxc:` address), where they are others: each change
    /// is an event in every room that it is in.
    pub async fn set_profile(&self, name: &str, avatar: Option<&str>) -> Result<()> {
        let profile = self.call(get_profile::v3::Request::new(self.acting.clone()), false).await?;
        let wanted = [
            ("displayname", Some(ProfileFieldValue::DisplayName(name.to_owned()))),
            ("avatar_url", avatar.map(|address| ProfileFieldValue::AvatarUrl(OwnedMxcUri::from(address)))),
        ];
        for (field, value) in wanted {
            if let Some(value) = value.filter(|value| profile.get(field) != Some(value.value().as_ref())) {
                self.call(set_profile_field::v3::Request::new(self.acting.clone(), value), false).await?;
            }
        }
        Ok(())
    }

    /// Looks at a room without joining it (MSC3266).
    pub async fn summary(&self, id: &RoomId) -> Result<Summary> {
        let request = get_summary::v1::Request::new(room(id)?.into(), Vec::new());
        let summary = self.call(request, false).await?.summary;
        Ok(Summary {
            joined: summary.num_joined_members.into(),
            open: summary.world_readable || matches!(summary.join_rule, JoinRuleSummary::Public | JoinRuleSummary::Knock),
            encrypted: summary.encryption.is_some(),
            special: summary.room_type.is_some(),
        })
    }

    /// Joins a room to which the bot is invited or which lets it in.
    pub async fn join(&self, id: &RoomId) -> Result<()> {
        self.call(join_room_by_id::v3::Request::new(room(id)?), false).await.map(|_| ())
    }

    /// Leaves a room or declines its invitation, with a reason for those in it.
    pub async fn leave(&self, id: &RoomId, reason: &str) -> Result<()> {
        let mut request = leave_room::v3::Request::new(room(id)?);
        request.reason = Some(reason.to_owned());
        self.call(request, false).await.map(|_| ())
    }

    /// The rooms in which the bot is.
    pub async fn joined_rooms(&self) -> Result<Vec<RoomId>> {
        let answer = self.call(joined_rooms::v3::Request::new(), false).await?;
        Ok(answer.joined_rooms.iter().map(|room| RoomId::new(room.as_str())).collect())
    }

    /// Opens a direct room with `person`.
    pub async fn open_direct_room(&self, person: &UserId) -> Result<RoomId> {
        let mut request = create_room::v3::Request::new();
        request.is_direct = true;
        request.invite = vec![user(person)?];
        request.preset = Some(create_room::v3::RoomPreset::TrustedPrivateChat);
        Ok(RoomId::new(self.call(request, false).await?.room_id.as_str()))
    }

    /// The whole present state of a room, one JSON text for each event.
    pub async fn state(&self, id: &RoomId) -> Result<Vec<String>> {
        let answer = self.call(get_state_events::v3::Request::new(room(id)?), false).await?;
        Ok(answer.room_state.iter().map(|event| event.json().get().to_owned()).collect())
    }

    /// The content of a piece of a room's state with an empty state key, as JSON; none where it is not set.
    pub async fn state_event(&self, id: &RoomId, event_type: &str) -> Result<Option<String>> {
        let request = get_state_event_for_key::v3::Request::new(room(id)?, event_type.into(), String::new());
        match self.call(request, false).await {
            Ok(answer) => Ok(Some(answer.into_content().json().get().to_owned())),
            Err(MatrixError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends an event; a repeat with the same transaction id answers the same event.
    pub async fn send(&self, id: &RoomId, event_type: &str, transaction: &str, content: &str) -> Result<EventId> {
        let body = Raw::from_json_string(self.marked(content)).map_err(|error| MatrixError::Malformed(error.to_string()))?;
        let transaction = OwnedTransactionId::from(transaction);
        let request = send_message_event::v3::Request::new_raw(room(id)?, transaction, event_type.into(), body);
        Ok(EventId::new(self.call(request, true).await?.event_id.as_str()))
    }

    /// Uploads a file, and answers where it is (`mxc:`). Nobody sees it before a message names it.
    pub async fn upload(&self, name: Option<&str>, content_type: &str, bytes: Vec<u8>) -> Result<String> {
        let mut request = create_content::v3::Request::new(bytes);
        request.filename = name.map(str::to_owned);
        request.content_type = Some(content_type.to_owned());
        Ok(self.call(request, false).await?.content_uri.to_string())
    }

    /// Takes back an event.
    pub async fn redact(&self, id: &RoomId, event: &EventId, transaction: &str) -> Result<EventId> {
        let event = ruma::EventId::parse(event.as_str()).map_err(|error| MatrixError::Malformed(error.to_string()))?;
        let request = redact_event::v3::Request::new(room(id)?, event, OwnedTransactionId::from(transaction));
        let mut built = self.build(request, true)?;
        *built.body_mut() = Some(self.marked("{}").into());
        let answer = self.execute(built).await?;
        let answer = redact_event::v3::Response::try_from_http_response(answer).map_err(|error| unreadable(&error))?;
        Ok(EventId::new(answer.event_id.as_str()))
    }

    /// Sets a piece of state with an empty state key.
    pub async fn put_state(&self, id: &RoomId, event_type: &str, content: &str) -> Result<()> {
        let body = Raw::from_json_string(self.marked(content)).map_err(|error| MatrixError::Malformed(error.to_string()))?;
        let request = send_state_event::v3::Request::new_raw(room(id)?, event_type.into(), String::new(), body);
        self.call(request, false).await.map(|_| ())
    }

    /// The newest messages of `sender` in a room, newest first, one JSON text for each event; of
    /// what others said nothing is asked for.
    pub async fn messages_of(&self, id: &RoomId, sender: &UserId) -> Result<Vec<String>> {
        let mut filter = RoomEventFilter::default();
        filter.senders = Some(vec![user(sender)?]);
        filter.types = Some(["m.room.message", "m.room.encrypted", "m.reaction"].map(String::from).to_vec());
        let mut request = get_message_events::v3::Request::new(room(id)?, Direction::Backward);
        request.filter = filter;
        request.limit = LOOK_BACK.into();
        let answer = self.call(request, false).await?;
        Ok(answer.chunk.iter().map(|event| event.json().get().to_owned()).collect())
    }

    /// Makes a call as whom this client acts as; with the device too, where `as_device`. The request is built before
    /// the future, since ruma's bounds keep an async fn here from being `Send`.
    fn call<R>(&self, request: R, as_device: bool) -> Answer<'_, R::IncomingResponse>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        R::IncomingResponse: Send,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
    {
        let built = self.build(request, as_device);
        Box::pin(async move {
            let answer = self.execute(built?).await?;
            R::IncomingResponse::try_from_http_response(answer).map_err(|error| unreadable(&error))
        })
    }

    fn build<R>(&self, request: R, as_device: bool) -> Result<reqwest::Request>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
    {
        let mut identity = AppserviceUserIdentity::new(&self.acting);
        let device = self.device();
        identity.device_id = device.as_deref().filter(|_| as_device);
        let token = SendAccessToken::Appservice(self.as_token.expose());
        let request: http::Request<BytesMut> = request
            .try_into_http_request_with_identity(&self.base, token, identity, Cow::Borrowed(&self.versions))
            .map_err(|error| MatrixError::Malformed(error.to_string()))?;
        self.log(&request);
        reqwest::Request::try_from(request.map(BytesMut::freeze)).map_err(unbuildable)
    }

    async fn execute(&self, request: reqwest::Request) -> Result<http::Response<Bytes>> {
        let began = Instant::now();
        let answer = self.exchange(request).await;
        metrics().homeserver_request_seconds.observe(began.elapsed());
        let outcome = match &answer {
            Ok(_) => RequestOutcome::Ok,
            Err(MatrixError::Retry { .. }) => RequestOutcome::Retry,
            Err(_) => RequestOutcome::Fail,
        };
        metrics().homeserver_requests.with(outcome).inc();
        metrics().homeserver_reachable.set(i64::from(outcome != RequestOutcome::Retry));
        answer
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<http::Response<Bytes>> {
        let answer = self.http.execute(request).await.map_err(unanswered)?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = answer.bytes().await.map_err(unanswered)?;
        if !status.is_success() {
            return Err(refusal(status.as_u16(), &headers, &body));
        }
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// What an error answer means. A 429 and what a server or a proxy before it says of itself (5xx,
/// 408) may pass; everything else is the homeserver's word.
fn refusal(status: u16, headers: &http::HeaderMap, body: &[u8]) -> MatrixError {
    let ErrorBody { errcode, error, retry_after_ms } = serde_json::from_slice(body).unwrap_or_default();
    let in_header = headers.get("retry-after").and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    let after = in_header.map(Duration::from_secs).or_else(|| retry_after_ms.map(Duration::from_millis));
    match status {
        429 => MatrixError::Retry { reason: "it asks to wait (429)".to_owned(), after },
        408 | 500.. => MatrixError::Retry { reason: format!("status {status} {errcode}"), after },
        401 if errcode == "M_UNKNOWN_TOKEN" || errcode == "M_MISSING_TOKEN" => MatrixError::TokenRefused,
        403 if errcode == "M_UNKNOWN_TOKEN" => MatrixError::TokenRefused,
        // Not the homeserver's word: a proxy before it, whose homeserver is away or which is set up wrongly.
        _ if errcode.is_empty() => MatrixError::Retry { reason: format!("status {status} without an errcode"), after },
        _ => MatrixError::Refused { status, errcode, message: error },
    }
}

fn unanswered(error: reqwest::Error) -> MatrixError {
    let error = error.without_url();
    let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    MatrixError::Retry { reason: cause, after: None }
}

fn unbuildable(error: reqwest::Error) -> MatrixError {
    MatrixError::Malformed(error.without_url().to_string())
}

fn unreadable(error: &dyn std::fmt::Display) -> MatrixError {
    MatrixError::Retry { reason: format!("an unreadable answer: {error}"), after: None }
}

fn user(id: &UserId) -> Result<OwnedUserId> {
    ruma::UserId::parse(id.as_str()).map_err(|error| MatrixError::Malformed(format!("{id}: {error}")))
}

fn room(id: &RoomId) -> Result<OwnedRoomId> {
    ruma::RoomId::parse(id.as_str()).map_err(|error| MatrixError::Malformed(format!("{id}: {error}")))
}
