//! What each word of the built-in categories says: the file's lists as one table.

use super::built_in::BuiltIn;
use super::criteria::Item;
use super::file::File;
use super::file::WordList;

/// Where a word is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// In the title.
    Title,
    /// In the platform's category paths.
    Path,
}

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Something of a category, or of none.
    Thing(Option<usize>, Weight),
    /// What follows is not what is sold.
    Opener,
    /// What stands before it is only looked like.
    Likeness,
    /// What stands before it is only what it fits.
    Fits,
    /// Before `of` it is not what is sold.
    Measure,
    /// Behind another head it is not what is sold.
    Colour,
    /// It says nothing about what is sold.
    Noise,
    /// Another field of goods.
    Context(usize),
    /// A head that counts in that field nevertheless.
    Except(usize),
}

/// How much a word says, see docs/CATEGORIES.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Keeps the words in it from being found.
    Phrase,
    /// Counts where no head is found.
    Weak,
    /// The same, but not at the beginning.
    Later,
    /// Counts beside a head that is not of certain categories.
    Modifier,
    /// Counts wherever it stands.
    Strong,
    /// Counts where it is the head.
    Head,
    /// The same, of any part of the title.
    Decisive,
}

/// One word's meaning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signal {
    pub(super) field: Field,
    pub(super) role: Role,
}

/// All words of the built-in categories with what they say.
pub(super) fn all<'a>(built_in: &'a BuiltIn) -> Vec<(&'a Item, Signal)> {
    let file = built_in.file();
    let mut signals = Vec::new();
    let mut add = |list: &'a WordList, field, role| signals.extend(list.0.iter().map(|item| (item, Signal { field, role })));
    for (index, category) in file.category.iter().enumerate() {
        let words = &category.title;
        let lists = [
            (&words.weak, Weight::Weak),
            (&words.later, Weight::Later),
            (&words.modifiers, Weight::Modifier),
            (&words.strong, Weight::Strong),
            (&words.heads, Weight::Head),
            (&words.decisive, Weight::Decisive),
        ];
        for (list, weight) in lists {
            add(list, Field::Title, Role::Thing(Some(index), weight));
        }
        add(&category.platform.path, Field::Path, Role::Thing(Some(index), Weight::Head));
    }
    for (list, field, role) in neutral(file) {
        add(list, field, role);
    }
    for (index, context) in file.context.iter().enumerate() {
        for field in [Field::Title, Field::Path] {
            add(&context.words, field, Role::Context(index));
        }
        add(&context.except, Field::Title, Role::Except(index));
    }
    signals
}

fn neutral(file: &File) -> [(&WordList, Field, Role); 10] {
    let neutral = &file.neutral;
    let grammar = &file.grammar;
    let thing = |weight| Role::Thing(None, weight);
    [
        (&neutral.heads, Field::Title, thing(Weight::Head)),
        (&neutral.decisive, Field::Title, thing(Weight::Decisive)),
        (&neutral.phrases, Field::Title, thing(Weight::Phrase)),
        (&neutral.platform.path, Field::Path, thing(Weight::Head)),
        (&grammar.openers, Field::Title, Role::Opener),
        (&grammar.likeness, Field::Title, Role::Likeness),
        (&grammar.fits, Field::Title, Role::Fits),
        (&grammar.measures, Field::Title, Role::Measure),
        (&grammar.colours, Field::Title, Role::Colour),
        (&grammar.noise, Field::Title, Role::Noise),
    ]
}
