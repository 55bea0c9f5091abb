//! What is new at a source: items not seen before, and what changed or went of those that were.

use super::Intake;
use super::Way;
use crate::domain::ids::ExternalId;
use crate::domain::money::Price;
use crate::domain::source::Item;
use crate::domain::source::Source;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::domain::trade::id_of;
use crate::store::Commit;
use crate::store::Result;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

/// How many items may be missing from a complete listing without a doubt.
const DOUBTFUL: usize = 10;
/// No fetch takes so long.
const SLOWEST: SignedDuration = SignedDuration::from_hours(2);

/// How long it is not noted again that an item is still shown.
const SHOWN_AT_LEAST: Duration = Duration::from_hours(3 * 24);
/// And how much longer at the most.
const SHOWN_SPREAD: Duration = Duration::from_hours(4 * 24);

/// How trades came.
#[derive(Clone, Copy)]
pub(super) struct Brought {
    /// By whose doing.
    pub(super) way: Way,
    /// Whether they are all that is on offer.
    pub(super) complete: bool,
}

impl Intake {
    /// What is new among `trades`, oldest first: items not seen before, and what changed of others. The
    /// items' new states are put into `commit`.
    pub(super) async fn news(
        &self,
        source: &Source,
        mut trades: Vec<Trade>,
        brought: Brought,
        now: Timestamp,
        commit: &mut Commit,
    ) -> Result<Vec<Trade>> {
        let known = self.known_items(source, &trades).await?;
        let mut news = Vec::new();
        if brought.complete {
            // What is listed can be had, where nothing else is said.
            for trade in trades.iter_mut().filter(|trade| trade.kind == Kind::Listing) {
                trade.available = trade.available.or(Some(true));
            }
            news.extend(self.gone(source, &trades, now, commit).await?);
        }
        for trade in in_order(trades) {
            match known.get(&trade.external_id) {
                None => {
                    commit.items.push(Item::of(&trade));
                    news.push(trade);
                }
                Some(item) => match after(item, &trade, brought.way) {
                    Some(after) => {
                        if after.revision > item.revision {
                            news.extend(change_of(item, &after, trade));
                        }
                        commit.items.push(Item { shown_at: Some(now), ..after });
                    }
                    None => commit.items.extend(shown_again(item, now)),
                },
            }
        }
        Ok(news)
    }

    /// Items that a complete listing does not hold any more. Where suddenly more than half of many are
    /// missing, the listing is broken more likely than the shop empty, and nothing is concluded.
    async fn gone(&self, source: &Source, trades: &[Trade], now: Timestamp, commit: &mut Commit) -> Result<Vec<Trade>> {
        let listed: BTreeSet<&ExternalId> = trades.iter().map(|trade| &trade.external_id).collect();
        let mut missing = self.store.items_of(&source.id).await?;
        // What came by a push after this was fetched is not missing.
        missing.retain(|item| !item.is_order && item.available != Some(false) && !is_known_from_after(item, now));
        let known = missing.len();
        missing.retain(|item| !listed.contains(&item.external_id));
        if listed.is_empty() || (missing.len() > DOUBTFUL && missing.len() * 2 > known) {
            if !missing.is_empty() {
                tracing::warn!(source = %source.id, missing = missing.len(), known, "a listing lacks most of what it held; it is not believed");
            }
            return Ok(Vec::new());
        }
        self.withdrawn(source, missing, now, commit).await
    }

    /// What the platform says is gone, as far as it is known and was to be had.
    pub(super) async fn said_gone(&self, source: &Source, ids: &[ExternalId], now: Timestamp, commit: &mut Commit) -> Result<Vec<Trade>> {
        let mut items = self.store.items(&source.id, ids).await?;
        // What came by a push after this was fetched is there again.
        items.retain(|item| !item.is_order && item.available != Some(false) && !is_known_from_after(item, now));
        self.withdrawn(source, items, now, commit).await
    }

    async fn withdrawn(&self, source: &Source, items: Vec<Item>, now: Timestamp, commit: &mut Commit) -> Result<Vec<Trade>> {
        let mut gone = Vec::new();
        for item in items {
            let after = Item { available: Some(false), revision: item.revision + 1, known_at: Some(now), ..item };
            let listing = self.store.trade(&id_of(&source.id, Kind::Listing, &after.external_id, 0)).await?;
            gone.extend(listing.map(|trade| Trade {
                kind: Kind::Withdrawn,
                revision: after.revision,
                available: Some(false),
                price: after.price.clone(),
                occurred_at: None,
                seen_at: now,
                ..trade
            }));
            commit.items.push(after);
        }
        Ok(gone)
    }

    async fn known_items(&self, source: &Source, trades: &[Trade]) -> Result<BTreeMap<ExternalId, Item>> {
        let ids: Vec<ExternalId> = trades.iter().map(|trade| trade.external_id.clone()).collect();
        let items = self.store.items(&source.id, &ids).await?;
        Ok(items.into_iter().map(|item| (item.external_id.clone(), item)).collect())
    }
}

/// Oldest first; what has the same time, or none, in the reverse of the source's order, since
/// sources list the newest first.
fn in_order(mut trades: Vec<Trade>) -> Vec<Trade> {
    trades.reverse();
    trades.sort_by_key(Trade::order_at);
    trades
}

/// What is known of `item` after `trade`, where that is more than before: a higher revision where price or
/// availability really changed. What is not said does not count as a change.
fn after(item: &Item, trade: &Trade, way: Way) -> Option<Item> {
    // Of an order nothing is told twice, and what is older than what is known is no news.
    if item.is_order || is_older(trade, item, way) {
        return None;
    }
    let another_price = match (&item.price, &trade.price) {
        (Some(before), Some(after)) => before.differs_from(after),
        (None, Some(_)) => true,
        (_, None) => false,
    };
    let another_availability = trade.available.is_some() && trade.available != item.available;
    let is_change = another_price || another_availability;
    // Since when it is so counts too: what comes late may not undo it.
    let is_newer = trade.as_of > item.as_of || way == Way::Pushed;
    (is_change || is_newer).then(|| Item {
        price: trade.price.clone().or_else(|| item.price.clone()),
        available: trade.available.or(item.available),
        revision: item.revision + u32::from(is_change),
        as_of: trade.as_of.or(item.as_of),
        known_at: Some(trade.seen_at),
        ..item.clone()
    })
}

/// That `item` is still shown, where that was last noted some days ago: how many is its own, so that a
/// whole shop is not written at once.
fn shown_again(item: &Item, now: Timestamp) -> Option<Item> {
    let noted_at = item.shown_at.unwrap_or_else(|| item.known_at.unwrap_or(item.seen_at));
    let share = item.external_id.as_str().bytes().fold(0, u8::wrapping_add);
    let patience = SHOWN_AT_LEAST + SHOWN_SPREAD * u32::from(share) / 256;
    (now.duration_since(noted_at) >= patience.try_into().unwrap_or_default()).then(|| Item { shown_at: Some(now), ..item.clone() })
}

/// Whether `trade` says how `item` was before what is known of it: by the platform's own times where both
/// have one, and else by when they were fetched.
fn is_older(trade: &Trade, item: &Item, way: Way) -> bool {
    match (trade.as_of, item.as_of) {
        (Some(said), Some(known)) if said != known => said < known,
        // A platform that has not heard our answer sends again what was so before it said that it is gone.
        (Some(_), Some(_)) if way == Way::Pushed && item.available == Some(false) => true,
        _ => is_known_from_after(item, trade.seen_at),
    }
}

/// Whether what is known of `item` came after something that was fetched at `at`. From further ahead than a
/// fetch can take, it came by a clock that was ahead, and says nothing.
fn is_known_from_after(item: &Item, at: Timestamp) -> bool {
    item.known_at.is_some_and(|known_at| known_at > at && known_at.duration_since(at) < SLOWEST)
}

/// What is told of a change from `before` to `after`, as `trade` reports it: that it can be had no
/// more, or another price. Nothing where it only can be had again.
fn change_of(before: &Item, after: &Item, trade: Trade) -> Option<Trade> {
    let is_gone = before.available != Some(false) && after.available == Some(false);
    let old = before.price.as_ref().filter(|old| after.price.as_ref().is_some_and(|price| price.differs_from(old)));
    let kind = match (is_gone, old) {
        (true, _) => Kind::Withdrawn,
        (false, Some(_)) if after.available != Some(false) => Kind::PriceChange,
        _ => return None,
    };
    let price = after.price.clone().map(|price| {
        let old = old.filter(|old| old.currency == price.currency).map(|old| old.amount);
        Price { old: old.or(price.old), ..price }
    });
    Some(Trade { kind, revision: after.revision, price, occurred_at: None, ..trade })
}
