//! What rooms are sent, to the letter.

use super::LARGEST;
use super::MARK;
use super::card;
use super::digest;
use super::digest_capacity;
use super::notice;
use super::reaction;
use super::reply;
use crate::domain::ids::EventId;
use crate::domain::ids::ExternalId;
use crate::domain::ids::SourceId;
use crate::domain::ids::UserId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::sharer::Language;
use crate::domain::sharer::Language::English;
use crate::domain::sharer::Language::SimplifiedChinese;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::texts;
use crate::texts::samples::samples;
use iso_currency::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::json;
use strum::IntoEnumIterator;
use url::Url;

fn trade(title: &str) -> Trade {
    Trade {
        source: SourceId::new("feed:shop.example"),
        kind: Kind::Listing,
        external_id: ExternalId::new("4711"),
        revision: 0,
        title: Line::title(title),
        price: Some(Price { old: Some(Decimal::from(349)), ..Price::new(Decimal::from(289), Currency::EUR) }),
        quantity: None,
        available: None,
        link: PublicLink::new(Url::parse("https://shop.example/p/4711?a=1&b=2").unwrap(), false),
        image: None,
        categories: Vec::new(),
        occurred_at: None,
        seen_at: Timestamp::UNIX_EPOCH,
    }
}

fn shop() -> Line {
    Line::title("ExampleShop")
}

fn joy() -> UserId {
    UserId::new("@joy:example.org")
}

fn size(content: &Value) -> usize {
    serde_json::to_vec(content).unwrap().len()
}

fn largest(of: char) -> (Trade, Line) {
    let long = of.to_string().repeat(300);
    let query = "&".repeat(1_900);
    let trade = Trade { link: PublicLink::new(Url::parse(&format!("https://a.example/?{query}")).unwrap(), false), ..trade(&long) };
    (trade, Line::title(&long))
}

#[test]
fn a_card_is_a_text_message_with_its_link_and_the_trades_id() {
    let trade = trade("Sony WH-1000XM6");
    assert_eq!(
        card(English, &trade, &shop(), &joy(), "mark"),
        json!({
            "msgtype": "m.text",
            "body": "Sony WH-1000XM6 - EUR 289.00\nhttps://shop.example/p/4711?a=1&b=2",
            "format": "org.matrix.custom.html",
            "formatted_body": "<p><strong><a href=\"https://shop.example/p/4711?a=1&#38;b=2\">Sony WH-1000XM6</a></strong></p>\
                <p>EUR 289.00 <del>EUR 349.00</del> · ExampleShop</p>",
            "m.mentions": {},
            "external_url": "https://shop.example/p/4711?a=1&b=2",
            "org.tradepost.trade": { "id": trade.id().as_str(), "kind": "listing", "sharer": "@joy:example.org" },
            "org.tradepost.delivery": "mark",
        })
    );
}

#[test]
fn a_card_says_in_the_readers_language_what_happened() {
    let sale = Trade { kind: Kind::Sale, ..trade("茶壶") };
    let content = card(SimplifiedChinese, &sale, &shop(), &joy(), "mark");
    assert_eq!(content["body"], "茶壶 - 289.00 欧元 - 已售出\nhttps://shop.example/p/4711?a=1&b=2");
    let html = content["formatted_body"].as_str().unwrap();
    assert!(html.ends_with("<p>289.00 欧元 <del>349.00 欧元</del> · ExampleShop · 已售出</p>"), "{html}");
}

#[test]
fn a_card_without_price_and_link_is_its_title_and_shop() {
    let bare = Trade { price: None, link: None, ..trade("") };
    let content = card(English, &bare, &shop(), &joy(), "mark");
    assert_eq!(content["body"], "ExampleShop");
    assert_eq!(content["formatted_body"], "<p><strong>ExampleShop</strong></p><p>ExampleShop</p>");
    assert_eq!(content.get("external_url"), None);
}

#[test]
fn titles_are_never_markup() {
    let title = "<script>alert(\"1\")</script> & `code` **b** @room \u{202E}txt";
    let content = card(English, &trade(title), &Line::title("<b>"), &joy(), "mark");
    let body = content["body"].as_str().unwrap();
    assert!(body.starts_with("<script>alert(\"1\")</script> & `code` **b** @room txt - EUR"), "{body}");
    let html = content["formatted_body"].as_str().unwrap();
    assert!(html.contains(">&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; `code` **b** @room txt</a>"), "{html}");
    assert!(html.ends_with(" · &#60;b&#62;</p>"), "{html}");
}

#[test]
fn a_digest_lists_its_trades_in_order_below_their_number() {
    let unpriced = Trade { price: None, link: None, kind: Kind::Withdrawn, ..trade("<Pot>") };
    let trades = [(trade(&"x".repeat(200)), shop()), (unpriced, shop())];
    let content = digest(English, &trades, &joy(), "mark");
    let cut = format!("{}…", "x".repeat(119));
    assert_eq!(
        content["body"].as_str().unwrap(),
        format!(
            "2 new items\n• {cut} - EUR 289.00 - ExampleShop\nhttps://shop.example/p/4711?a=1&b=2\n\
             • <Pot> - ExampleShop - No longer available"
        )
    );
    assert_eq!(
        content["formatted_body"].as_str().unwrap(),
        format!(
            "<p><strong>2 new items</strong></p><ul>\
             <li><a href=\"https://shop.example/p/4711?a=1&#38;b=2\">{cut}</a> · EUR 289.00 <del>EUR 349.00</del> · ExampleShop</li>\
             <li>&#60;Pot&#62; · ExampleShop · No longer available</li></ul>"
        )
    );
    assert_eq!(content["org.tradepost.trades"]["trades"][1]["kind"], "withdrawn");
    assert_eq!(content["m.mentions"], json!({}));
    assert_eq!(content[MARK], "mark");
    assert!(digest(SimplifiedChinese, &trades, &joy(), "mark")["body"].as_str().unwrap().starts_with("2 件新商品\n"));
}

#[test]
fn a_digest_of_its_capacity_keeps_its_html_and_its_size() {
    let mary = UserId::new(format!("@{}:example.org", "m".repeat(240)));
    for entry in [(trade("Pot"), shop()), largest('𠮷'), largest('"'), largest('<')] {
        let trades = vec![entry; 400];
        let capacity = digest_capacity(&trades);
        assert!((1..400).contains(&capacity));
        for language in Language::iter() {
            let content = digest(language, &trades[..capacity], &mary, &"m".repeat(43));
            assert!(size(&content) <= LARGEST, "{}", size(&content));
            assert!(content.get("formatted_body").is_some());
            let more = digest(language, &trades[..=capacity], &mary, "mark");
            assert!(size(&more) > LARGEST - 4_096 || more.get("formatted_body").is_none());
        }
    }
    assert_eq!(digest_capacity(&[]), 1);
    let far_too_many = vec![(trade("Pot"), shop()); 2_000];
    assert!(size(&digest(English, &far_too_many, &mary, "mark")) <= LARGEST);
}

#[test]
fn the_largest_card_is_far_from_the_limit() {
    for of in ['𠮷', '"', '<', '\\'] {
        let (trade, shop) = largest(of);
        for language in Language::iter() {
            let content = card(language, &trade, &shop, &joy(), "mark");
            assert!(size(&content) < LARGEST);
            assert!(content.get("formatted_body").is_some());
        }
    }
}

#[test]
fn a_notice_too_long_for_one_event_is_cut_at_a_line() {
    let text = texts::Text { plain: "\"\"\"\"\n".repeat(50_000), html: "x".repeat(100_000) };
    let content = notice(&text, "mark");
    assert!(size(&content) <= LARGEST);
    assert_eq!(content.get("formatted_body"), None);
    assert!(content["body"].as_str().unwrap().ends_with("\"\"\"\"\n…"));
}

#[test]
fn everything_that_is_said_fits_as_it_is() {
    for language in Language::iter() {
        for said in samples() {
            let content = notice(&texts::render(language, &said), "mark");
            assert!(content.get("formatted_body").is_some(), "{said:?}");
            assert_eq!(content["m.mentions"], json!({}));
        }
    }
}

#[test]
fn a_reply_mentions_whoever_asked() {
    let text = texts::Text { plain: "Done.".to_owned(), html: "Done.".to_owned() };
    assert_eq!(
        reply(&text, &EventId::new("$asked"), &joy(), "mark"),
        json!({
            "msgtype": "m.text",
            "body": "Done.",
            "format": "org.matrix.custom.html",
            "formatted_body": "Done.",
            "m.mentions": { "user_ids": ["@joy:example.org"] },
            "m.relates_to": { "m.in_reply_to": { "event_id": "$asked" } },
            "org.tradepost.delivery": "mark",
        })
    );
}

#[test]
fn a_reaction_is_an_annotation_with_its_mark() {
    assert_eq!(
        reaction(&EventId::new("$asked"), "✅", "mark"),
        json!({
            "m.relates_to": { "rel_type": "m.annotation", "event_id": "$asked", "key": "✅" },
            "org.tradepost.delivery": "mark",
        })
    );
}
