//! A homeserver's client API on 127.0.0.1, as far as the bot uses it: it records every call, accepts
//! none that Synapse would not, and misbehaves when it is told to. A call that it had to refuse as
//! malformed fails the test.

use super::clock::TestClock;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tradepost::clock::Clock;
use url::Url;
use url::form_urlencoded;

/// The token that it knows.
pub const AS_TOKEN: &str = "as-token-of-the-tests";
/// The bot.
pub const BOT: &str = "@tradepost:a.example";
/// The bot's device.
const DEVICE: &str = "TRADEPOST";

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it came, by the test's clock.
    pub at: Timestamp,
    /// Its method.
    pub method: Method,
    /// Its path behind `/_matrix/client/v3`, decoded.
    pub path: Vec<String>,
    /// Its query, decoded.
    pub query: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

/// An event that it accepted from the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its room.
    pub room: String,
    /// Its type.
    pub kind: String,
    /// Its content, as it was sent.
    pub content: String,
    /// When it was accepted.
    pub at: Timestamp,
}

/// How sends are answered, if not as they should.
#[derive(Clone, Debug)]
pub enum Answer {
    /// They are refused.
    Refused {
        /// The status.
        status: u16,
        /// Retry-After, where it is said.
        retry_after: Option<u64>,
        /// The body; null for none.
        body: Value,
    },
    /// The connection breaks before anything has happened.
    Lost,
    /// The connection breaks when the event has been accepted.
    AcceptedAndLost,
    /// They are accepted, but that takes so long, by the test's clock.
    Slow(Duration),
}

/// Which sends are answered so.
struct Rule {
    room: Option<String>,
    times: usize,
    answer: Answer,
}

/// A running homeserver.
pub struct FakeHomeserver {
    shared: Arc<Shared>,
    port: u16,
    server: JoinHandle<()>,
}

struct Shared {
    clock: Arc<TestClock>,
    inside: Mutex<Inside>,
    calls: watch::Sender<usize>,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way in which it misbehaves")]
struct Inside {
    requests: Vec<Request>,
    events: Vec<Event>,
    /// By the path of the send, whose last part is the transaction id.
    transactions: BTreeMap<Vec<String>, Event>,
    rules: Vec<Rule>,
    is_device_gone: bool,
    rooms_made: usize,
    invited: Value,
    encrypts_new_rooms: bool,
    /// Events that were taken back.
    redacted: BTreeSet<String>,
    /// What is pinned, by room.
    pinned: BTreeMap<String, Value>,
    refuses_pins: bool,
    files: usize,
    takes_no_files: bool,
    /// The status with which nothing may be taken back.
    refuses_redactions: Option<u16>,
    faults: Vec<String>,
}

impl Request {
    /// The room, the event's type and the transaction id of a send.
    pub fn sent(&self) -> Option<(&str, &str, &str)> {
        match self.parts().as_slice() {
            ["rooms", room, "send", kind, transaction] => Some((room, kind, transaction)),
            _ => None,
        }
    }

    fn parts(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

impl Event {
    /// What it holds.
    pub fn content(&self) -> Value {
        serde_json::from_str(&self.content).expect("JSON")
    }

    /// The first line of what it says.
    pub fn says(&self) -> String {
        let content = self.content();
        let body = content["body"].as_str().unwrap_or_default();
        body.lines().next().unwrap_or_default().to_owned()
    }
}

impl Answer {
    /// An error without a wish to wait.
    pub fn error(status: u16, errcode: &str) -> Self {
        Self::Refused { status, retry_after: None, body: json!({"errcode": errcode, "error": "as the test wants it"}) }
    }
}

impl FakeHomeserver {
    /// Starts one that lives by `clock`.
    pub async fn start(clock: Arc<TestClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared { clock, inside: Mutex::default(), calls: watch::Sender::new(0) });
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("the homeserver's server") });
        Self { shared, port, server }
    }

    /// Its address.
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}", self.port)).expect("an address")
    }

    /// The next sends, so many of them, are answered like this, after those of which the same was said before.
    pub fn answers_next(&self, times: usize, answer: Answer) {
        self.inside().rules.push(Rule { room: None, times, answer });
    }

    /// Sends into `room` are answered like this until it works again.
    pub fn answers_in(&self, room: &str, answer: Answer) {
        self.inside().rules.push(Rule { room: Some(room.to_owned()), times: usize::MAX, answer });
    }

    /// Everything is answered as it should.
    pub fn works_again(&self) {
        self.inside().rules.clear();
    }

    /// It forgets the transaction ids that it has seen, as Synapse does after a day.
    pub fn forgets_transactions(&self) {
        self.inside().transactions.clear();
    }

    /// It encrypts new rooms by itself (Synapse: `encryption_enabled_by_default_for_room_type`).
    pub fn encrypts_new_rooms(&self) {
        self.inside().encrypts_new_rooms = true;
    }

    /// Somebody deletes the bot's device.
    pub fn loses_the_device(&self) {
        self.inside().is_device_gone = true;
    }

    /// It does not let the bot take back what others said, or says that it is not there.
    pub fn refuses_redactions(&self, status: u16) {
        self.inside().refuses_redactions = Some(status);
    }

    /// It does not let the bot pin, as in a room of two people.
    pub fn refuses_pins(&self) {
        self.inside().refuses_pins = true;
    }

    /// It takes no uploads.
    pub fn takes_no_files(&self) {
        self.inside().takes_no_files = true;
    }

    /// Somebody pins these in a room.
    pub fn pins(&self, room: &str, events: &[&str]) {
        self.inside().pinned.insert(room.to_owned(), json!({"pinned": events}));
    }

    /// What is pinned in a room; null where that was never set.
    pub fn pinned_in(&self, room: &str) -> Value {
        self.inside().pinned.get(room).map_or(Value::Null, |content| content["pinned"].clone())
    }

    /// Whether an event was taken back.
    pub fn is_redacted(&self, event: &str) -> bool {
        self.inside().redacted.contains(event)
    }

    /// All calls so far.
    pub fn requests(&self) -> Vec<Request> {
        self.inside().requests.clone()
    }

    /// The sends among them.
    pub fn sends(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.sent().is_some()).collect()
    }

    /// The calls that are no sends, each as its method and path.
    pub fn others(&self) -> Vec<String> {
        let other = |request: &&Request| request.sent().is_none();
        self.requests().iter().filter(other).map(|request| format!("{} {}", request.method, request.path.join("/"))).collect()
    }

    /// What stands in its rooms.
    pub fn events(&self) -> Vec<Event> {
        self.inside().events.clone()
    }

    /// The contents of the bot's messages in `room` as a client shows them: edits in the place of
    /// what they edit, and nothing of what was taken back.
    pub fn shown_in(&self, room: &str) -> Vec<Value> {
        let mut shown: Vec<(String, Value)> = Vec::new();
        for event in self.events().into_iter().filter(|event| event.room == room && event.kind == "m.room.message") {
            let content = event.content();
            let edited = content.pointer("/m.relates_to/event_id").filter(|_| content["m.relates_to"]["rel_type"] == "m.replace");
            match edited {
                Some(edited) => {
                    let place = shown.iter_mut().find(|(id, _)| edited == id.as_str());
                    place.expect("an edit of something that stands there").1 = content["m.new_content"].clone();
                }
                None => shown.push((event.id, content)),
            }
        }
        shown.into_iter().filter(|(id, _)| !self.is_redacted(id)).map(|(_, content)| content).collect()
    }

    /// What the bot's messages in `room` say, oldest first.
    pub fn says_in(&self, room: &str) -> Vec<String> {
        self.events().iter().filter(|event| event.room == room).map(Event::says).collect()
    }

    /// Waits until it has had so many sends in all.
    pub async fn has_sends(&self, count: usize) {
        let mut calls = self.shared.calls.subscribe();
        let come = calls.wait_for(|_| self.sends().len() >= count);
        super::clock::soon(&format!("{count} sends"), come).await.expect("a homeserver");
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.shared.inside.lock().expect("the homeserver")
    }
}

impl Drop for FakeHomeserver {
    fn drop(&mut self) {
        self.server.abort();
        if !std::thread::panicking() {
            let faults = self.inside().faults.clone();
            assert!(faults.is_empty(), "the homeserver was called as it should not be: {faults:#?}");
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let request = Request {
        at: shared.clock.now(),
        method,
        path: uri.path().trim_start_matches("/_matrix/client/v3/").split('/').map(decoded).collect(),
        query: form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        body: String::from_utf8(body.to_vec()).unwrap_or_default(),
    };
    let answer = shared.inside.lock().expect("the homeserver").take(&request, &headers, &shared.clock);
    shared.calls.send_modify(|calls| *calls += 1);
    // Ends the task of this connection without a word, and the connection with it.
    answer.unwrap_or_else(|| resume_unwind(Box::new("the connection is lost")))
}

/// Percent-decoded; a plus sign stands for itself.
fn decoded(part: &str) -> String {
    let part = part.replace('+', "%2B");
    form_urlencoded::parse(part.as_bytes()).map(|(text, _)| text.into_owned()).collect()
}

impl Inside {
    /// Answers a call; none where the connection is lost.
    fn take(&mut self, request: &Request, headers: &HeaderMap, clock: &TestClock) -> Option<Response> {
        self.requests.push(request.clone());
        if let Some(fault) = fault(request, headers) {
            self.faults.push(format!("{fault}: {request:?}"));
            return Some(error(400, "M_UNKNOWN"));
        }
        let parts = request.parts();
        match (request.method.as_str(), parts.as_slice()) {
            ("PUT", ["rooms", _, "send", _, _]) => self.sent(request, clock),
            ("PUT", ["rooms", _, "redact", ..]) if self.refuses_redactions.is_some() => {
                Some(error(self.refuses_redactions.unwrap_or_default(), "M_FORBIDDEN"))
            }
            ("PUT", ["rooms", _, "redact", event, _]) => {
                self.redacted.insert((*event).to_owned());
                Some(fine(&json!({"event_id": format!("$redaction-of-{event}")})))
            }
            ("GET", ["rooms", room, "state", "m.room.pinned_events", ..]) => {
                Some(self.pinned.get(*room).map_or_else(|| error(404, "M_NOT_FOUND"), fine))
            }
            ("PUT", ["rooms", _, "state", "m.room.pinned_events", ..]) if self.refuses_pins => Some(error(403, "M_FORBIDDEN")),
            ("PUT", ["rooms", room, "state", "m.room.pinned_events", ..]) => {
                let content = serde_json::from_str(&request.body).expect("JSON");
                self.pinned.insert((*room).to_owned(), content);
                Some(fine(&json!({"event_id": "$pins"})))
            }
            ("GET", ["rooms", room, "messages"]) => Some(self.messages(room, &request.query)),
            ("GET", ["rooms", _, "state"]) => Some(fine(&self.state_of_new_room())),
            ("GET", ["joined_rooms"]) => Some(fine(&json!({"joined_rooms": []}))),
            ("GET", ["devices"]) => Some(fine(&json!({"devices": []}))),
            ("POST", ["", "_matrix", "media", "v3", "upload"]) if self.takes_no_files => Some(error(413, "M_TOO_LARGE")),
            ("POST", ["", "_matrix", "media", "v3", "upload"]) => {
                self.files += 1;
                Some(fine(&json!({"content_uri": format!("mxc://a.example/file-{}", self.files)})))
            }
            ("POST", ["register"]) => Some(error(400, "M_USER_IN_USE")),
            ("GET", ["user", _, "account_data", _]) => Some(error(404, "M_NOT_FOUND")),
            ("PUT", ["devices", _]) => {
                self.is_device_gone = false;
                Some(fine(&json!({})))
            }
            ("POST", ["createRoom"]) => {
                self.rooms_made += 1;
                self.invited = serde_json::from_str::<Value>(&request.body).map_or(Value::Null, |body| body["invite"][0].clone());
                Some(fine(&json!({"room_id": format!("!made-{}:a.example", self.rooms_made)})))
            }
            _ => {
                self.faults.push(format!("there is no such call: {request:?}"));
                Some(error(404, "M_UNRECOGNIZED"))
            }
        }
    }

    /// The state of a room that the bot has opened.
    fn state_of_new_room(&self) -> Value {
        let event = |kind: &str, key: &str, content: Value| {
            json!({"type": kind, "state_key": key, "sender": BOT, "event_id": format!("$state-{kind}-{key}"), "origin_server_ts": 1,
                "content": content})
        };
        let invited = self.invited.as_str().unwrap_or_default();
        let mut state = vec![
            event("m.room.create", "", json!({"room_version": "12"})),
            event("m.room.member", BOT, json!({"membership": "join"})),
            event("m.room.member", invited, json!({"membership": "invite"})),
        ];
        if self.encrypts_new_rooms {
            state.push(event("m.room.encryption", "", json!({"algorithm": "m.megolm.v1.aes-sha2"})));
        }
        Value::Array(state)
    }

    fn sent(&mut self, request: &Request, clock: &TestClock) -> Option<Response> {
        if self.is_device_gone {
            return Some(error(400, "M_UNKNOWN_DEVICE"));
        }
        match self.rule_for(&request.path[1]) {
            None => Some(fine(&json!({"event_id": self.accept(request)}))),
            Some(Answer::Refused { status, retry_after, body }) => Some(refused(status, retry_after, &body)),
            Some(Answer::Lost) => None,
            Some(Answer::AcceptedAndLost) => {
                self.accept(request);
                None
            }
            Some(Answer::Slow(time)) => {
                clock.advance(time);
                Some(fine(&json!({"event_id": self.accept(request)})))
            }
        }
    }

    fn rule_for(&mut self, room: &str) -> Option<Answer> {
        let rule = self.rules.iter_mut().find(|rule| rule.times > 0 && rule.room.as_deref().is_none_or(|only| only == room))?;
        rule.times -= 1;
        Some(rule.answer.clone())
    }

    /// The event of a send: the one that its transaction came to before, where that is known.
    fn accept(&mut self, request: &Request) -> String {
        if let Some(known) = self.transactions.get(&request.path) {
            if known.content != request.body {
                self.faults.push(format!("a transaction was repeated with another content: {request:?}"));
            }
            return known.id.clone();
        }
        let event = Event {
            id: format!("$event-{}", self.events.len() + 1),
            room: request.path[1].clone(),
            kind: request.path[3].clone(),
            content: request.body.clone(),
            at: request.at,
        };
        self.transactions.insert(request.path.clone(), event.clone());
        self.events.push(event.clone());
        event.id
    }

    /// The newest events of a room that pass the filter, newest first.
    fn messages(&mut self, room: &str, query: &BTreeMap<String, String>) -> Response {
        let filter: Value = query.get("filter").and_then(|filter| serde_json::from_str(filter).ok()).unwrap_or_default();
        if filter["senders"] != json!([BOT]) || query.get("dir").is_none_or(|dir| dir != "b") {
            self.faults.push(format!("what others said was asked for: {query:?}"));
        }
        let passes =
            |event: &&Event| event.room == room && filter["types"].as_array().is_none_or(|types| types.contains(&json!(event.kind)));
        let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
        let chunk: Vec<Value> = self.events.iter().rev().filter(passes).take(limit).map(in_timeline).collect();
        fine(&json!({"start": "t2", "end": "t1", "chunk": chunk}))
    }
}

fn in_timeline(event: &Event) -> Value {
    let content: Value = serde_json::from_str(&event.content).expect("JSON");
    json!({
        "type": event.kind, "event_id": event.id, "room_id": event.room, "sender": BOT,
        "origin_server_ts": event.at.as_millisecond(), "content": content,
    })
}

/// What is wrong with a call, whatever it asks for.
fn fault(request: &Request, headers: &HeaderMap) -> Option<String> {
    let field = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = |name: &str| request.query.get(name).map(String::as_str);
    let parts = request.parts();
    let is_registration = parts == ["register"];
    // Without a device Synapse forgets transactions at a restart; with one it wants the user too.
    let device = matches!(parts.as_slice(), ["rooms", _, "send" | "redact", ..]).then_some(DEVICE);
    if field(header::AUTHORIZATION) != format!("Bearer {AS_TOKEN}") {
        return Some("it has not the token".to_owned());
    }
    if said("user_id") != (!is_registration).then_some(BOT) {
        return Some("it is not made as the bot".to_owned());
    }
    if said("device_id") != device {
        return Some(format!("its device should be {device:?}"));
    }
    let is_object = || serde_json::from_str::<Value>(&request.body).is_ok_and(|body| body.is_object());
    if request.method != Method::GET && !(is_object() && field(header::CONTENT_TYPE) == "application/json") {
        return Some("its body is no JSON object".to_owned());
    }
    None
}

fn fine(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn error(status: u16, errcode: &str) -> Response {
    refused(status, None, &json!({"errcode": errcode, "error": "refused"}))
}

fn refused(status: u16, retry_after: Option<u64>, body: &Value) -> Response {
    let mut response = if body.is_null() { "<html>".into_response() } else { fine(body) };
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
