//! What the feed parser is not given: people (names and mail addresses are none of our business,
//! and some bring the parser down), characters that do not exist, and tags made to be slow to read.

use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_json::Value;
use std::ops::Range;

/// The longest tag that is read, in bytes: parsers compare all attributes of a tag with each other.
const TAG_BYTES: usize = 64 * 1_024;

/// The deepest nesting that is read, and the longest tag there that changes what links are relative
/// to: such addresses grow with each level.
const LEVELS: usize = 128;
const BASE_TAG_BYTES: usize = 2_000;

/// Elements about people in RSS, Atom, Dublin Core and iTunes, without prefix.
const PEOPLE: [&str; 6] = ["author", "contributor", "creator", "managingEditor", "owner", "webMaster"];

/// `xml` without what is not for the parser, as far as it can be read; none where it is made to be
/// slow. A document that breaks off is for the parser to judge.
pub(super) fn xml(xml: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.trim_markup_names_in_closing_tags = true;
    let mut sieve = Sieve::default();
    loop {
        let begin = position(&reader);
        let event = reader.read_event();
        let range = begin..position(&reader);
        match event {
            Ok(Event::Start(start)) if sieve.level >= LEVELS || is_slow(&start) => return None,
            Ok(Event::Start(start)) => sieve.enter(PEOPLE.contains(&start.local_name().as_ref()), range),
            Ok(Event::End(_)) => sieve.leave(range),
            // The document is decoded already; a parser that is told of another encoding in the middle goes down.
            Ok(Event::Decl(_)) => {}
            Ok(Event::GeneralRef(reference)) if reference.resolve_char_ref().is_err() => {}
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => sieve.keep(range),
        }
    }
    Some(sieve.kept.into_iter().filter_map(|range| xml.get(range)).collect())
}

fn is_slow(tag: &str) -> bool {
    tag.len() > TAG_BYTES || (tag.len() > BASE_TAG_BYTES && tag.contains("xml:base"))
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

#[derive(Default)]
struct Sieve {
    kept: Vec<Range<usize>>,
    /// How many elements are open.
    level: usize,
    /// How many elements are open from one about a person inwards.
    inside_person: usize,
}

impl Sieve {
    fn enter(&mut self, is_person: bool, range: Range<usize>) {
        self.level += 1;
        if is_person || self.inside_person > 0 {
            self.inside_person += 1;
        }
        self.keep(range);
    }

    fn leave(&mut self, range: Range<usize>) {
        self.keep(range);
        self.level = self.level.saturating_sub(1);
        self.inside_person = self.inside_person.saturating_sub(1);
    }

    fn keep(&mut self, range: Range<usize>) {
        if self.inside_person > 0 {
            return;
        }
        match self.kept.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.kept.push(range),
        }
    }
}

/// `json` without people; ids that are numbers become text, as JSON Feed asks of its readers, and a
/// missing title an empty one. None where it is no object.
pub(super) fn json(json: &str) -> Option<String> {
    let mut feed: Value = serde_json::from_str(json).ok()?;
    let root = feed.as_object_mut()?;
    if !root.get("title").is_some_and(Value::is_string) {
        root.insert("title".to_owned(), Value::String(String::new()));
    }
    root.retain(|key, _| !is_about_people(key));
    let items = root.get_mut("items").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        item.retain(|key, _| !is_about_people(key));
        if let Some(id) = item.get_mut("id").filter(|id| id.is_number()) {
            *id = Value::String(id.to_string());
        }
    }
    serde_json::to_string(&feed).ok()
}

fn is_about_people(key: &str) -> bool {
    key == "author" || key == "authors"
}

#[cfg(test)]
mod tests {
    use super::BASE_TAG_BYTES;
    use super::LEVELS;
    use super::TAG_BYTES;
    use super::json;
    use super::xml;

    #[test]
    fn people_are_taken_out_of_xml() {
        let feed = "<a x='1'><author>joy <b>x</b> <author/></author><b/>&amp;<dc:creator/><title>t</title></a>";
        assert_eq!(xml(feed).unwrap(), "<a x='1'><b/>&amp;<title>t</title></a>");
    }

    #[test]
    fn people_are_taken_out_of_json() {
        let feed = r#"{"author":{},"items":[{"authors":[],"id":9007199254740993}],"title":null}"#;
        assert_eq!(json(feed).unwrap(), r#"{"items":[{"id":"9007199254740993"}],"title":""}"#);
    }

    #[test]
    fn characters_that_do_not_exist_are_taken_out() {
        assert_eq!(xml("<a>1&#55357;2&#x0;3&#x41;&nbsp;</a>").unwrap(), "<a>123&#x41;&nbsp;</a>");
    }

    #[test]
    fn declarations_in_the_middle_are_taken_out() {
        assert_eq!(xml("<a>1<?xml version='1.0' encoding='gb2312'?>2</a>").unwrap(), "<a>12</a>");
    }

    #[test]
    fn what_breaks_off_is_given_as_far_as_it_goes() {
        assert_eq!(xml("<a><b>x</b><author>joy").unwrap(), "<a><b>x</b>");
        assert_eq!(xml("<a><b>x</a>").unwrap(), "<a><b>x");
        assert_eq!(xml("<a>x</a><!-- ").unwrap(), "<a>x</a>");
    }

    #[test]
    fn endless_tags_and_depths_are_not_read() {
        assert_eq!(xml(&format!("<rss {}>", "a='' ".repeat(TAG_BYTES / 5 + 1))), None);
        assert_eq!(xml(&format!("<a xml:base='{}'>", "b/".repeat(BASE_TAG_BYTES))), None);
        assert_eq!(xml(&"<a>".repeat(LEVELS + 1)), None);
        let broad = format!("<rss>{}</rss>", "<a></a>".repeat(LEVELS + 1));
        assert_eq!(xml(&broad), Some(broad));
    }
}
