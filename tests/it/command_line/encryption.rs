//! What `tradepost check` finds out about encryption.

use super::Ended;
use super::Homeserver;
use super::Site;
use super::answer;
use super::assert_found;
use super::check;
use super::port_of;
use super::serve;
use crate::support::Scene;
use axum::Router;
use axum::routing::any;
use axum::routing::get;
use serde_json::Value;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use tradepost::vault::Key;

const BOT: &str = "@tradepost:example.org";

/// What a homeserver answers about keys where all is well.
fn keys() -> Value {
    let signed_by = |key: &str| json!({BOT: {format!("ed25519:{key}"): "signature"}});
    json!({
        "device_keys": {BOT: {"TRADEPOST": {"keys": {"ed25519:TRADEPOST": "device"}, "signatures": signed_by("self_signing")}}},
        "master_keys": {BOT: {"keys": {"ed25519:master": "master"}}},
        "self_signing_keys": {BOT: {"keys": {"ed25519:self_signing": "self_signing"}, "signatures": signed_by("master")}},
    })
}

/// A homeserver that has the bot's device.
fn with_device(keys: &Value) -> Homeserver {
    let mut homeserver = Homeserver::good();
    homeserver.device.extend([
        ("account_data/org.tradepost.device", 200, json!({"device": "TRADEPOST", "starts": 1})),
        ("keys/query", 200, keys.clone()),
        ("v3/devices/TRADEPOST", 200, json!({"device_id": "TRADEPOST"})),
    ]);
    homeserver
}

/// The files that a tradepost has made which ran.
fn has_run(site: &Site) {
    std::fs::create_dir_all(site.path("crypto/TRADEPOST")).unwrap();
    site.write("crypto/TRADEPOST/keys", "");
    Key::load_or_make(&site.path("tradepost.key")).unwrap();
}

/// Checks a site where tradepost has run, after `spoil` changed something.
async fn check_device(homeserver: Homeserver, spoil: impl FnOnce(&Site)) -> Ended {
    check(homeserver, |site| {
        has_run(site);
        spoil(site);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_there_and_cross_signed_is_well() {
    let ended = check_device(with_device(&keys()), |_| ()).await;
    assert_eq!(ended.status, 0, "{}", ended.out);
    for line in [
        "✅ the key file tradepost.key can be used",
        "✅ the devices' keys can be written in crypto",
        "✅ the bot's device TRADEPOST is there, with its keys",
        "✅ the bot's device is cross-signed",
        "✅ the keys of that device are in crypto/TRADEPOST",
        "✅ the homeserver answers when the bot asks what was sent to its device",
    ] {
        assert!(ended.out.contains(line), "{line} is missing in {}", ended.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_start_nothing_is_wrong_and_nothing_is_made() {
    let ended = check(Homeserver::good(), |_| ()).await;
    assert_eq!(ended.status, 0, "{}", ended.out);
    for line in ["the key file tradepost.key is made", "for the devices' keys is made", "the bot's device gets its keys"] {
        assert!(ended.out.contains(line) && ended.out.contains("at the first start"), "{line} is missing in {}", ended.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_that_is_off_is_told_and_not_examined() {
    let ended =
        check(with_device(&json!({})), |site| site.replace("config.toml", "[homeserver]", "encryption.allow = false\n[homeserver]")).await;
    assert_eq!(ended.status, 0, "{}", ended.out);
    assert!(ended.out.contains("✅ encryption is off: the bot stays out of encrypted rooms"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_gone_or_has_no_keys_or_lacks_a_signature_is_told_apart() {
    let without = |path: &str| {
        let mut keys = keys();
        *keys.pointer_mut(path).unwrap() = json!({});
        keys
    };
    let device = "/device_keys/@tradepost:example.org";
    for (keys, what) in [
        (without(device), "TRADEPOST has uploaded no keys"),
        (without(&format!("{device}/TRADEPOST/signatures")), "the bot's device is not cross-signed"),
        (without("/master_keys"), "the bot has no cross-signing keys"),
        (without("/self_signing_keys"), "the bot has no cross-signing keys"),
        (without("/self_signing_keys/@tradepost:example.org/signatures"), "the bot's self-signing key is not signed"),
    ] {
        assert_found(&check_device(with_device(&keys), |_| ()).await, 20, what);
    }
    let mut homeserver = with_device(&without(device));
    homeserver.device.retain(|(path, _, _)| *path != "v3/devices/TRADEPOST");
    assert_found(&check_device(homeserver, |_| ()).await, 20, "TRADEPOST is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_cannot_ask_for_what_was_sent_to_it_is_told() {
    let mut homeserver = with_device(&keys());
    homeserver.device.insert(0, ("v3/sync", 500, json!({"errcode": "M_UNKNOWN", "error": "Internal server error"})));
    assert_found(&check_device(homeserver, |_| ()).await, 20, "cannot ask what was sent to its device: M_UNKNOWN (500)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_is_missing_or_open_and_keys_that_are_elsewhere_are_told() {
    let missing = |site: &Site| std::fs::remove_file(site.path("tradepost.key")).unwrap();
    assert_found(&check_device(with_device(&keys()), missing).await, 20, "the key file tradepost.key is missing");

    let open = |site: &Site| std::fs::set_permissions(site.path("tradepost.key"), PermissionsExt::from_mode(0o644)).unwrap();
    assert_found(&check_device(with_device(&keys()), open).await, 20, "is open to others than its owner (mode 0644)");

    let elsewhere = |site: &Site| std::fs::rename(site.path("crypto/TRADEPOST"), site.path("crypto/OTHER")).unwrap();
    assert_found(&check_device(with_device(&keys()), elsewhere).await, 20, "are not in crypto/TRADEPOST");

    let no_directory = |site: &Site| {
        std::fs::remove_dir_all(site.path("crypto")).unwrap();
        site.write("crypto", "a file");
    };
    let ended = check_device(with_device(&keys()), no_directory).await;
    assert_eq!(ended.status, 20);
    assert!(ended.out.contains("❌ the devices' keys cannot be written in crypto"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_tradepost_says_itself_that_its_encryption_does_not_work() {
    let refuses = any(async || answer(401, &json!({"errcode": "M_MISSING_TOKEN", "error": "no token"})));
    let ready = get(async || "ready\nencryption: does not work, and what is for encrypted rooms waits: no space left\n");
    let port = port_of(&serve(Router::new().route("/ready", ready).fallback(refuses)).await);
    let mut homeserver = with_device(&keys());
    homeserver.ping = super::Ping::Answers(200, json!({"duration_ms": 1}));
    let site = Site::new();
    site.set_up(&homeserver.start(port).await, port);
    has_run(&site);
    let ended = tokio::task::block_in_place(|| site.type_line("check"));
    assert_found(&ended, 20, "what is for encrypted rooms waits: no space left");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_real_homeserver_all_is_well_and_nothing_is_asked_in_a_persons_name() {
    let mut scene = Scene::with_config(toml::toml! { double_puppet.id = "double-puppet" }).await;
    scene.tradepost.has_encryption().await;
    let config = scene.tradepost.config_path();
    let check = || {
        let site = Site::new();
        for options in ["", " --double-puppet"] {
            assert_eq!(site.type_line(&format!("registration -c {}{options}", config.display())).status, 0);
        }
        site.type_line(&format!("check -c {}", config.display()))
    };
    let ended = tokio::task::block_in_place(check);
    assert_eq!(ended.status, 0, "{}", ended.out);
    for line in [
        "that tradepost says: encryption is ready",
        "is there, with its keys",
        "is cross-signed",
        "when the bot asks",
        "knows the second registration",
        "has no url",
    ] {
        assert!(ended.out.lines().any(|said| said.starts_with('✅') && said.contains(line)), "{line} is missing in {}", ended.out);
    }
    assert!(!ended.out.contains(['❌', '⚠']), "{}", ended.out);
    // Synapse's log has each request with its address, which names whoever an appservice acts as.
    let log = scene.homeserver.log();
    let asked = |user: &str| log.contains(&format!("user_id={}", user.replace('@', "%40").replace(':', "%3A")));
    assert!(asked(&scene.bot()) && !asked(&scene.joy.id) && !asked(&scene.mary.id));

    scene.tradepost.stop().await;
    std::fs::remove_file(scene.tradepost.key_file()).unwrap();
    let ended = tokio::task::block_in_place(check);
    assert_eq!(ended.status, 20, "{}", ended.out);
    assert!(ended.out.contains("tradepost.key is missing"), "{}", ended.out);
}

#[tokio::test]
async fn a_key_file_that_is_lost_for_good_is_replaced_as_the_documentation_says() {
    let mut scene = Scene::new().await;
    scene.tradepost.has_encryption().await;
    scene.tradepost.stop().await;
    let key = scene.tradepost.key_file();
    std::fs::remove_file(&key).unwrap();
    let (status, log) = scene.tradepost.refuses_to_run().await;
    assert_eq!(status.code(), Some(20), "{log}");
    assert!(log.contains("tradepost.key is missing") && !key.exists(), "{log}");

    std::fs::remove_dir_all(key.with_file_name("crypto")).unwrap();
    Key::load_or_make(&key).unwrap();
    scene.tradepost.start().await;
    scene.tradepost.has_encryption().await;
    let log = std::fs::read_to_string(scene.tradepost.log_path()).unwrap();
    assert!(log.contains("the bot's identity was sealed with another key"), "{log}");
}
