//! What goes wrong while cards are sent.

use super::Row;
use super::size;
use super::stage::Story;
use crate::support::faulty::ALWAYS;
use crate::support::faulty::Fault;
use crate::support::faulty::Which;
use std::time::Duration;

/// Plays a story of so many pushes in which the next `times` sends after a third of them are spoilt, by
/// a clock that runs ahead while nothing happens.
async fn spoilt(row: Row, pushes: usize, faults: &[(usize, Fault)]) {
    let mut story = Story::with_own_clock().await;
    story.sends(pushes / 3).await;
    for (times, fault) in faults {
        story.to_homeserver.spoils(*times, Which::Sends, fault.clone());
    }
    story.sends(pushes - pushes / 3).await;
    let times: usize = faults.iter().map(|(times, _)| times).sum();
    story.settles().await;
    assert_eq!(story.to_homeserver.counts().spoilt, times, "all of it happened");
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_503() {
    let row = Row { test: "fifty_503", fault: "50 × 503 during 300 pushes", hookshot: "250 of 300 delivered" };
    spoilt(row, size(30, 300), &[(size(10, 50), Fault::status(503, None))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_429() {
    let row = Row { test: "fifty_429", fault: "50 × 429 during 300 pushes", hookshot: "250 of 300 delivered" };
    spoilt(row, size(30, 300), &[(size(10, 50), Fault::status(429, None))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_429_with_retry_after() {
    let row = Row { test: "fifty_429_with_retry_after", fault: "the same, each with Retry-After of a minute", hookshot: "" };
    spoilt(row, size(30, 300), &[(size(10, 50), Fault::status(429, Some(60)))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_answers_lost() {
    let row = Row {
        test: "twenty_answers_lost",
        fault: "20 answers dropped after the homeserver had accepted the event",
        hookshot: "20 doubled when the sender repeats",
    };
    // The homeserver pushes what it has accepted, which settles it without a repeat: so that is held back.
    let mut story = Story::with_own_clock().await;
    story.to_program.spoils(ALWAYS, Which::Transactions, Fault::status(503, None));
    story.to_homeserver.spoils(size(5, 20), Which::Sends, Fault::AnswerLost);
    story.sends(size(10, 40)).await;
    story.settles().await;
    story.to_homeserver.has_spoilt(size(5, 20)).await;
    story.to_program.works_again();
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_dropped() {
    let row = Row { test: "connections_dropped", fault: "20 connections dropped before the homeserver had the event", hookshot: "" };
    spoilt(row, size(10, 60), &[(size(5, 20), Fault::Lost)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_errors() {
    let row = Row {
        test: "proxy_errors",
        fault: "500, 502, 504, 408 and a proxy's 404 without an errcode, before and after the event was accepted",
        hookshot: "",
    };
    let says = |passed_on, status| Fault::Says { passed_on, status, retry_after: None, body: "<html>Bad gateway</html>" };
    let statuses = [500, 502, 504, 408, 404];
    let faults: Vec<(usize, Fault)> =
        statuses.into_iter().flat_map(|status| [(size(1, 3), says(false, status)), (size(1, 3), says(true, status))]).collect();
    spoilt(row, size(15, 90), &faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_none() {
    let row = Row {
        test: "answers_that_are_none",
        fault: "200 with HTML, with other JSON, with half of it, with nothing; before and after the event was accepted",
        hookshot: "",
    };
    let bodies = ["<html>Welcome to our network</html>", r#"{"hello":1}"#, r#"{"event_id":"$ab"#, "", "[]", r#"{"event_id":7}"#];
    let nonsense = |body| [(size(1, 3), Fault::nonsense(false, body)), (size(1, 3), Fault::nonsense(true, body))];
    let faults: Vec<(usize, Fault)> = bodies.into_iter().flat_map(nonsense).collect();
    spoilt(row, size(15, 90), &faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_answers() {
    let row = Row { test: "slow_answers", fault: "answers a second late, and answers that trickle", hookshot: "" };
    let mut story = Story::begins().await;
    let late = Fault::Late(Duration::from_secs(1));
    let trickling = Fault::Trickles(20, Duration::from_millis(100));
    for fault in [late, trickling] {
        story.to_homeserver.spoils(size(1, 5), Which::Sends, fault);
    }
    story.sends(size(6, 30)).await;
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_room_refuses() {
    let row = Row { test: "one_room_refuses", fault: "403 from one room, until it is mended", hookshot: "lost for ever" };
    let mut story = Story::with_own_clock().await;
    let (anna, hers) = story.shares_with("anna").await;
    story.told_so_far().await;
    let refusal = Fault::Says { passed_on: false, status: 403, retry_after: None, body: r#"{"errcode":"M_FORBIDDEN","error":"no"}"# };
    story.to_homeserver.spoils(ALWAYS, Which::SendsInto(story.room.clone()), refusal);
    story.sends(size(5, 30)).await;
    // The others are unaffected.
    while story.arrived_at(&anna, &hers).await != story.sent {
        crate::support::user::moment().await;
    }
    assert!(story.arrived().await.is_empty());
    story.scene.joy.hears(&story.office, "does not let me post").await;
    story.to_homeserver.works_again();
    story.settles().await;
    assert_eq!(story.arrived_at(&anna, &hers).await, story.sent);
    story.ends(row, &[("does not let me post", "that the room refuses, once")]).await;
}
