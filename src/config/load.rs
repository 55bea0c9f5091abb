//! Reading the configuration: the file, its secrets, and what is refused. Every refusal names the
//! key, and none shows what stands at it.

use crate::classify::BuiltIn;
use crate::config::Categories;
use crate::config::Config;
use crate::config::DatabaseKind;
use crate::config::tokens;
use crate::config::tokens::AS_TOKEN;
use crate::config::tokens::DOUBLE_PUPPET;
use crate::config::tokens::Environment;
use crate::config::tokens::HS_TOKEN;
use crate::platforms::partner;
use serde::Deserialize;
use std::fmt;
use std::path::Component;
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
            Self::Unregistered { file, keys } if keys.iter().all(|key| key == DOUBLE_PUPPET.key) => {
                format!("make it with: tradepost registration --double-puppet -c {}; or let double_puppet.allow be empty", file.display())
            }
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
        let needs_second = !config.double_puppet.allow.is_nobody();
        let tokens = [
            (AS_TOKEN, &config.appservice.as_token, true),
            (HS_TOKEN, &config.appservice.hs_token, true),
            (DOUBLE_PUPPET, &config.double_puppet.as_token, needs_second),
        ];
        let missing = tokens.iter().filter(|(_, token, is_needed)| *is_needed && !token.is_made());
        let keys: Vec<String> = missing.map(|(place, _, _)| place.key.to_owned()).collect();
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

    /// Whether `text` could stand in `file`.
    pub fn check(text: &str, file: &Path, environment: Environment<'_>) -> Result<(), ConfigError> {
        let checked = Self::parse(text, environment).map_err(|problems| ConfigError::Invalid { file: file.to_owned(), problems });
        checked.map(drop)
    }

    pub(super) fn parse(text: &str, environment: Environment<'_>) -> Result<Self, Vec<Problem>> {
        let (mut config, unknown) = deserialize(text).map_err(|problem| vec![problem])?;
        let mut problems = unsupported(&config);
        problems.extend(unknown.iter().map(|key| unknown_key(key)));
        problems.extend(find_tokens(&mut config, environment));
        problems.extend(impossible(&config));
        match built_in(&config.categories) {
            Ok(built_in) => config.built_in = built_in,
            Err(problem) => problems.push(problem),
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

/// Puts each token where it belongs, and says which cannot be used.
fn find_tokens(config: &mut Config, environment: Environment<'_>) -> Vec<Problem> {
    let Config { appservice, double_puppet, .. } = config;
    let mut problems = Vec::new();
    for (place, token, file) in [
        (AS_TOKEN, &mut appservice.as_token, &appservice.as_token_file),
        (HS_TOKEN, &mut appservice.hs_token, &appservice.hs_token_file),
        (DOUBLE_PUPPET, &mut double_puppet.as_token, &double_puppet.as_token_file),
    ] {
        match tokens::find(&place, token, file.as_deref(), environment) {
            Ok(found) => *token = found,
            Err(problem) => problems.push(problem),
        }
    }
    if appservice.as_token.is_made() && appservice.as_token == appservice.hs_token {
        problems.push(problem(HS_TOKEN.key, "must not be the same as appservice.as_token"));
    }
    if double_puppet.as_token.is_made() && [&appservice.as_token, &appservice.hs_token].contains(&&double_puppet.as_token) {
        problems.push(problem(DOUBLE_PUPPET.key, "must not be the same as a token of appservice"));
    }
    problems
}

/// What fits its key and does not fit the others.
fn impossible(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    let domain = &config.homeserver.domain;
    if let Some(stranger) = config.double_puppet.allow.not_of(domain) {
        let what = format!("\"{stranger}\" is of another server than {domain}, where tradepost can act as nobody");
        problems.push(problem("double_puppet.allow", what));
    }
    if config.double_puppet.id == config.appservice.id {
        problems.push(problem("double_puppet.id", "must not be the same as appservice.id"));
    }
    let (database, crypto) = (plain(&config.database.path), plain(&config.encryption.path));
    if crypto.starts_with(&database) || database.starts_with(&crypto) {
        let what = "must be another directory than database.path, neither inside it nor around it";
        problems.push(problem("encryption.path", what));
    }
    let key_file = plain(&config.encryption.key_file);
    if [database, crypto].iter().any(|directory| key_file.starts_with(directory)) {
        let what = "must be neither in database.path nor in encryption.path, so that it is backed up apart from them";
        problems.push(problem("encryption.key_file", what));
    }
    let partners = partner::problems(&config.platforms, config.network.http_links);
    problems.extend(partners.into_iter().map(|(key, what)| problem(&key, what)));
    problems
}

/// A path from the root on, without `.` and `..`. Links are not followed: nothing has to be there yet.
fn plain(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
        plain
    })
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
mod tests;
