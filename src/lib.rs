//! tradepost posts what people trade on shops and platforms into the direct Matrix rooms of the
//! friends they choose. The modules stand in the order of the data:
//!
//! ```text
//! shop ──▶ platforms ──▶ intake: match contacts ──▶ store (one commit: cursor, trades, deliveries)
//!                                                                  │
//! room ◀── send ◀── matrix ◀── render ◀── outbox ◀─────────────────┘
//! room ──transaction──▶ http ──▶ inbox ──▶ commands ──▶ actions ──▶ store ──▶ reply, as a delivery
//! ```

pub mod domain;

pub mod net;
pub mod platforms;

pub mod classify;

pub mod intake;
pub mod scheduler;

pub mod store;
pub mod vault;

pub mod rotation;

pub mod devices;
pub mod matrix;
pub mod outbox;
pub mod texts;

pub mod actions;
pub mod admin;
pub mod commands;
pub mod housekeeping;
pub mod http;
pub mod inbox;

pub mod config;
pub mod registration;

pub mod clock;
pub mod faultpoint;
pub mod lifecycle;
pub mod service;
pub mod telemetry;
pub mod values;

pub mod app;
pub mod cli;
