//! From the bytes of a feed to trades. Of each entry only what a trade holds is taken: authors,
//! addresses and contents are passed over.

use crate::domain::ids::ExternalId;
use crate::domain::ids::SourceId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::feed::charset;
use crate::platforms::feed::identity;
use crate::platforms::feed::identity::Marks;
use crate::platforms::feed::merchant;
use crate::platforms::feed::merchant::Fields;
use crate::platforms::feed::price;
use crate::platforms::feed::sieve;
use crate::platforms::html;
use feed_rs::model::Entry;
use feed_rs::model::Link;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::HashSet;
use url::Url;

/// Of the entries with a date, so many of the newest are looked at.
const DATED_ENTRIES: usize = 500;

/// Of the entries without a date, so many of the first: product feeds list a whole shop, in any order.
const UNDATED_ENTRIES: usize = 5_000;

/// How much of a title or summary is looked at, in bytes; of a title at most 300 characters are kept.
const TEXT_BYTES: usize = 4_000;

/// How many characters of a summary stand in for a missing title.
const SUMMARY_CHARACTERS: usize = 100;

/// How many categories of an entry are kept.
const CATEGORIES: usize = 20;

/// Earlier dates are what programs write that know none.
const EARLIEST: Timestamp = Timestamp::constant(631_152_000, 0); // 1990

/// Where a feed was fetched, and when.
pub(in crate::platforms) struct Origin {
    /// The source its trades belong to.
    pub(in crate::platforms) source: SourceId,
    /// What its relative links are relative to.
    pub(in crate::platforms) url: Url,
    /// Whether links to pages without TLS may be posted.
    pub(in crate::platforms) allow_http_links: bool,
    /// The time.
    pub(in crate::platforms) now: Timestamp,
    /// How a price is found in an entry's summary, which is HTML, where it stands nowhere else.
    pub(in crate::platforms) price_in_summary: fn(&str) -> Option<Price>,
}

/// What stands in a feed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::platforms) struct Parsed {
    /// The feed's title, else its host.
    pub(in crate::platforms) label: Line,
    /// Its entries, newest first, each id once.
    pub(in crate::platforms) trades: Vec<Trade>,
    /// Whether it lists a whole shop, as Google Merchant feeds do: each entry has a product id (g:id),
    /// none a date, and none was left out.
    pub(super) complete: bool,
}

/// Reads a feed; none where `body` is none.
pub(in crate::platforms) fn read(body: &[u8], content_type: &str, origin: &Origin) -> Option<Parsed> {
    let text = charset::decode(body, content_type);
    let text = text.trim_start();
    let (feed, fields) = if text.starts_with('{') {
        (parse(&sieve::json(text)?, origin)?, Vec::new())
    } else {
        let text = sieve::xml(without_declaration(text))?;
        (parse(&text, origin)?, merchant::read(&text))
    };
    let language = feed.language.unwrap_or_default();
    let label = feed.title.map(|title| plain(&title.content, SUMMARY_CHARACTERS));
    // Two readers saw the document: what they do not agree on is not put together.
    let agreed = fields.len() == feed.entries.len();
    let lists_products = agreed && !fields.is_empty() && fields.iter().all(|fields| !fields.id.is_empty());
    let fields = fields.into_iter().filter(|_| agreed).chain(std::iter::repeat_with(Fields::default));
    let entries = feed.entries.iter().zip(fields);
    let drafts: Vec<Draft> = entries.filter_map(|(entry, fields)| Draft::of(entry, &fields, &language, origin)).collect();
    let is_whole = drafts.len() == feed.entries.len() && drafts.len() <= UNDATED_ENTRIES;
    let is_undated = drafts.iter().all(|draft| draft.occurred_at.is_none());
    Some(Parsed {
        complete: lists_products && is_whole && is_undated,
        label: label.filter(|label| !label.is_empty()).unwrap_or_else(|| host_label(&origin.url)),
        trades: trades(newest(drafts), origin),
    })
}

/// What a feed without a title is called.
pub(in crate::platforms) fn host_label(url: &Url) -> Line {
    let host = url.host_str().unwrap_or_default();
    Line::new(host.strip_prefix("www.").unwrap_or(host), SUMMARY_CHARACTERS)
}

fn parse(text: &str, origin: &Origin) -> Option<feed_rs::model::Feed> {
    let parser = feed_rs::parser::Builder::new()
        .base_uri(Some(&origin.url))
        // Its own would be random where there is neither link nor title.
        .id_generator(|_, _, _| String::new())
        .build();
    let parsed = parser.parse(text.as_bytes());
    parsed.inspect_err(|error| tracing::debug!(%error, "Cannot read a feed")).ok()
}

/// The document is decoded already; its declaration would have it decoded again.
fn without_declaration(xml: &str) -> &str {
    let declared = xml.strip_prefix("<?xml").filter(|rest| rest.starts_with(char::is_whitespace));
    declared.and_then(|rest| rest.split_once("?>")).map_or(xml, |(_, rest)| rest)
}

/// An entry, before it is known which id it has among the others.
struct Draft {
    given_id: String,
    link: Option<Url>,
    title: Line,
    price: Option<Price>,
    available: Option<bool>,
    image: Option<PublicLink>,
    categories: Vec<RawCategory>,
    occurred_at: Option<Timestamp>,
}

impl Draft {
    /// None for an entry that says nothing.
    fn of(entry: &Entry, fields: &Fields, language: &str, origin: &Origin) -> Option<Self> {
        let link = link(entry, fields, origin);
        let feed_title = entry.title.as_ref().map_or("", |title| &title.content);
        let title_text = html::text(html::head(first_filled([&fields.title, feed_title]), TEXT_BYTES));
        let price = if fields.price.is_empty() && fields.sale_price.is_empty() {
            let summary = entry.summary.as_ref().map_or("", |summary| html::head(&summary.content, TEXT_BYTES));
            price::in_title(&title_text, language).or_else(|| (origin.price_in_summary)(summary))
        } else {
            price::merchant(&fields.price, &fields.sale_price)
        };
        Some(Self {
            given_id: first_filled([&fields.id, &entry.id]).to_owned(),
            title: title(&title_text, entry, link.as_ref())?,
            price,
            available: fields.available(),
            image: image(entry, fields, origin),
            categories: categories(entry, fields),
            occurred_at: occurred_at(entry, origin.now),
            link,
        })
    }

    fn into_trade(self, external_id: ExternalId, origin: &Origin) -> Trade {
        Trade {
            source: origin.source.clone(),
            kind: Kind::Listing,
            external_id,
            revision: 0,
            title: self.title,
            price: self.price,
            quantity: None,
            available: self.available,
            link: self.link.and_then(|url| PublicLink::new(url, origin.allow_http_links)),
            image: self.image,
            categories: self.categories,
            occurred_at: self.occurred_at,
            seen_at: origin.now,
            as_of: None,
        }
    }
}

/// Those that are looked at, newest first, those without a date last and as they stand in the feed.
fn newest(drafts: Vec<Draft>) -> Vec<Draft> {
    let (mut dated, mut undated): (Vec<Draft>, Vec<Draft>) = drafts.into_iter().partition(|draft| draft.occurred_at.is_some());
    dated.sort_by_key(|draft| std::cmp::Reverse(draft.occurred_at));
    dated.truncate(DATED_ENTRIES);
    undated.truncate(UNDATED_ENTRIES);
    dated.append(&mut undated);
    dated
}

fn trades(drafts: Vec<Draft>, origin: &Origin) -> Vec<Trade> {
    let marks: Vec<Marks> = drafts
        .iter()
        .map(|draft| Marks { given: &draft.given_id, link: draft.link.as_ref().map_or("", Url::as_str), title: draft.title.as_str() })
        .collect();
    let ids = identity::ids(&marks);
    let mut seen = HashSet::new();
    drafts.into_iter().zip(ids).filter(|(_, id)| seen.insert(id.clone())).map(|(draft, id)| draft.into_trade(id, origin)).collect()
}

fn first_filled(texts: [&str; 2]) -> &str {
    let [first, second] = texts.map(str::trim);
    if first.is_empty() { second } else { first }
}

fn plain(html: &str, characters: usize) -> Line {
    Line::new(&html::text(html::head(html, TEXT_BYTES)), characters)
}

/// The title; else how the entry begins; else where it stands.
fn title(text: &str, entry: &Entry, link: Option<&Url>) -> Option<Line> {
    let summary = entry.summary.as_ref().map(|text| text.content.as_str());
    let content = entry.content.as_ref().and_then(|content| content.body.as_deref());
    let place = link.map(|url| Line::new(&format!("{}{}", host_label(url), url.path()), SUMMARY_CHARACTERS));
    [
        Some(Line::title(text)),
        summary.map(|text| plain(text, SUMMARY_CHARACTERS)),
        content.map(|text| plain(text, SUMMARY_CHARACTERS)),
        place,
    ]
    .into_iter()
    .flatten()
    .find(|line| !line.is_empty())
}

/// The entry's page: what the feed says, or its id where that is an address.
fn link(entry: &Entry, fields: &Fields, origin: &Origin) -> Option<Url> {
    let named = entry.links.iter().find(|link| is_page(link)).map(|link| link.href.as_str());
    let id = Some(entry.id.trim()).filter(|id| id.starts_with("https://") || id.starts_with("http://"));
    [Some(fields.link.as_str()), named, id]
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .find_map(|text| origin.url.join(text).ok().filter(|url| matches!(url.scheme(), "http" | "https")))
}

fn is_page(link: &Link) -> bool {
    let alternate = link.rel.as_deref().is_none_or(|rel| rel.eq_ignore_ascii_case("alternate"));
    let html = link.media_type.as_deref().is_none_or(|media_type| media_type.contains("html"));
    alternate && html && link.target.is_none()
}

/// A picture: only over TLS, since clients fetch it unasked.
fn image(entry: &Entry, fields: &Fields, origin: &Origin) -> Option<PublicLink> {
    let contents = entry.media.iter().flat_map(|object| &object.content);
    let pictures = contents
        .filter(|content| content.content_type.as_ref().is_some_and(|media_type| is_image(media_type.as_str())))
        .filter_map(|content| content.url.as_ref().map(Url::as_str));
    let thumbnails = entry.media.iter().flat_map(|object| &object.thumbnails);
    let attached = entry.links.iter().filter(|link| link.media_type.as_deref().is_some_and(is_image));
    std::iter::once(fields.image.as_str())
        .filter(|text| !text.is_empty())
        .chain(pictures)
        .chain(thumbnails.map(|thumbnail| thumbnail.image.uri.as_str()))
        .chain(attached.map(|link| link.href.as_str()))
        .find_map(|text| PublicLink::new(origin.url.join(text).ok()?, false))
}

fn is_image(media_type: &str) -> bool {
    media_type.starts_with("image/")
}

/// Google's category (a number of its taxonomy, or a path), the shop's own, and the feed's.
fn categories(entry: &Entry, fields: &Fields) -> Vec<RawCategory> {
    let is_number = !fields.category.is_empty() && fields.category.bytes().all(|byte| byte.is_ascii_digit());
    let google = (is_number.then(|| "google_product_category".to_owned()), fields.category.as_str());
    let named = entry.categories.iter().map(|category| category.label.as_ref().unwrap_or(&category.term));
    let all = std::iter::once(google).chain(fields.product_types.iter().chain(named).map(|text| (None, text.as_str())));
    let mut categories: Vec<RawCategory> = Vec::new();
    for (scheme, text) in all {
        let text = Line::title(&html::text(html::head(text, TEXT_BYTES)));
        let category = RawCategory { scheme, text };
        if categories.len() < CATEGORIES && !category.text.is_empty() && !categories.contains(&category) {
            categories.push(category);
        }
    }
    categories
}

/// When it was published, else updated; dates that cannot be true do not count.
fn occurred_at(entry: &Entry, now: Timestamp) -> Option<Timestamp> {
    let latest = now.checked_add(SignedDuration::from_hours(24)).ok()?;
    [entry.published, entry.updated]
        .into_iter()
        .flatten()
        .filter_map(|date| Timestamp::from_millisecond(date.timestamp_millis()).ok())
        .find(|at| (EARLIEST..=latest).contains(at))
}

#[cfg(test)]
mod tests;
