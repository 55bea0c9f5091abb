//! Everything that speaks Matrix: the calls to the homeserver, the events it pushes, and what is
//! sent to rooms. Nothing else knows ruma.

pub mod client;
pub mod crypto;
pub mod events;
pub mod render;
