//! Much at a time: 1,000 sharers with ten accounts and a hundred contacts each, and a platform that sends
//! 1,000 signed pushes a second for a minute, whether or not they are answered (open loop). What cannot be
//! taken is refused with 503 or 429 and Retry-After, and sent again, as a platform does. In the end every
//! push that was answered with success must be in its room, once, or waiting: else it fails.
//!
//! The homeserver answers at once. It and the platform are processes of their own (this one, started
//! again), so that the processor time and the memory given here are tradepost's alone.
//!
//! `cargo bench --bench load`; `LOAD_PERCENT=1` for a hundredth of the sharers and pushes a second,
//! `LOAD_SECONDS` for another time than a minute, `LOAD_AT_ONCE` for another `web.requests_at_once`.

#![expect(clippy::disallowed_methods, reason = "what is measured lives by the real clock")]

use anyhow::Context;
use rustix::time::ClockId;
use sender::Report;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::What;
use url::Url;
use world::World;

mod homeserver;
mod sender;
mod world;

#[path = "../shared/mod.rs"]
mod shared;

/// The argument with which this program is the homeserver.
const HOMESERVER: &str = "homeserver";
/// The argument with which this program is the platform.
const SENDER: &str = "sender";
/// How long what waits at the end may take to be delivered.
const PATIENCE: Duration = Duration::from_mins(5);
/// How often it is looked how things stand.
const LOOK: Duration = Duration::from_secs(5);

/// How much of everything.
#[derive(Clone, Copy)]
struct Size {
    sharers: u32,
    per_second: u32,
    seconds: u32,
    at_once: usize,
}

impl Size {
    fn chosen() -> anyhow::Result<Self> {
        let number = |name: &str, usual: u32| std::env::var(name).map_or(Ok(usual), |text| text.parse());
        let percent = number("LOAD_PERCENT", 100)?;
        Ok(Self {
            sharers: (10 * percent).max(1),
            per_second: (10 * percent).max(1),
            seconds: number("LOAD_SECONDS", 60)?,
            at_once: usize::try_from(number("LOAD_AT_ONCE", 64)?)?,
        })
    }
}

fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some(HOMESERVER) => homeserver::serve(),
        Some(SENDER) => sender::send(),
        _ => tokio::runtime::Runtime::new()?.block_on(measure(Size::chosen()?)),
    }
}

async fn measure(size: Size) -> anyhow::Result<()> {
    let homeserver = Process::start(HOMESERVER)?;
    let directory = TempDir::new()?;
    let began = Instant::now();
    let world = World::settle_in(&directory, size).await?;
    println!(
        "accounts={} contacts={} set_up_seconds={:.0} resident_mib={:.0}",
        world.hooks.len(),
        size.sharers * world::CONTACTS,
        began.elapsed().as_secs_f64(),
        resident_mib()?
    );
    let outbox = Arc::new(world.outbox(&homeserver.address)?);
    let sending = tokio::spawn(outbox.run());
    let address = world.open(size.at_once).await?;
    let (began, cpu_before) = (Instant::now(), cpu());
    let platform = tokio::task::spawn_blocking({
        let (hooks, seen) = (world.hooks.clone(), directory.path().join("taken"));
        move || sender::start(&address, &hooks, size, &seen)
    });
    let report = watch(&world, &homeserver, platform).await?;
    let (took, cpu) = (began.elapsed(), cpu().saturating_sub(cpu_before));
    println!("{report}");
    println!(
        "sender_seconds={:.0} cpu_ms_per_taken={:.3}",
        took.as_secs_f64(),
        cpu.as_secs_f64() * 1_000.0 / f64::from(report.taken.max(1))
    );
    let drained = drain(&world, &homeserver).await?;
    sending.abort();
    println!("drained_after_seconds={drained:.0} cpu_seconds_in_all={:.1} resident_mib={:.0}", self::cpu().as_secs_f64(), resident_mib()?);
    compare(&world, &homeserver, &directory).await
}

/// Prints how things stand, until the platform has sent everything.
async fn watch(world: &World, homeserver: &Process, platform: tokio::task::JoinHandle<anyhow::Result<Report>>) -> anyhow::Result<Report> {
    let began = Instant::now();
    tokio::pin!(platform);
    loop {
        tokio::select! {
            report = &mut platform => return report?,
            () = tokio::time::sleep(LOOK) => stand(world, homeserver, began).await?,
        }
    }
}

async fn stand(world: &World, homeserver: &Process, began: Instant) -> anyhow::Result<()> {
    println!(
        "  after_seconds={:.0} waiting={} delivered={} resident_mib={:.0} cpu_seconds={:.1}",
        began.elapsed().as_secs_f64(),
        world.store().totals().await?.waiting,
        homeserver.ask("calls").await?,
        resident_mib()?,
        cpu().as_secs_f64(),
    );
    Ok(())
}

/// How long it takes until nothing waits, or until patience ends.
async fn drain(world: &World, homeserver: &Process) -> anyhow::Result<f64> {
    let began = Instant::now();
    while world.store().totals().await?.waiting > 0 && began.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK.min(Duration::from_millis(500))).await;
        if began.elapsed().as_millis() % u128::from(LOOK.as_secs() * 1_000) < 500 {
            stand(world, homeserver, began).await?;
        }
    }
    Ok(began.elapsed().as_secs_f64())
}

/// Every push that was taken is there once, or waits.
async fn compare(world: &World, homeserver: &Process, directory: &TempDir) -> anyhow::Result<()> {
    let taken = fs::read_to_string(directory.path().join("taken"))?;
    let taken: BTreeSet<&str> = taken.lines().collect();
    let seen = homeserver.ask("seen").await?;
    let seen: BTreeMap<&str, u32> =
        seen.lines().filter_map(|line| line.rsplit_once(' ')).map(|(title, count)| (title, count.parse().unwrap_or(0))).collect();
    let waiting = waiting(world).await?;
    let lost = taken.iter().filter(|title| !seen.contains_key(*title) && !waiting.contains(**title)).count();
    let doubled = seen.values().filter(|count| **count > 1).count();
    println!("taken={} delivered={} waiting={} lost={lost} doubled={doubled}", taken.len(), seen.len(), waiting.len());
    anyhow::ensure!(lost == 0 && doubled == 0, "something was lost or doubled");
    Ok(())
}

/// The titles of what has not been sent yet.
async fn waiting(world: &World) -> anyhow::Result<BTreeSet<String>> {
    let mut titles = BTreeSet::new();
    if world.store().totals().await?.waiting == 0 {
        return Ok(titles);
    }
    for room in &world.rooms {
        for delivery in world.store().waiting(room, Lane::Cards, usize::MAX).await? {
            let trades = match delivery.what {
                What::Card { trade, .. } => vec![trade],
                What::Digest { trades, .. } => trades.into_iter().map(|(trade, _)| trade).collect(),
                _ => Vec::new(),
            };
            for trade in trades {
                titles.insert(world.store().trade(&trade).await?.context("its trade")?.title.to_string());
            }
        }
    }
    Ok(titles)
}

/// User and system time of all threads of this process.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// What this process has in memory now.
fn resident_mib() -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1_024.0)
}

/// This program as another process, which ends when this is dropped.
struct Process {
    address: Url,
    child: Child,
}

impl Process {
    /// Starts it; the first line that it prints is its address.
    fn start(part: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg(part).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        BufReader::new(child.stdout.take().context("its output")?).read_line(&mut address)?;
        Ok(Self { address: Url::parse(address.trim())?, child })
    }

    async fn ask(&self, path: &str) -> anyhow::Result<String> {
        Ok(reqwest::get(self.address.join(path)?).await?.text().await?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself has said why.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts this program as the platform, and gives it its lines.
fn platform(lines: &str) -> anyhow::Result<String> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut child = command.arg(SENDER).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("its input")?.write_all(lines.as_bytes())?;
    let output = child.wait_with_output()?;
    anyhow::ensure!(output.status.success(), "the platform failed");
    Ok(String::from_utf8(output.stdout)?)
}
