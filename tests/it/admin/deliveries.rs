//! What waits and what was given up, in the operator's hands.

use crate::store::values::room_id;
use crate::store::values::user;
use crate::support::sending::Sending;
use std::path::PathBuf;
use std::sync::Arc;
use tradepost::admin::Admin;
use tradepost::admin::Answer as Told;
use tradepost::admin::DeliveryLine;
use tradepost::admin::Files;
use tradepost::admin::Kind;
use tradepost::admin::Request;
use tradepost::admin::Which;
use tradepost::clock::Clock;
use tradepost::domain::ids::DeliveryId;
use tradepost::domain::ids::RoomId;
use tradepost::domain::text::Line;

fn admin(sending: &Sending) -> Admin {
    let files = Files {
        keys: PathBuf::new(),
        key_file: PathBuf::new(),
        copy: |_, _| Box::pin(std::future::ready(Err("there are no keys here".to_owned()))),
    };
    let clock: Arc<dyn Clock> = Arc::<crate::support::clock::TestClock>::clone(&sending.clock);
    let store = Arc::clone(&sending.store);
    Admin { store, actions: None, permissions: sending.permissions.clone(), files, clock, service: None }
}

async fn lines(admin: &Admin, request: Request) -> Vec<DeliveryLine> {
    match admin.answer(request).await.unwrap() {
        Told::Deliveries(lines) => lines,
        other => panic!("{other:?}"),
    }
}

async fn waiting_for(admin: &Admin, sending: &Sending, friend: &str) -> Vec<DeliveryId> {
    let room: RoomId = sending.room(friend).await.id;
    lines(admin, Request::Waiting { room: Some(room) }).await.iter().map(|line| line.id).collect()
}

#[tokio::test]
async fn what_holds_up_a_lane_is_given_up_and_later_tried_again() {
    let mut sending = Sending::with_friends(&["mary", "nora"]).await;
    let admin = admin(&sending);
    sending.queue_cards("mary", &["one", "two"]).await;
    sending.queue_cards("nora", &["three"]).await;
    assert_eq!(lines(&admin, Request::Waiting { room: None }).await.len(), 3);
    let waiting = waiting_for(&admin, &sending, "mary").await;
    assert_eq!(waiting.len(), 2);

    admin.answer(Request::Bury { id: waiting[0] }).await.unwrap();
    assert_eq!(waiting_for(&admin, &sending, "mary").await, waiting[1..]);
    let buried = lines(&admin, Request::Buried).await;
    assert_eq!((buried[0].id, buried[0].kind.as_str()), (waiting[0], "card"));
    assert_eq!(buried[0].reason.as_ref().map(Line::as_str), Some("given up by the operator"));
    let error = admin.answer(Request::Bury { id: waiting[0] }).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotThere);

    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary").len(), 1);
    admin.answer(Request::Retry { which: Which::One(waiting[0]) }).await.unwrap();
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary").len(), 2);
    assert_eq!(lines(&admin, Request::Buried).await, []);
    assert_eq!(admin.answer(Request::Retry { which: Which::One(waiting[0]) }).await.unwrap_err().kind, Kind::NotThere);
}

#[tokio::test]
async fn all_that_was_given_up_is_tried_again_or_forgotten() {
    let sending = Sending::with_friends(&["mary"]).await;
    let admin = admin(&sending);
    sending.queue_cards("mary", &["one", "two", "three"]).await;
    let waiting = waiting_for(&admin, &sending, "mary").await;
    for id in &waiting {
        admin.answer(Request::Bury { id: *id }).await.unwrap();
    }
    assert_eq!(sending.store.totals().await.unwrap().buried, 3);
    admin.answer(Request::Forget { id: waiting[1] }).await.unwrap();
    assert_eq!(admin.answer(Request::Forget { id: waiting[1] }).await.unwrap_err().kind, Kind::NotThere);
    assert_eq!(admin.answer(Request::Forget { id: DeliveryId(4_711) }).await.unwrap_err().kind, Kind::NotThere);
    let told = admin.answer(Request::Retry { which: Which::All }).await.unwrap();
    assert_eq!(told, Told::Done("2 deliveries wait again".to_owned()));
    assert_eq!(waiting_for(&admin, &sending, "mary").await, [waiting[0], waiting[2]], "in their old order");
}

#[tokio::test]
async fn what_stands_already_is_not_sent_again_after_a_backup_was_restored() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue_cards("mary", &["one", "two"]).await;
    sending.start();
    sending.nothing_waits().await;
    sending.stop().await;
    let before = sending.shown_to("mary");
    assert_eq!(before.len(), 2);

    // An older store, which knows nothing of it, and a homeserver that has forgotten the transactions.
    sending.is_set_back(&["mary"]).await;
    sending.homeserver.forgets_transactions();
    sending.settings.restored_at = Some(sending.clock.now());
    sending.settings.digest_above = 1;
    sending.queue_cards("mary", &["one", "two", "three"]).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary").len(), 3, "only what is new: {:?}", sending.bodies_to("mary"));
    assert_eq!(sending.shown_to("mary")[..2], before);
    // What was found is known as if it had been sent now.
    let postings = sending.store.postings_to(&user("joy"), &room_id("mary"), 10).await.unwrap();
    assert_eq!(postings.len(), 3);
}
