//! A trade in the state in which its item is now: what a card shows when it is rendered late, or again.

use crate::domain::delivery::Shown;
use crate::domain::money::Price;
use crate::domain::source::Item;
use crate::domain::text::Line;
use crate::domain::trade::Trade;

/// A trade as it is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The trade, with the price and the availability that its item has now.
    pub trade: Trade,
    /// What the sharer calls the account it comes from.
    pub shop: Line,
    /// What it cost when the trade was posted, where that is another price now.
    pub was: Option<Price>,
    /// The revision of the item whose state this is.
    pub revision: u32,
}

impl Offer {
    /// A trade as it was reported.
    #[must_use]
    pub fn new(trade: Trade, shop: Line) -> Self {
        let revision = trade.revision;
        Self { trade, shop, was: None, revision }
    }

    /// A trade with what is known of its item now. What was sold or bought does not change any more.
    #[must_use]
    pub fn now(trade: Trade, shop: Line, item: Option<&Item>) -> Self {
        let mut offer = Self::new(trade, shop);
        let Some(item) = item else { return offer };
        offer.revision = item.revision;
        if offer.trade.kind.is_order() {
            return offer;
        }
        offer.trade.available = item.available.or(offer.trade.available);
        let differs = match (&offer.trade.price, &item.price) {
            (Some(posted), Some(present)) => present.differs_from(posted),
            (posted, present) => posted.is_none() && present.is_some(),
        };
        if differs {
            offer.was = offer.trade.price.take();
            offer.trade.price = item.price.clone().map(|price| Price { old: price.old.filter(|_| offer.was.is_none()), ..price });
        }
        offer
    }

    /// Whether it cannot be had any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        !self.trade.kind.is_order() && self.trade.available == Some(false)
    }

    /// What a posting remembers of it.
    #[must_use]
    pub fn shown(&self) -> Shown {
        Shown::new(&self.trade, self.revision, &self.shop)
    }
}

#[cfg(test)]
mod tests {
    use super::Offer;
    use crate::domain::ids::ExternalId;
    use crate::domain::ids::SourceId;
    use crate::domain::money::Price;
    use crate::domain::source::Item;
    use crate::domain::text::Line;
    use crate::domain::trade::Kind;
    use crate::domain::trade::Trade;
    use iso_currency::Currency;
    use jiff::Timestamp;
    use rust_decimal::Decimal;

    fn costs(amount: i64) -> Price {
        Price::new(Decimal::from(amount), Currency::EUR)
    }

    fn pot(kind: Kind, price: Option<Price>) -> Trade {
        let id = (SourceId::new("feed:tea"), ExternalId::new("pot"));
        Trade { kind, price, ..Trade::listing(id.0, id.1, Line::title("Pot"), Timestamp::UNIX_EPOCH) }
    }

    fn now(trade: &Trade, change: impl FnOnce(&mut Item)) -> Offer {
        let mut item = Item::of(trade);
        change(&mut item);
        Offer::now(trade.clone(), Line::title("Tea"), Some(&item))
    }

    #[test]
    fn another_price_shows_the_one_that_was_posted_as_the_old_one() {
        let on_sale = Price { old: Some(Decimal::from(40)), ..costs(30) };
        let offer = now(&pot(Kind::Listing, Some(on_sale.clone())), |item| (item.price, item.revision) = (Some(costs(20)), 3));
        assert_eq!((offer.trade.price, offer.was, offer.revision), (Some(costs(20)), Some(on_sale), 3));
    }

    #[test]
    fn the_same_price_stays_as_it_was_posted() {
        let on_sale = Price { old: Some(Decimal::from(40)), ..costs(30) };
        let offer = now(&pot(Kind::Listing, Some(on_sale.clone())), |item| item.price = Some(costs(30)));
        assert_eq!((offer.trade.price, offer.was), (Some(on_sale), None));
    }

    #[test]
    fn a_price_that_nobody_says_any_more_stays_as_it_was_posted() {
        let offer = now(&pot(Kind::Listing, Some(costs(30))), |item| item.price = None);
        assert_eq!((offer.trade.price, offer.was), (Some(costs(30)), None));
    }

    #[test]
    fn a_price_that_was_not_known_before_has_no_old_one() {
        let offer = now(&pot(Kind::Listing, None), |item| item.price = Some(costs(30)));
        assert_eq!((offer.trade.price, offer.was), (Some(costs(30)), None));
    }

    #[test]
    fn what_was_bought_cost_what_it_cost_then() {
        let change = |item: &mut Item| (item.price, item.available) = (Some(costs(20)), Some(false));
        let offer = now(&pot(Kind::Purchase, Some(costs(30))), change);
        assert!(!offer.is_gone());
        assert_eq!((offer.trade.price, offer.was), (Some(costs(30)), None));
        assert!(now(&pot(Kind::Listing, Some(costs(30))), change).is_gone());
    }
}
