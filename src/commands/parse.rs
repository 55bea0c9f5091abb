//! A chat line into a command: pure, forgiving about width, case, language and separators, and
//! clear about what is missing.

use super::command::CategoryCommand;
use super::command::Command;
use super::command::ParseError;
use super::command::Who;
use super::command::words;
use super::set;
use crate::actions::NewPost;
use crate::actions::PushChoice;
use crate::classify::criteria::read_one_price;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::Topic;
use crate::domain::notice::language_named;
use crate::domain::own_name::Identity;
use crate::domain::text::Line;
use crate::values::Secret;
use strum::IntoEnumIterator;
use unicode_normalization::UnicodeNormalization;

/// The prefixes of a command, after folding.
const PREFIXES: &[&str] = &["!share", "!分享"];
/// How many words a secret has at the most: key and secret, or a user and a password with spaces.
const SECRET_WORDS: usize = 12;
/// How near a mistyped command must be to be named.
const NEAR: f64 = 0.7;

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
        return Ok(Command::Panel { here: false });
    };
    let folded = fold(verb);
    let Some(topic) = topic_named(&folded) else {
        return unknown(folded, &tokens);
    };
    // What is typed for these is more than words.
    let rest = text.trim_start_matches(is_gap).strip_prefix(verb).unwrap_or_default().trim_matches(is_gap);
    match topic {
        Topic::Set => set::parse(rest).map(Command::Set),
        Topic::Category => category(rest).map(Command::Category),
        Topic::Post => post(rest).map(Command::Post),
        Topic::Only => {
            // A comma alone is no choice of nothing.
            let names = set::names(rest);
            if names.as_ref().is_some_and(Vec::is_empty) { Err(ParseError::Usage(topic)) } else { Ok(Command::Only(names)) }
        }
        _ => command(topic, arguments),
    }
}

/// The first word of a text, and what stands behind it.
pub(super) fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(is_gap);
    let end = text.find(is_gap).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start_matches(is_gap))
}

/// White space, and the Chinese commas and colons that people put between words.
pub(super) fn is_gap(c: char) -> bool {
    c.is_whitespace() || SEPARATORS.contains(&c)
}

/// A link, and behind it a title, a bar and a price, or some of these.
fn post(text: &str) -> Result<NewPost, ParseError> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (link, rest) = text.split_at(end);
    if !is_link(link) {
        return Err(ParseError::Usage(Topic::Post));
    }
    let rest = rest.replace('｜', "|");
    let (title, price) = match rest.rsplit_once('|') {
        Some((title, price)) => (title, price.trim()),
        None if read_one_price(&rest).is_some() => ("", rest.trim()),
        None => (rest.as_str(), ""),
    };
    let title = Line::title(title.trim().trim_matches(['"', '“', '”']));
    let no_price = || ParseError::NoPrice { typed: price.to_owned() };
    let price = (!price.is_empty()).then(|| read_one_price(price).ok_or_else(no_price)).transpose()?;
    Ok(NewPost { link: link.to_owned(), title: (!title.is_empty()).then_some(title), price })
}

fn category(text: &str) -> Result<CategoryCommand, ParseError> {
    let usage = || ParseError::Usage(Topic::Category);
    let (verb, rest) = first_word(text);
    let whole = |rest: &str| (!rest.is_empty()).then(|| rest.trim_matches(['"', '“', '”']).to_owned()).ok_or_else(usage);
    match fold(verb).as_str() {
        "" | "list" | "ls" | "列表" => Ok(CategoryCommand::List),
        "show" | "查看" | "显示" => whole(rest).map(CategoryCommand::Show),
        "new" | "add" | "新建" | "添加" => {
            named(rest).map(|(name, criteria)| CategoryCommand::New { name, criteria }).ok_or_else(usage)
        }
        "edit" | "change" | "修改" | "编辑" => {
            named(rest).map(|(name, criteria)| CategoryCommand::Edit { name, criteria }).ok_or_else(usage)
        }
        "delete" | "remove" | "rm" | "删除" => whole(rest).map(CategoryCommand::Delete),
        "test" | "测试" => (!rest.is_empty()).then(|| CategoryCommand::Test(rest.to_owned())).ok_or_else(usage),
        _ => Err(usage()),
    }
}

/// A name, in quotation marks where it has several words, and the criteria behind it.
fn named(text: &str) -> Option<(String, String)> {
    let (name, rest) = match text.strip_prefix(['"', '“']) {
        Some(quoted) => quoted.split_once(['"', '”'])?,
        None => first_word(text),
    };
    let criteria = rest.trim_start_matches([':', ' ']).trim_matches(is_gap);
    (!name.is_empty() && !criteria.is_empty()).then(|| (name.trim_end_matches(':').to_owned(), criteria.to_owned()))
}

/// A length of time, `30d`, `2h`, `1 week`, `30天`, in seconds.
pub(super) fn duration(typed: &str) -> Option<u64> {
    let typed = fold(typed);
    let digits = typed.find(|c: char| !c.is_ascii_digit()).unwrap_or(typed.len());
    let count: u64 = typed[..digits].parse().ok()?;
    let unit = match typed[digits..].trim() {
        "s" | "sec" | "second" | "seconds" | "秒" => 1,
        "m" | "min" | "minute" | "minutes" | "分" | "分钟" => 60,
        "h" | "hour" | "hours" | "小时" | "时" => 3_600,
        "d" | "day" | "days" | "天" | "日" => 86_400,
        "w" | "week" | "weeks" | "周" | "星期" => 604_800,
        _ => return None,
    };
    // A century is for good.
    count.checked_mul(unit).filter(|seconds| (1..=3_155_760_000).contains(seconds))
}

/// Whether a word means everybody who shares.
fn is_everyone(typed: &str) -> bool {
    matches!(fold(typed).as_str(), "everyone" | "everybody" | "all" | "所有人" | "全部")
}

fn mute(arguments: &[&str]) -> Result<Command, ParseError> {
    let everyone = arguments.split_first().filter(|(first, _)| is_everyone(first));
    let (user, rest) = match arguments.split_first() {
        _ if let Some((_, rest)) = everyone => (None, rest),
        Some((first, rest)) if !first.starts_with(|c: char| c.is_numeric()) => (Some(user_id(first)?), rest),
        _ => (None, arguments),
    };
    let seconds = match rest {
        [] => None,
        _ => Some(duration(&rest.concat()).ok_or(ParseError::Usage(Topic::Mute))?),
    };
    Ok(if everyone.is_some() { Command::MuteEveryone { seconds } } else { Command::Mute { user, seconds } })
}

fn user_id(typed: &str) -> Result<UserId, ParseError> {
    match who(&[typed]) {
        Who::User(user) if user.as_str().len() <= 255 && !user.server().is_empty() => Ok(user),
        _ => Err(ParseError::NoUser { typed: typed.to_owned() }),
    }
}

fn command(topic: Topic, arguments: &[&str]) -> Result<Command, ParseError> {
    match (topic, arguments) {
        (Topic::Help, []) => Ok(Command::Help(None)),
        (Topic::Help, [name]) => {
            let name = fold(name);
            topic_named(&name).map_or_else(|| unknown(name, &[]), |topic| Ok(Command::Help(Some(topic))))
        }
        (Topic::Platforms, []) => Ok(Command::Platforms),
        (Topic::Add, [link, rest @ ..]) if is_link(link) && rest.len() <= SECRET_WORDS => Ok(add(None, link, rest)),
        (Topic::Add, [platform]) => Ok(add(Some(platform), "", &[])),
        (Topic::Add, [platform, account, rest @ ..]) if rest.len() <= SECRET_WORDS => Ok(add(Some(platform), account, rest)),
        (Topic::Secret, [number, rest @ ..]) if rest.len() <= SECRET_WORDS => {
            // What stands in its place may be the secret, and is not repeated.
            let number = self::number(number).map_err(|_| ParseError::Usage(topic))?;
            Ok(Command::Secret { number, secret: (!rest.is_empty()).then(|| Secret::new(rest.join(" "))) })
        }
        (Topic::Confirm, [number, code]) => Ok(Command::Confirm { number: self::number(number)?, code: (*code).to_owned() }),
        (Topic::Push, [number, rest @ ..]) => {
            let choice = push_choice(rest).ok_or(ParseError::Usage(topic))?;
            Ok(Command::Push { number: self::number(number)?, choice })
        }
        (Topic::Interval, [number, rest @ ..]) => {
            let seconds = duration(&rest.concat()).ok_or(ParseError::Usage(topic))?;
            Ok(Command::Interval { number: self::number(number)?, seconds })
        }
        (Topic::Remove, [number]) => self::number(number).map(Command::Remove),
        (Topic::List, []) => Ok(Command::List),
        (Topic::With, [_, ..]) => Ok(Command::With(who(arguments))),
        (Topic::Without, [_, ..]) => Ok(Command::Without(who(arguments))),
        (Topic::As, [name, rest @ ..]) => {
            self::identity(topic, name).and_then(|identity| Ok(Command::As { identity, who: for_whom(topic, rest)? }))
        }
        (Topic::Verify, []) => Ok(Command::Verify(None)),
        (Topic::Verify, [name]) => self::identity(topic, name).map(|identity| Command::Verify(Some(identity))),
        (Topic::Pause, []) => Ok(Command::Pause(None)),
        (Topic::Pause, [number]) => self::number(number).map(|number| Command::Pause(Some(number))),
        (Topic::Resume, []) => Ok(Command::Resume(None)),
        (Topic::Resume, [number]) => self::number(number).map(|number| Command::Resume(Some(number))),
        (Topic::Now, []) => Ok(Command::Now),
        (Topic::Status, []) => Ok(Command::Status),
        (Topic::Preview, []) => Ok(Command::Preview),
        (Topic::Language, [name]) => language_named(&fold(name)).map(Command::Language).ok_or(ParseError::Usage(topic)),
        (Topic::Contacts, []) => Ok(Command::Contacts),
        (Topic::Panel, []) => Ok(Command::Panel { here: false }),
        (Topic::Panel, [here]) if is_here(&fold(here)) => Ok(Command::Panel { here: true }),
        (Topic::Recent, []) => Ok(Command::Recent),
        (Topic::Why, [number]) => self::number(number).map(Command::Why),
        (Topic::Undo, []) => Ok(Command::Undo(None)),
        (Topic::Undo, [number]) => self::number(number).map(|number| Command::Undo(Some(number))),
        (Topic::Yes, []) => Ok(Command::Yes),
        (Topic::No, []) => Ok(Command::No),
        (Topic::Cancel, []) => Ok(Command::Cancel),
        (Topic::Mute, arguments) => mute(arguments),
        (Topic::Unmute, []) => Ok(Command::Unmute { user: None }),
        (Topic::Unmute, [word]) if is_everyone(word) => Ok(Command::UnmuteEveryone),
        (Topic::Unmute, [user]) => user_id(user).map(|user| Command::Unmute { user: Some(user) }),
        (Topic::Muted, []) => Ok(Command::Muted),
        (Topic::Privacy, []) => Ok(Command::Privacy),
        (Topic::Export, []) => Ok(Command::Export),
        // Nobody else can be forgotten by her word.
        (Topic::Forget, [me]) if matches!(fold(me).as_str(), "me" | "我") => Ok(Command::Forget),
        (Topic::Version, []) => Ok(Command::Version),
        _ => Err(ParseError::Usage(topic)),
    }
}

fn identity(topic: Topic, typed: &str) -> Result<Identity, ParseError> {
    match fold(typed).as_str() {
        "me" | "myself" | "我" | "自己" => Ok(Identity::Sharer),
        "bot" | "机器人" => Ok(Identity::Bot),
        _ => Err(ParseError::Usage(topic)),
    }
}

/// The contact behind `for`; none where nothing is typed.
fn for_whom(topic: Topic, arguments: &[&str]) -> Result<Option<Who>, ParseError> {
    match arguments {
        [] => Ok(None),
        [word, rest @ ..] if is_for(&fold(word)) && !rest.is_empty() => Ok(Some(who(rest))),
        _ => Err(ParseError::Usage(topic)),
    }
}

/// The word before the contact whom something is for.
pub(super) fn is_for(folded: &str) -> bool {
    matches!(folded, "for" | "给" | "对")
}

/// What stands behind the account is its secret, in one word or more, and perhaps a template for links.
fn add(platform: Option<&str>, account: &str, rest: &[&str]) -> Command {
    let (templates, secret): (Vec<&str>, Vec<&str>) = rest.iter().partition(|word| is_template(word));
    Command::Add {
        platform: platform.map(fold),
        account: account.to_owned(),
        secret: (!secret.is_empty()).then(|| Secret::new(secret.join(" "))),
        links: templates.first().map(|template| (*template).to_owned()),
    }
}

/// A template for links has places in braces; a secret is hardly an address.
fn is_template(word: &str) -> bool {
    word.contains("://") && word.contains('{')
}

fn push_choice(words: &[&str]) -> Option<PushChoice> {
    match fold(&words.join(" ")).as_str() {
        "" | "on" | "开" | "开启" => Some(PushChoice::On),
        "off" | "关" | "关闭" => Some(PushChoice::Off),
        "by hand" | "manual" | "hand" | "手动" => Some(PushChoice::ByHand),
        _ => None,
    }
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

pub(super) fn number(typed: &str) -> Result<Number, ParseError> {
    let digits = fold(typed);
    digits.trim_start_matches('#').parse().map(Number).map_err(|_| ParseError::NoNumber { typed: typed.to_owned() })
}

pub(super) fn who(arguments: &[&str]) -> Who {
    let joined = arguments.join(" ");
    let folded = fold(&joined);
    if is_here(&folded) {
        return Who::Here;
    }
    if let Ok(number) = number(&joined) {
        return Who::Number(number);
    }
    let plain: String = joined.nfkc().collect();
    let user = plain.strip_prefix("https://matrix.to/#/").unwrap_or(&plain);
    if user.starts_with('@') && user.contains(':') { Who::User(UserId::new(user)) } else { Who::Name(joined) }
}

fn is_here(folded: &str) -> bool {
    matches!(folded, "here" | "这里" | "此处")
}

fn is_link(token: &str) -> bool {
    token.contains("://") || (token.contains('.') && !token.starts_with('.') && !token.ends_with('.'))
}

/// Compatibility forms folded (full-width letters, digits and marks), lower case.
pub(super) fn fold(text: &str) -> String {
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
mod tests;
