//! What the operator types: about the running service, and about one that is stopped.

mod backup;
mod deliveries;
mod retire;
mod service;
