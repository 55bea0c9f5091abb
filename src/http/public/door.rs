//! Who is let in, and how often: each address, each link and all together have their measure.

use super::Desk;
use super::Limits;
use super::client;
use super::pages;
use axum::extract::ConnectInfo;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use governor::DefaultKeyedRateLimiter;
use governor::Quota;
use governor::RateLimiter;
use governor::clock::Clock;
use governor::clock::DefaultClock;
use ipnet::IpNet;
use places::Places;
use std::hash::Hash;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

mod places;

/// How many seconds' requests may come at once, after a quiet time: a shop that changes all its items
/// sends one for each, and some shops give a hook up that refuses a few.
const BURST: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
/// How long it takes until a link may be looked at once more.
const LINK_STEADY: Duration = Duration::from_secs(3);
/// How often it may be at once.
const LINK_BURST: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// When more than these have been counted, those who are quiet again are forgotten.
const COUNTED: usize = 10_000;

/// A digest of a token: tokens are kept nowhere.
type Token = [u8; 32];

/// Counts who comes.
pub(super) struct Door {
    trusted: Vec<IpNet>,
    places: Places,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    hooks: DefaultKeyedRateLimiter<Token>,
    links: DefaultKeyedRateLimiter<Token>,
}

impl Door {
    pub(super) fn new(trusted: Vec<IpNet>, limits: Limits) -> Self {
        let many = Quota::per_second(limits.per_second).allow_burst(limits.per_second.saturating_mul(BURST));
        let few = Quota::with_period(LINK_STEADY).unwrap_or_else(|| Quota::per_minute(LINK_BURST)).allow_burst(LINK_BURST);
        Self {
            trusted,
            places: Places::new(limits.at_once),
            addresses: RateLimiter::keyed(many),
            hooks: RateLimiter::keyed(many),
            links: RateLimiter::keyed(few),
        }
    }

    /// Counts a request to a hook; how long to wait where there were too many.
    pub(super) fn hook(&self, token: &str) -> Result<(), Duration> {
        count(&self.hooks, &digest(token))
    }

    /// Counts a request to a one-time page.
    pub(super) fn link(&self, token: &str) -> Result<(), Duration> {
        count(&self.links, &digest(token))
    }
}

fn digest(token: &str) -> Token {
    *blake3::hash(token.as_bytes()).as_bytes()
}

fn count<Key: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<Key>, key: &Key) -> Result<(), Duration> {
    if limiter.len() > COUNTED {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
}

/// Lets a request in, and logs it by its route: never by its path, in which tokens stand.
pub(super) async fn admit(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or((Ipv4Addr::UNSPECIFIED, 0).into(), |ConnectInfo(peer)| *peer);
    let client = client::address(peer, request.headers(), &desk.door.trusted);
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let neighbourhood = client::neighbourhood(client);
    let answer = if let Err(wait) = count(&desk.door.addresses, &neighbourhood) {
        pages::later(&desk, request.headers(), StatusCode::TOO_MANY_REQUESTS, wait)
    } else if let Some(_place) = desk.door.places.take(neighbourhood) {
        next.run(request).await
    } else {
        pages::later(&desk, request.headers(), StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(1))
    };
    tracing::debug!(%client, %method, route, status = answer.status().as_u16(), "the public address was asked");
    answer
}
