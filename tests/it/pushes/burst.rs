//! Many pushes at a time.

use super::shop::Pushing;
use crate::fakes::woocommerce::Delivery;
use crate::store::values::room_id;
use bytes::Bytes;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::What;
use tradepost::domain::settings::Output;
use tradepost::intake::PushError;
use tradepost::intake::Taken;
use tradepost::store::StoreError;

const MANY: usize = 1_000;

/// As many new products, each as the shop sends it.
fn products(pushing: &Pushing, count: usize) -> Vec<Delivery> {
    let ids: Vec<u64> = (0..count).map(|number| pushing.shop.offers(&format!("Teapot {number}"), 1_000)).collect();
    ids.into_iter().map(|id| pushing.delivery("product.created", id)).collect()
}

/// Sends all of them, each in a task of its own; how many were new, and how many were known.
async fn send_all(pushing: &Pushing, deliveries: &[Delivery]) -> (usize, usize) {
    let mut sending = JoinSet::new();
    let now = pushing.trading.now();
    for delivery in deliveries.iter().cloned() {
        let intake = pushing.trading.intake().clone();
        sending.spawn(async move {
            let token = delivery.url.rsplit('/').next().unwrap().to_owned();
            intake.take_push(&token, &delivery.headers, Bytes::from(delivery.body), now).await
        });
    }
    let taken = sending.join_all().await;
    let taken: Vec<Taken> = taken.into_iter().map(Result::unwrap).collect();
    (taken.iter().map(|taken| taken.accepted).sum(), taken.iter().map(|taken| taken.unchanged).sum())
}

/// The trades that wait for Mary in a lane, and how many different ones they are.
async fn waiting(pushing: &Pushing, lane: Lane) -> (usize, usize) {
    let waiting = pushing.trading.store().waiting(&room_id("mary"), lane, 10_000).await.unwrap();
    let trades = waiting.iter().filter_map(|delivery| match &delivery.what {
        What::Card { trade, .. } | What::Gathered { trade, .. } => Some(trade.clone()),
        _ => None,
    });
    let trades: Vec<_> = trades.collect();
    (trades.len(), trades.iter().collect::<BTreeSet<_>>().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_products_at_once_are_each_stored_and_told_once() {
    let pushing = Pushing::with(&[]).await;
    pushing.trading.sending.shows_as("mary", &[Output::Message, Output::Digest]).await;
    let deliveries = products(&pushing, MANY);
    assert_eq!(send_all(&pushing, &deliveries).await, (MANY, 0));
    assert_eq!(pushing.trading.items(&pushing.account).await.len(), MANY);
    assert_eq!(waiting(&pushing, Lane::Cards).await, (MANY, MANY));
    assert_eq!(waiting(&pushing, Lane::Gathered).await, (MANY, MANY));
    pushing.passes(Duration::from_secs(1));
    assert_eq!(send_all(&pushing, &deliveries).await, (0, MANY), "the same once more");
    assert_eq!(pushing.trading.items(&pushing.account).await.len(), MANY);
    assert_eq!(waiting(&pushing, Lane::Cards).await, (MANY, MANY));
    assert_eq!(waiting(&pushing, Lane::Gathered).await, (MANY, MANY));
}

#[tokio::test(flavor = "multi_thread")]
async fn polls_in_between_double_nothing_and_lose_nothing() {
    let pushing = Pushing::with(&[]).await;
    let deliveries = products(&pushing, MANY);
    let (intake, store) = (pushing.trading.intake().clone(), pushing.trading.sending.store.clone());
    let (id, now) = (pushing.account.source.clone(), pushing.trading.now());
    let polls = tokio::spawn(async move {
        for seed in 0..5 {
            let source = store.source(&id).await.unwrap().unwrap();
            let polled = intake.poll(source, now, seed).await;
            assert!(matches!(polled, Ok(()) | Err(StoreError::Conflict)), "{polled:?}");
        }
    });
    let (accepted, unchanged) = send_all(&pushing, &deliveries).await;
    assert_eq!(accepted + unchanged, MANY);
    polls.await.unwrap();
    assert_eq!(pushing.trading.items(&pushing.account).await.len(), MANY);
    assert_eq!(waiting(&pushing, Lane::Cards).await, (MANY, MANY));
}

#[tokio::test]
async fn what_is_too_much_at_a_time_is_taken_when_it_comes_again() {
    let pushing = Pushing::with(&[]).await;
    let deliveries = products(&pushing, 4_100);
    let taken = join_all(deliveries.iter().map(|delivery| pushing.takes(delivery))).await;
    let refused: Vec<&Delivery> = deliveries.iter().zip(&taken).filter(|(_, taken)| taken.is_err()).map(|(delivery, _)| delivery).collect();
    assert_eq!(refused.len(), 100);
    assert!(taken.iter().all(|taken| match taken {
        Ok(taken) => taken.accepted == 1,
        Err(error) => matches!(error, PushError::Busy { retry_after } if *retry_after > Duration::ZERO),
    }));
    for taken in join_all(refused.into_iter().map(|delivery| pushing.takes(delivery))).await {
        assert_eq!(taken.unwrap().accepted, 1);
    }
    assert_eq!(pushing.trading.items(&pushing.account).await.len(), 4_100);
    assert_eq!(waiting(&pushing, Lane::Cards).await, (4_100, 4_100));
}

#[tokio::test]
async fn what_is_said_of_one_product_in_a_burst_counts_in_its_order() {
    let pushing = Pushing::with(&["Jug"]).await;
    let jug = pushing.product("Jug");
    let vase = pushing.shop.offers("Vase", 1_000);
    let gone = |id| pushing.delivery("product.deleted", id);
    let mut burst = vec![pushing.delivery("product.created", vase), gone(vase), gone(jug)];
    pushing.passes(Duration::from_secs(2));
    burst.push(pushing.costs(jug, 1_200));
    for taken in join_all(burst.iter().map(|delivery| pushing.takes(delivery))).await {
        assert_eq!(taken.unwrap().accepted, 1);
    }
    assert_eq!(pushing.item(vase).await.available, Some(false), "it was new, and is gone");
    assert_eq!(pushing.item(jug).await.available, Some(true), "it was gone, and is there again");
}
