//! What every store promises of a delivery from its commit until it is settled.

use super::Place;
use super::values::at;
use super::values::card;
use super::values::cards_in;
use super::values::digest;
use super::values::done;
use super::values::event_id;
use super::values::frozen;
use super::values::lease;
use super::values::lease_one;
use super::values::notice;
use super::values::once;
use super::values::queue;
use super::values::reply;
use super::values::room_id;
use super::values::settle;
use super::values::user;
use futures_util::FutureExt;
use tradepost::domain::delivery::Delivery;
use tradepost::domain::delivery::Frozen;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::OnceKey;
use tradepost::domain::delivery::Posting;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::Target;
use tradepost::domain::ids::DeliveryId;
use tradepost::store::Store;
use tradepost::store::StoreError;

const DAY: i64 = 86_400;

fn retry(id: DeliveryId, attempted: bool) -> Settlement {
    Settlement::Retry { id, at: at(0), attempted }
}

async fn freeze(store: &dyn Store, id: DeliveryId, room: &str, text: &str) {
    store.freeze(vec![(id, frozen(room, text))], at(7)).await.unwrap();
}

/// Queues a card and sends it at `seconds`; how the lane stood before.
async fn send_card(store: &dyn Store, seconds: i64) -> (u32, Option<jiff::Timestamp>) {
    queue(store, vec![card("den", "tea")]).await;
    let leased = lease_one(store).await;
    settle(store, done(leased.delivery.id, &seconds.to_string(), at(seconds))).await;
    (leased.sent_in_day, leased.day_began_at)
}

pub(crate) async fn what_is_frozen_is_sent_again_byte_for_byte_after_a_restart(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    let leased = lease_one(&*store).await;
    assert_eq!((leased.delivery.attempts, leased.delivery.first_attempt_at), (0, None));
    freeze(&*store, leased.delivery.id, "den", "tea \\ \" 茶").await;
    let store = place.reopen(store).await;
    let again = lease_one(&*store).await.delivery;
    let expected = Delivery { attempts: 1, first_attempt_at: Some(at(7)), frozen: Some(frozen("den", "tea \\ \" 茶")), ..leased.delivery };
    assert_eq!(again, expected);
}

pub(crate) async fn the_bytes_frozen_first_stay(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    let id = lease_one(&*store).await.delivery.id;
    freeze(&*store, id, "den", "first").await;
    store.freeze(vec![(id, frozen("den", "second"))], at(9)).await.unwrap();
    settle(&*store, retry(id, true)).await;
    let again = lease_one(&*store).await.delivery;
    assert_eq!(again.frozen, Some(frozen("den", "first")));
    assert_eq!((again.attempts, again.first_attempt_at), (2, Some(at(7))));
}

pub(crate) async fn what_was_encrypted_and_who_sends_it_stay_as_they_were_frozen(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    let id = lease_one(&*store).await.delivery.id;
    let as_joy = Frozen { encrypted: Some("{\"ciphertext\":\"1\"}".to_owned()), sender: Some(user("joy")), ..frozen("den", "tea") };
    let as_bot = Frozen { encrypted: Some("{\"ciphertext\":\"2\"}".to_owned()), ..frozen("den", "tea") };
    store.freeze(vec![(id, as_joy.clone())], at(7)).await.unwrap();
    settle(&*store, retry(id, true)).await;
    let store = place.reopen(store).await;
    assert_eq!(lease_one(&*store).await.delivery.frozen.as_ref(), Some(&as_joy));
    store.freeze(vec![(id, as_bot.clone())], at(8)).await.unwrap();
    settle(&*store, retry(id, false)).await;
    assert_eq!(lease_one(&*store).await.delivery.frozen, Some(as_joy));

    // Where nothing can have left, she may have withdrawn it before the next attempt.
    queue(&*store, vec![card("hall", "tea")]).await;
    let id = lease_one(&*store).await.delivery.id;
    let first = Frozen { sender: Some(user("joy")), ..frozen("hall", "tea") };
    store.freeze(vec![(id, first)], at(7)).await.unwrap();
    settle(&*store, retry(id, false)).await;
    store.freeze(vec![(id, as_bot.clone())], at(8)).await.unwrap();
    assert_eq!(lease_one(&*store).await.delivery.frozen, Some(as_bot));
}

pub(crate) async fn freezing_what_waits_no_more_is_a_conflict_and_freezes_nothing(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("hall", "b")]).await;
    let ids: Vec<_> = lease(&*store).await.iter().map(|leased| leased.delivery.id).collect();
    settle(&*store, done(ids[1], "1", at(0))).await;
    let both = vec![(ids[0], frozen("den", "a")), (ids[1], frozen("hall", "b"))];
    assert!(matches!(store.freeze(both, at(0)).await, Err(StoreError::Conflict)));
    let waiting = store.waiting(&room_id("den"), Lane::Cards, 1).await.unwrap().remove(0);
    assert_eq!((waiting.attempts, waiting.frozen), (0, None));
}

pub(crate) async fn a_delivery_done_becomes_the_newest_posting_of_its_room(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b")]).await;
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap(), None);
    for name in ["a", "b"] {
        let leased = lease_one(&*store).await.delivery;
        freeze(&*store, leased.id, "den", name).await;
        settle(&*store, done(leased.id, name, at(5))).await;
        let expected = Posting {
            sender: None,
            room: room_id("den"),
            event: event_id(name),
            what: leased.what,
            content: frozen("den", name).content,
            posted_at: at(5),
            shows: Vec::new(),
            withdrawn_at: None,
        };
        assert_eq!(store.last_posting(&room_id("den")).await.unwrap(), Some(expected));
    }
    assert_eq!(store.totals().await.unwrap().waiting, 0);
    let store = place.reopen(store).await;
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap().unwrap().event, event_id("b"));
    assert!(lease(&*store).await.is_empty());
}

pub(crate) async fn a_delivery_to_a_person_is_posted_where_it_was_sent(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![notice("joy")]).await;
    let id = lease_one(&*store).await.delivery.id;
    freeze(&*store, id, "management", "hello").await;
    settle(&*store, done(id, "1", at(0))).await;
    let posting = store.last_posting(&room_id("management")).await.unwrap().unwrap();
    assert_eq!(posting.event, event_id("1"));
}

pub(crate) async fn a_delivery_done_without_an_event_leaves_no_posting(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![reply("den", "a")]).await;
    let id = lease_one(&*store).await.delivery.id;
    settle(&*store, Settlement::Done { id, event: None, at: at(0) }).await;
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap(), None);
    assert_eq!(store.totals().await.unwrap().waiting, 0);
}

pub(crate) async fn settling_twice_does_nothing(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b")]).await;
    let id = lease_one(&*store).await.delivery.id;
    store.settle(vec![done(id, "1", at(0)), done(id, "2", at(1))]).await.unwrap();
    let reason = String::new();
    for again in [done(id, "3", at(2)), retry(id, true), Settlement::Withheld { id }, Settlement::Buried { id, reason }] {
        settle(&*store, again).await;
    }
    let store = place.reopen(store).await;
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap().unwrap().event, event_id("1"));
    assert_eq!(store.totals().await.unwrap().buried, 0);
    let next = lease_one(&*store).await;
    assert_eq!((next.waiting, next.sent_in_day, next.delivery.attempts), (1, 1, 0));
    assert_eq!(cards_in(&*store, "den").await, ["b"]);
}

pub(crate) async fn once_keys_stay_taken_whatever_becomes_of_the_delivery(place: &impl Place) {
    let store = place.open().await;
    let all = || ["a", "b", "c"].map(|name| once(card(name, name), name)).to_vec();
    queue(&*store, all()).await;
    let ids: Vec<_> = lease(&*store).await.iter().map(|leased| leased.delivery.id).collect();
    let reason = String::new();
    let settlements = vec![done(ids[0], "1", at(0)), Settlement::Withheld { id: ids[1] }, Settlement::Buried { id: ids[2], reason }];
    store.settle(settlements).await.unwrap();
    let store = place.reopen(store).await;
    queue(&*store, all()).await;
    assert_eq!(store.totals().await.unwrap().waiting, 0);
    let keys = ["a", "b", "c", "d"].map(|key| OnceKey(key.to_owned()));
    let taken: Vec<_> = store.taken(&keys).await.unwrap().into_iter().collect();
    assert_eq!(taken, keys[..3]);
}

pub(crate) async fn a_taken_key_leaves_out_its_delivery_alone(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![once(card("den", "a"), "k"), once(card("den", "b"), "k"), once(card("den", "c"), "l"), card("den", "d")]).await;
    queue(&*store, vec![once(card("den", "e"), "l"), card("den", "f")]).await;
    assert_eq!(cards_in(&*store, "den").await, ["a", "c", "d", "f"]);
}

pub(crate) async fn an_attempt_that_may_have_left_something_counts_once(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    for attempts in 0..3 {
        let leased = lease_one(&*store).await.delivery;
        assert_eq!(leased.attempts, attempts);
        if attempts == 0 {
            freeze(&*store, leased.id, "den", "tea").await;
        }
        settle(&*store, retry(leased.id, true)).await;
    }
    let store = place.reopen(store).await;
    let leased = lease_one(&*store).await.delivery;
    assert_eq!((leased.attempts, leased.frozen), (3, Some(frozen("den", "tea"))));

    // What is not frozen counts too.
    queue(&*store, vec![reply("den", "r")]).await;
    let id = lease_one(&*store).await.delivery.id;
    settle(&*store, retry(id, true)).await;
    assert_eq!(lease_one(&*store).await.delivery.attempts, 1);
}

pub(crate) async fn an_attempt_that_left_nothing_is_as_if_it_had_not_been(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    let leased = lease_one(&*store).await.delivery;
    freeze(&*store, leased.id, "den", "tea").await;
    settle(&*store, retry(leased.id, false)).await;
    assert_eq!(lease_one(&*store).await.delivery, leased);

    // But not those before it.
    freeze(&*store, leased.id, "den", "tea").await;
    settle(&*store, retry(leased.id, true)).await;
    let tried = lease_one(&*store).await.delivery;
    assert_eq!(tried.attempts, 1);
    settle(&*store, retry(leased.id, false)).await;
    let store = place.reopen(store).await;
    assert_eq!(lease_one(&*store).await.delivery, tried);
    freeze(&*store, leased.id, "den", "other").await;
    settle(&*store, retry(leased.id, false)).await;
    assert_eq!(lease_one(&*store).await.delivery, tried);
}

pub(crate) async fn a_day_begins_with_the_first_card_a_day_after_the_last_began(place: &impl Place) {
    let store = place.open().await;
    assert_eq!(send_card(&*store, 100).await, (0, None));
    assert_eq!(send_card(&*store, 200).await, (1, Some(at(100))));
    assert_eq!(send_card(&*store, 99 + DAY).await, (2, Some(at(100))));
    let store = place.reopen(store).await;
    assert_eq!(send_card(&*store, 100 + DAY).await, (3, Some(at(100))));
    assert_eq!(send_card(&*store, 101 + DAY).await, (1, Some(at(100 + DAY))));

    // Digests count, replies do not and have no day.
    queue(&*store, vec![digest("den", "many"), reply("den", "r")]).await;
    let leased = lease(&*store).await;
    assert_eq!((leased[0].sent_in_day, leased[1].sent_in_day, leased[1].day_began_at), (2, 0, None));
    for leased in leased {
        settle(&*store, done(leased.delivery.id, "x", at(102 + DAY))).await;
    }
    assert_eq!(send_card(&*store, 103 + DAY).await.0, 3);
}

pub(crate) async fn a_delivery_is_found_by_its_mark_while_it_waits(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), card("den", "b")]).await;
    let delivery = lease_one(&*store).await.delivery;
    assert_eq!(store.marked(&delivery.mark()).await.unwrap(), Some(delivery.id));
    freeze(&*store, delivery.id, "den", "a").await;
    settle(&*store, retry(delivery.id, true)).await;
    let store = place.reopen(store).await;
    assert_eq!(store.marked(&delivery.mark()).await.unwrap(), Some(delivery.id));
    // Our own event came back: nobody holds the delivery, and it is done.
    settle(&*store, done(delivery.id, "1", at(0))).await;
    assert_eq!(store.marked(&delivery.mark()).await.unwrap(), None);
    assert_eq!(store.marked("no such mark").await.unwrap(), None);
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap().unwrap().event, event_id("1"));
    assert_eq!(delivery.target, Target::Room(room_id("den")));
}

pub(crate) async fn changes_are_told_to_everyone_who_waits(place: &impl Place) {
    let store = place.open().await;
    let mut waiting = [store.changes(), store.changes()];
    for changes in &mut waiting {
        assert!(changes.changed().now_or_never().is_none());
    }
    queue(&*store, vec![card("den", "a")]).await;
    for changes in &mut waiting {
        changes.changed().await.unwrap();
    }
    let id = lease_one(&*store).await.delivery.id;
    store.release_delivery(id);
    for changes in &mut waiting {
        changes.changed().await.unwrap();
        assert!(changes.changed().now_or_never().is_none());
    }
}

pub(crate) async fn a_change_between_look_and_wait_is_not_missed(place: &impl Place) {
    let store = place.open().await;
    let mut changes = store.changes();
    for _ in 0..3 {
        assert!(lease(&*store).await.is_empty());
        queue(&*store, vec![card("den", "a")]).await;
        changes.changed().await.unwrap();
        let id = lease_one(&*store).await.delivery.id;
        settle(&*store, Settlement::Withheld { id }).await;
        changes.changed().await.unwrap();
    }
}
