//! A little of everything that every version of the store can hold. It names nothing that the first
//! version did not know, so that `tests/databases` can be made with any of them.

use super::values::at;
use super::values::card;
use super::values::done;
use super::values::event;
use super::values::frozen;
use super::values::item;
use super::values::lease_one;
use super::values::notice;
use super::values::once;
use super::values::queue;
use super::values::reply;
use super::values::room;
use super::values::settle;
use super::values::sharer;
use super::values::source;
use super::values::trade;
use tradepost::domain::delivery::Settlement;
use tradepost::store::Commit;
use tradepost::store::Store;

/// Joy follows a shop and shares in two rooms: a card was posted in the den, one was given up, one was
/// tried and waits before another. A reply and a notice wait, an event was worked off and one is pending.
pub(crate) async fn fill(store: &dyn Store) {
    let commit = Commit {
        sharers: vec![sharer("joy", &["shop"], &["den", "hut"])],
        sources: vec![source("shop")],
        rooms: vec![room("den", &["joy", "mary"]), room("hut", &["joy", "mary"])],
        items: vec![item("shop", "cup"), item("shop", "tea")],
        trades: vec![trade("shop", "cup"), trade("shop", "tea")],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    for (name, how) in [("posted", "done"), ("refused", "buried"), ("tried", "tried")] {
        queue(store, vec![once(card("den", name), name)]).await;
        let id = lease_one(store).await.delivery.id;
        store.freeze(vec![(id, frozen("den", name))], at(1)).await.unwrap();
        let settlement = match how {
            "done" => done(id, name, at(5)),
            "buried" => Settlement::Buried { id, reason: "the homeserver refused it".to_owned() },
            _ => Settlement::Retry { id, at: at(60), attempted: true },
        };
        settle(store, settlement).await;
    }
    queue(store, vec![once(card("den", "waiting"), "waiting"), reply("hut", "asked"), notice("joy")]).await;
    store.take_events(vec![event("den", "over"), event("den", "pending")]).await.unwrap();
    let first = store.lease_events(1).await.unwrap().remove(0).id;
    store.commit(Commit { finished_event: Some(first), ..Commit::default() }).await.unwrap();
}
