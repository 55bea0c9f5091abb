//! What a device says to the homeserver about keys, and hears from it (specification: end-to-end
//! encryption, send-to-device messaging).

use super::Client;
use super::MatrixError;
use super::Result;
use super::user;
use crate::domain::ids::UserId;
use matrix_sdk_crypto::types::requests::KeysQueryRequest;
use matrix_sdk_crypto::types::requests::ToDeviceRequest;
use matrix_sdk_crypto::types::requests::UploadSigningKeysRequest;
use ruma::OneTimeKeyAlgorithm;
use ruma::OwnedDeviceId;
use ruma::UInt;
use ruma::api::client::config::get_global_account_data;
use ruma::api::client::config::set_global_account_data;
use ruma::api::client::device::delete_device;
use ruma::api::client::device::get_devices;
use ruma::api::client::keys::claim_keys;
use ruma::api::client::keys::get_keys;
use ruma::api::client::keys::upload_keys;
use ruma::api::client::keys::upload_signatures;
use ruma::api::client::keys::upload_signing_keys;
use ruma::api::client::sync::sync_events::DeviceLists;
use ruma::api::client::to_device::send_event_to_device;
use ruma::events::AnyToDeviceEvent;
use ruma::serde::Raw;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// How much longer than the homeserver may wait a sync waits for its answer.
const GRACE: Duration = Duration::from_secs(30);

/// What a device has been told by a sync, as far as it is about keys.
#[derive(Default, Deserialize)]
pub struct KeySync {
    /// Where the next sync begins.
    pub next_batch: String,
    #[serde(default)]
    pub(in crate::matrix) to_device: ToDevice,
    #[serde(default)]
    pub(in crate::matrix) device_lists: DeviceLists,
    #[serde(default)]
    pub(in crate::matrix) device_one_time_keys_count: BTreeMap<OneTimeKeyAlgorithm, UInt>,
    #[serde(default)]
    pub(in crate::matrix) device_unused_fallback_key_types: Option<Vec<OneTimeKeyAlgorithm>>,
}

/// What was sent to a device.
#[derive(Default, Deserialize)]
pub(in crate::matrix) struct ToDevice {
    #[serde(default)]
    pub(in crate::matrix) events: Vec<Raw<AnyToDeviceEvent>>,
}

impl Client {
    pub(in crate::matrix) async fn upload_keys(&self, request: upload_keys::v3::Request) -> Result<upload_keys::v3::Response> {
        self.call(request, true).await
    }

    pub(in crate::matrix) async fn query_keys(&self, query: &KeysQueryRequest) -> Result<get_keys::v3::Response> {
        let mut request = get_keys::v3::Request::new();
        request.device_keys.clone_from(&query.device_keys);
        request.timeout = query.timeout;
        self.call(request, true).await
    }

    pub(in crate::matrix) async fn claim_keys(&self, request: claim_keys::v3::Request) -> Result<claim_keys::v3::Response> {
        self.call(request, true).await
    }

    pub(in crate::matrix) async fn send_to_device(&self, message: &ToDeviceRequest) -> Result<send_event_to_device::v3::Response> {
        let request =
            send_event_to_device::v3::Request::new_raw(message.event_type.clone(), message.txn_id.clone(), message.messages.clone());
        self.call(request, true).await
    }

    pub(in crate::matrix) async fn upload_signatures(
        &self,
        request: upload_signatures::v3::Request,
    ) -> Result<upload_signatures::v3::Response> {
        self.call(request, true).await
    }

    /// Publishes cross-signing keys of the bot, never of a person.
    pub(in crate::matrix) async fn upload_signing_keys(&self, keys: UploadSigningKeysRequest) -> Result<()> {
        let mut request = upload_signing_keys::v3::Request::new();
        request.master_key = keys.master_key.map(|key| key.to_raw());
        request.self_signing_key = keys.self_signing_key.map(|key| key.to_raw());
        request.user_signing_key = keys.user_signing_key.map(|key| key.to_raw());
        self.call(request, true).await.map(|_| ())
    }

    /// What has been sent to the device since `since`, and nothing of any room. The homeserver waits so
    /// long for something to tell, and forgets what is before `since`.
    pub async fn key_sync(&self, since: Option<&str>, wait: Duration) -> Result<KeySync> {
        let nothing = json!({ "not_types": ["*"] });
        let filter = json!({ "room": { "rooms": [] }, "presence": nothing, "account_data": nothing });
        let answer = self.sync(&filter.to_string(), since, wait).await?;
        serde_json::from_slice(&answer).map_err(|error| super::unreadable(&error))
    }

    /// A sync with the device, as the filter says; the answer's bytes.
    pub(super) async fn sync(&self, filter: &str, since: Option<&str>, wait: Duration) -> Result<bytes::Bytes> {
        let device = self.device();
        let wait_ms = wait.as_millis().to_string();
        let mut query = vec![("user_id", self.acting.as_str()), ("filter", filter), ("timeout", &wait_ms), ("set_presence", "offline")];
        query.extend(device.as_ref().map(|device| ("device_id", device.as_str())));
        query.extend(since.map(|since| ("since", since)));
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let request = self
            .http
            .get(format!("{}/_matrix/client/v3/sync?{query}", self.base))
            .bearer_auth(self.as_token.expose())
            .timeout(wait + GRACE);
        Ok(self.execute(request.build().map_err(super::unbuildable)?).await?.into_body())
    }

    /// The ids of the user's devices.
    pub(in crate::matrix) async fn device_ids(&self) -> Result<Vec<OwnedDeviceId>> {
        let answer = self.call(get_devices::v3::Request::new(), false).await?;
        Ok(answer.devices.into_iter().map(|device| device.device_id).collect())
    }

    /// Deletes a device (MSC4190: without a password).
    pub(in crate::matrix) async fn delete_device(&self, device: OwnedDeviceId) -> Result<()> {
        match self.call(delete_device::v3::Request::new(device), false).await {
            Ok(_) | Err(MatrixError::Refused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The ids of the user's devices, as text.
    pub async fn devices(&self) -> Result<Vec<String>> {
        Ok(self.device_ids().await?.iter().map(ToString::to_string).collect())
    }

    /// Deletes a device of the user's.
    pub async fn remove_device(&self, device: &str) -> Result<()> {
        self.delete_device(device.into()).await
    }

    /// What is kept for the user at the homeserver under `event_type`, as JSON; none where nothing is.
    pub(in crate::matrix) async fn account_data(&self, event_type: &str) -> Result<Option<String>> {
        let request = get_global_account_data::v3::Request::new(self.acting.clone(), event_type.into());
        match self.call(request, false).await {
            Ok(answer) => Ok(Some(answer.account_data.json().get().to_owned())),
            Err(MatrixError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps `content`, JSON, for the user at the homeserver under `event_type`.
    pub(in crate::matrix) async fn put_account_data(&self, event_type: &str, content: &str) -> Result<()> {
        let content = Raw::from_json_string(content.to_owned()).map_err(|error| MatrixError::Malformed(error.to_string()))?;
        let request = set_global_account_data::v3::Request::new_raw(self.acting.clone(), event_type.into(), content);
        self.call(request, false).await.map(|_| ())
    }

    /// Whom the calls act as.
    pub(in crate::matrix) fn acting_user(&self) -> &ruma::UserId {
        &self.acting
    }

    pub(in crate::matrix) fn ruma_user(id: &UserId) -> Result<ruma::OwnedUserId> {
        user(id)
    }
}
