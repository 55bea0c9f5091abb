//! `tradepost key rotate`: afterwards everything opens with the new key and nothing with the old one,
//! wherever it was interrupted.

use super::address_in;
use super::config;
use super::types;
use crate::fakes::woocommerce::KEY;
use crate::fakes::woocommerce::SECRET;
use crate::fakes::woocommerce::Shop;
use crate::store::patiently;
use crate::support::Scene;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;
use tradepost::rotation;
use tradepost::rotation::Resealed;
use tradepost::store::Named;
use tradepost::store::Store;
use tradepost::store::sled::SledStore;
use tradepost::vault::Key;

/// The words that rotate.
const ROTATE: [&str; 2] = ["key", "rotate"];

fn open(scene: &Scene) -> SledStore {
    patiently(|| SledStore::open(&scene.tradepost.data())).unwrap()
}

/// What `key` opens of what is sealed in the database.
async fn opened(scene: &Scene, key: &Key) -> Resealed {
    let store = open(scene);
    let found = rotation::survey(&store, key).await.unwrap();
    store.close().await.unwrap();
    found
}

fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

/// What is sealed still works: the device is the same, and the shop is read with the secret.
async fn works(scene: &mut Scene, shop: &Shop, (office, room): (&str, &str), title: &str) {
    scene.tradepost.start().await;
    scene.tradepost.has_encryption().await;
    shop.offers(title, 2_500);
    scene.joy.says(office, "now").await;
    scene.mary.hears(room, title).await;
    scene.tradepost.stop().await;
    let log = fs::read_to_string(scene.tradepost.log_path()).unwrap();
    assert!(!log.contains("sealed with another key") && !log.contains("lost or of another time"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_opens_with_the_new_key_wherever_it_was_interrupted_and_nothing_with_the_old_one() {
    let shop = Shop::open().await;
    shop.state().now = SystemClock.now();
    shop.state().permissions = "read_write";
    shop.offers("Old cup", 500);
    let mut scene = Scene::with_config(config()).await;
    scene.tradepost.has_encryption().await;
    let office = scene.joy.opens_direct_room_with(&scene.bot()).await;
    scene.joy.sees_membership(&office, &scene.bot(), "join").await;
    scene.joy.says(&office, &format!("add woocommerce {} {KEY} {SECRET}", shop.address())).await;
    scene.joy.hears(&office, "Added").await;
    scene.joy.says(&office, "push 1 by hand").await;
    address_in(&scene.joy.hears(&office, "/secret/").await, "/secret/");
    let room = scene.direct_room().await;
    scene.shares_in(&room).await;

    // While it runs nothing is touched.
    let file = scene.tradepost.key_file();
    let before = lines(&file);
    let (status, said) = types(&scene, &ROTATE);
    assert!(status == 12 && said.contains("in use") && said.contains("stop tradepost first"), "{status}: {said}");
    scene.tradepost.stop().await;
    let waits = pending(&scene).await;
    let old = Key::load(&file).unwrap();
    let found = opened(&scene, &old).await;
    assert_eq!((found.secrets, found.subscriptions, found.identity, found.pending), (1, 1, true, waits));

    // A dry run says what there is, and changes nothing.
    let (status, said) = types(&scene, &["key", "rotate", "--dry-run"]);
    assert!(status == 0 && said.contains("secrets of accounts: 1, subscriptions: 1, the bot's identity: 1"), "{status}: {said}");
    assert!(said.contains("databases of devices' keys: 1") && said.contains("Nothing has been changed."), "{said}");
    assert_eq!(lines(&file), before);

    // It ended when only the key file had been written.
    Key::begin_change(&file).unwrap();
    assert_eq!(lines(&file).len(), 2);
    works(&mut scene, &shop, (&office, &room), "Teapot after the first end").await;
    // It ended when the database was done, and the devices' keys were not.
    let store = open(&scene);
    rotation::reseal(&store, &Key::load(&file).unwrap()).await.unwrap();
    drop(store);
    works(&mut scene, &shop, (&office, &room), "Teapot after the second end").await;
    // It is run again.
    let new = lines(&file)[0].clone();
    let (status, said) = types(&scene, &ROTATE);
    assert!(status == 0 && said.contains("databases of devices' keys: 1"), "{status}: {said}");
    assert_eq!(lines(&file), [new]);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let key = Key::load(&file).unwrap();
    assert_eq!(opened(&scene, &key).await.unopened, Vec::<String>::new());
    let with_old = opened(&scene, &old).await;
    assert_eq!((with_old.secrets, with_old.subscriptions, with_old.identity, with_old.pending), (0, 0, false, 0));
    assert!(with_old.unopened.len() as u64 >= 3, "{with_old:?}");
    works(&mut scene, &shop, (&office, &room), "Teapot with another key").await;

    // Once more, in one go.
    let (status, said) = types(&scene, &ROTATE);
    assert!(status == 0 && said.contains("secrets of accounts: 1, subscriptions: 1, the bot's identity: 1"), "{status}: {said}");
    works(&mut scene, &shop, (&office, &room), "Teapot with a third key").await;

    // With the old key the devices' keys do not open either.
    fs::write(&file, before.join("\n")).unwrap();
    scene.tradepost.start().await;
    let ready = async || {
        let address = format!("{}/ready", scene.tradepost.address());
        crate::support::client::http_client().get(address).send().await.unwrap().text().await.unwrap()
    };
    while !ready().await.contains("does not work") {
        crate::support::user::moment().await;
    }
    assert!(ready().await.contains("cannot be opened with the key file"), "{}", ready().await);
}

/// How many events wait that are sealed: one is put there, as it is when tradepost ends at a bad moment.
async fn pending(scene: &Scene) -> u64 {
    let store = open(scene);
    let key = Key::load(&scene.tradepost.key_file()).unwrap();
    let id = tradepost::domain::ids::EventId::new("$late:example.org");
    let json = json!({"type": "m.room.message", "content": {"body": "hush"}}).to_string();
    let sealed = key.seal(&tradepost::domain::sealed::pending(&id), json.as_bytes()).unwrap();
    let room = tradepost::domain::ids::RoomId::new("!nowhere:example.org");
    store.take_events(vec![tradepost::store::PendingEvent { id, room, received_at: SystemClock.now(), json: sealed }]).await.unwrap();
    assert!(store.named(&Named::SealedSecrets).await.unwrap().is_some());
    let waits = store.pending_events().await.unwrap().len();
    store.close().await.unwrap();
    waits as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_not_changed_where_what_it_sealed_is_not_found() {
    let mut scene = Scene::new().await;
    scene.tradepost.has_encryption().await;
    scene.tradepost.stop().await;
    let file = scene.tradepost.key_file();
    let before = lines(&file);
    let refused = |scene: &Scene, status: i32, part: &str| {
        for words in [&ROTATE[..], &["key", "rotate", "--dry-run"]] {
            let (ended, said) = types(scene, words);
            assert!(ended == status && said.contains(part) && said.contains("hint: "), "{ended}: {said}");
        }
        assert_eq!(lines(&file), before);
    };
    for (what, status, part) in [("data", 12, "there is no database"), ("crypto", 12, "the devices' keys are not in")] {
        let (here, there) = (file.with_file_name(what), file.with_file_name("elsewhere"));
        fs::rename(&here, &there).unwrap();
        refused(&scene, status, part);
        let _ = fs::remove_dir_all(&here);
        fs::rename(&there, &here).unwrap();
    }
    let elsewhere = file.with_file_name("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    let (status, said) = types(&scene, &ROTATE);
    assert!(status == 20 && said.contains("tradepost.key is missing"), "{status}: {said}");
    assert!(!file.exists());
    fs::rename(&elsewhere, &file).unwrap();
    fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    refused(&scene, 20, "is open to others than its owner");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let (status, said) = types(&scene, &ROTATE);
    assert!(status == 0 && lines(&file) != before, "{status}: {said}");
}
