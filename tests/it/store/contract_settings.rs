//! What every store promises of sharers, sources, items, trades and rooms.

use super::Place;
use super::values::at;
use super::values::card;
use super::values::cards_in;
use super::values::event;
use super::values::item;
use super::values::queue;
use super::values::room;
use super::values::room_id;
use super::values::sharer;
use super::values::source;
use super::values::source_id;
use super::values::trade;
use super::values::user;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::room::Room;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Source;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::StoreError;
use tradepost::store::Totals;

pub(crate) async fn put_sharer(store: &dyn Store, sharer: Sharer) -> tradepost::store::Result<()> {
    let sharers = vec![sharer];
    store.commit(Commit { sharers, ..Commit::default() }).await
}

pub(crate) async fn put_source(store: &dyn Store, source: Source) -> tradepost::store::Result<()> {
    let sources = vec![source];
    store.commit(Commit { sources, ..Commit::default() }).await
}

pub(crate) async fn put_room(store: &dyn Store, room: Room) {
    let rooms = vec![room];
    let commit = Commit { rooms, ..Commit::default() };
    store.commit(commit).await.unwrap();
}

/// Joy follows `sources`, each due at the beginning and with an item.
async fn joy_follows(store: &dyn Store, sources: &[&str]) {
    let commit = Commit {
        sharers: vec![sharer("joy", sources, &[])],
        sources: sources.iter().map(|name| source(name)).collect(),
        items: sources.iter().map(|name| item(name, "1")).collect(),
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
}

fn ids(sharers: &[Sharer]) -> Vec<&str> {
    sharers.iter().map(|sharer| sharer.id.as_str()).collect()
}

pub(crate) async fn a_commit_is_there_after_a_restart(place: &impl Place) {
    let store = place.open().await;
    let commit = Commit {
        sharers: vec![sharer("joy", &["shop"], &["den"])],
        sources: vec![source("shop")],
        items: vec![item("shop", "1")],
        trades: vec![trade("shop", "1")],
        rooms: vec![room("den", &["joy", "mary"])],
        deliveries: vec![card("den", "tea")],
        ..Commit::default()
    };
    store.commit(commit.clone()).await.unwrap();
    let store = place.reopen(store).await;
    let joy = store.sharer(&user("joy")).await.unwrap().unwrap();
    assert_eq!(joy, Sharer { version: 1, ..commit.sharers[0].clone() });
    let shop = store.source(&source_id("shop")).await.unwrap().unwrap();
    assert_eq!(shop, Source { version: 1, ..commit.sources[0].clone() });
    assert_eq!(store.items(&shop.id, &[ExternalId::new("1")]).await.unwrap(), commit.items);
    assert_eq!(store.trade(&commit.trades[0].id()).await.unwrap().as_ref(), commit.trades.first());
    let den = store.room(&room_id("den")).await.unwrap().unwrap();
    assert_eq!(den, Room { version: 1, ..commit.rooms[0].clone() });
    assert_eq!(cards_in(&*store, "den").await, ["tea"]);
}

pub(crate) async fn a_sharer_based_on_an_old_version_is_a_conflict_and_nothing_is_applied(place: &impl Place) {
    let store = place.open().await;
    put_sharer(&*store, sharer("joy", &[], &[])).await.unwrap();
    for version in [0, 2] {
        let stale = Sharer { version, paused: true, ..sharer("joy", &["shop"], &["den"]) };
        let commit = Commit {
            sharers: vec![sharer("ann", &[], &[]), stale],
            rooms: vec![room("den", &["joy"])],
            deliveries: vec![card("den", "tea")],
            ..Commit::default()
        };
        assert!(matches!(store.commit(commit).await, Err(StoreError::Conflict)));
    }
    assert_eq!(store.sharer(&user("ann")).await.unwrap(), None);
    assert_eq!(store.sharer(&user("joy")).await.unwrap().unwrap().version, 1);
    assert!(store.sharers_in(&room_id("den")).await.unwrap().is_empty());
    assert_eq!(store.room(&room_id("den")).await.unwrap(), None);
    assert!(cards_in(&*store, "den").await.is_empty());
    let never_stored = Sharer { version: 1, ..sharer("ann", &[], &[]) };
    assert!(matches!(put_sharer(&*store, never_stored).await, Err(StoreError::Conflict)));
}

pub(crate) async fn a_source_based_on_an_old_version_is_a_conflict_and_nothing_is_applied(place: &impl Place) {
    let store = place.open().await;
    joy_follows(&*store, &["shop"]).await;
    let stale = Source { next_poll_at: at(600), ..source("shop") };
    let commit = Commit { sources: vec![stale], trades: vec![trade("shop", "2")], items: vec![item("shop", "2")], ..Commit::default() };
    assert!(matches!(store.commit(commit).await, Err(StoreError::Conflict)));
    assert_eq!(store.source(&source_id("shop")).await.unwrap().unwrap().version, 1);
    assert_eq!(store.next_poll_at().await.unwrap(), Some(at(0)));
    assert_eq!(store.trade(&trade("shop", "2").id()).await.unwrap(), None);
    assert!(store.items(&source_id("shop"), &[ExternalId::new("2")]).await.unwrap().is_empty());
}

pub(crate) async fn the_same_sharer_twice_in_a_commit_is_a_conflict(place: &impl Place) {
    let store = place.open().await;
    let commit = Commit { sharers: vec![sharer("joy", &[], &[]), sharer("joy", &["shop"], &[])], ..Commit::default() };
    assert!(matches!(store.commit(commit).await, Err(StoreError::Conflict)));
    assert_eq!(store.sharer(&user("joy")).await.unwrap(), None);
}

pub(crate) async fn followers_and_sharers_in_a_room_follow_the_changes_of_a_sharer(place: &impl Place) {
    let store = place.open().await;
    put_sharer(&*store, sharer("joy", &["shop", "farm"], &["den"])).await.unwrap();
    put_sharer(&*store, sharer("ann", &["shop"], &["den", "hall"])).await.unwrap();
    let followers = store.followers(&source_id("shop")).await.unwrap();
    assert_eq!(ids(&followers), ["@ann:a.example", "@joy:a.example"]);
    assert_eq!(ids(&store.sharers_in(&room_id("den")).await.unwrap()), ["@ann:a.example", "@joy:a.example"]);

    let changed = Sharer { version: 1, ..sharer("ann", &["farm"], &["hall"]) };
    put_sharer(&*store, changed).await.unwrap();
    let store = place.reopen(store).await;
    assert_eq!(ids(&store.followers(&source_id("shop")).await.unwrap()), ["@joy:a.example"]);
    assert_eq!(ids(&store.followers(&source_id("farm")).await.unwrap()), ["@ann:a.example", "@joy:a.example"]);
    assert_eq!(ids(&store.sharers_in(&room_id("den")).await.unwrap()), ["@joy:a.example"]);
    assert_eq!(ids(&store.sharers_in(&room_id("hall")).await.unwrap()), ["@ann:a.example"]);
    // A name that begins like another is another.
    assert!(store.followers(&source_id("sho")).await.unwrap().is_empty());
}

pub(crate) async fn rooms_of_a_user_follow_their_members(place: &impl Place) {
    let store = place.open().await;
    put_room(&*store, room("den", &["joy", "mary"])).await;
    put_room(&*store, room("hall", &["joy"])).await;
    let stored = |version, room: Room| Room { version, ..room };
    let rooms = store.rooms_of(&user("joy")).await.unwrap();
    assert_eq!(rooms, [stored(1, room("den", &["joy", "mary"])), stored(1, room("hall", &["joy"]))]);
    put_room(&*store, stored(1, room("den", &["mary"]))).await;
    assert_eq!(store.rooms_of(&user("joy")).await.unwrap(), [stored(1, room("hall", &["joy"]))]);
    assert_eq!(store.rooms_of(&user("mary")).await.unwrap(), [stored(2, room("den", &["mary"]))]);
}

pub(crate) async fn a_room_based_on_an_old_version_is_a_conflict_and_nothing_is_applied(place: &impl Place) {
    let store = place.open().await;
    let first = room("den", &["joy", "mary"]);
    put_room(&*store, first.clone()).await;
    let third_person = Room { version: 1, ..room("den", &["joy", "mary", "bob"]) };
    put_room(&*store, third_person.clone()).await;
    let stale = Commit { rooms: vec![Room { version: 1, ..first }], deliveries: vec![card("den", "tea")], ..Commit::default() };
    assert!(matches!(store.commit(stale).await, Err(StoreError::Conflict)));
    assert_eq!(store.room(&room_id("den")).await.unwrap().unwrap(), Room { version: 2, ..third_person });
    assert!(cards_in(&*store, "den").await.is_empty());
}

pub(crate) async fn a_source_goes_with_its_items_when_the_last_follower_leaves(place: &impl Place) {
    let store = place.open().await;
    joy_follows(&*store, &["shop", "farm"]).await;
    put_sharer(&*store, sharer("ann", &["shop"], &[])).await.unwrap();
    put_sharer(&*store, Sharer { version: 1, ..sharer("joy", &["farm"], &[]) }).await.unwrap();
    assert!(store.source(&source_id("shop")).await.unwrap().is_some());

    put_sharer(&*store, Sharer { version: 1, ..sharer("ann", &[], &[]) }).await.unwrap();
    assert_eq!(store.source(&source_id("shop")).await.unwrap(), None);
    assert!(store.items(&source_id("shop"), &[ExternalId::new("1")]).await.unwrap().is_empty());
    assert_eq!(store.items(&source_id("farm"), &[ExternalId::new("1")]).await.unwrap().len(), 1);
    let due = store.lease_sources(at(0), 10).await.unwrap();
    assert_eq!(due.iter().map(|due| due.id.as_str()).collect::<Vec<_>>(), ["feed:farm"]);
    assert_eq!(store.totals().await.unwrap().sources, 1);
}

pub(crate) async fn a_source_that_nobody_follows_is_not_kept(place: &impl Place) {
    let store = place.open().await;
    let commit = Commit { sources: vec![source("shop")], items: vec![item("shop", "1")], ..Commit::default() };
    store.commit(commit).await.unwrap();
    assert_eq!(store.source(&source_id("shop")).await.unwrap(), None);
    assert!(store.items(&source_id("shop"), &[ExternalId::new("1")]).await.unwrap().is_empty());
    assert_eq!(store.next_poll_at().await.unwrap(), None);

    // Its account and itself leave in one commit.
    joy_follows(&*store, &["shop"]).await;
    let commit = Commit {
        sharers: vec![Sharer { version: 1, ..sharer("joy", &[], &[]) }],
        sources: vec![Source { version: 1, ..source("shop") }],
        items: vec![item("shop", "2")],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    assert_eq!(store.source(&source_id("shop")).await.unwrap(), None);
    let ids = [ExternalId::new("1"), ExternalId::new("2")];
    assert!(store.items(&source_id("shop"), &ids).await.unwrap().is_empty());
    assert_eq!(store.totals().await.unwrap().sources, 0);
}

pub(crate) async fn a_fetch_that_ends_after_its_source_is_gone_is_a_conflict(place: &impl Place) {
    let store = place.open().await;
    joy_follows(&*store, &["shop"]).await;
    let leased = store.lease_sources(at(0), 1).await.unwrap().remove(0);
    put_sharer(&*store, Sharer { version: 1, ..sharer("joy", &[], &[]) }).await.unwrap();
    assert!(matches!(put_source(&*store, leased).await, Err(StoreError::Conflict)));

    // A source of that name that is added again is free.
    put_sharer(&*store, Sharer { version: 2, ..sharer("joy", &["shop"], &[]) }).await.unwrap();
    put_source(&*store, source("shop")).await.unwrap();
    assert_eq!(store.lease_sources(at(0), 1).await.unwrap().len(), 1);
}

pub(crate) async fn items_are_found_by_source_and_id(place: &impl Place) {
    let store = place.open().await;
    joy_follows(&*store, &["shop", "shop1"]).await;
    let mut changed = item("shop", "2");
    changed.revision = 3;
    let commit = Commit { items: vec![item("shop", "2"), changed.clone()], ..Commit::default() };
    store.commit(commit).await.unwrap();
    let wanted = ["2", "11", "1"].map(ExternalId::new);
    assert_eq!(store.items(&source_id("shop"), &wanted).await.unwrap(), [changed, item("shop", "1")]);
}

pub(crate) async fn a_sharer_too_large_to_store_is_refused(place: &impl Place) {
    let store = place.open().await;
    let rooms: Vec<String> = (0..3_000).map(|number| format!("room-{number}")).collect();
    let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
    let refused = put_sharer(&*store, sharer("joy", &[], &rooms)).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { kind: "sharer" })));
    assert_eq!(store.sharer(&user("joy")).await.unwrap(), None);
    put_sharer(&*store, sharer("joy", &[], &rooms[..100])).await.unwrap();
}

pub(crate) async fn sources_are_leased_by_when_they_are_due_to_one_holder(place: &impl Place) {
    let store = place.open().await;
    joy_follows(&*store, &["a", "b", "c"]).await;
    for (name, seconds) in [("a", 20), ("b", 10), ("c", 30)] {
        put_source(&*store, Source { version: 1, next_poll_at: at(seconds), ..source(name) }).await.unwrap();
    }
    assert!(store.lease_sources(at(9), 10).await.unwrap().is_empty());
    assert_eq!(store.next_poll_at().await.unwrap(), Some(at(10)));
    let due = store.lease_sources(at(30), 2).await.unwrap();
    assert_eq!(due.iter().map(|due| due.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(store.next_poll_at().await.unwrap(), Some(at(30)));
    let due = store.lease_sources(at(30), 2).await.unwrap();
    assert_eq!(due.iter().map(|due| due.name.as_str()).collect::<Vec<_>>(), ["c"]);
    assert_eq!(store.next_poll_at().await.unwrap(), None);
}

pub(crate) async fn a_source_is_free_again_after_commit_release_or_restart(place: &impl Place) {
    let store = place.open().await;
    joy_follows(&*store, &["shop"]).await;
    let leased = store.lease_sources(at(0), 1).await.unwrap().remove(0);
    store.release_source(&leased);
    let leased = store.lease_sources(at(0), 1).await.unwrap().remove(0);
    put_source(&*store, Source { next_poll_at: at(5), ..leased.clone() }).await.unwrap();
    assert!(store.lease_sources(at(4), 1).await.unwrap().is_empty());
    assert_eq!(store.lease_sources(at(5), 1).await.unwrap().len(), 1);
    // Whoever held it before has nothing more to give up.
    store.release_source(&leased);
    assert!(store.lease_sources(at(5), 1).await.unwrap().is_empty());
    let store = place.reopen(store).await;
    assert_eq!(store.next_poll_at().await.unwrap(), Some(at(5)));
    assert_eq!(store.lease_sources(at(5), 1).await.unwrap().len(), 1);
}

pub(crate) async fn totals_count_and_are_the_same_after_a_restart(place: &impl Place) {
    let store = place.open().await;
    joy_follows(&*store, &["shop", "farm"]).await;
    put_sharer(&*store, sharer("ann", &["farm"], &[])).await.unwrap();
    put_sharer(&*store, Sharer { version: 1, ..sharer("ann", &[], &[]) }).await.unwrap();
    put_sharer(&*store, sharer("eve", &[], &["den", "hut"])).await.unwrap();
    let mut eve = Sharer { version: 1, ..sharer("eve", &[], &["den", "hut", "inn", "bay"]) };
    eve.contacts[3].state = ContactState::Off;
    put_sharer(&*store, eve).await.unwrap();
    queue(&*store, vec![card("den", "tea"), card("den", "cup")]).await;
    store.take_events(vec![event("den", "hello")]).await.unwrap();
    let expected = Totals { waiting: 2, buried: 0, events: 1, parked: 0, sources: 2, sharers: 3, contacts: 3, disk_bytes: 0 };
    assert_eq!(Totals { disk_bytes: 0, ..store.totals().await.unwrap() }, expected);
    let store = place.reopen(store).await;
    let totals = store.totals().await.unwrap();
    assert_eq!(Totals { disk_bytes: 0, ..totals }, expected);
    assert!(totals.disk_bytes > 0);
}

pub(crate) async fn sources_planned_by_a_clock_that_was_ahead_are_due_when_it_is_set_right(place: &impl Place) {
    let store = place.open().await;
    joy_follows(&*store, &["a", "b", "c"]).await;
    // It looks every ten minutes, and may be left alone for an hour; who looks once a day, for a day.
    for (name, hours, interval_seconds) in [("a", 72, 600), ("b", 1, 600), ("c", 23, 86_400)] {
        put_source(&*store, Source { version: 1, next_poll_at: at(hours * 3_600), interval_seconds, ..source(name) }).await.unwrap();
    }
    assert_eq!(store.replan_sources(at(0)).await.unwrap(), 1);
    let store = place.reopen(store).await;
    let due = store.lease_sources(at(0), 10).await.unwrap();
    assert_eq!(due.iter().map(|due| due.name.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(store.replan_sources(at(0)).await.unwrap(), 0);
}
