//! What every store promises of the lanes: what waits alone, what moves, what replaces across them.

use super::Place;
use super::posting_values::in_room;
use super::posting_values::revise;
use super::values::at;
use super::values::board;
use super::values::card;
use super::values::cards_in;
use super::values::digest;
use super::values::event_id;
use super::values::gathered;
use super::values::held;
use super::values::lease;
use super::values::names;
use super::values::names_in;
use super::values::queue;
use super::values::reply;
use super::values::room_id;
use super::values::settle;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::Target;
use tradepost::domain::delivery::What;
use tradepost::store::Commit;
use tradepost::store::Store;

fn expire(room: &str, name: &str, seconds: i64) -> NewDelivery {
    NewDelivery { not_before_at: at(seconds), ..in_room(room, What::Expire { event: event_id(name) }) }
}

fn later(delivery: NewDelivery, seconds: i64) -> NewDelivery {
    NewDelivery { not_before_at: at(seconds), ..delivery }
}

pub(crate) async fn what_is_alone_holds_up_nothing(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![expire("den", "late", 90), held("den", "a"), expire("den", "b", 0), held("hall", "c"), card("den", "card")]).await;
    assert_eq!(names_in(&*store, "den", Lane::Alone).await, ["late", "a", "b"]);
    assert_eq!(store.waiting(&room_id("den"), Lane::Alone, 2).await.unwrap().len(), 2);
    let leased = lease(&*store).await;
    assert_eq!(names(&leased), ["a", "b", "c", "card"]);
    assert!(leased.iter().all(|leased| leased.waiting == 1));
    assert_eq!(store.next_delivery_at().await.unwrap().at(), Some(at(90)));
    settle(&*store, Settlement::Retry { id: leased[0].delivery.id, at: at(100), attempted: true }).await;
    settle(&*store, super::values::done(leased[1].delivery.id, "1", at(0))).await;
    let store = place.reopen(store).await;
    assert_eq!(names(&store.lease_deliveries(at(99), 100, 100).await.unwrap()), ["c", "card", "late"]);
    assert_eq!(names(&store.lease_deliveries(at(100), 100, 100).await.unwrap()), ["a"]);
    assert_eq!(names_in(&*store, "den", Lane::Alone).await, ["late", "a"]);
}

pub(crate) async fn each_lane_of_a_room_is_listed_by_itself(place: &impl Place) {
    let store = place.open().await;
    let all = vec![board("den", "b"), revise("den", "e"), gathered("den", "g"), card("den", "c"), reply("den", "r"), gathered("hall", "h")];
    queue(&*store, all).await;
    let store = place.reopen(store).await;
    let expected = [(Lane::Board, "b"), (Lane::Edits, "e"), (Lane::Gathered, "g"), (Lane::Cards, "c"), (Lane::Talk, "r")];
    for (lane, name) in expected {
        assert_eq!(names_in(&*store, "den", lane).await, [name]);
    }
    for lane in [Lane::Acts, Lane::Alone] {
        assert!(names_in(&*store, "den", lane).await.is_empty());
    }
    assert_eq!(lease(&*store).await.len(), 6);
}

pub(crate) async fn what_shows_trades_moves_and_what_is_about_old_events_stays(place: &impl Place) {
    let store = place.open().await;
    let redact = in_room("old", What::Redact { event: event_id("r") });
    queue(&*store, vec![held("old", "h"), gathered("old", "g"), expire("old", "x", 0), board("old", "b"), revise("old", "e"), redact])
        .await;
    queue(&*store, vec![held("new", "n"), later(held("old", "i"), 60), gathered("old", "f")]).await;
    let commit = Commit { moved: vec![(room_id("old"), room_id("new"), None)], ..Commit::default() };
    store.commit(commit).await.unwrap();
    let store = place.reopen(store).await;
    assert_eq!(names_in(&*store, "new", Lane::Alone).await, ["n", "h", "i"]);
    assert_eq!(names_in(&*store, "new", Lane::Gathered).await, ["g", "f"]);
    assert_eq!(names_in(&*store, "new", Lane::Board).await, ["b"]);
    assert_eq!(names_in(&*store, "old", Lane::Alone).await, ["x"]);
    assert_eq!(names_in(&*store, "old", Lane::Edits).await, ["e"]);
    assert_eq!(names_in(&*store, "old", Lane::Acts).await, ["r"]);
    for lane in [Lane::Gathered, Lane::Board] {
        assert!(names_in(&*store, "old", lane).await.is_empty());
    }
    assert_eq!(store.next_delivery_at().await.unwrap().at(), Some(at(0)));
    // They keep the order that they had among each other.
    assert_eq!(names(&lease(&*store).await), ["x", "e", "r", "n", "h", "g", "b"]);
    assert_eq!(store.next_delivery_at().await.unwrap().at(), Some(at(60)));
}

pub(crate) async fn what_replaces_takes_the_place_of_the_first_in_its_own_lane(place: &impl Place) {
    let store = place.open().await;
    queue(
        &*store,
        vec![card("den", "a"), held("den", "h"), card("den", "b"), gathered("den", "g"), gathered("den", "i"), card("den", "c")],
    )
    .await;
    // Whoever replaces them holds them, and somebody the first card.
    assert_eq!(lease(&*store).await.len(), 3);
    let ids = async |lane| -> Vec<_> { store.waiting(&room_id("den"), lane, 9).await.unwrap().iter().map(|one| one.id).collect() };
    let held = Commit { deliveries: vec![card("den", "h")], replaced: ids(Lane::Alone).await, ..Commit::default() };
    store.commit(held).await.unwrap();
    let gathered = Commit { deliveries: vec![digest("den", "gi")], replaced: ids(Lane::Gathered).await, ..Commit::default() };
    store.commit(gathered).await.unwrap();
    let expected = ["a", "h", "b", "gi", "c"];
    assert_eq!(cards_in(&*store, "den").await, expected);
    assert_eq!(store.next_delivery_at().await.unwrap().at(), None);
    let store = place.reopen(store).await;
    assert_eq!(cards_in(&*store, "den").await, expected);
    for lane in [Lane::Alone, Lane::Gathered] {
        assert!(names_in(&*store, "den", lane).await.is_empty());
    }
    // And the other way: what would stand first in a lane that is held waits its turn.
    let leased = lease(&*store).await;
    assert_eq!(names(&leased), ["a"]);
    let replaced = vec![ids_of(&*store, "den", "b").await];
    store.commit(Commit { deliveries: vec![super::values::held("den", "b")], replaced, ..Commit::default() }).await.unwrap();
    assert_eq!(names(&lease(&*store).await), ["b"]);
    settle(&*store, Settlement::Withheld { id: leased[0].delivery.id }).await;
    assert_eq!(names(&lease(&*store).await), ["h"]);
}

async fn ids_of(store: &dyn Store, room: &str, name: &str) -> tradepost::domain::ids::DeliveryId {
    let cards = store.waiting(&room_id(room), Lane::Cards, 9).await.unwrap();
    cards.iter().find(|card| super::values::name_of(&card.what) == name).unwrap().id
}

pub(crate) async fn every_lane_of_a_woken_target_goes_back_to_its_planned_time(place: &impl Place) {
    let store = place.open().await;
    let all = [card("den", "c"), reply("den", "r"), gathered("den", "g"), board("den", "b"), revise("den", "e"), held("den", "h")];
    let planned = all.map(|delivery| later(delivery, 30));
    queue(&*store, planned.into_iter().chain([expire("den", "x", 50)]).collect()).await;
    for leased in store.lease_deliveries(at(50), 100, 100).await.unwrap() {
        settle(&*store, Settlement::Retry { id: leased.delivery.id, at: at(3_600), attempted: false }).await;
    }
    assert_eq!(store.next_delivery_at().await.unwrap().at(), Some(at(3_600)));
    let commit = Commit { woken: vec![Target::Room(room_id("den"))], ..Commit::default() };
    store.commit(commit).await.unwrap();
    let store = place.reopen(store).await;
    assert!(store.lease_deliveries(at(29), 100, 100).await.unwrap().is_empty());
    assert_eq!(names(&store.lease_deliveries(at(30), 100, 100).await.unwrap()), ["c", "r", "g", "b", "e", "h"]);
    assert_eq!(names(&store.lease_deliveries(at(50), 100, 100).await.unwrap()), ["x"]);
}
