//! The example platform `examples/bazaar`, started on 127.0.0.1: an independent implementation of what
//! docs/PUSH.md asks of a platform. Tests act through it for its users, and as an evil platform would.

use super::ports::free_port;
use super::process::Process;
use super::process::bound_to_this_thread;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;

/// How often another port is tried.
const ATTEMPTS: u32 = 5;

/// A running bazaar.
pub struct Bazaar {
    url: String,
    http: reqwest::Client,
    process: Process,
    directory: TempDir,
}

impl Bazaar {
    /// Starts it with this key, `whsec_…`. Its users confirm on a page of its.
    pub async fn start(key: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let directory = tempfile::tempdir().expect("a directory");
        let log = directory.path().join("bazaar.log");
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bazaar/bazaar.py");
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port();
            let url = format!("http://127.0.0.1:{port}");
            let mut command = bound_to_this_thread("python3");
            command.arg("-B").arg(&program).args(["--control", "--port", &port.to_string()]).env("BAZAAR_KEY", key);
            let mut process = Process::start("bazaar", command, &log);
            match process.ready(&http, &url).await {
                Ok(()) => return Self { url, http, process, directory },
                Err(error) => said = error,
            }
        }
        panic!("{said}");
    }

    /// Where accounts are registered.
    pub fn registration_url(&self) -> String {
        format!("{}/tradepost/registrations", self.url)
    }

    /// From now on its users confirm by a code.
    pub async fn confirms_by_code(&self) {
        self.control("confirm-by", json!({"confirm_by": "code"})).await;
    }

    /// From now on its clock is ahead by so many seconds.
    pub async fn clock_is_ahead(&self, seconds: i64) {
        self.control("clock", json!({"offset_seconds": seconds})).await;
    }

    /// The registrations of an account, oldest first: `id`, `confirmed`, `code` and `sharer` of each.
    pub async fn registrations(&self, account: &str) -> Vec<Value> {
        let found = self.control("registrations", json!({"account": account})).await;
        found.as_array().expect("a list").clone()
    }

    /// The account's owner says yes on the page, to all that are asked.
    pub async fn confirms(&self, account: &str) {
        self.control("confirm", json!({"account": account})).await;
    }

    /// She says no, or does not want it any more.
    pub async fn refuses(&self, account: &str) {
        self.control("refuse", json!({"account": account})).await;
    }

    /// She offers something, for so many euros.
    pub async fn offers(&self, account: &str, id: &str, title: &str, euros: &str) {
        self.control("offer", json!({"account": account, "id": id, "title": title, "price": euros})).await;
    }

    /// She withdraws it.
    pub async fn withdraws(&self, account: &str, id: &str) {
        self.control("withdraw", json!({"account": account, "id": id})).await;
    }

    /// Something else is told: a sale, say, as a trade of docs/PUSH.md.
    pub async fn tells(&self, account: &str, trade: Value) {
        self.control("tell", json!({"account": account, "trade": trade})).await;
    }

    /// Sends a body at once for the account's last registration, past the queue, and says what came back.
    /// `how` can have it signed with another `key`, `offset_seconds` away from now, with another `id`,
    /// sent `times`, with another `content_type`, to another `callback`, or with another body `instead`
    /// of the signed one.
    pub async fn pushes(&self, account: &str, body: Value, how: Value) -> (u16, String) {
        let answer = self.answer_to(account, body, how).await;
        let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
        (status, answer["body"].as_str().expect("a body").to_owned())
    }

    /// The same, with all that came back: `status`, `body` and `retry_after`.
    pub async fn answer_to(&self, account: &str, body: Value, how: Value) -> Value {
        let mut asked = how;
        asked["account"] = json!(account);
        asked["body"] = body;
        self.control("push", asked).await
    }

    /// What was answered to what it sent from its queue: status and body, oldest first.
    pub async fn answers(&self) -> Vec<(u64, String)> {
        let log = self.control("log", json!({})).await;
        let answers = log.as_array().expect("a list").iter();
        answers.map(|answer| (answer["status"].as_u64().expect("a status"), answer["body"].as_str().expect("a body").to_owned())).collect()
    }

    /// A page of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The end of its log, for a test that fails.
    pub fn log_end(&self) -> String {
        format!("{} {}", self.directory.path().display(), self.process.log_end())
    }

    async fn control(&self, what: &str, asked: Value) -> Value {
        let request = self.http.post(format!("{}/control/{what}", self.url)).body(asked.to_string());
        let answer = request.send().await.unwrap_or_else(|error| panic!("{what}: {error}\n{}", self.log_end()));
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{what}: {status} {text}\n{}", self.log_end());
        serde_json::from_str(&text).expect("JSON")
    }
}
