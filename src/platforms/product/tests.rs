use super::Found;
use super::Visit;
use super::product_id;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::trade::Trade;
use crate::net::Conditions;
use crate::net::Page;
use jiff::Timestamp;
use url::Url;

const AT: &str = "https://shop.example/p/pot?ref=mail";

fn read_at(at: &str, html: &[u8]) -> Result<Found, Problem> {
    let page = Page {
        url: Url::parse(at).unwrap(),
        unchanged: false,
        content_type: "text/html".to_owned(),
        conditions: Conditions::default(),
        body: html.to_vec().into(),
    };
    Visit { page, asked: Url::parse(AT).unwrap(), allow_http_links: false, now: Timestamp::UNIX_EPOCH }.read()
}

fn read(html: &str) -> Result<Found, Problem> {
    read_at(AT, html.as_bytes())
}

/// What a page with these blocks of JSON-LD sells.
fn sold(blocks: &[&str]) -> Trade {
    let found = read(&page(blocks)).unwrap();
    assert!(found.says_so);
    found.trade
}

fn page(blocks: &[&str]) -> String {
    let scripts = blocks.iter().map(|block| format!("<script type=\"application/ld+json\">{block}</script>")).collect::<Vec<_>>().concat();
    format!("<!doctype html><html><head><title>Shop</title>{scripts}</head><body></body></html>")
}

fn price(trade: &Trade) -> String {
    trade.price.as_ref().map_or_else(String::new, |Price { amount, up_to, old, currency }| {
        let part =
            |word: &str, amount: &Option<rust_decimal::Decimal>| amount.map_or_else(String::new, |amount| format!(" {word} {amount}"));
        format!("{} {amount}{}{}", currency.code(), part("to", up_to), part("was", old))
    })
}

fn categories(trade: &Trade) -> Vec<&str> {
    trade.categories.iter().map(|category| category.text.as_str()).collect()
}

#[test]
fn a_product_is_read_with_all_that_a_card_shows() {
    let trade = sold(&[r#"{"@context": "https://schema.org", "@type": "Product", "name": "Yixing teapot &amp; caf&eacute; cup", "sku": 7,
        "image": ["/pot.jpg", "https://cdn.example/pot-2.jpg"], "category": "Home &gt; Tea",
        "brand": {"@type": "Brand", "name": "CANARY"}, "review": [{"author": {"name": "CANARY"}}],
        "offers": {"@type": "Offer", "price": 25.50, "priceCurrency": "EUR", "availability": "https://schema.org/InStock",
            "seller": {"name": "CANARY", "telephone": "CANARY"}}}"#]);
    assert_eq!(trade.title.as_str(), "Yixing teapot & café cup");
    assert_eq!((price(&trade).as_str(), trade.available), ("EUR 25.50", Some(true)));
    assert_eq!(trade.image.as_ref().unwrap().as_str(), "https://shop.example/pot.jpg");
    assert_eq!(categories(&trade), ["Home > Tea"]);
    assert_eq!(trade.link.as_ref().unwrap().as_str(), AT);
    assert_eq!(trade.external_id, product_id(trade.link.as_ref().unwrap()));
    assert!(!format!("{trade:?}").contains("CANARY"));
}

#[test]
fn offers_are_written_in_many_ways() {
    for (offers, expected) in [
        (r#"{"price": "25.50", "priceCurrency": "eur"}"#, "EUR 25.50"),
        (
            r#"[{"price": 30, "priceCurrency": "EUR"}, {"price": "25", "priceCurrency": "EUR"}, {"price": 1, "priceCurrency": "USD"}]"#,
            "EUR 25 to 30",
        ),
        (
            r#"{"@type": "AggregateOffer", "lowPrice": "19.90", "highPrice": 29.90, "priceCurrency": "GBP", "offerCount": 3}"#,
            "GBP 19.90 to 29.90",
        ),
        (r#"{"@type": "AggregateOffer", "lowPrice": 5, "highPrice": 5, "priceCurrency": "EUR"}"#, "EUR 5"),
        (r#"{"@type": "AggregateOffer", "priceCurrency": "EUR", "offers": [{"price": 5}, {"price": 7}]}"#, "EUR 5 to 7"),
        (r#"{"priceSpecification": {"price": 39.99, "priceCurrency": "CHF"}}"#, "CHF 39.99"),
        (
            r#"{"priceSpecification": [{"priceType": "https://schema.org/ListPrice", "price": "50.00", "priceCurrency": "EUR"},
                {"price": 1, "priceCurrency": "EUR", "validForMemberTier": {"name": "Gold"}}, {"price": "40.00", "priceCurrency": "EUR"}]}"#,
            "EUR 40.00 was 50.00",
        ),
        (
            r#"{"price": 40, "priceCurrency": "EUR", "priceSpecification": {"priceType": "StrikethroughPrice", "price": 50}}"#,
            "EUR 40 was 50",
        ),
        (r#"{"price": 25}"#, ""),
        (r#"{"price": "0.00", "priceCurrency": "EUR"}"#, ""),
        (r#"{"price": 1e999, "priceCurrency": "EUR"}"#, ""),
        (r#"{"price": 123456789012345678901234567890123456789, "priceCurrency": "EUR"}"#, ""),
        (r#"{"price": "soon", "priceCurrency": "QQQ"}"#, ""),
        (r#""none""#, ""),
    ] {
        let trade = sold(&[&format!(r#"{{"@type": "Product", "name": "Pot", "offers": {offers}}}"#)]);
        assert_eq!(price(&trade), expected, "{offers}");
    }
    let trade = sold(&[
        r##"{"@type": "Product", "name": "Pot", "offers": {"@id": "#offer"}}"##,
        r##"{"@id": "#offer", "@type": "Offer", "price": 3, "priceCurrency": "EUR", "availability": "SoldOut"}"##,
    ]);
    assert_eq!((price(&trade).as_str(), trade.available), ("EUR 3", Some(false)));
    let trade = sold(&[r#"{"@type": "Offer", "price": 3, "priceCurrency": "EUR", "itemOffered": {"@type": "Product", "name": "Pot"}}"#]);
    assert_eq!((price(&trade).as_str(), trade.title.as_str()), ("EUR 3", "Pot"));
}

#[test]
fn a_group_has_the_prices_of_its_variants() {
    let offer = |price: u32| format!(r#""offers": {{"price": {price}, "priceCurrency": "EUR", "availability": "InStock"}}"#);
    let inside = format!(
        r#"{{"@type": "ProductGroup", "name": "Pot", "hasVariant": [{{"@type": "Product", "name": "Pot, red", {}}}, {{"@type": "Product", "name": "Pot, blue", {}}}]}}"#,
        offer(20),
        offer(30)
    );
    let trade = sold(&[&inside]);
    assert_eq!((trade.title.as_str(), price(&trade).as_str(), trade.available), ("Pot", "EUR 20 to 30", Some(true)));
    let beside = format!(
        r##"[{{"@type": "ProductGroup", "@id": "#pot", "name": "Pot", "hasVariant": [{{"url": "?v=1"}}]}},
            {{"@type": "Product", "name": "Pot, red", "isVariantOf": {{"@id": "#pot"}}, {}}},
            {{"@type": "Product", "name": "Pot, blue", "isVariantOf": {{"@id": "#pot"}}, {}}}]"##,
        offer(20),
        offer(30)
    );
    let trade = sold(&[&beside]);
    assert_eq!((trade.title.as_str(), price(&trade).as_str()), ("Pot", "EUR 20 to 30"));
}

#[test]
fn of_several_products_only_the_pages_own_is_taken() {
    let product = |name: &str, rest: &str| format!(r#"{{"@type": "Product", "name": "{name}"{rest}}}"#);
    let (pot, cup) = (product("Pot", ""), product("Cup", ""));
    assert_eq!(read(&page(&[&pot, &cup])), Err(Problem::PageWithoutProduct));
    let pot_here = product("Pot", r#", "url": "https://www.shop.example/p/pot/""#);
    let cup_there = product("Cup", r#", "url": "/p/cup""#);
    assert_eq!(sold(&[&cup_there, &pot_here]).title.as_str(), "Pot");
    let by_offer = product("Pot", r#", "offers": {"url": "/p/pot?ref=mail", "price": 1, "priceCurrency": "EUR"}"#);
    assert_eq!(sold(&[&cup_there, &by_offer]).title.as_str(), "Pot");
    let main = format!(
        r##"{{"@graph": [{{"@type": "ItemPage", "mainEntity": {{"@id": "#x"}}}}, {cup}, {}]}}"##,
        product("Pot", r##", "@id": "#x""##)
    );
    assert_eq!(sold(&[&main]).title.as_str(), "Pot");
    let inside = format!(r#"{{"@graph": [{{"@type": "WebPage", "mainEntity": {pot}}}, {cup}]}}"#);
    assert_eq!(sold(&[&inside]).title.as_str(), "Pot");
    // What is listed beside it are other things, and the same thing twice is one.
    let list = format!(r#"{{"@type": "ItemList", "itemListElement": [{{"item": {cup}}}, {{"item": {cup_there}}}]}}"#);
    let priced = product("pot ", r#", "offers": {"price": 5, "priceCurrency": "EUR"}"#);
    let trade = sold(&[&list, &pot, &priced]);
    assert_eq!((trade.title.as_str(), price(&trade).as_str()), ("pot", "EUR 5"));
    // A list alone sells nothing, unless the page is that of one of its things.
    assert_eq!(read(&page(&[&list])), Err(Problem::PageWithoutProduct));
    let list = format!(r#"{{"@type": "ItemList", "itemListElement": [{{"item": {cup_there}}}, {{"item": {pot_here}}}]}}"#);
    assert_eq!(sold(&[&list]).title.as_str(), "Pot");
}

#[test]
fn breadcrumbs_are_a_category() {
    let crumbs = r#"{"@type": "BreadcrumbList", "itemListElement": [
        {"@type": "ListItem", "position": 3, "name": "Teapots", "item": "https://shop.example/tea/pots"},
        {"@type": "ListItem", "position": 1, "item": {"@id": "https://shop.example/", "name": "Corner Shop"}},
        {"@type": "ListItem", "position": "2", "item": {"@id": "https://shop.example/tea", "name": "Tea"}},
        {"@type": "ListItem", "position": 4, "name": "Pot"}]}"#;
    let trade =
        sold(&[r#"{"@type": "Product", "name": "Pot", "category": ["Kitchen", {"name": "Gifts"}, "632", "https://x.example/1"]}"#, crumbs]);
    assert_eq!(categories(&trade), ["Kitchen", "Gifts", "Tea > Teapots"]);
    let home = r#"{"@type": "BreadcrumbList", "itemListElement": [{"name": "Startseite"}, {"name": "Pot"}]}"#;
    assert_eq!(categories(&sold(&[r#"{"@type": "Product", "name": "Pot"}"#, home])), Vec::<&str>::new());
}

#[test]
fn a_link_is_the_pages_own_without_what_tracks() {
    let linked = |head: &str| read(&format!("{head}<title>Pot</title>")).unwrap().trade.link.unwrap().to_string();
    assert_eq!(linked(r#"<link rel="canonical" href="/p/teapot">"#), "https://shop.example/p/teapot");
    assert_eq!(
        linked(r#"<link rel="canonical" href="https://www.shop.example/p/teapot?utm_source=x#top">"#),
        "https://www.shop.example/p/teapot"
    );
    assert_eq!(linked(r#"<meta property="og:url" content="https://shop.example/p/1">"#), "https://shop.example/p/1");
    // Another site's, the front page, and one without TLS are not.
    for head in ["https://evil.example/p/pot", "https://shop.example/", "http://shop.example/p/pot", "javascript:alert(1)"] {
        assert_eq!(linked(&format!(r#"<link rel="canonical" href="{head}">"#)), AT, "{head}");
    }
    let tracked = read_at("https://shop.example/p/pot?utm_source=mail&id=7#top", b"<title>Pot</title>").unwrap();
    assert_eq!(tracked.trade.link.unwrap().as_str(), "https://shop.example/p/pot?id=7");
}

#[test]
fn without_json_ld_the_metadata_counts_and_then_the_title() {
    let found = read(
        r#"<html lang=de><title>x</title><meta property="og:type" content="product"><meta property="og:title" content="Kanne &amp; Co – Eckladen">
        <meta property="og:site_name" content="Eckladen"><meta property="og:image" content="/kanne.jpg">
        <meta property="product:price:amount" content="25,50"><meta property="product:price:currency" content="EUR">
        <meta property="product:availability" content="oos">"#,
    )
    .unwrap();
    assert_eq!((found.trade.title.as_str(), price(&found.trade).as_str(), found.says_so), ("Kanne & Co", "EUR 25.50", true));
    assert_eq!((found.trade.available, found.trade.image.unwrap().as_str()), (Some(false), "https://shop.example/kanne.jpg"));
    let found = read("<title>Teapot, 25 € | Market</title>").unwrap();
    assert_eq!((found.trade.title.as_str(), price(&found.trade).as_str(), found.says_so), ("Teapot, 25 € | Market", "EUR 25", false));
    for html in ["", "<title> </title>", "<h1>Pot</h1>"] {
        assert_eq!(read(&format!("<html>{html}")), Err(Problem::PageWithoutProduct), "{html}");
    }
    let (gbk, _, _) = encoding_rs::GBK.encode("<meta charset=gbk><title>宜兴紫砂壶</title>");
    assert_eq!(read_at(AT, &gbk).unwrap().trade.title.as_str(), "宜兴紫砂壶");
}

#[test]
fn a_page_that_only_lets_people_in_is_none() {
    let login = "<title>Log in</title>";
    assert_eq!(read_at("https://login.shop.example/?to=pot", login.as_bytes()), Err(Problem::NeedsLogin));
    assert_eq!(read_at("https://shop.example/consent/?to=pot", login.as_bytes()), Err(Problem::NeedsLogin));
    assert!(read_at("https://shop.example/de/pot", login.as_bytes()).is_ok());
}

#[test]
fn what_is_hostile_brings_nothing_down() {
    let deep = format!("{}{}", r#"{"@type": "Product", "offers": "#.repeat(2_000), "}".repeat(2_000));
    let wide =
        format!(r#"{{"@type": "Product", "name": "{}", "offers": [{}{{}}]}}"#, "x".repeat(500_000), r#"{"price": 1},"#.repeat(5_000));
    let lists = format!("[{}{{}}]", r#"{"@type": "Product", "name": "Pot"},"#.repeat(3_000));
    for block in [deep.as_str(), &wide, &lists, "{\"@type\": \"Product\", \"name\": \"Pot\"", "{{{{", "[1, 2", "null", "\"Product\""] {
        let title = read(&page(&[block])).map(|found| found.trade.title);
        assert!(title.as_ref().is_ok_and(|title| title.as_str().chars().count() <= 300), "{title:?}");
    }
    // Nodes that lead to each other, and few that stand for very many.
    let circle = r##"{"@graph": [{"@type": "Product", "name": "Pot", "offers": {"@id": "#a"}, "isVariantOf": {"@id": "#b"}},
        {"@id": "#a", "offers": [{"@id": "#b"}, {"@id": "#b"}]}, {"@type": "Product", "@id": "#b", "name": "Cup", "isVariantOf": {"name": "Pot"},
        "offers": [{"@id": "#a"}, {"@id": "#b"}]}]}"##;
    assert!(read(&page(&[circle])).is_ok());
    let (many, offers) = (r##"{"@id": "#a"},"##.repeat(6_000), r#"{"price": 1},"#.repeat(6_000));
    let fan = format!(
        r##"{{"@graph": [{{"@type": "ProductGroup", "name": "Pot", "offers": [{many}{{}}], "hasVariant": [{many}{{}}]}},
            {{"@type": "AggregateOffer", "@id": "#a", "priceCurrency": "EUR", "offers": [{offers}{{}}]}}]}}"##
    );
    assert_eq!(price(&sold(&[&fan])), "EUR 1");
    let trade = sold(&["{\"@type\": \"Product\", \"name\": \"a\u{202E}b\u{0}<b>!<\\/b>\"}"]);
    assert_eq!(trade.title.as_str(), "ab !");
    // A block that never ends is the page's last.
    let found = read("<title>Shop</title><script type=application/ld+json>{\"@type\": \"Product\", \"name\": \"Pot\"}").unwrap();
    assert_eq!(found.trade.title.as_str(), "Pot");
}
