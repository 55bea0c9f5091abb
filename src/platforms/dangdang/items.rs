//! What is offered: items. All are listed, those that were taken off too.

use super::PAGE;
use super::Visit;
use super::gateway::Method;
use super::orders::text;
use crate::domain::ids::ExternalId;
use crate::domain::problem::Problem;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::reading::Ask;
use crate::platforms::reading::Page;
use crate::platforms::title;
use serde::Deserialize;

const LIST: Method = Method { name: "dangdang.items.list.get", version: "2.0" };
/// The state of what is on offer; any other is off.
const OFFERED: &str = "上架";

#[derive(Deserialize)]
struct Items {
    #[serde(rename = "totalInfo")]
    total: Total,
    #[serde(default, rename = "ItemsList")]
    list: ItemsList,
}

#[derive(Deserialize)]
struct Total {
    #[serde(rename = "itemsCount")]
    items: String,
}

#[derive(Default, Deserialize)]
struct ItemsList {
    #[serde(default, rename = "ItemInfo")]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "itemID")]
    id: String,
    #[serde(default, rename = "itemName")]
    title: Option<String>,
    #[serde(default, rename = "itemState")]
    state: Option<String>,
    #[serde(default, rename = "unitPrice")]
    price: Option<String>,
    #[serde(default, rename = "stockCount")]
    stock: Option<String>,
    #[serde(default, rename = "updateTime")]
    modified: Option<String>,
}

impl Visit<'_> {
    /// A page of items. Changes can be asked for by whole days only, so some come again and again.
    pub(super) async fn items(&self, ask: &Ask) -> Result<Page, FetchError> {
        let mut query = vec![("its", "9999".to_owned()), ("p", ask.number.to_string()), ("pageSize", PAGE.to_string())];
        if let Some(from) = ask.from {
            query.extend([("mts", china::day(from)), ("mte", china::day(ask.to))]);
        }
        let Items { total, list } = self.gateway.call(LIST, &query).await?;
        let total = total.items.trim().parse().map_err(|_| Problem::MalformedAnswer)?;
        let (offered, gone): (Vec<Item>, Vec<Item>) = list.items.into_iter().partition(Item::is_offered);
        let trades = offered.iter().map(|item| self.listing(item)).collect();
        let gone = gone.iter().map(|item| ExternalId::new(item.id.trim())).collect();
        Ok(Page { trades, gone, total, size: PAGE, requests: 1 })
    }

    fn listing(&self, item: &Item) -> Trade {
        let id = item.id.trim();
        let mut trade = title::trade(Kind::Listing, ExternalId::new(id), text(item.title.as_ref()), self.gateway.context.now);
        trade.price = china::yuan(text(item.price.as_ref()));
        trade.link = self.link(id);
        trade.available = text(item.stock.as_ref()).parse().ok().map(|stock: i64| stock > 0);
        trade.as_of = china::time(text(item.modified.as_ref()));
        trade
    }
}

impl Item {
    /// Where nothing is said, what is listed is offered.
    fn is_offered(&self) -> bool {
        matches!(text(self.state.as_ref()), "" | OFFERED)
    }
}
