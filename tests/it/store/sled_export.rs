//! Exports: what is in the file, what is imported of it, and what is refused. That a store which was
//! exported and imported behaves the same is shown by the comparisons with lists (`Operation::Carry`).

use super::Directory;
use super::Place;
use super::patiently;
use super::values::card;
use super::values::cards_in;
use super::values::name_of;
use super::values::room;
use super::values::room_id;
use super::values::sharer;
use super::values::source;
use super::values::user;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use tradepost::domain::delivery::Lane;
use tradepost::store::Commit;
use tradepost::store::Exported;
use tradepost::store::Named;
use tradepost::store::Store;
use tradepost::store::StoreError;
use tradepost::store::sled::SledStore;

/// A store with a little of everything, and its export.
async fn exported(directory: &Directory) -> (Arc<dyn Store>, PathBuf, Exported) {
    let store = directory.open().await;
    let named = vec![(Named::Heard(user("joy")), Some("s7\n\u{7f}".to_owned()))];
    let (sharers, sources) = (vec![sharer("joy", &["shop"], &["den"])], vec![source("shop")]);
    let deliveries = vec![card("den", "tea")];
    store.commit(Commit { named, sharers, sources, deliveries, rooms: vec![room("den", &["joy"])], ..Commit::default() }).await.unwrap();
    let file = directory.path().join("export");
    let done = store.export(&file).await.unwrap();
    (store, file, done)
}

fn import(directory: &Directory, file: &Path) -> Result<Exported, StoreError> {
    patiently(|| SledStore::import(&directory.path().join("new"), file))
}

/// Opens what was imported.
fn open(path: &Path) -> SledStore {
    patiently(|| SledStore::open(path)).unwrap()
}

#[tokio::test]
async fn an_export_is_one_file_for_its_owner_alone_with_a_line_for_each_value() {
    let directory = Directory::new();
    let (store, file, done) = exported(&directory).await;
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], serde_json::json!({"format": "tradepost-export", "version": 1, "schema": done.schema}));
    assert_eq!(lines.last().unwrap()["values"], done.values);
    assert_eq!(lines.len() as u64, done.values + 2);
    let joy = lines.iter().find(|line| line["table"] == "sharer").unwrap();
    assert_eq!((&joy["key"], &joy["value"]["id"]), (&"@joy:a.example".into(), &"@joy:a.example".into()));
    assert!(lines.iter().any(|line| line["table"] == "delivery" && line["hex"].is_string()));
    // It is not written over.
    assert!(matches!(store.export(&file).await, Err(StoreError::Exists { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test]
async fn what_is_imported_is_what_was_exported() {
    let directory = Directory::new();
    let (store, file, done) = exported(&directory).await;
    assert_eq!(import(&directory, &file).unwrap(), done);
    let new = open(&directory.path().join("new"));
    assert_eq!(cards_in(&new, "den").await, ["tea"]);
    assert_eq!(new.sharer(&user("joy")).await.unwrap(), store.sharer(&user("joy")).await.unwrap());
    assert_eq!(new.named(&Named::Heard(user("joy"))).await.unwrap().as_deref(), Some("s7\n\u{7f}"));
    let (mut before, after) = (store.totals().await.unwrap(), new.totals().await.unwrap());
    before.disk_bytes = after.disk_bytes;
    assert_eq!(before, after);
    // Exported once more it is the same to the byte.
    let again = directory.path().join("again");
    assert_eq!(new.export(&again).await.unwrap(), done);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&file).unwrap());
}

#[tokio::test]
async fn an_export_holds_one_moment_while_others_write() {
    let directory = Directory::new();
    let store = directory.open().await;
    // Two values that always say the same, at the beginning and at the end of the order.
    let write = async |text: &str| {
        let named = [Named::BotIdentity, Named::Heard(user("zoe")), Named::SealedSecrets].map(|name| (name, Some(text.to_owned())));
        let deliveries = (0..20).map(|number| card("den", &format!("{text}.{number}"))).collect();
        store.commit(Commit { named: named.into(), deliveries, ..Commit::default() }).await.unwrap();
    };
    write("0").await;
    for round in 1..6 {
        let file = directory.path().join(format!("export-{round}"));
        let export = store.export(&file);
        let writes = async {
            for number in 0..10 {
                write(&format!("{round}-{number}")).await;
            }
        };
        let (done, ()) = tokio::join!(export, writes);
        done.unwrap();
        let new = directory.path().join(format!("new-{round}"));
        SledStore::import(&new, &file).unwrap();
        let new = open(&new);
        let said = new.named(&Named::BotIdentity).await.unwrap().unwrap();
        for name in [Named::Heard(user("zoe")), Named::SealedSecrets] {
            assert_eq!(new.named(&name).await.unwrap().as_ref(), Some(&said));
        }
        // With the cards that came with it, and none of later ones.
        let cards = new.waiting(&room_id("den"), Lane::Cards, 10_000).await.unwrap();
        assert_eq!(name_of(&cards.last().unwrap().what), format!("{said}.19"));
        assert_eq!(cards.len() % 20, 0);
    }
}

#[tokio::test]
async fn a_file_that_was_cut_or_changed_is_refused_and_nothing_is_made() {
    let directory = Directory::new();
    let (_store, file, _) = exported(&directory).await;
    let whole = fs::read(&file).unwrap();
    let length = whole.len();
    let line_ends: Vec<usize> = (0..length).filter(|index| whole[*index] == b'\n').collect();
    let mut wrong: Vec<Vec<u8>> = [length - 1, length - 10, length / 2, 1, 0].iter().map(|cut| whole[..*cut].to_vec()).collect();
    wrong.extend(line_ends[..line_ends.len() - 1].iter().map(|end| whole[..=*end].to_vec()));
    wrong.push([&whole[..], b"{}\n"].concat());
    wrong.push([&whole[..], &whole[..]].concat());
    wrong.push([&whole[..=line_ends[0]], &whole[line_ends[1] + 1..]].concat());
    wrong.push(String::from_utf8(whole.clone()).unwrap().replacen("@joy", "@ann", 1).into_bytes());
    for bytes in wrong {
        fs::write(&file, &bytes).unwrap();
        let error = import(&directory, &file).unwrap_err();
        assert!(matches!(error, StoreError::DamagedExport { .. } | StoreError::NotAnExport { .. }), "{error}");
        assert!(!directory.path().join("new").exists());
    }
}

#[tokio::test]
async fn what_is_newer_or_something_else_is_refused_in_words() {
    let directory = Directory::new();
    let (_store, file, _) = exported(&directory).await;
    let whole = fs::read_to_string(&file).unwrap();
    let newer = |from: &str, to: &str| {
        fs::write(&file, whole.replacen(from, to, 1)).unwrap();
        import(&directory, &file).unwrap_err()
    };
    assert!(matches!(newer("\"schema\":1", "\"schema\":99"), StoreError::TooNew { found: 99, known: 1 }));
    assert!(matches!(newer("\"version\":1", "\"version\":2"), StoreError::NewerExport { found: 2, known: 1, .. }));
    let error = newer("tradepost-export", "holiday-pictures");
    assert_eq!(error.to_string(), format!("{} is no export of a tradepost database", file.display()));
    assert!(matches!(import(&directory, &directory.path().join("nothing")), Err(StoreError::File { .. })));
}

#[tokio::test]
async fn an_import_into_what_is_there_already_is_refused_and_changes_nothing() {
    let directory = Directory::new();
    let (_store, file, _) = exported(&directory).await;
    import(&directory, &file).unwrap();
    let before = fs::read(directory.path().join("new/db")).unwrap();
    assert!(matches!(import(&directory, &file), Err(StoreError::NotEmpty { .. })));
    assert_eq!(fs::read(directory.path().join("new/db")).unwrap(), before);
    let other = Directory::new();
    fs::create_dir(other.path().join("new")).unwrap();
    fs::write(other.path().join("new/holiday.jpg"), "a picture").unwrap();
    assert!(matches!(import(&other, &file), Err(StoreError::NotEmpty { .. })));
    assert_eq!(fs::read_dir(other.path().join("new")).unwrap().count(), 1);
}

#[tokio::test]
async fn what_an_import_left_unfinished_is_refused_and_made_anew() {
    let directory = Directory::new();
    let (_store, file, done) = exported(&directory).await;
    let new = directory.path().join("new");
    import(&directory, &file).unwrap();
    // As if it had been killed before it was whole.
    fs::write(new.join("unfinished-import"), "").unwrap();
    let log = fs::OpenOptions::new().write(true).open(new.join("db")).unwrap();
    log.set_len(log.metadata().unwrap().len() / 2).unwrap();
    drop(log);
    assert!(matches!(SledStore::open(&new), Err(StoreError::UnfinishedImport { .. })));
    assert_eq!(import(&directory, &file).unwrap(), done);
    let store = open(&new);
    assert_eq!(cards_in(&store, "den").await, ["tea"]);
}
