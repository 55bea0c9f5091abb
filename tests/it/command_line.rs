//! The program as it is typed: what it prints, what it writes, and with which status it ends.

use crate::support::ports::free_port;
use axum::Router;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header::AUTHORIZATION;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::any;
use axum::routing::get;
use axum::routing::post;
use serde_json::Value;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tradepost::store::sled::SledStore;

mod double_puppet;
mod encryption;
mod platform;
mod public_address;
mod upgrade;

const AS_TOKEN: &str = "as-token-of-this-test";
const HS_TOKEN: &str = "hs-token-of-this-test";
const SECOND_TOKEN: &str = "double-puppet-token-of-this-test";

/// What the program printed, and how it ended.
struct Ended {
    status: i32,
    out: String,
    err: String,
}

/// A directory in which the program is started.
struct Site {
    directory: TempDir,
}

impl Site {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path(file), text).unwrap();
    }

    fn mode(&self, file: &str) -> u32 {
        self.path(file).metadata().unwrap().permissions().mode() & 0o777
    }

    /// Types `tradepost` and these words.
    fn type_line(&self, words: &str) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_tradepost"))
            .args(words.split_whitespace())
            .current_dir(self.directory.path())
            .env_remove("TRADEPOST_AS_TOKEN")
            .env_remove("TRADEPOST_HS_TOKEN")
            .env_remove("TRADEPOST_DOUBLE_PUPPET_TOKEN")
            .env_remove("RUST_LOG")
            .output()
            .unwrap();
        let ended = Ended {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        for token in [AS_TOKEN, HS_TOKEN, SECOND_TOKEN] {
            assert!(!ended.out.contains(token) && !ended.err.contains(token), "a token was printed");
        }
        ended
    }

    /// A configuration with tokens, and the registration that belongs to it.
    fn set_up(&self, homeserver: &str, port: u16) {
        self.write(
            "config.toml",
            &format!(
                "[homeserver]\naddress = \"{homeserver}\"\ndomain = \"example.org\"\n\
                 [appservice]\naddress = \"http://127.0.0.1:{port}\"\nport = {port}\n\
                 as_token = \"{AS_TOKEN}\"\nhs_token = \"{HS_TOKEN}\"\n"
            ),
        );
        assert_eq!(self.type_line("registration").status, 0);
    }

    fn replace(&self, file: &str, old: &str, new: &str) {
        let text = self.read(file);
        assert!(text.contains(old), "{file} has no {old}");
        self.write(file, &text.replace(old, new));
    }
}

/// A homeserver that answers what a test wants.
struct Homeserver {
    versions: Value,
    whoami: (u16, Value),
    whoami_as_bot: (u16, Value),
    ping: Ping,
    /// What it answers to whoever has the second token, and when this asks for a ping.
    second: [(u16, Value); 2],
    /// What it has of the bot's device, by the end of the path.
    device: Vec<(&'static str, u16, Value)>,
    /// Where it says who logs people in, and who that is.
    logins: Option<(&'static str, Value)>,
}

/// What it does when it is asked to ping.
#[derive(Clone)]
enum Ping {
    /// Pings, with this token.
    With(&'static str),
    /// Answers this without pinging.
    Answers(u16, Value),
}

impl Homeserver {
    fn good() -> Self {
        Self {
            versions: json!({"versions": ["r0.6.1", "v1.1", "v1.11"]}),
            whoami: (200, json!({"user_id": "@_tradepost_as:example.org"})),
            whoami_as_bot: (200, json!({"user_id": "@tradepost:example.org"})),
            ping: Ping::With(HS_TOKEN),
            second: [
                (200, json!({"user_id": "@_tradepost_double_puppet:example.org"})),
                (400, json!({"errcode": "M_URL_NOT_SET", "error": "no url"})),
            ],
            device: vec![("v3/sync", 200, json!({"next_batch": "s1"}))],
            logins: None,
        }
    }

    /// Starts it, and answers its address.
    async fn start(self, appservice_port: u16) -> String {
        let Self { versions, whoami, whoami_as_bot, ping, second: [second_whoami, second_ping], device, logins } = self;
        let whoami = async move |RawQuery(query): RawQuery, headers: HeaderMap| {
            let (status, body) = match (headers[AUTHORIZATION].to_str().unwrap().trim_start_matches("Bearer "), query) {
                (AS_TOKEN, None) => whoami,
                (AS_TOKEN, Some(_)) => whoami_as_bot,
                (SECOND_TOKEN, None) => second_whoami,
                (token, query) => panic!("{token} asks for {query:?}"),
            };
            answer(status, &body)
        };
        let device = async move |RawQuery(query): RawQuery, headers: HeaderMap, uri: Uri| {
            assert_eq!(headers[AUTHORIZATION], format!("Bearer {AS_TOKEN}"));
            let query = query.unwrap();
            assert!(query.starts_with("user_id=%40tradepost%3Aexample.org") && !query.contains("device_id"), "{query}");
            let known = device.iter().find(|(path, _, _)| uri.path().ends_with(path));
            known.map_or_else(|| answer(404, &json!({"errcode": "M_NOT_FOUND", "error": ""})), |(_, status, body)| answer(*status, body))
        };
        let mut pages = Router::new()
            .route("/_matrix/client/versions", get(async move || answer(200, &versions)))
            .route("/_matrix/client/v3/account/whoami", get(whoami))
            .route("/_matrix/client/v1/appservice/tradepost/ping", post(async move || pinged(&ping, appservice_port).await))
            .route("/_matrix/client/v1/appservice/second/ping", post(async move || answer(second_ping.0, &second_ping.1)))
            .route("/_matrix/client/v3/{*device}", any(device));
        if let Some((path, metadata)) = logins {
            pages = pages.route(&format!("/_matrix/client/{path}"), get(async move || answer(200, &metadata)));
        }
        serve(pages).await
    }
}

/// Pings as Synapse does.
async fn pinged(ping: &Ping, port: u16) -> Response {
    let token = match ping {
        Ping::With(token) => token,
        Ping::Answers(status, body) => return answer(*status, body),
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let request = reqwest::Client::new().post(format!("http://127.0.0.1:{port}/_matrix/app/v1/ping"));
    let Ok(got) = request.bearer_auth(token).body("{}").send().await else {
        return answer(502, &json!({"errcode": "M_CONNECTION_FAILED", "error": "refused"}));
    };
    match got.status().as_u16() {
        200 => answer(200, &json!({"duration_ms": 1})),
        status => answer(502, &json!({"errcode": "M_BAD_STATUS", "error": "", "status": status, "body": ""})),
    }
}

fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

async fn serve(pages: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, pages).await });
    format!("http://{address}")
}

fn port_of(address: &str) -> u16 {
    address.rsplit_once(':').unwrap().1.parse().unwrap()
}

/// Checks a site whose homeserver is `homeserver`, after `spoil` changed something.
async fn check(homeserver: Homeserver, spoil: impl FnOnce(&Site)) -> Ended {
    let port = free_port();
    let address = homeserver.start(port).await;
    let site = Site::new();
    site.set_up(&address, port);
    spoil(&site);
    tokio::task::block_in_place(|| site.type_line("check"))
}

/// Asserts that exactly this was found wrong, with a hint.
fn assert_found(ended: &Ended, status: i32, what: &str) {
    let wrong: Vec<&str> = ended.out.lines().filter(|line| line.starts_with('❌')).collect();
    assert_eq!((ended.status, wrong.len()), (status, 1), "{}{}", ended.out, ended.err);
    assert!(wrong[0].contains(what), "{} does not say: {what}", wrong[0]);
    assert!(ended.out.contains("\n   hint: "), "{}", ended.out);
}

#[test]
fn a_configuration_is_written_once() {
    let site = Site::new();
    let ended = site.type_line("config -c new.toml");
    assert_eq!(ended.status, 0);
    assert_eq!(site.read("new.toml"), site.type_line("-e").out);

    site.write("new.toml", "mine");
    let ended = site.type_line("-e -c new.toml");
    assert_eq!((ended.status, site.read("new.toml")), (10, "mine".to_owned()));
    assert!(ended.err.contains("error: new.toml is not written") && ended.err.contains("hint: "), "{}", ended.err);
}

#[test]
fn tokens_are_made_once_and_written_into_both_files() {
    let site = Site::new();
    site.type_line("config -c config.toml");
    let example = site.read("config.toml");
    let ended = site.type_line("registration");
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.out.contains("app_service_config_files"), "{}", ended.out);

    let (config, registration) = (site.read("config.toml"), site.read("registration.yaml"));
    let parsed: toml::Table = config.parse().unwrap();
    let token = |key: &str| parsed["appservice"][key].as_str().unwrap().to_owned();
    assert_ne!(token("as_token"), token("hs_token"));
    for key in ["as_token", "hs_token"] {
        assert_eq!(token(key).len(), 64);
        assert!(registration.contains(&format!("\n{key}: '{}'\n", token(key))));
        assert!(!ended.out.contains(&token(key)));
    }
    let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).map(String::from).collect::<Vec<String>>();
    assert_eq!(comments(&config), comments(&example));
    assert_eq!((site.mode("config.toml"), site.mode("registration.yaml")), (0o600, 0o600));

    let ended = site.type_line("-g -c config.toml -r registration.yaml");
    assert_eq!(ended.status, 0);
    assert_eq!((site.read("config.toml"), site.read("registration.yaml")), (config, registration));
}

#[test]
fn what_the_program_prints_as_examples_is_what_is_shipped() {
    let site = Site::new();
    let shipped = |file: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    assert_eq!(site.type_line("config").out, shipped("config.example.toml"));
    assert_eq!(site.type_line("registration --example").out, shipped("registration.yaml"));
}

#[test]
fn the_tokens_of_the_example_are_refused_by_name() {
    let site = Site::new();
    site.type_line("config -c config.toml");
    for command in ["run", "check", ""] {
        let ended = site.type_line(command);
        let said = ended.out + ended.err.as_str();
        assert_eq!(ended.status, 10);
        assert!(said.contains("appservice.as_token") && said.contains("appservice.hs_token"), "{said}");
        assert!(said.contains("hint: make the tokens with: tradepost registration"), "{said}");
    }
}

#[test]
fn a_missing_configuration_and_a_wrong_key_are_refused_with_a_hint() {
    let site = Site::new();
    let ended = site.type_line("run");
    assert_eq!(ended.status, 10);
    assert!(ended.err.contains("hint: write one with: tradepost config -c config.toml"), "{}", ended.err);

    site.set_up("http://127.0.0.1:9", 29_331);
    site.replace("config.toml", "[homeserver]", "[limits]\naccounts_per_sharr = 3\n[homeserver]");
    let ended = site.type_line("run");
    assert_eq!(ended.status, 10);
    assert!(ended.err.contains("limits.accounts_per_sharr: there is no such key; the nearest is limits.accounts_per_sharer"));
}

#[test]
fn a_command_line_that_is_not_understood_ends_with_status_2() {
    let site = Site::new();
    assert_eq!(site.type_line("serve").status, 2);
    assert_eq!(site.type_line("-g check").status, 2);
}

#[test]
fn the_version_is_told_by_command_and_by_flag() {
    let site = Site::new();
    let expected = format!("tradepost {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(site.type_line("version").out, expected);
    assert_eq!(site.type_line("-v").out, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_site_passes_the_check_and_answers_the_ping_itself() {
    let ended = check(Homeserver::good(), |_| ()).await;
    assert_eq!(ended.status, 0, "{}", ended.out);
    assert_eq!(ended.out.lines().filter(|line| line.starts_with('✅')).count(), 12, "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_does_not_exist_yet_is_no_failure() {
    let mut homeserver = Homeserver::good();
    let error = "Application service has not registered this user (@tradepost:example.org)";
    homeserver.whoami_as_bot = (403, json!({"errcode": "M_FORBIDDEN", "error": error}));
    let ended = check(homeserver, |_| ()).await;
    assert_eq!(ended.status, 0, "{}", ended.out);
    assert!(ended.out.contains("is made at the first start"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_homeserver_that_is_away_or_none_or_too_old_is_told_apart() {
    let ended = check(Homeserver::good(), |site| {
        let address = format!("http://127.0.0.1:{}", free_port());
        let config = site.read("config.toml");
        let old = config.lines().nth(1).unwrap();
        site.replace("config.toml", old, &format!("address = \"{address}\""));
    })
    .await;
    assert_found(&ended, 13, "cannot be reached");

    let mut homeserver = Homeserver::good();
    homeserver.versions = json!({"hello": "world"});
    assert_found(&check(homeserver, |_| ()).await, 13, "no homeserver");

    let mut homeserver = Homeserver::good();
    homeserver.versions = json!({"versions": ["v1.1", "v1.6"]});
    assert_found(&check(homeserver, |_| ()).await, 14, "does not speak Matrix v1.7");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_homeserver_that_does_not_know_us_is_told_apart_from_one_with_another_namespace_or_name() {
    let mut homeserver = Homeserver::good();
    homeserver.whoami = (401, json!({"errcode": "M_UNKNOWN_TOKEN", "error": "Unrecognised access token"}));
    assert_found(&check(homeserver, |_| ()).await, 15, "does not know the as_token");

    for errcode in ["M_EXCLUSIVE", "M_FORBIDDEN"] {
        let mut homeserver = Homeserver::good();
        homeserver.whoami_as_bot = (403, json!({"errcode": errcode, "error": "cannot masquerade as this user"}));
        assert_found(&check(homeserver, |_| ()).await, 18, "@tradepost:example.org");
    }

    let mut homeserver = Homeserver::good();
    homeserver.whoami = (200, json!({"user_id": "@_tradepost_as:example.com"}));
    assert_found(&check(homeserver, |_| ()).await, 10, "is called example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_in_which_the_homeserver_does_not_reach_us_is_told_apart() {
    let error = |errcode: &str| json!({"errcode": errcode, "error": "no"});
    for (ping, status, what) in [
        (Ping::With("another-token-than-ours"), 17, "another hs_token"),
        (Ping::Answers(403, error("M_FORBIDDEN")), 17, "another appservice"),
        (Ping::Answers(400, error("M_URL_NOT_SET")), 16, "has no url"),
        (Ping::Answers(502, error("M_CONNECTION_FAILED")), 16, "cannot reach tradepost"),
        (Ping::Answers(502, json!({"errcode": "M_BAD_STATUS", "error": "", "status": 404})), 16, "gets the answer 404"),
    ] {
        let mut homeserver = Homeserver::good();
        homeserver.ping = ping;
        assert_found(&check(homeserver, |_| ()).await, status, what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_is_missing_or_differs_is_told() {
    let missing = |site: &Site| std::fs::remove_file(site.path("registration.yaml")).unwrap();
    assert_found(&check(Homeserver::good(), missing).await, 11, "registration.yaml cannot be used");

    let token = |site: &Site| site.replace("registration.yaml", AS_TOKEN, "an-older-token-of-ours");
    assert_found(&check(Homeserver::good(), token).await, 11, "as_token should be the one of the configuration");

    let namespace = |site: &Site| site.replace("registration.yaml", "exclusive: true", "exclusive: false");
    assert_found(&check(Homeserver::good(), namespace).await, 18, "no exclusive regex for @tradepost:example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_opened_is_told() {
    let ended = check(Homeserver::good(), |site| site.write("data", "a file, no directory")).await;
    assert_found(&ended, 12, "the database data cannot be opened");

    let mut other = None;
    let ended = check(Homeserver::good(), |site| {
        other = Some(SledStore::open(&site.path("data")).unwrap());
    })
    .await;
    assert_found(&ended, 12, "in use by another process");

    let ended = check(Homeserver::good(), |site| {
        std::fs::create_dir(site.path("data")).unwrap();
        site.write("data/holiday.jpg", "a picture");
    })
    .await;
    assert_found(&ended, 12, "no schema mark");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_several_failures_gives_the_status() {
    let mut homeserver = Homeserver::good();
    homeserver.ping = Ping::With("another-token-than-ours");
    let ended = check(homeserver, |site| site.write("data", "a file, no directory")).await;
    assert_eq!(ended.status, 12);
    assert!(ended.out.contains("another hs_token"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_and_a_database_that_the_running_tradepost_has_are_well_and_a_port_of_another_program_is_not() {
    let refuses = any(async || answer(401, &json!({"errcode": "M_MISSING_TOKEN", "error": "no token"})));
    let other = any(async || "hello");
    for (program, status, is_in_use) in [(refuses, 0, true), (other, 19, false)] {
        let port = port_of(&serve(Router::new().fallback(program)).await);
        let mut homeserver = Homeserver::good();
        homeserver.ping = Ping::Answers(200, json!({"duration_ms": 1}));
        let site = Site::new();
        site.set_up(&homeserver.start(port).await, port);
        let _running = is_in_use.then(|| SledStore::open(&site.path("data")).unwrap());
        let ended = tokio::task::block_in_place(|| site.type_line("check"));
        assert_eq!(ended.status, status, "{}", ended.out);
        assert_eq!(ended.out.contains("the database data is in use by that tradepost"), is_in_use);
    }
}
