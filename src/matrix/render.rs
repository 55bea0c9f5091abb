//! What is sent into rooms, as Matrix event contents: cards, digests, notices, replies, reactions.
//! Chooses no words and sends nothing.

use crate::domain::ids::EventId;
use crate::domain::ids::UserId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::sharer::Language;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::texts;
use crate::texts::Text;
use askama::Template;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::slice;
use strum::IntoEnumIterator;

/// The key under which a delivery's mark stands in whatever is sent; it stays outside when the
/// content is encrypted.
pub const MARK: &str = "org.tradepost.delivery";

/// The key under which a card says which trade it shows and whose it is.
pub const TRADE: &str = "org.tradepost.trade";

/// The key under which a digest says which trades it shows and whose they are.
pub const TRADES: &str = "org.tradepost.trades";

/// The largest content, in bytes of JSON: an event may have 64 KiB (specification: size limits),
/// encryption makes four bytes of three, and the homeserver adds its own part.
pub const LARGEST: usize = 40 * 1_024;

/// What a digest has around its entries, in bytes: heading, keys, mark and the sharer's id.
const DIGEST_FRAME: usize = 1_024;

/// The longest title in a digest, in characters.
const DIGEST_TITLE: usize = 120;

/// The longest name of a shop in a digest, in characters.
const DIGEST_SHOP: usize = 60;

/// A trade in words.
struct Card<'a> {
    title: Line,
    link: Option<&'a str>,
    price: Option<String>,
    old: Option<String>,
    shop: Line,
    /// None where it goes without saying.
    kind: Option<String>,
}

#[derive(Template)]
#[template(path = "card.html")]
struct CardPage<'a> {
    card: Card<'a>,
}

#[derive(Template)]
#[template(path = "digest.html")]
struct DigestPage<'a> {
    heading: String,
    cards: Vec<Card<'a>>,
}

/// One trade of `sharer`, from the account that she calls `shop`.
#[must_use]
pub fn card(language: Language, trade: &Trade, shop: &Line, sharer: &UserId, mark: &str) -> Value {
    let card = Card::new(language, trade, shop.clone(), trade.title.clone());
    let body = card.plain(None);
    let html = CardPage { card }.render().ok();
    let mut content = message(&body, html, mark);
    if let Some(link) = &trade.link {
        content.insert("external_url".to_owned(), json!(link.as_str()));
    }
    let named = json!({ "id": trade.id().as_str(), "kind": trade.kind, "sharer": sharer.as_str() });
    content.insert(TRADE.to_owned(), named);
    fitting(content)
}

/// Several trades of `sharer` with the names of their accounts, in the order given, as one message.
/// Ask [`digest_capacity`] first how many there may be.
#[must_use]
pub fn digest(language: Language, trades: &[(Trade, Line)], sharer: &UserId, mark: &str) -> Value {
    fitting(whole_digest(language, trades, sharer, mark))
}

/// How many of the leading `trades` one digest holds with certainty, in whichever language it is
/// written; at least one.
#[must_use]
pub fn digest_capacity(trades: &[(Trade, Line)]) -> usize {
    let mut bytes = DIGEST_FRAME;
    let fits = |entry: &&(Trade, Line)| {
        bytes += entry_bytes(entry);
        bytes <= LARGEST
    };
    trades.iter().take_while(fits).count().max(1)
}

/// Something the bot says.
#[must_use]
pub fn notice(text: &Text, mark: &str) -> Value {
    fitting(message(&text.plain, Some(text.html.clone()), mark))
}

/// The answer to the message `to` of `reader`, which mentions her.
#[must_use]
pub fn reply(text: &Text, to: &EventId, reader: &UserId, mark: &str) -> Value {
    let mut content = message(&text.plain, Some(text.html.clone()), mark);
    content.insert("m.mentions".to_owned(), json!({ "user_ids": [reader.as_str()] }));
    content.insert("m.relates_to".to_owned(), json!({ "m.in_reply_to": { "event_id": to.as_str() } }));
    fitting(content)
}

/// The reaction `key` to the event `to` (m.reaction).
#[must_use]
pub fn reaction(to: &EventId, key: &str, mark: &str) -> Value {
    json!({
        "m.relates_to": { "rel_type": "m.annotation", "event_id": to.as_str(), "key": key },
        MARK: mark,
    })
}

impl<'a> Card<'a> {
    fn new(language: Language, trade: &'a Trade, shop: Line, title: Line) -> Self {
        let price = trade.price.as_ref();
        let old = price.and_then(|price| price.old.map(|old| Price::new(old, price.currency)));
        Self {
            title: if title.is_empty() { shop.clone() } else { title },
            link: trade.link.as_ref().map(PublicLink::as_str),
            price: price.map(|price| texts::price(language, price)),
            old: old.map(|old| texts::price(language, &old)),
            shop,
            kind: (trade.kind != Kind::Listing).then(|| texts::kind(language, trade.kind)),
        }
    }

    /// Without markup, the link on a line of its own.
    fn plain(&self, shop: Option<&str>) -> String {
        let mut text = self.title.to_string();
        for detail in [self.price.as_deref(), shop, self.kind.as_deref()].into_iter().flatten() {
            text.extend([" - ", detail]);
        }
        if let Some(link) = self.link {
            text.extend(["\n", link]);
        }
        text
    }
}

fn whole_digest(language: Language, trades: &[(Trade, Line)], sharer: &UserId, mark: &str) -> Map<String, Value> {
    let cards: Vec<Card<'_>> = trades.iter().map(|entry| entry_card(language, entry)).collect();
    let heading = texts::digest_heading(language, trades.len());
    let mut body = heading.clone();
    for card in &cards {
        body.extend(["\n• ", &card.plain(Some(card.shop.as_str()))]);
    }
    let mut content = message(&body, DigestPage { heading, cards }.render().ok(), mark);
    let shown: Vec<Value> = trades.iter().map(|(trade, _)| json!({ "id": trade.id().as_str(), "kind": trade.kind })).collect();
    let named = json!({ "sharer": sharer.as_str(), "trades": shown });
    content.insert(TRADES.to_owned(), named);
    content
}

fn entry_card(language: Language, (trade, shop): &(Trade, Line)) -> Card<'_> {
    let title = Line::new(trade.title.as_str(), DIGEST_TITLE);
    Card::new(language, trade, Line::new(shop.as_str(), DIGEST_SHOP), title)
}

/// What one entry adds to a digest in the language where it adds most.
fn entry_bytes(entry: &(Trade, Line)) -> usize {
    let nobody = UserId::new("");
    let bytes_of = |language, trades: &[(Trade, Line)]| bytes(&whole_digest(language, trades, &nobody, ""));
    let added = |language| bytes_of(language, slice::from_ref(entry)).saturating_sub(bytes_of(language, &[]));
    // Room for the comma between two, and for a heading whose number and plural are longer.
    Language::iter().map(added).max().unwrap_or(0) + 8
}

/// A message that notifies (m.text) and mentions nobody, whatever its words are.
fn message(body: &str, html: Option<String>, mark: &str) -> Map<String, Value> {
    let mut content = Map::new();
    content.insert("msgtype".to_owned(), json!("m.text"));
    content.insert("body".to_owned(), json!(body));
    if let Some(html) = html {
        content.insert("format".to_owned(), json!("org.matrix.custom.html"));
        content.insert("formatted_body".to_owned(), json!(html));
    }
    content.insert("m.mentions".to_owned(), json!({}));
    content.insert(MARK.to_owned(), json!(mark));
    content
}

/// The content as it is where it is small enough; else without its HTML; else with its text cut short as well.
fn fitting(mut content: Map<String, Value>) -> Value {
    if bytes(&content) > LARGEST {
        content.remove("format");
        content.remove("formatted_body");
    }
    if bytes(&content) > LARGEST
        && let Some(Value::String(body)) = content.get_mut("body")
    {
        // JSON makes at most two bytes of one here, since the body has no control characters but line breaks.
        let end = body.floor_char_boundary(LARGEST / 4);
        let end = body[..end].rfind('\n').unwrap_or(end);
        body.truncate(end);
        body.push_str("\n…");
        content.remove(TRADES);
    }
    Value::Object(content)
}

fn bytes(content: &Map<String, Value>) -> usize {
    serde_json::to_vec(content).map_or(usize::MAX, |json| json.len())
}

#[cfg(test)]
mod tests;
