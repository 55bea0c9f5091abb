//! README.md and what lies in docs, as far as it can be held against the program: tables of commands,
//! exit statuses, settings and imports, routes, and the files that are named.

use crate::architecture::KNOWN_ONLY_TO;
use crate::architecture::MAY_IMPORT;
use std::collections::BTreeSet;
use std::path::Path;
use strum::EnumMessage;
use strum::IntoEnumIterator;
use tradepost::cli::exit::ExitStatus;
use tradepost::commands::command::words;
use tradepost::commands::parse::parse;
use tradepost::config::Config;
use tradepost::domain::notice::Notice;
use tradepost::domain::notice::Topic;
use tradepost::domain::sharer::Language;
use tradepost::http::public::ROUTES;
use tradepost::texts;

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The rows of the table whose heading begins with these columns, cell by cell.
fn table(document: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.replace("\\|", "\u{0}");
        let inner = line.trim_matches('|').split('|');
        inner.map(|cell| cell.trim().replace('\u{0}', "|")).collect()
    };
    let rows = document.lines().map(str::trim).skip_while(|line| !line.starts_with('|') || !cells(line).starts_with(&owned(columns)));
    rows.take_while(|line| line.starts_with('|')).skip(2).map(cells).collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// How a command is written, without its prefix: the first line of its help.
fn usage(language: Language, topic: Topic) -> String {
    let help = texts::render(language, &Notice::HelpTopic { topic }).plain;
    let first = help.lines().next().unwrap().to_owned();
    first.split_once(' ').unwrap().1.to_owned()
}

#[test]
fn the_readme_has_every_command_with_all_its_words() {
    let shown = table(&read("README.md"), &["command", "中文", "also"]);
    let expected = Topic::iter().map(|topic| {
        let [_, chinese, others @ ..] = words(topic) else { panic!("{topic} has no two words") };
        (usage(Language::English, topic), (*chinese).to_owned(), others.iter().copied().collect::<BTreeSet<_>>())
    });
    for (row, (usage, chinese, others)) in shown.iter().zip(expected) {
        assert_eq!((quoted(&row[0]), quoted(&row[1])), (vec![usage.as_str()], vec![chinese.as_str()]));
        assert_eq!(quoted(&row[2]).into_iter().collect::<BTreeSet<_>>(), others, "other words for {usage}");
    }
    assert_eq!(shown.len(), Topic::iter().count());
}

#[test]
fn every_example_in_the_help_is_a_command_that_is_understood() {
    for (language, prefix) in [(Language::English, "!share "), (Language::SimplifiedChinese, "!分享 ")] {
        for topic in Topic::iter() {
            let help = texts::render(language, &Notice::HelpTopic { topic }).html;
            let typed = help.split("<code>").skip(2).map(|rest| rest.split("</code>").next().unwrap());
            let examples: Vec<String> = typed.map(|html| html.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"")).collect();
            let examples = examples.iter().filter_map(|example| example.strip_prefix(prefix));
            let understood = examples.map(|example| assert!(parse(example).is_ok(), "{example}: {:?}", parse(example)));
            assert!(understood.count() > 0, "{topic} has no example in {language:?}");
        }
    }
}

#[test]
fn the_readme_has_every_exit_status_with_its_meaning() {
    let meaning = |status: ExitStatus| (status as u8, status.get_documentation().unwrap().to_owned());
    let mut expected: Vec<(u8, String)> = ExitStatus::iter().map(meaning).collect();
    // What the library for command lines ends with.
    expected.push((2, "The command line cannot be understood.".to_owned()));
    expected.sort();
    let shown: Vec<(u8, String)> =
        table(&read("README.md"), &["status", "meaning"]).iter().map(|row| (row[0].parse().unwrap(), row[1].clone())).collect();
    assert_eq!(shown, expected);
}

#[test]
fn the_readme_has_every_section_of_the_configuration() {
    let readme = read("README.md");
    let rows = table(&readme, &["section", "what it is about"]);
    let shown: BTreeSet<&str> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    let example = Config::example();
    let sections = example.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
    assert_eq!(shown, sections.collect());
}

#[test]
fn settings_that_are_named_exist() {
    let known = settings();
    for file in ["README.md", "docs/ARCHITECTURE.md", "docs/ENCRYPTION.md", "docs/PUBLIC_ADDRESS.md"] {
        for name in quoted(&prose(&read(file))) {
            let section = name.rsplit_once('.').map(|(section, key)| (section, !["rs", "toml", "yaml"].contains(&key)));
            if let Some((section, true)) = section
                && known.contains(section)
            {
                assert!(known.contains(name), "{file} names the setting {name}, which is not there");
            }
        }
    }
}

/// Sections, and settings with their sections, those that the example leaves out too.
fn settings() -> BTreeSet<String> {
    let mut section = String::new();
    let mut known = BTreeSet::new();
    for line in Config::example().lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            known.insert(section.clone());
        } else if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") {
            known.insert(format!("{section}.{key}"));
        }
    }
    known
}

#[test]
fn files_that_are_named_exist() {
    for file in ["README.md", "docs/ARCHITECTURE.md", "CHANGELOG.md"] {
        for name in quoted(&prose(&read(file))) {
            let path = name.split_whitespace().next().unwrap_or_default();
            if ["docs/", "scripts/", "src/", "tests/", "locales/", "templates/"].iter().any(|folder| path.starts_with(folder)) {
                assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{file} names {path}, which is not there");
            }
        }
    }
}

#[test]
fn each_sample_of_a_proxy_lets_every_route_through() {
    let document = read("docs/PUBLIC_ADDRESS.md");
    let samples: Vec<&str> = document.split("```").skip(1).step_by(2).collect();
    for proxy in ["nginx", "caddyfile"] {
        let mut samples = samples.iter().filter_map(|sample| sample.strip_prefix(proxy)).peekable();
        assert!(samples.peek().is_some(), "there is no sample for {proxy}");
        for sample in samples {
            for route in ROUTES.iter().filter(|route| **route != "/") {
                let prefix = route.split('{').next().unwrap();
                assert!(sample.contains(prefix), "{proxy} does not let {prefix} through");
            }
        }
    }
    for route in ROUTES {
        assert!(document.contains(&format!("`{route}`")), "{route} is not explained");
    }
}

/// A document without its blocks of code, whose fences are backticks too.
fn prose(document: &str) -> String {
    document.split("```").step_by(2).collect()
}

#[test]
fn the_architecture_shows_the_import_map() {
    let document = read("docs/ARCHITECTURE.md");
    let rows = table(&document, &["module", "may import"]);
    let shown: Vec<(&str, Vec<&str>)> = rows.iter().map(|row| (quoted(&row[0])[0], quoted(&row[1]))).collect();
    let expected: Vec<(&str, Vec<&str>)> = MAY_IMPORT.iter().map(|(module, imports)| (*module, imports.to_vec())).collect();
    assert_eq!(shown, expected);
    for (library, owner) in KNOWN_ONLY_TO {
        assert!(document.contains(&format!("`{library}` to `{owner}`")), "{library} is known to {owner} only");
    }
}

#[test]
fn the_architecture_presents_every_module() {
    let rows = table(&read("docs/ARCHITECTURE.md"), &["module", "what it is"]);
    let shown: BTreeSet<&str> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    assert_eq!(shown, MAY_IMPORT.iter().map(|(module, _)| *module).collect());
}

/// The tests that there are, as `file::test`: by the file's name, and by its folder's where the file is called `tests`.
fn all_tests() -> BTreeSet<String> {
    let contracts = read("tests/it/store.rs");
    let mut found = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.extend(tests_in(&path, &contracts));
            }
        }
    }
    found
}

fn tests_in(path: &Path, contracts: &str) -> Vec<String> {
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let mut file = name(path);
    if file == "tests" {
        file = name(path.parent().unwrap());
    }
    let source = std::fs::read_to_string(path).unwrap();
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let Some((before, rest)) = line.split_once("fn ").filter(|_| !line.starts_with("//")) else { continue };
        let test = rest.split('(').next().unwrap_or_default();
        // What every store is held to is run by its name.
        let is_contract = file.starts_with("contract_") && before.contains("pub(") && contracts.contains(test);
        if std::mem::take(&mut is_test) || is_contract {
            tests.push(format!("{file}::{test}"));
        }
    }
    tests
}

#[test]
fn every_claim_on_security_names_tests_that_there_are() {
    // Whom one trusts, what cannot be done, and where to write are no claims.
    const NO_CLAIMS: [&str; 4] = ["Security", "Who is trusted", "What cannot be protected", "Reporting a vulnerability"];
    let (document, tests) = (read("docs/SECURITY.md"), all_tests());
    let is_name =
        |word: &&str| word.contains("::") && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c));
    let mut section = "";
    let mut claims = 0;
    for line in document.lines() {
        if line.starts_with('#') {
            section = line.trim_start_matches(['#', ' ']);
        }
        let named: Vec<&str> = quoted(line).into_iter().filter(is_name).filter(|name| *name != "file::test").collect();
        for name in &named {
            assert!(tests.contains(*name), "docs/SECURITY.md names the test {name}, which is not there");
        }
        let is_row = section == "Threats" && line.starts_with("| ") && !line.starts_with("| who |");
        if (is_row || line.starts_with("- ")) && !NO_CLAIMS.contains(&section) {
            assert!(!named.is_empty(), "docs/SECURITY.md claims something that no test shows: {line}");
            claims += 1;
        }
    }
    assert!(claims > 60, "{claims}");
}
