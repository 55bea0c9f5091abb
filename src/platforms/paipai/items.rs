//! What is offered: items. All are listed, those that were taken off too.

use super::PAGE;
use super::Visit;
use crate::domain::ids::ExternalId;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::china::Loose;
use crate::platforms::reading::Ask;
use crate::platforms::reading::Page;
use crate::platforms::title;
use serde::Deserialize;

/// The state of what is on offer; any other is off.
const OFFERED: &str = "IS_FOR_SALE";

#[derive(Deserialize)]
struct Items {
    #[serde(rename = "countTotal")]
    total: Loose,
    #[serde(default, rename = "itemList")]
    items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "itemCode")]
    code: Loose,
    #[serde(default, rename = "itemName")]
    title: Loose,
    #[serde(default, rename = "itemState")]
    state: Loose,
    #[serde(default, rename = "itemPrice")]
    price: Loose,
    #[serde(default, rename = "picLink")]
    picture: Loose,
    #[serde(default, rename = "classId")]
    category: Loose,
    #[serde(default, rename = "stockCount")]
    stock: Loose,
    #[serde(default, rename = "createTime")]
    made_at: Loose,
    #[serde(default, rename = "lastModifyTime")]
    modified: Loose,
}

impl Visit<'_> {
    /// A page of items.
    pub(super) async fn items(&self, ask: &Ask) -> Result<Page, FetchError> {
        let mut query = vec![("pageIndex", ask.number.to_string()), ("pageSize", PAGE.to_string())];
        if let Some(from) = ask.from {
            query.extend([("modifyTimeBegin", china::local(from)), ("modifyTimeEnd", china::local(ask.to))]);
        }
        let Items { total, items } = self.gateway.call("item/sellerSearchItemList.xhtml", &query).await?;
        let (offered, gone): (Vec<Item>, Vec<Item>) = items.unwrap_or_default().into_iter().partition(Item::is_offered);
        let trades = offered.iter().map(|item| self.listing(item)).collect();
        let gone = gone.iter().map(|item| ExternalId::new(item.code.as_str())).collect();
        Ok(Page { trades, gone, total: total.number().unwrap_or_default(), size: PAGE, requests: 1 })
    }

    fn listing(&self, item: &Item) -> Trade {
        let id = ExternalId::new(item.code.as_str());
        let mut trade = title::trade(Kind::Listing, id, item.title.as_str(), self.gateway.context.now);
        trade.price = china::fen(item.price.as_str());
        trade.link = self.link(item.code.as_str());
        trade.image = self.picture(item.picture.as_str());
        if !item.category.as_str().is_empty() {
            trade.categories.push(title::category_id("paipai", item.category.as_str()));
        }
        trade.available = item.stock.as_str().parse().ok().map(|stock: i64| stock > 0);
        trade.occurred_at = china::time(item.made_at.as_str());
        trade.as_of = china::time(item.modified.as_str());
        trade
    }
}

impl Item {
    /// Where nothing is said, what is listed is offered.
    fn is_offered(&self) -> bool {
        matches!(self.state.as_str(), "" | OFFERED)
    }
}
