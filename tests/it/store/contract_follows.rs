//! What every store promises of what follows a posting: it is queued in the change that makes it.

use super::Place;
use super::posting_values::editing;
use super::posting_values::id_of;
use super::posting_values::in_room;
use super::posting_values::post;
use super::posting_values::showing;
use super::values::at;
use super::values::board;
use super::values::card;
use super::values::event_id;
use super::values::queue;
use super::values::room_id;
use super::values::settle;
use super::values::user;
use tradepost::domain::delivery::AskedIn;
use tradepost::domain::delivery::Delivery;
use tradepost::domain::delivery::Frozen;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::Reaction;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::Then;
use tradepost::domain::delivery::What;
use tradepost::store::Store;

fn everything() -> Vec<Then> {
    vec![
        Then::ExpireAfter { seconds: 60 },
        Then::React { keys: vec![Reaction::Number(1), Reaction::Next] },
        Then::Pin { sharer: user("joy") },
        Then::Point { asked_in: AskedIn { room: room_id("hall"), to: event_id("asked") }, reader: user("mary") },
    ]
}

/// All that follows the event `name` in the den.
fn expected(name: &str) -> [What; 5] {
    let event = event_id(name);
    let (to, reader, room) = (event_id("asked"), user("mary"), room_id("den"));
    [
        What::Expire { event: event.clone() },
        What::React { to: event.clone(), key: Reaction::Number(1) },
        What::React { to: event.clone(), key: Reaction::Next },
        What::Pin { event: event.clone(), sharer: user("joy") },
        What::Pointer { to, reader, room, event },
    ]
}

/// What waits in these rooms, oldest first.
async fn waiting(store: &dyn Store) -> Vec<Delivery> {
    let mut all = Vec::new();
    for (room, lane) in [("den", Lane::Alone), ("den", Lane::Acts), ("hall", Lane::Talk)] {
        all.extend(store.waiting(&room_id(room), lane, 100).await.unwrap());
    }
    all.sort_by_key(|delivery| delivery.id);
    all
}

pub(crate) async fn what_follows_is_queued_when_an_event_stands_there(place: &impl Place) {
    let store = place.open().await;
    let bytes = Frozen { then: everything(), ..showing("den", &[("tea", 0)]) };
    post(&*store, board("den", "a"), bytes, "1").await;
    let store = place.reopen(store).await;
    let found = waiting(&*store).await;
    let what: Vec<_> = found.iter().map(|delivery| delivery.what.clone()).collect();
    assert_eq!(what, expected("1"));
    // It was posted at 5.
    assert_eq!((found[0].not_before_at, found[1].not_before_at), (at(65), at(5)));
    for delivery in found {
        let id = delivery.id;
        settle(&*store, Settlement::Withheld { id }).await;
    }
    // After an edit it is about what was edited.
    let bytes = Frozen { then: everything(), ..editing("den", "1", &[("tea", 0)]) };
    post(&*store, board("den", "b"), bytes, "2").await;
    let what: Vec<_> = waiting(&*store).await.into_iter().map(|delivery| delivery.what).collect();
    assert_eq!(what, expected("1"));
}

pub(crate) async fn nothing_follows_what_did_not_come_to_stand_there(place: &impl Place) {
    let store = place.open().await;
    for end in 0..3 {
        let delivery = card("den", "tea");
        queue(&*store, vec![delivery.clone()]).await;
        let id = id_of(&*store, "den", &delivery.what).await;
        store.freeze(vec![(id, Frozen { then: everything(), ..showing("den", &[("tea", 0)]) })], at(0)).await.unwrap();
        let reason = String::new();
        let ends = [Settlement::Done { id, event: None, at: at(0) }, Settlement::Withheld { id }, Settlement::Buried { id, reason }];
        settle(&*store, ends[end].clone()).await;
    }
    assert_eq!(store.totals().await.unwrap().waiting, 0);
}

pub(crate) async fn settling_twice_queues_what_follows_once(place: &impl Place) {
    let store = place.open().await;
    let what = What::Board { sharer: user("joy"), add: None };
    queue(&*store, vec![in_room("den", what.clone())]).await;
    let id = id_of(&*store, "den", &what).await;
    store.freeze(vec![(id, Frozen { then: everything(), ..showing("den", &[("tea", 0)]) })], at(0)).await.unwrap();
    let done = || super::values::done(id, "1", at(5));
    store.settle(vec![done(), done()]).await.unwrap();
    settle(&*store, done()).await;
    assert_eq!(store.totals().await.unwrap().waiting, 5);
}
