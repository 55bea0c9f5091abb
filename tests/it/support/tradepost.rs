//! The built program with a configuration of its own: started, asked, killed and started again.

use super::client::http_client;
use super::process::Process;
use super::process::bound_to_this_thread;
use super::synapse::DOMAIN;
use super::synapse::DOUBLE_PUPPET_TOKEN;
use super::synapse::Homeserver;
use super::synapse::Registration;
use super::synapse::temporary_directory;
use std::fs;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use toml::Table;
use toml::Value;
use tradepost::app;
use tradepost::app::Listeners;
use tradepost::app::Surroundings;
use tradepost::clock::Clock;
use tradepost::clock::SystemRandomness;
use tradepost::config::Config;

#[expect(dead_code, reason = "only the program seals keys anew")]
#[path = "../../../src/sqlite.rs"]
mod sqlite;

/// One tradepost: its files, and its process while it runs.
pub struct Tradepost {
    directory: TempDir,
    registration: Registration,
    process: Option<Process>,
    /// The program, where it runs within the test.
    here: Option<JoinHandle<()>>,
}

impl Tradepost {
    /// Writes its configuration: what the tests need, changed by `changes`. It does not run yet.
    pub fn new(homeserver: &Homeserver, registration: Registration, sharers: &[&str], changes: Table) -> Self {
        let directory = tempfile::Builder::new().prefix("tradepost-").tempdir_in(temporary_directory()).expect("a directory for tradepost");
        let mut config = config(homeserver, &registration, sharers);
        let data = directory.path().join("data");
        let path = Value::from(data.to_str().expect("a path that is text"));
        merge(&mut config, section("database", Table::from_iter([("path".to_owned(), path)])));
        let keys = [("path", "crypto"), ("key_file", "tradepost.key")];
        let keys =
            keys.map(|(key, name)| (key.to_owned(), Value::from(directory.path().join(name).to_str().expect("a path that is text"))));
        merge(&mut config, section("encryption", Table::from_iter(keys)));
        merge(&mut config, changes);
        let tradepost = Self { directory, registration, process: None, here: None };
        fs::write(tradepost.config_path(), config.to_string()).expect("a configuration");
        tradepost
    }

    /// Its configuration.
    pub fn config_path(&self) -> PathBuf {
        self.directory.path().join("config.toml")
    }

    /// Where its database is.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Where its key is.
    pub fn key_file(&self) -> PathBuf {
        self.directory.path().join("tradepost.key")
    }

    /// Its bot's whole id.
    pub fn bot(&self) -> String {
        self.registration.bot_id()
    }

    /// What the homeserver knows of it.
    pub fn registration(&self) -> &Registration {
        &self.registration
    }

    /// Its log.
    pub fn log_path(&self) -> PathBuf {
        self.directory.path().join("tradepost.log")
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.registration.port)
    }

    /// Starts it and waits until it is ready.
    pub async fn start(&mut self) {
        let mut process = self.spawn();
        let ready = process.ready(&http_client(), &format!("{}/ready", self.address())).await;
        ready.unwrap_or_else(|log| panic!("tradepost is not ready: {log}"));
        self.process = Some(process);
    }

    /// Waits until its encryption is ready too.
    pub async fn has_encryption(&self) {
        let address = format!("{}/ready", self.address());
        let said = async || http_client().get(&address).send().await.expect("/ready").text().await.expect("a text");
        let mut step = tokio::time::interval(Duration::from_millis(50));
        while !said().await.contains("encryption: ready") {
            step.tick().await;
        }
    }

    /// Starts it within this process, by another clock, and waits until it is ready.
    pub async fn start_here(&mut self, clock: Arc<dyn Clock>) {
        let config = Config::load(&self.config_path(), &|_| None).expect("a configuration");
        let listener = TcpListener::bind(("127.0.0.1", self.registration.port)).await.expect("a free port");
        let web = match &config.web.public_url {
            Some(_) => Some(TcpListener::bind(config.web.listen).await.expect("a free port")),
            None => None,
        };
        let listeners = Listeners { appservice: listener, monitoring: None, web };
        let surroundings = Surroundings { clock, randomness: Arc::new(SystemRandomness), listeners, open_keys: sqlite::open };
        let running = app::run(config, surroundings, std::future::pending());
        self.here = Some(tokio::spawn(async move { running.await.expect("tradepost goes on") }));
        let address = format!("{}/ready", self.address());
        while !http_client().get(&address).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::task::yield_now().await;
        }
    }

    /// Starts it where it is expected to end by itself, and gives its exit status and its log.
    pub async fn refuses_to_run(&mut self) -> (ExitStatus, String) {
        let mut process = self.spawn();
        (process.wait().await, process.log_end())
    }

    fn spawn(&self) -> Process {
        let mut command = bound_to_this_thread(env!("CARGO_BIN_EXE_tradepost"));
        command.arg("run").arg("-c").arg(self.config_path());
        Process::start("tradepost", command, &self.log_path())
    }

    /// Ends it without a warning.
    pub async fn kill_9(&mut self) {
        self.running().kill_9().await;
        self.process = None;
    }

    /// Ends it in good order.
    pub async fn stop(&mut self) -> ExitStatus {
        let status = self.running().stop().await;
        self.process = None;
        status
    }

    /// Ends it in good order and starts it again.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    /// The value of a metric; `name` is all that stands before it, labels included.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let metrics = self.metrics().await;
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map(|value| value.trim().parse().expect("a number"))
    }

    /// All metrics.
    pub async fn metrics(&self) -> String {
        let answer = http_client().get(format!("{}/metrics", self.address())).send().await;
        answer.expect("/metrics").text().await.expect("the metrics")
    }

    fn running(&mut self) -> &mut Process {
        self.process.as_mut().expect("tradepost does not run")
    }
}

impl Drop for Tradepost {
    fn drop(&mut self) {
        if let Some(here) = &self.here {
            here.abort();
        }
        if std::thread::panicking() {
            if let Some(process) = &self.process {
                eprintln!("tradepost's log: {}", process.log_end());
            }
            self.directory.disable_cleanup(true);
        }
    }
}

fn config(homeserver: &Homeserver, registration: &Registration, sharers: &[&str]) -> Table {
    let address = homeserver.address();
    let Registration { id, bot, port, as_token, hs_token, .. } = registration;
    let text = format!(
        r#"
        [homeserver]
        address = "{address}"
        domain = "{DOMAIN}"
        [appservice]
        address = "http://127.0.0.1:{port}"
        hostname = "127.0.0.1"
        port = {port}
        id = "{id}"
        as_token = "{as_token}"
        hs_token = "{hs_token}"
        [appservice.bot]
        username = "{bot}"
        displayname = "tradepost"
        [database]
        type = "sled"
        [limits]
        commands_per_minute = 10000
        [network]
        allow = ["127.0.0.0/8"]
        http_links = true
        per_host_per_second = 100
        [platforms.feed]
        interval_seconds = 1
        [logging]
        level = "debug"
        [double_puppet]
        as_token = "{DOUBLE_PUPPET_TOKEN}"
        allow = ["{DOMAIN}"]
        rooms_per_day = 3
        [permissions]
        "*" = "none"
        "#
    );
    let mut config: Table = text.parse().expect("a configuration");
    let permissions = sharers.iter().map(|sharer| ((*sharer).to_owned(), Value::from("share")));
    merge(&mut config, section("permissions", permissions.collect()));
    config
}

fn merge(into: &mut Table, changes: Table) {
    for (key, change) in changes {
        match (into.get_mut(&key), change) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (_, change) => drop(into.insert(key, change)),
        }
    }
}

fn section(name: &str, content: Table) -> Table {
    Table::from_iter([(name.to_owned(), Value::Table(content))])
}
