//! What can be wrong with what a person typed, or with a room.

use crate::domain::room::NotDirect;
use serde::Deserialize;
use serde::Serialize;

/// Why a room is not a direct room, as a value with a message of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectProblem {
    /// The reason.
    pub not_direct: NotDirect,
}

/// Why the bot declines an invitation or leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(tag = "decline", rename_all = "kebab-case")]
pub enum DeclineReason {
    /// The inviter may not share.
    NotPermitted,
    /// Anybody may join or read.
    Public,
    /// More people than two, or others than the two it was for.
    TooManyPeople,
    /// A space.
    Special,
    /// Encrypted.
    Encrypted,
    /// The room could not be looked at.
    Unseen,
    /// Nobody else is there.
    Alone,
    /// She has a room with the bot already.
    OneIsEnough,
}

/// Why a verification ended before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(tag = "verification", rename_all = "kebab-case")]
pub enum VerificationProblem {
    /// The emoji were not the same.
    Mismatch,
    /// It took too long.
    TimedOut,
    /// Somebody ended it.
    Cancelled,
    /// The two do not understand each other.
    NotPossible,
    /// She has no cross-signing, so nothing can be verified.
    NoCrossSigning,
}

/// Why sharing with somebody in one's own name could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(tag = "approach", rename_all = "kebab-case")]
pub enum ApproachProblem {
    /// The homeserver knows nobody of that name.
    Nobody,
    /// She is on another homeserver, and no rooms are opened with people there.
    OtherServer,
    /// No more rooms may be opened today.
    TooMany,
    /// She left or declined the room that was opened with her before.
    Declined,
    /// The homeserver refused it.
    Refused,
    /// The operator lets nothing be shared with her.
    Blocked,
}

impl From<NotDirect> for DirectProblem {
    fn from(not_direct: NotDirect) -> Self {
        Self { not_direct }
    }
}

/// Why criteria cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "wrong_criteria", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum CriteriaProblem {
    /// There is none, or only what excludes.
    NothingWanted,
    /// It is longer than is kept.
    TooLong {
        /// The limit, in characters.
        limit: u32,
    },
    /// There are more than are kept.
    TooMany {
        /// The limit.
        limit: u32,
    },
    /// A word has no letter or digit.
    EmptyWord {
        /// What was typed.
        typed: String,
    },
    /// A quotation mark or slash is not closed.
    NotClosed {
        /// From there.
        typed: String,
    },
    /// A regular expression cannot be read.
    Pattern {
        /// What stands before the fault.
        before: String,
        /// What stands from it on.
        after: String,
        /// What is wrong there.
        fault: PatternFault,
    },
    /// A price cannot be read.
    Price {
        /// What was typed.
        typed: String,
    },
}

/// What is wrong with a regular expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(tag = "pattern_fault", rename_all = "kebab-case")]
pub enum PatternFault {
    /// A bracket is not closed.
    NotClosed,
    /// A bracket is closed that was not opened.
    NotOpened,
    /// Something is repeated that cannot be.
    Repetition,
    /// A range whose end comes before its start, or an empty class.
    Class,
    /// An escape that does not exist.
    Escape,
    /// Something that is not supported: look-around, back references.
    Unsupported,
    /// It would become too large.
    TooLarge,
    /// It fits everything, also an empty title.
    FitsAll,
    /// Something else.
    Other,
}

/// Why a setting cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "wrong_setting", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum SettingProblem {
    /// There is no such setting.
    Unknown {
        /// What was typed.
        typed: String,
    },
    /// No such kind.
    Kind {
        /// What was typed.
        typed: String,
    },
    /// No such output.
    Output {
        /// What was typed.
        typed: String,
    },
    /// No time of day.
    Time {
        /// What was typed.
        typed: String,
    },
    /// No hours.
    Quiet {
        /// What was typed.
        typed: String,
    },
    /// No price.
    Price {
        /// What was typed.
        typed: String,
    },
    /// No time zone.
    TimeZone {
        /// What was typed.
        typed: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// No language.
    Language {
        /// What was typed.
        typed: String,
    },
    /// No account.
    Account {
        /// What was typed.
        typed: String,
    },
    /// No length of time.
    Duration {
        /// What was typed.
        typed: String,
    },
    /// It can be set for all only, or for one only.
    NotForOne,
    /// The line beside the sharer's name is the same for everybody.
    StatusForOne,
}
