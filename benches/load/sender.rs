//! A platform that sends at its own pace, and what could not be taken again when it was asked to.

use super::Size;
use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use sha2::Sha256;
use std::fmt;
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long after the last push it is sent again what was not taken.
const ENDURANCE: Duration = Duration::from_mins(3);
/// One in so many accounts is next, so that neighbours are not of one sharer.
const STEP: usize = 7_919;

/// What the platform is told.
#[derive(Serialize, Deserialize)]
struct Task {
    address: SocketAddr,
    per_second: u32,
    seconds: u32,
    taken: PathBuf,
    hooks: Vec<(String, String)>,
}

/// What became of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    /// First answers, by kind.
    ok: u32,
    unavailable: u32,
    too_many: u32,
    other: u32,
    /// Attempts in all.
    attempts: u32,
    /// Pushes that were taken in the end.
    pub(crate) taken: u32,
    /// Refusals that did not say when to come again.
    without_retry_after: u32,
    /// How long answers took, of all attempts, from when each was to be sent, in milliseconds.
    p50: f64,
    p95: f64,
    p99: f64,
    slowest: f64,
    /// How far the platform itself was behind its pace, at the most.
    behind: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "first_answers: ok={} 503={} 429={} other={} | attempts={} taken={} without_retry_after={} | answer_ms: p50={:.1} p95={:.1} p99={:.1} slowest={:.0} | sender_behind_ms={:.0}",
            self.ok,
            self.unavailable,
            self.too_many,
            self.other,
            self.attempts,
            self.taken,
            self.without_retry_after,
            self.p50,
            self.p95,
            self.p99,
            self.slowest,
            self.behind
        )
    }
}

/// Has another process send, and waits for its report. The titles of what was taken stand in a file then.
pub(crate) fn start(address: &SocketAddr, hooks: &[(String, String)], size: Size, taken: &Path) -> anyhow::Result<Report> {
    let task =
        Task { address: *address, per_second: size.per_second, seconds: size.seconds, taken: taken.to_owned(), hooks: hooks.to_vec() };
    Ok(serde_json::from_str(&super::platform(&serde_json::to_string(&task)?)?)?)
}

/// Is the platform.
pub(crate) fn send() -> anyhow::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let task: Arc<Task> = Arc::new(serde_json::from_str(&text)?);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(send_all(task))
}

async fn send_all(task: Arc<Task>) -> anyhow::Result<()> {
    let count = task.per_second * task.seconds;
    let began = Instant::now();
    let until = began + Duration::from_secs(u64::from(task.seconds)) + ENDURANCE;
    let mut pushes = JoinSet::new();
    let mut behind = Duration::ZERO;
    for number in 0..count {
        let due = began + Duration::from_secs(1) * number / task.per_second;
        tokio::time::sleep_until(due).await;
        behind = behind.max(due.elapsed());
        pushes.spawn(Push::new(Arc::clone(&task), number).deliver(due, until));
    }
    let outcomes = pushes.join_all().await;
    let titles: Vec<&str> = outcomes.iter().filter(|outcome| outcome.is_taken).map(|outcome| outcome.title.as_str()).collect();
    std::fs::write(&task.taken, titles.join("\n"))?;
    println!("{}", serde_json::to_string(&report(&outcomes, behind))?);
    Ok(())
}

fn report(outcomes: &[Outcome], behind: Duration) -> Report {
    let mut report = Report { behind: behind.as_secs_f64() * 1_000.0, ..Report::default() };
    let mut times: Vec<Duration> = Vec::new();
    for outcome in outcomes {
        match outcome.first {
            200 => report.ok += 1,
            503 => report.unavailable += 1,
            429 => report.too_many += 1,
            _ => report.other += 1,
        }
        report.taken += u32::from(outcome.is_taken);
        report.without_retry_after += outcome.without_retry_after;
        report.attempts += u32::try_from(outcome.times.len()).unwrap_or(u32::MAX);
        times.extend(&outcome.times);
    }
    times.sort();
    let at = |percent: usize| {
        times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    (report.p50, report.p95, report.p99, report.slowest) = (at(50), at(95), at(99), at(100));
    report
}

/// As long as it was asked to, longer with each refusal, and not all at the same time.
fn wait(asked: u64, refusals: usize, number: u32) -> Duration {
    let growing = 1 << refusals.min(5);
    Duration::from_secs(asked.max(growing)).mul_f64(1.0 + f64::from(number % 100) / 100.0)
}

struct Push {
    task: Arc<Task>,
    number: u32,
    account: usize,
    title: String,
    body: String,
}

struct Outcome {
    title: String,
    /// The first answer's status; 0: there was none.
    first: u16,
    is_taken: bool,
    without_retry_after: u32,
    times: Vec<Duration>,
}

impl Push {
    fn new(task: Arc<Task>, number: u32) -> Self {
        let account = (number as usize * STEP) % task.hooks.len();
        let title = format!("Mug {account}-{number}");
        let body = format!(
            r#"{{"type":"trades","trades":[{{"id":"{number}","kind":"listing","title":"{title}","price":{{"amount":"24.50","currency":"EUR"}},"url":"https://bazaar.example/items/{account}-{number}"}}]}}"#
        );
        Self { task, number, account, title, body }
    }

    /// Sends it until it is taken.
    async fn deliver(self, mut due: Instant, until: Instant) -> Outcome {
        let mut outcome = Outcome { title: self.title.clone(), first: 0, is_taken: false, without_retry_after: 0, times: Vec::new() };
        loop {
            let answer = tokio::time::timeout(PATIENCE, self.attempt()).await.ok().and_then(Result::ok);
            outcome.times.push(due.elapsed());
            let (status, retry_after) = answer.unwrap_or((0, Some(1)));
            if outcome.times.len() == 1 {
                outcome.first = status;
            }
            if status == 200 {
                return Outcome { is_taken: true, ..outcome };
            }
            outcome.without_retry_after += u32::from(retry_after.is_none());
            due = Instant::now() + wait(retry_after.unwrap_or(1), outcome.times.len(), self.number);
            if due > until {
                return outcome;
            }
            tokio::time::sleep_until(due).await;
        }
    }

    /// The status, and when to come again.
    async fn attempt(&self) -> anyhow::Result<(u16, Option<u64>)> {
        let (token, secret) = &self.task.hooks[self.account];
        let seconds = Timestamp::now().as_second();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
        mac.update(format!("{}.{seconds}.{}", self.account, self.body).as_bytes());
        let request = format!(
            "POST /hooks/{token} HTTP/1.1\r\nhost: tradepost.example\r\ncontent-type: application/json\r\ncontent-length: {}\r\nx-forwarded-for: 192.0.2.7\r\nwebhook-id: {}\r\nwebhook-timestamp: {seconds}\r\nwebhook-signature: v1,{}\r\n\r\n{}",
            self.body.len(),
            self.account,
            BASE64_STANDARD.encode(mac.finalize().into_bytes()),
            self.body
        );
        let mut stream = TcpStream::connect(self.task.address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).context("a status")?;
        let retry_after = answer.lines().find_map(|line| line.strip_prefix("retry-after: ")).and_then(|text| text.trim().parse().ok());
        Ok((status, retry_after))
    }
}
