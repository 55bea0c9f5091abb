//! One trade as a platform sends it.

use super::fields::Fields;
use super::signature::TOLERANCE_SECONDS;
use crate::domain::ids::ExternalId;
use crate::domain::ids::SourceId;
use crate::domain::link::LINK_BYTES;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::title::order_id;
use iso_currency::Currency;
use jiff::SignedDuration;
use jiff::Timestamp;
use url::Url;

/// The longest id, in characters.
const ID_CHARACTERS: usize = 200;
/// The longest title that is read, in characters; what is shown is shorter.
const TITLE_CHARACTERS: usize = 1_000;
/// The longest path or id of a category, in characters.
const CATEGORY_CHARACTERS: usize = 300;
/// How many categories one trade may have.
const CATEGORIES: usize = 20;
/// The longest name of a numbering, in bytes.
const SCHEME_BYTES: usize = 64;
/// The largest quantity.
const QUANTITY: u32 = 1_000_000;
/// The longest text that is read as a time, in bytes.
const TIME_BYTES: usize = 40;

/// How trades are read.
pub(super) struct Reading {
    /// Whether links to pages without TLS may be posted.
    pub(super) allow_http_links: bool,
    /// What time it is.
    pub(super) now: Timestamp,
}

/// What a platform reports.
pub(super) enum News {
    /// A trade.
    Trade(Box<Trade>),
    /// That a listing is gone.
    Gone(ExternalId),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Trade(Kind),
    Withdrawn,
}

impl News {
    /// What it is about.
    pub(super) const fn id(&self) -> &ExternalId {
        match self {
            Self::Trade(trade) => &trade.external_id,
            Self::Gone(id) => id,
        }
    }
}

/// Reads a trade. All fields are looked at, whatever is wrong with others.
pub(super) fn read(fields: &mut Fields<'_, '_>, reading: &Reading) -> Option<News> {
    fields.needs("id");
    fields.needs("kind");
    let id = fields.read("id", "1 to 200 characters without spaces", id);
    let sent = fields.read("kind", "\"listing\", \"sale\", \"purchase\" or \"withdrawn\"", kind);
    if sent != Some(Sent::Withdrawn) {
        fields.needs("title");
    }
    let title = title(fields);
    let price = fields.object("price").and_then(price);
    let link = link(fields, "url", reading);
    let image = self::link(fields, "image", reading);
    let categories = fields.objects("categories", 0..=CATEGORIES, category).unwrap_or_default();
    let quantity = quantity(fields);
    let available = fields.take("available", "true or false");
    let occurred_at = time(fields, "occurred_at", reading.now);
    let as_of = time(fields, "as_of", reading.now);
    let (id, kind) = match (id?, sent?) {
        (id, Sent::Withdrawn) => return Some(News::Gone(ExternalId::new(id))),
        (id, Sent::Trade(kind)) if kind.is_order() => (order_id(kind, &id, ""), kind),
        (id, Sent::Trade(kind)) => (ExternalId::new(id), kind),
    };
    let trade = Trade::new(kind, SourceId::new(""), id, title?, reading.now);
    Some(News::Trade(Box::new(Trade { price, quantity, available, link, image, categories, occurred_at, as_of, ..trade })))
}

fn id(text: &str) -> Option<String> {
    let fits = (1..=ID_CHARACTERS).contains(&text.chars().count()) && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    fits.then(|| text.to_owned())
}

fn kind(text: &str) -> Option<Sent> {
    match text {
        "listing" => Some(Sent::Trade(Kind::Listing)),
        "sale" => Some(Sent::Trade(Kind::Sale)),
        "purchase" => Some(Sent::Trade(Kind::Purchase)),
        "withdrawn" => Some(Sent::Withdrawn),
        _ => None,
    }
}

fn title(fields: &mut Fields<'_, '_>) -> Option<Line> {
    let title = Line::title(&fields.text("title", TITLE_CHARACTERS)?);
    if title.is_empty() {
        fields.wrong("title", "has nothing to be seen");
    }
    Some(title)
}

fn price(mut fields: Fields<'_, '_>) -> Option<Price> {
    fields.needs("amount");
    fields.needs("currency");
    let amount = fields.decimal("amount");
    let up_to = fields.decimal("up_to");
    let old = fields.decimal("old");
    let currency = fields.read("currency", "a currency of ISO 4217, such as \"EUR\"", currency);
    for (name, other) in [("up_to", up_to), ("old", old)] {
        if amount.zip(other).is_some_and(|(amount, other)| other <= amount) {
            fields.wrong(name, "not above amount");
        }
    }
    fields.end();
    Some(Price { amount: amount?, up_to, old, currency: currency? })
}

fn currency(text: &str) -> Option<Currency> {
    Currency::from_code(text).filter(|currency| currency.code() == text)
}

fn link(fields: &mut Fields<'_, '_>, name: &str, reading: &Reading) -> Option<PublicLink> {
    let public = |text: &str| {
        let url = Url::parse(text).ok().filter(|_| text.len() <= LINK_BYTES)?;
        PublicLink::new(url, reading.allow_http_links)
    };
    fields.read(name, "an https address of at most 2000 bytes, without a user", public)
}

fn category(mut fields: Fields<'_, '_>) -> Option<RawCategory> {
    let is_path = fields.has("path");
    if is_path == (fields.has("scheme") || fields.has("id")) {
        fields.wrong("path", "either this is needed, or scheme and id");
        return None;
    }
    let category = if is_path {
        let path = fields.text("path", CATEGORY_CHARACTERS);
        path.map(|path| RawCategory { scheme: None, text: Line::title(&path) })
    } else {
        fields.needs("scheme");
        fields.needs("id");
        let scheme = fields.read("scheme", "1 to 64 of a-z, 0-9, _, - and .", scheme);
        let id = fields.text("id", CATEGORY_CHARACTERS);
        scheme.zip(id).map(|(scheme, id)| RawCategory { scheme: Some(scheme), text: Line::title(&id) })
    };
    fields.end();
    category
}

fn scheme(text: &str) -> Option<String> {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'_' | b'-' | b'.');
    ((1..=SCHEME_BYTES).contains(&text.len()) && text.bytes().all(fits)).then(|| text.to_owned())
}

/// One is what is said without a word.
fn quantity(fields: &mut Fields<'_, '_>) -> Option<u32> {
    let expected = "a whole number from 1 to 1000000";
    let quantity: u32 = fields.take("quantity", expected)?;
    if !(1..=QUANTITY).contains(&quantity) {
        fields.wrong("quantity", format_args!("not {expected}"));
    }
    (quantity > 1).then_some(quantity)
}

/// A time, which may be as far ahead as a message's own.
fn time(fields: &mut Fields<'_, '_>, name: &str, now: Timestamp) -> Option<Timestamp> {
    let rfc3339 = |text: &str| text.parse().ok().filter(|_: &Timestamp| text.len() <= TIME_BYTES && !text.contains('['));
    let time = fields.read(name, "a time such as \"2026-03-03T12:00:00Z\"", rfc3339)?;
    if time.duration_since(now) > SignedDuration::from_secs(i64::from(TOLERANCE_SECONDS)) {
        fields.wrong(name, "lies in the future");
    }
    Some(time)
}
