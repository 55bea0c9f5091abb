//! To which built-in categories a title belongs, by the words found in it: what is sold is said by
//! its head, and what else stands there only describes it. docs/CATEGORIES.md explains the rules.

use super::file::File;
use super::index::Hit;
use super::signal::Role;
use super::signal::Signal;
use super::signal::Weight;
use super::word::Text;
use super::word::is_han;
use super::word::is_spaced;
use std::ops::Range;

/// Categories, by their place in the file, each with where the reason stands.
type Found = Vec<(usize, Range<usize>)>;

/// To which categories the title belongs in which `hits` were found.
pub(super) fn judge(text: &Text, hits: Vec<Hit>, signals: &[Signal], file: &File) -> Found {
    let title = Title::new(text, hits, signals);
    let head = title.head();
    let without = title.without(head, file);
    let mut found = title.decide(head, file);
    found.retain(|(category, _)| file.category.get(*category).is_some_and(|category| !without.contains(&category.id.as_str())));
    found.sort_by_key(|(category, span)| (*category, span.start));
    found.dedup_by_key(|(category, _)| *category);
    found
}

/// A word of the title that is known, and what it says; of words that overlap the leftmost, longest.
struct Token {
    span: Range<usize>,
    roles: Vec<Role>,
    /// The part of the title in which it stands.
    part: usize,
    /// How it stands to what is sold.
    standing: Standing,
    /// Whether before it stand only words that say nothing.
    begins: bool,
}

/// How a word stands to what is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It may say it.
    Free,
    /// It stands behind a word such as `for`.
    Opened,
    /// It is only what something fits.
    Fits,
    /// It is only what something looks like.
    Likeness,
}

impl Token {
    fn has(&self, wanted: Role) -> bool {
        self.roles.contains(&wanted)
    }

    fn weighs(&self, wanted: &[Weight]) -> bool {
        self.roles.iter().any(|role| matches!(role, Role::Thing(_, weight) if wanted.contains(weight)))
    }

    fn is_head(&self) -> bool {
        self.weighs(&[Weight::Head, Weight::Decisive])
    }

    fn is_weak(&self) -> bool {
        self.weighs(&[Weight::Weak]) || self.is_later()
    }

    /// Whether it is the name of a platform behind the name of a game.
    fn is_later(&self) -> bool {
        !self.begins && self.weighs(&[Weight::Later])
    }

    /// The categories for which it has one of these weights.
    fn categories(&self, weights: &[Weight]) -> impl Iterator<Item = usize> {
        self.roles.iter().filter_map(move |role| match role {
            Role::Thing(Some(category), weight) if weights.contains(weight) => Some(*category),
            _ => None,
        })
    }

    /// The categories that it says as the head.
    fn of_head(&self) -> Found {
        let weights: &[Weight] = if self.is_head() {
            &[Weight::Head, Weight::Decisive]
        } else if self.is_later() {
            &[Weight::Later]
        } else {
            &[Weight::Weak]
        };
        self.categories(weights).map(|category| (category, self.span.clone())).collect()
    }
}

struct Title<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    is_chinese: bool,
}

impl<'a> Title<'a> {
    fn new(text: &'a Text, hits: Vec<Hit>, signals: &[Signal]) -> Self {
        let text = text.folded.as_str();
        let is_chinese = text.contains(is_han);
        let mut tokens = tokens(hits, signals);
        let cuts = cuts(text, is_chinese);
        for token in &mut tokens {
            token.part = cuts.partition_point(|cut| *cut <= token.span.start);
        }
        let mut title = Self { text, tokens, is_chinese };
        title.mark_standing();
        title.mark_beginning();
        title.drop_measures();
        title
    }

    fn between(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }

    /// Finds out how each word stands to what is sold.
    fn mark_standing(&mut self) {
        let mut opened_in = None;
        for index in 0..self.tokens.len() {
            let token = &self.tokens[index];
            let start = token.span.start;
            if token.has(Role::Opener) && self.stands_alone(&token.span) {
                opened_in = Some(token.part);
            }
            let of_before =
                if token.has(Role::Likeness) { Some(Standing::Likeness) } else { token.has(Role::Fits).then_some(Standing::Fits) };
            if opened_in == Some(token.part) {
                self.tokens[index].standing = Standing::Opened;
            }
            let before = index.checked_sub(1).map(|before| (before, self.tokens[before].span.end..start));
            if let (Some(standing), Some((before, gap))) = (of_before, before)
                && self.between(gap).chars().all(|c| " -'\"".contains(c))
            {
                self.tokens[before].standing = standing;
            }
        }
    }

    /// Finds out which words stand at the beginning.
    fn mark_beginning(&mut self) {
        let mut at = 0;
        for index in 0..self.tokens.len() {
            let token = &self.tokens[index];
            if self.between(at..token.span.start).chars().any(char::is_alphanumeric) {
                return;
            }
            at = token.span.end;
            let says_something = !token.has(Role::Noise);
            self.tokens[index].begins = true;
            if says_something {
                return;
            }
        }
    }

    /// `Box of tools`: the box is not what is sold.
    fn drop_measures(&mut self) {
        for token in self.tokens.iter_mut().filter(|token| token.has(Role::Measure)) {
            if self.text.get(token.span.end..).is_some_and(|rest| rest.starts_with(" of ")) {
                token.roles.clear();
            }
        }
    }

    /// Whether no hyphen or letter joins a word to another: `bean-to-cup` has no `to`.
    fn stands_alone(&self, span: &Range<usize>) -> bool {
        let joins = |c: char| c == '-' || is_spaced(c);
        !self.between(0..span.start).ends_with(joins) && !self.between(span.end..self.text.len()).starts_with(joins)
    }

    fn free(&self) -> impl DoubleEndedIterator<Item = &Token> {
        self.tokens.iter().filter(|token| token.standing == Standing::Free)
    }

    /// The word that says what is sold.
    fn head(&self) -> Option<&Token> {
        let heads = self.heads_of_parts();
        if let Some(decisive) = self.pick(heads.iter().copied().filter(|token| token.weighs(&[Weight::Decisive]))) {
            return Some(decisive);
        }
        let weak = self.free().find(|token| token.is_weak());
        match (self.pick(heads.into_iter()), weak) {
            // In English a part that names a known model comes before a later part's head.
            (Some(head), Some(weak)) if !self.is_chinese && weak.part < head.part => Some(weak),
            (None, None) if self.is_chinese => {
                self.tokens.iter().rfind(|token| token.is_head() && matches!(token.standing, Standing::Free | Standing::Opened))
            }
            (head, weak) => head.or(weak),
        }
    }

    /// English says what is sold in the first part, Chinese in the last.
    fn pick<'b>(&self, mut heads: impl DoubleEndedIterator<Item = &'b Token>) -> Option<&'b Token> {
        if self.is_chinese { heads.next_back() } else { heads.next() }
    }

    /// The head of each part: its last known thing. Colours and the like behind another thing are none.
    fn heads_of_parts(&self) -> Vec<&Token> {
        let mut heads: Vec<&Token> = Vec::new();
        let mut last_thing: Option<usize> = None;
        for token in self.free() {
            let is_behind = last_thing.is_some_and(|part| self.is_chinese || part == token.part);
            let is_head = token.is_head() && !(token.has(Role::Colour) && is_behind);
            if is_head || (token.is_weak() && !self.is_chinese) {
                last_thing = Some(token.part);
            }
            if is_head {
                if heads.last().is_some_and(|last| last.part == token.part) {
                    heads.pop();
                }
                heads.push(token);
            }
        }
        heads
    }

    /// The categories that do not count in the fields of goods from which words of the title come,
    /// where its head does not count nevertheless.
    fn without<'b>(&self, head: Option<&Token>, file: &'b File) -> Vec<&'b str> {
        let is_exempt = |context: usize| head.is_some_and(|head| head.has(Role::Except(context)));
        let roles = self.tokens.iter().filter(|token| token.standing != Standing::Likeness).flat_map(|token| &token.roles);
        let contexts = roles.filter_map(|role| match role {
            Role::Context(context) if !is_exempt(*context) => file.context.get(*context),
            _ => None,
        });
        contexts.flat_map(|context| context.without.iter().map(String::as_str)).collect()
    }

    fn decide(&self, head: Option<&Token>, file: &File) -> Found {
        let of_head = head.map(Token::of_head).unwrap_or_default();
        let decides = head.is_some_and(|head| head.weighs(&[Weight::Decisive])) && !of_head.is_empty();
        let mut found = if decides { Vec::new() } else { self.described(&of_head, file) };
        if found.is_empty() {
            return if head.is_some_and(|head| self.is_doubtful(head)) { Vec::new() } else { of_head };
        }
        let id = |category: usize| file.category.get(category).map(|category| category.id.as_str());
        let joined_by = |other: usize, category: usize| {
            file.category.get(other).is_some_and(|other| other.title.joins.iter().any(|join| Some(join.as_str()) == id(category)))
        };
        let beside: Found =
            of_head.into_iter().filter(|(category, _)| found.iter().all(|(other, _)| joined_by(*other, *category))).collect();
        found.extend(beside);
        found
    }

    /// Whether another thing contends with this head in its part: one of another category, in English
    /// also one of none. Then nothing is said, since a wrong category is worse than none.
    fn is_doubtful(&self, head: &Token) -> bool {
        if head.weighs(&[Weight::Decisive]) {
            return false;
        }
        let weights = [Weight::Head, Weight::Decisive, Weight::Strong];
        let own: Vec<usize> = head.of_head().into_iter().map(|(category, _)| category).collect();
        let contends = |token: &Token| {
            let mut categories = token.categories(&weights).peekable();
            let is_of_none = categories.peek().is_none();
            if is_of_none { !self.is_chinese && token.is_head() } else { !categories.any(|category| own.contains(&category)) }
        };
        self.free().any(|token| token.part == head.part && !token.has(Role::Colour) && contends(token))
    }

    /// What the words say that count wherever they stand, and the modifiers that count beside this head.
    fn described(&self, of_head: &Found, file: &File) -> Found {
        let yields = |category: usize| {
            let yields_to = file.category.get(category).map(|category| category.title.yields_to.as_slice()).unwrap_or_default();
            of_head.iter().any(|(head, _)| file.category.get(*head).is_some_and(|head| yields_to.contains(&head.id)))
        };
        let mut found = Vec::new();
        for token in self.tokens.iter().filter(|token| token.standing != Standing::Likeness) {
            found.extend(token.categories(&[Weight::Strong]).map(|category| (category, token.span.clone())));
            if token.standing != Standing::Fits {
                let modifiers = token.categories(&[Weight::Modifier]).filter(|category| !yields(*category));
                found.extend(modifiers.map(|category| (category, token.span.clone())));
            }
        }
        found
    }
}

/// Of hits that overlap the leftmost, of those the longest; all meanings of it.
fn tokens(mut hits: Vec<Hit>, signals: &[Signal]) -> Vec<Token> {
    hits.sort_unstable_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end), hit.id));
    let mut tokens: Vec<Token> = Vec::new();
    for hit in hits {
        let Some(signal) = signals.get(hit.id as usize) else { continue };
        let span = hit.start..hit.end;
        match tokens.last_mut() {
            Some(last) if last.span == span => last.roles.push(signal.role),
            Some(last) if hit.start < last.span.end => {}
            _ => tokens.push(Token { span, roles: vec![signal.role], part: 0, standing: Standing::Free, begins: false }),
        }
    }
    tokens
}

/// Where a new part of a title begins.
fn cuts(text: &str, is_chinese: bool) -> Vec<usize> {
    let before = |at: usize| text.get(..at).and_then(|before| before.chars().next_back());
    let behind = |at: usize| text.get(at..).and_then(|behind| behind.chars().next());
    let is_cut = |(at, c): &(usize, char)| {
        let (before, behind) = (before(*at), behind(at + c.len_utf8()));
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let is_space = |c: Option<char>| c.is_none_or(|c| c == ' ');
        match c {
            ',' | ':' => !(is_digit(before) && is_digit(behind)),
            '.' => is_space(behind),
            ' ' => is_chinese,
            '/' | '+' | '–' | '—' => is_chinese || (is_space(before) && is_space(behind)),
            '-' | '•' | '·' | '*' => !is_chinese && is_space(before) && is_space(behind),
            _ => "()[]{}<>【】《》〈〉|;!?。、~…".contains(*c),
        }
    };
    text.char_indices().filter(is_cut).map(|(at, c)| at + c.len_utf8()).collect()
}

#[cfg(test)]
mod tests;
