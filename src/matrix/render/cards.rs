//! What shows trades: a card, a digest, a board.

use super::LARGEST;
use super::TRADE;
use super::TRADES;
use super::bytes;
use super::fitting;
use super::message;
use super::offer::Offer;
use crate::domain::ids::EventId;
use crate::domain::ids::UserId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::sharer::Language;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::texts;
use askama::Template;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use strum::IntoEnumIterator;

/// What a list of trades has around its entries, in bytes: heading, keys, mark and the sharer's id.
const LIST_FRAME: usize = 1_024;

/// The longest title in a list, in characters.
const LISTED_TITLE: usize = 120;

/// The longest name of a shop in a list, in characters.
const LISTED_SHOP: usize = 60;

/// A trade in words.
pub(super) struct Card<'a> {
    title: Line,
    link: Option<&'a str>,
    price: Option<String>,
    old: Option<String>,
    shop: Line,
    /// None where it goes without saying.
    state: Option<String>,
}

#[derive(Template)]
#[template(path = "card.html")]
struct CardPage<'a> {
    card: Card<'a>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    heading: &'a str,
    /// What stands in the place of the trades where there are none.
    empty: &'a str,
    cards: Vec<Card<'a>>,
}

/// One trade of `sharer`.
#[must_use]
pub fn card(language: Language, offer: &Offer, sharer: &UserId, mark: &str) -> Value {
    let card = Card::new(language, offer, offer.shop.clone(), offer.trade.title.clone());
    let body = card.plain(None);
    let html = CardPage { card }.render().ok();
    let mut content = message(&body, html, mark);
    if let Some(link) = &offer.trade.link {
        content.insert("external_url".to_owned(), json!(link.as_str()));
    }
    let named = json!({ "id": offer.trade.id().as_str(), "kind": offer.trade.kind, "sharer": sharer.as_str() });
    content.insert(TRADE.to_owned(), named);
    fitting(content)
}

/// Several trades of `sharer` with the names of their accounts, in the order given, as one message.
/// Ask [`list_capacity`] first how many there may be.
#[must_use]
pub fn digest(language: Language, offers: &[Offer], sharer: &UserId, mark: &str) -> Value {
    fitting(list(language, &texts::digest_heading(language, offers.len()), offers, sharer, mark))
}

/// What is on offer now from `sharer`, who is called `name`, in the order given. Ask
/// [`list_capacity`] first how many there may be.
#[must_use]
pub fn board(language: Language, offers: &[Offer], sharer: &UserId, name: &str, mark: &str) -> Value {
    let heading = texts::board_heading(language, name, offers.len());
    fitting(list(language, &heading, offers, sharer, mark))
}

/// How many of the leading `offers` one digest or board holds with certainty, in whichever language
/// it is written; at least one.
#[must_use]
pub fn list_capacity(offers: &[Offer]) -> usize {
    let mut bytes = LIST_FRAME;
    let fits = |offer: &&Offer| {
        bytes += entry_bytes(offer);
        bytes <= LARGEST
    };
    offers.iter().take_while(fits).count().max(1)
}

/// The same content with a mention of `person`, so that it notifies her even where the room is quiet.
#[must_use]
pub fn mentioning(mut content: Value, person: &UserId) -> Value {
    content["m.mentions"] = json!({ "user_ids": [person.as_str()] });
    content
}

/// The same content as an answer to the message `to`.
#[must_use]
pub fn answering(mut content: Value, to: &EventId) -> Value {
    content["m.relates_to"] = json!({ "m.in_reply_to": { "event_id": to.as_str() } });
    content
}

impl<'a> Card<'a> {
    pub(super) fn new(language: Language, offer: &'a Offer, shop: Line, title: Line) -> Self {
        let trade = &offer.trade;
        let before_a_sale = || trade.price.as_ref().and_then(|price| price.old.map(|old| Price::new(old, price.currency)));
        let old = offer.was.clone().or_else(before_a_sale);
        Self {
            title: if title.is_empty() { shop.clone() } else { title },
            link: trade.link.as_ref().map(PublicLink::as_str),
            price: trade.price.as_ref().map(|price| texts::price(language, price)),
            old: old.map(|old| texts::price(language, &old)),
            shop,
            state: state(language, offer),
        }
    }

    /// Without markup, the link on a line of its own.
    pub(super) fn plain(&self, shop: Option<&str>) -> String {
        let mut text = self.title.to_string();
        for detail in [self.price.as_deref(), shop, self.state.as_deref()].into_iter().flatten() {
            text.extend([" - ", detail]);
        }
        if let Some(link) = self.link {
            text.extend(["\n", link]);
        }
        text
    }
}

/// What happened, or how it stands now where that is what matters.
fn state(language: Language, offer: &Offer) -> Option<String> {
    let is_back = offer.trade.available == Some(true);
    match offer.trade.kind {
        Kind::Withdrawn if is_back => None,
        Kind::Listing | Kind::PriceChange if offer.is_gone() => Some(texts::no_longer_available(language)),
        Kind::Listing => None,
        kind => Some(texts::kind(language, kind)),
    }
}

fn list(language: Language, heading: &str, offers: &[Offer], sharer: &UserId, mark: &str) -> Map<String, Value> {
    let cards: Vec<Card<'_>> = offers.iter().map(|offer| entry(language, offer)).collect();
    let mut body = heading.to_owned();
    for card in &cards {
        body.extend(["\n• ", &card.plain(Some(card.shop.as_str()))]);
    }
    let empty = texts::board_empty(language);
    if cards.is_empty() {
        body.extend(["\n", &empty]);
    }
    let mut content = message(&body, ListPage { heading, empty: &empty, cards }.render().ok(), mark);
    let shown: Vec<Value> = offers.iter().map(|Offer { trade, .. }| json!({ "id": trade.id().as_str(), "kind": trade.kind })).collect();
    let named = json!({ "sharer": sharer.as_str(), "trades": shown });
    content.insert(TRADES.to_owned(), named);
    content
}

fn entry(language: Language, offer: &Offer) -> Card<'_> {
    let title = Line::new(offer.trade.title.as_str(), LISTED_TITLE);
    Card::new(language, offer, Line::new(offer.shop.as_str(), LISTED_SHOP), title)
}

/// What one entry adds to a list in the language where it adds most.
fn entry_bytes(offer: &Offer) -> usize {
    let nobody = UserId::new("");
    let twice = [offer.clone(), offer.clone()];
    let bytes_of = |language, offers: &[Offer]| bytes(&list(language, "", offers, &nobody, ""));
    // Of the second one, since an empty list says that it is.
    let added = |language| bytes_of(language, &twice).saturating_sub(bytes_of(language, &twice[..1]));
    // Room for a heading whose number is longer.
    Language::iter().map(added).max().unwrap_or(0) + 8
}
