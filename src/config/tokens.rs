//! The two tokens: found where they may stand, and written into a configuration file that a person
//! wrote, in which everything else, comments included, stays as it is.

use crate::config::load::Problem;
use crate::config::load::problem;
use crate::config::values::Secret;
use std::path::Path;
use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::Table;
use toml_edit::value;

/// What stands in the example where a token belongs.
pub const PLACEHOLDER: &str = "This value is made by: tradepost registration";

/// The fewest characters of a token.
const TOKEN_CHARACTERS: usize = 16;

/// What a variable of the environment is set to.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The secret at `key` from the environment, from its file, or as it stands; empty where it is still to be made.
pub(super) fn find(key: &str, written: &Secret, file: Option<&Path>, environment: Environment<'_>) -> Result<Secret, Problem> {
    let key_path = format!("appservice.{key}");
    let variable = format!("TRADEPOST_{}", key.to_uppercase());
    let is_written = written.is_made() && written.expose() != PLACEHOLDER;
    let (place, text) = if let Some(text) = environment(&variable).filter(|text| !text.is_empty()) {
        (variable, text)
    } else if let Some(file) = file {
        if is_written {
            let what = format!("stands in the configuration and in {key}_file: take one of them out");
            return Err(problem(&key_path, what));
        }
        let place = format!("{key_path}_file");
        let unreadable = |error| problem(&place, format!("{} cannot be read: {error}", file.display()));
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        (place, text.trim().to_owned())
    } else if is_written {
        (key_path, written.expose().to_owned())
    } else {
        return Ok(Secret::default());
    };
    if text.len() >= TOKEN_CHARACTERS && text.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    let what = format!("must have at least {TOKEN_CHARACTERS} characters, without spaces and letters beyond ASCII");
    Err(problem(&place, what))
}

/// The file `text` with these values in its section `appservice`. Nothing where it is no TOML or
/// has something else than a section there.
#[must_use]
pub fn written_into(text: &str, tokens: &[(&str, &str)]) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let section = document.entry("appservice").or_insert_with(|| Item::Table(Table::new()));
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
    use super::PLACEHOLDER;
    use super::find;
    use super::written_into;
    use crate::config::Config;
    use crate::config::values::Secret;

    #[test]
    fn only_the_tokens_change() {
        let tokens = [("as_token", "first"), ("hs_token", "second")];
        let written = written_into(&Config::example(), &tokens).unwrap();
        let expected = Config::example().replacen("\"This value is made by: tradepost registration\"", "\"first\"", 1).replacen(
            "\"This value is made by: tradepost registration\"",
            "\"second\"",
            1,
        );
        assert_eq!(written, expected);
    }

    #[test]
    fn a_comment_behind_a_value_stays() {
        let written = written_into("[appservice] # ours\nas_token = \"\" # keep\n", &[("as_token", "new")]);
        assert_eq!(written.unwrap(), "[appservice] # ours\nas_token = \"new\" # keep\n");
    }

    #[test]
    fn a_missing_section_is_added() {
        let written = written_into("language = \"en\"\n", &[("as_token", "new")]).unwrap();
        assert_eq!(written, "language = \"en\"\n\n[appservice]\nas_token = \"new\"\n");
    }

    #[test]
    fn what_is_no_section_is_left_alone() {
        assert_eq!(written_into("appservice = 1\n", &[("as_token", "new")]), None);
    }

    #[test]
    fn the_example_has_the_placeholder_for_both_tokens() {
        let line = |key: &str| format!("\n{key} = \"{PLACEHOLDER}\"\n");
        let example = Config::example();
        assert!(example.contains(&line("as_token")) && example.contains(&line("hs_token")));
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
            assert_eq!(find("as_token", written, file, environment).unwrap(), Secret::new(expected));
        }
        assert_eq!(
            find("as_token", &written, file, &nothing).unwrap_err().to_string(),
            "appservice.as_token: stands in the configuration and in as_token_file: take one of them out"
        );
    }

    #[test]
    fn a_file_for_a_token_that_cannot_be_read_is_named() {
        let file = std::path::Path::new("/nowhere/at/all");
        let said = find("hs_token", &Secret::default(), Some(file), &|_| None).unwrap_err().to_string();
        assert!(said.starts_with("appservice.hs_token_file: /nowhere/at/all cannot be read: "), "{said}");
    }
}
