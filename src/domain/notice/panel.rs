//! What a panel says: sections of boxes with names.

use crate::domain::notice::CategoryName;
use crate::domain::settings::Output;
use crate::domain::trade::Kind;
use serde::Deserialize;
use serde::Serialize;

/// A section of a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelSection {
    /// What its boxes are.
    pub section: PanelPart,
    /// The boxes.
    pub rows: Vec<PanelLine>,
}

/// What the boxes of a section are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PanelPart {
    Platforms,
    Contacts,
    Categories,
    Kinds,
    Outputs,
}

/// A box on a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelLine {
    /// The number that ticks it.
    pub key: u32,
    /// Whether it is ticked.
    pub on: bool,
    /// What it is.
    pub name: PanelName,
}

/// What stands beside a box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "panel_name", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum PanelName {
    /// An account and its platform.
    Account {
        /// What it is called.
        label: String,
        /// Its platform.
        platform: String,
    },
    /// A platform without an account, or named without one.
    Platform {
        /// Its name.
        platform: String,
        /// Whether ticking it asks for an account.
        asks: bool,
    },
    /// A contact.
    Contact {
        /// Her name.
        person: String,
        /// Whether she muted it.
        muted: bool,
        /// Whether it is said in the sharer's own name.
        #[serde(default)]
        own: bool,
    },
    /// A category, or `other`.
    Category {
        /// Which.
        category: CategoryName,
    },
    /// A kind of trades.
    Kind {
        /// Which.
        kind: Kind,
    },
    /// A way of showing them.
    Output {
        /// Which.
        output: Output,
    },
}
