//! What is not sent although it was queued: decided just before each attempt.

use crate::store::values::at;
use crate::store::values::event;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::user;
use crate::support::fake_homeserver::Answer;
use crate::support::sending::Sending;
use std::collections::BTreeMap;
use tradepost::clock::Clock;
use tradepost::domain::category::Selection;
use tradepost::domain::delivery::Reaction;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::EventId;
use tradepost::domain::permission::Permission;
use tradepost::domain::permission::Permissions;
use tradepost::domain::room::Member;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Mute;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::trade::Kind;
use tradepost::store::Commit;

fn somebody_comes(room: &mut Room) {
    room.members.insert(user("eve"), Member { membership: Membership::Joined, name: None });
}

/// A queued card for Mary goes nowhere after `change`, and one for Anna does.
async fn is_not_sent_after(change: impl AsyncFnOnce(&mut Sending)) {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    sending.queue_cards("mary", &["mug"]).await;
    change(&mut sending).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
}

async fn is_not_sent_after_joy(change: impl FnOnce(&mut Sharer)) {
    is_not_sent_after(async |sending| sending.joy_changes(change).await).await;
}

#[tokio::test]
async fn a_card_is_not_sent_once_its_contact_has_muted() {
    is_not_sent_after_joy(|joy| joy.contacts[0].mute = Some(Mute { since_at: at(0), until_at: None })).await;
}

#[tokio::test]
async fn a_card_is_not_sent_once_its_contact_is_paused_or_off() {
    is_not_sent_after_joy(|joy| joy.contacts[0].state = ContactState::Paused).await;
    is_not_sent_after_joy(|joy| joy.contacts[0].state = ContactState::Off).await;
    is_not_sent_after_joy(|joy| drop(joy.contacts.remove(0))).await;
}

#[tokio::test]
async fn a_card_is_not_sent_once_its_account_or_everything_is_paused() {
    is_not_sent_after_joy(|joy| joy.accounts[0].paused = true).await;
    is_not_sent_after_joy(|joy| joy.paused = true).await;
    is_not_sent_after_joy(|joy| joy.accounts.clear()).await;
}

#[tokio::test]
async fn a_card_is_not_sent_once_its_kind_or_its_account_is_not_for_the_contact_any_more() {
    is_not_sent_after_joy(|joy| joy.contacts[0].settings.kinds = Some([Kind::Sale].into())).await;
    is_not_sent_after_joy(|joy| joy.accounts[0].kinds.clear()).await;
    is_not_sent_after_joy(|joy| joy.contacts[0].settings.accounts = Some(Selection::Only([].into()))).await;
}

#[tokio::test]
async fn a_card_is_not_sent_once_its_sharer_may_not_share_any_more() {
    is_not_sent_after(async |sending| {
        sending.permissions = Permissions::try_from(BTreeMap::from([("@joy:a.example".to_owned(), Permission::None)])).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_card_is_not_sent_once_its_sharer_is_disabled() {
    is_not_sent_after_joy(|joy| joy.disabled_at = Some(at(0))).await;
}

#[tokio::test]
async fn a_card_is_not_sent_once_its_contact_or_her_server_is_blocked() {
    for blocked in ["@mary:a.example", "a.example"] {
        is_not_sent_after(async |sending| {
            let levels = [("@joy:a.example", Permission::Share), (blocked, Permission::Block)];
            sending.permissions = Permissions::try_from(BTreeMap::from(levels.map(|(whom, level)| (whom.to_owned(), level)))).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_contact_whose_block_is_lifted_gets_what_comes_from_then_on() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    let everybody = sending.permissions.clone();
    let levels = [("*", Permission::Share), ("@mary:a.example", Permission::Block)];
    sending.permissions = Permissions::try_from(BTreeMap::from(levels.map(|(whom, level)| (whom.to_owned(), level)))).unwrap();
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    sending.nothing_waits().await;
    sending.stop().await;
    sending.permissions = everybody;
    sending.start();
    sending.queue_cards("mary", &["pot"]).await;
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["pot"]);
}

#[tokio::test]
async fn a_card_is_not_sent_once_its_contact_has_muted_everyone() {
    is_not_sent_after(async |sending| {
        let mut mary = Sharer::new(user("mary"));
        mary.mutes_everyone = Some(Mute { since_at: at(0), until_at: None });
        sending.commit(Commit { sharers: vec![mary], ..Commit::default() }).await;
    })
    .await;
}

#[tokio::test]
async fn a_card_is_not_sent_once_a_third_person_is_in_its_room_or_anybody_may_read_it() {
    is_not_sent_after(async |sending| sending.room_changes("mary", somebody_comes).await).await;
    is_not_sent_after(async |sending| sending.room_changes("mary", |room| room.public = true).await).await;
    is_not_sent_after(async |sending| sending.room_changes("mary", |room| drop(room.members.remove(&user("mary")))).await).await;
}

#[tokio::test]
async fn a_repeat_is_not_sent_either_once_a_third_person_is_in_its_room() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.answers_next(1, Answer::Lost);
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    let again_at = sending.next_attempt_at().await;
    sending.room_changes("mary", somebody_comes).await;
    sending.clock.set(again_at);
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.sends().len(), 1);
    assert_eq!(sending.homeserver.events(), []);
}

#[tokio::test]
async fn a_card_waits_while_something_of_its_room_is_not_worked_off() {
    let mut sending = Sending::with_friends(&["mary", "anna"]).await;
    sending.store.take_events(vec![event("mary", "somebody-joins")]).await.unwrap();
    sending.queue_cards("mary", &["mug"]).await;
    sending.queue_cards("anna", &["bowl"]).await;
    sending.start();
    sending.so_many_wait(1).await;
    for _ in 0..3 {
        sending.clock.set(sending.next_attempt_at().await);
    }
    sending.next_attempt_at().await;
    assert_eq!(sending.said_to("anna"), ["bowl"], "other rooms do not wait");
    assert_eq!(sending.said_to("mary"), Vec::<String>::new());
    let finished_event = Some(EventId::new("$somebody-joins"));
    sending.commit(Commit { finished_event, ..Commit::default() }).await;
    sending.clock.set(sending.next_attempt_at().await);
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary"), ["mug"]);
}

#[tokio::test]
async fn what_was_not_worked_off_may_be_that_somebody_came() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.store.take_events(vec![event("mary", "somebody-joins")]).await.unwrap();
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    let again_at = sending.next_attempt_at().await;
    let mut room = sending.room("mary").await;
    somebody_comes(&mut room);
    let finished_event = Some(EventId::new("$somebody-joins"));
    sending.commit(Commit { finished_event, rooms: vec![room], ..Commit::default() }).await;
    sending.clock.set(again_at);
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), []);
}

#[tokio::test]
async fn a_card_waits_while_its_room_is_encrypted_and_for_its_contact_to_come() {
    for hinder in [
        |room: &mut Room| room.encrypted = true,
        |room: &mut Room| {
            room.members.insert(user("mary"), Member { membership: Membership::Invited, name: None });
        },
    ] {
        let mut sending = Sending::with_friends(&["mary"]).await;
        sending.room_changes("mary", hinder).await;
        sending.queue_cards("mary", &["mug"]).await;
        sending.queue("mary", What::React { to: EventId::new("$said"), key: Reaction::Done }).await;
        sending.start();
        sending.so_many_wait(1).await;
        assert!(sending.next_attempt_at().await > sending.clock.now());
        let kinds: Vec<String> = sending.homeserver.events().into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, ["m.reaction"]);
        assert_eq!(sending.waiting_cards("mary").await.len(), 1);
    }
}

#[tokio::test]
async fn an_introduction_that_was_not_wanted_comes_before_a_later_card() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.queue("mary", What::Introduction { sharer: user("joy"), asks: false }).await;
    sending.queue_cards("mary", &["mug"]).await;
    sending.joy_changes(|joy| joy.contacts[0].state = ContactState::Paused).await;
    sending.start();
    sending.nothing_waits().await;
    let joy = sending.store.sharer(&user("joy")).await.unwrap().unwrap();
    assert!(!joy.contact_in(&room_id("mary")).unwrap().introduced);
    assert_eq!(sending.homeserver.requests(), []);
}

#[tokio::test]
async fn cards_queued_for_a_room_that_was_left_in_an_upgrade_come_in_the_new_one_in_order() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    let new = Room { replaces: Some(room_id("mary")), ..room("newer", &["joy", "mary", "tradepost"]) };
    sending.commit(Commit { rooms: vec![new], ..Commit::default() }).await;
    sending.room_changes("mary", |room| room.replaced_by = Some(room_id("newer"))).await;
    // What was fetched before the upgrade was followed is committed after it.
    sending.joy_changes(|joy| joy.contacts[0].room = room_id("newer")).await;
    sending.queue_cards("mary", &["mug", "pot"]).await;
    sending.queue_cards("newer", &["cup"]).await;
    sending.start();
    sending.nothing_waits().await;
    assert!(sending.said_to("mary").is_empty());
    let mut said: Vec<String> = sending.said_to("newer").iter().map(|line| line[..3].to_lowercase()).collect();
    assert_eq!(said.iter().filter(|title| *title != "cup").collect::<Vec<_>>(), ["mug", "pot"]);
    said.sort();
    assert_eq!(said, ["cup", "mug", "pot"]);
}
