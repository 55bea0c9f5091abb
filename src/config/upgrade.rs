//! A configuration that was written for an earlier version, brought up to date: today's example with
//! the values of the old file. What is not said in it stands there as a comment, so that nothing new
//! counts before somebody wants it.

use crate::config::Config;
use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::TableLike;
use toml_edit::TomlError;

/// Keys that had another name in an earlier version: the old one and today's, both dotted.
const RENAMED: &[(&str, &str)] = &[];

/// The sections whose keys are the operator's own.
const MAPS: [&str; 2] = ["permissions", "platforms.partners"];

/// What stands before the keys that there are no more.
const UNKNOWN: &str = "# This version of tradepost does not know these keys:";

/// A configuration brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// The file.
    pub text: String,
    /// The keys whose values were carried over, by their present names.
    pub carried: Vec<String>,
    /// Those among them that had another name: the old one, and the present one.
    pub renamed: Vec<(String, String)>,
    /// Keys that there are no more: they stand at the end, as comments.
    pub unknown: Vec<String>,
}

/// Brings the configuration `old` up to date. An error where it is no TOML.
pub fn upgraded(old: &str) -> Result<Upgraded, TomlError> {
    upgraded_by(old, RENAMED)
}

fn upgraded_by(old: &str, names: &[(&str, &str)]) -> Result<Upgraded, TomlError> {
    let earlier = old.split_once(UNKNOWN).map(|(_, keys)| keys.trim());
    let mut old: DocumentMut = old.parse()?;
    let mut writing = Writing { example: Config::example(), text: String::new(), carried: Vec::new(), renamed: Vec::new(), names };
    writing.write(old.as_table_mut());
    let unknown = writing.write_unknown(&old, earlier);
    let Writing { text, carried, renamed, .. } = writing;
    Ok(Upgraded { text, carried, renamed, unknown })
}

/// The new file while it is being written.
struct Writing<'a> {
    example: String,
    text: String,
    carried: Vec<String>,
    renamed: Vec<(String, String)>,
    names: &'a [(&'a str, &'a str)],
}

/// A key, what stands at it, and what somebody wrote around it.
struct Found {
    above: String,
    value: String,
}

impl Writing<'_> {
    /// Writes the example line by line, with what the old file says; what is taken from that is removed.
    fn write(&mut self, old: &mut dyn TableLike) {
        let example = self.example.clone();
        let (mut section, mut has_own) = (String::new(), false);
        for line in example.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                name.clone_into(&mut section);
                self.line(line);
                has_own = self.write_own_keys(&section, old);
            } else if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") {
                // Of a map the example's key is only an example.
                if !has_own {
                    self.write_key(&section, key, line, old);
                }
            } else {
                self.line(line);
            }
        }
    }

    fn write_key(&mut self, section: &str, key: &str, line: &str, old: &mut dyn TableLike) {
        let found = if MAPS.contains(&section) { None } else { self.take(&dotted(section, key), old) };
        match found {
            Some(Found { above, value }) => {
                self.text.push_str(&above);
                self.line(&format!("{key} = {value}"));
            }
            None if line.starts_with("# ") => self.line(line),
            None => self.line(&format!("# {line}")),
        }
    }

    /// The value of a key under its present name or, where that is not there, an earlier one.
    fn take(&mut self, key: &str, old: &mut dyn TableLike) -> Option<Found> {
        let names = self.names;
        let earlier = names.iter().filter(|(_, present)| *present == key).map(|(earlier, _)| *earlier);
        for name in std::iter::once(key).chain(earlier) {
            if let Some(found) = remove(old, name, &self.example) {
                self.carried.push(key.to_owned());
                if name != key {
                    self.renamed.push((name.to_owned(), key.to_owned()));
                }
                return Some(found);
            }
        }
        None
    }

    /// Writes the keys and sections below `section` if it is a map; whether there are any.
    fn write_own_keys(&mut self, section: &str, old: &mut dyn TableLike) -> bool {
        if !MAPS.contains(&section) {
            return false;
        }
        let Some(table) = find(old, section).filter(|item| item.is_table_like()).and_then(|item| std::mem::take(item).into_table().ok())
        else {
            return false;
        };
        let keys: Vec<String> = table.iter().map(|(key, _)| dotted(section, key)).collect();
        if keys.is_empty() {
            return false;
        }
        let written = alone(section, Item::Table(table));
        // The heading and its documentation stand there already.
        let heading = format!("[{section}]\n");
        let own = written.split_once(&heading).map_or(written.as_str(), |(_, own)| own).trim();
        if own.starts_with('[') {
            self.line("");
        }
        self.line(own);
        self.carried.extend(keys);
        true
    }

    /// Writes what is left of the old file as comments, behind those of an `earlier` time, and answers
    /// which keys these are.
    fn write_unknown(&mut self, old: &DocumentMut, earlier: Option<&str>) -> Vec<String> {
        let mut keys = Vec::new();
        list("", old.as_table(), &mut keys);
        if earlier.is_some() || !keys.is_empty() {
            self.line(&format!("\n{UNKNOWN}"));
        }
        if let Some(earlier) = earlier {
            self.line(earlier);
        }
        for (key, value) in &keys {
            for line in format!("{key} = {value}").lines() {
                self.line(&format!("# {line}"));
            }
        }
        keys.into_iter().map(|(key, _)| key).collect()
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn dotted(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// What stands at a dotted key.
fn find<'t>(table: &'t mut dyn TableLike, key: &str) -> Option<&'t mut Item> {
    match key.split_once('.') {
        None => table.get_mut(key),
        Some((first, rest)) => find(table.get_mut(first)?.as_table_like_mut()?, rest),
    }
}

/// Takes a value out, with the lines above it that are not today's documentation.
fn remove(table: &mut dyn TableLike, key: &str, example: &str) -> Option<Found> {
    if let Some((first, rest)) = key.split_once('.') {
        return remove(table.get_mut(first)?.as_table_like_mut()?, rest, example);
    }
    table.get(key)?.as_value()?;
    let above = table.key(key).and_then(|key| key.leaf_decor().prefix()).and_then(|prefix| prefix.as_str()).unwrap_or_default();
    // A key that is not said stands there as a comment, too.
    let is_known = |line: &str| example.lines().any(|known| known == line || Some(known) == line.strip_prefix("# "));
    let own = |line: &&str| line.starts_with('#') && !is_known(line);
    let above = above.lines().filter(own).fold(String::new(), |lines, line| lines + line + "\n");
    let mut value = table.remove(key)?.into_value().ok()?;
    value.decor_mut().set_prefix("");
    Some(Found { above, value: value.to_string().trim_end().to_owned() })
}

/// A section as it stands in a file of its own.
fn alone(section: &str, item: Item) -> String {
    let mut document = DocumentMut::new();
    let mut table = document.as_table_mut();
    let (parents, name) = section.rsplit_once('.').map_or((None, section), |(parents, name)| (Some(parents), name));
    for parent in parents.into_iter().flat_map(|parents| parents.split('.')) {
        table.insert(parent, implicit());
        let Some(inner) = table.get_mut(parent).and_then(Item::as_table_mut) else {
            return String::new();
        };
        table = inner;
    }
    table.insert(name, item);
    document.to_string()
}

fn implicit() -> Item {
    let mut table = toml_edit::Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// Lists the values in a table by their dotted keys.
fn list(section: &str, table: &dyn TableLike, keys: &mut Vec<(String, String)>) {
    for (key, item) in table.iter() {
        let key = dotted(section, key);
        match item {
            Item::None => {}
            Item::Value(value) if !value.is_inline_table() => {
                let mut value = value.clone();
                value.decor_mut().clear();
                keys.push((key, value.to_string()));
            }
            Item::ArrayOfTables(tables) => tables.iter().for_each(|table| list(&key, table, keys)),
            other => other.as_table_like().into_iter().for_each(|table| list(&key, table, keys)),
        }
    }
}

#[cfg(test)]
mod tests;
