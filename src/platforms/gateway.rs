//! What the gateways of Taobao and Pinduoduo share: the clock of China, values that come as text or as
//! a number, answers in an envelope, and stretches of time that are read one after the other.

use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::trade::Trade;
use crate::platforms::Credentials;
use crate::platforms::raw::Raw;
use crate::values::Secret;
use iso_currency::Currency;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::tz::offset;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::Error;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::str::FromStr;
use url::Url;

/// How much of what has been read is read again, since what is new may be listed a little late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);
/// The longest stretch that is given at once.
const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// How far back orders are given: three months.
const REACH: SignedDuration = SignedDuration::from_hours(24 * 89);
/// How dates are written.
const DATE: &str = "%Y-%m-%d %H:%M:%S";

/// A time as it is written in China.
pub(super) fn china_time(at: Timestamp) -> String {
    at.to_zoned(china()).strftime(DATE).to_string()
}

/// The time that is written so in China.
pub(super) fn from_china_time(text: &str) -> Option<Timestamp> {
    let written = DateTime::strptime(DATE, text.trim()).ok()?;
    Some(written.to_zoned(china()).ok()?.timestamp())
}

fn china() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// `seconds` after `now`; none where they are none.
pub(super) fn in_seconds(now: Timestamp, seconds: Option<i64>) -> Option<Timestamp> {
    now.checked_add(SignedDuration::from_secs(seconds.filter(|seconds| *seconds > 0)?)).ok()
}

/// A text, a number, yes, no or nothing, as it stands there.
#[derive(Default)]
pub(super) struct Loose(Raw);

impl Loose {
    /// The text, or the number's digits.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The number that it is.
    pub(super) fn number<N: FromStr>(&self) -> Option<N> {
        self.0.as_str().trim().parse().ok()
    }

    /// So many yuan; none where it is no amount, or nothing.
    pub(super) fn yuan(&self) -> Option<Price> {
        let amount = self.0.amount().filter(|amount| !amount.is_zero())?;
        Some(Price::new(amount, Currency::CNY))
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get() {
            "null" => Ok(Self::default()),
            yes_or_no @ ("true" | "false") => Ok(Self(Raw::from(yes_or_no))),
            text => serde_json::from_str(text).map(Self).map_err(|_| D::Error::custom("must be text, a number, yes or no")),
        }
    }
}

/// The part of an answer that is called `name`; none where it has none.
pub(super) fn part<'a, T: Deserialize<'a>>(body: &'a [u8], name: &str) -> Result<Option<T>, Problem> {
    let parts: BTreeMap<&str, &RawValue> = serde_json::from_slice(body).map_err(|_| Problem::MalformedAnswer)?;
    let Some(part) = parts.get(name) else { return Ok(None) };
    serde_json::from_str(part.get()).map(Some).map_err(|_| Problem::MalformedAnswer)
}

/// Her token, where it can be one.
pub(super) fn token(credentials: Option<&Credentials>) -> Result<Secret, Problem> {
    let typed = credentials.ok_or(Problem::SecretNeeded)?.secret.expose().trim();
    let is_token = !typed.is_empty() && typed.chars().all(|c| c.is_ascii_graphic());
    is_token.then(|| Secret::new(typed)).ok_or(Problem::SecretMalformed)
}

/// Whether `typed` is an address on one of `hosts`.
pub(super) fn is_on(typed: &str, hosts: &[&str]) -> bool {
    let typed = typed.trim().trim_start_matches('<').trim_end_matches('>');
    let typed = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let Ok(url) = Url::parse(&typed) else { return false };
    let is_host = |host: &str| hosts.iter().any(|own| host.strip_suffix(own).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')));
    matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(is_host)
}

/// A picture, by TLS: both shops' servers of pictures have it, though they still name it without.
pub(super) fn picture(address: &str) -> Option<PublicLink> {
    let rest = address.trim().trim_start_matches("https:").trim_start_matches("http:").strip_prefix("//")?;
    PublicLink::new(Url::parse(&format!("https://{rest}")).ok()?, false)
}

/// The page of an item: `page` with its id as the parameter `name`.
pub(super) fn item_page(page: &str, name: &str, id: &str) -> Option<PublicLink> {
    PublicLink::new(Url::parse_with_params(page, [(name, id)]).ok()?, false)
}

/// Each id once: what was read last counts.
pub(super) fn once(trades: Vec<Trade>) -> Vec<Trade> {
    let by_id: BTreeMap<_, _> = trades.into_iter().map(|trade| (trade.external_id.clone(), trade)).collect();
    by_id.into_values().collect()
}

/// A stretch of time, not longer than what is given at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    /// Where it begins.
    pub(super) from: Timestamp,
    /// Where it ends.
    pub(super) to: Timestamp,
}

impl Window {
    /// What is to be read next, if it has been read up to `until`.
    pub(super) fn after(until: Timestamp, now: Timestamp) -> Self {
        let from = (until.min(now) - OVERLAP).max(now - REACH);
        Self { from, to: now.min(from + SPAN) }
    }

    /// The last day.
    pub(super) fn last_day(now: Timestamp) -> Self {
        Self { from: now - SPAN, to: now }
    }
}

/// `at`, and a little before.
pub(super) fn overlapping(at: Timestamp) -> Timestamp {
    at - OVERLAP
}

#[cfg(test)]
mod tests {
    use super::Loose;
    use super::Window;
    use super::china_time;
    use super::from_china_time;
    use super::is_on;
    use super::part;
    use super::picture;
    use crate::domain::problem::Problem;
    use jiff::Timestamp;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn china_is_eight_hours_ahead_the_whole_year() {
        for (utc, china) in [("2015-12-31T16:00:01Z", "2016-01-01 00:00:01"), ("2016-07-01T04:00:00Z", "2016-07-01 12:00:00")] {
            assert_eq!(china_time(at(utc)), china);
            assert_eq!(from_china_time(china), Some(at(utc)));
        }
        assert_eq!(from_china_time("2016-02-30 12:00:00"), None);
    }

    #[test]
    fn ids_and_amounts_keep_every_digit_however_they_are_written() {
        let id = |json| serde_json::from_str::<Loose>(json).unwrap().as_str().to_owned();
        assert_eq!(id("9007199254740993"), "9007199254740993");
        assert_eq!(id("\"9007199254740993\""), "9007199254740993");
        assert_eq!([id("true"), id("false"), id("null")], ["true", "false", ""]);
        assert!(serde_json::from_str::<Loose>("{}").is_err() && serde_json::from_str::<Loose>("[1]").is_err());
        let yuan = |json| serde_json::from_str::<Loose>(json).unwrap().yuan().map(|price| price.amount.to_string());
        assert_eq!(yuan("69.90"), Some("69.90".to_owned()));
        assert_eq!(yuan("\"0.10\""), Some("0.10".to_owned()));
        assert_eq!(yuan("1.2E4"), Some("12000".to_owned()));
        for nothing in ["null", "\"\"", "0", "-3", "\"free\""] {
            assert_eq!(yuan(nothing), None, "{nothing}");
        }
        assert!(serde_json::from_str::<Loose>("{}").is_err());
    }

    #[test]
    fn a_part_is_found_by_its_name_alone() {
        assert_eq!(part::<u32>(br#"{"request_id":"x","a":7}"#, "a"), Ok(Some(7)));
        assert_eq!(part::<u32>(br#"{"b":7}"#, "a"), Ok(None));
        assert_eq!(part::<u32>(b"<html>", "a"), Err(Problem::MalformedAnswer));
        assert_eq!(part::<u32>(br#"{"a":"x"}"#, "a"), Err(Problem::MalformedAnswer));
    }

    #[test]
    fn windows_overlap_and_are_never_longer_than_a_day() {
        let now = at("2026-03-03T12:00:00Z");
        let short = Window::after(at("2026-03-03T11:50:00Z"), now);
        assert_eq!(short, Window { from: at("2026-03-03T11:48:00Z"), to: now });
        let long = Window::after(at("2026-03-01T00:02:00Z"), now);
        assert_eq!(long, Window { from: at("2026-03-01T00:00:00Z"), to: at("2026-03-02T00:00:00Z") });
        let ancient = Window::after(at("2020-01-01T00:00:00Z"), now);
        assert_eq!(ancient.from, at("2025-12-04T12:00:00Z"));
        let ahead = Window::after(at("2026-03-03T13:00:00Z"), now);
        assert_eq!(ahead, Window { from: at("2026-03-03T11:58:00Z"), to: now });
    }

    #[test]
    fn addresses_are_known_by_their_hosts() {
        let hosts = ["taobao.com", "tmall.com"];
        for typed in ["https://shop1.taobao.com/", "<https://x.tmall.com/p>", "taobao.com", "http://Shop.Taobao.com"] {
            assert!(is_on(typed, &hosts), "{typed}");
        }
        for typed in ["joy", "https://nottaobao.com/", "https://taobao.com.example/", "ftp://taobao.com/", "taobao"] {
            assert!(!is_on(typed, &hosts), "{typed}");
        }
    }

    #[test]
    fn pictures_are_shown_by_tls() {
        let shown = |address| picture(address).map(|link| link.to_string());
        for address in ["//img.alicdn.com/a.jpg", "http://img.alicdn.com/a.jpg", "https://img.alicdn.com/a.jpg"] {
            assert_eq!(shown(address).as_deref(), Some("https://img.alicdn.com/a.jpg"), "{address}");
        }
        assert_eq!(shown("a.jpg"), None);
    }
}
