//! Words and phrases as they are looked for: whole where a script has spaces between words, anywhere
//! where it has none, and in English in singular and plural. Knows nothing of categories.

use crate::classify::fold;

/// A folded text in the form in which words are looked for in it, byte for byte as long: a hyphen is
/// a space, so that `t-shirt` and `t shirt` are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    /// As patterns see it.
    pub(super) folded: String,
    /// As words see it.
    pub(super) spaced: String,
}

impl Text {
    pub(super) fn title(text: &str) -> Self {
        Self::folded(fold(text))
    }

    /// A path of categories: whatever stands between its parts becomes ` > `.
    pub(super) fn path(text: &str) -> Self {
        Self::folded(path_form(&fold(text)))
    }

    fn folded(folded: String) -> Self {
        let spaced = without_hyphens(&folded);
        Self { folded, spaced }
    }
}

/// The parts of a folded path with ` > ` between them.
fn path_form(folded: &str) -> String {
    let parts = folded.split(['>', '/', '›', '»', '|', '→', '\\']).map(str::trim).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" > ")
}

pub(super) fn without_hyphens(folded: &str) -> String {
    folded.replace(['-', '_'], " ")
}

/// What may follow the stem of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Endings {
    /// Nothing.
    None,
    /// Nothing or `s`.
    S,
    /// Nothing or `es`.
    Es,
    /// `y` or `ies`.
    Y,
    /// `f` or `ves`.
    F,
    /// `fe` or `ves`.
    Fe,
}

impl Endings {
    /// Longer ones first.
    const fn all(self) -> &'static [&'static str] {
        match self {
            Self::None => &[""],
            Self::S => &["s", ""],
            Self::Es => &["es", ""],
            Self::Y => &["ies", "y"],
            Self::F => &["ves", "f"],
            Self::Fe => &["ves", "fe"],
        }
    }
}

/// A word or phrase to be looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Word {
    /// What every form of it begins with, folded.
    pub(super) stem: String,
    pub(super) endings: Endings,
}

impl Word {
    /// A word and its English plural, or its singular if it is a plural.
    pub(super) fn new(text: &str) -> Self {
        let word = Self::exact(text);
        let last = word.stem.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let length = last.len();
        let is_english = length >= 3 && word.stem.ends_with(last) && last.bytes().all(|byte| byte.is_ascii_lowercase());
        if is_english { word.with_endings(length) } else { word }
    }

    /// Just this word.
    pub(super) fn exact(text: &str) -> Self {
        Self { stem: without_hyphens(&fold(text)).trim().to_owned(), endings: Endings::None }
    }

    /// A part of a category path.
    pub(super) fn path(text: &str) -> Self {
        let parts: Vec<String> = path_form(&fold(text)).split(" > ").map(without_hyphens).collect();
        Self { stem: parts.join(" > "), endings: Endings::None }
    }

    fn with_endings(&self, last_length: usize) -> Self {
        let stem = self.stem.as_str();
        let ends = |endings: &[&str]| endings.iter().any(|ending| stem.ends_with(ending));
        let has_sibilant = |stem: &str| ["s", "x", "z", "ch", "sh"].iter().any(|ending| stem.ends_with(ending));
        let cut = |length: usize, endings| Self { stem: stem[..stem.len() - length].to_owned(), endings };
        if ends(&["ies"]) && stem.len() > 4 {
            cut(3, Endings::Y)
        } else if ends(&["es"]) && has_sibilant(&stem[..stem.len() - 2]) && (ends(&["sses"]) || !ends(&["ses"])) {
            cut(2, Endings::Es)
        } else if ends(&["ss", "us", "is"]) || (has_sibilant(stem) && !ends(&["s"])) {
            cut(0, Endings::Es)
        } else if ends(&["s"]) {
            if last_length > 3 { cut(1, Endings::S) } else { cut(0, Endings::None) }
        } else if ends(&["ife"]) {
            cut(2, Endings::Fe)
        } else if ends(&["lf", "eaf", "oaf", "arf"]) {
            cut(1, Endings::F)
        } else if ends(&["y"]) && !ends(&["ay", "ey", "oy", "uy"]) {
            cut(1, Endings::Y)
        } else {
            cut(0, Endings::S)
        }
    }
}

/// Where the word ends whose stem stands at `start..end` of a text; none where it is a part of another word.
pub(super) fn whole(text: &str, start: usize, end: usize, endings: Endings) -> Option<usize> {
    let stem = text.get(start..end)?;
    let begins = !(stem.starts_with(is_spaced) && text.get(..start)?.ends_with(is_spaced));
    if !begins {
        return None;
    }
    let rest = text.get(end..)?;
    endings.all().iter().find_map(|ending| {
        let behind = rest.strip_prefix(ending)?;
        let last = if ending.is_empty() { stem } else { ending };
        (!(last.ends_with(is_spaced) && behind.starts_with(is_spaced))).then_some(end + ending.len())
    })
}

/// Letters and digits of scripts that have spaces between words.
pub(super) fn is_spaced(c: char) -> bool {
    c.is_alphanumeric() && !is_unspaced(c)
}

/// Scripts without spaces between words: Han, kana, Thai, Lao, Myanmar, Khmer.
pub(super) const fn is_unspaced(c: char) -> bool {
    is_han(c)
        || matches!(c,
            '\u{3040}'..='\u{312F}' | '\u{31F0}'..='\u{31FF}' | '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}'
            | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}' | '\u{1780}'..='\u{17FF}' | '\u{19E0}'..='\u{19FF}')
}

/// Han characters.
pub(super) const fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::Text;
    use super::Word;
    use super::whole;
    use proptest::prelude::any;
    use proptest::proptest;

    fn found<'a>(word: &str, title: &'a Text) -> Option<&'a str> {
        let word = Word::new(word);
        let mut hits = title.spaced.match_indices(&word.stem);
        hits.find_map(|(at, stem)| Some(&title.spaced[at..whole(&title.spaced, at, at + stem.len(), word.endings)?]))
    }

    fn fits(word: &str, title: &str) -> bool {
        found(word, &Text::title(title)).is_some()
    }

    #[test]
    fn words_are_whole_where_scripts_have_spaces() {
        assert!(fits("tv", "小米TV电视") && fits("TV", "smart-tv, new") && !fits("tv", "ATV tyres") && !fits("tv", "tv2"));
        assert!(fits("чай", "Зелёный чай") && !fits("чай", "чайник"));
    }

    #[test]
    fn words_are_found_anywhere_where_scripts_have_none() {
        assert!(fits("奶粉", "进口奶粉段") && fits("ラーメン", "味噌ラーメン2食") && fits("ชา", "ชาเขียว"));
        assert!(fits("5g手机", "全新5G手机壳") && !fits("5g手机", "15g手机"));
    }

    #[test]
    fn plurals_are_found_by_singulars_and_the_other_way_round() {
        for (one, many) in
            [("noodle", "noodles"), ("box", "boxes"), ("baby", "babies"), ("toy", "toys"), ("dress", "dresses"), ("vase", "vases")]
        {
            assert!(fits(one, many) && fits(many, one) && fits(one, one) && fits(many, many), "{one} {many}");
        }
        assert!(fits("knife", "knives") && fits("shelf", "shelves"));
        assert!(fits("green tea", "Green teas") && !fits("green teas set", "green tea"));
        assert!(!fits("gas", "ga") && !fits("tv", "tvs") && !fits("bus", "bu") && !fits("bab", "baby"));
    }

    #[test]
    fn hyphens_are_spaces() {
        assert!(fits("t shirt", "T-Shirt") && fits("t-shirt", "t shirts"));
    }

    #[test]
    fn paths_are_compared_whatever_stands_between_their_parts() {
        assert_eq!(Text::path("Food / Green-Tea »Loose").spaced, "food > green tea > loose");
        assert_eq!(Word::path("Food > green-tea").stem, "food > green tea");
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(word in any::<String>(), title in any::<String>()) {
            let _ = Word::path(&word);
            let _ = found(&word, &Text::title(&title));
        }
    }
}
