//! Which id an entry of a feed has, for feeds whose own ids are missing or used more than once.

use crate::domain::ids::ExternalId;
use crate::domain::trade::digest;
use std::collections::HashMap;
use std::collections::HashSet;

/// Longer ids are kept as a digest, in bytes.
const ID_BYTES: usize = 500;

/// What an entry can be told by.
pub(super) struct Marks<'a> {
    /// The id that the feed gives it.
    pub(super) given: &'a str,
    /// Its page.
    pub(super) link: &'a str,
    /// Its title.
    pub(super) title: &'a str,
}

/// The ids of `entries`, in their order: what the feed gives, unless it gives the same to entries
/// with different links (or, without links, titles); else the link, unless entries with different
/// titles share it; else a digest of title and link. Versions of one entry have the same id.
pub(super) fn ids(entries: &[Marks]) -> Vec<ExternalId> {
    let by_given = values_by_key(entries.iter().map(|entry| (entry.given, entry.link_or_title())));
    let titles = entries.iter().filter(|entry| !is_one(&by_given, entry.given));
    let by_link = values_by_key(titles.map(|entry| (entry.link, entry.title)));
    entries
        .iter()
        .map(|entry| {
            if is_one(&by_given, entry.given) {
                short(entry.given)
            } else if is_one(&by_link, entry.link) {
                short(entry.link)
            } else {
                ExternalId::new(digest(&[entry.title, entry.link]))
            }
        })
        .collect()
}

impl<'a> Marks<'a> {
    const fn link_or_title(&self) -> &'a str {
        if self.link.is_empty() { self.title } else { self.link }
    }
}

fn values_by_key<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> HashMap<&'a str, HashSet<&'a str>> {
    let mut values: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (key, value) in pairs {
        values.entry(key).or_default().insert(value);
    }
    values
}

fn is_one(values: &HashMap<&str, HashSet<&str>>, key: &str) -> bool {
    !key.is_empty() && values.get(key).is_some_and(|values| values.len() == 1)
}

fn short(id: &str) -> ExternalId {
    if id.len() <= ID_BYTES { ExternalId::new(id) } else { ExternalId::new(digest(&[id])) }
}

#[cfg(test)]
mod tests {
    use super::Marks;
    use super::ids;
    use crate::domain::trade::digest;

    fn ids_of(entries: &[[&str; 3]]) -> Vec<String> {
        let marks: Vec<Marks> = entries.iter().map(|[given, link, title]| Marks { given, link, title }).collect();
        ids(&marks).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_feeds_own_ids_are_taken_where_they_tell_entries_apart() {
        assert_eq!(ids_of(&[["1", "a", "A"], ["2", "a", "B"]]), ["1", "2"]);
        assert_eq!(ids_of(&[["1", "a", "A"], ["1", "a", "A, corrected"]]), ["1", "1"]);
    }

    #[test]
    fn an_id_given_twice_gives_way_to_the_link() {
        assert_eq!(ids_of(&[["1", "a", "A"], ["1", "b", "B"], ["2", "c", "C"]]), ["a", "b", "2"]);
    }

    #[test]
    fn entries_without_id_are_told_by_link_and_then_by_title_too() {
        assert_eq!(ids_of(&[["", "a", "A"], ["", "b", "B"]]), ["a", "b"]);
        assert_eq!(
            ids_of(&[["", "home", "A"], ["", "home", "B"], ["", "", "C"]]),
            [digest(&["A", "home"]), digest(&["B", "home"]), digest(&["C", ""])]
        );
        assert_eq!(ids_of(&[["1", "", "A"], ["1", "", "B"]]), [digest(&["A", ""]), digest(&["B", ""])]);
    }

    #[test]
    fn endless_ids_are_kept_short() {
        assert!(ids_of(&[[&"x".repeat(10_000), "", ""]])[0].len() < 100);
    }
}
