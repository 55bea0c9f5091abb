//! As much of a homeserver as devices need to know each other and to send each other messages.

use matrix_sdk_crypto::CrossSigningBootstrapRequests;
use matrix_sdk_crypto::OlmMachine;
use matrix_sdk_crypto::types::requests::AnyOutgoingRequest;
use matrix_sdk_crypto::types::requests::KeysQueryRequest;
use matrix_sdk_crypto::types::requests::OutgoingRequest;
use matrix_sdk_crypto::types::requests::ToDeviceRequest;
use ruma::OneTimeKeyAlgorithm;
use ruma::OwnedDeviceId;
use ruma::OwnedUserId;
use ruma::api::client::keys::claim_keys;
use ruma::api::client::keys::get_keys;
use ruma::api::client::keys::upload_keys;
use ruma::api::client::keys::upload_signatures;
use ruma::api::client::to_device::send_event_to_device;
use ruma::serde::Raw;
use ruma::to_device::DeviceIdOrAllDevices;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

type Device = (OwnedUserId, OwnedDeviceId);

/// What devices have told it.
#[derive(Default)]
pub(super) struct Homeserver {
    devices: BTreeMap<OwnedUserId, BTreeMap<OwnedDeviceId, Value>>,
    one_time: BTreeMap<Device, Vec<(String, Value)>>,
    masters: BTreeMap<OwnedUserId, Value>,
    self_signing: BTreeMap<OwnedUserId, Value>,
    user_signing: BTreeMap<OwnedUserId, Value>,
    waiting: BTreeMap<Device, Vec<Value>>,
}

impl Homeserver {
    /// Answers everything that a device has to say.
    pub(super) async fn serve(&mut self, olm: &OlmMachine) {
        for request in olm.outgoing_requests().await.unwrap() {
            self.answer(olm, &request).await;
        }
    }

    /// Answers one thing.
    pub(super) async fn answer(&mut self, olm: &OlmMachine, request: &OutgoingRequest) {
        let id = request.request_id();
        match request.request() {
            AnyOutgoingRequest::KeysUpload(keys) => olm.mark_request_as_sent(id, &self.upload(olm, keys)).await,
            AnyOutgoingRequest::KeysQuery(query) => olm.mark_request_as_sent(id, &self.query(query)).await,
            AnyOutgoingRequest::KeysClaim(claim) => olm.mark_request_as_sent(id, &self.claim(claim)).await,
            AnyOutgoingRequest::ToDeviceRequest(message) => {
                self.send(olm, message);
                olm.mark_request_as_sent(id, &send_event_to_device::v3::Response::new()).await
            }
            AnyOutgoingRequest::SignatureUpload(signatures) => {
                self.sign(signatures);
                olm.mark_request_as_sent(id, &upload_signatures::v3::Response::new()).await
            }
            AnyOutgoingRequest::RoomMessage(_) => panic!("nothing is said in rooms here"),
        }
        .unwrap();
    }

    /// Publishes an identity.
    pub(super) async fn publish(&mut self, olm: &OlmMachine, identity: CrossSigningBootstrapRequests) {
        if let Some(keys) = &identity.upload_keys_req {
            self.answer(olm, keys).await;
        }
        let keys = identity.upload_signing_keys_req;
        let user = olm.user_id();
        self.masters.insert(user.to_owned(), serde_json::to_value(keys.master_key).unwrap());
        self.self_signing.insert(user.to_owned(), serde_json::to_value(keys.self_signing_key).unwrap());
        self.user_signing.insert(user.to_owned(), serde_json::to_value(keys.user_signing_key).unwrap());
        self.sign(&identity.upload_signatures_req);
    }

    /// Lets a device know these people's devices as they are now.
    pub(super) async fn introduce(&self, olm: &OlmMachine, people: &[&ruma::UserId]) {
        olm.update_tracked_users(people.iter().copied()).await.unwrap();
        let (id, query) = olm.query_keys_for_users(people.iter().copied());
        olm.mark_request_as_sent(&id, &self.query(&query)).await.unwrap();
    }

    /// Opens a channel to each device of `people`.
    pub(super) async fn connect(&mut self, olm: &OlmMachine, people: &[&ruma::UserId]) {
        if let Some((id, claim)) = olm.get_missing_sessions(people.iter().copied()).await.unwrap() {
            olm.mark_request_as_sent(&id, &self.claim(&claim)).await.unwrap();
        }
    }

    /// Keeps a message for each device that it is for.
    pub(super) fn send(&mut self, olm: &OlmMachine, message: &ToDeviceRequest) {
        for (user, contents) in &message.messages {
            for (device, content) in contents {
                let content: Value = content.deserialize_as_unchecked().unwrap();
                let event = json!({ "type": message.event_type, "sender": olm.user_id(), "content": content });
                let of_all: Vec<OwnedDeviceId> = self.devices[user].keys().cloned().collect();
                let devices = match device {
                    DeviceIdOrAllDevices::DeviceId(device) => vec![device.clone()],
                    DeviceIdOrAllDevices::AllDevices => of_all,
                };
                for device in devices.into_iter().filter(|device| (user.as_ref(), device.as_ref()) != (olm.user_id(), olm.device_id())) {
                    self.waiting.entry((user.clone(), device)).or_default().push(event.clone());
                }
            }
        }
    }

    /// What waits for a device, as the answer to a sync; it waits no longer.
    pub(super) fn sync<T: serde::de::DeserializeOwned>(&mut self, olm: &OlmMachine) -> T {
        let waiting = self.waiting.remove(&(olm.user_id().to_owned(), olm.device_id().to_owned())).unwrap_or_default();
        let sync = json!({
            "next_batch": "later",
            "to_device": { "events": waiting },
            "device_one_time_keys_count": { "signed_curve25519": 50 },
            "device_unused_fallback_key_types": ["signed_curve25519"],
        });
        serde_json::from_value(sync).unwrap()
    }

    /// Whether something waits for a device.
    pub(super) fn waits_for(&self, olm: &OlmMachine) -> bool {
        self.waiting.contains_key(&(olm.user_id().to_owned(), olm.device_id().to_owned()))
    }

    fn upload(&mut self, olm: &OlmMachine, keys: &upload_keys::v3::Request) -> upload_keys::v3::Response {
        let device = (olm.user_id().to_owned(), olm.device_id().to_owned());
        if let Some(keys) = &keys.device_keys {
            let keys = keys.deserialize_as_unchecked().unwrap();
            self.devices.entry(device.0.clone()).or_default().insert(device.1.clone(), keys);
        }
        for (id, key) in &keys.one_time_keys {
            self.one_time.entry(device.clone()).or_default().push((id.to_string(), key.deserialize_as_unchecked().unwrap()));
        }
        upload_keys::v3::Response::new(BTreeMap::from([(OneTimeKeyAlgorithm::SignedCurve25519, 50_u32.into())]))
    }

    fn query(&self, query: &KeysQueryRequest) -> get_keys::v3::Response {
        let mut answer = get_keys::v3::Response::new();
        for user in query.device_keys.keys() {
            let devices = self.devices.get(user).into_iter().flatten();
            answer.device_keys.insert(user.clone(), devices.map(|(id, keys)| (id.clone(), raw(keys))).collect());
            answer.master_keys.extend(self.masters.get(user).map(|key| (user.clone(), raw(key))));
            answer.self_signing_keys.extend(self.self_signing.get(user).map(|key| (user.clone(), raw(key))));
            answer.user_signing_keys.extend(self.user_signing.get(user).map(|key| (user.clone(), raw(key))));
        }
        answer
    }

    fn claim(&mut self, claim: &claim_keys::v3::Request) -> claim_keys::v3::Response {
        let mut answer = BTreeMap::<_, BTreeMap<_, _>>::new();
        for (user, devices) in &claim.one_time_keys {
            for device in devices.keys() {
                let (id, key) = self.one_time.get_mut(&(user.clone(), device.clone())).and_then(Vec::pop).unwrap();
                let key = BTreeMap::from([(id.as_str().try_into().unwrap(), raw(&key))]);
                answer.entry(user.clone()).or_default().insert(device.clone(), key);
            }
        }
        claim_keys::v3::Response::new(answer)
    }

    fn sign(&mut self, signatures: &upload_signatures::v3::Request) {
        for (user, signed) in &signatures.signed_keys {
            for (id, key) in signed {
                let key: Value = serde_json::from_str(key.get()).unwrap();
                let device = self.devices.entry(user.clone()).or_default().get_mut(id);
                // What is not of a device is of an identity.
                let place = device.or_else(|| self.masters.get_mut(user)).unwrap();
                for (signer, new) in key["signatures"].as_object().unwrap() {
                    let signatures = place["signatures"].as_object_mut().unwrap();
                    let known = signatures.entry(signer).or_insert_with(|| json!({}));
                    known.as_object_mut().unwrap().extend(new.as_object().unwrap().clone());
                }
            }
        }
    }
}

fn raw<T>(value: &Value) -> Raw<T> {
    Raw::from_json_string(value.to_string()).unwrap()
}
