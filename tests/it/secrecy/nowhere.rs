//! Secrets of all kinds, each given in every way there is, are looked for wherever something stands: in
//! every byte of the databases, in the log of everything, in the metrics, and in the rooms.

use super::address_in;
use super::config;
use super::submits;
use super::types;
use crate::fakes::woocommerce::KEY;
use crate::fakes::woocommerce::SECRET;
use crate::fakes::woocommerce::Shop;
use crate::support::Scene;
use crate::support::client::http_client;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;
use url::form_urlencoded;

/// Of an account that is not accepted.
const WRONG: &str = "cs_wr0ng\"quoted\\and-wr0ng";
/// In a command that is not understood.
const MISUNDERSTOOD: &str = "shpat_misunderst00d";
/// Where the other one reads along.
const OPENLY: &str = "cs_typed-0penly";
/// Of a platform that sends by itself.
const PARTNER: &str = "whsec_cGFydG5lci1rZXktb2YtdGhlLXRlc3RzLXBhcnRuZXI=";

/// How a secret may stand somewhere: as it is, as JSON or in an address, and by base64 wherever in three
/// bytes it begins.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let json = serde_json::to_string(secret).unwrap();
    let twice = serde_json::to_string(&json).unwrap();
    let mut forms = vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        twice[3..twice.len() - 3].to_owned(),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        hex::encode(secret),
    ];
    for before in 0..3 {
        let bytes = [&b"xx"[..before], secret.as_bytes()].concat();
        // Only what no neighbour changes.
        let (from, to) = ([0, 2, 3][before], bytes.len() / 3 * 4);
        forms.extend([BASE64_STANDARD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(&bytes)].map(|text| text[from..to].to_owned()));
    }
    forms.into_iter().map(String::into_bytes).collect()
}

/// Which of the secrets stand in something.
fn found<'a>(secrets: &'a BTreeMap<&'static str, String>, bytes: &[u8]) -> Vec<&'a str> {
    let stands = |form: &Vec<u8>| bytes.windows(form.len()).any(|window| window == form.as_slice());
    secrets.iter().filter(|(_, secret)| forms(secret).iter().any(stands)).map(|(name, _)| *name).collect()
}

/// Every file below a directory.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    all
}

/// What stands between two pieces of a page.
fn shown(page: &str) -> Vec<String> {
    page.split("<code translate=\"no\">").skip(1).map(|rest| rest.split("</code>").next().unwrap().to_owned()).collect()
}

#[test]
fn a_secret_is_found_in_whatever_form_it_stands() {
    let secrets = BTreeMap::from([("it", "cs_\"s3cret\\word".to_owned())]);
    let secret = &secrets["it"];
    for before in ["", "a", "ab", "abc"] {
        let near = format!("{before}{secret}zz");
        for text in [near.clone(), json!(near).to_string(), json!(json!(near).to_string()).to_string(), BASE64_STANDARD.encode(&near)] {
            assert_eq!(found(&secrets, text.as_bytes()), ["it"], "{text}");
        }
    }
    assert!(found(&secrets, b"cs_s3cret").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn no_secret_stands_anywhere_in_the_clear() {
    let shop = Shop::open().await;
    shop.state().now = SystemClock.now();
    shop.offers("Old cup", 500);
    shop.state().permissions = "read";
    let mut changes = config();
    let platforms = changes["platforms"].as_table_mut().unwrap();
    let partner = format!("key = \"{PARTNER}\"\nregistration_url = \"http://127.0.0.1:9/register\"");
    platforms.insert(
        "partners".to_owned(),
        toml::Table::from_iter([("bazaar".to_owned(), partner.parse::<toml::Table>().unwrap().into())]).into(),
    );
    let mut scene = Scene::with_config(changes).await;
    scene.tradepost.has_encryption().await;
    let joy = &scene.joy;
    let office = joy.opens_direct_room_with(&scene.bot()).await;
    joy.sees_membership(&office, &scene.bot(), "join").await;
    let room = scene.direct_room().await;

    // Typed: wrong, right, and not understood.
    let wrong = joy.says(&office, &format!("add woocommerce {} {KEY} {WRONG}", shop.address())).await;
    joy.sees_redaction(&office, &wrong).await;
    let right = joy.says(&office, &format!("add woocommerce {} {KEY} {SECRET}", shop.address())).await;
    joy.hears(&office, "Added").await;
    joy.sees_redaction(&office, &right).await;
    let misunderstood = joy.says(&office, &format!("secrt 1 {MISUNDERSTOOD}")).await;
    joy.sees_redaction(&office, &misunderstood).await;

    // Typed where Mary reads along and the bot may take nothing away: she is told, and gives a new one.
    let openly = joy.says(&room, &format!("!share secret 1 {KEY} {OPENLY}")).await;
    let told = joy.hears(&office, "I am not allowed to delete the message there").await;
    let page = address_in(&told, "/secret/");
    let (status, said) = submits(&page, &[("name", KEY), ("secret", WRONG)]).await;
    assert!(status == 422 && !said.contains("wr0ng"), "{status} {said}");
    let (status, said) = submits(&page, &[("name", KEY), ("secret", SECRET)]).await;
    assert!(status == 200, "{status} {said}");
    joy.hears(&office, "works").await;
    assert_eq!(submits(&page, &[("name", KEY), ("secret", SECRET)]).await.0, 410);
    joy.redacts(&room, &openly).await;

    // Consent at the shop, after which it sends by itself with a secret of its own.
    joy.says(&office, "push 1").await;
    let consent = address_in(&joy.hears(&office, "I need the right").await, "/wc-auth/");
    let query = |name: &str| consent.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    shop.state().permissions = "read_write";
    let keys =
        json!({"key_id": 1, "user_id": query("user_id"), "consumer_key": KEY, "consumer_secret": SECRET, "key_permissions": "read_write"});
    let answer = http_client().post(query("callback_url")).header("content-type", "application/json").body(keys.to_string());
    assert_eq!(answer.send().await.unwrap().status().as_u16(), 200);
    joy.hears(&office, "sends new items by itself now").await;
    let webhook = shop.state().webhooks.values().next().unwrap().secret.clone();

    // The same set up by hand: shown on a page, once.
    joy.says(&office, "push 1 by hand").await;
    let page = address_in(&joy.hears(&office, "make a webhook for each").await, "/secret/");
    let (status, said) = submits(&page, &[]).await;
    let by_hand = shown(&said);
    assert!(status == 200 && by_hand.len() == 2, "{status} {said}");
    assert_eq!(submits(&page, &[]).await.0, 410);
    shop.makes_webhook("product.created", &by_hand[0], &by_hand[1]);

    let metrics = scene.tradepost.metrics().await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", scene.tradepost.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "no core dump is written: {core}");
    scene.tradepost.stop().await;
    let former_key = fs::read_to_string(scene.tradepost.key_file()).unwrap().trim().to_owned();
    let (status, said) = types(&scene, &["key", "rotate"]);
    assert_eq!(status, 0, "{said}");
    let key = fs::read_to_string(scene.tradepost.key_file()).unwrap().trim().to_owned();
    scene.tradepost.start().await;
    scene.tradepost.has_encryption().await;
    shop.offers("Teapot", 2_500);
    scene.shares_in(&room).await;
    scene.tradepost.stop().await;

    let token = |name: &str| {
        let config: toml::Table = fs::read_to_string(scene.tradepost.config_path()).unwrap().parse().unwrap();
        config["appservice"][name].as_str().unwrap().to_owned()
    };
    let secrets: BTreeMap<&str, String> = [
        ("the account's secret", SECRET.to_owned()),
        ("the account's key", KEY.to_owned()),
        ("a wrong secret", WRONG.to_owned()),
        ("what was not understood", MISUNDERSTOOD.to_owned()),
        ("what was typed openly", OPENLY.to_owned()),
        ("a webhook's secret", webhook),
        ("the secret of a webhook made by hand", by_hand[1].clone()),
        ("the address of a webhook made by hand", by_hand[0].rsplit('/').next().unwrap().to_owned()),
        ("a partner's key", PARTNER.to_owned()),
        ("the as_token", token("as_token")),
        ("the hs_token", token("hs_token")),
        ("the key file", key),
        ("the former key file", former_key),
    ]
    .into();
    let directory = scene.tradepost.data().parent().unwrap().to_owned();
    let (data, crypto) = (files(&scene.tradepost.data()), files(&directory.join("crypto")));
    let shop_host = shop.address().clone();
    assert!(
        data.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(shop_host.trim_end_matches('/'))),
        "what is looked for would be found"
    );
    assert!(crypto.iter().any(|(name, _)| name.ends_with(".sqlite3")), "{crypto:?}");
    for (name, bytes) in data.into_iter().chain(crypto) {
        assert_eq!(found(&secrets, &bytes), Vec::<&str>::new(), "{name}");
    }
    let log = fs::read(scene.tradepost.log_path()).unwrap();
    assert!(String::from_utf8_lossy(&log).contains("TRACE") || String::from_utf8_lossy(&log).contains("DEBUG"), "the log has everything");
    assert_eq!(found(&secrets, &log), Vec::<&str>::new(), "the log");
    assert_eq!(found(&secrets, metrics.as_bytes()), Vec::<&str>::new(), "the metrics");
    for (name, room) in [("her own room", &office), ("the direct room", &room)] {
        let events: Vec<Value> = joy.events(room).await;
        assert!(!events.is_empty());
        assert_eq!(found(&secrets, &serde_json::to_vec(&events).unwrap()), Vec::<&str>::new(), "{name}");
    }
}
