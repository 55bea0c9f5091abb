//! What was sold: orders by when they last changed, of which only those that are paid for count.

use super::Visit;
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
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

/// The most that JD gives.
const PAGE: u32 = 100;
/// To be sent, on its way, to be sent within China, arrived.
const PAID: &str = "WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,WAIT_SELLER_DELIVERY,FINISHED_L";
const ARRIVED: &str = "FINISHED_L";
/// Nothing of the buyer.
const FIELDS: &str = "orderId,orderState,paymentConfirmTime,orderEndTime,modified,itemInfoList";

#[derive(Serialize)]
struct Query {
    start_date: String,
    end_date: String,
    order_state: &'static str,
    optional_fields: &'static str,
    page: String,
    page_size: String,
    /// 0: by when they changed, since an order is often paid long after it was made.
    #[serde(rename = "dateType")]
    date_type: u32,
}

#[derive(Deserialize)]
struct Answer {
    searchorderinfo_result: Orders,
}

#[derive(Deserialize)]
struct Orders {
    #[serde(rename = "apiResult")]
    outcome: Outcome,
    #[serde(default, rename = "orderTotal")]
    total: Loose,
    #[serde(default, rename = "orderInfoList")]
    list: Option<Vec<Order>>,
}

#[derive(Deserialize)]
struct Outcome {
    success: Loose,
    #[serde(default, rename = "numberCode")]
    number: Loose,
    #[serde(default, rename = "englishErrCode")]
    code: Loose,
}

#[derive(Deserialize)]
struct Order {
    #[serde(rename = "orderId")]
    id: Loose,
    #[serde(default, rename = "orderState")]
    state: Loose,
    #[serde(default, rename = "paymentConfirmTime")]
    paid_at: Loose,
    #[serde(default, rename = "orderEndTime")]
    ended_at: Loose,
    #[serde(default)]
    modified: Loose,
    #[serde(default, rename = "itemInfoList")]
    lines: Option<Vec<Line>>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "skuId")]
    sku: Loose,
    #[serde(default, rename = "skuName")]
    title: Loose,
    #[serde(default, rename = "jdPrice")]
    price: Loose,
    #[serde(default, rename = "itemTotal")]
    quantity: Loose,
}

impl Visit<'_> {
    /// A page of orders.
    pub(super) async fn orders(&self, ask: &Ask) -> Result<Page, FetchError> {
        let query = Query {
            start_date: china::local(ask.from.unwrap_or(ask.began)),
            end_date: china::local(ask.to),
            order_state: PAID,
            optional_fields: FIELDS,
            page: ask.number.to_string(),
            page_size: PAGE.to_string(),
            date_type: 0,
        };
        let answer: Answer = self.gateway.call("jingdong.pop.order.search", &query).await?;
        let Orders { outcome, total, list } = answer.searchorderinfo_result;
        outcome.check()?;
        let trades = list.unwrap_or_default().into_iter().flat_map(|order| self.sales(&order)).collect();
        Ok(Page { trades, total: total.number().unwrap_or_default(), size: PAGE, requests: 1, ..Page::default() })
    }

    /// A trade for each line.
    fn sales(&self, order: &Order) -> Vec<Trade> {
        let (Some(at), Some(lines)) = (order.settled_at(), &order.lines) else { return Vec::new() };
        let ids = china::line_ids(lines.iter().map(|line| line.sku.as_str()));
        let sale = |(line, id): (&Line, String)| {
            let id = title::order_id(Kind::Sale, order.id.as_str(), &id);
            let mut trade = title::trade(Kind::Sale, id, line.title.as_str(), self.gateway.context.now);
            trade.price = china::yuan(line.price.as_str());
            trade.quantity = china::quantity(line.quantity.as_str());
            trade.link = self.link(line.sku.as_str());
            trade.occurred_at = Some(at);
            trade.as_of = china::time(order.modified.as_str());
            trade
        };
        lines.iter().zip(ids).map(sale).filter(|trade| !trade.title.is_empty()).collect()
    }

    /// The page of an article.
    pub(super) fn link(&self, sku: &str) -> Option<PublicLink> {
        let is_number = !sku.is_empty() && sku.bytes().all(|byte| byte.is_ascii_digit());
        let url = is_number.then(|| Url::parse(&format!("https://item.jd.com/{sku}.html")).ok()).flatten()?;
        PublicLink::new(url, self.allow_http_links)
    }
}

impl Order {
    /// When it was paid; of one that is paid at the door, when it ended. None where it is not paid.
    fn settled_at(&self) -> Option<Timestamp> {
        let is_paid = PAID.split(',').any(|state| state == self.state.as_str());
        let paid_at = china::time(self.paid_at.as_str());
        let ended_at = china::time(self.ended_at.as_str()).filter(|_| self.state.as_str() == ARRIVED);
        paid_at.or(ended_at).filter(|_| is_paid)
    }
}

impl Outcome {
    fn check(&self) -> Result<(), Problem> {
        match (self.success.as_str(), self.number.as_str()) {
            ("true", _) => Ok(()),
            (_, "" | "0") => Err(Problem::refused(self.code.as_str())),
            (_, number) => Err(Problem::refused(number)),
        }
    }
}
