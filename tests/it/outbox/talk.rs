//! Replies and notices: who may read them, and that an encrypted room gets no words.

use crate::store::values::at;
use crate::store::values::event_id;
use crate::store::values::user;
use crate::support::fake_homeserver::Answer;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use jiff::SignedDuration;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::Reaction;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::RoomId;
use tradepost::domain::notice::Notice;
use tradepost::domain::room::Member;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::store::Commit;

fn reply(openly: bool) -> What {
    What::Reply { to: event_id("said"), reader: user("joy"), openly, notice: Notice::AllPaused }
}

fn reaction() -> What {
    What::React { to: event_id("said"), key: Reaction::Done }
}

fn somebody_is_invited(room: &mut Room) {
    room.members.insert(user("eve"), Member { membership: Membership::Invited, name: None });
    room.had_others = true;
}

fn kinds(sending: &Sending) -> Vec<String> {
    sending.homeserver.events().into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn a_reply_is_said_where_its_reader_is_alone_with_the_bot() {
    let mut sending = Sending::with_friends(&[]).await;
    sending.queue(DESK, reply(false)).await;
    sending.start();
    sending.nothing_waits().await;
    let sends = sending.homeserver.sends();
    assert_eq!(sends.len(), 1);
    assert!(sends[0].body.contains("$said") && sends[0].body.contains("@joy:a.example"), "{}", sends[0].body);
}

#[tokio::test]
async fn a_private_reply_is_not_said_once_somebody_else_is_in_the_room_and_an_open_one_is() {
    let mut sending = Sending::with_friends(&[]).await;
    sending.queue(DESK, reply(false)).await;
    sending.room_changes(DESK, somebody_is_invited).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
    sending.queue(DESK, reply(true)).await;
    sending.nothing_waits().await;
    assert_eq!(kinds(&sending), ["m.room.message"]);
}

#[tokio::test]
async fn in_a_room_where_others_ever_were_nothing_private_is_said() {
    let mut sending = Sending::with_friends(&[]).await;
    sending.queue(DESK, reply(false)).await;
    sending.room_changes(DESK, |room| room.had_others = true).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
}

#[tokio::test]
async fn an_encrypted_room_gets_no_words_and_its_reaction_does_not_wait_behind_them() {
    let mut sending = Sending::with_friends(&[]).await;
    sending.room_changes(DESK, |room| room.encrypted = true).await;
    sending.queue(DESK, reply(false)).await;
    sending.queue(DESK, What::Notice { notice: Notice::Greeting }).await;
    sending.queue(DESK, reaction()).await;
    sending.start();
    sending.so_many_wait(2).await;
    assert_eq!(kinds(&sending), ["m.reaction"]);
    for _ in 0..3 {
        sending.clock.set(sending.next_attempt_at().await);
    }
    sending.next_attempt_at().await;
    assert_eq!(kinds(&sending), ["m.reaction"], "not later either");
}

#[tokio::test]
async fn a_reply_does_not_wait_behind_cards_that_wait() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.answers_next(1, Answer::error(503, "M_UNKNOWN"));
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    sending.next_attempt_at().await;
    sending.queue("mary", reply(true)).await;
    sending.so_many_wait(1).await;
    assert_eq!(kinds(&sending), ["m.room.message"]);
    assert_eq!(sending.waiting_cards("mary").await.len(), 1);
}

#[tokio::test]
async fn who_has_no_room_with_the_bot_alone_is_told_in_one_that_it_opens_once() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.room_changes(DESK, somebody_is_invited).await;
    let tell = |notice| NewDelivery::to_person(user("joy"), notice, at(0));
    sending.commit(Commit { deliveries: vec![tell(Notice::AllPaused), tell(Notice::AllResumed)], ..Commit::default() }).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.others(), ["POST createRoom", "GET rooms/!made-1:a.example/state"]);
    let rooms: Vec<String> = sending.homeserver.events().into_iter().map(|event| event.room).collect();
    assert_eq!(rooms, ["!made-1:a.example", "!made-1:a.example"]);
}

#[tokio::test]
async fn a_room_that_the_server_encrypts_by_itself_gets_no_words_and_no_other_is_opened() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.room_changes(DESK, somebody_is_invited).await;
    sending.homeserver.encrypts_new_rooms();
    sending.commit(Commit { deliveries: vec![NewDelivery::to_person(user("joy"), Notice::AllPaused, at(0))], ..Commit::default() }).await;
    sending.start();
    assert_eq!(sending.next_attempt_at().await, at(0) + SignedDuration::from_hours(1));
    let opened = sending.store.room(&RoomId::new("!made-1:a.example")).await.unwrap().unwrap();
    assert!(opened.encrypted && opened.opened_for == Some(user("joy")), "{opened:?}");
    assert!(sending.homeserver.sends().is_empty(), "nothing is said in plain text");
    assert_eq!(sending.homeserver.others(), ["POST createRoom", "GET rooms/!made-1:a.example/state"]);
}
