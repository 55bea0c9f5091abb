//! Everything that the bot says to people in words, as a closed list of values with their
//! arguments. The words themselves stand in `locales/`, one message for each variant; `texts`
//! joins the two when something is sent, in the language of whoever reads it.
//!
//! A variant's message has the variant's name in kebab case. A nested value with a tag of its own
//! (`problem`, `reason`, …) has a message named tag-value; the elements of a list have one named
//! after the variant and the field.

use crate::domain::ids::Number;
use crate::domain::problem::Problem;
use crate::domain::sharer::Language;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

mod lines;
mod panel;
mod problems;
mod settings;
mod topics;

pub use lines::AccountLine;
pub use lines::AccountState;
pub use lines::BelongsLine;
pub use lines::CardLine;
pub use lines::ContactLine;
pub use lines::ContactLineState;
pub use lines::DecidedLine;
pub use lines::EmojiLine;
pub use lines::MuteLine;
pub use lines::NameLine;
pub use lines::PlatformLine;
pub use lines::PlatformNeeds;
pub use lines::PreviewLine;
pub use lines::PrivacyLine;
pub use lines::SharedLine;
pub use lines::Speaker;
pub use lines::TestedLine;
pub use panel::PanelLine;
pub use panel::PanelName;
pub use panel::PanelPart;
pub use panel::PanelSection;
pub use problems::ApproachProblem;
pub use problems::CriteriaProblem;
pub use problems::DeclineReason;
pub use problems::DirectProblem;
pub use problems::PatternFault;
pub use problems::SettingProblem;
pub use problems::VerificationProblem;
pub use settings::CategoryLine;
pub use settings::CategoryName;
pub use settings::Names;
pub use settings::Setting;
pub use settings::SettingLine;
pub use topics::Topic;
pub use topics::language_named;

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
        /// Whether it gives more kinds of trades to somebody with a secret.
        #[serde(default)]
        more_with_secret: bool,
        /// Whether the platform could send what happens by itself, where she asks for it.
        #[serde(default)]
        could_push: bool,
        /// Whether it could, but tradepost has no public address.
        #[serde(default)]
        only_polled: bool,
    },
    /// An account needs a secret: where she gives it.
    SecretAsked {
        /// What is typed for the platform.
        platform: String,
        /// What the platform is called.
        name: String,
        /// The account as it was typed, or its number.
        account: String,
        /// Whether there is an account already, which needs a new secret.
        renews: bool,
        /// The page at the platform where she agrees.
        consent: Option<Box<str>>,
        /// The page of ours where she types it.
        page: Option<Box<str>>,
    },
    /// A secret works.
    SecretTaken {
        /// The account's number.
        number: Number,
        /// What it is called.
        label: String,
    },
    /// An account counts when its owner has confirmed it at the platform.
    ConfirmAsked {
        /// Its number.
        number: Number,
        /// What the platform is called.
        platform: String,
        /// The account.
        label: String,
        /// The page at the platform; none: it showed her a code.
        page: Option<String>,
    },
    /// It has been confirmed.
    AccountConfirmed {
        /// Its number.
        number: Number,
        /// What it is called.
        label: String,
    },
    /// How often an account is looked at has been changed.
    IntervalChanged {
        /// What it is called.
        label: String,
        /// How often.
        interval_seconds: u32,
    },
    /// The platform sends what happens by itself.
    PushOn {
        /// What the account is called.
        label: String,
        /// How often it is looked at all the same.
        interval_seconds: u32,
    },
    /// It is polled only.
    PushOff {
        /// What the account is called.
        label: String,
        /// How often.
        interval_seconds: u32,
    },
    /// What lets the platform be told to send.
    PushAsked {
        /// The account's number.
        number: Number,
        /// What it is called.
        label: String,
        /// The page at the platform where she agrees.
        consent: Option<String>,
        /// Whether she can also set it up by hand.
        by_hand: bool,
    },
    /// A message with a secret in it could not be taken away.
    SecretStays {
        /// Whether somebody else reads there.
        is_direct: bool,
        /// What the account is called that it is the secret of, where that is known.
        label: Option<String>,
        /// Where she gives a new one, where there is such a page.
        page: Option<String>,
        /// How she gives it else: the account's number.
        number: Option<Number>,
    },
    /// What she sets at the platform by hand. Address and secret stand on a page that shows them once: they
    /// are not said in a room.
    PushByHand {
        /// What the account is called.
        label: String,
        /// The page.
        #[serde(default)]
        page: String,
        /// What is to be chosen there.
        topics: Vec<NameLine>,
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
        /// In whose name she shares.
        #[serde(default)]
        speaker: Speaker,
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

    // What is shared by hand.
    /// An item goes out.
    Posted {
        /// What is said to be the shop.
        shop: String,
        /// The item.
        trade: Box<Trade>,
        /// The names of those who get it.
        contacts: Vec<String>,
        /// Whether it also stands beside her own name.
        beside_name: bool,
        /// Why its page could not be read.
        problem: Option<Problem>,
    },
    /// It was shared before.
    PostedBefore {
        /// What it is called.
        title: String,
        /// Its number, where it is still known.
        number: Option<Number>,
        /// The names of those who get it, or hear of the change, now.
        contacts: Vec<String>,
        /// Whether its price or availability is another one now.
        changed: bool,
        /// Why its page could not be read.
        problem: Option<Problem>,
    },
    /// Nobody would get it, so nothing was shared.
    PostedToNobody {
        /// What is said to be the shop.
        shop: String,
        /// The item.
        trade: Box<Trade>,
        /// Her contacts and why not.
        contacts: Vec<DecidedLine>,
        /// Its categories.
        categories: Vec<CategoryName>,
    },
    /// Nothing was shared by hand, since that is paused.
    PostPaused {
        /// The number of her account for it.
        number: Number,
        /// Whether everything is paused.
        everything: bool,
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
    /// Everybody's offers are muted.
    EveryoneMuted {
        /// Until when.
        until_at: Option<Timestamp>,
    },
    /// Offers come again but of those who were muted by name.
    EveryoneUnmuted,
    /// One cannot be unmuted while everybody is muted.
    EveryoneIsMuted,
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
    /// Whether everything that is stored of her is to be erased: what that is.
    ForgetAsked {
        /// Accounts of her own.
        accounts: u32,
        /// Contacts of her own.
        contacts: u32,
        /// How many have her as a contact.
        sharers: u32,
        /// Whether she shares in her own name.
        own_name: bool,
        /// How many messages stand that can be withdrawn; then she is asked about them next.
        cards: u32,
        /// How many stand in her own name, which only she can take away.
        own_cards: u32,
    },
    /// Whether what was posted for her is to be withdrawn before she is forgotten.
    ForgetPostedAsked {
        /// How many messages.
        cards: u32,
    },
    /// What is stored of her stands in files above.
    Exported {
        /// How many files.
        files: u32,
        /// How many entries did not fit into them.
        left_out: u32,
    },
    /// The homeserver does not take a file.
    FileNotTaken,
    /// Everything that was stored of her is erased.
    Forgotten {
        /// The language that she had chosen: afterwards nobody knows it.
        language: Option<Language>,
        /// How many messages are withdrawn.
        cards: u32,
    },
    /// Said to a sharer: a contact had everything erased that is stored of her.
    ContactForgotten {
        /// The number.
        number: Number,
        /// The name.
        person: String,
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
    /// The operator keeps her from sharing.
    SharingDisabled,
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
    /// The operator has not set the platform up.
    PlatformNotSetUp {
        /// The platform.
        platform: String,
    },
    /// The platform's accounts are users of the operator's own homeserver.
    AccountNotShared {
        /// The platform.
        platform: String,
        /// The homeserver.
        server: String,
    },
    /// The interval is shorter than the operator allows.
    IntervalTooShort {
        /// The shortest one.
        limit_seconds: u32,
    },
    /// A template for links cannot be read.
    LinkTemplate {
        /// What was typed.
        typed: String,
    },
    /// The platform sends nothing by itself.
    PushNotPossible {
        /// The platform.
        platform: String,
    },
    /// tradepost has no public address.
    NoPublicAddress,
    /// There is nothing to be confirmed.
    NothingToConfirm {
        /// What the account is called.
        label: String,
    },
    /// The account takes no secret.
    NoSecretForAccount {
        /// What it is called.
        label: String,
    },
    /// An item could not be shared by hand.
    PostRefused {
        /// The link.
        typed: String,
        /// What is wrong with it.
        problem: Problem,
        /// Whether a title of hers would be enough.
        needs_title: bool,
    },
    /// The link may not stand in a post.
    LinkNotPosted {
        /// The link.
        typed: String,
    },
    /// What stands there is no price.
    WrongPrice {
        /// What was typed.
        typed: String,
    },
    /// The account holds what she shares by hand.
    NothingToLookAt {
        /// What it is called.
        label: String,
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
    /// She began with as many contacts today as she may.
    TooManyToday {
        /// How many.
        limit: u32,
    },
    /// All people together share with as many as they may.
    TooManyInAll,
    /// The operator lets nothing be shared with this person.
    ContactBlocked,
    /// Said to a contact on another homeserver, where the bot may not open a room.
    AskAlone,
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
    /// The line beside her name is written in her name, and she has not agreed to that.
    StatusNeedsOwnName,
    /// Who sees the line beside her name.
    StatusSeenByAll,
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
    /// A day's cards are used up, and the rest waits.
    CardsWait {
        /// Whether those of all sharers are; else hers.
        everybody: bool,
        /// Until when.
        until_at: Timestamp,
    },
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
    /// The direct room is encrypted, and cards wait: encryption is switched off here, or does not work now.
    RoomEncrypted {
        /// The number.
        number: Number,
        /// The name.
        person: String,
    },
    /// A command could not be read: its key has not come.
    Unreadable,
    /// A command came from a device that its owner has not verified.
    DeviceNotTrusted,
    /// What she says in an encrypted direct room cannot be read.
    RoomUnreadable {
        /// The name.
        person: String,
    },
    /// The bot's device was lost and has been replaced.
    BotDeviceReplaced {
        /// Whether its identity was lost too, so that it must be verified again.
        new_identity: bool,
    },

    // Verification by emoji.
    /// How to verify the bot, and its fingerprint; a request for it follows.
    VerifyBot {
        /// The id of the bot's device.
        device: String,
        /// Its fingerprint (the ed25519 key).
        fingerprint: String,
    },
    /// These are to be compared with what her own client shows.
    CompareEmoji {
        /// Whether it is about her own device at tradepost; else about the bot.
        own_device: bool,
        /// What is shown.
        emoji: Vec<EmojiLine>,
    },
    /// It is verified.
    Verified {
        /// Whether that is her own device at tradepost; else the bot.
        own_device: bool,
    },
    /// It was ended before.
    VerificationEnded {
        /// Why.
        problem: VerificationProblem,
    },

    // Sharing in one's own name.
    /// The introduction to a contact, said by the sharer herself.
    OwnIntroduction,
    /// Why the bot leaves a room: sharing goes on without it.
    MovedToDirectRoom,
    /// The bot leaves for good: the operator takes it off the server.
    Retired,
    /// The question to a contact whether she agrees, asked by the sharer herself.
    OwnConsentAsked,
    /// What it means, before she agrees.
    OwnNameAsked,
    /// She agreed.
    OwnNameOn,
    /// She withdrew it; her device at tradepost is deleted.
    OwnNameOff,
    /// The operator does not let her.
    OwnNameNotAllowed,
    /// The operator has not set it up.
    OwnNameNotSetUp,
    /// In whose name is shared with one contact from now on.
    IdentityChanged {
        /// The number.
        number: Number,
        /// The name.
        person: String,
        /// Whether in her own name; else in the bot's.
        own: bool,
    },
    /// Her device at tradepost asks her other devices to verify it; what to do, step by step.
    VerifyDevice {
        /// The device.
        device: String,
    },
    /// Her device at tradepost sends, and she has not verified it.
    DeviceUnverified,
    /// Her device at tradepost was removed; nothing is sent in her name.
    DeviceGone,
    /// The bot was invited by her hand into her direct room with somebody.
    BotInvited {
        /// The name.
        person: String,
    },
    /// Her direct room with somebody is looked for.
    Approaching {
        /// Who.
        person: String,
    },
    /// Sharing has begun in her direct room with somebody, found or opened as her.
    Approached {
        /// The number.
        number: Number,
        /// The name.
        person: String,
        /// Whether the room was opened for it.
        opened: bool,
    },
    /// It could not begin.
    NotApproached {
        /// Who.
        person: String,
        /// Why.
        problem: ApproachProblem,
    },

    /// The secret of an account works no more: it is not looked at before there is a new one.
    AccountNeedsSecret {
        /// The number.
        number: Number,
        /// What it is called.
        label: String,
        /// What is wrong.
        problem: Problem,
    },
    /// The secret of an account ends soon.
    SecretExpires {
        /// The number.
        number: Number,
        /// What it is called.
        label: String,
        /// When.
        expires_at: Timestamp,
    },
    /// The platform sends nothing more for an account, so it is over.
    AccountEnded {
        /// What it was called.
        label: String,
        /// The platform.
        platform: String,
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

impl Notice {
    /// The language in which it is said, whatever its reader chose since.
    #[must_use]
    pub const fn language(&self) -> Option<Language> {
        match self {
            Self::Forgotten { language, .. } => *language,
            _ => None,
        }
    }
}
