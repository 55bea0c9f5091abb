//! What every store promises of the order in which deliveries come.

use super::Place;
use super::values::at;
use super::values::card;
use super::values::cards_in;
use super::values::digest;
use super::values::done;
use super::values::frozen;
use super::values::held;
use super::values::lease;
use super::values::lease_one;
use super::values::name_of;
use super::values::names;
use super::values::notice;
use super::values::once;
use super::values::person;
use super::values::queue;
use super::values::reply;
use super::values::room_id;
use super::values::settle;
use super::values::user;
use jiff::SignedDuration;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::Target;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::DeliveryId;
use tradepost::domain::ids::TradeId;
use tradepost::domain::text::Line;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::StoreError;

fn later(delivery: NewDelivery, seconds: i64) -> NewDelivery {
    NewDelivery { not_before_at: at(seconds), ..delivery }
}

const fn retry(id: DeliveryId, seconds: jiff::Timestamp) -> Settlement {
    Settlement::Retry { id, at: seconds, attempted: false }
}

/// The ids of the cards that wait in a room.
async fn ids_in(store: &dyn Store, room: &str) -> Vec<DeliveryId> {
    let cards = store.waiting(&room_id(room), Lane::Cards, 100).await.unwrap();
    cards.iter().map(|card| card.id).collect()
}

/// Sends everything that is due, one after the other, and answers in which order it came.
async fn drain(store: &dyn Store) -> Vec<String> {
    let mut order = Vec::new();
    loop {
        let leased = store.lease_deliveries(at(0), 1, 1).await.unwrap();
        let Some(leased) = leased.first() else { return order };
        order.push(name_of(&leased.delivery.what));
        settle(store, done(leased.delivery.id, &order.len().to_string(), at(0))).await;
    }
}

pub(crate) async fn cards_of_a_room_go_out_one_by_one_in_order(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b"), card("hall", "c")]).await;
    queue(&*store, vec![card("den", "d")]).await;
    let leased = lease(&*store).await;
    assert_eq!(names(&leased), ["a", "c"]);
    assert_eq!((leased[0].waiting, leased[1].waiting), (3, 1));
    assert!(lease(&*store).await.is_empty());
    settle(&*store, done(leased[0].delivery.id, "1", at(0))).await;
    let store = place.reopen(store).await;
    let leased = lease(&*store).await;
    assert_eq!(names(&leased), ["b", "c"]);
    assert_eq!(leased[0].waiting, 2);
    assert_eq!(cards_in(&*store, "den").await, ["b", "d"]);
    assert_eq!(store.waiting(&room_id("den"), Lane::Cards, 1).await.unwrap().len(), 1);
}

pub(crate) async fn replies_do_not_wait_behind_cards(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "card"), reply("den", "reply"), reply("den", "second"), notice("joy")]).await;
    let leased = lease(&*store).await;
    assert_eq!(names(&leased)[..2], ["card", "reply"]);
    assert_eq!(leased.len(), 3);
    assert_eq!(cards_in(&*store, "den").await, ["card"]);
}

pub(crate) async fn the_longest_due_lane_comes_first_and_the_limit_holds(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![later(card("a", "a"), 20), later(card("b", "b"), 10), later(card("c", "c"), 30)]).await;
    assert_eq!(store.next_delivery_at().await.unwrap().at(), Some(at(10)));
    assert!(store.lease_deliveries(at(9), 10, 10).await.unwrap().is_empty());
    assert_eq!(names(&store.lease_deliveries(at(40), 2, 2).await.unwrap()), ["b", "a"]);
    assert_eq!(store.next_delivery_at().await.unwrap().at(), Some(at(30)));
    assert_eq!(names(&store.lease_deliveries(at(40), 2, 2).await.unwrap()), ["c"]);
    assert_eq!(store.next_delivery_at().await.unwrap().at(), None);
}

pub(crate) async fn of_cards_no_more_are_leased_than_asked_for(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("a", "a"), card("b", "b"), reply("den", "r"), later(reply("hall", "s"), 20), card("c", "c")]).await;
    assert_eq!(names(&store.lease_deliveries(at(0), 10, 1).await.unwrap()), ["a", "r"]);
    assert!(store.lease_deliveries(at(0), 10, 0).await.unwrap().is_empty());
    let next = store.next_delivery_at().await.unwrap();
    assert_eq!((next.cards, next.others), (Some(at(0)), Some(at(20))));
    assert_eq!(names(&store.lease_deliveries(at(20), 2, 10).await.unwrap()), ["b", "c"]);
    assert_eq!(names(&store.lease_deliveries(at(20), 2, 10).await.unwrap()), ["s"]);
}

pub(crate) async fn a_retry_holds_up_its_lane_alone(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b"), reply("den", "r"), card("hall", "c")]).await;
    let leased = lease(&*store).await;
    assert_eq!(names(&leased), ["a", "r", "c"]);
    settle(&*store, retry(leased[0].delivery.id, at(60))).await;
    assert!(lease(&*store).await.is_empty());
    assert_eq!(store.next_delivery_at().await.unwrap().at(), Some(at(60)));
    let store = place.reopen(store).await;
    assert_eq!(names(&store.lease_deliveries(at(59), 10, 10).await.unwrap()), ["r", "c"]);
    assert_eq!(names(&store.lease_deliveries(at(60), 10, 10).await.unwrap()), ["a"]);
}

pub(crate) async fn a_buried_delivery_frees_its_lane(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "poison"), card("den", "b")]).await;
    let id = lease_one(&*store).await.delivery.id;
    let reason = "it cannot be shown".to_owned();
    settle(&*store, Settlement::Buried { id, reason }).await;
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.waiting, totals.buried), (1, 1));
    let store = place.reopen(store).await;
    assert_eq!(name_of(&lease_one(&*store).await.delivery.what), "b");
    assert_eq!(store.totals().await.unwrap().buried, 1);
}

pub(crate) async fn a_withheld_delivery_is_forgotten(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b")]).await;
    let id = lease_one(&*store).await.delivery.id;
    settle(&*store, Settlement::Withheld { id }).await;
    assert_eq!(name_of(&lease_one(&*store).await.delivery.what), "b");
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap(), None);
    assert_eq!(store.totals().await.unwrap().buried, 0);
}

pub(crate) async fn a_lease_ends_with_release_and_with_a_restart(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b")]).await;
    let leased = lease_one(&*store).await;
    store.release_delivery(leased.delivery.id);
    assert_eq!(lease_one(&*store).await, leased);
    let store = place.reopen(store).await;
    assert_eq!(lease_one(&*store).await, leased);
}

pub(crate) async fn a_digest_takes_the_place_of_the_first_card_it_replaces(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b"), card("den", "c"), once(card("den", "d"), "d"), card("den", "e")]).await;
    // The worker holds the first card when it finds that many wait.
    lease_one(&*store).await;
    let ids = ids_in(&*store, "den").await;
    let commit =
        Commit { deliveries: vec![card("den", "f"), digest("den", "bd")], replaced: vec![ids[0], ids[1], ids[3]], ..Commit::default() };
    store.commit(commit).await.unwrap();
    let store = place.reopen(store).await;
    assert_eq!(cards_in(&*store, "den").await, ["bd", "c", "e", "f"]);
    assert_eq!(lease_one(&*store).await.waiting, 4);
    let key = tradepost::domain::delivery::OnceKey("d".to_owned());
    assert_eq!(store.taken(std::slice::from_ref(&key)).await.unwrap().len(), 1);
}

pub(crate) async fn replacing_what_waits_no_more_is_a_conflict(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b")]).await;
    let replaced = ids_in(&*store, "den").await;
    settle(&*store, Settlement::Withheld { id: replaced[0] }).await;
    let commit = Commit { deliveries: vec![digest("den", "ab")], replaced, ..Commit::default() };
    assert!(matches!(store.commit(commit).await, Err(StoreError::Conflict)));
    assert_eq!(cards_in(&*store, "den").await, ["b"]);
}

pub(crate) async fn replaced_cards_stay_when_the_digest_is_left_out(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![once(card("den", "a"), "key"), card("den", "b")]).await;
    let commit = Commit { deliveries: vec![once(digest("den", "ab"), "key")], replaced: ids_in(&*store, "den").await, ..Commit::default() };
    store.commit(commit).await.unwrap();
    assert_eq!(cards_in(&*store, "den").await, ["a", "b"]);
}

pub(crate) async fn cards_move_behind_those_of_the_new_room(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("old", "a"), card("old", "b"), reply("old", "r"), card("new", "c")]).await;
    let commit = Commit { moved: vec![(room_id("old"), room_id("new"), None)], ..Commit::default() };
    store.commit(commit).await.unwrap();
    queue(&*store, vec![card("new", "d")]).await;
    let store = place.reopen(store).await;
    assert_eq!(cards_in(&*store, "new").await, ["c", "a", "b", "d"]);
    assert!(cards_in(&*store, "old").await.is_empty());
    let moved = store.waiting(&room_id("new"), Lane::Cards, 2).await.unwrap().remove(1);
    assert_eq!(moved.target, Target::Room(room_id("new")));
    assert_eq!(store.marked(&moved.mark()).await.unwrap(), Some(moved.id));
    assert_eq!(drain(&*store).await, ["r", "c", "a", "b", "d"]);
}

pub(crate) async fn the_cards_of_one_sharer_move_alone(place: &impl Place) {
    let store = place.open().await;
    let nora = What::Card { sharer: user("nora"), trade: TradeId::new("n"), shop: Line::title("shop") };
    let noras = NewDelivery { what: nora, ..card("old", "n") };
    queue(&*store, vec![card("old", "a"), noras, card("old", "b")]).await;
    let commit = Commit { moved: vec![(room_id("old"), room_id("new"), Some(user("joy")))], ..Commit::default() };
    store.commit(commit).await.unwrap();
    assert_eq!(cards_in(&*store, "new").await, ["a", "b"]);
    assert_eq!(cards_in(&*store, "old").await, ["n"]);
}

pub(crate) async fn what_was_tried_or_is_being_tried_does_not_move(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("old", "a"), card("old", "b")]).await;
    let id = lease_one(&*store).await.delivery.id;
    let commit = Commit { moved: vec![(room_id("old"), room_id("new"), None)], ..Commit::default() };
    store.commit(commit.clone()).await.unwrap();
    assert_eq!(cards_in(&*store, "old").await, ["a"]);
    assert_eq!(cards_in(&*store, "new").await, ["b"]);
    store.freeze(vec![(id, frozen("old", "a"))], at(0)).await.unwrap();
    let store = place.reopen(store).await;
    store.commit(commit).await.unwrap();
    assert_eq!(cards_in(&*store, "old").await, ["a"]);
}

pub(crate) async fn a_woken_target_is_due_at_once(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), reply("den", "r"), card("hall", "h"), notice("joy"), later(card("later", "l"), 90)]).await;
    for leased in lease(&*store).await {
        settle(&*store, retry(leased.delivery.id, at(3_600))).await;
    }
    assert!(lease(&*store).await.is_empty());
    let commit = Commit { woken: vec![Target::Room(room_id("den")), person("joy"), Target::Room(room_id("later"))], ..Commit::default() };
    store.commit(commit).await.unwrap();
    let store = place.reopen(store).await;
    let leased = lease(&*store).await;
    assert_eq!(names(&leased)[..2], ["a", "r"]);
    assert_eq!(leased.len(), 3);
    // What was planned for later stays planned.
    assert_eq!(store.next_delivery_at().await.unwrap().at(), Some(at(90)));
}

pub(crate) async fn what_a_clock_that_was_ahead_put_off_is_due_when_it_is_set_right(place: &impl Place) {
    const DAY: i64 = 24 * 3_600;
    let store = place.open().await;
    queue(&*store, vec![later(card("den", "a"), 3 * DAY), later(card("hall", "b"), DAY), later(held("den", "ring"), 3 * DAY)]).await;
    assert_eq!(store.replan_deliveries(at(0), SignedDuration::from_hours(25)).await.unwrap(), 1);
    assert_eq!(names(&lease(&*store).await), ["a"]);
    let store = place.reopen(store).await;
    assert_eq!(names(&lease(&*store).await), ["a"]);
    assert_eq!(store.replan_deliveries(at(0), SignedDuration::ZERO).await.unwrap(), 1);
    assert_eq!(names(&lease(&*store).await), ["b"]);
    // What has a time of its own keeps it.
    let left = store.waiting(&room_id("den"), Lane::Alone, 10).await.unwrap();
    assert_eq!(left.iter().map(|delivery| delivery.not_before_at).collect::<Vec<_>>(), [at(3 * DAY)]);
}
