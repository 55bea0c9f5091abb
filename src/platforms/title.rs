//! What adapters make of what shops send: plain titles, ids that cannot be mixed up, and trades.

use crate::domain::ids::ExternalId;
use crate::domain::ids::SourceId;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::html;
use jiff::Timestamp;

/// How much of a title is looked at, in bytes.
const TITLE_BYTES: usize = 4_000;

/// A trade of which only kind, id and title are known. `title` may hold markup and entities. The
/// source is filled in by whoever asked.
pub(super) fn trade(kind: Kind, id: ExternalId, title: &str, now: Timestamp) -> Trade {
    Trade::new(kind, SourceId::new(""), id, plain(title), now)
}

/// Plain text out of what may hold markup and entities.
pub(super) fn plain(text: &str) -> Line {
    Line::title(&html::text(html::head(text, TITLE_BYTES)))
}

/// The id of one line of an order: no listing and no other kind of order shares it.
pub(super) fn order_id(kind: Kind, order: &str, line: &str) -> ExternalId {
    ExternalId::new(format!("{kind}:{order}:{line}"))
}

/// A category by its name or path.
pub(super) fn category(path: &str) -> RawCategory {
    RawCategory { scheme: None, text: plain(path) }
}

/// A category by its id in a platform's own numbering.
pub(super) fn category_id(scheme: &str, id: &str) -> RawCategory {
    RawCategory { scheme: Some(scheme.to_owned()), text: Line::title(id) }
}
