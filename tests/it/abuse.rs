//! What people may not do to each other through tradepost, nor to whoever runs it.

mod contacts;
mod everyone;
mod stage;
mod strangers;
