//! The outbox with a real store against a homeserver that misbehaves, by a clock that stands still:
//! in which order and how often it sends, what it does after failures, and what it does not send.

mod admission;
mod allowance;
mod board;
mod digest;
mod failures;
mod order;
mod outputs;
mod panels;
mod presence;
mod quiet;
mod revise;
mod talk;
