//! What shops in China have in common, beside what is in [`super::gateway`]: more of their time and money,
//! lines of orders, and errors that say in words what they mean.

use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::platforms::gateway;
use iso_currency::Currency;
use jiff::Timestamp;
use jiff::tz;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use url::Url;

pub(super) use gateway::Loose;
pub(super) use gateway::china_time as local;
pub(super) use gateway::token;

/// Before this no shop of these was open: earlier times stand for none.
const FIRST_YEAR: i16 = 1_990;
/// The longest name of a shop, in characters.
const NAME_CHARACTERS: usize = 100;

/// A time with milliseconds and the zone: `2026-03-03 20:00:00.000+0800`.
pub(super) fn local_with_zone(at: Timestamp) -> String {
    written(at, "%Y-%m-%d %H:%M:%S%.3f%z")
}

/// The day that it is there: `2026-03-03`.
pub(super) fn day(at: Timestamp) -> String {
    written(at, "%Y-%m-%d")
}

/// A time as shops write it: `2026-03-03 20:00:00`, or milliseconds. None where it stands for none, as
/// `0001-01-01 00:00:00` does.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let at = match text.parse::<i64>() {
        Ok(milliseconds) => Timestamp::from_millisecond(milliseconds).ok()?,
        Err(_) => gateway::from_china_time(text)?,
    };
    (at.to_zoned(zone()).year() >= FIRST_YEAR).then_some(at)
}

/// A price in yuan.
pub(super) fn yuan(text: &str) -> Option<Price> {
    let amount: Decimal = text.trim().parse().ok()?;
    (amount > Decimal::ZERO).then(|| Price::new(amount, Currency::CNY))
}

/// A price in fen, of which a yuan has a hundred.
pub(super) fn fen(text: &str) -> Option<Price> {
    let amount: i64 = text.trim().parse().ok()?;
    (amount > 0).then(|| Price::new(Decimal::new(amount, 2), Currency::CNY))
}

/// How many, where that is more than one.
pub(super) fn quantity(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|count| *count > 1)
}

/// The ids of an order's lines: what is in it twice gets a number behind it.
pub(super) fn line_ids<'a>(items: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut counts = BTreeMap::<&str, u32>::new();
    let mut id = |item: &'a str| {
        let count = counts.entry(item).or_default();
        *count += 1;
        if *count == 1 { item.to_owned() } else { format!("{item}-{count}") }
    };
    items.map(&mut id).collect()
}

/// The name of a shop as it was typed: evened out, and as a person reads it.
pub(super) fn named(typed: &str) -> Result<(String, Line), Problem> {
    let label = Line::new(typed.trim_start_matches('<').trim_end_matches('>'), NAME_CHARACTERS);
    let name = label.as_str().to_lowercase();
    if name.is_empty() { Err(Problem::NoSuchAccount) } else { Ok((name, label)) }
}

/// What is wrong, by the words of platforms whose codes are not known. The words are not repeated.
pub(super) fn by_words(code: &str, message: &str) -> Problem {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["session", "token", "授权", "登录"]) {
        Problem::SecretRefused
    } else if says(&["sign", "签名", "app_key", "appkey", "app_secret", "appoauthid", "timestamp", "时间戳"]) {
        Problem::AppRefused
    } else if says(&["permission", "权限"]) {
        Problem::NotAllowed { missing: String::new() }
    } else if says(&["limit", "too many", "频", "次数", "流量"]) {
        Problem::AskedToWait
    } else if says(&["unavailable", "timeout", "busy", "系统异常", "系统错误", "超时", "繁忙"]) {
        Problem::HttpStatus { status: 503 }
    } else {
        Problem::refused(code)
    }
}

/// An address that is known to be one.
#[expect(clippy::expect_used, reason = "a constant, parsed by every test that reads a configuration")]
pub(super) fn address(text: &'static str) -> Url {
    Url::parse(text).expect("it is an address")
}

/// The zone, fixed: the summer times of before 1992 do not matter.
const fn zone() -> TimeZone {
    TimeZone::fixed(tz::offset(8))
}

fn written(at: Timestamp, format: &str) -> String {
    at.to_zoned(zone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::by_words;
    use super::day;
    use super::fen;
    use super::line_ids;
    use super::local;
    use super::local_with_zone;
    use super::named;
    use super::time;
    use super::yuan;
    use crate::domain::problem::Problem;
    use jiff::Timestamp;

    #[test]
    fn times_are_written_as_they_are_there() {
        let at: Timestamp = "2021-05-07T01:20:39.683Z".parse().unwrap();
        assert_eq!(local(at), "2021-05-07 09:20:39");
        assert_eq!(local_with_zone(at), "2021-05-07 09:20:39.683+0800");
        assert_eq!(local_with_zone("2021-05-07T20:00:00Z".parse().unwrap()), "2021-05-08 04:00:00.000+0800");
        assert_eq!(day("2021-05-07T20:00:00Z".parse().unwrap()), "2021-05-08");
    }

    #[test]
    fn times_are_read_as_text_and_as_milliseconds() {
        let at: Timestamp = "2021-05-07T01:20:39Z".parse().unwrap();
        assert_eq!(time("2021-05-07 09:20:39"), Some(at));
        assert_eq!(time("1620350439000"), Some(at));
        for none in ["", "0001-01-01 00:00:00", "0000-00-00 00:00:00", "1970-01-01 08:00:00", "0", "soon"] {
            assert_eq!(time(none), None, "{none}");
        }
    }

    #[test]
    fn money_is_exact() {
        assert_eq!(yuan("89.90").unwrap().amount.to_string(), "89.90");
        assert_eq!(fen("8990").unwrap().amount.to_string(), "89.90");
        assert_eq!(yuan("0.00"), None);
        assert_eq!(yuan("free"), None);
        assert_eq!(fen("-1"), None);
    }

    #[test]
    fn what_is_in_an_order_twice_has_two_ids() {
        assert_eq!(line_ids(["7", "8", "7", "7"].into_iter()), ["7", "8", "7-2", "7-3"]);
    }

    #[test]
    fn a_shops_name_is_one_however_it_is_typed() {
        let (name, label) = named("  茶 Pots\u{200B}  Shop ").unwrap();
        assert_eq!((name.as_str(), label.as_str()), ("茶 pots shop", "茶 Pots Shop"));
        assert_eq!(named(" \n "), Err(Problem::NoSuchAccount));
    }

    #[test]
    fn errors_are_understood_by_their_words_and_never_repeated() {
        assert_eq!(by_words("1", "Invalid Session CANARY"), Problem::SecretRefused);
        assert_eq!(by_words("2", "签名错误"), Problem::AppRefused);
        assert_eq!(by_words("3", "调用频率超限"), Problem::AskedToWait);
        assert_eq!(by_words("4", "系统异常"), Problem::HttpStatus { status: 503 });
        assert_eq!(by_words("41<b>", "CANARY"), Problem::Refused { code: "41b".to_owned() });
    }
}
