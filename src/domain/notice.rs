//! Everything that the bot says to people in words, as a closed list of values with their
//! arguments. The words themselves stand in `locales/`, one message for each variant; `texts`
//! joins the two when something is sent, in the language of whoever reads it.
//!
//! A variant's message has the variant's name in kebab case. A nested value with a tag of its own
//! (`problem`, `reason`, …) has a message named tag-value; the elements of a list have one named
//! after the variant and the field.

use crate::domain::ids::Number;
use crate::domain::problem::Problem;
use crate::domain::room::NotDirect;
use crate::domain::sharer::Language;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Something said to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumDiscriminants)]
#[strum_discriminants(derive(strum::EnumIter, strum::Display), strum(serialize_all = "kebab-case"))]
#[serde(tag = "notice", rename_all = "kebab-case")]
pub enum Notice {
    // Greetings.
    /// First words in a management room.
    Greeting,
    /// First words in a room of two people: only `with here` and who it is for.
    HelperGreeting {
        /// Who invited the bot.
        sharer: String,
    },
    /// Before the first card: who shares, and how to stop it.
    Introduction {
        /// Who shares.
        sharer: String,
    },

    // Answers.
    /// The list of commands.
    Help {
        /// Their topics, in order.
        topics: Vec<Topic>,
    },
    /// One command, with an example.
    HelpTopic {
        /// The command.
        topic: Topic,
    },
    /// What works in a direct room, in one line.
    HelpInDirectRoom,
    /// The platforms that can be added.
    Platforms {
        /// A line each.
        platforms: Vec<PlatformLine>,
    },
    /// An account has been added.
    AccountAdded {
        /// Its number.
        number: Number,
        /// What it is called.
        label: String,
        /// How many items are known as its baseline.
        items: u32,
        /// How often it is looked at.
        interval_seconds: u32,
        /// What a card of it looks like: the newest item, if there is one.
        sample: Vec<CardLine>,
        /// Whether nobody is told of it yet, since no contact is on.
        without_contacts: bool,
    },
    /// It was there already.
    AccountKnown {
        /// Its number.
        number: Number,
        /// What it is called.
        label: String,
    },
    /// An account has been removed.
    AccountRemoved {
        /// What it was called.
        label: String,
    },
    /// Accounts and contacts.
    List {
        /// Whether everything is paused.
        paused: bool,
        /// A line each.
        accounts: Vec<AccountLine>,
        /// A line each.
        contacts: Vec<ContactLine>,
    },
    /// How things stand.
    Status {
        /// Whether everything is paused.
        paused: bool,
        /// How many accounts are looked at.
        accounts: u32,
        /// How many of them fail.
        failing: u32,
        /// How many contacts are on.
        contacts: u32,
        /// How many of them muted it.
        muted: u32,
        /// How many messages wait to be sent to her contacts.
        waiting: u32,
        /// When something was posted last for her.
        #[serde(default)]
        posted_at: Option<Timestamp>,
    },
    /// What would be shared with whom.
    Preview {
        /// The newest items of her accounts, newest first.
        cards: Vec<CardLine>,
        /// The names of the contacts that would get them.
        contacts: Vec<NameLine>,
    },
    /// A contact is on, said in the management room.
    SharingWith {
        /// Her number.
        number: Number,
        /// Her name.
        person: String,
        /// Whether nothing can be shared yet, since there is no account.
        without_accounts: bool,
    },
    /// A contact is off.
    NotSharingWith {
        /// Her name.
        person: String,
    },
    /// Everything is paused.
    AllPaused,
    /// Everything goes on.
    AllResumed,
    /// One account or contact is paused.
    OnePaused {
        /// What it is called.
        label: String,
    },
    /// One account or contact goes on.
    OneResumed {
        /// What it is called.
        label: String,
    },
    /// Her accounts are being looked at now.
    LookingNow {
        /// How many.
        accounts: u32,
    },
    /// The program's version.
    Version {
        /// As in Cargo.toml.
        version: String,
    },
    /// The language has been changed.
    LanguageChanged,
    /// The contact muted the cards.
    Muted {
        /// Whose.
        sharer: String,
    },
    /// The contact wants them again.
    Unmuted {
        /// Whose.
        sharer: String,
    },
    /// For the contact: how it stands.
    ContactStatus {
        /// Who shares with her here.
        sharer: String,
        /// Whether she muted it.
        muted: bool,
    },

    // Refusals.
    /// The command is unknown.
    UnknownCommand {
        /// What was typed.
        typed: String,
        /// The nearest one there is.
        #[serde(default)]
        nearest: Option<Topic>,
    },
    /// The command lacks something, or has too much: its usage.
    WrongUsage {
        /// The command.
        topic: Topic,
    },
    /// She may not share here.
    NotPermitted {
        /// Who she is.
        user: String,
    },
    /// No such platform.
    UnknownPlatform {
        /// What was typed.
        typed: String,
        /// Those there are.
        platforms: Vec<PlatformLine>,
    },
    /// The platform takes no secret.
    SecretNotTaken {
        /// The platform.
        platform: String,
    },
    /// The account could not be verified.
    AccountRefused {
        /// What was typed.
        typed: String,
        /// What is wrong with it.
        problem: Problem,
    },
    /// She has as many as she may.
    TooMany {
        /// How many.
        limit: u32,
    },
    /// Nothing of hers has this number.
    UnknownNumber {
        /// What was typed.
        typed: String,
    },
    /// There is nothing to do it with yet.
    NoAccounts,
    /// The bot knows no direct room with this person.
    UnknownContact {
        /// What was typed.
        typed: String,
    },
    /// The room is not a direct room.
    NotDirectRoom {
        /// Why.
        reason: DirectProblem,
    },
    /// `here` makes no sense in the management room.
    HereNeedsDirectRoom,
    /// The command was typed in a direct room, where it is not carried out; said in the management room.
    NotInDirectRoom {
        /// The command.
        topic: Topic,
    },
    /// Account data was typed in a direct room; said in the management room.
    SecretInDirectRoom,
    /// Nobody shares anything with her in this room.
    NobodySharesHere,
    /// For somebody who is not the sharer.
    OnlyForSharers,
    /// The command is too old to be carried out unasked.
    TooLate {
        /// The command.
        topic: Topic,
    },
    /// Something is wrong on our side; nothing has been changed.
    TryAgain,
    /// She types faster than is good.
    TooFast,

    // Reasons given when an invitation is declined or a room is left.
    /// Declined or left.
    Declined {
        /// Why.
        reason: DeclineReason,
    },

    // Things a sharer is told unasked.
    /// Sharing with a contact has stopped.
    ContactStopped {
        /// The number.
        number: Number,
        /// The name.
        person: String,
        /// Why.
        reason: DirectProblem,
    },
    /// The direct room with a contact has been upgraded, and sharing goes on in the new one.
    RoomFollowed {
        /// The name.
        person: String,
    },
    /// The homeserver refuses what is sent to a contact.
    RoomBroken {
        /// The number.
        number: Number,
        /// The name.
        person: String,
    },
    /// The direct room is encrypted, and cards wait.
    RoomEncrypted {
        /// The number.
        number: Number,
        /// The name.
        person: String,
    },
    /// An account fails.
    AccountFailing {
        /// The number.
        number: Number,
        /// What it is called.
        label: String,
        /// What is wrong.
        problem: Problem,
    },
}

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
}

/// What there is help for: each command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::EnumIter, strum::Display)]
#[serde(tag = "topic", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "each has the name of its command")]
pub enum Topic {
    Help,
    Platforms,
    Add,
    Remove,
    List,
    With,
    Without,
    Pause,
    Resume,
    Now,
    Status,
    Preview,
    Language,
    Mute,
    Unmute,
    Version,
}

/// A platform in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformLine {
    /// What is typed.
    pub platform: String,
}

/// A name in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameLine {
    /// The name.
    pub person: String,
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
}

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum AccountState {
    Active,
    Paused,
    Failing,
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
}

/// How a contact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ContactLineState {
    On,
    Paused,
    Off,
    Stopped,
    Muted,
    Encrypted,
    Broken,
}

/// A trade in a list or as a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLine {
    /// What the sharer calls the account it comes from.
    pub shop: String,
    /// The trade.
    pub trade: Trade,
}

impl From<NotDirect> for DirectProblem {
    fn from(not_direct: NotDirect) -> Self {
        Self { not_direct }
    }
}

/// A language by what a person types for it: `en`, `English`, `zh`, `中文`.
#[must_use]
pub fn language_named(typed: &str) -> Option<Language> {
    match typed.to_lowercase().as_str() {
        "en" | "en-gb" | "en-us" | "english" | "英文" | "英语" => Some(Language::English),
        "zh" | "zh-cn" | "zh-hans" | "chinese" | "中文" | "汉语" | "简体中文" => Some(Language::SimplifiedChinese),
        _ => None,
    }
}
