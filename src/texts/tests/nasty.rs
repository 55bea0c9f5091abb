//! Names and words from outside that try to be more than text, in everything that is ever said.

use crate::domain::notice::Notice;
use crate::domain::sharer::Language;
use crate::texts::Text;
use crate::texts::render;
use crate::texts::samples::nasty::NASTY;
use crate::texts::samples::nasty::tags;
use crate::texts::samples::nasty::tricks;
use crate::texts::samples::samples;
use serde_json::Value;
use strum::IntoEnumIterator;

/// Puts `nasty` in the place of every name and word of a notice, where that still is a notice.
fn with_nasty(notice: &Notice, nasty: &str) -> Vec<Notice> {
    let json = serde_json::to_value(notice).unwrap();
    let mut places = Vec::new();
    strings(&json, &mut String::new(), &mut places);
    let replaced = places.iter().filter_map(|place| {
        let mut json = json.clone();
        *json.pointer_mut(place)? = Value::from(nasty);
        serde_json::from_value(json).ok()
    });
    replaced.collect()
}

fn strings(json: &Value, at: &mut String, places: &mut Vec<String>) {
    let mut within = |key: &str, value: &Value| {
        let length = at.len();
        at.push('/');
        at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        strings(value, at, places);
        at.truncate(length);
    };
    match json {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| within(key, value)),
        Value::Array(elements) => elements.iter().enumerate().for_each(|(index, value)| within(&index.to_string(), value)),
        Value::String(_) => places.push(at.clone()),
        _ => {}
    }
}

fn is_harmless(text: &Text, nasty: &str, notice: &Notice) {
    const OURS: [&str; 5] = ["p", "ul", "li", "code", "strong"];
    for tag in tags(&text.html) {
        let name = tag.strip_prefix('/').unwrap_or(&tag);
        assert!(tag == "br" || OURS.contains(&name), "{nasty:?} becomes <{tag}> in {notice:?}: {}", text.html);
    }
    for shown in [&text.plain, &text.html] {
        assert_eq!(tricks(shown), [char::MIN; 0], "{nasty:?} in {notice:?}: {shown:?}");
    }
}

#[test]
fn no_name_or_word_from_outside_becomes_markup_or_hides_anything_in_anything_that_is_said() {
    let mut said = 0;
    for notice in samples() {
        let before: Vec<Text> = Language::iter().map(|language| render(language, &notice)).collect();
        for nasty in NASTY {
            for notice in with_nasty(&notice, nasty) {
                for (language, before) in Language::iter().zip(&before) {
                    let text = render(language, &notice);
                    is_harmless(&text, nasty, &notice);
                    // Nothing from outside makes a line or a list entry of its own.
                    let lines = |text: &Text| text.plain.lines().count();
                    assert!(lines(&text) <= lines(before) + 1, "{nasty:?} makes lines in {notice:?}: {}", text.plain);
                    said += 1;
                }
            }
        }
    }
    assert!(said > 5_000, "{said}");
}
