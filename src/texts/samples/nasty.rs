//! Words from outside that try to be more than text, and how one tells that they succeeded.

/// What somebody may call a shop, an item, a category or herself.
pub(crate) const NASTY: [&str; 9] = [
    "<img src=\"https://spy.example/pixel.gif\"><script>alert(1)</script>",
    "</li></ul><a href=\"https://evil.example/\">Free</a><mx-reply>",
    "[Free](https://evil.example/) ![x](mxc://evil.example/x) **bold** `code` ~~gone~~",
    "@room <a href=\"https://matrix.to/#/@mary:example.org\">Mary</a>",
    "\u{202E}gnp.exe\u{202C} \u{2066}a\u{2069} \u{200E}\u{200F}\u{61C}",
    "te\u{200B}a\u{FEFF} \u{E0041}\u{E0062}\u{E007F} p\u{AD}o\u{34F}t\u{3164}",
    "one\n\n• two\r\nthree\u{0}\u{1b}[31m\u{2028}four",
    "&lt;b&gt; &#60;i&#62; &amp;nbsp;",
    "\" onmouseover=\"alert(1)\" x='",
];

/// Characters that change how others are shown, or show nothing.
pub(crate) fn tricks(text: &str) -> Vec<char> {
    let is_trick = |c: &char| {
        matches!(*c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
            || (c.is_control() && *c != '\n')
    };
    text.chars().filter(is_trick).collect()
}

/// The tags of HTML, with what stands in them.
pub(crate) fn tags(html: &str) -> Vec<String> {
    html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default().to_owned()).collect()
}
