//! What is different where a sharer says it in her own name.

use super::cards::Card;
use super::offer::Offer;
use crate::domain::sharer::Language;
use crate::domain::text::Line;
use crate::texts;
use serde_json::Value;
use serde_json::json;

/// The longest line beside a name, in characters.
const STATUS: usize = 200;

/// The same message with a last line that says by what it was sent; an edit has it in what it shows.
#[must_use]
pub fn in_own_name(language: Language, mut content: Value) -> Value {
    let line = texts::in_own_name(language);
    if let Some(shown) = content.get_mut("m.new_content") {
        *shown = with_line(&line, shown.take());
    }
    with_line(&line, content)
}

fn with_line(line: &str, mut content: Value) -> Value {
    if let Some(body) = content.get("body").and_then(Value::as_str) {
        content["body"] = json!(format!("{body}\n{line}"));
    }
    if let Some(html) = content.get("formatted_body").and_then(Value::as_str) {
        content["formatted_body"] = json!(format!("{html}<p><em>{line}</em></p>"));
    }
    content
}

/// A trade as the line beside its sharer's name.
#[must_use]
pub fn status_line(language: Language, offer: &Offer) -> String {
    let card = Card::new(language, offer, offer.shop.clone(), offer.trade.title.clone());
    Line::new(&card.plain(None), STATUS).to_string()
}
