//! What earlier versions of the program wrote is opened, migrated and imported: `tests/databases` holds
//! a database of the very first one and one of each released schema, and an export of each. Its README
//! says how they are made.

use super::Directory;
use super::Place;
use super::filled::fill;
use super::patiently;
use super::posting_values::in_room;
use super::posting_values::post;
use super::posting_values::post_card;
use super::posting_values::postings_of;
use super::posting_values::showing;
use super::values::at;
use super::values::cards_in;
use super::values::event;
use super::values::event_id;
use super::values::everything_is_old;
use super::values::names;
use super::values::names_in;
use super::values::parked;
use super::values::room_id;
use super::values::source_id;
use super::values::trade;
use super::values::user;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::OnceKey;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::Number;
use tradepost::domain::shared::SharedTrade;
use tradepost::domain::text::Line;
use tradepost::store::Commit;
use tradepost::store::Named;
use tradepost::store::Remembered;
use tradepost::store::Store;
use tradepost::store::sled::SledStore;

/// What a database of the present schema is kept as.
const PRESENT: &str = "schema-1";

fn databases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/databases")
}

/// The names of all that are kept.
fn kept() -> Vec<String> {
    let entries = fs::read_dir(databases()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> =
        entries.filter(|path| path.is_dir()).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// A copy of one, since opening writes.
fn copy_of(name: &str) -> Directory {
    let directory = Directory::new();
    for entry in fs::read_dir(databases().join(name)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, directory.path().join(path.file_name().unwrap())).unwrap();
    }
    directory
}

/// What [`fill`] put there is there, and can be gone on with.
async fn check(store: Arc<dyn Store>, directory: &Directory) {
    let joy = store.sharer(&user("joy")).await.unwrap().unwrap();
    let labels: Vec<_> = joy.accounts.iter().map(|account| account.label.as_str()).collect();
    let contacts: Vec<_> = joy.contacts.iter().map(|contact| (&contact.room, contact.person.clone())).collect();
    assert_eq!((labels, contacts), (vec!["shop"], vec![(&room_id("den"), user("mary")), (&room_id("hut"), user("mary"))]));
    assert_eq!(store.followers(&source_id("shop")).await.unwrap(), std::slice::from_ref(&joy));
    assert_eq!(store.sharers_in(&room_id("hut")).await.unwrap(), std::slice::from_ref(&joy));
    assert_eq!(store.rooms_of(&user("mary")).await.unwrap().len(), 2);
    assert_eq!(store.items(&source_id("shop"), &[ExternalId::new("cup"), ExternalId::new("tea")]).await.unwrap().len(), 2);
    assert_eq!(store.trade(&trade("shop", "cup").id()).await.unwrap().unwrap().title.as_str(), "cup");
    let waiting = store.waiting(&room_id("den"), Lane::Cards, 100).await.unwrap();
    let tried: Vec<_> = waiting.iter().map(|card| (card.attempts, card.frozen.as_ref().map(|frozen| frozen.content.as_str()))).collect();
    assert_eq!(tried, [(1, Some(r#"{"body":"tried"}"#)), (0, None)]);
    let posted = store.posting(&event_id("posted")).await.unwrap().unwrap();
    assert_eq!((posted.posted_at, posted.content.as_str()), (at(5), r#"{"body":"posted"}"#));
    assert_eq!(store.buried(9).await.unwrap()[0].buried.as_deref(), Some("the homeserver refused it"));
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.buried, totals.sharers, totals.sources, totals.contacts), (1, 1, 1, 2));
    assert_eq!(names_in(&*store, "hut", Lane::Talk).await, ["asked"]);
    let keys = ["posted", "refused", "tried", "waiting", "new"].map(|key| OnceKey(key.to_owned()));
    assert_eq!(store.taken(&keys).await.unwrap(), keys[..4].iter().cloned().collect());
    assert_eq!(store.take_events(vec![event("den", "over"), event("den", "pending")]).await.unwrap(), 0);
    assert!(store.has_pending_events(&room_id("den")).await.unwrap());

    // It goes on from there: everything is based on the versions that were stored.
    let shop = store.source(&source_id("shop")).await.unwrap().unwrap();
    let rooms = vec![store.room(&room_id("den")).await.unwrap().unwrap()];
    let refused = store.buried(1).await.unwrap()[0].id;
    store.commit(Commit { sharers: vec![joy], sources: vec![shop], rooms, ..Commit::default() }).await.unwrap();
    assert!(store.revive(refused, at(0)).await.unwrap());
    store.prune(&everything_is_old()).await.unwrap();
    let store = directory.reopen(store).await;
    assert_eq!(cards_in(&*store, "den").await, ["tried", "waiting", "refused"]);
    assert_eq!(names(&store.lease_deliveries(at(60), 1, 1).await.unwrap()), ["asked"]);
}

#[tokio::test]
async fn a_database_of_each_earlier_version_is_opened_and_gone_on_with() {
    assert!(kept().len() >= 2);
    for name in kept() {
        let directory = copy_of(&name);
        check(directory.open().await, &directory).await;
    }
}

#[tokio::test]
async fn an_export_of_each_earlier_version_is_imported_and_gone_on_with() {
    for name in kept() {
        let directory = Directory::new();
        SledStore::import(directory.path(), &databases().join(format!("{name}.jsonl"))).unwrap();
        check(directory.open().await, &directory).await;
    }
}

/// Beside [`fill`], what the first version could not hold.
async fn fill_more(store: &dyn Store) {
    post_card(store, "hut", "cup", 0, "card").await;
    post(store, in_room("hut", What::Board { sharer: user("joy"), add: None }), showing("hut", &[("tea", 0)]), "board").await;
    let decided = SharedTrade {
        sharer: user("joy"),
        number: Number(0),
        trade: trade("shop", "tea").id(),
        shop: Line::title("shop"),
        decided_at: at(0),
        categories: Vec::new(),
        contacts: Vec::new(),
        undone: false,
    };
    let on = Remembered { reaction: event_id("tapped"), on: event_id("card"), key: "❌".to_owned(), by: user("joy") };
    let commit = Commit {
        shared: vec![decided],
        undone: vec![(user("joy"), trade("shop", "cup").id())],
        remembered: vec![on],
        parked: vec![parked("hut", "unread", "session", 0)],
        named: vec![(Named::Heard(user("joy")), Some("s1".to_owned()))],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
}

#[tokio::test]
async fn what_came_after_the_first_version_is_there_too() {
    for name in kept().into_iter().filter(|name| name != "first") {
        let directory = copy_of(&name);
        let store = directory.open().await;
        assert_eq!(
            (postings_of(&*store, "cup").await, postings_of(&*store, "tea").await),
            (vec!["card".to_owned()], vec!["board".to_owned()])
        );
        assert_eq!(store.board(&user("joy"), &room_id("hut")).await.unwrap().unwrap().event, event_id("board"));
        assert_eq!(store.shared(&user("joy"), Number(1)).await.unwrap().unwrap().trade, trade("shop", "tea").id());
        assert!(store.is_undone(&user("joy"), &trade("shop", "cup").id()).await.unwrap());
        assert_eq!(store.remembered(&event_id("tapped")).await.unwrap().unwrap().on, event_id("card"));
        assert_eq!(store.parked(&room_id("hut"), "session", 9).await.unwrap().len(), 1);
        assert_eq!(store.named(&Named::Heard(user("joy"))).await.unwrap().as_deref(), Some("s1"));
    }
}

/// With `UPDATE=1` it makes what is missing.
#[tokio::test]
async fn the_present_schema_has_its_database_and_each_database_its_export() {
    let may_make = env::var_os("UPDATE").is_some();
    if may_make && !databases().join(PRESENT).exists() {
        let directory = Directory::new();
        let store = directory.open().await;
        fill(&*store).await;
        fill_more(&*store).await;
        store.close().await.unwrap();
        drop(store);
        fs::create_dir(databases().join(PRESENT)).unwrap();
        for file in ["conf", "db"] {
            fs::copy(directory.path().join(file), databases().join(PRESENT).join(file)).unwrap();
        }
    }
    for name in kept() {
        let file = databases().join(format!("{name}.jsonl"));
        if may_make && !file.exists() {
            let directory = copy_of(&name);
            directory.open().await.export(&file).await.unwrap();
        }
        assert!(file.exists(), "{}: UPDATE=1 makes it", file.display());
    }
    let present = copy_of(PRESENT);
    let schema = patiently(|| SledStore::open(present.path())).unwrap().export(&present.path().join("export")).await.unwrap().schema;
    assert_eq!(format!("schema-{schema}"), PRESENT, "the schema was raised: name the present one here, and UPDATE=1 makes its database");
}
