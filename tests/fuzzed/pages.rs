//! What stands at addresses: feeds, and pages that sell something.

use super::checks;
use bytes::Bytes;
use jiff::Timestamp;
use tradepost::domain::source::Fetched;
use tradepost::net::Conditions;
use tradepost::net::Page;
use tradepost::platforms::feed::Feed;
use tradepost::platforms::product;
use url::Url;

const ASKED: &str = "https://shop.example/item/7";

/// How many entries of a feed are read at the most.
const ENTRIES: usize = 5_000;

/// The first line is the content type, the rest the feed.
pub(super) fn feeds(data: &[u8]) {
    let page = page(data);
    let read = || Feed::read(ASKED, &page, true, now());
    let Ok(fetched) = read() else { return };
    assert_eq!(read().as_ref(), Ok(&fetched), "read again it is another");
    checks::fetched(&fetched);
    let Fetched::Changed { trades, .. } = fetched else { return };
    assert!(trades.len() <= ENTRIES);
    if let Ok(Fetched::Changed { trades: safe, .. }) = Feed::read(ASKED, &page, false, now()) {
        let is_safe = |link: &_| tradepost::domain::link::PublicLink::as_str(link).starts_with("https://");
        assert!(safe.iter().filter_map(|trade| trade.link.as_ref()).all(is_safe));
    }
}

/// The first line is the content type, the rest the page.
pub(super) fn products(data: &[u8]) {
    let page = page(data);
    let read = || product::read(page.clone(), Url::parse(ASKED).unwrap(), true, now());
    let found = read();
    assert_eq!(read(), found, "read again it is another");
    if let Ok(found) = found {
        assert!(!found.trade.title.is_empty());
        checks::trade(&found.trade);
    }
}

fn page(data: &[u8]) -> Page {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let body = data.get(end + 1..).unwrap_or_default();
    Page {
        url: Url::parse(ASKED).unwrap(),
        unchanged: false,
        content_type: String::from_utf8_lossy(&data[..end]).to_ascii_lowercase(),
        conditions: Conditions::default(),
        body: Bytes::copy_from_slice(body),
    }
}

fn now() -> Timestamp {
    Timestamp::constant(1_772_539_200, 0)
}
