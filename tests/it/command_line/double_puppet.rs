//! The second registration, by which people share in their own name.

use super::Ended;
use super::Homeserver;
use super::SECOND_TOKEN;
use super::Site;
use super::assert_found;
use super::check;
use serde_json::json;

/// Lets one person share in her own name, and writes the second registration.
fn allow(site: &Site) {
    let section = format!("[double_puppet]\nallow = [\"@joy:example.org\"]\nid = \"second\"\nas_token = \"{SECOND_TOKEN}\"\n");
    site.write("config.toml", &format!("{}{section}", site.read("config.toml")));
    assert_eq!(site.type_line("registration --double-puppet").status, 0);
}

/// Checks a site where that is allowed, after `spoil` changed something.
async fn check_allowed(homeserver: Homeserver, spoil: impl FnOnce(&Site)) -> Ended {
    check(homeserver, |site| {
        allow(site);
        spoil(site);
    })
    .await
}

#[test]
fn the_second_registration_is_made_once_with_a_token_of_its_own() {
    let site = Site::new();
    site.type_line("config -c config.toml");
    let ended = site.type_line("registration --double-puppet");
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.out.contains("app_service_config_files") && ended.out.contains("double_puppet.allow"), "{}", ended.out);

    let (config, registration) = (site.read("config.toml"), site.read("double-puppet.yaml"));
    let parsed: toml::Table = config.parse().unwrap();
    let token = parsed["double_puppet"]["as_token"].as_str().unwrap();
    assert_eq!(token.len(), 64);
    assert!(registration.contains(&format!("\nas_token: '{token}'\n")) && registration.contains("\nurl: null\n"));
    assert!(!ended.out.contains(token));
    assert!(config.contains("This value is made by: tradepost registration\""), "the first registration's tokens are left alone");
    assert_eq!((site.mode("config.toml"), site.mode("double-puppet.yaml")), (0o600, 0o600));

    assert_eq!(site.type_line("registration --double-puppet -r other.yaml").status, 0);
    assert_eq!((site.read("config.toml"), site.read("other.yaml")), (config, registration));
}

#[test]
fn who_may_share_in_her_own_name_needs_the_second_registration() {
    let site = Site::new();
    site.set_up("http://127.0.0.1:9", 29_331);
    let first = site.read("config.toml");
    site.write("config.toml", &format!("{first}[double_puppet]\nallow = [\"example.org\"]\n"));
    for command in ["run", "check"] {
        let ended = site.type_line(command);
        let said = format!("{}{}", ended.out, ended.err);
        assert_eq!(ended.status, 10);
        assert!(
            said.contains("double_puppet.as_token") && said.contains("hint: make it with: tradepost registration --double-puppet"),
            "{said}"
        );
    }
    assert_eq!(site.type_line("registration --double-puppet").status, 0);
    let ended = site.type_line("check");
    assert_eq!(ended.status, 13, "only the homeserver is missing now: {}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_registration_that_the_homeserver_has_read_is_well() {
    let ended = check_allowed(Homeserver::good(), |_| ()).await;
    assert_eq!(ended.status, 0, "{}", ended.out);
    for line in [
        "✅ the registration double-puppet.yaml fits the configuration",
        "✅ the homeserver knows the second registration",
        "✅ the second registration has no url",
    ] {
        assert!(ended.out.contains(line), "{}", ended.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_registration_that_is_missing_or_dangerous_is_told() {
    let missing = |site: &Site| std::fs::remove_file(site.path("double-puppet.yaml")).unwrap();
    assert_found(&check_allowed(Homeserver::good(), missing).await, 11, "double-puppet.yaml cannot be used");

    let url = |site: &Site| site.replace("double-puppet.yaml", "url: null", "url: 'http://127.0.0.1:29331'");
    assert_found(&check_allowed(Homeserver::good(), url).await, 11, "url should be null");

    let exclusive = |site: &Site| site.replace("double-puppet.yaml", "exclusive: false", "exclusive: true");
    assert_found(&check_allowed(Homeserver::good(), exclusive).await, 11, "must not be exclusive");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_token_that_is_unknown_or_of_another_registration_or_of_one_with_a_url_is_told() {
    let error = |errcode: &str| json!({"errcode": errcode, "error": "no"});
    for (at, reply, status, what) in [
        (0, (401, error("M_UNKNOWN_TOKEN")), 15, "does not know the token of double_puppet"),
        (1, (403, error("M_FORBIDDEN")), 11, "for another appservice than \"second\""),
        (1, (502, error("M_CONNECTION_FAILED")), 11, "has a url"),
        (1, (200, json!({"duration_ms": 1})), 11, "has a url"),
    ] {
        let mut homeserver = Homeserver::good();
        homeserver.second[at] = reply;
        assert_found(&check_allowed(homeserver, |_| ()).await, status, what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_homeserver_that_leaves_logging_in_to_another_service_is_told_and_no_failure() {
    for path in ["v1/auth_metadata", "unstable/org.matrix.msc2965/auth_metadata"] {
        let mut homeserver = Homeserver::good();
        homeserver.logins = Some((path, json!({"issuer": "https://account.example.org/"})));
        let ended = check(homeserver, |_| ()).await;
        assert_eq!(ended.status, 0, "{}", ended.out);
        assert!(ended.out.contains("⚠ the homeserver leaves logging in to https://account.example.org/"), "{}", ended.out);
    }
}
