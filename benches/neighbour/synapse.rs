//! A Synapse that is thrown away, and people on it.

use anyhow::Context;
use axum::Router;
use axum::routing::any;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tempfile::TempDir;
use url::Url;

/// The part of user ids behind the colon.
pub(crate) const DOMAIN: &str = "demo.localhost";
/// The token of the appservice.
pub(crate) const AS_TOKEN: &str = "as-token-of-the-benchmark";
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running Synapse; it ends when its input is closed.
pub(crate) struct Synapse {
    pub(crate) address: Url,
    child: Child,
    _directory: TempDir,
}

/// Somebody on it.
pub(crate) struct Person {
    pub(crate) id: String,
    http: reqwest::Client,
    address: Url,
    token: String,
    said: AtomicU64,
}

impl Synapse {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let directory = TempDir::new()?;
        let registration = directory.path().join("registration.yaml");
        fs::write(&registration, registration_text(&appservice().await?))?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(python()?);
        command.arg(root().join("scripts/throwaway_synapse.py")).arg("--directory").arg(directory.path().join("synapse"));
        command.args(["--port", &port.to_string(), "--domain", DOMAIN]).arg("--appservice").arg(&registration);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let synapse = Self { address: Url::parse(&format!("http://127.0.0.1:{port}/"))?, child, _directory: directory };
        synapse.ready().await?;
        Ok(synapse)
    }

    async fn ready(&self) -> anyhow::Result<()> {
        let versions = self.address.join("_matrix/client/versions")?;
        let asked = async {
            while reqwest::get(versions.clone()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.context("Synapse does not start")
    }

    /// Somebody new.
    pub(crate) async fn register(&self, name: &str) -> anyhow::Result<Person> {
        let nobody = self.person(String::new(), String::new());
        let account = json!({"username": name, "password": "a throw-away password", "auth": {"type": "m.login.dummy"}});
        let answer = nobody.call(Method::POST, "register", account).await?;
        Ok(self.person(text(&answer["user_id"])?, text(&answer["access_token"])?))
    }

    /// The bot.
    pub(crate) async fn bot(&self) -> anyhow::Result<Person> {
        let bot = self.person(format!("@tradepost:{DOMAIN}"), AS_TOKEN.to_owned());
        bot.call(Method::POST, "register", json!({"type": "m.login.application_service", "username": "tradepost", "inhibit_login": true}))
            .await?;
        Ok(bot)
    }

    fn person(&self, id: String, token: String) -> Person {
        Person { id, http: reqwest::Client::new(), address: self.address.clone(), token, said: AtomicU64::new(0) }
    }
}

impl Drop for Synapse {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Person {
    pub(crate) async fn call(&self, method: Method, path: &str, body: Value) -> anyhow::Result<Value> {
        let mut address = self.address.join("_matrix/client/v3/")?.join(path)?;
        if self.token == AS_TOKEN && path != "register" {
            address.query_pairs_mut().append_pair("user_id", &self.id);
        }
        let mut request = self.http.request(method, address).body(body.to_string());
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        let answer = request.send().await?;
        let (status, body) = (answer.status(), answer.bytes().await?);
        anyhow::ensure!(status.is_success(), "{path}: {status}: {}", String::from_utf8_lossy(&body));
        Ok(serde_json::from_slice(&body)?)
    }

    /// A direct room, into which the other one comes.
    pub(crate) async fn room_with(&self, other: &Self) -> anyhow::Result<String> {
        let options = json!({"preset": "trusted_private_chat", "is_direct": true, "invite": [other.id]});
        let room = text(&self.call(Method::POST, "createRoom", options).await?["room_id"])?;
        other.call(Method::POST, &format!("rooms/{room}/join"), json!({})).await?;
        Ok(room)
    }

    pub(crate) async fn says(&self, room: &str, message: &str) -> anyhow::Result<()> {
        let transaction = self.said.fetch_add(1, Ordering::Relaxed);
        let content = json!({"msgtype": "m.text", "body": message});
        self.call(Method::PUT, &format!("rooms/{room}/send/m.room.message/t{transaction}"), content).await?;
        Ok(())
    }
}

fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value.as_str().context("a text")?.to_owned())
}

/// The appservice, which takes everything that Synapse pushes.
async fn appservice() -> anyhow::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(async || "{}"))).await });
    Ok(address)
}

/// JSON is YAML too.
fn registration_text(url: &str) -> String {
    json!({
        "id": "tradepost",
        "url": url,
        "as_token": AS_TOKEN,
        "hs_token": "hs-token-of-the-benchmark",
        "sender_localpart": "_tradepost_as",
        "rate_limited": false,
        "namespaces": {"users": [{"exclusive": true, "regex": "@tradepost(_.*)?:demo\\.localhost"}], "aliases": [], "rooms": []},
    })
    .to_string()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Python that has Synapse: what `TRADEPOST_SYNAPSE_PYTHON` says, else what scripts/test installed.
fn python() -> anyhow::Result<PathBuf> {
    if let Some(python) = std::env::var_os("TRADEPOST_SYNAPSE_PYTHON") {
        return Ok(python.into());
    }
    let mut installed = fs::read_dir(root().join("target/venv"))?.filter_map(Result::ok);
    let synapse = installed.find(|entry| entry.file_name().to_string_lossy().starts_with("synapse-"));
    Ok(synapse.context("no Synapse is installed: run scripts/test once")?.path().join("bin/python"))
}
