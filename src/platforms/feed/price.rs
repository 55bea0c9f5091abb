//! Prices in Google Merchant's fields and in titles. Where a reader could take an amount or its
//! currency for another, there is no price: none is better than a wrong one.

use crate::domain::money::Price;
use crate::domain::text::TITLE_CHARACTERS;
use crate::platforms::feed::amount::SEPARATORS;
use crate::platforms::feed::amount::Source;
use crate::platforms::feed::amount::amount;
use iso_currency::Currency;
use rust_decimal::Decimal;

/// How currencies are written in titles, longer ones before their endings. A bare `$` or `kr` is
/// several currencies, and of the ISO codes only those are here that are hardly anything else in
/// capitals (`ALL`, `TOP`, `CUP`, `CAD`).
const MARKS: &[(&str, Mark)] = &[
    ("US$", Mark::Is(Currency::USD)),
    ("AU$", Mark::Is(Currency::AUD)),
    ("CA$", Mark::Is(Currency::CAD)),
    ("NZ$", Mark::Is(Currency::NZD)),
    ("HK$", Mark::Is(Currency::HKD)),
    ("NT$", Mark::Is(Currency::TWD)),
    ("SG$", Mark::Is(Currency::SGD)),
    ("R$", Mark::Is(Currency::BRL)),
    ("$", Mark::Unclear),
    ("EUR", Mark::Is(Currency::EUR)),
    ("USD", Mark::Is(Currency::USD)),
    ("GBP", Mark::Is(Currency::GBP)),
    ("JPY", Mark::Is(Currency::JPY)),
    ("CNY", Mark::Is(Currency::CNY)),
    ("RMB", Mark::Is(Currency::CNY)),
    ("CHF", Mark::Is(Currency::CHF)),
    ("SEK", Mark::Is(Currency::SEK)),
    ("NOK", Mark::Is(Currency::NOK)),
    ("DKK", Mark::Is(Currency::DKK)),
    ("PLN", Mark::Is(Currency::PLN)),
    ("CZK", Mark::Is(Currency::CZK)),
    ("HUF", Mark::Is(Currency::HUF)),
    ("AUD", Mark::Is(Currency::AUD)),
    ("NZD", Mark::Is(Currency::NZD)),
    ("HKD", Mark::Is(Currency::HKD)),
    ("TWD", Mark::Is(Currency::TWD)),
    ("SGD", Mark::Is(Currency::SGD)),
    ("KRW", Mark::Is(Currency::KRW)),
    ("INR", Mark::Is(Currency::INR)),
    ("BRL", Mark::Is(Currency::BRL)),
    ("ZAR", Mark::Is(Currency::ZAR)),
    ("THB", Mark::Is(Currency::THB)),
    ("UAH", Mark::Is(Currency::UAH)),
    ("zł", Mark::Is(Currency::PLN)),
    ("Kč", Mark::Is(Currency::CZK)),
    ("kr", Mark::Unclear),
    ("€", Mark::Is(Currency::EUR)),
    ("£", Mark::Is(Currency::GBP)),
    ("₩", Mark::Is(Currency::KRW)),
    ("₹", Mark::Is(Currency::INR)),
    ("₽", Mark::Is(Currency::RUB)),
    ("₺", Mark::Is(Currency::TRY)),
    ("₴", Mark::Is(Currency::UAH)),
    ("₪", Mark::Is(Currency::ILS)),
    ("₫", Mark::Is(Currency::VND)),
    ("฿", Mark::Is(Currency::THB)),
    ("円", Mark::Is(Currency::JPY)),
    ("¥", Mark::YenOrYuan),
    ("元", Mark::Yuan),
];

/// Words that make an amount something else than the price of the item.
const OTHER_AMOUNTS: &[&str] = &[
    "off",
    "discount",
    "save",
    "voucher",
    "coupon",
    "gift",
    "cashback",
    "deposit",
    "shipping",
    "from",
    "under",
    "over",
    "up",
    "starting",
    "per",
    "ab",
    "bis",
    "unter",
    "über",
    "pro",
    "rabatt",
    "gutschein",
    "versand",
    "sparen",
];

/// The same in scripts without spaces.
const OTHER_AMOUNTS_INSIDE: &[&str] = &["减", "優惠", "优惠", "券", "满", "滿", "クーポン", "割引", "送料", "运费", "定金"];

/// EUR and a number up to this may be a shoe size.
const LARGEST_SHOE: i64 = 60;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Is(Currency),
    YenOrYuan,
    Yuan,
    Unclear,
}

/// The price from `g:price` and `g:sale_price`.
pub(in crate::platforms) fn merchant(price: &str, sale: &str) -> Option<Price> {
    let Some((usual, currency)) = stated(price) else {
        return stated(sale).map(|(amount, currency)| Price::new(amount, currency));
    };
    match stated(sale) {
        Some((amount, sale_currency)) if sale_currency == currency && amount < usual => {
            Some(Price { old: Some(usual), ..Price::new(amount, currency) })
        }
        _ => Some(Price::new(usual, currency)),
    }
}

/// An amount and an ISO 4217 code, `4999 JPY` or `EUR 15.00` (Google product data specification, price).
fn stated(text: &str) -> Option<(Decimal, Currency)> {
    let text = text.trim();
    let is_code = |part: &str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let behind = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at));
    let (number, code) = behind
        .filter(|(_, code)| is_code(code))
        .or_else(|| text.split_at_checked(3).map(|(code, number)| (number, code)))
        .filter(|(_, code)| is_code(code))?;
    let currency = Currency::from_code(&code.to_ascii_uppercase())?;
    Some((amount(number.trim(), currency, Source::Field)?, currency))
}

/// The price in `title`, if exactly one amount with exactly one currency is in it. `language` is
/// the feed's (RFC 5646); it tells yen from yuan.
pub(in crate::platforms) fn in_title(title: &str, language: &str) -> Option<Price> {
    let text: Vec<char> = title.chars().take(TITLE_CHARACTERS).map(narrow).collect();
    let words = text.iter().collect::<String>().to_lowercase();
    let has_word = words.split(|c: char| !c.is_alphanumeric()).any(|word| OTHER_AMOUNTS.contains(&word));
    if has_word || OTHER_AMOUNTS_INSIDE.iter().any(|part| words.contains(part)) {
        return None;
    }
    let (mark, begin, end) = next_mark(&text, 0)?;
    if next_mark(&text, end).is_some() {
        return None;
    }
    let currency = currency(mark, &text, language)?;
    let number = match (number_before(&text, begin, end), number_behind(&text, begin, end)) {
        (Some(number), None) | (None, Some(number)) => number,
        (Some(before), Some(behind)) if before.touches && !behind.touches => before,
        (Some(before), Some(behind)) if behind.touches && !before.touches => behind,
        _ => return None,
    };
    let amount = amount(&number.digits, currency, Source::Title).filter(|amount| number.is_clear && !amount.is_zero())?;
    let may_be_a_size = text[begin] == 'E' && !number.digits.contains(['.', ',']) && amount <= LARGEST_SHOE.into();
    (!may_be_a_size).then(|| Price::new(amount, currency))
}

/// Full-width digits and signs, as ordinary ones.
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        '￥' => '¥',
        '￡' => '£',
        '￦' => '₩',
        c => c,
    }
}

/// The first mark in `text` from `at` on: what, from where, to where.
fn next_mark(text: &[char], at: usize) -> Option<(Mark, usize, usize)> {
    (at..text.len()).find_map(|at| {
        let (written, mark) = MARKS.iter().find(|(written, _)| stands_at(text, at, written))?;
        Some((*mark, at, at + written.chars().count()))
    })
}

/// Whether `written` stands there; in letters, apart from other letters.
fn stands_at(text: &[char], at: usize, written: &str) -> bool {
    let length = written.chars().count();
    let is_latin = |c: &char| c.is_alphabetic() && *c < '\u{2E80}';
    let stands = written.chars().eq(text[at..].iter().copied().take(length));
    let opens = !written.starts_with(|c| is_latin(&c)) || at == 0 || !is_latin(&text[at - 1]);
    let closes = !written.ends_with(|c| is_latin(&c)) || !text.get(at + length).is_some_and(is_latin);
    stands && opens && closes
}

fn currency(mark: Mark, text: &[char], language: &str) -> Option<Currency> {
    let language = language.to_ascii_lowercase();
    let has_kana = text.iter().any(|c| matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}'));
    let japanese = has_kana || language.starts_with("ja");
    let mainland = !japanese && matches!(language.as_str(), "zh" | "zh-cn" | "zh-hans" | "zh-hans-cn");
    match mark {
        Mark::Is(currency) => Some(currency),
        Mark::YenOrYuan if japanese => Some(Currency::JPY),
        Mark::YenOrYuan | Mark::Yuan if mainland => Some(Currency::CNY),
        Mark::YenOrYuan | Mark::Yuan | Mark::Unclear => None,
    }
}

/// A number beside a mark.
struct Number {
    digits: String,
    /// Whether nothing is between it and the mark.
    touches: bool,
    /// Whether what is around the two leaves no doubt about where the number begins and ends.
    is_clear: bool,
}

fn number_before(text: &[char], mark_begin: usize, mark_end: usize) -> Option<Number> {
    let end = text[..mark_begin].iter().rposition(|c| !c.is_whitespace())? + 1;
    let digits_end = if ends_in_dash(&text[..end]) { end - 2 } else { end };
    let mut begin = text[..digits_end].iter().rposition(|c| !is_of_number(*c)).map_or(0, |at| at + 1);
    begin += text[begin..digits_end].iter().position(char::is_ascii_digit)?;
    let outside = &text[..begin];
    Some(Number {
        digits: text[begin..digits_end].iter().collect(),
        touches: end == mark_begin,
        is_clear: opens(outside) && !runs_on(outside.iter().rev()) && closes(&text[mark_end..]),
    })
}

fn number_behind(text: &[char], mark_begin: usize, mark_end: usize) -> Option<Number> {
    let begin = mark_end + text[mark_end..].iter().position(|c| !c.is_whitespace())?;
    let length = text[begin..].iter().position(|c| !is_of_number(*c)).unwrap_or(text.len() - begin);
    let end = begin + text[begin..begin + length].iter().rposition(char::is_ascii_digit)? + 1;
    let outside_begin = if ends_in_dash(&text[..text.len().min(end + 2)]) { end + 2 } else { end };
    let outside = &text[outside_begin..];
    Some(Number {
        digits: text[begin..end].iter().collect(),
        touches: begin == mark_end,
        is_clear: opens(&text[..mark_begin]) && !runs_on(outside.iter()) && closes(outside),
    })
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || (SEPARATORS.contains(&c) && c != ' ')
}

/// `289,-` and `289.–`: no cents.
fn ends_in_dash(text: &[char]) -> bool {
    matches!(text, [.., digit, ',' | '.', '-' | '–'] if digit.is_ascii_digit())
}

/// Whether an amount may begin behind `outside`: not in `XL2 €` or `-5 €`.
fn opens(outside: &[char]) -> bool {
    outside.last().is_none_or(|c| c.is_whitespace() || *c >= '\u{2E80}' || "([|:;,!·•=\"'".contains(*c))
}

/// Whether an amount may end before `outside`: not in `5 €/kg`, `5€off` or `99元起`.
fn closes(outside: &[char]) -> bool {
    outside.first().is_none_or(|c| c.is_whitespace() || ")]|:;,.!?·•\"'）】」、。，！".contains(*c))
}

/// Whether what lies outside, read away from the number, is another number (`15 999 €` is one or
/// two), or one behind a dash (`10 – 15 €` is a range).
fn runs_on<'a>(outside: impl Iterator<Item = &'a char>) -> bool {
    let mut rest = outside.filter(|c| !c.is_whitespace());
    match rest.next() {
        Some('-' | '–' | '—' | '~') => rest.next().is_some_and(char::is_ascii_digit),
        Some(c) => c.is_ascii_digit(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::in_title;
    use super::merchant;
    use crate::domain::money::Price;

    fn shown(price: Option<Price>) -> String {
        price.map_or_else(String::new, |price| {
            let old = price.old.map_or_else(String::new, |old| format!(" was {old}"));
            format!("{} {}{old}", price.currency.code(), price.amount)
        })
    }

    #[test]
    fn titles_with_one_clear_price_have_it() {
        for (title, price) in [
            ("Teapot EUR 289.00", "EUR 289.00"),
            ("Teapot 289,00 EUR", "EUR 289.00"),
            ("Teapot, €289", "EUR 289"),
            ("Teapot (€ 289)", "EUR 289"),
            ("Teapot 289,00 €", "EUR 289.00"),
            ("Teapot 289,00\u{A0}€!", "EUR 289.00"),
            ("289€ Teapot", "EUR 289"),
            ("[289 €] Teapot", "EUR 289"),
            ("Teapot 289,- €", "EUR 289"),
            ("Teapot €289.–", "EUR 289"),
            ("Teapot €289,- new", "EUR 289"),
            ("Cabinet 1.299,00 €", "EUR 1299.00"),
            ("Cabinet €1,299.99", "EUR 1299.99"),
            ("Cabinet 1\u{202F}299,00 €", "EUR 1299.00"),
            ("House €1,299,000", "EUR 1299000"),
            ("Uhr CHF 1'299.00", "CHF 1299.00"),
            ("Uhr CHF 1’299", "CHF 1299"),
            ("Phone US$1,299.99", "USD 1299.99"),
            ("iPhone 15 €799.00", "EUR 799.00"),
            ("iPhone 15 - US$799", "USD 799"),
            ("Mug £12.50", "GBP 12.50"),
            ("Kubek 49,99 zł", "PLN 49.99"),
            ("ティーポット ¥4,999", "JPY 4999"),
            ("ティーポット ４，９９９円", "JPY 4999"),
            ("急須4999円", "JPY 4999"),
            ("陶瓷茶壶 RMB 128", "CNY 128"),
        ] {
            assert_eq!(shown(in_title(title, "")), price, "{title}");
        }
    }

    #[test]
    fn titles_that_leave_a_doubt_have_none() {
        for title in [
            "Teapot",
            "Teapot 289",
            "Teapot $289",
            "Teapot A$289",
            "Teapot 289 kr",
            "Cabinet 1.299 €",
            "Cabinet €1,299",
            "Cabinet 15 999 €",
            "Model 5 299,00 €",
            "Lamp €2,5",
            "Teapots €10 and €20",
            "Teapot €10-20",
            "Teapot 10–20 €",
            "Teapot 10 - 20 €",
            "Teapot €10 – 20",
            "Tea 5 €/kg",
            "Tea 5€off",
            "€10 off teapots",
            "Gutschein 50 €",
            "Ab 10 €",
            "Boots EUR 42",
            "EUR 142 EUR boots",
            "急須 ¥4,999",
            "Set of 2 EUR 30.00",
            "XL2 €",
            "Save -5 €",
            "Teapot €0",
            "茶壶 ¥128",
            "茶壶 128元",
            "茶壶 128 元",
            "满100减20元",
            "100円引き",
            "CUP 250 ml",
            "TOP 10",
            "Drill 2.0 €",
            "€",
            "1€2",
            "€ € 5",
            "Teapot €1.2.3",
            "Teapot €12,34,567",
            "€99999999999999999999",
            "Euro 2024",
            "CAD 2024",
        ] {
            assert_eq!(shown(in_title(title, "")), "", "{title}");
        }
    }

    #[test]
    fn the_feeds_language_tells_yen_from_yuan() {
        assert_eq!(shown(in_title("茶壶 ¥128", "zh-cn")), "CNY 128");
        assert_eq!(shown(in_title("茶壶 ￥128.50", "zh-Hans")), "CNY 128.50");
        assert_eq!(shown(in_title("特价128元", "zh")), "CNY 128");
        assert_eq!(shown(in_title("茶壶 128元起", "zh")), "");
        assert_eq!(shown(in_title("急須 ¥1,280", "ja")), "JPY 1280");
        assert_eq!(shown(in_title("茶壺 128元", "zh-tw")), "");
        assert_eq!(shown(in_title("ティーポット ¥128", "zh-cn")), "JPY 128");
    }

    #[test]
    fn fields_say_amount_and_currency() {
        for (price, sale, expected) in [
            ("4999 JPY", "", "JPY 4999"),
            ("15.00 USD", "", "USD 15.00"),
            (" 15.5USD ", "", "USD 15.5"),
            ("EUR 15,00", "", "EUR 15.00"),
            ("1,299.00 usd", "", "USD 1299.00"),
            ("1.299 KWD", "", "KWD 1.299"),
            ("1.299 EUR", "", ""),
            ("4999.00 JPY", "", "JPY 4999.00"),
            ("0 USD", "", "USD 0"),
            ("15.00 USD", "12.00 USD", "USD 12.00 was 15.00"),
            ("15.00 USD", "19.00 USD", "USD 15.00"),
            ("15.00 USD", "12.00 EUR", "USD 15.00"),
            ("15.00 USD", "soon", "USD 15.00"),
            ("", "12.00 USD", "USD 12.00"),
            ("15.00", "", ""),
            ("15.00 QQQ", "", ""),
            ("-5 USD", "", ""),
            ("€15", "", ""),
            ("JPY", "", ""),
            ("1e9 USD", "", ""),
        ] {
            assert_eq!(shown(merchant(price, sale)), expected, "{price} {sale}");
        }
    }
}
