//! What is read, and what is refused in which words.

use super::known_keys;
use crate::config::Config;
use crate::config::tokens::Environment;
use crate::domain::ids::UserId;
use crate::domain::permission::Permission;
use crate::platforms::feed::FeedSettings;

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
    assert_eq!(shortest.platforms.feed, FeedSettings::default());
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
        ("[encryption]\nshare_keys_with = \"verified\"", "encryption.share_keys_with"),
        ("[double_puppet]\nallow = [\"*\"]", "double_puppet.allow"),
        ("[double_puppet]\nallow = [\"joy\", \"@joy\"]", "double_puppet.allow"),
        ("[double_puppet]\nunverified_device = \"never\"", "double_puppet.unverified_device"),
        ("[double_puppet]\nrooms_per_day = 1001", "double_puppet.rooms_per_day"),
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
fn directories_of_the_database_and_of_the_devices_are_apart_and_the_key_is_in_neither() {
    for paths in
        ["path = \"data\"", "path = \"./data/crypto\"", "path = \"keys/../data\"", "path = \".\"\nkey_file = \"/etc/tradepost.key\""]
    {
        let expected = "encryption.path: must be another directory than database.path, neither inside it nor around it";
        assert_eq!(refused(&format!("[encryption]\n{paths}")), expected, "{paths}");
    }
    for file in ["data/tradepost.key", "crypto/tradepost.key"] {
        let said = refused(&format!("[encryption]\nkey_file = \"{file}\""));
        assert!(said.starts_with("encryption.key_file: must be neither in database.path nor in encryption.path"), "{said}");
    }
    parse(&format!("{LEAST}[encryption]\npath = \"data-crypto\"")).unwrap();
}

#[test]
fn only_users_of_this_homeserver_can_be_allowed_to_share_in_their_own_name() {
    let config = parse(&format!("{LEAST}[double_puppet]\nallow = [\"@joy:example.org\"]")).unwrap();
    assert!(config.double_puppet.allow.allows(&UserId::new("@joy:example.org")));
    for stranger in ["example.com", "@mary:example.com"] {
        let said = refused(&format!("[double_puppet]\nallow = [\"@joy:example.org\", \"{stranger}\"]"));
        let expected = format!("double_puppet.allow: \"{stranger}\" is of another server than example.org");
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn the_second_registration_shares_neither_token_nor_name_with_the_first() {
    let token = "4711471147114711";
    for (first, second, expected) in [
        (format!("as_token = \"{token}\""), format!("as_token = \"{token}\""), "double_puppet.as_token: must not be the same"),
        (format!("hs_token = \"{token}\""), format!("as_token = \"{token}\""), "double_puppet.as_token: must not be the same"),
        ("id = \"both\"".to_owned(), "id = \"both\"".to_owned(), "double_puppet.id: must not be the same"),
    ] {
        let said = refused(&format!("[appservice]\n{first}\n[double_puppet]\n{second}"));
        assert!(said.starts_with(expected) && !said.contains(token), "{said}");
    }
}

#[test]
fn a_token_that_is_still_to_be_made_is_named_with_the_command_that_makes_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.toml");
    let first = "[appservice]\nas_token = \"0123456789abcdef\"\nhs_token = \"fedcba9876543210\"\n";
    let second = "[double_puppet]\nallow = [\"example.org\"]\n";
    for (lines, expected) in [
        (second.to_owned(), "make the tokens with: tradepost registration -c "),
        (format!("{first}{second}"), "make it with: tradepost registration --double-puppet -c "),
    ] {
        std::fs::write(&file, format!("{LEAST}{lines}")).unwrap();
        let error = Config::load(&file, &|_| None).unwrap_err();
        assert!(error.to_string().contains("double_puppet.as_token"), "{error}");
        assert!(error.hint().starts_with(expected), "{}", error.hint());
        Config::load_unregistered(&file, &|_| None).unwrap();
    }
    std::fs::write(&file, format!("{LEAST}{first}")).unwrap();
    Config::load(&file, &|_| None).unwrap();
}

#[test]
fn what_comes_later_is_refused_with_a_sentence() {
    assert!(
        refused("[database]\ntype = \"postgres\"\nuri = \"postgres://x\"")
            .starts_with("database.type: \"postgres\" comes in a later version")
    );
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
