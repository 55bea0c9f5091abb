//! What every store promises of encrypted events whose key is awaited.

use super::Place;
use super::values::at;
use super::values::event;
use super::values::event_id;
use super::values::parked;
use super::values::room;
use super::values::room_id;
use super::values::user;
use futures_util::future::join_all;
use tradepost::domain::room::Room;
use tradepost::store::Commit;
use tradepost::store::KEPT_PARKED;
use tradepost::store::ParkedEvent;
use tradepost::store::PendingEvent;
use tradepost::store::Store;
use tradepost::store::StoreError;

async fn park(store: &dyn Store, parked: Vec<ParkedEvent>) {
    store.commit(Commit { parked, ..Commit::default() }).await.unwrap();
}

/// Takes events out, and has those in `events` worked off.
async fn unpark(store: &dyn Store, names: &[&str], events: Vec<PendingEvent>) {
    let unparked = names.iter().map(|name| event_id(name)).collect();
    store.commit(Commit { unparked, events, ..Commit::default() }).await.unwrap();
}

/// The event is not read: its key is missing.
async fn finish_and_park(store: &dyn Store, parked: ParkedEvent) {
    let finished_event = Some(parked.event.id.clone());
    store.commit(Commit { finished_event, parked: vec![parked], ..Commit::default() }).await.unwrap();
}

fn names(parked: &[ParkedEvent]) -> Vec<&str> {
    parked.iter().map(|parked| parked.event.id.as_str().trim_start_matches('$')).collect()
}

async fn all(store: &dyn Store) -> Vec<ParkedEvent> {
    store.parked_before(at(1_000_000), 10_000).await.unwrap()
}

async fn of(store: &dyn Store, room: &str, session: &str) -> Vec<ParkedEvent> {
    store.parked(&room_id(room), session, 100).await.unwrap()
}

async fn lease(store: &dyn Store) -> Vec<PendingEvent> {
    store.lease_events(100).await.unwrap()
}

async fn finish(store: &dyn Store, name: &str) {
    let finished_event = Some(event_id(name));
    store.commit(Commit { finished_event, ..Commit::default() }).await.unwrap();
}

pub(crate) async fn parked_events_are_found_by_session_and_by_time_oldest_first(place: &impl Place) {
    let store = place.open().await;
    let late = parked("den", "late", "s", 30);
    park(&*store, vec![late.clone(), parked("den", "2", "s", 20), parked("hall", "1", "s", 10), parked("den", "3", "t", 20)]).await;
    let store = place.reopen(store).await;
    // In the order in which they came.
    assert_eq!(of(&*store, "den", "s").await, [late, parked("den", "2", "s", 20)]);
    assert_eq!(names(&of(&*store, "den", "t").await), ["3"]);
    assert_eq!(names(&of(&*store, "hall", "s").await), ["1"]);
    assert!(of(&*store, "hall", "t").await.is_empty());
    assert!(of(&*store, "den", "").await.is_empty());
    assert_eq!(names(&store.parked(&room_id("den"), "s", 1).await.unwrap()), ["late"]);
    assert_eq!(names(&all(&*store).await), ["1", "2", "3", "late"]);
    assert_eq!(names(&store.parked_before(at(30), 10).await.unwrap()), ["1", "2", "3"]);
    assert_eq!(names(&store.parked_before(at(30), 2).await.unwrap()), ["1", "2"]);
    assert!(store.parked_before(at(10), 10).await.unwrap().is_empty());
    assert_eq!(store.totals().await.unwrap().parked, 4);
}

pub(crate) async fn a_parked_event_holds_up_nothing_and_counts_as_seen(place: &impl Place) {
    let mut store = place.open().await;
    park(&*store, vec![parked("den", "1", "s", 0)]).await;
    for _ in 0..2 {
        assert!(lease(&*store).await.is_empty());
        assert!(!store.has_pending_events(&room_id("den")).await.unwrap());
        assert_eq!(store.take_events(vec![event("den", "1")]).await.unwrap(), 0);
        store.commit(Commit { events: vec![event("den", "1")], ..Commit::default() }).await.unwrap();
        assert!(lease(&*store).await.is_empty());
        let totals = store.totals().await.unwrap();
        assert_eq!((totals.events, totals.parked), (0, 1));
        store = place.reopen(store).await;
    }
}

pub(crate) async fn what_was_seen_before_is_not_parked(place: &impl Place) {
    let store = place.open().await;
    store.take_events(vec![event("den", "pending"), event("hall", "done")]).await.unwrap();
    finish(&*store, "done").await;
    park(&*store, vec![parked("den", "given up", "s", 0)]).await;
    unpark(&*store, &["given up"], Vec::new()).await;
    park(&*store, ["pending", "done", "given up"].map(|name| parked("den", name, "s", 0)).to_vec()).await;
    // New, but to be worked off at once.
    let both = Commit { events: vec![event("den", "new")], parked: vec![parked("den", "new", "s", 0)], ..Commit::default() };
    store.commit(both).await.unwrap();
    assert!(all(&*store).await.is_empty());
    assert_eq!(store.totals().await.unwrap().parked, 0);
    assert_eq!(lease(&*store).await, [event("den", "pending")]);
    finish(&*store, "pending").await;
    assert_eq!(lease(&*store).await, [event("den", "new")]);
}

pub(crate) async fn an_event_parked_again_is_replaced_in_its_place(place: &impl Place) {
    let store = place.open().await;
    park(&*store, vec![parked("den", "1", "s", 10), parked("den", "2", "s", 10)]).await;
    park(&*store, vec![ParkedEvent { told: true, ..parked("den", "1", "s", 10) }]).await;
    // The homeserver sends it once more: that it was told stays, and when it came.
    let repeated = ParkedEvent { reader: Some(user("joy")), ..parked("den", "1", "s", 99) };
    park(&*store, vec![repeated.clone()]).await;
    let store = place.reopen(store).await;
    let expected = ParkedEvent { event: parked("den", "1", "s", 10).event, told: true, ..repeated };
    assert_eq!(of(&*store, "den", "s").await, [expected.clone(), parked("den", "2", "s", 10)]);
    assert_eq!(names(&all(&*store).await), ["1", "2"]);
    assert_eq!(store.totals().await.unwrap().parked, 2);
    park(&*store, vec![parked("den", "1", "other", 10)]).await;
    assert_eq!(names(&of(&*store, "den", "s").await), ["2"]);
    assert_eq!(of(&*store, "den", "other").await, [ParkedEvent { session: "other".to_owned(), reader: None, ..expected }]);
}

pub(crate) async fn an_unparked_event_is_gone_and_stays_seen(place: &impl Place) {
    let store = place.open().await;
    park(&*store, vec![parked("den", "1", "s", 0), parked("den", "2", "s", 0)]).await;
    unpark(&*store, &["1", "unknown"], Vec::new()).await;
    let store = place.reopen(store).await;
    assert_eq!(names(&all(&*store).await), ["2"]);
    assert_eq!(names(&of(&*store, "den", "s").await), ["2"]);
    assert_eq!(store.totals().await.unwrap().parked, 1);
    assert_eq!(store.take_events(vec![event("den", "1")]).await.unwrap(), 0);
    // What is not parked any more does not come back.
    unpark(&*store, &["1", "unknown"], vec![event("den", "1")]).await;
    assert!(lease(&*store).await.is_empty());
    // What was never seen is taken as ever.
    unpark(&*store, &["new"], vec![event("den", "new")]).await;
    assert_eq!(lease(&*store).await, [event("den", "new")]);
}

pub(crate) async fn what_is_unparked_and_taken_is_pending_in_the_order_it_came(place: &impl Place) {
    let store = place.open().await;
    store.take_events(["0", "1"].map(|name| event("den", name)).to_vec()).await.unwrap();
    // It came second, and is parked last.
    park(&*store, vec![parked("den", "2", "s", 0), parked("den", "3", "t", 0), parked("den", "4", "s", 0)]).await;
    finish(&*store, "0").await;
    finish_and_park(&*store, parked("den", "1", "s", 0)).await;
    assert_eq!(names(&of(&*store, "den", "s").await), ["1", "2", "4"]);
    store.take_events(vec![event("den", "5")]).await.unwrap();
    let readable = |name: &str| PendingEvent { json: "{\"read\":true}".to_owned(), ..event("den", name) };
    let events = vec![event("den", "6"), readable("4"), readable("2"), readable("4"), readable("1"), event("den", "3")];
    unpark(&*store, &["4", "1", "2"], events).await;
    assert_eq!(names(&all(&*store).await), ["3"]);
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.events, totals.parked), (5, 1));
    let store = place.reopen(store).await;
    for expected in [event("den", "5"), readable("1"), readable("2"), readable("4"), event("den", "6")] {
        assert_eq!(lease(&*store).await, std::slice::from_ref(&expected));
        finish(&*store, expected.id.as_str().trim_start_matches('$')).await;
    }
    assert!(lease(&*store).await.is_empty());
}

pub(crate) async fn a_pending_event_is_finished_and_parked_in_one_commit(place: &impl Place) {
    let store = place.open().await;
    store.take_events(vec![event("den", "1"), event("den", "2")]).await.unwrap();
    assert_eq!(lease(&*store).await, [event("den", "1")]);
    finish_and_park(&*store, parked("den", "1", "s", 0)).await;
    // Those behind it go on.
    assert_eq!(lease(&*store).await, [event("den", "2")]);
    let store = place.reopen(store).await;
    assert_eq!(all(&*store).await, [parked("den", "1", "s", 0)]);
    assert_eq!(lease(&*store).await, [event("den", "2")]);
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.events, totals.parked), (1, 1));
    // And back again.
    unpark(&*store, &["1"], vec![event("den", "1")]).await;
    finish(&*store, "2").await;
    assert_eq!(lease(&*store).await, [event("den", "1")]);
    finish_and_park(&*store, parked("den", "1", "s", 0)).await;
    assert_eq!(names(&all(&*store).await), ["1"]);
}

pub(crate) async fn of_a_conflict_nothing_is_parked_or_unparked(place: &impl Place) {
    let store = place.open().await;
    park(&*store, vec![parked("den", "1", "s", 0)]).await;
    let commit = Commit {
        finished_event: Some(event_id("never seen")),
        unparked: vec![event_id("1")],
        events: vec![event("den", "1")],
        parked: vec![parked("den", "2", "s", 0), parked("den", "never seen", "s", 0)],
        ..Commit::default()
    };
    assert!(matches!(store.commit(commit).await, Err(StoreError::Conflict)));
    let stale = Commit { unparked: vec![event_id("1")], rooms: vec![Room { version: 1, ..room("den", &[]) }], ..Commit::default() };
    assert!(matches!(store.commit(stale).await, Err(StoreError::Conflict)));
    assert_eq!(all(&*store).await, [parked("den", "1", "s", 0)]);
    assert_eq!(names(&of(&*store, "den", "s").await), ["1"]);
    assert!(lease(&*store).await.is_empty());
    assert_eq!(store.totals().await.unwrap().parked, 1);
    assert_eq!(store.take_events(vec![event("den", "2")]).await.unwrap(), 1);
}

pub(crate) async fn of_too_many_parked_events_the_oldest_of_the_room_go(place: &impl Place) {
    let store = place.open().await;
    let numbered = |numbers: std::ops::Range<usize>| {
        let one = |number: usize| parked("den", &number.to_string(), &(number % 7).to_string(), 0);
        numbers.map(one).collect::<Vec<_>>()
    };
    park(&*store, vec![parked("hall", "other", "s", 0)]).await;
    park(&*store, numbered(0..KEPT_PARKED)).await;
    assert_eq!(store.totals().await.unwrap().parked, KEPT_PARKED as u64 + 1);
    // Being told of keeps no event from being the oldest, and takes no place of another.
    park(&*store, vec![ParkedEvent { told: true, ..parked("den", "1", "1", 0) }]).await;
    park(&*store, numbered(KEPT_PARKED..KEPT_PARKED + 2)).await;
    let store = place.reopen(store).await;
    let expected: Vec<String> = (2..KEPT_PARKED + 2).map(|number| number.to_string()).collect();
    let found = all(&*store).await;
    assert_eq!(names(&found)[0], "other");
    assert_eq!(names(&found)[1..], expected);
    assert_eq!(names(&store.parked(&room_id("den"), "1", 1).await.unwrap()), ["8"]);
    assert_eq!(store.totals().await.unwrap().parked, KEPT_PARKED as u64 + 1);
    assert_eq!(store.take_events(vec![event("den", "0")]).await.unwrap(), 0);
}

pub(crate) async fn an_event_parked_at_once_by_many_is_parked_once(place: &impl Place) {
    let store = place.open().await;
    let commits = (0..16).map(|number| {
        let own = format!("own {number}");
        let parked = vec![parked("den", "1", "s", 0), parked("den", &own, "s", 0)];
        store.commit(Commit { parked, ..Commit::default() })
    });
    for outcome in join_all(commits).await {
        outcome.unwrap();
    }
    assert_eq!((all(&*store).await.len(), store.totals().await.unwrap().parked), (17, 17));
    let commits =
        (0..16).map(|_| store.commit(Commit { unparked: vec![event_id("1")], events: vec![event("den", "1")], ..Commit::default() }));
    for outcome in join_all(commits).await {
        outcome.unwrap();
    }
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.events, totals.parked), (1, 16));
}
