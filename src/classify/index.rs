//! One automaton for all words of many categories, and the patterns behind it. Says what stands where
//! in a text; what that means is for those who asked.

use super::pattern::Pattern;
use super::signal::Field;
use super::word::Endings;
use super::word::Text;
use super::word::Word;
use super::word::whole;
use super::word::without_hyphens;
use aho_corasick::AhoCorasick;
use aho_corasick::AhoCorasickKind;
use aho_corasick::MatchKind;
use regex::RegexSet;
use regex::RegexSetBuilder;
use std::collections::HashMap;

/// How large the set of the patterns that must always be tried may become, in bytes; beyond it they are tried one by one.
const SET_LIMIT: usize = 4 << 20;

/// At how many places of a text a pattern is looked for.
const PLACES: usize = 16;

/// What was found where, with the number that was given for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) id: u32,
}

/// Collects what is to be looked for.
#[derive(Default)]
pub(super) struct Builder {
    entries: Vec<Entry>,
    known: HashMap<(String, Option<Endings>), usize>,
    stems: Vec<String>,
    patterns: Vec<(Pattern, Vec<(Field, u32)>)>,
    known_patterns: HashMap<String, usize>,
}

/// What a text of the automaton stands for.
struct Entry {
    /// None: a text that a pattern needs, wherever it stands.
    endings: Option<Endings>,
    /// What is found with it and in which field; for a pattern's text, the patterns.
    finds: Vec<(Field, u32)>,
}

/// Finds it all in one pass.
pub(super) struct Index {
    automaton: Option<AhoCorasick>,
    entries: Vec<Entry>,
    patterns: Vec<(Pattern, Vec<(Field, u32)>)>,
    /// The patterns that no text stands for.
    always: Vec<u32>,
    set: Option<RegexSet>,
}

impl Builder {
    /// Looks for `word` in `field` as `id`.
    pub(super) fn word(&mut self, word: Word, field: Field, id: u32) {
        // What is empty would be found everywhere.
        if !word.stem.is_empty() {
            self.entry(word.stem, Some(word.endings), (field, id));
        }
    }

    /// Looks for what fits `pattern` in `field` as `id`. A pattern that cannot be read finds nothing.
    pub(super) fn pattern(&mut self, pattern: &str, field: Field, id: u32) {
        if let Some(known) = self.known_patterns.get(pattern) {
            self.patterns[*known].1.push((field, id));
        } else if let Ok(read) = Pattern::trusted(pattern) {
            self.known_patterns.insert(pattern.to_owned(), self.patterns.len());
            self.patterns.push((read, vec![(field, id)]));
        }
    }

    fn entry(&mut self, stem: String, endings: Option<Endings>, find: (Field, u32)) {
        let index = *self.known.entry((stem, endings)).or_insert_with_key(|(stem, endings)| {
            self.stems.push(stem.clone());
            self.entries.push(Entry { endings: *endings, finds: Vec::new() });
            self.entries.len() - 1
        });
        self.entries[index].finds.push(find);
    }

    /// Compiles it.
    pub(super) fn build(mut self) -> Index {
        let patterns = std::mem::take(&mut self.patterns);
        let mut always = Vec::new();
        for (index, (pattern, _)) in (0_u32..).zip(&patterns) {
            match pattern.needed() {
                Some(needed) => needed.iter().for_each(|text| self.entry(without_hyphens(text), None, (Field::Title, index))),
                None => always.push(index),
            }
        }
        // Only with more than two thousand million states this fails; then no word is found.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&self.stems)
            .inspect_err(|error| tracing::error!(%error, "the categories' words are too many"));
        let folded = always.iter().filter_map(|index| patterns.get(*index as usize)).map(|(pattern, _)| pattern.folded());
        let set = RegexSetBuilder::new(folded).size_limit(SET_LIMIT).build();
        Index { automaton: automaton.ok(), entries: self.entries, patterns, always, set: set.ok() }
    }
}

impl Index {
    /// All that stands in a text, in no order.
    pub(super) fn find(&self, text: &Text, field: Field) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut candidates = self.always_candidates(text);
        let found = self.automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(&text.spaced));
        for found in found {
            let Some(entry) = self.entries.get(found.pattern().as_usize()) else { continue };
            let Some(endings) = entry.endings else {
                candidates.extend(entry.finds.iter().map(|(_, pattern)| *pattern));
                continue;
            };
            let Some(end) = whole(&text.spaced, found.start(), found.end(), endings) else { continue };
            let here = entry.finds.iter().filter(|(of, _)| *of == field);
            hits.extend(here.map(|(_, id)| Hit { start: found.start(), end, id: *id }));
        }
        candidates.sort_unstable();
        candidates.dedup();
        for (pattern, finds) in candidates.into_iter().filter_map(|index| self.patterns.get(index as usize)) {
            if finds.iter().any(|(of, _)| *of == field) {
                for span in pattern.find(&text.folded).take(PLACES) {
                    let here = finds.iter().filter(|(of, _)| *of == field);
                    hits.extend(here.map(|(_, id)| Hit { start: span.start, end: span.end, id: *id }));
                }
            }
        }
        hits
    }

    /// Which of the patterns that no text stands for may fit.
    fn always_candidates(&self, text: &Text) -> Vec<u32> {
        match &self.set {
            _ if self.always.is_empty() => Vec::new(),
            Some(set) => set.matches(&text.folded).iter().filter_map(|index| self.always.get(index).copied()).collect(),
            None => self.always.clone(),
        }
    }
}
