//! Criteria as text that is read back to the same.

use super::read_one;
use crate::domain::category::Criterion;
use crate::domain::money::Bound;
use crate::domain::money::PriceRange;
use rust_decimal::Decimal;

/// The criteria as a person would type them, with commas between. [`super::read`] reads it back to
/// the same, as long as they came from there.
#[must_use]
pub fn show(criteria: &[Criterion]) -> String {
    criteria.iter().map(show_one).collect::<Vec<_>>().join(", ")
}

fn show_one(criterion: &Criterion) -> String {
    match criterion {
        Criterion::Word(word) if is_plain(word, word, criterion) => word.clone(),
        Criterion::Word(word) => quoted(word),
        Criterion::NotWord(word) if is_plain(word, &format!("-{word}"), criterion) => format!("-{word}"),
        Criterion::NotWord(word) => format!("-{}", quoted(word)),
        Criterion::Pattern(pattern) => slashed(pattern),
        Criterion::NotPattern(pattern) => format!("-{}", slashed(pattern)),
        Criterion::Path(path) => format!("path:{}", quoted(path)),
        Criterion::Price(range) => format!("price {}", show_range(range)),
    }
}

/// Whether a word needs no quotation marks.
fn is_plain(word: &str, typed: &str, criterion: &Criterion) -> bool {
    !word.ends_with('\\') && read_one(&format!("{typed}, ")).is_ok_and(|(read, behind)| read == *criterion && behind == ", ")
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        if matches!(c, '"' | '＂' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// A pattern between slashes, those in it escaped; what is escaped already stays as it is.
fn slashed(pattern: &str) -> String {
    let mut slashed = String::from('/');
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            '/' => slashed.push_str("\\/"),
            '\\' => {
                slashed.push(c);
                slashed.extend(characters.next());
            }
            _ => slashed.push(c),
        }
    }
    slashed.push('/');
    slashed
}

fn show_range(range: &PriceRange) -> String {
    let code = range.currency.0.code();
    let one = |sign: char, bound: &Bound| format!("{sign}{} {}", if bound.inclusive { "=" } else { "" }, amount(bound.amount));
    match (&range.from, &range.to) {
        (Some(from), Some(to)) if from.inclusive && to.inclusive => format!("{}-{} {code}", amount(from.amount), amount(to.amount)),
        (Some(from), Some(to)) => format!("{} {} {code}", one('>', from), one('<', to)),
        (Some(from), None) => format!("{} {code}", one('>', from)),
        (None, Some(to)) => format!("{} {code}", one('<', to)),
        (None, None) => code.to_owned(),
    }
}

/// An amount with a point; never three digits behind it, which would be read as thousands.
fn amount(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() == 3 {
        amount.rescale(4);
    }
    amount.to_string()
}
