//! Categories of trades, built-in ones and a sharer's own, the criteria by which a trade belongs to
//! one (claims 4 to 6), and why it was found to. Deciding is `classify`'s.

use crate::domain::money::PriceRange;
use crate::domain::text::Line;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// A category's name as it is compared and stored: folded (case, width, accents), no white space at
/// its ends. Built-in ones are English words with hyphens, `home-goods`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CategoryId(String);

impl CategoryId {
    /// Takes the folded name as it stands; `classify` folds.
    pub fn new(folded: impl Into<String>) -> Self {
        Self(folded.into())
    }

    /// What a trade that belongs to no category is counted to.
    #[must_use]
    pub fn other() -> Self {
        Self("other".to_owned())
    }

    /// The folded name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CategoryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A category that a sharer made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCategory {
    /// By what it is chosen.
    pub id: CategoryId,
    /// As she wrote it.
    pub name: Line,
    /// By what a trade belongs to it; never empty.
    pub criteria: Vec<Criterion>,
}

/// One criterion of a category. A trade belongs to the category if one of the wanted words, patterns
/// and paths is found (or it has none of these), none of the unwanted is, and every price range holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "criterion", content = "value", rename_all = "kebab-case")]
pub enum Criterion {
    /// A word or phrase of the title, as it was written.
    Word(String),
    /// A word or phrase that must not be in the title.
    NotWord(String),
    /// A regular expression on the title.
    Pattern(String),
    /// A regular expression that must not fit the title.
    NotPattern(String),
    /// A part of the platform's own category path, `Food > Tea`.
    Path(String),
    /// A range of prices.
    Price(PriceRange),
}

/// That a trade belongs to a category, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Belongs {
    /// The category.
    pub category: CategoryId,
    /// Why; the first reason in the order of judgement.
    pub because: Because,
}

/// Why a trade belongs to a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "because", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Because {
    /// Google's product taxonomy says so.
    Taxonomy {
        /// The id or path that the shop gave.
        text: String,
    },
    /// The path of the shop's own category.
    Path {
        /// What of it counted.
        found: String,
        /// The whole path.
        path: String,
    },
    /// A word or phrase of the title.
    Title {
        /// What was found.
        found: String,
    },
    /// A regular expression that fits the title.
    Pattern {
        /// The expression.
        pattern: String,
    },
    /// The price alone.
    Price,
}

/// All of something, or only some.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selection<T: Ord> {
    /// All, those to come too.
    #[default]
    All,
    /// Only these; of categories `other` stands for what belongs to none.
    Only(BTreeSet<T>),
}

impl<T: Ord + Clone> Selection<T> {
    /// Whether it is all of them.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Whether `one` is among them.
    pub fn holds(&self, one: &T) -> bool {
        match self {
            Self::All => true,
            Self::Only(some) => some.contains(one),
        }
    }

    /// Takes `one` in or out, where `all` are those there are now.
    pub fn toggle(&mut self, one: &T, all: impl IntoIterator<Item = T>) {
        match self {
            Self::All => *self = Self::Only(all.into_iter().filter(|other| other != one).collect()),
            Self::Only(some) => {
                if !some.remove(one) {
                    some.insert(one.clone());
                }
            }
        }
    }
}

impl Selection<CategoryId> {
    /// Whether a trade that belongs to `categories` is among what was chosen.
    #[must_use]
    pub fn fits(&self, categories: &[Belongs]) -> bool {
        match self {
            Self::All => true,
            Self::Only(some) if categories.is_empty() => some.contains(&CategoryId::other()),
            Self::Only(some) => categories.iter().any(|belongs| some.contains(&belongs.category)),
        }
    }
}
