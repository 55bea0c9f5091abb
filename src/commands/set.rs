//! `set`: what is typed for a setting, into a change. Pure; names of categories and accounts are looked
//! up later.

use super::command::ParseError;
use super::command::Who;
use super::parse::duration;
use super::parse::first_word;
use super::parse::fold;
use super::parse::is_for;
use super::parse::is_gap;
use super::parse::number;
use super::parse::who;
use crate::actions::Change;
use crate::actions::Key;
use crate::classify::criteria::read_price_range;
use crate::domain::ids::Number;
use crate::domain::notice::SettingProblem;
use crate::domain::notice::Topic;
use crate::domain::notice::language_named;
use crate::domain::settings::Output;
use crate::domain::settings::PriceChoice;
use crate::domain::settings::Quiet;
use crate::domain::trade::Kind;
use jiff::civil::Time;
use jiff::tz;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// `set`, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// For which contact or account; none: for all, or in a direct room for its contact.
    pub whom: Option<Who>,
    /// What is changed; none: everything is shown.
    pub change: Option<Change>,
}

/// The words for each setting.
const KEYS: [(Key, &[&str]); 10] = [
    (Key::Accounts, &["accounts", "account", "platforms", "账户", "账号", "平台"]),
    (Key::Categories, &["categories", "category", "类别", "分类"]),
    (Key::Kinds, &["kinds", "kind", "种类", "类型"]),
    (Key::Outputs, &["output", "outputs", "输出", "方式"]),
    (Key::Digest, &["digest", "摘要", "汇总"]),
    (Key::Quiet, &["quiet", "免打扰", "安静"]),
    (Key::Price, &["price", "价格"]),
    (Key::TimeZone, &["timezone", "tz", "时区"]),
    (Key::Language, &["language", "lang", "语言"]),
    (Key::Popup, &["popup", "弹窗", "弹出"]),
];
const ALL: &[&str] = &["all", "everything", "全部", "所有"];
const OFF: &[&str] = &["off", "no", "never", "none", "any", "关", "关闭", "无", "不限"];
const DEFAULT: &[&str] = &["default", "默认"];

/// Reads what stands behind `set`.
pub(super) fn parse(text: &str) -> Result<Set, ParseError> {
    let (first, behind) = first_word(text);
    if !is_for(&fold(first)) {
        return Ok(Set { whom: None, change: change(text)? });
    }
    // A name may have several words, so the first word that names a setting ends it.
    let mut at = 0;
    loop {
        let (word, _) = first_word(&behind[at..]);
        if word.is_empty() {
            return named(behind, None);
        }
        let start = at + behind[at..].find(word).unwrap_or(0);
        if at > 0 && key_named(word).is_some() {
            return named(&behind[..start], change(&behind[start..])?);
        }
        at = start + word.len();
    }
}

fn named(typed: &str, change: Option<Change>) -> Result<Set, ParseError> {
    let words: Vec<&str> = typed.split(is_gap).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Err(ParseError::Usage(Topic::Set));
    }
    Ok(Set { whom: Some(who(&words)), change })
}

fn key_named(word: &str) -> Option<Key> {
    let word = fold(word.trim_end_matches([':', '=']));
    KEYS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(key, _)| *key)
}

fn change(text: &str) -> Result<Option<Change>, ParseError> {
    let (word, value) = first_word(text);
    if word.is_empty() {
        return Ok(None);
    }
    let Some(key) = key_named(word) else {
        return Err(ParseError::Setting(SettingProblem::Unknown { typed: word.to_owned() }));
    };
    let value = value.trim_start_matches(['=', ':']).trim_matches(is_gap);
    // A comma alone is no choice of nothing.
    if names(value).is_some_and(|names| names.is_empty()) {
        return Err(ParseError::Usage(Topic::Set));
    }
    if DEFAULT.contains(&fold(value).as_str()) {
        return Ok(Some(Change::Default(key)));
    }
    read(key, value).map(Some).map_err(ParseError::Setting)
}

fn read(key: Key, value: &str) -> Result<Change, SettingProblem> {
    let typed = || value.to_owned();
    let is_off = OFF.contains(&fold(value).as_str());
    Ok(match key {
        Key::Accounts => Change::Accounts(names(value).map(|names| numbers(&names)).transpose()?),
        Key::Categories => Change::Categories(names(value)),
        Key::Kinds => Change::Kinds(each(value, kind_named, |typed| SettingProblem::Kind { typed })?),
        Key::Outputs => Change::Outputs(each(value, output_named, |typed| SettingProblem::Output { typed })?),
        Key::Digest if is_off => Change::Digest(None),
        Key::Digest => {
            let (first, rest) = first_word(value);
            let time = if matches!(fold(first).as_str(), "daily" | "每天" | "每日") { rest } else { value };
            Change::Digest(Some(time_of_day(time).ok_or_else(|| SettingProblem::Time { typed: typed() })?))
        }
        Key::Quiet if is_off => Change::Quiet(Quiet::Off),
        Key::Quiet => Change::Quiet(quiet(value).ok_or_else(|| SettingProblem::Quiet { typed: typed() })?),
        Key::Price if is_off || ALL.contains(&fold(value).as_str()) => Change::Price(PriceChoice::Any),
        Key::Price => {
            let range = read_price_range(value).ok_or_else(|| SettingProblem::Price { typed: typed() })?;
            Change::Price(PriceChoice::Within(range))
        }
        Key::TimeZone => Change::TimeZone(zone(value)?),
        Key::Language => Change::Language(language_named(&fold(value)).ok_or_else(|| SettingProblem::Language { typed: typed() })?),
        Key::Popup if is_off => Change::Popup(0),
        Key::Popup => {
            let seconds = duration(value).and_then(|seconds| u32::try_from(seconds).ok());
            Change::Popup(seconds.ok_or_else(|| SettingProblem::Duration { typed: typed() })?)
        }
    })
}

/// The names in a list; none for all of them.
pub(super) fn names(text: &str) -> Option<Vec<String>> {
    if ALL.contains(&fold(text.trim()).as_str()) {
        return None;
    }
    let parts = text.split([',', '，', '、', ';', '；']).map(str::trim).filter(|part| !part.is_empty());
    Some(parts.map(|part| part.trim_matches(['"', '“', '”']).to_owned()).collect())
}

fn numbers(names: &[String]) -> Result<Vec<Number>, SettingProblem> {
    let one = |name: &String| number(name).map_err(|_| SettingProblem::Account { typed: name.clone() });
    names.iter().map(one).collect()
}

/// The values in a list, which must not be empty; words may be divided by spaces too.
fn each<T: Ord>(text: &str, named: fn(&str) -> Option<T>, wrong: fn(String) -> SettingProblem) -> Result<BTreeSet<T>, SettingProblem> {
    let mut found = BTreeSet::new();
    // The one name of two words.
    let text = &text.replace("price changes", "price-changes");
    for part in text.split([',', '，', '、', ';', '；']).map(str::trim).filter(|part| !part.is_empty()) {
        if let Some(one) = named(&fold(part)) {
            found.insert(one);
            continue;
        }
        for word in part.split_whitespace().filter(|word| !matches!(*word, "and" | "+" | "和")) {
            found.insert(named(&fold(word)).ok_or_else(|| wrong(word.to_owned()))?);
        }
    }
    if found.is_empty() { Err(wrong(text.clone())) } else { Ok(found) }
}

fn kind_named(folded: &str) -> Option<Kind> {
    Some(match folded {
        "listings" | "listing" | "offers" | "上新" | "在售" | "商品" => Kind::Listing,
        "sales" | "sale" | "sold" | "卖出" | "售出" => Kind::Sale,
        "purchases" | "purchase" | "bought" | "买入" | "购买" => Kind::Purchase,
        "price-changes" | "price-change" | "price changes" | "pricechanges" | "降价" | "改价" | "价格变化" => Kind::PriceChange,
        "withdrawn" | "withdrawals" | "sold-out" | "下架" => Kind::Withdrawn,
        _ => return None,
    })
}

fn output_named(folded: &str) -> Option<Output> {
    Some(match folded {
        "message" | "messages" | "消息" => Output::Message,
        "popup" | "pop-up" | "弹窗" | "弹出" => Output::Popup,
        "board" | "看板" | "公告板" => Output::Board,
        "digest" | "摘要" | "汇总" => Output::Digest,
        "status" | "状态" => Output::Status,
        _ => return None,
    })
}

/// `18:00`, `18`, `6pm`, `18点`.
fn time_of_day(typed: &str) -> Option<Time> {
    let folded = fold(typed.trim());
    let (text, afternoon) = match (folded.strip_suffix("pm"), folded.strip_suffix("am")) {
        (Some(text), _) => (text.trim().to_owned(), Some(true)),
        (_, Some(text)) => (text.trim().to_owned(), Some(false)),
        _ => (folded.replace('点', ":").trim_end_matches(':').to_owned(), None),
    };
    let (hours, minutes) = text.split_once([':', '.']).unwrap_or((&text, "0"));
    let (mut hour, minute): (i8, i8) = (hours.trim().parse().ok()?, minutes.trim().parse().ok()?);
    if let Some(afternoon) = afternoon {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    Time::new(if hour == 24 && minute == 0 { 0 } else { hour }, minute, 0, 0).ok()
}

fn quiet(typed: &str) -> Option<Quiet> {
    let folded = fold(typed);
    let (from, until) = folded.split_once(['-', '–', '—', '~', '至', '到']).or_else(|| folded.split_once(" to "))?;
    let (from, until) = (time_of_day(from)?, time_of_day(until)?);
    (from != until).then_some(Quiet::Between { from, until })
}

/// A time zone by its IANA name, in any case, or by the city alone.
fn zone(typed: &str) -> Result<String, SettingProblem> {
    let wanted = fold(typed).replace(' ', "_");
    let known: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
    let is_it = |name: &&String| {
        let name = name.to_lowercase();
        name == wanted || name.rsplit_once('/').is_some_and(|(_, city)| city == wanted)
    };
    if let Some(name) = known.iter().filter(is_it).min_by_key(|name| (name.to_lowercase() != wanted, name.len()))
        && TimeZone::get(name).is_ok()
    {
        return Ok(name.clone());
    }
    let likeness = |name: &&String| strsim::jaro_winkler(&name.to_lowercase(), &wanted);
    let nearest = known.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other))).filter(|name| likeness(name) > 0.8);
    Err(SettingProblem::TimeZone { typed: typed.to_owned(), nearest: nearest.cloned() })
}

#[cfg(test)]
mod tests;
