//! The form of a file of categories, and how two of them become one. What the words in it do is
//! `title`'s and `platform`'s.

use super::built_in::BuiltInError;
use super::criteria;
use super::criteria::Item;
use crate::classify::fold;
use crate::domain::notice::CriteriaProblem;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A file of categories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) category: Vec<Category>,
    pub(super) neutral: Neutral,
    pub(super) grammar: Grammar,
    pub(super) context: Vec<Context>,
}

/// One category.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Category {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: Names,
    /// Other names by which a person may choose it.
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) platform: PlatformWords,
    #[serde(default)]
    pub(super) title: TitleWords,
}

impl Category {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        [Some(self.id.as_str()), self.name.en.as_deref(), self.name.zh_cn.as_deref()]
            .into_iter()
            .flatten()
            .chain(self.aliases.iter().map(String::as_str))
    }
}

/// A category's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Names {
    pub(super) en: Option<String>,
    #[serde(rename = "zh-CN")]
    pub(super) zh_cn: Option<String>,
}

/// What a platform's own categories are compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct PlatformWords {
    /// Ids, by the scheme whose ids they are.
    pub(super) ids: BTreeMap<String, Vec<String>>,
    /// Google's taxonomy: paths, each with all below it.
    pub(super) taxonomy: Vec<String>,
    /// Paths below those that do not count.
    pub(super) taxonomy_except: Vec<String>,
    /// Words of other paths.
    pub(super) path: WordList,
}

/// What the words of a title say for a category, see docs/CATEGORIES.md.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct TitleWords {
    pub(super) strong: WordList,
    pub(super) decisive: WordList,
    pub(super) heads: WordList,
    pub(super) weak: WordList,
    pub(super) later: WordList,
    pub(super) modifiers: WordList,
    /// Categories that may stand beside this one where its strong words and modifiers are found.
    pub(super) joins: Vec<String>,
    /// Categories whose heads its modifiers do not count beside.
    pub(super) yields_to: Vec<String>,
}

/// What belongs to no category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Neutral {
    pub(super) platform: PlatformWords,
    pub(super) heads: WordList,
    pub(super) decisive: WordList,
    pub(super) phrases: WordList,
}

/// Words that say which part of a title tells what is sold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Grammar {
    /// What follows them in the same part is not what is sold: `for`, `with`, `送`.
    pub(super) openers: WordList,
    /// What stands right before them is only looked like: `-shaped`, `造型`.
    pub(super) likeness: WordList,
    /// What stands right before them is only what it fits: `通用`.
    pub(super) fits: WordList,
    /// Before `of` they are not what is sold: `box`, `set`.
    pub(super) measures: WordList,
    /// Colours, materials, flavours and small parts: behind another head they are not what is sold.
    pub(super) colours: WordList,
    /// Words that say nothing about what is sold: `used`, `boxed`.
    pub(super) noise: WordList,
}

/// Words for other fields of goods, in which some categories do not count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Context {
    /// The words.
    pub(super) words: WordList,
    /// The categories.
    pub(super) without: Vec<String>,
    /// Heads that count nevertheless: `mug`, whatever is printed on it.
    #[serde(default)]
    pub(super) except: WordList,
}

/// Words, phrases and patterns: an array, or one text with commas or line breaks between them. What
/// is in quotation marks is found only as it stands, not in its plural.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ListForm")]
pub(super) struct WordList(pub(super) Vec<Item>);

#[derive(Deserialize)]
#[serde(untagged)]
enum ListForm {
    Text(String),
    Array(Vec<String>),
}

impl TryFrom<ListForm> for WordList {
    type Error = String;

    fn try_from(form: ListForm) -> Result<Self, String> {
        let texts = match form {
            ListForm::Text(text) => vec![text],
            ListForm::Array(texts) => texts,
        };
        let mut items = Vec::new();
        for text in texts {
            items.extend(criteria::read_words(&text).map_err(|problem| said(&problem))?);
        }
        Ok(Self(items))
    }
}

/// For the operator: what cannot be read in a list.
fn said(problem: &CriteriaProblem) -> String {
    match problem {
        CriteriaProblem::EmptyWord { typed } => format!("{typed:?} has no letter or digit"),
        CriteriaProblem::NotClosed { typed } => format!("a quotation mark or slash is not closed: {typed}"),
        CriteriaProblem::Pattern { before, after, fault } => format!("/{before}{after}/ is no pattern ({fault:?}), from {after:?} on"),
        other => format!("{other:?}"),
    }
}

impl WordList {
    fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl File {
    /// Reads a file and checks what can be checked in it alone.
    pub(super) fn read(text: &str) -> Result<Self, BuiltInError> {
        let line_of = |error: &toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            before.map_or_else(|| "file".to_owned(), |before| format!("line {}", before.matches('\n').count() + 1))
        };
        let parsed = toml::Deserializer::parse(text).map_err(|error| BuiltInError::new(line_of(&error), error.message()))?;
        let file: Self = serde_path_to_error::deserialize(parsed).map_err(|error| {
            let key = error.path().to_string();
            let inner = error.into_inner();
            let key = if key == "." { line_of(&inner) } else { key };
            BuiltInError::new(key, inner.message())
        })?;
        file.check()?;
        Ok(file)
    }

    fn check(&self) -> Result<(), BuiltInError> {
        for (index, category) in self.category.iter().enumerate() {
            let key = format!("category[{index}].id");
            let is_plain = !category.id.is_empty() && category.id == fold(&category.id) && !category.id.contains(char::is_whitespace);
            if !is_plain {
                return Err(BuiltInError::new(key, "must be lower-case letters, digits and hyphens"));
            }
            if self.category.iter().take(index).any(|other| other.id == category.id) {
                return Err(BuiltInError::new(key, format!("{:?} stands twice", category.id)));
            }
            if let Some(name) = category.names().find(|name| matches!(fold(name).as_str(), "other" | "其他")) {
                return Err(BuiltInError::new(format!("category[{index}]"), format!("{name:?} is what belongs to no category")));
            }
        }
        Ok(())
    }

    /// Adds another file to this one.
    pub(super) fn merge(&mut self, added: Self) {
        for category in added.category {
            match self.category.iter_mut().find(|known| known.id == category.id) {
                Some(known) => known.merge(category),
                None => self.category.push(category),
            }
        }
        self.neutral.merge(added.neutral);
        self.grammar.merge(added.grammar);
        self.context.extend(added.context);
    }
}

impl Category {
    fn merge(&mut self, added: Self) {
        self.name.en = added.name.en.or(self.name.en.take());
        self.name.zh_cn = added.name.zh_cn.or(self.name.zh_cn.take());
        self.aliases.extend(added.aliases);
        self.platform.merge(added.platform);
        self.title.merge(added.title);
    }
}

impl PlatformWords {
    fn merge(&mut self, added: Self) {
        for (scheme, ids) in added.ids {
            self.ids.entry(scheme).or_default().extend(ids);
        }
        self.taxonomy.extend(added.taxonomy);
        self.taxonomy_except.extend(added.taxonomy_except);
        self.path.extend(added.path);
    }
}

impl TitleWords {
    fn merge(&mut self, added: Self) {
        self.strong.extend(added.strong);
        self.decisive.extend(added.decisive);
        self.heads.extend(added.heads);
        self.weak.extend(added.weak);
        self.later.extend(added.later);
        self.modifiers.extend(added.modifiers);
        self.joins.extend(added.joins);
        self.yields_to.extend(added.yields_to);
    }
}

impl Neutral {
    fn merge(&mut self, added: Self) {
        self.platform.merge(added.platform);
        self.heads.extend(added.heads);
        self.decisive.extend(added.decisive);
        self.phrases.extend(added.phrases);
    }
}

impl Grammar {
    fn merge(&mut self, added: Self) {
        self.openers.extend(added.openers);
        self.likeness.extend(added.likeness);
        self.fits.extend(added.fits);
        self.measures.extend(added.measures);
        self.colours.extend(added.colours);
        self.noise.extend(added.noise);
    }
}
