//! What is fuzzed: one function for each target, which takes any bytes and panics where a promise is
//! not kept. `fuzz/` has them tried with libFuzzer; `tests/it/fuzzed.rs` has them take the whole corpus
//! (`fuzz/corpus`) with every test. Where a target needs several texts, a line of four dashes parts them.

mod chat;
mod checks;
mod homeserver;
mod pages;
mod pushes;
mod shops;
mod stored;

/// A target: its name, which is its folder in the corpus, and what it does.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const TARGETS: [Target; 11] = [
    ("commands", chat::commands),
    ("criteria", chat::criteria),
    ("categories", chat::categories),
    ("links", chat::links),
    ("texts", chat::texts),
    ("feeds", pages::feeds),
    ("products", pages::products),
    ("shops", shops::shops),
    ("pushes", pushes::pushes),
    ("events", homeserver::events),
    ("stored", stored::stored),
];

/// Has one target try `data`.
pub(crate) fn try_one(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    target.unwrap_or_else(|| panic!("there is no target {name}")).1(data);
}

/// What stands between lines of four dashes.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n----\n")
}
