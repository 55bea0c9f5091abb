//! End-to-end encryption, with real second clients.

mod as_bot;
