//! What a shop offers. The gateway does not say when something was modified, so the whole shop is read
//! each time.

use super::Found;
use super::pop::Pop;
use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::gateway;
use crate::platforms::gateway::Loose;
use crate::platforms::title;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;

/// Goods on a page, as many as there may be.
const PAGE: usize = 100;
/// Pages read in one fetch.
const PAGES: usize = 10;

/// How far a shop has been read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The page at which the last fetch broke off.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<usize>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    total_count: usize,
    #[serde(default)]
    goods_list: Option<Vec<Goods>>,
}

#[derive(Deserialize)]
struct Goods {
    #[serde(rename = "goods_id")]
    id: Loose,
    #[serde(rename = "goods_name")]
    title: String,
    #[serde(default)]
    thumb_url: Loose,
    #[serde(default)]
    created_at: Loose,
    #[serde(default)]
    is_onsale: Loose,
}

/// Reads the shop, or the next pages of it. It counts as the whole only where as many goods were seen as
/// it had at most meanwhile: what is taken off it moves the others up, so that one may slip through
/// between two pages.
pub(super) async fn read(pop: &Pop<'_>, state: &mut State, found: &mut Found) -> Result<(), FetchError> {
    let first = state.page.take().unwrap_or(1);
    let (mut ids, mut most) = (BTreeSet::new(), 0);
    for page in first..first + PAGES {
        let fields = [("is_onsale", "1".to_owned()), ("page", page.to_string()), ("page_size", PAGE.to_string())];
        let answer: Answer = pop.call("pdd.goods.list.get", "goods_list_get_response", &fields).await?;
        let goods = answer.goods_list.unwrap_or_default();
        most = most.max(answer.total_count);
        ids.extend(goods.iter().map(|goods| goods.id.as_str().to_owned()));
        found.trades.extend(goods.iter().map(|goods| listing(goods, pop.now)));
        if goods.is_empty() || page.saturating_mul(PAGE) >= answer.total_count {
            found.complete = first == 1 && ids.len() >= most;
            return Ok(());
        }
    }
    state.page = Some(first + PAGES);
    found.more = true;
    Ok(())
}

fn listing(goods: &Goods, now: Timestamp) -> Trade {
    let id = goods.id.as_str();
    let created_at = goods.created_at.number().and_then(|seconds| Timestamp::from_second(seconds).ok());
    Trade {
        available: Some(goods.is_onsale.as_str() != "0"),
        link: goods_page(id),
        image: gateway::picture(goods.thumb_url.as_str()),
        occurred_at: created_at,
        ..title::trade(Kind::Listing, ExternalId::new(id), &goods.title, now)
    }
}

/// The page of goods.
pub(super) fn goods_page(id: &str) -> Option<PublicLink> {
    gateway::item_page("https://mobile.yangkeduo.com/goods.html", "goods_id", id)
}
