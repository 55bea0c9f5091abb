//! What can be asked and answered, as values that go through the socket.

use crate::admin::Manifest;
use crate::admin::view::DeliveryLine;
use crate::admin::view::FailingLine;
use crate::admin::view::SharerLine;
use crate::admin::view::Status;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::store::StoreError;
use serde::Deserialize;
use serde::Serialize;
use std::path::PathBuf;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Request {
    /// How it stands.
    Status,
    /// Who shares.
    Sharers,
    /// Which accounts fail.
    Failing,
    /// The deliveries that were given up.
    Buried,
    /// The deliveries that wait.
    Waiting {
        /// Those of this room only.
        room: Option<RoomId>,
    },
    /// To let deliveries that were given up wait again.
    Retry {
        /// Which.
        which: Which,
    },
    /// To give up a delivery that waits.
    Bury {
        /// Which.
        id: DeliveryId,
    },
    /// To forget a delivery that was given up.
    Forget {
        /// Which.
        id: DeliveryId,
    },
    /// To keep somebody from sharing.
    Disable {
        /// Whom.
        user: UserId,
    },
    /// To let her share again.
    Enable {
        /// Whom.
        user: UserId,
    },
    /// To write the whole store into a file.
    Export {
        /// A new file, by its whole path.
        file: PathBuf,
    },
    /// To write all that is needed to begin again elsewhere.
    Backup {
        /// A new directory, by its whole path.
        directory: PathBuf,
        /// Whether the key file is part of it.
        with_key: bool,
    },
}

/// Which of the deliveries that were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// All.
    All,
    /// One.
    One(DeliveryId),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// How it stands.
    Status(Status),
    /// Who shares.
    Sharers(Vec<SharerLine>),
    /// Which accounts fail.
    Failing(Vec<FailingLine>),
    /// Deliveries.
    Deliveries(Vec<DeliveryLine>),
    /// It was done: what, in words.
    Done(String),
    /// A file was written.
    Exported {
        /// The schema of the store.
        schema: u32,
        /// How many values.
        values: u64,
    },
    /// A backup was made.
    BackedUp(Manifest),
}

/// Why something was not done, as it can be told through the socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{text}")]
pub struct AdminError {
    /// What kind of failure.
    pub kind: Kind,
    /// What went wrong.
    pub text: String,
    /// What to do about it; empty where there is nothing to say.
    pub hint: String,
}

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What was asked for cannot be understood.
    Request,
    /// What was named is not there.
    NotThere,
    /// Files could not be written or read.
    Files,
    /// The store failed.
    Store,
}

impl AdminError {
    /// A failure.
    pub fn new(kind: Kind, text: impl std::fmt::Display, hint: impl Into<String>) -> Self {
        Self { kind, text: text.to_string(), hint: hint.into() }
    }
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        let reason = std::error::Error::source(&error).map_or_else(String::new, |source| format!(": {source}"));
        let kind = match &error {
            StoreError::Exists { .. }
            | StoreError::NotEmpty { .. }
            | StoreError::NotAnExport { .. }
            | StoreError::NewerExport { .. }
            | StoreError::DamagedExport { .. }
            | StoreError::File { .. } => Kind::Files,
            _ => Kind::Store,
        };
        Self::new(kind, format_args!("{error}{reason}"), "")
    }
}
