//! Amounts as people and shops write them, with points and commas that mean one thing here and
//! another there.

use iso_currency::Currency;
use rust_decimal::Decimal;

/// What stands between thousands, or before cents.
pub(super) const SEPARATORS: [char; 7] = ['.', ',', '\'', '’', ' ', '\u{A0}', '\u{202F}'];

/// Where an amount is written: a field follows its specification, a title follows nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::platforms) enum Source {
    Field,
    Title,
}

/// The amount that `text`, digits and separators, means beyond doubt: `1.299,00`, `1,299.99`,
/// `1'299`, `289,00`, but not `1.299`, which is another amount in Berlin than in London.
pub(in crate::platforms) fn amount(text: &str, currency: Currency, source: Source) -> Option<Decimal> {
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    let separators: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let last = parts.last()?;
    let has_cents = match separators.as_slice() {
        [] => false,
        [.., separator] => is_decimal(*separator, &separators, last.len(), currency, source)?,
    };
    let whole = &parts[..parts.len() - usize::from(has_cents)];
    let thousands = &separators[..separators.len() - usize::from(has_cents)];
    let is_even = thousands.iter().all(|separator| {
        SEPARATORS.contains(separator) && *separator == thousands[0] && (!has_cents || Some(separator) != separators.last())
    });
    let (first, grouped) = whole.split_first()?;
    let is_grouped = grouped.is_empty() || (first.len() <= 3 && grouped.iter().all(|group| group.len() == 3));
    let digits = whole.concat();
    if !is_even || !is_grouped || first.is_empty() || digits.len() > 12 {
        return None;
    }
    let cents = if has_cents { format!(".{last}") } else { String::new() };
    Decimal::from_str_exact(&format!("{digits}{cents}")).ok()
}

/// Whether the last separator of a number stands before cents; none where that is in doubt.
fn is_decimal(separator: char, separators: &[char], behind: usize, currency: Currency, source: Source) -> Option<bool> {
    let cents = usize::from(currency.exponent().unwrap_or(2));
    let is_point = separator == '.' || separator == ',';
    let differs = separators[..separators.len() - 1].iter().all(|other| *other != separator) && separators.len() > 1;
    match behind {
        2 if is_point => Some(true),
        3 if !is_point || cents == 0 || (separators.len() > 1 && !differs) => Some(false),
        1..=4 if source == Source::Field && separator == '.' && behind <= cents => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Source;
    use super::amount;
    use iso_currency::Currency;

    fn read(text: &str, currency: Currency, source: Source) -> String {
        amount(text, currency, source).map_or_else(String::new, |amount| amount.to_string())
    }

    #[test]
    fn amounts_that_mean_one_thing_are_read() {
        for (text, read_as) in [
            ("289", "289"),
            ("289.00", "289.00"),
            ("289,00", "289.00"),
            ("1.299,00", "1299.00"),
            ("1,299.99", "1299.99"),
            ("1'299", "1299"),
            ("1,299,000", "1299000"),
            ("12.345.678,90", "12345678.90"),
            ("1299.00", "1299.00"),
        ] {
            assert_eq!(read(text, Currency::EUR, Source::Title), read_as, "{text}");
        }
    }

    #[test]
    fn amounts_that_may_mean_two_things_are_not() {
        for text in [
            "",
            ".",
            "1.299",
            "1,299",
            "2.5",
            "1.2.3",
            "12,34,567",
            "1,299,00",
            "1299,000.00",
            "1.299'00",
            ",50",
            "1234567890123",
            "12x345",
        ] {
            assert_eq!(read(text, Currency::EUR, Source::Title), "", "{text}");
        }
    }

    #[test]
    fn currencies_without_cents_have_thousands_and_fields_have_points() {
        assert_eq!(read("4,999", Currency::JPY, Source::Title), "4999");
        assert_eq!(read("2.5", Currency::EUR, Source::Field), "2.5");
        assert_eq!(read("1.299", Currency::KWD, Source::Field), "1.299");
        assert_eq!(read("1.299", Currency::EUR, Source::Field), "");
    }
}
