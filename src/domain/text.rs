//! Text from outside, made safe to show: no control or bidirectional characters, bounded length.

use serde::Deserialize;
use serde::Serialize;
use std::fmt;

/// The longest title that is kept, in characters.
pub const TITLE_CHARACTERS: usize = 300;

/// One line of plain text that came from a shop or a person: no line breaks, no control
/// characters, no bidirectional overrides, no white space at its ends or twice in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Line(String);

impl Line {
    /// Cleans `text` and keeps at most `characters` of it, the last one an ellipsis where it was longer.
    #[must_use]
    pub fn new(text: &str, characters: usize) -> Self {
        let mut words = String::new();
        for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
            let word: String = word.chars().filter(|c| !is_invisible(*c)).collect();
            if !word.is_empty() {
                if !words.is_empty() {
                    words.push(' ');
                }
                words.push_str(&word);
            }
        }
        if words.chars().count() > characters {
            words = words.chars().take(characters.saturating_sub(1)).collect();
            words.truncate(words.trim_end().len());
            words.push('…');
        }
        Self(words)
    }

    /// A title: at most [`TITLE_CHARACTERS`].
    #[must_use]
    pub fn title(text: &str) -> Self {
        Self::new(text, TITLE_CHARACTERS)
    }

    /// The cleaned text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was left of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self::new(&text, TITLE_CHARACTERS))
    }
}

/// Characters that change how others are shown, or show nothing: bidirectional marks, embeddings
/// and isolates (Unicode UAX #9), zero-width, filling and tag characters, variation selectors beyond the
/// sixteen that emoji need, the byte-order mark. The zero-width joiners stay: scripts and emoji need them.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn tricks_with_direction_and_controls_are_removed() {
        assert_eq!(Line::title(" a\u{202E}b\u{0}c\n\n d\u{200B}\u{2066} ").as_str(), "ab c d");
    }

    #[test]
    fn what_shows_nothing_is_removed_and_what_scripts_need_stays() {
        let hidden: String = "\u{AD}\u{34F}\u{115F}\u{3164}\u{206A}\u{2800}\u{E0041}\u{E0101}\u{1D173}".chars().collect();
        assert_eq!(Line::title(&format!("te{hidden}a")).as_str(), "tea");
        assert!(Line::title(&hidden).is_empty());
        for text in ["نامه\u{200C}ای", "❤\u{FE0F}", "한국", "चाय", "ខ្មែរ"] {
            assert_eq!(Line::title(text).as_str(), text);
        }
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_within_the_limit() {
        let line = Line::new(&"字".repeat(400), 300);
        assert_eq!(line.as_str().chars().count(), 300);
        assert!(line.as_str().ends_with('…'));
    }

    #[test]
    fn emoji_joined_by_zero_width_joiners_stay_whole() {
        assert_eq!(Line::title("👩‍💻").as_str(), "👩‍💻");
    }
}
