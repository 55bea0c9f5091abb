//! The database and the process itself.

use super::Row;
use super::size;
use super::stage::Story;
use crate::support::user::moment;
use std::path::Path;
use tradepost::cli::exit::ExitStatus;

/// The number of the schema, as it is stored.
const SCHEMA: &[u8] = b"mschema";

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_a_hundred_pushes() {
    let row =
        Row { test: "killed_after_a_hundred_pushes", fault: "kill -9 after 100 pushes were answered", hookshot: "60 of 100 delivered" };
    let mut story = Story::begins().await;
    story.sends(size(20, 100)).await;
    story.scene.tradepost.kill_9().await;
    story.scene.tradepost.start().await;
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_by_another() {
    let row = Row { test: "locked_by_another", fault: "a second tradepost is started on the same database", hookshot: "" };
    let mut story = Story::begins().await;
    story.sends(size(3, 10)).await;
    let (status, log) = story.scene.tradepost.second_refuses_to_run().await;
    assert_eq!(status.code(), Some(i32::from(ExitStatus::Database as u8)), "{log}");
    assert!(log.contains("stop the other tradepost first"), "{log}");
    story.sends(size(3, 10)).await;
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_newer_version() {
    let row = Row {
        test: "of_a_newer_version",
        fault: "an older tradepost is started on a newer database, then the newer one again",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    story.sends(size(3, 10)).await;
    story.scene.tradepost.stop().await;
    let data = story.scene.tradepost.data();
    let ours = put_schema(&data, b"\x0199").await;
    let before = std::fs::read(data.join("db")).unwrap();
    let (status, log) = story.scene.tradepost.refuses_to_run().await;
    assert_eq!(status.code(), Some(i32::from(ExitStatus::Database as u8)), "{log}");
    assert!(log.contains("run the newer version"), "{log}");
    assert!(std::fs::read(data.join("db")).unwrap() == before, "nothing is changed");
    put_schema(&data, &ours).await;
    story.scene.tradepost.start().await;
    story.sends(size(3, 10)).await;
    story.ends(row, &[]).await;
}

/// Writes another schema number; the former one.
async fn put_schema(directory: &Path, schema: &[u8]) -> Vec<u8> {
    loop {
        // Whoever had it open has let go of it in a moment.
        if let Ok(db) = sled::open(directory) {
            let former = db.insert(SCHEMA, schema).unwrap().expect("a schema");
            db.flush().unwrap();
            return former.to_vec();
        }
        moment().await;
    }
}
