//! What is logged where the journal reads it.

use crate::support::Scene;
use crate::support::synapse::Homeserver;
use std::fs;
use std::os::unix::fs::MetadataExt;
use tempfile::TempDir;
use toml::Table;
use tradepost::cli::exit::ExitStatus;

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_gets_levels_and_no_times() {
    let mut scene = Scene::set(Homeserver::shared().await, Table::new()).await;
    let log = scene.tradepost.log_path();
    fs::write(&log, "").unwrap();
    let data = fs::metadata(&log).unwrap();
    scene.tradepost.finds(vec![("JOURNAL_STREAM".to_owned(), format!("{}:{}", data.dev(), data.ino()))]);
    scene.tradepost.start().await;
    assert!(scene.tradepost.stop().await.success());
    // What ends it is of the highest level too.
    let config = fs::read_to_string(scene.tradepost.config_path()).unwrap();
    let elsewhere = TempDir::new().unwrap();
    fs::write(elsewhere.path().join("something"), "else").unwrap();
    let data = scene.tradepost.data().to_str().unwrap().to_owned();
    fs::write(scene.tradepost.config_path(), config.replace(&data, elsewhere.path().to_str().unwrap())).unwrap();
    let (status, _) = scene.tradepost.refuses_to_run().await;
    assert_eq!(status.code(), Some(ExitStatus::Database as i32));
    let text = fs::read_to_string(&log).unwrap();
    for line in text.lines() {
        assert!(["<3>", "<4>", "<6>", "<7>"].iter().any(|level| line.starts_with(level)), "{line}");
        assert!(!line.contains('\u{1b}') && !line.contains("20:") && !line[3..].starts_with("20"), "{line}");
    }
    assert!(text.contains("<6> INFO tradepost::app: ready: the homeserver reaches us"), "{text}");
    assert!(text.contains("<3>error: the database") && text.contains("<3>hint: "), "{text}");
}
