//! What comes later than something newer.

use super::shop::Pushing;
use super::shop::cents;
use std::time::Duration;
use tradepost::domain::source::Fetched;
use tradepost::domain::source::Source;
use tradepost::domain::trade::Kind;
use tradepost::intake::Way;

const MOMENT: Duration = Duration::from_secs(5);
const DAY: Duration = Duration::from_hours(25);

/// Commits what was fetched at another time, as the poll does that fetched it.
async fn is_stored(pushing: &Pushing, source: Source, fetched: Fetched, at: jiff::Timestamp) {
    let followers = pushing.trading.store().followers(&source.id).await.unwrap();
    let commit = pushing.trading.intake().absorb(source, fetched, followers, Way::Polled, at).await.unwrap();
    pushing.trading.commit(commit).await;
}

#[tokio::test]
async fn a_whole_listing_that_was_fetched_before_a_push_undoes_nothing_of_it() {
    let pushing = Pushing::with(&["Pot", "Cup", "Jug"]).await;
    let (pot, cup) = (pushing.product("Pot"), pushing.product("Cup"));
    pushing.passes(DAY);
    let (source, at) = (pushing.trading.source(&pushing.account).await, pushing.trading.now());
    let fetched = pushing.trading.intake().fetch(&source, at).await.unwrap();
    assert!(matches!(&fetched, Fetched::Changed { complete: true, trades, .. } if trades.len() == 3), "{fetched:?}");
    pushing.passes(MOMENT);
    let dearer = pushing.costs(pot, 2_500);
    pushing.takes(&dearer).await.unwrap();
    let vase = pushing.shop.offers("Vase", 3_000);
    assert_eq!(pushing.sends("product.created", vase).await, (1, 0));
    assert_eq!(pushing.sends("product.deleted", cup).await, (1, 0));
    is_stored(&pushing, source, fetched, at).await;
    assert_eq!(pushing.state(pot).await, (cents(2_500), Some(true)));
    assert_eq!(pushing.state(vase).await, (cents(3_000), Some(true)), "it was not there yet");
    assert_eq!(pushing.item(cup).await.available, Some(false), "it was there still");
    let told = pushing.trading.cards().await;
    assert_eq!(told, [(Kind::PriceChange, "Pot".to_owned()), (Kind::Listing, "Vase".to_owned())]);
}

#[tokio::test]
async fn what_a_poll_believed_gone_is_there_where_a_push_said_so_later() {
    let pushing = Pushing::with(&["Pot"]).await;
    let pot = pushing.product("Pot");
    pushing.passes(Duration::from_hours(1));
    pushing.shop.changes(pot, |product| product.status = "draft");
    let (source, at) = (pushing.trading.source(&pushing.account).await, pushing.trading.now());
    let fetched = pushing.trading.intake().fetch(&source, at).await.unwrap();
    assert!(matches!(&fetched, Fetched::Changed { gone, .. } if gone.len() == 1), "{fetched:?}");
    pushing.passes(MOMENT);
    pushing.shop.changes(pot, |product| product.status = "publish");
    pushing.sends("product.updated", pot).await;
    is_stored(&pushing, source, fetched, at).await;
    assert_eq!(pushing.item(pot).await.available, Some(true));
}

#[tokio::test]
async fn an_older_push_that_comes_again_changes_nothing() {
    let pushing = Pushing::with(&["Pot"]).await;
    let pot = pushing.product("Pot");
    pushing.passes(MOMENT);
    let first = pushing.costs(pot, 1_200);
    pushing.passes(MOMENT);
    let second = pushing.costs(pot, 1_100);
    pushing.passes(MOMENT);
    assert_eq!(pushing.takes(&first).await.unwrap().accepted, 1);
    assert_eq!(pushing.takes(&second).await.unwrap().accepted, 1);
    pushing.passes(MOMENT);
    for old in [&first, &second, &first] {
        assert_eq!(pushing.takes(old).await.unwrap().unchanged, 1);
    }
    assert_eq!(pushing.state(pot).await, (cents(1_100), Some(true)));
    assert_eq!(pushing.trading.cards().await.len(), 2);
}

#[tokio::test]
async fn what_was_so_in_between_and_comes_last_is_no_news() {
    let pushing = Pushing::with(&["Pot"]).await;
    let pot = pushing.product("Pot");
    pushing.passes(MOMENT);
    let between = pushing.costs(pot, 1_200);
    pushing.passes(MOMENT);
    let back = pushing.costs(pot, 1_000);
    assert_eq!(pushing.takes(&back).await.unwrap().unchanged, 1, "it costs what it did");
    assert_eq!(pushing.takes(&between).await.unwrap().unchanged, 1);
    assert_eq!(pushing.state(pot).await.0, cents(1_000));
    assert_eq!(pushing.trading.cards().await, []);
}

#[tokio::test]
async fn what_is_gone_does_not_come_back_by_a_push_from_before() {
    let pushing = Pushing::with(&["Pot"]).await;
    let pot = pushing.product("Pot");
    pushing.passes(MOMENT);
    let before = pushing.costs(pot, 1_200);
    pushing.takes(&before).await.unwrap();
    pushing.passes(MOMENT);
    pushing.sends("product.deleted", pot).await;
    pushing.passes(MOMENT);
    assert_eq!(pushing.takes(&before).await.unwrap().unchanged, 1);
    assert_eq!(pushing.item(pot).await.available, Some(false));
    pushing.passes(MOMENT);
    let again = pushing.costs(pot, 1_200);
    assert_eq!(pushing.takes(&again).await.unwrap().accepted, 1, "it is offered again");
    assert_eq!(pushing.item(pot).await.available, Some(true));
}
