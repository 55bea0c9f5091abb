//! Everything that the bot says to people in words, as a closed list of values with their
//! arguments. The words themselves stand in `locales/`, one message for each variant; `texts`
//! joins the two when something is sent, in the language of whoever reads it.
//!
//! A variant's message has the variant's name in kebab case. A nested value with a tag of its own
//! (`problem`, `reason`, …) has a message named tag-value; the elements of a list have one named
//! after the variant and the field.

use crate::domain::category::Because;
use crate::domain::ids::Number;
use crate::domain::problem::Problem;
use crate::domain::room::NotDirect;
use crate::domain::settings::Output;
use crate::domain::sharer::Language;
use crate::domain::sharer::Unmeant;
use crate::domain::trade::Kind;
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
    /// First words in a room of their own to somebody who may not share: what she can do about what
    /// others share with her.
    GuestGreeting,
    /// Before the first card: who shares, and how to stop it.
    Introduction {
        /// Who shares.
        sharer: String,
    },
    /// Instead of it, where the contact has to agree first: who would share, and how to say yes or no.
    ConsentAsked {
        /// Who would share.
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
        cards: Vec<PreviewLine>,
    },
    /// A contact is on, said in the management room.
    SharingWith {
        /// Her number.
        number: Number,
        /// Her name.
        person: String,
        /// Whether nothing can be shared yet, since there is no account.
        without_accounts: bool,
        /// Whether the contact is asked first.
        #[serde(default)]
        asked: bool,
        /// Whether she has said no before.
        #[serde(default)]
        declined: bool,
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
        /// Until when.
        #[serde(default)]
        until_at: Option<Timestamp>,
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
        /// Until when.
        #[serde(default)]
        until_at: Option<Timestamp>,
        /// The categories that she asked for; none: all.
        #[serde(default)]
        only: Vec<CategoryName>,
        /// Whether she has not said yet whether she agrees.
        #[serde(default)]
        asked: bool,
    },

    // The panel.
    /// A panel: sections of boxes with numbers.
    Panel {
        /// For which contact; none for everything.
        person: Option<String>,
        /// The boxes of this page, in order; a section has a heading.
        sections: Vec<PanelSection>,
        /// The page, from 1.
        page: u32,
        /// How many pages there are.
        pages: u32,
    },
    /// The short panel in a direct room itself: platforms only.
    PanelHere {
        /// Who shares.
        sharer: String,
        /// The boxes.
        rows: Vec<PanelLine>,
    },
    /// A panel that has been replaced by a newer one.
    PanelStale,
    /// Where a panel stands that was asked for elsewhere.
    PanelOpened {
        /// A link to it.
        link: String,
    },
    /// A platform without an account was ticked: the next line is the account.
    AccountAsked {
        /// The platform.
        platform: String,
    },
    /// The question was left without an answer.
    Cancelled,

    // Contacts and what is set for them.
    /// Her direct rooms.
    Contacts {
        /// A line each.
        contacts: Vec<ContactLine>,
    },
    /// What is set, for one contact or for all.
    Settings {
        /// For whom; none: for all who have nothing else set.
        person: Option<String>,
        /// A line each.
        settings: Vec<SettingLine>,
    },
    /// A setting has been changed.
    SettingChanged {
        /// For whom; none: for all who have nothing else set.
        person: Option<String>,
        /// What it is now.
        settings: Vec<SettingLine>,
    },
    /// Sales or purchases are about to be shown: what that means, and how to say yes.
    OrdersAsked {
        /// The account or contact.
        label: String,
        /// Which kinds.
        kinds: Vec<Kind>,
        /// Whether it is an account; else a contact.
        account: bool,
    },
    /// The kinds of an account have been changed.
    AccountKinds {
        /// What it is called.
        label: String,
        /// Its kinds now.
        kinds: Vec<Kind>,
    },
    /// Whether what was posted is to be withdrawn too.
    WithdrawAsked {
        /// The contact.
        person: String,
        /// How many messages.
        cards: u32,
    },
    /// What was posted is being withdrawn.
    WithdrawnAll {
        /// How many messages.
        cards: u32,
    },
    /// It stays as it is.
    LeftAsItIs,

    // Categories.
    /// The categories there are.
    Categories {
        /// The built-in ones.
        built_in: Vec<CategoryLine>,
        /// Her own.
        own: Vec<CategoryLine>,
    },
    /// One of her own categories, or a built-in one.
    CategoryShown {
        /// Its name.
        category: CategoryName,
        /// Its criteria as they are typed; empty for a built-in one.
        criteria: String,
        /// Whether it is built in.
        built_in: bool,
    },
    /// A category has been made or changed.
    CategorySaved {
        /// Its name.
        name: String,
        /// Its criteria as they are typed.
        criteria: String,
        /// Whether it was there before.
        changed: bool,
    },
    /// A category has been deleted.
    CategoryDeleted {
        /// Its name.
        name: String,
    },
    /// Which categories a text or an item belongs to.
    CategoryTested {
        /// The text, or the titles of the items, with what they belong to.
        tested: Vec<TestedLine>,
    },

    // What was shared.
    /// The newest trades and their numbers.
    Recent {
        /// A line each, newest first.
        trades: Vec<SharedLine>,
    },
    /// Why a trade was shared with whom.
    Why {
        /// Its number.
        number: Number,
        /// What it is called.
        title: String,
        /// Its categories and why.
        categories: Vec<BelongsLine>,
        /// Its contacts and why not.
        contacts: Vec<DecidedLine>,
        /// Whether she withdrew it.
        undone: bool,
    },
    /// A trade is being withdrawn.
    Undone {
        /// Its number.
        number: Number,
        /// What it is called.
        title: String,
        /// In how many rooms it stood.
        rooms: u32,
    },
    /// A purchase is held back for a while.
    PurchaseHeld {
        /// Its number.
        number: Number,
        /// What the sharer calls the account it comes from.
        shop: String,
        /// The trade.
        trade: Box<Trade>,
        /// To whom it goes then.
        contacts: Vec<NameLine>,
        /// For how long it is held.
        hold_seconds: u32,
    },

    // What a contact may say, anywhere.
    /// Somebody's offers are muted; said in a room of her own.
    SharerMuted {
        /// Whose.
        user: String,
        /// Until when.
        until_at: Option<Timestamp>,
    },
    /// Somebody's offers come again; said in a room of her own.
    SharerUnmuted {
        /// Whose.
        user: String,
    },
    /// Whom she muted.
    MutedSharers {
        /// A line each.
        sharers: Vec<MuteLine>,
    },
    /// What is stored of her.
    Privacy {
        /// Her id.
        user: String,
        /// Whether a language is.
        language: bool,
        /// The rooms with the bot that she is in.
        rooms: u32,
        /// Accounts of her own.
        accounts: u32,
        /// Contacts of her own.
        contacts: u32,
        /// Who has her as a contact.
        sharers: Vec<PrivacyLine>,
        /// Whom she muted.
        muted: Vec<MuteLine>,
    },
    /// The contact hears only of some categories.
    OnlyThese {
        /// Whose offers.
        sharer: String,
        /// The categories; none: all of them again.
        categories: Vec<CategoryName>,
    },
    /// The contact agreed; said to both.
    Agreed {
        /// Who shares.
        sharer: String,
    },
    /// The contact declined; said to both.
    Declines {
        /// Who would have shared.
        sharer: String,
    },
    /// Said to the sharer.
    ContactAgreed {
        /// The number.
        number: Number,
        /// The name.
        person: String,
    },
    /// Said to the sharer.
    ContactDeclined {
        /// The number.
        number: Number,
        /// The name.
        person: String,
    },
    /// The board could not be pinned: what to change.
    BoardNotPinned {
        /// The number.
        number: Number,
        /// The name.
        person: String,
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

    /// Several contacts have this name.
    AmbiguousContact {
        /// What was typed.
        typed: String,
        /// Those there are.
        contacts: Vec<ContactLine>,
    },
    /// There is no such category.
    UnknownCategory {
        /// What was typed.
        typed: String,
        /// Those there are.
        categories: Vec<CategoryLine>,
    },
    /// There is one of this name already.
    CategoryKnown {
        /// Its name.
        name: String,
        /// Whether it is built in.
        built_in: bool,
    },
    /// A category's name is too long, or is a word that means something else.
    CategoryName {
        /// What was typed.
        typed: String,
    },
    /// Criteria cannot be read.
    WrongCriteria {
        /// Why.
        reason: CriteriaProblem,
    },
    /// A setting cannot be read.
    WrongSetting {
        /// What is wrong with it.
        reason: SettingProblem,
    },
    /// Sales and purchases are shown to one contact by name only.
    OrdersNeedContact,
    /// The presence line comes with sharing in one's own name.
    StatusNotYet,
    /// Nothing has been asked.
    NothingAsked,
    /// No trade of hers has this number.
    UnknownTrade {
        /// What was typed.
        typed: String,
    },
    /// Nothing has been shared yet.
    NothingShared,
    /// A person must be named by her whole id.
    NoUser {
        /// What was typed.
        typed: String,
    },
    /// As much is stored as one person may have.
    Full,

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
    /// She has a room with the bot already.
    OneIsEnough,
}

/// What there is help for: each command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::EnumIter, strum::Display)]
#[serde(tag = "topic", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "each has the name of its command")]
pub enum Topic {
    Help,
    Panel,
    Platforms,
    Add,
    Remove,
    List,
    Now,
    Contacts,
    With,
    Without,
    Set,
    Category,
    Pause,
    Resume,
    Status,
    Preview,
    Recent,
    Why,
    Undo,
    Yes,
    No,
    Cancel,
    Mute,
    Unmute,
    Only,
    Muted,
    Privacy,
    Language,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
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
    /// Until when it is muted.
    #[serde(default)]
    pub until_at: Option<Timestamp>,
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

impl From<NotDirect> for DirectProblem {
    fn from(not_direct: NotDirect) -> Self {
        Self { not_direct }
    }
}

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
