//! End-to-end encryption, with real second clients.

mod as_bot;
mod broken;
mod lost;
mod many;
mod restart;
pub(crate) mod stage;
mod talk;
mod untrusted;
mod verified;
mod waiting;
