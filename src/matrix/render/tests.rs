//! What rooms are sent, to the letter.

mod nasty;

use super::LARGEST;
use super::MARK;
use super::Offer;
use super::board;
use super::card;
use super::digest;
use super::edit;
use super::link_to;
use super::list_capacity;
use super::mentioning;
use super::notice;
use super::reaction;
use super::reply;
use super::shows_the_same;
use super::status_line;
use crate::domain::ids::EventId;
use crate::domain::ids::ExternalId;
use crate::domain::ids::RoomId;
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
        as_of: None,
    }
}

fn shop() -> Line {
    Line::title("ExampleShop")
}

fn offer(trade: Trade) -> Offer {
    Offer::new(trade, shop())
}

fn joy() -> UserId {
    UserId::new("@joy:example.org")
}

fn size(content: &Value) -> usize {
    serde_json::to_vec(content).unwrap().len()
}

fn largest(of: char) -> Offer {
    let long = of.to_string().repeat(300);
    let query = "&".repeat(1_900);
    let trade = Trade { link: PublicLink::new(Url::parse(&format!("https://a.example/?{query}")).unwrap(), false), ..trade(&long) };
    Offer::new(trade, Line::title(&long))
}

#[test]
fn a_card_is_a_text_message_with_its_link_and_the_trades_id() {
    let trade = trade("Sony WH-1000XM6");
    assert_eq!(
        card(English, &offer(trade.clone()), &joy(), "mark"),
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
    let content = card(SimplifiedChinese, &offer(sale), &joy(), "mark");
    assert_eq!(content["body"], "茶壶 - 289.00 欧元 - 已售出\nhttps://shop.example/p/4711?a=1&b=2");
    let html = content["formatted_body"].as_str().unwrap();
    assert!(html.ends_with("<p>289.00 欧元 <del>349.00 欧元</del> · ExampleShop · 已售出</p>"), "{html}");
}

#[test]
fn a_card_without_price_and_link_is_its_title_and_shop() {
    let bare = Trade { price: None, link: None, ..trade("") };
    let content = card(English, &offer(bare), &joy(), "mark");
    assert_eq!(content["body"], "ExampleShop");
    assert_eq!(content["formatted_body"], "<p><strong>ExampleShop</strong></p><p>ExampleShop</p>");
    assert_eq!(content.get("external_url"), None);
}

#[test]
fn titles_are_never_markup() {
    let title = "<script>alert(\"1\")</script> & `code` **b** @room \u{202E}txt";
    let content = card(English, &Offer::new(trade(title), Line::title("<b>")), &joy(), "mark");
    let body = content["body"].as_str().unwrap();
    assert!(body.starts_with("<script>alert(\"1\")</script> & `code` **b** @room txt - EUR"), "{body}");
    let html = content["formatted_body"].as_str().unwrap();
    assert!(html.contains(">&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; `code` **b** @room txt</a>"), "{html}");
    assert!(html.ends_with(" · &#60;b&#62;</p>"), "{html}");
}

#[test]
fn a_digest_lists_its_trades_in_order_below_their_number() {
    let unpriced = Trade { price: None, link: None, kind: Kind::Withdrawn, ..trade("<Pot>") };
    let trades = [offer(trade(&"x".repeat(200))), offer(unpriced)];
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
    for entry in [offer(trade("Pot")), largest('𠮷'), largest('"'), largest('<')] {
        let trades = vec![entry; 400];
        let capacity = list_capacity(&trades);
        assert!((1..400).contains(&capacity));
        for language in Language::iter() {
            let content = digest(language, &trades[..capacity], &mary, &"m".repeat(43));
            assert!(size(&content) <= LARGEST, "{}", size(&content));
            assert!(content.get("formatted_body").is_some());
            let more = digest(language, &trades[..=capacity], &mary, "mark");
            assert!(size(&more) > LARGEST - 4_096 || more.get("formatted_body").is_none());
        }
    }
    assert_eq!(list_capacity(&[]), 1);
    let far_too_many = vec![offer(trade("Pot")); 2_000];
    assert!(size(&digest(English, &far_too_many, &mary, "mark")) <= LARGEST);
}

#[test]
fn the_largest_card_is_far_from_the_limit() {
    for of in ['𠮷', '"', '<', '\\'] {
        let offer = largest(of);
        for language in Language::iter() {
            let content = card(language, &offer, &joy(), "mark");
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

/// Costs EUR 250 now and cannot be had any more.
fn cheaper_and_gone() -> Offer {
    let posted = trade("Mug");
    let now = Price::new(Decimal::from(250), Currency::EUR);
    Offer { was: posted.price.clone(), trade: Trade { price: Some(now), available: Some(false), ..posted }, shop: shop(), revision: 2 }
}

#[test]
fn what_has_changed_since_shows_its_old_price_struck_through_and_that_it_is_gone() {
    let content = card(English, &cheaper_and_gone(), &joy(), "mark");
    assert_eq!(content["body"], "Mug - EUR 250.00 - no longer available\nhttps://shop.example/p/4711?a=1&b=2");
    let html = content["formatted_body"].as_str().unwrap();
    assert!(html.ends_with("<p>EUR 250.00 <del>EUR 289.00</del> · ExampleShop · no longer available</p>"), "{html}");
}

#[test]
fn a_withdrawal_says_so_once_and_no_more_when_it_is_back() {
    let state = |available| {
        let gone = Trade { kind: Kind::Withdrawn, price: None, link: None, available, ..trade("Mug") };
        card(English, &offer(gone), &joy(), "mark")["body"].clone()
    };
    assert_eq!(state(None), "Mug - No longer available");
    assert_eq!(state(Some(false)), "Mug - No longer available");
    assert_eq!(state(Some(true)), "Mug");
}

#[test]
fn a_board_names_its_sharer_and_says_when_nothing_is_on_it() {
    let content = board(English, &[offer(trade("Mug")), offer(trade("Pot"))], &joy(), "<Joy>", "mark");
    assert!(
        content["body"].as_str().unwrap().starts_with("What <Joy> offers now: 2 items\n• Mug - EUR 289.00 - ExampleShop\n"),
        "{content:#}"
    );
    assert!(
        content["formatted_body"].as_str().unwrap().starts_with("<p><strong>What &#60;Joy&#62; offers now: 2 items</strong></p><ul><li>")
    );
    assert_eq!(content["org.tradepost.trades"]["trades"].as_array().map(Vec::len), Some(2));
    let empty = board(English, &[], &joy(), "Joy", "mark");
    assert_eq!(empty["body"], "What Joy offers now: 0 items\nNothing at the moment.");
    assert_eq!(empty["formatted_body"], "<p><strong>What Joy offers now: 0 items</strong></p><p>Nothing at the moment.</p>");
}

#[test]
fn an_edit_notifies_nobody_and_keeps_who_was_mentioned() {
    let mary = UserId::new("@mary:example.org");
    let posted = mentioning(card(English, &offer(trade("Mug")), &joy(), "first"), &mary);
    let new = card(English, &cheaper_and_gone(), &joy(), "second");
    let edited = edit(new.clone(), &EventId::new("$card"), &posted.to_string());
    assert_eq!(edited["m.mentions"], json!({}));
    assert_eq!(edited["m.relates_to"], json!({ "rel_type": "m.replace", "event_id": "$card" }));
    assert_eq!(edited[MARK], "second");
    assert_eq!(edited["body"], format!("* {}", new["body"].as_str().unwrap()));
    let shown = &edited["m.new_content"];
    assert_eq!(shown["m.mentions"], json!({ "user_ids": ["@mary:example.org"] }));
    assert_eq!((&shown["body"], &shown["formatted_body"]), (&new["body"], &new["formatted_body"]));
    assert_eq!(shown.get(MARK), None);
    let again = edit(new, &EventId::new("$card"), &edited.to_string());
    assert_eq!(again["m.new_content"], edited["m.new_content"]);
}

#[test]
fn whether_an_edit_would_be_seen_does_not_depend_on_marks_and_mentions() {
    let card = |offer: &Offer, mark: &str| card(English, offer, &joy(), mark);
    let posted = mentioning(card(&offer(trade("Mug")), "first"), &joy()).to_string();
    assert!(shows_the_same(&card(&offer(trade("Mug")), "second"), &posted));
    assert!(!shows_the_same(&card(&cheaper_and_gone(), "second"), &posted));
    let edited = edit(card(&cheaper_and_gone(), "second"), &EventId::new("$card"), &posted).to_string();
    assert!(shows_the_same(&card(&cheaper_and_gone(), "third"), &edited));
    assert!(!shows_the_same(&card(&offer(trade("Mug")), "third"), "{}"));
}

#[test]
fn an_edit_of_the_largest_digest_fits_into_an_event() {
    let offers = vec![largest('"'); 400];
    let whole = digest(English, &offers[..list_capacity(&offers)], &joy(), "mark");
    assert!(size(&edit(whole.clone(), &EventId::new("$digest"), &whole.to_string())) < LARGEST + 1_024);
}

#[test]
fn a_link_to_an_event_is_percent_encoded() {
    let link = link_to(&RoomId::new("!a/b?c:example.org"), &EventId::new("$x+y#1"), "example.org:8448");
    assert_eq!(link, "https://matrix.to/#/%21a%2Fb%3Fc%3Aexample.org/%24x%2By%231?via=example.org%3A8448");
}

#[test]
fn the_line_beside_a_name_is_short_and_has_no_link() {
    let offer = Offer::new(trade("Headphones X1"), shop());
    assert_eq!(status_line(English, &offer), "Headphones X1 - EUR 289.00");
    let long = status_line(English, &Offer::new(trade(&"tea ".repeat(100)), shop()));
    assert!(long.chars().count() <= 200 && long.ends_with("… - EUR 289.00"), "{long}");
    let unpriced = Offer::new(Trade { price: None, ..trade("Pot") }, shop());
    assert_eq!(status_line(English, &unpriced), "Pot");
}
