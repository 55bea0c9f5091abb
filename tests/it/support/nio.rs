//! A person with matrix-nio: a client that shares no code with the program (its encryption is libolm).
//! It knows nothing of cross-signing, and gives keys to everybody's devices. `nio_client.py` is the client;
//! here it is told what to do.

use super::synapse::Homeserver;
use super::synapse::python;
use super::synapse::temporary_directory;
use super::user::PASSWORD;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

/// How long a person waits for what she expects.
const PATIENCE: Duration = Duration::from_mins(1);

/// A person's client.
pub struct Nio {
    /// Her whole id.
    pub id: String,
    /// The id of the device that this client is.
    pub device: String,
    conversation: Mutex<Conversation>,
    child: Child,
    store: TempDir,
}

/// A message that it could read.
#[derive(Clone, Debug, Deserialize)]
pub struct Read {
    /// Who sent it, as the homeserver says.
    pub sender: String,
    /// Its id.
    pub id: String,
    /// Its text.
    pub body: String,
    /// Its content, decrypted.
    pub content: Value,
    /// Whether it came encrypted.
    pub encrypted: bool,
}

/// An event that it cannot read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Hidden {
    /// The room it stands in.
    pub room: String,
    /// Its id.
    pub event: String,
    /// Who sent it, as the homeserver says.
    pub sender: String,
}

/// One call, one answer.
struct Conversation {
    calls: Option<ChildStdin>,
    answers: UnboundedReceiver<String>,
}

impl Nio {
    /// Logs a registered `person` in, by her id or the part before the colon.
    pub async fn log_in(homeserver: &Homeserver, person: &str) -> Self {
        let store = tempfile::Builder::new().prefix("nio-").tempdir_in(temporary_directory()).expect("a directory for a client");
        let mut child = start(&homeserver.address(), person, store.path());
        let conversation = Conversation { calls: child.stdin.take(), answers: lines(child.stdout.take().expect("its output")) };
        let mut nio = Self { id: person.to_owned(), device: String::new(), conversation: Mutex::new(conversation), child, store };
        let login = nio.asks("log_in", json!({"password": PASSWORD})).await;
        nio.id = text(&login["user"]);
        nio.device = text(&login["device"]);
        nio
    }

    /// Opens an encrypted direct room with `person`.
    pub async fn opens_direct_room_with(&self, person: &str) -> String {
        text(&self.asks("opens_room", json!({"people": [person], "direct": true})).await["room"])
    }

    /// Opens an encrypted private room with several people, which is nobody's direct room.
    pub async fn opens_room_with(&self, people: &[&str]) -> String {
        text(&self.asks("opens_room", json!({"people": people, "direct": false})).await["room"])
    }

    /// Joins a room that she is invited to, or that is public.
    pub async fn joins(&self, room: &str) {
        self.asks("joins", json!({"room": room})).await;
    }

    /// Waits for an invitation by `person`, and gives the room.
    pub async fn is_invited_by(&self, person: &str) -> String {
        text(&self.asks("is_invited_by", json!({"person": person})).await["room"])
    }

    /// Waits until encryption is switched on in the room.
    pub async fn sees_encryption(&self, room: &str) {
        self.asks("sees_encryption", json!({"room": room})).await;
    }

    /// Waits until `person` has the `membership`.
    pub async fn sees_membership(&self, room: &str, person: &str, membership: &str) {
        self.asks("sees_membership", json!({"room": room, "person": person, "membership": membership})).await;
    }

    /// Says something in the room, encrypted if the room is, and gives the event's id.
    pub async fn says(&self, room: &str, message: &str) -> String {
        text(&self.asks("says", json!({"room": room, "message": message})).await["event"])
    }

    /// Waits for a message that holds `part`, and that this client can read.
    pub async fn reads(&self, room: &str, part: &str) -> Read {
        let read = self.asks("reads", json!({"room": room, "part": part})).await;
        serde_json::from_value(read).expect("a message")
    }

    /// What has arrived in any room, and cannot be read up to now; what could be read later is not in it.
    pub async fn cannot_read(&self) -> Vec<Hidden> {
        let mut answer = self.asks("cannot_read", json!({})).await;
        serde_json::from_value(answer["events"].take()).expect("events")
    }

    async fn asks(&self, call: &str, with: Value) -> Value {
        let mut conversation = self.conversation.lock().await;
        let line = json!({"call": call, "with": with});
        let calls = conversation.calls.as_mut().expect("its input");
        writeln!(calls, "{line}").unwrap_or_else(|error| panic!("{}: {error}\n{}", self.id, self.log()));
        let answer = timeout(PATIENCE, conversation.answers.recv()).await;
        let answer = answer.unwrap_or_else(|_| panic!("{} waited {PATIENCE:?} for {line}.\n{}", self.id, self.log()));
        let answer: Value = answer.and_then(|answer| serde_json::from_str(&answer).ok()).unwrap_or_default();
        assert!(answer.is_object() && answer["error"].is_null(), "{}: {line} gave {answer}.\n{}", self.id, self.log());
        answer
    }

    fn log(&self) -> String {
        std::fs::read_to_string(log(self.store.path())).unwrap_or_default()
    }
}

impl Drop for Nio {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(homeserver: &str, person: &str, store: &Path) -> Child {
    let python = python("TRADEPOST_NIO_PYTHON", "nio", include_bytes!("../../../scripts/nio-requirements.txt"));
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/nio_client.py"));
    command.args([homeserver, person]).arg(store);
    let errors = std::fs::File::create(log(store)).expect("a log");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
    command.spawn().expect("matrix-nio cannot be started")
}

fn log(store: &Path) -> PathBuf {
    store.join("nio.log")
}

/// Reading them blocks, so a thread does it; it ends with the program.
fn lines(output: ChildStdout) -> UnboundedReceiver<String> {
    let (give, take) = unbounded_channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if give.send(line).is_err() {
                return;
            }
        }
    });
    take
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
