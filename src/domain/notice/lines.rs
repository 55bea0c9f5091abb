//! What notices list: accounts, contacts, trades, and how each of them stands.

use crate::domain::category::Because;
use crate::domain::ids::Number;
use crate::domain::notice::CategoryName;
use crate::domain::notice::DirectProblem;
use crate::domain::problem::Problem;
use crate::domain::sharer::Unmeant;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A platform in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformLine {
    /// What is typed.
    pub platform: String,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// What of it can be shared.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// What is needed for it.
    #[serde(default)]
    pub needs: PlatformNeeds,
}

/// What somebody needs for an account at a platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum PlatformNeeds {
    /// Its name or address.
    #[default]
    Name,
    /// Its name; with a secret there is more.
    NameOrSecret,
    /// A secret.
    Secret,
    /// Nothing, since her account here is her account there.
    Nothing,
    /// The operator, who has not set it up.
    SetUp,
}

/// A name in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameLine {
    /// The name.
    pub person: String,
}

/// One of the seven emoji of a verification (specification: SAS method, emoji).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmojiLine {
    /// Its number in the specification's list, 0 to 63, by which it has a name in each language.
    pub emoji: u8,
    /// What it looks like.
    pub symbol: String,
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLine {
    /// Its number.
    pub number: Number,
    /// What it is called.
    pub label: String,
    /// The platform.
    pub platform: String,
    /// The account's name there.
    pub name: String,
    /// Active, paused or failing.
    pub state: AccountState,
    /// How many times in a row it failed.
    pub failures: u32,
    /// What was wrong the last time.
    #[serde(default)]
    pub problem: Option<Problem>,
    /// When it last answered.
    #[serde(default)]
    pub answered_at: Option<Timestamp>,
    /// Whether the platform sends by itself.
    #[serde(default)]
    pub pushes: bool,
}

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum AccountState {
    Active,
    Paused,
    Failing,
    NeedsSecret,
    Unconfirmed,
}

/// A contact in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactLine {
    /// The number.
    pub number: Number,
    /// The name.
    pub person: String,
    /// The user id.
    pub user: String,
    /// How it stands.
    pub state: ContactLineState,
    /// Why it stopped.
    #[serde(default)]
    pub reason: Option<DirectProblem>,
    /// Until when it is muted.
    #[serde(default)]
    pub until_at: Option<Timestamp>,
    /// In whose name something is said to her.
    #[serde(default)]
    pub speaker: Speaker,
}

/// In whose name something is said, in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// The bot's.
    #[default]
    Bot,
    /// The sharer's.
    Sharer,
    /// The sharer's, and she has not verified the device that it needs.
    Unverified,
    /// The sharer's, whose device was removed.
    Gone,
}

/// How a contact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ContactLineState {
    On,
    Paused,
    Off,
    Stopped,
    Muted,
    Asked,
    Declined,
    Encrypted,
    Broken,
}

/// A trade, and who would get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewLine {
    /// What the sharer calls the account it comes from.
    pub shop: String,
    /// The trade.
    pub trade: Trade,
    /// The names of the contacts.
    pub values: Vec<String>,
}

/// A trade in a list or as a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLine {
    /// What the sharer calls the account it comes from.
    pub shop: String,
    /// The trade.
    pub trade: Trade,
}

/// What a text was found to belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestedLine {
    /// The text.
    pub title: String,
    /// Its categories and why.
    pub categories: Vec<BelongsLine>,
}

/// A category that a trade belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BelongsLine {
    /// Its name.
    pub name: CategoryName,
    /// Why.
    pub because: Because,
}

/// A trade that was shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedLine {
    /// Its number.
    pub number: Number,
    /// What it is called.
    pub title: String,
    /// For how many contacts it was meant.
    pub contacts: u32,
    /// Whether she withdrew it.
    pub undone: bool,
}

/// A contact and what was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedLine {
    /// The name.
    pub person: String,
    /// Why it was not meant for her; none where it was.
    #[serde(default)]
    pub reason: Option<Unmeant>,
}

impl MuteLine {
    /// What stands in the place of a user id where she muted everybody.
    pub const EVERYONE: &str = "everyone";
}

/// Somebody whose offers are muted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteLine {
    /// Who.
    pub user: String,
    /// Until when.
    #[serde(default)]
    pub until_at: Option<Timestamp>,
}

/// Somebody who has the reader as a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyLine {
    /// Who.
    pub user: String,
    /// As what she stands there.
    pub name: String,
    /// Whether offers go to her.
    pub on: bool,
}
