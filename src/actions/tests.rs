mod disabling;
mod erasure;
mod secrets;
mod sending;
mod shop;
mod stage;
