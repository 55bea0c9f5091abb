//! What of a web page is looked at: its JSON-LD, its metadata and its title. It takes time in proportion
//! to the page, whatever stands there: the tokenizer for HTML, which compares all attributes of a tag with
//! each other, sees only the short tags that matter.

use crate::platforms::html;
use html5ever::tokenizer::Tag;
use std::collections::BTreeMap;

/// The longest tag that is read, in bytes.
const TAG_BYTES: usize = 2_048;
/// How many tags are read.
const TAGS: usize = 1_000;
/// How many blocks of JSON-LD are kept.
const BLOCKS: usize = 50;
/// The longest block that is kept, in bytes.
const BLOCK_BYTES: usize = 1_048_576;
/// How much of a title is kept, in bytes.
const TITLE_BYTES: usize = 4_000;
/// How many different values of the metadata are kept.
const VALUES: usize = 200;

/// Elements within which nothing is markup.
const RAW: [&str; 6] = ["style", "textarea", "xmp", "iframe", "noembed", "noframes"];

/// What a page says of itself.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Its blocks of JSON-LD.
    pub(super) blocks: Vec<String>,
    /// The address that it says it has.
    pub(super) canonical: String,
    /// What its addresses are relative to.
    pub(super) base: String,
    /// Its title, which may hold entities.
    pub(super) title: String,
    /// Its language (RFC 5646).
    pub(super) language: String,
    values: BTreeMap<String, String>,
    tags: usize,
}

/// Reads a page.
pub(super) fn read(html: &str) -> Head {
    let mut head = Head::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.strip_prefix('>').or_else(|| comment.split_once("-->").map(|(_, behind)| behind)).unwrap_or_default();
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let Some(end) = end_of_tag(rest) else { break };
            let (tag, behind) = rest.split_at(end);
            rest = head.take(tag, behind);
        }
    }
    head
}

impl Head {
    /// The first of these values of the metadata that the page has; empty where it has none.
    pub(super) fn value(&self, names: &[&str]) -> &str {
        names.iter().find_map(|name| self.values.get(*name)).map_or("", String::as_str)
    }

    /// Takes what `tag` says; answers what is still to be read of `behind`.
    fn take<'a>(&mut self, tag: &str, behind: &'a str) -> &'a str {
        let name = tag[..tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len())].to_ascii_lowercase();
        match name.as_str() {
            "script" => {
                let (content, rest) = split_raw(behind, &name);
                self.take_script(tag, content);
                rest
            }
            "title" => {
                let (content, rest) = split_raw(behind, &name);
                if self.title.is_empty() {
                    html::head(content, TITLE_BYTES).clone_into(&mut self.title);
                }
                rest
            }
            "meta" | "link" | "base" | "html" => {
                if let Some(tag) = self.attributes(tag) {
                    self.take_tag(&tag);
                }
                behind
            }
            name if RAW.contains(&name) => split_raw(behind, name).1,
            _ => behind,
        }
    }

    fn take_script(&mut self, tag: &str, content: &str) {
        if content.len() > BLOCK_BYTES || self.blocks.len() >= BLOCKS {
            return;
        }
        let is_json_ld = |tag: &Tag| {
            let media_type = html::attribute(tag, "type").to_ascii_lowercase();
            media_type.split(';').next().is_some_and(|media_type| media_type.trim() == "application/ld+json")
        };
        if self.attributes(tag).as_ref().is_some_and(is_json_ld) {
            self.blocks.push(content.to_owned());
        }
    }

    fn take_tag(&mut self, tag: &Tag) {
        let first = |place: &mut String, value: &str| {
            if place.is_empty() {
                value.clone_into(place);
            }
        };
        match &*tag.name {
            "html" => first(&mut self.language, html::attribute(tag, "lang")),
            "base" => first(&mut self.base, html::attribute(tag, "href")),
            "link" if html::attribute(tag, "rel").split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("canonical")) => {
                first(&mut self.canonical, html::attribute(tag, "href"));
            }
            "meta" => {
                let [property, name] = ["property", "name"].map(|name| html::attribute(tag, name).to_ascii_lowercase());
                let (key, value) = (if property.is_empty() { name } else { property }, html::attribute(tag, "content"));
                if !key.is_empty() && !value.is_empty() && self.values.len() < VALUES {
                    self.values.entry(key).or_insert_with(|| value.to_owned());
                }
            }
            _ => {}
        }
    }

    /// A tag with its attributes, where it is one of the first and not too long.
    fn attributes(&mut self, tag: &str) -> Option<Tag> {
        if tag.len() > TAG_BYTES || self.tags >= TAGS {
            return None;
        }
        self.tags += 1;
        html::tags(&format!("<{tag}")).into_iter().next()
    }
}

/// Where a tag ends; none where it never does.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        match quote {
            Some(mark) if byte == mark => quote = None,
            None if byte == b'>' => return Some(at + 1),
            None if before == b'=' && matches!(byte, b'"' | b'\'') => quote = Some(byte),
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    None
}

/// What stands in an element within which nothing is markup, and what comes behind; one that never ends
/// takes all the rest.
fn split_raw<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    let ends = |at: &usize| {
        let behind = &text.as_bytes()[at + 2..];
        let is_named = behind.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        is_named && behind.get(name.len()).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
    };
    let end = text.match_indices("</").map(|(at, _)| at).find(ends);
    end.map_or((text, ""), |end| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_a_page_says_of_itself_is_found_wherever_it_stands() {
        let head = read(
            r#"<!DOCTYPE html><HTML Lang=de-DE><!-- <title>no</title> --><head><title>Tea &amp; pots</title><!-->
            <meta property="og:title" content="Tea &quot;pot&quot;"><META NAME='description' content='a > b'>
            <meta property="og:title" content="another"><link REL="nofollow Canonical" href="/p/1?a=1&amp;b=2">
            <script>var a = '<script type="application/ld+json">{"no": 1}';</script>
            <div data-x='<meta property="og:image" content="no">'><base href="https://shop.example/de/">
            <p title=it's><script async type='application/LD+JSON; charset=utf-8'>{"a": "</p>"}</SCRIPT >
            <textarea><meta property="og:url" content="no"></textarea><svg><title>Icon</title></svg>"#,
        );
        assert_eq!((head.title.as_str(), head.language.as_str()), ("Tea &amp; pots", "de-DE"));
        assert_eq!(head.value(&["og:none", "og:title"]), "Tea \"pot\"");
        assert_eq!(head.value(&["description"]), "a > b");
        assert_eq!(head.value(&["og:image", "og:url"]), "");
        assert_eq!((head.canonical.as_str(), head.base.as_str()), ("/p/1?a=1&b=2", "https://shop.example/de/"));
        assert_eq!(head.blocks, [r#"{"a": "</p>"}"#]);
    }

    #[test]
    fn what_never_ends_takes_the_rest_and_no_more() {
        assert_eq!(read("<script type=application/ld+json>{\"a\": 1}").blocks, ["{\"a\": 1}"]);
        assert_eq!(read("<title>Tea</title><meta property=\"og:title").title, "Tea");
        for html in ["<", "</", "<!--", "<a href='", "<script", "<script></scrip", "a<b"] {
            assert_eq!(read(html).blocks.len(), 0, "{html}");
        }
    }

    #[test]
    fn too_much_of_anything_is_left_out() {
        let many = "<script type=application/ld+json>{}</script>".repeat(super::BLOCKS + 1);
        assert_eq!(read(&many).blocks.len(), super::BLOCKS);
        let long = format!("<script type=application/ld+json>{}</script><title>Tea</title>", " ".repeat(super::BLOCK_BYTES + 1));
        let head = read(&long);
        assert_eq!((head.blocks.len(), head.title.as_str()), (0, "Tea"));
        let broad = format!("<meta {} property=og:title content=Tea><title>Tea</title>", "a".repeat(super::TAG_BYTES));
        assert_eq!(read(&broad).value(&["og:title"]), "");
        // A tag with a million attributes, many tags that begin and do not end, and many that end nothing.
        for html in [format!("<meta {}>", "a b c d ".repeat(250_000)), "<a ".repeat(500_000), "<title></".repeat(200_000)] {
            assert_eq!(read(&html).blocks.len(), 0);
        }
    }
}
