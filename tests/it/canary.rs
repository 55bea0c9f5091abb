//! Nothing about a person whom a shop names is seen anywhere: in the answers of all shops, and in what they
//! send, every personal field holds the same word, and that word is looked for wherever something stands.

mod log;
mod pushed;
mod shops;

use crate::fakes::CANARY;
use crate::fakes::wire::Fault;
use crate::store::values::room_id;
use crate::support::trading::Trading;
use log::Log;
use shops::Shop;
use shops::all;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tradepost::domain::sharer::Account;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::Platforms;
use tradepost::telemetry;

/// Adapters without a fake here: "feed" reads what is there for everybody and has no personal fields, and
/// partners are none before the operator names one; what they may send has no such fields, and
/// `tests/platforms/partner` sees that anything else is refused.
const WITHOUT_PERSONAL_FIELDS: [&str; 1] = ["feed"];

/// The ways in which a shop fails.
const FAULTS: [Fault; 4] = [Fault::Broken, Fault::Malformed, Fault::Truncated, Fault::TooMany(60)];

/// At how many requests of one poll a shop fails, one after the other.
const REQUESTS: usize = 4;

#[tokio::test]
async fn nothing_personal_that_shops_say_is_seen_anywhere() {
    let log = Log::kept();
    let shops = all().await;
    let mut settings = PlatformSettings::default();
    for shop in &shops {
        shop.set_up(&mut settings);
    }
    let every: BTreeSet<String> = Platforms::all(&settings, true).iter().map(|platform| platform.descriptor().id.to_string()).collect();
    let tested: BTreeSet<String> = shops.iter().map(|shop| shop.platform().to_owned()).collect();
    let without: BTreeSet<String> = WITHOUT_PERSONAL_FIELDS.map(str::to_owned).into();
    assert_eq!(tested, every.difference(&without).cloned().collect(), "every adapter has its fake here");

    let mut trading = Trading::at(&settings).await;
    trading.sending.start();
    let mut accounts = Vec::new();
    for shop in &shops {
        shop.lives_at(trading.now());
        accounts.push(trading.adds(shop.platform(), &shop.typed(), shop.credentials().as_ref()).await);
    }
    trading.sending.clock.advance(Duration::from_mins(1));
    for (shop, account) in shops.iter().zip(&accounts) {
        something_happens(&trading, shop.as_ref(), account).await;
    }
    pushed::to_woocommerce(&trading, &shops).await;
    pushed::to_shopify(&trading, &shops).await;
    for (shop, account) in shops.iter().zip(&accounts) {
        it_fails(&trading, shop.as_ref(), account).await;
    }

    trading.sending.drain(&[room_id("mary")]).await;
    trading.sending.stop().await;
    let heard = trading.sending.homeserver.requests();
    assert!(heard.iter().any(|request| request.body.contains("Teapot")), "what is looked for would be found");
    let leaks: Vec<_> = heard.iter().filter(|request| format!("{request:?}").contains(CANARY)).collect();
    assert!(leaks.is_empty(), "in rooms: {leaks:#?}");
    let metrics = telemetry::encode();
    assert!(metrics.contains("tradepost_polls_total"), "{metrics}");
    assert!(!metrics.contains(CANARY), "in metrics: {metrics}");
    trading.store().close().await.unwrap();
    let (found, leaks) = (files_with("Teapot", trading.sending.directory()), files_with(CANARY, trading.sending.directory()));
    assert!(!found.is_empty(), "what is looked for would be found");
    assert!(leaks.is_empty(), "in the database: {leaks:?}");
    let lines = log.lines();
    assert!(lines.contains("tradepost::") && lines.contains("a source could not be read"), "what is looked for would be found");
    let leaks: Vec<&str> = lines.lines().filter(|line| line.contains(CANARY)).collect();
    assert!(leaks.is_empty(), "in the log: {leaks:#?}");
    for secret in shops.iter().filter_map(|shop| shop.credentials()) {
        for word in secret.secret.expose().split_whitespace().filter(|word| word.len() >= 8) {
            assert!(!lines.contains(word), "a secret in the log: {word}");
            assert!(files_with(word, trading.sending.directory()).is_empty(), "a secret in the database: {word}");
            assert!(!heard.iter().any(|request| request.body.contains(word)), "a secret in a room: {word}");
        }
    }
}

/// What comes up at a shop after it was added reaches Mary.
async fn something_happens(trading: &Trading, shop: &dyn Shop, account: &Account) {
    let before = teapots(trading);
    shop.lives_at(trading.now());
    shop.trades();
    trading.polls(account).await;
    // A purchase waits until she has been told of it herself.
    trading.sending.drain(&[room_id("mary")]).await;
    let after = teapots(trading);
    assert!(after > before, "{} has no card with a teapot; {:?}", shop.platform(), trading.source(account).await.failure);
}

/// How many cards show a teapot to Mary.
fn teapots(trading: &Trading) -> usize {
    trading.sending.bodies_to("mary").iter().filter(|body| body.contains("Teapot")).count()
}

/// A shop fails in every way, at each of the first requests of a poll.
async fn it_fails(trading: &Trading, shop: &dyn Shop, account: &Account) {
    for fault in FAULTS {
        let mut failed = 0;
        for request in 0..REQUESTS {
            shop.wire().fails_after(request, fault);
            let source = trading.source(account).await;
            match trading.intake().fetch(&source, trading.now()).await {
                Ok(_) => shop.wire().heals(),
                Err(error) => {
                    failed += 1;
                    let said = format!("{error:?} {error} {:?}", error.problem);
                    assert!(!said.contains(CANARY), "{}: {said}", shop.platform());
                }
            }
            shop.wire().fails_after(request, fault);
            trading.polls(account).await;
            shop.wire().heals();
        }
        assert!(failed > 0, "{} does not fail when it is {fault:?}", shop.platform());
    }
    let source = trading.source(account).await;
    assert!(!format!("{source:?}").contains(CANARY), "{}", shop.platform());
}

/// The files below a directory in which something stands.
fn files_with(text: &str, directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(text, &path));
        } else if fs::read(&path).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}
