//! Web pages that name feeds, in `<link rel="alternate">`.

use crate::domain::problem::FeedLink;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::net::Page;
use crate::platforms::feed::charset;
use crate::platforms::html;
use html5ever::tokenizer::Tag;
use url::Url;

/// How far into a page feeds are looked for, in bytes: they stand in its head.
const HEAD: usize = 256 * 1_024;

/// How many feeds are offered.
const OFFERED: usize = 10;

/// Whether `page` is a web page.
pub(in crate::platforms) fn is_html(page: &Page) -> bool {
    let start = String::from_utf8_lossy(&page.body[..page.body.len().min(1_024)]).to_ascii_lowercase();
    page.content_type.contains("html") || start.contains("<!doctype html") || start.contains("<html")
}

/// The one feed that `page` names; several are for the person to choose from.
pub(super) fn only_feed(page: &Page) -> Result<Url, Problem> {
    let mut feeds = best(named_feeds(page));
    match feeds.as_slice() {
        [] => Err(Problem::PageWithoutFeed),
        [_] => Ok(feeds.remove(0).url),
        _ => Err(Problem::PageWithFeeds { feeds: feeds.into_iter().take(OFFERED).map(Named::into_link).collect() }),
    }
}

/// How likely it is that somebody means this feed, the likeliest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Feed,
    /// What readers say below a page or an article.
    Comments,
    /// May be a JSON Feed, as it was declared before it had a type of its own.
    Json,
}

struct Named {
    url: Url,
    title: Line,
    rank: Rank,
}

impl Named {
    fn of(tag: &Tag, base: &Url) -> Option<Self> {
        let is_alternate = html::attribute(tag, "rel").split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate"));
        let href = html::attribute(tag, "href");
        if !is_alternate || href.is_empty() {
            return None;
        }
        let mut url = base.join(href).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        url.set_fragment(None);
        let title = Line::new(html::attribute(tag, "title"), 120);
        let media_type = html::attribute(tag, "type").to_ascii_lowercase();
        let rank = match media_type.split(';').next().unwrap_or_default().trim() {
            "application/rss+xml" | "application/atom+xml" | "application/feed+json" if is_comments(&url, &title) => Rank::Comments,
            "application/rss+xml" | "application/atom+xml" | "application/feed+json" => Rank::Feed,
            // WordPress names its programming interface on every page.
            "application/json" if !url.path().contains("/wp-json") => Rank::Json,
            _ => return None,
        };
        Some(Self { url, title, rank })
    }

    fn into_link(self) -> FeedLink {
        FeedLink { address: self.url.into(), title: self.title.to_string() }
    }
}

fn is_comments(url: &Url, title: &Line) -> bool {
    const WORDS: [&str; 4] = ["comments feed", "kommentar", "commentaires", "评论"];
    let title = title.as_str().to_lowercase();
    url.path().contains("/comments/")
        || url.query().is_some_and(|query| query.contains("comments"))
        || WORDS.iter().any(|word| title.contains(word))
}

fn named_feeds(page: &Page) -> Vec<Named> {
    let body = &page.body[..page.body.len().min(HEAD)];
    let tags = html::tags(&charset::decode(body, &page.content_type));
    let base = tags
        .iter()
        .find(|tag| &*tag.name == "base")
        .and_then(|tag| page.url.join(html::attribute(tag, "href")).ok())
        .unwrap_or_else(|| page.url.clone());
    let mut feeds: Vec<Named> = Vec::new();
    for feed in tags.iter().filter(|tag| &*tag.name == "link").filter_map(|tag| Named::of(tag, &base)) {
        if feeds.iter().all(|known| known.url != feed.url) {
            feeds.push(feed);
        }
    }
    feeds
}

/// Those of the likeliest rank.
fn best(mut feeds: Vec<Named>) -> Vec<Named> {
    let likeliest = feeds.iter().map(|feed| feed.rank).min();
    feeds.retain(|feed| Some(feed.rank) == likeliest);
    feeds
}

#[cfg(test)]
mod tests {
    use super::is_html;
    use super::only_feed;
    use crate::domain::problem::FeedLink;
    use crate::domain::problem::Problem;
    use crate::net::Conditions;
    use crate::net::Page;
    use url::Url;

    fn page(head: &str) -> Page {
        Page {
            url: Url::parse("https://shop.example/teapots/").unwrap(),
            unchanged: false,
            content_type: "text/html".to_owned(),
            conditions: Conditions::default(),
            body: format!("<!DOCTYPE html><html><head>{head}</head><body>x</body></html>").into(),
        }
    }

    fn only(head: &str) -> Result<String, Problem> {
        only_feed(&page(head)).map(String::from)
    }

    #[test]
    fn the_one_feed_of_a_page_is_found_against_the_pages_base() {
        let feed = r#"<LINK REL="feed Alternate" type="application/rss+xml; charset=UTF-8" href="../feed?a=1&amp;b=2#x">"#;
        assert_eq!(only(feed).unwrap(), "https://shop.example/feed?a=1&b=2");
        let based = format!(r#"<base href="/de/">{feed}"#);
        assert_eq!(only(&based).unwrap(), "https://shop.example/feed?a=1&b=2");
        let based = format!(r#"<base href="https://cdn.example/a/b/">{feed}"#);
        assert_eq!(only(&based).unwrap(), "https://cdn.example/a/feed?a=1&b=2");
    }

    #[test]
    fn comments_and_programming_interfaces_step_back() {
        let wordpress = r#"
            <!-- <link rel="alternate" type="application/rss+xml" href="/old"> -->
            <script>var a = '<link rel="alternate" type="application/rss+xml" href="/script">';</script>
            <link rel="alternate" type="application/rss+xml" title="Joy's Teapots » Feed" href="https://shop.example/feed/" />
            <link rel="alternate" type="application/rss+xml" title="Joy's Teapots » Comments Feed" href="https://shop.example/comments/feed/" />
            <link rel="alternate" type="application/json" href="https://shop.example/wp-json/wp/v2/pages/7" />
            <link rel="alternate" type="application/json+oembed" href="https://shop.example/wp-json/oembed" />
            <link rel="alternate" hreflang="de" href="/de/" />
            <link rel="stylesheet" type="text/css" href="/style.css" />"#;
        assert_eq!(only(wordpress).unwrap(), "https://shop.example/feed/");
        let comments = r#"<link rel="alternate" type="application/rss+xml" href="/comments/feed/">"#;
        assert_eq!(only(comments).unwrap(), "https://shop.example/comments/feed/");
        let json = r#"<link rel="alternate" type="application/json" href="/feed.json">"#;
        assert_eq!(only(json).unwrap(), "https://shop.example/feed.json");
    }

    #[test]
    fn several_feeds_are_offered_with_their_whole_addresses() {
        let head = r#"<link rel=alternate type=application/rss+xml title="New &amp; used" href=/new.xml>
            <link rel=alternate type=application/atom+xml href=sale.atom>
            <link rel=alternate type=application/atom+xml href=sale.atom>"#;
        let feed = |address: &str, title: &str| FeedLink { address: address.to_owned(), title: title.to_owned() };
        let feeds = vec![feed("https://shop.example/new.xml", "New & used"), feed("https://shop.example/teapots/sale.atom", "")];
        assert_eq!(only(head), Err(Problem::PageWithFeeds { feeds }));
    }

    #[test]
    fn a_page_without_feeds_says_so() {
        assert_eq!(only(r#"<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">"#), Err(Problem::PageWithoutFeed));
        assert_eq!(only(""), Err(Problem::PageWithoutFeed));
    }

    #[test]
    fn pages_are_told_by_type_or_beginning() {
        let mut page = page("");
        page.content_type = "text/plain".to_owned();
        assert!(is_html(&page));
        page.body = "{}".into();
        assert!(!is_html(&page));
    }
}
