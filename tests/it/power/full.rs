//! The disk is full, or does not take what is synced.

use super::Stall;
use crate::support::disk::Unsynced;
use crate::support::user::moment;
use tradepost::cli::exit::ExitStatus;

/// From now on nothing is written but what is sent.
async fn rests(stall: &Stall) {
    while stall.scene.tradepost.metric("tradepost_deliveries_waiting").await != Some(0.0) {
        moment().await;
    }
    stall.scene.feed.holds();
    stall.scene.feed.is_asked(stall.scene.feed.requests() + 1).await;
}

/// Trades are sent until one is not taken; its status and when it may come again.
async fn sends_until_refused(stall: &mut Stall, from: usize) -> (usize, u16, Option<u64>) {
    let mut number = from;
    loop {
        let answer = stall.answer_to(number).await;
        let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap();
        if status != 200 {
            stall.scene.feed.goes_on();
            return (number, status, answer["retry_after"].as_u64());
        }
        stall.taken.insert(number);
        number += 1;
    }
}

/// It ends with the status of the database, and says `why`.
async fn ends(stall: &mut Stall, why: &str) {
    let (status, log) = stall.scene.tradepost.ends().await;
    assert_eq!(status.code(), Some(ExitStatus::Database as i32), "{log}");
    assert!(log.contains(why), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_what_is_sent_and_loses_nothing() {
    let mut stall = Stall::open().await;
    let mut next = 1_000;
    for room in [50_000, 7, 4_096] {
        rests(&stall).await;
        stall.disk.has_room_for(room);
        let (refused, status, retry_after) = sends_until_refused(&mut stall, next).await;
        // Where a card was to be recorded before, nobody is there any more.
        assert!(matches!((status, retry_after), (503, Some(5)) | (0, None)), "{status} {retry_after:?}");
        ends(&mut stall, "the disk is full").await;
        // As long as there is no room it does not start, and says why.
        let (status, log) = stall.scene.tradepost.refuses_to_run().await;
        assert_eq!(status.code(), Some(ExitStatus::Database as i32), "{log}");
        stall.disk.works_again();
        stall.scene.tradepost.start().await;
        stall.repeats(&[refused]).await;
        next = refused + 1;
    }
    stall.all_have_come_once(1_000..next).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_cannot_sync_ends_it_before_anything_is_promised() {
    let mut stall = Stall::open().await;
    let mut next = 1_000;
    for unsynced in [Unsynced::Lost, Unsynced::Some(7)] {
        for number in next..next + 3 {
            stall.repeats(&[number]).await;
        }
        rests(&stall).await;
        stall.disk.syncs_nothing();
        let (refused, status, retry_after) = sends_until_refused(&mut stall, next + 3).await;
        assert_eq!((refused, status, retry_after), (next + 3, 503, Some(5)));
        ends(&mut stall, "could not be written").await;
        // What a failed sync leaves is not known: it may be as if the power had failed.
        stall.disk.works_again();
        stall.loses_power(unsynced).await;
        stall.repeats(&[refused]).await;
        next = refused + 1;
    }
    stall.all_have_come_once(1_000..next).await;
}
