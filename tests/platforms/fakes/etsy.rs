//! An Etsy: one shop's feed.

use super::CANARY;
use super::Canary;
use super::wire::Wire;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;

/// The shop's name.
pub const SHOP: &str = "JoyTeapots";

/// How many offers a feed names.
const NEWEST: usize = 10;

/// The shop behind the wire.
pub struct FakeEtsy {
    /// Where it stands.
    pub wire: Wire,
    shop: Arc<Mutex<Shop>>,
}

/// What the shop holds.
#[derive(Default)]
pub struct Shop {
    /// Number, title, price and time of what is offered, oldest first.
    pub listings: Vec<(u64, String, String, String)>,
    /// Whether whoever asks is taken for a robot.
    pub is_shy: bool,
}

impl FakeEtsy {
    /// An empty shop.
    pub async fn start() -> Self {
        let shop = Arc::<Mutex<Shop>>::default();
        let routes = Router::new().route("/shop/{name}/rss", get(feed)).with_state(Arc::clone(&shop));
        Self { wire: Wire::start(routes).await, shop }
    }

    /// The shop, to change it.
    pub fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().expect("the shop")
    }
}

impl Shop {
    /// Offers something; its number.
    pub fn offers(&mut self, title: &str, price: &str) -> u64 {
        let number = 1_234_567_890 + self.listings.len() as u64;
        self.listings.push((number, title.to_owned(), price.to_owned(), "Mon, 02 Mar 2026 03:00:00 -0500".to_owned()));
        number
    }
}

impl Canary for FakeEtsy {
    fn platform(&self) -> &'static str {
        "etsy"
    }

    fn set_up(&self, settings: &mut PlatformSettings) {
        settings.etsy.site = self.wire.url();
    }

    fn typed(&self) -> String {
        SHOP.to_owned()
    }

    fn credentials(&self) -> Option<Credentials> {
        None
    }

    fn trades(&self) {
        self.shop().offers("Teapot", "38.00 USD");
    }
}

async fn feed(State(shop): State<Arc<Mutex<Shop>>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let shop = shop.lock().expect("the shop");
    if shop.is_shy {
        return (StatusCode::FORBIDDEN, "<html>CANARY: please enable JS and disable any ad blocker</html>").into_response();
    }
    if !name.eq_ignore_ascii_case(SHOP) {
        return (StatusCode::NOT_FOUND, "<html>Uh oh!</html>").into_response();
    }
    let items: Vec<String> = shop.listings.iter().rev().take(NEWEST).map(item).collect();
    let channel = format!(
        "<title>Etsy Shop for {SHOP}</title><link>https://www.etsy.com/shop/{SHOP}?ref=rss</link><managingEditor>{CANARY}</managingEditor>"
    );
    let feed =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel>{channel}{}</channel></rss>", items.concat());
    let etag = format!("\"{}-{:?}\"", shop.listings.len(), shop.listings.last().map(|(_, _, price, at)| price.len() + at.len()));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::CONTENT_TYPE, "text/xml; charset=UTF-8"), (header::ETAG, etag.as_str())], feed).into_response()
}

fn item((number, title, price, at): &(u64, String, String, String)) -> String {
    let html = format!("<p class=\"image\"><img src=\"https://i.etsystatic.com/1.jpg\"/></p>\n<p class=\"price\">{price}</p>");
    let description = html.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    format!(
        "<item><title>{title} by {SHOP}</title><link>https://www.etsy.com/listing/{number}/mug?ref=rss</link>\
         <description>{description}</description><guid isPermaLink=\"true\">https://www.etsy.com/listing/{number}/mug</guid>\
         <pubDate>{at}</pubDate><author>{CANARY}</author></item>"
    )
}
