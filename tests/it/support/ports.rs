//! Free ports on 127.0.0.1 for servers that are started later.

use std::net::TcpListener;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::Ordering;

/// Below 32768, where the kernel takes no ports for outgoing connections.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

static ASKED: AtomicU16 = AtomicU16::new(0);

/// A port that is free now and that nobody else in this process is given. Other test runs on the
/// machine start elsewhere; who starts a server there still has to try another on a collision.
pub fn free_port() -> u16 {
    let start = u16::try_from(u64::from(std::process::id()) * 131 % u64::from(COUNT)).expect("less than COUNT");
    for _ in 0..COUNT {
        let offset = ASKED.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + start.wrapping_add(offset) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port from {FIRST} to {} is free", FIRST + COUNT);
}
