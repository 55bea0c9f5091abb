//! A range of prices as a person types it. Comparing is `domain::money`'s.

use crate::classify::fold;
use crate::domain::money::Bound;
use crate::domain::money::CurrencyCode;
use crate::domain::money::Price;
use crate::domain::money::PriceRange;
use iso_currency::Currency;
use rust_decimal::Decimal;

/// What stands for each currency besides its ISO 4217 code, folded; longer ones before those they begin with.
const CURRENCIES: [(&str, Currency); 24] = [
    ("us$", Currency::USD),
    ("hk$", Currency::HKD),
    ("nt$", Currency::TWD),
    ("€", Currency::EUR),
    ("$", Currency::USD),
    ("£", Currency::GBP),
    ("¥", Currency::CNY),
    ("元", Currency::CNY),
    ("块钱", Currency::CNY),
    ("块", Currency::CNY),
    ("人民币", Currency::CNY),
    ("rmb", Currency::CNY),
    ("yuan", Currency::CNY),
    ("euros", Currency::EUR),
    ("euro", Currency::EUR),
    ("dollars", Currency::USD),
    ("dollar", Currency::USD),
    ("pounds", Currency::GBP),
    ("欧元", Currency::EUR),
    ("美元", Currency::USD),
    ("英镑", Currency::GBP),
    ("港元", Currency::HKD),
    ("日元", Currency::JPY),
    ("yen", Currency::JPY),
];

/// Comparisons, folded, each with the bound it stands for; longer ones first.
const COMPARISONS: [(&str, Side, bool); 36] = [
    ("<=", Side::To, true),
    ("=<", Side::To, true),
    (">=", Side::From, true),
    ("=>", Side::From, true),
    ("≤", Side::To, true),
    ("≦", Side::To, true),
    ("≥", Side::From, true),
    ("≧", Side::From, true),
    ("<", Side::To, false),
    (">", Side::From, false),
    ("up to", Side::To, true),
    ("at most", Side::To, true),
    ("at least", Side::From, true),
    ("less than", Side::To, false),
    ("more than", Side::From, false),
    ("under", Side::To, false),
    ("below", Side::To, false),
    ("over", Side::From, false),
    ("above", Side::From, false),
    ("from", Side::From, true),
    ("max", Side::To, true),
    ("min", Side::From, true),
    ("不超过", Side::To, true),
    ("不高于", Side::To, true),
    ("不低于", Side::From, true),
    ("不少于", Side::From, true),
    ("最多", Side::To, true),
    ("最高", Side::To, true),
    ("最少", Side::From, true),
    ("最低", Side::From, true),
    ("低于", Side::To, false),
    ("小于", Side::To, false),
    ("少于", Side::To, false),
    ("高于", Side::From, false),
    ("大于", Side::From, false),
    ("超过", Side::From, false),
];

/// Between the ends of a range, folded.
const DASHES: [&str; 10] = ["-", "–", "—", "~", "〜", "...", "..", "至", "到", "to"];

/// One price is less than a million millions.
const LARGEST: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    From,
    To,
}

/// What a range is made of.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Compare(Side, bool),
    /// Behind an amount: `100元以下`.
    Within(Side),
    Dash,
    Amount(Decimal),
    Currency(Currency),
}

/// Reads `< 100 EUR`, `>= 10 EUR`, `10-500 EUR`, `€10 - €500`, `> 10 < 500 EUR`, `100元以下`. A currency
/// must be named. None where it cannot be read, or nothing could lie in it.
#[must_use]
pub fn read_price_range(text: &str) -> Option<PriceRange> {
    let mut parts = read_parts(text)?;
    let currency = one_currency(&parts)?;
    parts.retain(|part| !matches!(part, Part::Currency(_)));
    let (from, to) = bounds(&parts)?;
    let is_empty = match (&from, &to) {
        (Some(from), Some(to)) => from.amount > to.amount || (from.amount == to.amount && !(from.inclusive && to.inclusive)),
        _ => false,
    };
    (!is_empty).then_some(PriceRange { from, to, currency: CurrencyCode(currency) })
}

/// Reads one price: `25 EUR`, `EUR 25`, `25,50 €`, `¥199`, `199元`. A currency must be named, and there are
/// no more decimals than it has.
#[must_use]
pub fn read_one_price(text: &str) -> Option<Price> {
    let ([Part::Amount(amount), Part::Currency(currency)] | [Part::Currency(currency), Part::Amount(amount)]) = *read_parts(text)? else {
        return None;
    };
    let decimals = u32::from(currency.exponent().unwrap_or(2));
    (amount.scale() <= decimals && amount < LARGEST).then(|| Price::new(amount, currency))
}

fn read_parts(text: &str) -> Option<Vec<Part>> {
    let folded = fold(text);
    let mut rest = folded.trim_start();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, behind) = read_part(rest)?;
        parts.push(part);
        rest = behind.trim_start();
    }
    Some(parts)
}

/// Whether what stands behind the word `price` is meant as a range, even if it cannot be read.
pub(super) fn is_meant(text: &str) -> bool {
    let folded = fold(text);
    let is_sign = |c: char| c.is_ascii_digit() || "<>=≤≥€$£¥".contains(c);
    folded.starts_with(is_sign) || matches!(read_part(&folded), Some((Part::Compare(..), behind)) if behind.contains(is_sign))
}

fn one_currency(parts: &[Part]) -> Option<Currency> {
    let mut currencies = parts.iter().filter_map(|part| if let Part::Currency(currency) = part { Some(*currency) } else { None });
    let first = currencies.next()?;
    currencies.all(|other| other == first).then_some(first)
}

fn bounds(parts: &[Part]) -> Option<(Option<Bound>, Option<Bound>)> {
    let bound = |amount, inclusive| Some(Bound { amount, inclusive });
    match *parts {
        [Part::Compare(Side::From, inclusive), Part::Amount(amount)] => Some((bound(amount, inclusive), None)),
        [Part::Compare(Side::To, inclusive), Part::Amount(amount)] => Some((None, bound(amount, inclusive))),
        [Part::Amount(amount), Part::Within(Side::From)] => Some((bound(amount, true), None)),
        [Part::Amount(amount), Part::Within(Side::To)] => Some((None, bound(amount, true))),
        [Part::Amount(from), Part::Dash, Part::Amount(to)] => Some((bound(from, true), bound(to, true))),
        [Part::Compare(one, first), Part::Amount(a), Part::Compare(other, second), Part::Amount(b)] if one != other => {
            let (from, to) = if one == Side::From { ((a, first), (b, second)) } else { ((b, second), (a, first)) };
            Some((bound(from.0, from.1), bound(to.0, to.1)))
        }
        _ => None,
    }
}

fn read_part(text: &str) -> Option<(Part, &str)> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return read_amount(text).map(|(amount, behind)| (Part::Amount(amount), behind));
    }
    let strip = |word: &str| text.strip_prefix(word).filter(|behind| ends_word(word, behind));
    if let Some(found) = COMPARISONS.iter().find_map(|(word, side, inclusive)| Some((Part::Compare(*side, *inclusive), strip(word)?))) {
        return Some(found);
    }
    if let Some(behind) = strip("以下").or_else(|| strip("以内")) {
        return Some((Part::Within(Side::To), behind));
    }
    if let Some(behind) = strip("以上") {
        return Some((Part::Within(Side::From), behind));
    }
    if let Some(behind) = DASHES.iter().find_map(|dash| strip(dash)) {
        return Some((Part::Dash, behind));
    }
    if let Some((currency, behind)) = CURRENCIES.iter().find_map(|(sign, currency)| Some((*currency, strip(sign)?))) {
        return Some((Part::Currency(currency), behind));
    }
    let code = text.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_alphabetic()))?;
    let behind = strip(code)?;
    Currency::from_code(&code.to_ascii_uppercase()).map(|currency| (Part::Currency(currency), behind))
}

/// Whether a word of Latin letters does not go on in `behind`.
fn ends_word(word: &str, behind: &str) -> bool {
    !(word.ends_with(|c: char| c.is_ascii_alphabetic()) && behind.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// An amount. Of points and commas the last is the decimal one, unless it stands before exactly
/// three digits; spaces and apostrophes may stand before groups of three.
fn read_amount(text: &str) -> Option<(Decimal, &str)> {
    let digits_at = |at: usize| text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits_at(0);
    let mut groups = vec![(None, &text[..end])];
    while let Some(sign) = text[end..].chars().next().filter(|sign| ",.' ".contains(*sign)) {
        let length = digits_at(end + 1);
        if length == 0 || (matches!(sign, ' ' | '\'') && length != 3) {
            break;
        }
        groups.push((Some(sign), &text[end + 1..end + 1 + length]));
        end += 1 + length;
    }
    let starts_with_zero = groups[0].1.starts_with('0');
    let is_thousands = |(_, group): &(Option<char>, &str)| group.len() == 3 && !starts_with_zero;
    let (last, before) = groups.split_last()?;
    let signs_before: Vec<_> = before.iter().filter_map(|(sign, _)| *sign).collect();
    // `1.234,567` has a decimal comma, since the point before it is another sign.
    let is_decimal = last.0.is_some_and(|sign| matches!(sign, ',' | '.'))
        && (!is_thousands(last) || signs_before.iter().any(|other| matches!(other, ',' | '.') && Some(*other) != last.0));
    let whole = if is_decimal { before } else { &groups[..] };
    if !whole.iter().skip(1).all(is_thousands) || (whole.len() > 1 && whole[0].1.len() > 3) {
        return None;
    }
    let mut number: String = whole.iter().map(|(_, group)| *group).collect();
    if is_decimal {
        number.push('.');
        number.push_str(last.1);
    }
    Some((number.parse::<Decimal>().ok()?.normalize(), &text[end..]))
}
