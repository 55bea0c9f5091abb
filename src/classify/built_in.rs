//! The built-in categories as data: those of `categories.toml`, with those of an operator's file.

use super::file::File;
use crate::classify::fold;
use crate::domain::category::CategoryId;
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
    pub(super) fn new(key: impl Into<String>, what: impl Into<String>) -> Self {
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

#[cfg(test)]
mod tests;
