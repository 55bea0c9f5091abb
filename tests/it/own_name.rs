//! Sharing in one's own name: cards come from the sharer herself, into her direct rooms, where no bot is.

mod agreeing;
mod approach;
mod direct;
mod identity;
mod stage;
mod status;
