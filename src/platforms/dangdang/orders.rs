//! What was sold: orders by when they last changed, of which only those that are paid for count. The list
//! says nothing of what was bought, so each such order is asked for.

use super::PAGE;
use super::Visit;
use super::gateway::Method;
use crate::domain::link::PublicLink;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::reading::Ask;
use crate::platforms::reading::Page;
use crate::platforms::title;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

/// Version 1.0 was ended in 2021.
const LIST: Method = Method { name: "dangdang.orders.list.get", version: "3.0" };
const DETAILS: Method = Method { name: "dangdang.order.details.get", version: "4.0" };
/// To be sent, partly sent, sent, arrived, done.
const PAID: [&str; 5] = ["101", "260", "300", "400", "1000"];
/// Done: paid for in any case.
const DONE: &str = "1000";
/// A line that is a gift.
const GIFT: &str = "1";

#[derive(Deserialize)]
struct Orders {
    #[serde(rename = "totalInfo")]
    total: Total,
    #[serde(default, rename = "OrdersList")]
    list: OrdersList,
}

#[derive(Deserialize)]
struct Total {
    #[serde(rename = "orderCount")]
    orders: String,
}

#[derive(Default, Deserialize)]
struct OrdersList {
    #[serde(default, rename = "OrderInfo")]
    orders: Vec<Order>,
}

/// An order as it stands in the list.
#[derive(Deserialize)]
struct Order {
    #[serde(rename = "orderID")]
    id: String,
    #[serde(default, rename = "orderState")]
    state: Option<String>,
    #[serde(default, rename = "paymentDate")]
    paid_at: Option<String>,
}

/// An order by itself.
#[derive(Deserialize)]
struct Details {
    #[serde(rename = "orderID")]
    id: String,
    #[serde(default, rename = "orderState")]
    state: Option<String>,
    #[serde(default, rename = "paymentDate")]
    paid_at: Option<String>,
    #[serde(default, rename = "lastModifyTime")]
    modified: Option<String>,
    #[serde(default, rename = "ItemsList")]
    list: Lines,
}

#[derive(Default, Deserialize)]
struct Lines {
    #[serde(default, rename = "ItemInfo")]
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "itemID")]
    item: String,
    #[serde(default, rename = "itemName")]
    title: Option<String>,
    #[serde(default, rename = "itemType")]
    kind: Option<String>,
    #[serde(default, rename = "unitPrice")]
    price: Option<String>,
    #[serde(default, rename = "orderCount")]
    quantity: Option<String>,
}

impl Visit<'_> {
    /// A page of orders.
    pub(super) async fn orders(&self, ask: &Ask) -> Result<Page, FetchError> {
        let query = [
            ("os", "9999".to_owned()),
            ("lastModifyTime_start", china::local(ask.from.unwrap_or(ask.began))),
            ("lastModifyTime_end", china::local(ask.to)),
            ("p", ask.number.to_string()),
            ("pageSize", PAGE.to_string()),
        ];
        let Orders { total, list } = self.gateway.call(LIST, &query).await?;
        let total = total.orders.trim().parse().map_err(|_| Problem::MalformedAnswer)?;
        let mut page = Page { total, size: PAGE, requests: 1, ..Page::default() };
        if ask.comes_again(total, PAGE) {
            return Ok(page);
        }
        for order in list.orders.iter().filter(|order| order.may_count(ask.began)) {
            page.requests += 1;
            match self.gateway.call::<Details>(DETAILS, &[("o", order.id.clone())]).await {
                Ok(details) => page.trades.extend(self.sales(&details)),
                // One order that Dangdang does not tell of must not keep all others back for ever.
                Err(FetchError { problem: Problem::Refused { .. }, .. }) => tracing::info!("Dangdang does not tell of an order"),
                Err(error) => return Err(error),
            }
        }
        Ok(page)
    }

    /// A trade for each line.
    fn sales(&self, order: &Details) -> Vec<Trade> {
        let Some(at) = order.settled_at() else { return Vec::new() };
        let lines: Vec<&Line> = order.list.lines.iter().filter(|line| text(line.kind.as_ref()) != GIFT).collect();
        let ids = china::line_ids(lines.iter().map(|line| line.item.trim()));
        let sale = |(line, id): (&Line, String)| {
            let id = title::order_id(Kind::Sale, order.id.trim(), &id);
            let mut trade = title::trade(Kind::Sale, id, text(line.title.as_ref()), self.gateway.context.now);
            trade.price = china::yuan(text(line.price.as_ref()));
            trade.quantity = china::quantity(text(line.quantity.as_ref()));
            trade.link = self.link(line.item.trim());
            trade.occurred_at = Some(at);
            trade.as_of = china::time(text(order.modified.as_ref()));
            trade
        };
        lines.into_iter().zip(ids).map(sale).filter(|trade| !trade.title.is_empty()).collect()
    }

    /// The page of an item.
    pub(super) fn link(&self, item: &str) -> Option<PublicLink> {
        let is_number = !item.is_empty() && item.bytes().all(|byte| byte.is_ascii_digit());
        let url = is_number.then(|| Url::parse(&format!("https://product.dangdang.com/{item}.html")).ok()).flatten()?;
        PublicLink::new(url, self.allow_http_links)
    }
}

impl Order {
    /// Whether it is worth asking for: in a state in which it is paid, and not paid before all began.
    fn may_count(&self, began: Timestamp) -> bool {
        let paid_at = china::time(text(self.paid_at.as_ref()));
        PAID.contains(&text(self.state.as_ref())) && paid_at.is_none_or(|at| at >= began)
    }
}

impl Details {
    /// When it was paid; of one that is paid at the door, when it was done. None where it is not paid.
    fn settled_at(&self) -> Option<Timestamp> {
        let state = text(self.state.as_ref());
        let done_at = || china::time(text(self.modified.as_ref())).filter(|_| state == DONE);
        china::time(text(self.paid_at.as_ref())).or_else(done_at).filter(|_| PAID.contains(&state))
    }
}

/// What stands in an element that may be missing.
pub(super) fn text(element: Option<&String>) -> &str {
    element.map(|text| text.trim()).unwrap_or_default()
}
