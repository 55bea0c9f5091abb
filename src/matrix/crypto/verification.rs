//! Verification by emoji (specification: short authentication string): of the bot by a person, in
//! their room, and of a person's device at tradepost by herself, from device to device. Nothing is
//! confirmed but at her word.

use super::CryptoError;
use super::Machine;
use super::unusable;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::EmojiLine;
use crate::domain::notice::VerificationProblem;
use crate::matrix::client::Client;
use matrix_sdk_crypto::CancelInfo;
use matrix_sdk_crypto::Sas;
use matrix_sdk_crypto::UserIdentity;
use matrix_sdk_crypto::Verification;
use matrix_sdk_crypto::VerificationRequest;
use matrix_sdk_crypto::VerificationRequestState;
use matrix_sdk_crypto::types::requests::RoomMessageRequest;
use ruma::events::AnyMessageLikeEvent;
use ruma::events::MessageLikeEventContent;
use ruma::events::key::verification::VerificationMethod;
use ruma::events::key::verification::cancel::CancelCode;
use ruma::serde::Raw;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// What is going on. It is lost with the process; whoever was verifying begins anew.
#[derive(Default)]
pub(super) struct Flows(Mutex<Going>);

#[derive(Default)]
struct Going {
    /// Whoever verifies something, with the verifications of which she has been told the emoji.
    people: BTreeMap<UserId, BTreeSet<String>>,
    /// What is to be said in rooms.
    said: Vec<Step>,
}

/// What has come of a verification, or is to be said for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To be said in a room.
    Say {
        /// The room.
        room: RoomId,
        /// The event's type.
        event_type: String,
        /// Its content, as JSON.
        content: String,
    },
    /// These are to be compared.
    Emoji {
        /// With whom.
        person: UserId,
        /// The verification.
        flow: String,
        /// What is shown.
        emoji: Vec<EmojiLine>,
    },
    /// It is done.
    Done {
        /// With whom.
        person: UserId,
    },
    /// It has ended before.
    Ended {
        /// With whom.
        person: UserId,
        /// Why.
        problem: VerificationProblem,
    },
}

impl Flows {
    fn going(&self) -> MutexGuard<'_, Going> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn say(&self, message: &RoomMessageRequest) -> Result<(), CryptoError> {
        let content = serde_json::to_string(&message.content).map_err(unusable)?;
        let event_type = message.content.event_type().to_string();
        self.going().said.push(Step::Say { room: RoomId::new(message.room_id.as_str()), event_type, content });
        Ok(())
    }

    fn watch(&self, person: &UserId) {
        self.going().people.entry(person.clone()).or_default();
    }

    /// Whether `person` is told of this for the first time.
    fn is_new(&self, person: &UserId, told: String) -> bool {
        self.going().people.entry(person.clone()).or_default().insert(told)
    }
}

impl Machine {
    /// What asks `person`, in their room, to verify us: a message's content, as JSON.
    pub async fn request_to(&self, person: &UserId) -> Result<Result<String, VerificationProblem>, CryptoError> {
        self.learn(person).await?;
        let Some(UserIdentity::Other(identity)) = self.identity_of(person).await? else {
            return Ok(Err(VerificationProblem::NoCrossSigning));
        };
        let content = identity.verification_request_content(Some(vec![VerificationMethod::SasV1]));
        let message = ruma::events::room::message::RoomMessageEventContent::new(content);
        serde_json::to_string(&message).map(Ok).map_err(unusable)
    }

    /// The message that asks `person` to verify us stands in the room.
    pub async fn requested(&self, person: &UserId, room: &RoomId, event: &EventId) -> Result<(), CryptoError> {
        let room = ruma::RoomId::parse(room.as_str()).map_err(unusable)?;
        let event = ruma::EventId::parse(event.as_str()).map_err(unusable)?;
        if let Some(UserIdentity::Other(identity)) = self.identity_of(person).await? {
            self.flows.watch(person);
            identity.request_verification(&room, &event, Some(vec![VerificationMethod::SasV1]));
        }
        Ok(())
    }

    /// Asks the owner's other devices to verify this one.
    pub async fn ask_owner(&self) -> Result<Result<(), VerificationProblem>, CryptoError> {
        let owner = UserId::new(self.olm.user_id().as_str());
        self.learn(&owner).await?;
        let Some(UserIdentity::Own(identity)) = self.identity_of(&owner).await? else {
            return Ok(Err(VerificationProblem::NoCrossSigning));
        };
        self.flows.watch(&owner);
        let (_, request) = identity.request_verification_with_methods(vec![VerificationMethod::SasV1]).await?;
        self.send_step(request).await.map(Ok)
    }

    /// Takes what `person` says in a room for a verification: a whole event, in the clear or decrypted.
    pub async fn hear(&self, person: &UserId, json: &str) -> Result<(), CryptoError> {
        let event: Raw<AnyMessageLikeEvent> = Raw::from_json_string(json.to_owned()).map_err(unusable)?;
        let event = event.deserialize().map_err(unusable)?;
        // A request of somebody whose devices are not known is not taken.
        self.learn(person).await?;
        self.flows.watch(person);
        self.olm.receive_verification_event(&event).await?;
        Ok(())
    }

    /// Takes every verification a step further, as far as no person is needed, and answers what people
    /// must be told and what is to be said.
    pub async fn advance(&self) -> Result<Vec<Step>, CryptoError> {
        let people: Vec<UserId> = self.flows.going().people.keys().cloned().collect();
        let mut steps = Vec::new();
        for person in people {
            for request in self.olm.get_verification_requests(&Client::ruma_user(&person)?) {
                steps.extend(self.advance_one(&person, &request).await?);
            }
        }
        self.send_outgoing().await?;
        steps.append(&mut self.flows.going().said);
        Ok(steps)
    }

    async fn advance_one(&self, person: &UserId, request: &VerificationRequest) -> Result<Option<Step>, CryptoError> {
        let flow = request.flow_id().as_str().to_owned();
        match request.state() {
            VerificationRequestState::Requested { .. } => {
                if let Some(accepted) = request.accept_with_methods(vec![VerificationMethod::SasV1]) {
                    self.send_step(accepted).await?;
                }
                Ok(None)
            }
            VerificationRequestState::Ready { .. } if request.we_started() => {
                if let Some((_, start)) = request.start_sas().await? {
                    self.send_step(start).await?;
                }
                Ok(None)
            }
            VerificationRequestState::Transitioned { verification: Verification::SasV1(sas), .. } => {
                self.advance_sas(person, &flow, &sas).await
            }
            VerificationRequestState::Cancelled(info) => Ok(self.ended(person, &flow, Some(&info))),
            VerificationRequestState::Done => Ok(self.done(person, &flow)),
            _ => Ok(None),
        }
    }

    async fn advance_sas(&self, person: &UserId, flow: &str, sas: &Sas) -> Result<Option<Step>, CryptoError> {
        if sas.is_done() {
            return Ok(self.done(person, flow));
        }
        if sas.is_cancelled() {
            return Ok(self.ended(person, flow, sas.cancel_info().as_ref()));
        }
        if let Some(accepted) = sas.accept().filter(|_| !sas.we_started()) {
            self.send_step(accepted).await?;
        }
        let (Some(emoji), Some(numbers)) = (sas.emoji().filter(|_| sas.can_be_presented()), sas.emoji_index()) else { return Ok(None) };
        let lines = emoji.iter().zip(numbers).map(|(emoji, number)| EmojiLine { emoji: number, symbol: emoji.symbol.to_owned() });
        let step = Step::Emoji { person: person.clone(), flow: flow.to_owned(), emoji: lines.collect() };
        Ok(self.flows.is_new(person, format!("emoji {flow}")).then_some(step))
    }

    fn done(&self, person: &UserId, flow: &str) -> Option<Step> {
        self.flows.is_new(person, format!("end {flow}")).then(|| Step::Done { person: person.clone() })
    }

    fn ended(&self, person: &UserId, flow: &str, info: Option<&CancelInfo>) -> Option<Step> {
        let problem = match info.map(CancelInfo::cancel_code) {
            Some(CancelCode::MismatchedSas | CancelCode::KeyMismatch) => VerificationProblem::Mismatch,
            Some(CancelCode::Timeout) => VerificationProblem::TimedOut,
            Some(CancelCode::UnknownMethod) => VerificationProblem::NotPossible,
            _ => VerificationProblem::Cancelled,
        };
        self.flows.is_new(person, format!("end {flow}")).then(|| Step::Ended { person: person.clone(), problem })
    }

    /// She says that the emoji are the same. False: there is no such verification any more.
    pub async fn confirm(&self, person: &UserId, flow: &str) -> Result<bool, CryptoError> {
        let Some(sas) = self.sas(person, flow)? else { return Ok(false) };
        let (steps, signatures) = sas.confirm().await?;
        for step in steps {
            self.send_step(step).await?;
        }
        if let Some(signatures) = signatures.filter(|_| !self.is_persons()) {
            self.client.upload_signatures(signatures).await?;
        }
        self.send_outgoing().await?;
        Ok(true)
    }

    /// She says that they are not.
    pub async fn mismatch(&self, person: &UserId, flow: &str) -> Result<bool, CryptoError> {
        let Some(sas) = self.sas(person, flow)? else { return Ok(false) };
        if let Some(step) = sas.cancel_with_code(CancelCode::MismatchedSas) {
            self.send_step(step).await?;
        }
        Ok(true)
    }

    fn sas(&self, person: &UserId, flow: &str) -> Result<Option<Box<Sas>>, CryptoError> {
        let verification = self.olm.get_verification(&Client::ruma_user(person)?, flow);
        Ok(verification.and_then(Verification::sas_v1).filter(|sas| !sas.is_cancelled()))
    }

    async fn identity_of(&self, person: &UserId) -> Result<Option<UserIdentity>, CryptoError> {
        Ok(self.olm.get_identity(&Client::ruma_user(person)?, None).await?)
    }
}

/// Whether an event is a step of a verification, by its type and content.
pub(in crate::matrix) fn is_step(event_type: &str, content: &Value) -> bool {
    let is_request = event_type == "m.room.message" && content.get("msgtype").and_then(Value::as_str) == Some("m.key.verification.request");
    is_request || event_type.starts_with("m.key.verification.")
}
