//! Secrets that end, are renewed, or are refused.

use super::shopify::Selling;
use crate::fakes::shopify::CLIENT_SECRET;
use crate::fakes::wire::Fault;
use crate::store::values::user;
use serde_json::json;
use std::time::Duration;
use tradepost::domain::notice::Notice;
use tradepost::domain::trade::Kind;
use tradepost::intake::PushError;
use tradepost::platforms::Credentials;
use tradepost::store::Commit;
use tradepost::values::Secret;

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_secret_that_is_refused_twice_is_told_once_and_a_new_one_loses_nothing() {
    let mut selling = Selling::by_token().await;
    selling.sends_itself().await;
    selling.shop.shop().tokens.clear();
    selling.passes(MINUTE);
    selling.trading.polls(&selling.account).await;
    assert!(!selling.trading.joy().await.accounts[0].needs_secret, "once may be a mistake");
    selling.passes(MINUTE);
    selling.trading.polls(&selling.account).await;
    assert!(selling.trading.joy().await.accounts[0].needs_secret);
    let asked = selling.shop.wire.requests();
    for _ in 0..3 {
        selling.passes(Duration::from_hours(1));
        selling.trading.polls(&selling.account).await;
    }
    assert_eq!(selling.shop.wire.requests(), asked, "it is not asked any more");
    let told = selling.trading.told().await;
    assert_eq!(told.iter().filter(|said| said.contains("secret")).count(), 1, "{told:?}");

    selling.sells();
    let cup = selling.shop.shop().offers("Cup", "9.00");
    let product = selling.shop.shop().products.iter().find(|product| product["id"] == cup).unwrap().clone();
    assert_eq!(selling.says("products/create", &product).await.unwrap().accepted, 1, "what it sends is signed as before");
    assert_eq!(selling.trading.cards().await, [(Kind::Listing, "Cup".to_owned())]);
    selling.shop.shop().tokens.push("shpat_new".to_owned());
    let (actions, number, now) = (&selling.trading.actions, selling.account.number, selling.trading.now());
    let new = Secret::new(format!("shpat_new {CLIENT_SECRET}"));
    let (commit, notice) = actions.new_secret(&user("joy"), number, Some(&new), now).await.unwrap();
    selling.trading.commit(commit).await;
    assert!(matches!(notice, Notice::SecretTaken { .. }), "{notice:?}");
    assert!(!selling.trading.joy().await.accounts[0].needs_secret);
    assert_eq!(selling.trading.source(&selling.account).await.next_poll_at, now);
    selling.trading.polls(&selling.account).await;
    let mut cards = selling.trading.cards().await;
    cards.sort();
    let teapot = |kind| (kind, "Teapot".to_owned());
    assert_eq!(cards, [(Kind::Listing, "Cup".to_owned()), teapot(Kind::Listing), teapot(Kind::Sale)]);
}

#[tokio::test]
async fn a_secret_that_is_refused_once_after_other_failures_is_not_given_up() {
    let selling = Selling::by_token().await;
    let tokens = selling.shop.shop().tokens.clone();
    for refuses in [false, true, false, true] {
        selling.passes(MINUTE);
        selling.shop.shop().tokens = if refuses { Vec::new() } else { tokens.clone() };
        if !refuses {
            selling.shop.wire.fails_after(0, Fault::Broken);
        }
        let source = selling.trading.polls(&selling.account).await;
        assert_eq!(source.failure.unwrap().problem.needs_secret(), refuses);
        assert!(!selling.trading.joy().await.accounts[0].needs_secret);
    }
}

#[tokio::test]
async fn that_a_secret_will_end_is_told_once() {
    let mut selling = Selling::by_token().await;
    let token = Secret::new(format!("shpat_1234567890abcdef1234567890abcdef {CLIENT_SECRET}"));
    let ends_at = selling.trading.now() + Duration::from_hours(10 * 24);
    let ends = Credentials { expires_at: Some(ends_at), ..Credentials::new(token) };
    let mut source = selling.trading.source(&selling.account).await;
    selling.trading.intake().put_credentials(&mut source, &ends, selling.trading.now()).unwrap();
    selling.trading.commit(Commit { sources: vec![source], ..Commit::default() }).await;
    for days in 1..=9 {
        selling.passes(Duration::from_hours(24));
        let source = selling.trading.polls(&selling.account).await;
        assert_eq!(source.told_expiry, days >= 7, "after {days} days");
    }
    let told = selling.trading.told().await;
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn a_secret_is_renewed_before_it_ends_and_the_new_one_is_kept_whatever_happens_meanwhile() {
    let selling = Box::pin(Selling::by_consent()).await;
    let granted = selling.shop.shop().granted;
    selling.passes(Duration::from_mins(20));
    selling.trading.polls(&selling.account).await;
    assert_eq!(selling.shop.shop().granted, granted, "it is good for a while");
    selling.passes(Duration::from_mins(20));
    let source = selling.trading.source(&selling.account).await;
    // She changes something just then.
    let (commit, _) =
        selling.trading.actions.set_interval(&user("joy"), selling.account.number, 7_200, selling.trading.now()).await.unwrap();
    selling.trading.commit(commit).await;
    selling.trading.intake().poll(source, selling.trading.now(), 7).await.unwrap();
    assert_eq!(selling.shop.shop().granted, granted + 1);
    let source = selling.trading.source(&selling.account).await;
    assert_eq!(source.answered_at, Some(selling.trading.now()), "it is used at once");
    // A refresh token is good once, so that the next renewal shows whether the new one was kept.
    for renewals in 2..5 {
        selling.passes(Duration::from_mins(40));
        let source = selling.trading.polls(&selling.account).await;
        assert_eq!((source.failure, selling.shop.shop().granted), (None, granted + renewals));
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_renewed_yet_is_used_as_long_as_it_is_good() {
    let selling = Box::pin(Selling::by_consent()).await;
    selling.passes(Duration::from_mins(40));
    selling.shop.wire.fails_after(0, Fault::Broken);
    let source = selling.trading.polls(&selling.account).await;
    assert_eq!((source.failure, source.answered_at), (None, Some(selling.trading.now())));
}

#[tokio::test]
async fn a_subscription_is_ended_with_a_secret_that_is_good() {
    let selling = Box::pin(Selling::by_consent()).await;
    selling.sends_itself().await;
    selling.passes(Duration::from_hours(5));
    // Tokens that have ended are refused.
    selling.shop.shop().tokens.clear();
    let (commit, _) = selling.trading.actions.remove(&user("joy"), selling.account.number, selling.trading.now()).await.unwrap();
    selling.trading.commit(commit).await;
    let source = selling.trading.source(&selling.account).await;
    selling.trading.intake().poll(source, selling.trading.now(), 7).await.unwrap();
    assert_eq!(selling.shop.shop().webhooks.len(), 0);
    assert!(selling.trading.store().source(&selling.account.source).await.unwrap().is_none());
}

#[tokio::test]
async fn pushing_is_asked_for_with_a_secret_that_is_good() {
    let selling = Box::pin(Selling::by_consent()).await;
    selling.passes(Duration::from_hours(5));
    selling.shop.shop().tokens.clear();
    selling.sends_itself().await;
    assert_eq!(selling.shop.shop().webhooks.len(), 4);
    let wrong = selling.says("products/delete", &json!({"id": {}})).await;
    assert!(matches!(wrong, Err(PushError::Refused(_))), "{wrong:?}");
}
