//! Shops that send by themselves.

use super::shop::Shop;
use super::stage::Stage;
use super::stage::joy;
use super::stage::now;
use crate::actions::PushChoice;
use crate::domain::delivery::What;
use crate::domain::ids::Number;
use crate::domain::notice::Notice;
use crate::intake::PushError;
use crate::platforms::push::Refusal;
use crate::store::Commit;
use crate::store::Named;
use jiff::SignedDuration;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn an_account_that_is_added_again_does_not_wait_at_an_address_that_is_not_listened_to() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    stage.pushes(PushChoice::On).await.unwrap();
    assert_eq!(stage.shop.hooks.lock().unwrap().len(), 1);
    let (commit, _) = stage.actions.remove(&joy(), Number(1), now()).await.unwrap();
    stage.commit(commit).await;
    assert!(stage.private("tea").await.unwrap().push.is_some());
    stage.adds("tea", Some("token")).await.unwrap();
    assert_eq!(stage.private("tea").await.unwrap().push, None);
    assert!(stage.shop.hooks.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_platform_goes_on_sending_where_a_new_address_is_refused() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    stage.pushes(PushChoice::On).await.unwrap();
    let before = stage.private("tea").await.unwrap().push.unwrap();
    stage.shop.takes_no_hook.store(true, Ordering::SeqCst);
    assert!(stage.pushes(PushChoice::On).await.is_err());
    assert_eq!(stage.private("tea").await.unwrap().push, Some(before.clone()));
    assert_eq!(stage.shop.hooks.lock().unwrap().len(), 1);
    // A new one takes its place, and nothing is listened to at the old address.
    stage.shop.takes_no_hook.store(false, Ordering::SeqCst);
    stage.pushes(PushChoice::On).await.unwrap();
    assert_ne!(stage.private("tea").await.unwrap().push.unwrap().hook, before.hook);
    assert_eq!(stage.shop.hooks.lock().unwrap().len(), 1);
    assert_eq!(stage.actions.store().named(&Named::Hook(before.hook)).await.unwrap(), None);
}

#[tokio::test]
async fn a_registration_that_ends_counts_until_its_owner_has_confirmed_the_next_one() {
    let stage = Stage::at(Shop::only_sending());
    stage.adds("tea", None).await.unwrap();
    let first = stage.tokens().pop_first().unwrap();
    assert!(matches!(stage.sends(&first, "1").await, Err(PushError::Refused(Refusal::Unconfirmed))));
    stage.sends(&first, "confirmed").await.unwrap();
    assert_eq!(stage.sends(&first, "1").await.unwrap().accepted, 1);
    // It ends soon: there is another one, and she is asked once.
    stage.polls().await;
    stage.polls().await;
    let second = stage.tokens().into_iter().find(|token| *token != first).unwrap();
    assert_eq!(stage.tokens().len(), 2);
    let is_asked = |what: &&What| matches!(what, What::Notice { notice: Notice::ConfirmAsked { .. } });
    assert_eq!(stage.told().await.iter().filter(is_asked).count(), 1);
    // Nothing is lost meanwhile.
    assert_eq!(stage.sends(&first, "2").await.unwrap().accepted, 1);
    assert!(matches!(stage.sends(&second, "3").await, Err(PushError::Refused(Refusal::Unconfirmed))));
    stage.sends(&first, "confirmed").await.unwrap();
    assert_eq!(stage.sends(&first, "2").await.unwrap().unchanged, 1);
    stage.sends(&second, "confirmed").await.unwrap();
    assert_eq!(stage.sends(&second, "3").await.unwrap().accepted, 1);
    assert!(matches!(stage.sends(&first, "4").await, Err(PushError::UnknownHook)));
    assert_eq!(stage.private("tea").await.unwrap().push.unwrap().next, None);
}

#[tokio::test]
async fn an_account_is_not_over_when_its_former_registration_ends() {
    let stage = Stage::at(Shop::only_sending());
    stage.adds("tea", None).await.unwrap();
    let first = stage.tokens().pop_first().unwrap();
    stage.sends(&first, "confirmed").await.unwrap();
    stage.polls().await;
    let second = stage.tokens().into_iter().find(|token| *token != first).unwrap();
    stage.sends(&first, "ended").await.unwrap();
    assert_eq!(stage.sharer().await.accounts.len(), 1);
    stage.sends(&second, "confirmed").await.unwrap();
    assert_eq!(stage.sends(&second, "1").await.unwrap().accepted, 1);
    stage.sends(&second, "ended").await.unwrap();
    assert_eq!(stage.sharer().await.accounts.len(), 0);
    assert_eq!(stage.private("tea").await, None);
}

#[tokio::test]
async fn what_a_platform_does_not_send_for_longer_is_polled_as_often_as_ever() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    stage.pushes(PushChoice::On).await.unwrap();
    stage.polls().await;
    assert_eq!(stage.private("tea").await.unwrap().interval_seconds, 3_600);
    // Somebody deletes the webhook, and the shop takes no other.
    stage.shop.hooks.lock().unwrap().clear();
    stage.shop.takes_no_hook.store(true, Ordering::SeqCst);
    let mut source = stage.private("tea").await.unwrap();
    source.push.as_mut().unwrap().checked_at = now() - SignedDuration::from_hours(25);
    stage.commit(Commit { sources: vec![source], ..Commit::default() }).await;
    stage.polls().await;
    stage.polls().await;
    assert_eq!(stage.private("tea").await.unwrap().interval_seconds, 600);
}
