//! What comes of polls: which items become cards, for whom, and how often.

use crate::store::values::user;
use crate::support::feed::Feed;
use crate::support::polling::INTERVAL;
use crate::support::polling::Polling;
use crate::support::sending::until;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::domain::sharer::Mute;
use tradepost::intake::Way;
use tradepost::store::Commit;
use tradepost::store::StoreError;

fn publish(feed: &Feed, title: &str) {
    feed.publish(title, "12.00 EUR", &format!("https://shop.example/{title}"));
}

/// Lets an interval pass, and waits for the poll at its end.
async fn next_poll(polling: &Polling, feed: &Feed) {
    let due_at = polling.source(&feed.url()).await.next_poll_at;
    polling.clock.set(due_at);
    polling.is_polled(&feed.url(), due_at).await;
}

/// Joy follows a feed and shares with Mary.
async fn joy_shares_with_mary(feed: &Feed) -> Polling {
    let mut polling = Polling::new();
    polling.shares("joy", "mary").await;
    polling.adds("joy", &feed.url()).await;
    polling.start();
    polling
}

#[tokio::test]
async fn nothing_of_what_stood_there_at_first_is_posted() {
    let feed = Feed::start().await;
    for title in ["mug", "vase", "jug"] {
        publish(&feed, title);
    }
    let polling = joy_shares_with_mary(&feed).await;
    next_poll(&polling, &feed).await;
    next_poll(&polling, &feed).await;
    assert_eq!(polling.cards_for("mary").await, Vec::<String>::new());
    publish(&feed, "bowl");
    publish(&feed, "cup");
    next_poll(&polling, &feed).await;
    next_poll(&polling, &feed).await;
    assert_eq!(polling.cards_for("mary").await, ["introduction", "bowl", "cup"]);
}

#[tokio::test]
async fn nothing_of_what_came_during_a_pause_is_posted_after_it() {
    let feed = Feed::start().await;
    let polling = joy_shares_with_mary(&feed).await;
    // Mary is 1, the feed is 2.
    polling.pauses("joy", 2, true).await;
    publish(&feed, "mug");
    let asleep = polling.source(&feed.url()).await.next_poll_at;
    polling.clock.set(asleep);
    let sleeps = async || Some(polling.source(&feed.url()).await).filter(|source| source.next_poll_at > asleep + INTERVAL);
    until(polling.store.as_ref(), "a source that is left alone", sleeps).await;
    assert_eq!(feed.requests(), 1, "nobody wants it polled");
    polling.clock.advance(Duration::from_hours(5));
    publish(&feed, "vase");
    polling.pauses("joy", 2, false).await;
    polling.is_polled(&feed.url(), polling.clock.now()).await;
    next_poll(&polling, &feed).await;
    assert_eq!(polling.cards_for("mary").await, Vec::<String>::new());
    publish(&feed, "bowl");
    next_poll(&polling, &feed).await;
    assert_eq!(polling.cards_for("mary").await, ["introduction", "bowl"]);
}

#[tokio::test]
async fn two_sharers_of_one_address_cost_one_request_and_both_share_what_it_brings() {
    let feed = Feed::start().await;
    publish(&feed, "mug");
    let polling = joy_shares_with_mary(&feed).await;
    polling.shares("anna", "bert").await;
    polling.adds("anna", &feed.url()).await;
    let before = feed.requests();
    for title in ["vase", "bowl", "cup"] {
        publish(&feed, title);
        next_poll(&polling, &feed).await;
    }
    assert_eq!(feed.requests() - before, 3);
    for friend in ["mary", "bert"] {
        assert_eq!(polling.cards_for(friend).await, ["introduction", "vase", "bowl", "cup"]);
    }
    assert_eq!(polling.store.totals().await.unwrap().sources, 1);
}

#[tokio::test]
async fn a_poll_during_which_somebody_joined_is_made_again_and_what_it_brings_is_posted_once() {
    let feed = Feed::start().await;
    let polling = joy_shares_with_mary(&feed).await;
    polling.shares("anna", "bert").await;
    publish(&feed, "mug");
    let due_at = polling.source(&feed.url()).await.next_poll_at;
    // Anna's look finds the item as well; it is committed while the poll is under way.
    let joined = polling.added("anna", &feed.url()).await;
    feed.holds();
    polling.clock.set(due_at);
    feed.is_asked(3).await;
    polling.commit(joined.commit).await;
    assert_eq!(polling.cards_for("mary").await, ["introduction", "mug"]);
    feed.goes_on();
    polling.is_polled(&feed.url(), due_at).await;
    next_poll(&polling, &feed).await;
    assert_eq!(polling.cards_for("mary").await, ["introduction", "mug"]);
    assert_eq!(polling.cards_for("bert").await, Vec::<String>::new(), "it stood there when Anna came");
}

#[tokio::test]
async fn what_was_found_for_a_sharer_who_changed_something_meanwhile_is_not_committed() {
    let feed = Feed::start().await;
    let polling = joy_shares_with_mary(&feed).await;
    publish(&feed, "mug");
    let intake = &polling.actions.intake;
    let source = polling.source(&feed.url()).await;
    let fetched = intake.fetch(&source, polling.clock.now()).await.unwrap();
    let followers = polling.store.followers(&source.id).await.unwrap();
    let found = intake.absorb(source, fetched, followers, Way::Polled, polling.clock.now()).await.unwrap();
    let mute = Mute { since_at: polling.clock.now(), until_at: None };
    let muted = polling.actions.mute(&user("mary"), &user("joy"), Some(mute), polling.clock.now()).await.unwrap();
    polling.commit(muted).await;
    let refused = polling.store.commit(found).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict), "{refused}");
    // It is found again, and Mary's wish counts.
    next_poll(&polling, &feed).await;
    assert_eq!(polling.cards_for("mary").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_sharer_who_changes_something_all_the_time_loses_no_card_and_doubles_none() {
    let feed = Feed::start().await;
    let polling = joy_shares_with_mary(&feed).await;
    let titles: Vec<String> = (1..=20).map(|number| format!("item-{number:02}")).collect();
    for title in &titles {
        publish(&feed, title);
        let poll = next_poll(&polling, &feed);
        tokio::pin!(poll);
        // With each card Mary is introduced to Joy anew, so that each poll changes Joy too.
        while futures_util::poll!(&mut poll).is_pending() {
            let mut joy = polling.store.sharer(&user("joy")).await.unwrap().unwrap();
            joy.contacts[0].introduced = false;
            let change = polling.store.commit(Commit { sharers: vec![joy], ..Commit::default() }).await;
            assert!(matches!(change, Ok(()) | Err(StoreError::Conflict)), "{change:?}");
        }
    }
    let mut cards = polling.cards_for("mary").await;
    cards.retain(|card| card != "introduction");
    assert_eq!(cards, titles);
}
