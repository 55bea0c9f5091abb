//! Files that are generated from the source and shipped must be what the source says now.
//! With `UPDATE=1` in the environment they are written instead.

use std::path::Path;

/// Compares the shipped file with what it should be, or writes it.
fn assert_shipped(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(shipped, expected, "{file} is out of date: run `UPDATE=1 cargo test`");
}

#[test]
fn the_list_of_metrics_is_the_catalogue() {
    assert_shipped("docs/METRICS.md", &tradepost::telemetry::listing());
}

#[test]
fn the_example_configuration_is_made_of_the_doc_comments() {
    assert_shipped("config.example.toml", &tradepost::config::Config::example());
}

#[test]
fn the_example_registration_is_the_one_of_the_example_configuration() {
    let example = tradepost::registration::Registration::example().unwrap();
    assert_shipped("registration.yaml", &example.to_yaml());
}
