//! What anybody may do at the public address, and how often; and what every answer says to browsers.

use super::behind::Address;
use super::behind::read;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::Digest;
use sha2::Sha256;
use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tradepost::platforms::SecretForm;

#[tokio::test]
async fn every_answer_keeps_to_itself() {
    let address = Address::open().await;
    address.desk.link("once", SecretForm::Login, None);
    let page = address.get("secret/once").send().await.unwrap().text().await.unwrap();
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    for request in [
        address.get(""),
        address.get("secret/once"),
        address.get("secret/gone"),
        address.get("consent/shopify"),
        address.get("consent/shopify/done"),
        address.get(".well-known/tradepost"),
        address.get("hooks/good"),
        address.post("hooks/good"),
        address.post("hooks/good").body("x".repeat(2 << 20)),
        address.get("elsewhere"),
    ] {
        let answer = request.send().await.unwrap();
        for (name, value) in [
            ("content-security-policy", policy.as_str()),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-robots-tag", "noindex"),
        ] {
            assert_eq!(answer.headers()[name], value, "{}", answer.url());
        }
    }
    for part in ["<script", "<img", "<link", "http", " src=", " onclick=", " onload=", "javascript:"] {
        let without_account = page.replace("https://shop.example", "");
        assert!(!without_account.contains(part), "{part} in {page}");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again_and_others_are_not_concerned() {
    let address = Address::open().await;
    let from = |client: &str, path: &str| address.get(path).header("x-forwarded-for", client).header("accept", "text/html");
    let mut refused = None;
    for _ in 0..3_000 {
        let answer = from("2001:db8::1", "").send().await.unwrap();
        if answer.status().as_u16() == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("one too many");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(refused.text().await.unwrap().contains("<h1>Not at the moment</h1>"));
    // The whole network of that customer counts, and nobody else's.
    assert_eq!(read(from("2001:db8::ffff", "")).await.0, 429);
    assert_eq!(read(from("2001:db8:0:1::1", "")).await.0, 200);
    assert_eq!(read(from("192.0.2.7", "")).await.0, 200);
}

#[tokio::test]
async fn one_link_is_not_tried_too_often_from_however_many_places() {
    let address = Address::open().await;
    address.desk.link("once", SecretForm::Token, None);
    let mut statuses = Vec::new();
    for number in 0..30 {
        let from = format!("192.0.2.{number}");
        statuses.push(read(address.submit("secret/once", "secret=wrong").header("x-forwarded-for", from)).await.0);
    }
    assert!(statuses[..20].iter().all(|status| *status == 422), "{statuses:?}");
    assert!(statuses[20..].contains(&429), "{statuses:?}");
    assert_eq!(read(address.get("secret/another")).await.0, 410);
}

#[tokio::test]
async fn one_hook_is_not_asked_too_often_from_however_many_places() {
    let address = Address::open().await;
    let mut statuses = Vec::new();
    for number in 0..3_000 {
        let from = format!("192.0.2.{}", number % 4);
        let (status, _) = read(address.post("hooks/good").header("x-forwarded-for", from)).await;
        statuses.push(status);
        if status == 429 {
            break;
        }
    }
    assert!(statuses.len() > 2_000 && statuses.last() == Some(&429), "{} {:?}", statuses.len(), statuses.last());
    // From none of these places too much has come, and another hook is not concerned.
    assert_eq!(read(address.post("hooks/another").header("x-forwarded-for", "192.0.2.1")).await.0, 404);
}

#[tokio::test]
async fn only_so_much_is_worked_off_at_a_time() {
    let address = Address::open().await;
    address.desk.held.send_replace(true);
    let from = |client: &str| address.post("hooks/good").header("x-forwarded-for", client).send();
    let mut step = tokio::time::interval(Duration::from_millis(10));
    let mut asked: Vec<_> = (0..32).map(|_| tokio::spawn(from("192.0.2.1"))).collect();
    while address.desk.held.receiver_count() < 32 {
        step.tick().await;
    }
    // Nobody has all places.
    assert_eq!(from("192.0.2.1").await.unwrap().status().as_u16(), 503);
    asked.extend((0..32).map(|_| tokio::spawn(from("192.0.2.2"))));
    while address.desk.held.receiver_count() < 64 {
        step.tick().await;
    }
    let one_more = from("192.0.2.3").await.unwrap();
    assert_eq!((one_more.status().as_u16(), &one_more.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    address.desk.held.send_replace(false);
    for asked in asked {
        assert_eq!(asked.await.unwrap().unwrap().status().as_u16(), 200);
    }
    assert_eq!(read(address.post("hooks/good")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_trickles_is_cut_after_ten_seconds() {
    let address = Address::open().await;
    let body = tokio::spawn(trickles(address.port, "POST /hooks/good HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"));
    let head = tokio::spawn(trickles(address.port, "GET / HTTP/1.1\r\nX-Slow: "));
    let (took, answer) = body.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!((9..15).contains(&took.as_secs()), "{took:?}");
    let (took, answer) = head.await.unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!((9..15).contains(&took.as_secs()), "{took:?}");
    assert_eq!(address.desk.done().pushes.len(), 0);
}

/// Sends `beginning` and then a byte at a time, until it is cut: how long that took, and what it was told.
async fn trickles(port: u16, beginning: &str) -> (Duration, String) {
    let started = Instant::now();
    let (mut reads, mut writes) = TcpStream::connect(("127.0.0.1", port)).await.unwrap().into_split();
    writes.write_all(beginning.as_bytes()).await.unwrap();
    let trickling = tokio::spawn(async move {
        let mut step = tokio::time::interval(Duration::from_millis(200));
        while writes.write_all(b"x").await.is_ok() {
            step.tick().await;
        }
    });
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = reads.read(&mut chunk).await {
        answer.extend_from_slice(&chunk[..length]);
        if answer.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
    }
    trickling.abort();
    (started.elapsed(), String::from_utf8_lossy(&answer).into_owned())
}

/// A log that a test reads.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_token_and_no_secret_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let lines =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(lines);
    let address = Address::open().await;
    address.desk.link("token-of-a-link", SecretForm::Token, None);
    for (method, path, body) in [
        ("POST", "/hooks/token-of-a-hook", "secret-in-a-body"),
        ("GET", "/secret/token-of-a-link", ""),
        ("POST", "/secret/token-of-a-link", "secret=secret-that-was-typed"),
        ("GET", "/consent/shopify?code=token-of-a-consent&state=broken", ""),
        ("GET", "/elsewhere/token-of-nothing", ""),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", address.port)).await.unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.7\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("route=\"/hooks/{token}\"") && log.contains("192.0.2.7"), "{log}");
    assert!(!log.contains("token-of") && !log.contains("secret-"), "{log}");
}
