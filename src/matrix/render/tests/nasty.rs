//! Titles, names and addresses from outside that try to be more than text, in every output.

use super::super::Offer;
use super::super::board;
use super::super::card;
use super::super::digest;
use super::super::edit;
use super::super::in_own_name;
use super::super::status_line;
use super::trade;
use crate::domain::ids::EventId;
use crate::domain::ids::UserId;
use crate::domain::link::PublicLink;
use crate::domain::sharer::Language;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::texts::samples::nasty::NASTY;
use crate::texts::samples::nasty::tags;
use crate::texts::samples::nasty::tricks;
use serde_json::Value;
use strum::IntoEnumIterator;
use url::Url;

/// Addresses that are no place to send anybody, and what may be shown of each.
const ADDRESSES: [(&str, Option<&str>); 9] = [
    ("javascript:alert(1)", None),
    ("data:text/html,<script>alert(1)</script>", None),
    ("ftp://shop.example/p", None),
    ("file:///etc/passwd", None),
    ("mxc://shop.example/p", None),
    ("http://shop.example/p", None),
    ("https://joy:password@shop.example/p", None),
    ("https://shop.example/p?id=1&utm_source=x&fbclid=y&token=z", Some("https://shop.example/p?id=1")),
    ("https://shop.example/\u{202E}p?\"><img src=x>", Some("https://shop.example/%E2%80%AEp?%22%3E%3Cimg%20src=x%3E")),
];

fn offer(title: &str, shop: &str) -> Offer {
    // A picture from outside is known of, and shown nowhere.
    let image = PublicLink::new(Url::parse("https://spy.example/pixel.gif").unwrap(), false);
    Offer::new(Trade { image, ..trade(title) }, Line::title(shop))
}

/// Everything that shows a trade of this title from a shop of this name, of a sharer of this name.
fn outputs(language: Language, nasty: &str) -> Vec<Value> {
    let joy = UserId::new("@joy:example.org");
    let offers = [offer(nasty, "Shop"), offer("Pot", nasty), offer(nasty, nasty)];
    let name = Line::new(nasty, 80).to_string();
    let mut outputs: Vec<Value> = offers.iter().map(|offer| card(language, offer, &joy, "mark")).collect();
    outputs.push(digest(language, &offers, &joy, "mark"));
    outputs.push(board(language, &offers, &joy, &name, "mark"));
    outputs.push(board(language, &[], &joy, &name, "mark"));
    let edits: Vec<Value> = outputs.iter().map(|content| edit(content.clone(), &EventId::new("$card"), &content.to_string())).collect();
    outputs.extend(edits);
    let own: Vec<Value> = outputs.iter().map(|content| in_own_name(language, content.clone())).collect();
    outputs.extend(own);
    outputs
}

/// That what is sent mentions nobody, loads nothing, leads nowhere but to `links`, and hides nothing.
fn is_harmless(content: &Value, links: &[&str], nasty: &str) {
    assert_eq!(content["m.mentions"], serde_json::json!({}), "{nasty:?} mentions somebody: {content}");
    // What clients show that know no edits may be words alone.
    let html = content["formatted_body"].as_str().unwrap_or_default();
    for tag in tags(html) {
        let name = tag.strip_prefix('/').unwrap_or(&tag);
        let is_link = || links.iter().any(|link| tag == format!("a href=\"{}\"", link.replace('&', "&#38;")));
        assert!(
            ["p", "ul", "li", "strong", "em", "del", "a", "br"].contains(&name) && tag != "a" || is_link(),
            "{nasty:?} makes <{tag}>: {html}"
        );
    }
    for shown in [html, content["body"].as_str().unwrap()] {
        assert_eq!(tricks(shown), [char::MIN; 0], "{nasty:?}: {shown:?}");
    }
    if let Some(new) = content.get("m.new_content") {
        is_harmless(new, links, nasty);
    }
}

#[test]
fn no_title_or_name_from_outside_becomes_markup_mentions_anybody_or_hides_anything_in_any_output() {
    for language in Language::iter() {
        for nasty in NASTY {
            for content in outputs(language, nasty) {
                is_harmless(&content, &["https://shop.example/p/4711?a=1&b=2"], nasty);
                assert!(!content.to_string().contains("spy.example/pixel.gif\""), "no picture is loaded: {content}");
            }
            let line = status_line(language, &offer(nasty, "Shop"));
            assert!(tricks(&line).is_empty() && !line.contains('\n'), "{line:?}");
        }
    }
}

#[test]
fn only_web_addresses_without_a_user_and_without_tracking_are_linked() {
    let joy = UserId::new("@joy:example.org");
    for (address, shown) in ADDRESSES {
        let link = Url::parse(address).ok().and_then(|url| PublicLink::new(url, false));
        assert_eq!(link.as_ref().map(PublicLink::as_str), shown, "{address}");
        let offer = Offer::new(Trade { link, ..trade("Pot") }, Line::title("Shop"));
        let content = card(Language::English, &offer, &joy, "mark");
        is_harmless(&content, shown.as_slice(), address);
        assert_eq!(content.get("external_url").and_then(Value::as_str), shown);
    }
}
