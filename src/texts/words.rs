//! The messages of the locale files, which are part of the program, and how they are put together.

use crate::domain::notice::Names;
use crate::domain::sharer::Language;
use crate::domain::text::Line;
use crate::texts::amounts;
use crate::texts::markup::shield;
use crate::texts::phrase::Argument;
use crate::texts::phrase::Between;
use crate::texts::phrase::Phrase;
use fluent_bundle::FluentArgs;
use fluent_bundle::FluentResource;
use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// The longest text from outside that is shown, in characters: an address may be this long.
const LONGEST: usize = 2_000;

/// The attributes that a message may lack; the argument is "none" then.
pub(super) const OPTIONAL: [&str; 1] = ["more"];

static ENGLISH: LazyLock<Messages> = LazyLock::new(|| messages("en", source(Language::English)));
static SIMPLIFIED_CHINESE: LazyLock<Messages> = LazyLock::new(|| messages("zh-CN", source(Language::SimplifiedChinese)));

type Messages = FluentBundle<FluentResource>;

/// What a message is given by name, ready to be put in.
type Given = BTreeMap<String, FluentValue<'static>>;

/// The locale file of a language.
pub(super) const fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../locales/en/tradepost.ftl"),
        Language::SimplifiedChinese => include_str!("../../locales/zh-CN/tradepost.ftl"),
    }
}

/// Says `phrase`, with its markup, and shielded where it shows something from outside.
pub(super) fn say(language: Language, phrase: &Phrase) -> String {
    message(language, &phrase.message, given(language, phrase))
}

fn given(language: Language, phrase: &Phrase) -> Given {
    let mut given = Given::new();
    for (name, argument) in &phrase.arguments {
        if let Argument::Phrase(inner) = argument {
            given.extend(attributes(language, name, inner));
        }
        given.insert(name.clone(), value(language, argument));
    }
    given
}

fn value(language: Language, argument: &Argument) -> FluentValue<'static> {
    match argument {
        Argument::Number(number) => FluentValue::from(*number),
        argument => FluentValue::from(said(language, argument)),
    }
}

fn said(language: Language, argument: &Argument) -> String {
    match argument {
        Argument::Number(number) => number.to_string(),
        Argument::Words(text) => shield(Line::new(text, LONGEST).as_str()),
        Argument::When(at) => amounts::when(language, *at),
        Argument::Seconds(seconds) => amounts::duration(language, *seconds),
        Argument::Bytes(bytes) => amounts::size(language, *bytes),
        Argument::Price(price) => amounts::price(language, price),
        Argument::Name(Names { en, zh_cn }) => {
            let name = match language {
                Language::English => en,
                Language::SimplifiedChinese => zh_cn,
            };
            shield(Line::new(name, LONGEST).as_str())
        }
        Argument::Phrase(phrase) => say(language, phrase),
        Argument::List { elements, otherwise, .. } if elements.is_empty() => {
            let there = messages_of(language).has_message(otherwise);
            if there { say(language, &Phrase::new(otherwise)) } else { String::new() }
        }
        Argument::List { elements, between, .. } => joined(language, elements, *between),
    }
}

fn joined(language: Language, elements: &[Argument], between: Between) -> String {
    let said: Vec<String> = elements.iter().map(|element| said(language, element)).collect();
    match between {
        Between::Comma => said.join(&say(language, &Phrase::new("comma"))),
        Between::Line => said.join("\n"),
        Between::Paragraph => said.join("\n\n"),
    }
}

/// The attributes of a phrase's message, named after the argument that the phrase is.
fn attributes(language: Language, name: &str, phrase: &Phrase) -> Given {
    let messages = messages_of(language);
    let arguments = FluentArgs::from_iter(given(language, phrase));
    let missing = OPTIONAL.iter().map(|attribute| (format!("{name}_{attribute}"), FluentValue::from("none")));
    let there = messages.get_message(&phrase.message).into_iter().flat_map(|message| message.attributes()).map(|attribute| {
        let words = messages.format_pattern(attribute.value(), Some(&arguments), &mut Vec::new());
        (format!("{name}_{}", attribute.id()), FluentValue::from(words.into_owned()))
    });
    missing.chain(there).collect()
}

/// Says one message. A test says every message in every language, so that none is missing here.
fn message(language: Language, name: &str, given: Given) -> String {
    let messages = messages_of(language);
    let Some(pattern) = messages.get_message(name).and_then(|message| message.value()) else {
        tracing::error!(message_name = name, ?language, "a message is missing from a locale file");
        return name.to_owned();
    };
    let arguments = FluentArgs::from_iter(given);
    let mut errors = Vec::new();
    let words = messages.format_pattern(pattern, Some(&arguments), &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::error!(message_name = name, ?language, ?errors, "a message could not be put together");
    }
    words
}

fn messages_of(language: Language) -> &'static Messages {
    match language {
        Language::English => &ENGLISH,
        Language::SimplifiedChinese => &SIMPLIFIED_CHINESE,
    }
}

fn messages(locale: &str, source: &str) -> Messages {
    let locale: LanguageIdentifier = locale.parse().unwrap_or_default();
    let mut messages = FluentBundle::new_concurrent(vec![locale]);
    // The marks that isolate directions would be shown by some clients, and none of the languages needs them.
    messages.set_use_isolating(false);
    // What is readable of a broken file is used; a test shows that none is broken.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
    messages.add_resource_overriding(resource);
    messages
}
