//! Plays years of trades through a store: each comes, is posted and is forgotten after some days. Prints
//! what the database takes on the disk and the process in memory, which must not grow without bound.
//!
//! `cargo bench --bench churn` plays a million trades; `CHURN_TRADES=100000` fewer.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "the values are those of the tests, of which few are needed here")]

#[path = "../tests/it/store/churning.rs"]
mod churning;
#[path = "../tests/it/store/posting_values.rs"]
mod posting_values;
#[path = "../tests/it/store/values.rs"]
mod values;

use churning::Churn;
use std::env;
use std::fs;
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;
use tradepost::store::sled::SledStore;

/// How many trades come in a day, and for how many days each is kept.
const A_DAY: usize = 5_000;
const KEPT: i64 = 5;

/// How many come together.
const AT_ONCE: usize = 250;

/// After how many the sizes are printed.
const ROW: usize = 100_000;

/// The process's memory in MiB (proc(5), `VmRSS`).
fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or_default() / 1_024
}

fn main() {
    let all = env::var("CHURN_TRADES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(play(all));
}

async fn play(all: usize) {
    let directory = TempDir::new().expect("a directory");
    let store = Arc::new(SledStore::open(directory.path()).expect("a store"));
    let mut churn = Churn::begin(store, AT_ONCE).await;
    let began = Instant::now();
    println!("| trades | values | disk, MiB | memory, MiB | seconds |");
    println!("|---|---|---|---|---|");
    let mut played = 0;
    while played < all {
        let size = churn.day(A_DAY, KEPT).await;
        played += A_DAY;
        if played % ROW == 0 || played == A_DAY * 10 {
            let disk = size.disk_bytes / 1_024 / 1_024;
            println!("| {played} | {} | {disk} | {} | {} |", size.values, resident_mib(), began.elapsed().as_secs());
        }
    }
}
