//! The rows of docs/RELIABILITY.md: each is a fault and a story in which it happens, played with the real
//! program and a real homeserver. What was sent is counted in the room as the contact reads it. Here all of
//! them are short; `scripts/reliability` plays them in full and writes the table.

use serde::Deserialize;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;

mod commands;
mod database;
mod homeserver;
mod killed;
mod power;
mod sends;
mod shops;
mod stage;

/// The directory into which outcomes are written: then everything is played in full.
const DIRECTORY: &str = "TRADEPOST_RELIABILITY";
const DOCUMENT: &str = "docs/RELIABILITY.md";
const BEGIN: &str = "<!-- The table is written by scripts/reliability. -->";
const END: &str = "<!-- The end of the table. -->";
const HEAD: &str =
    "| fault | sent | arrived | lost | doubled | what the sharer is told | hookshot 7.4.3 | test |\n|---|---|---|---|---|---|---|---|\n";

/// A fault, and what another program made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    /// The name of its test.
    test: &'static str,
    /// What happens.
    fault: &'static str,
    /// What was measured of hookshot; empty where nothing was.
    hookshot: &'static str,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Outcome {
    test: String,
    fault: String,
    sent: usize,
    arrived: usize,
    lost: usize,
    doubled: usize,
    told: String,
    hookshot: String,
}

/// `long` where everything is played in full.
fn size(short: usize, long: usize) -> usize {
    if directory().is_some() { long } else { short }
}

fn directory() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(PathBuf::from)
}

impl Row {
    /// Ends the row: what arrived of what was sent must be each of it once, and in order. `told` says what
    /// the sharer was told.
    fn ends(self, sent: &[usize], arrived: &[usize], told: &str) {
        let times = |number: &usize| arrived.iter().filter(|other| *other == number).count();
        let outcome = Outcome {
            test: self.test.to_owned(),
            fault: self.fault.to_owned(),
            sent: sent.len(),
            arrived: sent.iter().filter(|number| times(number) > 0).count(),
            lost: sent.iter().filter(|number| times(number) == 0).count(),
            doubled: arrived.len() - arrived.iter().collect::<std::collections::BTreeSet<_>>().len(),
            told: told.to_owned(),
            hookshot: self.hookshot.to_owned(),
        };
        if let Some(directory) = directory() {
            let json = serde_json::to_string_pretty(&outcome).unwrap();
            std::fs::write(directory.join(format!("{}.json", self.test)), json).unwrap();
        }
        assert_eq!((outcome.lost, outcome.doubled), (0, 0), "{outcome:?}: sent {sent:?}, arrived {arrived:?}");
        assert_eq!(arrived, sent, "in order");
    }
}

fn at_root(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// The tests in this folder, each of which is a row, in the order of their files and lines.
fn rows_in_source() -> Vec<String> {
    let files = std::fs::read_dir(at_root("tests/it/reliability")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(file).unwrap();
        let tests = source.split("#[tokio::test").skip(1);
        rows.extend(tests.map(|test| test.split_once("async fn ").unwrap().1.split('(').next().unwrap().to_owned()));
    }
    rows
}

/// The cells of the table's rows.
fn rows_in_document() -> Vec<Vec<String>> {
    let document = std::fs::read_to_string(at_root(DOCUMENT)).unwrap();
    let table = document.split_once(BEGIN).unwrap().1.split_once(END).unwrap().0;
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    table.trim().lines().skip(2).map(cells).collect()
}

/// Writes the table, where the rows have been played in full and it was asked for.
fn write_table(directory: &Path) {
    let mut table = HEAD.to_owned();
    for test in rows_in_source() {
        let json = std::fs::read_to_string(directory.join(format!("{test}.json"))).unwrap_or_else(|_| panic!("{test} has no outcome"));
        let Outcome { fault, sent, arrived, lost, doubled, told, hookshot, .. } = serde_json::from_str(&json).unwrap();
        writeln!(table, "| {fault} | {sent} | {arrived} | {lost} | {doubled} | {told} | {hookshot} | `{test}` |").unwrap();
    }
    let document = std::fs::read_to_string(at_root(DOCUMENT)).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    std::fs::write(at_root(DOCUMENT), format!("{before}{BEGIN}\n\n{table}\n{END}{after}")).unwrap();
}

#[test]
fn the_document_holds_every_row_with_nothing_lost_and_nothing_doubled() {
    if let Some(directory) = directory().filter(|_| std::env::var_os("UPDATE").is_some()) {
        write_table(&directory);
    }
    let rows = rows_in_document();
    let tests: Vec<&str> = rows.iter().map(|row| row[7].trim_matches('`')).collect();
    assert_eq!(tests, rows_in_source(), "run scripts/reliability");
    for row in &rows {
        let [_, sent, arrived, lost, doubled, ..] = row.as_slice() else { panic!("{row:?}") };
        assert!(sent == arrived && lost == "0" && doubled == "0" && sent != "0", "{row:?}");
    }
}
