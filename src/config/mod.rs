//! The configuration: every key with its documentation, its default and what it may be, written
//! once, here. The commented example is made of these comments. Reading the file is in `load`.

use crate::classify::BuiltIn;
use crate::domain::ids::UserId;
use crate::domain::permission::Permission;
use crate::domain::permission::Permissions;
use crate::domain::room::Us;
use crate::domain::sharer::Language;
use crate::platforms::PlatformSettings;
use crate::telemetry::Format;
use crate::telemetry::Level;
use crate::values::Secret;
use crate::values::Within;
use ipnet::IpNet;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use toml_example::TomlExample;
use url::Url;
use values::Zone;

mod admin;
mod encryption;
mod load;
pub mod partners;
mod retention;
pub mod tokens;
pub mod upgrade;
pub mod values;
mod web;

pub use admin::Admin;
pub use encryption::DoublePuppet;
pub use encryption::Encryption;
pub use encryption::ShareKeysWith;
pub use load::ConfigError;
pub use load::Problem;
pub use retention::Retention;
pub use web::Web;

/// The configuration of tradepost, with every key. What each site has to say for itself is written
/// for example.org; everything else has its default and can be left out.
///
/// A relative path starts at the directory in which tradepost is started. A secret can stand here,
/// in a file of its own (`…_file`), or in the environment (`TRADEPOST_AS_TOKEN`,
/// `TRADEPOST_HS_TOKEN`, `TRADEPOST_DOUBLE_PUPPET_TOKEN`), which wins. Changes count after a restart.
///
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[toml_example(doc_skip_prefix = "See [")]
pub struct Config {
    /// The language for people who have not chosen one: "en" or "zh-CN".
    #[serde(default)]
    #[toml_example(default = "en")]
    pub language: Language,
    /// The time zone for people for whom none is set: of their quiet hours and digests.
    #[serde(default)]
    #[toml_example(default = "UTC")]
    pub time_zone: Zone,
    /// The categories as `categories` below says; read with the file.
    #[serde(skip)]
    #[toml_example(skip)]
    pub built_in: BuiltIn,
    /// See [`Homeserver`].
    #[toml_example(nesting)]
    pub homeserver: Homeserver,
    /// See [`Appservice`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub appservice: Appservice,
    /// See [`Database`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub database: Database,
    /// See [`Encryption`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub encryption: Encryption,
    /// See [`DoublePuppet`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub double_puppet: DoublePuppet,
    /// See [`Permissions`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub permissions: Permissions,
    /// See [`Rooms`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub rooms: Rooms,
    /// See [`Contacts`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub contacts: Contacts,
    /// See [`Categories`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub categories: Categories,
    /// See [`Limits`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub limits: Limits,
    /// See [`Network`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub network: Network,
    /// See [`PlatformSettings`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub platforms: PlatformSettings,
    /// See [`Web`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub web: Web,
    /// See [`Delivery`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub delivery: Delivery,
    /// See [`Retention`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub retention: Retention,
    /// See [`Logging`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub logging: Logging,
    /// See [`Monitoring`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub monitoring: Monitoring,
    /// See [`Admin`].
    #[serde(default)]
    #[toml_example(nesting)]
    pub admin: Admin,
}

/// The homeserver that tradepost belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
pub struct Homeserver {
    /// Where tradepost reaches it.
    #[serde(deserialize_with = "values::web_address")]
    #[toml_example(default = "http://127.0.0.1:8008")]
    pub address: Url,
    /// Its name: what stands behind the colon in its user ids.
    #[serde(deserialize_with = "values::server_name")]
    #[toml_example(default = "example.org")]
    pub domain: String,
}

/// What the homeserver knows of tradepost. After a change of this section, run
/// `tradepost registration` and restart the homeserver.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Appservice {
    /// Where the homeserver reaches tradepost.
    #[serde(deserialize_with = "values::web_address")]
    #[toml_example(default = "http://127.0.0.1:29331")]
    pub address: Url,
    /// The host name or address on which tradepost listens.
    pub hostname: String,
    /// The port on which tradepost listens.
    pub port: Within<u16, 1, 65_535>,
    /// The name of the registration, not used twice on one homeserver.
    #[serde(deserialize_with = "values::localpart")]
    pub id: String,
    /// The token with which tradepost shows the homeserver who it is.
    /// `tradepost registration` makes both tokens and writes them here.
    #[toml_example(default = "This value is made by: tradepost registration")]
    pub as_token: Secret,
    /// A file that holds this token, instead of the line above.
    #[toml_example(default = "/etc/tradepost/as_token")]
    pub as_token_file: Option<PathBuf>,
    /// The token with which the homeserver shows tradepost who it is.
    #[toml_example(default = "This value is made by: tradepost registration")]
    pub hs_token: Secret,
    /// A file that holds this token, instead of the line above.
    #[toml_example(default = "/etc/tradepost/hs_token")]
    pub hs_token_file: Option<PathBuf>,
    /// See [`Bot`].
    #[toml_example(nesting, doc_skip_prefix = "See [")]
    pub bot: Bot,
}

impl Default for Appservice {
    fn default() -> Self {
        Self {
            address: default_address(),
            hostname: "127.0.0.1".to_owned(),
            port: Within::literal(29_331),
            id: "tradepost".to_owned(),
            as_token: Secret::default(),
            as_token_file: None,
            hs_token: Secret::default(),
            hs_token_file: None,
            bot: Bot::default(),
        }
    }
}

/// The user to whom people talk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Bot {
    /// The part of its user id before the colon.
    #[serde(deserialize_with = "values::localpart")]
    pub username: String,
    /// What it is called.
    pub displayname: String,
    /// Its picture, an mxc:// address of an uploaded file; empty: none.
    #[serde(deserialize_with = "values::picture")]
    #[toml_example(require, default = "")]
    pub avatar: Option<String>,
}

impl Default for Bot {
    fn default() -> Self {
        Self { username: "tradepost".to_owned(), displayname: "Tradepost".to_owned(), avatar: None }
    }
}

/// Where tradepost keeps what it knows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Database {
    /// "sled", a directory of its own. ("postgres" is to come.)
    #[serde(rename = "type")]
    #[toml_example(default = "sled")]
    pub kind: DatabaseKind,
    /// The directory. Only one tradepost may use it at a time.
    pub path: PathBuf,
}

impl Default for Database {
    fn default() -> Self {
        Self { kind: DatabaseKind::Sled, path: PathBuf::from("data") }
    }
}

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// An embedded one.
    Sled,
    /// `PostgreSQL`, which is refused until it is built.
    Postgres,
}

/// The rooms in which trades are shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Rooms {
    /// Users of other services (bridges, say) that may sit in a direct room without making it a
    /// group, where the room names them as functional members too: `["@bridge:example.org"]`
    #[serde(deserialize_with = "values::user_ids")]
    pub functional_members: Vec<UserId>,
}

/// The people with whom trades are shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Contacts {
    /// "notify": a new contact is told who shares with her and how to stop it. "ask": she is asked, and
    /// nothing is posted before she says yes. A change counts for contacts added from then on.
    #[toml_example(default = "notify")]
    pub consent: Consent,
}

/// Whether a contact is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// She is told.
    #[default]
    Notify,
    /// She is asked.
    Ask,
}

/// The built-in categories: electronics, mother and baby, home goods, entertainment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Categories {
    /// A file that adds categories, or words to those there are; docs/CATEGORIES.md says how.
    #[toml_example(default = "/etc/tradepost/categories.toml")]
    pub file: Option<PathBuf>,
    /// Whether only the categories of that file count, and none is built in.
    pub replace: bool,
}

/// How much one person may have and do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Limits {
    /// Accounts that one person may share.
    pub accounts_per_sharer: Within<u32, 1, 100>,
    /// Contacts with whom one person may share.
    pub contacts_per_sharer: Within<u32, 1, 250>,
    /// Categories of her own that one person may have.
    pub categories_per_sharer: Within<u32, 0, 100>,
    /// A command that is older when it reaches tradepost (it was down, say) is answered, not carried out.
    pub command_age_seconds: Within<u32, 10, 604_800>,
    /// The shortest time in which a person may have an account of hers looked at again.
    pub shortest_interval_seconds: Within<u32, 1, 604_800>,
    /// Commands, reactions and (of somebody who may not share) invitations of one person in a minute.
    pub commands_per_minute: Within<u32, 1, 10_000>,
    /// Contacts with whom one person may begin to share in a day.
    pub new_contacts_per_day: Within<u32, 1, 250>,
    /// Contacts with whom all people together may share.
    pub contacts: Within<u32, 1, 10_000_000>,
    /// Messages about trades in a day for one sharer, over all her contacts. What is over waits for the next
    /// day and comes in one message for each contact; she is told once.
    pub cards_per_sharer_per_day: Within<u32, 1, 1_000_000>,
    /// The same for all sharers together.
    pub cards_per_day: Within<u32, 1, 100_000_000>,
    /// Rooms that are opened in a day, each with an invitation, over all people: those in which the bot tells
    /// somebody something who has none with it, and those opened in somebody's own name.
    pub rooms_opened_per_day: Within<u32, 0, 1_000_000>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            accounts_per_sharer: Within::literal(20),
            contacts_per_sharer: Within::literal(100),
            categories_per_sharer: Within::literal(20),
            command_age_seconds: Within::literal(600),
            shortest_interval_seconds: Within::literal(300),
            commands_per_minute: Within::literal(30),
            new_contacts_per_day: Within::literal(30),
            contacts: Within::literal(100_000),
            cards_per_sharer_per_day: Within::literal(500),
            cards_per_day: Within::literal(50_000),
            rooms_opened_per_day: Within::literal(200),
        }
    }
}

/// Requests to the addresses that people type and shops give.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Network {
    /// Networks that may be asked though they are not public, as a shop of your own may be: `["192.168.1.0/24"]`
    pub allow: Vec<IpNet>,
    /// Bytes of an answer, unpacked.
    pub body_bytes: Within<u64, 1_024, 1_073_741_824>,
    /// Time for an answer, redirects and body included.
    pub timeout_seconds: Within<u32, 1, 600>,
    /// Redirects that are followed.
    pub redirects: Within<u32, 0, 20>,
    /// Requests to one host in a second.
    pub per_host_per_second: Within<u32, 1, 1_000>,
    /// Whether http: links are posted too, not only https: ones.
    pub http_links: bool,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            body_bytes: Within::literal(10_485_760),
            timeout_seconds: Within::literal(30),
            redirects: Within::literal(5),
            per_host_per_second: Within::literal(2),
            http_links: false,
        }
    }
}

/// How trades are posted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Delivery {
    /// More trades than these waiting for one room are put into one message.
    pub digest_above: Within<u32, 1, 100>,
    /// Messages about single trades that one contact gets in a day; the rest comes in one message.
    pub cards_per_day: Within<u32, 1, 10_000>,
    /// For how long a purchase is held back and shown to the buyer alone, who may stop it: gifts must
    /// not reach those they are for.
    pub hold_purchases_seconds: Within<u32, 0, 604_800>,
    /// Requests to the homeserver at the same time.
    pub parallel: Within<u32, 1, 64>,
    /// Messages in a second, over all rooms, so that the homeserver has time for its people; 0: no limit.
    pub per_second: Within<u32, 0, 10_000>,
    /// So many go at that pace after a quiet time; they are there again little by little.
    pub burst: Within<u32, 1, 1_000_000>,
    /// Messages in a second when more wait than these. A small homeserver has time for its people all the
    /// while then; a large one takes more. 0: no limit of its own.
    pub sustained_per_second: Within<u32, 0, 10_000>,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            digest_above: Within::literal(10),
            cards_per_day: Within::literal(20),
            hold_purchases_seconds: Within::literal(900),
            parallel: Within::literal(4),
            per_second: Within::literal(20),
            burst: Within::literal(500),
            sustained_per_second: Within::literal(2),
        }
    }
}

/// The log, on standard error. The environment variable `RUST_LOG` replaces the level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Logging {
    /// "error", "warn", "info", "debug" or "trace". Above debug no title of a trade is logged.
    #[toml_example(default = "info")]
    pub level: Level,
    /// "human" or "json".
    #[toml_example(default = "human")]
    pub format: Format,
}

/// What watches tradepost: /live, /ready and /metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Monitoring {
    /// An address and port of their own. Without it they stand where the homeserver reaches tradepost.
    #[toml_example(default = "127.0.0.1:9100")]
    pub listen: Option<SocketAddr>,
}

impl Config {
    /// The bot and what else is ours.
    #[must_use]
    pub fn us(&self) -> Us {
        Us {
            bot: self.user(&self.appservice.bot.username),
            domain: self.homeserver.domain.clone(),
            functional: self.rooms.functional_members.iter().cloned().collect(),
        }
    }

    /// What `user` may do.
    #[must_use]
    pub fn permission(&self, user: &UserId) -> Permission {
        self.permissions.of(user)
    }

    /// The commented example.
    #[must_use]
    pub fn example() -> String {
        // A section that has nothing but sections needs no line of its own.
        let example = Self::toml_example().replace("[platforms]\n", "");
        format!("{}\n", example.trim_end())
    }

    fn user(&self, localpart: &str) -> UserId {
        UserId::new(format!("@{localpart}:{}", self.homeserver.domain))
    }
}

#[expect(clippy::expect_used, reason = "a constant, parsed by every test that reads a configuration")]
fn default_address() -> Url {
    Url::parse("http://127.0.0.1:29331").expect("it is an address")
}

/// Documented by hand, since its keys are not fixed.
impl TomlExample for Permissions {
    fn toml_example() -> String {
        Self::toml_example_with_prefix("", ("", ""), "")
    }

    fn toml_example_with_prefix(label: &str, label_format: (&str, &str), _prefix: &str) -> String {
        let header = format!("{}{label}{}", label_format.0, label_format.1);
        format!(
            "# Who may share trades: \"*\" (everybody), a server or a user, each with \"share\" or \"none\".\n\
             # The most specific one counts; who is not named may not. With \"block\", for a server or a user,\n\
             # nothing is shared with them either, and their invitations are declined.\n\
             {header}\"example.org\" = \"share\"\n\n"
        )
    }
}
