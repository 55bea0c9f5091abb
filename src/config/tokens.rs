//! The tokens: found where they may stand, and written into a configuration file that a person
//! wrote, in which everything else, comments included, stays as it is.

use crate::config::load::Problem;
use crate::config::load::problem;
use crate::values::Secret;
use std::path::Path;
use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::Table;
use toml_edit::value;

/// What stands in the example where a token belongs.
pub const PLACEHOLDER: &str = "This value is made by: tradepost registration";

/// What stands there for the token of the second registration.
pub const DOUBLE_PUPPET_PLACEHOLDER: &str = "This value is made by: tradepost registration --double-puppet";

/// The fewest characters of a token.
const TOKEN_CHARACTERS: usize = 16;

/// What a variable of the environment is set to.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where a token may stand.
pub(super) struct Place {
    /// Its key in the configuration; that of its file has `_file` behind it.
    pub(super) key: &'static str,
    /// Its variable in the environment.
    pub(super) variable: &'static str,
}

/// With this tradepost shows who it is.
pub(super) const AS_TOKEN: Place = Place { key: "appservice.as_token", variable: "TRADEPOST_AS_TOKEN" };
/// With this the homeserver shows who it is.
pub(super) const HS_TOKEN: Place = Place { key: "appservice.hs_token", variable: "TRADEPOST_HS_TOKEN" };
/// With this tradepost acts in a sharer's name.
pub(super) const DOUBLE_PUPPET: Place = Place { key: "double_puppet.as_token", variable: "TRADEPOST_DOUBLE_PUPPET_TOKEN" };

/// The secret from the environment, from its file, or as it stands; empty where it is still to be made.
pub(super) fn find(place: &Place, written: &Secret, file: Option<&Path>, environment: Environment<'_>) -> Result<Secret, Problem> {
    let Place { key, variable } = place;
    let is_written = written.is_made() && ![PLACEHOLDER, DOUBLE_PUPPET_PLACEHOLDER].contains(&written.expose());
    let (place, text) = if let Some(text) = environment(variable).filter(|text| !text.is_empty()) {
        ((*variable).to_owned(), text)
    } else if let Some(file) = file {
        if is_written {
            let name = key.rsplit('.').next().unwrap_or(key);
            return Err(problem(key, format!("stands in the configuration and in {name}_file: take one of them out")));
        }
        let place = format!("{key}_file");
        let unreadable = |error| problem(&place, format!("{} cannot be read: {error}", file.display()));
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        (place, text.trim().to_owned())
    } else if is_written {
        ((*key).to_owned(), written.expose().to_owned())
    } else {
        return Ok(Secret::default());
    };
    if text.len() >= TOKEN_CHARACTERS && text.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    let what = format!("must have at least {TOKEN_CHARACTERS} characters, without spaces and letters beyond ASCII");
    Err(problem(&place, what))
}

/// The file `text` with these values in its section `section`. Nothing where it is no TOML or has
/// something else than a section there.
#[must_use]
pub fn written_into(text: &str, section: &str, tokens: &[(&str, &str)]) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let section = document.entry(section).or_insert_with(|| Item::Table(Table::new()));
    let section = section.as_table_like_mut()?;
    for (key, token) in tokens {
        let mut new = value(*token);
        match section.get_mut(key) {
            // In its place, so that the comment before the key stays; the one behind it is the value's.
            Some(old) => {
                if let (Some(new), Some(old)) = (new.as_value_mut(), old.as_value()) {
                    *new.decor_mut() = old.decor().clone();
                }
                *old = new;
            }
            None => drop(section.insert(key, new)),
        }
    }
    Some(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::AS_TOKEN;
    use super::DOUBLE_PUPPET;
    use super::DOUBLE_PUPPET_PLACEHOLDER;
    use super::HS_TOKEN;
    use super::PLACEHOLDER;
    use super::find;
    use super::written_into;
    use crate::config::Config;
    use crate::values::Secret;

    #[test]
    fn only_the_tokens_change() {
        let tokens = [("as_token", "first"), ("hs_token", "second")];
        let written = written_into(&Config::example(), "appservice", &tokens).unwrap();
        let expected = Config::example().replacen("\"This value is made by: tradepost registration\"", "\"first\"", 1).replacen(
            "\"This value is made by: tradepost registration\"",
            "\"second\"",
            1,
        );
        assert_eq!(written, expected);
    }

    #[test]
    fn a_comment_behind_a_value_stays() {
        let written = written_into("[appservice] # ours\nas_token = \"\" # keep\n", "appservice", &[("as_token", "new")]);
        assert_eq!(written.unwrap(), "[appservice] # ours\nas_token = \"new\" # keep\n");
    }

    #[test]
    fn a_missing_section_is_added() {
        let written = written_into("language = \"en\"\n", "appservice", &[("as_token", "new")]).unwrap();
        assert_eq!(written, "language = \"en\"\n\n[appservice]\nas_token = \"new\"\n");
    }

    #[test]
    fn what_is_no_section_is_left_alone() {
        assert_eq!(written_into("appservice = 1\n", "appservice", &[("as_token", "new")]), None);
    }

    #[test]
    fn the_example_has_a_placeholder_for_every_token() {
        let example = Config::example();
        for (key, placeholder) in [("as_token", PLACEHOLDER), ("hs_token", PLACEHOLDER), ("as_token", DOUBLE_PUPPET_PLACEHOLDER)] {
            assert!(example.contains(&format!("\n{key} = \"{placeholder}\"\n")), "{key}");
            let written = Secret::new(placeholder);
            assert_eq!(find(&DOUBLE_PUPPET, &written, None, &|_| None).unwrap(), Secret::default());
        }
    }

    #[test]
    fn the_token_of_the_second_registration_is_found_in_the_same_ways() {
        let environment = |name: &str| (name == "TRADEPOST_DOUBLE_PUPPET_TOKEN").then(|| "token-from-environment".to_owned());
        let found = find(&DOUBLE_PUPPET, &Secret::default(), None, &environment).unwrap();
        assert_eq!(found, Secret::new("token-from-environment"));
        let said = find(&DOUBLE_PUPPET, &Secret::new("short"), None, &|_| None).unwrap_err().to_string();
        assert!(said.starts_with("double_puppet.as_token: must have at least 16 characters"), "{said}");
    }

    #[test]
    fn a_token_comes_from_the_environment_or_a_file_or_the_configuration() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        std::fs::write(&file, "token-from-the-file\n").unwrap();
        let file = Some(file.as_path());
        let environment = |name: &str| (name == "TRADEPOST_AS_TOKEN").then(|| "token-from-environment".to_owned());
        let nothing = |_: &str| None;
        let written = Secret::new("token-that-is-written");
        let placeholder = Secret::new(PLACEHOLDER);
        for (written, file, environment, expected) in [
            (&written, None, &nothing as super::Environment<'_>, "token-that-is-written"),
            (&placeholder, file, &nothing, "token-from-the-file"),
            (&placeholder, file, &environment, "token-from-environment"),
            (&written, None, &environment, "token-from-environment"),
            (&placeholder, None, &nothing, ""),
        ] {
            assert_eq!(find(&AS_TOKEN, written, file, environment).unwrap(), Secret::new(expected));
        }
        assert_eq!(
            find(&AS_TOKEN, &written, file, &nothing).unwrap_err().to_string(),
            "appservice.as_token: stands in the configuration and in as_token_file: take one of them out"
        );
    }

    #[test]
    fn a_file_for_a_token_that_cannot_be_read_is_named() {
        let file = std::path::Path::new("/nowhere/at/all");
        let said = find(&HS_TOKEN, &Secret::default(), Some(file), &|_| None).unwrap_err().to_string();
        assert!(said.starts_with("appservice.hs_token_file: /nowhere/at/all cannot be read: "), "{said}");
    }
}
