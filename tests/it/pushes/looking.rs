//! Pushes that only say that something happened: it is fetched.

use super::shopify::Selling;
use crate::fakes::wire::Fault;
use crate::support::trading::RECONCILED;
use futures_util::poll;
use std::pin::pin;
use std::time::Duration;
use tradepost::domain::trade::Kind;

#[tokio::test]
async fn what_happened_is_fetched_at_once() {
    let selling = Selling::by_token().await;
    selling.sends_itself().await;
    selling.passes(Duration::from_mins(1));
    let source = selling.trading.polls(&selling.account).await;
    assert!(source.next_poll_at.duration_since(selling.trading.now()).as_secs() > i64::from(RECONCILED) / 2);
    selling.passes(Duration::from_mins(1));
    selling.sells();
    selling.says_sold().await.unwrap();
    assert_eq!(selling.trading.source(&selling.account).await.next_poll_at, selling.trading.now());
    selling.trading.polls(&selling.account).await;
    let told = selling.trading.cards().await;
    assert_eq!(told, [(Kind::Listing, "Teapot".to_owned()), (Kind::Sale, "Teapot".to_owned())]);
}

#[tokio::test]
async fn however_much_happens_during_a_poll_one_more_is_made_and_what_it_fetched_is_kept() {
    let selling = Selling::by_token().await;
    selling.sends_itself().await;
    selling.passes(Duration::from_mins(1));
    selling.trading.polls(&selling.account).await;
    selling.passes(Duration::from_mins(1));
    selling.sells();
    selling.says_sold().await.unwrap();
    let (now, intake) = (selling.trading.now(), selling.trading.intake());
    let source = selling.trading.store().lease_sources(now, 1).await.unwrap().remove(0);
    let mut polled = pin!(intake.poll(source, now, 7));
    assert!(poll!(&mut polled).is_pending(), "the shop is asked");
    for _ in 0..50 {
        selling.says_sold().await.unwrap();
        assert_eq!(selling.trading.store().lease_sources(now, 1).await.unwrap(), [], "nobody else asks it meanwhile");
    }
    polled.await.unwrap();
    assert_eq!(selling.trading.cards().await.len(), 2, "it is kept");
    let source = selling.trading.store().lease_sources(now, 1).await.unwrap().remove(0);
    intake.poll(source, now, 7).await.unwrap();
    assert_eq!(selling.trading.store().lease_sources(now, 1).await.unwrap(), [], "that was all");
}

#[tokio::test]
async fn a_shop_that_asks_to_wait_is_left_alone_whatever_happens_there() {
    let selling = Selling::by_token().await;
    selling.sends_itself().await;
    selling.passes(Duration::from_mins(1));
    selling.shop.wire.fails_after(0, Fault::TooMany(3_600));
    let source = selling.trading.polls(&selling.account).await;
    assert!(source.next_poll_at.duration_since(selling.trading.now()).as_secs() >= 3_600);
    selling.sells();
    selling.says_sold().await.unwrap();
    assert_eq!(selling.trading.source(&selling.account).await.next_poll_at, source.next_poll_at);
    selling.passes(Duration::try_from(source.next_poll_at.duration_since(selling.trading.now())).unwrap());
    selling.trading.polls(&selling.account).await;
    assert_eq!(selling.trading.cards().await.len(), 2, "nothing is lost");
}
