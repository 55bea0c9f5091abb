//! The program is killed at every point at which something has just become durable, or has just happened
//! outside, and goes on as if nothing had been.

use super::Row;
use super::size;
use super::stage::Setting;
use super::stage::Story;
use super::stage::refused_command;
use crate::fakes::ebay::APP_KEY;
use crate::fakes::ebay::APP_SECRET;
use crate::fakes::ebay::FakeEbay;
use crate::fakes::ebay::RU_NAME;
use crate::fakes::ebay::SELLER;
use crate::support::Scene;
use crate::support::client::http_client;
use crate::support::element::Element;
use crate::support::element::Mode;
use crate::support::stage::link;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use strum::IntoEnumIterator;
use toml::Table;
use toml::toml;
use tradepost::faultpoint::Point;

/// Passed by what is polled, pushed and typed.
const DAILY: &[Point] = &[
    Point::TransactionReceived,
    Point::TransactionStored,
    Point::EventLeased,
    Point::EventDecided,
    Point::EventCommitted,
    Point::StoreMade,
    Point::StoreWritten,
    Point::StoreFlushed,
    Point::StoreSynced,
    Point::PollFetched,
    Point::PollCommitted,
    Point::PushRead,
    Point::PushStored,
    Point::OutboxFrozen,
    Point::OutboxSent,
    Point::OutboxSettled,
];
/// Passed where what is sent is encrypted.
const ENCRYPTED: &[Point] = &[
    Point::KeysCounted,
    Point::KeysWitnessed,
    Point::KeysGiven,
    Point::KeysEncrypted,
    Point::OutboxFrozen,
    Point::OutboxSent,
    Point::OutboxSettled,
];
/// Passed when the bot enters and declines rooms, and opens one.
const ROOMS: &[Point] = &[Point::RoomJoined, Point::RoomLeft, Point::RoomOpened, Point::RoomRecorded];
/// Passed when a platform is asked to send, and when what lets tradepost in there is renewed.
const PLATFORM: &[Point] = &[Point::SubscriptionMade, Point::SecretRenewed];

#[test]
fn every_point_is_visited() {
    let visited = [DAILY, ENCRYPTED, ROOMS, PLATFORM].concat();
    let missing: Vec<Point> = Point::iter().filter(|point| !visited.contains(point)).collect();
    assert_eq!(missing, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_commit_point() {
    let row = Row {
        test: "killed_at_each_commit_point",
        fault: "kill -9 at each of 16 points on the way of a poll, a push and a command",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    story.scene.adds_the_feed(&story.office).await;
    story.told_so_far().await;
    let mut commands = Vec::new();
    for times in 1..=u32::try_from(size(1, 2)).unwrap() {
        for point in DAILY {
            commands.extend(killed_at(&mut story, *point, times).await);
        }
    }
    story.are_answered_once(&commands).await;
    story.settles().await;
    let mut arrived = story.arrived().await;
    arrived.sort_unstable();
    row.ends(&story.sent, &arrived, "the answer to each command, once");
}

/// Kills the program at a point that is passed as pushes, items of a feed and commands come, and starts it
/// again: the commands.
async fn killed_at(story: &mut Story, point: Point, times: u32) -> Vec<String> {
    let next = story.sent.len() + 1;
    story.scene.tradepost.stop().await;
    story.scene.tradepost.start_to_die_at(point, times);
    let (mut commands, mut published) = (Vec::new(), 0);
    let pushed = async {
        for number in [next, next + 1] {
            story.market.pushes(number).await;
        }
    };
    let killed = async {
        // Some points are passed more seldom than others.
        while commands.is_empty() || !story.scene.tradepost.is_killed_within(Duration::from_secs(1)).await {
            assert!(published < 30, "{point:?} is passed less than {times} times");
            let number = next + 2 + published;
            story.scene.feed.publish(&format!("Teapot {number}"), "12.00 EUR", &link(number));
            commands.push(story.scene.joy.says(&story.office, &refused_command(number)).await);
            published += 1;
        }
        story.scene.tradepost.start().await;
    };
    tokio::join!(pushed, killed);
    story.sent.extend(next..next + 2 + published);
    story.settles().await;
    commands
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_encrypted_rooms() {
    let row =
        Row { test: "killed_in_encrypted_rooms", fault: "kill -9 at each of 7 points on the way into an encrypted room", hookshot: "" };
    let mut scene = Scene::new().await;
    let joy = Element::log_in(&scene.homeserver, &scene.joy.id, Mode::Strict).await;
    let mary = Element::log_in(&scene.homeserver, &scene.mary.id, Mode::Strict).await;
    let office = joy.opens_direct_room_with(&scene.bot()).await;
    joy.reads(&office, "add feed https://").await;
    let command = joy.says(&office, &format!("!share add feed {}", scene.feed.url())).await;
    joy.sees_reaction(&office, &command, "✅").await;
    joy.reads(&office, "as number").await;
    let room = joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;
    joy.invites(&room, &scene.bot()).await;
    joy.sees_membership(&room, &scene.bot(), "join").await;
    let command = joy.says(&room, "!share with here").await;
    joy.sees_reaction(&room, &command, "✅").await;
    joy.reads(&office, "gets your new offers").await;
    let told_before = joy.has_read(&office, &scene.bot()).len();
    let mut sent = Vec::new();
    for point in ENCRYPTED {
        scene.tradepost.stop().await;
        scene.tradepost.start_to_die_at(*point, 1);
        sent.push(sent.len() + 1);
        scene.publishes(sent.len());
        scene.tradepost.is_killed().await;
        scene.tradepost.start().await;
        mary.reads(&room, &link(sent.len())).await;
    }
    let seen = mary.has_seen(&room).into_iter().filter(|seen| seen.sender == scene.bot());
    let cards = seen.filter(|seen| !seen.content()["org.tradepost.trade"].is_null());
    let arrived: Vec<usize> = cards.filter_map(|card| card.body.rsplit_once("/p/")?.1.trim().parse().ok()).collect();
    assert_eq!((joy.cannot_read(), mary.cannot_read()), (vec![], vec![]));
    assert_eq!(joy.has_read(&office, &scene.bot()).len(), told_before);
    row.ends(&sent, &arrived, "nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_as_rooms_are_entered_and_left() {
    let row = Row {
        test: "killed_as_rooms_are_entered_and_left",
        fault: "kill -9 when a room has just been joined, declined, opened or recorded",
        hookshot: "",
    };
    let everybody = toml! {
        [permissions]
        "*" = "share"
    };
    let mut scene = Scene::with_config(everybody).await;
    let bot = scene.bot();
    // Joy has no room of her own with the bot, so that it opens one to answer her.
    let room = scene.direct_room().await;
    for point in [Point::RoomOpened, Point::RoomRecorded] {
        let friend = scene.person(&format!("friend-{}", <&str>::from(point).replace('.', "-"))).await;
        scene.tradepost.stop().await;
        scene.tradepost.start_to_die_at(point, 1);
        let theirs = friend.opens_direct_room_with(&scene.mary.id).await;
        scene.mary.joins(&theirs).await;
        friend.invites(&theirs, &bot).await;
        friend.says(&theirs, &format!("!share add feed {}", scene.feed.url())).await;
        scene.tradepost.is_killed().await;
        scene.tradepost.start().await;
        let mut answers = 0;
        let first = friend.is_invited_by(&bot).await;
        let mut rooms = vec![first];
        if point == Point::RoomOpened {
            rooms.push(friend.is_invited_by(&bot).await);
        }
        for theirs in &rooms {
            friend.joins(theirs).await;
        }
        for theirs in &rooms {
            answers += friend.has_read(theirs, &bot).await.len();
        }
        assert_eq!(answers, 1, "{point:?}");
    }
    scene.tradepost.stop().await;
    scene.tradepost.start_to_die_at(Point::RoomJoined, 1);
    let office = scene.joy.opens_direct_room_with(&bot).await;
    scene.tradepost.is_killed().await;
    scene.tradepost.start().await;
    scene.joy.hears(&office, "add feed https://").await;
    scene.adds_the_feed(&office).await;
    scene.shares_in(&room).await;
    scene.tradepost.stop().await;
    scene.tradepost.start_to_die_at(Point::RoomLeft, 1);
    let crowd = scene.joy.creates_room(json!({"preset": "public_chat", "invite": [bot]})).await;
    scene.tradepost.is_killed().await;
    scene.tradepost.start().await;
    let sent: Vec<usize> = (1..=3).collect();
    for number in &sent {
        scene.publishes(*number);
        scene.mary.hears(&room, &link(*number)).await;
    }
    let greeted = scene.joy.has_read(&office, &bot).await;
    assert_eq!(greeted.iter().filter(|body| body.contains("add feed https://")).count(), 1, "{greeted:?}");
    let of_bot = |event: &&Value| event["type"] == "m.room.member" && event["state_key"] == bot.as_str();
    let memberships = scene.joy.events(&crowd).await;
    let memberships: Vec<&Value> = memberships.iter().filter(of_bot).map(|event| &event["content"]["membership"]).collect();
    assert_eq!(memberships, ["invite", "leave"]);
    row.ends(&sent, &scene.cards_in(&room).await, "the greeting, once; each answer, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_as_a_platform_is_asked_to_send() {
    let row = Row {
        test: "killed_as_a_platform_is_asked_to_send",
        fault: "kill -9 when a platform has just been asked to send what happens",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    story.scene.does(&story.office, "remove 1").await;
    story.market.has_registered(0).await;
    story.scene.tradepost.stop().await;
    story.scene.tradepost.start_to_die_at(Point::SubscriptionMade, 1);
    story.scene.joy.says(&story.office, "add market joy456").await;
    story.scene.tradepost.is_killed().await;
    story.market.has_registered(1).await;
    story.scene.tradepost.start().await;
    story.scene.joy.hears(&story.office, "It counts as soon as you have confirmed").await;
    // What came of the first attempt is of no use to anybody: she confirms what she was told of.
    story.market.forgets_oldest();
    story.market.confirms().await;
    story.scene.joy.hears(&story.office, "is confirmed").await;
    story.told_so_far().await;
    story.sends(3).await;
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_as_a_secret_is_renewed() {
    let row =
        Row { test: "killed_as_a_secret_is_renewed", fault: "kill -9 when a secret has just been renewed at the platform", hookshot: "" };
    let ebay = FakeEbay::start().await;
    let url = ebay.wire.url();
    let mut section = Table::new();
    for (key, value) in [
        ("app_key", APP_KEY),
        ("app_secret", APP_SECRET),
        ("ru_name", RU_NAME),
        ("marketplace", "EBAY_DE"),
        ("address", url.as_str()),
        ("identity_address", url.as_str()),
        ("consent_address", url.as_str()),
    ] {
        section.insert(key.to_owned(), value.into());
    }
    section.insert("interval_seconds".to_owned(), 1.into());
    let mut story = Story::set(Setting { config: nested("platforms", "ebay", section), ..Setting::default() }).await;
    let joy = &story.scene.joy;
    story.scene.does(&story.office, &format!("add ebay {SELLER}")).await;
    joy.says(&story.office, "secret 3").await;
    let asked = joy.hears(&story.office, "state=").await;
    let body = asked["content"]["body"].as_str().unwrap();
    let state = body.split("state=").nth(1).unwrap().split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap();
    ebay.market().codes.push("once".to_owned());
    ebay.market().lasts_seconds = Some(600);
    story.scene.tradepost.stop().await;
    story.scene.tradepost.start_to_die_at(Point::SecretRenewed, 1);
    story.scene.tradepost.becomes_ready().await;
    let answer = http_client().get(format!("{}/consent/ebay?state={state}&code=once", story.market.to_program.url())).send().await;
    // It may be killed before it has answered.
    assert!(answer.as_ref().is_ok_and(|answer| answer.status().is_success()) || answer.is_err(), "{answer:?}");
    story.scene.tradepost.is_killed().await;
    let granted = ebay.market().granted;
    story.scene.tradepost.start().await;
    story.scene.joy.hears(&story.office, "works").await;
    story.told_so_far().await;
    for _ in 0..size(3, 10) {
        let number = story.sent.len() + 1;
        story.sent.push(number);
        ebay.market().offers(SELLER, &format!("Teapot {number}"), "12.00");
        story.settles().await;
    }
    assert!(ebay.market().granted > granted, "it is renewed again");
    story.ends(row, &[]).await;
}

/// A section of a section of a configuration.
fn nested(outer: &str, inner: &str, section: Table) -> Table {
    Table::from_iter([(outer.to_owned(), Table::from_iter([(inner.to_owned(), section.into())]).into())])
}
