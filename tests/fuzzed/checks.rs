//! What must hold of whatever comes out of a parser, whatever went in.

use std::collections::BTreeSet;
use tradepost::domain::link::LINK_BYTES;
use tradepost::domain::link::PublicLink;
use tradepost::domain::money::Price;
use tradepost::domain::source::Fetched;
use tradepost::domain::text::Line;
use tradepost::domain::text::TITLE_CHARACTERS;
use tradepost::domain::trade::Trade;

/// How many categories a trade has at the most.
const CATEGORIES: usize = 20;

/// Bidirectional marks, embeddings and isolates: what hides how a text goes on.
pub(super) const fn is_trick(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// One line, short, and shown as it is.
pub(super) fn line(line: &Line) {
    let text = line.as_str();
    assert!(text.chars().count() <= TITLE_CHARACTERS, "too long: {text:?}");
    assert!(!text.contains(|c: char| c.is_control() || is_trick(c)), "{text:?}");
    assert_eq!(text.trim(), text);
    assert_eq!(Line::title(text), *line, "cleaned again it is another");
}

/// A link that may be posted.
pub(super) fn link(link: &PublicLink) {
    let text = link.as_str();
    assert!(text.starts_with("https://") || text.starts_with("http://"), "{text}");
    assert!(text.len() <= LINK_BYTES && text.is_ascii() && !text.contains(char::is_whitespace), "{text:?}");
    let url = url::Url::parse(text).unwrap();
    assert!(url.username().is_empty() && url.password().is_none(), "{text}");
    assert_eq!(PublicLink::new(url, true).as_ref(), Some(link), "made again it is another");
}

/// A trade that may be stored and shown.
pub(super) fn trade(trade: &Trade) {
    line(&trade.title);
    trade.price.iter().for_each(price);
    trade.link.iter().for_each(link);
    trade.image.iter().for_each(link);
    assert!(trade.categories.len() <= CATEGORIES, "{} categories", trade.categories.len());
    trade.categories.iter().for_each(|category| line(&category.text));
    assert_eq!(serde_json::from_str::<Trade>(&serde_json::to_string(trade).unwrap()).unwrap(), *trade);
}

/// What a fetch or a push brought: each id once, all fit to be stored.
pub(super) fn trades(trades: &[Trade]) {
    let ids: BTreeSet<_> = trades.iter().map(|trade| &trade.external_id).collect();
    assert_eq!(ids.len(), trades.len(), "an id comes twice");
    trades.iter().for_each(trade);
}

/// What an adapter brought back.
pub(super) fn fetched(fetched: &Fetched) {
    if let Fetched::Changed { label, trades: found, .. } = fetched {
        line(label);
        trades(found);
    }
}

fn price(price: &Price) {
    for amount in [Some(price.amount), price.up_to, price.old].into_iter().flatten() {
        assert!(!amount.is_sign_negative(), "{price:?}");
    }
}
