//! What a person shares by hand: one thing at a time, as often as she says so. It goes to everybody for
//! whom it is meant and who has not had it.

use super::Intake;
use super::Way;
use super::news::Brought;
use super::share;
use crate::classify::Judgement;
use crate::domain::ids::ExternalId;
use crate::domain::ids::UserId;
use crate::domain::sharer::Sharer;
use crate::domain::source::Item;
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::domain::trade::digest;
use crate::domain::trade::id_of;
use crate::store::Commit;
use crate::store::Result;
use crate::telemetry::metrics;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How often one thing can be taken back and shared anew.
const LIVES: u32 = 1_000;

/// What is shared by hand.
#[derive(Clone, Debug)]
pub struct ByHand {
    /// The item.
    pub trade: Trade,
    /// The ids that it may have been given before, its own first.
    pub ids: Vec<ExternalId>,
    /// What is said to be the shop.
    pub shop: Line,
}

/// What is known of it from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It is new.
    Nothing,
    /// It was shared just like this.
    Same,
    /// It was shared at another price, or could be had or not.
    Other,
}

/// What came of it.
#[derive(Debug)]
pub struct Handed {
    /// The change: everything that goes out is in it.
    pub commit: Commit,
    /// The listing.
    pub listing: Trade,
    /// What is known of it from before.
    pub before: Before,
}

impl Intake {
    /// What a commit must hold after `sharer` shared something by hand at `source`, which is hers alone and
    /// not paused.
    pub async fn share_by_hand(&self, source: &Source, sharer: Sharer, item: ByHand, now: Timestamp) -> Result<Handed> {
        let ByHand { mut trade, ids, shop } = item;
        trade.source = source.id.clone();
        let (id, life) = self.life_of(source, &ids, &sharer.id).await?;
        trade.external_id = id;
        let known = self.store.items(&source.id, std::slice::from_ref(&trade.external_id)).await?;
        let is_known = !known.is_empty();
        // That a page says what went without saying is no news.
        trade.available.take_if(|available| *available && known.iter().any(|item| item.available.is_none()));
        let mut commit = Commit::default();
        let mut news = self.news(source, vec![trade.clone()], Brought { way: Way::Polled, complete: false }, now, &mut commit).await?;
        // That it is still there is no news either.
        let says_the_same = |after: &Item| known.iter().any(|item| Item { shown_at: after.shown_at, ..item.clone() } == *after);
        let before = match (is_known, commit.items.iter().all(says_the_same)) {
            (false, _) => Before::Nothing,
            (true, true) => Before::Same,
            (true, false) => Before::Other,
        };
        // As it was told first: what it costs now is known of the item.
        let listing = self.store.trade(&trade.listing_id()).await?.filter(|_| is_known).unwrap_or(trade);
        if is_known {
            news.insert(0, listing.clone());
        } else {
            metrics().trades_found.inc();
        }
        let classifier = self.classifiers.of([(&sharer.id, sharer.categories.as_slice())].into_iter());
        let judged: Vec<(Trade, Judgement)> = news.into_iter().map(|trade| (trade.clone(), classifier.judge(&trade))).collect();
        let anew = life > 0;
        let taken = self.store.taken(&share::once_keys(&sharer, &judged, anew, now)).await?;
        let undone = BTreeSet::new();
        let terms = share::Terms {
            source,
            shop: Some(&shop),
            taken: &taken,
            undone: &undone,
            hold_seconds: self.hold_seconds,
            takes_baseline: false,
            anew,
            permissions: &self.permissions,
            now,
        };
        share::share(sharer.clone(), &judged, &terms, &mut commit);
        commit.trades = judged.into_iter().map(|(trade, _)| trade).collect();
        // What was decided rests on her as she is.
        if commit.sharers.is_empty() {
            commit.sharers.push(sharer);
        }
        if source.version == 0 {
            commit.sources.push(source.clone());
        }
        Ok(Handed { commit, listing, before })
    }

    /// The id of an item, and how often it was taken back: what was is never shared again, so that
    /// something shared once more by hand begins anew.
    async fn life_of(&self, source: &Source, ids: &[ExternalId], sharer: &UserId) -> Result<(ExternalId, u32)> {
        let mut last = ExternalId::new("");
        for life in 0..LIVES {
            let names: Vec<ExternalId> = ids.iter().map(|id| in_life(id, life)).collect();
            let known = self.store.items(&source.id, &names).await?;
            let is_known = |name: &&ExternalId| known.iter().any(|item| item.external_id == **name);
            let Some(id) = names.iter().find(is_known).or(names.first()) else { break };
            last = id.clone();
            if !self.store.is_undone(sharer, &id_of(&source.id, Kind::Listing, id, 0)).await? {
                return Ok((last, life));
            }
        }
        Ok((last, LIVES))
    }
}

fn in_life(id: &ExternalId, life: u32) -> ExternalId {
    if life == 0 { id.clone() } else { ExternalId::new(digest(&[id.as_str(), "anew", &life.to_string()])) }
}
