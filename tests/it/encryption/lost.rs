//! The keys of the bot's device lost, or brought back from another time: it gets a new one.

use super::stage::Secret;
use crate::support::Scene;
use crate::support::element::Element;
use crate::support::element::Mode;
use crate::support::tradepost::Tradepost;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

fn keys(tradepost: &Tradepost) -> PathBuf {
    tradepost.config_path().with_file_name("crypto")
}

fn key_file(tradepost: &Tradepost) -> PathBuf {
    tradepost.config_path().with_file_name("tradepost.key")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).map(|_| ()).unwrap();
        }
    }
}

/// Joy and Mary have got a first card.
async fn sharing() -> (Secret, Element, String) {
    let secret = Secret::with_feed(Scene::new().await, Mode::Normal).await;
    let mary = secret.mary(Mode::Strict).await;
    let room = secret.shares_with(&mary).await;
    secret.scene.publishes(1);
    mary.reads(&room, "/p/1").await;
    (secret, mary, room)
}

/// The bot has another device, signed by the identity with this key, and talks on.
async fn goes_on(secret: &Secret, mary: &Element, room: &str, identity: Option<String>) {
    let bot = secret.scene.bot();
    secret.scene.publishes(2);
    let card = mary.reads(room, "/p/2").await;
    assert!(card.is_from_cross_signed_device(), "{card:?}");
    let devices = secret.joy.devices_of(&bot).await;
    assert_eq!(devices, [card.device().unwrap()]);
    assert!(devices[0].starts_with("TRADEPOST") && devices[0] != "TRADEPOST", "{devices:?}");
    assert_eq!(secret.joy.master_key_of(&bot).await, identity);
    secret.does(room, "!share pause").await;
    secret.joy.takes_a_new_room_key(room).await;
    secret.does(room, "!share resume").await;
    assert_eq!((secret.joy.cannot_read(), mary.cannot_read()), (vec![], vec![]));
    secret.nothing_in_the_clear(&[room, &secret.office]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_keys_make_a_new_device_of_the_same_identity() {
    let (mut secret, mary, room) = sharing().await;
    let identity = secret.joy.master_key_of(&secret.scene.bot()).await;
    secret.scene.tradepost.stop().await;
    fs::remove_dir_all(keys(&secret.scene.tradepost)).unwrap();
    secret.scene.tradepost.start().await;
    secret.joy.reads(&secret.office, "device").await;
    goes_on(&secret, &mary, &room, identity).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_backup_of_the_keys_is_not_used() {
    let (mut secret, mary, room) = sharing().await;
    let identity = secret.joy.master_key_of(&secret.scene.bot()).await;
    let keys = keys(&secret.scene.tradepost);
    let backup = keys.with_file_name("backup");
    secret.scene.tradepost.stop().await;
    copy(&keys, &backup);
    secret.scene.tradepost.start().await;
    secret.does(&room, "!share resume").await;
    secret.scene.tradepost.stop().await;
    fs::remove_dir_all(&keys).unwrap();
    copy(&backup, &keys);
    secret.scene.tradepost.start().await;
    secret.joy.reads(&secret.office, "device").await;
    goes_on(&secret, &mary, &room, identity).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_from_before_the_last_key_was_given_is_not_used() {
    let (mut secret, mary, room) = sharing().await;
    let identity = secret.joy.master_key_of(&secret.scene.bot()).await;
    let keys = keys(&secret.scene.tradepost);
    let backup = keys.with_file_name("backup");
    copy(&keys, &backup);
    // Keys for one who was not there yet.
    let other = Element::log_in(&secret.scene.homeserver, &secret.scene.person("zoe").await.id, Mode::Normal).await;
    secret.shares_with(&other).await;
    secret.scene.tradepost.kill_9().await;
    fs::remove_dir_all(&keys).unwrap();
    copy(&backup, &keys);
    secret.scene.tradepost.start().await;
    secret.joy.reads(&secret.office, "device").await;
    goes_on(&secret, &mary, &room, identity).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_file_nothing_starts_and_with_another_the_identity_is_new() {
    let (mut secret, mary, room) = sharing().await;
    let bot = secret.scene.bot();
    let identity = secret.joy.master_key_of(&bot).await;
    let tradepost = &mut secret.scene.tradepost;
    tradepost.stop().await;
    fs::remove_dir_all(keys(tradepost)).unwrap();
    let key_file = key_file(tradepost);
    let key = fs::read_to_string(&key_file).unwrap();
    fs::remove_file(&key_file).unwrap();
    let (status, log) = tradepost.refuses_to_run().await;
    assert!(!status.success() && log.contains("key file") && log.contains("backup"), "{status} {log}");

    // Another key: the first two letters exchanged for others.
    let other = if key.starts_with("AB") { key.replacen("AB", "CD", 1) } else { format!("AB{}", &key[2..]) };
    write_private(&key_file, &other);
    secret.scene.tradepost.start().await;
    secret.joy.reads(&secret.office, "device").await;
    let new = secret.joy.master_key_of(&bot).await;
    assert!(new.is_some() && new != identity);
    goes_on(&secret, &mary, &room, new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_an_administrator_deletes_is_replaced() {
    let (secret, mary, room) = sharing().await;
    let bot = secret.scene.bot();
    let identity = secret.joy.master_key_of(&bot).await;
    secret.scene.homeserver.deletes_device(&bot, "TRADEPOST").await;
    // The first thing that is sent after it finds out.
    secret.joy.says(&secret.office, "version").await;
    secret.joy.reads(&secret.office, "device").await;
    goes_on(&secret, &mary, &room, identity).await;
}

fn write_private(path: &Path, text: &str) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
