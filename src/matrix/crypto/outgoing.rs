//! What a device has to say to the homeserver about keys, in the order in which the library wants it.

use super::CryptoError;
use super::Machine;
use super::unusable;
use matrix_sdk_crypto::types::requests::AnyOutgoingRequest;
use matrix_sdk_crypto::types::requests::OutgoingRequest;
use matrix_sdk_crypto::types::requests::OutgoingVerificationRequest;
use matrix_sdk_crypto::types::requests::RoomMessageRequest;
use matrix_sdk_crypto::types::requests::ToDeviceRequest;
use ruma::OwnedEventId;
use ruma::TransactionId;
use ruma::api::client::keys::upload_signatures;
use ruma::api::client::message::send_message_event;
use ruma::api::client::to_device::send_event_to_device;
use ruma::events::ToDeviceEventType;

/// What a person's device never asks of her other devices: her secrets, and the keys of her rooms. The
/// library does so by itself once she has verified it.
const NEVER_ASKED: [&str; 2] = ["m.secret.request", "m.room_key_request"];

impl Machine {
    /// Says everything that is to be said.
    pub(super) async fn send_outgoing(&self) -> Result<(), CryptoError> {
        let _one_at_a_time = self.sending.lock().await;
        // What is learned may lead to more, never endlessly: a signature after a verification, say.
        for request in self.olm.outgoing_requests().await? {
            self.send(&request).await?;
        }
        Ok(())
    }

    /// Says one thing, outside the rounds.
    pub(super) async fn send_outgoing_one(&self, request: &OutgoingRequest) -> Result<(), CryptoError> {
        let _one_at_a_time = self.sending.lock().await;
        self.send(request).await
    }

    async fn send(&self, request: &OutgoingRequest) -> Result<(), CryptoError> {
        let id = request.request_id();
        match request.request() {
            AnyOutgoingRequest::KeysUpload(keys) => {
                self.take_turn().await?;
                let answer = self.client.upload_keys(keys.clone()).await?;
                self.olm.mark_request_as_sent(id, &answer).await.map_err(unusable)
            }
            AnyOutgoingRequest::KeysQuery(query) => {
                let answer = self.client.query_keys(query).await?;
                self.olm.mark_request_as_sent(id, &answer).await.map_err(unusable)
            }
            AnyOutgoingRequest::KeysClaim(claim) => {
                let answer = self.client.claim_keys(claim.clone()).await?;
                self.olm.mark_request_as_sent(id, &answer).await.map_err(unusable)
            }
            AnyOutgoingRequest::ToDeviceRequest(message) => self.send_to_device(message).await,
            AnyOutgoingRequest::SignatureUpload(signatures) => {
                let answer = if self.is_persons() {
                    // What a person has verified she signs herself.
                    upload_signatures::v3::Response::new()
                } else {
                    self.client.upload_signatures(signatures.clone()).await?
                };
                self.olm.mark_request_as_sent(id, &answer).await.map_err(unusable)
            }
            AnyOutgoingRequest::RoomMessage(message) => self.say(message).await,
        }
    }

    async fn send_to_device(&self, message: &ToDeviceRequest) -> Result<(), CryptoError> {
        let is_dropped = self.is_persons() && asks_for_secrets(message);
        if message.event_type == ToDeviceEventType::RoomEncrypted {
            self.take_turn().await?;
        }
        let answer = if is_dropped { send_event_to_device::v3::Response::new() } else { self.client.send_to_device(message).await? };
        self.olm.mark_request_as_sent(&message.txn_id, &answer).await.map_err(unusable)
    }

    /// Has something said in a room: by the outbox, once somebody takes it from here.
    async fn say(&self, message: &RoomMessageRequest) -> Result<(), CryptoError> {
        self.flows.say(message)?;
        self.mark_said(&message.txn_id).await
    }

    async fn mark_said(&self, id: &TransactionId) -> Result<(), CryptoError> {
        // The library wants an answer, and looks at nothing of it.
        let event = OwnedEventId::try_from("$said").map_err(unusable)?;
        let answer = send_message_event::v3::Response::new(event);
        self.olm.mark_request_as_sent(id, &answer).await.map_err(unusable)
    }

    /// Sends a step of a verification: to a device, or by the outbox into a room.
    pub(super) async fn send_step(&self, step: OutgoingVerificationRequest) -> Result<(), CryptoError> {
        match step {
            OutgoingVerificationRequest::ToDevice(message) => self.send_to_device(&message).await,
            OutgoingVerificationRequest::InRoom(message) => self.say(&message).await,
        }
    }
}

/// Whether a message asks other devices for what a person's never asks for.
pub(super) fn asks_for_secrets(message: &ToDeviceRequest) -> bool {
    NEVER_ASKED.contains(&message.event_type.to_string().as_str())
}
