//! Who is who, as a client sees it: devices, cross-signing, and verification of people.

use super::Element;
use super::user_id;
use super::verification::Verification;
use matrix_sdk::encryption::identities::Device;
use matrix_sdk::encryption::identities::UserIdentity;
use matrix_sdk::encryption::verification::VerificationRequestState;
use ruma::OwnedDeviceId;
use serde_json::Value;

impl Element {
    /// Asks `person` to verify each other: in their direct room, or, if it is herself, all her other devices.
    pub async fn asks_to_verify(&self, person: &str) -> Verification {
        let identity = self.identity_of(person).await.unwrap_or_else(|| panic!("{person} has no cross-signing identity"));
        let request = Box::pin(identity.request_verification()).await.expect("a request for verification");
        Verification::new(request, &self.inbox)
    }

    /// Asks one device of `person`, directly.
    pub async fn asks_device_to_verify(&self, person: &str, device: &str) -> Verification {
        let known = self.device_of(person, device).await.unwrap_or_else(|| panic!("{person} has no device {device}"));
        let request = known.request_verification().await.expect("a request for verification");
        Verification::new(request, &self.inbox)
    }

    /// Waits until `person` asks to verify each other, in a room or from device to device, and accepts.
    pub async fn is_asked_to_verify_by(&self, person: &str) -> Verification {
        let user = user_id(person);
        let what = format!("a request for verification by {person}");
        let request = self
            .inbox
            .waits("", &what, async || {
                for flow in self.flows_of(person) {
                    let request = self.client.encryption().get_verification_request(&user, &flow).await;
                    if let Some(request) = request.filter(|request| matches!(request.state(), VerificationRequestState::Requested { .. })) {
                        return Some(request);
                    }
                }
                None
            })
            .await;
        request.accept().await.expect("an accepted verification");
        Verification::new(request, &self.inbox)
    }

    /// Verifies `other` by emoji, both people saying that theirs are the same.
    pub async fn verifies(&self, other: &Self) {
        let asking = self.asks_to_verify(&other.id).await;
        let asked = other.is_asked_to_verify_by(&self.id).await;
        asking.starts().await;
        asking.compares_emoji_with(&asked).await;
        asking.confirms().await;
        asked.confirms().await;
        asking.is_done().await;
        asked.is_done().await;
    }

    /// Waits until `person` has cross-signed her `device`, as far as this client knows.
    pub async fn sees_cross_signed(&self, person: &str, device: &str) {
        let what = format!("a signature of {person} for her device {device}");
        self.inbox.waits("", &what, async || self.knows_as_cross_signed(person, device).await.then_some(())).await;
    }

    /// Whether `person` has cross-signed her `device`; the homeserver is asked anew.
    pub async fn knows_as_cross_signed(&self, person: &str, device: &str) -> bool {
        self.identity_of(person).await;
        self.device_of(person, device).await.is_some_and(|device| device.is_cross_signed_by_owner())
    }

    /// Whether her owner has verified `person`.
    pub async fn knows_as_verified(&self, person: &str) -> bool {
        self.identity_of(person).await.is_some_and(|identity| identity.is_verified())
    }

    /// The devices of `person` that have keys; the homeserver is asked anew.
    pub async fn devices_of(&self, person: &str) -> Vec<String> {
        self.identity_of(person).await;
        let devices = self.client.encryption().get_user_devices(&user_id(person)).await.expect("devices");
        devices.keys().map(ToString::to_string).collect()
    }

    /// The public part of the key that stands for `person`; another one means another identity.
    pub async fn master_key_of(&self, person: &str) -> Option<String> {
        let identity = self.identity_of(person).await?;
        identity.master_key().get_first_key().map(|key| key.to_base64())
    }

    async fn identity_of(&self, person: &str) -> Option<UserIdentity> {
        self.client.encryption().request_user_identity(&user_id(person)).await.expect("the keys of a person")
    }

    async fn device_of(&self, person: &str, device: &str) -> Option<Device> {
        let device = OwnedDeviceId::from(device);
        self.client.encryption().get_device(&user_id(person), &device).await.expect("a device")
    }

    /// By what the verifications that `person` asked for are called, in the order of arrival.
    fn flows_of(&self, person: &str) -> Vec<String> {
        const KIND: &str = "m.key.verification.request";
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let direct = self.inbox.to_device(KIND).into_iter().filter(|event| event["sender"] == person);
        let in_rooms = self.inbox.all(|seen| seen.sender == person && seen.content()["msgtype"] == KIND);
        direct.map(|event| text(&event["content"]["transaction_id"])).chain(in_rooms.into_iter().map(|seen| seen.id)).collect()
    }
}
