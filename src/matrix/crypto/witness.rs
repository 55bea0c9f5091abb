//! A witness at the homeserver, in the bot's account data, of how far its device has come: it is counted
//! there and with the keys each time something is about to leave that the keys must not forget. Keys
//! that do not agree with it come from a backup, and using them again would break what others encrypt
//! for us.

use super::CryptoError;
use super::Machine;
use super::unusable;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::matrix::client::Client;
use crate::matrix::client::WITNESS;
use matrix_sdk_crypto::OlmMachine;
use serde::Deserialize;
use serde::Serialize;

/// Under which name the number of turns is kept with the keys.
const TURNS: &str = "tradepost.turns";

/// What is known at the homeserver of the bot's device.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Witness {
    /// Its id.
    pub(super) device: String,
    /// How many turns it has taken.
    pub(super) turns: u64,
}

/// How many turns are counted with the keys, and at the homeserver.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns {
    kept: u64,
    witnessed: u64,
}

impl Witness {
    /// The witness of the device that is used now, where there is one.
    pub(super) async fn read(client: &Client) -> Result<Option<Self>, CryptoError> {
        let witness = client.account_data(WITNESS).await?;
        Ok(witness.and_then(|json| serde_json::from_str(&json).ok()))
    }
}

impl Turns {
    /// What is counted of a device; nothing where its keys do not agree with the witness.
    pub(super) async fn of(olm: &OlmMachine, witnessed: u64) -> Result<Option<Self>, CryptoError> {
        let kept = olm.store().get_custom_value(TURNS).await?;
        let kept = kept.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok()).unwrap_or(0_u64);
        // One more: it ended between the two.
        Ok((kept == witnessed || kept == witnessed + 1).then_some(Self { kept, witnessed }))
    }

    /// Of a new device.
    pub(super) const fn none() -> Self {
        Self { kept: 0, witnessed: 0 }
    }
}

impl Machine {
    /// Counts from here on.
    pub(super) async fn count_turns(&self, turns: Turns) -> Result<(), CryptoError> {
        *self.turns.lock().await = Some(turns);
        self.take_turn().await
    }

    /// Counts a turn at both places, the keys' first.
    pub(super) async fn take_turn(&self) -> Result<(), CryptoError> {
        let mut turns = self.turns.lock().await;
        let Some(turns) = turns.as_mut() else { return Ok(()) };
        if turns.kept == turns.witnessed {
            let next = turns.kept + 1;
            self.olm.store().set_custom_value(TURNS, next.to_string().into_bytes()).await?;
            turns.kept = next;
            faultpoint::pass(Point::KeysCounted);
        }
        let witness = serde_json::to_string(&Witness { device: self.device(), turns: turns.kept }).map_err(unusable)?;
        self.client.put_account_data(WITNESS, &witness).await?;
        turns.witnessed = turns.kept;
        faultpoint::pass(Point::KeysWitnessed);
        Ok(())
    }
}
