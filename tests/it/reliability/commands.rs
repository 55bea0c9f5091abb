//! What goes wrong on the way from the homeserver to the program.

use super::Row;
use super::size;
use super::stage::Story;
use crate::support::faulty::ALWAYS;
use crate::support::faulty::Fault;
use crate::support::faulty::Which;

#[tokio::test(flavor = "multi_thread")]
async fn transactions_twice() {
    let row = Row { test: "transactions_twice", fault: "every transaction delivered twice", hookshot: "" };
    let mut story = Story::begins().await;
    story.to_program.spoils(ALWAYS, Which::Transactions, Fault::Twice);
    let commands = story.asks(0..size(3, 10)).await;
    story.sends(size(5, 30)).await;
    story.settles().await;
    story.are_answered_once(&commands).await;
    story.ends_answered(row).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_out_of_order() {
    let row = Row { test: "transactions_out_of_order", fault: "transactions that overtake each other", hookshot: "" };
    let mut story = Story::begins().await;
    let mut commands = Vec::new();
    for round in 0..size(2, 6) {
        let spoilt = story.to_program.counts().spoilt;
        story.to_program.spoils(1, Which::Transactions, Fault::Overtaken);
        commands.extend(story.asks(2 * round..=2 * round).await);
        story.to_program.has_spoilt(spoilt + 1).await;
        commands.extend(story.asks(2 * round + 1..=2 * round + 1).await);
        story.sends(3).await;
        story.settles().await;
    }
    story.are_answered_once(&commands).await;
    story.ends_answered(row).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_spoilt() {
    let row = Row {
        test: "transactions_spoilt",
        fault: "transactions dropped before and after they were taken, and answered with 502",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    for fault in [Fault::AnswerLost, Fault::Lost, Fault::status(502, None)] {
        story.to_program.spoils(1, Which::Transactions, fault);
    }
    let commands = story.asks(0..size(3, 10)).await;
    story.sends(size(5, 30)).await;
    story.settles().await;
    story.are_answered_once(&commands).await;
    story.ends_answered(row).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn down_while_the_homeserver_queues() {
    let row = Row {
        test: "down_while_the_homeserver_queues",
        fault: "tradepost down while commands are typed, and pushes are repeated by the platform",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    story.sends(2).await;
    story.settles().await;
    story.scene.tradepost.stop().await;
    let commands = story.asks(0..size(3, 10)).await;
    let next = story.sent.len() + 1;
    let numbers: Vec<usize> = (next..next + size(5, 30)).collect();
    story.sent.extend(&numbers);
    let Story { market, scene, .. } = &mut story;
    tokio::join!(
        async {
            for number in &numbers {
                market.pushes(*number).await;
            }
        },
        async {
            crate::support::user::moment().await;
            scene.tradepost.start().await;
        }
    );
    story.settles().await;
    story.are_answered_once(&commands).await;
    story.ends_answered(row).await;
}
