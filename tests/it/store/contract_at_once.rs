//! What every store promises of changes that are made at the same time.

use super::Place;
use super::contract_settings::put_sharer;
use super::contract_settings::put_source;
use super::values::card;
use super::values::cards_in;
use super::values::event;
use super::values::once;
use super::values::queue;
use super::values::sharer;
use super::values::source;
use super::values::source_id;
use super::values::user;
use futures_util::future::join_all;
use tradepost::domain::sharer::Sharer;
use tradepost::store::Commit;

pub(crate) async fn of_changes_at_once_based_on_the_same_state_one_wins(place: &impl Place) {
    let store = place.open().await;
    let commits = (0..16).map(|number| {
        let commit = Commit {
            sharers: vec![sharer("joy", &[&number.to_string()], &[])],
            sources: vec![source(&number.to_string())],
            ..Commit::default()
        };
        store.commit(commit)
    });
    let outcomes = join_all(commits).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let joy = store.sharer(&user("joy")).await.unwrap().unwrap();
    let totals = store.totals().await.unwrap();
    assert_eq!((joy.version, totals.sharers, totals.sources), (1, 1, 1));

    let queued = (0..16).map(|_| queue(&*store, vec![once(card("den", "tea"), "tea")]));
    join_all(queued).await;
    let taken = (0..16).map(|_| store.take_events(vec![event("den", "hello")]));
    let taken: usize = join_all(taken).await.into_iter().map(Result::unwrap).sum();
    assert_eq!((cards_in(&*store, "den").await.len(), taken), (1, 1));
}

pub(crate) async fn a_change_sees_those_that_are_written_together_with_it(place: &impl Place) {
    let store = place.open().await;
    for round in 0..16 {
        let name = round.to_string();
        let follow = put_sharer(&*store, sharer(&name, &[&name], &[]));
        // The first keeps the writer busy, so that the others are written together.
        let (busy, followed, kept) = tokio::join!(store.take_events(Vec::new()), follow, put_source(&*store, source(&name)));
        assert_eq!((busy.is_ok(), followed.is_ok(), kept.is_ok()), (true, true, true));
        assert!(store.source(&source_id(&name)).await.unwrap().is_some());

        // She leaves and comes back: her source is gone, and what finds her is not.
        let left = put_sharer(&*store, Sharer { version: 1, ..sharer(&name, &[], &[]) });
        let back = put_sharer(&*store, Sharer { version: 2, ..sharer(&name, &[&name], &[]) });
        let (_, left, back) = tokio::join!(store.take_events(Vec::new()), left, back);
        assert_eq!((left.is_ok(), back.is_ok()), (true, true));
        assert_eq!(store.source(&source_id(&name)).await.unwrap(), None);
        assert_eq!(store.followers(&source_id(&name)).await.unwrap().len(), 1);
    }
}

pub(crate) async fn a_source_goes_when_its_last_followers_leave_at_once(place: &impl Place) {
    let store = place.open().await;
    let users = ["ann", "joy", "mary", "zoe"];
    for user in users {
        put_sharer(&*store, sharer(user, &["shop"], &[])).await.unwrap();
    }
    put_source(&*store, source("shop")).await.unwrap();
    let leave = |user: &str| put_sharer(&*store, Sharer { version: 1, ..sharer(user, &[], &[]) });
    let left = join_all(users.map(leave)).await;
    assert!(left.iter().all(Result::is_ok));
    assert_eq!(store.source(&source_id("shop")).await.unwrap(), None);
}
