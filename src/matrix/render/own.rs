//! What is different where a sharer says it in her own name.

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

/// An offer as the line beside its sharer's name: what it is and costs, without a link, since this stands
/// where nobody expects one. The price stays whole where the title is long.
#[must_use]
pub fn status_line(language: Language, offer: &Offer) -> String {
    let price = offer.trade.price.as_ref().map(|price| format!(" - {}", texts::price(language, price))).unwrap_or_default();
    let title = Line::new(offer.trade.title.as_str(), STATUS.saturating_sub(price.chars().count()));
    format!("{title}{price}")
}
