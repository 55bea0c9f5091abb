//! The built program with a configuration of its own: started, asked, killed and started again.

use super::client::http_client;
use super::ports::free_port;
use super::process::Process;
use super::process::bound_to_this_thread;
use super::synapse::DOMAIN;
use super::synapse::DOUBLE_PUPPET_TOKEN;
use super::synapse::Homeserver;
use super::synapse::Registration;
use super::synapse::temporary_directory;
use super::user::moment;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
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
use tradepost::faultpoint;
use tradepost::faultpoint::Point;

#[expect(dead_code, reason = "only the program seals keys anew")]
#[path = "../../../src/sqlite.rs"]
mod sqlite;

/// What a command of its printed, and how it ended.
pub struct Ended {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// One tradepost: its files, and its process while it runs.
pub struct Tradepost {
    directory: TempDir,
    registration: Registration,
    process: Option<Process>,
    /// The program, where it runs within the test.
    here: Option<JoinHandle<()>>,
    /// What the process finds in its environment beside what this one has.
    environment: Vec<(String, String)>,
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
        let tradepost = Self { directory, registration, process: None, here: None, environment: Vec::new() };
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

    /// The directory of all its files.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// From its next start on it finds this in its environment.
    pub fn finds(&mut self, environment: Vec<(String, String)>) {
        self.environment.extend(environment);
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

    /// The id of its process.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("tradepost does not run").id()
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
        let listener = TcpListener::bind(("127.0.0.1", config.appservice.port.get())).await.expect("a free port");
        let web = match &config.web.public_url {
            Some(_) => Some(TcpListener::bind(config.web.listen).await.expect("a free port")),
            None => None,
        };
        let listeners = Listeners { appservice: listener, monitoring: None, web, admin: None };
        let (open_keys, copy_keys) = (sqlite::open, sqlite::copy);
        let surroundings = Surroundings { clock, randomness: Arc::new(SystemRandomness), listeners, open_keys, copy_keys };
        let running = app::run(config, surroundings, std::future::pending());
        self.here = Some(tokio::spawn(async move { running.await.expect("tradepost goes on") }));
        let address = format!("{}/ready", self.address());
        while !http_client().get(&address).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::task::yield_now().await;
        }
    }

    /// Starts it and does not wait for anything.
    pub fn begins(&mut self) {
        self.process = Some(self.spawn());
    }

    /// Waits until it is ready, once it was begun.
    pub async fn becomes_ready(&mut self) {
        let address = format!("{}/ready", self.address());
        let ready = self.running().ready(&http_client(), &address).await;
        ready.unwrap_or_else(|log| panic!("tradepost is not ready: {log}"));
    }

    /// Tells it to stop, and does not wait for it.
    pub fn is_told_to_stop(&mut self) {
        self.running().is_told_to_stop();
    }

    /// Waits until its log says something so often in all.
    pub async fn says(&self, part: &str, times: usize) {
        while fs::read_to_string(self.log_path()).unwrap_or_default().matches(part).count() < times {
            moment().await;
        }
    }

    /// Waits until it has ended by itself, and gives its exit status and its log.
    pub async fn ends(&mut self) -> (ExitStatus, String) {
        let mut process = self.process.take().expect("tradepost does not run");
        (process.wait().await, process.log_end())
    }

    /// Starts another one on the same data, which is expected to refuse: its exit status and its log.
    pub async fn second_refuses_to_run(&self) -> (ExitStatus, String) {
        let mut config: Table = fs::read_to_string(self.config_path()).expect("a configuration").parse().expect("TOML");
        merge(&mut config, section("appservice", Table::from_iter([("port".to_owned(), Value::from(i64::from(free_port())))])));
        if config.contains_key("web") {
            let listen = format!("127.0.0.1:{}", free_port());
            merge(&mut config, section("web", Table::from_iter([("listen".to_owned(), Value::from(listen))])));
        }
        // Only the database is the same.
        let socket = self.directory.path().join("second.sock").to_string_lossy().into_owned();
        merge(&mut config, section("admin", Table::from_iter([("socket".to_owned(), Value::from(socket))])));
        let (path, log) = (self.directory.path().join("second.toml"), self.directory.path().join("second.log"));
        fs::write(&path, config.to_string()).expect("a configuration");
        let mut command = bound_to_this_thread(env!("CARGO_BIN_EXE_tradepost"));
        command.arg("run").arg("-c").arg(path);
        let mut second = Process::start("a second tradepost", command, &log);
        (second.wait().await, second.log_end())
    }

    /// Has the tokens of another registration from now on.
    pub fn takes_tokens(&mut self, registration: Registration) {
        let config = fs::read_to_string(self.config_path()).expect("a configuration");
        let config = config.replace(&self.registration.as_token, &registration.as_token);
        let config = config.replace(&self.registration.hs_token, &registration.hs_token);
        fs::write(self.config_path(), config).expect("a configuration");
        self.registration = registration;
    }

    /// Starts it where it is expected to end by itself, and gives its exit status and its log.
    pub async fn refuses_to_run(&mut self) -> (ExitStatus, String) {
        let mut process = self.spawn();
        (process.wait().await, process.log_end())
    }

    /// Starts it so that it is killed when it passes a point so often, which may be before it is ready.
    pub fn start_to_die_at(&mut self, point: Point, times: u32) {
        let mut command = self.command();
        command.env(faultpoint::VARIABLE, format!("{}:{times}", <&str>::from(point)));
        self.process = Some(Process::start("tradepost", command, &self.log_path()));
    }

    /// Waits until it has been killed by itself.
    pub async fn is_killed(&mut self) {
        let status = self.running().wait().await;
        assert_eq!(status.signal(), Some(9), "{status}");
        self.process = None;
    }

    /// The same, for so long at the most; whether it has been.
    pub async fn is_killed_within(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.is_killed()).await.is_ok()
    }

    /// Types these words behind its name and its configuration, and waits until that has ended.
    pub fn types(&self, words: &str) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tradepost"));
        command.arg("-c").arg(self.config_path()).args(words.split_whitespace()).current_dir(self.directory.path());
        let output = tokio::task::block_in_place(|| command.output()).expect("the program");
        let text = |bytes| String::from_utf8(bytes).expect("a text");
        Ended { status: output.status.code().expect("a status"), out: text(output.stdout), err: text(output.stderr) }
    }

    fn spawn(&self) -> Process {
        Process::start("tradepost", self.command(), &self.log_path())
    }

    fn command(&self) -> Command {
        let mut command = bound_to_this_thread(env!("CARGO_BIN_EXE_tradepost"));
        command.arg("run").arg("-c").arg(self.config_path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
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
