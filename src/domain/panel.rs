//! The panel: one message on which boxes are ticked by reactions (figures 1-2 and 1-5). What its rows
//! are is decided when it is made, so that a number means what stood beside it.

use crate::domain::category::CategoryId;
use crate::domain::delivery::Reaction;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::notice::PanelLine;
use crate::domain::notice::PanelName;
use crate::domain::notice::PanelPart;
use crate::domain::notice::PanelSection;
use crate::domain::settings::Output;
use crate::domain::trade::Kind;
use serde::Deserialize;
use serde::Serialize;

/// How many rows a page has at the most: there are so many keycaps.
pub const ROWS: usize = 9;

/// A panel as it was last shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// Whose it is; only her reactions count.
    pub owner: UserId,
    /// What it sets.
    pub scope: Scope,
    /// The page shown, from 0.
    pub page: u32,
    /// How many pages there are.
    pub pages: u32,
    /// The rows of this page.
    pub rows: Vec<Row>,
    /// How many numbers stand below the message as reactions.
    pub keys: u32,
    /// Whether the arrows do.
    pub arrows: bool,
    /// Whether it has been replaced by a newer one.
    #[serde(default)]
    pub stale: bool,
}

/// What a panel sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "kebab-case")]
pub enum Scope {
    /// Everything: accounts, contacts and categories.
    Main,
    /// One contact: accounts, categories, kinds and outputs.
    Contact {
        /// Their direct room.
        room: RoomId,
        /// What she is called.
        person: String,
    },
    /// One contact, shown in the direct room itself: the names of platforms only.
    Here {
        /// The direct room.
        room: RoomId,
        /// What the sharer is called there.
        sharer: String,
    },
}

/// A box on a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it ticks.
    pub choice: Choice,
    /// What stands beside it.
    pub name: PanelName,
    /// Whether it is ticked.
    pub on: bool,
}

/// What a box ticks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "kebab-case")]
pub enum Choice {
    /// An account.
    Account {
        /// Its number.
        number: Number,
    },
    /// A platform; without an account there, one is asked for.
    Platform {
        /// The platform.
        platform: PlatformId,
    },
    /// A contact.
    Contact {
        /// Their direct room.
        room: RoomId,
    },
    /// A category, or `other`.
    Category {
        /// The category.
        category: CategoryId,
    },
    /// A kind of trades.
    Kind {
        /// The kind.
        kind: Kind,
    },
    /// A way of showing them.
    Output {
        /// The way.
        output: Output,
    },
}

/// What a reaction on a panel means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tap {
    /// The row with this index on the page.
    Row(usize),
    /// The page before.
    Previous,
    /// The page after.
    Next,
}

impl Scope {
    /// What no second current panel of the same person shares.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Main => "main".to_owned(),
            Self::Contact { room, .. } => format!("contact {room}"),
            Self::Here { room, .. } => format!("here {room}"),
        }
    }
}

impl Choice {
    /// The section it stands in.
    const fn part(&self) -> PanelPart {
        match self {
            Self::Account { .. } | Self::Platform { .. } => PanelPart::Platforms,
            Self::Contact { .. } => PanelPart::Contacts,
            Self::Category { .. } => PanelPart::Categories,
            Self::Kind { .. } => PanelPart::Kinds,
            Self::Output { .. } => PanelPart::Outputs,
        }
    }
}

impl Panel {
    /// What it says.
    #[must_use]
    pub fn notice(&self) -> Notice {
        if self.stale {
            return Notice::PanelStale;
        }
        let lines = (1..).zip(&self.rows).map(|(key, row)| PanelLine { key, on: row.on, name: row.name.clone() });
        if let Scope::Here { sharer, .. } = &self.scope {
            return Notice::PanelHere { sharer: sharer.clone(), rows: lines.collect() };
        }
        let mut sections: Vec<PanelSection> = Vec::new();
        for (row, line) in self.rows.iter().zip(lines) {
            let part = row.choice.part();
            match sections.last_mut().filter(|section| section.section == part) {
                Some(section) => section.rows.push(line),
                None => sections.push(PanelSection { section: part, rows: vec![line] }),
            }
        }
        let person = match &self.scope {
            Scope::Contact { person, .. } => Some(person.clone()),
            _ => None,
        };
        Notice::Panel { person, sections, page: self.page + 1, pages: self.pages }
    }

    /// The reactions that stand below it.
    #[must_use]
    pub fn reactions(&self) -> Vec<Reaction> {
        let mut reactions: Vec<Reaction> = (1..=self.keys).map(Reaction::Number).collect();
        if self.arrows {
            reactions.extend([Reaction::Previous, Reaction::Next]);
        }
        reactions
    }

    /// What the reaction `key` means on it.
    #[must_use]
    pub fn tap(&self, key: &str) -> Option<Tap> {
        match Reaction::read(key)? {
            Reaction::Number(number) => Some(Tap::Row(number.checked_sub(1)? as usize)).filter(|_| number as usize <= ROWS),
            Reaction::Previous => Some(Tap::Previous),
            Reaction::Next => Some(Tap::Next),
            _ => None,
        }
    }
}
