//! What a sharer set for all her contacts or for one of them: which trades, how they are shown, and when.

use crate::domain::category::CategoryId;
use crate::domain::category::Selection;
use crate::domain::ids::Number;
use crate::domain::money::PriceRange;
use crate::domain::sharer::Language;
use crate::domain::trade::Kind;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeSet;

/// Settings as they were typed; what was not set comes from the sharer's own, and then from the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Which of the sharer's accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Selection<Number>>,
    /// Which categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<Selection<CategoryId>>,
    /// Which kinds of trades. Sales and purchases count only where they are set for a contact herself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<BTreeSet<Kind>>,
    /// How trades are shown; never empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<BTreeSet<Output>>,
    /// At which hour of her day the digest comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest_at: Option<Time>,
    /// When nothing is posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// What trades may cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceChoice>,
    /// IANA name of the time zone of `digest_at` and `quiet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The language of cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// After how many seconds a card that is nothing but a popup is withdrawn; 0: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub popup_seconds: Option<u32>,
}

/// How trades are shown to a contact (claim 11). Several may be on at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::Display, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Output {
    /// One message each.
    Message,
    /// One message each that mentions her, so that it notifies even where the room is quiet.
    Popup,
    /// One message that is edited as trades come and go, pinned where that is allowed.
    Board,
    /// One message a day.
    Digest,
    /// The line beside the sharer's own name. Everybody who shares a room with her sees it, so it is set
    /// for all only, and shows nothing to a contact by itself.
    Status,
}

/// When nothing is posted to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quiet {
    /// Never quiet.
    Off,
    /// From one time of the day to another, perhaps over midnight. What comes up then waits.
    Between {
        /// The first quiet moment.
        from: Time,
        /// The first moment that is not quiet any more.
        until: Time,
    },
}

/// What trades may cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriceChoice {
    /// Anything.
    Any,
    /// Only what is certainly in this range.
    Within(PriceRange),
}

/// When the digest comes where no hour was set.
pub const DIGEST_AT: Time = Time::constant(18, 0, 0, 0);

impl Settings {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These, and `defaults` for what is not set here.
    #[must_use]
    pub fn or(&self, defaults: &Self) -> Self {
        macro_rules! either {
            ($($field:ident),*) => { Self { $($field: self.$field.clone().or_else(|| defaults.$field.clone()),)* } };
        }
        either!(accounts, categories, kinds, outputs, digest_at, quiet, price, time_zone, language, popup_seconds)
    }

    /// Whether trades are shown in this way; as messages where no other way to a contact was set.
    #[must_use]
    pub fn shows(&self, output: Output) -> bool {
        let mut chosen = self.outputs.iter().flatten();
        let otherwise = || self.outputs.iter().flatten().all(|chosen| *chosen == Output::Status);
        chosen.any(|chosen| *chosen == output) || (output == Output::Message && otherwise())
    }

    /// Whether this kind is wanted; listings where nothing was set.
    #[must_use]
    pub fn wants(&self, kind: Kind) -> bool {
        self.kinds.as_ref().map_or(kind == Kind::Listing, |kinds| kinds.contains(&kind))
    }

    /// The time zone set here, else `default`. One that is not known any more counts as not set.
    #[must_use]
    pub fn zone(&self, default: &TimeZone) -> TimeZone {
        let named = self.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        named.unwrap_or_else(|| default.clone())
    }

    /// Until when it is quiet at `now`; none where it is not.
    #[must_use]
    pub fn quiet_until(&self, now: Timestamp, default: &TimeZone) -> Option<Timestamp> {
        let Some(Quiet::Between { from, until }) = self.quiet else { return None };
        let local = now.to_zoned(self.zone(default));
        let time = local.time();
        let is_quiet = if from <= until { from <= time && time < until } else { time >= from || time < until };
        is_quiet.then(|| next_at(now, until, &self.zone(default)))
    }

    /// When the digest comes that holds a trade of `since`.
    #[must_use]
    pub fn digest_after(&self, since: Timestamp, default: &TimeZone) -> Timestamp {
        next_at(since, self.digest_at.unwrap_or(DIGEST_AT), &self.zone(default))
    }
}

/// The first moment after `now` at which a clock in `zone` shows `time`. Where the clock is set
/// forward past it, the moment just after (jiff's "compatible" choice, RFC 5545).
fn next_at(now: Timestamp, time: Time, zone: &TimeZone) -> Timestamp {
    let today = now.to_zoned(zone.clone()).date();
    let on = |date: jiff::civil::Date| date.to_datetime(time).to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    let tomorrow = today.tomorrow().unwrap_or(today);
    match on(today) {
        Ok(at) if at > now => at,
        _ => on(tomorrow).unwrap_or(now + SignedDuration::from_hours(24)),
    }
}

#[cfg(test)]
mod tests {
    use super::Output;
    use super::Quiet;
    use super::Settings;
    use jiff::Timestamp;
    use jiff::civil::time;
    use jiff::tz::TimeZone;
    use strum::IntoEnumIterator;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn berlin(quiet: Quiet) -> Settings {
        Settings { quiet: Some(quiet), time_zone: Some("Europe/Berlin".to_owned()), ..Settings::default() }
    }

    #[test]
    fn the_status_line_alone_leaves_the_messages_on() {
        let showing = |outputs: &[Output]| Settings { outputs: Some(outputs.iter().copied().collect()), ..Settings::default() };
        let shown = |settings: Settings| Output::iter().filter(|output| settings.shows(*output)).collect::<Vec<_>>();
        assert_eq!(shown(Settings::default()), [Output::Message]);
        assert_eq!(shown(showing(&[Output::Status])), [Output::Message, Output::Status]);
        assert_eq!(shown(showing(&[Output::Status, Output::Board])), [Output::Board, Output::Status]);
        assert_eq!(shown(showing(&[Output::Popup])), [Output::Popup]);
    }

    #[test]
    fn quiet_hours_may_pass_midnight() {
        let night = berlin(Quiet::Between { from: time(22, 0, 0, 0), until: time(8, 0, 0, 0) });
        let until = |now| night.quiet_until(at(now), &TimeZone::UTC);
        assert_eq!(until("2026-11-22T20:59:59Z"), None);
        assert_eq!(until("2026-11-22T21:00:00Z"), Some(at("2026-11-23T07:00:00Z")));
        assert_eq!(until("2026-11-23T06:59:59Z"), Some(at("2026-11-23T07:00:00Z")));
        assert_eq!(until("2026-11-23T07:00:00Z"), None);
    }

    #[test]
    fn a_night_in_which_the_clock_changes_ends_by_the_new_clock() {
        let night = berlin(Quiet::Between { from: time(22, 0, 0, 0), until: time(8, 0, 0, 0) });
        let until = |now| night.quiet_until(at(now), &TimeZone::UTC);
        // Summer time began on 29 March 2026 at 01:00 UTC and ended on 25 October at 01:00 UTC.
        assert_eq!(until("2026-03-28T22:00:00Z"), Some(at("2026-03-29T06:00:00Z")));
        assert_eq!(until("2026-10-24T22:00:00Z"), Some(at("2026-10-25T07:00:00Z")));
    }

    #[test]
    fn an_hour_that_the_clock_leaves_out_comes_just_after() {
        let gap = berlin(Quiet::Between { from: time(1, 0, 0, 0), until: time(2, 30, 0, 0) });
        assert_eq!(gap.quiet_until(at("2026-03-29T00:30:00Z"), &TimeZone::UTC), Some(at("2026-03-29T01:30:00Z")));
    }

    #[test]
    fn a_digest_comes_at_its_hour_of_the_same_day_or_the_next() {
        let settings = berlin(Quiet::Off);
        assert_eq!(settings.digest_after(at("2026-11-22T16:59:00Z"), &TimeZone::UTC), at("2026-11-22T17:00:00Z"));
        assert_eq!(settings.digest_after(at("2026-11-22T17:00:00Z"), &TimeZone::UTC), at("2026-11-23T17:00:00Z"));
    }
}
