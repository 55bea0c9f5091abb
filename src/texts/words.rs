//! The messages of the locale files, which are part of the program, and how they are put together.

use crate::domain::sharer::Language;
use crate::domain::text::Line;
use crate::texts::amounts;
use crate::texts::markup::shield;
use crate::texts::phrase::Argument;
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
    let words = match argument {
        Argument::Number(number) => return FluentValue::from(*number),
        Argument::Words(text) => shield(Line::new(text, LONGEST).as_str()),
        Argument::When(at) => amounts::when(language, *at),
        Argument::Seconds(seconds) => amounts::duration(language, *seconds),
        Argument::Bytes(bytes) => amounts::size(language, *bytes),
        Argument::Price(price) => amounts::price(language, price),
        Argument::Phrase(phrase) => say(language, phrase),
        Argument::Paragraphs(phrases) => all(language, phrases, "\n\n"),
        Argument::Lines { elements, otherwise } if elements.is_empty() => {
            let there = messages_of(language).has_message(otherwise);
            if there { say(language, &Phrase::new(otherwise)) } else { String::new() }
        }
        Argument::Lines { elements, .. } => all(language, elements, "\n"),
    };
    FluentValue::from(words)
}

fn all(language: Language, phrases: &[Phrase], between: &str) -> String {
    let said: Vec<String> = phrases.iter().map(|phrase| say(language, phrase)).collect();
    said.join(between)
}

/// The attributes of a phrase's message, named after the argument that the phrase is.
fn attributes(language: Language, name: &str, phrase: &Phrase) -> Given {
    let messages = messages_of(language);
    let arguments = FluentArgs::from_iter(given(language, phrase));
    messages
        .get_message(&phrase.message)
        .into_iter()
        .flat_map(|message| message.attributes())
        .map(|attribute| {
            let words = messages.format_pattern(attribute.value(), Some(&arguments), &mut Vec::new());
            (format!("{name}_{}", attribute.id()), FluentValue::from(words.into_owned()))
        })
        .collect()
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
