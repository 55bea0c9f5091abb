//! Holds the locale files against the notices: nothing is missing, nothing is left over, and every
//! language says the same things.

mod nasty;
mod reading;

use super::render;
use crate::domain::category::Because;
use crate::domain::notice::AccountState;
use crate::domain::notice::ContactLineState;
use crate::domain::notice::CriteriaProblem;
use crate::domain::notice::Notice;
use crate::domain::notice::NoticeDiscriminants;
use crate::domain::notice::PanelName;
use crate::domain::notice::Setting;
use crate::domain::notice::SettingProblem;
use crate::domain::notice::Topic;
use crate::domain::sharer::Language;
use crate::domain::trade::Kind;
use crate::texts::OnPage;
use crate::texts::phrase::Argument;
use crate::texts::phrase::Phrase;
use crate::texts::samples::own_category;
use crate::texts::samples::samples;
use crate::texts::words::OPTIONAL;
use crate::texts::words::source;
use fluent_bundle::FluentResource;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use strum::IntoEnumIterator;
use strum::VariantNames;

type Names = BTreeMap<String, BTreeSet<String>>;

/// What a message of a locale file is made of.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    arguments: BTreeSet<String>,
    attributes: BTreeSet<String>,
    messages: BTreeSet<String>,
}

#[test]
fn locale_files_are_well_formed() {
    for language in Language::iter() {
        let parsed = FluentResource::try_new(source(language).to_owned());
        assert!(parsed.is_ok(), "{language:?}: {:?}", parsed.err().map(|(_, errors)| errors));
        let lines = source(language).lines();
        let named = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).count();
        assert_eq!(named, parts(language).len(), "a message stands twice in {language:?}");
    }
}

#[test]
fn every_notice_has_a_sample() {
    let sampled: BTreeSet<String> = samples().iter().map(|notice| NoticeDiscriminants::from(notice).to_string()).collect();
    let all: BTreeSet<String> = NoticeDiscriminants::iter().map(|notice| notice.to_string()).collect();
    assert_eq!(sampled, all);
}

#[test]
fn every_language_has_each_message_that_is_said_and_no_other() {
    for language in Language::iter() {
        let there = parts(language);
        let mut said: BTreeSet<String> = said().into_keys().filter(|name| !is_optional(name) || there.contains_key(name)).collect();
        for name in said.clone() {
            said.extend(there.get(&name).into_iter().flat_map(|parts| parts.messages.clone()));
        }
        let there: BTreeSet<String> = there.into_keys().collect();
        assert_eq!(said.symmetric_difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "{language:?}");
    }
}

#[test]
fn no_message_asks_for_an_argument_it_does_not_get() {
    let said = said();
    for language in Language::iter() {
        let there = parts(language);
        for (name, given) in &said {
            let Some(message) = there.get(name) else { continue };
            for argument in with_those_referred_to(&there, message) {
                assert!(given.contains(argument), "{language:?}: {name} gets no {argument}");
            }
        }
    }
}

/// The arguments of a message and of those that it refers to.
fn with_those_referred_to<'a>(there: &'a BTreeMap<String, Parts>, message: &'a Parts) -> Vec<&'a str> {
    let referred = message.messages.iter().flat_map(|name| with_those_referred_to(there, &there[name]));
    message.arguments.iter().map(String::as_str).chain(referred).collect()
}

#[test]
fn every_value_inside_a_notice_has_its_message() {
    let said = said();
    for (tag, values) in [
        ("panel-name", PanelName::VARIANTS),
        ("setting", Setting::VARIANTS),
        ("because", Because::VARIANTS),
        ("wrong-criteria", CriteriaProblem::VARIANTS),
        ("wrong-setting", SettingProblem::VARIANTS),
    ] {
        for value in values {
            assert!(said.contains_key(&format!("{tag}-{value}")), "there is no sample with {tag} {value}");
        }
    }
}

#[test]
fn every_state_in_a_list_has_its_words() {
    for language in Language::iter() {
        let states = |message: &str| -> BTreeSet<&str> {
            let lines = source(language).lines().skip_while(|line| !line.starts_with(message));
            let states = lines.take_while(|line| *line != "    }").filter_map(|line| line.trim().trim_start_matches('*').strip_prefix('['));
            states.filter_map(|state| state.split_once(']')).map(|(state, _)| state).collect()
        };
        let (accounts, contacts) = (states("list-accounts = "), states("list-contacts = "));
        for state in AccountState::iter() {
            assert!(accounts.contains(json!(state).as_str().unwrap()), "{language:?}: {state:?}");
        }
        for state in ContactLineState::iter() {
            assert!(contacts.contains(json!(state).as_str().unwrap()), "{language:?}: {state:?}");
        }
    }
}

#[test]
fn all_languages_have_the_same_messages_with_the_same_attributes() {
    let shape = |language| -> Vec<(String, BTreeSet<String>)> {
        let parts = parts(language).into_iter();
        parts.map(|(name, parts)| (name, parts.attributes)).collect()
    };
    for language in Language::iter() {
        assert_eq!(shape(language), shape(Language::English));
    }
}

#[test]
fn every_command_has_its_usage_its_sentence_and_an_example() {
    for language in Language::iter() {
        let prefix = if language == Language::English { "!share " } else { "!分享 " };
        for topic in Topic::iter() {
            let text = render(language, &Notice::HelpTopic { topic }).plain;
            let lines: Vec<&str> = text.lines().collect();
            let [usage, about, example, ..] = lines.as_slice() else { panic!("{text}") };
            assert!(usage.starts_with(prefix), "{text}");
            assert!(!about.is_empty() && !about.starts_with(prefix), "{text}");
            assert!(example.contains(prefix), "{text}");
        }
        for (topic, examples) in [(Topic::Set, 13), (Topic::Category, 2)] {
            let text = render(language, &Notice::HelpTopic { topic }).plain;
            assert_eq!(text.matches(prefix).count(), examples + 1, "{text}");
        }
    }
}

#[test]
fn nothing_said_has_a_hole_or_a_mark_left() {
    for language in Language::iter() {
        for notice in samples() {
            let text = render(language, &notice);
            assert!(!text.plain.is_empty(), "{notice:?}");
            // What people are to type themselves.
            let plain = ["{slug}", "{id}", "{sku}"].iter().fold(text.plain.clone(), |plain, place| plain.replace(place, ""));
            assert!(!plain.contains(['{', '}', '$', '`', '\u{E000}']), "{}", text.plain);
            assert!(!text.plain.contains("none }"), "{}", text.plain);
            assert_eq!(text.html.matches('<').count(), text.html.matches('>').count(), "{}", text.html);
        }
    }
}

#[test]
fn what_is_said_in_a_direct_room_is_short() {
    let joy = || "Joy".to_owned();
    for language in Language::iter() {
        for (lines, notice) in [
            (1, Notice::HelperGreeting { sharer: joy() }),
            (1, Notice::Introduction { sharer: joy() }),
            (2, Notice::ConsentAsked { sharer: joy() }),
            (2, Notice::HelpInDirectRoom),
            (1, Notice::Muted { sharer: joy(), until_at: None }),
            (1, Notice::Unmuted { sharer: joy() }),
            (1, Notice::OnlyThese { sharer: joy(), categories: vec![own_category()] }),
            (1, Notice::Agreed { sharer: joy() }),
            (1, Notice::Declines { sharer: joy() }),
            (1, Notice::NobodySharesHere),
            (2, Notice::OnlyForSharers),
        ] {
            assert_eq!(render(language, &notice).plain.lines().count(), lines, "{notice:?}");
        }
    }
}

/// Every message that can be said, with the arguments it may get.
fn said() -> Names {
    let mut names = Names::new();
    for notice in samples() {
        collect(&Phrase::of(&notice), &mut names);
    }
    for kind in Kind::iter() {
        names.entry(format!("kind-{kind}")).or_default();
    }
    for words in OnPage::iter() {
        let arguments = ["platform", "account", "account_given"];
        names.insert(format!("page-{words}"), arguments.map(str::to_owned).into());
    }
    for (name, arguments) in [
        ("digest-heading", vec!["count"]),
        ("no-longer-available", vec![]),
        ("board-heading", vec!["sharer", "count"]),
        ("board-empty", vec![]),
        ("in-own-name", vec![]),
        ("by-hand", vec![]),
        ("comma", vec![]),
        ("price", vec!["amount", "currency"]),
        ("when-pattern", vec![]),
        ("duration-days", vec!["count"]),
        ("duration-hours", vec!["count"]),
        ("duration-minutes", vec!["count"]),
        ("duration-seconds", vec!["count"]),
        ("size-megabytes", vec!["count"]),
        ("size-kilobytes", vec!["count"]),
        ("size-bytes", vec!["count"]),
    ] {
        names.insert(name.to_owned(), arguments.into_iter().map(str::to_owned).collect());
    }
    names
}

fn collect(phrase: &Phrase, names: &mut Names) {
    let of_attributes = phrase.arguments.iter().flat_map(|(name, argument)| attributes(name, argument));
    let given = phrase.arguments.keys().cloned().chain(of_attributes);
    names.entry(phrase.message.clone()).or_default().extend(given);
    for argument in phrase.arguments.values() {
        match argument {
            Argument::Phrase(phrase) => collect(phrase, names),
            Argument::List { elements, otherwise, .. } => {
                names.entry(otherwise.clone()).or_default();
                for element in elements {
                    if let Argument::Phrase(phrase) = element {
                        collect(phrase, names);
                    }
                }
            }
            _ => {}
        }
    }
}

static ENGLISH: LazyLock<BTreeMap<String, Parts>> = LazyLock::new(|| parts(Language::English));

/// The arguments that the attributes of the message that says `argument` become.
fn attributes(name: &str, argument: &Argument) -> Vec<String> {
    let Argument::Phrase(phrase) = argument else { return Vec::new() };
    let own = ENGLISH.get(&phrase.message).into_iter().flat_map(|parts| parts.attributes.iter().map(String::as_str));
    own.chain(OPTIONAL).map(|attribute| format!("{name}_{attribute}")).collect()
}

/// What stands for an empty list need not be there.
fn is_optional(name: &str) -> bool {
    name.is_empty() || name.ends_with("-none")
}

/// The messages of a locale file, read as text: `name = …`, `.attribute = …`, `$argument`, `{ message }`.
fn parts(language: Language) -> BTreeMap<String, Parts> {
    let mut all: BTreeMap<String, Parts> = BTreeMap::new();
    let mut current = String::new();
    for line in source(language).lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").or_else(|| line.split_once(" =")) {
            if name.starts_with(|c: char| c.is_ascii_lowercase()) {
                name.clone_into(&mut current);
            } else if let Some(attribute) = name.trim().strip_prefix('.') {
                all.entry(current.clone()).or_default().attributes.insert(attribute.to_owned());
            }
        }
        let parts = all.entry(current.clone()).or_default();
        parts.arguments.extend(line.split('$').skip(1).map(word));
        let referred = line.split("{ ").skip(1).map(word);
        parts.messages.extend(referred.filter(|word| !word.is_empty()));
    }
    all.remove("");
    all
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect()
}
