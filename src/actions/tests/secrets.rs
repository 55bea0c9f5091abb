//! Secrets, and links by which they are given.

use super::shop::lasting;
use super::stage::Stage;
use super::stage::joy;
use super::stage::now;
use super::stage::permissions;
use crate::actions::LinkEnd;
use crate::actions::Rejection;
use crate::domain::ids::ExternalId;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::permission::Permission;
use crate::domain::problem::Problem;
use crate::domain::sharer::Contact;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::domain::trade::digest;
use crate::store::Commit;
use crate::store::Named;
use crate::values::Secret;
use jiff::Timestamp;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn an_account_is_kept_whose_listing_takes_several_polls() {
    let stage = Stage::new();
    stage.shop.has_more.store(true, Ordering::SeqCst);
    stage.adds("tea", None).await.unwrap();
    assert_eq!(stage.sharer().await.accounts.len(), 1);
    stage.adds("tea", Some("token")).await.unwrap();
    let sharer = stage.sharer().await;
    assert_eq!(sharer.accounts.len(), 2);
    assert!(sharer.accounts.iter().all(|account| account.baseline_pending));
    // The same, where it becomes hers by a secret.
    stage.adds("pots", None).await.unwrap();
    let (commit, _) = stage.actions.new_secret(&joy(), Number(3), Some(&Secret::new("token")), now()).await.unwrap();
    stage.commit(commit).await;
    let source = stage.private("pots").await.unwrap();
    assert!(stage.sharer().await.account_at(&source.id).is_some_and(|account| account.baseline_pending));
}

#[tokio::test]
async fn a_secret_that_would_make_two_accounts_one_is_refused() {
    let stage = Stage::new();
    stage.adds("tea", None).await.unwrap();
    stage.adds("tea", Some("token")).await.unwrap();
    let result = stage.actions.new_secret(&joy(), Number(1), Some(&Secret::new("token")), now()).await;
    assert!(matches!(result, Err(Rejection::Refused(Notice::AccountKnown { number: Number(2), .. }))));
}

#[tokio::test]
async fn a_code_is_redeemed_once_however_often_it_comes() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let word = stage.is_asked().await;
    let (one, other) = tokio::join!(stage.answers(&word, Some("code")), stage.answers(&word, Some("code")));
    let ends = [&one, &other];
    assert_eq!(ends.iter().filter(|end| matches!(end, LinkEnd::Done { .. })).count(), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| matches!(end, LinkEnd::Gone)).count(), 1, "{ends:?}");
    assert_eq!(stage.shop.redeemed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_state_is_good_for_one_answer_also_where_that_is_no() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let word = stage.is_asked().await;
    assert!(matches!(stage.answers(&word, None).await, LinkEnd::Refused { problem: Problem::SecretRefused, .. }));
    assert_eq!(stage.answers(&word, Some("code")).await, LinkEnd::Gone);
    assert!(stage.sharer().await.links.is_empty());
    assert_eq!(stage.actions.store().named(&Named::Link(digest(&[&word]))).await.unwrap(), None);
}

#[tokio::test]
async fn whoever_may_share_no_more_is_not_asked_for_a_secret() {
    let mut stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let word = stage.is_asked().await;
    assert!(stage.actions.link_ask(&word, now()).await.unwrap().is_some());
    stage.actions.permissions = permissions(Permission::None);
    assert_eq!(stage.actions.link_ask(&word, now()).await.unwrap(), None);
    assert_eq!(stage.answers(&word, Some("code")).await, LinkEnd::Gone);
    assert_eq!(stage.shop.redeemed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_waits_to_be_shown_still_is_after_a_secret_was_given() {
    let stage = Stage::new();
    stage.adds("tea", None).await.unwrap();
    let before = stage.sharer().await.accounts[0].source.clone();
    let (commit, _) = stage.actions.new_secret(&joy(), Number(1), Some(&Secret::new("token")), now()).await.unwrap();
    stage.commit(commit).await;
    let sharer = stage.sharer().await;
    assert_ne!(sharer.accounts[0].source, before);
    let mary = Contact::new(Number(2), RoomId::new("!r"), UserId::new("@mary:a.example"), Line::default());
    for source in [before, sharer.accounts[0].source.clone()] {
        let trade = Trade::new(Kind::Listing, source, ExternalId::new("1"), Line::title("Teapot"), now());
        assert!(sharer.still_shows(&mary, &trade));
    }
}

#[tokio::test]
async fn a_secret_is_renewed_by_one_at_a_time() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let intake = &stage.actions.intake;
    let mut source = stage.private("tea").await.unwrap();
    intake.put_credentials(&mut source, &lasting(0, now()), now()).unwrap();
    stage.commit(Commit { sources: vec![source], ..Commit::default() }).await;
    let (mut one, mut other) = (stage.private("tea").await.unwrap(), stage.private("tea").await.unwrap());
    let (first, second) = tokio::join!(intake.keep_fresh(&mut one, now()), intake.keep_fresh(&mut other, now()));
    first.unwrap();
    second.unwrap();
    assert_eq!(stage.shop.renewed.load(Ordering::SeqCst), 1);
    assert_eq!(one.sealed, other.sealed);
    assert_eq!(one.sealed, stage.private("tea").await.unwrap().sealed);
}

#[tokio::test]
async fn who_has_not_been_told_that_a_secret_ends_still_is_after_it_was_renewed() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let intake = &stage.actions.intake;
    let mut source = stage.private("tea").await.unwrap();
    let early: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    intake.put_credentials(&mut source, &lasting(0, early), early).unwrap();
    assert!(!source.told_expiry);
    intake.put_credentials(&mut source, &lasting(1, now()), now()).unwrap();
    assert!(!source.told_expiry, "nobody has told her");
    source.told_expiry = true;
    intake.put_credentials(&mut source, &lasting(2, now()), now()).unwrap();
    assert!(source.told_expiry);
    // What is short from the beginning is known to be.
    source.expires_at = None;
    source.told_expiry = false;
    intake.put_credentials(&mut source, &lasting(3, now()), now()).unwrap();
    assert!(source.told_expiry);
}
