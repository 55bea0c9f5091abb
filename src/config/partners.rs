//! The sections of the platforms with which the operator has agreed, written into a configuration file
//! that a person wrote, in which everything else, comments included, stays as it is.

use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::Table;
use toml_edit::TableLike;
use toml_edit::value;

/// The file `text` with a section for the platform `name`. Nothing where it has one already, is no
/// TOML, or has something else than a section there.
#[must_use]
pub fn with(text: &str, name: &str, url: &str, key: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let partners = partners(&mut document)?;
    if partners.contains_key(name) {
        return None;
    }
    let mut section = Table::new();
    section.insert("registration_url", value(url));
    section.insert("key", value(key));
    partners.insert(name, Item::Table(section));
    Some(document.to_string())
}

/// The same without it. Nothing where it has none.
#[must_use]
pub fn without(text: &str, name: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    partners(&mut document)?.remove(name)?;
    Some(document.to_string())
}

/// The same with another key. Nothing where there is no such section.
#[must_use]
pub fn with_key(text: &str, name: &str, key: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let section = partners(&mut document)?.get_mut(name)?.as_table_like_mut()?;
    let mut new = value(key);
    // The comment behind it is the value's.
    if let (Some(new), Some(old)) = (new.as_value_mut(), section.get("key").and_then(Item::as_value)) {
        *new.decor_mut() = old.decor().clone();
    }
    section.insert("key", new);
    Some(document.to_string())
}

fn partners(document: &mut DocumentMut) -> Option<&mut dyn TableLike> {
    let platforms = document.entry("platforms").or_insert_with(implicit).as_table_like_mut()?;
    platforms.entry("partners").or_insert_with(implicit).as_table_like_mut()
}

/// A section that is there by what stands below it.
fn implicit() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

#[cfg(test)]
mod tests {
    use super::with;
    use super::with_key;
    use super::without;
    use crate::config::Config;

    const URL: &str = "https://bazaar.example/tradepost";
    const SECTION: &str = "\n[platforms.partners.bazaar]\nregistration_url = \"https://bazaar.example/tradepost\"\nkey = \"whsec_one\"\n";

    #[test]
    fn the_new_section_stands_below_the_others_of_its_kind_and_nothing_else_changes() {
        let written = with(&Config::example(), "bazaar", URL, "whsec_one").unwrap();
        let expected = Config::example().replacen("\n[platforms.partners]\n", &format!("\n[platforms.partners]\n{SECTION}"), 1);
        assert_eq!(written, expected);
        assert_eq!(without(&written, "bazaar").unwrap(), Config::example());
    }

    #[test]
    fn where_there_are_no_sections_of_the_kind_it_is_added() {
        let written = with("language = \"en\"\n", "bazaar", URL, "whsec_one").unwrap();
        assert_eq!(written, format!("language = \"en\"\n{SECTION}"));
        assert_eq!(without(&written, "bazaar").unwrap(), "language = \"en\"\n");
    }

    #[test]
    fn a_new_key_takes_the_place_of_the_old_one_with_its_comment() {
        let written = format!("{}# behind\n", with("", "bazaar", URL, "whsec_one").unwrap());
        let commented = written.replace("\"whsec_one\"", "\"whsec_one\" # ours");
        assert_eq!(with_key(&commented, "bazaar", "whsec_two").unwrap(), commented.replace("whsec_one", "whsec_two"));
    }

    #[test]
    fn what_is_there_is_not_made_twice_and_what_is_not_there_cannot_go() {
        let written = with("", "bazaar", URL, "whsec_one").unwrap();
        assert_eq!(with(&written, "bazaar", URL, "whsec_two"), None);
        assert_eq!(without(&written, "market"), None);
        assert_eq!(with_key(&written, "market", "whsec_two"), None);
        assert_eq!(with("platforms = 1", "bazaar", URL, "whsec_one"), None);
    }
}
