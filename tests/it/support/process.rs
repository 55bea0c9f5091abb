//! Programs that a test starts: their log goes to a file, they are ended by their id, and none
//! outlives the test.

use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use std::fs::File;
use std::fs::OpenOptions;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// How often something that is not there yet is asked for.
const STEP: Duration = Duration::from_millis(20);
/// How long a program may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program.
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, with both its outputs added to the file `log`, and its input open until this is dropped.
    pub fn start(name: &'static str, mut command: Command, log: &Path) -> Self {
        let output = open_log(log);
        command.stdout(output.try_clone().expect("the log, twice")).stderr(output).stdin(Stdio::piped());
        let child = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self { name, child, log: log.to_owned() }
    }

    /// Waits until `address` answers with success. Gives what the log says when the program ended instead.
    pub async fn ready(&mut self, http: &reqwest::Client, address: &str) -> Result<(), String> {
        let started = Instant::now();
        let mut step = tokio::time::interval(STEP);
        loop {
            step.tick().await;
            if let Ok(answer) = http.get(address).send().await
                && answer.status().is_success()
            {
                return Ok(());
            }
            if let Some(status) = self.ended() {
                return Err(format!("{} ended ({status}) before {address} answered:\n{}", self.name, self.log_end()));
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("{address} did not answer within {PATIENCE:?}:\n{}", self.log_end()));
            }
        }
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of this process")
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait().await
    }

    /// Asks it to end, and does not wait.
    pub fn is_told_to_stop(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Ends it without a warning.
    pub async fn kill_9(&mut self) -> ExitStatus {
        self.signal(Signal::KILL);
        self.wait().await
    }

    /// Waits until it has ended by itself.
    pub async fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        let mut step = tokio::time::interval(STEP);
        loop {
            step.tick().await;
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "{} did not end within {PATIENCE:?}:\n{}", self.name, self.log_end());
        }
    }

    /// Closes its input: a program that is bound to it ends.
    pub fn close_input(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }

    fn signal(&mut self, signal: Signal) {
        // A child that has been waited for has given its id back; somebody else may have it now.
        if self.ended().is_none() {
            let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("the id of a child");
            kill_process(pid, signal).expect("a signal to a child");
        }
    }

    /// The end of its log.
    pub fn log_end(&self) -> String {
        log_end(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same command, ended by the kernel when the thread that starts it ends: a test's own thread,
/// so that the program is not left behind even when the whole test run is killed.
pub fn bound_to_this_thread(program: &str) -> Command {
    let setpriv = Path::new("/usr/bin/setpriv");
    if !setpriv.exists() {
        return Command::new(program);
    }
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "KILL", "--", program]);
    command
}

fn open_log(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn log_end(path: &Path) -> String {
    const BYTES: u64 = 6_000;
    let mut end = Vec::new();
    if let Ok(mut file) = File::open(path) {
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let _ = file.seek(SeekFrom::Start(length.saturating_sub(BYTES)));
        let _ = file.read_to_end(&mut end);
    }
    format!("… {} …\n{}", path.display(), String::from_utf8_lossy(&end))
}
