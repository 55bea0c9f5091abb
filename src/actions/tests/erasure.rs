//! Somebody who wants to be forgotten.

use super::stage::Stage;
use super::stage::joy;
use super::stage::now;
use crate::actions::LinkEnd;
use crate::actions::PushChoice;
use crate::actions::Rejection;
use crate::domain::category::Selection;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::own_name::DeviceState;
use crate::domain::own_name::OpenedRoom;
use crate::domain::own_name::OwnDevice;
use crate::domain::own_name::OwnName;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Language;
use crate::domain::sharer::Mute;
use crate::domain::sharer::NewContact;
use crate::domain::sharer::Sharer;
use crate::domain::text::Line;
use crate::store::Commit;
use jiff::SignedDuration;
use jiff::Timestamp;

fn mary() -> UserId {
    UserId::new("@mary:a.example")
}

const MUTE: Option<Mute> = Some(Mute { since_at: Timestamp::UNIX_EPOCH, until_at: None });

impl Stage {
    /// `user` is asked whether she is to be forgotten, and answers.
    async fn forgets(&self, user: &UserId, agrees: bool) -> Option<Notice> {
        let (commit, notice) = self.actions.ask_to_forget(user, now()).await.unwrap();
        assert!(matches!(notice, Notice::ForgetAsked { .. }), "{notice:?}");
        self.commit(commit).await;
        let (commit, notice) = self.actions.answer(user, agrees, now()).await.unwrap();
        self.commit(commit).await;
        notice
    }

    async fn stored(&self, user: &UserId) -> Option<Sharer> {
        self.actions.store().sharer(user).await.unwrap()
    }

    async fn has(&self, sharer: Sharer) {
        self.commit(Commit { sharers: vec![sharer], ..Commit::default() }).await;
    }
}

/// Joy has Mary as a contact, who muted her there.
fn joy_with_mary(joys: Sharer) -> Sharer {
    let mut joys = joys;
    let number = joys.take_number();
    let contact = Contact::new(number, RoomId::new("!den:a.example"), mary(), Line::title("Mary"));
    joys.contacts.push(Contact { state: ContactState::On, mute: MUTE, ..contact });
    joys
}

#[tokio::test]
async fn nothing_is_erased_without_a_yes() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    assert_eq!(stage.forgets(&joy(), false).await, Some(Notice::LeftAsItIs));
    assert_eq!(stage.sharer().await.accounts.len(), 1);
    // A yes that comes an hour later is to nothing.
    let (commit, _) = stage.actions.ask_to_forget(&joy(), now()).await.unwrap();
    stage.commit(commit).await;
    let late = stage.actions.answer(&joy(), true, now() + SignedDuration::from_hours(1)).await;
    assert!(matches!(late, Err(Rejection::Refused(Notice::NothingAsked))), "{late:?}");
    assert_eq!(stage.sharer().await.accounts.len(), 1);
    // Nor is anything erased by leaving it.
    let (commit, _) = stage.actions.ask_to_forget(&joy(), now()).await.unwrap();
    stage.commit(commit).await;
    let commit = stage.actions.cancel(&joy(), now()).await.unwrap();
    stage.commit(commit).await;
    assert_eq!(stage.sharer().await.accounts.len(), 1);
}

#[tokio::test]
async fn of_whoever_is_forgotten_nothing_is_left_and_her_shop_is_told_to_stop() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    stage.pushes(PushChoice::On).await.unwrap();
    let mut joys = stage.sharer().await;
    joys.language = Some(Language::SimplifiedChinese);
    stage.has(joys).await;
    let link = stage.is_asked().await;
    let tokens = stage.tokens();
    assert_eq!(tokens.len(), 1);
    let said = stage.forgets(&joy(), true).await;
    assert_eq!(said, Some(Notice::Forgotten { language: Some(Language::SimplifiedChinese), cards: 0 }));
    assert_eq!(stage.stored(&joy()).await, None);
    for token in &tokens {
        assert!(stage.sends(token, "{}").await.is_err(), "nothing is taken any more");
    }
    assert!(matches!(stage.answers(&link, Some("code")).await, LinkEnd::Gone));
    // The source stays until the shop has been told.
    stage.polls().await;
    assert!(stage.tokens().is_empty());
    assert_eq!(stage.private("tea").await, None);
}

#[tokio::test]
async fn what_she_wished_of_others_stays() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let commit = stage.actions.mute(&joy(), &mary(), MUTE, now()).await.unwrap();
    stage.commit(commit).await;
    stage.forgets(&joy(), true).await;
    let left = stage.stored(&joy()).await.unwrap();
    assert_eq!(left, Sharer { version: left.version, wishes: left.wishes.clone(), ..Sharer::new(joy()) });
    assert_eq!(left.wish_for(&mary()).unwrap().mute, MUTE);
}

#[tokio::test]
async fn nobody_may_invite_or_begin_with_more_people_by_being_forgotten() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let with = |name: &str, at: Timestamp| NewContact { person: UserId::new(format!("@{name}:a.example")), at };
    let opened = vec![OpenedRoom { person: mary(), at: Timestamp::UNIX_EPOCH }];
    let begun = vec![with("anna", now() - SignedDuration::from_hours(25)), with("mary", now())];
    let joys = Sharer { opened: opened.clone(), begun, ..stage.sharer().await };
    stage.has(joys).await;
    stage.forgets(&joy(), true).await;
    let left = stage.stored(&joy()).await.unwrap();
    // How many it were today, but not with whom.
    assert_eq!(left, Sharer { version: left.version, begun: vec![with("joy", now())], opened, ..Sharer::new(joy()) });
}

#[tokio::test]
async fn what_others_wished_of_her_stays() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let commit = stage.actions.mute(&mary(), &joy(), MUTE, now()).await.unwrap();
    stage.commit(commit).await;
    stage.forgets(&joy(), true).await;
    assert_eq!(stage.stored(&mary()).await.unwrap().wish_for(&joy()).unwrap().mute, MUTE);
}

#[tokio::test]
async fn a_contact_who_is_forgotten_is_nobodys_contact_and_what_she_muted_stays_muted() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let joys = joy_with_mary(stage.sharer().await);
    stage.has(joys).await;
    let said = stage.forgets(&mary(), true).await;
    assert_eq!(said, Some(Notice::Forgotten { language: None, cards: 0 }));
    let joys = stage.sharer().await;
    assert_eq!((joys.accounts.len(), joys.contacts.len()), (1, 0));
    let told = stage.told().await;
    assert!(matches!(&told[..], [What::Notice { notice: Notice::ContactForgotten { person, .. } }] if person == "Mary"), "{told:?}");
    // The mute stood with Joy alone.
    let left = stage.stored(&mary()).await.unwrap();
    assert_eq!(left, Sharer { version: left.version, wishes: left.wishes.clone(), ..Sharer::new(mary()) });
    assert_eq!(left.wish_for(&joy()).map(|wish| (wish.mute, wish.only.clone())), Some((MUTE, Selection::All)));
}

#[tokio::test]
async fn whoever_only_lost_her_permission_stays_a_contact_of_others() {
    let stage = Stage::new();
    let joys = joy_with_mary(Sharer::new(joy()));
    stage.has(joys).await;
    let marys = Sharer { paused: true, ..Sharer::new(mary()) };
    stage.has(marys).await;
    let commit = stage.actions.forget_sharer(stage.stored(&mary()).await.unwrap(), now()).await.unwrap();
    stage.commit(commit).await;
    assert_eq!(stage.stored(&mary()).await, None);
    assert_eq!(stage.sharer().await.contacts.len(), 1);
    assert!(stage.told().await.is_empty());
}

#[tokio::test]
async fn her_agreement_to_her_own_name_ends_and_her_device_is_deleted() {
    let stage = Stage::new();
    let device = Some(OwnDevice { id: "TRADEPOST1".to_owned(), state: DeviceState::Plain });
    let own_name = Some(OwnName { agreed_at: now(), device, told_unverified: false });
    stage.has(Sharer { own_name, ..Sharer::new(joy()) }).await;
    stage.forgets(&joy(), true).await;
    assert!(stage.actions.store().in_own_name().await.unwrap().is_empty());
    let told = stage.told().await;
    let removed = What::OwnDevice { step: DeviceStep::Remove { device: "TRADEPOST1".to_owned() } };
    assert_eq!(told, [removed]);
}

#[tokio::test]
async fn whoever_is_stopped_by_the_operator_does_not_come_back_by_being_forgotten() {
    let stage = Stage::new();
    let commit = stage.actions.disable(&joy(), now()).await.unwrap();
    stage.commit(commit).await;
    stage.forgets(&joy(), true).await;
    assert!(stage.sharer().await.disabled_at.is_some());
}
