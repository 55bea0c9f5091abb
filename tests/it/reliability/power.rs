//! The power fails, the disk is full, or it does not take what is synced.

use super::Row;
use super::size;
use super::stage::Story;
use crate::support::Scene;
use crate::support::disk::Disk;
use crate::support::disk::Unsynced;
use crate::support::element::Element;
use crate::support::element::Mode;
use crate::support::stage::link;
use crate::support::synapse::Homeserver;
use toml::Table;
use tradepost::cli::exit::ExitStatus;

/// Puts the program of a story onto a disk that can fail.
async fn on_a_disk(story: &mut Story) -> Disk {
    let tradepost = &mut story.scene.tradepost;
    tradepost.stop().await;
    let disk = Disk::under(tradepost.directory());
    tradepost.finds(disk.environment());
    tradepost.start().await;
    disk
}

/// Every other time nothing of what was not synced is there, else some of it.
const fn unsynced(round: usize) -> Unsynced {
    if round.is_multiple_of(2) { Unsynced::Lost } else { Unsynced::Some(round as u64) }
}

/// Sends until something is not taken; then the program ends, and says why.
async fn sends_until_it_ends(story: &mut Story, why: &str) {
    loop {
        let number = story.sent.len() + 1;
        match story.market.pushes_once(number).await {
            Some(200) => story.sent.push(number),
            // Or nobody is there any more, since something else was to be written before.
            refused => {
                assert!(matches!(refused, Some(503) | None), "{refused:?}");
                break;
            }
        }
    }
    let (status, log) = story.scene.tradepost.ends().await;
    assert_eq!(status.code(), Some(i32::from(ExitStatus::Database as u8)), "{log}");
    assert!(log.contains(why), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn power_lost() {
    let row =
        Row { test: "power_lost", fault: "power lost while cards are sent; of what was not synced nothing or some is there", hookshot: "" };
    let mut story = Story::begins().await;
    let mut disk = on_a_disk(&mut story).await;
    let mut commands = Vec::new();
    for round in 0..size(2, 10) {
        commands.extend(story.asks(round..=round).await);
        story.sends(size(4, 10)).await;
        story.scene.tradepost.kill_9().await;
        disk.loses_power(unsynced(round));
        story.scene.tradepost.start().await;
    }
    story.settles().await;
    story.are_answered_once(&commands).await;
    story.ends_answered(row).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn power_lost_in_encrypted_rooms() {
    let row = Row { test: "power_lost_in_encrypted_rooms", fault: "the same in encrypted rooms, keys included", hookshot: "" };
    let mut scene = Scene::set(Homeserver::shared().await, Table::new()).await;
    let mut disk = Disk::under(scene.tradepost.directory());
    scene.tradepost.finds(disk.environment());
    scene.tradepost.start().await;
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
    let mut sent = Vec::new();
    for round in 0..size(3, 8) {
        sent.push(sent.len() + 1);
        scene.publishes(sent.len());
        // Just after it has been sent, or somewhere on the way.
        let is_sent = round % 3 != 1;
        if is_sent {
            mary.reads(&room, &link(sent.len())).await;
        } else {
            scene.feed.is_asked_twice().await;
        }
        scene.tradepost.kill_9().await;
        disk.loses_power(unsynced(round));
        scene.tradepost.start().await;
        if !is_sent {
            mary.reads(&room, &link(sent.len())).await;
        }
    }
    sent.push(sent.len() + 1);
    scene.publishes(sent.len());
    mary.reads(&room, &link(sent.len())).await;
    let seen = mary.has_seen(&room).into_iter().filter(|seen| seen.sender == scene.bot());
    let cards = seen.filter(|seen| !seen.content()["org.tradepost.trade"].is_null());
    let arrived: Vec<usize> = cards.filter_map(|card| card.body.rsplit_once("/p/")?.1.trim().parse().ok()).collect();
    assert_eq!((joy.cannot_read(), mary.cannot_read()), (vec![], vec![]));
    row.ends(&sent, &arrived, "nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn disk_full() {
    let row = Row {
        test: "disk_full",
        fault: "disk full; pushes are answered with 503, the program ends with status 12, and goes on when there is room",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    let disk = on_a_disk(&mut story).await;
    for round in 0..size(2, 5) {
        story.sends(size(2, 10)).await;
        disk.has_room_for([30_000, 7, 513, 4_096, 100_000][round]);
        sends_until_it_ends(&mut story, "the disk is full").await;
        disk.works_again();
        story.scene.tradepost.start().await;
    }
    story.ends(row, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_fails() {
    let row = Row {
        test: "sync_fails",
        fault: "the disk answers a sync with an error, and what was not synced is lost; the same as when it is full",
        hookshot: "",
    };
    let mut story = Story::begins().await;
    let mut disk = on_a_disk(&mut story).await;
    for round in 0..size(2, 5) {
        story.sends(size(2, 10)).await;
        disk.syncs_nothing();
        sends_until_it_ends(&mut story, "could not be written").await;
        disk.works_again();
        disk.loses_power(unsynced(round));
        story.scene.tradepost.start().await;
    }
    story.ends(row, &[]).await;
}
