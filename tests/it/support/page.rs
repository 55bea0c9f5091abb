//! A shop's pages on 127.0.0.1, as somebody who has no feed has them.

use super::ports::free_port;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

type Shown = Arc<Mutex<BTreeMap<String, String>>>;

/// Running pages.
pub struct Pages {
    shown: Shown,
    port: u16,
    server: JoinHandle<()>,
}

impl Pages {
    /// Starts a shop without a page.
    pub async fn start() -> Self {
        let (listener, port) = loop {
            let port = free_port();
            // Somebody else may have taken it in the meantime.
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
                break (listener, port);
            }
        };
        let shown = Shown::default();
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&shown));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("the pages' server") });
        Self { shown, port, server }
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Shows a page from now on.
    pub fn shows(&self, path: &str, html: &str) {
        self.shown
            .lock()
            .expect("the pages")
            .insert(path.to_owned(), format!("<!doctype html><html><head>{html}</head><body></body></html>"));
    }

    /// Shows a page that says for search engines what it sells, for so many euros.
    pub fn sells(&self, path: &str, title: &str, euros: &str) {
        let offer = json!({"@type": "Offer", "price": euros, "priceCurrency": "EUR", "availability": "https://schema.org/InStock"});
        let product = json!({"@context": "https://schema.org", "@type": "Product", "name": title, "offers": offer});
        self.shows(path, &format!("<title>Corner Shop</title><script type=\"application/ld+json\">{product}</script>"));
    }

    /// Has the page no more.
    pub fn hides(&self, path: &str) {
        self.shown.lock().expect("the pages").remove(path);
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(shown): State<Shown>, uri: Uri) -> Response {
    match shown.lock().expect("the pages").get(uri.path()) {
        Some(html) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
