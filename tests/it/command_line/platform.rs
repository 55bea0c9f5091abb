//! The platforms that send trades by tradepost's own interface: their keys are made, changed and taken
//! away on the command line.

use super::Ended;
use super::Site;

const URL: &str = "https://bazaar.example/tradepost/registrations";

/// A site with the example configuration, in which the tokens are made.
fn site() -> Site {
    let site = Site::new();
    site.type_line("config -c config.toml");
    assert_eq!(site.type_line("registration").status, 0);
    site
}

fn key(site: &Site) -> String {
    let parsed: toml::Table = site.read("config.toml").parse().unwrap();
    parsed["platforms"]["partners"]["bazaar"]["key"].as_str().unwrap().to_owned()
}

fn made(site: &Site) -> Ended {
    let ended = site.type_line(&format!("platform new bazaar --url {URL}"));
    assert_eq!(ended.status, 0, "{}", ended.err);
    ended
}

/// Refused with this, a hint, and nothing changed.
fn assert_refused(site: &Site, words: &str, expected: &str) {
    let before = site.read("config.toml");
    let ended = site.type_line(words);
    assert_eq!(ended.status, 10, "{words}: {}", ended.err);
    assert!(ended.err.contains(expected) && ended.err.contains("hint: "), "{words}: {}", ended.err);
    assert!(!ended.err.contains("whsec_"), "{}", ended.err);
    assert_eq!(site.read("config.toml"), before);
}

#[test]
fn a_platform_gets_a_key_that_is_shown_once() {
    let site = site();
    let before = site.read("config.toml");
    let ended = made(&site);
    let key = key(&site);
    assert!(key.starts_with("whsec_") && key.len() == 50, "{key}");
    assert!(ended.out.contains(&key) && ended.out.contains("docs/PUSH.md") && ended.out.contains("!share add bazaar"), "{}", ended.out);
    assert_eq!(site.mode("config.toml"), 0o600);
    let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).map(String::from).collect::<Vec<String>>();
    assert_eq!(comments(&site.read("config.toml")), comments(&before));

    let ended = site.type_line("platform list");
    assert_eq!((ended.status, ended.out), (0, format!("bazaar  {URL}\n")));
    // The configuration as it is now can be used.
    assert_eq!(site.type_line("registration").status, 0);
}

#[test]
fn a_key_takes_the_place_of_another_and_of_the_rest_nothing_changes() {
    let site = site();
    made(&site);
    let (before, old) = (site.read("config.toml"), key(&site));
    let ended = site.type_line("platform rotate bazaar");
    let new = key(&site);
    assert!(ended.status == 0 && new != old && ended.out.contains(&new) && !ended.out.contains(&old), "{}", ended.out);
    assert_eq!(site.read("config.toml"), before.replace(&old, &new));
}

#[test]
fn a_platform_that_is_revoked_leaves_nothing() {
    let site = site();
    let before = site.read("config.toml");
    made(&site);
    let ended = site.type_line("platform revoke bazaar");
    assert!(ended.status == 0 && ended.out.contains("restart tradepost"), "{}{}", ended.out, ended.err);
    assert_eq!(site.read("config.toml"), before);
    assert!(site.type_line("platform list").out.starts_with("There are none."));
}

#[test]
fn what_cannot_be_a_platform_is_refused_with_a_hint() {
    let site = site();
    made(&site);
    let new = |name: &str, url: &str| format!("platform new {name} --url {url}");
    assert_refused(&site, &new("bazaar", URL), "there is a platform bazaar already");
    assert_refused(&site, &new("feed", URL), "tradepost has a platform of that name by itself");
    assert_refused(&site, &new("Bazaar", URL), "the name of a platform has 1 to 32 of a-z, 0-9 and -");
    assert_refused(&site, &new("market", "http://market.example/"), "market.registration_url: must begin with https:");
    assert_refused(&site, &new("market", "market.example"), "must be an address like");
    assert_refused(&site, &new("market", "https://market.example/?key=1"), "must be an address like");
    assert_refused(&site, "platform rotate market", "there is no platform market");
    assert_refused(&site, "platform revoke market", "there is no platform market");
    assert_eq!(site.type_line("platform").status, 2);
    assert_eq!(site.type_line("platform new market").status, 2);
}

#[test]
fn a_key_that_is_none_stops_the_start_and_is_not_shown() {
    let site = site();
    made(&site);
    site.replace("config.toml", "key = \"whsec_", "key = \"shown?");
    let ended = site.type_line("run");
    assert_eq!(ended.status, 10);
    assert!(ended.err.contains("platforms.partners.bazaar.key: must be \"whsec_\"") && !ended.err.contains("shown?"), "{}", ended.err);
}
