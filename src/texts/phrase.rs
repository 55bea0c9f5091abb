//! Turns a notice into phrases: which message says it, and with which arguments. Knows the naming
//! rule and nothing of any language.

use crate::domain::money::Price;
use crate::domain::notice::Notice;
use crate::domain::notice::Topic;
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
    /// Another phrase, said first. The attributes of its message become arguments too: `topic` and
    /// its `usage` give `$topic` and `$topic_usage`.
    Phrase(Phrase),
    /// A list, one element a line; where it is empty, the message named `otherwise`, if there is one.
    Lines {
        /// The elements.
        elements: Vec<Phrase>,
        /// What is said in their place.
        otherwise: String,
    },
    /// Phrases with an empty line between them.
    Paragraphs(Vec<Phrase>),
}

/// The values that have a message of their own, named tag-value.
const TAGS: [&str; 4] = ["problem", "not_direct", "decline", "topic"];

/// The headings of the help, in order, and what stands under each.
const SECTIONS: [(&str, &[Topic]); 4] = [
    ("help-section-shops", &[Topic::Platforms, Topic::Add, Topic::Remove, Topic::List, Topic::Now]),
    ("help-section-sharing", &[Topic::With, Topic::Without, Topic::Pause, Topic::Resume, Topic::Preview, Topic::Status]),
    ("help-section-receiving", &[Topic::Mute, Topic::Unmute]),
    ("help-section-general", &[Topic::Help, Topic::Language, Topic::Version]),
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
            return Self::new("help").with("sections", Argument::Paragraphs(sections(topics)));
        }
        match serde_json::to_value(notice) {
            Ok(Value::Object(mut fields)) => {
                let name = fields.remove("notice");
                Self::from_fields(name.as_ref().and_then(Value::as_str).unwrap_or_default(), &fields)
            }
            _ => Self::new("try-again"),
        }
    }

    fn from_fields(message: &str, fields: &Map<String, Value>) -> Self {
        let mut phrase = Self::new(message);
        for (field, value) in fields {
            match value {
                Value::String(_) if TAGS.contains(&field.as_str()) => {
                    phrase.arguments.insert(field.clone(), tagged(fields));
                }
                Value::Object(trade) if field == "trade" => phrase.arguments.extend(card(trade)),
                _ => {
                    phrase.arguments.insert(field.clone(), argument(message, field, value));
                }
            }
        }
        phrase
    }
}

fn argument(message: &str, field: &str, value: &Value) -> Argument {
    match value {
        Value::Null => none(),
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
        Value::String(text) => Argument::Words(text.clone()),
        Value::Array(elements) => lines(&format!("{message}-{field}"), elements),
        Value::Object(fields) => tagged(fields),
    }
}

fn lines(message: &str, elements: &[Value]) -> Argument {
    Argument::Lines {
        elements: elements.iter().filter_map(Value::as_object).map(|fields| Phrase::from_fields(message, fields)).collect(),
        otherwise: format!("{message}-none"),
    }
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
    let words = |field: &str| {
        let text = trade.get(field).and_then(Value::as_str);
        text.map_or_else(none, |text| Argument::Words(text.to_owned()))
    };
    let price = trade.get("price").and_then(|price| serde_json::from_value(price.clone()).ok());
    [
        ("title".to_owned(), words("title")),
        ("link".to_owned(), words("link")),
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
        let elements: Vec<Phrase> = members.iter().filter(|member| topics.contains(member)).map(line).collect();
        let otherwise = String::new();
        (!elements.is_empty()).then(|| Phrase::new(*heading).with("topics", Argument::Lines { elements, otherwise }))
    };
    SECTIONS.iter().filter_map(section).collect()
}

fn none() -> Argument {
    Argument::Words("none".to_owned())
}
