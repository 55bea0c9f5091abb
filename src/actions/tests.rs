mod disabling;
mod secrets;
mod sending;
mod shop;
mod stage;
