//! A trade: what happened on a platform that a sharer may want her contacts to hear of.
//!
//! There is deliberately no field for a buyer, an address, an e-mail, a phone, an order key or a
//! payment link: an adapter cannot leak what it cannot hold.

use crate::domain::ids::ExternalId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::text::Line;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, strum::Display, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Kind {
    /// Something is offered.
    Listing,
    /// The sharer sold something.
    Sale,
    /// The sharer bought something.
    Purchase,
    /// Something offered before costs another amount now.
    PriceChange,
    /// Something offered before is no longer to be had.
    Withdrawn,
}

impl Kind {
    /// Whether it says what the sharer herself sold or bought.
    #[must_use]
    pub const fn is_order(self) -> bool {
        matches!(self, Self::Sale | Self::Purchase)
    }

    /// Whether it says that something offered before has changed.
    #[must_use]
    pub const fn is_change(self) -> bool {
        matches!(self, Self::PriceChange | Self::Withdrawn)
    }
}

/// A category as the platform names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawCategory {
    /// Whose numbering `text` is an id of, such as `google_product_category`; none for a name or path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The name, the path (`Home & Garden > Kitchen`) or the id.
    pub text: Line,
}

/// One item or order as a platform reports it, before it is known whether it is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// Where it was fetched.
    pub source: SourceId,
    /// What happened.
    pub kind: Kind,
    /// The platform's id of it.
    pub external_id: ExternalId,
    /// Which state of the item this is: raised when its price or availability really changes.
    #[serde(default)]
    pub revision: u32,
    /// What it is called: plain text.
    pub title: Line,
    /// What it costs, where that is known beyond doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// How many, where that is more than one and known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// Whether it can be had; none where the platform does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<bool>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<PublicLink>,
    /// A picture of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<PublicLink>,
    /// The platform's own categories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<RawCategory>,
    /// When it happened, as the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// When we first saw it.
    pub seen_at: Timestamp,
    /// Since when it is so, as the platform says (its time of modification): of two states of one item
    /// the later one counts, whichever comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
}

impl Trade {
    /// Something offered, of which only the title is known.
    #[must_use]
    pub const fn listing(source: SourceId, external_id: ExternalId, title: Line, seen_at: Timestamp) -> Self {
        Self::new(Kind::Listing, source, external_id, title, seen_at)
    }

    /// Something of which only the title is known.
    #[must_use]
    pub const fn new(kind: Kind, source: SourceId, external_id: ExternalId, title: Line, seen_at: Timestamp) -> Self {
        Self {
            source,
            kind,
            external_id,
            revision: 0,
            title,
            price: None,
            quantity: None,
            available: None,
            link: None,
            image: None,
            categories: Vec::new(),
            occurred_at: None,
            seen_at,
            as_of: None,
        }
    }

    /// What makes this trade the one it is: source, kind, external id and revision, hashed behind a
    /// version, so that the rule can change without everything being posted again.
    #[must_use]
    pub fn id(&self) -> TradeId {
        id_of(&self.source, self.kind, &self.external_id, self.revision)
    }

    /// The identity of the listing of the same item, as it was when it was new.
    #[must_use]
    pub fn listing_id(&self) -> TradeId {
        id_of(&self.source, Kind::Listing, &self.external_id, 0)
    }

    /// When it is to be told relative to others: by when it happened, else by when it was seen.
    #[must_use]
    pub fn order_at(&self) -> Timestamp {
        self.occurred_at.unwrap_or(self.seen_at)
    }
}

/// The identity of the trade of this kind of an item's revision, see [`Trade::id`].
#[must_use]
pub fn id_of(source: &SourceId, kind: Kind, external_id: &ExternalId, revision: u32) -> TradeId {
    let parts = [source.as_str(), &kind.to_string(), external_id.as_str(), &revision.to_string()];
    TradeId::new(format!("1.{}", digest(&parts)))
}

/// A short digest of some texts that no other list of texts shares: 128 bits of SHA-256 over the
/// texts, each behind its length, as URL-safe base64.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
}
