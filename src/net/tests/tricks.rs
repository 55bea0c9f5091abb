//! The known ways to have a server ask where it must not, or take more than it can hold: each by its name.

use super::LIMIT_BYTES;
use super::TOO_LARGE;
use super::fetch;
use super::net;
use super::problem_of_answer;
use super::redirect_to;
use super::serve;
use super::serve_on;
use crate::domain::problem::Problem;
use crate::net::Net;
use crate::net::NetError;
use crate::net::NetLimits;
use crate::net::guard::Guard;
use crate::net::guard::Looking;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::any;
use axum::routing::get;
use bytes::Bytes;
use reqwest::Method;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(5);

/// What comes of an address that somebody typed, where nothing but the internet is allowed.
async fn typed(address: &str) -> Result<(), Problem> {
    let limits = NetLimits { allowed: Vec::new(), ..net(PATIENCE).0.limits.clone() };
    let Ok(url) = Url::parse(address) else { return Err(Problem::NotAnAddress) };
    fetch(&Net::new(limits).unwrap(), &url).await.map(|_| ()).map_err(|error: NetError| error.problem)
}

/// What comes of an address that an allowed server redirects to.
async fn redirected(location: &str) -> Problem {
    let url = serve(redirect_to(location.to_owned())).await;
    fetch(&net(PATIENCE), &url).await.unwrap_err().problem
}

/// All of these are refused, typed and redirected to.
async fn refused(hosts: &[&str]) {
    for host in hosts {
        let address = format!("http://{host}/latest/meta-data/");
        assert_eq!(typed(&address).await, Err(Problem::PrivateAddress), "{address}");
        // 127.0.0.1 itself is allowed there.
        if Url::parse(&address).unwrap().host_str() != Some("127.0.0.1") {
            assert_eq!(redirected(&address).await, Problem::PrivateAddress, "{address}");
        }
    }
}

#[tokio::test]
async fn ipv4_in_ipv6_mapped_and_compatible() {
    refused(&["[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[::10.0.0.1]", "[::a9fe:a9fe]", "[::127.0.0.2]"])
        .await;
    // Translated in another way (RFC 2765).
    refused(&["[::ffff:0:10.0.0.1]"]).await;
}

#[tokio::test]
async fn ipv4_behind_nat64_6to4_and_teredo() {
    refused(&["[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::10.0.0.1]"]).await;
    refused(&["[2002:a00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:a00:1::1]", "[2001::5601:5601]"]).await;
}

#[tokio::test]
async fn networks_of_carriers_and_links() {
    refused(&["100.64.0.1", "100.127.255.254", "169.254.0.1", "[fe80::1]", "[febf::1]", "[fc00::1]", "[fdff::1]", "[fec0::1]"]).await;
}

#[tokio::test]
async fn metadata_services_of_clouds() {
    refused(&["169.254.169.254", "169.254.170.2", "[fd00:ec2::254]", "[fd20:ce::254]", "100.100.100.200", "192.0.0.192"]).await;
}

#[tokio::test]
async fn no_address_multicast_and_broadcast() {
    refused(&["0.0.0.0", "0.1.2.3", "0", "[::]", "224.0.0.1", "239.255.255.250", "255.255.255.255", "[ff02::1]", "[ff05::1:3]"]).await;
}

#[tokio::test]
async fn decimal_octal_hexadecimal_and_short_hosts() {
    refused(&[
        "2130706434",
        "0177.0.0.2",
        "0x7f.0.0.2",
        "0x7f.2",
        "127.2",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "2852039166",
        "169.16689662",
    ])
    .await;
    // Digits and dots of other scripts.
    refused(&["１６９.254.169.254", "①②⑦.0.0.2", "169。254。169。254"]).await;
    for host in ["256.256.256.256", "0x7f.0.0.0.1", "127.0.0.0x100", "4294967296", "1.2.3.4.5"] {
        assert_eq!(typed(&format!("http://{host}/")).await, Err(Problem::NotAnAddress), "{host}");
    }
}

#[tokio::test]
async fn a_dot_at_the_end_of_a_host() {
    refused(&["127.0.0.2.", "2130706434."]).await;
    assert_eq!(typed("http://localhost/").await, Err(Problem::PrivateAddress));
    // Not every resolver knows these: either way nothing is asked.
    for host in ["localhost.", "LOCALHOST."] {
        let answer = typed(&format!("http://{host}/")).await;
        assert!(matches!(answer, Err(Problem::PrivateAddress | Problem::HostNotFound)), "{host}: {answer:?}");
    }
}

#[tokio::test]
async fn user_information_before_a_host() {
    for address in
        ["http://8.8.8.8@127.0.0.2/", "http://a.example:pw@127.0.0.2/", "http://127.0.0.2%2f@a.example/", "http://@127.0.0.2@a.example/"]
    {
        assert_eq!(typed(address).await, Err(Problem::AddressNotAllowed), "{address}");
        assert_eq!(redirected(address).await, Problem::AddressNotAllowed, "{address}");
    }
    // A backslash is a slash, so that the host stands before it, and nothing is left of an empty name.
    assert_eq!(typed("http://127.0.0.2\\@a.example/").await, Err(Problem::PrivateAddress));
    assert_eq!(typed("http://@127.0.0.2/").await, Err(Problem::PrivateAddress));
    assert_eq!(typed("http://127.0.0.2#@a.example/").await, Err(Problem::PrivateAddress));
}

#[tokio::test]
async fn schemes_other_than_http() {
    for address in [
        "file:///etc/passwd",
        "ftp://a.example/",
        "gopher://127.0.0.2:6379/_FLUSHALL",
        "dict://127.0.0.2:11211/",
        "ldap://127.0.0.2/",
        "data:text/plain,hush",
        "javascript:alert(1)",
        "unix:/run/docker.sock",
        "jar:http://a.example!/",
    ] {
        assert_eq!(typed(address).await, Err(Problem::AddressNotAllowed), "{address}");
        assert_eq!(redirected(address).await, Problem::AddressNotAllowed, "{address}");
    }
}

/// A name that is an allowed address when it is asked for the first time, and another one from then on.
fn rebinding(_: String) -> Looking {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let first = ASKED.fetch_add(1, Ordering::SeqCst) == 0;
    let address = SocketAddr::from((if first { [127, 0, 0, 1] } else { [127, 0, 0, 2] }, 0));
    Box::pin(std::future::ready(Ok(vec![address])))
}

#[tokio::test]
async fn a_name_that_resolves_differently_the_second_time() {
    let inside = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&inside);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // Each answer closes its connection, so that the next request is resolved anew.
    let outside = Router::new().route("/", get(|| async { ([("connection", "close")], "outside") }));
    tokio::spawn(async move { axum::serve(listener, outside).await });
    let secret = Router::new().route("/", any(move || async move { counted.fetch_add(1, Ordering::SeqCst).to_string() }));
    let other = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
    tokio::spawn(async move { axum::serve(other, secret).await });

    let limits = net(PATIENCE).0.limits.clone();
    let net = Net::guarded_by(Guard::asking(&limits.allowed, rebinding), limits).unwrap();
    let url = Url::parse(&format!("http://rebinds.example:{port}/")).unwrap();
    assert_eq!(fetch(&net, &url).await.unwrap().body, "outside", "what was checked is what is connected to");
    assert_eq!(fetch(&net, &url).await.unwrap_err().problem, Problem::PrivateAddress, "it is checked each time");
    assert_eq!(inside.load(Ordering::SeqCst), 0);
}

/// A name with a public and a private address.
fn ambiguous(_: String) -> Looking {
    let port = AMBIGUOUS.load(Ordering::SeqCst);
    Box::pin(std::future::ready(Ok(vec![SocketAddr::from(([127, 0, 0, 2], port)), SocketAddr::from(([127, 0, 0, 1], port))])))
}

static AMBIGUOUS: AtomicU16 = AtomicU16::new(0);

#[tokio::test]
async fn a_name_with_a_private_address_among_others() {
    let url = serve(Router::new().route("/", get(|| async { "outside" }))).await;
    let port = url.port().unwrap();
    AMBIGUOUS.store(port, Ordering::SeqCst);
    let inside = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
    let limits = net(PATIENCE).0.limits.clone();
    let net = Net::guarded_by(Guard::asking(&limits.allowed, ambiguous), limits).unwrap();
    let url = Url::parse(&format!("http://ambiguous.example:{port}/")).unwrap();
    assert_eq!(fetch(&net, &url).await.unwrap().body, "outside");
    let came = tokio::time::timeout(Duration::ZERO, inside.accept()).await;
    assert!(came.is_err(), "nobody came inside");
}

#[tokio::test]
async fn redirects_in_a_circle_through_two_hosts() {
    let one = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let home = format!("http://{}/", one.local_addr().unwrap());
    let other = serve(redirect_to(home.clone())).await;
    tokio::spawn(async move { axum::serve(one, redirect_to(other.to_string())).await });
    let error = fetch(&net(PATIENCE), &Url::parse(&home).unwrap()).await.unwrap_err();
    assert_eq!(error.problem, Problem::TooManyRedirects);
}

#[tokio::test]
async fn a_redirect_takes_no_secret_elsewhere() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let elsewhere = Router::new().fallback(move |headers: HeaderMap| async move {
        counted.fetch_add(1 + usize::from(headers.contains_key("authorization")), Ordering::SeqCst);
    });
    let elsewhere = serve(elsewhere).await;
    for status in [301, 302, 303, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let location = elsewhere.to_string();
        let router = Router::new().route("/", any(move || async move { (status, [("location", location.clone())]) }));
        let url = serve(router).await;
        for method in [Method::GET, Method::POST] {
            let mut request = crate::net::Request::get(url.clone());
            request.method = method;
            request.headers.insert("authorization", "Bearer hush".parse().unwrap());
            let error = net(PATIENCE).send(request).await.unwrap_err();
            assert!(matches!(error.problem, Problem::LeadsElsewhere { .. }), "{status}: {error:?}");
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn small_bodies_that_unpack_to_large_ones() {
    // Ten million zeros each. What gzip packs is what deflate packs, between a head of ten bytes and eight at
    // its end.
    let gzip: &[u8] = include_bytes!("../../../tests/fixtures/feeds/zeros.gz");
    let deflate = [&[0x78, 0x9c], &gzip[10..gzip.len() - 8]].concat();
    let brotli: &[u8] = include_bytes!("../../../tests/fixtures/feeds/zeros.br");
    for (encoding, bomb) in [("gzip", gzip.to_vec()), ("deflate", deflate), ("br", brotli.to_vec())] {
        assert!((bomb.len() as u64) < LIMIT_BYTES);
        let error = problem_of_answer(move || ([("content-encoding", encoding)], bomb.clone()).into_response()).await;
        assert_eq!(error.problem, TOO_LARGE, "{encoding}");
    }
}

#[tokio::test]
async fn a_body_that_is_packed_twice_is_unpacked_once_at_the_most() {
    let gzip: &[u8] = include_bytes!("../../../tests/fixtures/feeds/zeros.gz");
    for encoding in ["gzip, gzip", "gzip, br", "deflate, gzip", "x-gzip, gzip"] {
        let url =
            serve(Router::new().route("/", get(move || async move { ([("content-encoding", encoding)], Bytes::from_static(gzip)) }))).await;
        match fetch(&net(PATIENCE), &url).await {
            Ok(page) => assert!(page.body.len() as u64 <= LIMIT_BYTES, "{encoding}"),
            Err(error) => assert!(matches!(error.problem, Problem::TooLarge { .. } | Problem::ConnectionFailed), "{encoding}: {error:?}"),
        }
    }
}

/// A server that says this and goes on with `more` for as long as it is listened to.
async fn raw(head: &'static str, more: &'static str) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4_096]).await;
        let _ = stream.write_all(head.as_bytes()).await;
        while stream.write_all(more.as_bytes()).await.is_ok() {
            counted.fetch_add(more.len(), Ordering::SeqCst);
        }
    });
    (url, sent)
}

#[tokio::test]
async fn huge_and_endless_headers() {
    const FEW: usize = 16 << 20;
    for (head, more) in [
        ("HTTP/1.1 200 OK\r\n", "x-more: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
        ("HTTP/1.1 200 OK\r\nx-long: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("HTTP/1.1 200 ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let (url, sent) = raw(head, more).await;
        let error = fetch(&net(Duration::from_secs(2)), &url).await.unwrap_err();
        let is_known = matches!(error.problem, Problem::ConnectionFailed | Problem::TimedOut { .. });
        assert!(is_known, "{head:?}: {error:?}");
        assert!(
            more.starts_with("HTTP") || sent.load(Ordering::SeqCst) < FEW,
            "{head:?}: {} bytes were taken",
            sent.load(Ordering::SeqCst)
        );
    }
}

#[tokio::test]
async fn an_endless_body_in_chunks_or_behind_a_lie() {
    let chunk = "400\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n";
    for (head, more) in [
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n", "0123456789abcdef"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk),
        ("HTTP/1.0 200 OK\r\n\r\n", "0123456789abcdef"),
    ] {
        let (url, _) = raw(head, more).await;
        let error = fetch(&net(Duration::from_secs(2)), &url).await.unwrap_err();
        assert!(error.problem == TOO_LARGE || error.problem == Problem::ConnectionFailed, "{head:?}: {error:?}");
    }
}

#[tokio::test]
async fn an_interface_is_guarded_like_a_page() {
    let inside = serve_on("127.0.0.2", Router::new()).await;
    for address in [format!("http://{inside}/"), "http://169.254.169.254/".to_owned(), "file:///etc/passwd".to_owned()] {
        let request = crate::net::Request::get(Url::parse(&address).unwrap());
        let error = net(PATIENCE).send(request).await.unwrap_err();
        assert!(matches!(error.problem, Problem::PrivateAddress | Problem::AddressNotAllowed), "{address}: {error:?}");
    }
}
