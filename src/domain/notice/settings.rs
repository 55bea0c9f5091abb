//! Settings and categories as notices show them.

use crate::domain::settings::Output;
use crate::domain::sharer::Language;
use crate::domain::trade::Kind;
use serde::Deserialize;
use serde::Serialize;

/// A category's name: a built-in one is said in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryName {
    /// By what it is chosen, `home-goods`, `food`, `other`.
    pub category: String,
    /// Its names by language tag, `en`, `zh-CN`; for an own one the same in each.
    pub names: Names,
}

/// A name in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
}

/// A category in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryLine {
    /// Its name.
    pub name: CategoryName,
    /// Its criteria as they are typed; empty for a built-in one.
    pub criteria: String,
    /// Whether her contacts get it where nothing else is set.
    pub on: bool,
}

/// A setting and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingLine {
    /// Which and what.
    pub setting: Setting,
    /// Whether it is set right there, not taken over.
    pub own: bool,
}

/// A setting with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "setting", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Setting {
    /// Which accounts; none: all.
    Accounts {
        /// What they are called.
        values: Vec<String>,
        /// Whether it is all of them.
        all: bool,
    },
    /// Which categories.
    Categories {
        /// These.
        categories: Vec<CategoryName>,
        /// Whether it is all of them.
        all: bool,
    },
    /// Which kinds.
    Kinds {
        /// These.
        kinds: Vec<Kind>,
    },
    /// How they are shown.
    Outputs {
        /// So.
        outputs: Vec<Output>,
    },
    /// When the digest comes.
    Digest {
        /// The hour, `18:00`.
        time: String,
    },
    /// When it is quiet.
    Quiet {
        /// The hours, `22:00-08:00`; empty: never.
        hours: String,
    },
    /// What trades may cost.
    Price {
        /// As it is typed, `< 500 EUR`; empty: anything.
        range: String,
    },
    /// The time zone.
    TimeZone {
        /// Its IANA name.
        zone: String,
    },
    /// The language of cards.
    Language {
        /// Which; none: the contact's own, or the server's.
        chosen: Option<Language>,
    },
    /// After how long a popup is withdrawn.
    Popup {
        /// The time; 0: never.
        popup_seconds: u32,
    },
}
