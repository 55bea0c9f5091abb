//! Plain text and tags out of HTML. Only the tokenizer is used: it takes time in proportion to the
//! text, where building a tree of hostile HTML can take any time and memory.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::BufferQueue;
use html5ever::tokenizer::Tag;
use html5ever::tokenizer::TagKind;
use html5ever::tokenizer::Token;
use html5ever::tokenizer::TokenSink;
use html5ever::tokenizer::TokenSinkResult;
use html5ever::tokenizer::Tokenizer;
use html5ever::tokenizer::TokenizerOpts;
use html5ever::tokenizer::states::RawKind;
use std::cell::RefCell;

/// Elements that stand in a line of text; any other ends a word.
const INLINE: [&str; 20] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "font", "i", "ins", "mark", "s", "small", "span", "strong", "sub", "sup",
    "u",
];

/// The plain text of `html`: without tags, comments, scripts and styles, entities decoded, also
/// where they were encoded twice.
pub(super) fn text(html: &str) -> String {
    let once = read(html).text;
    if once != html && is_encoded(&once) { read(&once).text } else { once }
}

/// The start tags in `html`, in order.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    read(html).tags
}

/// The value of an attribute; empty where there is none.
pub(super) fn attribute<'a>(tag: &'a Tag, name: &str) -> &'a str {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map_or("", |attribute| attribute.value.trim())
}

/// Whether decoded text still looks encoded: an entity or an end tag is in it.
fn is_encoded(text: &str) -> bool {
    let has_entity = text.match_indices('&').any(|(at, _)| {
        let mut name = text[at + 1..].chars().take(10).skip_while(|c| c.is_ascii_alphanumeric() || *c == '#');
        name.next() == Some(';')
    });
    let has_end_tag = text.match_indices("</").any(|(at, _)| text[at + 2..].starts_with(|c: char| c.is_ascii_alphabetic()));
    has_entity || has_end_tag
}

fn read(html: &str) -> Content {
    let tokenizer = Tokenizer::new(Collector::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    // It never pauses, since the sink runs no scripts.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.take()
}

#[derive(Default)]
struct Collector(RefCell<Content>);

#[derive(Default)]
struct Content {
    text: String,
    tags: Vec<Tag>,
    hidden: bool,
}

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut content = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(characters) if !content.hidden => content.text.push_str(&characters),
            Token::TagToken(tag) => return content.take_tag(tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Content {
    fn take_tag(&mut self, tag: Tag) -> TokenSinkResult<()> {
        let raw = match &*tag.name {
            "script" => Some(RawKind::ScriptData),
            "style" => Some(RawKind::Rawtext),
            name => {
                if !INLINE.contains(&name) {
                    self.text.push(' ');
                }
                None
            }
        };
        let starts = tag.kind == TagKind::StartTag;
        self.hidden = raw.is_some() && starts;
        if starts {
            self.tags.push(tag);
        }
        raw.filter(|_| starts).map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }
}

/// At most the first `bytes` of `text`, cut between characters.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::head;
    use super::text;

    #[test]
    fn tags_go_and_entities_are_decoded() {
        for (html, plain) in [
            ("Caf&eacute; <b>Cup</b>", "Café Cup"),
            ("<b>T</b>eapot", "Teapot"),
            ("Cup<br>blue", "Cup blue"),
            ("<p>Cup</p>blue", " Cup blue"),
            ("a<script>alert(1)</script>b<style>p{}</style>c", "abc"),
            ("a<!-- hidden -->b", "ab"),
            ("Salt & Pepper; Oil", "Salt & Pepper; Oil"),
            ("5 < 6 <3", "5 < 6 <3"),
            ("R&amp;amp;D &amp;quot;x&amp;quot;", "R&D \"x\""),
            ("&lt;b&gt;Cup&lt;/b&gt;", "Cup"),
            ("Learn &lt;script&gt; today", "Learn <script> today"),
            ("<script>never ends", ""),
        ] {
            assert_eq!(text(html), plain, "{html}");
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(head("茶壶", 4), "茶");
        assert_eq!(head("tea", 10), "tea");
    }
}
