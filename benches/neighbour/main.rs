//! What somebody else on the homeserver notices while many cards are posted: how long her own message
//! takes, in turns while nothing is sent and while 10,000 cards drain, at a real Synapse (`SQLite`, one
//! process) on this machine. The outbox has the default pace of the configuration, after the burst.
//!
//! `cargo bench --bench neighbour`, once `scripts/test` has installed a Synapse. `NEIGHBOUR_WINDOW` sets
//! for how many seconds each turn goes on (30), `NEIGHBOUR_TURNS` how many pairs there are (4), and
//! `NEIGHBOUR_SUSTAINED`, `NEIGHBOUR_PER_SECOND` and `NEIGHBOUR_PARALLEL` another pace: with a sustained one
//! of 0 it is that of the burst.

#![expect(clippy::disallowed_methods, reason = "what is measured lives by the real clock")]

use anyhow::Context;
use std::time::Duration;
use std::time::Instant;
use synapse::Person;
use synapse::Synapse;
use world::World;

mod synapse;
mod world;

#[path = "../shared/mod.rs"]
mod shared;

/// How long she thinks between two messages.
const THOUGHT: Duration = Duration::from_millis(100);

/// A setting of the environment.
fn number(name: &str, usual: u32) -> anyhow::Result<u32> {
    Ok(std::env::var(name).map_or(Ok(usual), |text| text.parse())?)
}

fn main() -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(measure())
}

async fn measure() -> anyhow::Result<()> {
    let delivery = tradepost::config::Delivery::default();
    let per_second = number("NEIGHBOUR_PER_SECOND", delivery.per_second.get())?;
    let sustained = number("NEIGHBOUR_SUSTAINED", delivery.sustained_per_second.get())?;
    let parallel = number("NEIGHBOUR_PARALLEL", delivery.parallel.get())?;
    let (window, turns) = (Duration::from_secs(u64::from(number("NEIGHBOUR_WINDOW", 30)?)), number("NEIGHBOUR_TURNS", 4)?);
    let synapse = Synapse::start().await?;
    let mut world = World::settle_in(&synapse).await?;
    let neighbour = synapse.register("neighbour").await?;
    let friend = synapse.register("friend").await?;
    let room = neighbour.room_with(&friend).await?;
    // The first messages warm it up.
    talk(&neighbour, &room, window / 3).await?;
    let (mut idle, mut busy, mut sent) = (Vec::new(), Vec::new(), 0);
    for turn in 0..turns {
        let quiet = talk(&neighbour, &room, window).await?;
        let before = world.waiting().await?;
        let sending = world.send(usize::try_from(parallel)?, shared::rate(per_second, sustained))?;
        let loud = talk(&neighbour, &room, window).await?;
        sending.abort();
        let gone = before - world.waiting().await?;
        println!("turn={turn} idle: {} | draining: {} | cards={gone}", shown(&quiet), shown(&loud));
        idle.extend(quiet);
        busy.extend(loud);
        sent += gone;
    }
    let (p50, p95) = (percentile(&busy, 50) / percentile(&idle, 50), percentile(&busy, 95) / percentile(&idle, 95));
    println!(
        "all: idle: {} | draining: {} | cards_per_second={:.1}",
        shown(&idle),
        shown(&busy),
        f64::from(u32::try_from(sent)?) / (window * turns).as_secs_f64()
    );
    println!("sustained_per_second={sustained} per_second={per_second} parallel={parallel} ratio_p50={p50:.2} ratio_p95={p95:.2}");
    Ok(())
}

/// How long each of her messages takes, in milliseconds.
async fn talk(person: &Person, room: &str, window: Duration) -> anyhow::Result<Vec<f64>> {
    let until = Instant::now() + window;
    let mut times = Vec::new();
    while Instant::now() < until {
        let began = Instant::now();
        person.says(room, "How are you?").await.context("her message")?;
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
        tokio::time::sleep(THOUGHT).await;
    }
    Ok(times)
}

fn percentile(times: &[f64], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

fn shown(times: &[f64]) -> String {
    format!("n={} p50={:.1} p95={:.1} ms", times.len(), percentile(times, 50), percentile(times, 95))
}
