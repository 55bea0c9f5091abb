//! What was given up: found, tried again, forgotten.

use super::Place;
use super::values::at;
use super::values::card;
use super::values::cards_in;
use super::values::done;
use super::values::frozen;
use super::values::lease;
use super::values::lease_one;
use super::values::name_of;
use super::values::names;
use super::values::once;
use super::values::queue;
use super::values::settle;
use tradepost::domain::delivery::Delivery;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::ids::DeliveryId;
use tradepost::store::Store;

/// Queues cards in one room and gives them up, one after the other.
async fn give_up(store: &dyn Store, cards: &[&str]) -> Vec<DeliveryId> {
    let mut ids = Vec::new();
    for name in cards {
        queue(store, vec![once(card("den", name), name)]).await;
        let id = lease_one(store).await.delivery.id;
        store.freeze(vec![(id, frozen("den", name))], at(1)).await.unwrap();
        settle(store, Settlement::Buried { id, reason: format!("no {name}") }).await;
        ids.push(id);
    }
    ids
}

async fn buried(store: &dyn Store) -> Vec<String> {
    let buried = store.buried(100).await.unwrap();
    assert_eq!(store.totals().await.unwrap().buried, buried.len() as u64);
    buried.iter().map(|delivery| name_of(&delivery.what)).collect()
}

pub(super) async fn what_was_given_up_is_found_newest_first_with_its_reason(place: &impl Place) {
    let store = place.open().await;
    give_up(&*store, &["tea", "cup", "mug"]).await;
    assert_eq!(buried(&*store).await, ["mug", "cup", "tea"]);
    let newest = store.buried(2).await.unwrap();
    let reasons: Vec<_> = newest.iter().map(|delivery| delivery.buried.as_deref()).collect();
    assert_eq!(reasons, [Some("no mug"), Some("no cup")]);
    let store = place.reopen(store).await;
    assert_eq!(buried(&*store).await, ["mug", "cup", "tea"]);
}

pub(super) async fn what_is_revived_waits_last_as_if_it_had_never_been_attempted(place: &impl Place) {
    let store = place.open().await;
    let ids = give_up(&*store, &["tea"]).await;
    let before = store.buried(1).await.unwrap().remove(0);
    queue(&*store, vec![card("den", "cup")]).await;
    let mut changes = store.changes();
    changes.mark_unchanged();
    assert!(store.revive(ids[0], at(9)).await.unwrap());
    assert!(changes.has_changed().unwrap());
    assert_eq!(buried(&*store).await, Vec::<String>::new());
    let store = place.reopen(store).await;
    assert_eq!(cards_in(&*store, "den").await, ["cup", "tea"]);
    let first = lease_one(&*store).await;
    settle(&*store, done(first.delivery.id, "cup", at(1))).await;
    assert!(lease(&*store).await.is_empty());
    let revived = store.lease_deliveries(at(9), 10, 10).await.unwrap().remove(0).delivery;
    let expected = Delivery { not_before_at: at(9), attempts: 0, first_attempt_at: None, frozen: None, buried: None, ..before };
    assert_eq!(revived, expected);
    assert_eq!(store.marked(&revived.mark()).await.unwrap(), Some(ids[0]));
}

pub(super) async fn what_was_revived_can_be_given_up_again(place: &impl Place) {
    let store = place.open().await;
    let ids = give_up(&*store, &["tea"]).await;
    assert!(store.revive(ids[0], at(0)).await.unwrap());
    settle(&*store, Settlement::Buried { id: lease_one(&*store).await.delivery.id, reason: "again".to_owned() }).await;
    assert_eq!(buried(&*store).await, ["tea"]);
    assert_eq!(store.buried(1).await.unwrap()[0].buried.as_deref(), Some("again"));
}

pub(super) async fn what_was_forgotten_or_waits_is_neither_revived_nor_forgotten(place: &impl Place) {
    let store = place.open().await;
    let ids = give_up(&*store, &["tea", "cup"]).await;
    assert!(store.forget_buried(ids[0]).await.unwrap());
    assert!(!store.forget_buried(ids[0]).await.unwrap());
    assert!(!store.revive(ids[0], at(0)).await.unwrap());
    assert_eq!(buried(&*store).await, ["cup"]);
    assert!(store.revive(ids[1], at(0)).await.unwrap());
    assert!(!store.revive(ids[1], at(0)).await.unwrap());
    assert!(!store.forget_buried(ids[1]).await.unwrap());
    assert_eq!(names(&lease(&*store).await), ["cup"]);
    // Whatever becomes of it, nobody gets it a second time.
    queue(&*store, vec![once(card("den", "tea"), "tea")]).await;
    assert_eq!(cards_in(&*store, "den").await, ["cup"]);
}
