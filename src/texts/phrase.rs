//! Turns a notice into phrases: which message says it, and with which arguments. Knows the naming
//! rule and nothing of any language.

use crate::domain::money::Price;
use crate::domain::notice::Names;
use crate::domain::notice::Notice;
use crate::domain::notice::Topic;
use crate::domain::problem::Problem;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;

/// A message and what is put into it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phrase {
    /// The message's name in the locale files.
    pub(super) message: String,
    /// What it is given, by name.
    pub(super) arguments: BTreeMap<String, Argument>,
}

/// One thing put into a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Argument {
    /// Text from outside, or a word to choose by (`true`, `active`, `none`).
    Words(String),
    /// A count or a short number.
    Number(u64),
    /// A point in time.
    When(Timestamp),
    /// A length of time.
    Seconds(u64),
    /// A size.
    Bytes(u64),
    /// A price.
    Price(Price),
    /// A name that is not the same in every language.
    Name(Names),
    /// Another phrase, said first. The attributes of its message become arguments too: `topic` and
    /// its `usage` give `$topic` and `$topic_usage`.
    Phrase(Phrase),
    /// A list; where it is empty, the message named `otherwise`, if there is one.
    List {
        /// The elements.
        elements: Vec<Argument>,
        /// What stands between two of them.
        between: Between,
        /// What is said in their place.
        otherwise: String,
    },
}

/// What stands between two elements of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    /// A comma, as the language writes one in a list.
    Comma,
    /// The end of the line.
    Line,
    /// An empty line.
    Paragraph,
}

/// The values that have a message of their own, named tag-value.
pub(super) const TAGS: [&str; 13] = [
    "problem",
    "not_direct",
    "decline",
    "topic",
    "setting",
    "panel_name",
    "because",
    "unmeant",
    "wrong_criteria",
    "pattern_fault",
    "wrong_setting",
    "verification",
    "approach",
];

/// The fields that hold one of a few words or a list of them, and the beginning of the messages that say these.
const CLOSED: [(&str, &str); 5] =
    [("kind", "kinds"), ("kinds", "kinds"), ("output", "output"), ("outputs", "output"), ("section", "panel-part")];

/// The fields that may be empty or missing although "none" would not say so, since somebody may be called
/// that: whether they are there is an argument of its own, `$person_given`.
const MAY_BE_MISSING: [&str; 5] = ["typed", "person", "hours", "range", "popup_seconds"];

/// The headings of the help, in order, and what stands under each.
const SECTIONS: [(&str, &[Topic]); 6] = [
    (
        "help-section-shops",
        &[
            Topic::Platforms,
            Topic::Add,
            Topic::Remove,
            Topic::Secret,
            Topic::Confirm,
            Topic::Push,
            Topic::Interval,
            Topic::List,
            Topic::Now,
        ],
    ),
    (
        "help-section-sharing",
        &[
            Topic::Panel,
            Topic::Contacts,
            Topic::With,
            Topic::Without,
            Topic::As,
            Topic::Verify,
            Topic::Pause,
            Topic::Resume,
            Topic::Preview,
            Topic::Status,
        ],
    ),
    ("help-section-what", &[Topic::Post, Topic::Set, Topic::Category, Topic::Recent, Topic::Why, Topic::Undo]),
    ("help-section-receiving", &[Topic::Mute, Topic::Unmute, Topic::Only, Topic::Muted, Topic::Privacy, Topic::Forget]),
    ("help-section-answers", &[Topic::Yes, Topic::No, Topic::Cancel]),
    ("help-section-general", &[Topic::Help, Topic::Language, Topic::Export, Topic::Version]),
];

impl Phrase {
    /// A message without arguments.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), arguments: BTreeMap::new() }
    }

    /// The same with one more argument.
    pub(super) fn with(mut self, name: &str, argument: Argument) -> Self {
        self.arguments.insert(name.to_owned(), argument);
        self
    }

    /// What `notice` says.
    pub(super) fn of(notice: &Notice) -> Self {
        if let Notice::Help { topics } = notice {
            return Self::new("help").with("sections", list(sections(topics), Between::Paragraph, String::new()));
        }
        match serde_json::to_value(notice) {
            Ok(Value::Object(mut fields)) => {
                let name = fields.remove("notice");
                Self::from_fields(name.as_ref().and_then(Value::as_str).unwrap_or_default(), &fields)
            }
            _ => Self::new("try-again"),
        }
    }

    /// What is wrong.
    pub(super) fn of_problem(problem: &Problem) -> Self {
        match serde_json::to_value(problem).map(|value| argument("problem", &value)) {
            Ok(Argument::Phrase(phrase)) => phrase,
            _ => Self::new("try-again"),
        }
    }

    fn from_fields(message: &str, fields: &Map<String, Value>) -> Self {
        let mut phrase = Self::new(message);
        for (field, value) in fields {
            match value {
                Value::Object(trade) if field == "trade" => phrase.arguments.extend(card(trade)),
                Value::Object(category) if category.contains_key("names") => {
                    phrase.arguments.insert(field.clone(), category_name(category));
                    phrase.arguments.insert(format!("{field}_id"), words(category.get("category")));
                }
                Value::Array(elements) => {
                    phrase.arguments.insert(format!("{field}_count"), Argument::Number(elements.len() as u64));
                    phrase.arguments.insert(field.clone(), elements_of(&format!("{message}-{}", field.replace('_', "-")), field, elements));
                }
                // An element of a list that has a tag of its own.
                Value::String(_) if TAGS.contains(&field.as_str()) => {
                    phrase.arguments.insert(field.clone(), tagged(fields));
                }
                _ => {
                    phrase.arguments.insert(field.clone(), argument(field, value));
                }
            }
            if MAY_BE_MISSING.contains(&field.as_str()) {
                let missing = value.is_null() || *value == "" || *value == 0;
                phrase.arguments.insert(format!("{field}_given"), Argument::Words((!missing).to_string()));
            }
        }
        phrase
    }
}

fn argument(field: &str, value: &Value) -> Argument {
    match value {
        Value::Bool(yes) => Argument::Words(yes.to_string()),
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or_default();
            if field.ends_with("_seconds") {
                Argument::Seconds(number)
            } else if field.ends_with("_bytes") {
                Argument::Bytes(number)
            } else {
                Argument::Number(number)
            }
        }
        Value::String(text) if field.ends_with("_at") => text.parse().map_or_else(|_| none(), Argument::When),
        Value::String(text) => closed(field, text).unwrap_or_else(|| Argument::Words(text.clone())),
        Value::Object(fields) => tagged(fields),
        Value::Null | Value::Array(_) => none(),
    }
}

/// The phrase of a word that is one of a few.
fn closed(field: &str, word: &str) -> Option<Argument> {
    let (_, message) = CLOSED.iter().find(|(closed, _)| *closed == field)?;
    Some(Argument::Phrase(Phrase::new(format!("{message}-{word}"))))
}

/// A list by what it is a list of: words and names stand in one line, what holds lists itself makes
/// paragraphs, and everything else a line each.
fn elements_of(message: &str, field: &str, elements: &[Value]) -> Argument {
    let one = |element: &Value| match element {
        Value::Object(fields) if fields.contains_key("names") => category_name(fields),
        Value::Object(fields) => Argument::Phrase(Phrase::from_fields(message, fields)),
        other => argument(field, other),
    };
    let between = match elements.first() {
        Some(Value::Object(fields)) if fields.contains_key("names") => Between::Comma,
        Some(Value::Object(fields)) if fields.values().any(Value::is_array) => Between::Paragraph,
        Some(Value::Object(_)) | None => Between::Line,
        Some(_) => Between::Comma,
    };
    Argument::List { elements: elements.iter().map(one).collect(), between, otherwise: format!("{message}-none") }
}

fn list(phrases: Vec<Phrase>, between: Between, otherwise: String) -> Argument {
    Argument::List { elements: phrases.into_iter().map(Argument::Phrase).collect(), between, otherwise }
}

/// A category by its name in the reader's language; what belongs to none has a message.
fn category_name(category: &Map<String, Value>) -> Argument {
    let names = category.get("names").and_then(|names| serde_json::from_value(names.clone()).ok());
    match names {
        Some(_) if category.get("category").is_some_and(|id| id == "other") => Argument::Phrase(Phrase::new("category-other")),
        Some(names) => Argument::Name(names),
        None => words(category.get("category")),
    }
}

fn words(value: Option<&Value>) -> Argument {
    value.and_then(Value::as_str).map_or_else(none, |text| Argument::Words(text.to_owned()))
}

/// The phrase of a value that has a tag of its own.
fn tagged(fields: &Map<String, Value>) -> Argument {
    let tag = TAGS.into_iter().find_map(|tag| fields.get(tag).and_then(Value::as_str).map(|value| (tag, value)));
    tag.map_or_else(none, |(tag, value)| {
        let mut rest = fields.clone();
        rest.remove(tag);
        let message = format!("{}-{value}", tag.replace('_', "-"));
        Argument::Phrase(Phrase::from_fields(&message, &rest))
    })
}

/// What is told of a trade.
fn card(trade: &Map<String, Value>) -> impl Iterator<Item = (String, Argument)> {
    let price = trade.get("price").and_then(|price| serde_json::from_value(price.clone()).ok());
    [
        ("title".to_owned(), words(trade.get("title"))),
        ("link".to_owned(), words(trade.get("link"))),
        ("price".to_owned(), price.map_or_else(none, Argument::Price)),
    ]
    .into_iter()
}

fn sections(topics: &[Topic]) -> Vec<Phrase> {
    let line = |topic: &Topic| {
        let words = Argument::Phrase(Phrase::new(format!("topic-{topic}")));
        Phrase::new("help-topics").with("topic", words)
    };
    let section = |(heading, members): &(&str, &[Topic])| {
        let lines: Vec<Phrase> = members.iter().filter(|member| topics.contains(member)).map(line).collect();
        (!lines.is_empty()).then(|| Phrase::new(*heading).with("topics", list(lines, Between::Line, String::new())))
    };
    SECTIONS.iter().filter_map(section).collect()
}

fn none() -> Argument {
    Argument::Words("none".to_owned())
}
