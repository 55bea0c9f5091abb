//! To which built-in categories a title belongs, by the words found in it: what is sold is said by
//! its head, and what else stands there only describes it. docs/CATEGORIES.md explains the rules.

use super::built_in::File;
use super::index::Hit;
use super::signal::Role;
use super::signal::Signal;
use super::signal::Weight;
use super::word::Text;
use super::word::is_han;
use super::word::is_spaced;
use std::ops::Range;

/// The categories, by their place in the file, each with where the reason stands.
pub(super) fn judge(text: &Text, hits: Vec<Hit>, signals: &[Signal], file: &File) -> Vec<(usize, Range<usize>)> {
    let title = Title::new(text, hits, signals);
    let head = title.head();
    let contexts: Vec<usize> = title.contexts(head);
    let mut found = title.decide(head, file);
    found.retain(|(category, _)| {
        let id = file.category.get(*category).map(|category| category.id.as_str());
        !contexts
            .iter()
            .filter_map(|index| file.context.get(*index))
            .any(|context| context.without.iter().any(|without| Some(without.as_str()) == id))
    });
    found.sort_by_key(|(category, span)| (*category, span.start));
    found.dedup_by_key(|(category, _)| *category);
    found
}

/// A word of the title that is known, and what it says; of words that overlap the leftmost, longest.
#[derive(Clone, Debug)]
struct Token {
    span: Range<usize>,
    roles: Vec<Role>,
    /// The part of the title in which it stands.
    part: usize,
    /// Whether it stands behind a word such as `for`.
    opened: bool,
    /// Whether it is only what something looks like.
    likeness: bool,
    /// Whether it is only what something fits.
    fits: bool,
    /// Whether words that are not known stand before it, other than those that say nothing.
    begins: bool,
}

impl Token {
    fn thing(&self, wanted: Weight) -> Option<Option<usize>> {
        self.roles.iter().find_map(|role| match role {
            Role::Thing(category, weight) if *weight == wanted => Some(*category),
            _ => None,
        })
    }

    fn has(&self, wanted: Role) -> bool {
        self.roles.contains(&wanted)
    }

    fn is_head(&self) -> bool {
        self.roles.iter().any(|role| matches!(role, Role::Thing(_, Weight::Head | Weight::Decisive)))
    }

    fn is_decisive(&self) -> bool {
        self.roles.iter().any(|role| matches!(role, Role::Thing(_, Weight::Decisive)))
    }

    /// The categories for which it has one of these weights.
    fn categories(&self, weights: &[Weight]) -> impl Iterator<Item = usize> {
        self.roles.iter().filter_map(move |role| match role {
            Role::Thing(Some(category), weight) if weights.contains(weight) => Some(*category),
            _ => None,
        })
    }
}

struct Title {
    tokens: Vec<Token>,
    is_chinese: bool,
}

impl Title {
    fn new(text: &Text, hits: Vec<Hit>, signals: &[Signal]) -> Self {
        let is_chinese = text.folded.contains(is_han);
        let mut tokens = tokens(hits, signals);
        let cuts = cuts(&text.folded, is_chinese);
        for token in &mut tokens {
            token.part = cuts.partition_point(|cut| *cut <= token.span.start);
        }
        let mut title = Self { tokens, is_chinese };
        title.mark(text);
        #[cfg(test)]
        if std::env::var_os("SHOW").is_some() {
            for t in &title.tokens {
                println!(
                    "    {:?} {:?} part {} {}{}{}{}",
                    text.folded.get(t.span.clone()),
                    t.roles,
                    t.part,
                    if t.opened { "opened " } else { "" },
                    if t.likeness { "likeness " } else { "" },
                    if t.fits { "fits " } else { "" },
                    if t.begins { "begins" } else { "" }
                );
            }
        }
        title
    }

    /// Finds out what each word is to the others.
    fn mark(&mut self, text: &Text) {
        let mut opened_in = None;
        for index in 0..self.tokens.len() {
            let token = &self.tokens[index];
            let (part, start) = (token.part, token.span.start);
            if token.has(Role::Opener) && stands_alone(&text.folded, &token.span) {
                opened_in = Some(part);
            }
            let (likeness, fits) = (token.has(Role::Likeness), token.has(Role::Fits));
            let begins = self.begins(index, text);
            let is_opened = opened_in == Some(part);
            if let Some(before) = index.checked_sub(1).and_then(|before| self.tokens.get_mut(before)) {
                let is_next = text.folded.get(before.span.end..start).is_some_and(|gap| gap.chars().all(|c| " -'\"".contains(c)));
                before.likeness |= likeness && is_next;
                before.fits |= fits && is_next;
            }
            let token = &mut self.tokens[index];
            token.opened = is_opened;
            token.begins = begins;
        }
        self.drop_measures(text);
    }

    /// Whether before a word only others stand that say nothing.
    fn begins(&self, index: usize, text: &Text) -> bool {
        let mut at = 0;
        for token in self.tokens.iter().take(index + 1) {
            let gap = text.folded.get(at..token.span.start).unwrap_or_default();
            if gap.chars().any(char::is_alphanumeric) {
                return false;
            }
            at = token.span.end;
        }
        self.tokens.iter().take(index).all(|token| token.has(Role::Noise))
    }

    /// `Box of tools`: the box is not what is sold.
    fn drop_measures(&mut self, text: &Text) {
        for token in self.tokens.iter_mut().filter(|token| token.has(Role::Measure)) {
            if text.folded.get(token.span.end..).is_some_and(|rest| rest.starts_with(" of ")) {
                token.roles.clear();
            }
        }
    }

    /// The word that says what is sold.
    fn head(&self) -> Option<&Token> {
        let counts = |token: &&Token| !token.likeness && !token.fits;
        let closed = |token: &&Token| counts(token) && !token.opened;
        let all_heads = || self.tokens.iter().filter(closed).filter(|token| token.is_head());
        let is_behind =
            |token: &Token| all_heads().any(|other| other.span.start < token.span.start && (self.is_chinese || other.part == token.part));
        let heads = || all_heads().filter(|token| !(token.has(Role::Colour) && is_behind(token)));
        // The last one of each part is that part's head.
        let of_parts: Vec<&Token> =
            heads().filter(|token| !heads().any(|later| later.part == token.part && later.span.start > token.span.start)).collect();
        let pick = |tokens: Vec<&'_ Token>| {
            if self.is_chinese { tokens.last().copied().map(|t| t.span.start) } else { tokens.first().copied().map(|t| t.span.start) }
        };
        let decisive = pick(of_parts.iter().copied().filter(|token| token.is_decisive()).collect());
        let at = |start: usize| self.tokens.iter().find(|token| token.span.start == start);
        if let Some(start) = decisive {
            return at(start);
        }
        let weak = self.weak();
        let head = pick(of_parts).and_then(at);
        match (head, weak) {
            // In English a part that names a known model comes before a later part's head.
            (Some(head), Some(weak)) if !self.is_chinese && weak.part < head.part => Some(weak),
            (Some(head), _) => Some(head),
            (None, Some(weak)) => Some(weak),
            (None, None) if self.is_chinese => self.tokens.iter().filter(counts).rfind(|token| token.is_head()),
            (None, None) => None,
        }
    }

    /// The first word that says something weakly.
    fn weak(&self) -> Option<&Token> {
        self.tokens
            .iter()
            .filter(|token| !token.likeness && !token.fits && !token.opened)
            .find(|token| token.thing(Weight::Weak).is_some() || (!token.begins && token.thing(Weight::Later).is_some()))
    }

    /// The other fields of goods from which its words come, where the head does not count in them nevertheless.
    fn contexts(&self, head: Option<&Token>) -> Vec<usize> {
        let exempt = |context: usize| head.is_some_and(|head| head.has(Role::Except(context)));
        let contexts = self.tokens.iter().filter(|token| !token.likeness).flat_map(|token| &token.roles);
        contexts
            .filter_map(|role| if let Role::Context(context) = role { Some(*context) } else { None })
            .filter(|context| !exempt(*context))
            .collect()
    }

    fn decide(&self, head: Option<&Token>, file: &File) -> Vec<(usize, Range<usize>)> {
        let of_head: Vec<(usize, Range<usize>)> = head.map(|head| self.of_head(head)).unwrap_or_default();
        if head.is_some_and(Token::is_decisive) && !of_head.is_empty() {
            return of_head;
        }
        let mut found = self.described(&of_head, file);
        if found.is_empty() {
            return of_head;
        }
        let joins = |category: usize| {
            let id = file.category.get(category).map(|category| category.id.as_str()).unwrap_or_default();
            found
                .iter()
                .all(|(strong, _)| file.category.get(*strong).is_some_and(|strong| strong.title.joins.iter().any(|join| join == id)))
        };
        let beside: Vec<_> = of_head.into_iter().filter(|(category, _)| joins(*category)).collect();
        found.extend(beside);
        found
    }

    fn of_head(&self, head: &Token) -> Vec<(usize, Range<usize>)> {
        let weights: &[Weight] = if head.is_head() {
            &[Weight::Head, Weight::Decisive]
        } else if !head.begins && head.thing(Weight::Later).is_some() {
            &[Weight::Later]
        } else {
            &[Weight::Weak]
        };
        head.categories(weights).map(|category| (category, head.span.clone())).collect()
    }

    /// What the words say that count wherever they stand, and the modifiers that count beside this head.
    fn described(&self, of_head: &[(usize, Range<usize>)], file: &File) -> Vec<(usize, Range<usize>)> {
        let yields = |category: usize| {
            let yields_to = file.category.get(category).map(|category| category.title.yields_to.as_slice()).unwrap_or_default();
            of_head.iter().any(|(head, _)| file.category.get(*head).is_some_and(|head| yields_to.contains(&head.id)))
        };
        let counting = self.tokens.iter().filter(|token| !token.likeness);
        let found = counting.flat_map(|token| {
            let strong = token.categories(&[Weight::Strong]);
            let modifiers = token.categories(&[Weight::Modifier]).filter(|category| !yields(*category) && !token.fits);
            strong.chain(modifiers).map(|category| (category, token.span.clone())).collect::<Vec<_>>()
        });
        found.collect()
    }
}

/// Whether no hyphen or letter joins a word to another: `bean-to-cup` has no `to`.
fn stands_alone(folded: &str, span: &Range<usize>) -> bool {
    let joins = |c: char| c == '-' || is_spaced(c);
    !folded.get(..span.start).is_some_and(|before| before.ends_with(joins))
        && !folded.get(span.end..).is_some_and(|behind| behind.starts_with(joins))
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
            _ => tokens.push(Token { span, roles: vec![signal.role], part: 0, opened: false, likeness: false, fits: false, begins: false }),
        }
    }
    tokens
}

/// Where a new part of a title begins.
fn cuts(folded: &str, is_chinese: bool) -> Vec<usize> {
    let mut cuts = Vec::new();
    let bytes = folded.as_bytes();
    for (at, c) in folded.char_indices() {
        let behind = at + c.len_utf8();
        let stands_alone = || (at == 0 || bytes.get(at - 1) == Some(&b' ')) && bytes.get(behind).is_none_or(|byte| *byte == b' ');
        let between_digits = || at > 0 && bytes[at - 1].is_ascii_digit() && bytes.get(behind).is_some_and(u8::is_ascii_digit);
        let is_cut = match c {
            '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '【' | '】' | '《' | '》' | '〈' | '〉' | '|' | ';' | '!' | '?' | '。'
            | '、' | '~' | '…' => true,
            ',' | ':' | '.' => !between_digits() && (c != '.' || bytes.get(behind).is_none_or(|byte| *byte == b' ')),
            '-' | '–' | '—' | '/' | '+' | '&' | '•' | '·' | '*' if !is_chinese => c != '&' && stands_alone(),
            ' ' => is_chinese,
            '/' | '+' | '–' | '—' => is_chinese,
            _ => false,
        };
        if is_cut {
            cuts.push(behind);
        }
    }
    cuts
}
