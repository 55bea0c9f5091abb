//! Sources: what is polled as one, however many sharers follow it, and what is known of its items.

use crate::domain::ids::ExternalId;
use crate::domain::ids::PlatformId;
use crate::domain::ids::SourceId;
use crate::domain::ids::UserId;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A feed, or an account at a shop: polled once, whoever follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Platform and normalised name.
    pub id: SourceId,
    /// Raised by the store at each change, compared at the next (optimistic locking). 0: not stored yet.
    pub version: u64,
    /// The platform whose adapter fetches it.
    pub platform: PlatformId,
    /// What the adapter fetches: an address or an account name, normalised.
    pub name: String,
    /// What a person calls it: the feed's own title, or its host.
    pub label: Line,
    /// Whose it is, where it is read with a secret of hers or in another way that is hers alone; none:
    /// anybody may follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// What lets tradepost in there, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// When that ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether she has been told that it will.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_expiry: bool,
    /// How a page's address is made where the shop has no pages of its own:
    /// `https://shop.example/p/{slug}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_template: Option<String>,
    /// How the platform sends trades by itself; none: it is only polled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<Subscription>,
    /// Where the adapter goes on reading; its form is the adapter's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The poll interval, in seconds.
    pub interval_seconds: u32,
    /// When it is to be polled next.
    pub next_poll_at: Timestamp,
    /// When it last answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// When it last said what stands there: not only that nothing changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Timestamp>,
    /// What has been wrong since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl Source {
    /// One that is not stored yet and due at `next_poll_at`.
    #[must_use]
    pub const fn new(
        id: SourceId,
        platform: PlatformId,
        name: String,
        label: Line,
        interval_seconds: u32,
        next_poll_at: Timestamp,
    ) -> Self {
        Self {
            id,
            version: 0,
            platform,
            name,
            label,
            owner: None,
            sealed: None,
            expires_at: None,
            told_expiry: false,
            link_template: None,
            push: None,
            cursor: None,
            interval_seconds,
            next_poll_at,
            answered_at: None,
            listed_at: None,
            failure: None,
        }
    }

    /// The latest time that it can be planned for at `now`: what is planned for later was planned by a
    /// clock that was ahead.
    #[must_use]
    pub fn latest_poll_after(&self, now: Timestamp) -> Timestamp {
        // One that failed may have asked for a day's rest; one that nobody wants is left alone for an hour.
        let hours = if self.failure.is_some() { 25 } else { 1 };
        now + SignedDuration::from_hours(hours).max(SignedDuration::from_secs(self.interval_seconds.into())) + SignedDuration::from_mins(6)
    }
}

/// A source that does not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Since when.
    pub since_at: Timestamp,
    /// How many polls in a row failed.
    pub attempts: u32,
    /// What was wrong the last time.
    pub problem: Problem,
    /// Whether the followers have been told.
    pub told: bool,
}

/// That a platform sends trades to an address of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// A digest of the token in that address, by which what comes finds its source.
    pub hook: String,
    /// The token, what the platform signs with, and what it calls the subscription, sealed.
    pub sealed: String,
    /// How it stands.
    pub state: SubscriptionState,
    /// When it was made or last looked at.
    pub checked_at: Timestamp,
    /// When the platform ends it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The one that takes its place once the account's owner has confirmed it, or this one has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Box<Subscription>>,
}

impl Subscription {
    /// It, and the one that is to take its place.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |one| one.next.as_deref())
    }

    /// The one that waits for the account's owner to confirm it.
    #[must_use]
    pub fn unconfirmed(&self) -> Option<&Self> {
        self.all().find(|one| one.state == SubscriptionState::Unconfirmed)
    }

    /// Whether the platform sends by it, as far as is known.
    #[must_use]
    pub const fn sends(&self) -> bool {
        matches!(self.state, SubscriptionState::Active | SubscriptionState::ByHand)
    }
}

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionState {
    /// It does not count before the account's owner has confirmed it at the platform.
    Unconfirmed,
    /// The platform has it.
    Active,
    /// She made it at the platform by hand, so it is not looked at there.
    ByHand,
    /// The platform has it no more and has not taken another one yet.
    Lost,
}

/// What an adapter brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The source says that nothing changed since the cursor.
    Unchanged,
    /// What stands there now.
    Changed {
        /// Where to go on.
        cursor: Option<String>,
        /// The source's own title; empty where it has none.
        label: Line,
        /// The trades found, in any order, unknown and known ones alike, each id once.
        trades: Vec<Trade>,
        /// Whether this is all that is on offer there, so that what is missing is to be had no more.
        complete: bool,
        /// Listings that are said to be gone.
        gone: Vec<ExternalId>,
        /// Whether there is more to fetch at once, from the cursor on.
        more: bool,
    },
}

/// The last known state of one external id at a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The source it stands at.
    pub source: SourceId,
    /// The platform's id of it.
    pub external_id: ExternalId,
    /// Its last known price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Whether it could be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<bool>,
    /// Raised when price or availability really changes.
    pub revision: u32,
    /// When it was first seen.
    pub seen_at: Timestamp,
    /// Whether it is an order, not an offer: of these nothing is told twice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_order: bool,
    /// Since when it is so, as the platform says: what it said before does not count any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// When what is known of it was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_at: Option<Timestamp>,
    /// When the source last showed it, give or take a week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_at: Option<Timestamp>,
}

impl Item {
    /// The state that `trade` reports, as a first revision.
    #[must_use]
    pub fn of(trade: &Trade) -> Self {
        Self {
            source: trade.source.clone(),
            external_id: trade.external_id.clone(),
            price: trade.price.clone(),
            available: trade.available,
            revision: 0,
            seen_at: trade.seen_at,
            is_order: trade.kind.is_order(),
            as_of: trade.as_of,
            known_at: Some(trade.seen_at),
            shown_at: Some(trade.seen_at),
        }
    }
}
