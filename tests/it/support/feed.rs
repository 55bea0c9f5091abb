//! A shop's feed on 127.0.0.1: it publishes items, counts who asks, and can misbehave in every way
//! that a shop does.

use super::ports::free_port;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use quick_xml::escape::escape;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the feed's address answers with.
#[derive(Clone, Debug, Default)]
pub enum Answer {
    /// The feed, as it should.
    #[default]
    Feed,
    /// Only a status.
    Status(StatusCode),
    /// 429, with the seconds to wait.
    TooMany(u32),
    /// A page without a feed.
    Html,
    /// A page that names these feeds.
    HtmlNaming(Vec<String>),
    /// 100 MB that look like a feed.
    Huge,
    /// A body that comes a byte at a time and never ends.
    Endless,
    /// Another address.
    Redirect(String),
}

/// A running feed.
pub struct Feed {
    shop: Arc<Mutex<Shop>>,
    port: u16,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Shop {
    items: Vec<Item>,
    revision: u32,
    answer: Answer,
    requests: watch::Sender<u32>,
    unchanged: u32,
    /// Whether answers are held back.
    held: watch::Sender<bool>,
    /// Whether it says that it lists everything there is, as Google Merchant feeds do.
    whole: bool,
}

struct Item {
    title: String,
    price: String,
    link: String,
    category: String,
    sold_out: bool,
}

impl Feed {
    /// Starts an empty one.
    pub async fn start() -> Self {
        let (listener, port) = listen().await;
        let shop = Arc::<Mutex<Shop>>::default();
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&shop));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("the feed's server") });
        Self { shop, port, server }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/feed.xml", self.port)
    }

    /// A page of the shop that names the feed.
    pub fn page_url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Adds an item; the price is as Google Merchant writes it: `289.00 EUR`.
    pub fn publish(&self, title: &str, price: &str, link: &str) {
        self.publish_in("", title, price, link);
    }

    /// The same, in a category of the shop's own.
    pub fn publish_in(&self, category: &str, title: &str, price: &str, link: &str) {
        let [title, price, link, category] = [title, price, link, category].map(str::to_owned);
        self.changes(|items| items.push(Item { title, price, link, category, sold_out: false }));
    }

    /// Asks another price for the item at `link`.
    pub fn reprices(&self, link: &str, price: &str) {
        self.changes(|items| items.iter_mut().filter(|item| item.link == link).for_each(|item| price.clone_into(&mut item.price)));
    }

    /// Lists everything there is from now on, with product ids.
    pub fn lists_everything(&self) {
        self.shop().whole = true;
    }

    /// Does not list the item at `link` any more.
    pub fn drops(&self, link: &str) {
        self.changes(|items| items.retain(|item| item.link != link));
    }

    /// Has no more of the item at `link`.
    pub fn sells_out(&self, link: &str) {
        self.changes(|items| items.iter_mut().filter(|item| item.link == link).for_each(|item| item.sold_out = true));
    }

    fn changes(&self, change: impl FnOnce(&mut Vec<Item>)) {
        let mut shop = self.shop();
        shop.revision += 1;
        change(&mut shop.items);
    }

    /// Answers in another way from now on.
    pub fn answers_with(&self, answer: Answer) {
        self.shop().answer = answer;
    }

    /// Waits until it has been asked twice more: then what the first of these answers brought has been
    /// taken in.
    pub async fn is_asked_twice(&self) {
        let mut requests = self.shop().requests.subscribe();
        let before = *requests.borrow();
        let asked = requests.wait_for(|requests| *requests > before + 1);
        let in_time = tokio::time::timeout(Duration::from_secs(20), asked).await;
        in_time.expect("nobody asks the feed any more").expect("a feed");
    }

    /// Holds back its answers until it goes on.
    pub fn holds(&self) {
        self.shop().held.send_replace(true);
    }

    /// Gives the answers that it held back, as of now.
    pub fn goes_on(&self) {
        self.shop().held.send_replace(false);
    }

    /// Waits until it has been asked so often in all.
    pub async fn is_asked(&self, times: u32) {
        let mut requests = self.shop().requests.subscribe();
        let asked = requests.wait_for(|requests| *requests >= times);
        super::clock::soon(&format!("{times} requests to a feed"), asked).await.expect("a feed");
    }

    /// How often it was asked for.
    pub fn requests(&self) -> u32 {
        *self.shop().requests.borrow()
    }

    /// How often it answered that nothing had changed.
    pub fn unchanged(&self) -> u32 {
        self.shop().unchanged
    }

    fn shop(&self) -> std::sync::MutexGuard<'_, Shop> {
        self.shop.lock().expect("the shop")
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn listen() -> (TcpListener, u16) {
    loop {
        let port = free_port();
        // Somebody else may have taken it in the meantime.
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
            return (listener, port);
        }
    }
}

async fn answer(State(shop): State<Arc<Mutex<Shop>>>, uri: Uri, headers: HeaderMap) -> Response {
    if uri.path() != "/feed.xml" {
        return page(&["/feed.xml".to_owned()]);
    }
    let mut held = asked(&shop);
    // The sender is the shop's own.
    let _ = held.wait_for(|held| !held).await;
    let mut shop = shop.lock().expect("the shop");
    match shop.answer.clone() {
        Answer::Feed => shop.feed(&headers),
        Answer::Status(status) => status.into_response(),
        Answer::TooMany(seconds) => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response(),
        Answer::Html => page(&[]),
        Answer::HtmlNaming(feeds) => page(&feeds),
        Answer::Huge => huge(),
        Answer::Endless => endless(),
        Answer::Redirect(target) => (StatusCode::FOUND, [(header::LOCATION, target)]).into_response(),
    }
}

/// Counts a request; what it gives says whether its answer is held back.
fn asked(shop: &Mutex<Shop>) -> watch::Receiver<bool> {
    let shop = shop.lock().expect("the shop");
    shop.requests.send_modify(|requests| *requests += 1);
    shop.held.subscribe()
}

impl Shop {
    fn feed(&mut self, headers: &HeaderMap) -> Response {
        let tag = format!("\"revision-{}\"", self.revision);
        if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str()) {
            self.unchanged += 1;
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
        }
        let fields = [(header::CONTENT_TYPE, "application/rss+xml".to_owned()), (header::ETAG, tag)];
        (fields, self.rss()).into_response()
    }

    fn rss(&self) -> String {
        let mut items = String::new();
        // As shops do: the newest stands first.
        for item in self.items.iter().rev() {
            let (title, link, price) = (escape(&item.title), escape(&item.link), escape(&item.price));
            let availability = if item.sold_out { "out_of_stock" } else { "in_stock" };
            write!(items, "<item><title>{title}</title><link>{link}</link><guid>{link}</guid><g:price>{price}</g:price>").expect("text");
            if self.whole {
                write!(items, "<g:id>{link}</g:id>").expect("text");
            }
            if !item.category.is_empty() {
                write!(items, "<g:product_type>{}</g:product_type>", escape(&item.category)).expect("text");
            }
            write!(items, "<g:availability>{availability}</g:availability></item>").expect("text");
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\"><channel>\
             <title>Test shop</title><link>https://shop.example/</link><description>What the tests sell</description>{items}</channel></rss>"
        )
    }
}

fn page(feeds: &[String]) -> Response {
    let mut links = String::new();
    for feed in feeds {
        let feed = escape(feed);
        write!(links, "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"News\" href=\"{feed}\">").expect("text");
    }
    let page = format!("<!doctype html><html><head><title>Test shop</title>{links}</head><body><h1>Welcome</h1></body></html>");
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn huge() -> Response {
    const MEGABYTE: usize = 1_000_000;
    let start = Bytes::from("<rss version=\"2.0\"><channel><title>");
    let filling = Bytes::from(vec![b'x'; MEGABYTE]);
    let pieces = std::iter::once(start).chain(std::iter::repeat_n(filling, 100));
    stream_of(stream::iter(pieces.map(Ok)))
}

fn endless() -> Response {
    let step = tokio::time::interval(Duration::from_millis(50));
    stream_of(stream::unfold(step, async |mut step| {
        step.tick().await;
        Some((Ok(Bytes::from_static(b" ")), step))
    }))
}

fn stream_of(pieces: impl stream::Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
    ([(header::CONTENT_TYPE, "application/rss+xml")], Body::from_stream(pieces)).into_response()
}
