//! The form in which texts are compared: without case, width, accents and the difference between
//! traditional and simplified characters. Owns that form only; what is looked for in it is others'.

use caseless::default_case_fold_str;
use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Traditional characters, each before its simplified one, for the words of shops. One for one, so
/// that no context is needed; a character that is also written so in simplified texts is not in it.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut characters = include_str!("traditional.txt").chars().filter(|c| !c.is_whitespace());
    std::iter::from_fn(|| Some((characters.next()?, characters.next()?))).collect()
});

/// Folds a text: compatibility forms to plain ones (full width, ligatures, `½`), case by Unicode's
/// full folding (`ß` to `ss`), Latin, Greek and Cyrillic letters without their marks, traditional
/// characters to simplified ones, curly apostrophes to straight ones, all dashes within words to
/// hyphens, and nothing that cannot be seen. White space becomes single spaces.
///
/// Marks stay in all other scripts, where they are letters: Arabic, Hebrew and Indic vowels, the
/// voicing of kana. Cyrillic `й` and `ё` become `и` and `е`: both are what people type without care.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return collapse(&text.to_ascii_lowercase());
    }
    // Case folding may give letters that decompose again (`ŉ`).
    let folded = unmarked(&default_case_fold_str(&unmarked(text)));
    collapse(&folded.nfc().collect::<String>())
}

/// Decomposed by compatibility, in plain characters, without the marks on Latin, Greek and Cyrillic letters.
fn unmarked(text: &str) -> String {
    let mut after_stripped = false;
    let characters = text.nfkd().map(plain).filter(|c| !is_unseen(*c));
    let keeps = |c: &char| {
        if is_combining_mark(*c) {
            return !after_stripped;
        }
        after_stripped = loses_marks(*c);
        true
    };
    characters.filter(keeps).collect()
}

/// Latin, Greek and Cyrillic letters, by their blocks; also spaces and punctuation of ASCII, where
/// a mark stands for nothing.
const fn loses_marks(c: char) -> bool {
    matches!(c, '\u{20}'..='\u{24F}' | '\u{370}'..='\u{52F}' | '\u{1E00}'..='\u{1FFF}')
}

fn plain(c: char) -> char {
    match c {
        '‘' | '’' | '‛' | 'ʼ' | '`' | '´' => '\'',
        '‐' | '‑' | '‒' | '﹣' => '-',
        '“' | '”' | '„' | '‟' => '"',
        // What becomes a space in the end is one from the start, so that folding twice changes nothing.
        _ if c.is_whitespace() || c.is_control() => ' ',
        _ if ('\u{4E00}'..='\u{9FFF}').contains(&c) => SIMPLIFIED.get(&c).copied().unwrap_or(c),
        _ => c,
    }
}

/// What shows nothing: soft hyphens, joiners, direction marks, variation selectors, tags.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}

fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::SIMPLIFIED;
    use super::fold;
    use proptest::prelude::any;
    use proptest::prop_assert_eq;
    use proptest::proptest;

    #[test]
    fn case_width_and_accents_do_not_count() {
        assert_eq!(fold("  Ｔｅａ　ＳＥＴ "), "tea set");
        assert_eq!(fold("Straße GRÄFEN Ελλάς"), "strasse grafen ελλασ");
        assert_eq!(fold("DE’LONGHI cafe\u{301}"), "de'longhi cafe");
        assert_eq!(fold("Ёлка"), "елка");
    }

    #[test]
    fn marks_that_are_letters_stay() {
        assert_eq!(fold("ガラス"), "ガラス");
        assert_eq!(fold("หม้อ"), fold("หม้อ"));
        assert_ne!(fold("หม้อ"), fold("หมอ"));
    }

    #[test]
    fn traditional_characters_are_found_by_simplified_ones() {
        assert_eq!(fold("嬰兒紗布浴巾"), "婴儿纱布浴巾");
        assert_eq!(fold("記憶體 電腦"), "记忆体 电脑");
    }

    #[test]
    fn simplified_characters_have_no_other_form_themselves() {
        for (from, to) in SIMPLIFIED.iter() {
            assert!(!SIMPLIFIED.contains_key(to), "{from} {to}");
            assert_ne!(from, to);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_gone() {
        assert_eq!(fold("\u{1BFC}\u{2028}\u{A880}"), "\u{1BFC}");
        assert_eq!(fold("no\u{AD}od\u{200B}les\u{FE0F}"), "noodles");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
