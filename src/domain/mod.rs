//! What tradepost talks about: trades, people, rooms, deliveries. Everything here is a value or a
//! pure function of values; nothing does I/O, waits, or asks for the time.

pub mod asked;
pub mod backoff;
pub mod beginning;
pub mod category;
pub mod delivery;
pub mod ids;
pub mod link;
pub mod money;
pub mod notice;
pub mod own_name;
pub mod panel;
pub mod permission;
pub mod problem;
pub mod question;
pub mod room;
pub mod sealed;
pub mod settings;
pub mod shared;
pub mod sharer;
pub mod source;
pub mod text;
pub mod trade;
