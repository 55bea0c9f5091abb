//! Who speaks, and what changes when that changes.
