//! A homeserver that is away, is restarted, or does not know the program any more.

use super::Row;
use super::size;
use super::stage::Story;
use crate::support::faulty::ALWAYS;
use crate::support::faulty::Fault;
use crate::support::faulty::Which;
use crate::support::user::moment;
use jiff::SignedDuration;
use tradepost::cli::exit::ExitStatus;
use tradepost::clock::Clock;

#[tokio::test(flavor = "multi_thread")]
async fn away_for_a_day() {
    let row = Row { test: "away_for_a_day", fault: "homeserver unreachable for a day", hookshot: "lost for ever after 65 s" };
    let mut story = Story::with_own_clock().await;
    story.sends(2).await;
    story.settles().await;
    // The first of it is accepted, and nobody learns of that before the homeserver has forgotten it.
    story.to_program.spoils(ALWAYS, Which::Transactions, Fault::status(503, None));
    story.to_homeserver.spoils(1, Which::Sends, Fault::AnswerLost);
    story.sends(1).await;
    story.to_homeserver.has_spoilt(1).await;
    story.to_homeserver.goes_away();
    story.sends(size(5, 30)).await;
    let clock = story.clock.clone().unwrap();
    for _ in 0..25 {
        clock.set(clock.now() + SignedDuration::from_hours(1));
        moment().await;
    }
    story.to_homeserver.works_again();
    story.settles().await;
    story.to_program.works_again();
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn away_at_the_start() {
    let row = Row { test: "away_at_the_start", fault: "homeserver unreachable at the start", hookshot: "" };
    let mut story = Story::begins().await;
    story.scene.tradepost.stop().await;
    story.to_homeserver.goes_away();
    story.scene.tradepost.begins();
    story.sends(size(5, 30)).await;
    story.to_homeserver.works_again();
    story.scene.tradepost.becomes_ready().await;
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restarted_before_the_repeat() {
    let row = Row { test: "restarted_before_the_repeat", fault: "homeserver restarted between a send and its repeat", hookshot: "doubled" };
    let mut story = Story::with_own_homeserver().await;
    for _ in 0..size(1, 3) {
        // What it pushes would settle the delivery without a repeat.
        story.to_program.spoils(ALWAYS, Which::Transactions, Fault::status(503, None));
        let spoilt = story.to_homeserver.counts().spoilt;
        story.to_homeserver.spoils(1, Which::Sends, Fault::AnswerLost);
        story.sends(size(2, 5)).await;
        story.to_homeserver.has_spoilt(spoilt + 1).await;
        story.to_homeserver.goes_away();
        story.scene.homeserver.restart().await;
        story.to_homeserver.works_again();
        story.settles().await;
        story.to_program.works_again();
    }
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_between() {
    let row = Row { test: "killed_in_between", fault: "kill -9 of the homeserver while cards are sent", hookshot: "" };
    let mut story = Story::with_own_homeserver().await;
    for _ in 0..size(1, 3) {
        story.sends(size(5, 20)).await;
        story.scene.homeserver.kill_9().await;
        story.sends(size(5, 20)).await;
        story.scene.homeserver.start_again().await;
    }
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn token_rotated() {
    let row = Row {
        test: "token_rotated",
        fault: "appservice tokens changed; the program ends with status 15, and goes on with the new ones",
        hookshot: "goes on running (its issue 1082)",
    };
    let mut story = Story::with_own_homeserver().await;
    story.sends(2).await;
    story.settles().await;
    let rotated = story.scene.homeserver.rotates_tokens(story.scene.tradepost.registration());
    story.to_homeserver.goes_away();
    story.sends(size(5, 30)).await;
    story.scene.homeserver.restart().await;
    story.to_homeserver.works_again();
    let (status, log) = story.scene.tradepost.ends().await;
    assert_eq!(status.code(), Some(i32::from(ExitStatus::TokenRefused as u8)), "{log}");
    story.scene.tradepost.takes_tokens(rotated);
    story.scene.tradepost.start().await;
    story.ends(row, &[]).await;
}
