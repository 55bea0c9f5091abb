//! A homeserver that takes everything at once and knows what it was sent.

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use regex::Regex;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fmt::Write;
use std::io::Read;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

#[derive(Default)]
struct Seen {
    calls: u64,
    titles: HashMap<String, u32>,
}

/// Is the homeserver, until the standard input ends: also when the benchmark is killed.
pub(crate) fn serve() -> anyhow::Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let titles = Regex::new(r"Mug \d+-\d+")?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let [calls, all] = [Arc::clone(&seen), Arc::clone(&seen)];
        let router = Router::new()
            .route("/calls", get(async move || lock(&calls).calls.to_string()))
            .route("/seen", get(async move || list(&lock(&all))))
            .fallback(async move |body: Bytes| accept(&seen, &titles, &body));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}/", listener.local_addr()?);
        Ok(axum::serve(listener, router).await?)
    })
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn list(seen: &Seen) -> String {
    seen.titles.iter().fold(String::new(), |mut list, (title, count)| {
        let _ = writeln!(list, "{title} {count}");
        list
    })
}

/// One answer for everything.
fn accept(seen: &Mutex<Seen>, titles: &Regex, body: &[u8]) -> Response {
    let text = String::from_utf8_lossy(body);
    // A message says it twice, as text and as HTML.
    let found: BTreeSet<&str> = titles.find_iter(&text).map(|found| found.as_str()).collect();
    let mut seen = lock(seen);
    seen.calls += 1;
    for title in found {
        *seen.titles.entry(title.to_owned()).or_default() += 1;
    }
    let body = format!(r#"{{"event_id":"$event-{}"}}"#, seen.calls);
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
