use super::Origin;
use super::Parsed;
use super::read;
use crate::domain::ids::SourceId;
use crate::domain::link::PublicLink;
use crate::domain::trade::Trade;
use crate::domain::trade::digest;
use jiff::Timestamp;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::proptest;
use url::Url;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/fixtures/feeds/", $name)).as_slice()
    };
}

fn try_read(body: &[u8]) -> Option<Parsed> {
    let origin = Origin {
        source: SourceId::new("feed:https://shop.example/feeds/new"),
        url: Url::parse("https://shop.example/feeds/new").unwrap(),
        allow_http_links: false,
        now: "2026-03-03T00:00:00Z".parse().unwrap(),
        price_in_summary: |_| None,
    };
    read(body, "text/xml", &origin)
}

fn parsed(body: &[u8]) -> Parsed {
    try_read(body).unwrap()
}

fn ids(trades: &[Trade]) -> Vec<&str> {
    trades.iter().map(|trade| trade.external_id.as_str()).collect()
}

fn titles(trades: &[Trade]) -> Vec<&str> {
    trades.iter().map(|trade| trade.title.as_str()).collect()
}

fn links(trades: &[Trade]) -> Vec<&str> {
    trades.iter().map(|trade| trade.link.as_ref().map_or("", PublicLink::as_str)).collect()
}

fn categories(trade: &Trade) -> Vec<(Option<&str>, &str)> {
    trade.categories.iter().map(|category| (category.scheme.as_deref(), category.text.as_str())).collect()
}

fn price(trade: &Trade) -> String {
    trade
        .price
        .as_ref()
        .map_or_else(String::new, |price| format!("{} {} {:?}", price.currency.code(), price.amount, price.old.map(|old| old.to_string())))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_woocommerce_shop_gives_titles_links_and_categories_and_no_price() {
    let Parsed { label, trades, complete } = parsed(fixture!("woocommerce.xml"));
    assert!(!complete, "it names the newest products only");
    assert_eq!(label.as_str(), "Products – Joy’s Teapots");
    assert_eq!(titles(&trades), ["Blue & white teapot – 1.2 l", "Tea cup"]);
    assert_eq!(links(&trades), ["https://shop.example/product/blue-teapot/", "https://shop.example/product/tea-cup/"]);
    assert_eq!(ids(&trades)[0], "https://shop.example/?post_type=product&p=412");
    assert_eq!(categories(&trades[0]), [(None, "Home & Garden")]);
    assert_eq!(trades[0].occurred_at, Some(at("2026-03-02T08:30:00Z")));
    assert_eq!(trades[1].image.as_ref().unwrap().as_str(), "https://shop.example/cup.jpg");
    assert!(trades.iter().all(|trade| trade.price.is_none() && trade.available.is_none()));
}

#[test]
fn nothing_but_the_fields_of_a_trade_is_taken() {
    let shown = format!("{:?}", parsed(fixture!("woocommerce.xml")));
    for private in ["joy@", "wc_order", "+49"] {
        assert!(!shown.contains(private), "{private}");
    }
}

#[test]
fn an_atom_feed_is_read_against_its_own_base() {
    let Parsed { label, trades, .. } = parsed(fixture!("shop.atom"));
    assert_eq!(label.as_str(), "Müllers <Laden>");
    assert_eq!(titles(&trades), ["Kanne, 1.289,00 €", "Eine Tasse"]);
    assert_eq!(links(&trades), ["https://laden.example/de/products/kanne", "https://laden.example/tasse"]);
    assert_eq!(price(&trades[0]), "EUR 1289.00 None");
    assert_eq!(categories(&trades[0]), [(None, "Küche")]);
    assert_eq!(trades[0].image.as_ref().unwrap().as_str(), "https://laden.example/de/bild.png");
    assert_eq!(trades[0].occurred_at, Some(at("2026-03-02T09:00:00Z")));
    assert_eq!(trades[1].occurred_at, Some(at("2026-03-01T10:00:00Z")));
}

#[test]
fn a_json_feed_keeps_long_ids_and_begins_where_a_title_is_missing() {
    let Parsed { label, trades, .. } = parsed(fixture!("feed.json"));
    assert_eq!(label.as_str(), "Teapots by Joy");
    assert_eq!(ids(&trades), ["9007199254740993", "b"]);
    assert_eq!(links(&trades), ["https://shop.example/teapots/7", ""]);
    assert_eq!(price(&trades[0]), "USD 48.00 None");
    assert_eq!(trades[0].image.as_ref().unwrap().as_str(), "https://joy.example/7.jpg");
    assert!(trades[1].title.as_str().starts_with("A small cup without a title") && trades[1].title.as_str().ends_with('…'));
    assert_eq!(trades[1].occurred_at, None);
}

#[test]
fn google_merchant_fields_come_before_the_feeds_own() {
    let Parsed { trades, complete, .. } = parsed(fixture!("merchant.xml"));
    assert!(complete, "it lists the whole shop");
    assert_eq!(ids(&trades), ["T-1", "T-2", "T-3"]);
    assert_eq!(titles(&trades), ["急須 & 茶碗", "Cup", "Pot EUR 5.00"]);
    assert_eq!(links(&trades), ["https://tea.example/p/1?color=red", "https://tea.example/p/2", ""]);
    assert_eq!(price(&trades[0]), "JPY 3999 Some(\"4999\")");
    assert_eq!(price(&trades[1]), "USD 15.00 None");
    assert_eq!(price(&trades[2]), "", "a price that can be misread is not replaced by one from the title");
    assert_eq!(trades.iter().map(|trade| trade.available).collect::<Vec<_>>(), [Some(true), Some(false), Some(true)]);
    assert_eq!(categories(&trades[0]), [(Some("google_product_category"), "2530"), (None, "Home > Tea")]);
    assert_eq!(categories(&trades[1]), [(None, "Home & Garden > Kitchen & Dining")]);
    assert_eq!(trades[0].image.as_ref().unwrap().as_str(), "https://tea.example/1.jpg");
    assert_eq!(trades[1].image, None);
}

#[test]
fn google_merchant_fields_are_read_in_atom_too() {
    let Parsed { trades, .. } = parsed(fixture!("merchant.atom"));
    assert_eq!(ids(&trades), ["A-1"]);
    assert_eq!(price(&trades[0]), "EUR 1299.00 None");
    assert_eq!(trades[0].available, Some(true));
}

#[test]
fn chinese_feeds_are_the_same_in_either_encoding() {
    let utf_8 = parsed(fixture!("chinese.xml"));
    assert_eq!(utf_8, parsed(fixture!("chinese-gbk.xml")));
    assert_eq!(utf_8.label.as_str(), "小明的店");
    assert_eq!(titles(&utf_8.trades), ["宜兴紫砂壶 ￥１２８.００", "茶杯 满100减20元"]);
    assert_eq!(links(&utf_8.trades), ["https://xm.example/item/1?id=1", "https://xm.example/item?id=2"]);
    assert_eq!(price(&utf_8.trades[0]), "CNY 128.00 None");
    assert_eq!(price(&utf_8.trades[1]), "");
    assert_eq!(categories(&utf_8.trades[0]), [(None, "家居/茶具")]);
}

#[test]
fn an_etsy_shop_is_read_with_its_twice_encoded_titles() {
    let Parsed { trades, .. } = parsed(fixture!("etsy.xml"));
    assert_eq!(titles(&trades), ["Mug \"Dawn\" by JoyTeapots"]);
    assert_eq!(ids(&trades), ["https://www.etsy.com/listing/1234567890/mug-dawn"]);
    assert_eq!(price(&trades[0]), "");
}

#[test]
fn missing_and_repeated_ids_links_and_titles_are_made_up_for() {
    let Parsed { label, trades, .. } = parsed(fixture!("odd.xml"));
    assert_eq!(label.as_str(), "shop.example");
    assert_eq!(
        ids(&trades),
        [
            "https://shop.example/first",
            "https://shop.example/feeds/second?x=1",
            "https://odd.example/no-guid",
            "https://odd.example/only-guid",
            &digest(&["Neither", ""]),
            "https://www.odd.example/only/link",
            "only-description",
            "tricks",
            "date",
        ]
    );
    assert_eq!(titles(&trades)[4..], ["Neither", "odd.example/only/link", "Told by its story", "Cup gpj.exe <script>", "Undated"]);
    assert_eq!(links(&trades)[3..5], ["https://odd.example/only-guid", ""]);
    assert_eq!(trades[7].link, None);
    assert_eq!(trades[8].occurred_at, None);
}

#[test]
fn ids_stay_the_same_from_one_reading_to_the_next() {
    assert_eq!(parsed(fixture!("odd.xml")), parsed(fixture!("odd.xml")));
}

#[test]
fn the_newest_entries_of_an_endless_feed_are_read() {
    let mut entries = String::new();
    for number in 0..2_000 {
        let (minute, second) = (number / 60, number % 60);
        let entry =
            format!("<entry><id>{number}</id><title>T</title><published>2026-03-01T00:{minute:02}:{second:02}Z</published></entry>");
        entries.push_str(&entry);
    }
    let Parsed { trades, .. } = parsed(format!("<feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>").as_bytes());
    assert_eq!(trades.len(), super::DATED_ENTRIES);
    assert_eq!((ids(&trades)[0], ids(&trades)[499]), ("1999", "1500"));
}

#[test]
fn what_is_broken_is_no_feed() {
    let whole = fixture!("woocommerce.xml");
    assert_eq!(try_read(&whole[..whole.len() / 2]), None);
    for body in ["", "hello", "{}", "[]", "{\"version\":\"https://jsonfeed.org/version/1\"}", "<html><body>x</body></html>", "<rss/>"] {
        assert_eq!(try_read(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn documents_made_to_exhaust_a_reader_do_not() {
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
        <rss version="2.0"><channel><item><guid>1</guid><title>&b;&c;</title></item></channel></rss>"#;
    assert_eq!(titles(&parsed(bomb.as_bytes()).trades), ["&b;&c;"]);

    let deep = format!("<rss version='2.0'><channel><item><title>x</title>{}", "<a>".repeat(200_000));
    assert_eq!(try_read(deep.as_bytes()), None);
    let deep = format!("{{\"version\":{}", "[".repeat(200_000));
    assert_eq!(try_read(deep.as_bytes()), None);
    let attributes = (0..50_000).map(|number| format!("a{number}=''")).collect::<Vec<String>>().join(" ");
    assert_eq!(try_read(format!("<rss version='2.0' {attributes}><channel/></rss>").as_bytes()), None);
    let title = "&lt;b&gt;".repeat(100_000);
    let nested = format!("<rss version='2.0'><channel><item><guid>1</guid><title>{title}x</title></item></channel></rss>");
    assert_eq!(titles(&parsed(nested.as_bytes()).trades), ["<"]);
}

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = try_read(&body);
    }

    #[test]
    fn no_damage_to_a_feed_brings_the_reader_down(at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..6), which in 0..5_usize) {
        let fixtures = [fixture!("odd.xml"), fixture!("merchant.xml"), fixture!("shop.atom"), fixture!("feed.json"), fixture!("chinese-gbk.xml")];
        let mut body = fixtures[which].to_vec();
        let at = at.index(body.len());
        let end = body.len().min(at + bytes.len());
        body.splice(at..end, bytes);
        let _ = try_read(&body);
    }
}
