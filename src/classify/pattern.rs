//! Regular expressions on titles: read, folded as titles are, compiled within limits, and the texts
//! of which every title that one fits must contain one, so that few need to be tried.

use crate::classify::fold;
use crate::domain::notice::PatternFault;
use regex::Regex;
use regex::RegexBuilder;
use regex_syntax::ast;
use regex_syntax::ast::Ast;
use regex_syntax::ast::ClassSetItem;
use regex_syntax::ast::Span;
use regex_syntax::hir::Hir;
use regex_syntax::hir::HirKind;
use regex_syntax::hir::literal::ExtractKind;
use regex_syntax::hir::literal::Extractor;
use std::ops::Range;
use std::sync::OnceLock;

/// How deep groups, classes and repetitions may stand in each other.
const NEST_LIMIT: u32 = 32;
/// How large a compiled pattern may become, in bytes.
const SIZE_LIMIT: usize = 1 << 18;
/// How many texts may stand for one pattern before trying it always is cheaper.
const NEEDED_LIMIT: usize = 32;
/// How many characters of a class are folded one by one.
const CLASS_LIMIT: u32 = 256;

/// A regular expression that fits folded titles.
#[derive(Debug)]
pub(super) struct Pattern {
    folded: String,
    needed: Option<Vec<String>>,
    /// Compiled when it is needed: few patterns of many ever are.
    compiled: OnceLock<Option<Regex>>,
}

/// Why a pattern cannot be read, and from which byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) fault: PatternFault,
}

impl Pattern {
    /// Reads a pattern as a person typed it and makes sure that it can be compiled.
    pub(super) fn read(text: &str) -> Result<Self, Wrong> {
        let pattern = Self::trusted(text)?;
        let compiled = pattern.compile().map_err(|fault| Wrong { at: text.len(), fault })?;
        Ok(Self { compiled: OnceLock::from(Some(compiled)), ..pattern })
    }

    /// The same for one that has been read before: it is compiled only when a title may fit it.
    pub(super) fn trusted(text: &str) -> Result<Self, Wrong> {
        let tree = ast::parse::ParserBuilder::new()
            .nest_limit(NEST_LIMIT)
            .build()
            .parse(text)
            .map_err(|error| Wrong { at: error.span().start.offset, fault: fault_of(error.kind()) })?;
        let all = |fault| Wrong { at: 0, fault };
        let folded = ast::visit(&tree, Folding::of(text)).map_err(|()| all(PatternFault::Other))?;
        // Folding can turn the ends of a class's range round.
        let tree = ast::parse::Parser::new().parse(&folded).map_err(|_| all(PatternFault::Class))?;
        let hir = regex_syntax::hir::translate::Translator::new().translate(&folded, &tree).map_err(|_| all(PatternFault::Escape))?;
        if hir.properties().minimum_len().is_none_or(|length| length == 0) {
            return Err(Wrong { at: 0, fault: PatternFault::FitsAll });
        }
        let needed = needed(&hir).filter(|needed| needed.len() <= NEEDED_LIMIT);
        Ok(Self { folded, needed, compiled: OnceLock::new() })
    }

    /// What fits folded titles.
    pub(super) fn folded(&self) -> &str {
        &self.folded
    }

    /// Texts of which every title that it fits contains at least one; none where there are no such, or too many.
    pub(super) fn needed(&self) -> Option<&[String]> {
        self.needed.as_deref()
    }

    /// Where it fits a folded title.
    pub(super) fn find<'a>(&'a self, title: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        // What has been read compiles again; if it ever does not, it fits nothing.
        let compiled = self.compiled.get_or_init(|| self.compile().ok());
        compiled.iter().flat_map(|compiled| compiled.find_iter(title)).map(|found| found.range())
    }

    fn compile(&self) -> Result<Regex, PatternFault> {
        let compiled = RegexBuilder::new(&self.folded).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).nest_limit(NEST_LIMIT * 2).build();
        compiled.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => PatternFault::TooLarge,
            _ => PatternFault::Other,
        })
    }
}

const fn fault_of(kind: &ast::ErrorKind) -> PatternFault {
    use ast::ErrorKind as Kind;
    match kind {
        Kind::ClassUnclosed | Kind::GroupUnclosed | Kind::RepetitionCountUnclosed | Kind::GroupNameUnexpectedEof => PatternFault::NotClosed,
        Kind::GroupUnopened => PatternFault::NotOpened,
        Kind::RepetitionMissing | Kind::RepetitionCountInvalid | Kind::RepetitionCountDecimalEmpty => PatternFault::Repetition,
        Kind::ClassRangeInvalid | Kind::ClassRangeLiteral | Kind::ClassEscapeInvalid => PatternFault::Class,
        Kind::EscapeUnrecognized
        | Kind::EscapeUnexpectedEof
        | Kind::EscapeHexEmpty
        | Kind::EscapeHexInvalid
        | Kind::EscapeHexInvalidDigit
        | Kind::UnicodeClassInvalid => PatternFault::Escape,
        Kind::UnsupportedBackreference | Kind::UnsupportedLookAround => PatternFault::Unsupported,
        Kind::NestLimitExceeded(_) | Kind::CaptureLimitExceeded | Kind::DecimalInvalid => PatternFault::TooLarge,
        _ => PatternFault::Other,
    }
}

/// Folds what stands for itself in a pattern and leaves its signs, escapes and names as they are.
struct Folding<'a> {
    text: &'a str,
    /// What to put in place of which bytes; in no order.
    changes: Vec<(Range<usize>, String)>,
}

impl<'a> Folding<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text, changes: Vec::new() }
    }

    fn change(&mut self, span: &Span, put: String) {
        self.changes.push((span.start.offset..span.end.offset, put));
    }

    fn insert(&mut self, at: usize, put: &str) {
        self.changes.push((at..at, put.to_owned()));
    }

    fn apply(mut self) -> String {
        self.changes.sort_by_key(|(span, _)| (span.start, span.end));
        let mut applied = String::with_capacity(self.text.len());
        let mut at = 0;
        for (span, put) in self.changes {
            applied.push_str(self.text.get(at..span.start).unwrap_or_default());
            applied.push_str(&put);
            at = span.end;
        }
        applied.push_str(self.text.get(at..).unwrap_or_default());
        applied
    }
}

impl ast::Visitor for Folding<'_> {
    type Output = String;
    type Err = ();

    fn finish(self) -> Result<String, ()> {
        Ok(self.apply())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        match ast {
            Ast::Literal(literal) if literal.kind == ast::LiteralKind::Verbatim => {
                let folded = fold_character(literal.c);
                match folded.chars().count() {
                    _ if folded.chars().eq([literal.c]) => {}
                    1 => self.change(&literal.span, escape(&folded)),
                    _ => self.change(&literal.span, format!("(?:{})", escape(&folded))),
                }
            }
            // Its ranges may be of capitals, `[A-F]`.
            Ast::ClassBracketed(class) => {
                self.insert(class.span.start.offset, "(?i:");
                self.insert(class.span.end.offset, ")");
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), ()> {
        let (from, to, end) = match item {
            ClassSetItem::Literal(one) => (one, one, one.span.end.offset),
            ClassSetItem::Range(range) => (&range.start, &range.end, range.span.end.offset),
            _ => return Ok(()),
        };
        let is_verbatim = from.kind == ast::LiteralKind::Verbatim && to.kind == ast::LiteralKind::Verbatim;
        let is_short = u32::from(to.c).saturating_sub(u32::from(from.c)) <= CLASS_LIMIT;
        if is_verbatim && is_short && !to.c.is_ascii() {
            let more: String = (from.c..=to.c).filter(|c| !c.is_ascii()).map(fold_character).collect();
            self.insert(end, &escape(&more));
        }
        Ok(())
    }
}

fn fold_character(c: char) -> String {
    if c.is_whitespace() { " ".to_owned() } else { fold(c.encode_utf8(&mut [0; 4])) }
}

/// As it stands for itself anywhere in a pattern, also where spaces do not count.
fn escape(text: &str) -> String {
    regex_syntax::escape(text).replace(' ', r"\x20")
}

/// The shortest list of texts found of which each fitting title contains one: of all parts that must
/// be there, the one whose texts are longest.
fn needed(hir: &Hir) -> Option<Vec<String>> {
    let within = match hir.kind() {
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needed(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(needed).max_by_key(|texts| usefulness(texts)),
        HirKind::Alternation(parts) => {
            parts.iter().map(needed).collect::<Option<Vec<_>>>().map(|lists| lists.into_iter().flatten().collect())
        }
        _ => None,
    };
    let ends = [ExtractKind::Prefix, ExtractKind::Suffix].into_iter().filter_map(|kind| literals(hir, kind));
    ends.chain(within).max_by_key(|texts| usefulness(texts))
}

/// The texts with which everything that fits begins or ends.
fn literals(hir: &Hir, kind: ExtractKind) -> Option<Vec<String>> {
    let sequence = Extractor::new().kind(kind).limit_total(NEEDED_LIMIT).extract(hir);
    let texts = sequence.literals()?.iter().map(|literal| String::from_utf8(literal.as_bytes().to_vec()).ok());
    let mut texts: Vec<String> = texts.collect::<Option<_>>()?;
    texts.sort_unstable();
    texts.dedup();
    let are_useful = !texts.is_empty() && texts.iter().all(|text| text.len() >= 2);
    are_useful.then_some(texts)
}

/// Longer texts before fewer.
fn usefulness(texts: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (texts.iter().map(String::len).min().unwrap_or_default().min(8), std::cmp::Reverse(texts.len()))
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use crate::classify::fold;
    use proptest::prelude::any;
    use proptest::prop_assert;
    use proptest::proptest;

    fn fits(pattern: &str, title: &str) -> bool {
        Pattern::read(pattern).unwrap().find(&fold(title)).next().is_some()
    }

    fn needed(pattern: &str) -> Option<Vec<String>> {
        Pattern::read(pattern).unwrap().needed().map(<[String]>::to_vec)
    }

    #[test]
    fn patterns_fit_whatever_case_width_and_accents() {
        assert!(fits("GR(Ä|ae)FE?N", "Gräfin Straße, graefn"));
        assert!(fits("straße", "STRASSE"));
        assert!(fits("ß+x", "ssssx"));
        assert!(fits("（茶）", "绿(茶)"));
        assert!(fits("[A-F]{3}x", "abcX"));
        assert!(fits("[É]t", "été"));
        assert!(fits("^[^é]$", "x") && !fits("^[^é]$", "é") && !fits("^[^É]$", "e"));
        assert!(fits("電腦", "电脑") && fits("电脑", "電腦"));
    }

    #[test]
    fn escapes_stay_as_they_are() {
        assert!(fits(r"\Wtea", "green tea") && !fits(r"\wtea", "green tea"));
        assert!(fits(r"\p{Han}\pL", "茶叶") && fits(r"^\x{8336}", "茶"));
        assert!(fits(r"(?P<Name>te)A", "tea") && fits("(?U)a+B", "ab"));
    }

    #[test]
    fn every_pattern_says_what_a_title_must_contain() {
        assert_eq!(needed("gr(ä|ae)fe?n").unwrap(), ["graefen", "graefn", "grafen", "grafn"]);
        assert_eq!(needed(r"\d+ ?gb").unwrap(), ["gb"]);
        assert_eq!(needed(r"\d+x(green tea)+\d").unwrap(), ["green tea"]);
        assert_eq!(needed(r"\w+"), None);
    }

    proptest! {
        #[test]
        fn no_pattern_is_too_strange(pattern in any::<String>(), title in any::<String>()) {
            if let Ok(pattern) = Pattern::read(&pattern) {
                let _ = pattern.find(&fold(&title)).count();
            }
        }

        #[test]
        fn what_is_needed_is_there(pattern in "([a-cÄß茶]|[.*+?]|\\[a-cé\\]|\\(x\\|yy\\)|\\{2\\}){1,12}", title in "[a-cÄßxyé茶]{0,20}") {
            if let Ok(pattern) = Pattern::read(&pattern) {
                let title = fold(&title);
                if pattern.find(&title).next().is_some() && let Some(needed) = pattern.needed() {
                    prop_assert!(needed.iter().any(|text| title.contains(text)));
                }
            }
        }
    }
}
