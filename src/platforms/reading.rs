//! Reading a shop that answers page by page: its sales window after window, its listings as a whole once
//! a day and between that only what changed.

use super::FetchError;
use crate::domain::ids::ExternalId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

/// How much of what was read is read again, since the shop's clock and ours differ.
const OVERLAP: Duration = Duration::from_mins(2);
/// How far back the first look goes. What was sold before is never told, even if it changes later.
const FIRST_LOOK: Duration = Duration::from_hours(7 * 24);
/// How often all listings are read, to find out what is gone.
const WHOLE_EVERY: Duration = Duration::from_hours(24);

/// A list that is said to have more pages is not believed: it would be read for ever.
const MOST_PAGES: u64 = 10_000;

/// A shop that answers page by page.
#[async_trait]
pub(super) trait Shop: Sync {
    /// The limits within which it answers.
    fn limits(&self) -> Limits;

    /// Reads one page.
    async fn page(&self, ask: &Ask) -> Result<Page, FetchError>;
}

/// The limits within which a shop answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The longest span of time for which sales can be asked at once.
    pub(super) span: Duration,
    /// How far back sales can be asked for.
    pub(super) reach: Duration,
    /// How many requests one poll may take; the rest is left for the next one.
    pub(super) requests: u32,
}

/// Which of a shop's two lists is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// What was sold, by when it last changed.
    Sales,
    /// What is offered, by when it last changed.
    Listings,
}

/// A page that is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    /// Of which list.
    pub(super) what: What,
    /// What changed since then; none: all there is.
    pub(super) from: Option<Timestamp>,
    /// What changed until then.
    pub(super) to: Timestamp,
    /// What was sold before is not told.
    pub(super) began: Timestamp,
    /// Its number, from 1.
    pub(super) number: u32,
    /// Whether it is not known yet how many there are.
    pub(super) is_first: bool,
}

impl Ask {
    /// Whether this page is read again later, since there are more.
    pub(super) fn comes_again(&self, total: u64, size: u32) -> bool {
        self.is_first && total > u64::from(size)
    }
}

/// A page as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// What stood on it.
    pub(super) trades: Vec<Trade>,
    /// Which listings are said to be gone.
    pub(super) gone: Vec<ExternalId>,
    /// How many entries the whole list has.
    pub(super) total: u64,
    /// How many entries a page has.
    pub(super) size: u32,
    /// How many requests it took.
    pub(super) requests: u32,
}

impl Page {
    /// The number of the last one; [`Problem::MalformedAnswer`] where that cannot be.
    fn last(&self) -> Result<u32, Problem> {
        let last = self.total.div_ceil(u64::from(self.size.max(1))).max(1);
        u32::try_from(last).ok().filter(|_| last <= MOST_PAGES).ok_or(Problem::MalformedAnswer)
    }
}

/// Where reading goes on.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// What was sold before is not told.
    began: Timestamp,
    /// The sales.
    #[serde(default)]
    sales: Track,
    /// The listings.
    #[serde(default)]
    listings: Track,
    /// When all listings were last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole_at: Option<Timestamp>,
}

/// How far one list has been read.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Track {
    /// Up to when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// What the last poll did not come to the end of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pass: Option<Pass>,
}

/// The reading of one list from one time to another.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Pass {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    to: Timestamp,
    /// The page to go on with; none: it is not known yet how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
}

/// What a poll has found so far.
#[derive(Default)]
struct Haul {
    trades: BTreeMap<ExternalId, Trade>,
    gone: BTreeSet<ExternalId>,
    /// How many entries the list of listings has, as each of its pages said.
    totals: BTreeSet<u64>,
    left: u32,
}

/// Reads a shop from `cursor` on.
pub(super) async fn read(shop: &impl Shop, cursor: Option<&str>, now: Timestamp) -> Result<Fetched, FetchError> {
    let known = cursor.and_then(|text| serde_json::from_str(text).ok());
    let mut cursor: Cursor = known.unwrap_or_else(|| Cursor::beginning(now));
    let mut haul = Haul { left: shop.limits().requests, ..Haul::default() };
    // Sales that the last poll left in the middle come first.
    let complete = cursor.sales.pass.is_none() && cursor.read_listings(shop, &mut haul, now).await?;
    cursor.read_sales(shop, &mut haul, now).await?;
    Ok(Fetched::Changed {
        more: cursor.listings.pass.is_some() || cursor.sales.until.is_none_or(|until| until < now),
        cursor: serde_json::to_string(&cursor).ok(),
        label: Line::default(),
        trades: haul.trades.into_values().collect(),
        complete,
        gone: haul.gone.into_iter().collect(),
    })
}

impl Cursor {
    fn beginning(now: Timestamp) -> Self {
        Self { began: now - FIRST_LOOK, sales: Track::default(), listings: Track::default(), whole_at: None }
    }

    /// Whether what was brought are all listings there are.
    async fn read_listings(&mut self, shop: &impl Shop, haul: &mut Haul, now: Timestamp) -> Result<bool, FetchError> {
        let is_due = self.whole_at.is_none_or(|at| now.duration_since(at).unsigned_abs() >= WHOLE_EVERY);
        let since = self.listings.until.filter(|_| !is_due).map(|until| until - OVERLAP);
        let begun = self.listings.pass.take();
        let mut pass = begun.unwrap_or(Pass { from: since, to: now, page: None });
        if !self.walk(shop, What::Listings, &mut pass, haul).await? {
            self.listings.pass = Some(pass);
            return Ok(false);
        }
        self.listings.until = Some(pass.to);
        if pass.from.is_some() {
            return Ok(false);
        }
        self.whole_at = Some(pass.to);
        Ok(begun.is_none() && haul.is_whole())
    }

    /// Window after window until now, or until the poll has taken what it may.
    async fn read_sales(&mut self, shop: &impl Shop, haul: &mut Haul, now: Timestamp) -> Result<(), FetchError> {
        let Limits { span, reach, .. } = shop.limits();
        while haul.left > 0 && self.sales.until.is_none_or(|until| until < now) {
            let from = self.sales.until.map_or(self.began, |until| until - OVERLAP).max(now - reach);
            let next = Pass { from: Some(from), to: (from + span).min(now), page: None };
            // One that was begun too long ago is not answered any more.
            let begun = self.sales.pass.take().filter(|pass| pass.from >= Some(now - reach));
            let mut pass = begun.unwrap_or(next);
            if !self.walk(shop, What::Sales, &mut pass, haul).await? {
                self.sales.pass = Some(pass);
                break;
            }
            self.sales.until = Some(pass.to);
        }
        Ok(())
    }

    /// Reads from the last page to the first: what changes meanwhile leaves the list, and the rest moves
    /// forward, onto pages that are still to come. Whether it came to the end.
    async fn walk(&self, shop: &impl Shop, what: What, pass: &mut Pass, haul: &mut Haul) -> Result<bool, FetchError> {
        while haul.left > 0 {
            let (number, is_first) = (pass.page.unwrap_or(1), pass.page.is_none());
            let ask = Ask { what, from: pass.from, to: pass.to, began: self.began, number, is_first };
            let page = shop.page(&ask).await?;
            let last = page.last()?;
            haul.take(what, page, self.began);
            match pass.page {
                None if last > 1 => pass.page = Some(last),
                None | Some(..=1) => return Ok(true),
                Some(number) => pass.page = Some(number - 1),
            }
        }
        Ok(false)
    }
}

impl Haul {
    fn take(&mut self, what: What, page: Page, began: Timestamp) {
        self.left = self.left.saturating_sub(page.requests.max(1));
        if what == What::Listings {
            self.totals.insert(page.total);
        }
        let is_told = |trade: &Trade| !trade.kind.is_order() || trade.occurred_at.is_none_or(|at| at >= began);
        for trade in page.trades.into_iter().filter(is_told) {
            self.gone.remove(&trade.external_id);
            self.trades.insert(trade.external_id.clone(), trade);
        }
        for id in page.gone {
            self.trades.remove(&id);
            self.gone.insert(id);
        }
    }

    /// Whether each page of the listings told of the same number, and that many were found.
    fn is_whole(&self) -> bool {
        let listed = self.trades.values().filter(|trade| trade.kind == Kind::Listing).count() + self.gone.len();
        let found = u64::try_from(listed).ok();
        self.totals.len() == 1 && self.totals.first().copied() == found
    }
}

#[cfg(test)]
mod tests;
