//! A real Synapse. Most tests share one, each with an appservice registration of its own; a test
//! that stops or restarts the homeserver starts its own.

use super::client::Client;
use super::client::http_client;
use super::ports::free_port;
use super::process::Process;
use super::user::PASSWORD;
use super::user::Person;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use tokio::sync::Mutex;
use tokio::sync::OnceCell;

/// The part of user ids behind the colon.
pub const DOMAIN: &str = "demo.localhost";
/// How many tests can share one Synapse. Each has a registration, since Synapse reads them only when it starts.
const SHARED_BY: usize = 250;
const ADMINISTRATOR: &str = "administrator";

/// The token with which people who agree are acted for.
pub const DOUBLE_PUPPET_TOKEN: &str = "as-token-of-the-double-puppet-for-tests";

static SHARED: OnceCell<Arc<Homeserver>> = OnceCell::const_new();
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// A running Synapse.
pub struct Homeserver {
    directory: PathBuf,
    registrations: Vec<Registration>,
    given: AtomicUsize,
    /// The port it listens on, once it has started there.
    port: AtomicUsize,
    process: Mutex<Option<Process>>,
    administrator: OnceCell<Client>,
    shared: bool,
}

/// What Synapse was told of one appservice.
#[derive(Clone, Debug)]
pub struct Registration {
    /// A number that no other test has at this homeserver: names of people and rooms may end in it.
    pub number: usize,
    /// `id` in registration and config.
    pub id: String,
    /// The localpart of its bot.
    pub bot: String,
    /// Where Synapse reaches it.
    pub port: u16,
    /// The token with which it calls Synapse.
    pub as_token: String,
    /// The token with which Synapse calls it.
    pub hs_token: String,
}

impl Homeserver {
    /// The one that the tests share, started by the first that asks.
    pub async fn shared() -> Arc<Self> {
        let homeserver = SHARED.get_or_init(|| async { Arc::new(Self::start(SHARED_BY, true).await) });
        Arc::clone(homeserver.await)
    }

    /// One for a single test, which may restart it.
    pub async fn own() -> Arc<Self> {
        Arc::new(Self::start(2, false).await)
    }

    async fn start(registrations: usize, shared: bool) -> Self {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let directory = temporary_directory().join(format!("synapse-{}-{number}", std::process::id()));
        fs::create_dir_all(&directory).expect("a directory for Synapse");
        let homeserver = Self {
            registrations: (1..=registrations).map(Registration::new).collect(),
            directory,
            given: AtomicUsize::new(0),
            port: AtomicUsize::new(0),
            process: Mutex::new(None),
            administrator: OnceCell::new(),
            shared,
        };
        for registration in &homeserver.registrations {
            registration.write(&homeserver.directory);
        }
        homeserver.write_double_puppet();
        homeserver.choose_port_and_run().await;
        homeserver
    }

    /// Where clients and the appservice reach it.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.load(Ordering::Relaxed))
    }

    /// Gives an appservice other tokens, which count from the next start on.
    pub fn rotates_tokens(&self, registration: &Registration) -> Registration {
        let [as_token, hs_token] = [&registration.as_token, &registration.hs_token].map(|token| format!("{token}-rotated"));
        let rotated = Registration { as_token, hs_token, ..registration.clone() };
        rotated.write(&self.directory);
        rotated
    }

    /// A registration that no other test has.
    pub fn registration(&self) -> Registration {
        let given = self.given.fetch_add(1, Ordering::Relaxed);
        let registration = self.registrations.get(given);
        registration.expect("too few registrations for all tests: raise SHARED_BY").clone()
    }

    /// Deletes a person's device as an administrator does, without her doing.
    pub async fn deletes_device(&self, person: &str, device: &str) {
        let administrator = self.administrator.get_or_init(|| self.registers_administrator()).await;
        administrator.admin_delete(&["users", person, "devices", device]).await;
    }

    /// Synapse's own program does it, knowing the secret from the configuration.
    async fn registers_administrator(&self) -> Client {
        let mut register = Command::new(python_with_synapse());
        register.args(["-m", "synapse._scripts.register_new_matrix_user", "--config"]).arg(self.directory.join("homeserver.yaml"));
        register.args(["--user", ADMINISTRATOR, "--password", PASSWORD, "--admin", &self.address()]);
        let registered = tokio::task::spawn_blocking(move || register.output()).await.expect("a thread").expect("Synapse's Python");
        assert!(registered.status.success(), "no administrator: {}", String::from_utf8_lossy(&registered.stderr));
        Person::login(self, ADMINISTRATOR).await.into_client()
    }

    /// Its whole log so far, which names each request with who made it.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("synapse.log")).unwrap_or_default()
    }

    /// The registration by which people who agree are acted for; the same for all.
    fn double_puppet(&self) -> PathBuf {
        self.directory.join("registration-double-puppet.yaml")
    }

    fn write_double_puppet(&self) {
        let registration = json!({
            "id": "double-puppet",
            "url": null,
            "as_token": DOUBLE_PUPPET_TOKEN,
            "hs_token": "hs-token-of-the-double-puppet-for-tests",
            "sender_localpart": "_double_puppet_as",
            "rate_limited": false,
            "namespaces": {"users": [{"exclusive": false, "regex": "@.*:demo\\.localhost"}], "aliases": [], "rooms": []},
            "io.element.msc4190": true,
        });
        fs::write(self.double_puppet(), registration.to_string()).expect("a registration file");
    }

    /// Ends it in good order.
    pub async fn stop(&self) {
        if let Some(mut process) = self.own_process().await {
            process.stop().await;
        }
    }

    /// Ends it without a warning.
    pub async fn kill_9(&self) {
        if let Some(mut process) = self.own_process().await {
            process.kill_9().await;
        }
    }

    /// Starts it again where it was stopped, with what it had stored.
    pub async fn start_again(&self) {
        let port = u16::try_from(self.port.load(Ordering::Relaxed)).expect("a port");
        self.run(port).await.unwrap_or_else(|log| panic!("Synapse did not start again: {log}"));
    }

    /// Ends it in good order and starts it again.
    pub async fn restart(&self) {
        self.stop().await;
        self.start_again().await;
    }

    /// Leaves its directory where it is, for whoever looks why a test failed.
    pub fn keep_directory(&self) {
        let _ = fs::write(self.directory.join("keep"), "");
    }

    async fn own_process(&self) -> Option<Process> {
        assert!(!self.shared, "other tests use this Synapse too: take Homeserver::own()");
        self.process.lock().await.take()
    }

    async fn choose_port_and_run(&self) {
        let mut refused = String::new();
        // Somebody else may have taken the port in the meantime.
        for _ in 0..3 {
            match self.run(free_port()).await {
                Ok(()) => return,
                Err(log) => refused = log,
            }
        }
        panic!("Synapse does not start: {refused}");
    }

    async fn run(&self, port: u16) -> Result<(), String> {
        let log = self.directory.join("synapse.log");
        let mut process = Process::start("Synapse", self.command(port), &log);
        process.ready(&http_client(), &format!("http://127.0.0.1:{port}/_matrix/client/versions")).await?;
        self.port.store(usize::from(port), Ordering::Relaxed);
        *self.process.lock().await = Some(process);
        Ok(())
    }

    fn command(&self, port: u16) -> Command {
        let mut command = Command::new(python_with_synapse());
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/throwaway_synapse.py"));
        command.arg("--directory").arg(&self.directory);
        command.args(["--port", &port.to_string(), "--domain", DOMAIN, "--remove"]);
        for registration in &self.registrations {
            command.arg("--appservice").arg(registration.path(&self.directory));
        }
        command.arg("--appservice").arg(self.double_puppet());
        command
    }
}

impl Drop for Homeserver {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep_directory();
        }
        match self.process.get_mut().take() {
            // It removes its directory.
            Some(mut process) => process.close_input(),
            None if !std::thread::panicking() => drop(fs::remove_dir_all(&self.directory)),
            None => {}
        }
    }
}

impl Registration {
    fn new(number: usize) -> Self {
        Self {
            number,
            id: format!("tradepost{number}"),
            bot: format!("tradepost{number}"),
            port: free_port(),
            as_token: format!("as-token-of-appservice-number-{number:03}-for-tests"),
            hs_token: format!("hs-token-of-appservice-number-{number:03}-for-tests"),
        }
    }

    /// The bot's whole id.
    pub fn bot_id(&self) -> String {
        format!("@{}:{DOMAIN}", self.bot)
    }

    /// The file that Synapse reads, in its `directory`.
    pub fn path(&self, directory: &Path) -> PathBuf {
        directory.join(format!("registration-{:03}.yaml", self.number))
    }

    fn write(&self, directory: &Path) {
        // JSON is YAML too.
        let registration = json!({
            "id": self.id,
            "url": format!("http://127.0.0.1:{}", self.port),
            "as_token": self.as_token,
            "hs_token": self.hs_token,
            "sender_localpart": format!("_{}_as", self.bot),
            "rate_limited": false,
            "namespaces": {
                "users": [{"exclusive": true, "regex": format!("@{}(_.*)?:demo\\.localhost", self.bot)}],
                "aliases": [],
                "rooms": [],
            },
            "receive_ephemeral": false,
            "io.element.msc4190": true,
        });
        fs::write(self.path(directory), registration.to_string()).expect("a registration file");
    }
}

/// Below the build's own folder, so that it is ignored and cleaned with it.
pub fn temporary_directory() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// The Python that has Synapse.
fn python_with_synapse() -> PathBuf {
    python("TRADEPOST_SYNAPSE_PYTHON", "synapse", include_bytes!("../../../scripts/synapse-requirements.txt"))
}

/// The Python of a venv: what scripts/test says in `variable`, else what it installed before.
pub fn python(variable: &str, name: &str, requirements: &[u8]) -> PathBuf {
    if let Some(python) = std::env::var_os(variable) {
        return python.into();
    }
    let hash = Sha256::digest(requirements);
    let directory = hash.iter().take(6).fold(format!("{name}-"), |name, byte| format!("{name}{byte:02x}"));
    let venv = temporary_directory().join("../venv").join(directory);
    assert!(venv.join("complete").exists(), "There is no {name} to test with: run scripts/test once, it installs one.");
    venv.join("bin/python")
}
