//! What is read of what a platform sends, and what is refused in which words.

use super::PartnerSettings;
use super::Partners;
use super::message;
use super::problems;
use super::trade::Reading;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::PlatformSettings;
use crate::platforms::push::Refusal;
use crate::platforms::push::Said;
use serde_json::Value;
use serde_json::json;

const NOW: &str = "2026-03-03T12:00:00Z";

fn read(body: &str) -> Result<Said, Refusal> {
    message::read(body, true, &Reading { allow_http_links: false, now: NOW.parse().unwrap() })
}

fn listing(fields: &Value) -> Value {
    let mut trade = json!({"id": "1", "kind": "listing", "title": "Teapot"});
    trade.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    trade
}

fn send(trades: &[Value]) -> Result<Said, Refusal> {
    read(&json!({"type": "trades", "trades": trades}).to_string())
}

/// The trade, which is all right.
fn taken(fields: &Value) -> Trade {
    match send(&[listing(fields)]) {
        Ok(Said::News { mut trades, .. }) => trades.remove(0),
        other => panic!("{other:?}"),
    }
}

/// What is said about a trade.
fn refused(fields: &Value) -> Vec<String> {
    reasons(send(&[listing(fields)]))
}

fn reasons(said: Result<Said, Refusal>) -> Vec<String> {
    match said {
        Err(Refusal::Invalid(reasons)) => reasons,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_field_is_read() {
    let trade = taken(&json!({
        "price": {"amount": "12.50", "up_to": "20", "old": "25.00", "currency": "EUR"},
        "url": "https://bazaar.example/1?utm_source=x",
        "image": "https://bazaar.example/1.jpg",
        "categories": [{"path": "Home > Kitchen"}, {"scheme": "google_product_category", "id": "730"}],
        "quantity": 3,
        "available": false,
        "occurred_at": "2026-03-03T12:59:59.5+01:00",
        "as_of": "2026-03-03T12:04:59Z",
    }));
    let price = trade.price.unwrap();
    assert_eq!((price.amount.to_string(), price.currency.code()), ("12.50".to_owned(), "EUR"));
    assert_eq!((price.up_to.unwrap().to_string(), price.old.unwrap().to_string()), ("20".to_owned(), "25.00".to_owned()));
    assert_eq!(trade.link.unwrap().as_str(), "https://bazaar.example/1");
    assert_eq!(trade.image.unwrap().as_str(), "https://bazaar.example/1.jpg");
    let schemes: Vec<(Option<&str>, &str)> =
        trade.categories.iter().map(|RawCategory { scheme, text }| (scheme.as_deref(), text.as_str())).collect();
    assert_eq!(schemes, [(None, "Home > Kitchen"), (Some("google_product_category"), "730")]);
    assert_eq!((trade.kind, trade.quantity, trade.available), (Kind::Listing, Some(3), Some(false)));
    assert_eq!(trade.occurred_at.unwrap().to_string(), "2026-03-03T11:59:59.5Z");
    assert_eq!(trade.as_of.unwrap().to_string(), "2026-03-03T12:04:59Z");
}

#[test]
fn a_title_is_plain_text_and_one_thing_is_no_quantity() {
    let trade = taken(&json!({"title": "Cable <3 m> &amp; plug\u{202E}\n", "quantity": 1}));
    assert_eq!((trade.title.as_str(), trade.quantity), ("Cable <3 m> &amp; plug", None));
}

#[test]
fn everything_that_is_wrong_is_said_at_once_by_its_place_and_never_by_its_value() {
    let body = json!({"type": "trades", "colour": "CANARY", "trades": [
        {"id": "1", "kind": "listing", "title": "Teapot"},
        {"id": "CANARY CANARY", "kind": "CANARY", "title": 5, "price": {"amount": 12.5, "currency": "CANARY", "vat": "CANARY"}},
        "CANARY",
        {"kind": "sale", "title": "Cup", "price": {"amount": "1"}, "url": "http://CANARY.example/", "categories": [{"id": "CANARY"}, {}],
         "available": "CANARY", "quantity": 0, "occurred_at": "CANARY", "as_of": null, "buyer": {"name": "CANARY"}, "CANARY@b.example": 1},
    ]});
    assert_eq!(
        reasons(read(&body.to_string())),
        [
            "trades[1].id: not 1 to 200 characters without spaces",
            "trades[1].kind: not \"listing\", \"sale\", \"purchase\" or \"withdrawn\"",
            "trades[1].title: not text",
            "trades[1].price.amount: not a decimal in quotes, such as \"12.50\"",
            "trades[1].price.currency: not a currency of ISO 4217, such as \"EUR\"",
            "trades[1].price.vat: unknown, or there twice",
            "trades[2]: not an object",
            "trades[3].id: missing",
            "trades[3].price.currency: missing",
            "trades[3].url: not an https address of at most 2000 bytes, without a user",
            "trades[3].categories[0].scheme: missing",
            "trades[3].categories[1].path: either this is needed, or scheme and id",
            "trades[3].quantity: not a whole number from 1 to 1000000",
            "trades[3].available: not true or false",
            "trades[3].occurred_at: not a time such as \"2026-03-03T12:00:00Z\"",
            "trades[3].as_of: not a time such as \"2026-03-03T12:00:00Z\"",
            "trades[3]: has an unknown field",
            "trades[3].buyer: unknown, or there twice",
            "colour: unknown, or there twice",
        ]
    );
}

#[test]
fn amounts_are_digits_and_a_point_and_never_anything_else() {
    for amount in ["0", "12", "12.5", "999999999999.999999"] {
        assert_eq!(taken(&json!({"price": {"amount": amount, "currency": "CNY"}})).price.unwrap().amount.to_string(), amount);
    }
    for amount in ["", "-1", "+1", ".5", "5.", "1e3", "1_000", "1,50", " 1", "1.0000001", "1000000000000", "٣", "NaN"] {
        let said = refused(&json!({"price": {"amount": amount, "currency": "CNY"}}));
        assert_eq!(said, ["trades[0].price.amount: not a decimal in quotes, such as \"12.50\""], "{amount}");
    }
    for currency in ["eur", "€", "EURO", ""] {
        assert!(
            refused(&json!({"price": {"amount": "1", "currency": currency}}))[0].starts_with("trades[0].price.currency: "),
            "{currency}"
        );
    }
    let said = refused(&json!({"price": {"amount": "10", "old": "10.00", "up_to": "9", "currency": "CNY"}}));
    assert_eq!(said, ["trades[0].price.up_to: not above amount", "trades[0].price.old: not above amount"]);
}

#[test]
fn links_are_public_https_addresses() {
    for url in ["http://a.example/", "javascript:alert(1)", "https://joy:pw@a.example/", "a.example", "/1", ""] {
        assert_eq!(refused(&json!({"image": url})).len(), 1, "{url}");
    }
    let long = format!("https://a.example/{}", "x".repeat(2_000));
    assert_eq!(refused(&json!({"url": long})).len(), 1);
}

#[test]
fn nothing_lies_in_the_future() {
    for field in ["occurred_at", "as_of"] {
        taken(&json!({field: "2026-03-03T12:05:00Z"}));
        assert_eq!(refused(&json!({field: "2026-03-03T12:05:01Z"})), [format!("trades[0].{field}: lies in the future")]);
        assert_eq!(refused(&json!({field: "2026-03-03"})).len(), 1);
        assert_eq!(refused(&json!({field: "2026-03-03T12:00:00+01:00[Europe/Berlin]"})).len(), 1);
    }
}

#[test]
fn ids_and_titles_have_something_in_them() {
    taken(&json!({"id": "茶-1", "title": "字".repeat(1_000)}));
    for id in ["", "a b", "a\nb", "a\u{0}", &"x".repeat(201)] {
        assert_eq!(refused(&json!({"id": id})), ["trades[0].id: not 1 to 200 characters without spaces"]);
    }
    assert_eq!(refused(&json!({"title": "\u{200B} \u{202E}"})), ["trades[0].title: has nothing to be seen"]);
    assert_eq!(refused(&json!({"title": "x".repeat(1_001)})), ["trades[0].title: not of 1 to 1000 characters"]);
}

#[test]
fn an_id_stands_in_a_message_once() {
    let (offer, sale) = (listing(&json!({})), listing(&json!({"kind": "sale"})));
    assert!(matches!(send(&[offer.clone(), sale]), Ok(Said::News { ref trades, .. }) if trades.len() == 2));
    let gone = json!({"id": "1", "kind": "withdrawn"});
    assert_eq!(reasons(send(&[offer, gone])), ["trades[1].id: there twice: send the last state only"]);
    let body = r#"{"type":"trades","trades":[{"id":"1","id":"2","kind":"listing","title":"Teapot"}]}"#;
    assert_eq!(reasons(read(body)), ["trades[0].id: unknown, or there twice"]);
}

#[test]
fn there_are_one_to_a_hundred_trades() {
    let trades = |count: usize| (0..count).map(|number| listing(&json!({"id": number.to_string()}))).collect::<Vec<Value>>();
    assert!(matches!(send(&trades(100)), Ok(Said::News { ref trades, .. }) if trades.len() == 100));
    for count in [0, 101] {
        assert_eq!(reasons(send(&trades(count))), ["trades: not 1 to 100 of them"]);
    }
    assert_eq!(reasons(read(r#"{"type":"trades"}"#)), ["trades: missing"]);
    assert_eq!(reasons(read(r#"{"type":"trades","trades":{}}"#)), ["trades: not a list"]);
    let many = (0..100).map(|_| json!({})).collect::<Vec<Value>>();
    assert_eq!(reasons(send(&many)).last().unwrap(), "and more");
}

#[test]
fn a_dry_run_is_what_it_says_and_the_other_types_have_nothing_else() {
    let run = |dry: Value| read(&json!({"type": "trades", "dry_run": dry, "trades": [listing(&json!({}))]}).to_string());
    assert_eq!(run(json!(true)), Ok(Said::DryRun { trades: 1 }));
    assert!(matches!(run(json!(false)), Ok(Said::News { .. })));
    assert_eq!(reasons(run(json!("yes"))), ["dry_run: not true or false"]);
    for (kind, expected) in [("ping", Said::Nothing), ("registration.confirmed", Said::Confirmed), ("registration.ended", Said::Ended)] {
        assert_eq!(read(&json!({"type": kind}).to_string()), Ok(expected));
        assert_eq!(reasons(read(&json!({"type": kind, "trades": []}).to_string())), ["trades: unknown, or there twice"]);
    }
    assert!(reasons(read(r#"{"type":"CANARY"}"#))[0].starts_with("type: not \"trades\", "));
    assert_eq!(reasons(read("{}")), ["type: missing"]);
}

#[test]
fn what_is_no_object_is_malformed() {
    for body in ["", "[]", "5", "{", "{\"type\":\"ping\"} x", "null"] {
        assert!(matches!(read(body), Err(Refusal::Malformed(_))), "{body}");
    }
    let said = read("{\"type\": CANARY").unwrap_err().to_string();
    assert_eq!(said, "the body is not JSON (line 1, column 10)");
    let deep = format!("{{\"type\":{}", "[".repeat(100_000));
    assert!(matches!(read(&deep), Err(Refusal::Malformed(_))));
}

#[test]
fn before_the_owner_has_confirmed_no_trades_are_read_not_even_dry() {
    let reading = Reading { allow_http_links: false, now: NOW.parse().unwrap() };
    for body in [r#"{"type":"trades","trades":[]}"#, r#"{"type":"trades","dry_run":true,"trades":[]}"#] {
        assert_eq!(message::read(body, false, &reading), Err(Refusal::Unconfirmed));
    }
    assert_eq!(message::read(r#"{"type":"registration.confirmed"}"#, false, &reading), Ok(Said::Confirmed));
}

/// What is said about the section of a platform.
fn section(name: &str, lines: &str) -> Result<Vec<(String, &'static str)>, String> {
    let text = format!("[partners.{name}]\n{lines}");
    let settings: PlatformSettings = toml::from_str(&text).map_err(|error: toml::de::Error| error.message().to_owned())?;
    Ok(problems(&settings, false))
}

#[test]
fn a_platform_has_a_name_of_its_own_and_an_address_with_tls() {
    const URL: &str = "registration_url = \"https://bazaar.example/r\"\n";
    for name in ["bazaar", "b", "b2-b", &"b".repeat(32)] {
        assert_eq!(section(name, URL), Ok(Vec::new()), "{name}");
    }
    for name in ["Bazaar", "\"\"", "\"b r\"", "2b", "-b", "\"茶\"", "b_r", &"b".repeat(33)] {
        let said = section(name, URL).unwrap();
        assert!(said.len() == 1 && said[0].1.starts_with("the name of a platform"), "{name}: {said:?}");
    }
    assert_eq!(section("feed", URL).unwrap()[0].0, "platforms.partners.feed");
    let said = section("bazaar", "registration_url = \"http://bazaar.example/r\"\n").unwrap();
    assert_eq!(said[0].0, "platforms.partners.bazaar.registration_url");
}

#[test]
fn a_section_without_address_or_with_a_wrong_key_is_refused_without_showing_it() {
    for lines in [
        "",
        "registration_url = \"bazaar.example\"",
        "registration_url = \"https://bazaar.example/?a=CANARY\"",
        "registration_url = \"https://bazaar.example/\"\nkey = \"CANARY\"",
        "registration_url = \"https://bazaar.example/\"\nkey = \"whsec_Q0FOQVJZ\"",
        "registration_url = \"https://bazaar.example/\"\nkey = 5",
        "registration_url = \"https://bazaar.example/\"\nkeey = \"CANARY\"",
    ] {
        let said = section("bazaar", lines).unwrap_err();
        assert!(!said.contains("CANARY") && !said.contains("Q0FO"), "{said}");
    }
}

#[test]
fn a_key_can_stand_in_a_file_of_its_own_and_is_not_printed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key");
    std::fs::write(&file, "whsec_YmF6YWFyJ3Mga2V5LCBhZ3JlZWQgd2l0aCB0aGUgb3BlcmF0b3I=\n").unwrap();
    let text = format!("[bazaar]\nregistration_url = \"https://bazaar.example/\"\nkey = {{ file = \"{}\" }}", file.display());
    let partners: Partners = toml::from_str(&text).unwrap();
    let bazaar: &PartnerSettings = &partners.0["bazaar"];
    assert!(bazaar.key.is_made() && !format!("{bazaar:?}").contains("whsec"));
}
