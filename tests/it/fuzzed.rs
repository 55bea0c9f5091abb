//! What fuzzing has found interesting, tried with every test: the corpus in `fuzz/corpus`. `scripts/fuzz`
//! looks for more.

#[path = "../fuzzed/mod.rs"]
mod targets;

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use targets::TARGETS;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

/// The files of a target's corpus, in order.
fn files(target: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(corpus(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_promise_holds_for_the_whole_corpus() {
    for (target, _) in TARGETS {
        for file in files(target) {
            let tried = std::panic::catch_unwind(|| targets::try_one(target, &fs::read(&file).unwrap()));
            assert!(tried.is_ok(), "{target} fails with {}", file.display());
        }
    }
}

#[test]
fn every_target_has_a_corpus_of_small_files_and_a_program() {
    for (target, _) in TARGETS {
        let files = files(target);
        assert!(files.len() >= 10, "{target} has {} files", files.len());
        let large = files.iter().find(|file| file.metadata().unwrap().len() > 16 * 1024);
        assert_eq!(large, None, "larger than 16 KiB");
        let program = format!("name = \"{target}\"");
        let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml")).unwrap();
        assert!(manifest.contains(&program), "fuzz/Cargo.toml lacks {target}");
    }
}
