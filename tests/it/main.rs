//! What is tested from outside: the built program with a real Synapse, a feed over HTTP and people
//! who chat; the files that are shipped with it; and how its parts hang together.

// The futures of matrix-sdk, the people's second client, are nested deeply.
#![recursion_limit = "256"]

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod admin;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod classification;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod encryption;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod export;
#[cfg(test)]
#[path = "../platforms/fakes/mod.rs"]
mod fakes;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod fuzzed;
#[cfg(test)]
mod harness_itself;
#[cfg(test)]
mod housekeeping;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod oscar;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod own_name;
#[cfg(test)]
mod packaging;
#[cfg(test)]
mod panel;
#[cfg(test)]
mod post;
#[cfg(test)]
mod power;
#[cfg(test)]
mod property;
#[cfg(test)]
mod pushes;
#[cfg(test)]
mod reliability;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod scheduler;
#[cfg(test)]
mod second_clients;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod service;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod shipped_files;
#[cfg(test)]
mod shops;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vendure;
#[cfg(test)]
mod web;
#[cfg(test)]
mod wrong_feeds;
