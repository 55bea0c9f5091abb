//! A way to a server that breaks on demand: it stands between the program and a real homeserver, in
//! either direction, or before a shop, and passes everything on but what it was told to spoil.

use super::clock::soon;
use super::ports::free_port;
use axum::body::Body;
use axum::body::Bytes;
use axum::http::Method;
use axum::http::Request;
use axum::http::Response;
use axum::http::StatusCode;
use axum::http::header;
use futures_util::stream;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The largest body that is passed on.
const LARGEST: usize = 64 << 20;
/// For ever: until the fault is over.
pub const ALWAYS: usize = usize::MAX;

/// Which calls are spoilt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    Everything,
    /// Messages and reactions that are sent.
    Sends,
    /// The same, into one room.
    SendsInto(String),
    /// What a homeserver pushes to an appservice.
    Transactions,
    /// Those with such a path.
    Below(&'static str),
}

/// How a call is spoilt.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The connection breaks before anything is passed on.
    Lost,
    /// The connection breaks when the other side has done it and answered.
    AnswerLost,
    /// It is passed on so much later.
    Late(Duration),
    /// The answer comes in so many pieces, each this much later.
    Trickles(usize, Duration),
    /// Something else is answered.
    Says {
        /// Whether the other side hears of it.
        passed_on: bool,
        /// The status.
        status: u16,
        /// Retry-After, where it is said.
        retry_after: Option<u64>,
        /// The body.
        body: &'static str,
    },
    /// It is passed on twice, and the second answer is given.
    Twice,
    /// It is answered with `{}`, and passed on after the next one.
    Overtaken,
}

impl Fault {
    /// A refusal that is not passed on, with an error as homeservers write it.
    pub fn status(status: u16, retry_after: Option<u64>) -> Self {
        let body =
            if status == 429 { r#"{"errcode":"M_LIMIT_EXCEEDED","error":"slower"}"# } else { r#"{"errcode":"M_UNKNOWN","error":""}"# };
        Self::Says { passed_on: false, status, retry_after, body }
    }

    /// A success that says something else than it should; done or not.
    pub fn nonsense(passed_on: bool, body: &'static str) -> Self {
        Self::Says { passed_on, status: 200, retry_after: None, body }
    }
}

/// The next calls of a kind that are spoilt.
struct Rule {
    which: Which,
    times: usize,
    fault: Fault,
}

/// A running one. Spoilt calls are counted.
pub struct Faulty {
    port: u16,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    target: String,
    http: reqwest::Client,
    inside: Mutex<Inside>,
    /// How many calls came, and how many of them were spoilt.
    counts: watch::Sender<Counts>,
}

#[derive(Default)]
struct Inside {
    rules: Vec<Rule>,
    is_away: bool,
    overtaken: Option<Call>,
}

/// What has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages and reactions.
    pub sends: usize,
    /// Calls that were spoilt.
    pub spoilt: usize,
}

/// A call, to be made anew.
#[derive(Clone)]
struct Call {
    method: Method,
    path_and_query: String,
    headers: axum::http::HeaderMap,
    body: Bytes,
}

/// The connection is broken off.
#[derive(Debug, thiserror::Error)]
#[error("the connection is broken off")]
struct Broken;

impl Faulty {
    /// Before the server at `target`, on a port of its own.
    pub async fn before(target: &str) -> Self {
        loop {
            let port = free_port();
            // Somebody else may have taken it in the meantime.
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
                return Self::serve(listener, port, target);
            }
        }
    }

    /// The same, on this port.
    pub async fn at(port: u16, target: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        Self::serve(listener, port, target)
    }

    fn serve(listener: TcpListener, port: u16, target: &str) -> Self {
        // Fails when another test was here before: then it is done.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            // A call may hang for as long as its server likes.
            http: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
            inside: Mutex::default(),
            counts: watch::Sender::default(),
        });
        let server = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { port, shared, server }
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Spoils the next calls of a kind.
    pub fn spoils(&self, times: usize, which: Which, fault: Fault) {
        self.inside().rules.push(Rule { which, times, fault });
    }

    /// Nobody is there from now on: connections are broken off at once.
    pub fn goes_away(&self) {
        self.inside().is_away = true;
    }

    /// It works as it should from now on.
    pub fn works_again(&self) {
        let mut inside = self.inside();
        inside.is_away = false;
        inside.rules.clear();
    }

    /// What has come so far.
    pub fn counts(&self) -> Counts {
        *self.shared.counts.borrow()
    }

    /// Waits until so many calls were spoilt.
    pub async fn has_spoilt(&self, times: usize) {
        let mut counts = self.shared.counts.subscribe();
        let spoilt = counts.wait_for(|counts| counts.spoilt >= times);
        soon(&format!("{times} spoilt calls"), spoilt).await.expect("a proxy");
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.shared.inside.lock().expect("the proxy")
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if !shared.inside.lock().expect("the proxy").is_away {
            connections.spawn(connection(stream, Arc::clone(&shared)));
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request: Request<Incoming>| {
        let shared = Arc::clone(&shared);
        async move { shared.answer(request).await }
    });
    // Broken off on purpose, or by the caller.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(Body::new(body), LARGEST).await.map_err(|_| Broken)?;
        let path_and_query = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let call = Call { method: head.method, path_and_query, headers: head.headers, body };
        let (fault, is_away) = self.fault_for(&call);
        if is_away {
            return Err(Broken);
        }
        match fault {
            None => self.passed_on_in_order(&call).await,
            Some(Fault::Lost) => Err(Broken),
            Some(Fault::AnswerLost) => self.passed_on(&call).await.and(Err(Broken)),
            Some(Fault::Late(by)) => {
                let _ = tokio::time::timeout(by, std::future::pending::<()>()).await;
                self.passed_on(&call).await
            }
            Some(Fault::Trickles(pieces, step)) => Ok(trickling(self.passed_on(&call).await?, pieces, step).await),
            Some(Fault::Says { passed_on, status, retry_after, body }) => {
                if passed_on {
                    self.passed_on(&call).await?;
                }
                Ok(said(status, retry_after, body))
            }
            Some(Fault::Twice) => {
                self.passed_on(&call).await?;
                self.passed_on(&call).await
            }
            Some(Fault::Overtaken) => {
                self.inside.lock().expect("the proxy").overtaken = Some(call);
                Ok(said(200, None, "{}"))
            }
        }
    }

    fn fault_for(&self, call: &Call) -> (Option<Fault>, bool) {
        let mut inside = self.inside.lock().expect("the proxy");
        let is_away = inside.is_away;
        let rule = inside.rules.iter_mut().find(|rule| rule.times > 0 && rule.which.is(call));
        let fault = rule.map(|rule| {
            rule.times = if rule.times == ALWAYS { ALWAYS } else { rule.times - 1 };
            rule.fault.clone()
        });
        self.counts.send_modify(|counts| {
            counts.sends += usize::from(Which::Sends.is(call));
            counts.spoilt += usize::from(is_away || fault.is_some());
        });
        (fault, is_away)
    }

    /// Passes a call on, and after it the one that it has overtaken.
    async fn passed_on_in_order(&self, call: &Call) -> Result<Response<Body>, Broken> {
        let answer = self.passed_on(call).await;
        let overtaken = {
            let mut inside = self.inside.lock().expect("the proxy");
            if Which::Transactions.is(call) { inside.overtaken.take() } else { None }
        };
        if let Some(overtaken) = overtaken {
            self.passed_on(&overtaken).await?;
        }
        answer
    }

    async fn passed_on(&self, call: &Call) -> Result<Response<Body>, Broken> {
        let mut headers = call.headers.clone();
        // The client sets its own.
        for name in [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
            headers.remove(name);
        }
        let address = format!("{}{}", self.target, call.path_and_query);
        let request = self.http.request(call.method.clone(), address).headers(headers).body(call.body.clone());
        let answer = request.send().await.map_err(|_| Broken)?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|_| Broken)?;
        for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
            headers.remove(name);
        }
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl Which {
    fn is(&self, call: &Call) -> bool {
        let path = call.path_and_query.split('?').next().unwrap_or_default();
        let is_send = || call.method == Method::PUT && path.contains("/rooms/") && path.contains("/send/");
        match self {
            Self::Everything => true,
            Self::Sends => is_send(),
            Self::SendsInto(room) => is_send() && path.replace("%21", "!").replace("%3A", ":").contains(room.as_str()),
            Self::Transactions => path.contains("/_matrix/app/v1/transactions/"),
            Self::Below(part) => path.contains(part),
        }
    }
}

fn said(status: u16, retry_after: Option<u64>, body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// The same answer in pieces, with a pause before each.
async fn trickling(answer: Response<Body>, pieces: usize, step: Duration) -> Response<Body> {
    let (head, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, LARGEST).await.expect("a body");
    let size = body.len().div_ceil(pieces).max(1);
    let pieces: Vec<Bytes> = body.chunks(size).map(Bytes::copy_from_slice).collect();
    let trickle = stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        let piece = pieces.next()?;
        let _ = tokio::time::timeout(step, std::future::pending::<()>()).await;
        Some((Ok::<_, Infallible>(piece), pieces))
    });
    Response::from_parts(head, Body::from_stream(trickle))
}
