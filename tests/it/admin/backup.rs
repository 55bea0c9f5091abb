//! A backup that is made while the service runs, and all else lost.

use crate::encryption::stage::Secret;
use crate::support::Scene;
use crate::support::element::Mode;
use crate::support::stage::link;
use crate::support::tradepost::Tradepost;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

/// Where a file of tradepost's stands.
fn beside(tradepost: &Tradepost, name: &str) -> PathBuf {
    tradepost.config_path().with_file_name(name)
}

/// Makes a backup, of the running service or of a stopped one.
fn back_up(tradepost: &Tradepost, name: &str) -> PathBuf {
    let directory = beside(tradepost, name);
    let ended = tradepost.types(&format!("backup {}", directory.display()));
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    directory
}

/// Loses everything but the configuration.
fn lose_everything(tradepost: &Tradepost) {
    for name in ["data", "crypto"] {
        fs::remove_dir_all(beside(tradepost, name)).unwrap();
    }
    fs::remove_file(tradepost.key_file()).unwrap();
}

fn restore(tradepost: &Tradepost, backup: &Path) {
    let ended = tradepost.types(&format!("restore {}", backup.display()));
    assert_eq!(ended.status, 0, "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_everything_is_lost_encrypted_rooms_go_on_and_nothing_is_posted_twice() {
    let mut secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let mary = secret.mary(Mode::Strict).await;
    let room = secret.shares_with(&mary).await;
    secret.scene.publishes(1);
    mary.reads(&room, "/p/1").await;
    let bot = secret.scene.bot();
    let identity = secret.joy.master_key_of(&bot).await;
    let backup = back_up(&secret.scene.tradepost, "backup");
    let again = secret.scene.tradepost.types(&format!("backup {}", backup.display()));
    assert_eq!((again.status, again.err.contains("is there already")), (23, true), "{}", again.err);

    // What the backup knows nothing of. Started again, the bot gives new keys for what it says.
    secret.scene.tradepost.restart().await;
    for number in 2..=3 {
        secret.scene.publishes(number);
        mary.reads(&room, &format!("/p/{number}")).await;
    }
    secret.joy.takes_a_new_room_key(&room).await;
    secret.does(&room, "!share resume").await;
    secret.scene.tradepost.stop().await;
    let refused = secret.scene.tradepost.types(&format!("restore {}", backup.display()));
    assert_eq!((refused.status, refused.err.contains("is not empty")), (23, true), "{}", refused.err);
    lose_everything(&secret.scene.tradepost);
    restore(&secret.scene.tradepost, &backup);
    secret.scene.tradepost.start().await;

    secret.joy.reads(&secret.office, "device").await;
    secret.scene.feed.is_asked_twice().await;
    secret.scene.publishes(4);
    let card = mary.reads(&room, "/p/4").await;
    assert!(card.is_from_cross_signed_device(), "{card:?}");
    assert_eq!(secret.cards_in(&mary, &room), [1, 2, 3, 4], "each once");
    let devices = secret.joy.devices_of(&bot).await;
    assert!(devices == [card.device().unwrap()] && devices[0] != "TRADEPOST", "{devices:?}");
    assert_eq!(secret.joy.master_key_of(&bot).await, identity);
    // What was found is known: its price is changed where it stands.
    secret.scene.feed.reprices(&link(3), "9.00 EUR");
    mary.reads(&room, "9.00").await;
    secret.does(&room, "!share pause").await;
    assert_eq!((secret.joy.cannot_read(), mary.cannot_read()), (vec![], vec![]));
    secret.nothing_in_the_clear(&[&room, &secret.office]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_its_key_of_a_stopped_service_needs_the_key_to_come_back() {
    let mut scene = Scene::new().await;
    let (_, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, &link(1)).await;
    scene.tradepost.has_encryption().await;
    scene.tradepost.stop().await;
    let backup = beside(&scene.tradepost, "backup");
    let ended = scene.tradepost.types(&format!("backup --without-key {}", backup.display()));
    assert_eq!((ended.status, ended.out.contains("The key file is not in it")), (0, true), "{}", ended.err);
    assert!(!backup.join("tradepost.key").exists() && backup.join("crypto/TRADEPOST").is_dir());
    let key = fs::read(scene.tradepost.key_file()).unwrap();
    lose_everything(&scene.tradepost);
    let refused = scene.tradepost.types(&format!("restore {}", backup.display()));
    assert_eq!((refused.status, refused.err.contains("without its key file")), (23, true), "{}", refused.err);
    fs::write(scene.tradepost.key_file(), key).unwrap();
    fs::set_permissions(scene.tradepost.key_file(), fs::Permissions::from_mode(0o600)).unwrap();
    restore(&scene.tradepost, &backup);

    // Nothing happened since, so the device is the same.
    scene.tradepost.start().await;
    scene.tradepost.has_encryption().await;
    scene.publishes(2);
    scene.mary.hears(&room, &link(2)).await;
    assert_eq!(scene.cards_in(&room).await, [1, 2]);
    assert!(beside(&scene.tradepost, "crypto").join("TRADEPOST").is_dir());
}

#[tokio::test(flavor = "multi_thread")]
async fn more_cards_than_make_a_digest_are_not_posted_again_after_a_restore() {
    let mut scene = Scene::with_config(toml::toml! { [delivery] digest_above = 3 }).await;
    let (_, room) = scene.sharing().await;
    let backup = back_up(&scene.tradepost, "backup");
    for number in 1..=6 {
        scene.publishes(number);
        scene.mary.hears(&room, &link(number)).await;
    }
    scene.tradepost.kill_9().await;
    lose_everything(&scene.tradepost);
    restore(&scene.tradepost, &backup);
    scene.tradepost.start().await;
    scene.publishes(7);
    scene.mary.hears(&room, &link(7)).await;
    assert_eq!(scene.cards_in(&room).await, [1, 2, 3, 4, 5, 6, 7]);
}
