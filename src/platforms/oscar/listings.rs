//! What the shop offers, for its operator. The list that staff see says of each product whether it is
//! public and what lies in stock, but not what a customer pays: that takes two calls more for each, so
//! only what is new or has changed in the list is asked for, and a few others in turn.

use super::Brought;
use super::answers::Availability;
use super::answers::Cost;
use super::answers::Page;
use super::answers::Product;
use super::answers::Stock;
use super::catalogue::Catalogue;
use super::catalogue::currency;
use super::shop::next;
use crate::domain::ids::ExternalId;
use crate::domain::money::Price;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::domain::trade::digest;
use crate::platforms::FetchError;
use crate::platforms::title;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Bound;

/// Pages of products that are read in one poll: what stands behind them, the oldest, is left out.
const PAGES: usize = 50;
/// Calls for prices and availability in one poll.
const CALLS: usize = 60;
/// Calls of these for what has not changed in the list: prices may also depend on what it does not say.
const CALLS_IN_TURN: usize = 10;
/// More variants than these are not asked for one by one: then no price is told.
const VARIANTS: usize = 20;
/// How many products may be missing from the list without a doubt.
const DOUBTFUL: usize = 10;
/// Enough of a digest to see a change.
const MARK: usize = 8;

/// What is known of the listings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    /// What the list said of each product when its price was asked for; empty where it has not been.
    known: BTreeMap<u64, String>,
    /// Of these, what has never been told, since it could not be had yet.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    held: BTreeSet<u64>,
    /// The product up to which they have been asked for in turn.
    turn: u64,
}

/// Something on offer: a product with its variants, or one without.
struct Offer {
    product: Product,
    variants: Vec<Product>,
}

/// What a customer hears of an offer.
struct Terms {
    price: Option<Price>,
    available: bool,
}

/// Reads what is on offer since `progress`, which is moved. At first that is everything, what cannot be
/// had included, so that it is known.
pub(super) async fn read(catalogue: &Catalogue<'_>, progress: &mut Progress, is_first: bool) -> Result<Brought, FetchError> {
    let (offers, is_whole) = offers(catalogue).await?;
    let mut brought = Brought::default();
    if is_whole {
        brought.gone = progress.forget_missing(&offers);
    }
    let (wanted, more) = progress.wanted(&offers, is_first);
    brought.more = more;
    for id in wanted {
        let offer = &offers[&id];
        if let Some(terms) = offer.ask(catalogue).await? {
            if is_first || progress.is_to_be_told(id, terms.available) {
                brought.trades.extend(offer.trade(catalogue, terms));
            }
            progress.known.insert(id, offer.mark());
        }
    }
    if is_first {
        // The others stand there too; their prices are asked for later.
        for (id, offer) in offers.iter().filter(|(id, _)| !progress.known.contains_key(id)).collect::<Vec<_>>() {
            brought.trades.extend(offer.trade(catalogue, Terms { price: None, available: offer.is_in_stock() }));
            progress.known.insert(*id, String::new());
        }
    }
    Ok(brought)
}

/// Everything public, by its number, and whether the list was read to its end.
async fn offers(catalogue: &Catalogue<'_>) -> Result<(BTreeMap<u64, Offer>, bool), FetchError> {
    let (mut products, mut query) = (BTreeMap::new(), None);
    for _ in 0..PAGES {
        let page: Page<Product> = catalogue.shop.page("admin/products/", query.as_deref()).await?;
        query = next(&page);
        products.extend(page.rows.into_iter().filter(|product| product.is_public).map(|product| (product.id, product)));
        if query.is_none() {
            break;
        }
    }
    let (variants, products): (Vec<_>, Vec<_>) = products.into_values().partition(|product| product.structure == "child");
    let mut offers: BTreeMap<u64, Offer> =
        products.into_iter().map(|product| (product.id, Offer { product, variants: Vec::new() })).collect();
    for variant in variants {
        if let Some(offer) = variant.parent.and_then(|parent| offers.get_mut(&parent)) {
            offer.variants.push(variant);
        }
    }
    Ok((offers, query.is_none()))
}

impl Progress {
    /// Forgets what is not listed any more, and says what that was. Where suddenly more than half of
    /// many is missing, the list is broken more likely than the shop empty.
    fn forget_missing(&mut self, offers: &BTreeMap<u64, Offer>) -> Vec<ExternalId> {
        let missing: Vec<u64> = self.known.keys().filter(|id| !offers.contains_key(id)).copied().collect();
        if missing.len() > DOUBTFUL && missing.len() * 2 > self.known.len() {
            return Vec::new();
        }
        self.known.retain(|id, _| offers.contains_key(id));
        self.held.retain(|id| offers.contains_key(id));
        missing.into_iter().map(external_id).collect()
    }

    /// What is new is told once it can be had; from then on, whatever becomes of it.
    fn is_to_be_told(&mut self, id: u64, available: bool) -> bool {
        if available {
            self.held.remove(&id);
            return true;
        }
        if !self.known.contains_key(&id) {
            self.held.insert(id);
        }
        !self.held.contains(&id)
    }

    /// Which offers are to be asked for now, in this order: new ones, the newest first, what has changed,
    /// what has never been asked for, and some others in turn. And whether news are left for the next time.
    fn wanted(&mut self, offers: &BTreeMap<u64, Offer>, is_first: bool) -> (Vec<u64>, bool) {
        let (mut new, mut changed, mut never) = (Vec::new(), Vec::new(), Vec::new());
        for (id, offer) in offers.iter().rev() {
            match self.known.get(id).map(String::as_str) {
                None => new.push(*id),
                Some("") => never.push(*id),
                Some(mark) if mark != offer.mark() => changed.push(*id),
                Some(_) => {}
            }
        }
        let news = new.len() + changed.len();
        let (mut wanted, mut calls) = (Vec::new(), 0);
        for id in new.into_iter().chain(changed).chain(never) {
            calls += offers[&id].calls();
            if calls > CALLS {
                break;
            }
            wanted.push(id);
        }
        let more = !is_first && wanted.len() < news;
        if calls < CALLS && !is_first {
            self.take_turns(offers, &mut wanted);
        }
        (wanted, more)
    }

    fn take_turns(&mut self, offers: &BTreeMap<u64, Offer>, wanted: &mut Vec<u64>) {
        let mut calls = 0;
        let behind = (Bound::Excluded(self.turn), Bound::Unbounded);
        for (id, offer) in offers.range(behind).chain(offers.range(..=self.turn)) {
            // One with many variants has the turn for itself.
            if calls > 0 && calls + offer.calls() > CALLS_IN_TURN {
                return;
            }
            calls += offer.calls();
            self.turn = *id;
            if !wanted.contains(id) {
                wanted.push(*id);
            }
        }
    }
}

impl Offer {
    /// What is bought: the variants, where there are some.
    fn things(&self) -> &[Product] {
        if self.product.structure == "parent" { &self.variants } else { std::slice::from_ref(&self.product) }
    }

    /// How many calls it takes to ask for it.
    fn calls(&self) -> usize {
        if self.things().len() > VARIANTS { 0 } else { self.things().len() * 2 }
    }

    /// What the list says of price and stock, shortened to see a change.
    fn mark(&self) -> String {
        let mut parts = Vec::new();
        for thing in self.things() {
            parts.push(thing.id.to_string());
            for stock in &thing.stockrecords {
                parts.push(stock.price_currency.clone().unwrap_or_default());
                parts.push(stock.price.map_or_else(String::new, |price| price.0.normalize().to_string()));
                parts.push(stock.is_left().to_string());
            }
        }
        let mut mark = digest(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        mark.truncate(MARK);
        mark
    }

    /// Whether some of it lies there. A shop may sell it although none does, but not the other way round.
    fn is_in_stock(&self) -> bool {
        self.things().iter().flat_map(|thing| &thing.stockrecords).any(Stock::is_left)
    }

    /// Asks for price and availability; none where it is gone meanwhile.
    async fn ask(&self, catalogue: &Catalogue<'_>) -> Result<Option<Terms>, FetchError> {
        if self.things().len() > VARIANTS {
            return Ok(Some(Terms { price: None, available: self.is_in_stock() }));
        }
        let mut asked = Vec::new();
        for thing in self.things() {
            let cost: Option<Cost> = catalogue.shop.public(&format!("products/{}/price/", thing.id)).await?;
            let availability: Option<Availability> = catalogue.shop.public(&format!("products/{}/availability/", thing.id)).await?;
            let (Some(cost), Some(availability)) = (cost, availability) else { return Ok(None) };
            asked.push((price(&cost), availability.is_available_to_buy));
        }
        Ok(Some(Terms::of(asked)))
    }

    fn trade(&self, catalogue: &Catalogue<'_>, terms: Terms) -> Option<Trade> {
        let shown = catalogue.shown_with(&self.product, None)?;
        let mut trade = title::trade(Kind::Listing, external_id(self.product.id), &shown.title, catalogue.now);
        shown.put_on(&mut trade);
        trade.price = terms.price;
        trade.available = Some(terms.available);
        trade.occurred_at = self.product.date_created;
        Some(trade)
    }
}

impl Terms {
    /// Of several variants: from the lowest to the highest price of those that can be had.
    fn of(mut asked: Vec<(Option<Price>, bool)>) -> Self {
        let available = asked.iter().any(|(_, available)| *available);
        asked.retain(|(_, is_available)| *is_available || !available);
        let prices: Option<Vec<Price>> = asked.into_iter().map(|(price, _)| price).collect();
        Self { price: prices.and_then(range), available }
    }
}

fn range(prices: Vec<Price>) -> Option<Price> {
    let mut prices = prices.into_iter();
    let mut whole = prices.next()?;
    for price in prices {
        if price.currency != whole.currency {
            return None;
        }
        let highest = whole.up_to.unwrap_or(whole.amount).max(price.amount);
        whole.amount = whole.amount.min(price.amount);
        whole.up_to = Some(highest).filter(|highest| *highest > whole.amount);
    }
    Some(whole)
}

fn price(cost: &Cost) -> Option<Price> {
    let amount = cost.incl_tax.or(cost.excl_tax)?.0;
    Some(Price::new(amount, currency(cost.currency.as_deref())?))
}

impl Stock {
    /// Whether not all of it has been sold.
    fn is_left(&self) -> bool {
        self.held.unwrap_or_default() > self.allocated.unwrap_or_default()
    }
}

fn external_id(product: u64) -> ExternalId {
    ExternalId::new(product.to_string())
}
