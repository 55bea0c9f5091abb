//! The commands there are, the words for them, and why a line is none of them.

use super::set::Set;
use crate::actions::NewPost;
use crate::actions::PushChoice;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::SettingProblem;
use crate::domain::notice::Topic;
use crate::domain::own_name::Identity;
use crate::domain::sharer::Language;
use crate::values::Secret;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// What there is, or one command.
    Help(Option<Topic>),
    /// Which platforms there are.
    Platforms,
    /// Add an account.
    Add {
        /// The platform; none where only a link was typed.
        platform: Option<String>,
        /// The account's name.
        account: String,
        /// Its secret.
        secret: Option<Secret>,
        /// How links are made, where the shop has no pages of its own.
        links: Option<String>,
    },
    /// Give an account a new secret, or ask how.
    Secret {
        /// The account.
        number: Number,
        /// The secret; none: by a link.
        secret: Option<Secret>,
    },
    /// Confirm an account by the code that the platform showed.
    Confirm {
        /// The account.
        number: Number,
        /// The code.
        code: String,
    },
    /// Have a platform send by itself, or not.
    Push {
        /// The account.
        number: Number,
        /// How.
        choice: PushChoice,
    },
    /// How often an account is looked at.
    Interval {
        /// The account.
        number: Number,
        /// How often.
        seconds: u64,
    },
    /// Share one item by hand.
    Post(NewPost),
    /// Remove an account.
    Remove(Number),
    /// Accounts and contacts.
    List,
    /// Share with somebody.
    With(Who),
    /// Do not share with somebody.
    Without(Who),
    /// Share in her own name, or in the bot's.
    As {
        /// In whose name.
        identity: Identity,
        /// With whom; none: with all.
        who: Option<Who>,
    },
    /// Verify a device: the bot's, or her own at tradepost; none: hers where she has one to verify.
    Verify(Option<Identity>),
    /// Pause everything, or one account or contact.
    Pause(Option<Number>),
    /// Resume everything, or one account or contact.
    Resume(Option<Number>),
    /// Look at the accounts now.
    Now,
    /// How things stand.
    Status,
    /// What would be shared with whom.
    Preview,
    /// Choose a language.
    Language(Language),
    /// Her direct rooms.
    Contacts,
    /// The panel.
    Panel {
        /// A short one in the direct room itself.
        here: bool,
    },
    /// Settings: shows or changes them.
    Set(Set),
    /// Categories.
    Category(CategoryCommand),
    /// What was shared lately.
    Recent,
    /// Why a trade was shared.
    Why(Number),
    /// Take a trade back; none: the newest.
    Undo(Option<Number>),
    /// Yes to what was asked.
    Yes,
    /// No to what was asked.
    No,
    /// Leave what was asked.
    Cancel,
    /// As a contact: hear nothing more, of somebody or in this room, for so many seconds or for good.
    Mute {
        /// Of whom; none: of whoever shares in this room.
        user: Option<UserId>,
        /// For how long.
        seconds: Option<u64>,
    },
    /// As a contact: hear nothing more of anybody, now or later, for so many seconds or for good.
    MuteEveryone {
        /// For how long.
        seconds: Option<u64>,
    },
    /// As a contact: hear of all again but those who were muted by name.
    UnmuteEveryone,
    /// As a contact: hear it again.
    Unmute {
        /// Of whom; none: of whoever shares in this room.
        user: Option<UserId>,
    },
    /// As a contact: hear only of these categories; none: of all.
    Only(Option<Vec<String>>),
    /// Whom she muted.
    Muted,
    /// What is stored of her.
    Privacy,
    /// What is stored of her sharing, as a file.
    Export,
    /// Erase what is stored of her.
    Forget,
    /// The program's version.
    Version,
}

/// What is done with categories. Names and criteria are as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CategoryCommand {
    /// All of them.
    List,
    /// One of them.
    Show(String),
    /// A new one.
    New {
        /// Its name.
        name: String,
        /// Its criteria.
        criteria: String,
    },
    /// Other criteria.
    Edit {
        /// Its name.
        name: String,
        /// Its criteria.
        criteria: String,
    },
    /// Without it.
    Delete(String),
    /// What a text, or a shop's items, belong to.
    Test(String),
}

/// A contact, as a person names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The other person of the room this is typed in.
    Here,
    /// By number in the list.
    Number(Number),
    /// By user id.
    User(UserId),
    /// By display name.
    Name(String),
}

/// Why a line is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// There is no such command.
    Unknown {
        /// What was typed.
        typed: String,
        /// The nearest one.
        nearest: Option<Topic>,
    },
    /// Something is missing, too much, or not of its form.
    Usage(Topic),
    /// A number was expected.
    NoNumber {
        /// What was typed.
        typed: String,
    },
    /// A user id was expected.
    NoUser {
        /// What was typed.
        typed: String,
    },
    /// A setting is not of its form.
    Setting(SettingProblem),
    /// A price was expected.
    NoPrice {
        /// What was typed.
        typed: String,
    },
}

impl Command {
    /// What help there is for it.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        match self {
            Self::Help(_) => Topic::Help,
            Self::Platforms => Topic::Platforms,
            Self::Add { .. } => Topic::Add,
            Self::Remove(_) => Topic::Remove,
            Self::Secret { .. } => Topic::Secret,
            Self::Confirm { .. } => Topic::Confirm,
            Self::Push { .. } => Topic::Push,
            Self::Interval { .. } => Topic::Interval,
            Self::Post(_) => Topic::Post,
            Self::List => Topic::List,
            Self::With(_) => Topic::With,
            Self::Without(_) => Topic::Without,
            Self::As { .. } => Topic::As,
            Self::Verify(_) => Topic::Verify,
            Self::Pause(_) => Topic::Pause,
            Self::Resume(_) => Topic::Resume,
            Self::Now => Topic::Now,
            Self::Status => Topic::Status,
            Self::Preview => Topic::Preview,
            Self::Language(_) => Topic::Language,
            Self::Contacts => Topic::Contacts,
            Self::Panel { .. } => Topic::Panel,
            Self::Set(_) => Topic::Set,
            Self::Category(_) => Topic::Category,
            Self::Recent => Topic::Recent,
            Self::Why(_) => Topic::Why,
            Self::Undo(_) => Topic::Undo,
            Self::Yes => Topic::Yes,
            Self::No => Topic::No,
            Self::Cancel => Topic::Cancel,
            Self::Mute { .. } | Self::MuteEveryone { .. } => Topic::Mute,
            Self::Unmute { .. } | Self::UnmuteEveryone => Topic::Unmute,
            Self::Only(_) => Topic::Only,
            Self::Muted => Topic::Muted,
            Self::Privacy => Topic::Privacy,
            Self::Export => Topic::Export,
            Self::Forget => Topic::Forget,
            Self::Version => Topic::Version,
        }
    }
}

/// The words that are typed for a command: English, Chinese, then others people are used to.
#[must_use]
pub const fn words(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::Help => &["help", "帮助", "?", "h"],
        Topic::Panel => &["panel", "面板"],
        Topic::Platforms => &["platforms", "平台"],
        Topic::Add => &["add", "添加", "sub", "subscribe", "订阅"],
        Topic::Secret => &["secret", "密钥"],
        Topic::Confirm => &["confirm", "确认"],
        Topic::Push => &["push", "推送"],
        Topic::Interval => &["interval", "间隔"],
        Topic::Post => &["post", "发布"],
        Topic::Remove => &["remove", "移除", "rm", "delete", "删除", "unsub"],
        Topic::List => &["list", "列表", "ls"],
        Topic::Contacts => &["contacts", "联系人"],
        Topic::With => &["with", "分享给", "给"],
        Topic::Without => &["without", "不分享给"],
        Topic::As => &["as", "身份", "名义"],
        Topic::Verify => &["verify", "验证"],
        Topic::Set => &["set", "设置"],
        Topic::Category => &["category", "类别", "categories", "分类", "cat"],
        Topic::Pause => &["pause", "暂停"],
        Topic::Resume => &["resume", "继续", "恢复"],
        Topic::Now => &["now", "立即"],
        Topic::Status => &["status", "状态"],
        Topic::Preview => &["preview", "预览"],
        Topic::Recent => &["recent", "最近", "posted"],
        Topic::Why => &["why", "为什么", "为何"],
        Topic::Undo => &["undo", "撤回"],
        Topic::Yes => &["yes", "是", "好", "同意"],
        Topic::No => &["no", "否", "不", "不同意"],
        Topic::Cancel => &["cancel", "取消"],
        Topic::Mute => &["mute", "静音"],
        Topic::Unmute => &["unmute", "取消静音"],
        Topic::Only => &["only", "只要"],
        Topic::Muted => &["muted", "已静音"],
        Topic::Privacy => &["privacy", "隐私"],
        Topic::Export => &["export", "导出"],
        Topic::Forget => &["forget", "忘记", "遗忘"],
        Topic::Language => &["language", "语言", "lang"],
        Topic::Version => &["version", "版本"],
    }
}
