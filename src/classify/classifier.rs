//! The built-in categories and any number of people's own, compiled into one index, and what it finds
//! for a trade.

use super::built_in::BuiltIn;
use super::criteria::Item;
use super::index::Builder;
use super::index::Hit;
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
use crate::domain::trade::Trade;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Judges trades by the built-in categories and those of some people.
pub struct Classifier(Arc<Compiled>);

struct Compiled {
    built_in: BuiltIn,
    /// What the first numbers of the index stand for.
    signals: Vec<Signal>,
    /// What the numbers behind those stand for: a category and which of its criteria.
    criteria: Vec<(u32, u32)>,
    own: Vec<OwnCategory>,
    /// Which of `own` are whose.
    owners: HashMap<UserId, Vec<u32>>,
    index: Index,
}

/// To what a trade belongs, for everybody whose categories were asked for.
#[derive(Clone)]
pub struct Judgement {
    compiled: Arc<Compiled>,
    built_in: Vec<Belongs>,
    /// The own categories in which something wanted was found, and nothing else is against it; sorted.
    own: Vec<(u32, Because)>,
    /// Those in which something unwanted was found; sorted.
    refused: Vec<u32>,
    price: Option<Price>,
}

impl Classifier {
    /// Compiles them. Takes milliseconds, for very many categories longer.
    pub(super) fn new<'a>(built_in: &BuiltIn, owned: impl Iterator<Item = (&'a UserId, &'a [OwnCategory])>) -> Self {
        let mut builder = Builder::default();
        let mut signals = Vec::new();
        for (item, signal) in signal::all(built_in) {
            let id = as_id(signals.len());
            match item {
                Item::Pattern(pattern) => builder.pattern(pattern, signal.field, id),
                Item::Quoted(word) => builder.word(Word::exact(word), signal.field, id),
                Item::Word(word) => builder.word(Word::new(word), signal.field, id),
            }
            signals.push(signal);
        }
        let mut compiled = (Vec::new(), Vec::new(), HashMap::<UserId, Vec<u32>>::new());
        let (own, criteria, owners) = (&mut compiled.0, &mut compiled.1, &mut compiled.2);
        for (owner, categories) in owned {
            for category in categories {
                let index = as_id(own.len());
                for (place, criterion) in category.criteria.iter().enumerate() {
                    let id = as_id(signals.len() + criteria.len());
                    match criterion {
                        Criterion::Word(word) | Criterion::NotWord(word) => builder.word(Word::new(word), Field::Title, id),
                        Criterion::Pattern(pattern) | Criterion::NotPattern(pattern) => builder.pattern(pattern, Field::Title, id),
                        Criterion::Path(path) => builder.word(Word::path(path), Field::Path, id),
                        Criterion::Price(_) => continue,
                    }
                    criteria.push((index, as_id(place)));
                }
                owners.entry(owner.clone()).or_default().push(index);
                own.push(category.clone());
            }
        }
        let (own, criteria, owners) = compiled;
        Self(Arc::new(Compiled { built_in: built_in.clone(), signals, criteria, own, owners, index: builder.build() }))
    }

    /// To what a trade belongs: by the platform's own category, by Google's taxonomy, by the words of
    /// the category path, and only then by those of the title. A person's own words look at the
    /// title, and at the path where she says so.
    #[must_use]
    pub fn judge(&self, trade: &Trade) -> Judgement {
        let title = Text::title(trade.title.as_str());
        let in_title = self.0.index.find(&title, Field::Title);
        let named = trade.categories.iter().filter(|raw| !platform::is_id(raw));
        let in_paths: Vec<_> = named
            .map(|raw| {
                let text = Text::path(raw.text.as_str());
                let hits = self.0.index.find(&text, Field::Path);
                (raw, text, hits)
            })
            .collect();
        let of_signals = as_id(self.0.signals.len());
        let is_built_in = |hit: &&Hit| hit.id < of_signals;
        let file = self.0.built_in.file();
        let by_words = || {
            let verdicts = in_paths.iter().filter_map(|(raw, text, hits)| {
                let hits: Vec<Hit> = hits.iter().filter(is_built_in).copied().collect();
                platform::by_path(raw, text, &hits, &self.0.signals, file)
            });
            merged(verdicts)
        };
        let by_title = || {
            let hits = in_title.iter().filter(is_built_in).copied().collect();
            let found = title::judge(&title, hits, &self.0.signals, file);
            let because = |span: Range<usize>| Because::Title { found: title.folded.get(span).unwrap_or_default().trim().to_owned() };
            found.into_iter().map(|(category, span)| (category, because(span))).collect()
        };
        let found = platform::by_id(&trade.categories, file)
            .or_else(|| platform::by_taxonomy(&trade.categories, file))
            .or_else(by_words)
            .unwrap_or_else(by_title);
        let (own, refused) =
            self.0.own_ones(&in_title, in_paths.iter().flat_map(|(_, text, hits)| hits.iter().map(move |hit| (text, hit))), trade);
        Judgement { built_in: self.0.belongs(found), own, refused, price: trade.price.clone(), compiled: Arc::clone(&self.0) }
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
    fn belongs(&self, found: Vec<(usize, Because)>) -> Vec<Belongs> {
        let id = |index: usize| self.built_in.categories().get(index).map(|category| category.id.clone());
        found.into_iter().filter_map(|(index, because)| Some(Belongs { category: id(index)?, because })).collect()
    }

    /// What was found of the own categories: where something wanted was, and where something unwanted was.
    fn own_ones<'a>(
        &self,
        in_title: &[Hit],
        in_paths: impl Iterator<Item = (&'a Text, &'a Hit)>,
        trade: &Trade,
    ) -> (Vec<(u32, Because)>, Vec<u32>) {
        let criterion = |hit: &Hit| self.criteria.get((hit.id as usize).checked_sub(self.signals.len())?).copied();
        let mut touched: Vec<(u32, u32)> = in_title.iter().filter_map(criterion).collect();
        touched.extend(in_paths.filter_map(|(_, hit)| criterion(hit)));
        touched.sort_unstable();
        touched.dedup();
        let (mut wanted, mut refused) = (Vec::new(), Vec::new());
        for of_category in touched.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((index, category)) = of_category.first().and_then(|(index, _)| Some((*index, self.own.get(*index as usize)?))) else {
                continue;
            };
            let found: Vec<&Criterion> = of_category.iter().filter_map(|(_, place)| category.criteria.get(*place as usize)).collect();
            if found.iter().any(|criterion| matches!(criterion, Criterion::NotWord(_) | Criterion::NotPattern(_))) {
                refused.push(index);
            } else if holds_prices(category, trade.price.as_ref())
                && let Some(because) = first_reason(&found, trade)
            {
                wanted.push((index, because));
            }
        }
        (wanted, refused)
    }
}

fn holds_prices(category: &OwnCategory, price: Option<&Price>) -> bool {
    category.criteria.iter().all(|criterion| if let Criterion::Price(range) = criterion { range.holds(price) } else { true })
}

/// Whether nothing is wanted in a category but a price.
fn is_of_price_only(category: &OwnCategory) -> bool {
    let wants = |criterion: &Criterion| matches!(criterion, Criterion::Word(_) | Criterion::Pattern(_) | Criterion::Path(_));
    category.criteria.iter().any(|criterion| matches!(criterion, Criterion::Price(_))) && !category.criteria.iter().any(wants)
}

/// The path before words, words before patterns, and each in the order in which they were typed.
fn first_reason(found: &[&Criterion], trade: &Trade) -> Option<Because> {
    let order = |criterion: &&&Criterion| match criterion {
        Criterion::Path(_) => 0,
        Criterion::Word(_) => 1,
        _ => 2,
    };
    match found.iter().min_by_key(order)? {
        Criterion::Path(path) => {
            let stem = Word::path(path).stem;
            let named = trade.categories.iter().map(|raw| raw.text.as_str());
            let whole = named.into_iter().find(|text| Text::path(text).spaced.contains(&stem)).unwrap_or_default();
            Some(Because::Path { found: path.clone(), path: whole.to_owned() })
        }
        Criterion::Word(word) => Some(Because::Title { found: word.clone() }),
        Criterion::Pattern(pattern) => Some(Because::Pattern { pattern: pattern.clone() }),
        _ => None,
    }
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
        if let Ok(at) = self.own.binary_search_by_key(&index, |(own, _)| *own) {
            return self.own.get(at).map(|(_, because)| because.clone());
        }
        let by_price =
            is_of_price_only(category) && self.refused.binary_search(&index).is_err() && holds_prices(category, self.price.as_ref());
        by_price.then_some(Because::Price)
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
    Trade {
        source: crate::domain::ids::SourceId::new("feed|https://shop.example/feed"),
        kind: crate::domain::trade::Kind::Listing,
        external_id: crate::domain::ids::ExternalId::new("1"),
        revision: 0,
        title: crate::domain::text::Line::title(title),
        price: None,
        quantity: None,
        available: None,
        link: None,
        image: None,
        categories: Vec::new(),
        occurred_at: None,
        seen_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

#[cfg(test)]
mod tests;
