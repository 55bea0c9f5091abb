//! The built-in categories, and any number of people's own compiled into one index, and what is found
//! for a trade.

use super::built_in::BuiltIn;
use super::criteria::Item;
use super::index::Builder;
use super::index::Index;
use super::platform;
use super::signal;
use super::signal::Field;
use super::signal::Signal;
use super::title;
use super::word::Text;
use super::word::Word;
use crate::domain::category::Because;
use crate::domain::category::Belongs;
use crate::domain::category::Criterion;
use crate::domain::category::OwnCategory;
use crate::domain::ids::UserId;
use crate::domain::money::Price;
use crate::domain::text::Line;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Judges trades by the built-in categories and those of some people.
pub struct Classifier(Arc<Compiled>);

/// The built-in categories, compiled: thousands of words, which all classifiers share.
pub(super) struct CompiledBuiltIn {
    built_in: BuiltIn,
    /// What the numbers of the index stand for.
    signals: Vec<Signal>,
    index: Index,
}

struct Compiled {
    built_in: Arc<CompiledBuiltIn>,
    own: Vec<OwnCategory>,
    /// Which of `own` are whose.
    owners: HashMap<UserId, Vec<u32>>,
    /// What the numbers of the index stand for.
    criteria: Vec<Sought>,
    /// All words and patterns of all own categories.
    index: Index,
}

/// A criterion of an own category that is looked for in texts; ordered by category, then as reasons come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sought {
    category: u32,
    sort: Sort,
    /// Its place among the category's criteria.
    place: u32,
}

/// Which sort of criterion it is. What is unwanted comes first, then the order of judgement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Unwanted,
    Path,
    Word,
    Pattern,
}

/// To what a trade belongs, for everybody whose categories were asked for.
#[derive(Clone)]
pub struct Judgement {
    compiled: Arc<Compiled>,
    built_in: Vec<Belongs>,
    /// The first reason found in each own category, or something unwanted; sorted.
    own: Vec<Sought>,
    price: Option<Price>,
    /// The platform's categories.
    paths: Vec<Line>,
}

impl CompiledBuiltIn {
    /// Compiles them. Takes some hundredths of a second.
    pub(super) fn new(built_in: BuiltIn) -> Self {
        let mut builder = Builder::default();
        let mut signals = Vec::new();
        for (item, signal) in signal::all(&built_in) {
            let id = as_id(signals.len());
            match item {
                Item::Pattern(pattern) => builder.pattern(pattern, signal.field, id),
                Item::Quoted(word) => builder.word(Word::exact(word), signal.field, id),
                Item::Word(word) => builder.word(Word::new(word), signal.field, id),
            }
            signals.push(signal);
        }
        Self { built_in, signals, index: builder.build() }
    }

    /// To what a trade belongs: by the platform's own category, by Google's taxonomy, by the words of
    /// the category path, and only then by those of the title.
    fn judge(&self, trade: &Trade, title: &Text, paths: &[(&RawCategory, Text)]) -> Vec<Belongs> {
        let file = self.built_in.file();
        let by_words = || {
            let verdicts = paths.iter().filter_map(|(raw, text)| {
                let hits = self.index.find(text, Field::Path);
                platform::by_path(raw, text, &hits, &self.signals, file)
            });
            merged(verdicts)
        };
        let by_title = || {
            let found = title::judge(title, self.index.find(title, Field::Title), &self.signals, file);
            let because = |span: Range<usize>| Because::Title { found: title.folded.get(span).unwrap_or_default().trim().to_owned() };
            found.into_iter().map(|(category, span)| (category, because(span))).collect()
        };
        let found = platform::by_id(&trade.categories, file)
            .or_else(|| platform::by_taxonomy(&trade.categories, file))
            .or_else(by_words)
            .unwrap_or_else(by_title);
        let id = |index: usize| self.built_in.categories().get(index).map(|category| category.id.clone());
        found.into_iter().filter_map(|(index, because)| Some(Belongs { category: id(index)?, because })).collect()
    }
}

impl Classifier {
    /// Compiles people's own categories. Takes microseconds for each.
    pub(super) fn new<'a>(built_in: Arc<CompiledBuiltIn>, owned: impl Iterator<Item = (&'a UserId, &'a [OwnCategory])>) -> Self {
        let mut builder = Builder::default();
        let (mut own, mut criteria, mut owners) = (Vec::new(), Vec::new(), HashMap::<UserId, Vec<u32>>::new());
        for (owner, category) in owned.flat_map(|(owner, categories)| categories.iter().map(move |category| (owner, category))) {
            let index = as_id(own.len());
            for (place, criterion) in (0_u32..).zip(&category.criteria) {
                if let Some(sort) = look_for(&mut builder, criterion, as_id(criteria.len())) {
                    criteria.push(Sought { category: index, sort, place });
                }
            }
            owners.entry(owner.clone()).or_default().push(index);
            own.push(category.clone());
        }
        Self(Arc::new(Compiled { built_in, own, owners, criteria, index: builder.build() }))
    }

    /// To what a trade belongs. The built-in categories are judged in their order: the platform's own
    /// category, Google's taxonomy, the words of the category path, those of the title; the first
    /// that says anything decides. A person's own words look at the title, and at the path where she
    /// says so.
    #[must_use]
    pub fn judge(&self, trade: &Trade) -> Judgement {
        let title = Text::title(trade.title.as_str());
        let named = trade.categories.iter().filter(|raw| !platform::is_id(raw));
        let paths: Vec<(&RawCategory, Text)> = named.map(|raw| (raw, Text::path(raw.text.as_str()))).collect();
        let own = self.0.first_reasons(&title, paths.iter().map(|(_, path)| path));
        Judgement {
            built_in: self.0.built_in.judge(trade, &title, &paths),
            own,
            price: trade.price.clone(),
            paths: trade.categories.iter().map(|raw| raw.text.clone()).collect(),
            compiled: Arc::clone(&self.0),
        }
    }
}

/// Several paths' verdicts as one; none where no path says anything.
fn merged(verdicts: impl Iterator<Item = Vec<(usize, Because)>>) -> platform::Verdict {
    let mut all: Vec<(usize, Because)> = verdicts.reduce(|mut all, more| {
        all.extend(more);
        all
    })?;
    all.sort_by_key(|(category, _)| *category);
    all.dedup_by_key(|(category, _)| *category);
    Some(all)
}

/// Numbers of words; there are never as many as four thousand million.
fn as_id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Compiled {
    /// The first reason that is found in each own category, or something unwanted.
    fn first_reasons<'a>(&self, title: &Text, paths: impl Iterator<Item = &'a Text>) -> Vec<Sought> {
        let mut hits = self.index.find(title, Field::Title);
        hits.extend(paths.flat_map(|path| self.index.find(path, Field::Path)));
        let mut found: Vec<Sought> = hits.iter().filter_map(|hit| self.criteria.get(hit.id as usize).copied()).collect();
        found.sort_unstable();
        found.dedup_by_key(|sought| sought.category);
        found
    }
}

/// Has a criterion looked for as `id`, and answers its sort; a price is not looked for.
fn look_for(builder: &mut Builder, criterion: &Criterion, id: u32) -> Option<Sort> {
    match criterion {
        Criterion::Word(word) | Criterion::NotWord(word) => builder.word(Word::new(word), Field::Title, id),
        Criterion::Pattern(pattern) | Criterion::NotPattern(pattern) => builder.pattern(pattern, Field::Title, id),
        Criterion::Path(path) => builder.word(Word::path(path), Field::Path, id),
        Criterion::Price(_) => return None,
    }
    Some(match criterion {
        Criterion::NotWord(_) | Criterion::NotPattern(_) => Sort::Unwanted,
        Criterion::Path(_) => Sort::Path,
        Criterion::Word(_) => Sort::Word,
        _ => Sort::Pattern,
    })
}

fn holds_prices(category: &OwnCategory, price: Option<&Price>) -> bool {
    category.criteria.iter().all(|criterion| if let Criterion::Price(range) = criterion { range.holds(price) } else { true })
}

/// Whether nothing is wanted in a category but a price.
fn is_of_price_only(category: &OwnCategory) -> bool {
    let wants = |criterion: &Criterion| matches!(criterion, Criterion::Word(_) | Criterion::Pattern(_) | Criterion::Path(_));
    category.criteria.iter().any(|criterion| matches!(criterion, Criterion::Price(_))) && !category.criteria.iter().any(wants)
}

impl Judgement {
    /// To what the trade belongs for `owner`: built-in categories, then her own in her order, each once.
    #[must_use]
    pub fn of(&self, owner: &UserId) -> Vec<Belongs> {
        let mut belongs = self.built_in.clone();
        for index in self.compiled.owners.get(owner).into_iter().flatten() {
            let Some(category) = self.compiled.own.get(*index as usize) else { continue };
            if let Some(because) = self.because(*index, category)
                && !belongs.iter().any(|known| known.category == category.id)
            {
                belongs.push(Belongs { category: category.id.clone(), because });
            }
        }
        belongs
    }

    fn because(&self, index: u32, category: &OwnCategory) -> Option<Because> {
        if !holds_prices(category, self.price.as_ref()) {
            return None;
        }
        let Ok(at) = self.own.binary_search_by_key(&index, |sought| sought.category) else {
            return is_of_price_only(category).then_some(Because::Price);
        };
        match category.criteria.get(self.own.get(at)?.place as usize)? {
            Criterion::Path(path) => Some(Because::Path { found: path.clone(), path: self.path_with(path) }),
            Criterion::Word(word) => Some(Because::Title { found: word.clone() }),
            Criterion::Pattern(pattern) => Some(Because::Pattern { pattern: pattern.clone() }),
            Criterion::NotWord(_) | Criterion::NotPattern(_) | Criterion::Price(_) => None,
        }
    }

    /// The path in which a part of one was found.
    fn path_with(&self, part: &str) -> String {
        let stem = Word::path(part).stem;
        let found = self.paths.iter().find(|path| Text::path(path.as_str()).spaced.contains(&stem));
        found.map(ToString::to_string).unwrap_or_default()
    }

    /// The built-in categories alone.
    #[must_use]
    pub fn built_in(&self) -> &[Belongs] {
        &self.built_in
    }
}

/// A trade of which nothing is known but its title.
#[cfg(test)]
pub(super) fn titled(title: &str) -> Trade {
    use crate::domain::ids::ExternalId;
    use crate::domain::ids::SourceId;
    let (source, id) = (SourceId::new("feed|https://shop.example/feed"), ExternalId::new("1"));
    Trade::listing(source, id, Line::title(title), jiff::Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
