//! What there is help for, and languages by what people call them.

use crate::domain::sharer::Language;
use serde::Deserialize;
use serde::Serialize;

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
    Secret,
    Confirm,
    Push,
    Interval,
    List,
    Now,
    Post,
    Contacts,
    With,
    Without,
    As,
    Verify,
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
    Export,
    Forget,
    Language,
    Version,
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
