//! Whether tradepost's port is free or answered by a tradepost that runs. Where it is free, the
//! homeserver's ping is answered here for the moment of the check.

use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::config::Config;
use crate::values::Secret;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use std::io::ErrorKind;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The path on which the homeserver pings an appservice (specification: application service API).
const PING: &str = "/_matrix/app/v1/ping";

/// Who has the port.
pub(super) enum Listening {
    /// Nobody else: it is ours for the moment.
    Free(TcpListener),
    /// An appservice, most likely the tradepost that runs.
    Running,
}

/// Looks who has the port.
pub(super) async fn look(config: &Config) -> Result<(Listening, String), Failure> {
    let place = format!("{}:{}", config.appservice.hostname, config.appservice.port.get());
    match TcpListener::bind((config.appservice.hostname.as_str(), config.appservice.port.get())).await {
        Ok(listener) => Ok((Listening::Free(listener), format!("the port {place} is free"))),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if is_appservice(&place).await {
                return Ok((Listening::Running, format!("tradepost is running on {place}")));
            }
            let error = anyhow::anyhow!("{place} is in use by another program");
            let hint = "stop it, or set appservice.port and appservice.address to another port";
            Err(Failure::new(ExitStatus::PortInUse, error, hint))
        }
        Err(error) => {
            let error = anyhow::Error::new(error).context(format!("tradepost cannot listen on {place}"));
            let hint = "set appservice.hostname to an address of this machine, and appservice.port to one that you may use";
            Err(Failure::new(ExitStatus::PortInUse, error, hint))
        }
    }
}

/// Whether an appservice answers, by the way in which it refuses a ping without a token.
async fn is_appservice(place: &str) -> bool {
    let Ok(client) = super::homeserver::client(Duration::from_secs(5)) else {
        return false;
    };
    let Ok(answer) = client.post(format!("http://{place}{PING}")).send().await else {
        return false;
    };
    let is_refusal = matches!(answer.status().as_u16(), 401 | 403);
    is_refusal && answer.text().await.is_ok_and(|body| body.contains("\"errcode\""))
}

/// How the tradepost that runs says its encryption stands (`/ready`); nothing where it does not say.
pub(super) async fn encryption(config: &Config) -> Option<String> {
    let place = match config.monitoring.listen {
        Some(address) => address.to_string(),
        None => format!("{}:{}", config.appservice.hostname, config.appservice.port.get()),
    };
    let client = super::homeserver::client(Duration::from_secs(5)).ok()?;
    let said = client.get(format!("http://{place}/ready")).send().await.ok()?.text().await.ok()?;
    said.lines().find_map(|line| line.strip_prefix("encryption: ")).map(str::to_owned)
}

impl Listening {
    /// Answers pings, where no tradepost does, until the task is aborted.
    pub(super) fn answer_pings(self, hs_token: &Secret) -> JoinHandle<()> {
        let expected = format!("Bearer {}", hs_token.expose());
        let answer = async move |headers: HeaderMap| answer(&headers, &expected);
        let pages = Router::new().route(PING, post(answer));
        tokio::spawn(async move {
            if let Self::Free(listener) = self {
                // A server that ends early is a ping that fails, and is told as one.
                let _ = axum::serve(listener, pages).await;
            }
        })
    }
}

fn answer(headers: &HeaderMap, expected: &str) -> (StatusCode, [(axum::http::HeaderName, &'static str); 1], &'static str) {
    let given = headers.get(AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
    let json = [(CONTENT_TYPE, "application/json")];
    if bool::from(given.ct_eq(expected.as_bytes())) {
        (StatusCode::OK, json, "{}")
    } else {
        (StatusCode::FORBIDDEN, json, "{\"errcode\":\"M_FORBIDDEN\",\"error\":\"wrong hs_token\"}")
    }
}
