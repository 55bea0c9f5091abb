//! That nobody posts into a room in which she is not: looked at when it is delivered, however it is shown
//! and whatever was true when it was queued.

use crate::store::values::at;
use crate::store::values::event_id;
use crate::store::values::trade;
use crate::store::values::user;
use crate::support::sending::Sending;
use tradepost::clock::Clock;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::TradeId;
use tradepost::domain::ids::UserId;
use tradepost::domain::own_name::DeviceState;
use tradepost::domain::own_name::OwnDevice;
use tradepost::domain::own_name::OwnName;
use tradepost::domain::room::Member;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::settings::Output;
use tradepost::domain::text::Line;

type Way = (&'static str, Output, fn(UserId, TradeId, Line) -> What);

/// Every way in which a trade is queued for a contact.
const WAYS: [Way; 6] = [
    ("card", Output::Message, |sharer, trade, shop| What::Card { sharer, trade, shop }),
    ("popup", Output::Popup, |sharer, trade, shop| What::Card { sharer, trade, shop }),
    ("several", Output::Message, |sharer, trade, shop| What::Digest { sharer, trades: vec![(trade, shop)] }),
    ("digest of the day", Output::Digest, |sharer, trade, shop| What::Gathered { sharer, trade, shop }),
    ("board", Output::Board, |sharer, trade, shop| What::Board { sharer, add: Some((trade, shop)) }),
    ("held purchase", Output::Message, |sharer, trade, shop| What::Held { sharer, trade, shop }),
];

fn she_leaves(room: &mut Room) {
    room.members.remove(&user("joy"));
}

fn she_is_only_invited(room: &mut Room) {
    room.members.insert(user("joy"), Member { membership: Membership::Invited, name: None });
}

/// Somebody else is there in her place.
fn another_takes_her_place(room: &mut Room) {
    room.members.remove(&user("joy"));
    room.members.insert(user("eve"), Member { membership: Membership::Joined, name: None });
}

#[tokio::test]
async fn whoever_left_between_the_commit_and_the_delivery_posts_nothing_in_any_way() {
    for (way, output, what) in WAYS {
        for gone in [she_leaves, she_is_only_invited, another_takes_her_place] {
            let mut sending = Sending::with_friends(&["mary"]).await;
            sending.shows_as("mary", &[output]).await;
            sending.queue_trade("mary", trade("shop", "mug"), what).await;
            sending.room_changes("mary", gone).await;
            sending.start();
            sending.nothing_waits().await;
            assert_eq!(sending.homeserver.requests(), [], "{way}");
        }
    }
}

#[tokio::test]
async fn whoever_left_is_not_introduced_either() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    for asks in [false, true] {
        sending.queue("mary", What::Introduction { sharer: user("joy"), asks }).await;
    }
    sending.room_changes("mary", she_leaves).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
}

#[tokio::test]
async fn whoever_left_changes_nothing_of_what_stands_there() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.shows_as("mary", &[Output::Message]).await;
    sending.queue_trade("mary", trade("shop", "mug"), WAYS[0].2).await;
    sending.start();
    sending.nothing_waits().await;
    let before = sending.homeserver.requests().len();
    sending.room_changes("mary", she_leaves).await;
    sending.item_changes("mug", |item| item.available = Some(false)).await;
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests().len(), before);
}

#[tokio::test]
async fn in_her_own_name_nothing_is_posted_after_she_left_either() {
    for (way, output, what) in WAYS {
        let mut sending = Sending::with_friends(&["mary"]).await;
        sending.shows_as("mary", &[output]).await;
        sending
            .joy_changes(|joy| {
                let device = Some(OwnDevice { id: "TRADEPOSTA".to_owned(), state: DeviceState::Plain });
                joy.own_name = Some(OwnName { agreed_at: at(0), device, told_unverified: false });
            })
            .await;
        sending
            .room_changes("mary", |room| {
                room.ours = Membership::Left;
                room.members.remove(&user("tradepost"));
                room.heard_by = Some(user("joy"));
                she_leaves(room);
            })
            .await;
        sending.queue_trade("mary", trade("shop", "mug"), what).await;
        sending.start();
        sending.nothing_waits().await;
        assert_eq!(sending.homeserver.requests(), [], "{way}");
    }
}

#[tokio::test]
async fn a_repeat_of_what_may_have_arrived_is_not_made_after_she_left() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.answers_next(1, crate::support::fake_homeserver::Answer::Lost);
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    let again_at = sending.next_attempt_at().await;
    sending.room_changes("mary", she_leaves).await;
    sending.clock.set(again_at);
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.sends().len(), 1);
    assert!(sending.clock.now() >= again_at && sending.store.posting(&event_id("event-1")).await.unwrap().is_none());
}
