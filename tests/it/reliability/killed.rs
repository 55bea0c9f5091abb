//! The program is killed at every point at which something has just become durable, or has just happened
//! outside, and goes on as if nothing had been.

use super::Row;
use super::size;
use super::stage::Story;
use crate::support::Scene;
use crate::support::element::Element;
use crate::support::element::Mode;
use crate::support::stage::link;
use serde_json::Value;
use serde_json::json;
use strum::IntoEnumIterator;
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
/// Passed when a platform is asked to send.
const PLATFORM: &[Point] = &[Point::SubscriptionMade];

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
        hookshot: "60 of 100 answered pushes delivered after one",
    };
    let mut story = Story::begins().await;
    story.scene.adds_the_feed(&story.office).await;
    story.told_so_far().await;
    let mut commands = Vec::new();
    for times in 1..=u32::try_from(size(1, 2)).unwrap() {
        for point in DAILY {
            commands.push(killed_at(&mut story, *point, times).await);
        }
    }
    story.are_answered_once(&commands).await;
    story.settles().await;
    let mut arrived = story.arrived().await;
    arrived.sort_unstable();
    row.ends(&story.sent, &arrived, "the answer to each command, once");
}

/// Kills the program at a point that two pushes, two items of a feed and a command pass, and starts it
/// again: the command, when it has been answered.
async fn killed_at(story: &mut Story, point: Point, times: u32) -> String {
    eprintln!("{point:?} {times}");
    let next = story.sent.len() + 1;
    story.sent.extend(next..next + 4);
    story.scene.tradepost.stop().await;
    story.scene.tradepost.start_to_die_at(point, times);
    story.scene.publishes(next);
    story.scene.publishes(next + 1);
    let command = story.asks(next..=next).await.remove(0);
    let tradepost = &mut story.scene.tradepost;
    tokio::join!(
        async {
            story.market.pushes(next + 2).await;
            story.market.pushes(next + 3).await;
        },
        async {
            tradepost.is_killed().await;
            tradepost.start().await;
        }
    );
    story.settles().await;
    command
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
    let told_before = joy.has_read(&office, &scene.bot()).len();
    let mut sent = Vec::new();
    for point in ENCRYPTED {
        eprintln!("{point:?}");
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
    let mut scene = Scene::new().await;
    let bot = scene.bot();
    // Joy has no room of her own with the bot, so that it opens one to answer her.
    let room = scene.direct_room().await;
    for point in [Point::RoomOpened, Point::RoomRecorded] {
        eprintln!("{point:?}");
        let friend = scene.person(&format!("friend-{}", <&str>::from(point).replace('.', "-"))).await;
        scene.tradepost.stop().await;
        scene.tradepost.start_to_die_at(point, 1);
        let theirs = friend.opens_direct_room_with(&scene.mary.id).await;
        scene.mary.joins(&theirs).await;
        friend.invites(&theirs, &bot).await;
        friend.says(&theirs, "!share help").await;
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
