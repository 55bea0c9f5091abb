use super::Conditions;
use super::Net;
use super::NetError;
use super::NetLimits;
use super::Page;
use crate::domain::problem::Problem;
use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::any;
use axum::routing::get;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;
use url::Url;

mod tricks;

const LIMIT_BYTES: u64 = 100_000;

fn net(total: Duration) -> Net {
    Net::new(NetLimits {
        allowed: vec!["127.0.0.1/32".parse().unwrap()],
        body_bytes: LIMIT_BYTES,
        total,
        redirects: 3,
        per_host_per_second: 1_000,
    })
    .unwrap()
}

async fn serve_on(ip: &str, router: Router) -> SocketAddr {
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn serve(router: Router) -> Url {
    let address = serve_on("127.0.0.1", router).await;
    Url::parse(&format!("http://{address}/")).unwrap()
}

async fn fetch(net: &Net, url: &Url) -> Result<Page, NetError> {
    net.get(url, &Conditions::default()).await
}

async fn problem_of_answer(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> NetError {
    let url = serve(Router::new().route("/", get(move || async move { answer() }))).await;
    fetch(&net(Duration::from_secs(5)), &url).await.unwrap_err()
}

fn redirect_to(location: String) -> Router {
    Router::new().route("/", get(move || async move { (StatusCode::FOUND, [("location", location.clone())]) }))
}

const TOO_LARGE: Problem = Problem::TooLarge { limit_bytes: LIMIT_BYTES };

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused_before_any_connection() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let inside = Router::new().route(
        "/",
        any(move || async move {
            counted.fetch_add(1, Ordering::SeqCst);
        }),
    );
    let inside = serve_on("127.0.0.2", inside).await;
    for location in [
        format!("http://{inside}/"),
        "http://10.0.0.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "//[::1]/".to_owned(),
        format!("http://2130706434:{}/", inside.port()),
    ] {
        let url = serve(redirect_to(location.clone())).await;
        let error = fetch(&net(Duration::from_secs(5)), &url).await.unwrap_err();
        assert_eq!(error.problem, Problem::PrivateAddress, "{location}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused() {
    let limits = NetLimits { allowed: Vec::new(), ..net(Duration::from_secs(5)).0.limits.clone() };
    let url = Url::parse("http://localhost/").unwrap();
    let error = fetch(&Net::new(limits).unwrap(), &url).await.unwrap_err();
    assert_eq!(error.problem, Problem::PrivateAddress);
}

#[tokio::test]
async fn a_name_that_leads_to_an_allowed_address_is_fetched() {
    let mut url = serve(Router::new().route("/", get(|| async { "here" }))).await;
    url.set_host(Some("localhost")).unwrap();
    assert_eq!(fetch(&net(Duration::from_secs(5)), &url).await.unwrap().body, "here");
}

#[tokio::test]
async fn redirects_are_followed_and_other_schemes_are_not() {
    let router = Router::new()
        .route("/", get(|| async { (StatusCode::MOVED_PERMANENTLY, [("location", "shop/feed?x=1#top")]) }))
        .route("/shop/feed", get(|| async { "here" }));
    let url = serve(router).await;
    let page = fetch(&net(Duration::from_secs(5)), &url).await.unwrap();
    assert_eq!(page.url, url.join("shop/feed?x=1").unwrap());

    let url = serve(redirect_to("ftp://a.example/".to_owned())).await;
    let error = fetch(&net(Duration::from_secs(5)), &url).await.unwrap_err();
    assert_eq!(error.problem, Problem::AddressNotAllowed);
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let url = serve(redirect_to("/".to_owned())).await;
    let error = fetch(&net(Duration::from_secs(5)), &url).await.unwrap_err();
    assert_eq!(error.problem, Problem::TooManyRedirects);
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_read() {
    let error = problem_of_answer(|| {
        let endless = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        ([("content-length", "100000000")], endless).into_response()
    })
    .await;
    assert_eq!(error.problem, TOO_LARGE);
}

#[tokio::test]
async fn a_body_that_never_ends_is_cut_off() {
    let error = problem_of_answer(|| {
        let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 4_096])));
        Body::from_stream(chunks).into_response()
    })
    .await;
    assert_eq!(error.problem, TOO_LARGE);
}

#[tokio::test]
async fn a_small_body_that_unpacks_to_a_large_one_is_cut_off() {
    // Ten million zeros, packed by gzip.
    let bomb = Bytes::from_static(include_bytes!("../../tests/fixtures/feeds/zeros.gz"));
    assert!((bomb.len() as u64) < LIMIT_BYTES);
    let error = problem_of_answer(move || ([("content-encoding", "gzip")], bomb.clone()).into_response()).await;
    assert_eq!(error.problem, TOO_LARGE);
}

#[tokio::test]
async fn a_body_that_trickles_runs_out_of_time() {
    let router = Router::new().route(
        "/",
        get(|| async {
            let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"<rss>"))]);
            Body::from_stream(first.chain(stream::pending()))
        }),
    );
    let url = serve(router).await;
    let error = fetch(&net(Duration::from_millis(200)), &url).await.unwrap_err();
    assert_eq!(error.problem, Problem::TimedOut { limit_seconds: 1 });
}

#[tokio::test]
async fn an_unchanged_page_is_recognised_by_either_validator() {
    let router = Router::new().route(
        "/",
        get(|headers: HeaderMap| async move {
            let known = headers.get("if-none-match").is_some_and(|tag| tag == "\"7\"");
            let validators = [("etag", "\"7\""), ("last-modified", "Wed, 21 Oct 2015 07:28:00 GMT")];
            let status = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
            (status, validators, if known { "" } else { "body" })
        }),
    );
    let url = serve(router).await;
    let net = net(Duration::from_secs(5));
    let first = fetch(&net, &url).await.unwrap();
    assert_eq!((first.unchanged, first.body.as_ref()), (false, b"body".as_ref()));
    assert_eq!(first.conditions.last_modified.as_deref(), Some("Wed, 21 Oct 2015 07:28:00 GMT"));
    let second = net.get(&url, &first.conditions).await.unwrap();
    assert_eq!((second.unchanged, second.body.len()), (true, 0));
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_an_error() {
    let error = problem_of_answer(|| StatusCode::NOT_MODIFIED.into_response()).await;
    assert_eq!(error.problem, Problem::HttpStatus { status: 304 });
}

#[tokio::test]
async fn the_wait_that_is_asked_for_is_reported_in_seconds_and_as_a_date() {
    let error = problem_of_answer(|| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "90")]).into_response()).await;
    assert_eq!(error.problem, Problem::AskedToWait);
    assert_eq!(error.retry_after, Some(Duration::from_secs(90)));

    let error = problem_of_answer(|| {
        let headers = [("retry-after", "Wed, 21 Oct 2015 07:29:30 GMT"), ("date", "Wed, 21 Oct 2015 07:28:00 GMT")];
        (StatusCode::SERVICE_UNAVAILABLE, headers).into_response()
    })
    .await;
    assert_eq!(error.problem, Problem::AskedToWait);
    assert_eq!(error.retry_after, Some(Duration::from_secs(90)));
}

#[tokio::test]
async fn each_error_status_has_its_problem() {
    for (status, problem) in [
        (401, Problem::NeedsLogin),
        (403, Problem::NeedsLogin),
        (404, Problem::NotFound),
        (410, Problem::NotFound),
        (418, Problem::HttpStatus { status: 418 }),
        (429, Problem::AskedToWait),
        (500, Problem::HttpStatus { status: 500 }),
        (503, Problem::HttpStatus { status: 503 }),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(problem_of_answer(move || status.into_response()).await.problem, problem, "{status}");
    }
}

#[tokio::test]
async fn nobody_listening_is_a_failed_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let error = fetch(&net(Duration::from_secs(5)), &url).await.unwrap_err();
    assert_eq!(error.problem, Problem::ConnectionFailed);
}

#[tokio::test]
async fn servers_read_who_asks_and_no_cookie_comes_back() {
    let router = Router::new().route(
        "/",
        get(|headers: HeaderMap| async move {
            let agent = headers.get("user-agent").unwrap().to_str().unwrap().to_owned();
            let extras = headers.contains_key("cookie") || headers.contains_key("referer");
            ([("set-cookie", "a=b")], format!("{agent} {extras}"))
        }),
    );
    let url = serve(router).await;
    let net = net(Duration::from_secs(5));
    fetch(&net, &url).await.unwrap();
    let body = fetch(&net, &url).await.unwrap().body;
    let body = std::str::from_utf8(&body).unwrap();
    assert!(body.starts_with("tradepost/") && body.ends_with(" false"), "{body}");
}
