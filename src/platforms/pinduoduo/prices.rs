//! What goods cost, and what they are: the list of a shop does not say it, so it is asked of some goods
//! each time, of new ones first and of all in turn.

use super::pop::Pop;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::gateway::Loose;
use crate::platforms::title;
use serde::Deserialize;
use serde::Serialize;

/// Of how many goods it is asked in one fetch.
const GOODS: usize = 10;

/// Of which goods it has been asked. Their numbers rise.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The newest.
    newest: u64,
    /// The last one of those that were asked for in turn.
    turn: u64,
}

#[derive(Deserialize)]
struct Answer {
    goods_info: Info,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    goods_category: Loose,
    #[serde(default)]
    last_category: Loose,
    #[serde(default)]
    sku_list: Option<Vec<Sku>>,
}

#[derive(Deserialize)]
struct Sku {
    /// In yuan, for a group of buyers: the price that is shown of goods.
    #[serde(default)]
    group_price: Loose,
    #[serde(default)]
    is_sku_onsale: Loose,
}

/// Fills in prices and categories of some `listings`. An app that may not ask for them goes without.
pub(super) async fn read(pop: &Pop<'_>, state: &mut State, listings: &mut [Trade]) -> Result<(), FetchError> {
    for id in state.choose(listings) {
        let text = id.to_string();
        let answer = pop.call("pdd.goods.information.get", "goods_info_get_response", &[("goods_id", text.clone())]).await;
        let info = match answer {
            Ok(Answer { goods_info }) => goods_info,
            Err(FetchError { problem: Problem::NotAllowed { .. }, .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        for listing in listings.iter_mut().filter(|listing| listing.external_id.as_str() == text) {
            listing.price = price(&info);
            listing.categories = categories(&info);
        }
    }
    Ok(())
}

impl State {
    fn choose(&mut self, listings: &[Trade]) -> Vec<u64> {
        let mut ids: Vec<u64> = listings.iter().filter_map(|trade| trade.external_id.as_str().parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut chosen: Vec<u64> = ids.iter().rev().copied().take_while(|id| *id > self.newest).take(GOODS).collect();
        self.newest = ids.last().copied().unwrap_or_default().max(self.newest);
        let (before, behind) = ids.split_at(ids.partition_point(|id| *id <= self.turn));
        for id in behind.iter().chain(before) {
            if chosen.len() >= GOODS {
                break;
            }
            if !chosen.contains(id) {
                chosen.push(*id);
                self.turn = *id;
            }
        }
        chosen
    }
}

fn price(info: &Info) -> Option<Price> {
    let on_sale = info.sku_list.iter().flatten().filter(|sku| sku.is_sku_onsale.as_str() != "0");
    let mut amounts: Vec<_> = on_sale.filter_map(|sku| sku.group_price.yuan()).collect();
    amounts.sort_by_key(|price| price.amount);
    let highest = amounts.last()?.amount;
    let lowest = amounts.into_iter().next()?;
    let up_to = (highest > lowest.amount).then_some(highest);
    Some(Price { up_to, ..lowest })
}

fn categories(info: &Info) -> Vec<RawCategory> {
    let named = [&info.goods_category, &info.last_category].map(|category| category.as_str().trim());
    named.into_iter().filter(|name| !name.is_empty()).map(title::category).collect()
}

#[cfg(test)]
mod tests {
    use super::GOODS;
    use super::State;
    use crate::domain::ids::ExternalId;
    use crate::domain::trade::Kind;
    use crate::domain::trade::Trade;
    use crate::platforms::title;

    fn listings(ids: impl Iterator<Item = u64>) -> Vec<Trade> {
        ids.map(|id| title::trade(Kind::Listing, ExternalId::new(id.to_string()), "Kettle", jiff::Timestamp::UNIX_EPOCH)).collect()
    }

    #[test]
    fn all_goods_have_their_turn() {
        let shop = listings(1..=50);
        let mut state = State::default();
        let mut asked: Vec<u64> = (0..6).flat_map(|_| state.choose(&shop)).collect();
        asked.sort_unstable();
        asked.dedup();
        assert_eq!(asked, (1..=50).collect::<Vec<u64>>());
    }

    #[test]
    fn new_goods_come_first_and_small_shops_are_asked_whole() {
        let mut state = State::default();
        assert_eq!(state.choose(&listings(1..=3)).len(), 3);
        let chosen = state.choose(&listings(1..=30));
        assert_eq!(chosen.len(), GOODS);
        assert_eq!(chosen.first(), Some(&30));
        assert_eq!(state.choose(&[]), Vec::<u64>::new());
    }
}
