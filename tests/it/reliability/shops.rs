//! Shops and platforms that fail, and clocks that jump.

use super::Row;
use super::size;
use super::stage::Setting;
use super::stage::Story;
use crate::fakes::wire;
use crate::fakes::woocommerce::Shop;
use crate::support::faulty::Fault;
use crate::support::faulty::Which;
use crate::support::feed::Answer;
use crate::support::stage::link;
use crate::support::user::moment;
use axum::http::StatusCode;
use jiff::SignedDuration;
use jiff::Timestamp;
use toml::toml;
use tradepost::clock::Clock;

impl Story {
    /// So many more items stand in the feed.
    fn publishes(&mut self, count: usize) {
        for _ in 0..count {
            let number = self.sent.len() + 1;
            self.sent.push(number);
            self.scene.publishes(number);
        }
    }

    /// Joy has the feed too.
    async fn has_feed(&mut self) {
        self.scene.adds_the_feed(&self.office).await;
        self.told_so_far().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn published_while_it_restarts() {
    let row = Row {
        test: "published_while_it_restarts",
        fault: "items published while it restarts, after SIGTERM and after kill -9",
        hookshot: "all lost (without Redis)",
    };
    let mut story = Story::begins().await;
    story.has_feed().await;
    for _ in 0..size(1, 5) {
        story.scene.tradepost.stop().await;
        story.publishes(3);
        story.scene.tradepost.start().await;
        story.settles().await;
        story.scene.tradepost.kill_9().await;
        story.publishes(3);
        story.scene.tradepost.start().await;
        story.settles().await;
    }
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hundred_in_one_poll() {
    let row = Row {
        test: "hundred_in_one_poll",
        fault: "100 new items in one poll, which become one digest or a few",
        hookshot: "100 messages in 156 ms, newest first",
    };
    let config = toml! {
        [delivery]
        digest_above = 10
    };
    let mut story = Story::set(Setting { config, ..Setting::default() }).await;
    story.has_feed().await;
    story.scene.feed.answers_with(Answer::Status(StatusCode::SERVICE_UNAVAILABLE));
    story.publishes(100);
    story.scene.feed.answers_with(Answer::Feed);
    story.settles().await;
    let events = story.scene.mary.events(&story.room).await;
    let messages = events.iter().filter(|event| event["sender"] == story.scene.bot() && event["type"] == "m.room.message");
    assert!(messages.count() < 10, "a few");
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shop_answers_garbage() {
    let row = Row {
        test: "shop_answers_garbage",
        fault: "a feed that answers with 500, with a page, with 429, and with a redirect to nowhere",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    story.has_feed().await;
    let nowhere = Answer::Redirect("http://127.0.0.1:9/".to_owned());
    for answer in [Answer::Status(StatusCode::INTERNAL_SERVER_ERROR), Answer::Html, Answer::TooMany(1), nowhere] {
        story.scene.feed.answers_with(answer);
        story.publishes(size(2, 10));
        let asked = story.scene.feed.requests();
        story.scene.feed.is_asked(asked + 1).await;
        story.scene.feed.answers_with(Answer::Feed);
        story.settles().await;
    }
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shop_fails_amid_paging() {
    let row =
        Row { test: "shop_fails_amid_paging", fault: "a shop whose second page fails with 500, breaks off, or is no JSON", hookshot: "" };
    let config = toml! {
        [platforms.woocommerce]
        interval_seconds = 1
    };
    let mut story = Story::set(Setting { config, ..Setting::default() }).await;
    let shop = Shop::open().await;
    shop.offers("Known before", 1_200);
    story.scene.does(&story.office, &format!("add woocommerce {}", shop.address())).await;
    story.scene.joy.hears(&story.office, "as number").await;
    story.told_so_far().await;
    for fault in [wire::Fault::Broken, wire::Fault::Truncated, wire::Fault::Malformed] {
        for at in [1, 2] {
            shop.wire.fails_after(at, fault);
        }
        for _ in 0..size(105, 130) {
            let number = story.sent.len() + 1;
            story.sent.push(number);
            shop.offers(&format!("Teapot {number}"), 1_200);
        }
        story.settles().await;
    }
    let mut arrived = story.arrived().await;
    arrived.sort_unstable();
    assert_eq!(story.told().await, Vec::<String>::new());
    row.ends(&story.sent, &arrived, "nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_repeated() {
    let row = Row {
        test: "webhooks_repeated",
        fault: "pushes sent twice, dropped before and after they were taken, and all of them once more at the end",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    for fault in [Fault::Twice, Fault::AnswerLost, Fault::Lost, Fault::nonsense(true, "<html>"), Fault::status(502, None)] {
        story.market.to_program.spoils(size(1, 10), Which::Everything, fault);
    }
    story.sends(size(10, 100)).await;
    story.settles().await;
    for number in story.sent.clone() {
        assert_eq!(story.market.pushes_once(number).await, Some(200));
    }
    story.ends(row, &[]).await;
}

/// By a clock that jumps: everything arrives at once, whatever it shows.
async fn jumps(row: Row, to: impl Fn(Timestamp) -> Timestamp) {
    let mut story = Story::with_own_clock().await;
    story.hurries = false;
    story.has_feed().await;
    story.sends(2).await;
    story.publishes(2);
    story.settles().await;
    // Something waits to be repeated as the clock jumps.
    story.to_homeserver.spoils(3, Which::Sends, Fault::Lost);
    story.sends(2).await;
    story.to_homeserver.has_spoilt(1).await;
    let clock = story.clock.clone().unwrap();
    clock.jumps_to(to(clock.now()));
    moment().await;
    story.sends(size(3, 20)).await;
    story.publishes(size(3, 20));
    let commands = story.asks(0..2).await;
    story.settles().await;
    story.are_answered_once(&commands).await;
    // What was known by the other clock is brought up to date too.
    let cards = story.scene.mary.events(&story.room).await;
    let card = cards.iter().find(|event| event["content"]["body"].as_str().is_some_and(|body| body.contains("Teapot 3"))).unwrap();
    story.scene.feed.reprices(&link(3), "10.00 EUR");
    story.scene.mary.sees_edit(&story.room, card["event_id"].as_str().unwrap(), "10.00").await;
    let mut arrived = story.arrived().await;
    arrived.sort_unstable();
    assert_eq!(story.told().await, Vec::<String>::new());
    row.ends(&story.sent, &arrived, "the answer to each command, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_set_forward() {
    let row = Row { test: "clock_set_forward", fault: "the clock jumps three days forward", hookshot: "" };
    jumps(row, |now| now + SignedDuration::from_hours(72)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_set_back() {
    let row = Row { test: "clock_set_back", fault: "the clock, which was three days ahead, is set right", hookshot: "" };
    jumps(row, |now| now - SignedDuration::from_hours(72)).await;
}
