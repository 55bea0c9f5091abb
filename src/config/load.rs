//! Reading the configuration: the file, its secrets, and what is refused. Every refusal names the
//! key, and none shows what stands at it.

use crate::classify::BuiltIn;
use crate::config::Categories;
use crate::config::Config;
use crate::config::DatabaseKind;
use crate::config::tokens;
use crate::config::tokens::Environment;
use serde::Deserialize;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {} cannot be read", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Something in it is not as it should be.
    #[error("the configuration {} cannot be used:{}", file.display(), Listed(problems))]
    Invalid {
        /// Which file.
        file: PathBuf,
        /// What is wrong, as far as it was read.
        problems: Vec<Problem>,
    },
    /// The tokens have not been made.
    #[error("the configuration {} has no tokens yet: {} (empty, or still the example's value)", file.display(), keys.join(", "))]
    Unregistered {
        /// Which file.
        file: PathBuf,
        /// Which keys.
        keys: Vec<String>,
    },
}

/// Something in the file that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The dotted key; empty where the file is no TOML.
    pub key: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub what: String,
}

impl ConfigError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable { file, source } if source.kind() == std::io::ErrorKind::NotFound => {
                format!("write one with: tradepost config -c {}", file.display())
            }
            Self::Unreadable { .. } => "let the user who runs tradepost read it".to_owned(),
            Self::Invalid { .. } => "all keys and what they may be are shown by: tradepost config".to_owned(),
            Self::Unregistered { file, .. } => {
                format!("make the tokens with: tradepost registration -c {}", file.display())
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(out, "{}: ", self.key)?;
        }
        out.write_str(&self.what)?;
        self.line.map_or(Ok(()), |line| write!(out, " (line {line})"))
    }
}

struct Listed<'a>(&'a [Problem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| write!(out, "\n  {problem}"))
    }
}

impl Config {
    /// Reads a configuration that is complete: with tokens.
    pub fn load(file: &Path, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let config = Self::load_unregistered(file, environment)?;
        let tokens = [("appservice.as_token", &config.appservice.as_token), ("appservice.hs_token", &config.appservice.hs_token)];
        let missing = tokens.iter().filter(|(_, token)| !token.is_made());
        let keys: Vec<String> = missing.map(|(key, _)| (*key).to_owned()).collect();
        if keys.is_empty() {
            return Ok(config);
        }
        let file = file.to_owned();
        Err(ConfigError::Unregistered { file, keys })
    }

    /// Reads a configuration whose tokens may still have to be made: then they are empty.
    pub fn load_unregistered(file: &Path, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, environment).map_err(|problems| ConfigError::Invalid { file: file.to_owned(), problems })
    }

    fn parse(text: &str, environment: Environment<'_>) -> Result<Self, Vec<Problem>> {
        let (mut config, unknown) = deserialize(text).map_err(|problem| vec![problem])?;
        let mut problems = unsupported(&config);
        problems.extend(unknown.iter().map(|key| unknown_key(key)));
        let service = &mut config.appservice;
        for (key, token, file) in
            [("as_token", &mut service.as_token, &service.as_token_file), ("hs_token", &mut service.hs_token, &service.hs_token_file)]
        {
            match tokens::find(key, token, file.as_deref(), environment) {
                Ok(found) => *token = found,
                Err(problem) => problems.push(problem),
            }
        }
        if service.as_token.is_made() && service.as_token == service.hs_token {
            problems.push(problem("appservice.hs_token", "must not be the same as appservice.as_token"));
        }
        match built_in(&config.categories) {
            Ok(built_in) => config.built_in = built_in,
            Err(problem) => problems.push(problem),
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

/// The built-in categories, with those of the operator's file.
fn built_in(categories: &Categories) -> Result<BuiltIn, Problem> {
    let Some(file) = &categories.file else {
        let alone = "needs categories.file, since no category would be left without it";
        return if categories.replace { Err(problem("categories.replace", alone)) } else { Ok(BuiltIn::standard()) };
    };
    let text =
        std::fs::read_to_string(file).map_err(|error| problem("categories.file", format!("{} cannot be read: {error}", file.display())))?;
    BuiltIn::read(&text, categories.replace).map_err(|error| problem("categories.file", format!("{}: {error}", file.display())))
}

pub(super) fn problem(key: &str, what: impl Into<String>) -> Problem {
    Problem { key: key.to_owned(), line: None, what: what.into() }
}

/// The configuration and the keys in the file that it has no place for.
fn deserialize(text: &str) -> Result<(Config, Vec<String>), Problem> {
    let file = toml::Deserializer::parse(text).map_err(|error| explain("", &error, text))?;
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(file, &mut track);
    let mut ignored = |path: serde_ignored::Path<'_>| unknown.push(path.to_string());
    let config = Config::deserialize(serde_ignored::Deserializer::new(tracked, &mut ignored));
    match config {
        Ok(config) => Ok((config, unknown)),
        Err(error) => Err(explain(&track.path().to_string(), &error, text)),
    }
}

/// Says what the parser said, without the line itself, in which a secret may stand.
fn explain(path: &str, error: &toml::de::Error, text: &str) -> Problem {
    let section = if path == "." { "" } else { path };
    let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    let missing = error.message().strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let (key, what) = match missing {
        Some(field) if section.is_empty() => (field.to_owned(), "is missing".to_owned()),
        Some(field) => (format!("{section}.{field}"), "is missing".to_owned()),
        None => (section.to_owned(), error.message().to_owned()),
    };
    Problem { key, line, what }
}

/// What can be written already and is built later.
fn unsupported(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    if config.database.kind == DatabaseKind::Postgres {
        let what = "\"postgres\" comes in a later version; until then use \"sled\"";
        problems.push(problem("database.type", what));
    }
    if config.encryption.allow {
        let what = "encryption comes in a later version; until then it must be false, and the bot stays out of encrypted rooms";
        problems.push(problem("encryption.allow", what));
    }
    problems
}

fn unknown_key(key: &str) -> Problem {
    let likeness = |known: &String| strsim::normalized_damerau_levenshtein(key, known);
    let known = known_keys();
    let nearest = known.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|nearest| likeness(nearest) >= 0.6) {
        Some(nearest) => problem(key, format!("there is no such key; the nearest is {nearest}")),
        None => problem(key, "there is no such key"),
    }
}

/// All keys, as they stand in the example; a comment that is a key without its value counts.
fn known_keys() -> Vec<String> {
    let mut section = String::new();
    let mut keys = Vec::new();
    for line in Config::example().lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = format!("{name}.");
            keys.push(name.to_owned());
        } else if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") {
            keys.push(format!("{section}{key}"));
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::known_keys;
    use crate::config::Config;
    use crate::config::Feed;
    use crate::config::tokens::Environment;
    use crate::domain::ids::UserId;
    use crate::domain::permission::Permission;

    const LEAST: &str = "[homeserver]\naddress = \"http://127.0.0.1:8008\"\ndomain = \"example.org\"\n";

    fn parse(text: &str) -> Result<Config, String> {
        parse_with(text, &|_| None)
    }

    fn parse_with(text: &str, environment: Environment<'_>) -> Result<Config, String> {
        Config::parse(text, environment).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            lines.join("\n")
        })
    }

    /// What is said about the shortest configuration with `lines` behind it.
    fn refused(lines: &str) -> String {
        parse(&format!("{LEAST}{lines}")).unwrap_err()
    }

    #[test]
    fn the_example_has_every_default() {
        let example = parse(&Config::example()).unwrap();
        let shortest = parse(&format!("{LEAST}[permissions]\n\"example.org\" = \"share\"\n")).unwrap();
        assert_eq!(example, shortest);
        assert_eq!(shortest.platforms.feed, Feed::default());
    }

    #[test]
    fn the_bot_and_the_permissions_follow_from_the_example() {
        let config = parse(&Config::example()).unwrap();
        assert_eq!(config.us().bot, UserId::new("@tradepost:example.org"));
        assert_eq!(config.permission(&UserId::new("@joy:example.org")), Permission::Share);
        assert_eq!(config.permission(&UserId::new("@joy:example.com")), Permission::None);
    }

    #[test]
    fn an_unknown_key_is_refused_by_its_full_name_with_the_nearest_one() {
        assert_eq!(
            refused("[limits]\nacounts_per_sharer = 3"),
            "limits.acounts_per_sharer: there is no such key; the nearest is limits.accounts_per_sharer"
        );
        assert_eq!(
            refused("[appservice]\nas_token_fil = \"x\""),
            "appservice.as_token_fil: there is no such key; the nearest is appservice.as_token_file"
        );
        assert_eq!(refused("[zebra]\nx = 1"), "zebra: there is no such key");
        assert_eq!(
            refused("[appservice.bot]\nuser = \"x\"\n[feed]\ninterval = 1"),
            "appservice.bot.user: there is no such key; the nearest is appservice.bot.username\nfeed: there is no such key"
        );
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_key_and_range() {
        for (lines, expected) in [
            ("[platforms.feed]\ninterval_seconds = 0", "platforms.feed.interval_seconds: must be from 1 to 604800, not 0 (line 5)"),
            ("[appservice]\nport = 70000", "appservice.port: must be from 1 to 65535, not 70000 (line 5)"),
            ("[delivery]\nper_second = -1", "delivery.per_second: must be from 0 to 10000, not -1 (line 5)"),
            ("[network]\nredirects = \"many\"", "network.redirects: invalid type: string \"many\", expected i64 (line 5)"),
        ] {
            assert_eq!(refused(lines), expected);
        }
    }

    #[test]
    fn a_value_of_the_wrong_form_is_refused_with_its_key() {
        for (lines, key) in [
            ("language = \"fr\"", "language"),
            ("[appservice]\naddress = \"tradepost:80\"", "appservice.address"),
            ("[appservice.bot]\nusername = \"Trade Post\"", "appservice.bot.username"),
            ("[appservice.bot]\navatar = \"https://example.org/a.png\"", "appservice.bot.avatar"),
            ("[rooms]\nfunctional_members = [\"bridge\"]", "rooms.functional_members"),
            ("[network]\nallow = [\"127.0.0.1/99\"]", "network.allow[0]"),
            ("[permissions]\n\"*.org\" = \"share\"", "permissions"),
            ("[permissions]\n\"*\" = \"admin\"", "permissions"),
            ("[logging]\nlevel = \"loud\"", "logging.level"),
            ("[monitoring]\nlisten = \"9100\"", "monitoring.listen"),
        ] {
            let text = if lines.starts_with('[') { format!("{LEAST}{lines}") } else { format!("{lines}\n{LEAST}") };
            let said = parse(&text).unwrap_err();
            assert!(said.starts_with(&format!("{key}: ")) || said.starts_with(&format!("{key}.")), "{said}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(parse("").unwrap_err(), "homeserver: is missing (line 1)");
        assert_eq!(parse("[homeserver]\ndomain = \"example.org\"").unwrap_err(), "homeserver.address: is missing (line 1)");
    }

    #[test]
    fn wrong_categories_consent_and_time_zones_are_refused_with_what_they_may_be() {
        assert!(refused("[contacts]\nconsent = \"maybe\"").contains("`notify` or `ask`"));
        assert!(refused("[categories]\nreplace = true").starts_with("categories.replace: needs categories.file"));
        assert!(refused("[categories]\nfile = \"/nowhere.toml\"").starts_with("categories.file: /nowhere.toml cannot be read"));
        let zone = parse(&format!("time_zone = \"Mars/Base\"\n{LEAST}")).unwrap_err();
        assert!(zone.contains("time_zone: \"Mars/Base\" is no time zone like \"Europe/Berlin\""), "{zone}");
    }

    #[test]
    fn what_comes_later_is_refused_with_a_sentence() {
        assert!(
            refused("[database]\ntype = \"postgres\"\nuri = \"postgres://x\"")
                .starts_with("database.type: \"postgres\" comes in a later version")
        );
        assert!(refused("[encryption]\nallow = true").starts_with("encryption.allow: encryption comes in a later version"));
        assert!(refused("[database]\nuri = \"x\"").starts_with("database.uri: there is no such key"));
    }

    #[test]
    fn no_refusal_shows_a_secret() {
        for lines in [
            "[appservice]\nas_token = 4711471147114711",
            "[appservice]\nas_token = \"4711\"",
            "[appservice]\nas_token = \"4711471147114711\"\nhs_token = \"4711471147114711\"",
            "[appservice]\nas_token = 4711x4711",
            "[appservice]\nas_token = \"4711471147114711",
        ] {
            let said = refused(lines);
            assert!(!said.contains("4711"), "{said}");
        }
    }

    #[test]
    fn the_known_keys_are_those_of_the_example_and_nothing_else() {
        let keys = known_keys();
        for key in ["language", "homeserver.address", "appservice.as_token_file", "appservice.bot.avatar", "monitoring.listen"] {
            assert!(keys.iter().any(|known| known == key), "{key}");
        }
        assert!(keys.iter().all(|key| !key.contains(' ')), "{keys:?}");
    }
}
