//! What is shown to the operator: who and what, since when and why, and nothing of what is said or sold.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// How the program stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The version of whoever answers.
    pub version: String,
    /// The service; none: it does not run.
    pub running: Option<Running>,
    /// Sharers.
    pub sharers: u64,
    /// Sources that are polled.
    pub sources: u64,
    /// Deliveries that wait.
    pub waiting: u64,
    /// Deliveries that were given up.
    pub buried: u64,
    /// Events that wait to be worked off.
    pub events: u64,
    /// Encrypted events whose key is awaited.
    pub parked: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
}

/// How the running service stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Since when it runs.
    pub since: Timestamp,
    /// For how many seconds.
    pub seconds: i64,
    /// Whether the homeserver has answered.
    pub ready: bool,
    /// How encryption stands.
    pub encryption: String,
}

/// Somebody of whom something is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharerLine {
    /// Who.
    pub user: UserId,
    /// Whether anything is shared: "shares", "paused", "disabled", "may not share" or "shares nothing".
    pub state: String,
    /// Her accounts.
    pub accounts: Vec<AccountLine>,
    /// Her contacts, those who are off included.
    pub contacts: usize,
    /// Those to whom trades go.
    pub contacts_on: usize,
    /// Whether she shares in her own name.
    pub in_own_name: bool,
    /// Deliveries for her, or of her trades, that wait.
    pub waiting: u64,
}

/// An account of hers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLine {
    /// How she names it.
    pub number: Number,
    /// The platform.
    pub platform: PlatformId,
    /// What she calls it.
    pub label: Line,
    /// Whether she paused it.
    pub paused: bool,
}

/// An account that fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingLine {
    /// Whose.
    pub user: UserId,
    /// How she names it.
    pub number: Number,
    /// The platform.
    pub platform: PlatformId,
    /// What she calls it.
    pub label: Line,
    /// What is wrong.
    pub trouble: String,
    /// Since when, where it is known.
    pub since: Option<Timestamp>,
    /// How often it was tried since.
    pub attempts: u32,
    /// When it is tried next; none: when she has done something.
    pub next_at: Option<Timestamp>,
}

/// A delivery, without what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryLine {
    /// Its number.
    pub id: DeliveryId,
    /// The room it goes to.
    pub room: Option<RoomId>,
    /// The person it goes to, where it goes to no certain room.
    pub person: Option<UserId>,
    /// What it is: "card", "notice" and so on.
    pub kind: String,
    /// In which order it stands.
    pub lane: Lane,
    /// Whose trades it shows.
    pub sharer: Option<UserId>,
    /// Since when there is something to be done.
    pub since: Timestamp,
    /// When it is tried next; none: it was given up.
    pub next_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it was given up.
    pub reason: Option<Line>,
}

impl DeliveryLine {
    /// What is shown of a delivery.
    pub(super) fn of(delivery: &Delivery) -> Self {
        let (room, person) = match &delivery.target {
            Target::Room(room) => (Some(room.clone()), None),
            Target::Person(person) => (None, Some(person.clone())),
        };
        Self {
            id: delivery.id,
            room,
            person,
            kind: name_of(&delivery.what),
            lane: delivery.what.lane(),
            sharer: delivery.what.sharer().cloned(),
            since: delivery.first_attempt_at.unwrap_or(delivery.created_at),
            next_at: delivery.buried.is_none().then_some(delivery.not_before_at),
            attempts: delivery.attempts,
            reason: delivery.buried.as_ref().map(|reason| Line::title(reason)),
        }
    }
}

/// What a delivery is, by the name under which it is stored.
fn name_of(what: &What) -> String {
    let stored = serde_json::to_value(what).unwrap_or_default();
    stored.get("what").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// What is wrong at a source, without its address: that may hold a key.
pub(super) fn trouble(problem: &Problem) -> String {
    let name = problem.name();
    match problem {
        Problem::HttpStatus { status } => format!("{name} {status}"),
        Problem::TimedOut { limit_seconds } => format!("{name} after {limit_seconds} s"),
        Problem::TooLarge { limit_bytes } => format!("{name}: more than {limit_bytes} bytes"),
        Problem::Refused { code } => format!("{name}: {code}"),
        Problem::NotAllowed { missing } if !missing.is_empty() => format!("{name}: {missing}"),
        _ => name,
    }
}
