//! Years in short: trades come, are posted, and are forgotten, over and over.

use super::posting_values::in_room;
use super::posting_values::shown;
use super::values::at;
use super::values::done;
use super::values::frozen;
use super::values::once;
use super::values::sharer;
use super::values::source;
use super::values::trade;
use super::values::user;
use std::sync::Arc;
use tradepost::domain::delivery::Frozen;
use tradepost::domain::delivery::What;
use tradepost::domain::source::Item;
use tradepost::domain::source::Source;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Trade;
use tradepost::store::Commit;
use tradepost::store::Retention;
use tradepost::store::Store;

const DAY: i64 = 24 * 60 * 60;

/// A store to which trades come and from which old ones go.
pub(crate) struct Churn {
    pub(crate) store: Arc<dyn Store>,
    /// How many trades come together, each for a room of its own.
    at_once: usize,
    day: i64,
    count: usize,
}

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) disk_bytes: u64,
    pub(crate) values: u64,
}

impl Churn {
    /// A shop with nothing in it, and somebody who follows it.
    pub(crate) async fn begin(store: Arc<dyn Store>, at_once: usize) -> Self {
        let commit = Commit { sharers: vec![sharer("joy", &["shop"], &["den"])], sources: vec![source("shop")], ..Commit::default() };
        store.commit(commit).await.unwrap();
        Self { store, at_once, day: 0, count: 0 }
    }

    /// A day on which so many trades come and are posted, and what is older than `kept` days goes.
    pub(crate) async fn day(&mut self, trades: usize, kept: i64) -> Size {
        let mut left = trades;
        while left > 0 {
            let some = left.min(self.at_once);
            self.post(some).await;
            left -= some;
        }
        self.day += 1;
        let before = at((self.day - kept) * DAY);
        let retention =
            Retention { now: at(self.day * DAY), trades_before: before, seen_before: before, events_before: before, buried_before: before };
        let pruned = self.store.prune(&retention).await.unwrap();
        Size { disk_bytes: self.store.totals().await.unwrap().disk_bytes, values: pruned.kept.values().sum() }
    }

    async fn post(&mut self, trades: usize) {
        let now = at(self.day * DAY);
        let names: Vec<String> = (0..trades).map(|index| (self.count + index).to_string()).collect();
        self.count += trades;
        let shop = Source { listed_at: Some(now), ..self.store.source(&super::values::source_id("shop")).await.unwrap().unwrap() };
        let trades: Vec<Trade> = names
            .iter()
            .map(|name| Trade {
                seen_at: now,
                title: Line::title(&format!("A thing with a name of usual length, number {name}")),
                ..trade("shop", name)
            })
            .collect();
        let items = trades.iter().map(Item::of).collect();
        let card = |(index, trade): (usize, &Trade)| {
            let what = What::Card { sharer: user("joy"), trade: trade.id(), shop: Line::title("shop") };
            once(in_room(&index.to_string(), what), trade.id().as_str())
        };
        let deliveries = trades.iter().enumerate().map(card).collect();
        self.store.commit(Commit { sources: vec![shop], items, trades, deliveries, ..Commit::default() }).await.unwrap();
        let leased = self.store.lease_deliveries(now, self.at_once, self.at_once).await.unwrap();
        assert_eq!(leased.len(), names.len());
        let ids = leased.iter().map(|leased| leased.delivery.id).zip(&names);
        let content = format!(r#"{{"body":"{}"}}"#, "words ".repeat(200));
        let bytes = |name: &str| Frozen { content: content.clone(), shows: vec![shown(name, 0)], ..frozen("den", "") };
        self.store.freeze(ids.clone().map(|(id, name)| (id, bytes(name))).collect(), now).await.unwrap();
        self.store.settle(ids.map(|(id, name)| done(id, name, now)).collect()).await.unwrap();
    }
}
