//! Months of polls with pruning every day: what a source still shows is told once, and what it shows no
//! more is forgotten.

use crate::store::values::at;
use crate::store::values::user;
use crate::support::feed::Answer;
use crate::support::feed::Feed;
use crate::support::polling::Polling;
use crate::support::polling::source_at;
use axum::http::StatusCode;
use jiff::Timestamp;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::source::Item;
use tradepost::store::Retention;

const DAY: i64 = 24 * 60 * 60;

/// For how many days everything is kept.
const KEPT: i64 = 30;

/// Joy follows a feed and shares with Mary, who is told at once.
struct Months {
    polling: Polling,
    feed: Feed,
    told: Vec<String>,
    /// How often it was written down that an item is still shown.
    noted: usize,
}

impl Months {
    async fn begin() -> Self {
        let (polling, feed) = (Polling::new(), Feed::start().await);
        polling.shares("joy", "mary").await;
        polling.adds("joy", &feed.url()).await;
        Self { polling, feed, told: Vec::new(), noted: 0 }
    }

    fn publish(&self, title: &str) {
        self.feed.publish(title, "12.00 EUR", &format!("https://shop.example/{title}"));
    }

    /// A poll, what comes of it, and a pass of pruning.
    async fn day(&mut self, day: i64) {
        let now = at(day * DAY);
        let before = self.items().await;
        if let Some(source) = self.polling.store.source(&source_at(&self.feed.url())).await.unwrap() {
            self.polling.actions.intake.poll(source, now, 7).await.unwrap();
        }
        let after = self.items().await;
        self.noted += after.iter().filter(|item| before.iter().any(|old| old.external_id == item.external_id && old != *item)).count();
        self.deliver(now).await;
        let ago = at((day - KEPT) * DAY);
        let before = Retention { now, trades_before: ago, seen_before: ago, events_before: ago, buried_before: ago };
        self.polling.store.prune(&before).await.unwrap();
    }

    async fn deliver(&mut self, now: Timestamp) {
        loop {
            let leased = self.polling.store.lease_deliveries(now, 100, 100).await.unwrap();
            if leased.is_empty() {
                return;
            }
            for leased in leased {
                if let What::Card { trade, .. } = &leased.delivery.what {
                    self.told.push(self.polling.store.trade(trade).await.unwrap().unwrap().title.to_string());
                }
                self.polling.store.settle(vec![Settlement::Done { id: leased.delivery.id, event: None, at: now }]).await.unwrap();
            }
        }
    }

    async fn items(&self) -> Vec<Item> {
        self.polling.store.items_of(&source_at(&self.feed.url())).await.unwrap()
    }
}

#[tokio::test]
async fn what_a_feed_still_shows_is_told_once_and_what_it_shows_no_more_is_forgotten() {
    let mut months = Months::begin().await;
    months.publish("stays");
    months.publish("goes");
    for day in 0..200 {
        if day == 20 {
            months.feed.drops("https://shop.example/goes");
        }
        if day % 10 == 5 {
            months.publish(&format!("new-{day}"));
        }
        months.day(day).await;
    }
    let news = (0..200).filter(|day| day % 10 == 5).map(|day| format!("new-{day}"));
    let mut expected: Vec<String> = ["stays".to_owned(), "goes".to_owned()].into_iter().chain(news).collect();
    months.told.sort();
    expected.sort();
    assert_eq!(months.told, expected);
    let known = months.items().await;
    assert_eq!(known.len(), 21, "{known:?}");
    assert!(!known.iter().any(|item| item.external_id == ExternalId::new("https://shop.example/goes")));
    // Twenty times the feed said anew what stands there, of ten items on average.
    assert!(months.noted < 250, "{}", months.noted);
}

#[tokio::test]
async fn what_stands_in_a_feed_that_never_changes_or_was_away_is_not_told_again() {
    let mut months = Months::begin().await;
    months.publish("stays");
    months.day(0).await;
    for day in 1..100 {
        months.day(day).await;
    }
    assert!(months.feed.unchanged() > 50);
    months.feed.answers_with(Answer::Status(StatusCode::SERVICE_UNAVAILABLE));
    for day in 100..200 {
        months.day(day).await;
    }
    months.feed.answers_with(Answer::Feed);
    months.publish("late");
    for day in 200..210 {
        months.day(day).await;
    }
    assert_eq!(months.told, ["stays", "late"]);
    assert!(months.polling.store.sharer(&user("joy")).await.unwrap().is_some());
}
