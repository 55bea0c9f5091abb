//! The one HTTP client for addresses that a person or a shop gave: only public addresses, bounded
//! in bytes, time and redirects, at each host's pace. It does not know what the bytes mean.

use crate::domain::problem::Problem;
use bytes::Bytes;
use bytes::BytesMut;
use guard::Guard;
use guard::Unresolved;
use ipnet::IpNet;
use pace::Pace;
use pace::Turn;
use reqwest::Client;
use reqwest::Method;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use std::error::Error;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use url::Url;

mod guard;
mod pace;
mod request;

pub use request::Answer;
pub use request::Request;

/// What other servers read in their logs.
pub const USER_AGENT: &str = concat!("tradepost/", env!("CARGO_PKG_VERSION"), " (Matrix appservice)");

/// The longest wait for a connection; the time for the whole request may be shorter.
const CONNECT: Duration = Duration::from_secs(10);

/// The longest validator (entity tag or date) that is kept and sent back, in bytes.
const VALIDATOR_BYTES: usize = 1_000;

/// Limits and exceptions for requests to addresses that a person or a shop gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetLimits {
    /// Networks that are allowed though they are not public; the operator's own.
    pub allowed: Vec<IpNet>,
    /// Bytes of a body, after decompression.
    pub body_bytes: u64,
    /// Time for a whole request, redirects and body included, waiting for the host's turn not.
    pub total: Duration,
    /// Redirects followed.
    pub redirects: u32,
    /// Requests a second to one host.
    pub per_host_per_second: u32,
}

/// The client. Clones share connections and pace.
#[derive(Clone)]
pub struct Net(Arc<Inner>);

struct Inner {
    wire: Wire,
    guard: Guard,
    pace: Pace,
    limits: NetLimits,
}

/// What a request goes to.
enum Wire {
    /// The world.
    World(Client),
    /// Nobody: this says what comes back.
    Canned(Canned),
}

/// What comes back of an address, where nobody is asked.
type Canned = Box<dyn Fn(&Url) -> http::Response<Bytes> + Send + Sync>;

/// A conditional GET.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// If-None-Match.
    pub etag: Option<String>,
    /// If-Modified-Since.
    pub last_modified: Option<String>,
}

/// What came back with a success status, or 304.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it was in the end.
    pub url: Url,
    /// Whether the answer was 304: then the body is empty.
    pub unchanged: bool,
    /// Content-Type, lower case; empty where there is none.
    pub content_type: String,
    /// What to ask with the next time.
    pub conditions: Conditions,
    /// The body.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", problem.name())]
pub struct NetError {
    /// What is wrong.
    pub problem: Problem,
    /// Retry-After.
    pub retry_after: Option<Duration>,
}

impl From<Problem> for NetError {
    fn from(problem: Problem) -> Self {
        Self { problem, retry_after: None }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum NetBuildError {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[from] reqwest::Error),
}

/// What one request of a chain of redirects led to.
enum Hop {
    Arrived(Page),
    Redirected(Url),
}

impl Net {
    /// A client with the system's root certificates. It neither follows redirects on its own nor
    /// uses a proxy from the environment (a proxy would resolve names out of the guard's sight),
    /// and keeps no cookies.
    pub fn new(limits: NetLimits) -> Result<Self, NetBuildError> {
        Self::guarded_by(Guard::new(&limits.allowed), limits)
    }

    fn guarded_by(guard: Guard, limits: NetLimits) -> Result<Self, NetBuildError> {
        let wire = Wire::World(client(&guard, &limits)?);
        Ok(Self::with(wire, guard, limits))
    }

    /// One that connects to nobody and waits for no turn: `canned` says what comes back of an address.
    /// The rest (addresses that are checked, redirects, limits of size) is as ever. For trying what
    /// adapters make of answers.
    #[must_use]
    pub fn canned(limits: NetLimits, canned: impl Fn(&Url) -> http::Response<Bytes> + Send + Sync + 'static) -> Self {
        Self::with(Wire::Canned(Box::new(canned)), Guard::new(&limits.allowed), limits)
    }

    fn with(wire: Wire, guard: Guard, limits: NetLimits) -> Self {
        let pace = Pace::new(limits.per_host_per_second);
        Self(Arc::new(Inner { wire, guard, pace, limits }))
    }

    /// Fetches `url`. Each redirect is a request of its own: its address is checked like the first,
    /// it counts against the pace of its host, and all share one limit of time. As in browsers a
    /// redirect may lead from https to http.
    pub async fn get(&self, url: &Url, conditions: &Conditions) -> Result<Page, NetError> {
        let mut url = url.clone();
        let mut left = self.0.limits.total;
        for _ in 0..=self.0.limits.redirects {
            url.set_fragment(None);
            self.0.guard.check(&url)?;
            let _turn = self.turn(&url, None).await;
            let began = Instant::now();
            match tokio::time::timeout(left, self.hop(&url, conditions)).await {
                Ok(Ok(Hop::Arrived(page))) => return Ok(page),
                Ok(Ok(Hop::Redirected(next))) => url = next,
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(self.timed_out().into()),
            }
            left = left.saturating_sub(began.elapsed());
        }
        Err(Problem::TooManyRedirects.into())
    }

    /// Asks an interface; every status is an answer. A request that is more than a question, or that
    /// carries a secret, goes to nobody else than it was meant for: a redirect is followed within the
    /// same host and only where it is a GET, and never from https to http.
    pub async fn send(&self, request: Request) -> Result<Answer, NetError> {
        let mut request = request;
        let mut left = self.0.limits.total;
        for _ in 0..=self.0.limits.redirects {
            request.url.set_fragment(None);
            self.0.guard.check(&request.url)?;
            let _turn = self.turn(&request.url, request.per_minute).await;
            let began = Instant::now();
            let response = match tokio::time::timeout(left, self.ask(&request)).await {
                Ok(response) => response?,
                Err(_) => return Err(self.timed_out().into()),
            };
            left = left.saturating_sub(began.elapsed());
            let Some(next) = redirect(&request.url, &response) else {
                return match tokio::time::timeout(left, self.answer(request.url, response)).await {
                    Ok(answer) => answer,
                    Err(_) => Err(self.timed_out().into()),
                };
            };
            if request.method != Method::GET || !is_same_place(&request.url, &next) {
                return Err(Problem::LeadsElsewhere { address: without_query(next) }.into());
            }
            request.url = next;
        }
        Err(Problem::TooManyRedirects.into())
    }

    /// Waits until the host of `url` may be asked.
    async fn turn(&self, url: &Url, per_minute: Option<NonZeroU32>) -> Option<Turn> {
        match self.0.wire {
            Wire::World(_) => Some(self.0.pace.turn_within(url.host_str().unwrap_or_default(), per_minute).await),
            Wire::Canned(_) => None,
        }
    }

    async fn exchange(&self, method: Method, url: &Url, headers: HeaderMap, body: Bytes) -> Result<Response, NetError> {
        match &self.0.wire {
            Wire::World(client) => {
                let request = client.request(method, url.clone()).headers(headers).body(body);
                Ok(request.send().await.map_err(|error| self.problem_of(&error))?)
            }
            Wire::Canned(canned) => Ok(canned(url).into()),
        }
    }

    async fn ask(&self, request: &Request) -> Result<Response, NetError> {
        let Request { method, url, headers, body, .. } = request;
        let response = self.exchange(method.clone(), url, headers.clone(), body.clone()).await?;
        tracing::debug!(host = request.url.host_str(), status = response.status().as_u16(), "Asked an interface");
        Ok(response)
    }

    async fn answer(&self, url: Url, response: Response) -> Result<Answer, NetError> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { url, status, headers, body: self.body(response).await? })
    }

    async fn hop(&self, url: &Url, conditions: &Conditions) -> Result<Hop, NetError> {
        let response = self.exchange(Method::GET, url, conditions.headers(), Bytes::new()).await?;
        let status = response.status();
        tracing::debug!(host = url.host_str(), status = status.as_u16(), "Fetched an address");
        if let Some(next) = redirect(url, &response) {
            return Ok(Hop::Redirected(next));
        }
        let unchanged = status == StatusCode::NOT_MODIFIED && *conditions != Conditions::default();
        if !status.is_success() && !unchanged {
            return Err(refusal(status, response.headers()));
        }
        Ok(Hop::Arrived(Page {
            url: url.clone(),
            unchanged,
            content_type: text_of(response.headers(), &header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase(),
            conditions: Conditions::of(response.headers()),
            body: if unchanged { Bytes::new() } else { self.body(response).await? },
        }))
    }

    /// Reads the body chunk by chunk, each counted after decompression, and lets go of the
    /// connection as soon as it is too much.
    async fn body(&self, mut response: Response) -> Result<Bytes, NetError> {
        let limit = self.0.limits.body_bytes;
        let too_large = NetError::from(Problem::TooLarge { limit_bytes: limit });
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(too_large);
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.problem_of(&error))? {
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(too_large);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn problem_of(&self, error: &reqwest::Error) -> Problem {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(unresolved) = inner.downcast_ref::<Unresolved>() {
                return unresolved.problem();
            }
            cause = inner.source();
        }
        if error.is_timeout() { self.timed_out() } else { Problem::ConnectionFailed }
    }

    fn timed_out(&self) -> Problem {
        let total = self.0.limits.total;
        Problem::TimedOut { limit_seconds: (total.as_secs() + u64::from(total.subsec_nanos() > 0)).max(1) }
    }
}

impl Conditions {
    fn of(headers: &HeaderMap) -> Self {
        let validator = |name| text_of(headers, &name).filter(|text| text.len() <= VALIDATOR_BYTES);
        Self { etag: validator(header::ETAG), last_modified: validator(header::LAST_MODIFIED) }
    }

    fn headers(&self) -> HeaderMap {
        let pairs = [(header::IF_NONE_MATCH, &self.etag), (header::IF_MODIFIED_SINCE, &self.last_modified)];
        pairs.into_iter().filter_map(|(name, text)| Some((name, HeaderValue::from_str(text.as_deref()?).ok()?))).collect()
    }
}

/// Whoever asks the world: it resolves names by the guard, and does nothing by itself.
fn client(guard: &Guard, limits: &NetLimits) -> Result<Client, NetBuildError> {
    let client = Client::builder()
        .tls_backend_preconfigured(tls()?)
        .dns_resolver(guard.clone())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT.min(limits.total))
        .user_agent(USER_AGENT)
        .build()?;
    Ok(client)
}

/// TLS with the system's root certificates. Where there are none, plain http still works and https
/// fails as a connection does.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let system = rustls_native_certs::load_native_certs();
    let mut roots = rustls::RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(system.certs);
    if added == 0 {
        tracing::warn!("No root certificates were found on this system: no https address can be fetched. Install ca-certificates");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Where the answer to `url` leads on to.
fn redirect(url: &Url, response: &Response) -> Option<Url> {
    let status = response.status();
    let leads_on = status.is_redirection() && !matches!(status, StatusCode::NOT_MODIFIED | StatusCode::MULTIPLE_CHOICES);
    let location = response.headers().get(header::LOCATION).filter(|_| leads_on)?;
    url.join(&String::from_utf8_lossy(location.as_bytes())).ok()
}

/// Whether a request may follow from `url` to `next` with all that it carries.
fn is_same_place(url: &Url, next: &Url) -> bool {
    let is_upgrade = url.scheme() == "http" && next.scheme() == "https" && url.port().is_none() && next.port().is_none();
    url.host() == next.host() && (is_upgrade || (url.scheme() == next.scheme() && url.port() == next.port()))
}

fn without_query(mut url: Url) -> String {
    url.set_query(None);
    url.set_fragment(None);
    // What is told to people is no place for these either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// What an answer that is no success says.
fn refusal(status: StatusCode, headers: &HeaderMap) -> NetError {
    let retry_after = retry_after(headers);
    let problem = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Problem::NeedsLogin,
        StatusCode::NOT_FOUND | StatusCode::GONE => Problem::NotFound,
        StatusCode::TOO_MANY_REQUESTS => Problem::AskedToWait,
        StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() => Problem::AskedToWait,
        status => Problem::HttpStatus { status: status.as_u16() },
    };
    NetError { problem, retry_after }
}

/// Retry-After (RFC 9110, 10.2.3): seconds, or a date, which is measured against the answer's own
/// Date, so that neither clock needs to be right.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text_of(headers, &header::RETRY_AFTER)?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(&text).ok()?;
    let answered = httpdate::parse_http_date(&text_of(headers, &header::DATE)?).ok()?;
    Some(until.duration_since(answered).unwrap_or_default())
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests;
