//! What is shipped for those who run it: the unit, the container, the dashboard and the alerts.

use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use strum::IntoEnumIterator;
use tradepost::cli::exit::ExitStatus;
use tradepost::telemetry;

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(file)).unwrap()
}

/// What the catalogue has: each metric with its type and the outcomes that it can have.
fn catalogue() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let listing = telemetry::listing();
    let rows = listing.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split('|').map(str::trim).collect();
        let outcomes = cells[2].split(", ").filter(|outcome| !outcome.is_empty()).map(str::to_owned).collect();
        Some((cells[0].trim_end_matches('`').to_owned(), (cells[1].to_owned(), outcomes)))
    });
    rows.collect()
}

/// What is wrong with a query, held against the catalogue.
fn faults(query: &str) -> Vec<String> {
    let (catalogue, mut faults) = (catalogue(), Vec::new());
    let selector = Regex::new(r"(tradepost_[a-z_]+)(?:\{([^}]*)\})?").unwrap();
    let outcome = Regex::new(r#"outcome="([a-z]*)""#).unwrap();
    for found in selector.captures_iter(query) {
        let name = &found[1];
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
        let (kind, outcomes) = match (catalogue.get(name), family.and_then(|family| catalogue.get(family))) {
            (Some(metric), _) if metric.0 != "histogram" => metric,
            (None, Some(metric)) if metric.0 == "histogram" => metric,
            _ => {
                faults.push(format!("there is no {name}"));
                continue;
            }
        };
        let labels = found.get(2).map_or("", |labels| labels.as_str());
        for asked in outcome.captures_iter(labels).filter(|asked| !outcomes.contains(&asked[1])) {
            faults.push(format!("{name} has no outcome {}", &asked[1]));
        }
        let is_rated = Regex::new(&format!(r"(rate|increase)\({name}\b")).unwrap().is_match(query);
        if (kind != "gauge") != is_rated {
            faults.push(format!("{name} is a {kind}"));
        }
        if query.contains("by (outcome)") && outcomes.is_empty() {
            faults.push(format!("{name} has no outcomes"));
        }
    }
    faults
}

/// The texts under `key`, wherever they stand.
fn texts_under<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    match value {
        Value::Array(values) => values.iter().flat_map(|value| texts_under(value, key)).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| value.as_str().filter(|_| name == key).into_iter().chain(texts_under(value, key)))
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_query_of_something_that_is_not_counted_is_found() {
    assert_eq!(faults("rate(tradepost_unheard_of_total[5m])"), ["there is no tradepost_unheard_of_total"]);
    assert_eq!(faults("rate(tradepost_polls_total{outcome=\"lost\"}[5m])"), ["tradepost_polls_total has no outcome lost"]);
    assert_eq!(faults("tradepost_polls_total"), ["tradepost_polls_total is a counter"]);
    assert_eq!(faults("tradepost_delivery_seconds"), ["there is no tradepost_delivery_seconds"]);
    assert_eq!(faults("tradepost_store_bytes"), [""; 0]);
}

#[test]
fn the_dashboard_shows_all_that_is_counted_and_nothing_else() {
    let dashboard: Value = serde_json::from_str(&read("grafana-dashboard.json")).unwrap();
    let queries = texts_under(&dashboard, "expr");
    for query in &queries {
        assert_eq!(faults(query), [""; 0], "{query}");
    }
    for metric in catalogue().keys() {
        let named = Regex::new(&format!(r"\b{metric}(_bucket)?\b")).unwrap();
        assert!(queries.iter().any(|query| named.is_match(query)), "{metric} is not shown");
    }
    let places = dashboard["panels"].as_array().unwrap().iter().map(|panel| &panel["gridPos"]);
    let places: BTreeSet<(u64, u64)> = places.map(|place| (place["x"].as_u64().unwrap(), place["y"].as_u64().unwrap())).collect();
    assert_eq!(places.len(), dashboard["panels"].as_array().unwrap().len(), "each panel has a place of its own");
}

#[test]
fn the_alerts_ask_for_what_is_counted() {
    let alerts: Value = serde_norway::from_str(&read("alerts.yml")).unwrap();
    let queries = texts_under(&alerts, "expr");
    assert_eq!(queries.len(), texts_under(&alerts, "alert").len());
    for query in queries {
        assert_eq!(faults(query), [""; 0], "{query}");
    }
}

#[test]
fn the_unit_gives_up_only_where_trying_again_cannot_help() {
    let unit = read("tradepost.service");
    let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(&format!("{key}="))).unwrap().to_owned();
    assert_eq!((value("Type"), value("Restart")), ("notify".to_owned(), "on-failure".to_owned()));
    let given_up: BTreeSet<u8> = value("RestartPreventExitStatus").split(' ').map(|status| status.parse().unwrap()).collect();
    for status in ExitStatus::iter() {
        let passes = matches!(status, ExitStatus::Other | ExitStatus::Database | ExitStatus::Unreachable | ExitStatus::PortInUse);
        assert!(!(passes && given_up.contains(&(status as u8))), "{status:?} may pass");
    }
    assert!(given_up.contains(&(ExitStatus::Config as u8)) && given_up.contains(&(ExitStatus::TokenRefused as u8)));
    assert!(value("TimeoutStopSec").parse::<u32>().unwrap() > 10, "longer than stopping takes");
}

#[test]
fn the_container_takes_with_it_what_the_manifest_names() {
    let containerfile = read("Containerfile");
    let manifest: toml::Table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap().parse().unwrap();
    let version = manifest["package"]["rust-version"].as_str().unwrap();
    assert!(containerfile.contains(&format!("library/rust:{version}.0-")), "its compiler is the oldest that builds it");
    for directory in ["src", "locales", "templates", "benches", "tests"] {
        assert!(containerfile.contains(&format!("COPY {directory} {directory}\n")), "{directory}");
    }
    assert!(containerfile.contains("\nUSER 65532:65532\n"));
}
