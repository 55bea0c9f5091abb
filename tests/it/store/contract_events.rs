//! What every store promises of events that wait to be worked off.

use super::Place;
use super::values::event;
use super::values::event_id;
use super::values::room;
use super::values::room_id;
use tradepost::store::Commit;
use tradepost::store::PendingEvent;
use tradepost::store::Store;
use tradepost::store::StoreError;

async fn lease(store: &dyn Store) -> Vec<PendingEvent> {
    store.lease_events(100).await.unwrap()
}

async fn finish(store: &dyn Store, name: &str) -> tradepost::store::Result<()> {
    let finished_event = Some(event_id(name));
    store.commit(Commit { finished_event, ..Commit::default() }).await
}

pub(crate) async fn events_come_back_in_order_one_of_each_room(place: &impl Place) {
    let store = place.open().await;
    let taken = store.take_events(vec![event("den", "1"), event("den", "2"), event("hall", "3"), event("den", "4")]);
    assert_eq!(taken.await.unwrap(), 4);
    assert_eq!(lease(&*store).await, [event("den", "1"), event("hall", "3")]);
    assert!(lease(&*store).await.is_empty());
    finish(&*store, "1").await.unwrap();
    assert_eq!(lease(&*store).await, [event("den", "2")]);
    finish(&*store, "3").await.unwrap();
    assert!(lease(&*store).await.is_empty());
    finish(&*store, "2").await.unwrap();
    assert_eq!(lease(&*store).await, [event("den", "4")]);
}

pub(crate) async fn a_room_has_pending_events_until_all_are_finished(place: &impl Place) {
    let store = place.open().await;
    store.take_events(vec![event("den", "1"), event("den", "2")]).await.unwrap();
    let store = place.reopen(store).await;
    for name in ["1", "2"] {
        assert!(store.has_pending_events(&room_id("den")).await.unwrap());
        lease(&*store).await;
        finish(&*store, name).await.unwrap();
    }
    assert!(!store.has_pending_events(&room_id("den")).await.unwrap());
    assert!(!store.has_pending_events(&room_id("hall")).await.unwrap());
}

pub(crate) async fn an_event_seen_before_is_not_taken_again(place: &impl Place) {
    let store = place.open().await;
    assert_eq!(store.take_events(vec![event("den", "1"), event("den", "1")]).await.unwrap(), 1);
    assert_eq!(store.take_events(vec![event("den", "1"), event("den", "2")]).await.unwrap(), 1);
    lease(&*store).await;
    finish(&*store, "1").await.unwrap();
    let store = place.reopen(store).await;
    assert_eq!(store.take_events(vec![event("den", "1"), event("den", "2")]).await.unwrap(), 0);
    assert_eq!(lease(&*store).await, [event("den", "2")]);
    assert_eq!(store.totals().await.unwrap().events, 1);
}

pub(crate) async fn a_finished_event_is_gone_and_finishing_it_twice_is_a_conflict(place: &impl Place) {
    let store = place.open().await;
    store.take_events(vec![event("den", "1")]).await.unwrap();
    finish(&*store, "1").await.unwrap();
    assert!(lease(&*store).await.is_empty());
    let commit = Commit { finished_event: Some(event_id("1")), rooms: vec![room("den", &[])], ..Commit::default() };
    assert!(matches!(store.commit(commit).await, Err(StoreError::Conflict)));
    assert_eq!(store.room(&room_id("den")).await.unwrap(), None);
    assert!(matches!(finish(&*store, "never seen").await, Err(StoreError::Conflict)));
    let store = place.reopen(store).await;
    assert!(matches!(finish(&*store, "1").await, Err(StoreError::Conflict)));
    assert!(lease(&*store).await.is_empty());
}

pub(crate) async fn a_commit_adds_events_as_taking_does(place: &impl Place) {
    let store = place.open().await;
    store.take_events(vec![event("den", "1")]).await.unwrap();
    let commit = Commit { finished_event: Some(event_id("1")), events: vec![event("den", "1"), event("den", "2")], ..Commit::default() };
    store.commit(commit).await.unwrap();
    let store = place.reopen(store).await;
    assert_eq!(lease(&*store).await, [event("den", "2")]);
}

pub(crate) async fn an_event_is_free_again_after_release_and_restart(place: &impl Place) {
    let store = place.open().await;
    store.take_events(vec![event("den", "1"), event("den", "2")]).await.unwrap();
    assert_eq!(lease(&*store).await, [event("den", "1")]);
    // Only who holds a room can give it up.
    store.release_event(&event_id("2"));
    assert!(lease(&*store).await.is_empty());
    store.release_event(&event_id("1"));
    assert_eq!(lease(&*store).await, [event("den", "1")]);
    let store = place.reopen(store).await;
    assert_eq!(lease(&*store).await, [event("den", "1")]);
}

pub(crate) async fn a_busy_room_does_not_hide_the_others(place: &impl Place) {
    let store = place.open().await;
    let mut events: Vec<_> = (0..1_000).map(|number| event("busy", &number.to_string())).collect();
    events.push(event("den", "hello"));
    store.take_events(events).await.unwrap();
    assert_eq!(store.lease_events(2).await.unwrap(), [event("busy", "0"), event("den", "hello")]);
    assert_eq!(store.totals().await.unwrap().events, 1_001);
}

pub(crate) async fn what_waits_is_kept_in_another_form_in_its_place(place: &impl Place) {
    let store = place.open().await;
    store.take_events(vec![event("den", "1"), event("den", "2"), event("hall", "3")]).await.unwrap();
    assert_eq!(store.pending_events().await.unwrap(), [event("den", "1"), event("den", "2"), event("hall", "3")]);
    finish(&*store, "3").await.unwrap();
    let anew = |name: &str, room: &str| PendingEvent { json: "sealed".to_owned(), ..event(room, name) };
    let resealed = vec![anew("1", "den"), anew("3", "hall"), anew("never", "den")];
    store.commit(Commit { resealed, ..Commit::default() }).await.unwrap();
    let store = place.reopen(store).await;
    assert_eq!(store.pending_events().await.unwrap(), [anew("1", "den"), event("den", "2")]);
    assert_eq!(lease(&*store).await, [anew("1", "den")]);
    assert_eq!(store.totals().await.unwrap().events, 2);
}
