//! The rules of docs/ARCHITECTURE.md on who may import whom, held against the source.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// What everything but `domain` may use.
const FOR_ALL: &[&str] = &["clock", "faultpoint", "lifecycle", "telemetry", "values"];

/// What else each module may import.
pub(crate) const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("telemetry", &[]),
    ("clock", &[]),
    ("faultpoint", &[]),
    ("lifecycle", &[]),
    ("service", &[]),
    ("values", &[]),
    ("net", &["domain"]),
    ("texts", &["domain"]),
    ("classify", &["domain"]),
    ("store", &["domain"]),
    ("vault", &[]),
    ("sqlite", &[]),
    ("platforms", &["domain", "net"]),
    ("matrix", &["domain", "texts"]),
    ("config", &["classify", "domain", "platforms"]),
    ("registration", &["config", "domain"]),
    ("intake", &["classify", "domain", "net", "platforms", "store", "vault"]),
    ("actions", &["classify", "domain", "intake", "platforms", "store", "texts", "vault"]),
    ("admin", &["actions", "domain", "intake", "matrix", "store", "texts"]),
    ("commands", &["actions", "classify", "domain", "store", "texts"]),
    ("devices", &["domain", "matrix", "store"]),
    ("rotation", &["domain", "store", "vault"]),
    ("outbox", &["devices", "domain", "matrix", "store", "texts"]),
    ("inbox", &["commands", "devices", "domain", "matrix", "store", "vault"]),
    ("scheduler", &["domain", "intake", "platforms", "store"]),
    ("http", &["actions", "admin", "domain", "inbox", "intake", "platforms", "store", "texts"]),
    ("housekeeping", &["actions", "domain", "store"]),
    (
        "app",
        &[
            "actions",
            "admin",
            "classify",
            "commands",
            "config",
            "domain",
            "housekeeping",
            "http",
            "inbox",
            "intake",
            "matrix",
            "net",
            "outbox",
            "platforms",
            "scheduler",
            "service",
            "store",
            "texts",
            "vault",
        ],
    ),
    ("cli", &["admin", "app", "config", "domain", "http", "matrix", "registration", "rotation", "store", "vault"]),
];

/// Libraries that only one module may know, whatever else it imports.
pub(crate) const KNOWN_ONLY_TO: &[(&str, &str)] = &[
    ("ruma", "matrix"),
    ("sled", "store"),
    ("fluent_bundle", "texts"),
    ("feed_rs", "platforms"),
    ("aho_corasick", "classify"),
    ("chacha20poly1305", "vault"),
    ("rusqlite", "sqlite"),
    ("sd_notify", "service"),
];

#[test]
fn modules_import_only_what_the_map_allows() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let violations: Vec<String> = rust_files(&source)
        .into_iter()
        .flat_map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            violations(file.strip_prefix(&source).unwrap(), &text)
        })
        .collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn a_release_build_has_no_switch_for_tests() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let reads = |file: &PathBuf| fs::read_to_string(file).unwrap().contains("env::var");
    let mut readers: Vec<PathBuf> = rust_files(&source).into_iter().filter(reads).collect();
    readers.sort();
    // The others read what replaces keys of the configuration, who started the program, and what is logged.
    assert_eq!(
        readers,
        ["cli/mod.rs", "faultpoint.rs", "service.rs", "telemetry/journal.rs", "telemetry.rs"].map(|file| source.join(file))
    );
    let faultpoint = fs::read_to_string(source.join("faultpoint.rs")).unwrap();
    let (before, armed) = faultpoint.split_once("mod armed {").unwrap();
    assert!(before.ends_with("#[cfg(debug_assertions)]\n") && !before.contains("env::") && armed.contains("env::var"));
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert!(!manifest.contains("debug-assertions"), "a release build has none");
}

#[test]
fn a_forbidden_import_is_found() {
    let found = |file: &str, line: &str| !violations(Path::new(file), line).is_empty();
    assert!(found("domain/trade.rs", "use crate::store::Store;"));
    assert!(found("platforms/feed.rs", "use crate::matrix::client::Client;"));
    assert!(found("commands/mod.rs", "use crate::outbox::Outbox;"));
    assert!(found("domain/room.rs", "use crate::telemetry::metrics;"));
    assert!(found("inbox/mod.rs", "let room = ruma::RoomId::parse(id);"));
    assert!(found("http/mod.rs", "use sled::Tree;"));
    assert!(found("intake.rs", "use crate::{domain, matrix};"));
    assert!(found("unheard_of.rs", "use crate::domain::ids::UserId;"));
    assert!(found("intake.rs", "use super::matrix::client::Client;"));
    assert!(!found("intake.rs", "use crate::store::Store; // not crate::matrix"));
    assert!(!found("matrix/client.rs", "use ruma::api::Direction;"));
}

#[test]
fn the_map_has_no_cycles() {
    // Modules all of whose imports are gone are taken away until nothing is left, or a cycle.
    let mut left: BTreeMap<&str, Vec<&str>> = MAY_IMPORT.iter().map(|(module, imports)| (*module, imports.to_vec())).collect();
    loop {
        let free = |imports: &[&str]| imports.iter().all(|import| !left.contains_key(import));
        let done: Vec<&str> = left.iter().filter(|(_, imports)| free(imports)).map(|(module, _)| *module).collect();
        if done.is_empty() {
            break;
        }
        left.retain(|module, _| !done.contains(module));
    }
    assert!(left.is_empty(), "a cycle among {:?}", left.keys());
}

/// What is wrong with the imports of a file, given by its path below `src`.
fn violations(file: &Path, text: &str) -> Vec<String> {
    let module = file.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
    if matches!(module, "lib" | "main") {
        return Vec::new();
    }
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{}: `{module}` is not on the map", file.display())];
    };
    let mut violations = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let mut tell = |what: String| violations.push(format!("{}:{}: {what}", file.display(), number + 1));
        for target in paths_behind("crate::", code) {
            let is_fine = target == module || allowed.contains(&target) || (module != "domain" && FOR_ALL.contains(&target));
            if target.is_empty() {
                tell("write one `use` for each path".to_owned());
            } else if !is_fine {
                tell(format!("`{module}` may not import `{target}`"));
            }
        }
        // At the top of a file of a single-file module, `super` is the crate.
        if file.components().count() == 1 && code.starts_with("use super::") {
            tell("write `crate::` where the crate is meant".to_owned());
        }
        for (library, owner) in KNOWN_ONLY_TO {
            if module != *owner && names(code, library) {
                tell(format!("only `{owner}` knows {library}"));
            }
        }
    }
    violations
}

/// The path elements that directly follow `prefix` in a line.
fn paths_behind<'a>(prefix: &str, code: &'a str) -> Vec<&'a str> {
    let element = |rest: &'a str| &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())];
    code.split(prefix).skip(1).map(element).collect()
}

/// Whether a line names a library as the beginning of a path.
fn names(code: &str, library: &str) -> bool {
    let path = format!("{library}::");
    code.match_indices(&path).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
