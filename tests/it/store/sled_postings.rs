//! What is particular to postings in a sled database: those of earlier versions, and their size.

use super::Directory;
use super::Place;
use super::patiently;
use super::posting_values::editing;
use super::posting_values::post;
use super::posting_values::post_card;
use super::posting_values::postings_of;
use super::posting_values::postings_to;
use super::posting_values::raise;
use super::posting_values::revise;
use super::posting_values::showing;
use super::posting_values::withdraw;
use super::values::at;
use super::values::card;
use super::values::event_id;
use super::values::frozen;
use super::values::lease_one;
use super::values::room_id;
use tradepost::domain::delivery::Frozen;
use tradepost::store::StoreError;

/// Writes into a database that nobody has open.
fn write(directory: &Directory, values: &[(&str, &str)]) {
    let path = directory.path().display().to_string();
    let db = patiently(|| sled::open(&path).map_err(|_| StoreError::InUse { path: path.clone() })).unwrap();
    for (key, value) in values {
        db.insert(key, format!("\u{1}{value}").as_bytes()).unwrap();
    }
    db.flush().unwrap();
}

async fn closed_database() -> Directory {
    let directory = Directory::new();
    directory.open().await.close().await.unwrap();
    directory
}

#[tokio::test]
async fn a_posting_of_the_first_version_can_be_read_edited_and_withdrawn() {
    let directory = closed_database().await;
    let old = r#"{"room":"!den:a.example","event":"$old","what":{"what":"card","sharer":"@joy:a.example","trade":"t","shop":"s"},
        "content":"{}","posted_at":"2030-03-17T17:46:45Z"}"#;
    write(&directory, &[("e$old", old), ("l!den:a.example", r#"{"newest":"$old","day_began_at":null,"in_day":1}"#)]);
    let store = directory.open().await;
    let posting = store.posting(&event_id("old")).await.unwrap().unwrap();
    assert_eq!((posting.shows.len(), posting.withdrawn_at, &posting.sender), (0, None, &None));
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap(), Some(posting));
    post_card(&*store, "den", "tea", 0, "new").await;
    post(&*store, revise("den", "old"), editing("den", "old", &[("tea", 0)]), "edit").await;
    assert_eq!(postings_of(&*store, "tea").await, ["new", "old"]);
    withdraw(&*store, "old", 7).await;
    assert_eq!(postings_to(&*store, "den").await, ["new"]);
    assert_eq!(store.posting(&event_id("old")).await.unwrap().unwrap().withdrawn_at, Some(at(7)));
}

#[tokio::test]
async fn what_was_frozen_by_the_first_version_is_sent_as_it_was() {
    let directory = closed_database().await;
    let card = r#"{"what":"card","sharer":"@joy:a.example","trade":"t","shop":"s"}"#;
    let delivery = format!(
        r#"{{"place":1,"delivery":{{"id":1,"target":{{"room":"!den:a.example"}},"what":{card},"created_at":"2030-03-17T17:46:40Z",
        "not_before_at":"2030-03-17T17:46:40Z","attempts":0,"first_attempt_at":null,"frozen":null,"buried":null}}}}"#
    );
    let attempt = r#"{"attempts":1,"first_at":"2030-03-17T17:46:47Z",
        "frozen":{"room":"!den:a.example","event_type":"m.room.message","content":"{\"body\":\"tea\"}"}}"#;
    let ledger = r#"{"free_from":1001,"sharers":0,"sources":0,"buried":0}"#;
    let number = "\0\0\0\0\0\0\0\u{1}";
    write(&directory, &[(&format!("d{number}"), &delivery), (&format!("a{number}"), attempt), ("mledger", ledger)]);
    let store = directory.open().await;
    let leased = lease_one(&*store).await.delivery;
    assert_eq!((leased.attempts, leased.frozen), (1, Some(frozen("den", "tea"))));
    assert_eq!(store.totals().await.unwrap().parked, 0);
}

#[tokio::test]
async fn of_a_posting_too_large_to_store_the_content_is_not_kept() {
    let directory = Directory::new();
    let store = directory.open().await;
    for (name, length, kept) in [("1", 60_000, true), ("2", 70_000, false)] {
        let bytes = Frozen { content: format!("{{\"body\":\"{}\"}}", "x".repeat(length)), ..showing("den", &[("tea", 0)]) };
        post(&*store, card("den", name), bytes.clone(), name).await;
        let posting = store.posting(&event_id(name)).await.unwrap().unwrap();
        assert_eq!(posting.content, if kept { bytes.content } else { "{}".to_owned() });
        assert_eq!(posting.shows, bytes.shows);
    }
    assert_eq!(postings_of(&*store, "tea").await, ["2", "1"]);
}

#[tokio::test]
async fn a_posting_that_cannot_be_read_is_named_and_not_shown() {
    let directory = closed_database().await;
    write(&directory, &[("e$1", "{\"secret\"")]);
    let store = directory.open().await;
    let error = store.posting(&event_id("1")).await.unwrap_err();
    assert_eq!(error.to_string(), "the stored posting $1 cannot be read");
    // What has nothing to do with it goes on.
    post_card(&*store, "den", "tea", 0, "2").await;
    raise(&*store, "tea", 1).await;
    assert_eq!(postings_of(&*store, "tea").await, ["2"]);
}
