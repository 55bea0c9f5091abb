//! What is particular to a sled database: its lock, and what is refused with nothing changed.

use super::Directory;
use super::Place;
use super::patiently;
use super::values::card;
use super::values::cards_in;
use super::values::queue;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use tradepost::store::StoreError;
use tradepost::store::sled::SledStore;

/// The files below a directory and what is in them.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.insert(path.clone(), Vec::new());
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    found
}

/// A database with a card in it, closed; opened once again, so that it has a snapshot.
async fn closed_database() -> Directory {
    let directory = Directory::new();
    let store = directory.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    let store = directory.reopen(store).await;
    assert_eq!(cards_in(&*store, "den").await, ["tea"]);
    store.close().await.unwrap();
    directory
}

/// Opens what must be refused without a byte being changed.
fn refused(directory: &Directory) -> StoreError {
    let before = files(directory.path());
    let error = patiently(|| SledStore::open(directory.path())).expect_err("it must be refused");
    assert_eq!(files(directory.path()), before);
    error
}

fn change_schema(directory: &Directory, change: impl FnOnce(&sled::Db)) {
    let path = directory.path().display().to_string();
    let db = patiently(|| sled::open(&path).map_err(|_| StoreError::InUse { path: path.clone() })).unwrap();
    change(&db);
    db.flush().unwrap();
}

#[tokio::test]
async fn a_second_store_in_the_same_directory_is_refused_until_the_first_is_gone() {
    let directory = Directory::new();
    let store = directory.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    assert!(matches!(SledStore::open(directory.path()), Err(StoreError::InUse { .. })));
    queue(&*store, vec![card("den", "cup")]).await;
    let store = directory.reopen(store).await;
    assert_eq!(cards_in(&*store, "den").await, ["tea", "cup"]);
}

#[tokio::test]
async fn a_database_locked_by_somebody_else_is_in_use_whether_a_copy_would_be_tried_or_not() {
    let directory = closed_database().await;
    let log = fs::File::open(directory.path().join("db")).unwrap();
    log.lock().unwrap();
    assert!(matches!(SledStore::open(directory.path()), Err(StoreError::InUse { .. })));
    fs::remove_file(directory.path().join("closed")).unwrap();
    assert!(matches!(SledStore::open(directory.path()), Err(StoreError::InUse { .. })));
}

#[tokio::test]
async fn a_store_that_was_not_closed_opens_again() {
    let directory = Directory::new();
    for count in 1..10 {
        let store = directory.open().await;
        queue(&*store, vec![card("den", "tea")]).await;
        assert_eq!(cards_in(&*store, "den").await.len(), count);
    }
}

#[tokio::test]
async fn a_database_without_its_schema_is_damaged() {
    let directory = closed_database().await;
    change_schema(&directory, |db| {
        db.remove(b"mschema").unwrap().expect("the schema's key");
    });
    assert!(matches!(refused(&directory), StoreError::Damaged { .. }));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let directory = closed_database().await;
    change_schema(&directory, |db| {
        db.insert(b"mschema", b"\x0199").unwrap().expect("the schema's key");
    });
    assert!(matches!(refused(&directory), StoreError::TooNew { found: 99, known: 1 }));
}

#[tokio::test]
async fn a_log_of_garbage_is_damaged_with_and_without_a_snapshot() {
    for keeps_snapshot in [true, false] {
        let directory = closed_database().await;
        fs::write(directory.path().join("db"), "garbage ".repeat(10_000)).unwrap();
        for path in files(directory.path()).into_keys() {
            let is_snapshot = path.file_name().unwrap().to_string_lossy().starts_with("snap.");
            if is_snapshot && !keeps_snapshot {
                fs::remove_file(path).unwrap();
            }
        }
        assert!(matches!(refused(&directory), StoreError::Damaged { .. }));
    }
}

#[tokio::test]
async fn an_empty_or_missing_log_is_damaged() {
    let directory = closed_database().await;
    fs::write(directory.path().join("db"), "").unwrap();
    assert!(matches!(refused(&directory), StoreError::Damaged { .. }));
    fs::remove_file(directory.path().join("db")).unwrap();
    assert!(matches!(refused(&directory), StoreError::Damaged { .. }));
}

#[tokio::test]
async fn a_broken_snapshot_is_damaged() {
    let directory = closed_database().await;
    let snapshot = files(directory.path()).into_keys().find(|path| path.to_string_lossy().contains("snap."));
    fs::write(snapshot.expect("a snapshot"), "").unwrap();
    assert!(matches!(refused(&directory), StoreError::Damaged { .. }));
}

#[test]
fn a_directory_with_other_files_is_not_taken_over() {
    let directory = Directory::new();
    fs::write(directory.path().join("holiday.jpg"), "a picture").unwrap();
    assert!(matches!(refused(&directory), StoreError::Damaged { .. }));
}

#[tokio::test]
async fn a_database_that_was_killed_while_it_was_made_is_gone_on_with() {
    let directory = Directory::new();
    fs::write(directory.path().join("unfinished"), "").unwrap();
    fs::write(directory.path().join("db"), "").unwrap();
    let store = directory.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    // The mark came back, as after a power failure: nothing is lost.
    fs::write(directory.path().join("unfinished"), "").unwrap();
    let store = directory.reopen(store).await;
    assert_eq!(cards_in(&*store, "den").await, ["tea"]);
    assert!(!directory.path().join("unfinished").exists());
}

#[tokio::test]
async fn a_copy_is_tried_unless_the_files_are_as_they_were_left() {
    let directory = closed_database().await;
    // Where the copy would stand there is something else.
    fs::write(directory.path().join("trial-copy"), "").unwrap();
    let store = directory.open().await;
    queue(&*store, vec![card("den", "cup")]).await;
    drop(store);
    assert!(matches!(refused(&directory), StoreError::Failed(_)));
    fs::remove_file(directory.path().join("trial-copy")).unwrap();
    let store = directory.open().await;
    assert_eq!(cards_in(&*store, "den").await, ["tea", "cup"]);
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_named_and_not_shown() {
    let directory = closed_database().await;
    change_schema(&directory, |db| {
        db.insert(b"s@joy:a.example", b"\x01{\"secret\"").unwrap();
    });
    let store = directory.open().await;
    let error = store.sharer(&super::values::user("joy")).await.unwrap_err();
    assert_eq!(error.to_string(), "the stored sharer @joy:a.example cannot be read");
}
