//! What a shop offers: all of it now and then, so that what is gone is noticed, and else only what was
//! modified.

use super::Found;
use super::top::Top;
use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::gateway;
use crate::platforms::gateway::Loose;
use crate::platforms::title;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;

/// Items on a page, as many as there may be.
const PAGE: usize = 200;
/// Pages read in one fetch.
const PAGES: usize = 10;
/// How often a shop with more than one page is read as a whole.
const WHOLE_AGAIN: SignedDuration = SignedDuration::from_hours(6);
/// What is asked of an item.
const FIELDS: &str = "num_iid,title,cid,pic_url,price,list_time,modified";

/// How far a shop has been read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// What was modified until then is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// When it was last read as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    whole_at: Option<Timestamp>,
    /// How many items it then had.
    items: usize,
    /// A reading that the last fetch did not come to the end of.
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<Reading>,
}

/// One reading, of the whole shop or of what was modified since.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Reading {
    began_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// The next page, from 1 on.
    page: usize,
    /// How many items have been read.
    read: usize,
    /// How many there were at most while it was read.
    most: usize,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    total_results: usize,
    /// Left out where nothing was found.
    #[serde(default)]
    items: Items,
}

#[derive(Default, Deserialize)]
struct Items {
    #[serde(default)]
    item: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    num_iid: Loose,
    title: String,
    #[serde(default)]
    cid: Loose,
    #[serde(default)]
    pic_url: Loose,
    #[serde(default)]
    price: Loose,
    #[serde(default)]
    list_time: Loose,
    #[serde(default)]
    modified: Loose,
}

/// Reads the shop, or the next pages of it.
///
/// The newest modifications come first. What is modified meanwhile moves to the front, and is read the
/// next time; what is taken off the shop moves the others up, so that one may have slipped through
/// between two pages. Such a reading does not count, and is done again.
pub(super) async fn read(top: &Top<'_>, state: &mut State, is_tmall: bool, found: &mut Found) -> Result<(), FetchError> {
    let mut reading = state.reading.take().unwrap_or_else(|| state.begin(top.now));
    let is_from_the_first_page = reading.page == 1;
    let mut ids = BTreeSet::new();
    for _ in 0..PAGES {
        let Answer { total_results: total, items: Items { item: items } } = page(top, &reading).await?;
        reading.read += items.len();
        reading.most = reading.most.max(total);
        let is_last = items.is_empty() || reading.page.saturating_mul(PAGE) >= total;
        ids.extend(items.iter().map(|item| item.num_iid.as_str().to_owned()));
        found.trades.extend(items.iter().map(|item| listing(item, is_tmall, top.now)));
        if is_last {
            let read = if is_from_the_first_page { ids.len() } else { reading.read };
            let is_whole = read >= reading.most;
            found.complete = is_whole && is_from_the_first_page && reading.since.is_none();
            if is_whole {
                state.end(&reading);
            }
            return Ok(());
        }
        reading.page += 1;
    }
    state.reading = Some(reading);
    found.more = true;
    Ok(())
}

async fn page(top: &Top<'_>, reading: &Reading) -> Result<Answer, FetchError> {
    let since = reading.since.map(|since| ("start_modified", gateway::china_time(gateway::overlapping(since))));
    let mut fields = vec![
        ("fields", FIELDS.to_owned()),
        ("order_by", "modified:desc".to_owned()),
        ("page_no", reading.page.to_string()),
        ("page_size", PAGE.to_string()),
    ];
    fields.extend(since);
    top.call("taobao.items.onsale.get", &fields).await
}

impl State {
    fn begin(&self, now: Timestamp) -> Reading {
        let is_due = self.whole_at.is_none_or(|at| now.duration_since(at) >= WHOLE_AGAIN);
        // A whole shop of one page costs no more than what was modified of it.
        let since = self.since.filter(|_| !is_due && self.items > PAGE);
        Reading { began_at: now, since, page: 1, read: 0, most: 0 }
    }

    fn end(&mut self, reading: &Reading) {
        self.since = Some(reading.began_at);
        if reading.since.is_none() {
            self.whole_at = Some(reading.began_at);
            self.items = reading.most;
        }
    }
}

fn listing(item: &Item, is_tmall: bool, now: Timestamp) -> Trade {
    let id = item.num_iid.as_str();
    let trade = title::trade(Kind::Listing, ExternalId::new(id), &item.title, now);
    Trade {
        price: item.price.yuan(),
        available: Some(true),
        link: item_page(id, is_tmall),
        image: gateway::picture(item.pic_url.as_str()),
        categories: category(&item.cid),
        occurred_at: gateway::from_china_time(item.list_time.as_str()),
        as_of: gateway::from_china_time(item.modified.as_str()),
        ..trade
    }
}

/// The page of an item.
pub(super) fn item_page(id: &str, is_tmall: bool) -> Option<PublicLink> {
    let page = if is_tmall { "https://detail.tmall.com/item.htm" } else { "https://item.taobao.com/item.htm" };
    gateway::item_page(page, "id", id)
}

/// The category of an item, by Taobao's number.
pub(super) fn category(cid: &Loose) -> Vec<RawCategory> {
    Some(cid.as_str()).filter(|cid| !cid.is_empty()).map(|cid| title::category_id("taobao", cid)).into_iter().collect()
}
