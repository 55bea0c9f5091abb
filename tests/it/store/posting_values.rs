//! Values and steps for tests of postings.

use super::values::at;
use super::values::card;
use super::values::digest;
use super::values::done;
use super::values::frozen;
use super::values::item;
use super::values::names_in;
use super::values::queue;
use super::values::room_id;
use super::values::settle;
use super::values::trade;
use super::values::user;
use tradepost::domain::delivery::Frozen;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::Posting;
use tradepost::domain::delivery::Shown;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::DeliveryId;
use tradepost::domain::ids::EventId;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::panel::Panel;
use tradepost::domain::panel::Scope;
use tradepost::domain::source::Item;
use tradepost::domain::text::Line;
use tradepost::store::Commit;
use tradepost::store::Store;

/// An item of the shop, as a posting shows it.
pub(crate) fn shown(id: &str, revision: u32) -> Shown {
    Shown::new(&trade("shop", id), revision, &Line::title("shop"))
}

/// What shows these items of the shop in these revisions.
pub(crate) fn showing(room: &str, items: &[(&str, u32)]) -> Frozen {
    let shows = items.iter().map(|(id, revision)| shown(id, *revision)).collect();
    Frozen { shows, ..frozen(room, &format!("{items:?}")) }
}

/// The same as an edit.
pub(crate) fn editing(room: &str, original: &str, items: &[(&str, u32)]) -> Frozen {
    Frozen { edits: Some(EventId::new(format!("${original}"))), ..showing(room, items) }
}

pub(crate) fn in_room(room: &str, what: What) -> NewDelivery {
    NewDelivery::in_room(room_id(room), what, at(0))
}

pub(crate) fn revise(room: &str, event: &str) -> NewDelivery {
    in_room(room, What::Revise { event: EventId::new(format!("${event}")) })
}

pub(crate) fn panel_of(owner: &str, scope: Scope, page: u32) -> Panel {
    Panel { owner: user(owner), scope, page, pages: 2, rows: Vec::new(), keys: 0, arrows: true, stale: false }
}

/// The number of something that waits in a room.
pub(crate) async fn id_of(store: &dyn Store, room: &str, what: &What) -> DeliveryId {
    let waiting = store.waiting(&room_id(room), what.lane(), 100).await.unwrap();
    waiting.iter().find(|delivery| delivery.what == *what).expect("it waits").id
}

/// Sends what waits in a room: it becomes the event `name`.
pub(crate) async fn send(store: &dyn Store, what: &What, bytes: Frozen, name: &str) {
    let room = bytes.room.as_str().trim_start_matches('!').split(':').next().unwrap().to_owned();
    let id = id_of(store, &room, what).await;
    store.freeze(vec![(id, bytes)], at(0)).await.unwrap();
    settle(store, done(id, name, at(5))).await;
}

/// Queues something and sends it.
pub(crate) async fn post(store: &dyn Store, delivery: NewDelivery, bytes: Frozen, name: &str) {
    queue(store, vec![delivery.clone()]).await;
    send(store, &delivery.what, bytes, name).await;
}

/// Posts a card of an item of the shop as the event `name`.
pub(crate) async fn post_card(store: &dyn Store, room: &str, id: &str, revision: u32, name: &str) {
    post(store, card(room, name), showing(room, &[(id, revision)]), name).await;
}

/// Posts a digest of items of the shop, all in their first revision.
pub(crate) async fn post_digest(store: &dyn Store, room: &str, ids: &[&str], name: &str) {
    let items: Vec<_> = ids.iter().map(|id| (*id, 0)).collect();
    post(store, digest(room, name), showing(room, &items), name).await;
}

/// An item of the shop in a later state, read after its postings were made.
pub(crate) fn raised(id: &str, revision: u32) -> Item {
    Item { revision, known_at: Some(at(6)), ..item("shop", id) }
}

/// Commits an item of the shop in this revision.
pub(crate) async fn raise(store: &dyn Store, id: &str, revision: u32) {
    let items = vec![raised(id, revision)];
    store.commit(Commit { items, ..Commit::default() }).await.unwrap();
}

/// The events that are to be revised in a room.
pub(crate) async fn revised_in(store: &dyn Store, room: &str) -> Vec<String> {
    names_in(store, room, Lane::Edits).await
}

/// The names of postings.
pub(crate) fn events(postings: &[Posting]) -> Vec<&str> {
    postings.iter().map(|posting| posting.event.as_str().trim_start_matches('$')).collect()
}

/// The postings of an item of the shop.
pub(crate) async fn postings_of(store: &dyn Store, id: &str) -> Vec<String> {
    let postings = store.postings_of(&super::values::source_id("shop"), &ExternalId::new(id)).await.unwrap();
    events(&postings).into_iter().map(str::to_owned).collect()
}

/// The postings in a room that show trades of Joy.
pub(crate) async fn postings_to(store: &dyn Store, room: &str) -> Vec<String> {
    let postings = store.postings_to(&user("joy"), &room_id(room), 100).await.unwrap();
    events(&postings).into_iter().map(str::to_owned).collect()
}

/// Says that somebody took an event away.
pub(crate) async fn withdraw(store: &dyn Store, name: &str, seconds: i64) {
    let withdrawn = vec![(EventId::new(format!("${name}")), at(seconds))];
    store.commit(Commit { withdrawn, ..Commit::default() }).await.unwrap();
}
