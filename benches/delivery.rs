//! What a delivery costs, from intake to accepted by the homeserver and settled; what a poll of an
//! unchanged source costs; and what the program needs when it does nothing. One line each, to be
//! kept and compared with others of the same machine and day.
//!
//! The homeserver answers at once and is a process of its own (this one, started again), so that
//! the processor time given here, user and system of all threads, is tradepost's alone. Everything
//! is stored as in the program, in a directory for temporary files: its disk counts.

use anyhow::Context;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;
use iso_currency::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;
use rustix::time::ClockId;
use shared::account_at;
use shared::direct_room;
use shared::everybody;
use shared::us;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::net::TcpListener;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;
use tradepost::classify::BuiltIn;
use tradepost::classify::Classifiers;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::ids::RoomId;
use tradepost::domain::ids::SourceId;
use tradepost::domain::ids::UserId;
use tradepost::domain::link::PublicLink;
use tradepost::domain::money::Price;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Fetched;
use tradepost::domain::source::Source;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::intake::Intake;
use tradepost::intake::Locks;
use tradepost::intake::Queue;
use tradepost::intake::Way;
use tradepost::intake::Web;
use tradepost::net::Net;
use tradepost::net::NetLimits;
use tradepost::outbox::Outbox;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::Platforms;
use tradepost::platforms::source_id;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::sled::SledStore;
use tradepost::vault::Key;
use url::Url;

#[path = "shared/mod.rs"]
mod shared;

/// The argument with which this program is the homeserver.
const HOMESERVER: &str = "homeserver";
/// Each shares one account with each of her contacts.
const SHARERS: u32 = 20;
const CONTACTS: u32 = 5;
/// How many new trades each account has, found by one fetch.
const TRADES: u32 = 50;
const DELIVERIES: u32 = SHARERS * CONTACTS * TRADES;
/// How many calls to the homeserver run at a time.
const PARALLEL: usize = 16;
/// How many unchanged sources are polled, and how many of them each sharer follows.
const POLLS: u32 = 1_000;
const ACCOUNTS: u32 = 20;
/// As many as the scheduler has under way.
const POLLS_AT_A_TIME: usize = 32;

fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some(HOMESERVER) {
        return serve_instantly();
    }
    println!("{}", measure_deliveries()?);
    println!("{}", measure_polls()?);
    println!("{}", measure_idle()?);
    Ok(())
}

fn measure_deliveries() -> anyhow::Result<String> {
    let homeserver = Homeserver::start()?;
    let directory = TempDir::new()?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let intake = intake(&directory)?;
        let store = Arc::clone(&intake.store);
        settle_in(store.as_ref()).await?;
        let sending = tokio::spawn(Arc::new(outbox(&homeserver, &store)?).run());
        let (began, cpu_before) = (Instant::now(), cpu());
        for sharer in 0..SHARERS {
            let source = store.source(&source(&shop(sharer)).id).await?.context("a source")?;
            let followers = intake.store.followers(&source.id).await?;
            let commit = intake.absorb(source, new_trades(sharer)?, followers, Way::Polled, SystemClock.now()).await?;
            store.commit(commit).await?;
        }
        let mut changes = store.changes();
        while store.totals().await?.waiting > 0 {
            changes.changed().await?;
        }
        let (took, cpu) = (began.elapsed(), cpu().saturating_sub(cpu_before));
        sending.abort();
        let count = f64::from(DELIVERIES);
        Ok(format!(
            "deliveries={DELIVERIES} parallel={PARALLEL} seconds={:.2} per_second={:.0} cpu_ms_per_delivery={:.3} calls_per_delivery={:.3} resident_mib={:.0}",
            took.as_secs_f64(),
            count / took.as_secs_f64(),
            milliseconds(cpu) / count,
            homeserver.calls().await? / count,
            resident_mib("self")?,
        ))
    })
}

/// Each source is polled once, with the commit that each poll makes.
fn measure_polls() -> anyhow::Result<String> {
    let homeserver = Homeserver::start()?;
    let directory = TempDir::new()?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let intake = intake(&directory)?;
        let mut commit = Commit::default();
        for sharer in 0..POLLS / ACCOUNTS {
            let mut sharer = Sharer::new(sharer_id(sharer));
            for _ in 0..ACCOUNTS {
                let source = source(&format!("{}feed/{}", homeserver.address, commit.sources.len()));
                let account = account_at(&mut sharer, &source);
                sharer.accounts.push(account);
                commit.sources.push(source);
            }
            commit.sharers.push(sharer);
        }
        let ids: Vec<SourceId> = commit.sources.iter().map(|source| source.id.clone()).collect();
        intake.store.commit(commit).await?;
        // The first time brings the feeds and what to ask with from then on.
        poll_all(&intake, &ids).await?;
        let (began, cpu_before) = (Instant::now(), cpu());
        poll_all(&intake, &ids).await?;
        let (took, cpu) = (began.elapsed(), cpu().saturating_sub(cpu_before));
        for id in &ids {
            let failure = intake.store.source(id).await?.context("a source")?.failure;
            anyhow::ensure!(failure.is_none(), "a feed could not be read: {failure:?}");
        }
        Ok(format!(
            "unchanged_polls={POLLS} at_a_time={POLLS_AT_A_TIME} per_second={:.0} cpu_ms_per_poll={:.3}",
            f64::from(POLLS) / took.as_secs_f64(),
            milliseconds(cpu) / f64::from(POLLS),
        ))
    })
}

async fn poll_all(intake: &Intake, ids: &[SourceId]) -> anyhow::Result<()> {
    let polls = stream::iter(ids).map(async |id| {
        let source = intake.store.source(id).await?.context("a source")?;
        anyhow::Ok(intake.poll(source, SystemClock.now(), 0).await?)
    });
    polls.buffer_unordered(POLLS_AT_A_TIME).try_collect().await
}

/// The program itself, with an empty database, once it says that it is ready.
fn measure_idle() -> anyhow::Result<String> {
    let homeserver = Homeserver::start()?;
    let directory = TempDir::new()?;
    let config = directory.path().join("config.toml");
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let text = format!(
        r#"
        homeserver = {{ address = "{}", domain = "example.org" }}
        appservice = {{ port = {port}, as_token = "as-token-of-the-benchmark", hs_token = "hs-token-of-the-benchmark" }}
        database = {{ path = "{}" }}
        permissions = {{ "*" = "share" }}
        "#,
        homeserver.address,
        directory.path().join("data").display()
    );
    fs::write(&config, text)?;
    let began = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradepost"));
    let mut program = Running(command.arg("run").arg("-c").arg(&config).stderr(Stdio::piped()).spawn()?);
    let log = BufReader::new(program.0.stderr.take().context("its log")?);
    let ready = log.lines().map_while(Result::ok).find(|line| line.contains("ready:"));
    ready.context("the program ended before it was ready")?;
    let took = began.elapsed();
    let id = program.0.id().to_string();
    // Of the program's file there is in memory what has been read of it, and what the system read along.
    let (all, own) = (resident_mib(&id)?, memory_mib(&id, "RssAnon:")?);
    Ok(format!("idle_resident_mib={all:.1} of_it_the_programs_file_mib={:.1} ready_after_ms={:.0}", all - own, milliseconds(took)))
}

fn intake(directory: &TempDir) -> anyhow::Result<Intake> {
    let limits = NetLimits {
        allowed: vec!["127.0.0.0/8".parse()?],
        body_bytes: 1 << 20,
        total: Duration::from_secs(30),
        redirects: 0,
        per_host_per_second: 1_000_000,
    };
    let store = Arc::new(SledStore::open(&directory.path().join("data"))?);
    Ok(Intake {
        store,
        platforms: Platforms::all(&PlatformSettings::default(), true),
        net: Net::new(limits)?,
        permissions: everybody()?,
        vault: Arc::new(Key::new([7; 32])),
        shortest_interval_seconds: 300,
        web: Web::default(),
        locks: Locks::default(),
        queue: Queue::default(),
        classifiers: Classifiers::new(BuiltIn::standard()),
        hold_seconds: 900,
    })
}

fn outbox(homeserver: &Homeserver, store: &Arc<dyn Store>) -> anyhow::Result<Outbox> {
    shared::outbox(store, &homeserver.address, "as-token", us("example.org"), (PARALLEL, shared::rate(0, 0)))
}

/// Puts everybody into the store, with rooms that are direct.
async fn settle_in(store: &dyn Store) -> anyhow::Result<()> {
    let mut commit = Commit::default();
    for number in 0..SHARERS {
        let mut sharer = Sharer::new(sharer_id(number));
        let source = source(&shop(number));
        let account = account_at(&mut sharer, &source);
        sharer.accounts.push(account);
        for contact in 0..CONTACTS {
            let contact = contact_of(&mut sharer, number, contact);
            commit.rooms.push(direct_room(&us("example.org"), &sharer.id, &contact));
            sharer.contacts.push(contact);
        }
        commit.sharers.push(sharer);
        commit.sources.push(source);
    }
    Ok(store.commit(commit).await?)
}

fn sharer_id(number: u32) -> UserId {
    UserId::new(format!("@sharer-{number}:example.org"))
}

/// The address of the feed of a sharer's shop.
fn shop(sharer: u32) -> String {
    format!("https://shop-{sharer}.example/feed.xml")
}

fn source(name: &str) -> Source {
    let platform = PlatformId::new("feed");
    let label = Line::title("Handmade by Joy");
    Source::new(source_id(&platform, name, None), platform, name.to_owned(), label, 600, Timestamp::UNIX_EPOCH)
}

fn contact_of(sharer: &mut Sharer, number: u32, contact: u32) -> Contact {
    let room = RoomId::new(format!("!room-{number}-{contact}:example.org"));
    let person = UserId::new(format!("@contact-{number}-{contact}:example.org"));
    let contact = Contact::new(sharer.take_number(), room, person, Line::title("Mary"));
    Contact { state: ContactState::On, introduced: true, ..contact }
}

/// What a fetch of a sharer's shop brings.
fn new_trades(sharer: u32) -> anyhow::Result<Fetched> {
    let trades = (0..TRADES).map(|number| new_trade(sharer, number)).collect::<anyhow::Result<_>>()?;
    Ok(Fetched::Changed { cursor: None, label: Line::default(), trades, complete: false, gone: Vec::new(), more: false })
}

fn new_trade(sharer: u32, number: u32) -> anyhow::Result<Trade> {
    let link = Url::parse(&format!("https://shop-{sharer}.example/listing/{number}/hand-thrown-mug"))?;
    Ok(Trade {
        source: source(&shop(sharer)).id,
        kind: Kind::Listing,
        external_id: ExternalId::new(number.to_string()),
        revision: 0,
        title: Line::title("Hand-thrown stoneware mug, blue & white glaze"),
        price: Some(Price::new(Decimal::new(2_450, 2), Currency::EUR)),
        quantity: None,
        available: Some(true),
        link: PublicLink::new(link, false),
        image: None,
        categories: Vec::new(),
        occurred_at: None,
        seen_at: SystemClock.now(),
        as_of: None,
    })
}

/// User and system time of all threads of this process.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// What a process has in memory now.
fn resident_mib(process: &str) -> anyhow::Result<f64> {
    memory_mib(process, "VmRSS:")
}

/// A line of what the system says about a process, which is in KiB there.
fn memory_mib(process: &str, name: &'static str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context(name)?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1_024.0)
}

/// A process that ends when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended by itself has said why.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The homeserver's process.
struct Homeserver {
    address: Url,
    _process: Running,
}

impl Homeserver {
    fn start() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = Running(command.arg(HOMESERVER).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
        let mut address = String::new();
        BufReader::new(process.0.stdout.take().context("its output")?).read_line(&mut address)?;
        Ok(Self { address: Url::parse(address.trim())?, _process: process })
    }

    /// How many calls it has had.
    async fn calls(&self) -> anyhow::Result<f64> {
        Ok(reqwest::get(self.address.join("calls")?).await?.text().await?.parse()?)
    }
}

/// Is the homeserver, until the standard input ends: also when the benchmark is killed.
fn serve_instantly() -> anyhow::Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let calls = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&calls);
        let router = Router::new()
            .route("/calls", get(async move || calls.load(Ordering::Relaxed).to_string()))
            .route("/feed/{number}", get(feed))
            .fallback(async move |_: Uri| accept(count.fetch_add(1, Ordering::Relaxed)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}/", listener.local_addr()?);
        Ok(axum::serve(listener, router).await?)
    })
}

/// One answer for everything that tradepost asks: a send, a registration, a profile, a ping.
fn accept(number: u64) -> Response {
    let body = format!(r#"{{"event_id":"$event-{number}","user_id":"@tradepost:example.org","displayname":"Tradepost","duration_ms":1}}"#);
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A feed that never changes.
async fn feed(headers: HeaderMap) -> Response {
    let etag = [(header::ETAG, "\"1\"")];
    if headers.contains_key(header::IF_NONE_MATCH) {
        return (StatusCode::NOT_MODIFIED, etag).into_response();
    }
    let body = "<rss version='2.0'><channel><title>Joy</title><item><guid>1</guid><title>Mug</title></item></channel></rss>";
    (etag, [(header::CONTENT_TYPE, "application/rss+xml")], body).into_response()
}
