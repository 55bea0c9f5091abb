//! The built-in categories as data: the file `categories.toml`, an operator's file of the same form,
//! and how the two become one. What the words in it do is `title`'s and `platform`'s.

use super::criteria;
use super::criteria::Item;
use crate::classify::fold;
use crate::domain::category::CategoryId;
use crate::domain::notice::CriteriaProblem;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::LazyLock;

/// The categories that every installation has.
static STANDARD: LazyLock<BuiltIn> = LazyLock::new(|| {
    // A test reads the file; the program cannot do without it, and has nobody to tell here.
    File::read(include_str!("categories.toml")).map_or_else(|_| BuiltIn::empty(), BuiltIn::of)
});

/// The built-in categories: the standard ones, with what the operator added. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltIn(Arc<Data>);

#[derive(Debug, PartialEq, Eq)]
struct Data {
    file: File,
    categories: Vec<BuiltInCategory>,
}

/// A built-in category by its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltInCategory {
    /// By what it is chosen.
    pub id: CategoryId,
    /// Its English name.
    pub name_en: String,
    /// Its name in simplified Chinese.
    pub name_zh: String,
}

/// Why a file of categories cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuiltInError {
    /// The file is no TOML, or a key has no such value.
    #[error("{key}: {what}")]
    Key {
        /// The key, `category[0].title.heads`; the line where there is no key.
        key: String,
        /// What is wrong with it.
        what: String,
    },
}

impl BuiltInError {
    fn new(key: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Key { key: key.into(), what: what.into() }
    }
}

impl Default for BuiltIn {
    fn default() -> Self {
        Self::standard()
    }
}

impl BuiltIn {
    /// The categories that every installation has.
    #[must_use]
    pub fn standard() -> Self {
        STANDARD.clone()
    }

    /// Those of an operator's file with the standard ones, or, if it `replaces` them, without. A
    /// category that has a standard one's id adds to its lists; names it gives take the place of
    /// those there were.
    pub fn read(text: &str, replaces: bool) -> Result<Self, BuiltInError> {
        let added = File::read(text)?;
        let mut file = if replaces { File::default() } else { STANDARD.0.file.clone() };
        for (index, category) in added.category.iter().enumerate() {
            let is_new = file.category.iter().all(|known| known.id != category.id);
            for (key, is_given) in [("name.en", category.name.en.is_some()), ("name.zh-CN", category.name.zh_cn.is_some())] {
                if is_new && !is_given {
                    return Err(BuiltInError::new(format!("category[{index}].{key}"), "a new category needs it"));
                }
            }
        }
        file.merge(added);
        if file.category.is_empty() {
            return Err(BuiltInError::new("category", "there is none"));
        }
        let built_in = Self::of(file);
        built_in.check_names()?;
        Ok(built_in)
    }

    fn empty() -> Self {
        Self::of(File::default())
    }

    fn of(file: File) -> Self {
        let categories = file.category.iter().map(|category| BuiltInCategory {
            id: CategoryId::new(category.id.clone()),
            name_en: category.name.en.clone().unwrap_or_default(),
            name_zh: category.name.zh_cn.clone().unwrap_or_default(),
        });
        Self(Arc::new(Data { categories: categories.collect(), file }))
    }

    /// No two categories may answer to the same name.
    fn check_names(&self) -> Result<(), BuiltInError> {
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        for category in &self.0.file.category {
            for name in category.names() {
                let other = known.insert(fold(name), &category.id);
                if other.is_some_and(|other| other != category.id) {
                    let what = format!("{} and {} would both answer to {name:?}", other.unwrap_or_default(), category.id);
                    return Err(BuiltInError::new(format!("category {}", category.id), what));
                }
            }
        }
        Ok(())
    }

    /// All of them, in the order of the file.
    #[must_use]
    pub fn categories(&self) -> &[BuiltInCategory] {
        &self.0.categories
    }

    /// The one that is meant by an id, by a name in either language or by a shorter name that the
    /// file lists, whatever its case and width. `other` is none of them.
    #[must_use]
    pub fn named(&self, typed: &str) -> Option<&CategoryId> {
        let typed = fold(typed);
        let index = self.0.file.category.iter().position(|category| category.names().any(|name| fold(name) == typed))?;
        self.0.categories.get(index).map(|category| &category.id)
    }

    /// What the file says.
    pub(super) fn file(&self) -> &File {
        &self.0.file
    }
}

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
    fn names(&self) -> impl Iterator<Item = &str> {
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
    fn read(text: &str) -> Result<Self, BuiltInError> {
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

    fn merge(&mut self, added: Self) {
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

#[cfg(test)]
mod tests;
