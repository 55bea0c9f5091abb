//! Somebody whom the operator keeps from sharing.

use super::stage::Stage;
use super::stage::joy;
use super::stage::now;
use crate::actions::Rejection;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::store::Commit;
use jiff::SignedDuration;

async fn disabled() -> Stage {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let commit = stage.actions.disable(&joy(), now()).await.unwrap();
    stage.commit(commit).await;
    stage
}

#[tokio::test]
async fn whoever_is_disabled_is_answered_with_one_sentence_and_keeps_what_she_has() {
    let stage = disabled().await;
    let refused = stage.adds("coffee", Some("token")).await;
    assert!(matches!(refused, Err(Rejection::Refused(Notice::SharingDisabled))), "{refused:?}");
    assert_eq!(stage.sharer().await.accounts.len(), 1);
    // Twice is no change.
    assert_eq!(stage.actions.disable(&joy(), now()).await.unwrap(), Commit::default());
}

#[tokio::test]
async fn nothing_of_whoever_is_disabled_is_polled() {
    let stage = disabled().await;
    let (before, due_at) = (stage.shop.fetches(), stage.private("tea").await.unwrap().next_poll_at);
    stage.polls().await;
    assert_eq!(stage.shop.fetches(), before);
    let later = stage.private("tea").await.unwrap().next_poll_at;
    assert!(later > due_at && later >= now() + SignedDuration::from_mins(59), "{later}");
}

#[tokio::test]
async fn whoever_is_enabled_again_shares_what_comes_from_then_on() {
    let stage = disabled().await;
    let commit = stage.actions.enable(&joy(), now()).await.unwrap();
    stage.commit(commit).await;
    let sharer = stage.sharer().await;
    assert_eq!(sharer.disabled_at, None);
    assert!(sharer.accounts[0].baseline_pending, "what stands there now has come up meanwhile");
    assert_eq!(stage.private("tea").await.unwrap().next_poll_at, now(), "it is looked at at once");
    let before = stage.shop.fetches();
    stage.polls().await;
    assert_eq!(stage.shop.fetches(), before + 1);
    assert_eq!(stage.actions.enable(&joy(), now()).await.unwrap(), Commit::default());
}

#[tokio::test]
async fn somebody_can_be_disabled_before_she_comes() {
    let stage = Stage::new();
    let spammer = UserId::new("@spam:b.example");
    let commit = stage.actions.disable(&spammer, now()).await.unwrap();
    stage.commit(commit).await;
    assert!(stage.actions.require_permission(&spammer).await.is_err());
    assert!(stage.actions.require_permission(&joy()).await.is_ok());
}

#[tokio::test]
async fn whoever_is_disabled_may_still_take_away_what_is_hers() {
    let stage = disabled().await;
    let (commit, _) = stage.actions.remove(&joy(), Number(1), now()).await.unwrap();
    stage.commit(commit).await;
    assert!(stage.sharer().await.accounts.is_empty());
}
