//! What was sold: deals by when they last changed, of which only those that are paid for count.

use super::PAGE;
use super::Visit;
use crate::domain::link::PublicLink;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::china::Loose;
use crate::platforms::reading::Ask;
use crate::platforms::reading::Page;
use crate::platforms::title;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

/// To be sent, on its way, done, being paid out, and paid at the door. The last one's name is Paipai's.
const PAID: [&str; 5] = ["DS_WAIT_SELLER_DELIVERY", "DS_WAIT_BUYER_RECEIVE", "DS_DEAL_END_NORMAL", "DS_SYSTEM_PAYING", "STATE_COD_SUCESS"];

#[derive(Deserialize)]
struct Deals {
    #[serde(rename = "countTotal")]
    total: Loose,
    #[serde(default, rename = "dealList")]
    deals: Option<Vec<Deal>>,
}

#[derive(Deserialize)]
struct Deal {
    #[serde(rename = "dealCode")]
    code: Loose,
    #[serde(default, rename = "dealState")]
    state: Loose,
    #[serde(default, rename = "payTime")]
    paid_at: Loose,
    #[serde(default, rename = "itemList")]
    lines: Option<Vec<Line>>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "itemCode")]
    item: Loose,
    #[serde(default, rename = "itemName")]
    title: Loose,
    #[serde(default, rename = "itemPic80")]
    picture: Loose,
    #[serde(default, rename = "itemDealPrice")]
    price: Loose,
    #[serde(default, rename = "itemDealCount")]
    quantity: Loose,
}

impl Visit<'_> {
    /// A page of deals.
    pub(super) async fn deals(&self, ask: &Ask) -> Result<Page, FetchError> {
        let query = [
            ("listItem", "1".to_owned()),
            ("pageIndex", ask.number.to_string()),
            ("pageSize", PAGE.to_string()),
            ("timeBegin", china::local(ask.from.unwrap_or(ask.began))),
            ("timeEnd", china::local(ask.to)),
            ("timeType", "UPDATE".to_owned()),
        ];
        let Deals { total, deals } = self.gateway.call("deal/sellerSearchDealList.xhtml", &query).await?;
        let trades = deals.unwrap_or_default().iter().flat_map(|deal| self.sales(deal)).collect();
        Ok(Page { trades, total: total.number().unwrap_or_default(), size: PAGE, requests: 1, ..Page::default() })
    }

    /// A trade for each line.
    fn sales(&self, deal: &Deal) -> Vec<Trade> {
        let (Some(at), Some(lines)) = (deal.settled_at(), &deal.lines) else { return Vec::new() };
        let ids = china::line_ids(lines.iter().map(|line| line.item.as_str()));
        let sale = |(line, id): (&Line, String)| {
            let id = title::order_id(Kind::Sale, deal.code.as_str(), &id);
            let mut trade = title::trade(Kind::Sale, id, line.title.as_str(), self.gateway.context.now);
            trade.price = china::fen(line.price.as_str());
            trade.quantity = china::quantity(line.quantity.as_str());
            trade.link = self.link(line.item.as_str());
            trade.image = self.picture(line.picture.as_str());
            trade.occurred_at = Some(at);
            trade
        };
        lines.iter().zip(ids).map(sale).filter(|trade| !trade.title.is_empty()).collect()
    }

    /// The page of an item, where the seller said how it is made.
    pub(super) fn link(&self, item: &str) -> Option<PublicLink> {
        self.links?.link("", item, "", self.allow_http_links)
    }

    pub(super) fn picture(&self, address: &str) -> Option<PublicLink> {
        PublicLink::new(Url::parse(address).ok()?, self.allow_http_links)
    }
}

impl Deal {
    /// When it was paid. None where it is not.
    fn settled_at(&self) -> Option<Timestamp> {
        china::time(self.paid_at.as_str()).filter(|_| PAID.contains(&self.state.as_str()))
    }
}
