//! A chat line into a command: pure, forgiving about width, case, language and separators, and
//! clear about what is missing.

use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::Topic;
use crate::domain::notice::language_named;
use crate::domain::sharer::Language;
use strum::IntoEnumIterator;
use unicode_normalization::UnicodeNormalization;

/// The prefixes of a command, after folding.
const PREFIXES: &[&str] = &["!share", "!分享"];
/// How near a mistyped command must be to be named.
const NEAR: f64 = 0.7;

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
        secret: Option<String>,
    },
    /// Remove an account.
    Remove(Number),
    /// Accounts and contacts.
    List,
    /// Share with somebody.
    With(Who),
    /// Do not share with somebody.
    Without(Who),
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
    /// As a contact: hear nothing more.
    Mute,
    /// As a contact: hear it again.
    Unmute,
    /// The program's version.
    Version,
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
            Self::List => Topic::List,
            Self::With(_) => Topic::With,
            Self::Without(_) => Topic::Without,
            Self::Pause(_) => Topic::Pause,
            Self::Resume(_) => Topic::Resume,
            Self::Now => Topic::Now,
            Self::Status => Topic::Status,
            Self::Preview => Topic::Preview,
            Self::Language(_) => Topic::Language,
            Self::Mute => Topic::Mute,
            Self::Unmute => Topic::Unmute,
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
        Topic::Remove => &["remove", "移除", "rm", "delete", "删除", "unsub"],
        Topic::List => &["list", "列表", "ls"],
        Topic::Contacts => &["contacts", "联系人"],
        Topic::With => &["with", "分享给", "给"],
        Topic::Without => &["without", "不分享给"],
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
        Topic::Language => &["language", "语言", "lang"],
        Topic::Version => &["version", "版本"],
    }
}

/// The part of a message behind the command prefix; none where it has no prefix.
#[must_use]
pub fn behind_prefix(text: &str) -> Option<&str> {
    let text = text.trim_start();
    // Folding may change lengths, so the original is cut where its folded beginning is the prefix.
    for (end, _) in text.char_indices().skip(1).chain([(text.len(), ' ')]) {
        let head = fold(&text[..end]);
        if PREFIXES.contains(&head.as_str()) {
            let rest = &text[end..];
            let joined = head.is_ascii() && rest.starts_with(|c: char| c.is_alphanumeric());
            return (!joined).then_some(rest);
        }
        if head.len() > 12 {
            break;
        }
    }
    None
}

/// The text without a mention of the bot at its start: `tradepost: list`, `@tradepost:example.org list`.
#[must_use]
pub fn without_mention<'a>(text: &'a str, bot_names: &[&str]) -> &'a str {
    let text = text.trim_start();
    for name in bot_names.iter().filter(|name| !name.is_empty()) {
        if let Some(head) = text.get(..name.len())
            && head.eq_ignore_ascii_case(name)
            && let Some(rest) = text.get(name.len()..)
            && rest.starts_with([':', ',', '：', '，', ' '])
        {
            return rest.trim_start_matches([':', ',', '：', '，', ' ']);
        }
    }
    text
}

/// Reads what stands behind the prefix.
pub fn parse(text: &str) -> Result<Command, ParseError> {
    let tokens = tokens(text);
    let Some((verb, arguments)) = tokens.split_first() else {
        return Ok(Command::Help(None));
    };
    let verb = fold(verb);
    let Some(topic) = topic_named(&verb) else {
        return unknown(verb, &tokens);
    };
    command(topic, arguments)
}

fn command(topic: Topic, arguments: &[&str]) -> Result<Command, ParseError> {
    match (topic, arguments) {
        (Topic::Help, []) => Ok(Command::Help(None)),
        (Topic::Help, [name]) => {
            let name = fold(name);
            topic_named(&name).map_or_else(|| unknown(name, &[]), |topic| Ok(Command::Help(Some(topic))))
        }
        (Topic::Platforms, []) => Ok(Command::Platforms),
        (Topic::Add, [link]) if is_link(link) => Ok(Command::Add { platform: None, account: (*link).to_owned(), secret: None }),
        (Topic::Add, [platform, account]) => Ok(add(platform, account, None)),
        (Topic::Add, [platform, account, secret]) => Ok(add(platform, account, Some(secret))),
        (Topic::Remove, [number]) => self::number(number).map(Command::Remove),
        (Topic::List, []) => Ok(Command::List),
        (Topic::With, [_, ..]) => Ok(Command::With(who(arguments))),
        (Topic::Without, [_, ..]) => Ok(Command::Without(who(arguments))),
        (Topic::Pause, []) => Ok(Command::Pause(None)),
        (Topic::Pause, [number]) => self::number(number).map(|number| Command::Pause(Some(number))),
        (Topic::Resume, []) => Ok(Command::Resume(None)),
        (Topic::Resume, [number]) => self::number(number).map(|number| Command::Resume(Some(number))),
        (Topic::Now, []) => Ok(Command::Now),
        (Topic::Status, []) => Ok(Command::Status),
        (Topic::Preview, []) => Ok(Command::Preview),
        (Topic::Language, [name]) => language_named(&fold(name)).map(Command::Language).ok_or(ParseError::Usage(topic)),
        (Topic::Mute, []) => Ok(Command::Mute),
        (Topic::Unmute, []) => Ok(Command::Unmute),
        (Topic::Version, []) => Ok(Command::Version),
        _ => Err(ParseError::Usage(topic)),
    }
}

fn add(platform: &str, account: &str, secret: Option<&str>) -> Command {
    Command::Add { platform: Some(fold(platform)), account: account.to_owned(), secret: secret.map(str::to_owned) }
}

fn unknown(typed: String, tokens: &[&str]) -> Result<Command, ParseError> {
    if let [link] = tokens
        && is_link(link)
    {
        return Err(ParseError::Unknown { typed, nearest: Some(Topic::Add) });
    }
    let similarity = |word: &str| strsim::jaro_winkler(word, &typed);
    let scored = Topic::iter().map(|topic| (words(topic).iter().map(|word| similarity(word)).fold(0.0, f64::max), topic));
    let nearest = scored.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(score, _)| *score >= NEAR).map(|(_, topic)| topic);
    Err(ParseError::Unknown { typed, nearest })
}

fn topic_named(folded: &str) -> Option<Topic> {
    Topic::iter().find(|topic| words(*topic).contains(&folded))
}

fn number(typed: &str) -> Result<Number, ParseError> {
    let digits = fold(typed);
    digits.trim_start_matches('#').parse().map(Number).map_err(|_| ParseError::NoNumber { typed: typed.to_owned() })
}

fn who(arguments: &[&str]) -> Who {
    let joined = arguments.join(" ");
    let folded = fold(&joined);
    if matches!(folded.as_str(), "here" | "这里" | "此处") {
        return Who::Here;
    }
    if let Ok(number) = number(&joined) {
        return Who::Number(number);
    }
    let plain: String = joined.nfkc().collect();
    let user = plain.strip_prefix("https://matrix.to/#/").unwrap_or(&plain);
    if user.starts_with('@') && user.contains(':') { Who::User(UserId::new(user)) } else { Who::Name(joined) }
}

fn is_link(token: &str) -> bool {
    token.contains("://") || (token.contains('.') && !token.starts_with('.') && !token.ends_with('.'))
}

/// Compatibility forms folded (full-width letters, digits and marks), lower case.
fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

/// The words of a line: at white space, and at Chinese commas, semicolons and colons, which a link
/// may hold.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in text.split(char::is_whitespace) {
        let mut rest = word;
        while !rest.is_empty() {
            let link_at = rest.find("://").map(|at| rest[..at].rfind(SEPARATORS).map_or(0, |before| before + '，'.len_utf8()));
            let cut = rest.find(SEPARATORS).filter(|at| link_at.is_none_or(|link| *at < link));
            let (token, after) = cut.map_or((rest, ""), |at| (&rest[..at], rest[at..].trim_start_matches(SEPARATORS)));
            if !token.is_empty() {
                tokens.push(token);
            }
            rest = after;
        }
    }
    tokens
}

/// All of them are three bytes long.
const SEPARATORS: [char; 4] = ['，', '、', '；', '：'];

#[cfg(test)]
mod tests {
    use super::Command;
    use super::ParseError;
    use super::Who;
    use super::behind_prefix;
    use super::parse;
    use super::without_mention;
    use super::words;
    use crate::domain::ids::Number;
    use crate::domain::ids::UserId;
    use crate::domain::notice::Topic;
    use crate::domain::sharer::Language;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use strum::IntoEnumIterator;

    fn command(text: &str) -> Result<Command, ParseError> {
        parse(behind_prefix(text).unwrap_or_else(|| panic!("{text:?} has no prefix")))
    }

    #[test]
    fn the_prefix_may_be_wide_chinese_or_in_capitals() {
        for text in [
            "!share list",
            "！share list",
            "!SHARE ls",
            "！ｓｈａｒｅ　ｌｉｓｔ",
            "!分享 列表",
            "！分享列表",
            "!分享：列表",
            "  !share，list",
        ] {
            assert_eq!(command(text), Ok(Command::List), "{text}");
        }
        assert_eq!(behind_prefix("!shared list"), None);
        assert_eq!(behind_prefix("hello !share list"), None);
        assert_eq!(behind_prefix("share"), None);
        assert_eq!(behind_prefix(""), None);
        assert_eq!(command("!share"), Ok(Command::Help(None)));
    }

    #[test]
    fn accounts_and_secrets_are_taken_as_they_are() {
        let add = |platform: Option<&str>, account: &str, secret: Option<&str>| {
            Ok(Command::Add { platform: platform.map(Into::into), account: account.into(), secret: secret.map(Into::into) })
        };
        assert_eq!(command("!share add feed https://A.example/Ｆ，x"), add(Some("feed"), "https://A.example/Ｆ，x", None));
        assert_eq!(command("！分享：添加，ｆｅｅｄ，https://a.example/"), add(Some("feed"), "https://a.example/", None));
        assert_eq!(command("!share add https://a.example/"), add(None, "https://a.example/", None));
        assert_eq!(command("!share add shop.example/feed"), add(None, "shop.example/feed", None));
        assert_eq!(command("!share add Taobao joy S3cret"), add(Some("taobao"), "joy", Some("S3cret")));
        assert_eq!(command("!share add taobao"), Err(ParseError::Usage(Topic::Add)));
        assert_eq!(command("!share add a b c d"), Err(ParseError::Usage(Topic::Add)));
    }

    #[test]
    fn contacts_are_named_in_four_ways() {
        assert_eq!(command("!share with here"), Ok(Command::With(Who::Here)));
        assert_eq!(command("!分享 分享给 这里"), Ok(Command::With(Who::Here)));
        assert_eq!(command("!share with ３"), Ok(Command::With(Who::Number(Number(3)))));
        assert_eq!(command("!share without @mary:example.org"), Ok(Command::Without(Who::User(UserId::new("@mary:example.org")))));
        assert_eq!(command("!share with Mary Ann"), Ok(Command::With(Who::Name("Mary Ann".to_owned()))));
        assert_eq!(command("!share with"), Err(ParseError::Usage(Topic::With)));
    }

    #[test]
    fn mistakes_are_named_with_what_is_nearest() {
        let nearest = |text| match command(text) {
            Err(ParseError::Unknown { nearest, .. }) => nearest,
            other => panic!("{other:?}"),
        };
        assert_eq!(nearest("!share lsit"), Some(Topic::List));
        assert_eq!(nearest("!share plattforms"), Some(Topic::Platforms));
        assert_eq!(nearest("!share xyzzy"), None);
        assert_eq!(command("!share remove feed"), Err(ParseError::NoNumber { typed: "feed".to_owned() }));
        assert_eq!(command("!share list all"), Err(ParseError::Usage(Topic::List)));
        assert_eq!(command("!share language 中文"), Ok(Command::Language(Language::SimplifiedChinese)));
    }

    #[test]
    fn a_mention_before_a_command_is_left_out() {
        let names = ["@tradepost:example.org", "tradepost"];
        assert_eq!(without_mention("tradepost: list", &names), "list");
        assert_eq!(without_mention("@tradepost:example.org list", &names), "list");
        assert_eq!(without_mention("Tradepost，帮助", &names), "帮助");
        assert_eq!(without_mention("tradeposting", &names), "tradeposting");
    }

    #[test]
    fn every_command_has_a_chinese_word_and_no_word_means_two_things() {
        let mut seen = BTreeSet::new();
        for topic in Topic::iter() {
            assert!(words(topic)[0].is_ascii() && !words(topic)[1].is_ascii(), "{topic}");
            assert_eq!(words(topic)[0], topic.to_string());
            for word in words(topic) {
                assert!(seen.insert(word), "{word} means two things");
            }
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(text in "\\PC{0,60}", tail in "[ ，、；：!！/:.a-z分享添加]{0,40}") {
            let line = format!("!share {text}{tail}");
            let _ = behind_prefix(&text);
            let _ = without_mention(&text, &["tradepost"]);
            let _ = parse(behind_prefix(&line).unwrap());
        }
    }
}
