//! What shops send by themselves, from the subscription to the farewell, with shops that are played: at the
//! intake, and at the public address as it is reached from outside.

mod burst;
mod confirmed;
mod ending;
mod late;
mod looking;
mod outside;
mod overload;
mod secrets;
mod shop;
mod shopify;
mod standing;
