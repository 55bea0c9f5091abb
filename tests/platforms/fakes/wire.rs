//! A server on 127.0.0.1 that a fake stands on: it counts what is asked, and can fail at a given request
//! in the ways in which servers fail.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::Next;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// How one request fails.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// 500.
    Broken,
    /// 429 with so many seconds to wait.
    TooMany(u32),
    /// A success whose body is none.
    Malformed,
    /// A body that breaks off in the middle.
    Truncated,
    /// No answer at all.
    Silent,
}

/// A running server.
pub struct Wire {
    state: Arc<Mutex<Asked>>,
    port: u16,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Asked {
    requests: usize,
    faults: BTreeMap<usize, Fault>,
    paths: Vec<String>,
}

impl Wire {
    /// Serves `routes`.
    pub async fn start(routes: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<Mutex<Asked>>::default();
        let routes = routes.layer(from_fn_with_state(Arc::clone(&state), fail));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("a server") });
        Self { state, port, server }
    }

    /// Where it is.
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}/", self.port)).expect("an address")
    }

    /// How often it has been asked.
    pub fn requests(&self) -> usize {
        self.asked().requests
    }

    /// The paths and queries that were asked, in order.
    pub fn paths(&self) -> Vec<String> {
        self.asked().paths.clone()
    }

    /// Has the request after `more` further ones fail: 0 is the next one.
    pub fn fails_after(&self, more: usize, fault: Fault) {
        let mut asked = self.asked();
        let at = asked.requests + more;
        asked.faults.insert(at, fault);
    }

    /// Has nothing fail any more.
    pub fn heals(&self) {
        self.asked().faults.clear();
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.state.lock().expect("the server's state")
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn fail(State(state): State<Arc<Mutex<Asked>>>, request: Request, next: Next) -> Response {
    let fault = {
        let mut asked = state.lock().expect("the server's state");
        asked.paths.push(request.uri().to_string());
        let number = asked.requests;
        asked.requests += 1;
        asked.faults.remove(&number)
    };
    match fault {
        None => next.run(request).await,
        Some(Fault::Broken) => (StatusCode::INTERNAL_SERVER_ERROR, "CANARY in an error page").into_response(),
        Some(Fault::TooMany(seconds)) => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response(),
        Some(Fault::Malformed) => "<html>CANARY: this is no answer</html>".into_response(),
        Some(Fault::Truncated) => {
            let (parts, body) = next.run(request).await.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
            Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
        }
        Some(Fault::Silent) => std::future::pending().await,
    }
}
