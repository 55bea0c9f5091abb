//! Connections from anywhere: only so many at a time, and none that does nothing for long.

use crate::lifecycle::Lifecycle;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many there may be; more wait.
const CONNECTIONS: usize = 1_024;
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);

/// Serves `routes` until it is told to stop: then nobody is let in, and who is in is served to the end.
pub(super) async fn serve(mut listener: TcpListener, routes: Router, life: Lifecycle) {
    let routes = TowerToHyperService::new(routes);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    // It is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let (stream, from) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = life.stopping() => break,
        };
        while connections.try_join_next().is_some() {}
        let routes = routes.clone();
        connections.spawn(async move {
            connection(stream, from, routes).await;
            drop(place);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, from: SocketAddr, routes: TowerToHyperService<Router>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        routes.call(request)
    });
    let mut builder = http1::Builder::new();
    // One request each: a proxy that sends a push just when an idle connection is closed would lose it.
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).keep_alive(false);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
        tracing::trace!(%error, "a connection broke off");
    }
}
