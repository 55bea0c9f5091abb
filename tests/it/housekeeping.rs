//! What is done every hour: sharers who are gone are found, come back or are forgotten.

use crate::store::values::at;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::user;
use crate::support::clock::TestClock;
use crate::support::feed::Feed;
use crate::support::polling::Polling;
use crate::support::sending::everybody;
use crate::support::sending::until;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::domain::asked::LINK_LASTS;
use tradepost::domain::asked::OneTimeLink;
use tradepost::domain::asked::Purpose;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::permission::Permission;
use tradepost::domain::permission::Permissions;
use tradepost::domain::room::Room;
use tradepost::domain::sharer::NewContact;
use tradepost::domain::sharer::Sharer;
use tradepost::housekeeping::Housekeeping;
use tradepost::housekeeping::Keeping;
use tradepost::store::Commit;
use tradepost::store::Named;

const DAY: Duration = Duration::from_hours(24);

/// Keeps house once, with these permissions.
async fn keep_house(polling: &Polling, permissions: Permissions) {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let mut actions = polling.actions.clone();
    actions.permissions = permissions;
    let keeping = Keeping { trades: days(90), seen: days(400), events: days(30), buried: days(90), gone: days(30) };
    Housekeeping { actions, clock: Arc::<TestClock>::clone(&polling.clock), keeping }.pass(polling.clock.now()).await;
}

/// Joy shares with Mary and Anna with Bert, both the same feed.
async fn joy_and_anna(feed: &Feed) -> Polling {
    let mut polling = Polling::new();
    polling.shares("joy", "mary").await;
    polling.shares("anna", "bert").await;
    polling.adds("joy", &feed.url()).await;
    polling.adds("anna", &feed.url()).await;
    polling.start();
    polling
}

/// Who is in the room of Joy and Mary from now on.
async fn is_left_to(polling: &Polling, members: &[&str]) {
    let version = polling.store.room(&room_id("mary")).await.unwrap().unwrap().version;
    polling.commit(Commit { rooms: vec![Room { version, ..room("mary", members) }], ..Commit::default() }).await;
}

async fn joy_of(polling: &Polling) -> Option<Sharer> {
    polling.store.sharer(&user("joy")).await.unwrap()
}

async fn gone_since(polling: &Polling) -> Option<Timestamp> {
    joy_of(polling).await.unwrap().gone_since_at
}

async fn publish_and_poll(polling: &Polling, feed: &Feed, title: &str) {
    feed.publish(title, "12.00 EUR", &format!("https://shop.example/{title}"));
    let due_at = polling.source(&feed.url()).await.next_poll_at;
    polling.clock.set(due_at);
    polling.is_polled(&feed.url(), due_at).await;
}

#[tokio::test]
async fn of_a_sharer_who_left_nothing_is_posted_and_others_with_the_same_feed_go_on() {
    let feed = Feed::start().await;
    let polling = joy_and_anna(&feed).await;
    keep_house(&polling, everybody()).await;
    assert_eq!(gone_since(&polling).await, None);
    is_left_to(&polling, &["mary", "tradepost"]).await;
    keep_house(&polling, everybody()).await;
    assert_eq!(gone_since(&polling).await, Some(at(0)));
    publish_and_poll(&polling, &feed, "mug").await;
    assert_eq!(polling.cards_for("mary").await, Vec::<String>::new());
    assert_eq!(polling.cards_for("bert").await, ["introduction", "mug"]);
}

#[tokio::test]
async fn a_feed_that_only_somebody_who_is_gone_follows_is_not_asked() {
    let feed = Feed::start().await;
    let mut polling = Polling::new();
    polling.shares("joy", "mary").await;
    polling.adds("joy", &feed.url()).await;
    is_left_to(&polling, &["mary", "tradepost"]).await;
    keep_house(&polling, everybody()).await;
    let before = feed.requests();
    polling.start();
    let due_at = polling.source(&feed.url()).await.next_poll_at;
    polling.clock.set(due_at);
    let sleeps = async || Some(polling.source(&feed.url()).await).filter(|source| source.next_poll_at > due_at);
    until(polling.store.as_ref(), "a source that is left alone", sleeps).await;
    assert_eq!(feed.requests(), before);
}

#[tokio::test]
async fn whoever_comes_back_finds_everything_as_it_was_and_nothing_of_that_time_is_posted() {
    let feed = Feed::start().await;
    let polling = joy_and_anna(&feed).await;
    is_left_to(&polling, &["mary", "tradepost"]).await;
    keep_house(&polling, everybody()).await;
    publish_and_poll(&polling, &feed, "mug").await;
    polling.clock.advance(DAY * 29);
    keep_house(&polling, everybody()).await;
    is_left_to(&polling, &["joy", "mary", "tradepost"]).await;
    feed.publish("vase", "12.00 EUR", "https://shop.example/vase");
    keep_house(&polling, everybody()).await;
    assert_eq!(gone_since(&polling).await, None);
    polling.is_polled(&feed.url(), polling.clock.now()).await;
    assert_eq!(polling.cards_for("mary").await, Vec::<String>::new());
    publish_and_poll(&polling, &feed, "bowl").await;
    assert_eq!(polling.cards_for("mary").await, ["introduction", "bowl"]);
    assert_eq!(polling.cards_for("bert").await, ["introduction", "mug", "vase", "bowl"]);
}

#[tokio::test]
async fn whoever_is_gone_for_long_is_erased_and_nobody_else() {
    let feed = Feed::start().await;
    let polling = joy_and_anna(&feed).await;
    is_left_to(&polling, &["mary", "tradepost"]).await;
    keep_house(&polling, everybody()).await;
    polling.clock.advance((DAY * 30).saturating_sub(Duration::from_secs(1)));
    keep_house(&polling, everybody()).await;
    assert_eq!(gone_since(&polling).await, Some(at(0)));
    polling.clock.advance(Duration::from_secs(1));
    keep_house(&polling, everybody()).await;
    assert_eq!(joy_of(&polling).await, None);
    let followers = polling.store.followers(&polling.source(&feed.url()).await.id).await.unwrap();
    assert_eq!(followers.iter().map(|sharer| sharer.id.clone()).collect::<Vec<_>>(), [user("anna")]);
}

#[tokio::test]
async fn whoever_loses_her_permission_is_gone_and_stays_a_contact_of_others() {
    let feed = Feed::start().await;
    let polling = joy_and_anna(&feed).await;
    let nobody = Permissions::default();
    keep_house(&polling, nobody.clone()).await;
    assert_eq!(gone_since(&polling).await, Some(at(0)));
    // It was a mistake.
    keep_house(&polling, everybody()).await;
    assert_eq!(gone_since(&polling).await, None);
    // Anna shares with Joy, too.
    let pair = room("joy", &["anna", "joy", "tradepost"]);
    polling.commit(Commit { rooms: vec![pair.clone()], ..Commit::default() }).await;
    let (commit, _, _) = polling.actions.share_with(&user("anna"), &user("joy"), &pair, polling.clock.now()).await.unwrap();
    polling.commit(commit).await;
    let only_anna = Permissions::try_from(BTreeMap::from([(user("anna").to_string(), Permission::Share)])).unwrap();
    keep_house(&polling, only_anna.clone()).await;
    polling.clock.advance(DAY * 30);
    keep_house(&polling, only_anna).await;
    assert_eq!(joy_of(&polling).await, None);
    let anna = polling.store.sharer(&user("anna")).await.unwrap().unwrap();
    assert!(anna.contacts.iter().any(|contact| contact.person == user("joy")), "{anna:?}");
    assert_eq!(anna.gone_since_at, None);
}

#[tokio::test]
async fn with_whom_somebody_began_is_forgotten_after_a_day() {
    let polling = Polling::new();
    let began = |name: &str, at| NewContact { person: user(name), at };
    let hours = SignedDuration::from_hours;
    let joy = Sharer { begun: vec![began("mary", at(0)), began("anna", at(0) + hours(2))], ..Sharer::new(user("joy")) };
    polling.commit(Commit { sharers: vec![joy], ..Commit::default() }).await;
    polling.clock.set(at(0) + hours(25));
    keep_house(&polling, everybody()).await;
    assert_eq!(joy_of(&polling).await.unwrap().begun, [began("anna", at(0) + hours(2))]);
    polling.clock.set(at(0) + hours(27));
    keep_house(&polling, everybody()).await;
    assert_eq!(joy_of(&polling).await, None);
}

#[tokio::test]
async fn links_that_are_good_no_more_are_forgotten() {
    let polling = Polling::new();
    polling.shares("joy", "mary").await;
    let link = |name: &str, made_at| OneTimeLink {
        digest: name.to_owned(),
        made_at,
        platform: PlatformId::new("shop"),
        purpose: Purpose::Add { typed: "tea".to_owned(), links: None },
    };
    let mut joy = joy_of(&polling).await.unwrap();
    joy.links = vec![link("old", at(0)), link("new", at(10))];
    let named = ["old", "new"].map(|name| (Named::Link(name.to_owned()), Some(user("joy").to_string())));
    polling.commit(Commit { sharers: vec![joy], named: named.into(), ..Commit::default() }).await;
    polling.clock.set(at(0) + LINK_LASTS);
    keep_house(&polling, everybody()).await;
    assert_eq!(joy_of(&polling).await.unwrap().links, [link("new", at(10))]);
    assert_eq!(polling.store.named(&Named::Link("old".to_owned())).await.unwrap(), None);
    assert!(polling.store.named(&Named::Link("new".to_owned())).await.unwrap().is_some());
}
