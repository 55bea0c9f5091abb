//! The bot's encryption is broken for a while: who must know it hears of it.

use super::stage::Secret;
use crate::support::Scene;
use crate::support::clock::soon;
use crate::support::element::Mode;
use crate::support::shifted::ShiftedClock;
use jiff::SignedDuration;
use std::fs;
use std::sync::Arc;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_the_broken_bot_cannot_read_is_answered_by_a_lock_and_done_once_it_is_mended() {
    let mut secret = Secret::new(Scene::new().await, Mode::Normal).await;
    let keys = secret.scene.tradepost.config_path().with_file_name("crypto").join("TRADEPOST");
    let aside = keys.with_file_name("aside");
    secret.scene.tradepost.stop().await;
    fs::rename(&keys, &aside).unwrap();
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("matrix-sdk-crypto.sqlite3"), "this is no database, and long enough to be seen as none").unwrap();
    let start = SystemClock.now();
    let clock = Arc::new(ShiftedClock::at(start));
    secret.scene.tradepost.start_here(Arc::<ShiftedClock>::clone(&clock)).await;

    let command = secret.joy.says(&secret.office, "version").await;
    let is_kept = async {
        while secret.scene.tradepost.metric("tradepost_parked_events").await != Some(1.0) {
            tokio::task::yield_now().await;
        }
    };
    soon("a parked command", is_kept).await;
    clock.set(start + SignedDuration::from_mins(2));
    secret.joy.sees_reaction(&secret.office, &command, "🔒").await;

    fs::remove_dir_all(&keys).unwrap();
    fs::rename(&aside, &keys).unwrap();
    clock.set(start + SignedDuration::from_mins(3));
    let part = env!("CARGO_PKG_VERSION");
    let is_answer = |seen: &serde_json::Value| {
        let content = &seen["content"];
        content["m.relates_to"]["m.in_reply_to"]["event_id"] == command.as_str() && content["body"].to_string().contains(part)
    };
    let answer = secret.joy.sees(&secret.office, "the version", is_answer).await;
    assert!(answer.is_encrypted(), "{answer:?}");
    secret.nothing_in_the_clear(&[&secret.office]).await;
}
