//! What the configuration says of encrypted rooms, and of sharing in one's own name.

use crate::config::values::localpart;
use crate::domain::own_name::Unverified;
use crate::domain::permission::LocalUsers;
use crate::values::Secret;
use crate::values::Within;
use serde::Deserialize;
use std::path::PathBuf;
use toml_example::TomlExample;

/// End-to-end encryption; docs/ENCRYPTION.md says what there is to know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Encryption {
    /// Whether the bot talks in encrypted rooms. If not, it stays out of them.
    pub allow: bool,
    /// The directory in which devices keep their keys: the bot's, and those of people who share in
    /// their own name. It must not be inside the database's. Never restore it from a backup.
    pub path: PathBuf,
    /// The file with the key that seals other secrets, made at the first start. What is sealed can be
    /// opened with nothing else: back it up, apart from the rest.
    pub key_file: PathBuf,
    /// The devices of people that can read what is said in encrypted rooms, and from which commands are
    /// taken. "cross-signed": only those that their owners have verified, as Element does. "all": the
    /// others too, which clients without cross-signing need.
    #[toml_example(default = "cross-signed")]
    pub share_keys_with: ShareKeysWith,
}

impl Default for Encryption {
    fn default() -> Self {
        Self {
            allow: true,
            path: PathBuf::from("crypto"),
            key_file: PathBuf::from("tradepost.key"),
            share_keys_with: ShareKeysWith::default(),
        }
    }
}

/// Which devices of people get keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareKeysWith {
    /// Those that their owners have verified.
    #[default]
    CrossSigned,
    /// All of them.
    All,
}

/// Sharing in one's own name: what is shared comes from the sharer herself, if she agreed, and no bot
/// is in the room. It needs a second registration: `tradepost registration --double-puppet`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct DoublePuppet {
    /// Who may do so: users of this homeserver, or the homeserver itself, which is all of them:
    /// `["@joy:example.org"]` or `["example.org"]`. Each has to agree in words before anything is done.
    pub allow: LocalUsers,
    /// The name of the second registration, not used twice on one homeserver.
    #[serde(deserialize_with = "localpart")]
    pub id: String,
    /// The token of the second registration. Whoever has it can act as any user of the homeserver.
    #[toml_example(default = "This value is made by: tradepost registration --double-puppet")]
    pub as_token: Secret,
    /// A file that holds this token, instead of the line above.
    #[toml_example(default = "/etc/tradepost/double_puppet_token")]
    pub as_token_file: Option<PathBuf>,
    /// What is done in an encrypted room before she has verified her device at tradepost. "bot": the bot
    /// posts. "send": her device posts all the same, and she is told that contacts may see a warning or
    /// nothing at all.
    #[toml_example(default = "bot")]
    pub unverified_device: Unverified,
    /// Whether direct rooms may be opened with people of other homeservers.
    pub other_servers: bool,
    /// Direct rooms that are opened in one person's name in a day.
    pub rooms_per_day: Within<u32, 0, 1000>,
}

impl Default for DoublePuppet {
    fn default() -> Self {
        Self {
            allow: LocalUsers::default(),
            id: "tradepost-double-puppet".to_owned(),
            as_token: Secret::default(),
            as_token_file: None,
            unverified_device: Unverified::default(),
            other_servers: false,
            rooms_per_day: Within::literal(5),
        }
    }
}
