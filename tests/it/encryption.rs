//! End-to-end encryption, with real second clients.

mod as_bot;
mod lost;
mod restart;
mod stage;
mod talk;
mod verified;
mod waiting;
