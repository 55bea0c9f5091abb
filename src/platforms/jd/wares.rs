//! What is offered: wares. A ware can be had in several forms (SKUs), and only these have pages.

use super::Visit;
use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::china::Loose;
use crate::platforms::reading::Ask;
use crate::platforms::reading::Page;
use crate::platforms::title;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use url::Url;

/// The most that JD gives.
const PAGE: u32 = 100;
/// On offer, and on offer while a change of it is looked at.
const OFFERED: &str = "8,520";
/// The same, and taken off: by the merchant or by JD, and while a change of it is looked at.
const ANY: &str = "8,520,2,4,514,516";
const FIELDS: &str = "wareId,title,wareStatus,categoryId,logo,jdPrice,onlineTime,created,modified";
/// Where pictures stand that are named by their path only.
const PICTURES: &str = "https://img12.360buyimg.com/n5/";
/// For how many wares SKUs can be asked at once.
const WARES_AT_ONCE: usize = 10;
/// For how many wares of a page pages are looked up: of what is new, not of a whole shop.
const LOOKED_UP: usize = 30;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    ware_status_value: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_modified_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_modified_time: Option<String>,
    order_field: &'static str,
    order_type: &'static str,
    page_no: u32,
    page_size: u32,
    field: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    page: Wares,
}

#[derive(Deserialize)]
struct Wares {
    #[serde(default, rename = "totalItem")]
    total: Loose,
    #[serde(default)]
    data: Option<Vec<Ware>>,
}

#[derive(Deserialize)]
struct Ware {
    #[serde(rename = "wareId")]
    id: Loose,
    #[serde(default)]
    title: Loose,
    #[serde(default, rename = "wareStatus")]
    status: Loose,
    #[serde(default, rename = "categoryId")]
    category: Loose,
    #[serde(default, rename = "logo")]
    picture: Loose,
    #[serde(default, rename = "jdPrice")]
    price: Loose,
    #[serde(default, rename = "onlineTime")]
    offered_at: Loose,
    #[serde(default, rename = "created")]
    made_at: Loose,
    #[serde(default)]
    modified: Loose,
}

#[derive(Serialize)]
struct SkuQuery {
    #[serde(rename = "wareId")]
    wares: String,
    /// 1: on offer. The name is JD's.
    #[serde(rename = "skuStatuValue")]
    status: &'static str,
    field: &'static str,
    #[serde(rename = "pageNo")]
    page: u32,
    page_size: u32,
}

#[derive(Deserialize)]
struct SkuAnswer {
    page: Skus,
}

#[derive(Deserialize)]
struct Skus {
    #[serde(default)]
    data: Option<Vec<Sku>>,
}

#[derive(Deserialize)]
struct Sku {
    #[serde(rename = "skuId")]
    id: Loose,
    #[serde(rename = "wareId")]
    ware: Loose,
}

impl Visit<'_> {
    /// A page of wares, in the order in which they were made: what is new comes last.
    pub(super) async fn wares(&self, ask: &Ask) -> Result<Page, FetchError> {
        let query = Query {
            ware_status_value: if ask.from.is_some() { ANY } else { OFFERED },
            start_modified_time: ask.from.map(china::local),
            end_modified_time: ask.from.map(|_| china::local(ask.to)),
            order_field: "wareId",
            order_type: "asc",
            page_no: ask.number,
            page_size: PAGE,
            field: FIELDS,
        };
        let answer: Answer = self.gateway.call("jingdong.ware.read.searchWare4Valid", &query).await?;
        let total = answer.page.total.number().unwrap_or_default();
        let (offered, gone): (Vec<Ware>, Vec<Ware>) = answer
            .page
            .data
            .unwrap_or_default()
            .into_iter()
            .partition(|ware| OFFERED.split(',').any(|state| state == ware.status.as_str()));
        let is_last = u64::from(ask.number) * u64::from(PAGE) >= total;
        let looked_up = if ask.from.is_some() { LOOKED_UP } else { WARES_AT_ONCE * usize::from(is_last) };
        let newest: Vec<&str> = offered.iter().rev().take(looked_up).map(|ware| ware.id.as_str()).collect();
        let (links, requests) = self.links(&newest).await?;
        let trades = offered.iter().map(|ware| self.listing(ware, links.get(ware.id.as_str()))).collect();
        let gone = gone.iter().map(|ware| ExternalId::new(ware.id.as_str())).collect();
        Ok(Page { trades, gone, total, size: PAGE, requests: 1 + requests })
    }

    fn listing(&self, ware: &Ware, link: Option<&PublicLink>) -> Trade {
        let id = ExternalId::new(ware.id.as_str());
        let mut trade = title::trade(Kind::Listing, id, ware.title.as_str(), self.gateway.context.now);
        trade.price = china::yuan(ware.price.as_str());
        trade.link = link.cloned();
        trade.image = picture(ware.picture.as_str()).and_then(|url| PublicLink::new(url, self.allow_http_links));
        if !ware.category.as_str().is_empty() {
            trade.categories.push(title::category_id("jd", ware.category.as_str()));
        }
        trade.available = Some(true);
        trade.occurred_at = china::time(ware.offered_at.as_str()).or_else(|| china::time(ware.made_at.as_str()));
        trade.as_of = china::time(ware.modified.as_str());
        trade
    }

    /// The pages of some wares: each one's first SKU's. And how many requests that took. An app that may
    /// not ask for SKUs has no links.
    async fn links(&self, wares: &[&str]) -> Result<(BTreeMap<String, PublicLink>, u32), FetchError> {
        let (mut links, mut requests) = (BTreeMap::new(), 0);
        for some in wares.chunks(WARES_AT_ONCE) {
            let query = SkuQuery { wares: some.join(","), status: "1", field: "wareId,skuId", page: 1, page_size: 50 };
            let answer = self.gateway.call::<SkuAnswer>("jingdong.sku.read.searchSkuList", &query).await;
            requests += 1;
            let skus = match answer {
                Err(FetchError { problem: Problem::NotAllowed { .. } | Problem::Refused { .. }, .. }) => break,
                answer => answer?.page.data.unwrap_or_default(),
            };
            for sku in skus {
                let Some(link) = self.link(sku.id.as_str()) else { continue };
                links.entry(sku.ware.as_str().to_owned()).or_insert(link);
            }
        }
        Ok((links, requests))
    }
}

fn picture(logo: &str) -> Option<Url> {
    match logo {
        "" => None,
        logo if logo.starts_with("//") => Url::parse(&format!("https:{logo}")).ok(),
        logo if logo.contains("://") => Url::parse(logo).ok(),
        path => Url::parse(PICTURES).ok()?.join(path.trim_start_matches('/')).ok(),
    }
}
