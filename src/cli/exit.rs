//! How the program ends: its exit statuses, and a failure with what to do about it.

use crate::telemetry;
use std::fmt::Write;
use std::process::ExitCode;
use std::process::Termination;
use strum::EnumMessage;
use strum::IntoEnumIterator;

/// With which status the program ends. (2 is clap's, for a command line that cannot be understood.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::EnumMessage)]
#[repr(u8)]
pub enum ExitStatus {
    /// All is well.
    Done = 0,
    /// Something else failed.
    Other = 1,
    /// The configuration is missing, incomplete or wrong.
    Config = 10,
    /// The registration is missing or does not fit the configuration.
    Registration = 11,
    /// The database cannot be opened.
    Database = 12,
    /// The homeserver cannot be reached.
    Unreachable = 13,
    /// The homeserver is too old.
    TooOld = 14,
    /// The homeserver does not know the `as_token`.
    TokenRefused = 15,
    /// The homeserver cannot reach tradepost.
    NotReached = 16,
    /// The homeserver comes with a wrong `hs_token`, or the registration it has read is another one.
    WrongToken = 17,
    /// The bot is not in the registration's exclusive namespace.
    Namespace = 18,
    /// The port is in use by something else.
    PortInUse = 19,
    /// Encryption does not work: the key file, the devices' keys, or the bot's device.
    Encryption = 20,
    /// The public address does not lead to tradepost.
    PublicAddress = 21,
    /// What the operator named is not there.
    NotThere = 22,
    /// A backup or an export cannot be written or read, or its place is taken.
    Files = 23,
    /// Not all of it could be done; what could not was listed.
    Partly = 24,
}

impl Termination for ExitStatus {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// All statuses, for the help.
pub(super) fn listing() -> String {
    let mut text = "Exit status:\n".to_owned();
    for status in ExitStatus::iter() {
        let meaning = status.get_documentation().unwrap_or_default().replace('`', "");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:>2}  {meaning}", status as u8);
    }
    text
}

/// Why a command could not do what it should.
#[derive(Debug)]
pub struct Failure {
    /// How the program ends.
    pub status: ExitStatus,
    /// What went wrong, and why.
    pub error: anyhow::Error,
    /// What to do about it; empty where there is nothing to say.
    pub hint: String,
}

impl Failure {
    /// A failure.
    pub fn new(status: ExitStatus, error: impl Into<anyhow::Error>, hint: impl Into<String>) -> Self {
        let error = error.into();
        let hint = hint.into();
        Self { status, error, hint }
    }

    /// A failure in words.
    pub fn said(status: ExitStatus, error: impl std::fmt::Display, hint: impl Into<String>) -> Self {
        Self::new(status, anyhow::anyhow!("{error}"), hint)
    }

    /// Tells it on standard error.
    #[must_use]
    pub fn tell(self) -> ExitStatus {
        let level = telemetry::journal_level(tracing::Level::ERROR);
        eprintln!("{level}error: {:#}", self.error);
        if !self.hint.is_empty() {
            eprintln!("{level}hint: {}", self.hint);
        }
        self.status
    }
}

#[cfg(test)]
mod tests {
    use super::listing;

    #[test]
    fn the_help_lists_every_status_with_its_meaning() {
        let text = listing();
        assert!(text.contains("\n  15  The homeserver does not know the as_token."), "{text}");
        assert_eq!(text.lines().count(), 18);
    }
}
