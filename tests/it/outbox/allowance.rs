//! How much goes out in a day, over all contacts and over all people: the homeserver does not limit an
//! appservice.

use crate::store::values::at;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::sharer;
use crate::store::values::user;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use std::collections::BTreeMap;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::ids::UserId;
use tradepost::domain::notice::Notice;
use tradepost::domain::permission::Permission;
use tradepost::domain::permission::Permissions;
use tradepost::store::Commit;

const DAY: Duration = Duration::from_hours(24);

/// How many rooms have been opened.
fn opened(sending: &Sending) -> usize {
    sending.homeserver.others().iter().filter(|call| *call == "POST createRoom").count()
}

fn tell(person: UserId) -> NewDelivery {
    NewDelivery::to_person(person, Notice::AllPaused, at(0))
}

#[tokio::test]
async fn a_sharers_cards_of_a_day_count_over_all_contacts_and_the_rest_comes_in_one_message() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    sending.settings.measure.cards_of_one = 3;
    let (began_at, rooms) = (sending.clock.now(), [room_id("mary"), room_id("anna")]);
    sending.start();
    sending.queue_cards("mary", &["mug", "pot"]).await;
    sending.nothing_waits().await;
    sending.queue_cards("anna", &["bowl", "cup", "jar"]).await;
    assert_eq!(sending.is_idle(&rooms).await, Some(began_at + DAY));
    assert_eq!((sending.said_to("mary"), sending.said_to("anna")), (vec!["mug".to_owned(), "pot".to_owned()], vec!["bowl".to_owned()]));
    let told = sending.said_to(DESK);
    assert!(told.len() == 1 && told[0].contains("As many of your posts as may go out in a day"), "{told:?}");

    // A restart begins no other day, and nothing is told twice.
    sending.stop().await;
    sending.start();
    sending.queue_cards("mary", &["tray"]).await;
    assert_eq!(sending.is_idle(&rooms).await, Some(began_at + DAY));
    assert_eq!((sending.said_to("mary").len(), sending.said_to(DESK).len()), (2, 1));

    sending.clock.set(began_at + DAY);
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary")[2..], ["tray"]);
    let late = sending.said_to("anna");
    assert_eq!(late, ["bowl", "2 new items"]);
}

#[tokio::test]
async fn the_cards_of_all_sharers_count_together() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.settings.measure.cards = 2;
    let (began_at, rooms) = (sending.clock.now(), [room_id("mary")]);
    sending.queue_cards("mary", &["mug", "pot", "cup", "jar"]).await;
    sending.start();
    assert_eq!(sending.is_idle(&rooms).await, Some(began_at + DAY));
    assert_eq!(sending.said_to("mary"), ["mug", "pot"]);
    let told = sending.said_to(DESK);
    assert!(told.len() == 1 && told[0].contains("for all people together"), "{told:?}");
    sending.clock.set(began_at + DAY);
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary").len(), 3, "one message with the rest");
}

#[tokio::test]
async fn only_so_many_rooms_are_opened_in_a_day() {
    let mut sending = Sending::empty().await;
    sending.settings.measure.rooms = 1;
    let began_at = sending.clock.now();
    sending.commit(Commit { deliveries: vec![tell(user("joy")), tell(user("anna"))], ..Commit::default() }).await;
    sending.start();
    sending.so_many_wait(1).await;
    sending.next_attempt_at().await;
    assert_eq!(opened(&sending), 1);
    sending.clock.set(began_at + DAY + Duration::from_hours(1));
    sending.nothing_waits().await;
    assert_eq!(opened(&sending), 2);
}

#[tokio::test]
async fn nobody_of_another_homeserver_is_invited_unless_she_may_share() {
    let eve = UserId::new("@eve:b.example");
    for (level, rooms) in [(Permission::None, 0), (Permission::Block, 0), (Permission::Share, 1)] {
        let mut sending = Sending::empty().await;
        sending.permissions = Permissions::try_from(BTreeMap::from([("b.example".to_owned(), level)])).unwrap();
        sending.commit(Commit { deliveries: vec![tell(eve.clone())], ..Commit::default() }).await;
        sending.start();
        sending.nothing_waits().await;
        assert_eq!(opened(&sending), rooms, "{level:?}");
    }
}

#[tokio::test]
async fn whoever_left_or_declined_the_room_that_the_bot_opened_is_invited_to_no_other() {
    let mut sending = Sending::empty().await;
    let joy = tradepost::domain::sharer::Sharer { wants_no_room: true, ..sharer("joy", &[], &[]) };
    // She has a direct room with somebody, which is no room to tell her something in.
    let direct = room("mary", &["joy", "mary", "tradepost"]);
    sending.commit(Commit { sharers: vec![joy], rooms: vec![direct], deliveries: vec![tell(user("joy"))], ..Commit::default() }).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
}
