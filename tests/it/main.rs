//! What is tested from outside: the built program with a real Synapse, a feed over HTTP and people
//! who chat; the files that are shipped with it; and how its parts hang together.

#[cfg(test)]
mod store;
