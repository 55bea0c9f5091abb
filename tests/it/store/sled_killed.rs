//! A process that is killed in the midst of its commits: what it had reported is there, and no
//! commit is there in part.

use super::Directory;
use super::Place;
use super::posting_values::postings_of;
use super::posting_values::postings_to;
use super::posting_values::raised;
use super::posting_values::revised_in;
use super::posting_values::showing;
use super::values::at;
use super::values::card;
use super::values::cards_in;
use super::values::done;
use super::values::event;
use super::values::event_id;
use super::values::name_of;
use super::values::names_in;
use super::values::once;
use super::values::room_id;
use super::values::trade;
use std::env;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use tradepost::domain::delivery::Frozen;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::OnceKey;
use tradepost::domain::delivery::Then;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::StoreError;
use tradepost::store::sled::SledStore;

/// Says to the child where its database is.
const DIRECTORY: &str = "TRADEPOST_TEST_KILLED_DIRECTORY";

/// Says to the child with which number it begins.
const FIRST: &str = "TRADEPOST_TEST_KILLED_FIRST";

/// How many commits the child has in flight at once.
const TASKS: u64 = 4;

const ROUNDS: u64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_reported_survives_sigkill_and_nothing_is_torn() {
    if let (Ok(directory), Ok(first)) = (env::var(DIRECTORY), env::var(FIRST)) {
        return commit_until_killed(Path::new(&directory), first.parse().unwrap()).await;
    }
    let directory = Directory::new();
    let mut first = 1;
    for round in 0..ROUNDS {
        let reported = run_and_kill(&directory, first, usize::try_from(round * 37 % 91).unwrap() + 1);
        let store = directory.open().await;
        for line in &reported {
            assert_reported(&*store, line).await;
        }
        let end = first + reported.len() as u64 + 2 * TASKS;
        for number in first..end {
            assert_whole(&*store, number).await;
        }
        first = end;
    }
}

/// Starts the child, kills it when it has reported `lines` steps, and answers all that it reported.
fn run_and_kill(directory: &Directory, first: u64, lines: usize) -> Vec<String> {
    let mut child = start(directory.path(), first);
    let out = BufReader::new(child.stdout.take().unwrap());
    let mut reported = out.lines().map_while(Result::ok).filter(|line| line.starts_with("reported "));
    let mut all: Vec<String> = reported.by_ref().take(lines).collect();
    assert_eq!(all.len(), lines, "the child ended by itself");
    assert!(matches!(SledStore::open(directory.path()), Err(StoreError::InUse { .. })));
    child.kill().unwrap();
    all.extend(reported);
    child.wait().unwrap();
    all
}

/// This very test, as the child.
fn start(directory: &Path, first: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "store::sled_killed::what_was_reported_survives_sigkill_and_nothing_is_torn", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Opens it as soon as nobody has it: a program that another test starts has what we have open for a moment.
fn open(directory: &Path) -> SledStore {
    loop {
        match SledStore::open(directory) {
            Err(StoreError::InUse { .. }) => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

async fn commit_until_killed(directory: &Path, first: u64) {
    let store: Arc<dyn Store> = Arc::new(open(directory));
    let tasks = (0..TASKS).map(|task| tokio::spawn(work(Arc::clone(&store), first + task)));
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// Takes an event, commits a card for it, and delivers every second one, reporting each step.
async fn work(store: Arc<dyn Store>, first: u64) {
    for number in (first..).step_by(usize::try_from(TASKS).unwrap()) {
        let name = number.to_string();
        store.take_events(vec![event(&name, &name)]).await.unwrap();
        report("taken", number);
        store.commit(commit(&name)).await.unwrap();
        report("committed", number);
        if number % 2 == 0 {
            let id = store.waiting(&room_id(&name), Lane::Cards, 1).await.unwrap()[0].id;
            store.freeze(vec![(id, bytes(&name))], at(0)).await.unwrap();
            report("frozen", number);
            store.settle(vec![done(id, &name, at(0))]).await.unwrap();
            report("done", number);
        }
    }
}

/// What is sent: it shows an item, and is followed by something.
fn bytes(name: &str) -> Frozen {
    Frozen { then: vec![Then::ExpireAfter { seconds: 60 }], ..showing(name, &[(name, 0)]) }
}

/// The item that the card shows has changed already, so that the card is to be revised.
fn commit(name: &str) -> Commit {
    Commit {
        finished_event: Some(event_id(name)),
        trades: vec![trade("shop", name)],
        items: vec![raised(name, 1)],
        deliveries: vec![once(card(name, name), name)],
        ..Commit::default()
    }
}

fn report(step: &str, number: u64) {
    // Past the test harness, which would hold back what is printed.
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nreported {step} {number}").and_then(|()| out.flush()).unwrap();
}

/// A step that was reported has been done.
async fn assert_reported(store: &dyn Store, line: &str) {
    let mut words = line.split(' ').skip(1);
    let (step, name) = (words.next().unwrap(), words.next().unwrap());
    let posted = store.last_posting(&room_id(name)).await.unwrap().is_some();
    let key = OnceKey(name.to_owned());
    let committed = !store.taken(&[key]).await.unwrap().is_empty();
    match step {
        "taken" => assert_eq!(store.take_events(vec![event(name, name)]).await.unwrap(), 0, "{line}"),
        "committed" => assert!(committed, "{line}"),
        "frozen" => {
            let cards = store.waiting(&room_id(name), Lane::Cards, 1).await.unwrap();
            assert!(posted || cards[0].frozen == Some(bytes(name)), "{line}");
        }
        "done" => assert!(posted, "{line}"),
        _ => panic!("{line}"),
    }
}

/// Whatever had been done with a number when the process was killed, it was done whole.
async fn assert_whole(store: &dyn Store, number: u64) {
    let name = number.to_string();
    let committed = !store.taken(&[OnceKey(name.clone())]).await.unwrap().is_empty();
    let trade = store.trade(&trade("shop", &name).id()).await.unwrap();
    assert_eq!(trade.is_some(), committed, "{number}");
    let posting = store.last_posting(&room_id(&name)).await.unwrap();
    let waits = cards_in(store, &name).await;
    assert_eq!(waits.len() + usize::from(posting.is_some()), usize::from(committed), "{number}");
    let posted = Vec::from_iter(posting.as_ref().map(|_| name.clone()));
    assert_eq!(postings_of(store, &name).await, posted, "{number}");
    assert_eq!(postings_to(store, &name).await, posted, "{number}");
    assert_eq!(revised_in(store, &name).await, posted, "{number}");
    assert_eq!(names_in(store, &name, Lane::Alone).await, posted, "{number}");
    if let Some(posting) = posting {
        assert_eq!((name_of(&posting.what), posting.content), (name.clone(), bytes(&name).content));
    }
    let pending = store.lease_events(1_000).await.unwrap();
    assert!(!(committed && pending.iter().any(|event| event.id == event_id(&name))), "{number}");
    for event in pending {
        store.release_event(&event.id);
    }
}
