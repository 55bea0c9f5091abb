//! Whether the public address leads here: asked as a shop would ask, from outside in. Where no tradepost
//! listens there, it is answered here for the moment of the check.

use super::Finding;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::clock::Randomness;
use crate::clock::SystemRandomness;
use crate::config::Config;
use axum::Router;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::response::Response;
use reqwest::header::LOCATION;
use serde::Deserialize;
use std::error::Error;
use std::io;
use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Host;
use url::Url;

/// Where tradepost says which one it is.
const NONCE: &str = ".well-known/tradepost";
/// What it says where nothing stands.
const NOTHING: &str = "tradepost: nothing stands here\n";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a tradepost says of itself.
#[derive(Debug, Deserialize)]
struct Said {
    nonce: String,
}

/// Looks whether the public address leads here; `is_running`: whether tradepost is.
pub(super) async fn examine(config: &Config, is_running: bool) -> Finding {
    let Some(url) = &config.web.public_url else {
        return Ok(((), "no public address is set (web.public_url): shops are polled, and send nothing by themselves".to_owned()));
    };
    let listen = config.web.listen;
    let expected = match TcpListener::bind(listen).await {
        Ok(_) if is_running => return Err(not_open(listen)),
        Ok(listener) => Expected::here(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Expected { nonce: running(listen).await?, answering: None },
        Err(error) => return Err(cannot_listen(listen, error)),
    };
    let finding = ask(url, listen, &expected.nonce).await;
    if let Some(answering) = expected.answering {
        answering.abort();
    }
    finding
}

/// What must be answered, and who answers it.
struct Expected {
    nonce: String,
    answering: Option<JoinHandle<()>>,
}

impl Expected {
    /// Answers here, until the task is aborted.
    fn here(listener: TcpListener) -> Self {
        let nonce = format!("{:016x}{:016x}", SystemRandomness.next(), SystemRandomness.next());
        let said = serde_json::json!({ "nonce": nonce }).to_string();
        let answer = async move |uri: Uri| answer(&uri, &said);
        let answering = tokio::spawn(async move {
            // A server that ends early is an address that does not answer, and is told as one.
            let _ = axum::serve(listener, Router::new().fallback(answer)).await;
        });
        Self { nonce, answering: Some(answering) }
    }
}

/// As the program answers, below whichever path.
fn answer(uri: &Uri, said: &str) -> Response {
    if uri.path().ends_with(&format!("/{NONCE}")) {
        ([(CONTENT_TYPE, "application/json")], said.to_owned()).into_response()
    } else {
        (StatusCode::NOT_FOUND, NOTHING).into_response()
    }
}

/// Which tradepost listens there.
async fn running(listen: SocketAddr) -> Result<String, Failure> {
    let mut near = listen;
    if near.ip().is_unspecified() {
        near.set_ip(if near.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    let other = || {
        let hint = "stop it, or set web.listen to another port and let the proxy lead there";
        Failure::said(ExitStatus::PortInUse, format!("{listen} is in use by another program"), hint)
    };
    let client = client()?;
    let answer = client.get(format!("http://{near}/{NONCE}")).send().await.map_err(|_| other())?;
    let said: Said = answer.text().await.ok().and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(other)?;
    Ok(said.nonce)
}

async fn ask(url: &Url, listen: SocketAddr, nonce: &str) -> Finding {
    resolve(url).await?;
    let answer = match client()?.get(format!("{url}{NONCE}")).send().await {
        Ok(answer) => answer,
        Err(error) => return Err(unreachable(url, error)),
    };
    let status = answer.status().as_u16();
    let location = answer.headers().get(LOCATION).and_then(|place| place.to_str().ok()).map(|place| before_query(place).to_owned());
    let text = answer.text().await.unwrap_or_default();
    match serde_json::from_str::<Said>(&text) {
        Ok(said) if status == 200 && said.nonce == nonce => {
            let only_here = if url.scheme() == "http" { "; nobody but this machine can use it" } else { "" };
            Ok(((), format!("the public address {url} leads to tradepost{only_here}")))
        }
        Ok(_) if status == 200 => Err(wrong(
            format!("at {url} another tradepost answers than the one here"),
            format!("let the proxy lead to {listen} on this machine"),
        )),
        _ => Err(other_answer(url, listen, status, location.as_deref(), &text)),
    }
}

/// Somebody answers, and it is no tradepost at its place.
fn other_answer(url: &Url, listen: SocketAddr, status: u16, location: Option<&str>, text: &str) -> Failure {
    let path = url.path();
    match (status, location) {
        (300..=399, Some(location)) => wrong(
            format!("{url} leads on to {location}"),
            "set web.public_url to where it ends, or take the redirect away: shops do not follow it".to_owned(),
        ),
        (502..=504, _) => wrong(
            format!("at {url} a proxy answers that does not reach tradepost (status {status})"),
            format!("let it lead to {listen}, where tradepost listens (from a container 127.0.0.1 is another machine: see web.listen)"),
        ),
        (404, _) if text == NOTHING => wrong(
            format!("the proxy at {url} leads to tradepost, but with another path than was asked for"),
            format!("let it pass the path on as it is, or take away {path} from its beginning and nothing else"),
        ),
        (401 | 403, _) => wrong(
            format!("at {url} something asks for a login, or forbids to come in (status {status})"),
            "let the proxy ask for nothing there: shops cannot log in, and tradepost looks at what they sign".to_owned(),
        ),
        _ => wrong(
            format!("at {url} another site answers (status {status})"),
            format!("let the proxy pass what comes to this host below {path} on to {listen}; docs/PUBLIC_ADDRESS.md has samples"),
        ),
    }
}

/// Whether the name has an address at all.
async fn resolve(url: &Url) -> Result<(), Failure> {
    let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
    let found = tokio::net::lookup_host((name, url.port_or_known_default().unwrap_or(443))).await;
    if found.is_ok_and(|mut addresses| addresses.next().is_some()) {
        return Ok(());
    }
    let hint = "see its spelling in web.public_url; make an A or AAAA record of it where your domain is looked after, and wait a while";
    Err(wrong(format!("the name {name} has no address"), hint.to_owned()))
}

/// Nobody answered.
fn unreachable(url: &Url, error: reqwest::Error) -> Failure {
    let timed_out = error.is_timeout();
    let error = error.without_url();
    if let Some(tls) = of_tls(&error) {
        let what = format!("no safe connection can be made to {url}: {tls}");
        return wrong(what, "let the proxy have a certificate for this name that browsers accept, and renew it in time".to_owned());
    }
    let hint = if timed_out {
        "see whether a firewall or a router lets the port through to the proxy; some routers cannot be reached from inside by their outer address"
    } else {
        "start the proxy there, and see whether a firewall or a router lets its port through"
    };
    Failure::new(ExitStatus::PublicAddress, anyhow::Error::new(error).context(format!("{url} cannot be reached")), hint)
}

/// What TLS did not like, wherever it stands in the chain of causes.
fn of_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref() {
        return Some(tls);
    }
    let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match within {
        Some(within) => of_tls(within),
        None => error.source().and_then(of_tls),
    }
}

fn wrong(what: String, hint: String) -> Failure {
    Failure::said(ExitStatus::PublicAddress, what, hint)
}

fn not_open(listen: SocketAddr) -> Failure {
    let what = format!("tradepost is running, but does not listen on {listen} for the public address");
    wrong(what, "restart it: web.public_url or web.listen was changed since it started".to_owned())
}

fn cannot_listen(listen: SocketAddr, error: io::Error) -> Failure {
    let error = anyhow::Error::new(error).context(format!("tradepost cannot listen on {listen}"));
    Failure::new(ExitStatus::PortInUse, error, "set web.listen to an address of this machine and a port that you may use")
}

fn before_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// Like a shop's: it follows no redirects.
fn client() -> Result<reqwest::Client, Failure> {
    // It may be there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
    client.map_err(|error| Failure::new(ExitStatus::Other, error, ""))
}
