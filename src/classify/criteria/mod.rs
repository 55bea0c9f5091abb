//! Criteria as a person types them, into values and back. Whether a trade fulfils them is not decided here.
//!
//! Criteria stand between commas, semicolons or line breaks, of either width:
//!
//! - `noodles`, `green tea`: a word or phrase of the title; `"tea, green"` where it has a comma
//! - `/gr(ä|ae)fe?n/`: a regular expression on the title
//! - `-decaf`, `-"tea bag"`, `-/pattern/`: must not be in the title
//! - `price < 100 EUR`, `price 10-500 EUR`: a range of prices
//! - `path:"Food > Tea"`: a part of the platform's own category path

use crate::classify::fold;
use crate::classify::pattern;
use crate::domain::category::Criterion;
use crate::domain::notice::CriteriaProblem;
use crate::domain::notice::PatternFault;

mod price;
mod show;

pub use price::read_one_price;
pub use price::read_price_range;
pub use show::show;

/// How long the text of all criteria may be, in characters.
pub const CHARACTERS: usize = 1_000;
/// How many criteria a category may have.
pub const CRITERIA: usize = 100;
/// How long a regular expression may be, in characters.
pub const PATTERN_CHARACTERS: usize = 200;

/// What begins a criterion on prices, folded.
const PRICE: [&str; 4] = ["price", "价格", "价钱", "价"];
/// What begins a criterion on the platform's category, folded.
const PATH: [&str; 3] = ["path", "路径", "类目"];

/// Reads criteria. Each stands in the answer once, in the order in which they were typed.
pub fn read(text: &str) -> Result<Vec<Criterion>, CriteriaProblem> {
    if text.chars().count() > CHARACTERS {
        return Err(CriteriaProblem::TooLong { limit: as_limit(CHARACTERS) });
    }
    let mut criteria = Vec::new();
    let mut rest = skip_separators(text);
    while !rest.is_empty() {
        let (criterion, behind) = read_one(rest)?;
        if !criteria.contains(&criterion) {
            criteria.push(criterion);
        }
        rest = skip_separators(behind);
    }
    if criteria.len() > CRITERIA {
        return Err(CriteriaProblem::TooMany { limit: as_limit(CRITERIA) });
    }
    let only_excludes = criteria.iter().all(|one| matches!(one, Criterion::NotWord(_) | Criterion::NotPattern(_)));
    if only_excludes { Err(CriteriaProblem::NothingWanted) } else { Ok(criteria) }
}

/// The items of a list of words: what [`read`] would take for words and patterns, nothing else.
pub(super) fn read_words(text: &str) -> Result<Vec<Item>, CriteriaProblem> {
    let mut items = Vec::new();
    let mut rest = skip_separators(text);
    while !rest.is_empty() {
        let (item, behind) = read_item(rest)?;
        items.push(item);
        rest = skip_separators(behind);
    }
    Ok(items)
}

fn as_limit(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | '，' | '、' | ';' | '；' | '\n' | '\r' | '﹐' | '﹑' | '､')
}

fn skip_separators(text: &str) -> &str {
    text.trim_start_matches(|c: char| is_separator(c) || c.is_whitespace() || c.is_control())
}

/// One criterion at the beginning of `text`, and what follows it.
fn read_one(text: &str) -> Result<(Criterion, &str), CriteriaProblem> {
    let unwanted = text.strip_prefix(['-', '－', '−', '–', '﹣']);
    if let Some(rest) = unwanted.filter(|rest| rest.starts_with(|c: char| !c.is_whitespace() && !is_separator(c))) {
        let (item, behind) = read_item(rest)?;
        let criterion = match item {
            Item::Pattern(pattern) => Criterion::NotPattern(pattern),
            Item::Word(word) | Item::Quoted(word) => Criterion::NotWord(word),
        };
        return Ok((criterion, behind));
    }
    if let Some(rest) = behind_word(text, &PATH).and_then(|rest| rest.trim_start().strip_prefix([':', '：'])) {
        let (path, behind) = match read_quoted(rest.trim_start())? {
            Some(found) => found,
            None => until(rest, is_separator),
        };
        return Ok((Criterion::Path(checked_word(path)?), behind));
    }
    if let Some(rest) = behind_word(text, &PRICE)
        && let Some((range, behind)) = read_price(rest)?
    {
        return Ok((Criterion::Price(range), behind));
    }
    let (item, behind) = read_item(text)?;
    let criterion = match item {
        Item::Pattern(pattern) => Criterion::Pattern(pattern),
        Item::Word(word) | Item::Quoted(word) => Criterion::Word(word),
    };
    Ok((criterion, behind))
}

/// A word, a quoted word or a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Word(String),
    Quoted(String),
    Pattern(String),
}

fn read_item(text: &str) -> Result<(Item, &str), CriteriaProblem> {
    if let Some((pattern, behind)) = read_pattern(text)? {
        return Ok((Item::Pattern(pattern), behind));
    }
    if let Some((quoted, behind)) = read_quoted(text)? {
        return Ok((Item::Quoted(checked_word(quoted)?), behind));
    }
    let (word, behind) = until(text, is_separator);
    Ok((Item::Word(checked_word(word)?), behind))
}

/// The text up to a separator, and what follows.
fn until(text: &str, ends: impl Fn(char) -> bool) -> (String, &str) {
    let end = text.find(ends).unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// A word without needless white space, which has a letter or digit.
fn checked_word(word: String) -> Result<String, CriteriaProblem> {
    let words: Vec<&str> = word.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let clean = words.join(" ");
    if fold(&clean).chars().any(char::is_alphanumeric) { Ok(clean) } else { Err(CriteriaProblem::EmptyWord { typed: word }) }
}

/// By what a quotation that `opening` opens may be closed.
const fn closing(opening: char) -> Option<&'static [char]> {
    match opening {
        '"' | '＂' => Some(&['"', '＂']),
        '“' | '”' | '„' => Some(&['“', '”', '"']),
        '«' => Some(&['»']),
        '「' => Some(&['」']),
        '『' => Some(&['』']),
        _ => None,
    }
}

/// A quotation at the beginning of `text`, where there is one: a backslash before a closing mark or
/// a backslash takes its meaning away.
fn read_quoted(text: &str) -> Result<Option<(String, &str)>, CriteriaProblem> {
    let mut characters = text.char_indices();
    let Some(marks) = characters.next().and_then(|(_, opening)| closing(opening)) else {
        return Ok(None);
    };
    let mut quoted = String::new();
    while let Some((at, c)) = characters.next() {
        let next = characters.clone().next().map(|(_, next)| next);
        match next {
            _ if marks.contains(&c) => return Ok(Some((quoted, &text[at + c.len_utf8()..]))),
            Some(next) if c == '\\' && (next == '\\' || marks.contains(&next)) => {
                quoted.push(next);
                characters.next();
            }
            _ => quoted.push(c),
        }
    }
    Err(CriteriaProblem::NotClosed { typed: text.to_owned() })
}

/// A regular expression between slashes at the beginning of `text`, where there is one. An `i`
/// behind it, as other programs have it, changes nothing.
fn read_pattern(text: &str) -> Result<Option<(String, &str)>, CriteriaProblem> {
    let Some(inner) = text.strip_prefix('/') else {
        return Ok(None);
    };
    let mut pattern = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '/' => {
                let behind = &inner[at + 1..];
                let behind = behind.strip_prefix('i').unwrap_or(behind);
                if behind.starts_with(char::is_alphanumeric) {
                    break;
                }
                return checked_pattern(pattern).map(|pattern| Some((pattern, behind)));
            }
            '\\' => match characters.next() {
                Some((_, '/')) => pattern.push('/'),
                Some((_, escaped)) => pattern.extend(['\\', escaped]),
                None => break,
            },
            _ => pattern.push(c),
        }
    }
    Err(CriteriaProblem::NotClosed { typed: text.to_owned() })
}

fn checked_pattern(text: String) -> Result<String, CriteriaProblem> {
    if let Some((end, _)) = text.char_indices().nth(PATTERN_CHARACTERS) {
        let (before, after) = text.split_at(end);
        return Err(CriteriaProblem::Pattern { before: before.to_owned(), after: after.to_owned(), fault: PatternFault::TooLarge });
    }
    match pattern::Pattern::read(&text) {
        Ok(_) => Ok(text),
        Err(pattern::Wrong { at, fault }) => {
            let (before, after) = text.split_at(at);
            Err(CriteriaProblem::Pattern { before: before.to_owned(), after: after.to_owned(), fault })
        }
    }
}

/// What follows one of `words` at the beginning of `text`, where it is not the beginning of a longer word.
fn behind_word<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let word = fold(&text[..end]);
    words.contains(&word.as_str()).then(|| &text[end..])
}

/// The range behind `price`, where what stands there is meant as one: else it is a word's beginning.
fn read_price(text: &str) -> Result<Option<(crate::domain::money::PriceRange, &str)>, CriteriaProblem> {
    let after_colon = text.trim_start().trim_start_matches([':', '：']);
    let (typed, behind) = until_price_end(after_colon);
    match read_price_range(typed) {
        Some(range) => Ok(Some((range, behind))),
        None if price::is_meant(typed) => Err(CriteriaProblem::Price { typed: typed.trim().to_owned() }),
        None => Ok(None),
    }
}

/// Up to a separator that is not a comma within a number.
fn until_price_end(text: &str) -> (&str, &str) {
    let is_digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    let end = text.char_indices().find(|(at, c)| {
        let behind = text[at + c.len_utf8()..].chars().next();
        is_separator(*c) && !(matches!(c, ',' | '，') && is_digit(text[..*at].chars().next_back()) && is_digit(behind))
    });
    text.split_at(end.map_or(text.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests;
