//! The little markup of the locale files: `` `typed` ``, `**bold**`, lines, empty lines between
//! paragraphs, and list lines that begin with `• `. What comes from outside is never taken for markup.

use askama::filters::Escaper;
use askama::filters::Html;

/// Something to read, in the two forms that a Matrix message has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Without any markup.
    pub plain: String,
    /// As HTML, with p, br, ul, li, code and strong only.
    pub html: String,
}

/// The characters that mean something here, and what stands for each of them in text from outside
/// until the markup has been read (private use area, where nothing has a meaning).
const STAND_INS: [(char, char); 3] = [('`', '\u{E000}'), ('*', '\u{E001}'), ('•', '\u{E002}')];

/// Keeps `text` from being taken for markup.
pub(super) fn shield(text: &str) -> String {
    text.chars().map(|c| STAND_INS.iter().find(|(meant, _)| *meant == c).map_or(c, |(_, stand_in)| *stand_in)).collect()
}

/// Gives shielded text its own characters again.
pub(super) fn unshield(text: &str) -> String {
    text.chars().map(|c| STAND_INS.iter().find(|(_, stand_in)| *stand_in == c).map_or(c, |(meant, _)| *meant)).collect()
}

/// Reads the markup.
pub(super) fn read(marked: &str) -> Text {
    let paragraphs = paragraphs(marked);
    let plain: Vec<String> =
        paragraphs.iter().map(|lines| lines.iter().map(|line| inline(line, false)).collect::<Vec<_>>().join("\n")).collect();
    let html = match paragraphs.as_slice() {
        [lines] if !lines.iter().any(|line| line.starts_with("• ")) => broken_lines(lines),
        _ => paragraphs.iter().map(|lines| blocks(lines)).collect(),
    };
    Text { plain: plain.join("\n\n"), html }
}

fn paragraphs(marked: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = marked.lines().map(str::trim).collect();
    lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).map(<[&str]>::to_vec).collect()
}

/// One paragraph, which may hold lists between its lines.
fn blocks(lines: &[&str]) -> String {
    let is_item = |line: &str| line.starts_with("• ");
    lines
        .chunk_by(|one, next| is_item(one) == is_item(next))
        .map(|lines| {
            if lines.first().is_some_and(|line| is_item(line)) {
                let items: Vec<String> = lines.iter().map(|line| inline(line.trim_start_matches("• "), true)).collect();
                format!("<ul><li>{}</li></ul>", items.join("</li><li>"))
            } else {
                format!("<p>{}</p>", broken_lines(lines))
            }
        })
        .collect()
}

fn broken_lines(lines: &[&str]) -> String {
    lines.iter().map(|line| inline(line, true)).collect::<Vec<_>>().join("<br>")
}

/// Reads `` ` `` and `**`; one without its partner is an ordinary character.
fn inline(line: &str, html: bool) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['`', '*']) {
        let (before, from) = rest.split_at(at);
        out.push_str(&escaped(before, html));
        let (mark, tag) = if from.starts_with('`') { ("`", "code") } else { ("**", "strong") };
        let within = from.strip_prefix(mark).and_then(|from| from.split_once(mark));
        if let Some((within, behind)) = within {
            let within = if tag == "code" { escaped(within, html) } else { inline(within, html) };
            if html {
                out.extend(["<", tag, ">", &within, "</", tag, ">"]);
            } else {
                out.push_str(&within);
            }
            rest = behind;
        } else {
            out.push_str(&from[..1]);
            rest = &from[1..];
        }
    }
    out.push_str(&escaped(rest, html));
    out
}

fn escaped(text: &str, html: bool) -> String {
    let text = unshield(text);
    if !html {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    // Writing into a String cannot fail.
    let _ = Html.write_escaped_str(&mut out, &text);
    out
}

#[cfg(test)]
mod tests {
    use super::read;
    use super::shield;
    use proptest::prelude::proptest;

    #[test]
    fn one_line_needs_no_paragraph() {
        let text = read("Type `!share add <link>` **now** & wait.");
        assert_eq!(text.plain, "Type !share add <link> now & wait.");
        assert_eq!(text.html, "Type <code>!share add &#60;link&#62;</code> <strong>now</strong> &#38; wait.");
    }

    #[test]
    fn paragraphs_and_lists_become_blocks() {
        let text = read("Hello\nyou\n• one\n• two\n\n\n\nbye\n\n");
        assert_eq!(text.plain, "Hello\nyou\n• one\n• two\n\nbye");
        assert_eq!(text.html, "<p>Hello<br>you</p><ul><li>one</li><li>two</li></ul><p>bye</p>");
    }

    #[test]
    fn marks_without_a_partner_are_ordinary_characters() {
        assert_eq!(read("2 * 3 ** 4 ` 5").html, "2 * 3 ** 4 ` 5");
    }

    #[test]
    fn shielded_text_is_never_markup() {
        let marked = format!("**{}** `{}`", shield("a**b`c"), shield("`x` <b> • \""));
        assert_eq!(read(&marked).html, "<strong>a**b`c</strong> <code>`x` &#60;b&#62; • &#34;</code>");
        assert_eq!(read(&marked).plain, "a**b`c `x` <b> • \"");
    }

    proptest! {
        #[test]
        fn text_from_outside_makes_no_tag(text in "[a-z*`<>&\"' •-]{0,40}") {
            let shown = read(&format!("x {} y", shield(&text))).html;
            assert!(!shown.contains(['<', '>']), "{shown}");
        }
    }
}
