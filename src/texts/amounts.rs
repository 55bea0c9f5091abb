//! Prices, dates, durations and sizes as people write them, by language.

use crate::domain::money::Price;
use crate::domain::sharer::Language;
use crate::texts::phrase::Argument;
use crate::texts::phrase::Phrase;
use crate::texts::words::say;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// A price or a range of prices, without the old price: `EUR 289.00`, `EUR 10.00–20.00`, `289.00 欧元`.
#[must_use]
pub fn price(language: Language, price: &Price) -> String {
    let decimals = u32::from(price.currency.exponent().unwrap_or(0));
    let mut amount = with_decimals(price.amount, decimals);
    if let Some(up_to) = price.up_to {
        amount = format!("{amount}–{}", with_decimals(up_to, decimals));
    }
    let phrase =
        Phrase::new("price").with("currency", Argument::Words(price.currency.code().to_owned())).with("amount", Argument::Words(amount));
    say(language, &phrase)
}

/// As many decimals as the currency has, more where the amount needs them: none is rounded away.
fn with_decimals(amount: Decimal, decimals: u32) -> String {
    let exact = amount.normalize();
    let decimals = decimals.max(exact.scale());
    format!("{exact:.*}", decimals as usize)
}

/// Date and time, in UTC and saying so.
#[must_use]
pub fn when(language: Language, at: Timestamp) -> String {
    let pattern = say(language, &Phrase::new("when-pattern"));
    strtime::format(&pattern, &at.to_zoned(TimeZone::UTC)).unwrap_or_else(|_| at.to_string())
}

/// A length of time in the largest unit that needs no fraction.
pub(super) fn duration(language: Language, seconds: u64) -> String {
    let (message, unit) = [("duration-days", 86_400), ("duration-hours", 3_600), ("duration-minutes", 60), ("duration-seconds", 1)]
        .into_iter()
        .find(|(_, unit)| seconds >= *unit && seconds.is_multiple_of(*unit))
        .unwrap_or(("duration-seconds", 1));
    say(language, &Phrase::new(message).with("count", Argument::Number(seconds / unit)))
}

/// A size in the largest unit that it reaches, rounded down.
pub(super) fn size(language: Language, bytes: u64) -> String {
    let binary = bytes.is_multiple_of(1_024);
    let kilo = if binary { 1_024 } else { 1_000 };
    let (message, unit) = [("size-megabytes", kilo * kilo), ("size-kilobytes", kilo)]
        .into_iter()
        .find(|(_, unit)| bytes >= *unit)
        .unwrap_or(("size-bytes", 1));
    say(language, &Phrase::new(message).with("count", Argument::Number(bytes / unit)))
}

#[cfg(test)]
mod tests {
    use super::duration;
    use super::price;
    use super::size;
    use super::when;
    use crate::domain::money::Price;
    use crate::domain::sharer::Language::English;
    use crate::domain::sharer::Language::SimplifiedChinese;
    use iso_currency::Currency;
    use rust_decimal::Decimal;

    fn cost(amount: &str, currency: Currency) -> Price {
        Price::new(amount.parse::<Decimal>().unwrap(), currency)
    }

    #[test]
    fn prices_have_the_decimals_of_their_currency_and_lose_no_digit() {
        let english = |amount, currency| price(English, &cost(amount, currency));
        assert_eq!(english("289", Currency::EUR), "EUR 289.00");
        assert_eq!(english("289.5", Currency::EUR), "EUR 289.50");
        assert_eq!(english("0.12345", Currency::USD), "USD 0.12345");
        assert_eq!(english("12000.00", Currency::JPY), "JPY 12000");
        assert_eq!(english("1.5", Currency::KWD), "KWD 1.500");
        assert_eq!(english("100.00", Currency::EUR), "EUR 100.00");
    }

    #[test]
    fn prices_are_written_as_each_language_does() {
        let chinese = |amount, currency| price(SimplifiedChinese, &cost(amount, currency));
        assert_eq!(chinese("289", Currency::CNY), "¥289.00");
        assert_eq!(chinese("289", Currency::EUR), "289.00 欧元");
        assert_eq!(chinese("1200", Currency::JPY), "1200 日元");
        assert_eq!(chinese("5", Currency::ISK), "5 ISK");
    }

    #[test]
    fn ranges_name_their_currency_once() {
        let range = Price { up_to: Some(Decimal::from(20)), ..cost("10", Currency::EUR) };
        assert_eq!(price(English, &range), "EUR 10.00–20.00");
        assert_eq!(price(SimplifiedChinese, &range), "10.00–20.00 欧元");
    }

    #[test]
    fn dates_say_that_they_are_utc() {
        let at = "2026-03-05T07:08:09Z".parse().unwrap();
        assert_eq!(when(English, at), "5 March 2026, 07:08 UTC");
        assert_eq!(when(SimplifiedChinese, at), "2026年3月5日 07:08（UTC）");
    }

    #[test]
    fn durations_and_sizes_are_in_words() {
        let lengths = [0, 1, 90, 600, 5_400, 3_600, 86_400].map(|seconds| duration(English, seconds));
        assert_eq!(
            lengths.each_ref().map(String::as_str),
            ["0 seconds", "1 second", "90 seconds", "10 minutes", "90 minutes", "1 hour", "1 day"]
        );
        assert_eq!(duration(SimplifiedChinese, 600), "10 分钟");
        let sizes = [999, 2_048, 500_000, 10_000_000, 10 << 20].map(|bytes| size(English, bytes));
        assert_eq!(sizes.each_ref().map(String::as_str), ["999 bytes", "2 KB", "500 KB", "10 MB", "10 MB"]);
    }
}
